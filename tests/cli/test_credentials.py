"""Revoking, suspending and reinstating from the command line; awards that wait; the books afterwards."""

from __future__ import annotations

import pytest


@pytest.fixture
def issued(founded):
    founded.bring()
    ((credential_id,),) = founded.rows("SELECT id FROM credential")
    return founded, credential_id


def state(desk):
    return desk.rows("SELECT state FROM credential")[0][0]


def test_a_credential_is_revoked_for_good(issued):
    desk, credential_id = issued
    desk.run("credentials", "revoke", f"urn:uuid:{credential_id}", "--reason", "error", "--note", "wrong person")

    assert state(desk) == "revoked"
    assert desk.rows("SELECT act, reason_code, note FROM status_event") == [("revoke", "error", "wrong person")]
    for act in ("revoke", "reinstate"):
        assert "revoked" in desk.run("credentials", act, credential_id, "--reason", "again", code=1).stderr
    desk.run("audit", "replay")


def test_a_suspension_ends(issued):
    desk, credential_id = issued
    desk.run("credentials", "suspend", credential_id, "--reason", "under_review")
    assert state(desk) == "suspended"

    desk.run("credentials", "reinstate", credential_id, "--reason", "settled")
    assert state(desk) == "current"


def test_words_for_a_reason_stay_private(issued):
    desk, credential_id = issued
    desk.run("credentials", "revoke", credential_id, "--reason", " ", code=1)
    assert state(desk) == "current"

    desk.run("credentials", "revoke", credential_id, "--reason", "Ada was somebody else", "--note", "says Grace")

    kept = desk.rows("SELECT act, reason_code, note FROM status_event")
    assert kept == [("revoke", "other", "Ada was somebody else\nsays Grace")]
    assert not any("Ada" in row[0] for row in desk.rows("SELECT data FROM event"))


def test_the_note_is_not_told(issued):
    desk, credential_id = issued
    told = desk.run("credentials", "revoke", credential_id, "--reason", "error", "--note", "a secret")

    assert "a secret" not in told.stdout + told.stderr


@pytest.mark.parametrize("act", ["revoke", "suspend", "reinstate"])
def test_a_credential_that_is_not_there(desk, act):
    assert desk.run("credentials", act, "nothing", "--reason", "x", code=1).stderr == "ler-issuer: no such credential\n"


def test_awards_wait_for_their_embargo(issued):
    desk, _ = issued

    assert desk.run("awards", "release").stdout == "0 awards were released.\n"
    assert desk.rows("SELECT count(*) FROM award WHERE state = 'held'") == [(1,)]


def test_a_replay_of_sound_books_finds_nothing(issued):
    desk, _ = issued
    done = desk.ask("audit", "replay", "--verify")

    assert done["discrepancies"] == []
    assert done["counts"]["credentials"] == 1
    assert "no discrepancies" in desk.run("audit", "replay").stdout


def test_a_replay_of_altered_books_says_so(issued):
    desk, credential_id = issued
    desk.change("UPDATE credential SET body = CAST(replace(CAST(body AS TEXT), 'Writing', 'Reading') AS BLOB)")

    (found,) = [one for one in desk.ask("audit", "replay", code=1)["discrepancies"] if one["code"] == "bytes_altered"]
    assert found["object_id"] == credential_id
    assert credential_id in desk.run("audit", "replay", "--verify", code=1).stdout


def test_the_log_is_sealed(issued):
    desk, credential_id = issued
    first = desk.ask("log", "checkpoint", "--issuer", "state")
    assert first["size"] == 1
    assert desk.ask("log", "checkpoint", "--issuer", "state") == first

    desk.run("credentials", "revoke", credential_id, "--reason", "error")
    told = desk.run("log", "checkpoint", "--issuer", "state").stdout
    assert told.splitlines()[1] == "2"
