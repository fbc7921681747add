"""Whatever the results and the rule: order does not matter, and a decision can be told again from its grounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from ler_issuer.assessments import AssessorKind, AwardRule, Fact, Rating, ResultStatus, Rubric, decide

RUBRIC = Rubric.model_validate(
    {
        "criteria": [{"id": "c1", "name": "One"}, {"id": "c2", "name": "Two"}],
        "levels": [{"id": f"l{n}", "name": f"Level {n}"} for n in range(1, 5)],
        "overall": "mean",
    }
)
START = datetime(2026, 1, 1, tzinfo=UTC)
ASSESSMENTS = st.sampled_from(["a", "a", "b", "b", "c", None])


@st.composite
def some_facts(draw, max_size=8):
    def ratings():
        level = st.sampled_from(["l1", "l3", "l4", None])
        for criterion in ("c1", "c2"):
            drawn = draw(level)
            yield Rating(criterion=criterion, level=drawn, not_applicable=drawn is None)

    return [
        Fact(
            id=f"f{number}",
            digest="",
            source=draw(st.sampled_from(["lms", "sis"])),
            source_id=str(number),
            revision=1,
            assessment=draw(ASSESSMENTS),
            attempt=draw(st.integers(1, 2)),
            ratings=tuple(ratings()),
            overall_level=None,
            score=Decimal(draw(st.sampled_from([0, 10, 30, 50, 90]))),
            status=draw(st.sampled_from([ResultStatus.FINAL] * 9 + [ResultStatus.EXEMPT, ResultStatus.PROVISIONAL])),
            assessor_kind=AssessorKind.FACULTY,
            assessor_id=draw(st.sampled_from(["ann", "ben", None])),
            experience=draw(st.sampled_from(["x", "y", None])),
            assessed_at=START + timedelta(days=draw(st.integers(0, 9))),
        )
        for number in range(draw(st.integers(1, max_size)))
    ]


CONDITIONS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"type": st.just("criteria"), "level": st.sampled_from(["l2", "l3"])}),
        st.fixed_dictionaries({"type": st.just("overall"), "level": st.sampled_from(["l2", "l3"])}),
        st.fixed_dictionaries({"type": st.just("score"), "minimum": st.integers(10, 50)}),
        st.fixed_dictionaries({"type": st.just("mean"), "minimum": st.integers(20, 60)}),
    ),
    min_size=1,
    max_size=2,
)


@st.composite
def rules(draw, each_of=((), ("a",), ("a", "b"))):
    named = draw(st.sampled_from(each_of))
    return AwardRule.model_validate(
        {
            "conditions": draw(st.one_of(CONDITIONS, st.just([{"type": "mean", "minimum": 40}]))),
            "each_of": named,
            "minimum_assessments": 1 if named else draw(st.sampled_from([1, 1, 2, 3])),
            "attempts": draw(st.sampled_from(["best", "latest"])),
            "raters": draw(st.sampled_from(["single", "lowest", "mean"])),
        }
    )


POLICIES = st.fixed_dictionaries(
    {
        "earned": st.sampled_from(["once", "once", "per_assessment", "per_experience"]),
        "better_attempt": st.sampled_from(["keep_first", "replace", "keep_best"]),
        "since": st.one_of(st.none(), st.integers(1, 9).map(lambda day: START + timedelta(days=day))),
    }
)


@given(facts=some_facts(), rule=rules(), policy=POLICIES, random=st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_of_arrival_does_not_matter(facts, rule, policy, random):
    shuffled = random.sample(facts, len(facts))
    assert decide(shuffled, rule=rule, rubric=RUBRIC, **policy) == decide(facts, rule=rule, rubric=RUBRIC, **policy)


@given(facts=some_facts(), rule=rules(), policy=POLICIES)
@settings(max_examples=400, deadline=None)
def test_what_is_earned_follows_again_from_its_grounds_alone(facts, rule, policy):
    for decision in decide(facts, rule=rule, rubric=RUBRIC, **policy):
        event(f"met: {decision.met}")
        if decision.met:
            assert decide(decision.used, rule=rule, rubric=RUBRIC, **policy) == (decision,)
            assert decision.deciding in decision.used
            assert policy["since"] is None or decision.deciding.assessed_at >= policy["since"]
            assert all(node["met"] for node in decision.trace["nodes"])


STORIES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 2), st.sampled_from([10, 50, 90])), max_size=5)


@given(story=STORIES, policy=st.sampled_from(["keep_first", "replace", "keep_best"]))
@settings(max_examples=200, deadline=None)
def test_so_it_does_where_superseded_attempts_held_a_mean_down(story, policy):
    blank = Fact(
        *("", "", "lms", "", 1, None, 1, (), None, None, ResultStatus.FINAL, AssessorKind.FACULTY, None, None),
        assessed_at=START,
    )
    facts = [
        replace(
            blank,
            id=f"f{day}",
            source_id=str(day),
            assessment=assessment,
            attempt=attempt,
            score=Decimal(score),
            assessed_at=blank.assessed_at + timedelta(days=day),
        )
        for day, (assessment, attempt, score) in enumerate(story)
    ]
    rule = AwardRule.model_validate({"conditions": [{"type": "mean", "minimum": 40}]})
    for decision in decide(facts, rule=rule, rubric=None, earned="once", better_attempt=policy):
        again = decide(decision.used, rule=rule, rubric=None, earned="once", better_attempt=policy)
        assert not decision.met or again == (decision,)


@given(facts=some_facts(), rule=rules(), later=some_facts(max_size=3))
@settings(max_examples=200, deadline=None)
def test_under_keep_first_what_comes_later_changes_nothing_that_is_earned(facts, rule, later):
    policy = {"rule": rule, "rubric": RUBRIC, "earned": "once", "better_attempt": "keep_first"}
    (before,) = decide(facts, **policy)
    assume(before.met)
    after = [replace(fact, id=f"later {fact.id}", assessed_at=fact.assessed_at + timedelta(days=10)) for fact in later]
    assert decide([*facts, *after], **policy) == (before,)


@given(facts=some_facts(), rule=rules(each_of=[("a",), ("a", "b")]), other=some_facts(), policy=POLICIES)
@settings(max_examples=200, deadline=None)
def test_an_assessment_that_the_rule_does_not_name_changes_nothing(facts, rule, other, policy):
    policy = policy | {"rule": rule, "rubric": RUBRIC, "earned": "once"}
    irrelevant = [
        replace(fact, id=f"other {fact.id}", assessment="z", status=ResultStatus.FINAL, assessed_at=fact.assessed_at)
        for fact in other
    ]
    assert decide([*facts, *irrelevant], **policy) == decide(facts, **policy)
