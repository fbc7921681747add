"""Older copies of status lists: what was seen to be newer is remembered, and nothing is cleared with less."""

from __future__ import annotations

import copy
from dataclasses import fields
from datetime import timedelta

import pytest
import sqlalchemy as sa

import signing
from ler_issuer import vc
from ler_issuer.services import remembering, verifying
from ler_issuer.store import seen_lists, tables
from ler_issuer.store.seen_lists import SeenList
from ler_issuer.vc import Found, Hole, Source
from signing import INDEX, LIST_URL, NOW, SIGNED, STRANGER, UNIVERSITY, signed, status_list

KEYS = {UNIVERSITY.subject: Found(UNIVERSITY.document)}


@pytest.fixture(autouse=True)
def _on_the_day(world):
    world.time = NOW


def listed(*raised, created=SIGNED, origin="fetched", key=UNIVERSITY):
    """Give a status list as it was gathered, signed at an instant."""
    document = signed(vc.without_proof(status_list(raised, key)), key, created=created)
    return Found(document, Source(LIST_URL, origin, NOW, 300, f"{len(raised)}" * 64))


def remember(rt, gathered, keys=KEYS):
    remembering.remember(rt, {LIST_URL: gathered}, keys)


def screened(rt, gathered):
    return remembering.screen(rt, {LIST_URL: gathered, "other": Found({})}, [LIST_URL])[LIST_URL]


def seen(rt):
    with rt.db.read() as db:
        return seen_lists.of(db, [LIST_URL]).get(LIST_URL)


LATER, EARLIER = SIGNED + timedelta(days=1), SIGNED - timedelta(seconds=1)


def test_a_list_is_remembered_once_its_proof_held(any_rt):
    remember(any_rt, listed())

    assert seen(any_rt) == SeenList(LIST_URL, SIGNED, "0" * 64, NOW)
    assert {field.name for field in fields(SeenList)} == {column.name for column in tables.seen_list.c}  # and no more


def test_an_older_copy_leaves_a_hole(any_rt):
    remember(any_rt, listed(INDEX))
    older = listed(created=EARLIER)

    assert screened(any_rt, older) == Hole(
        "rolled_back", "of 2026-11-01T09:59:59Z, when there was one of 2026-11-01T10:00:00Z", older.source
    )


def test_a_hole_in_place_of_a_list_leaves_the_status_open(rt):
    remember(rt, listed(INDEX))
    lists = remembering.screen(rt, {LIST_URL: listed(created=EARLIER)}, [LIST_URL])
    (found,) = vc.check_status(signing.badge(), lists, KEYS, rt.rules.contexts, NOW)

    assert (found.outcome, found.code) == ("indeterminate", "list_rolled_back")
    assert found.evidence


def test_a_copy_as_new_or_newer_is_what_it_was(rt):
    remember(rt, listed())

    for fresh in (listed(), listed(INDEX), listed(created=LATER)):
        assert screened(rt, fresh) is fresh


def test_a_copy_without_a_date_is_no_newer(rt):
    remember(rt, listed())
    undated = Found({"id": LIST_URL}, listed().source)

    assert screened(rt, undated).code == "rolled_back"


def test_the_newest_is_kept_whatever_comes_after(any_rt):
    for created in (SIGNED, LATER, EARLIER):
        remember(any_rt, listed(created=created))

    assert seen(any_rt).issued_at == LATER


def test_what_is_not_seen_to_be_the_issuers_is_not_remembered(rt):
    tampered = copy.deepcopy(listed(INDEX))
    tampered.document["credentialSubject"]["encodedList"] = vc.encode([])
    for odd in (
        tampered,
        Found(vc.without_proof(status_list()), listed().source),
        listed(key=STRANGER),
        Hole("unreachable", "", listed().source),
        Found("junk", listed().source),
    ):
        remember(rt, odd)
    remember(rt, listed(), {})

    assert seen(rt) is None


def test_a_list_of_tomorrow_locks_nobody_out(rt):
    remember(rt, listed(created=NOW + timedelta(days=1)))

    assert seen(rt) is None


@pytest.mark.parametrize("origin", ["brought", "here"])
def test_what_was_not_fetched_is_neither_remembered_nor_held_against_anybody(rt, origin):
    remember(rt, listed(created=LATER, origin=origin))
    assert seen(rt) is None

    remember(rt, listed(created=LATER))
    older = listed(origin=origin)
    assert screened(rt, older) is older


def test_a_list_that_was_not_gathered_is_left_out(rt):
    assert remembering.screen(rt, {}, [LIST_URL]) == {}
    remembering.remember(rt, {}, KEYS)


def test_a_list_that_is_no_newer_is_not_written(rt, monkeypatch):
    remember(rt, listed())
    monkeypatch.setattr(rt.db, "begin", None)  # would be called

    remember(rt, listed())
    remember(rt, listed(created=EARLIER))


def test_a_database_that_cannot_be_written_keeps_nobody_from_judging(rt):
    with rt.db.read() as db:
        db.run(sa.text("PRAGMA query_only = ON"))  # the pool gives this connection out again

    remember(rt, listed())


def note(rt, number, **changes):
    values = {"issued_at": SIGNED, "digest": "", "seen_at": NOW + timedelta(seconds=number)} | changes
    with rt.db.begin() as db:
        return seen_lists.note(db, SeenList(f"https://a.example/{number}", **values), most=3)


def test_beyond_its_bound_the_oldest_are_forgotten(any_rt):
    for number in range(5):
        assert note(any_rt, number)

    with any_rt.db.read() as db:
        kept = seen_lists.of(db, [f"https://a.example/{number}" for number in range(5)])
    assert sorted(kept) == [f"https://a.example/{number}" for number in (2, 3, 4)]


def test_an_address_that_no_database_takes_is_not_kept(any_rt):
    for odd in ("https://a.example/\0", "https://a.example/" + "a" * 700):
        with any_rt.db.begin() as db:
            assert not seen_lists.note(db, SeenList(odd, SIGNED, "", NOW))
        with any_rt.db.read() as db:
            assert seen_lists.of(db, [odd]) == {}


def test_a_host_that_goes_back_to_an_older_list_clears_nobody(rt, world):
    world.host("https://cred.example.edu/issuers/1/did.json", UNIVERSITY.document)
    world.host(LIST_URL, listed(INDEX, created=LATER).document)
    badge = signed(signing.badge(), UNIVERSITY)
    assert statuses(verifying.verify(rt, badge)) == [("fail", "revoked")]

    world.host(LIST_URL, listed().document)
    assert statuses(verifying.verify(rt, badge)) == [("indeterminate", "list_rolled_back")]

    world.host(LIST_URL, listed(created=NOW).document)
    assert statuses(verifying.verify(rt, badge)) == [("pass", "status_clear")]


def statuses(report):
    return [(found.outcome, found.code) for found in report.checks if found.id is vc.CheckId.STATUS]
