"""Award rules as data: what results it takes to earn an achievement.

A rule picks the results that count (which assessments, which attempt, which of several raters) and states conditions
on them. It is written in JSON or YAML, for example::

    {"conditions": [{"type": "criteria", "level": "proficient"}]}
    {"each_of": ["1752", "1753"], "conditions": [{"type": "mean", "minimum": 40}]}
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from ler_issuer.assessments.values import Key, Name, Score, SourceName, Value
from ler_issuer.mistakes import broken


class Attempts(StrEnum):
    """Which attempt at one assessment counts."""

    BEST = "best"
    LATEST = "latest"


class Raters(StrEnum):
    """How several raters of one attempt combine: the last to rate, the lowest of each, or the mean.

    A rater who rates an attempt again replaces the earlier rating.
    """

    SINGLE = "single"
    LOWEST = "lowest"
    MEAN = "mean"


class CriteriaAtLeast(Value):
    """Every applicable criterion is rated at `level` or above, and at least one is applicable."""

    type: Literal["criteria"]
    level: Key


class OverallAtLeast(Value):
    """The overall level is `level` or above."""

    type: Literal["overall"]
    level: Key


class ScoreAtLeast(Value):
    """The score is `minimum` or more."""

    type: Literal["score"]
    minimum: Score


class MeanAtLeast(Value):
    """The mean score over the counted assessments is `minimum` or more.

    With `weights`, each assessment counts by its weight, and one without a weight does not count.
    """

    type: Literal["mean"]
    minimum: Score
    weights: dict[Name, Annotated[Score, Field(ge=0)]] | None = None


Condition = Annotated[CriteriaAtLeast | OverallAtLeast | ScoreAtLeast | MeanAtLeast, Field(discriminator="type")]


class AwardRule(Value):
    """What it takes: `conditions` on the counted result of each assessment.

    With `each_of`, every assessment named must have a counted result that meets the conditions, and no other assessment
    is looked at. Otherwise at least `minimum_assessments` different assessments must; a result that names no
    assessment is one by itself. `mean` is taken over all counted assessments together. With `source`, only results of
    that source count: two systems may call different assessments alike.

    Only final results count. An exemption satisfies its assessment and enters no mean, but exemptions alone earn
    nothing: an award says that somebody was assessed. For each assessment one attempt counts (`attempts`): the highest
    numbered, or the one that does best by the conditions. Within it, `raters` combines several raters' results.
    """

    conditions: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=10)]
    source: SourceName | None = None
    each_of: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    minimum_assessments: Annotated[StrictInt, Field(ge=1, le=200)] = 1
    attempts: Attempts = Attempts.LATEST
    raters: Raters = Raters.SINGLE

    @model_validator(mode="after")
    def _one_way_to_count(self) -> Self:
        if len(set(self.each_of)) != len(self.each_of):
            raise broken("each_of names an assessment twice")
        if self.each_of and self.minimum_assessments > 1:
            raise broken("each_of asks for all its assessments: leave minimum_assessments out")
        for condition in self.conditions:
            if isinstance(condition, MeanAtLeast) and condition.weights is not None:
                if not any(condition.weights.values()):
                    raise broken("the weights add up to nothing", "/conditions")
                if set(condition.weights) != set(self.each_of):
                    raise broken("weights must name exactly the assessments of each_of, which they need", "/conditions")
        return self
