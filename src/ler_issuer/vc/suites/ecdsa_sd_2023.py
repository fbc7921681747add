"""The cryptosuite `ecdsa-sd-2023` (W3C vc-di-ecdsa §3.4): a credential of which the holder shows some statements.

The issuer signs every statement by itself, with a key made for this one credential, and vouches with its own key for
that key and for the statements that must always be shown. A holder derives from it a proof over the statements shown.
Such *derived* proofs are checked here. A *base* proof, the issuer's own to the holder, holds what a holder must not
pass on, and is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

import cbor2

from ler_issuer.vc import multibase
from ler_issuer.vc.canonical import CannotCanonize, Canonical, canonize, nquads
from ler_issuer.vc.canonical.rdfc import Quad
from ler_issuer.vc.keys import BadKey, PublicKey
from ler_issuer.vc.problems import PROOF_GENERATION_ERROR, Problem
from ler_issuer.vc.suites.cryptosuite import DATA_INTEGRITY_PROOF, failed
from ler_issuer.vc.suites.hashing import check_options
from ler_issuer.vc.suites.transformations import covered, statements_of_options

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.keys import KeyKind

MAX_PROOF_CHARACTERS: Final = 512 * 1024
MAX_SIGNATURES: Final = 4_000
"""Statements with a signature of their own; checking so many takes half a second."""

_BASE_HEADER: Final = b"\xd9\x5d\x00"
_DERIVED_HEADER: Final = b"\xd9\x5d\x01"
_SIGNATURE_BYTES: Final = 64
_LABEL_BYTES: Final = 32
_PARTS: Final = 5
_DEPTH: Final = 2


class _Disclosure(NamedTuple):
    """What the value of a derived proof holds (§3.5.6)."""

    signature: bytes
    public: PublicKey
    signatures: tuple[bytes, ...]
    labels: dict[str, str]
    mandatory: tuple[int, ...]


class _Malformed(ValueError):
    """The value of a proof is not that of a derived proof."""


class _NotDerived(_Malformed):
    """The value of a proof is that of a base proof."""


@dataclass(frozen=True, slots=True)
class EcdsaSd2023:
    """Derived proofs over the statements that a holder shows."""

    name: str = "ecdsa-sd-2023"
    proof_type: str = DATA_INTEGRITY_PROOF
    key_kinds: frozenset[KeyKind] = frozenset({"P-256"})
    signs: bool = False
    carries_context: bool = False

    def digest(
        self,
        _document: JsonObject,
        _proof: JsonObject,
        _contexts: Contexts,
        *,
        kind: KeyKind = "P-256",  # noqa: ARG002 - there is nothing to give for any
        canonical: Canonical | None = None,  # noqa: ARG002
    ) -> NoReturn:
        """Refuse: with this suite many things are signed, and none of them here.

        Raises:
            CannotCanonize: always.

        """
        raise CannotCanonize(
            Problem("suite_does_not_sign", f"no proofs of {self.name} are made", type=PROOF_GENERATION_ERROR)
        )

    def encode(self, signature: bytes) -> str:
        """Write bytes as `proofValue`."""
        return multibase.u(signature)

    def check(
        self,
        document: JsonObject,
        proof: Json,
        key: PublicKey,
        contexts: Contexts,
        *,
        canonical: Canonical | None = None,
    ) -> Problem | None:
        """Say why a derived proof does not hold for a document under a key, or None when it does (§3.4.7)."""
        problem = check_options(self, proof, key)
        if problem is not None:
            return problem
        try:
            disclosed = _read(proof.get("proofValue"))
            return _judge(disclosed, document, proof, key, contexts, canonical)
        except _NotDerived:
            detail = "this is the issuer's own proof to the holder, which is not for showing to others"
            return failed("proof_not_derived", detail, "/proof/proofValue")
        except _Malformed as error:
            return failed("proof_value_malformed", f"the signature cannot be read: {error}", "/proof/proofValue")
        except CannotCanonize as error:
            return error.problem


ECDSA_SD_2023: Final = EcdsaSd2023()
"""ECDSA over single statements, for selective disclosure."""


def _judge(
    disclosed: _Disclosure,
    document: JsonObject,
    proof: JsonObject,
    key: PublicKey,
    contexts: Contexts,
    canonical: Canonical | None,
) -> Problem | None:
    """Check the issuer's signature over what is mandatory, then the one of every other statement (§3.4.7 step 4 on)."""
    if canonical is None or canonical.algorithm != "sha256":
        canonical = canonize(document, contexts)
    statements = _relabelled(covered(canonical), disclosed.labels)
    if disclosed.mandatory and disclosed.mandatory[-1] >= len(statements):
        raise _Malformed("it names statements that are not there")
    shown = set(disclosed.mandatory)
    mandatory = "".join(statements[index] for index in disclosed.mandatory)
    others = [statement for index, statement in enumerate(statements) if index not in shown]
    if len(others) != len(disclosed.signatures):
        return failed("signature_wrong", "the statements shown are not as many as were signed")
    signed = b"".join(
        (
            hashlib.sha256(statements_of_options(document, proof, contexts)).digest(),
            disclosed.public.multicodec,
            hashlib.sha256(mandatory.encode()).digest(),
        )
    )
    if not key.verify(disclosed.signature, signed):
        return failed("signature_wrong", "the signature was made with another key or over other content")
    pairs = zip(disclosed.signatures, others, strict=True)
    if not all(disclosed.public.verify(signature, statement.encode()) for signature, statement in pairs):
        return failed("signature_wrong", "one of the statements shown is not as it was signed")
    return None


def _relabelled(text: str, labels: dict[str, str]) -> list[str]:
    """Give canonical statements with the blank nodes called as the issuer called them, in order (§3.3.6, §3.5.2).

    Raises:
        _Malformed: not every blank node has a name, or there are names to spare.

    """
    quads = nquads.read(text)
    nodes = {term for quad in quads for term in quad if term[:1] == "_"}
    if nodes != labels.keys():
        raise _Malformed("the labels are not those of the blank nodes")
    return sorted(nquads.write(Quad(*(labels.get(term, term) for term in quad))) for quad in quads)


def _read(value: Json) -> _Disclosure:
    """Read the value of a derived proof, in the one form that CBOR has for it (§3.5.7).

    Raises:
        _Malformed: anything else.
        _NotDerived: the value of a base proof.

    """
    if not isinstance(value, str) or len(value) > MAX_PROOF_CHARACTERS:
        raise _Malformed("it is not text of a length that is read")
    try:
        data = multibase.decode_u(value)
    except multibase.BadMultibase as error:
        raise _Malformed(str(error)) from None
    if data.startswith(_BASE_HEADER):
        raise _NotDerived
    if not data.startswith(_DERIVED_HEADER):
        raise _Malformed("it does not begin as a derived proof")
    parts = _decoded(data.removeprefix(_DERIVED_HEADER))
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise _Malformed("it does not have its five parts")
    signature, public, signatures, labels, mandatory = parts
    return _Disclosure(
        _bytes(signature, _SIGNATURE_BYTES), _key(public), _signatures(signatures), _labels(labels), _indexes(mandatory)
    )


def _decoded(data: bytes) -> object:
    try:
        value: object = cbor2.loads(data, max_depth=_DEPTH, allow_indefinite=False, allow_duplicate_keys=False)
        again = cbor2.dumps(value)
    except Exception as error:  # noqa: BLE001 - hostile bytes make a decoder fail in its own ways
        raise _Malformed(f"it is not CBOR ({type(error).__name__})") from None
    if again != data:  # trailing bytes, numbers in a longer form than theirs
        raise _Malformed("it is not written in the one way that CBOR has for it")
    return value


def _bytes(value: object, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise _Malformed(f"a part is not {length} bytes long")
    return value


def _key(value: object) -> PublicKey:
    if not isinstance(value, bytes):
        raise _Malformed("the key of the statements is not a string of bytes")
    try:
        key = PublicKey.from_multicodec(value)
    except BadKey as error:
        raise _Malformed(str(error)) from None
    if key.kind != "P-256":
        raise _Malformed("the key of the statements is not one of P-256")
    return key


def _signatures(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > MAX_SIGNATURES:
        raise _Malformed(f"it does not have a list of at most {MAX_SIGNATURES} signatures")
    return tuple(_bytes(one, _SIGNATURE_BYTES) for one in value)


def _labels(value: object) -> dict[str, str]:
    """Read the compressed label map: for each blank node the name that the issuer's secret gave it (§3.5.5)."""
    if not isinstance(value, dict) or not all(_is_index(number) for number in value):
        raise _Malformed("it does not have a map of labels")
    labels = {f"_:c14n{number}": f"_:{multibase.u(_bytes(label, _LABEL_BYTES))}" for number, label in value.items()}
    if len({*labels.values()}) != len(labels):
        raise _Malformed("two blank nodes have one label")
    return labels


def _indexes(value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(_is_index(number) for number in value):
        raise _Malformed("it does not have a list of mandatory statements")
    if sorted({*value}) != value:
        raise _Malformed("the mandatory statements are not in order")
    return tuple(value)


def _is_index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
