"""Composing a credential: from an award to the unsigned `OpenBadgeCredential`.

Whatever a stacking rule may ask about an award stands in the credential, in Open Badges terms, so that a stack can be
recomputed by whoever holds its parts; `badges.holdings` reads it from there alone.

Persons other than the learner stay out: an assessor and a partner organisation appear as pseudonyms that are the same
within one learner's credentials, so that rules can ask for *different* assessors, and mean nothing elsewhere.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from ler_issuer.assessments import AssessorKind, Disclosure, Evidence, ExperienceKind, plain
from ler_issuer.badges.achievements import CONTEXTS, Circumstance, achievement_document, given, number
from ler_issuer.badges.derivations import is_reason, reasons, resources
from ler_issuer.badges.model import CountsFrom
from ler_issuer.vc import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ler_issuer.assessments import Identifier
    from ler_issuer.badges.achievements import PublishedAchievement
    from ler_issuer.badges.derivations import Derivation
    from ler_issuer.badges.model import Validity
    from ler_issuer.types import Did, JsonObject, Url

_FINEST = Decimal("0.000001")
_NONE_RATED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class IssuerProfile:
    """An issuer as its credentials show it; `id` is its DID."""

    id: Did
    name: str
    url: Url
    email: str | None = None
    image: Url | None = None


@dataclass(frozen=True, slots=True)
class HashedIdentifier:
    """A learner's identifier that can be recognised by who knows it and read by nobody; `hashed` is `sha256$hex`."""

    type: str
    hashed: str
    salt: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a credential is about: the learner's DID when a wallet is bound, otherwise a hashed identifier.

    `further` are identifiers by which the parts of a stacked credential name the same learner.
    """

    did: Did | None = None
    identifier: HashedIdentifier | None = None
    further: tuple[HashedIdentifier, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a subject that is nobody."""
        if self.did is None and self.identifier is None:
            raise ValueError("a subject has a DID or an identifier")

    @classmethod
    def hashed(cls, identifier: Identifier, *, salt: str) -> Self:
        """Hide an identifier, in its normalised form, behind the learner's salt."""
        normal = identifier.normalised()
        return cls(identifier=HashedIdentifier(normal.type, identity_hash(normal.value, salt), salt))


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """How something was earned; `experience`, `partner` and `assessor` are pseudonyms (see `pseudonym`).

    `term` is the title of the academic session; `course`, `section` and `session` are ids. `recognition` names the
    grounds when something earned elsewhere was recognised: `recognised_achievement`, by `recognised_issuer`.
    """

    role: str | None = None
    term: str | None = None
    course: str | None = None
    section: str | None = None
    session: str | None = None
    assessment: str | None = None
    started_on: date | None = None
    ended_on: date | None = None
    hours: Decimal | None = None
    experience_kind: ExperienceKind | None = None
    experience: str | None = None
    partner: str | None = None
    assessor_kind: AssessorKind | None = None
    assessor: str | None = None
    recognition: str | None = None
    recognised_achievement: str | None = None
    recognised_issuer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardFacts:
    """What was decided about one award, as far as its credential tells.

    `assessed_at` is that of the deciding result. `overall` is a level id, `levels` maps criterion ids to level ids,
    `score` is the score or, when the award rule asks for one, the mean. `credits` are those of this award, where they
    are other than the achievement's. Evidence is passed whole; what may not leave is left out here.
    """

    assessed_at: datetime
    overall: str | None = None
    levels: Mapping[str, str] = field(default_factory=lambda: _NONE_RATED)
    score: Decimal | None = None
    credits: Decimal | None = None
    circumstances: Circumstances = field(default_factory=Circumstances)
    evidence: tuple[Evidence, ...] = ()


def identity_hash(value: str, salt: str) -> str:
    """Hash an identifier as Open Badges `IdentityHash`: SHA-256 over identifier and appended salt, in UTF-8."""
    return f"sha256${hashlib.sha256(f'{value}{salt}'.encode()).hexdigest()}"


def pseudonym(kind: str, value: str, *, key: bytes) -> str:
    """Give the pseudonym of an assessor, partner or experience (`kind`) within the credentials of one learner.

    `key` belongs to one learner and must be secret: the salt of hashed identifiers will not do, because credentials
    carry it, and whoever knows the key can test guesses of `value`.
    """
    return hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:32]


def valid_until(validity: Validity | None, *, assessed_at: datetime, issued_at: datetime) -> datetime | None:
    """Give the end of a validity period: calendar months in UTC, at most to the last day of the month reached.

    The end may already have passed when the period counts from an assessment long ago; `draft` then refuses.
    """
    if validity is None:
        return None
    start = (assessed_at if validity.counts_from is CountsFrom.ASSESSMENT else issued_at).astimezone(UTC)
    years, month = divmod(start.month - 1 + validity.months, 12)
    year = start.year + years
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day, microsecond=0)


@dataclass(frozen=True, slots=True)
class Draft:
    """An unsigned credential in short: where the whole one shows its issuer and achievement, `short` names their ids.

    All that one learner's credential has of its own stands in `short`, and with it everything that varies. `told` are
    the circumstances that its results tell.
    """

    short: JsonObject
    achievement: PublishedAchievement
    issuer: IssuerProfile
    told: frozenset[Circumstance]

    def whole(self, short: JsonObject | None = None) -> JsonObject:
        """Write the credential as it is signed, or that of another such `short` part."""
        given_short = self.short if short is None else short
        subject = {
            **given_short["credentialSubject"],
            "achievement": achievement_document(self.achievement, self.told),
        }
        return {**given_short, "issuer": profile(self.issuer), "credentialSubject": subject}


def draft(  # noqa: PLR0913 - what a credential is made of
    award: AwardFacts,
    *,
    achievement: PublishedAchievement,
    issuer: IssuerProfile,
    subject: Subject,
    entries: Sequence[JsonObject],
    credential_id: str,
    now: datetime,
    derivation: Derivation | None = None,
) -> Draft:
    """Compose the unsigned Open Badges 3.0 credential of an award (openbadges-clr.md §6.1).

    `entries` are its `credentialStatus` entries: one of them stands alone, as Open Badges wants it; those of a
    suspendable achievement (revocation and suspension) stand in an array. `derivation` says what a stacked credential
    was earned with.

    Raises:
        ValueError: there is no status entry, so that the credential could never be withdrawn; its validity ended before
            `now`; or evidence of the learner's would be taken for the derivation.

    """
    if not entries:
        raise ValueError("a credential needs a status entry")
    evidence = [_evidence(item) for item in award.evidence if item.disclosure is Disclosure.IN_CREDENTIAL]
    if derivation is not None and any(map(is_reason, evidence)):
        raise ValueError("evidence of the learner's has a genre by which the derivation is told")
    ends = valid_until(achievement.definition.validity, assessed_at=award.assessed_at, issued_at=now)
    if ends is not None and ends <= now:
        raise ValueError("the validity period ended before the credential was issued")
    told = _told(award.circumstances)
    if derivation is not None:
        told[Circumstance.EVALUATED_AT] = stamp(derivation.evaluated_at)
    short = given(
        **{"@context": list(CONTEXTS)},
        id=credential_id,
        type=["VerifiableCredential", "OpenBadgeCredential"],
        name=achievement.definition.name,
        issuer=issuer.id,
        validFrom=stamp(now),
        awardedDate=stamp(award.assessed_at),
        validUntil=None if ends is None else stamp(ends),
        credentialSubject=_subject(award, achievement, subject, derivation, told),
        evidence=[*(() if derivation is None else reasons(derivation)), *evidence],
        relatedResource=None if derivation is None else resources(derivation),
        credentialStatus=entries[0] if len(entries) == 1 else list(entries),
    )
    return Draft(short, achievement, issuer, frozenset(told))


def profile(issuer: IssuerProfile) -> JsonObject:
    """Write the `Profile` of an issuer."""
    return given(
        id=issuer.id,
        type=["Profile"],
        name=issuer.name,
        url=issuer.url,
        email=issuer.email,
        image=None if issuer.image is None else {"id": issuer.image, "type": "Image"},
    )


def _subject(
    award: AwardFacts,
    achievement: PublishedAchievement,
    subject: Subject,
    derivation: Derivation | None,
    told: Mapping[Circumstance, str],
) -> JsonObject:
    worth = achievement.definition.credits if award.credits is None else award.credits
    return given(
        id=subject.did,
        type=["AchievementSubject"],
        identifier=[identity(one) for one in (subject.identifier, *subject.further) if one is not None],
        activityStartDate=_midnight(award.circumstances.started_on),
        activityEndDate=_midnight(award.circumstances.ended_on),
        role=award.circumstances.role,
        term=award.circumstances.term,
        narrative=None if derivation is None else derivation.sentence,
        creditsEarned=None if worth is None else number(worth),
        achievement=achievement.version_url,
        result=[*_results(award, achievement), *_circumstances(told, achievement)],
    )


def identity(identifier: HashedIdentifier) -> JsonObject:
    """Write the `IdentityObject` of a learner's identifier."""
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": identifier.hashed,
        "identityType": identifier.type,
        "salt": identifier.salt,
    }


def _midnight(day: date | None) -> str | None:
    """Write a date as Open Badges wants it, as a date-time."""
    return None if day is None else f"{day.isoformat()}T00:00:00Z"


def _results(award: AwardFacts, achievement: PublishedAchievement) -> Iterator[JsonObject]:
    rubric = achievement.definition.rubric
    place = {criterion.id: rank for rank, criterion in enumerate(rubric.criteria)} if rubric else {}
    for criterion in sorted(award.levels, key=lambda one: place.get(one, len(place))):
        yield _level(achievement.criterion(criterion), award.levels[criterion])
    if award.overall is not None:
        yield _level(achievement.overall, award.overall)
    if award.score is not None and achievement.definition.score is not None:
        yield _value(achievement.score, plain(told_score(award.score)))


def told_score(score: Decimal) -> Decimal:
    """Cut a score to the six places that a threshold can have, downwards: it meets the same thresholds as before."""
    return score.quantize(_FINEST, rounding=ROUND_FLOOR)


def _level(described: Url, level: str) -> JsonObject:
    return {"type": ["Result"], "resultDescription": described, "achievedLevel": f"{described}/{level}"}


def _value(described: Url, value: str) -> JsonObject:
    return {"type": ["Result"], "resultDescription": described, "value": value}


def _told(circumstances: Circumstances) -> dict[Circumstance, str]:
    """Give the circumstances that Open Badges has no term for, as far as they are known."""
    known = {
        Circumstance.HOURS: None if circumstances.hours is None else plain(circumstances.hours),
        Circumstance.EXPERIENCE_KIND: circumstances.experience_kind,
        Circumstance.EXPERIENCE: circumstances.experience,
        Circumstance.PARTNER: circumstances.partner,
        Circumstance.ASSESSOR_KIND: circumstances.assessor_kind,
        Circumstance.ASSESSOR: circumstances.assessor,
        Circumstance.ASSESSMENT: circumstances.assessment,
        Circumstance.COURSE: circumstances.course,
        Circumstance.SECTION: circumstances.section,
        Circumstance.SESSION: circumstances.session,
        Circumstance.RECOGNITION: circumstances.recognition,
        Circumstance.RECOGNISED_ACHIEVEMENT: circumstances.recognised_achievement,
        Circumstance.RECOGNISED_ISSUER: circumstances.recognised_issuer,
    }
    return {circumstance: str(value) for circumstance, value in known.items() if value is not None}


def _circumstances(told: Mapping[Circumstance, str], achievement: PublishedAchievement) -> Iterator[JsonObject]:
    for circumstance, value in told.items():
        yield _value(achievement.circumstance(circumstance), value)


def _evidence(item: Evidence) -> JsonObject:
    return given(
        id=item.id,
        type=["Evidence"],
        name=item.name,
        description=item.description,
        narrative=item.narrative,
        genre=item.genre,
        audience=item.audience,
    )
