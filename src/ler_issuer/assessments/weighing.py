"""Weighing: hold what counts against an award rule, requirement by requirement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ler_issuer.assessments.counting import Counted, Yardstick
from ler_issuer.assessments.rules import Condition, MeanAtLeast


@dataclass(frozen=True, slots=True)
class Coverage:
    """The requirement that assessments have a result that counts: each one named, or a minimum number."""

    each_of: tuple[str, ...]
    minimum: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """One requirement and what was found: who meets it, who falls short, which assessments have nothing.

    `measure` is the mean, for a mean.
    """

    requirement: Coverage | Condition
    met: bool
    holds: tuple[Counted, ...] = ()
    short: tuple[Counted, ...] = ()
    absent: tuple[str, ...] = ()
    measure: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one set of counted results comes to under a rule; `rests_on` is what an award would rest on.

    `counted` says how many results that was: where the award would rest on all of them, they alone come to the same.
    """

    met: bool
    rests_on: tuple[Counted, ...]
    weighed: tuple[Weighed, ...]
    counted: int

    @property
    def score(self) -> Fraction | None:
        """Give the mean that the rule asks for, else the plain mean of the scores that the outcome rests on."""
        for one in self.weighed:
            if isinstance(one.requirement, MeanAtLeast):
                return one.measure
        scores = [counted.score for counted in self.rests_on if counted.score is not None]
        return sum(scores, Fraction(0)) / len(scores) if scores else None

    @property
    def levels(self) -> dict[str, int]:
        """Give each criterion's level: the lowest among the assessments, so that it was reached in every one."""
        lowest: dict[str, int] = {}
        for counted in self.rests_on:
            for criterion, level in counted.reading.levels.items():
                lowest[criterion] = min(level, lowest.get(criterion, level))
        return lowest

    @property
    def overall(self) -> int | None:
        """Give the overall level: the lowest among the assessments that have one."""
        return min((c.reading.overall for c in self.rests_on if c.reading.overall is not None), default=None)


def weigh(counted: Sequence[Counted], yard: Yardstick) -> Outcome:
    """Hold what counts (in order of assessment) against the rule."""
    good = [one for one in counted if one.good]
    needed = 0 if yard.rule.each_of else yard.rule.minimum_assessments
    weighed = [_cover(counted, good, yard)]
    for number, condition in enumerate(yard.of_one):
        holds = tuple(one for one in counted if one.meets[number])
        short = tuple(one for one in counted if not one.meets[number])
        met = len(holds) >= needed if needed else bool(counted) and not short
        weighed.append(Weighed(condition, met, holds, short))
    weighed.extend(_mean(condition, counted) for condition in yard.means)
    met = all(one.met for one in weighed) and any(not one.exempt for one in good)
    if not met or yard.means or not needed:
        return Outcome(met, tuple(counted), tuple(weighed), len(counted))
    last = sorted(good, key=lambda one: (not one.exempt, one.facts[-1].moment))[-needed:]
    return Outcome(met, tuple(sorted(last, key=lambda one: one.facts[-1].moment)), tuple(weighed), len(counted))


def _cover(counted: Sequence[Counted], good: Sequence[Counted], yard: Yardstick) -> Weighed:
    rule = yard.rule
    coverage = Coverage(rule.each_of, rule.minimum_assessments)
    if not rule.each_of:
        short = tuple(one for one in counted if not one.good)
        return Weighed(coverage, len(good) >= rule.minimum_assessments, tuple(good), short)
    there = {one.assessment for one in counted}
    absent = tuple(name for name in rule.each_of if name not in there)
    return Weighed(coverage, not absent, tuple(counted), absent=absent)


def _mean(condition: MeanAtLeast, counted: Sequence[Counted]) -> Weighed:
    """Take the exact mean of all counted scores; a counted result that should have a score and has none breaks it."""
    total = Fraction(0)
    weight_of_all: Fraction | int = 0
    holds: list[Counted] = []
    short: list[Counted] = []
    for one in counted:
        weight = 1 if condition.weights is None else Fraction(condition.weights.get(one.assessment or "", 0))
        if one.exempt or not weight:
            continue
        if one.score is None:
            short.append(one)
            continue
        holds.append(one)
        total += one.score if condition.weights is None else weight * one.score
        weight_of_all += weight
    mean = total / weight_of_all if weight_of_all else None
    met = mean is not None and mean >= condition.minimum and not short
    return Weighed(condition, met, tuple(holds), tuple(short), measure=mean)
