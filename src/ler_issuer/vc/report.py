"""What verification found: findings, and the three answers that are drawn from them.

A report answers apart whether the credential is *authentic* (signed by its issuer and unchanged), what its *standing*
is (current, expired, revoked …) and what the *verdict* is (accepted, review, rejected). One boolean would let an
employer see green on a revoked badge, or take an unreachable host for a forgery.

Credentials that come along (bundled in a record, or shown as parts of a stack) have reports of their own, below. Of one
that did not itself verify nothing is shown but where it stands and what is wrong with it: the signature around it does
not vouch for it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ler_issuer.vc.wording import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ler_issuer.types import JsonObject, Pointer
    from ler_issuer.vc.material import Source

LONGEST_DETAIL = 200
"""Characters of a judged document that a message may repeat; the rest is cut."""


class Outcome(StrEnum):
    """How one check ended; `indeterminate` is *could not be checked*, and is never a failure."""

    PASS = "pass"  # noqa: S105 - an outcome, no password
    FAIL = "fail"
    WARNING = "warning"
    INDETERMINATE = "indeterminate"
    SKIPPED = "skipped"


class CheckId(StrEnum):
    """The checks, in the order in which a report lists them."""

    INPUT_FORMAT = "input.format"
    CONTEXT_ORDER = "context.order"
    JSONLD_SAFE = "jsonld.safe"
    TYPE = "type"
    SCHEMA_BASE = "schema.base"
    SCHEMA_DECLARED = "schema.declared"
    SUBJECT_MODEL = "subject.model"
    EVIDENCE_TYPES = "evidence.types"
    ISSUER_TYPES = "issuer.types"
    RESULT_REFS = "result.refs"
    PROOF_PRESENT = "proof.present"
    PROOF_SUITE = "proof.suite"
    PROOF_KEY = "proof.key"
    PROOF_CONTROLLER = "proof.controller"
    PROOF_SIGNATURE = "proof.signature"
    JWT_CLAIMS = "jwt.claims"
    PRESENTATION = "presentation"
    REFRESH = "refresh"
    STATUS = "status"
    TIME_VALID_FROM = "time.validFrom"
    TIME_VALID_UNTIL = "time.validUntil"
    ENDORSEMENT = "endorsement"
    ENDORSEMENT_TARGET = "endorsement.target"
    CLR_MEMBER = "clr.member"
    CLR_ASSOCIATION = "clr.association"
    DERIVATION_PARTS = "derivation.parts"
    DERIVATION_DIGESTS = "derivation.digests"
    DERIVATION_RULE = "derivation.rule"
    DERIVATION_OUTCOME = "derivation.outcome"
    RECIPIENT = "recipient"
    TRUST = "trust"


class Standing(StrEnum):
    """What an authentic credential is worth at the moment of judging."""

    CURRENT = "current"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What to do with the credential; `review` asks a person."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    REJECTED = "rejected"


class Known(StrEnum):
    """From where the issuer is known: issued for here, listed in a registry of the caller, or not at all."""

    HERE = "here"
    REGISTRY = "registry"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check at one place.

    `code` is stable, `message` is a plain sentence, `pointer` a JSON Pointer into the judged document. `detail` is what
    the message repeats of it, and `evidence` what the check rests on besides the document.
    """

    id: CheckId
    outcome: Outcome
    code: str
    message: str
    pointer: Pointer = ""
    detail: str = ""
    evidence: tuple[Source, ...] = ()

    def to_json(self) -> JsonObject:
        """Give the finding as `POST /v1/verify` answers it; `pointer` is left out when it is the whole document."""
        body: JsonObject = {"id": self.id, "outcome": self.outcome, "code": self.code, "message": self.message}
        return body | {"pointer": self.pointer} if self.pointer else body


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about one credential, and what follows from them.

    `issuer_id` and `claimed_name` are what the document says of itself; `known` is what we know of that id. `members`
    are the credentials that it bundles, `parts` those that were shown along with it, each judged by itself.
    """

    checks: tuple[Finding, ...]
    authentic: bool
    standing: Standing
    verdict: Verdict
    issuer_id: str | None
    claimed_name: str | None
    known: Known
    summary: str
    members: tuple[Member, ...] = ()
    parts: tuple[Member, ...] = ()

    def to_json(self) -> JsonObject:
        """Give the report as `POST /v1/verify` answers it; `members` and `parts` only when there are any."""
        body: JsonObject = {
            "verdict": self.verdict,
            "standing": self.standing,
            "authentic": self.authentic,
            "issuer": {"id": self.issuer_id, "claimed_name": self.claimed_name, "known": self.known},
            "summary": self.summary,
            "checks": [finding.to_json() for finding in self.checks],
        }
        for name, along in (("members", self.members), ("parts", self.parts)):
            if along:
                body[name] = [one.to_json() for one in along]
        return body


@dataclass(frozen=True, slots=True)
class Member:
    """A credential that came along with another, judged by itself; `pointer` says where it stood.

    `credential_id` and `name` are what it says of itself; they are shown only when it verified.
    """

    pointer: Pointer
    report: Report
    credential_id: str | None = None
    name: str | None = None

    @property
    def verified(self) -> bool:
        """Whether its issuer signed it as it is, and nothing speaks against it."""
        return self.report.authentic and self.report.verdict is not Verdict.REJECTED

    def to_json(self) -> JsonObject:
        """Give its report, or of one that did not verify only the place, the verdict and what is wrong with it.

        One that its issuer really signed also says how it stands: revoked is not forged.
        """
        place: JsonObject = {"pointer": self.pointer, "verdict": self.report.verdict}
        if self.verified:
            return {**place, "id": self.credential_id, "name": self.name, **self.report.to_json()}
        if self.report.authentic:
            place |= {"standing": self.report.standing, "authentic": True}
        return {**place, "checks": [found.to_json() for found in self.report.checks if found.outcome in _AMISS]}


PROOF_CHECKS = (
    CheckId.JSONLD_SAFE,
    CheckId.PROOF_PRESENT,
    CheckId.PROOF_SUITE,
    CheckId.PROOF_KEY,
    CheckId.PROOF_CONTROLLER,
    CheckId.PROOF_SIGNATURE,
)
"""The checks that together make a document authentic."""

_PERIOD_OR_STATUS = {
    CheckId.STATUS: {"revoked": Standing.REVOKED, "suspended": Standing.SUSPENDED},
    CheckId.TIME_VALID_FROM: {"not_yet_valid": Standing.NOT_YET_VALID},
    CheckId.TIME_VALID_UNTIL: {"expired": Standing.EXPIRED},
}

_GRAVEST_FIRST = (
    Standing.REVOKED,
    Standing.SUPERSEDED,
    Standing.EXPIRED,
    Standing.NOT_YET_VALID,
    Standing.SUSPENDED,
    Standing.UNKNOWN,
)

_TOLD_FIRST = (
    CheckId.INPUT_FORMAT,
    CheckId.PROOF_PRESENT,
    CheckId.PROOF_SIGNATURE,
    CheckId.PROOF_CONTROLLER,
    CheckId.PROOF_KEY,
    CheckId.PROOF_SUITE,
    CheckId.CONTEXT_ORDER,
    CheckId.JSONLD_SAFE,
    CheckId.STATUS,
    CheckId.TIME_VALID_UNTIL,
    CheckId.TIME_VALID_FROM,
)

_AMISS = {Outcome.FAIL, Outcome.INDETERMINATE}

_RANK = {check: rank for rank, check in enumerate(_TOLD_FIRST)}

WEIGHED = frozenset(
    {
        "suspended",
        "issuer_unknown",
        "member_revoked",
        "member_suspended",
        "member_expired",
        "member_not_yet_valid",
        "member_issuer_unknown",
        "member_for_review",
        "member_of_other_kind",
        "member_subject_differs",
        "member_id_reused",
        "part_revoked",
        "part_suspended",
        "part_not_yet_valid",
        "part_subject_open",
    }
)
"""Warnings that a person has to weigh: with one of them nothing is accepted, and nothing is rejected for it."""


def finding(
    check: CheckId,
    outcome: Outcome,
    code: str,
    pointer: Pointer = "",
    *,
    detail: str = "",
    evidence: Iterable[Source | None] = (),
    messages: Mapping[str, str] = MESSAGES,
) -> Finding:
    """Word a finding from the table of codes; `detail` may repeat hostile text and is made fit to show."""
    told = shown(detail)
    sources = tuple(source for source in evidence if source is not None)
    return Finding(check, outcome, code, messages[code].format(detail=told), pointer, told, sources)


def shown(text: str) -> str:
    """Make foreign text fit for a message: no control, format or bidi characters, and not long."""
    visible = "".join(char if unicodedata.category(char)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for char in text)
    return visible if len(visible) <= LONGEST_DETAIL else visible[: LONGEST_DETAIL - 1] + "…"


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings into the published order of checks; findings of one check keep theirs."""
    place = {check: number for number, check in enumerate(CheckId)}
    return tuple(sorted(findings, key=lambda found: place[found.id]))


def authentic(findings: Iterable[Finding]) -> bool:
    """Say whether the findings prove the document signed by its issuer and unchanged.

    Every check of `PROOF_CHECKS` must have been made and none may have failed, been skipped or stayed open: no proof,
    or no check, is not authentic.
    """
    outcomes: dict[CheckId, set[Outcome]] = {check: set() for check in PROOF_CHECKS}
    for found in findings:
        if found.id in outcomes:
            outcomes[found.id].add(found.outcome)
    return all(seen and seen <= {Outcome.PASS, Outcome.WARNING} for seen in outcomes.values())


def standing(findings: Iterable[Finding]) -> Standing:
    """Draw the standing of the credential from its findings; what is not authentic has none."""
    found = tuple(findings)
    if not authentic(found):
        return Standing.UNKNOWN
    seen = {_standing_of(item) for item in found if item.id in _PERIOD_OR_STATUS}
    return next((grave for grave in _GRAVEST_FIRST if grave in seen), Standing.CURRENT)


def _standing_of(found: Finding) -> Standing:
    named = _PERIOD_OR_STATUS[found.id].get(found.code)
    if named is not None:
        return named
    unsettled = found.outcome in {Outcome.FAIL, Outcome.INDETERMINATE}
    return Standing.UNKNOWN if unsettled else Standing.CURRENT


def verdict(findings: Iterable[Finding], *, known: Known) -> Verdict:
    """Apply the policy: a failure rejects; what is authentic, current, settled and of a known issuer is accepted.

    Everything else goes to a person, and so do warnings that are `WEIGHED`.
    """
    found = tuple(findings)
    outcomes = {item.outcome for item in found}
    if Outcome.FAIL in outcomes:
        return Verdict.REJECTED
    settled = Outcome.INDETERMINATE not in outcomes and not any(map(_is_weighed, found))
    if settled and known is not Known.NO and authentic(found) and standing(found) is Standing.CURRENT:
        return Verdict.ACCEPTED
    return Verdict.REVIEW


def _is_weighed(found: Finding) -> bool:
    return found.outcome is Outcome.WARNING and found.code in WEIGHED


def conclude(
    findings: Iterable[Finding],
    *,
    issuer_id: str | None,
    claimed_name: str | None,
    known: Known,
    members: Iterable[Member] = (),
) -> Report:
    """Put findings in order and draw the answers from them; `members` were judged before, each by itself."""
    checks = in_order(findings)
    outcome = verdict(checks, known=known)
    return Report(
        checks=checks,
        authentic=authentic(checks),
        standing=standing(checks),
        verdict=outcome,
        issuer_id=issuer_id,
        claimed_name=claimed_name,
        known=known,
        summary=_summary(checks, outcome),
        members=tuple(members),
    )


def amended(report: Report, findings: Iterable[Finding]) -> Report:
    """Draw the answers anew after further findings about the same credential."""
    again = conclude(
        (*report.checks, *findings),
        issuer_id=report.issuer_id,
        claimed_name=report.claimed_name,
        known=report.known,
        members=report.members,
    )
    return replace(again, parts=report.parts)


def _summary(checks: tuple[Finding, ...], outcome: Verdict) -> str:
    match outcome:
        case Verdict.ACCEPTED:
            return "The credential is genuine and stands: its known issuer signed it, and nothing was changed since."
        case Verdict.REJECTED:
            return f"The credential cannot be accepted. {_reason(checks)}"
        case Verdict.REVIEW:
            return f"The credential needs a person's judgement. {_reason(checks)}"


def _reason(checks: tuple[Finding, ...]) -> str:
    """Pick the one message that decided: a failure, else what stayed open, else what a person must weigh."""
    for outcome, codes in ((Outcome.FAIL, None), (Outcome.INDETERMINATE, None), (Outcome.WARNING, WEIGHED)):
        deciding = [found for found in checks if found.outcome is outcome and (codes is None or found.code in codes)]
        if deciding:
            return min(deciding, key=lambda found: _RANK.get(found.id, len(_RANK))).message
    return "Not every check could be made."
