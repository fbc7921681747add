"""Achievements without an award rule: no result earns them, and no result is taken in for them."""

from __future__ import annotations

import pytest

from ler_issuer.errors import Unacceptable
from ler_issuer.services import catalog
from records import credential, discrepancies
from services.sending import refused, send
from world import award, found, publish, result

ESSAY = {"each_of": ["essay"], "conditions": [{"type": "criteria", "level": "proficient"}]}


@pytest.fixture
def biology(any_rt):
    return found(any_rt)


def test_a_result_that_names_one_is_refused(any_rt, biology):
    publish(any_rt, biology, award=None)

    for changes in ({}, {"ratings": [], "score": 3}):
        assert refused(any_rt, biology, result(**changes), Unacceptable) == {("/achievement", "not_by_results")}
    assert discrepancies(any_rt) == []


def test_its_document_describes_its_levels_and_requires_none(any_rt, biology):
    served = catalog.resource(any_rt, publish(any_rt, biology, award=None).id, 1)

    overall = next(one for one in served["resultDescription"] if one["id"].endswith("#overall"))
    assert [level["name"] for level in overall["rubricCriterionLevel"]] == ["Beginning", "Proficient", "Exemplary"]
    assert "requiredLevel" not in overall


def test_a_version_without_a_rule_ends_what_results_can_earn(any_rt, world, biology):
    """What was assessed before stays under the rule of its time, and is taken back when its facts are withdrawn."""
    publish(any_rt, biology)
    body = result("ada@example.edu")
    first = send(any_rt, biology, body)
    world.wait(days=1)
    publish(any_rt, biology, award=None)
    world.wait(days=1)
    later = result("bob@example.edu", assessed_at=world.time.isoformat())

    assert first.outcome == "awarded"
    assert refused(any_rt, biology, later, Unacceptable) == {("/achievement", "not_by_results")}
    assert award(any_rt, biology, "eve@example.edu").outcome == "awarded", "assessed under the first version"
    assert discrepancies(any_rt) == []
    send(any_rt, biology, body | {"revision": 2, "result_status": "withdrawn"})
    assert credential(any_rt, first.credential_id).state == "revoked"
    assert discrepancies(any_rt) == []


def test_an_assessment_that_fed_it_is_refused_where_it_is_named(rt, tenant, world):
    publish(rt, tenant, award=ESSAY)
    world.wait(days=1)
    publish(rt, tenant, award=None)
    world.wait(days=1)
    body = result(achievement=None, assessment="essay", assessed_at=world.time.isoformat())

    assert refused(rt, tenant, body, Unacceptable) == {("/assessment", "not_by_results")}
