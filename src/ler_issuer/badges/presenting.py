"""Presentations: credentials that their holder hands over together, signed for one verifier and one occasion.

The signature around them shows who hands them over, and vouches for nothing in them: each is judged by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ler_issuer import vc
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.vc import STANDARD, CheckId, Finding, Known, Member, Outcome, Policy, Report, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ler_issuer.badges.verification import Rulebook
    from ler_issuer.types import JsonObject
    from ler_issuer.vc import Envelope, Material


def judge_presentation(  # noqa: PLR0913 - what was gathered, and what it has to answer
    document: JsonObject,
    material: Material,
    *,
    rules: Rulebook,
    now: datetime,
    challenge: str | None,
    domain: str | None,
    policy: Policy = STANDARD,
    at: datetime | None = None,
    envelope: Envelope | None = None,
) -> Report:
    """Judge a presentation by itself; what it presents is judged apart, and added by `with_members`.

    One that is not signed, be it by a proof or by the `envelope` that it came in, is a mere wrapper: it shows nothing
    of who hands it over, so that a person has to look.
    """
    findings: tuple[Finding, ...]
    if envelope is not None and envelope.presents:
        payload = vc.check_payload(document, rules.contexts)
        findings = (*payload, *vc.check_presented(envelope, material, now, challenge=challenge, domain=domain))
    elif vc.as_list(document.get("proof")):
        findings = vc.check_presentation(document, material, rules.contexts, now, challenge=challenge, domain=domain)
    else:
        findings = (_found(Outcome.FAIL if challenge or domain else Outcome.WARNING, "presentation_unsigned"),)
    readable = vc.finding(CheckId.INPUT_FORMAT, Outcome.PASS, "readable")
    return vc.conclude((readable, *findings), issuer_id=None, claimed_name=None, known=Known.NO, policy=policy, at=at)


def with_members(report: Report, members: Sequence[Member]) -> Report:
    """Say of a presentation what became of the credentials in it, all of them, each judged by itself."""
    judged = [_member(one) for one in members] or [_found(Outcome.FAIL, "presentation_empty")]
    return replace(vc.amended(report, judged), members=tuple(members))


def presentation_missing() -> Finding:
    """Say of a credential that came by itself that a presentation was asked for: anybody may have a copy of it."""
    return _found(Outcome.INDETERMINATE, "presentation_missing")


def _member(one: Member) -> Finding:
    outcome, code = {
        Verdict.ACCEPTED: (Outcome.PASS, "presented_accepted"),
        Verdict.REVIEW: (Outcome.INDETERMINATE, "presented_for_review"),
        Verdict.REJECTED: (Outcome.FAIL, "presented_rejected"),
    }[one.report.verdict]
    return _found(outcome, code, one.pointer)


def _found(outcome: Outcome, code: str, pointer: str = "") -> Finding:
    return vc.finding(CheckId.PRESENTATION, outcome, code, pointer, messages=MESSAGES)
