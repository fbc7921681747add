"""Selective disclosure: what of a badge is always shown, and what a verifier can tell of what is not.

A holder shows part of a badge and leaves the rest out. What a verifier needs of every badge is not theirs to leave out:
whose it is, what was achieved, who says so, and whether it still stands. What was left out nobody can know from what is
shown; a report says at least which parts such a badge may have, and which results its achievement describes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Final

from ler_issuer import vc
from ler_issuer.assessments import AssessorKind, Evidence, ExperienceKind
from ler_issuer.assessments import Disclosure as Audience
from ler_issuer.badges.achievements import PublishedAchievement
from ler_issuer.badges.composing import AwardFacts, Circumstances, HashedIdentifier, IssuerProfile, Subject, draft
from ler_issuer.badges.derivations import Derivation
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.types import Json, JsonObject, Pointer
from ler_issuer.vc import CheckId, Finding, Known, Outcome

FLOOR: Final[tuple[Pointer, ...]] = (
    "/issuer",
    "/validFrom",
    "/validUntil",
    "/credentialStatus",
    "/credentialSchema",
    "/refreshService",
    "/termsOfUse",
    "/relatedResource",
    "/credentialSubject/identifier",
    "/credentialSubject/achievement",
)
"""What is always shown, where a badge has it.

Ids and types of what is shown come along by themselves, and with them the learner's DID.
"""

UNBOUNDED: Final[tuple[Pointer, ...]] = ("/evidence", "/relatedResource")
"""What learners' badges have any number of; so may an achievement name it without knowing."""

PHRASES: Final = ("when it was awarded", "evidence", "results", "the credits earned", "when the activity took place")
"""What may be missing of a badge that bears on what it is worth, as reports call it."""

_MOST_NAMES: Final = 20
_SOME_DAY: Final = date(2026, 1, 1)
_SOME_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


# ── What is always shown ─────────────────────────────────────────────────────────────────────────────────────────────
def mandatory_for(document: JsonObject, named: Sequence[str]) -> tuple[Pointer, ...]:
    """Give what of a badge is always shown: the floor, then what its achievement names, as far as the badge has it."""
    pointers = chain(FLOOR, chain.from_iterable(_pointers(document, one) for one in named))
    return tuple(pointer for pointer in dict.fromkeys(pointers) if _has(document, pointer))


def _pointers(document: JsonObject, named: str) -> Iterator[Pointer]:
    """Give where a badge has what an achievement names: by a pointer, or by what a result is about."""
    if not named.startswith("#"):
        yield named
        return
    subject = document["credentialSubject"]
    described = f"{subject['achievement']['id']}{named}"
    for number, result in enumerate(subject.get("result", ())):
        if result["resultDescription"] == described:
            yield f"/credentialSubject/result/{number}"


def unmatched_pointers(published: PublishedAchievement, issuer: IssuerProfile) -> tuple[str, ...]:
    """Give what an achievement names to be always shown and none of its badges could ever have.

    Looked for in a badge of it that has everything. Which of its results one has, and so in which place, differs from
    learner to learner: any of them may stand in every place. Of what is `UNBOUNDED` there may be any number.
    """
    disclosure = published.definition.disclosure
    if disclosure is None:
        return ()
    fullest = _fullest(published, issuer)
    subject = fullest["credentialSubject"]
    any_result = {name: value for one in subject["result"] for name, value in one.items()}
    anywhere = {**fullest, "credentialSubject": {**subject, "result": [any_result] * len(subject["result"])}}
    return tuple(
        one
        for one in disclosure.mandatory
        if not (one in FLOOR or _is_unbounded(one))
        if not any(_has(anywhere, pointer) for pointer in _pointers(fullest, one))
    )


def _is_unbounded(pointer: Pointer) -> bool:
    return any(pointer == place or pointer.startswith(f"{place}/") for place in UNBOUNDED)


def _has(document: JsonObject, pointer: Pointer) -> bool:
    try:
        vc.select(document, [pointer])
    except vc.Unselectable:
        return False
    return True


def _fullest(published: PublishedAchievement, issuer: IssuerProfile) -> JsonObject:
    """Compose a badge of nobody's that has every part which a badge of this achievement can have."""
    rubric = published.definition.rubric
    criteria, level = ((), "") if rubric is None else (rubric.criteria, rubric.levels[0].id)
    circumstances = Circumstances(
        role="role",
        term="term",
        course="course",
        section="section",
        session="session",
        assessment="assessment",
        started_on=_SOME_DAY,
        ended_on=_SOME_DAY,
        hours=Decimal(1),
        experience_kind=ExperienceKind.INTERNSHIP,
        experience="experience",
        partner="partner",
        assessor_kind=AssessorKind.FACULTY,
        assessor="assessor",
        recognition="recognition",
        recognised_achievement="achievement",
        recognised_issuer="issuer",
    )
    identifier = HashedIdentifier("emailAddress", "sha256$0", "salt")
    evidence = Evidence(id="https://a.edu/evidence", name="Evidence", disclosure=Audience.IN_CREDENTIAL)
    derivation = Derivation("https://a.edu/rule", "Rule", "0" * 64, _SOME_TIME, "By a rule.", (), ())
    award = AwardFacts(
        assessed_at=_SOME_TIME,
        overall=level or None,
        levels={one.id: level for one in criteria},
        score=Decimal(1),
        credits=Decimal(1),
        circumstances=circumstances,
        evidence=(evidence,),
    )
    whole = draft(
        award,
        achievement=published,
        issuer=issuer,
        subject=Subject("did:example:learner", identifier),
        entries=[{"id": "urn:entry", "type": "BitstringStatusListEntry"}],
        credential_id="urn:uuid:00000000-0000-4000-8000-000000000000",
        now=_SOME_TIME,
        derivation=derivation,
    )
    return whole.whole()


_OUTCOMES: Final = ("achievedLevel", "value", "status")
"""The members of a result that say how it went (OB 3.0, Result)."""


# ── What a report says of a view ─────────────────────────────────────────────────────────────────────────────────────
def disclosure_findings(document: JsonObject, known: Known = Known.NO) -> Iterator[Finding]:
    """Say of a document with a derived proof what its holder showed of it, and what may have been left out.

    Goes by the document alone. Whoever could ask the issuer what else there is would learn what the holder hid. Of an
    issuer that is `known` as one of ours its status and its end are always shown, where there are any (`FLOOR`); others
    may let their holders withhold them.
    """
    shown = next((numbers for _, proof in vc.members(document, "proof") if (numbers := vc.counted(proof))), None)
    if shown is None:
        return
    yield _found(Outcome.PASS, "view_of_holder", "/proof", "{} + {}".format(*shown))
    absent = [] if known is Known.HERE else [*vc.standing_not_shown(document)]
    if absent:
        yield _found(Outcome.WARNING, "standing_not_shown", "", ", ".join(absent))
    subjects = [one for one in vc.as_list(document.get("credentialSubject")) if isinstance(one, dict)]
    if not any("achievement" in one for one in subjects):
        return
    results = [name for one in subjects for name in _results_not_shown(one)]
    if results:
        told = ", ".join(islice(results, _MOST_NAMES))
        yield _found(Outcome.WARNING, "results_not_shown", "/credentialSubject/result", told)
    told_of_subjects = {name for one in subjects for name in one}
    told_of = (
        "awardedDate" in document,
        "evidence" in document,
        "result" in told_of_subjects or bool(results),
        "creditsEarned" in told_of_subjects,
        not told_of_subjects.isdisjoint({"activityStartDate", "activityEndDate"}),
    )
    absent = [phrase for phrase, is_told in zip(PHRASES, told_of, strict=True) if not is_told]
    if absent:
        yield _found(Outcome.PASS, "optional_parts_not_shown", "", ", ".join(absent))


def _results_not_shown(subject: JsonObject) -> Iterator[str]:
    """Name the results that the achievement describes and the subject does not show, by name or else by id.

    A result of which is shown what it is about, and not how it went, is not shown.
    """
    told = (one for one in _objects(subject.get("result")) if any(name in one for name in _OUTCOMES))
    shown = {vc.id_of(one.get("resultDescription")) for one in told}
    for achievement in _objects(subject.get("achievement")):
        for described in _objects(achievement.get("resultDescription")):
            name, known = described.get("name"), vc.id_of(described)
            if known not in shown:
                yield name if isinstance(name, str) else known or "?"


def _objects(value: Json) -> Iterator[JsonObject]:
    return (one for one in vc.as_list(value) if isinstance(one, dict))


def _found(outcome: Outcome, code: str, pointer: Pointer, detail: str) -> Finding:
    return vc.finding(CheckId.DISCLOSURE, outcome, code, pointer, detail=detail, messages=MESSAGES)
