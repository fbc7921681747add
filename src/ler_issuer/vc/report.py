"""What verification found: findings, and the three answers that are drawn from them.

A report answers apart whether the credential is *authentic* (signed by its issuer and unchanged), what its *standing*
is (current, expired, revoked …) and what the *verdict* is (accepted, review, rejected). One boolean would let an
employer see green on a revoked badge, or take an unreachable host for a forgery.

Credentials that come along (bundled in a record, presented together, endorsing this one, or shown as parts of a stack)
have reports of their own, below. Of one that did not itself verify nothing is shown but where it stands and what is
wrong with it: the signature around it does not vouch for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ler_issuer.vc.findings import (
    AMISS,
    CheckId,
    Finding,
    Known,
    Outcome,
    Standing,
    Verdict,
    authentic,
    in_order,
    standing,
)
from ler_issuer.vc.instants import stamp
from ler_issuer.vc.names import suspicious
from ler_issuer.vc.policies import STANDARD, Policy, decisive, verdict
from ler_issuer.vc.wording import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ler_issuer.types import JsonObject, Pointer
    from ler_issuer.vc.wording import Words


@dataclass(frozen=True, slots=True)
class Listing:
    """An issuer as a registry lists it: the only name of it that somebody else vouches for.

    `stale` says that the registry could not be asked again and an older copy of it was used.
    """

    registry: str
    name: str
    url: str | None
    checked_at: datetime
    stale: bool = False

    def to_json(self) -> JsonObject:
        """Tell the listing."""
        body: JsonObject = {"registry": self.registry, "name": self.name, "checked_at": stamp(self.checked_at)}
        return body | ({} if self.url is None else {"url": self.url}) | ({"stale": True} if self.stale else {})


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about one credential, and what follows from them under a policy.

    `issuer_id` and `claimed_name` are what the document says of itself; `known` and `listings` are what we and the
    registries know of that id. `members` are the credentials that it bundles or presents, `endorsements` those that
    speak for it, `parts` those that were shown along with it, each judged by itself. `about` holds further sections of
    the answer that a caller gets, such as `skills`, by name. `at` is when it was judged.
    """

    checks: tuple[Finding, ...]
    authentic: bool
    standing: Standing
    verdict: Verdict
    issuer_id: str | None
    claimed_name: str | None
    known: Known
    policy: Policy = STANDARD
    members: tuple[Member, ...] = ()
    endorsements: tuple[Member, ...] = ()
    parts: tuple[Member, ...] = ()
    listings: tuple[Listing, ...] = ()
    about: tuple[tuple[str, JsonObject | list[JsonObject]], ...] = ()
    at: datetime | None = None

    @property
    def summary(self) -> str:
        """The one or two sentences that a recruiter reads first."""
        return self.summary_in(ENGLISH)

    def summary_in(self, words: Words) -> str:
        """Give the summary in a language."""
        reason = None if self.verdict is Verdict.ACCEPTED else _reason(self.checks, self.policy)
        told = self._verdict_in(words, reason)
        says_so = reason is not None and reason.id is CheckId.DISCLOSURE
        return f"{told} {words.summaries['in_part']}" if self._is_in_part and not says_so else told

    @property
    def _is_in_part(self) -> bool:
        """Whether a holder chose what is shown, of the credential itself or of one that came in it."""
        inside = (one.report for one in self.members if one.verified)
        return any(
            report.authentic and any(found.id is CheckId.DISCLOSURE for found in report.checks)
            for report in (self, *inside)
        )

    def _verdict_in(self, words: Words, reason: Finding | None) -> str:
        """Say what the verdict is, and what decided."""
        told = words.summaries[self.verdict]
        if self.verdict is not Verdict.ACCEPTED:
            return f"{told} {words.summaries['open'] if reason is None else self._because(reason, words)}"
        if self.listings:
            detail = f"{self.listings[0].name} ({self.listings[0].registry})"
            return f"{told} {words.summaries['listed'].format(detail=detail)}"
        unconfirmed = self.known is Known.NO and self.issuer_id is not None
        return f"{told} {words.summaries['unconfirmed']}" if unconfirmed else told

    def _because(self, reason: Finding, words: Words) -> str:
        """Give what decided; where that is a credential that came along, also what decided about it."""
        said = reason.message_in(words)
        inner = next((one.report for one in self.members if one.pointer == reason.pointer), None)
        why = None if inner is None else _reason(inner.checks, inner.policy)
        return said if why is None else f"{said} {why.message_in(words)}"

    def to_json(self, words: Words = ENGLISH) -> JsonObject:
        """Give the report as `POST /v1/verify` answers it; what there is none of is left out."""
        issuer: JsonObject = {"id": self.issuer_id, "claimed_name": self.claimed_name, "known": self.known}
        flags = suspicious(self.claimed_name or "")
        if flags:
            issuer["claimed_name_flags"] = list(flags)
        if self.listings:
            issuer["registries"] = [one.to_json() for one in self.listings]
        body: JsonObject = {
            "verdict": self.verdict,
            "standing": self.standing,
            "authentic": self.authentic,
            "issuer": issuer,
            "summary": self.summary_in(words),
            "policy": self.policy.to_json(),
        }
        if self.at is not None:
            body["verified_at"] = stamp(self.at)
        body |= dict(self.about)
        body["checks"] = [found.to_json(self.at, words) for found in self.checks]
        for name, along in (("members", self.members), ("endorsements", self.endorsements), ("parts", self.parts)):
            if along:
                body[name] = [one.to_json(words) for one in along]
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

    def to_json(self, words: Words = ENGLISH) -> JsonObject:
        """Give its report, or of one that did not verify only the place, the verdict and what is wrong with it.

        One that its issuer really signed also says how it stands: revoked is not forged.
        """
        place: JsonObject = {"pointer": self.pointer, "verdict": self.report.verdict}
        if self.verified:
            return {**place, "id": self.credential_id, "name": self.name, **self.report.to_json(words)}
        if self.report.authentic:
            place |= {"standing": self.report.standing, "authentic": True}
        amiss = (found for found in self.report.checks if found.outcome in AMISS)
        return {**place, "checks": [found.to_json(self.report.at, words) for found in amiss]}


_TOLD_FIRST = (
    CheckId.INPUT_FORMAT,
    CheckId.PROOF_PRESENT,
    CheckId.PROOF_SIGNATURE,
    CheckId.PROOF_CONTROLLER,
    CheckId.PROOF_KEY,
    CheckId.PROOF_SUITE,
    CheckId.JWT_CLAIMS,
    CheckId.PRESENTATION,
    CheckId.CONTEXT_ORDER,
    CheckId.JSONLD_SAFE,
    CheckId.STATUS,
    CheckId.TIME_VALID_UNTIL,
    CheckId.TIME_VALID_FROM,
    CheckId.RECIPIENT,
)

_RANK = {check: rank for rank, check in enumerate(_TOLD_FIRST)}


def conclude(
    findings: Iterable[Finding],
    *,
    issuer_id: str | None,
    claimed_name: str | None,
    known: Known,
    members: Iterable[Member] = (),
    policy: Policy = STANDARD,
    at: datetime | None = None,
) -> Report:
    """Put findings in order and draw the answers from them; `members` were judged before, each by itself."""
    checks = in_order(findings)
    return Report(
        checks=checks,
        authentic=authentic(checks),
        standing=standing(checks),
        verdict=verdict(checks, known=known, policy=policy),
        issuer_id=issuer_id,
        claimed_name=claimed_name,
        known=known,
        policy=policy,
        members=tuple(members),
        at=at,
    )


def amended(report: Report, findings: Iterable[Finding]) -> Report:
    """Draw the answers anew after further findings about the same credential."""
    further = tuple(findings)
    if not further:
        return report
    checks = in_order((*report.checks, *further))
    return replace(
        report,
        checks=checks,
        authentic=authentic(checks),
        standing=standing(checks),
        verdict=verdict(checks, known=report.known, policy=report.policy),
    )


def _reason(checks: tuple[Finding, ...], policy: Policy) -> Finding | None:
    """Pick the one finding that decided: a failure, else what stayed open, else what a person must weigh."""
    for outcome in (Outcome.FAIL, Outcome.INDETERMINATE, Outcome.WARNING):
        deciding = [found for found in checks if found.outcome is outcome and decisive(found, policy)]
        if deciding:
            return min(deciding, key=lambda found: _RANK.get(found.id, len(_RANK)))
    return None
