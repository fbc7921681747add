"""Examining: the yes or no that the VC-API asks for, of a credential or of a presentation.

Answers whether what was sent keeps to the data model, whether its proofs hold, and whether its issuer took it back.
What cannot be found out is not verified; what says something of the world only (a date that has passed, a status list
that could not be had) is a warning. For an answer that an employer can act on there is `verifying`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ler_issuer.net.gather import MOST_NEEDS
from ler_issuer.services import gathering
from ler_issuer.services.gathering import Aid
from ler_issuer.vc import (
    Finding,
    Outcome,
    Problem,
    authentic,
    check_envelope,
    check_payload,
    check_presentation,
    check_proofs,
    check_status,
    check_validity,
    envelope_needs,
    finding,
    key_needs,
    members,
    model_problems,
    open_envelope,
    presentation_problems,
    presented,
    problem_type,
    status_key_needs,
    status_needs,
    unwrapped,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Json, JsonObject, Pointer
    from ler_issuer.vc import Envelope

PROOF_VERIFICATION_ERROR: Final = "https://w3id.org/security#PROOF_VERIFICATION_ERROR"

MOST_PRESENTED: Final = 50
"""Credentials of one presentation that are examined."""

PROOF: Final = "proof"
STATUS: Final = "credentialStatus"

_UNSETTLED: Final = frozenset({Outcome.FAIL, Outcome.INDETERMINATE})
_PASSING: Final = ("expired", "not_yet_valid", "valid_from_missing")
"""Periods that have passed, or have not begun, or begin nowhere: warnings to the VC-API (VCALM §3.3.1)."""

_ABOUT_PROOFS: Final = frozenset({"context", "jsonld", "proof", "presentation", "jwt", "input"})


@dataclass(frozen=True, slots=True)
class Question:
    """What a verifier wants to know: which `checks` (None: all), and for what the proofs have to be made.

    `challenge`, `domain` and `purpose` are those of the document itself, not of what it presents.
    """

    checks: frozenset[str] | None = None
    challenge: str | None = None
    domain: str | None = None
    purpose: str | None = None

    @property
    def about_status(self) -> bool:
        """Whether the status of credentials is asked for too."""
        return self.checks is None or STATUS in self.checks


@dataclass(frozen=True, slots=True)
class Answer:
    """What an examination found: `errors` speak against the document, `warnings` do not; `inside` what it presents."""

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    checks: tuple[str, ...] = ()
    inside: tuple[Answer, ...] = field(default_factory=tuple)

    @property
    def verified(self) -> bool:
        """Whether nothing speaks against it, nor against anything in it."""
        return not self.errors and all(one.verified for one in self.inside)


def examine_credential(rt: Runtime, document: Json, question: Question) -> Answer:
    """Examine a credential; an answer comes out whatever comes in."""
    return _credential(rt, document, question, rt.now())


def examine_presentation(rt: Runtime, document: Json, question: Question) -> Answer:
    """Examine a presentation, and each credential in it; an answer comes out whatever comes in."""
    now = rt.now()
    problems = presentation_problems(document)
    inside = presented(document)
    if len(inside) > MOST_PRESENTED:
        problems += (Problem("too_many_credentials", f"more than {MOST_PRESENTED}", "/verifiableCredential"),)
    problems += tuple(_unexpected(document, question))
    if problems:
        return Answer(problems)
    keys = gathering.collect(rt, key_needs(document), Aid(), most=MOST_NEEDS)
    wanted = {"challenge": question.challenge, "domain": question.domain}
    findings = check_presentation(document, keys, rt.rules.contexts, now, **wanted)
    if not rt.practice.issuer_controls:
        findings = tuple(_only_warned(findings, "holder_differs"))
    about_each = Question(question.checks)
    answers = tuple(_credential(rt, one, about_each, now, place) for place, one in inside)
    return Answer(_against(findings), _warnings(findings), (PROOF,), answers)


def _credential(rt: Runtime, document: Json, question: Question, now: datetime, place: Pointer = "") -> Answer:
    envelope = open_envelope(unwrapped(document)) if isinstance(unwrapped(document), str) else None
    if isinstance(envelope, Problem):
        return Answer((envelope.within(place),))
    told = document if envelope is None else envelope.document
    problems = tuple(one.within(place) for one in model_problems(told, secured=envelope is None))
    problems += tuple(_unexpected(document, question))
    if problems:
        return Answer(problems)
    findings = _proofs(rt, document, question, now) if envelope is None else _signature(rt, envelope, now)
    checks: tuple[str, ...] = (PROOF,)
    if authentic(findings):
        findings += tuple(_only_warned(check_validity(told, now), *_PASSING))
        if question.about_status:
            findings += _status(rt, told, now)
            checks = (PROOF, STATUS)
    return Answer(_against(findings, place), _warnings(findings, place), checks)


def _unexpected(document: Json, question: Question) -> Iterator[Problem]:
    """Name each proof that was made for another purpose than the verifier expects (VC-DI §4.4 step 5)."""
    for pointer, proof in members(document, "proof") if isinstance(document, dict) and question.purpose else ():
        if isinstance(proof, dict) and proof.get("proofPurpose") != question.purpose:
            detail = "this proof was made for another purpose than the one that is expected"
            yield Problem("purpose_wrong", detail, f"{pointer}/proofPurpose", PROOF_VERIFICATION_ERROR)


def _proofs(rt: Runtime, document: JsonObject, question: Question, now: datetime) -> tuple[Finding, ...]:
    keys = gathering.collect(rt, key_needs(document), Aid(), most=MOST_NEEDS)
    return check_proofs(
        document,
        keys,
        rt.rules.contexts,
        now,
        issuer_controls=rt.practice.issuer_controls,
        challenge=question.challenge,
        domain=question.domain,
    )


def _signature(rt: Runtime, envelope: Envelope, now: datetime) -> tuple[Finding, ...]:
    """Check the signature around a credential that comes as a token."""
    keys = gathering.collect(rt, envelope_needs(envelope), Aid(), most=MOST_NEEDS)
    signed = check_envelope(envelope, keys, now, issuer_controls=rt.practice.issuer_controls)
    return (*check_payload(envelope.document, rt.rules.contexts), *signed)


def _status(rt: Runtime, document: JsonObject, now: datetime) -> tuple[Finding, ...]:
    """Look at the status of an authentic credential; what is not known here, or not to be had, only warns."""
    lists = gathering.collect(rt, status_needs(document), Aid(), most=MOST_NEEDS)
    keys = gathering.collect(rt, status_key_needs(lists), Aid(), most=MOST_NEEDS)
    return check_status(document, lists, keys, rt.rules.contexts, now)


def _only_warned(findings: Iterable[Finding], *codes: str) -> Iterator[Finding]:
    """Make warnings of what some codes speak against."""
    for one in findings:
        mild = one.code in codes and one.outcome in _UNSETTLED
        yield finding(one.id, Outcome.WARNING, one.code, one.pointer, detail=one.detail) if mild else one


def _against(findings: Iterable[Finding], place: Pointer = "") -> tuple[Problem, ...]:
    """Name what speaks against a document: every failure, and of its proofs also what could not be settled."""
    return tuple(_problem(one, place) for one in findings if _is_against(one))


def _warnings(findings: Iterable[Finding], place: Pointer = "") -> tuple[Problem, ...]:
    return tuple(
        _problem(one, place)
        for one in findings
        if one.outcome in {Outcome.WARNING, Outcome.INDETERMINATE} and not _is_against(one)
    )


def _is_against(one: Finding) -> bool:
    unproven = one.outcome is Outcome.INDETERMINATE and one.id.partition(".")[0] in _ABOUT_PROOFS
    return one.outcome is Outcome.FAIL or unproven or one.code == "suspended"


def _problem(one: Finding, place: Pointer) -> Problem:
    return Problem(one.code, one.message, place + one.pointer, problem_type(one.id, one.code))
