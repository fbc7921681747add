"""Policies: from what was found to what to do about it, under a name and a version.

Facts are the same for everybody; what follows from them is for the verifier to say (VCDM 2.0 §A, validation). A policy
may be stricter or milder than ours, within bounds that no policy moves: what is not authentic is never accepted, a
broken proof is never outweighed, and what merely could not be checked is neither accepted nor rejected but asks a
person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ler_issuer.vc.findings import (
    PROOF_CHECKS,
    CheckId,
    Finding,
    Known,
    Outcome,
    Standing,
    Verdict,
    standing,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ler_issuer.types import JsonObject

UNBENDING = frozenset({*PROOF_CHECKS, CheckId.INPUT_FORMAT, CheckId.JWT_CLAIMS, CheckId.PRESENTATION})
"""Checks whose failure rejects under every policy."""

WEIGHED = frozenset(
    {
        "suspended",
        "issuer_unknown",
        "recipient_name_only",
        "recipient_weak_hash",
        "recipient_unsaid",
        "standing_not_shown",
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


@dataclass(frozen=True, slots=True)
class Policy:
    """What a verifier makes of findings.

    `issuer` says whom the issuer must be: `known` (ours, or in a registry that the verifier trusts) or `any`.
    `recipient` says whether the applicant must be shown to be the one whom the credential is about: `stated`, only when
    the caller says who applies, or `required`. `reject`, `review` and `accept` hold codes of findings that are treated
    otherwise than usual: warnings and failures of the structure, of dates and of status.
    """

    name: str
    version: str
    description: str = ""
    issuer: Literal["known", "any"] = "known"
    recipient: Literal["stated", "required"] = "stated"
    reject: frozenset[str] = frozenset()
    review: frozenset[str] = frozenset()
    accept: frozenset[str] = frozenset()

    def to_json(self) -> JsonObject:
        """Give the policy as reports name it."""
        return {"name": self.name, "version": self.version}

    def whole(self) -> JsonObject:
        """Give all that the policy says, as it can be written down and read again."""
        return {
            "name": self.name,
            "version": self.version,
            "description": self.description,
            "issuer": self.issuer,
            "recipient": self.recipient,
            **{name: sorted(getattr(self, name)) for name in ("reject", "review", "accept")},
        }


STANDARD = Policy(
    "standard",
    "1",
    "Accepts what a known issuer signed, what is unchanged, stands today and leaves no question open.",
)


def verdict(findings: Iterable[Finding], *, known: Known, policy: Policy = STANDARD) -> Verdict:
    """Apply a policy: a failure rejects; what is authentic, current, settled and of an issuer that will do is accepted.

    Everything else goes to a person.
    """
    found = tuple(findings)
    weights = {_weight(item, policy) for item in found}
    if Verdict.REJECTED in weights:
        return Verdict.REJECTED
    if Verdict.REVIEW in weights or not _stands(found, policy):  # what is not authentic does not stand
        return Verdict.REVIEW
    presents = any(item.id is CheckId.PRESENTATION for item in found)  # what it holds was weighed, each by itself
    return Verdict.ACCEPTED if presents or _will_do(found, known, policy) else Verdict.REVIEW


def _will_do(found: tuple[Finding, ...], known: Known, policy: Policy) -> bool:
    """Say whether issuer and learner are such as the policy asks for."""
    if known is Known.NO and policy.issuer == "known":
        return False
    return policy.recipient != "required" or any(map(_is_bound, found))


def decisive(found: Finding, policy: Policy) -> bool:
    """Say whether a finding keeps a credential from being accepted under a policy."""
    return _weight(found, policy) is not Verdict.ACCEPTED


def _weight(found: Finding, policy: Policy) -> Verdict:
    """Say what one finding by itself asks for."""
    if found.outcome in _WEIGHTLESS:
        return Verdict.ACCEPTED
    if found.outcome is Outcome.FAIL:
        return _bent(found, policy, Verdict.REJECTED) if found.id not in UNBENDING else Verdict.REJECTED
    if found.outcome is Outcome.INDETERMINATE:
        return Verdict.REVIEW
    if found.code == "issuer_unknown" and policy.issuer == "any":
        return Verdict.ACCEPTED
    return _bent(found, policy, Verdict.REVIEW if found.code in WEIGHED else Verdict.ACCEPTED)


_WEIGHTLESS = frozenset({Outcome.PASS, Outcome.SKIPPED})


def _bent(found: Finding, policy: Policy, usual: Verdict) -> Verdict:
    for codes, verdict_ in (
        (policy.reject, Verdict.REJECTED),
        (policy.review, Verdict.REVIEW),
        (policy.accept, Verdict.ACCEPTED),
    ):
        if found.code in codes:
            return verdict_
    return usual


def _stands(found: tuple[Finding, ...], policy: Policy) -> bool:
    """Say whether the credential is current, or is what the policy takes for good enough."""
    now = standing(found)
    return now is Standing.CURRENT or (now is not Standing.UNKNOWN and now.value in policy.accept)


def _is_bound(found: Finding) -> bool:
    return found.id is CheckId.RECIPIENT and found.outcome is Outcome.PASS
