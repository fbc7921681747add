"""What the values of `ecdsa-sd-2023` proofs hold, read and written (VC-DI-ECDSA §3.5.4 to §3.5.7).

A base proof is the issuer's to the holder, a derived proof the holder's to everybody. Each is read in the one form that
CBOR has for it, so that no proof can be respelled.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cbor2

from ler_issuer.types import Json, Pointer
from ler_issuer.vc import multibase
from ler_issuer.vc.cbor import NotCbor, read
from ler_issuer.vc.keys import BadKey, PublicKey
from ler_issuer.vc.selecting import MAX_POINTER, MAX_POINTERS

MAX_PROOF_CHARACTERS: Final = 512 * 1024
MAX_SIGNATURES: Final = 4_000
"""Statements with a signature of their own; checking so many takes half a second."""

SECRET_BYTES: Final = 32
"""Bytes of the secret by which an issuer calls blank nodes, and of each name that comes of it."""

_BASE_HEADER: Final = b"\xd9\x5d\x00"
_DERIVED_HEADER: Final = b"\xd9\x5d\x01"
_SIGNATURE_BYTES: Final = 64
_PARTS: Final = 5
_DEPTH: Final = 2
_ITEMS: Final = 100_000
"""What is read in all; of a document with parts to show, no proof has a tenth of it."""


class MalformedValue(ValueError):
    """The value of a proof is not one of the kind that is read."""


class NotDerived(MalformedValue):
    """The value of a proof is that of a base proof, where a derived one is read."""


class BaseValue(NamedTuple):
    """What the value of a base proof holds (§3.5.4).

    The issuer's signature; the key of the statements; the secret by which blank nodes are called; the signature of each
    statement that need not be shown; and the pointers to what is always shown.
    """

    signature: bytes
    public: PublicKey
    secret: bytes
    signatures: tuple[bytes, ...]
    mandatory: tuple[Pointer, ...]

    def write(self) -> str:
        """Write it as `proofValue`."""
        return _written(
            _BASE_HEADER,
            [self.signature, self.public.multicodec, self.secret, [*self.signatures], [*self.mandatory]],
        )


class DerivedValue(NamedTuple):
    """What the value of a derived proof holds (§3.5.6).

    The issuer's signature; the key of the statements; the signature of each statement that is shown and need not be;
    for the number of each blank node's canonical label what the issuer calls it; and which statements are always shown.
    """

    signature: bytes
    public: PublicKey
    signatures: tuple[bytes, ...]
    labels: dict[int, bytes]
    mandatory: tuple[int, ...]

    def write(self) -> str:
        """Write it as `proofValue`."""
        labels = dict(sorted(self.labels.items()))
        return _written(
            _DERIVED_HEADER,
            [self.signature, self.public.multicodec, [*self.signatures], labels, [*self.mandatory]],
        )


def called(name: bytes) -> str:
    """Give the label of a blank node that an issuer calls so."""
    return f"_:{multibase.u(name)}"


def is_base_value(value: Json) -> bool:
    """Say whether this is the value of a base proof, by its beginning."""
    return isinstance(value, str) and value.startswith(multibase.u(_BASE_HEADER))  # three bytes are four whole letters


def read_base(value: Json) -> BaseValue:
    """Read the value of a base proof.

    Raises:
        MalformedValue: anything else.

    """
    signature, public, secret, signatures, pointers = _parts(_data(value), _BASE_HEADER, "a base proof")
    return BaseValue(
        _bytes(signature, _SIGNATURE_BYTES),
        _key(public),
        _bytes(secret, SECRET_BYTES),
        _signatures(signatures),
        _pointers(pointers),
    )


def read_derived(value: Json) -> DerivedValue:
    """Read the value of a derived proof.

    Raises:
        MalformedValue: anything else.
        NotDerived: the value of a base proof.

    """
    data = _data(value)
    if data.startswith(_BASE_HEADER):
        raise NotDerived
    signature, public, signatures, labels, mandatory = _parts(data, _DERIVED_HEADER, "a derived proof")
    return DerivedValue(
        _bytes(signature, _SIGNATURE_BYTES), _key(public), _signatures(signatures), _labels(labels), _indexes(mandatory)
    )


def _written(header: bytes, parts: list[object]) -> str:
    return multibase.u(header + cbor2.dumps(parts))


def _data(value: Json) -> bytes:
    if not isinstance(value, str) or len(value) > MAX_PROOF_CHARACTERS:
        raise MalformedValue("it is not text of a length that is read")
    try:
        return multibase.decode_u(value)
    except multibase.BadMultibase as error:
        raise MalformedValue(str(error)) from None


def _parts(data: bytes, header: bytes, kind: str) -> list[object]:
    if not data.startswith(header):
        raise MalformedValue(f"it does not begin as {kind}")
    try:
        parts = read(data.removeprefix(header), depth=_DEPTH, items=_ITEMS)
    except NotCbor as error:
        raise MalformedValue(str(error)) from None
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise MalformedValue("it does not have its five parts")
    return parts


def _bytes(value: object, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise MalformedValue(f"a part is not {length} bytes long")
    return value


def _key(value: object) -> PublicKey:
    if not isinstance(value, bytes):
        raise MalformedValue("the key of the statements is not a string of bytes")
    try:
        key = PublicKey.from_multicodec(value)
    except BadKey as error:
        raise MalformedValue(str(error)) from None
    if key.kind != "P-256":
        raise MalformedValue("the key of the statements is not one of P-256")
    return key


def _signatures(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > MAX_SIGNATURES:
        raise MalformedValue(f"it does not have a list of at most {MAX_SIGNATURES} signatures")
    return tuple(_bytes(one, _SIGNATURE_BYTES) for one in value)


def _pointers(value: object) -> tuple[Pointer, ...]:
    if not isinstance(value, list) or len(value) > MAX_POINTERS:
        raise MalformedValue(f"it does not have a list of at most {MAX_POINTERS} pointers")
    if not all(isinstance(one, str) and len(one) <= MAX_POINTER for one in value):
        raise MalformedValue("a pointer is not text of a length that is read")
    return tuple(value)


def _labels(value: object) -> dict[int, bytes]:
    """Read the compressed label map: for each blank node the name that the issuer's secret gave it (§3.5.5)."""
    if not isinstance(value, dict) or not all(_is_index(number) for number in value):
        raise MalformedValue("it does not have a map of labels")
    labels = {number: _bytes(label, SECRET_BYTES) for number, label in value.items()}
    if len({*labels.values()}) != len(labels):
        raise MalformedValue("two blank nodes have one label")
    return labels


def _indexes(value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(_is_index(number) for number in value):
        raise MalformedValue("it does not have a list of mandatory statements")
    if sorted({*value}) != value:
        raise MalformedValue("the mandatory statements are not in order")
    return tuple(value)


def _is_index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
