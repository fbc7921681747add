"""From a document and the options of a proof to the bytes that get hashed: as RDF statements, or as JSON.

Each gives two byte strings, that of the options first, as they go into the hashes (VC-DI-EdDSA §3.2 and §3.3,
VC-DI-ECDSA §3.2 and §3.3, which say the same).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from ler_issuer import jsontext
from ler_issuer.jsontext import NotJsonError
from ler_issuer.vc.canonical import CannotCanonize, Canonical, canonize
from ler_issuer.vc.canonical.bounds import measure
from ler_issuer.vc.problems import PROOF_TRANSFORMATION_ERROR, PROOF_VERIFICATION_ERROR, Problem

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc.canonical import HashName
    from ler_issuer.vc.contexts import Contexts


MAX_SPELLING: Final = 2_000
"""Characters of a way of saying the options of a proof that is remembered."""

_SAID: Final = ("type", "cryptosuite", "verificationMethod", "proofPurpose")
_ORDINARY: Final = {*_SAID, "created", "proofValue"}
_DIGITS: Final = re.compile(r"[0-9TZ:.+-]{1,40}")
"""Of what times are made; no such text is written in another way, or means anything else, in N-Quads."""


class Transformation(Protocol):
    """A way from a document and the options of a proof to bytes."""

    def __call__(
        self,
        document: JsonObject,
        proof: JsonObject,
        contexts: Contexts,
        *,
        algorithm: HashName,
        canonical: Canonical | None,
    ) -> tuple[bytes, bytes]:
        """Give the bytes of the options and those of the document.

        Raises:
            CannotCanonize: one of the two has no such form, or loses data in it and would go unsigned in part.
                Pointers into the proof begin with `/proof`.

        """


def as_statements(
    document: JsonObject,
    proof: JsonObject,
    contexts: Contexts,
    *,
    algorithm: HashName,
    canonical: Canonical | None,
) -> tuple[bytes, bytes]:
    """Write both as canonical N-Quads (RDFC-1.0 with the hash of the suite)."""
    if canonical is None or canonical.algorithm != algorithm:
        canonical = canonize(document, contexts, algorithm)
    return statements_of_options(document, proof, contexts, algorithm), covered(canonical).encode()


def statements_of_options(
    document: JsonObject, proof: JsonObject, contexts: Contexts, algorithm: HashName = "sha256"
) -> bytes:
    """Write the options of a proof as canonical N-Quads; they are read with the document's contexts (§3.2.5).

    Raises:
        CannotCanonize: they have no such form, or lose data in it, or bring other contexts, which would go unsigned.

    """
    spelling = _spelling(document, proof, algorithm)
    known = None if spelling is None else contexts.options[spelling]
    if known is not None:
        text = f"{known[0]}{proof['created']}{known[1]}"
        if contexts.watch is not None:
            contexts.watch(_options(document, proof), Canonical(text, (), algorithm))
        return text.encode()
    text = _options_in_full(document, proof, contexts, algorithm)
    if spelling is not None and (halves := _halves(text, proof["created"])) is not None:
        contexts.options.keep(spelling, halves)
    return text.encode()


def _options_in_full(document: JsonObject, proof: JsonObject, contexts: Contexts, algorithm: HashName) -> str:
    if "@context" in proof:
        _require_begun_with(document, proof["@context"])
    try:
        return covered(canonize(_options(document, proof), contexts, algorithm))
    except CannotCanonize as error:
        raise CannotCanonize(error.problem.within("/proof")) from None


def _options(document: JsonObject, proof: JsonObject) -> JsonObject:
    """Give what the options of a proof say, read with the document's contexts; their own would go unsigned."""
    options = {**proof, "@context": document.get("@context")}
    options.pop("proofValue", None)
    return options


def _spelling(document: JsonObject, proof: JsonObject, algorithm: HashName) -> tuple[Json, ...] | None:
    """Give all that the canonical form of ordinary options depends on but for their time; None for any other options.

    Issuers say the same in every proof that they make, and nothing but the time differs.
    """
    created = proof.get("created")
    if not (proof.keys() <= _ORDINARY and isinstance(created, str) and _DIGITS.fullmatch(created)):
        return None
    contexts = document.get("@context")
    named = tuple(contexts) if isinstance(contexts, list) else (contexts,)
    said = tuple(proof.get(name) for name in _SAID)
    if not all(isinstance(text, str) or text is None for text in (*said, *named)):
        return None
    return (algorithm, *said, *named) if sum(len(text or "") for text in (*said, *named)) <= MAX_SPELLING else None


def _halves(text: str, created: str) -> tuple[str, str] | None:
    """Cut the canonical form of options at their time, if another time can take its place and nothing else changes.

    So it is if the time stands once, in the only statement of its property, and there is one blank node: then neither
    the order of the statements nor the label depends on it.
    """
    before, mark, after = text.partition(f'"{created}"')
    statement = before.rpartition("\n")[2]
    alike = sum(line.startswith(statement) for line in text.splitlines())
    if not mark or alike != 1 or text.count(created) != 1 or "_:c14n1" in text:
        return None
    return f'{before}"', f'"{after}'


def covered(canonical: Canonical) -> str:
    """Give the canonical N-Quads of something of which they cover everything.

    Raises:
        CannotCanonize: they do not.

    """
    if canonical.lost:
        raise CannotCanonize(canonical.lost[0])
    return canonical.nquads


def as_json(
    document: JsonObject,
    proof: JsonObject,
    contexts: Contexts,  # noqa: ARG001 - JSON is text, whatever its terms mean
    *,
    algorithm: HashName,  # noqa: ARG001 - JSON is written alike, whatever it is hashed with
    canonical: Canonical | None,  # noqa: ARG001 - nothing of RDF is of use here
) -> tuple[bytes, bytes]:
    """Write both as JSON text (RFC 8785); a proof that names contexts of its own fixes those of the document.

    §3.3.2: the contexts of the document must begin with those of the proof, and it is read with the latter alone, so
    that contexts which others appended are no change.
    """
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if "@context" in options:
        _require_begun_with(document, options["@context"])
        document = {**document, "@context": options["@context"]}
    content = _canonical_json(document)
    try:
        return _canonical_json(options), content
    except CannotCanonize as error:
        raise CannotCanonize(error.problem.within("/proof")) from None


def _require_begun_with(document: JsonObject, contexts: Json) -> None:
    """Refuse contexts in a proof that are not those that its document begins with."""
    if not _begins_with(document.get("@context"), contexts):
        detail = "the contexts of the document do not begin with those of its proof"
        raise CannotCanonize(Problem("proof_context_differs", detail, "/proof/@context", PROOF_VERIFICATION_ERROR))


def _begins_with(contexts: Json, signed: Json) -> bool:
    whole = contexts if isinstance(contexts, list) else [contexts]
    first = signed if isinstance(signed, list) else [signed]
    return len(first) > 0 and whole[: len(first)] == first


def _canonical_json(value: JsonObject) -> bytes:
    measure(value)
    try:
        return jsontext.canonical(value)
    except NotJsonError as error:
        problem = Problem("number_out_of_range", error.detail, error.pointer, PROOF_TRANSFORMATION_ERROR)
        if "surrogate" in error.detail:
            problem = Problem("lone_surrogate", error.detail, error.pointer, PROOF_TRANSFORMATION_ERROR)
        raise CannotCanonize(problem) from None
