"""Achievements in Open Badges terms: the `Achievement` object and the ids inside it.

A credential carries the achievement whole, so that a verifier reads what was asked and what was reached without asking
us. Everything is derived from the definition that an administrator wrote; nothing is stored twice.

Ids are fragments of the achievement's id and stay the same in every version, so that results of different versions can
be compared::

    …/achievements/01J#criterion/purpose               a criterion
    …/achievements/01J#criterion/purpose/proficient    one of its levels
    …/achievements/01J#overall, #overall/proficient    the overall level
    …/achievements/01J#score, #mean                    the score, the mean over assessments
    …/achievements/01J#ext/hours                       a circumstance that Open Badges has no term for

The slash keeps criterion `a-b` with level `c` apart from criterion `a` with level `b-c`: ids of ours contain none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ler_issuer.assessments import CriteriaAtLeast, MeanAtLeast, OverallAtLeast, ScoreAtLeast, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from decimal import Decimal

    from ler_issuer.assessments import Level, Rubric
    from ler_issuer.badges.model import AchievementDefinition, Alignment
    from ler_issuer.types import Json, JsonObject, Url

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

CONTEXTS = (CREDENTIALS_V2, OPEN_BADGES)
"""The contexts of everything that we issue, in the order that Open Badges requires."""


class Circumstance(StrEnum):
    """A fact about how something was earned that stacking rules read and Open Badges has no term for.

    It travels as a result of its own type (`ext:hours`) with a result description of its own (`#ext/hours`).
    """

    HOURS = "hours"
    EXPERIENCE_KIND = "experienceKind"
    EXPERIENCE = "experience"
    PARTNER = "partner"
    ASSESSOR_KIND = "assessorKind"
    ASSESSOR = "assessor"
    ASSESSMENT = "assessment"
    COURSE = "course"
    SECTION = "section"
    SESSION = "session"
    RECOGNITION = "recognition"
    RECOGNISED_ACHIEVEMENT = "recognisedAchievement"
    RECOGNISED_ISSUER = "recognisedIssuer"
    EVALUATED_AT = "evaluatedAt"


_CIRCUMSTANCE_NAMES = {
    Circumstance.HOURS: "Hours",
    Circumstance.EXPERIENCE_KIND: "Kind of experience",
    Circumstance.EXPERIENCE: "Experience (pseudonym)",
    Circumstance.PARTNER: "Partner organisation (pseudonym)",
    Circumstance.ASSESSOR_KIND: "Kind of assessor",
    Circumstance.ASSESSOR: "Assessor (pseudonym)",
    Circumstance.ASSESSMENT: "Assessment",
    Circumstance.COURSE: "Course",
    Circumstance.SECTION: "Section",
    Circumstance.SESSION: "Academic session",
    Circumstance.RECOGNITION: "Recognised on the grounds of",
    Circumstance.RECOGNISED_ACHIEVEMENT: "Recognised achievement",
    Circumstance.RECOGNISED_ISSUER: "Issuer of the recognised achievement",
    Circumstance.EVALUATED_AT: "Time of evaluation",
}


@dataclass(frozen=True, slots=True)
class PublishedAchievement:
    """One published version of an achievement, and where it is served.

    `id_url` is the same for all versions and has no fragment; `version_url` serves exactly this version for ever.
    """

    id_url: Url
    version: str
    version_url: Url
    definition: AchievementDefinition
    image_url: Url | None = None

    def criterion(self, criterion: str) -> Url:
        """Give the id of the result description of one criterion."""
        return f"{self.id_url}#criterion/{criterion}"

    @property
    def overall(self) -> Url:
        """The id of the result description of the overall level."""
        return f"{self.id_url}#overall"

    @property
    def score(self) -> Url:
        """The id of the description that the score of an award belongs to: the mean's when the rule asks for one."""
        asks_for_mean = any(isinstance(condition, MeanAtLeast) for condition in self.definition.conditions)
        return f"{self.id_url}#{'mean' if asks_for_mean else 'score'}"

    def circumstance(self, circumstance: Circumstance) -> Url:
        """Give the id of the result description of a circumstance."""
        return f"{self.id_url}#ext/{circumstance}"


def given(**members: Json) -> JsonObject:
    """Make an object of the members that say something: Open Badges has neither nulls nor empty arrays."""
    return {name: value for name, value in members.items() if value is not None and value != []}


def number(value: Decimal) -> int | float:
    """Give a decimal of at most two places as a JSON number without exponent."""
    return int(value) if value == value.to_integral_value() else float(value)


def achievement_document(
    published: PublishedAchievement, circumstances: Collection[Circumstance] = tuple(Circumstance)
) -> JsonObject:
    """Give the Open Badges `Achievement` object of a published version.

    A credential names only the `circumstances` that its own results tell; the served achievement describes all of them.
    """
    definition = published.definition
    return given(
        id=published.id_url,
        type=["Achievement"],
        achievementType=definition.achievement_type,
        name=definition.name,
        description=definition.description,
        criteria=given(id=definition.criteria.id, narrative=definition.criteria.narrative),
        version=published.version,
        inLanguage=definition.language,
        related=[{"id": published.version_url, "type": ["Related"], "version": published.version}],
        alignment=[_alignment(one) for one in definition.alignments],
        tag=list(definition.tags),
        image=_image(published),
        creditsAvailable=None if definition.credits is None else number(definition.credits),
        resultDescription=[*_measures(published), *_circumstances(published, circumstances)],
    )


def achievement_resource(published: PublishedAchievement) -> JsonObject:
    """Give the document that `GET /achievements/{id}` serves: the achievement as JSON-LD of its own."""
    return {"@context": list(CONTEXTS), **achievement_document(published)}


def _alignment(alignment: Alignment) -> JsonObject:
    return given(
        type=["Alignment"],
        targetName=alignment.target_name,
        targetUrl=alignment.target_url,
        targetCode=alignment.target_code,
        targetDescription=alignment.target_description,
        targetFramework=alignment.target_framework,
        targetType=alignment.target_type,
    )


def _image(published: PublishedAchievement) -> JsonObject | None:
    if published.image_url is None:
        return None
    picture = published.definition.image
    return given(id=published.image_url, type="Image", caption=None if picture is None else picture.caption)


def _measures(published: PublishedAchievement) -> Iterator[JsonObject]:
    rubric = published.definition.rubric
    if rubric is not None:
        yield from _criteria(published, rubric)
        yield _rated(
            published.overall, "Overall level", rubric.levels, _required_level(published, rubric, OverallAtLeast)
        )
    if published.definition.score is not None:
        yield from _scores(published)


def _criteria(published: PublishedAchievement, rubric: Rubric) -> Iterator[JsonObject]:
    required = _required_level(published, rubric, CriteriaAtLeast)
    for criterion in rubric.criteria:
        yield _rated(published.criterion(criterion.id), criterion.name, rubric.levels, required)


def _rated(described: Url, name: str, levels: tuple[Level, ...], required: str | None) -> JsonObject:
    """Describe something that is rated at one of `levels`, which stand from lowest to highest."""
    return given(
        id=described,
        type=["ResultDescription"],
        name=name,
        resultType="RubricCriterionLevel",
        requiredLevel=None if required is None else f"{described}/{required}",
        rubricCriterionLevel=[
            given(
                id=f"{described}/{level.id}",
                type=["RubricCriterionLevel"],
                name=level.name,
                description=level.description,
                level=str(rank),
                points=None if level.points is None else plain(level.points),
            )
            for rank, level in enumerate(levels, start=1)
        ],
    )


def _required_level(
    published: PublishedAchievement, rubric: Rubric, asks: type[CriteriaAtLeast | OverallAtLeast]
) -> str | None:
    """Find the highest level that conditions of one kind ask for."""
    asked = {one.level for one in published.definition.conditions if isinstance(one, asks)}
    return next((level.id for level in reversed(rubric.levels) if level.id in asked), None)


def _scores(published: PublishedAchievement) -> Iterator[JsonObject]:
    conditions = published.definition.conditions
    means = [one for one in conditions if isinstance(one, MeanAtLeast)]
    scores = [one.minimum for one in conditions if isinstance(one, ScoreAtLeast)]
    if means:
        weighted = any(one.weights is not None for one in means)
        name = "Weighted mean score" if weighted else "Mean score"
        yield _scored(published, "mean", name, max(one.minimum for one in means))
    if scores or not means:
        yield _scored(published, "score", "Score", max(scores, default=None))


def _scored(published: PublishedAchievement, fragment: str, name: str, required: Decimal | None) -> JsonObject:
    scale = published.definition.score
    return given(
        id=f"{published.id_url}#{fragment}",
        type=["ResultDescription"],
        name=name,
        resultType="RawScore",
        valueMin=None if scale is None else plain(scale.minimum),
        valueMax=None if scale is None else plain(scale.maximum),
        requiredValue=None if required is None else plain(required),
    )


def _circumstances(published: PublishedAchievement, told: Collection[Circumstance]) -> Iterator[JsonObject]:
    for circumstance in Circumstance:
        if circumstance in told:
            yield {
                "id": published.circumstance(circumstance),
                "type": ["ResultDescription"],
                "name": _CIRCUMSTANCE_NAMES[circumstance],
                "resultType": f"ext:{circumstance}",
            }
