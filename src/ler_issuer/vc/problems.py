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
