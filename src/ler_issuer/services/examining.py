"""Examining: the yes or no that the VC-API asks for, of a credential or of a presentation.

Answers whether what was sent keeps to the data model, whether its proofs hold, and whether its issuer took it back.
What cannot be found out is not verified; what says something of the world only (a date that has passed, a status list
that could not be had) is a warning. For an answer that an employer can act on there is `verifying`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from ler_issuer.badges import disclosure_findings
from ler_issuer.net.gather import MOST_NEEDS, MOST_NEEDS_TOGETHER
from ler_issuer.services import gathering
from ler_issuer.services.gathering import Aid
from ler_issuer.vc import (
    CheckId,
    Envelope,
    Finding,
    Known,
    Outcome,
    Problem,
    authentic,
    check_envelope,
    check_payload,
    check_presentation,
    check_presented,
    check_proofs,
    check_status,
    check_validity,
    counted,
    envelope_needs,
    finding,
    issuer_id,
    key_needs,
    members,
    model_problems,
    opened,
    presentation_problems,
    problem_type,
    status_needs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.gathering import Gathering
    from ler_issuer.types import Json, JsonObject, Pointer
    from ler_issuer.vc import Material

MOST_PRESENTED: Final = 50
"""Credentials of one presentation that are examined."""

PROOF: Final = "proof"
STATUS: Final = "credentialStatus"

_MALFORMED: Final = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
_UNSETTLED: Final = frozenset({Outcome.FAIL, Outcome.INDETERMINATE})
_PASSING: Final = ("expired", "not_yet_valid", "valid_from_missing")
"""Periods that have passed, or have not begun, or begin nowhere: warnings to the VC-API (VCALM §3.3.1)."""

_DISQUALIFYING: Final = frozenset({"suspended", "list_rolled_back"})
"""What is no failure, and still speaks against a credential: an older list than was seen before is no mere outage."""

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
        """Whether the status of credentials is asked for too: unless only proofs are, whatever else is named."""
        return self.checks != frozenset({PROOF})


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

    def within(self, place: Pointer) -> Answer:
        """Give the same answer as seen from a document that holds this one at `place`."""
        errors, warnings = (tuple(one.within(place) for one in those) for those in (self.errors, self.warnings))
        return replace(self, errors=errors, warnings=warnings)


def examine_credential(rt: Runtime, document: Json, question: Question) -> Answer:
    """Examine a credential; an answer comes out whatever comes in."""
    return _credentials(rt, {"": document}, question, rt.now())[""]


def examine_presentation(rt: Runtime, document: Json, question: Question) -> Answer:
    """Examine a presentation, and each credential in it; an answer comes out whatever comes in."""
    now = rt.now()
    one = _opened(rt, document, presents=True)
    if isinstance(one, Answer):
        return one
    problems = presentation_problems(_told(one), secured=not isinstance(one, Envelope))
    if problems:
        return Answer(problems)
    inside = tuple(members(_told(one), "verifiableCredential"))
    if len(inside) > MOST_PRESENTED:
        detail = f"more than {MOST_PRESENTED}"
        return Answer((Problem("too_many_credentials", detail, "/verifiableCredential"),))
    findings = _presented(rt, one, question, now)
    answers = tuple(_credentials(rt, dict(inside), Question(question.checks), now).values())
    return Answer(_against(findings), _warnings(findings), (PROOF,), answers)


def _presented(rt: Runtime, one: JsonObject | Envelope, question: Question, now: datetime) -> tuple[Finding, ...]:
    """Check the proofs of a presentation, or the signature around it; the credentials in it are not looked at."""
    keys = gathering.collect(rt, _key_needs(one), Aid(), most=MOST_NEEDS)
    wanted = {"challenge": question.challenge, "domain": question.domain}
    contexts, may_differ = rt.rules.contexts, rt.practice.holder_may_differ
    if isinstance(one, Envelope):
        meant = check_payload(one.document, contexts)
        return (*meant, *check_presented(one, keys, now, **wanted, holder_controls=not may_differ))
    findings = check_presentation(one, keys, contexts, now, **wanted)
    if may_differ:
        findings = tuple(_only_warned(findings, "holder_differs"))
    return (*findings, *_beside_purpose(one, question.purpose))


def _credentials(
    rt: Runtime, documents: Mapping[Pointer, Json], question: Question, now: datetime
) -> dict[Pointer, Answer]:
    """Examine credentials by their places; what they need is gathered once for all of them, as long as it is sound."""
    read = {place: _read(rt, document) for place, document in documents.items()}
    sound = {place: one for place, one in read.items() if not isinstance(one, Answer)}
    most = MOST_NEEDS if len(documents) == 1 else MOST_NEEDS_TOGETHER
    gathered = gathering.Gathering(rt, Aid(), now=now)
    gathered.ask(chain.from_iterable(map(_key_needs, sound.values())), most=most)
    found = {place: _proofs(rt, one, gathered.material, question, now) for place, one in sound.items()}
    proven = [_told(one) for place, one in sound.items() if authentic(found[place])] if question.about_status else []
    gathered.look_at_lists(chain.from_iterable(map(status_needs, proven)), most=most)
    answers: dict[Pointer, Answer] = {}
    for place, one in read.items():
        if isinstance(one, Answer):
            answers[place] = one.within(place)
            continue
        findings, checks = found[place], [PROOF]
        if authentic(findings):
            findings += tuple(_only_warned(check_validity(_told(one), now), *_PASSING))
            if not isinstance(one, Envelope):  # in which nobody looked at a proof
                findings += tuple(_shown_in_part(rt, one, gathered))
            if question.about_status:
                findings += check_status(_told(one), gathered.material, gathered.material, rt.rules.contexts, now)
                checks.append(STATUS)
        answers[place] = Answer(_against(findings), _warnings(findings), tuple(checks)).within(place)
    return answers


def _read(rt: Runtime, document: Json) -> JsonObject | Envelope | Answer:
    """Give a credential whose form is sound, opened when it comes in an envelope; or the answer that it is not."""
    one = _opened(rt, document, presents=False)
    if isinstance(one, Answer):
        return one
    problems = model_problems(_told(one), secured=not isinstance(one, Envelope))
    return Answer(problems) if problems else one


def _opened(rt: Runtime, document: Json, *, presents: bool) -> JsonObject | Envelope | Answer:
    """Open an envelope, which has to hold what is asked for: a presentation is not signed by any issuer."""
    one = opened(document, older=rt.practice.reads_older_tokens)
    if isinstance(one, Envelope) and one.presents is not presents:
        held = "presentation" if one.presents else "credential"
        one = Problem("jwt_type_wrong", f"it holds a {held}", type=_MALFORMED)
    if isinstance(one, Problem):
        told = finding(CheckId.INPUT_FORMAT, Outcome.FAIL, one.code, one.pointer, detail=one.detail)
        return Answer((replace(one, detail=told.message),))
    return document if one is None else one


def _told(one: JsonObject | Envelope) -> JsonObject:
    return one.document if isinstance(one, Envelope) else one


def _key_needs(one: JsonObject | Envelope) -> tuple[str, ...]:
    return envelope_needs(one) if isinstance(one, Envelope) else key_needs(one)


def _proofs(
    rt: Runtime, one: JsonObject | Envelope, keys: Material, question: Question, now: datetime
) -> tuple[Finding, ...]:
    """Check the proofs in a credential, or the signature around it, which is made for no purpose and for nobody."""
    strict, contexts = rt.practice.issuer_controls, rt.rules.contexts
    if isinstance(one, Envelope):
        return (*check_payload(one.document, contexts), *check_envelope(one, keys, now, issuer_controls=strict))
    found = check_proofs(
        one, keys, contexts, now, issuer_controls=strict, challenge=question.challenge, domain=question.domain
    )
    return (*found, *_beside_purpose(one, question.purpose))


def _beside_purpose(document: JsonObject, purpose: str | None) -> Iterator[Finding]:
    """Find proofs that were made for another purpose than the one that is asked for."""
    for pointer, proof in members(document, "proof"):
        told = proof.get("proofPurpose") if isinstance(proof, dict) else None
        if purpose is not None and told != purpose:
            check, place = CheckId.PROOF_SIGNATURE, f"{pointer}/proofPurpose"
            yield finding(check, Outcome.FAIL, "purpose_wrong", place, detail=str(told))


def _shown_in_part(rt: Runtime, document: JsonObject, gathered: Gathering) -> Iterator[Finding]:
    """Warn that a holder chose what is shown: the VC-API is told nothing but errors and warnings.

    What is signed openly may leave its standing out, though it is ours.
    """
    if not any(counted(proof) for _, proof in members(document, "proof")):
        return
    named = [issuer for issuer in [issuer_id(document)] if issuer is not None]
    ours = not rt.practice.signs_openly and gathered.ours(named)
    for one in disclosure_findings(document, Known.HERE if ours else Known.NO):
        if one.outcome is Outcome.WARNING or one.code == "view_of_holder":
            yield replace(one, outcome=Outcome.WARNING)


def _only_warned(findings: Iterable[Finding], *codes: str) -> Iterator[Finding]:
    """Make warnings of what some codes speak against."""
    for one in findings:
        mild = one.code in codes and one.outcome in _UNSETTLED
        yield finding(one.id, Outcome.WARNING, one.code, one.pointer, detail=one.detail) if mild else one


def _against(findings: Iterable[Finding]) -> tuple[Problem, ...]:
    """Name what speaks against a document: every failure, and of its proofs also what could not be settled."""
    return tuple(_problem(one) for one in findings if _is_against(one))


def _warnings(findings: Iterable[Finding]) -> tuple[Problem, ...]:
    return tuple(
        _problem(one)
        for one in findings
        if one.outcome in {Outcome.WARNING, Outcome.INDETERMINATE} and not _is_against(one)
    )


def _is_against(one: Finding) -> bool:
    unproven = one.outcome is Outcome.INDETERMINATE and one.id.partition(".")[0] in _ABOUT_PROOFS
    return one.outcome is Outcome.FAIL or unproven or one.code in _DISQUALIFYING


def _problem(one: Finding) -> Problem:
    return Problem(one.code, one.message, one.pointer, problem_type(one.id, one.code))
