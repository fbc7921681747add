"""Stories: why a learner was awarded something, and what became of it, as values for programs and for people.

Names of assessors, private notes and who pressed which key stay out: a story is for the learner and the registrar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from ler_issuer.types import JsonObject, Url

Grounds: TypeAlias = Literal["results", "stack", "recognition"]
"""What an award rests on."""


@dataclass(frozen=True, slots=True)
class ActStory:
    """Something that was done to a credential after it was issued: what, why as a code, and when."""

    act: str
    reason_code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NeighbourStory:
    """The credential before or after one of the same award, and why the later took the place of the earlier."""

    credential_id: str
    reason_code: str | None
    explain: Url


@dataclass(frozen=True, slots=True)
class CredentialStory:
    """A credential: what it is for, when it was earned and issued, how it stands now, and what was done to it."""

    id: str
    achievement_id: str
    achievement: Url
    key: str
    version: int
    name: str
    description: str
    earned_at: datetime
    issued_at: datetime
    valid_until: datetime | None
    standing: str
    level: str | None
    replaces: NeighbourStory | None
    replaced_by: NeighbourStory | None
    history: tuple[ActStory, ...]


@dataclass(frozen=True, slots=True)
class RatingStory:
    """What one criterion was rated at: `place` is that of the level among `places`, counted from the lowest."""

    criterion: str
    level: str | None
    place: int | None
    places: int
    not_applicable: bool


@dataclass(frozen=True, slots=True)
class ResultStory:
    """A result that an award rests on: where it came from and when, what kind of person rated, and what they said.

    `counts` says whether it still does; if not, `because` is `corrected`, `withdrawn` or `import_undone`.
    """

    id: str
    source: str
    source_id: str
    revision: int
    status: str
    assessment: str | None
    attempt: int
    assessed_at: datetime
    recorded_at: datetime
    rated_by: str
    ratings: tuple[RatingStory, ...]
    overall: str | None
    score: str | None
    participation: JsonObject | None
    section: JsonObject | None
    counts: bool
    because: str | None


@dataclass(frozen=True, slots=True)
class DecisionStory:
    """What was decided on the facts: when, in one sentence, requirement by requirement, and the trace that says why."""

    decided_at: datetime
    consequence: str
    sentence: str
    requirements: tuple[str, ...]
    trace: JsonObject


@dataclass(frozen=True, slots=True)
class RequirementStory:
    """A requirement of a stacking rule, and the ids of the credentials that met it."""

    pointer: str
    name: str
    sentence: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartStory:
    """A credential that a stacked one rests on, in short; `explain` tells its own story."""

    credential_id: str
    name: str
    earned_at: datetime
    standing: str
    level: str | None
    experience_kind: str | None
    grounds: Grounds
    sentence: str
    explain: Url


@dataclass(frozen=True, slots=True)
class StackStory:
    """How a stacked credential was earned: the exact rule, when it was evaluated, and what met which requirement."""

    rule: Url
    rule_id: str
    key: str
    name: str
    version: int
    policy: str
    evaluated_at: datetime
    requirements: tuple[RequirementStory, ...]
    parts: tuple[PartStory, ...]


@dataclass(frozen=True, slots=True)
class RecognitionStory:
    """Why something that was earned elsewhere counts here; `achievement` and `issuer` are those of the original."""

    id: str
    kind: str
    recorded_at: datetime
    withdrawn_at: datetime | None
    achievement: Url | None
    issuer: str | None


@dataclass(frozen=True, slots=True)
class CaseStory:
    """A question that was raised about a stacked credential, because parts of it stopped counting or its rule changed.

    `parts` are those that were lost: `[{"credential", "because"}]`.
    """

    id: str
    state: str
    policy: str
    reason_code: str
    parts: tuple[dict[str, str], ...]
    still_met: bool
    opened_at: datetime
    deadline: datetime | None
    resolved_at: datetime | None
    resolution: str | None
    resolution_code: str | None
    replacement_id: str | None


@dataclass(frozen=True, slots=True)
class AboveStory:
    """A stacked credential that rests on this one, with the questions that were raised because of this one."""

    credential_id: str
    name: str
    standing: str
    explain: Url
    cases: tuple[CaseStory, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """The whole story of one award.

    What it rests on: `results`, read on a `rubric` or in a `score_range` by an `award_rule`; or a `stack` of other
    credentials; or a `recognition`. `decision` is the one that the credential tells of, `since` what was decided after
    it. Then the stacked credentials that rest on it, and the questions that were raised about it.
    """

    learner_id: str
    issuer: str
    time_zone: str
    credential: CredentialStory
    grounds: Grounds
    decision: DecisionStory
    results: tuple[ResultStory, ...]
    rubric: JsonObject | None
    score_range: JsonObject | None
    award_rule: JsonObject | None
    stack: StackStory | None
    recognition: RecognitionStory | None
    since: DecisionStory | None
    rests_on_it: tuple[AboveStory, ...]
    cases: tuple[CaseStory, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The issuer's time zone, in which its days are counted."""
        return ZoneInfo(self.time_zone)
