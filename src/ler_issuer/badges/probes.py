"""The probes of the structure of a credential: vocabularies, types, and the parts that schemas judge too kindly.

The published schemas let a single wrong string pass for a type, so each type is looked at here again, as the public
validator does (openbadges-clr.md §3.2 rows 3, 4, 7, 8, 9). Every probe is a generator of faults that takes any JSON
object and never raises; no fault means that the check passed.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from ler_issuer.badges.achievements import CREDENTIALS_V2, OPEN_BADGES
from ler_issuer.jsontext import escape
from ler_issuer.vc import Outcome, as_list, id_of, members, types_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import Json, JsonObject, Pointer, Url

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"

_VERSIONS = {
    OPEN_BADGES: re.compile(r"https://purl\.imsglobal\.org/spec/ob/v3p0/context(-3\.\d\.\d)*\.json"),
    CLR: re.compile(r"https://purl\.imsglobal\.org/spec/clr/v2p0/context(-2\.\d\.\d)*\.json"),
}
_ALIAS = ("https://purl.imsglobal.org/spec/ob/v3p0/context/ob_v3p0.jsonld", OPEN_BADGES)


class Kind(StrEnum):
    """What kind of credential a document says it is, as far as Open Badges and CLR tell kinds apart."""

    BADGE = "badge"
    CLR = "clr"
    ENDORSEMENT = "endorsement"
    OTHER = "other"


_KINDS = {
    "OpenBadgeCredential": Kind.BADGE,
    "AchievementCredential": Kind.BADGE,
    "ClrCredential": Kind.CLR,
    "EndorsementCredential": Kind.ENDORSEMENT,
}

_EXPECTED = {
    Kind.BADGE: (CREDENTIALS_V2, OPEN_BADGES),
    Kind.CLR: (CREDENTIALS_V2, CLR, OPEN_BADGES),
    Kind.ENDORSEMENT: (CREDENTIALS_V2, OPEN_BADGES),
    Kind.OTHER: (CREDENTIALS_V2,),
}


class Fault(NamedTuple):
    """One thing that a probe found, or the reason why it had nothing to look at."""

    code: str
    pointer: Pointer = ""
    detail: str = ""
    outcome: Outcome = Outcome.FAIL


def kind_of(document: JsonObject) -> Kind:
    """Tell the kind of a credential by its types."""
    for name in types_of(document):
        if name in _KINDS:
            return _KINDS[name]
    return Kind.OTHER


def is_vc11(document: JsonObject) -> bool:
    """Say whether a document is written in version 1.1 of the data model."""
    return as_list(document.get("@context"))[:1] == [CREDENTIALS_V1]


def contexts(document: JsonObject) -> Iterator[Fault]:
    """Look at the vocabularies, place by place; what follows the required ones is judged when the meaning is read."""
    named = document.get("@context")
    if not isinstance(named, list) or not named:
        yield Fault("context_missing", "/@context" if "@context" in document else "")
        return
    expected = _EXPECTED[kind_of(document)]
    for place, (url, wanted) in enumerate(zip(named, expected, strict=False)):
        fault = _context(url, wanted, expected)
        if fault is not None:
            yield fault._replace(pointer=f"/@context/{place}")
    for wanted in expected[len(named) :]:
        yield Fault("context_too_few", "/@context", wanted)


def _context(url: Json, wanted: Url, expected: tuple[Url, ...]) -> Fault | None:
    if url == wanted:
        return None
    if not isinstance(url, str):
        return Fault("context_order", detail=wanted)
    if (url, wanted) == (CREDENTIALS_V1, CREDENTIALS_V2):
        return Fault("vc11", outcome=Outcome.WARNING)
    if wanted in _VERSIONS and _VERSIONS[wanted].fullmatch(url):
        return Fault("context_version", detail=url, outcome=Outcome.WARNING)
    if (url, wanted) == _ALIAS:
        return Fault("context_alias", detail=url, outcome=Outcome.WARNING)
    misplaced = url in expected or any(version.fullmatch(url) for version in _VERSIONS.values())
    return Fault("context_order", detail=wanted) if misplaced else Fault("unknown_context", detail=url)


def types(document: JsonObject) -> Iterator[Fault]:
    """Look for the types that make the document a credential, and a badge if it is about an achievement."""
    if "VerifiableCredential" not in types_of(document):
        yield Fault("not_a_credential", _at(document, "type"))
    about_achievement = any(
        isinstance(subject, dict) and "achievement" in subject for subject in as_list(document.get("credentialSubject"))
    )
    if about_achievement and kind_of(document) is Kind.OTHER:
        yield Fault("badge_type_missing", _at(document, "type"))


def subject(document: JsonObject) -> Iterator[Fault]:
    """Look at whom and what the credential is about."""
    wanted = {Kind.BADGE: "AchievementSubject", Kind.CLR: "ClrSubject", Kind.ENDORSEMENT: "EndorsementSubject"}.get(
        kind_of(document)
    )
    if wanted is None:
        yield Fault("not_a_badge", outcome=Outcome.SKIPPED)
        return
    subjects = list(members(document, "credentialSubject"))
    if not subjects or not isinstance(subjects[0][1], dict):
        yield Fault("subject_missing", _at(document, "credentialSubject"))
        return
    if len(subjects) > 1:
        yield Fault("subject_not_single", "/credentialSubject")
    pointer, about = subjects[0]
    if wanted not in types_of(about):
        yield Fault("subject_type", pointer + _at(about, "type"), wanted)
    yield from _identified(about, pointer)
    if kind_of(document) is not Kind.ENDORSEMENT:
        yield from _achieved(about, pointer, required=kind_of(document) is Kind.BADGE)


def _identified(about: JsonObject, pointer: Pointer) -> Iterator[Fault]:
    named = id_of(about)
    if not (named and named.strip()) and not as_list(about.get("identifier")):
        yield Fault("subject_unidentified", pointer)
    yield from _typed(about, pointer, "identifier", "IdentityObject", "identifier_type")


def _achieved(about: JsonObject, pointer: Pointer, *, required: bool) -> Iterator[Fault]:
    yield from _typed(about, pointer, "result", "Result", "result_type")
    yield from _typed(about, pointer, "source", "Profile", "source_type")
    if required and not isinstance(about.get("achievement"), dict):
        yield Fault("achievement_missing", pointer + _at(about, "achievement"))
        return
    yield from _typed(about, pointer, "achievement", "Achievement", "achievement_type")
    for at, achievement in members(about, "achievement"):
        if isinstance(achievement, dict):
            yield from _achievement(achievement, pointer + at)


def _achievement(achievement: JsonObject, pointer: Pointer) -> Iterator[Fault]:
    criteria = achievement.get("criteria")
    if not isinstance(criteria, dict) or not (criteria.get("id") or criteria.get("narrative")):
        yield Fault("criteria_empty", pointer + _at(achievement, "criteria"))
    yield from _typed(achievement, pointer, "resultDescription", "ResultDescription", "result_description_type")
    for at, description in members(achievement, "resultDescription"):
        if isinstance(description, dict):
            yield from _typed(
                description, pointer + at, "rubricCriterionLevel", "RubricCriterionLevel", "rubric_level_type"
            )


def evidence(document: JsonObject) -> Iterator[Fault]:
    """Look at the types of the evidence."""
    if kind_of(document) not in {Kind.BADGE, Kind.CLR}:
        yield Fault("not_a_badge", outcome=Outcome.SKIPPED)
    elif not as_list(document.get("evidence")):
        yield Fault("no_evidence", outcome=Outcome.SKIPPED)
    else:
        yield from _typed(document, "", "evidence", "Evidence", "evidence_type")


def issuer(document: JsonObject) -> Iterator[Fault]:
    """Look at the types of the issuer and of its parts."""
    if kind_of(document) is Kind.OTHER:
        yield Fault("not_a_badge", outcome=Outcome.SKIPPED)
        return
    profile = document.get("issuer")
    if isinstance(profile, str) and profile:
        yield Fault("issuer_uri", "/issuer", outcome=Outcome.WARNING)
    elif not isinstance(profile, dict) or id_of(profile) is None:
        yield Fault("issuer_missing", _at(document, "issuer"))
    else:
        yield from _typed(document, "", "issuer", "Profile", "issuer_type")
        yield from _typed(profile, "/issuer", "otherIdentifier", "IdentifierEntry", "issuer_identifier_type")
        yield from _typed(profile, "/issuer", "parentOrg", "Profile", "issuer_parent_type")


def _typed(owner: JsonObject, pointer: Pointer, name: str, wanted: str, code: str) -> Iterator[Fault]:
    """Find the values of a member that are not marked as what they have to be."""
    if all(_is_a(value, wanted) for value in as_list(owner.get(name))):
        return
    for at, value in members(owner, name):
        if not _is_a(value, wanted):
            inside = _at(value, "type") if isinstance(value, dict) else ""
            yield Fault(code, pointer + at + inside)


def _is_a(value: Json, wanted: str) -> bool:
    named = value.get("type") if isinstance(value, dict) else None
    return named == wanted or (isinstance(named, list) and wanted in named)


def _at(owner: JsonObject, name: str) -> Pointer:
    """Point to a member, or to its owner when the member is not there."""
    return f"/{escape(name)}" if name in owner else ""
