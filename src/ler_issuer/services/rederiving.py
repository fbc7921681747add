"""Rederiving: derive a stacked credential again from the parts that were shown, and from nothing else.

The credential names its parts and the exact text of the rule by digest, and the parts say what they are. So nobody has
to be believed: the rule is read where it is published, holdings are rebuilt from the parts alone, and the rule is
applied as of the time that the credential gives. How the parts stand now is another question, and told apart.

What cannot be checked is an open question; what was checked and does not hold is a failure.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ler_issuer import jsontext, mistakes
from ler_issuer.badges import MESSAGES, holding_of, part_digest, same_person
from ler_issuer.services.holdings import stacking_holding
from ler_issuer.stacking import StackingRule, evaluate, requirements
from ler_issuer.vc import CheckId, Finding, Found, Hole, Outcome, Report, Standing, finding, id_of, members

if TYPE_CHECKING:
    from ler_issuer.badges import Derivation, Part
    from ler_issuer.types import Json, JsonObject, Pointer

CHECKS = (
    CheckId.DERIVATION_PARTS,
    CheckId.DERIVATION_DIGESTS,
    CheckId.DERIVATION_RULE,
    CheckId.DERIVATION_OUTCOME,
)

_NOW = {
    Standing.REVOKED: "part_revoked",
    Standing.SUSPENDED: "part_suspended",
    Standing.EXPIRED: "part_expired",
    Standing.NOT_YET_VALID: "part_not_yet_valid",
}

_OUT_OF_TIME = frozenset({"revoked", "expired", "not_yet_valid"})
"""The failures that only say how a part stands now."""

_EVALUATED = {"rule", "levels", "equivalences"}
"""The members of a published rule that are evaluated; the others say what it is."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A credential that lies beside a stack, as it was judged."""

    document: Json
    report: Report


@dataclass(frozen=True, slots=True)
class Stack:
    """A credential that proved authentic, and what it says it was derived from.

    `expected` says that parts were brought along for this check, so that a missing one leaves a question open;
    otherwise a missing part is merely not looked at. `record` is the authentic record around it, if any.
    """

    document: JsonObject
    derivation: Derivation
    expected: bool
    record: Json = None

    def is_shown(self, shown: Container[str]) -> bool:
        """Say whether, by the ids of what was shown, there is anything to check it by."""
        return self.expected or any(part.id in shown for part in self.derivation.parts)


def absent() -> tuple[Finding, ...]:
    """Say that parts were shown with a credential that does not say it rests on any."""
    return (_found(CheckId.DERIVATION_PARTS, Outcome.WARNING, "derivation_absent"),)


def malformed(why: str, *, expected: bool) -> tuple[Finding, ...]:
    """Say that what a credential tells of its derivation cannot be read; open when that was asked for."""
    outcome = Outcome.INDETERMINATE if expected else Outcome.WARNING
    return (_found(CheckId.DERIVATION_PARTS, outcome, "derivation_malformed", detail=why),)


def stray(place: Pointer) -> Finding:
    """Say that what was shown as a part is none, and was left aside; `place` tells which it was."""
    return _found(CheckId.DERIVATION_PARTS, Outcome.WARNING, "part_not_named", detail=place)


def not_checked(code: str, detail: str = "") -> tuple[Finding, ...]:
    """Say of every check of a derivation why it was not made."""
    return tuple(_found(check, Outcome.SKIPPED, code, detail=detail) for check in CHECKS)


def rederive(stack: Stack, shown: Mapping[str, Sequence[Shown]], rule: Found | Hole) -> tuple[Finding, ...]:
    """Check a derivation against the credentials shown, by their ids, and against the rule as it is published now.

    Total: nothing is raised for the documents' sake, and the work is bounded as that of `stacking.evaluate` is.
    """
    if not stack.is_shown(shown):
        return not_checked("parts_not_shown")
    places = {id_of(one): place for place, one in members(stack.document, "relatedResource")}
    at_hand = [(part, places[part.id], shown.get(part.id, ())) for part in stack.derivation.parts]
    text = _rule(stack, rule)
    whole = [_whole(part, copies) for part, _, copies in at_hand]
    findings = [found for part, place, copies in at_hand for found in _standing(stack, part, place, copies)]
    findings.extend(_digests(at_hand))
    findings.append(text if isinstance(text, Finding) else _found(CheckId.DERIVATION_RULE, Outcome.PASS, "rule_same"))
    if isinstance(text, Finding) or None in whole:
        findings.append(_found(CheckId.DERIVATION_OUTCOME, Outcome.SKIPPED, "derivation_open"))
    else:
        findings.append(_outcome(stack.derivation, text, [part for part in whole if part is not None]))
    return tuple(findings)


# ── Parts ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _standing(stack: Stack, part: Part, place: Pointer, copies: Sequence[Shown]) -> Iterator[Finding]:
    """Say of one part whether it was shown, is genuine, is about the same person, and how it stands now."""
    if not copies and stack.expected:
        yield _found(CheckId.DERIVATION_PARTS, Outcome.INDETERMINATE, "part_not_supplied", place, part.id)
    elif not copies:
        yield _found(CheckId.DERIVATION_PARTS, Outcome.SKIPPED, "part_not_bundled", place, part.id)
    for copy in copies:
        amiss = list(_amiss(stack, copy))
        for outcome, code in amiss or [(Outcome.PASS, "part_verified")]:
            yield _found(CheckId.DERIVATION_PARTS, outcome, code, place, part.id)


def _amiss(stack: Stack, part: Shown) -> Iterator[tuple[Outcome, str]]:
    report = part.report
    failures = {found.code for found in report.checks if found.outcome is Outcome.FAIL}
    if not report.authentic:
        forged = bool(failures - _OUT_OF_TIME)
        yield (Outcome.FAIL, "part_not_authentic") if forged else (Outcome.INDETERMINATE, "part_open")
        return
    if failures - _OUT_OF_TIME:
        yield Outcome.FAIL, "part_unacceptable"
    if report.standing in _NOW:
        yield Outcome.WARNING, _NOW[report.standing]
    if any(found.id is CheckId.STATUS and found.outcome is Outcome.INDETERMINATE for found in report.checks):
        yield Outcome.INDETERMINATE, "part_standing_open"
    if any(found.code == "issuer_unknown" for found in report.checks):
        yield Outcome.WARNING, "part_issuer_unknown"
    if not same_person(stack.document, part.document, among=stack.record):
        yield Outcome.WARNING, "part_subject_open"


def _whole(part: Part, copies: Sequence[Shown]) -> Shown | None:
    """Give the copy of a part that its issuer signed and that is the very one the credential names."""
    return next((copy for copy in copies if copy.report.authentic and _digest(copy) == part.digest), None)


def _digests(at_hand: Sequence[tuple[Part, Pointer, Sequence[Shown]]]) -> Iterator[Finding]:
    check = CheckId.DERIVATION_DIGESTS
    if not any(copies for _, _, copies in at_hand):
        yield _found(check, Outcome.SKIPPED, "parts_not_shown")
        return
    others = [(part, place) for part, place, copies in at_hand for one in copies if _digest(one) != part.digest]
    if not others:
        yield _found(check, Outcome.PASS, "digests_same")
    for part, place in others:
        yield _found(check, Outcome.FAIL, "part_digest_differs", place, part.id)


def _digest(part: Shown) -> str | None:
    try:
        return part_digest(part.document)
    except ValueError:
        return None


# ── Rule and outcome ─────────────────────────────────────────────────────────────────────────────────────────────────
def _rule(stack: Stack, rule: Found | Hole) -> StackingRule | Finding:
    """Read the rule, if it is word for word the one that the credential names."""
    check, url = CheckId.DERIVATION_RULE, stack.derivation.rule
    if isinstance(rule, Hole):
        return _found(check, Outcome.INDETERMINATE, f"rule_{rule.code}", detail=url)
    text = rule.document
    try:
        same = jsontext.digest(text) == stack.derivation.rule_digest
    except jsontext.NotJsonError:
        same = False
    if not same:
        return _found(check, Outcome.FAIL, "rule_differs")
    if not isinstance(text, dict):
        return _found(check, Outcome.INDETERMINATE, "rule_unreadable", detail="it is no object")
    achievement = id_of(stack.document["credentialSubject"].get("achievement"))
    if text.get("achievement", achievement) != achievement:
        return _found(check, Outcome.FAIL, "rule_of_another", detail=str(text["achievement"]))
    try:
        return StackingRule.model_validate({name: text[name] for name in _EVALUATED if name in text})
    except ValidationError as error:
        (first, *_) = mistakes.places(error.errors(), text)
        return _found(check, Outcome.INDETERMINATE, "rule_unreadable", detail=f"{first.pointer}: {first.detail}")


def _outcome(derivation: Derivation, rule: StackingRule, parts: Sequence[Shown]) -> Finding:
    """Apply the rule to the parts alone, as of the time of the evaluation, and compare."""
    check = CheckId.DERIVATION_OUTCOME
    try:
        holdings = [stacking_holding(holding_of(part.document)) for part in parts]
    except ValueError as error:
        return _found(check, Outcome.INDETERMINATE, "part_unreadable", detail=str(error))
    trace = evaluate(rule, holdings, derivation.evaluated_at)
    if trace.met is None:
        return _found(check, Outcome.INDETERMINATE, "outcome_undecided")
    if not trace.met:
        return _found(check, Outcome.FAIL, "outcome_differs", detail=trace.sentence)
    told = {one.pointer: set(one.parts) for one in derivation.requirements}
    if {one.pointer: set(one.used) for one in requirements(trace)} != told:
        return _found(check, Outcome.WARNING, "outcome_otherwise")
    return _found(check, Outcome.PASS, "outcome_same")


def _found(check: CheckId, outcome: Outcome, code: str, pointer: Pointer = "", detail: str = "") -> Finding:
    return finding(check, outcome, code, pointer, detail=detail, messages=MESSAGES)
