"""What follows for one person when rules are looked at again: gains, losses, and what builds on them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ler_issuer.stacking import Holding, Policy, StackingRule
from ler_issuer.stacking.foreseeing import Follow, Had, Person, Stack, circle, follows, foresee, in_order, judge
from ler_issuer.stacking.versions import Pin, RuleVersion, Transition

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EVERYTHING = {"type": "sum", "of": "hours", "minimum": 1}


def leaf(*names, **more):
    return {"type": "holding", "achievements": list(names), **more}


def stack(name, *trees, policy=Policy.REVOKE, transition=Transition.PIN):
    """Give a rule that earns `name`, with a version for each tree."""
    versions = tuple(
        RuleVersion(
            id=f"{name}-{number}",
            number=number,
            text=StackingRule.model_validate({"rule": tree}),
            policy=policy,
            published_at=NOW,
            in_force_from=None if number == 1 else NOW,
            catalog_year=2025,
            transition=transition,
        )
        for number, tree in enumerate(trees, start=1)
    )
    return Stack(f"rule {name}", name, versions)


def held(name, number=1, **more):
    at = f"2026-01-0{number}T00:00:00Z"
    return Holding.model_validate({"id": f"{name}{number}", "achievement": name, "awarded_at": at, **more})


def person(*holdings, **known):
    return Person(holdings, **known)


def issued(stack, at):
    return Holding(id=f"new {stack.achievement}", achievement=stack.achievement, awarded_at=at)


def outcomes(stacks, who, *names, anew=False, becomes=issued):
    """Give (achievement, follow, latest) of what follows when these rules are looked at."""
    rule_ids = {f"rule {name}" for name in names}
    found = foresee(in_order(stacks), who, NOW, rule_ids=rule_ids, anew=anew, issued=becomes)
    return [(one.achievement, one.follow.value, one.latest) for one in found]


@pytest.mark.parametrize("had", Had)
@pytest.mark.parametrize("met", [True, False, None])
@pytest.mark.parametrize("question", [True, False])
def test_only_two_things_follow(had, met, question):
    expected = Follow.NOTHING
    if met is True and had is Had.NOTHING:
        expected = Follow.GAIN
    if met is False and had is Had.OUT and question:
        expected = Follow.LOSE

    assert follows(had, met=met, question=question) is expected


def test_who_meets_it_gains_it_by_the_last_part():
    found = outcomes([stack("s", leaf("a", times=2))], person(held("a", 2), held("a", 1), held("b", 3)), "s")

    assert found == [("s", "gain", "a2")]


def test_who_does_not_meet_it_gains_nothing():
    assert outcomes([stack("s", leaf("a", times=2))], person(held("a")), "s") == []


@pytest.mark.parametrize("had", [Had.OUT, Had.WAITING, Had.QUESTIONED, Had.TAKEN_BACK])
def test_nobody_gains_what_was_decided_already(had):
    assert outcomes([stack("s", leaf("a"))], person(held("a"), had={"rule s": had}), "s") == []


def test_what_builds_on_a_gain_follows():
    stacks = [stack("top", leaf("s", "t")), stack("s", leaf("a")), stack("t", leaf("b"))]

    assert outcomes(stacks, person(held("a")), "s") == [("s", "gain", "a1"), ("top", "gain", "a1")]


def test_what_would_wait_carries_nothing():
    stacks = [stack("top", leaf("s")), stack("s", leaf("a"))]

    assert outcomes(stacks, person(held("a")), "s", becomes=lambda *_: None) == [("s", "gain", "a1")]


def test_a_gain_may_stand_in_the_way_of_another():
    stacks = [stack("beginner", {"type": "all", "rules": [leaf("a"), {"type": "none", "rules": [leaf("s")]}]})]
    stacks.append(stack("s", leaf("a")))

    assert outcomes(stacks, person(held("a")), "s", "beginner") == [("s", "gain", "a1")]
    assert outcomes(stacks, person(held("a")), "beginner") == [("beginner", "gain", "a1")]


OUT = {"rule s": Had.OUT, "rule top": Had.OUT}


@pytest.mark.parametrize(
    ("policy", "lost"), [("keep", ["s"]), ("review", ["s"]), ("suspend", ["s", "top"]), ("revoke", ["s", "top"])]
)
def test_what_builds_on_a_loss_follows_when_it_stops_counting(policy, lost):
    stacks = [stack("top", leaf("s")), stack("s", leaf("a", times=2))]
    who = person(held("a"), held("s"), had=OUT, policies={"rule s": Policy(policy)})

    assert [name for name, *_ in outcomes(stacks, who, "s", anew=True)] == lost
    assert outcomes(stacks, who, "s") == []


def test_it_is_lost_by_the_policy_under_which_it_was_awarded():
    stacks = [stack("s", leaf("a", times=2), policy=Policy.REVOKE)]
    who = person(held("a"), had=OUT, policies={"rule s": Policy.REVIEW})

    (loss,) = foresee(stacks, who, NOW, rule_ids={"rule s"}, anew=True, issued=issued)
    assert (loss.policy, loss.latest) == (Policy.REVIEW, "a1")


def test_what_was_recognised_from_elsewhere_stays():
    stacks = [stack("top", leaf("s", accepts=["transfer"])), stack("s", leaf("a", times=2))]
    recognised = held("s", recognised={"kind": "transfer"})

    assert [name for name, *_ in outcomes(stacks, person(recognised, had=OUT), "s", anew=True)] == ["s"]


def test_rules_that_nothing_bears_on_are_left_alone():
    stacks = [stack("s", leaf("a")), stack("t", leaf("a"))]

    assert outcomes(stacks, person(held("a")), "t") == [("t", "gain", "a1")]


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_is_judged_under_the_version_that_applies():
    one = stack("s", leaf("a", times=2), leaf("a"))
    pinned = {"rule s": Pin("s-1", "first_holding", NOW)}

    judged = judge(one, person(held("a"), pins=pinned), NOW)
    assert (judged.version.number, judged.met) == (1, False)
    judged = judge(one, person(held("a"), catalog_year=2025), NOW)
    assert (judged.version.number, judged.met) == (2, True)


def test_any_version_will_do_in_a_grace_period():
    one = stack("s", leaf("a", times=2), leaf("a"), transition=Transition.GRACE)

    judged = judge(one, person(held("a")), NOW)
    assert (judged.applies.own.number, judged.version.number, judged.met) == (1, 2, True)


def test_when_they_started_includes_what_they_hold_no_longer():
    one = stack("s", leaf("a"), leaf("a"))
    late = Holding(id="a", achievement="a", awarded_at=NOW)

    assert judge(one, person(late), NOW).version.number == 2
    assert judge(one, person(late, first_held={"a": datetime(2025, 1, 1, tzinfo=UTC)}), NOW).version.number == 1
    assert judge(one, person(late, first_held={"b": datetime(2025, 1, 1, tzinfo=UTC)}), NOW).version.number == 2


def test_a_rule_without_versions_says_nothing():
    assert judge(Stack("rule s", "s", ()), person(held("a")), NOW) is None


# ── Order ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_parts_come_before_what_builds_on_them():
    stacks = [stack("all", EVERYTHING), stack("a-top", leaf("mid")), stack("mid", leaf("s")), stack("s", leaf("a"))]

    assert [one.achievement for one in in_order(stacks)] == ["s", "mid", "a-top", "all"]


def test_a_circle_hangs_nobody():
    stacks = [stack("a", leaf("b")), stack("b", leaf("a")), stack("c", leaf("d"))]

    assert {one.achievement for one in in_order(stacks)} == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("builds_on", "way"),
    [
        ({}, None),
        ({"a": {"b"}}, None),
        ({"a": {"a"}}, ("a", "a")),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}}, ("a", "b", "c", "a")),
        ({"a": {"b", "d"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, ("a", "d", "a")),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, None),
    ],
)
def test_the_shortest_circle_is_found(builds_on, way):
    assert circle(builds_on, "a") == way
