"""Selective disclosure by `ecdsa-sd-2023`: the issuer's base proof, and what a holder derives from it.

The specification (VC-DI-ECDSA §3.5) gives blank nodes passing names so as to find those of a part in the whole; here
they are found by where they stand (`canonical.placing`), and what comes out is the same to the byte.
"""

from __future__ import annotations

import hashlib
import hmac
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from ler_issuer.vc.canonical import nquads
from ler_issuer.vc.canonical.bounds import measure
from ler_issuer.vc.canonical.rdfc import Quad, labels_of
from ler_issuer.vc.documents import as_list, unfit, without_proof
from ler_issuer.vc.plain import overlooked
from ler_issuer.vc.problems import PROOF_GENERATION_ERROR, CannotCanonize, Problem
from ler_issuer.vc.proofs import Fixed, Unsignable, prepare, signature_of
from ler_issuer.vc.selecting import Outline, Unselectable, outline, select, splitting
from ler_issuer.vc.suites.disclosure_values import (
    MAX_PROOF_CHARACTERS,
    MAX_SIGNATURES,
    SECRET_BYTES,
    BaseValue,
    DerivedValue,
    MalformedValue,
    called,
    is_base_value,
    read_base,
    read_derived,
)
from ler_issuer.vc.suites.ecdsa_sd_2023 import ECDSA_SD_2023
from ler_issuer.vc.suites.hashing import is_of
from ler_issuer.vc.suites.transformations import statements_of_options

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.types import Json, JsonObject, Pointer
    from ler_issuer.vc.canonical.placing import Placed
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.keys import PublicKey, Signer

MAX_VALUES: Final = 10_000
"""Members and items of a document of which parts can be shown: it is read by the general path, and several times."""

_BOUNDS: Final = frozenset({"work_bound", "too_large"})

_MOST_LOOKED_INTO: Final = 1_000
"""Statements, and values, of a document in which it is found out which of several pointers was wrong."""


class Underivable(Exception):
    """Nothing can be derived from a credential as it was asked for; `problems` says why, never empty."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Carry every problem that was found."""
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.pointer or '/'}: {problem.detail}" for problem in self.problems))


class OneTimeKey(Protocol):
    """A P-256 key that is made for one credential, signs its statements, and is forgotten."""

    @property
    def public(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """Give the raw signature of a message."""


class PreparedBase(Fixed):
    """A document that passed every check before signing, with all of its base proof but the issuer's own signature.

    Made by `prepare_base` only, and spent once.
    """

    def __init__(self, document: JsonObject, proof: JsonObject, signed: bytes, value: BaseValue) -> None:
        """Hold what is to be signed; `value` is what the proof will hold, its signature aside."""
        super().__init__(proof, ECDSA_SD_2023, signed, "P-256")
        self.document = document
        self.value = value


def prepare_base(  # noqa: PLR0913 - what `prepare` asks for, and what is drawn for this one document
    document: JsonObject,
    *,
    mandatory: Sequence[Pointer],
    verification_method: str,
    created: datetime,
    contexts: Contexts,
    once: OneTimeKey,
    secret: bytes,
    vc11: bool = False,
) -> PreparedBase:
    """Check that a document can be signed, as `prepare` does, and sign its statements with a key made for it.

    What `mandatory` names is shown in every derived credential; it is kept once, however often it is named. `once` and
    `secret`, 32 bytes that nobody can guess, are made for this document alone: used again they would let a holder mix
    statements of two documents.

    Raises:
        Unsignable: as `prepare`; or a plain reader would overlook something; a pointer names nothing in the document
            (`pointer_unmatched`) or only a part of what is one statement or one list (`pointer_splits`); or there are
            more statements than are signed, or more in the proof than `derive` reads (`too_large`).
        ValueError: `created` has no time zone; the secret is not 32 bytes long, or the key not one of P-256.

    """
    if len(secret) != SECRET_BYTES or once.public.kind != "P-256":
        raise ValueError("a base proof needs a secret of 32 bytes and a key of the kind P-256")
    fit = prepare(  # for its checks, under the suite that would sign the same statements at once
        document,
        cryptosuite="ecdsa-rdfc-2019",
        kind="P-256",
        verification_method=verification_method,
        created=created,
        contexts=contexts,
        vc11=vc11,
    )
    problem = overlooked(fit.document)  # of such a document nothing could be derived
    if problem is not None:
        raise Unsignable([problem])
    proof = {**fit.proof, "cryptosuite": ECDSA_SD_2023.name}
    mandatory = tuple(dict.fromkeys(mandatory))
    try:
        whole = _Whole(fit.document, contexts, secret)
        always = whole.part(mandatory).indexes if mandatory else []
        options = statements_of_options(fit.document, proof, contexts)
    except Unselectable as error:
        raise Unsignable(error.problems) from None
    except CannotCanonize as error:
        raise Unsignable([error.problem]) from None
    others = whole.without(always)
    if len(others) > MAX_SIGNATURES:
        raise Unsignable([_problem("too_large", f"more than {MAX_SIGNATURES} statements")])
    shown = "".join(whole.lines[index] for index in always)
    signed = b"".join((_sha256(options), once.public.multicodec, _sha256(shown.encode())))
    signatures = tuple(once.sign(whole.lines[index].encode()) for index in others)
    value = BaseValue(bytes(64), once.public, secret, signatures, mandatory)
    if len(value.write()) > MAX_PROOF_CHARACTERS:
        detail = f"a proof of more than {MAX_PROOF_CHARACTERS} characters, by its statements and mandatory pointers"
        raise Unsignable([_problem("too_large", detail)])
    return PreparedBase(fit.document, proof, signed, value)


def seal_base(prepared: PreparedBase, signer: Signer) -> JsonObject:
    """Sign what was prepared and attach the base proof; the `PreparedBase` is spent.

    Raises:
        NotSealable: it was spent before, or prepared for another verification method or kind of key than the signer's.

    """
    value = prepared.value._replace(signature=signature_of(prepared, signer))
    return {**prepared.document, "proof": [{**prepared.proof, "proofValue": value.write()}]}


def derive(credential: JsonObject, selective: Sequence[Pointer], contexts: Contexts) -> JsonObject:
    """Give what a holder shows of a credential with a base proof: what is mandatory, and what `selective` names.

    The empty pointer names all. The proof stands as it does in the credential, in a list or by itself; of several
    proofs the first base proof is taken, and the others are left out. Whether it holds is not looked at.

    Raises:
        Underivable: there is no base proof, or none that can be read, or not that of this document; a pointer names
            nothing in the document (`pointer_unmatched`), or only a part of what is one statement or one list
            (`pointer_splits`); nothing is selected at all (`nothing_selected`); or the document cannot be canonized.

    """
    problem = unfit(credential) or overlooked(credential)
    if problem is not None:
        raise Underivable([problem])
    proof, pointer = _base_of(credential)
    try:
        base = read_base(proof["proofValue"])
        document, value = _derived(without_proof(credential), base, selective, contexts)
    except MalformedValue as error:
        raise _unreadable(error, pointer) from None
    except Unselectable as error:
        raise Underivable(error.problems) from None
    except CannotCanonize as error:
        raise Underivable([error.problem]) from None
    derived = {**proof, "proofValue": value.write()}
    return {**document, "proof": [derived] if isinstance(credential["proof"], list) else derived}


def disclosed(credential: JsonObject, selective: Sequence[Pointer]) -> Outline:
    """Tell what of a credential with a base proof is in what `derive` gives for it, and what is not.

    Raises:
        Underivable: there is no base proof that can be read, or a pointer names nothing in the document.

    """
    proof, pointer = _base_of(credential)
    try:
        return outline(without_proof(credential), [*read_base(proof["proofValue"]).mandatory, *selective])
    except MalformedValue as error:
        raise _unreadable(error, pointer) from None
    except Unselectable as error:
        raise Underivable(error.problems) from None


def is_base(proof: Json) -> bool:
    """Say whether this is a base proof, as far as its beginning tells."""
    return isinstance(proof, dict) and is_of(ECDSA_SD_2023, proof) and is_base_value(proof.get("proofValue"))


def counted(proof: Json) -> tuple[int, int] | None:
    """Count the statements that a derived proof covers: those always shown, and those chosen; None of anything else."""
    if not isinstance(proof, dict) or not is_of(ECDSA_SD_2023, proof):
        return None
    try:
        value = read_derived(proof.get("proofValue"))
    except MalformedValue:
        return None
    return len(value.mandatory), len(value.signatures)


def _base_of(credential: JsonObject) -> tuple[JsonObject, Pointer]:
    proofs = credential.get("proof")
    for number, proof in enumerate(as_list(proofs)):
        if is_base(proof):
            return proof, f"/proof/{number}" if isinstance(proofs, list) else "/proof"
    detail = f"it has no base proof of {ECDSA_SD_2023.name}, so that no part of it can be shown by itself"
    raise Underivable([_problem("proof_not_base", detail, "/proof")])


def _unreadable(error: MalformedValue, pointer: Pointer) -> Underivable:
    detail = f"the issuer's proof cannot be read: {error}"
    return Underivable([_problem("proof_value_malformed", detail, f"{pointer}/proofValue")])


def _derived(
    document: JsonObject, base: BaseValue, selective: Sequence[Pointer], contexts: Contexts
) -> tuple[JsonObject, DerivedValue]:
    if not base.mandatory and not selective:
        raise Underivable([_problem("nothing_selected", "nothing is mandatory, and nothing was selected")])
    whole = _Whole(document, contexts, base.secret)
    always = _always(whole, base)
    others = whole.without(always)
    if len(others) != len(base.signatures):
        raise MalformedValue("it does not have one signature for each statement")
    part = whole.part([*base.mandatory, *selective])
    signature_for = dict(zip(others, base.signatures, strict=True))
    labels = labels_of(part.quads)
    value = DerivedValue(
        signature=base.signature,
        public=base.public,
        signatures=tuple(signature_for[index] for index in part.indexes if index not in always),
        labels={int(label.removeprefix("_:c14n")): part.names[node] for node, label in labels.items()},
        mandatory=tuple(number for number, index in enumerate(part.indexes) if index in always),
    )
    return part.document, value


def _always(whole: _Whole, base: BaseValue) -> set[int]:
    """Give the indexes of the statements that are mandatory; what is wrong with those pointers is the proof's fault."""
    try:
        return {*whole.part(base.mandatory).indexes} if base.mandatory else set()
    except Unselectable as error:
        raise MalformedValue(f"of what it always shows, {error.problems[0].detail}") from None


class _Part(NamedTuple):
    """A part of a document: which of its statements it makes, and what the issuer calls its blank nodes."""

    document: JsonObject
    quads: tuple[Quad, ...]
    names: dict[str, bytes]
    indexes: list[int]


class _Whole:
    """The statements of a document with its blank nodes called by a secret, in order (§3.4.2 to §3.4.14)."""

    def __init__(self, document: JsonObject, contexts: Contexts, secret: bytes) -> None:
        if measure(document).values > MAX_VALUES:
            raise CannotCanonize(_problem("too_large", f"more than {MAX_VALUES} values, too many to show parts of"))
        self._document = document
        self._contexts = contexts
        self._placed = _placed(document, contexts)
        self._names = {
            node: hmac.digest(secret, label.removeprefix("_:").encode(), "sha256")
            for node, label in labels_of(self._placed.quads).items()
        }
        self.lines = sorted(_lines(self._placed.quads, self._names))
        self._index = {line: index for index, line in enumerate(self.lines)}

    def without(self, indexes: Iterable[int]) -> list[int]:
        """Give the indexes of all other statements."""
        left_out = {*indexes}
        return [index for index in range(len(self.lines)) if index not in left_out]

    def part(self, pointers: Sequence[Pointer]) -> _Part:
        """Give the part that pointers name.

        Raises:
            Unselectable: they name nothing, or parts that say something else by themselves than in the whole.
            CannotCanonize: a bound was reached.

        """
        found = self._part(pointers)
        if found is None:
            raise Unselectable([splitting(self._first_splitting(pointers))])
        return found

    def _first_splitting(self, pointers: Sequence[Pointer]) -> Pointer:
        """Find the pointer up to which all went well; in a large document that is not worth the work."""
        if len(self.lines) > _MOST_LOOKED_INTO or measure(self._document).values > _MOST_LOOKED_INTO:
            return ""
        lengths = range(1, len(pointers) + 1)
        place = bisect_left(lengths, True, key=lambda length: self._part(pointers[:length]) is None)  # noqa: FBT003
        return pointers[min(place, len(pointers) - 1)]

    def _part(self, pointers: Sequence[Pointer]) -> _Part | None:
        """Give the part that pointers name, or None if it says what the whole does not."""
        document, origins = select(self._document, pointers)
        try:
            placed = _placed(document, self._contexts)
        except CannotCanonize as error:
            if error.problem.code in _BOUNDS:
                raise
            return None
        names = self._names_in(placed, origins)
        if any(term[:1] == "_" and term not in names for quad in placed.quads for term in quad):
            return None
        lines = _lines(placed.quads, names)
        if not lines <= self._index.keys():
            return None
        return _Part(document, placed.quads, names, sorted(self._index[line] for line in lines))

    def _names_in(self, placed: Placed, origins: Mapping[Pointer, Pointer]) -> dict[str, bytes]:
        """Find out what the issuer calls the blank nodes of a part, by where they stand in the whole."""
        found = {node: self._placed.places.get(origins[place]) for place, node in placed.places.items()}
        found |= {node: self._placed.cells.get((origins[place], way)) for (place, way), node in placed.cells.items()}
        return {node: self._names[there] for node, there in found.items() if there in self._names}


def _placed(document: JsonObject, contexts: Contexts) -> Placed:
    from ler_issuer.vc.canonical.placing import placed  # noqa: PLC0415 - PyLD: only if needed

    return placed(document, contexts)


def _lines(quads: Iterable[Quad], names: Mapping[str, bytes]) -> set[str]:
    """Write statements with their blank nodes called by names, each once."""
    labels = {node: called(name) for node, name in names.items()}
    return {nquads.write(Quad(*(labels.get(term, term) for term in quad))) for quad in quads}


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _problem(code: str, detail: str, pointer: Pointer = "") -> Problem:
    return Problem(code, detail, pointer, PROOF_GENERATION_ERROR)
