"""What is left, held against an exhaustive search: right, minimal, and nothing passed over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from operator import itemgetter

from hypothesis import assume, event, given, note, settings
from hypothesis import strategies as st

from ler_issuer.assessments import ExperienceKind
from ler_issuer.stacking import Holding, StackingRule, percentage, remaining
from stacking.exhaustive import MEMBER, Exhaustive

AT = datetime(2026, 6, 1, tzinfo=UTC)
LEVELS = ("low", "high")
KINDS = ("course", "internship")
ASSESSORS = ("faculty", "supervisor")
ACHIEVEMENTS = ("a", "b", "c")

SELECTED = st.fixed_dictionaries(
    {"achievements": st.sampled_from([["a"], ["b"], ["a", "b"], ["b", "c"]])},
    optional={
        "level": st.just("high"),
        "experience_kinds": st.just(["internship"]),
        "assessor_kinds": st.just(["supervisor"]),
    },
)
HOLDING = st.builds(
    lambda selected, times: {"type": "holding", "times": times, **selected}, SELECTED, st.sampled_from([1, 1, 2])
)
SUM = st.builds(
    lambda kinds: {"type": "sum", "of": "hours", "minimum": 10, **kinds},
    st.sampled_from([{}, {"experience_kinds": ["internship"]}, {"achievements": ["c"]}]),
)
INCLUDED = st.sampled_from(
    [
        {"experience_kinds": ["internship"]},
        {"except_experience_kinds": ["internship"]},
        {"assessor_kinds": ["supervisor"]},
        {"level": "high"},
        {"achievements": ["b"]},
    ]
)


def groups(below):
    rules = st.lists(below, min_size=2, max_size=3)
    reuse = st.booleans()
    return [
        st.builds(lambda rules, reuse: {"type": "all", "rules": rules, "reuse": reuse}, rules, reuse),
        st.builds(lambda rules, reuse: {"type": "any", "rules": rules, "reuse": reuse}, rules, reuse),
        st.builds(lambda rules, reuse: {"type": "at_least", "count": 2, "rules": rules, "reuse": reuse}, rules, reuse),
        st.builds(
            lambda of, rule: {"type": "within", "of": of, "years": 2, "rule": rule},
            st.sampled_from(["parts", "now"]),
            below,
        ),
        st.builds(lambda first, then: {"type": "precedes", "first": first, "then": then}, below, below),
        st.builds(
            lambda rule, held: {"type": "all", "rules": [rule, {"type": "none", "rules": [held]}]}, below, HOLDING
        ),
    ]


def distinct(below):
    what = st.sampled_from(["experiences", "assessors", "courses"])
    return st.builds(lambda what, rule: {"type": "distinct", "what": what, "minimum": 2, "rule": rule}, what, below)


def includes(selected, below):
    return st.builds(lambda selected, rule: {"type": "includes", **selected, "rule": rule}, selected, below)


def rules(*more):
    """Draw rules of groups and what else is given."""
    nodes = st.recursive(
        st.one_of(HOLDING, HOLDING, SUM),
        lambda below: st.one_of(*groups(below), *(each(below) for each in more for _ in range(2))),
        max_leaves=3,
    )
    return nodes.map(lambda rule: StackingRule.model_validate({"rule": rule, "levels": LEVELS}))


ANY = rules(distinct, lambda below: includes(INCLUDED, below))
WITHOUT_CONDITIONS = rules()
WITH_ONE_BEST = rules(distinct, lambda below: includes(st.just({"level": "high"}), below))


@st.composite
def some_held(draw):
    return [
        Holding(
            id=f"h{number}",
            achievement=draw(st.sampled_from(ACHIEVEMENTS)),
            awarded_at=AT - timedelta(days=draw(st.sampled_from([30, 60, 400, 1000]))),
            level=draw(st.sampled_from(LEVELS)),
            experience=draw(st.sampled_from([None, "e1", "e2"])),
            experience_kind=draw(st.sampled_from([None, *KINDS])),
            assessor=draw(st.sampled_from([None, "p1", "p2"])),
            assessor_kind=draw(st.sampled_from([None, *ASSESSORS])),
            hours=draw(st.sampled_from([None, None, 3, 4])),
        )
        for number in range(draw(st.integers(0, 3)))
    ]


# ── What could be earned ─────────────────────────────────────────────────────────────────────────────────────────────
def earned(number, achievement, *, level="low", kind=None, assessor_kind=None, fresh=(), hours=None, turn=None):
    """Make the holding that is earned as the so many-th, or in the same turn as others."""
    return Holding(
        id=f"new{number}",
        achievement=achievement,
        awarded_at=AT + timedelta(minutes=1 + (number if turn is None else turn)),
        level=level,
        experience_kind=kind,
        assessor_kind=assessor_kind,
        hours=hours,
        **{MEMBER[what]: f"fresh {number}" for what in fresh},
    )


VARIETIES = ("experiences", "assessors", "courses")
BEST = [
    {"achievement": achievement, "level": "high", "kind": kind, "assessor_kind": who, "fresh": VARIETIES, "hours": 10}
    for achievement, kind, who in product(ACHIEVEMENTS, KINDS, ASSESSORS)
]
POOR = st.builds(
    lambda achievement, level, kind, who, fresh, hours: {
        "achievement": achievement,
        "level": level,
        "kind": kind,
        "assessor_kind": who,
        "fresh": fresh,
        "hours": hours,
    },
    st.sampled_from(ACHIEVEMENTS),
    st.sampled_from(LEVELS),
    st.sampled_from(KINDS),
    st.sampled_from(ASSESSORS),
    st.sampled_from([(), ("experiences",), ("assessors",), VARIETIES]),
    st.sampled_from([None, 10]),
)


def meets(rule, held, new):
    made = [earned(number, **one) for number, one in enumerate(new)]
    return Exhaustive(rule, [*held, *made], AT + timedelta(hours=1)).is_met()


def minimal(rule, held, candidates, most):
    """Yield every sequence of candidates that meets the rule and of which nothing can be left out."""
    found = []
    for size in range(most + 1):
        for numbers in product(range(len(candidates)), repeat=size):
            if any(is_part(one, numbers) for one in found):
                continue
            if meets(rule, held, [candidates[number] for number in numbers]):
                found.append(numbers)
                yield [candidates[number] for number in numbers]


def is_part(one, other):
    rest = iter(other)
    return all(number in rest for number in one)


# ── What is said ─────────────────────────────────────────────────────────────────────────────────────────────────────
def is_like(like, one):
    return (
        (not like.achievements or one["achievement"] in like.achievements)
        and one["achievement"] not in like.except_achievements
        and (like.level is None or LEVELS.index(one["level"]) >= LEVELS.index(like.level))
        and (not like.experience_kinds or one["kind"] in like.experience_kinds)
        and (not like.assessor_kinds or one["assessor_kind"] in like.assessor_kinds)
    )


def does(part, one):
    return (
        is_like(part.like, one)
        and set(part.different) <= set(one["fresh"])
        and (part.hours is None or (one["hours"] or 0) >= part.hours)
    )


def follows(steps, new):
    """Say whether somebody who earns these, one after the other, has done all that a set of next steps asks."""
    places = [place for place, part in enumerate(steps.parts) for _ in range(part.times)]
    for chosen in permutations(range(len(new)), len(places)):
        done = [(place, steps.parts[place], number) for place, number in zip(places, chosen, strict=True)]
        if (
            all(does(part, new[number]) for _, part, number in done)
            and all(earlier < later for at, _, earlier in done for _, part, later in done if at in part.after)
            and all(holds(each, done, new) for each in steps.jointly)
        ):
            return True
    return False


def holds(jointly, done, new):
    among = [new[number] for place, _, number in done if place in jointly.parts]
    like = [one for one in among if is_like(jointly.like, one)]
    if jointly.hours is not None:
        return sum(one["hours"] or 0 for one in like) >= jointly.hours
    return (
        len([one for one in like if jointly.different is None or jointly.different in one["fresh"]]) >= jointly.minimum
    )


@st.composite
def as_said(draw, steps, choose=None):
    """Do what a set of next steps asks and nothing more, at once where that is allowed.

    `choose` says what to do where any of several will do.
    """
    choose = choose or (lambda several: draw(st.sampled_from(several)))
    done = []
    for place, part in enumerate(steps.parts):
        done.extend((place, part) for _ in range(part.times))
    turns = []
    for part in steps.parts:
        turns.append(max((turns[earlier] + 1 for earlier in part.after), default=0))
    new = [plainly(choose, part.like, part.different, part.hours) | {"turn": turns[place]} for place, part in done]
    for each in steps.jointly:
        among = [number for number, (place, _) in enumerate(done) if place in each.parts]
        for number in draw(st.permutations(among))[: each.minimum]:
            part = done[number][1]
            better = plainly(choose, each.like, (each.different,) if each.different else (), each.hours)
            one = new[number]
            one["fresh"] = tuple({*one["fresh"], *better["fresh"]})
            one["level"] = max(one["level"], better["level"], key=LEVELS.index)
            one["kind"] = (
                better["kind"]
                if better["kind"] and is_like(part.like, {**one, "kind": better["kind"]})
                else one["kind"]
            )
            one["assessor_kind"] = better["assessor_kind"] or one["assessor_kind"]
            one["achievement"] = better["achievement"] if each.like.achievements else one["achievement"]
            one["hours"] = better["hours"] or one["hours"]
    return new


def plainly(choose, like, different, hours):
    return {
        "achievement": choose(like.achievements or sorted({*ACHIEVEMENTS, "d"} - {*like.except_achievements})),
        "level": like.level or "low",
        "kind": choose(like.experience_kinds or (None,)),
        "assessor_kind": choose(like.assessor_kinds or (None,)),
        "fresh": tuple(different),
        "hours": hours,
    }


def tell(rule, held, left):
    note(rule.model_dump_json(exclude_defaults=True))
    note("held: " + ", ".join(one.model_dump_json(exclude_defaults=True) for one in held))
    for one in left.sets:
        note(one.sentence)


# ── The properties ───────────────────────────────────────────────────────────────────────────────────────────────────
@given(rule=ANY, held=some_held(), data=st.data())
@settings(max_examples=200, deadline=None)
def test_whoever_does_as_is_said_meets_the_rule(rule, held, data):
    left = remaining(rule, held, AT)
    tell(rule, held, left)
    assert left.met == Exhaustive(rule, held, AT).is_met()
    for steps in left.sets:
        assume(steps.assessments <= 5)
        assert meets(rule, held, data.draw(as_said(steps))), steps.sentence


@given(rule=ANY, held=some_held())
@settings(max_examples=100, deadline=None)
def test_the_first_set_takes_the_fewest_assessments(rule, held):
    left = remaining(rule, held, AT)
    tell(rule, held, left)
    assume(left.complete and not left.met)
    fewest = left.sets[0].assessments if left.sets else 3
    event(f"{fewest} left, {len(left.sets)} ways")
    assume(fewest <= 3)
    assert next(minimal(rule, held, BEST, fewest - 1), None) is None


@given(rule=WITHOUT_CONDITIONS, held=some_held(), candidates=st.lists(POOR, min_size=2, max_size=4))
@settings(max_examples=100, deadline=None)
def test_nothing_is_passed_over(rule, held, candidates):
    left = remaining(rule, held, AT)
    tell(rule, held, left)
    assume(left.complete and not left.met)
    for new in minimal(rule, held, candidates, 3):
        event("could be earned")
        assert any(follows(steps, new) for steps in left.sets), new


@given(rule=WITH_ONE_BEST, held=some_held(), candidates=st.lists(st.sampled_from(BEST), min_size=2, max_size=4))
@settings(max_examples=100, deadline=None)
def test_nothing_that_is_best_is_passed_over(rule, held, candidates):
    left = remaining(rule, held, AT)
    tell(rule, held, left)
    assume(left.complete and not left.met)
    for new in minimal(rule, held, candidates, 3):
        event("could be earned")
        assert any(follows(steps, new) for steps in left.sets), new


@given(rule=ANY, held=some_held(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_no_part_can_be_left_out(rule, held, data):
    left = remaining(rule, held, AT)
    tell(rule, held, left)
    for steps in left.sets:
        assume(steps.assessments <= 4)
        done = [data.draw(as_said(steps, choose)) for choose in (itemgetter(0), itemgetter(-1), None, None, None, None)]
        assert any(
            not any(meets(rule, held, [*new[:place], *new[place + 1 :]]) for place in range(len(new))) for new in done
        ), steps.sentence


@given(rule=ANY, held=some_held())
@settings(max_examples=100, deadline=None)
def test_a_percentage_means_something(rule, held):
    left = remaining(rule, held, AT)
    tell(rule, held, left)
    assert left.percentage == percentage(rule, held, AT)
    assert (left.percentage == 100) == (left.met is True)
    nothing = remaining(rule, [], AT)
    if left.sets and nothing.sets and not left.met:
        fewest = nothing.sets[0].assessments
        assert 100 * (fewest - left.sets[0].assessments) // fewest <= left.percentage


EVERY_KIND = [kind.value for kind in ExperienceKind]


@given(
    times=st.integers(1, 4),
    minimum=st.integers(2, 6),
    kinds=st.sets(st.sampled_from(EVERY_KIND), min_size=1),
    held=st.lists(st.sampled_from(EVERY_KIND), max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_kinds_that_are_to_differ_are_those_that_are_not_there_yet(times, minimum, kinds, held):
    leaf = {"type": "holding", "achievements": ["a"], "times": times, "experience_kinds": sorted(kinds)}
    rule = {"rule": {"type": "distinct", "what": "experience_kinds", "minimum": minimum, "rule": leaf}}
    mine = [
        Holding(id=str(number), achievement="a", awarded_at=AT, experience_kind=kind)
        for number, kind in enumerate(held)
    ]
    left = remaining(StackingRule.model_validate(rule), mine, AT)

    counted = [kind for kind in held if kind in kinds]
    different = minimum - len(set(counted))
    assert left.met == (different <= 0 and len(counted) >= times)
    assert [one.assessments for one in left.sets] == (
        [] if left.met or minimum > len(kinds) else [max(different, times - len(counted))]
    )
