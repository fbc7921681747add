"""`Idempotency-Key`: the same request twice has one effect and one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from ler_issuer.assessments import Result
from ler_issuer.badges import AchievementDefinition
from ler_issuer.errors import Conflict, Unacceptable
from ler_issuer.services import catalog, handing, taking
from ler_issuer.services.access import Idempotency
from ler_issuer.store import idempotency, tables
from records import count, everything
from world import award, definition, found, publish, result


@pytest.fixture
def biology(any_rt):
    """An issuer with one achievement, `teamwork`."""
    made = found(any_rt)
    publish(any_rt, made)
    return made


def keyed(tenant, key="key-1", request="a digest"):
    return replace(tenant.caller, idempotency=Idempotency(key, request))


def send(rt, caller, body):
    return taking.record_result(rt, caller, Result.model_validate(body))


def test_the_same_request_gets_the_same_answer(any_rt, biology):
    first = send(any_rt, keyed(biology), result())
    before = everything(any_rt)

    # What decides is the key: that the body is the same is what the digest says.
    again = send(any_rt, keyed(biology), result("bob@example.edu"))

    assert again == first
    assert everything(any_rt) == before


def test_a_duplicate_is_answered_as_the_duplicate_that_it_was(rt, tenant):
    publish(rt, tenant)
    body = result()
    send(rt, tenant.caller, body)

    assert [send(rt, keyed(tenant), body).duplicate for _ in range(2)] == [True, True]


def test_the_same_key_for_another_request_is_a_conflict(any_rt, biology):
    send(any_rt, keyed(biology), result())

    with pytest.raises(Conflict, match="Idempotency-Key"):
        send(any_rt, keyed(biology, request="another digest"), result())


def test_keys_of_two_issuers_are_strangers(rt, tenant):
    publish(rt, tenant)
    chemistry = found(rt, "chemistry")
    publish(rt, chemistry)

    first, second = (send(rt, keyed(one), result()) for one in (tenant, chemistry))

    assert first.result_id != second.result_id


def test_what_was_refused_is_not_remembered(rt, tenant):
    publish(rt, tenant)
    with pytest.raises(Unacceptable):
        send(rt, keyed(tenant), result(achievement="flying"))

    assert count(rt, tables.idempotency_key) == 0
    assert send(rt, keyed(tenant), result()).outcome == "awarded"


def test_requests_that_race_have_one_effect(any_rt, biology):
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda number: send(any_rt, keyed(biology), result(f"{number}@b.c")), range(8)))

    assert len({one.result_id for one in receipts}) == 1
    assert count(any_rt, tables.result) == count(any_rt, tables.credential) == 1


def test_a_batch_is_answered_alike(rt, tenant):
    publish(rt, tenant)
    batch = [Result.model_validate(result(f"{number}@b.c")) for number in range(3)]
    first = taking.record_batch(rt, keyed(tenant), batch)

    again = taking.record_batch(rt, keyed(tenant), batch)

    assert [(one.result_id, one.credential_id) for one in again] == [
        (one.result_id, one.credential_id) for one in first
    ]
    with pytest.raises(Conflict):
        taking.record_batch(rt, keyed(tenant, request="another digest"), batch)


def test_achievements_are_drafted_and_published_once(rt, tenant):
    wanted = AchievementDefinition.model_validate(definition())
    drafted = [catalog.draft(rt, keyed(tenant), wanted) for _ in range(2)]
    published = [catalog.publish(rt, keyed(tenant, "key-2"), drafted[0].id) for _ in range(2)]

    assert drafted[0].version == drafted[1].version == 1
    assert published[0] == published[1]
    assert count(rt, tables.achievement_version) == 1


def test_a_link_is_made_once(rt, tenant):
    publish(rt, tenant)
    badge = award(rt, tenant).credential_id

    first, again = (handing.create_link(rt, keyed(tenant), badge, timedelta(hours=1)) for _ in range(2))

    assert first == again
    assert count(rt, tables.link) == 1


def test_old_answers_can_be_forgotten(any_rt, biology, world):
    send(any_rt, keyed(biology), result())
    world.wait(days=2)
    send(any_rt, keyed(biology, "key-2"), result())

    with any_rt.db.begin() as db:
        assert idempotency.forget(db, world.time - timedelta(days=1)) == 1

    assert count(any_rt, tables.idempotency_key) == 1
