"""Making proofs: prepare, then seal.

There is one way to a signature: through a `Prepared`, which exists only because every check on the document passed, and
which can be spent once. So nothing can be signed that was not looked at, and nothing is signed twice by accident.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from ler_issuer.jsontext import Survey, escape
from ler_issuer.types import Json, JsonObject, Pointer, Url
from ler_issuer.vc.canonical import CannotCanonize, canonize
from ler_issuer.vc.canonical.bounds import measure
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.documents import copied, steady_copy
from ler_issuer.vc.keys import KeyKind, Signer
from ler_issuer.vc.problems import MALFORMED_VALUE_ERROR, PROOF_GENERATION_ERROR, RANGE_ERROR, Problem
from ler_issuer.vc.suites import SUITES, Cryptosuite
from ler_issuer.vc.suites.cryptosuite import DATA_INTEGRITY_PROOF

CREDENTIALS_V2: Final[Url] = "https://www.w3.org/ns/credentials/v2"
"""The first context of everything that the service signs (VCDM 2.0 §4.3)."""

CREDENTIALS_V1: Final[Url] = "https://www.w3.org/2018/credentials/v1"
DATA_INTEGRITY_V2: Final[Url] = "https://w3id.org/security/data-integrity/v2"
"""The context that makes room for our proofs in a document of VCDM 1.1."""

LARGEST_INTEGER: Final = 2**53 - 1
SMALLEST_FRACTION: Final = 1e-6
LARGEST_FRACTION: Final = 1e15

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")  # libraries write these in several ways


class Unsignable(Exception):
    """A document cannot be signed as it is; `problems` says why, never empty."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Carry every problem that was found."""
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.pointer or '/'}: {problem.detail}" for problem in self.problems))


class NotSealable(ValueError):
    """Sealing was asked for twice, or of a signer other than the one prepared for: a fault in the caller."""


class Fixed:
    """The bytes that will be signed, and the options of the proof: what every check before signing ends in."""

    def __init__(self, proof: JsonObject, suite: Cryptosuite, digest: bytes, kind: KeyKind = "Ed25519") -> None:
        """Hold what is to be signed, with a key of which kind."""
        self.proof = proof
        self.suite = suite
        self.kind = kind
        self._digests = [digest]

    def spend(self) -> bytes:
        """Hand out the bytes to sign, once.

        Raises:
            NotSealable: they have been handed out before.

        """
        try:
            return self._digests.pop()  # one indivisible step: of two threads, one gets it
        except IndexError:
            raise NotSealable("this was sealed before") from None


class Prepared(Fixed):
    """A document that passed every check before signing, with the options of its proof. Made by `prepare` only."""

    def __init__(
        self, document: JsonObject, proof: JsonObject, suite: Cryptosuite, digest: bytes, kind: KeyKind = "Ed25519"
    ) -> None:
        """Hold what is to be signed, with a key of which kind; the document is a copy of its own."""
        super().__init__(proof, suite, digest, kind)
        self.document = document


def prepare(
    document: JsonObject,
    *,
    cryptosuite: str = "eddsa-rdfc-2022",
    verification_method: str,
    created: datetime,
    contexts: Contexts,
    kind: KeyKind = "Ed25519",
    vc11: bool = False,
) -> Prepared:
    """Check that a document can be signed so that every verifier reads the same, and fix what will be signed.

    Besides what verifying demands, this refuses what other libraries are known to read differently: control characters,
    integers beyond 2^53 and fractions that are very small or large. `created` is an aware time, cut to whole seconds.
    `kind` is that of the key that will sign. With `vc11`, documents of VCDM 1.1 are signed too. A document gets the
    context that the proof needs, after its own, if that is not among them.

    Raises:
        Unsignable: the document has a proof already, begins with another context than `credentials/v2`, has data that
            no signature would cover, or cannot be canonized; every problem is listed with its place.
        ValueError: `created` has no time zone, or there is no cryptosuite of that name that signs with such keys.

    """
    suite = SUITES.get(cryptosuite)
    if suite is None or not suite.signs or kind not in suite.key_kinds:
        raise ValueError(f"no suite {cryptosuite!r} signs with keys of the kind {kind}")
    if created.tzinfo is None:
        raise ValueError("the time of a proof needs a zone")
    copy = _fit_copy(document, (CREDENTIALS_V2, CREDENTIALS_V1) if vc11 else (CREDENTIALS_V2,))
    proof = {
        "type": suite.proof_type,
        **({"cryptosuite": suite.name} if suite.proof_type == DATA_INTEGRITY_PROOF else {}),
        "created": _instant(created),
        "verificationMethod": verification_method,
        "proofPurpose": "assertionMethod",
    }
    try:
        document = _with_room(copy, suite)
        if suite.carries_context:
            proof = {"@context": document["@context"][:], **proof}
        canonical = canonize(document, contexts)
        if canonical.lost:
            raise Unsignable(canonical.lost)
        digest = suite.digest(document, proof, contexts, kind=kind, canonical=canonical)
    except CannotCanonize as error:
        raise Unsignable([error.problem]) from None
    return Prepared(document, proof, suite, digest, kind)


def _with_room(document: JsonObject, suite: Cryptosuite) -> JsonObject:
    """Let a document know the terms of the proof: those of data integrity are known to version 2 by itself."""
    contexts = document["@context"]
    needed = suite.context or (DATA_INTEGRITY_V2 if contexts[0] == CREDENTIALS_V1 else None)
    if needed is not None and needed not in contexts:
        contexts.append(needed)
    return document


def seal(prepared: Prepared, signer: Signer) -> JsonObject:
    """Sign what was prepared and attach the proof; the `Prepared` is spent.

    Raises:
        NotSealable: it was spent before, or prepared for another verification method or kind of key than the signer's.

    """
    return {**prepared.document, "proof": [{**prepared.proof, "proofValue": proof_value(prepared, signer)}]}


def proof_value(fixed: Fixed, signer: Signer) -> str:
    """Sign what was fixed, which is spent by it; give the signature as its proof tells it.

    Raises:
        NotSealable: it was spent before, or fixed for another verification method or kind of key than the signer's.

    """
    return fixed.suite.encode(signature_of(fixed, signer))


def signature_of(fixed: Fixed, signer: Signer) -> bytes:
    """Sign what was fixed, which is spent by it.

    Raises:
        NotSealable: it was spent before, or fixed for another verification method or kind of key than the signer's.

    """
    if (signer.verification_method, signer.public.kind) != (fixed.proof["verificationMethod"], fixed.kind):
        raise NotSealable("prepared for the verification method or key of another signer")
    return signer.sign(fixed.spend())


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _fit_copy(document: JsonObject, first: Sequence[Url]) -> JsonObject:
    """Copy a document, so that what is sealed is what was checked, whatever comes next.

    Raises:
        Unsignable: something stands against signing before canonicalisation is even tried.

    """
    copy = steady_copy(document)
    problems = _unfit(document, first) if copy is None else [*_misplaced(copy, first)]
    if problems:
        raise Unsignable(problems)
    return copied(document) if copy is None else copy


def _unfit(document: Json, first: Sequence[Url]) -> list[Problem]:
    """Give what stands against signing before canonicalisation is even tried."""
    try:
        is_steady, refused = _is_steady(measure(document)), []
    except CannotCanonize as error:
        is_steady, refused = False, [error.problem]
    if not isinstance(document, dict):
        return refused
    problems = [*_misplaced(document, first), *(() if is_steady else _unsteady_values(document))]
    return problems or refused


def _misplaced(document: JsonObject, first: Sequence[Url]) -> Iterator[Problem]:
    if "proof" in document:
        yield Problem("already_signed", "the document has a proof already", "/proof", PROOF_GENERATION_ERROR)
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] not in first:
        yield Problem("context_order", f"the first context is {first[0]}", "/@context", MALFORMED_VALUE_ERROR)


def _is_steady(found: Survey) -> bool:
    """Say whether surely no value is one that `_unsteady` names, among those of a document that was measured."""
    said = found.names + found.texts
    has_control = not said.isprintable() and _CONTROL.search(said)
    return found.is_plain and not has_control and all(map(_is_steady_number, found.numbers))


def _is_steady_number(number: float) -> bool:
    if type(number) is int:
        return abs(number) <= LARGEST_INTEGER
    return not number or SMALLEST_FRACTION <= abs(number) < LARGEST_FRACTION


def _unsteady_values(document: JsonObject) -> Iterator[Problem]:
    """Name every value that verifiers are known to read differently."""
    stack: list[tuple[Json, Pointer]] = [(document, "")]
    while stack:
        value, pointer = stack.pop()
        if (problem := _unsteady(value, pointer)) is not None:
            yield problem
        elif isinstance(value, dict | list):
            entries = value.items() if isinstance(value, dict) else enumerate(value)
            stack.extend((item, f"{pointer}/{escape(key)}") for key, item in entries)


def _unsteady(value: Json, pointer: Pointer) -> Problem | None:
    if isinstance(value, str) and _CONTROL.search(value):
        return Problem("control_character", "control characters are not signed alike everywhere", pointer, RANGE_ERROR)
    if isinstance(value, dict) and any(isinstance(name, str) and _CONTROL.search(name) for name in value):
        return Problem("control_character", "a member's name has a control character", pointer, RANGE_ERROR)
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        return Problem("number_out_of_range", f"{_shown(value)} is beyond 2^53 - 1", pointer, RANGE_ERROR)
    if isinstance(value, float) and value and not SMALLEST_FRACTION <= abs(value) < LARGEST_FRACTION:
        return Problem("number_out_of_range", f"{value} is not between 1e-6 and 1e15", pointer, RANGE_ERROR)
    return None


def _shown(number: int) -> str:
    return f"an integer of {number.bit_length()} bits"
