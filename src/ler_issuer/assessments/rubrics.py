"""Rubrics and score ranges: the scales that results are read on."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ler_issuer.assessments.values import Key, Name, Score, Text, Value
from ler_issuer.mistakes import broken


class OverallBy(StrEnum):
    """How a rubric's overall level follows from the levels of its applicable criteria."""

    LOWEST = "lowest"
    MEAN = "mean"
    MODE = "mode"
    HOLISTIC = "holistic"


class Level(Value):
    """One level of a rubric; `points` is used by means and by `rubricCriterionLevel.points`."""

    id: Key
    name: Name
    description: Text | None = None
    points: Score | None = None


class Criterion(Value):
    """One criterion of a rubric."""

    id: Key
    name: Name
    description: Text | None = None


class Rubric(Value):
    """Criteria by levels, the levels from lowest to highest. Ids are stable across the versions of an achievement.

    `overall` says how the overall level follows from the applicable criteria; a mean is taken over the levels' points
    (over their numbers, counted from 1, when they carry none) and rounded to a level as `rounding` says.
    """

    name: Name | None = None
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1, max_length=50)]
    levels: Annotated[tuple[Level, ...], Field(min_length=2, max_length=20)]
    overall: OverallBy = OverallBy.LOWEST
    rounding: Literal["down", "nearest", "up"] = "down"

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for what, entries in (("criteria", self.criteria), ("levels", self.levels)):
            if len({entry.id for entry in entries}) != len(entries):
                raise broken(f"two {what} share one id")
            if len({entry.name.casefold() for entry in entries}) != len(entries):
                raise broken(f"two {what} share one name")
        return self

    @model_validator(mode="after")
    def _points_rise(self) -> Self:
        points = [level.points for level in self.levels if level.points is not None]
        if points and (len(points) != len(self.levels) or sorted(set(points)) != points):
            raise broken("either no level has points, or every level has more than the one below it")
        return self


class ScoreScale(Value):
    """The range that a score may lie in."""

    minimum: Score = Decimal(0)
    maximum: Score = Decimal(100)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minimum >= self.maximum:
            raise broken("minimum must be below maximum")
        return self
