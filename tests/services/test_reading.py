"""Reading: credentials by what they are found by, page by page, and the events that a client follows."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from ler_issuer.errors import Malformed, Missing
from ler_issuer.services import reading, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.services.reading import Filter
from records import award_of, document
from world import award, found, publish

WHY = Reason("misconduct", "a private note")


def listed(rt, tenant, limit=100, **wanted):
    """Read all pages; give the ids in order."""
    found_, cursor = [], None
    while True:
        page = reading.list_credentials(rt, tenant.caller, Filter(**wanted), cursor=cursor, limit=limit)
        assert len(page.items) <= limit
        found_ += [one.id for one in page.items]
        if page.next_cursor is None:
            return found_
        cursor = page.next_cursor


def encoded(said):
    return base64.urlsafe_b64encode(said.encode()).decode()


@pytest.fixture
def biology(any_rt):
    """An issuer with one suspendable achievement that is earned per assessment."""
    made = found(any_rt)
    publish(any_rt, made, suspendable=True, earned="per_assessment", validity={"months": 12})
    return made


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_hold_together_though_all_came_in_one_second(any_rt, biology, limit):
    made = {award(any_rt, biology, assessment=f"essay {number}").credential_id for number in range(5)}

    read = listed(any_rt, biology, limit)

    assert read == sorted(made)


def test_pages_follow_time(any_rt, biology, world):
    made = []
    for number in range(4):
        world.wait(seconds=1)
        made.append(award(any_rt, biology, assessment=f"essay {number}").credential_id)

    assert listed(any_rt, biology, 2) == made


def test_what_changed_since_comes_in_the_order_of_change(any_rt, biology, world):
    first, second, third = (award(any_rt, biology, assessment=f"essay {number}").credential_id for number in range(3))
    world.wait(hours=1)
    revoking.revoke(any_rt, biology.caller, second, WHY)
    world.wait(hours=1)
    revoking.suspend(any_rt, biology.caller, first, WHY)

    assert listed(any_rt, biology, 1, updated_since=world.time - timedelta(hours=1)) == [second, first]
    assert listed(any_rt, biology, 1, updated_since=world.time) == [first]
    assert listed(any_rt, biology, 1, updated_since=world.time - timedelta(hours=2)) == [third, second, first]


def test_every_standing_can_be_asked_for(any_rt, biology, world):
    standing = {"expired": award(any_rt, biology, assessment="old", assessed_at="2025-06-10").credential_id}
    world.wait(days=30)
    for name, act in (("current", None), ("revoked", revoking.revoke), ("suspended", revoking.suspend)):
        standing[name] = award(any_rt, biology, assessment=name).credential_id
        if act is not None:
            act(any_rt, biology.caller, standing[name], WHY)

    for name, badge in standing.items():
        assert listed(any_rt, biology, standing=name) == [badge]
        assert reading.get_credential(any_rt, biology.caller, badge).shown.standing == name
    assert listed(any_rt, biology, standing="not_yet_valid") == []
    assert listed(any_rt, biology, standing="superseded") == []


def test_a_credential_is_current_until_its_last_second(rt, tenant, world):
    publish(rt, tenant, validity={"months": 1, "counts_from": "issuance"})
    badge = award(rt, tenant).credential_id
    world.wait(days=30)
    assert listed(rt, tenant, standing="current") == [badge]

    world.wait(seconds=1)

    assert listed(rt, tenant, standing="expired") == [badge]
    assert listed(rt, tenant, standing="current") == []


def test_the_superseded_can_be_asked_for(rt, tenant):
    publish(rt, tenant, better_attempt="replace")
    old = award(rt, tenant, assessment="essay").credential_id
    new = award(rt, tenant, assessment="essay", attempt=2, assessed_at="2026-05-11").credential_id

    assert listed(rt, tenant, standing="superseded") == [old]
    assert reading.get_credential(rt, tenant.caller, new).shown.replaces_id == old


def test_filters_narrow_together(rt, tenant):
    mine = publish(rt, tenant)
    publish(rt, tenant, key="leadership")
    badges = {
        (who, what): award(rt, tenant, who, achievement=what).credential_id
        for who in ("ada@b.c", "bob@b.c")
        for what in ("teamwork", "leadership")
    }
    ada = award_of(rt, badges["ada@b.c", "teamwork"]).learner_id

    assert set(listed(rt, tenant, learner_id=ada)) == {one for (who, _), one in badges.items() if who == "ada@b.c"}
    assert listed(rt, tenant, learner_id=ada, achievement_id=mine.id) == [badges["ada@b.c", "teamwork"]]
    assert listed(rt, tenant, learner_id=ada, standing="revoked") == []
    assert listed(rt, tenant, import_id="none") == []


def test_nothing_of_another_issuer_is_shown(rt, tenant):
    publish(rt, tenant)
    badge = award(rt, tenant).credential_id
    chemistry = found(rt, "chemistry")

    assert listed(rt, chemistry) == []
    assert listed(rt, chemistry, learner_id=award_of(rt, badge).learner_id) == []
    assert reading.list_events(rt, chemistry.caller, after=0, limit=10) == []
    with pytest.raises(Missing):
        reading.get_credential(rt, chemistry.caller, badge)


def test_one_credential_is_opened_with_its_reasons(rt, tenant):
    publish(rt, tenant)
    receipt = award(rt, tenant)
    revoking.revoke(rt, tenant.caller, receipt.credential_id, WHY)

    opened = reading.get_credential(rt, tenant.caller, receipt.credential_id)

    assert opened.document == document(rt, receipt.credential_id)
    assert opened.trace == receipt.trace
    assert [(one.act, one.reason_code) for one in opened.history] == [("revoke", "misconduct")]
    assert "private" not in str(opened)


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "%%%", "ä", "\x00"),
        *(encoded(said) for said in ("x y", "1", "1 a b", "1 a\x00", f"{'9' * 40} {UUID(int=7)}", f"x {UUID(int=7)}")),
    ],
)
def test_a_cursor_that_was_not_given_here_is_refused(any_rt, biology, cursor):
    with pytest.raises(Malformed) as caught:
        reading.list_credentials(any_rt, biology.caller, Filter(), cursor=cursor, limit=10)

    assert [(place.pointer, place.code) for place in caught.value.problems] == [("/cursor", "bad_cursor")]


# ── Events ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_events_are_followed_page_by_page(any_rt, biology):
    made = [award(any_rt, biology, assessment=f"essay {number}").credential_id for number in range(5)]

    after, read = 0, []
    while page := reading.list_events(any_rt, biology.caller, after=after, limit=2):
        assert [one.seq for one in page] == sorted({one.seq for one in page})
        read += [one.object_id for one in page if one.type == "credential.issued"]
        after = page[-1].seq

    assert read == made


def test_no_event_is_overlooked_by_who_follows_while_many_write(any_rt, biology):
    """A number that was seen is never followed by a lower one, however many transactions commit at once."""
    seen = []
    with ThreadPoolExecutor(6) as pool:
        writing = [pool.submit(award, any_rt, biology, f"{number}@b.c") for number in range(16)]
        while not all(one.done() for one in writing):
            seen += reading.list_events(any_rt, biology.caller, after=seen[-1].seq if seen else 0, limit=3)
    seen += reading.list_events(any_rt, biology.caller, after=seen[-1].seq if seen else 0, limit=100)

    assert [one.seq for one in seen] == [
        one.seq for one in reading.list_events(any_rt, biology.caller, after=0, limit=100)
    ]
    assert len([one for one in seen if one.type == "credential.issued"]) == 16


def test_what_failed_tells_nothing(rt, tenant):
    with pytest.raises(Missing):
        revoking.revoke(rt, tenant.caller, "no such credential", WHY)

    assert reading.list_events(rt, tenant.caller, after=0, limit=10) == []
