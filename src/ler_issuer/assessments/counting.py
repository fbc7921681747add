"""Counting: of all results for one achievement, which count, and what each says about the rule's conditions.

A learner may have several attempts at one assessment, and an attempt several raters. For each assessment exactly one
`Counted` comes out: one attempt with its raters combined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from ler_issuer.assessments.model import AssessorKind, Rating, ResultStatus
from ler_issuer.assessments.rubrics import Rubric
from ler_issuer.assessments.rules import (
    Attempts,
    AwardRule,
    CriteriaAtLeast,
    MeanAtLeast,
    OverallAtLeast,
    Raters,
    ScoreAtLeast,
)
from ler_issuer.assessments.scales import NOTHING, Ladder, Reading, ladder_of

OfOne = CriteriaAtLeast | OverallAtLeast | ScoreAtLeast
"""The conditions that are asked of each counted result by itself."""


_NOTHING = -(10**12)  # below every score and level


@dataclass(frozen=True, slots=True)
class Fact:
    """One current result that may count for one achievement: highest revision, not withdrawn, not voided.

    `experience` is the experience's id, for achievements earned per experience.
    """

    id: str
    digest: str
    source: str
    source_id: str
    revision: int
    assessment: str | None
    attempt: int
    ratings: tuple[Rating, ...]
    overall_level: str | None
    score: Decimal | None
    status: ResultStatus
    assessor_kind: AssessorKind
    assessor_id: str | None
    experience: str | None
    assessed_at: datetime

    @property
    def moment(self) -> tuple[datetime, str, str, str]:
        """Give what facts are ordered by: time of assessment, then identity; never the order of arrival."""
        return (self.assessed_at, self.source, self.source_id, self.id)


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts for one assessment: one attempt, by the facts of its raters, or an exemption.

    `meets` tells for each of `Yardstick.of_one` whether it is met; `worth` is what attempts are ranked by.
    """

    assessment: str | None
    attempt: int
    facts: tuple[Fact, ...]
    exempt: bool
    reading: Reading
    score: Fraction | None
    meets: tuple[bool, ...]
    worth: tuple[bool, bool, tuple[Fraction | int, ...]]

    @property
    def good(self) -> bool:
        """Tell whether every condition on one result is met."""
        return all(self.meets)


class Yardstick:
    """An award rule made ready for one rubric: facts read once, levels as indexes."""

    __slots__ = ("_combined", "_readings", "_thresholds", "ladder", "means", "of_one", "rule")

    def __init__(self, rule: AwardRule, rubric: Rubric | None, facts: Iterable[Fact]) -> None:
        """Read the facts' ratings on the rubric and part the rule's conditions into those of one result and of all."""
        self.rule = rule
        self.ladder = None if rubric is None else ladder_of(rubric)
        self.of_one: tuple[OfOne, ...] = tuple(c for c in rule.conditions if not isinstance(c, MeanAtLeast))
        self.means: tuple[MeanAtLeast, ...] = tuple(c for c in rule.conditions if isinstance(c, MeanAtLeast))
        self._thresholds = tuple(self._threshold(condition) for condition in self.of_one)
        self._combined: dict[tuple[str, ...], Counted] = {}
        self._readings: Mapping[str, Reading] = (
            {}
            if self.ladder is None
            else {fact.id: self.ladder.read(fact.ratings, fact.overall_level) for fact in facts}
        )

    def _threshold(self, condition: OfOne) -> int:
        """Give the index of the level asked for; beyond every level when the rubric does not have it."""
        if self.ladder is None or isinstance(condition, ScoreAtLeast):
            return 0
        level = self.ladder.level(condition.level)
        return len(self.ladder.rubric.levels) if level is None else level

    def count(self, facts: Iterable[Fact]) -> tuple[Counted, ...]:
        """Choose what counts for each assessment, in order of assessment.

        Facts come ordered by `moment`, final or exempt. One that names no assessment is an assessment by itself.
        """
        by_assessment: dict[str | tuple[str, str], dict[int, list[Fact]]] = {}
        for fact in facts:
            key = fact.assessment or (fact.source, fact.source_id)
            by_assessment.setdefault(key, {}).setdefault(fact.attempt, []).append(fact)
        counted = [self._choose(attempts) for attempts in by_assessment.values()]
        return tuple(sorted(counted, key=lambda one: one.facts[-1].moment))

    def _choose(self, attempts: Mapping[int, Sequence[Fact]]) -> Counted:
        if self.rule.attempts is Attempts.LATEST or len(attempts) == 1:
            return self._combine(attempts[max(attempts)])
        best, *others = (self._combine(attempts[number]) for number in sorted(attempts))
        for other in others:
            if other.worth > best.worth:
                best = other
        return best

    def _combine(self, facts: Sequence[Fact]) -> Counted:
        """Combine the raters of one attempt, once: the same facts come back for many moments of a story."""
        key = tuple(fact.id for fact in facts)
        if key not in self._combined:
            self._combined[key] = self._combine_anew(facts)
        return self._combined[key]

    def _combine_anew(self, facts: Sequence[Fact]) -> Counted:
        final = [fact for fact in facts if fact.status is ResultStatus.FINAL]
        last = (final or facts)[-1]
        if not final:  # a final result goes before an exemption
            return self._counted((last,), NOTHING, None, exempt=True)
        if self.rule.raters is Raters.SINGLE:
            final = [last]
        raters = {fact.assessor_id or f"result {fact.id}": fact for fact in final}  # who rates again replaces
        chosen = tuple(sorted(raters.values(), key=lambda fact: fact.moment))
        scores = [Fraction(fact.score) for fact in chosen if fact.score is not None]
        return self._counted(chosen, self._reading(chosen), self._one_score(scores) if scores else None)

    def _counted(
        self, facts: tuple[Fact, ...], reading: Reading, score: Fraction | None, *, exempt: bool = False
    ) -> Counted:
        """Hold one result against the conditions on it; an exemption meets them all.

        Attempts rank by meeting the conditions, by being rated at all, then by each condition's own measure.
        """
        lowest = min(reading.levels.values(), default=_NOTHING)
        overall = _NOTHING if reading.overall is None else reading.overall
        meets: list[bool] = []
        for condition, threshold in zip(self.of_one, self._thresholds, strict=True):
            match condition:
                case ScoreAtLeast(minimum=minimum):
                    met = score is not None and score >= minimum
                case OverallAtLeast():
                    met = overall >= threshold and not reading.problems
                case CriteriaAtLeast():
                    met = lowest >= threshold and not reading.problems and not reading.unrated
            meets.append(exempt or met)
        measures = {"criteria": lowest, "overall": overall, "score": score, "mean": score}
        worth = tuple(_NOTHING if (m := measures[c.type]) is None else m for c in self.rule.conditions)
        return Counted(
            assessment=facts[-1].assessment,
            attempt=facts[-1].attempt,
            facts=facts,
            exempt=exempt,
            reading=reading,
            score=score,
            meets=tuple(meets),
            worth=(all(meets), not exempt, worth),
        )

    def _one_score(self, scores: Sequence[Fraction]) -> Fraction:
        lowest = len(scores) == 1 or self.rule.raters is Raters.LOWEST
        return min(scores) if lowest else sum(scores, Fraction(0)) / len(scores)

    def _one_level(self, levels: Sequence[int], ladder: Ladder) -> int:
        return min(levels) if self.rule.raters is Raters.LOWEST else ladder.mean(levels)

    def _reading(self, facts: Sequence[Fact]) -> Reading:
        """Give what the raters say together: criterion by criterion, then the overall level that follows."""
        readings = [self._readings.get(fact.id, NOTHING) for fact in facts]
        if self.ladder is None or len(readings) == 1:
            return readings[0]
        by_criterion: dict[str, list[int]] = {}
        for reading in readings:
            for criterion, level in reading.levels.items():
                by_criterion.setdefault(criterion, []).append(level)
        unrated = set(readings[0].unrated).intersection(*(reading.unrated for reading in readings[1:]))
        overall = [reading.overall for reading in readings if reading.overall is not None]
        return self.ladder.reading(
            {criterion: self._one_level(levels, self.ladder) for criterion, levels in by_criterion.items()},
            unrated=tuple(criterion for criterion in readings[0].unrated if criterion in unrated),
            rated=self._one_level(overall, self.ladder) if overall else None,
            problems=tuple(problem for reading in readings for problem in reading.problems),
        )
