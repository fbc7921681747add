"""Credentials and presentations in COSE_Sign1 (RFC 9052 §4.2), as VC-JOSE-COSE uses it.

What a token says in JSON stands here in CBOR: the algorithm, the key, the media types and, if there are any, the claims
(RFC 9597), all of them protected. It is read in the one form that CBOR has for it, so that nothing can be respelled; a
header that is not protected is refused, since anybody could have added it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import cbor2
from typing_extensions import override

from ler_issuer import jsontext
from ler_issuer.vc.cbor import NotCbor, read
from ler_issuer.vc.jwt import ALGORITHMS, LONGEST_HEADER, LONGEST_TOKEN, Envelope, Unreadable, said_in
from ler_issuer.vc.problems import CRYPTOGRAPHIC_SECURITY_ERROR, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ler_issuer.types import JsonObject

COSE_ALGORITHMS: Final[Mapping[str, int]] = MappingProxyType({"ES256": -7, "EdDSA": -8, "ES384": -35, "ES512": -36})
"""The algorithms, by the names that tokens give them (RFC 9053 §2)."""

_SIGN1: Final = 18
_PARTS: Final = 4
_DEPTH: Final = 3
_ITEMS: Final = 1_000
_TAGGED: Final = b"\xd2"
"""The one way to write the tag, which is no value by itself."""

_ALG, _CRIT, _CONTENT, _KID, _CLAIMS, _TYP = 1, 2, 3, 4, 15, 16
_NAMES: Final = MappingProxyType({_CONTENT: "cty", _TYP: "typ"})
_CLAIM_NAMES: Final = MappingProxyType({1: "iss", 2: "sub", 3: "aud", 4: "exp", 5: "nbf", 6: "iat", 10: "nonce"})
_MEDIA: Final = "application/"
_TOLD: Final = 100
"""Characters that are told of the name of an algorithm."""


@dataclass(frozen=True, slots=True)
class CoseEnvelope(Envelope):
    """A COSE_Sign1 that was read, and not yet checked; `header` tells in the words of tokens what is protected.

    `protected` is that as it was sent, `content` the bytes of the payload; `token` is empty.
    """

    protected: bytes = b""
    content: bytes = b""
    sealed: bytes = field(default=b"", repr=False)

    @property
    @override
    def signed(self) -> bytes:
        """The bytes that the signature covers (RFC 9052 §4.4)."""
        return _signed(self.protected, self.content)

    @property
    @override
    def signature(self) -> bytes:
        """The raw signature."""
        return self.sealed


def sign1(payload: bytes, *, alg: int, kid: bytes, typ: str, content: str, sign: Callable[[bytes], bytes]) -> bytes:
    """Sign a payload as COSE_Sign1; `typ` and `content` are the media types of the whole and of the payload."""
    protected = cbor2.dumps({_ALG: alg, _CONTENT: content, _KID: kid, _TYP: typ})
    return cbor2.dumps(cbor2.CBORTag(_SIGN1, [protected, {}, payload, sign(_signed(protected, payload))]))


def _signed(protected: bytes, payload: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, b"", payload])


def read_base64(text: str, *, padded: bool = False) -> bytes | Problem:
    """Read the text of a COSE_Sign1: base64 without padding; in a `data:` URL it may be `padded`."""
    body = text.rstrip("=")
    padding = "=" * (-len(body) % 4)
    allowed = {body, body + padding} if padded else {body}
    try:
        data = base64.b64decode(body + padding, validate=True)
    except (binascii.Error, ValueError):
        return Problem("cose_malformed", "it is not base64", "", CRYPTOGRAPHIC_SECURITY_ERROR)
    if base64.b64encode(data).decode() != body + padding or text not in allowed:
        return Problem(
            "cose_malformed", "it is not the one way to write it in base64", "", CRYPTOGRAPHIC_SECURITY_ERROR
        )
    return data


def open_cose(data: bytes, *, presents: bool = False) -> CoseEnvelope | Problem:
    """Read a credential (or a presentation) as COSE_Sign1, or say why it is none that could be checked.

    Total, and bounded in size and depth.
    """
    try:
        read = read_sign1(data, subject="vp" if presents else "vc")
    except Unreadable as error:
        return error.problem
    if not {"vc", "vp"}.isdisjoint(read.payload):
        return Problem("jwt_mixed", "'vc' and 'vp' are claims of older tokens", "", CRYPTOGRAPHIC_SECURITY_ERROR)
    return read


def read_sign1(data: bytes, *, subject: str, algorithms: Collection[str] = ALGORITHMS) -> CoseEnvelope:
    """Read a COSE_Sign1 whose payload is a JSON object, a credential (`vc`) or a presentation (`vp`).

    Raises:
        Unreadable: it is none, is of another type or algorithm, or its header asks for what is not done here.
    """
    if len(data) > LONGEST_TOKEN:
        raise _malformed(f"it is longer than {LONGEST_TOKEN} bytes")
    parts = _decoded(data.removeprefix(_TAGGED)) if data.startswith(_TAGGED) else None
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise _malformed("it is not the four parts of a COSE_Sign1")
    protected, unprotected, content, sealed = parts
    if not (isinstance(protected, bytes) and isinstance(content, bytes) and isinstance(sealed, bytes) and sealed):
        raise _malformed("a part of it is not a string of bytes")
    if unprotected != {}:
        raise _malformed("it has a header that is not protected")
    labels = _labels(protected)
    header, claims = _header(labels, algorithms), _claims(labels.get(_CLAIMS, {}))
    if (header.get("typ"), header.get("cty", subject)) != (f"{subject}+cose", subject):
        told = f"{header.get('typ', 'no type')} of {header.get('cty', 'no content type')}"
        raise Unreadable("cose_type_wrong", told, kind=CRYPTOGRAPHIC_SECURITY_ERROR)
    payload, presents = _document(content) | claims, subject == "vp"
    return CoseEnvelope("", header, payload, said_in(payload, presents=presents), presents, protected, content, sealed)


def _decoded(data: bytes) -> object:
    try:
        return read(data, depth=_DEPTH, items=_ITEMS)
    except NotCbor as error:
        raise _malformed(str(error)) from None


def _labels(protected: bytes) -> Mapping[int | str, object]:
    if len(protected) > LONGEST_HEADER:
        raise _malformed(f"its header is longer than {LONGEST_HEADER} bytes")
    told = _decoded(protected)
    if not isinstance(told, dict):
        raise _malformed("its header is not a map")
    return told


def _claims(told: object) -> JsonObject:
    """Tell the claims of a header by the names that they have in tokens; those that are not known here are ignored."""
    if not isinstance(told, dict):
        raise _malformed("its claims are not a map")
    claims = {name: told[number] for number, name in _CLAIM_NAMES.items() if number in told}
    if not all(isinstance(value, str | int | float) for value in claims.values()):
        raise _malformed("a claim is no text and no number")
    return claims


def _header(told: Mapping[int | str, object], algorithms: Collection[str]) -> JsonObject:
    """Tell a protected header in the words of tokens; a label that is not known here as one, so that it is no word."""
    alg = next((name for name, number in COSE_ALGORITHMS.items() if number == told.get(_ALG)), None)
    if alg is None or alg not in algorithms or isinstance(told.get(_ALG), float):
        named = str(told.get(_ALG, "none is named"))[:_TOLD]
        raise Unreadable("jwt_alg_unknown", named, kind=CRYPTOGRAPHIC_SECURITY_ERROR)
    if _CRIT in told:
        raise Unreadable("jwt_critical", "crit", kind=CRYPTOGRAPHIC_SECURITY_ERROR)
    header: JsonObject = {"alg": alg}
    for label, value in told.items():
        if isinstance(label, int) and label in _NAMES and isinstance(value, str):
            header[_NAMES[label]] = value.lower().removeprefix(_MEDIA)
        elif label == _KID and isinstance(value, bytes):
            header["kid"] = _text(value)
        elif label not in {_ALG, _CLAIMS}:
            header[f"label {label!r}"] = "…"  # a number without quotation marks, a text with them
    return header


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _malformed("its key id is no text") from None


def _document(content: bytes) -> JsonObject:
    try:
        document = jsontext.parse(content)
    except jsontext.NotJsonError as error:
        raise _malformed(f"its payload is not strict JSON: {error.detail}") from None
    if not isinstance(document, dict):
        raise _malformed("its payload is not a JSON object")
    return document


def _malformed(detail: str) -> Unreadable:
    return Unreadable("cose_malformed", detail, kind=CRYPTOGRAPHIC_SECURITY_ERROR)
