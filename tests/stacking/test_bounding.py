"""Which rules can be published: those that are decided for everybody within the published limits."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from ler_issuer.stacking import (
    MOST_HOLDINGS,
    MOST_NODES,
    WORK_BOUND,
    check_publishable,
    evaluate,
    is_met,
    worst_case,
)
from ler_issuer.stacking.compiling import compiled
from ler_issuer.stacking.judging import Judge
from stacking.career import (
    AT,
    COMMUNICATOR,
    PROBLEM_SOLVER,
    PROGRAMME,
    at_least,
    distinct,
    either,
    every,
    held,
    hours,
    including,
    leaf,
    no,
    precedes,
    rule,
    within,
)

OVERLAPPING = every(leaf("a", "b", times=2), leaf("a"), leaf("b", "c"))
SKILLS = [f"skill-{number}" for number in range(20)]

ORDINARY = {
    **{key: asked.rule.model_dump(mode="json", exclude_defaults=True) for key, asked in PROGRAMME.items()},
    "overlapping": OVERLAPPING,
    "overlapping in a window": within(OVERLAPPING, years=4),
    "different ones, overlapping, in a window": distinct("experiences", 3, within(OVERLAPPING, years=4)),
    "a window over different ones": within(distinct("assessors", 2, distinct("partners", 2, OVERLAPPING)), months=6),
    "different ones inside what competes": every(distinct("experiences", 2, leaf("a", "b", times=2)), leaf("a")),
    "the same in a window": within(every(distinct("experiences", 2, leaf("a", "b", times=2)), leaf("a")), years=1),
    "ten that ask for five of the same": within(every(*[leaf("a", *SKILLS[:n], times=5) for n in range(10)]), years=9),
    "any five, one of them a": every(leaf(*SKILLS, times=5), *[leaf(one) for one in SKILLS[:3]]),
    "five of twenty": distinct("courses", 5, within(at_least(5, *map(leaf, SKILLS)), years=2)),
    "at least three of overlapping ones": at_least(3, *[leaf("a", one) for one in SKILLS[:12]]),
    "any of overlapping ones": either(*[leaf("a", times=times) for times in range(1, 21)]),
    "a chain": precedes(leaf("a"), precedes(leaf("b"), precedes(leaf("c"), leaf("d")))),
    "a window in a window": within(every(within(leaf("a", times=2), years=1), leaf("b")), years=2),
    "hours beside": every(hours(40), leaf("a", times=2), reuse=True),
    "hours of other things": every(hours(40, "b"), leaf("a", times=2)),
    "hours in another setting": every(hours(9, experience_kinds=["research"]), leaf("a", experience_kinds=["course"])),
    "what must not be": every(leaf("a"), no(leaf("b", times=3), every(leaf("c"), leaf("d")))),
    "everything at once": every(*[leaf("a", times=4) for _ in range(MOST_NODES - 1)]),
}

EXPLOSIVE = {
    "hours against a count": (every(leaf("a", times=2), hours(40)), "/rule", "sum competes"),
    "hours against hours": (either(leaf("b"), every(hours(40), hours(30))), "/rule/rules/1", "sum competes"),
    "the whole programme for different holdings": (
        every(*(PROGRAMME[key].rule.model_dump(mode="json", exclude_defaults=True) for key in list(PROGRAMME)[:3])),
        "/rule",
        "sum competes for holdings with other rules at /rule;",
    ),
    "competing conditions": (
        every(leaf("x"), every(*[distinct("experiences", 5, leaf("a", times=9)) for _ in range(4)])),
        "/rule/rules/1",
        "too many rules compete for the same holdings at /rule/rules/1",
    ),
    "two kinds of difference inside": (
        every(distinct("experiences", 3, distinct("assessors", 3, leaf("a", times=3))), leaf("a", times=3)),
        "/rule",
        "lay windows and distinct over all of them",
    ),
    "competing windows": (every(*[within(leaf("a", times=2), days=3) for _ in range(3)]), "/rule", "compete"),
    "three windows deep": (
        within(every(leaf("a"), within(every(leaf("b"), within(leaf("c", times=2), days=1)), days=9)), years=1),
        "/rule",
        "fewer windows",
    ),
    "any of twenty for different ones": (
        distinct("experiences", 2, either(*[leaf("a", times=times) for times in range(1, 21)])),
        "/rule",
        "at /rule/rule",
    ),
    "a long chain of different ones": (
        distinct("courses", 2, precedes(leaf("a"), precedes(leaf("b"), precedes(leaf("c"), leaf("d"))))),
        "/rule",
        "fewer windows and orders",
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_rules_can_be_published(name):
    asked = rule(ORDINARY[name])
    assert check_publishable(asked) == ()
    assert 0 < worst_case(asked).work <= WORK_BOUND


@pytest.mark.parametrize("name", EXPLOSIVE)
def test_explosive_rules_are_refused_by_place_with_what_to_do(name):
    node, pointer, advice = EXPLOSIVE[name]
    (problem,) = check_publishable(rule(node))
    assert problem.pointer == pointer == worst_case(rule(node)).pointer
    assert problem.code == "too_much_work"
    assert f"{WORK_BOUND:,} are allowed" in problem.detail
    assert advice in problem.detail
    assert worst_case(rule(node)).work > WORK_BOUND


def test_the_most_there_can_be_is_bounded_at_once():
    """Work that no one could write down is told as much all the same."""
    node = within(distinct("experiences", 50, every(*[hours(number + 1) for number in range(60)])), days=1)
    assert worst_case(rule(node)).work == 10**12
    assert "1,000,000,000,000 and more steps" in check_publishable(rule(node))[0].detail


# ── The bound is above what happens ──────────────────────────────────────────────────────────────────────────────────
def crowd(seed, most=MOST_HOLDINGS, **told):
    """Give as many holdings as one learner may have, alike and yet different, and never quite enough."""
    chance = random.Random(seed)
    return [
        held(
            chance.choice("abc"),
            (AT - timedelta(hours=chance.randrange(10_000))).isoformat(),
            hours="1",
            experience=f"x{chance.randrange(3)}",
            assessor=f"s{chance.randrange(3)}",
            experience_kind=chance.choice(["course", "research"]),
            **told,
        )
        for _ in range(most)
    ]


def undecided(trace):
    return trace.met is None or any(map(undecided, trace.nodes))


@pytest.mark.parametrize("name", ORDINARY)
def test_a_rule_that_can_be_published_is_decided_whatever_the_holdings(name):
    asked = rule(ORDINARY[name])
    for holdings in (crowd(1), crowd(2, level="distinguished", assessor_kind="supervisor")):
        assert not undecided(evaluate(asked, holdings, AT))


@pytest.mark.parametrize(
    "node",
    [
        *(node for node, _, _ in EXPLOSIVE.values()),
        within(every(distinct("experiences", 4, leaf("a", "b", times=2)), leaf("a")), days=40),
        every(distinct("experiences", 4, leaf("a", "b", times=4)), leaf("a", times=40), leaf("b", times=45)),
        including(within(every(leaf("a", times=50), leaf("b", times=40)), days=200), level="distinguished"),
    ],
)
def test_no_rule_takes_more_work_than_its_bound(node):
    ready = compiled(rule(node))
    for seed in range(3):
        judge = Judge(ready, crowd(seed, most=60), AT)
        for one in ready.nodes:
            judge.met(one)
        assert judge.work <= worst_case(rule(node)).work


# ── Beyond the limits ────────────────────────────────────────────────────────────────────────────────────────────────
ALIKE = [held("a", hours="1", assessor=f"s{number % 9}", experience=None) for number in range(200)]
PAIRED = [one.model_copy(update={"experience": one.assessor}) for one in ALIKE[:151]]


@pytest.mark.parametrize(
    ("node", "holdings"),
    [
        (every(hours(99), hours(99)), ALIKE),
        (every(hours(170), leaf("a", times=31)), ALIKE),
        (every(*[distinct("experiences", 8, distinct("assessors", 8, leaf("a", times=50)))] * 3), PAIRED),
    ],
)
def test_what_cannot_be_decided_ends_after_so_many_steps(node, holdings):
    """Steps are counted, not seconds, so that the outcome is the same on every machine."""
    judge = Judge(compiled(rule(node)), holdings, AT)
    assert judge.met(judge.rule.root) is None
    assert WORK_BOUND < judge.work < WORK_BOUND * 1.1


def test_more_holdings_than_are_allowed_are_undecided():
    assert is_met(COMMUNICATOR, crowd(1, most=1_000), AT) is False  # none of them is meant
    enough = [held("teamwork", level="distinguished") for _ in range(MOST_HOLDINGS)]
    assert is_met(PROBLEM_SOLVER, enough, AT) is False
    assert is_met(PROBLEM_SOLVER, [*enough, held("critical-thinking", level="distinguished")], AT) is None
