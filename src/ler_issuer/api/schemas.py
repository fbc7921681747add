"""What goes over the wire besides results and achievements, which are their own wire form."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SkipValidation, StrictInt, StringConstraints

from ler_issuer.api.problems import Problem
from ler_issuer.assessments import Identifier, Name, Result, Text
from ler_issuer.badges import AchievementDefinition
from ler_issuer.mistakes import in_words
from ler_issuer.services.marking import REASON_CODE
from ler_issuer.types import JsonObject

MONTH = 31 * 24 * 60 * 60
"""The longest that a link to a credential stands, in seconds."""

DAY = 24 * 60 * 60

OurStanding: TypeAlias = Literal["current", "expired", "not_yet_valid", "suspended", "revoked", "superseded"]

ReasonCode: TypeAlias = Annotated[str, StringConstraints(pattern=f"^{REASON_CODE}$")]
"""Why, as a code that others may see; what must stay private belongs into the note."""


class Asked(BaseModel):
    """A request body; what it does not know it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Told(BaseModel):
    """An answer, read off the value that a use case gave."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


# ── Results ──────────────────────────────────────────────────────────────────────────────────────────────────────────
class Batch(Asked):
    """Results to record, each by itself: an item of the wrong shape gets a problem, the others are recorded."""

    items: Annotated[list[Annotated[Result | Any, SkipValidation]], Field(min_length=1, max_length=1_000)]


class ReceiptOut(Told):
    """What became of a result, and why: `trace` explains the award rule."""

    result_id: str
    outcome: Literal["awarded", "not_yet", "pending", "superseded", "recorded"]
    duplicate: bool
    credential_id: str | None = None
    trace: JsonObject | None = None


class BatchOut(Told):
    """A receipt or a problem for each item, in their order."""

    items: list[ReceiptOut | Problem]


# ── Achievements ─────────────────────────────────────────────────────────────────────────────────────────────────────
class AchievementLine(Told):
    """The newest version of an achievement, in a list."""

    id: str
    key: str
    uri: str
    name: str
    version: int
    state: Literal["draft", "published"]
    digest: str
    published_at: datetime | None = None
    in_force_from: datetime | None = None


class AchievementOut(Told):
    """One version of an achievement, as its issuer sees it."""

    id: str
    key: str
    uri: str
    version: int
    state: Literal["draft", "published"]
    digest: str
    published_at: datetime | None = None
    in_force_from: datetime | None = None
    definition: AchievementDefinition


class AchievementPage(Told):
    """Some achievements by key, and where to go on, when there are more."""

    items: list[AchievementLine]
    next_cursor: str | None


# ── Credentials ──────────────────────────────────────────────────────────────────────────────────────────────────────
class CredentialLine(Told):
    """A credential, as it is found: never who it is about, only their id."""

    id: str
    award_id: str
    learner_id: str
    achievement_id: str
    import_id: str | None = None
    replaces_id: str | None = None
    standing: OurStanding
    valid_from: datetime
    valid_until: datetime | None = None
    created_at: datetime
    updated_at: datetime
    digest: str


class ActOut(Told):
    """One act in the history of a credential's status."""

    act: str
    reason_code: str
    at: datetime


class CredentialOut(CredentialLine):
    """A credential with its document, why it was awarded, and what happened to it since."""

    document: JsonObject
    trace: JsonObject
    history: list[ActOut]


class CredentialPage(Told):
    """Some credentials, and where to go on, when there are more."""

    items: list[CredentialLine]
    next_cursor: str | None


class ReasonIn(Asked):
    """Why a status changes: a code that others may see, and a note that they never do."""

    reason_code: ReasonCode
    note: Text | None = None


class LinkIn(Asked):
    """How long a link stands."""

    expires_in_seconds: Annotated[StrictInt, Field(ge=60, le=MONTH)] = DAY


class LinkOut(Told):
    """A link to a credential; whoever has `url` can fetch it until `expires_at`."""

    link_id: str
    url: str
    expires_at: datetime


_A_POINTER = "JSON Pointer: that is empty, for all of the credential, or begins with '/' (/credentialSubject/result/0)"


class PartIn(Asked):
    """What of a credential is to be shown, besides what always is: JSON Pointers into it."""

    selective_pointers: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^(/.*)?$", max_length=2_000), in_words(_A_POINTER)]],
        Field(alias="selectivePointers", max_length=400),
    ]


class PartOut(Told):
    """A part of a credential, for others to see; and for who asked, which parts of the credential it shows and not."""

    document: JsonObject
    shown: list[str]
    withheld: list[str]


# ── Learners and events ──────────────────────────────────────────────────────────────────────────────────────────────
class LearnerIn(Asked):
    """How a source knows a learner."""

    identifiers: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=10)]


class LearnerOut(Told):
    """A learner, by our id."""

    learner_id: str


class HoldIn(Asked):
    """Why a learner's awards wait; stays private."""

    reason: Name


class LiftedOut(Told):
    """The awards that were issued when a hold was lifted."""

    released: list[str]


class EventOut(Told):
    """Something that changed: ids and codes only."""

    seq: int
    id: str
    type: str
    object_id: str
    data: JsonObject
    at: datetime


class EventPage(Told):
    """Some events in order, and the number to ask on from (`after`)."""

    items: list[EventOut]
    next: int
