"""What goes over the wire about stacking rules besides their definitions, which are their own wire form."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from ler_issuer.api.schemas import Asked, Told
from ler_issuer.assessments import Moment
from ler_issuer.stacking import Policy, StackDefinition
from ler_issuer.stacking.versions import Transition

State: TypeAlias = Literal["draft", "tested", "published", "retired"]


class PublicationIn(Asked):
    """What becomes of those who started under an older version.

    `pin`: they keep it; `grace`: until `grace_until` the old version or the new one will do; `migrate`: the new one
    applies to everybody, and credentials that it does not bear out become cases.
    """

    transition: Transition = Transition.PIN
    grace_until: Moment | None = None


class RuleLine(Told):
    """The newest version of a rule, in a list; `achievement` is the key of what it earns."""

    id: str
    key: str
    uri: str
    achievement: str
    version: int
    state: State
    digest: str
    transition: Transition | None = None
    grace_until: datetime | None = None
    published_at: datetime | None = None
    in_force_from: datetime | None = None
    retired_at: datetime | None = None


class RuleOut(RuleLine):
    """One version of a rule, as its issuer sees it.

    `digest` is that of the definition; `text_digest` the SHA-256 of what is served at `{uri}/versions/{version}`.
    """

    text_digest: str | None = None
    drafted_at: datetime
    tested_at: datetime | None = None
    definition: StackDefinition


class RulePage(Told):
    """Some rules by key, and where to go on, when there are more."""

    items: list[RuleLine]
    next_cursor: str | None


class BackAwardOut(Told):
    """How far a version was applied to those who earned its parts before it was published.

    Of `total` learners `done` were looked at; that `awarded` so many stacked credentials and opened so many `cases`.
    `overtaken`: the version after it, or its retirement, ended it.
    """

    version: int
    state: Literal["running", "done", "overtaken"]
    total: int
    done: int
    awarded: int
    cases: int
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None


class BackAwardList(Told):
    """The back-awards of all versions, the newest first."""

    items: list[BackAwardOut]


class PublishedOut(RuleOut):
    """A version that is published, and how far it was applied when this was answered; the worker does the rest."""

    back_award: BackAwardOut


class ChangeOut(Told):
    """A learner who would gain or lose a stacked credential.

    `achievement` and `rule` are keys, `version` that of the rule that applies to the learner; `unit` is the one in
    whose course the last part was earned, or `unknown`.
    """

    learner_id: str
    achievement: str
    rule: str
    version: int
    unit: str


class LossOut(ChangeOut):
    """A learner who would no longer have earned what is out; `policy` says what would happen to it."""

    policy: Policy


class Tally(Told):
    """How many would gain, and how many lose."""

    gain: int
    lose: int


class PreviewOut(Told):
    """What publishing would do; of `learners`, all whom it may concern."""

    learners: int
    gain: list[ChangeOut]
    lose: list[LossOut]
    by_achievement: dict[str, Tally]
    by_unit: dict[str, Tally]
