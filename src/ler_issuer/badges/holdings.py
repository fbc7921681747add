"""Holdings as a stacking rule sees them: read from a credential alone.

The inverse of `composing.draft`. Because nothing is looked up elsewhere, a stack can be evaluated from the parts that
a learner shows, and what our own database says about an award can be checked against what was signed. Open Badges of
others are read as far as their terms go: results under descriptions that are not of our form say nothing to a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ler_issuer.assessments import AssessorKind, ExperienceKind
from ler_issuer.badges.achievements import Circumstance
from ler_issuer.badges.composing import Circumstances
from ler_issuer.badges.derivations import is_reason
from ler_issuer.badges.references import read_number
from ler_issuer.vc import as_list, id_of, instant, issuer_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from ler_issuer.types import Did, Json, JsonObject, Url


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingFacts:
    """What a stacking rule can read about a holding, all of it from the credential.

    `id` is that of the credential, `scale` the levels of the overall rating from lowest to highest, as they are ranked:
    the order in which they stand is not signed. `genres` are those of the learner's evidence: what a stacked credential
    says about its parts is not among them.
    """

    id: str
    achievement: Url
    version: str | None
    issuer: Did
    awarded_at: datetime | None
    valid_from: datetime
    valid_until: datetime | None
    overall: str | None
    scale: tuple[str, ...]
    levels: Mapping[str, str]
    score: Decimal | None
    credits: Decimal | None
    circumstances: Circumstances
    genres: tuple[str, ...]
    alignments: tuple[Url, ...]


def holding_of(credential: JsonObject) -> HoldingFacts:
    """Read from a credential what a stacking rule can ask about it; of one that we composed, all that went into it.

    It says what the credential claims: verify it first. Takes any JSON object.

    Raises:
        ValueError: the document does not say what every Open Badge has to: which it is, who awarded what, and when.

    """
    subject = _object(credential.get("credentialSubject"))
    achievement = _object(subject.get("achievement"))
    named, issuer, achieved = id_of(credential), issuer_id(credential), id_of(achievement)
    valid_from = _moment(credential, "validFrom", "issuanceDate")
    if named is None or issuer is None or achieved is None or valid_from is None:
        raise ValueError("not a credential that says which it is, who awarded what, and when")
    told = _told(subject, f"{achieved}#")
    return HoldingFacts(
        id=named,
        achievement=achieved,
        version=_text(achievement.get("version")),
        issuer=issuer,
        awarded_at=_moment(credential, "awardedDate"),
        valid_from=valid_from,
        valid_until=_moment(credential, "validUntil", "expirationDate"),
        overall=told.get("overall"),
        scale=_scale(achievement, f"{achieved}#overall"),
        levels={
            name.removeprefix("criterion/"): level for name, level in told.items() if name.startswith("criterion/")
        },
        score=read_number(told.get("mean", told.get("score"))),
        credits=_amount(subject.get("creditsEarned")),
        circumstances=_circumstances(subject, told),
        genres=tuple(_genres(credential, stacked=_EXT[Circumstance.EVALUATED_AT] in told)),
        alignments=tuple(
            target
            for one in as_list(achievement.get("alignment"))
            if (target := _text(_object(one).get("targetUrl"))) is not None
        ),
    )


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _amount(value: Json) -> Decimal | None:
    """Read a JSON number as it is written."""
    return None if isinstance(value, bool) or not isinstance(value, int | float) else read_number(str(value))


def _moment(credential: JsonObject, *names: str) -> datetime | None:
    """Read the first of these members that is there.

    Raises:
        ValueError: it is no instant; taken for none, a credential that has ended would go on.

    """
    for name in names:
        if name in credential:
            moment = instant(credential[name])
            if moment is None:
                raise ValueError(f"{name} cannot be read")
            return moment
    return None


def _told(subject: JsonObject, prefix: str) -> dict[str, str]:
    """Map the fragment of each result's description to what was reached: the id of a level, or the value.

    What is told twice and differently says nothing: the order of results is not signed.
    """
    reached: dict[str, set[str]] = {}
    for result in map(_object, as_list(subject.get("result"))):
        described, level = _text(result.get("resultDescription")), _text(result.get("achievedLevel"))
        told = _text(result.get("value")) if level is None else level
        if described is not None and told is not None and described.startswith(prefix):
            reached.setdefault(described.removeprefix(prefix), set()).add(told.removeprefix(f"{described}/"))
    return {fragment: told for fragment, (told, *others) in reached.items() if not others}


def _scale(achievement: JsonObject, described: str) -> tuple[str, ...]:
    """Give the ids of the levels of a result description by rank; none when their ranks do not say which is higher."""
    levels = [
        _object(level)
        for description in as_list(achievement.get("resultDescription"))
        if id_of(description) == described
        for level in as_list(_object(description).get("rubricCriterionLevel"))
    ]
    ranked = {
        rank: named.removeprefix(f"{described}/")
        for level in levels
        if (rank := read_number(level.get("level"))) is not None and (named := id_of(level)) is not None
    }
    return tuple(ranked[rank] for rank in sorted(ranked)) if len(ranked) == len(levels) else ()


_EXT = {circumstance: f"ext/{circumstance}" for circumstance in Circumstance}
"""The fragment of the description under which each circumstance is told."""


def _circumstances(subject: JsonObject, told: Mapping[str, str]) -> Circumstances:
    ext = {circumstance: told.get(fragment) for circumstance, fragment in _EXT.items()}
    return Circumstances(
        role=_text(subject.get("role")),
        term=_text(subject.get("term")),
        course=ext[Circumstance.COURSE],
        section=ext[Circumstance.SECTION],
        session=ext[Circumstance.SESSION],
        assessment=ext[Circumstance.ASSESSMENT],
        started_on=_day(subject.get("activityStartDate")),
        ended_on=_day(subject.get("activityEndDate")),
        hours=read_number(ext[Circumstance.HOURS]),
        experience_kind=_EXPERIENCE_KINDS.get(ext[Circumstance.EXPERIENCE_KIND] or ""),
        experience=ext[Circumstance.EXPERIENCE],
        partner=ext[Circumstance.PARTNER],
        assessor_kind=_ASSESSOR_KINDS.get(ext[Circumstance.ASSESSOR_KIND] or ""),
        assessor=ext[Circumstance.ASSESSOR],
        recognition=ext[Circumstance.RECOGNITION],
        recognised_achievement=ext[Circumstance.RECOGNISED_ACHIEVEMENT],
        recognised_issuer=ext[Circumstance.RECOGNISED_ISSUER],
    )


_ASSESSOR_KINDS = {kind.value: kind for kind in AssessorKind}
_EXPERIENCE_KINDS = {kind.value: kind for kind in ExperienceKind}
"""The kinds by name; one that is not known here is as good as none."""


def _day(value: Json) -> date | None:
    moment = instant(value)
    return None if moment is None else moment.date()


def _genres(credential: JsonObject, *, stacked: bool) -> Iterator[str]:
    for item in as_list(credential.get("evidence")):
        genre = _text(_object(item).get("genre"))
        if genre is not None and not (stacked and is_reason(item)):
            yield genre
