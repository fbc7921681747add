"""Awarding: decide what results earn under an award rule, and say why.

The decision depends on the facts alone, never on the order in which they arrived: it looks at the story as it happened,
in order of assessment, and asks after which result the rule held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from ler_issuer.assessments.counting import Fact, Yardstick
from ler_issuer.assessments.explaining import explain
from ler_issuer.assessments.model import ResultStatus
from ler_issuer.assessments.rubrics import Rubric
from ler_issuer.assessments.rules import AwardRule
from ler_issuer.assessments.scales import written
from ler_issuer.assessments.weighing import Outcome, weigh
from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class Decision:
    """What the results of one basis come to.

    `basis` is `once`, `assessment:<key>` or `experience:<id>`. `used` are the facts that the decision rests on:
    `decide` on these alone, once met, gives this decision again. `deciding` is the last of those that count; its
    time of assessment is when the learner earned it. `levels` are level ids by criterion id, the lowest reached where
    several assessments count; `score` is the score or the mean, rounded down.
    """

    basis: str
    met: bool
    deciding: Fact | None
    used: tuple[Fact, ...]
    overall: str | None
    levels: Mapping[str, str]
    score: Decimal | None
    trace: JsonObject


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which of the moments after which the rule held is chosen: by policy, among those not before `since`."""

    better_attempt: str
    since: datetime | None


def decide(
    facts: Sequence[Fact],
    *,
    rule: AwardRule,
    rubric: Rubric | None,
    earned: str,
    better_attempt: str,
    since: datetime | None = None,
) -> tuple[Decision, ...]:
    """Decide what one learner's results for one achievement earn: one decision for each basis, ordered by basis.

    `earned` (`once | per_assessment | per_experience`) groups the facts by basis; no facts give no decision. Within a
    group the facts are put in order of assessment, and `better_attempt` chooses among the moments after which the rule
    held: the first (`keep_first`), the last (`replace`), or the one with the best overall level, then score
    (`keep_best`; the first of equals). Only a result assessed at or after `since`, when the rule came into force, can
    be the one that completes it. When it never held, the decision is over the whole group and says what is missing.
    """
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(_basis(fact, earned), []).append(fact)
    yard = Yardstick(rule, rubric, facts)
    choice = _Choice(better_attempt, since)
    return tuple(_decide_one(basis, groups[basis], yard, choice) for basis in sorted(groups))


def _basis(fact: Fact, earned: str) -> str:
    match earned:
        case "once":
            return "once"
        case "per_assessment":
            return f"assessment:{fact.assessment or f'{fact.source}/{fact.source_id}'}"
        case "per_experience":
            return f"experience:{fact.experience or f'{fact.source}/{fact.source_id}'}"
        case _:
            raise ValueError(f"an achievement is not earned {earned!r}")


def _decide_one(basis: str, facts: Sequence[Fact], yard: Yardstick, choice: _Choice) -> Decision:
    story = _story(facts, yard.rule)
    held = _held(story, yard, choice)
    if held is None:
        waiting = sorted(
            fact.id for fact in facts if fact.status in {ResultStatus.PROVISIONAL, ResultStatus.INCOMPLETE}
        )
        outcome = replace(weigh(yard.count(story), yard), met=False)  # it may hold, but only from before `since`
        return _decision(basis, outcome, yard, used=_facts(outcome), trace=explain(outcome, yard, waiting=waiting))
    length, found = held
    outcome = found if len(found.rests_on) == found.counted else weigh(found.rests_on, yard)
    return _decision(
        basis, outcome, yard, used=_enough(story[:length], outcome, yard, choice), trace=explain(outcome, yard)
    )


def _story(facts: Sequence[Fact], rule: AwardRule) -> list[Fact]:
    """Give the facts that may count, in order of assessment."""
    counting = {ResultStatus.FINAL, ResultStatus.EXEMPT}
    may_count = (fact for fact in facts if fact.status in counting and _is_asked_for(fact, rule))
    return sorted(may_count, key=lambda fact: fact.moment)


def _is_asked_for(fact: Fact, rule: AwardRule) -> bool:
    return (rule.source is None or fact.source == rule.source) and (not rule.each_of or fact.assessment in rule.each_of)


def _held(story: Sequence[Fact], yard: Yardstick, choice: _Choice) -> tuple[int, Outcome] | None:
    """Find the moment that the policy chooses among those after which the rule held: how many facts, what outcome."""
    match choice.better_attempt:
        case "keep_first":
            return next(_moments(story, yard, choice.since), None)
        case "replace":
            return next(_moments(story, yard, choice.since, latest_first=True), None)
        case "keep_best":
            return max(_moments(story, yard, choice.since), key=lambda moment: _rank(moment[1]), default=None)
        case _:
            raise ValueError(f"a better attempt does not {choice.better_attempt!r}")


def _moments(
    story: Sequence[Fact], yard: Yardstick, since: datetime | None, *, latest_first: bool = False
) -> Iterator[tuple[int, Outcome]]:
    """Give each moment after which the rule held."""
    rule = yard.rule
    fewest = len(rule.each_of) or rule.minimum_assessments
    lengths = range(fewest, len(story) + 1)
    for length in reversed(lengths) if latest_first else lengths:
        if since is not None and story[length - 1].assessed_at < since:
            continue
        outcome = weigh(yard.count(story[:length]), yard)
        if outcome.met and (since is None or _facts(outcome)[-1].assessed_at >= since):
            yield length, outcome


def _rank(outcome: Outcome) -> tuple[int, bool, Fraction]:
    score = outcome.score
    return (-1 if outcome.overall is None else outcome.overall, score is not None, score or Fraction(0))


def _facts(outcome: Outcome) -> tuple[Fact, ...]:
    return tuple(sorted((fact for one in outcome.rests_on for fact in one.facts), key=lambda fact: fact.moment))


def _enough(story: Sequence[Fact], outcome: Outcome, yard: Yardstick, choice: _Choice) -> tuple[Fact, ...]:
    """Give the facts from which alone the same decision follows.

    Usually those that count. But an attempt that has since been superseded may be what kept the rule from holding
    earlier; then it belongs to the grounds of the decision, and all facts up to that moment are given.
    """
    counting = _facts(outcome)
    if len(counting) == len(story):
        return counting
    again = _held(counting, yard, choice)
    same = again is not None and _facts(again[1]) == counting
    return counting if same else tuple(story)


def _decision(basis: str, outcome: Outcome, yard: Yardstick, *, used: tuple[Fact, ...], trace: JsonObject) -> Decision:
    levels = () if yard.ladder is None else yard.ladder.rubric.levels
    score = outcome.score
    return Decision(
        basis=basis,
        met=outcome.met,
        deciding=_facts(outcome)[-1] if outcome.met else None,
        used=used,
        overall=None if outcome.overall is None else levels[outcome.overall].id,
        levels={criterion: levels[level].id for criterion, level in outcome.levels.items()},
        score=None if score is None else written(score, beside=yard.means[0].minimum if yard.means else None),
        trace=trace,
    )
