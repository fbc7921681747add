"""Revoke, suspend, reinstate; and the lists that the world reads it from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ler_issuer import jsontext
from ler_issuer.errors import Conflict, Missing, Unacceptable
from ler_issuer.services import publishing, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.store import status, tables
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.vc import Standing, Verdict, decode
from records import award_of, bits, deeds, discrepancies, events, history, judged, state
from world import NOON, award, found, publish

WHY = Reason("misconduct", "seen by the dean")


@pytest.fixture
def biology(any_rt):
    """An issuer with a suspendable achievement."""
    made = found(any_rt)
    publish(any_rt, made, suspendable=True)
    return made


@pytest.fixture
def badge(any_rt, biology):
    """The id of a credential of that achievement."""
    return award(any_rt, biology).credential_id


def lists_of(rt, credential_id):
    """Give the ids of the lists that a credential is in, by purpose."""
    with rt.db.read() as db:
        return {one.purpose: one.list_id for one in status.entries_of(db, credential_id)}


def test_a_revocation_shows_at_once(any_rt, biology, badge):
    assert bits(any_rt, badge) == {"revocation": False, "suspension": False}

    revoking.revoke(any_rt, biology.caller, badge, WHY)

    assert bits(any_rt, badge) == {"revocation": True, "suspension": False}
    assert (judged(any_rt, badge).verdict, judged(any_rt, badge).standing) == (Verdict.REJECTED, Standing.REVOKED)
    assert (award_of(any_rt, badge).state, award_of(any_rt, badge).withdrawn_by) == ("withdrawn", "person")
    assert discrepancies(any_rt) == []


def test_a_suspension_comes_and_goes(any_rt, biology, badge):
    revoking.suspend(any_rt, biology.caller, badge, WHY)
    assert (judged(any_rt, badge).verdict, judged(any_rt, badge).standing) == (Verdict.REVIEW, Standing.SUSPENDED)

    revoking.reinstate(any_rt, biology.caller, badge, Reason("cleared"))

    assert judged(any_rt, badge).verdict is Verdict.ACCEPTED
    assert history(any_rt, badge) == [("suspend", "misconduct"), ("reinstate", "cleared")]
    assert award_of(any_rt, badge).state == "issued"
    assert discrepancies(any_rt) == []


def test_what_is_suspended_can_be_revoked(any_rt, biology, badge):
    revoking.suspend(any_rt, biology.caller, badge, WHY)

    revoking.revoke(any_rt, biology.caller, badge, WHY)

    assert bits(any_rt, badge) == {"revocation": True, "suspension": True}
    assert judged(any_rt, badge).standing is Standing.REVOKED
    assert discrepancies(any_rt) == []


def test_each_act_is_told_once(any_rt, biology, badge):
    revoking.suspend(any_rt, biology.caller, badge, WHY)
    revoking.reinstate(any_rt, biology.caller, badge, WHY)
    revoking.revoke(any_rt, biology.caller, badge, WHY)

    acts = ["credential.issued", "credential.suspended", "credential.reinstated", "credential.revoked"]
    assert events(any_rt, biology.caller) == [(act, badge) for act in acts]
    assert deeds(any_rt, biology.caller, "credential.") == acts


def test_the_note_stays_here(rt, tenant):
    publish(rt, tenant)
    badge = award(rt, tenant).credential_id
    revoking.revoke(rt, tenant.caller, badge, WHY)

    with rt.db.read() as db:
        told = [db.run(sa.select(table.c.data)).scalars().all() for table in (tables.event, tables.audit)]
        assert [one.note for one in status.history(db, badge)] == ["seen by the dean"]
    assert "dean" not in str(told)
    assert {"reason_code": "misconduct"} in told[0]


@pytest.mark.parametrize(
    ("done", "act"),
    [
        ("revoke", "revoke"),
        ("revoke", "suspend"),
        ("revoke", "reinstate"),
        ("suspend", "suspend"),
        (None, "reinstate"),
    ],
)
def test_what_cannot_follow_is_a_conflict(any_rt, biology, badge, done, act):
    if done is not None:
        getattr(revoking, done)(any_rt, biology.caller, badge, WHY)
    before = (state(any_rt, badge), history(any_rt, badge))

    with pytest.raises(Conflict):
        getattr(revoking, act)(any_rt, biology.caller, badge, WHY)

    assert (state(any_rt, badge), history(any_rt, badge)) == before


def test_what_has_no_suspension_entry_cannot_be_suspended(rt, tenant):
    publish(rt, tenant)
    badge = award(rt, tenant).credential_id

    with pytest.raises(Unacceptable, match="suspendable: true") as caught:
        revoking.suspend(rt, tenant.caller, badge, WHY)

    assert [place.code for place in caught.value.problems] == ["not_suspendable"]
    assert (state(rt, badge), history(rt, badge)) == ("current", [])


@pytest.mark.parametrize("act", ["revoke", "suspend", "reinstate"])
def test_another_issuers_credential_is_not_there(rt, tenant, act):
    publish(rt, tenant)
    badge = award(rt, tenant).credential_id
    chemistry = found(rt, "chemistry")

    for wanted in (badge, "urn:uuid:" + badge, "no such thing"):
        with pytest.raises(Missing):
            getattr(revoking, act)(rt, chemistry.caller, wanted, WHY)

    assert state(rt, badge) == "current"


def test_what_was_replaced_can_still_be_revoked(rt, tenant):
    publish(rt, tenant, better_attempt="replace")
    first = award(rt, tenant, assessment="essay").credential_id
    second = award(rt, tenant, assessment="essay", attempt=2, assessed_at="2026-05-11").credential_id
    assert state(rt, first) == "superseded"

    revoking.revoke(rt, tenant.caller, first, WHY)

    assert (bits(rt, first), state(rt, second)) == ({"revocation": True}, "current")
    assert award_of(rt, second).state == "issued"
    assert discrepancies(rt) == []


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_list_keeps_its_bytes_while_nothing_changes(any_rt, biology, badge, world):
    lists = lists_of(any_rt, badge)
    before = {purpose: publishing.status_list(any_rt, one) for purpose, one in lists.items()}
    world.wait(days=1)
    award(any_rt, biology, "bob@example.edu")
    assert {purpose: publishing.status_list(any_rt, one) for purpose, one in lists.items()} == before

    revoking.revoke(any_rt, biology.caller, badge, WHY)

    after = {purpose: publishing.status_list(any_rt, one) for purpose, one in lists.items()}
    assert after["suspension"] == before["suspension"]
    assert after["revocation"] != before["revocation"]


def test_a_list_is_what_the_standard_says(rt, tenant):
    publish(rt, tenant, suspendable=True)
    badge = award(rt, tenant).credential_id

    for purpose, list_id in lists_of(rt, badge).items():
        body = publishing.status_list(rt, list_id)
        document = jsontext.parse(body)
        assert body == jsontext.canonical(document)
        assert document["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
        assert document["issuer"] == tenant.issuer.did
        assert document["credentialSubject"]["statusPurpose"] == purpose
        assert len(decode(document["credentialSubject"]["encodedList"])) * 8 == 131_072
        assert document["id"].startswith(f"{tenant.issuer.public_url}/status/")


def test_there_is_no_list_of_that_name(rt):
    with pytest.raises(Missing):
        publishing.status_list(rt, "nothing")


# ── Positions ────────────────────────────────────────────────────────────────────────────────────────────────────────
@again_if_entangled
def allocate(rt, tenant, credential_id, *, length=8):
    """Take a place, as use cases do, in lists that are as short as no real one may be."""

    def open_list(ordinal):
        return replace(publishing.new_list(rt, tenant.issuer, "revocation", ordinal), length=length)

    with rt.db.begin() as db:
        target, entry = status.allocate(
            db, tenant.issuer.id, "revocation", credential_id, draw=rt.draw, open_list=open_list, at=NOON
        )
    return target.ordinal, entry.position


def test_a_full_list_is_closed_and_the_next_one_opened(any_rt):
    tenant = found(any_rt)

    places = [allocate(any_rt, tenant, f"credential {number}") for number in range(30)]

    assert len(set(places)) == 30
    assert [ordinal for ordinal, _ in places] == sorted(ordinal for ordinal, _ in places)
    assert {position for _, position in places} <= set(range(8))
    assert max(ordinal for ordinal, _ in places) >= 3


def test_positions_do_not_tell_the_order(rt, tenant):
    positions = [allocate(rt, tenant, f"credential {number}", length=131_072)[1] for number in range(40)]

    assert positions != sorted(positions)
    assert max(positions) - min(positions) > 40


def test_what_is_drawn_at_once_goes_to_two_places(any_rt):
    """Many writers, short lists: they collide in every draw and in opening the next list."""
    tenant = found(any_rt)

    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda number: allocate(any_rt, tenant, f"credential {number}"), range(48)))

    assert len(set(places)) == 48


def test_a_place_stays_taken_after_its_credential_was_revoked(rt, tenant):
    publish(rt, tenant)
    badge = award(rt, tenant).credential_id
    revoking.revoke(rt, tenant.caller, badge, WHY)
    with rt.db.read() as db:
        (taken,) = status.entries_of(db, badge)
    drawn = iter([taken.position] * 15 + [(taken.position + 1) % 131_072])

    with rt.db.begin() as db:
        _, entry = status.allocate(
            db,
            tenant.issuer.id,
            "revocation",
            "another",
            draw=lambda _below: next(drawn),
            open_list=lambda ordinal: publishing.new_list(rt, tenant.issuer, "revocation", ordinal),
            at=NOON,
        )

    assert (entry.list_id, entry.position) == (taken.list_id, (taken.position + 1) % 131_072)


# ── Places in advance ────────────────────────────────────────────────────────────────────────────────────────────────
def take(db, rt, tenant, *purposes, length=131_072):
    """Take the places of a credential, as the ceremony does."""

    def open_list(purpose, ordinal):
        return replace(publishing.new_list(rt, tenant.issuer, purpose, ordinal), length=length)

    return status.take(db, tenant.issuer.id, purposes, new_id=rt.new_id, draw=rt.draw, open_list=open_list, at=NOON)


def entries(rt):
    """Give all places that are taken: of which credential, in which list, where."""
    row = tables.status_entry.c
    with rt.db.read() as db:
        return {tuple(one) for one in db.rows(sa.select(row.credential_id, row.list_id, row.position))}


def places(*taken):
    return {(one.credential_id, target.id, entry.position) for one in taken for target, entry in one.places}


@pytest.mark.parametrize("length", [8, 131_072])
@pytest.mark.parametrize("number", [1, 2, 4, 30])
def test_what_was_taken_in_advance_and_not_used_is_given_back(any_rt, number, length):
    tenant = found(any_rt)
    with any_rt.db.begin() as db:
        taken = [take(db, any_rt, tenant, "revocation", "suspension", length=length) for _ in range(number)]

    assert len({one.credential_id for one in taken}) == number
    assert [[target.purpose for target, _ in one.places] for one in taken] == [["revocation", "suspension"]] * number
    assert len({(target.id, entry.position) for one in taken for target, entry in one.places}) == 2 * number
    assert entries(any_rt) == places(*taken)


def test_a_savepoint_gives_the_places_back_that_were_taken_in_it(any_rt):
    tenant = found(any_rt)

    def take_and_fail(number):
        with db.savepoint():
            for _ in range(number):
                take(db, any_rt, tenant, "revocation")
            raise ArithmeticError

    with any_rt.db.begin() as db:
        kept = [take(db, any_rt, tenant, "revocation") for _ in range(3)]
        for number in range(1, 6):
            with pytest.raises(ArithmeticError):
                take_and_fail(number)
            kept.append(take(db, any_rt, tenant, "revocation"))

    assert len(kept) == len(places(*kept)) == 8
    assert entries(any_rt) == places(*kept)


def test_what_is_taken_in_advance_at_once_goes_to_two_places(any_rt):
    tenant = found(any_rt)

    @again_if_entangled
    def take_some(_):
        with any_rt.db.begin() as db:
            return [take(db, any_rt, tenant, "revocation", length=256) for _ in range(7)]

    with ThreadPoolExecutor(4) as pool:
        taken = [one for some in pool.map(take_some, range(8)) for one in some]

    assert len({(list_id, position) for _, list_id, position in places(*taken)}) == 56
    assert entries(any_rt) == places(*taken)
