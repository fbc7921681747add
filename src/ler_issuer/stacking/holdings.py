"""Holdings as stacking rules see them: what a learner holds, how it was earned, and whether it stands at a given time.

The same values are built from our database, rebuilt from signed credentials alone, and read from a file by whoever
wants to try a rule without an installation.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from ler_issuer.assessments import AssessorKind, ExperienceKind, Hours, Key, Moment, Name, Score, Value
from ler_issuer.mistakes import broken

Reference = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00-\x1f\x7f]*$")
]
"""The id of an achievement, an issuer or a holding: a URL or a DID in credentials, any one name in files."""


class Holds(StrEnum):
    """Whether a holding stands, its dates aside."""

    CURRENT = "current"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


class Act(StrEnum):
    """What can be done to a credential after it was issued."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    SUPERSEDE = "supersede"


class RecognitionKind(StrEnum):
    """On what grounds something earned elsewhere counts here."""

    TRANSFER = "transfer"
    PRIOR_LEARNING = "prior_learning"


class StatusAct(Value):
    """Something that was done to a credential, and when."""

    act: Act
    at: Moment


class Recognised(Value):
    """Why a holding counts though it was not assessed here; `achievement` and `issuer` are those of the original."""

    kind: RecognitionKind
    achievement: Reference | None = None
    issuer: Reference | None = None


class Holding(Value):
    """Something that a learner holds.

    `awarded_at` is when it was earned (the time of the deciding assessment), `valid_from` and `valid_until` bound its
    validity. `standing` is what it is now; `acts` tell when that came about, so that another time can be asked about.
    `level` is the overall level reached, `scale` the levels of its rubric from lowest to highest. `experience`,
    `partner` and `assessor` may be pseudonyms: they are only ever compared with each other.
    """

    id: Reference
    achievement: Reference
    awarded_at: Moment
    version: Name | None = None
    issuer: Reference | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    standing: Holds = Holds.CURRENT
    acts: Annotated[tuple[StatusAct, ...], Field(max_length=200)] = ()
    level: Key | None = None
    scale: Annotated[tuple[Key, ...], Field(max_length=50)] = ()
    score: Score | None = None
    credits: Score | None = None
    hours: Hours | None = None
    experience: Name | None = None
    experience_kind: ExperienceKind | None = None
    course: Name | None = None
    section: Name | None = None
    session: Name | None = None
    partner: Name | None = None
    assessor: Name | None = None
    assessor_kind: AssessorKind | None = None
    recognised: Recognised | None = None

    @model_validator(mode="after")
    def _on_its_scale(self) -> Self:
        if self.scale and self.level is not None and self.level not in self.scale:
            raise broken(f"the level {self.level!r} is not one of the scale", "/level")
        if len(set(self.scale)) != len(self.scale):
            raise broken("the scale names a level twice", "/scale")
        return self

    def stands(self, at: datetime) -> bool:
        """Say whether the holding counts at a time: earned, valid, and neither suspended, revoked nor superseded.

        With `acts` the last one up to `at` decides, and nothing undoes a revocation or a replacement; without any,
        `standing` holds for all times.
        """
        if (self.valid_from or self.awarded_at) > at:
            return False
        if self.valid_until is not None and self.valid_until <= at:
            return False
        if not self.acts:
            return self.standing is Holds.CURRENT
        before = sorted((one for one in self.acts if one.at <= at), key=lambda one: one.at)
        if any(one.act in {Act.REVOKE, Act.SUPERSEDE} for one in before):
            return False
        return not before or before[-1].act is Act.REINSTATE
