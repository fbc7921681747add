"""Bundles: the credentials inside a learner record, and what they make of it.

The proof around a record covers what its members say, but not which of them says it: statements can change places
between two members, and the signature of the record still holds. Only the members' own proofs bind them. So each is
judged by itself, as if it had come alone, and nothing is shown of one that did not verify.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ler_issuer import vc
from ler_issuer.badges.probes import Kind, kind_of
from ler_issuer.badges.relations import record_problems
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.vc import CheckId, Finding, Member, Outcome, Report, Standing, Verdict

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject, Pointer

MOST_MEMBERS = 1_000
"""Credentials of one record that are judged; the bounds on a document leave room for a few hundred ordinary ones."""

_OUT_OF_TIME = {
    Standing.REVOKED: "member_revoked",
    Standing.SUSPENDED: "member_suspended",
    Standing.EXPIRED: "member_expired",
    Standing.NOT_YET_VALID: "member_not_yet_valid",
}

_STANDING_CODES = frozenset({"revoked", "expired", "not_yet_valid"})
"""The failures that say nothing against a credential but that it does not stand now."""


def bundled(document: Json) -> tuple[tuple[Pointer, Json], ...]:
    """Give the credentials that a document bundles, each with its place, whatever the document says that it is."""
    if not isinstance(document, dict):
        return ()
    return tuple(
        (place + at, member)
        for place, subject in vc.members(document, "credentialSubject")
        if isinstance(subject, dict)
        for at, member in vc.members(subject, "verifiableCredential")
    )


def companion(pointer: Pointer, document: Json, report: Report) -> Member:
    """Give a credential that came along with another, with its own report."""
    said = document if isinstance(document, dict) else {}
    named, name = said.get("id"), said.get("name")
    return Member(pointer, report, named if isinstance(named, str) else None, name if isinstance(name, str) else None)


def check(document: JsonObject, members: Sequence[Member] | None) -> Iterator[Finding]:
    """Say what the members of a record came to, and whether their relations hang together.

    `members` are all that `bundled` gives, judged; None leaves them an open question. Of a document that is no record
    and bundles nothing there is nothing to say.
    """
    inside = bundled(document)
    is_record = kind_of(document) is Kind.CLR
    if members is None and (inside or is_record):
        yield _unjudged(len(inside))
    documents = dict(inside)
    for one in members or ():
        yield _found(CheckId.CLR_MEMBER, *_worth(one.report, documents[one.pointer]), one.pointer)
    if is_record:
        yield from _relations(document)


def _unjudged(count: int) -> Finding:
    code = "too_many_members" if count > MOST_MEMBERS else "members_unchecked"
    detail = f"{count} of {MOST_MEMBERS}"
    return _found(CheckId.CLR_MEMBER, Outcome.INDETERMINATE, code, "/credentialSubject", detail)


def _worth(report: Report, document: Json) -> tuple[Outcome, str]:
    """Say what a member's own report means for the record around it.

    A forgery spoils the record. A member that was revoked or has expired does not: that happens to genuine records, and
    a person decides what the rest is worth.
    """
    failures = {found.code for found in report.checks if found.outcome is Outcome.FAIL}
    if failures - _STANDING_CODES:
        return Outcome.FAIL, "member_unacceptable" if report.authentic else "member_not_authentic"
    if report.standing in _OUT_OF_TIME:
        return Outcome.WARNING, _OUT_OF_TIME[report.standing]
    if not report.authentic or any(found.outcome is Outcome.INDETERMINATE for found in report.checks):
        return Outcome.INDETERMINATE, "member_open"
    if report.verdict is not Verdict.ACCEPTED:
        unknown = any(found.code == "issuer_unknown" for found in report.checks)
        return Outcome.WARNING, "member_issuer_unknown" if unknown else "member_for_review"
    if not isinstance(document, dict) or kind_of(document) is Kind.OTHER:
        return Outcome.WARNING, "member_of_other_kind"
    return Outcome.PASS, "member_verified"


def _relations(document: JsonObject) -> Iterator[Finding]:
    """Judge how members and achievements hang together; how achievements relate is a check of its own."""
    faults = record_problems(document)
    for fault in faults:
        about = CheckId.CLR_MEMBER if fault.code.startswith("member_") else CheckId.CLR_ASSOCIATION
        yield _found(about, fault.outcome, fault.code, fault.pointer, fault.detail)
    if all(fault.code.startswith("member_") for fault in faults):
        relates = any(vc.as_list(subject.get("association")) for subject in _subjects(document))
        outcome, code = (Outcome.PASS, "associations_sound") if relates else (Outcome.SKIPPED, "no_associations")
        yield _found(CheckId.CLR_ASSOCIATION, outcome, code)


def _subjects(document: JsonObject) -> Iterator[JsonObject]:
    return (one for one in vc.as_list(document.get("credentialSubject")) if isinstance(one, dict))


def _found(check_id: CheckId, outcome: Outcome, code: str, pointer: Pointer = "", detail: str = "") -> Finding:
    return vc.finding(check_id, outcome, code, pointer, detail=detail, messages=MESSAGES)
