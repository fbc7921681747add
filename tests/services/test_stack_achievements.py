"""Achievements that a stacking rule earns: later versions must still fit the rule."""

from __future__ import annotations

import pytest

from ler_issuer.errors import Unacceptable
from stacks import competency, holding, rule, skill
from world import publish


@pytest.fixture(autouse=True)
def stacked(rt, tenant):
    skill(rt, tenant, "drawing")
    competency(rt, tenant, "artist", suspendable=True)
    rule(rt, tenant, "artist", holding("drawing"), policy="suspend")


def places(refused):
    return [(one.pointer, one.code) for one in refused.value.problems]


def test_it_gets_no_award_rule_of_its_own(rt, tenant):
    with pytest.raises(Unacceptable) as refused:
        publish(rt, tenant, key="artist", suspendable=True)

    assert places(refused) == [("/award", "earned_by_rule")]


def test_it_stays_suspendable_where_the_policy_needs_it(rt, tenant):
    with pytest.raises(Unacceptable) as refused:
        competency(rt, tenant, "artist", suspendable=False)

    assert places(refused) == [("/suspendable", "not_suspendable")]


def test_a_version_that_fits_is_published(rt, tenant):
    assert competency(rt, tenant, "artist", suspendable=True, description="Draws well.").version == 2
