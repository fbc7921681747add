"""Holdings as a stacking rule sees them: read from a credential alone.

The inverse of `composing.compose`. Because nothing is looked up elsewhere, a stack can be evaluated from the parts that
a learner shows, and what our own database says about an award can be checked against what was signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ler_issuer.assessments import AssessorKind, ExperienceKind
from ler_issuer.badges.achievements import Circumstance
from ler_issuer.badges.composing import Circumstances

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ler_issuer.types import Did, Json, JsonObject, Url


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingFacts:
    """What a stacking rule can read about a holding, all of it from the credential."""

    achievement: Url
    version: str | None
    issuer: Did
    awarded_at: datetime | None
    valid_from: datetime
    valid_until: datetime | None
    overall: str | None
    levels: Mapping[str, str]
    score: Decimal | None
    credits: Decimal | None
    circumstances: Circumstances
    genres: tuple[str, ...]
    alignments: tuple[Url, ...]


def holding_of(credential: JsonObject) -> HoldingFacts:
    """Read from a credential that we composed what a stacking rule can ask about it; the inverse of `compose`.

    It says what the credential claims: verify it first.

    Raises:
        ValueError: the credential is not of the form that `compose` writes.

    """
    try:
        return _holding(credential)
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"not a credential that was composed here: {error!r}") from None


def _holding(credential: JsonObject) -> HoldingFacts:
    subject = credential["credentialSubject"]
    achievement = subject["achievement"]
    told = _read_results(subject.get("result", []), f"{achievement['id']}#")
    score = told.get("mean", told.get("score"))
    return HoldingFacts(
        achievement=achievement["id"],
        version=achievement.get("version"),
        issuer=credential["issuer"]["id"],
        awarded_at=_read(credential.get("awardedDate")),
        valid_from=datetime.fromisoformat(credential["validFrom"]),
        valid_until=_read(credential.get("validUntil")),
        overall=told.get("overall"),
        levels={
            name.removeprefix("criterion/"): level for name, level in told.items() if name.startswith("criterion/")
        },
        score=None if score is None else Decimal(score),
        credits=None if "creditsEarned" not in subject else Decimal(str(subject["creditsEarned"])),
        circumstances=_read_circumstances(subject, told),
        genres=tuple(item["genre"] for item in credential.get("evidence", []) if "genre" in item),
        alignments=tuple(item["targetUrl"] for item in achievement.get("alignment", [])),
    )


def _read(instant: Json) -> datetime | None:
    return None if instant is None else datetime.fromisoformat(instant)


def _read_results(results: list[JsonObject], prefix: str) -> dict[str, str]:
    """Map the fragment of each result's description to what was reached: a level id, or the value."""
    reached = {}
    for result in results:
        described = result["resultDescription"]
        level = result.get("achievedLevel")
        told = result["value"] if level is None else level.removeprefix(f"{described}/")
        reached[described.removeprefix(prefix)] = told
    return reached


def _read_circumstances(subject: JsonObject, told: Mapping[str, str]) -> Circumstances:
    ext = {circumstance: told.get(f"ext/{circumstance}") for circumstance in Circumstance}
    hours, experience, assessor = (
        ext[one] for one in (Circumstance.HOURS, Circumstance.EXPERIENCE_KIND, Circumstance.ASSESSOR_KIND)
    )
    started, ended = _read(subject.get("activityStartDate")), _read(subject.get("activityEndDate"))
    return Circumstances(
        role=subject.get("role"),
        term=subject.get("term"),
        section=ext[Circumstance.SECTION],
        assessment=ext[Circumstance.ASSESSMENT],
        started_on=None if started is None else started.date(),
        ended_on=None if ended is None else ended.date(),
        hours=None if hours is None else Decimal(hours),
        experience_kind=None if experience is None else ExperienceKind(experience),
        experience=ext[Circumstance.EXPERIENCE],
        partner=ext[Circumstance.PARTNER],
        assessor_kind=None if assessor is None else AssessorKind(assessor),
        assessor=ext[Circumstance.ASSESSOR],
    )
