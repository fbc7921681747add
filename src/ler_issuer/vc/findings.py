"""What checks find: outcomes with a code, a place and words, and what they say together.

A finding is the outcome of one check at one place. Whether a document is *authentic* (signed by its issuer and
unchanged) and what its *standing* is (current, expired, revoked …) follows from the findings alone; what to do about it
is for a policy to say.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from ler_issuer.vc.problems import problem_type, title_of
from ler_issuer.vc.wording import ENGLISH, MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ler_issuer.types import JsonObject, Pointer
    from ler_issuer.vc.material import Source
    from ler_issuer.vc.wording import Words

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
    DISCLOSURE = "disclosure"
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

    def message_in(self, words: Words) -> str:
        """Give the sentence in a language."""
        return words.say(self.code, self.detail, self.message)

    def to_json(self, at: datetime | None = None, words: Words = ENGLISH) -> JsonObject:
        """Give the finding as `POST /v1/verify` answers it; what does not apply is left out.

        What speaks against the document, or could not be checked, is also told as a problem (RFC 9457) under the type
        that its specification gives it. `at` is when it was found, from which the age of the evidence is counted.
        """
        message = self.message_in(words)
        body: JsonObject = {"id": self.id, "outcome": self.outcome, "code": self.code, "message": message}
        if self.pointer:
            body["pointer"] = self.pointer
        if self.outcome in AMISS:
            type_ = problem_type(self.id, self.code)
            body["problem"] = {"type": type_, "title": title_of(type_), "detail": message, "pointer": self.pointer}
        if self.evidence:
            body["evidence"] = [source.to_json(at or source.at) for source in self.evidence]
        return body


AMISS = frozenset({Outcome.FAIL, Outcome.INDETERMINATE})
"""Outcomes with which a check did not pass."""

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
    if not detail and not evidence:
        return _plain(check, outcome, code, pointer, messages[code])
    told = shown(detail)
    sources = tuple(source for source in evidence if source is not None)
    return Finding(check, outcome, code, messages[code].format(detail=told), pointer, told, sources)


@lru_cache(maxsize=1024)
def _plain(check: CheckId, outcome: Outcome, code: str, pointer: Pointer, sentence: str) -> Finding:
    """Word a finding that repeats nothing and rests on the document alone: most are the same in every report."""
    return Finding(check, outcome, code, sentence.format(detail=""), pointer)


def shown(text: str) -> str:
    """Make foreign text fit for a message: no control, format or bidi characters, and not long."""
    if text.isprintable() and len(text) <= LONGEST_DETAIL:
        return text
    visible = "".join(char if unicodedata.category(char)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for char in text)
    return visible if len(visible) <= LONGEST_DETAIL else visible[: LONGEST_DETAIL - 1] + "…"


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings into the published order of checks; findings of one check keep theirs."""
    return tuple(sorted(findings, key=lambda found: _PLACE[found.id]))


_PLACE = {check: number for number, check in enumerate(CheckId)}


def authentic(findings: Iterable[Finding]) -> bool:
    """Say whether the findings prove the document signed by its issuer and unchanged.

    Every check of `PROOF_CHECKS` must have been made and none may have failed, been skipped or stayed open: no proof,
    or no check, is not authentic. The claims of a token, where there are any, may not contradict its credential.
    """
    made = set()
    for found in findings:
        if found.id in _PROOF_CHECKS:
            if found.outcome not in _HELD:
                return False
            made.add(found.id)
        elif found.id is CheckId.JWT_CLAIMS and found.outcome is Outcome.FAIL:
            return False
    return len(made) == len(_PROOF_CHECKS)


_PROOF_CHECKS = frozenset(PROOF_CHECKS)
_HELD = frozenset({Outcome.PASS, Outcome.WARNING})


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
