"""What is wrong with a document, said as a value.

A problem has a stable code of ours, words for people, the place in the document, and where a specification has a name
for it, that specification's own problem type (RFC 9457 `type`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from ler_issuer.types import Pointer

_DATA_MODEL = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS_LIST = "https://www.w3.org/ns/credentials/status-list#"

PARSING_ERROR: Final = _DATA_MODEL + "PARSING_ERROR"
CRYPTOGRAPHIC_SECURITY_ERROR: Final = _DATA_MODEL + "CRYPTOGRAPHIC_SECURITY_ERROR"
MALFORMED_VALUE_ERROR: Final = _DATA_MODEL + "MALFORMED_VALUE_ERROR"
RANGE_ERROR: Final = _DATA_MODEL + "RANGE_ERROR"
PROOF_GENERATION_ERROR: Final = _SECURITY + "PROOF_GENERATION_ERROR"
PROOF_VERIFICATION_ERROR: Final = _SECURITY + "PROOF_VERIFICATION_ERROR"
PROOF_TRANSFORMATION_ERROR: Final = _SECURITY + "PROOF_TRANSFORMATION_ERROR"
INVALID_DOMAIN_ERROR: Final = _SECURITY + "INVALID_DOMAIN_ERROR"
INVALID_CHALLENGE_ERROR: Final = _SECURITY + "INVALID_CHALLENGE_ERROR"
STATUS_RETRIEVAL_ERROR: Final = _STATUS_LIST + "STATUS_RETRIEVAL_ERROR"
STATUS_VERIFICATION_ERROR: Final = _STATUS_LIST + "STATUS_VERIFICATION_ERROR"
STATUS_LIST_LENGTH_ERROR: Final = _STATUS_LIST + "STATUS_LIST_LENGTH_ERROR"
SHOWN_IN_PART: Final = "urn:ler-issuer:disclosure"
"""No error, but a warning of ours: no specification has a name for it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document.

    `code` is stable and in snake_case; `pointer` is a JSON Pointer (RFC 6901) into the document; `type` is the problem
    type of the specification that names this fault, or empty.
    """

    code: str
    detail: str
    pointer: Pointer = ""
    type: str = ""

    def within(self, prefix: Pointer) -> Problem:
        """Give the same problem as seen from a document that holds this one at `prefix`."""
        return replace(self, pointer=prefix + self.pointer)


class CannotCanonize(Exception):
    """A document has no canonical form that could be signed or checked; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        """Carry the one problem that stopped the work."""
        super().__init__(problem.detail)
        self.problem = problem


_OF_CHECK: Final = {
    "input": PARSING_ERROR,
    "context": MALFORMED_VALUE_ERROR,
    "jsonld": MALFORMED_VALUE_ERROR,
    "type": MALFORMED_VALUE_ERROR,
    "schema": MALFORMED_VALUE_ERROR,
    "subject": MALFORMED_VALUE_ERROR,
    "evidence": MALFORMED_VALUE_ERROR,
    "issuer": MALFORMED_VALUE_ERROR,
    "result": MALFORMED_VALUE_ERROR,
    "proof": PROOF_VERIFICATION_ERROR,
    "presentation": PROOF_VERIFICATION_ERROR,
    "jwt": CRYPTOGRAPHIC_SECURITY_ERROR,
    "disclosure": SHOWN_IN_PART,
    "status": STATUS_VERIFICATION_ERROR,
}
"""The problem types, most of them of specifications, by the first part of the id of a check."""

_OF_CODE: Final = {
    "work_bound": PROOF_TRANSFORMATION_ERROR,
    "domain_differs": INVALID_DOMAIN_ERROR,
    "challenge_differs": INVALID_CHALLENGE_ERROR,
    "list_too_short": STATUS_LIST_LENGTH_ERROR,
    "index_out_of_range": RANGE_ERROR,
    "number_out_of_range": RANGE_ERROR,
    "period_reversed": RANGE_ERROR,
    "valid_from_malformed": MALFORMED_VALUE_ERROR,
    "valid_until_malformed": MALFORMED_VALUE_ERROR,
    "status_malformed": MALFORMED_VALUE_ERROR,
    "index_malformed": MALFORMED_VALUE_ERROR,
    **dict.fromkeys(
        (
            "list_unreachable",
            "list_refused",
            "list_not_found",
            "list_too_large",
            "list_not_json",
            "list_not_asked",
            "list_rolled_back",
            "list_not_historical",
        ),
        STATUS_RETRIEVAL_ERROR,
    ),
}

_NO_ERROR: Final = frozenset({"revoked", "suspended", "expired", "not_yet_valid"})
"""What is amiss with a credential without anything being wrong in it."""


def problem_type(check: str, code: str) -> str:
    """Give the problem type (RFC 9457) of what a check found: the specification's own, or a name made of the code."""
    named = _OF_CODE.get(code) or (None if code in _NO_ERROR else _OF_CHECK.get(check.partition(".")[0]))
    return named or f"urn:ler-issuer:{check}:{code}"


_TITLES: Final = {
    PARSING_ERROR: "It cannot be read",
    CRYPTOGRAPHIC_SECURITY_ERROR: "The signature does not secure it",
    MALFORMED_VALUE_ERROR: "A value is malformed",
    RANGE_ERROR: "A value is out of range",
    PROOF_GENERATION_ERROR: "It cannot be signed",
    PROOF_VERIFICATION_ERROR: "The proof does not hold",
    PROOF_TRANSFORMATION_ERROR: "It cannot be canonicalised",
    INVALID_DOMAIN_ERROR: "The proof was made for another domain",
    INVALID_CHALLENGE_ERROR: "The proof answers another challenge",
    STATUS_RETRIEVAL_ERROR: "The status list cannot be had",
    STATUS_VERIFICATION_ERROR: "The status list proves nothing",
    STATUS_LIST_LENGTH_ERROR: "The status list is too short",
    SHOWN_IN_PART: "It is shown in part",
}


def title_of(type_: str) -> str:
    """Give the title of a problem type: the same words for every problem of that type."""
    return _TITLES.get(type_, "It speaks against the credential")
