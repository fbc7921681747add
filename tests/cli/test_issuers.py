"""Issuers, their signing keys and their API keys."""

from __future__ import annotations

import stat

import pytest


def test_an_issuer_is_founded(desk):
    made = desk.found()

    assert made.keys() == {"slug", "did", "issuer_id", "api_key"}
    assert made["slug"] == "state"
    assert made["did"] == made["issuer_id"] == "did:web:127.0.0.1%3A8000:issuers:state"
    assert made["api_key"].startswith("ler_")
    assert stat.S_IMODE((desk.folder / "state" / "passphrase").stat().st_mode) == 0o600


def test_an_issuer_by_its_key(desk):
    made = desk.found("keyed", "--did", "key")

    assert made["did"].startswith("did:key:z6Mk")
    refused = desk.run("keys", "rotate", "keyed", code=1)
    assert "did:key" in refused.stderr


def test_a_secret_is_told_once(desk):
    told = desk.found()["api_key"]
    asked = ("issuers", "create", "other", "--name", "Other", "--url", "https://o.example", "--timezone", "UTC")

    assert "ler_" in desk.run(*asked).stdout
    for listing in (("issuers", "list"), ("api-keys", "list", "state"), ("api-keys", "list", "state", "--json")):
        shown = desk.run(*listing).stdout
        assert "ler_" not in shown
        assert told not in shown
    assert all(told not in line for line in desk.dump())


def test_a_slug_is_given_once(desk):
    desk.found()
    again = desk.run(
        "issuers", "create", "state", "--name", "S", "--url", "https://s.example", "--timezone", "UTC", code=1
    )

    assert again.stdout == ""
    assert again.stderr.startswith("ler-issuer: ")


def test_every_mistake_is_named_by_its_place(desk):
    refused = desk.run("issuers", "create", "No!", "--name", "S", "--url", "x", "--timezone", "Mars/Olympus", code=1)

    assert [line.split(":")[0].strip() for line in refused.stderr.splitlines()[1:]] == ["/slug", "/url", "/time_zone"]


def test_what_is_never_hashed_cannot_be_chosen(desk):
    words = ("issuers", "create", "s", "--name", "S", "--url", "https://s.example", "--timezone", "UTC")
    for kind in ("name", "nationalIdentityNumber", "bogus"):
        assert "hashed" in desk.run(*words, "--identifier", kind, code=1).stderr
    desk.run(*words, "--identifier", "sisSourcedId", "--identifier", "emailAddress")


def test_issuers_are_listed(desk):
    assert desk.ask("issuers", "list") == []
    made = desk.found()

    (listed,) = desk.ask("issuers", "list")
    assert listed["slug"] == "state"
    assert listed["did"] == made["did"]
    assert made["did"] in desk.run("issuers", "list").stdout


def test_a_rotation_signs_with_a_new_key(desk):
    desk.found()
    before = set(desk.rows("SELECT public_multibase FROM signing_key WHERE purpose = 'assertion'"))
    made = desk.ask("keys", "rotate", "state")

    assert (made["public_key"],) not in before
    retired = desk.rows("SELECT public_multibase FROM signing_key WHERE retired_at IS NOT NULL")
    assert set(retired) == before


def test_another_passphrase_rotates_nothing(desk, monkeypatch):
    desk.found()
    before = desk.dump()
    monkeypatch.setenv("LER_PASSPHRASE", "not the one")
    refused = desk.run("keys", "rotate", "state", code=1)

    assert "does not open" in refused.stderr
    assert desk.dump() == before


def test_api_keys_come_and_go(desk):
    desk.found()
    made = desk.ask(
        "api-keys", "create", "state", "--name", "LMS", "--scope", "results:write", "--expires-in-days", "30"
    )
    assert made["scopes"] == ["results:write"]
    assert made["expires_at"].endswith("Z")

    desk.run("api-keys", "revoke", made["id"])
    (listed,) = [one for one in desk.ask("api-keys", "list", "state") if one["id"] == made["id"]]
    assert listed["revoked_at"] is not None
    assert desk.rows("SELECT act FROM audit ORDER BY seq DESC LIMIT 1") == [("api_key.revoked",)]


def test_who_did_it_is_kept(desk):
    desk.found()

    ((actor,),) = desk.rows("SELECT DISTINCT actor FROM audit")
    assert actor.startswith("cli:")
    assert len(actor) > len("cli:")


@pytest.mark.parametrize(
    "command",
    [
        ("keys", "rotate", "nobody"),
        ("api-keys", "create", "nobody", "--name", "x"),
        ("api-keys", "list", "nobody"),
        ("api-keys", "revoke", "nothing"),
        ("achievements", "list", "--issuer", "nobody"),
        ("log", "checkpoint", "--issuer", "nobody"),
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_refused(desk, command):
    refused = desk.run(*command, code=1)

    assert len(refused.stderr.splitlines()) == 1
    assert refused.stderr.startswith("ler-issuer: no ")


@pytest.mark.parametrize(
    "command",
    [
        ("issuers", "create"),
        ("issuers", "create", "s", "--name", "S", "--url", "https://s.example", "--timezone", "UTC", "--did", "ion"),
        ("api-keys", "create", "state", "--name", "x", "--scope", "everything"),
        ("api-keys", "create", "state", "--name", "x", "--expires-in-days", "0"),
        ("credentials", "revoke", "x"),
        ("nonsense",),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(desk, command):
    desk.run(*command, code=2)

    assert not desk.database.exists()
