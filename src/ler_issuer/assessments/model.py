"""What was assessed: results, the rubrics they are rated on, and who rated in which setting.

These models are both the value inside the service and its form on the wire (REST bodies, CSV rows, YAML files), so that
a result means the same whichever door it came through. Instants keep the text they came with until `content` reads them
in the issuer's time zone.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from ler_issuer.assessments.values import (
    LONGEST_NAME,
    YEARS,
    Credits,
    Day,
    Hours,
    Name,
    Score,
    SourceName,
    Text,
    Value,
    instant,
    plain,
)
from ler_issuer.mistakes import broken

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ler_issuer.types import JsonObject


class AssessorKind(StrEnum):
    """Who rated."""

    FACULTY = "faculty"
    STAFF = "staff"
    SUPERVISOR = "supervisor"
    COMMUNITY_PARTNER = "community_partner"
    PEER = "peer"
    AUTOMATED = "automated"


class ExperienceKind(StrEnum):
    """The setting of an assessment."""

    COURSE = "course"
    SERVICE_LEARNING = "service_learning"
    INTERNSHIP = "internship"
    RESEARCH = "research"
    VOLUNTEERING = "volunteering"
    EMPLOYMENT = "employment"
    MILITARY_SERVICE = "military_service"
    STUDY_ABROAD = "study_abroad"
    CO_CURRICULAR = "co_curricular"


class ResultStatus(StrEnum):
    """How far a result may be relied on: only `final` awards; `exempt` satisfies without entering a mean."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    INCOMPLETE = "incomplete"
    EXEMPT = "exempt"
    WITHDRAWN = "withdrawn"


class Disclosure(StrEnum):
    """Where an evidence item may go."""

    IN_CREDENTIAL = "in_credential"
    ON_REQUEST = "on_request"
    INTERNAL = "internal"


IDENTIFIER_TYPES = frozenset(
    {
        "name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber",
        "isbn", "issn", "lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId",
        "ltiToolId", "ltiPlatformId", "ltiUserId", "identifier",
    }
)  # fmt: skip
"""The `identityType` values of Open Badges 3.0; others are written `ext:…`."""

_EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]*[A-Za-z0-9][A-Za-z0-9._-]*")


def _known_identifier_type(value: str) -> str:
    if value not in IDENTIFIER_TYPES and not _EXTENSION.fullmatch(value):
        raise ValueError("not an Open Badges identityType (for example emailAddress, sourcedId, ext:eppn)")
    return value


IdentifierType = Annotated[str, StringConstraints(max_length=60), AfterValidator(_known_identifier_type)]
"""A kind of identifier, in the terms of Open Badges `identityType`."""


class Identifier(Value):
    """One identifier of a learner, in the terms of Open Badges `identityType`."""

    type: IdentifierType
    value: Name

    @model_validator(mode="after")
    def _still_fits_in_lower_case(self) -> Self:
        if len(self._folded()) > LONGEST_NAME:
            raise broken(f"longer than {LONGEST_NAME} characters in lower case", "/value")
        return self

    def _folded(self) -> str:
        return self.value.lower() if self.type in {"emailAddress", "ext:eppn"} else self.value

    def normalised(self) -> Identifier:
        """Give the one form that is matched, stored and hashed: trimmed; e-mail addresses and `ext:eppn` lower case."""
        folded = self._folded()
        return self if folded == self.value else self.model_copy(update={"value": folded})


class LearnerRef(Value):
    """How a source names a learner: at least one identifier, and the learner's DID when a wallet is bound."""

    identifiers: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=10)]
    did: Annotated[str, StringConstraints(pattern=r"^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$", max_length=500)] | None = None

    def normalised(self) -> tuple[Identifier, ...]:
        """Give the identifiers, each in the form in which it is matched."""
        return tuple(one.normalised() for one in self.identifiers)


def _number_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


LevelName = Annotated[
    Name, BeforeValidator(_number_as_text), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]})
]
"""A level, by id, by name, or by its number counted from 1."""


class Rating(Value):
    """The level that one criterion was rated at, or that the criterion does not apply.

    `criterion` and `level` are ids of the rubric, or its names; a level may also be its number counted from 1 (lowest).
    """

    criterion: Name
    level: LevelName | None = None
    not_applicable: StrictBool = False

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.level is None) != self.not_applicable:
            raise broken('give either "level" or "not_applicable": true')
        return self


class Assessor(Value):
    """Who rated."""

    kind: AssessorKind
    id: Name | None = None
    name: Name | None = None


class Experience(Value):
    """The setting of an assessment; `source_id` is its id in the sending system."""

    source_id: Name
    kind: ExperienceKind
    name: Name | None = None
    partner: Name | None = None
    started_on: Day | None = None
    ended_on: Day | None = None


class Participation(Value):
    """A learner's part in an experience; hours are counted once, however many results point here."""

    experience: Experience
    role: Name | None = None
    hours: Hours | None = None
    started_on: Day | None = None
    ended_on: Day | None = None


class Unit(Value):
    """The part of the institution that gives a course: a school, a department."""

    source_id: Name
    name: Name | None = None


class Course(Value):
    """What is taught, whenever and to whomever."""

    source_id: Name
    title: Name | None = None
    code: Annotated[Name, StringConstraints(max_length=64)] | None = None
    unit: Unit | None = None


class Session(Value):
    """A stretch of the academic calendar: a term, a semester."""

    source_id: Name
    title: Name | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None


class Section(Value):
    """The class in which something was assessed: a course as it was given in one session; credits count once for it.

    The source ids of sections, courses, sessions and units are the registrar's: the same whichever system sends them.
    """

    source_id: Name
    title: Name | None = None
    credits: Credits | None = None
    course: Course | None = None
    session: Session | None = None


class Evidence(Value):
    """Work or a record that supports a result; it leaves the service only as far as `disclosure` says."""

    id: (
        Annotated[
            str,
            StringConstraints(pattern=r"^(https://|urn:)[^\s<>\"{}|\\^`#]+(#[^\s<>\"{}|\\^`#]*)?$", max_length=2_000),
        ]
        | None
    ) = None
    name: Text | None = None
    description: Text | None = None
    narrative: Text | None = None
    genre: Name | None = None
    audience: Name | None = None
    disclosure: Disclosure = Disclosure.INTERNAL


class Result(Value):
    """What an assessor says about one learner at one time.

    Identified by (issuer, `source`, `source_id`, `revision`). Carries either `ratings` on a rubric or a `score`;
    a withdrawn, incomplete or exempt result may carry neither.
    """

    source: SourceName
    source_id: Name
    revision: Annotated[StrictInt, Field(ge=0, lt=2**62)] = 1
    learner: LearnerRef
    achievement: Name | None = None
    assessment: Name | None = None
    attempt: Annotated[StrictInt, Field(ge=1, le=1_000)] = 1
    ratings: Annotated[tuple[Rating, ...], Field(max_length=50)] = ()
    overall_level: LevelName | None = None
    score: Score | None = None
    result_status: ResultStatus = ResultStatus.FINAL
    assessor: Assessor
    participation: Participation | None = None
    section: Section | None = None
    assessed_at: Annotated[str, StringConstraints(max_length=40)]
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()

    @field_validator("assessed_at")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("not an ISO 8601 date or date-time, for example 2026-05-04T14:30:00Z") from None
        if read.year not in YEARS:
            raise ValueError(f"the year {read.year} is no year of an assessment")
        return value

    @model_validator(mode="after")
    def _rated_or_scored(self) -> Self:
        if self.ratings and self.score is not None:
            raise broken('give either "ratings" or "score", not both', "/score")
        said = bool(self.ratings) or self.score is not None or self.overall_level is not None
        if self.result_status is ResultStatus.FINAL and not said:
            raise broken('a final result has "ratings" or a "score"', "/ratings")
        criteria = [rating.criterion.casefold() for rating in self.ratings]
        if len(criteria) != len(set(criteria)):
            raise broken("a criterion is rated twice", "/ratings")
        return self

    def instant(self, zone: ZoneInfo) -> datetime:
        """Give the time of assessment in UTC with whole seconds; a time without offset is read in the issuer's zone."""
        return instant(self.assessed_at, zone)

    def content(self, zone: ZoneInfo) -> JsonObject:
        """Give what the result says, in one form: two deliveries of the same result have equal content.

        Left out are the revision (it is identity, not content) and differences of spelling: order of identifiers and
        ratings, case of e-mail addresses, offset of the time of assessment, trailing zeros of decimals.
        """
        said: JsonObject = self.model_dump(mode="json", exclude_none=True, exclude={"revision"})
        said["assessed_at"] = self.instant(zone).isoformat()
        said["learner"]["identifiers"] = sorted(
            ({"type": one.type, "value": one.value} for one in self.learner.normalised()),
            key=lambda one: (one["type"], one["value"]),
        )
        said["ratings"] = sorted(said["ratings"], key=lambda one: str(one["criterion"]))
        if self.score is not None:
            said["score"] = plain(self.score)
        if self.participation is not None and self.participation.hours is not None:
            said["participation"]["hours"] = plain(self.participation.hours)
        if self.section is not None and self.section.credits is not None:
            said["section"]["credits"] = plain(self.section.credits)
        return said
