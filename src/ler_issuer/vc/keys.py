"""Keys: public ones as values, private ones as somebody who signs.

Nothing in here makes or keeps a private key; randomness and custody belong to whoever implements `Signer`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from nacl import bindings
from nacl.exceptions import CryptoError

from ler_issuer import jsontext
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import multibase

if TYPE_CHECKING:
    from collections.abc import Mapping

KeyKind: TypeAlias = Literal["Ed25519", "P-256", "P-384", "RSA"]
"""The kinds of keys that are understood here."""

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

LEAST_RSA_BITS: Final = 2048
MOST_RSA_BITS: Final = 4096

MOST_REMEMBERED: Final = 2048
"""Public keys that were found to be keys, and are not vetted again."""

_LEAST_EXPONENT: Final = 2**16 + 1
_MOST_EXPONENT: Final = 2**32

_PREFIXES: Final[Mapping[bytes, KeyKind]] = MappingProxyType(
    {b"\xed\x01": "Ed25519", b"\x80\x24": "P-256", b"\x81\x24": "P-384", b"\x85\x24": "RSA"}
)
"""Multicodecs as varints: what every Multikey of a kind begins with (CID §2.2.2)."""

_PREFIX_BYTES: Final = 2
_LONGEST_MULTIKEY: Final = 600
"""More bytes than any Multikey has; a public RSA key of 4096 bits has 526."""

_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class BadKey(ValueError):
    """A value is not a public key that is accepted here."""


@dataclass(frozen=True, slots=True)
class _Curve:
    """What is particular to one of NIST's curves."""

    curve: ec.EllipticCurve
    hashed: HashAlgorithm
    size: int


_CURVES: Final[Mapping[str, _Curve]] = MappingProxyType(
    {"P-256": _Curve(ec.SECP256R1(), SHA256(), 32), "P-384": _Curve(ec.SECP384R1(), SHA384(), 48)}
)
_ALGORITHMS: Final[Mapping[KeyKind, str]] = MappingProxyType(
    {"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384", "RSA": "RS256"}
)
_SYNONYMS: Final[Mapping[str, str]] = MappingProxyType({"Ed25519": "EdDSA"})
"""Names of algorithms that mean one of ours (RFC 9864)."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, in the one encoding that its kind has here, so that equal keys are equal values.

    Ed25519: 32 bytes that are the one encoding of a point of prime order. Points of small or mixed order and second
    encodings are refused, since with them one signature can hold for several messages or keys. P-256 and P-384: the
    compressed point. RSA: PKCS #1 in DER, with a modulus of 2048 to 4096 bits.

    Raises:
        BadKey: other bytes than that.

    """

    kind: KeyKind
    raw: bytes

    def __post_init__(self) -> None:
        _vet(self.kind, self.raw)

    @classmethod
    def from_multibase(cls, text: Json) -> PublicKey:
        """Read a Multikey's `publicKeyMultibase`, for example ``z6Mk…`` (Ed25519), ``zDn…`` (P-256) or ``z82…``.

        Raises:
            BadKey: any other value, also keys of other kinds.

        """
        if not isinstance(text, str) or len(text) > 2 * _LONGEST_MULTIKEY:
            raise BadKey("this is no text of the length of a Multikey")
        return _of_multikey(text)

    @classmethod
    def from_multicodec(cls, data: bytes) -> PublicKey:
        """Read the bytes of a Multikey: a prefix that names the kind, then the key.

        Raises:
            BadKey: any other bytes, also keys of other kinds.

        """
        kind = _PREFIXES.get(data[:_PREFIX_BYTES])
        if kind is None:
            raise BadKey("this is no key of a kind that is known here")
        return cls(kind, data[_PREFIX_BYTES:])

    @classmethod
    def from_jwk(cls, value: Json) -> PublicKey:
        """Read a public JSON Web Key (RFC 7517, RFC 7518 §6, RFC 8037 §2).

        What it says about its use must allow to check signatures, and its `alg`, if any, must be the one of `alg`.

        Raises:
            BadKey: any other value; also one that gives away the private half.

        """
        if not isinstance(value, dict):
            raise BadKey("a JWK is a JSON object")
        if _PRIVATE_MEMBERS & value.keys():
            raise BadKey("this gives away a private key, so it can vouch for nothing")
        if value.get("use", "sig") != "sig" or not _may_verify(value.get("key_ops", ["verify"])):
            raise BadKey("this key is not meant for signatures")
        key = cls(*_from_members(value))
        named = value.get("alg", key.alg)
        if not isinstance(named, str) or _SYNONYMS.get(named, named) != key.alg:
            raise BadKey("this key is meant for another algorithm")
        return key

    @property
    def multicodec(self) -> bytes:
        """The bytes of the key as a Multikey."""
        return next(prefix for prefix, kind in _PREFIXES.items() if kind == self.kind) + self.raw

    @property
    def multibase(self) -> str:
        """The key as a Multikey's `publicKeyMultibase`."""
        return multibase.z(self.multicodec)

    @property
    def alg(self) -> str:
        """The JSON Web Algorithm that this key signs with (RFC 7518 §3.1, RFC 8037 §3.1)."""
        return _ALGORITHMS[self.kind]

    def jwk(self) -> JsonObject:
        """Give the key as a JWK with the members that make the key, and no others."""
        if self.kind == "Ed25519":
            return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(self.raw)}
        if self.kind == "RSA":
            return {"kty": "RSA", "n": _base64url(_big(_rsa(self.raw).n)), "e": _base64url(_big(_rsa(self.raw).e))}
        size, numbers = _CURVES[self.kind].size, _point(self.kind, self.raw).public_numbers()
        x, y = numbers.x.to_bytes(size), numbers.y.to_bytes(size)
        return {"kty": "EC", "crv": self.kind, "x": _base64url(x), "y": _base64url(y)}

    @property
    def thumbprint(self) -> str:
        """The SHA-256 thumbprint of the key as a JWK, in base64url (RFC 7638)."""
        return _base64url(hashlib.sha256(jsontext.canonical(self.jwk())).digest())

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Say whether `signature` over `message` was made with the private half of this key.

        Ed25519 (RFC 8032); ECDSA with SHA-256 or, on P-384, SHA-384, the signature being r and s side by side; or
        RSASSA-PKCS1-v1_5 with SHA-256.
        """
        if self.kind == "Ed25519":
            return _holds_ed25519(self.raw, signature, message)
        try:
            if self.kind == "RSA":
                _rsa_key(self.raw).verify(signature, message, padding.PKCS1v15(), SHA256())
                return True
            return _holds_ecdsa(self.kind, self.raw, signature, message)
        except InvalidSignature:
            return False


class Signer(Protocol):
    """Somebody who holds a private key and signs with it: a file, a vault, a device."""

    @property
    def verification_method(self) -> str:
        """The URL under which the public half is published."""

    @property
    def public(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """Sign these bytes; give the raw signature, as `PublicKey.verify` wants it."""


def public_of(seed: bytes, kind: KeyKind = "Ed25519") -> PublicKey:
    """Give the public half of the key that grows from a seed.

    For Ed25519 the seed has 32 bytes (RFC 8032 §5.1.5); for P-256 and P-384 it is the private number, big-endian, in 32
    or 48 bytes.

    Raises:
        BadKey: the seed has another length, is no private number of the curve, or the kind knows no seeds (RSA).

    """
    if kind == "Ed25519":
        if len(seed) != KEY_BYTES:
            raise BadKey("an Ed25519 seed has 32 bytes")
        public, _ = bindings.crypto_sign_seed_keypair(seed)
        return PublicKey("Ed25519", public)
    curve = _CURVES.get(kind)
    if curve is None or len(seed) != curve.size:
        raise BadKey(f"this is no seed for {kind}")
    try:
        private = ec.derive_private_key(int.from_bytes(seed), curve.curve)
    except ValueError:
        raise BadKey(f"this is no private number of {kind}") from None
    return PublicKey(kind, _compressed(private.public_key()))


@lru_cache(maxsize=MOST_REMEMBERED)
def _of_multikey(text: str) -> PublicKey:
    try:
        return PublicKey.from_multicodec(multibase.decode_z_within(text, most=_LONGEST_MULTIKEY))
    except multibase.BadMultibase as error:
        raise BadKey(str(error)) from None


@lru_cache(maxsize=MOST_REMEMBERED)
def _vet(kind: KeyKind, raw: bytes) -> None:
    """Refuse bytes that are no key; those that are one are remembered, since vetting costs as much as a signature."""
    if kind == "Ed25519":
        if len(raw) != KEY_BYTES or not bindings.crypto_core_ed25519_is_valid_point(raw):
            raise BadKey("these bytes are not an Ed25519 public key")
    elif kind == "RSA":
        _rsa(raw)
    else:
        _point(kind, raw)


def _holds_ed25519(raw: bytes, signature: bytes, message: bytes) -> bool:
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        bindings.crypto_sign_open(signature + message, raw)
    except CryptoError:
        return False
    return True


def _holds_ecdsa(kind: str, raw: bytes, signature: bytes, message: bytes) -> bool:
    curve = _CURVES[kind]
    if len(signature) != 2 * curve.size:
        return False
    r, s = int.from_bytes(signature[: curve.size]), int.from_bytes(signature[curve.size :])
    _point(kind, raw).verify(encode_dss_signature(r, s), message, ec.ECDSA(curve.hashed))
    return True


def _point(kind: str, raw: bytes) -> ec.EllipticCurvePublicKey:
    """Read a compressed point; reading it checks that it lies on the curve."""
    curve = _CURVES.get(kind)
    if curve is None:
        raise BadKey(f"keys of the kind {kind[:40]!r} are not known here")
    if len(raw) != curve.size + 1 or raw[:1] not in {b"\x02", b"\x03"}:
        raise BadKey(f"these bytes are not a compressed point of {kind}")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve.curve, raw)
    except ValueError:
        raise BadKey(f"these bytes are not a point of {kind}") from None


def _compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def _rsa(raw: bytes) -> rsa.RSAPublicNumbers:
    return _rsa_key(raw).public_numbers()


def _rsa_key(raw: bytes) -> rsa.RSAPublicKey:
    """Read an RSA key of a size that is neither weak nor costly, written in the one way that DER knows."""
    try:
        key = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise BadKey("these bytes are not an RSA public key") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.public_bytes(Encoding.DER, PublicFormat.PKCS1) != raw:
        raise BadKey("these bytes are not an RSA public key in the form of PKCS #1")
    numbers = key.public_numbers()
    if not (LEAST_RSA_BITS <= key.key_size <= MOST_RSA_BITS and numbers.n % 2):
        raise BadKey(f"an RSA key has from {LEAST_RSA_BITS} to {MOST_RSA_BITS} bits")
    if not (_LEAST_EXPONENT <= numbers.e < _MOST_EXPONENT and numbers.e % 2):
        raise BadKey("the exponent of an RSA key is odd, at least 65537 and below 2^32")
    return key


def _from_members(jwk: JsonObject) -> tuple[KeyKind, bytes]:
    """Read the members of a JWK that make the key."""
    match jwk.get("kty"), jwk.get("crv"):
        case "OKP", "Ed25519":
            return "Ed25519", _octets(jwk.get("x"), KEY_BYTES)
        case "EC", "P-256" | "P-384" as kind:
            size = _CURVES[kind].size
            x, y = _octets(jwk.get("x"), size), _octets(jwk.get("y"), size)
            try:
                point = ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[kind].curve, b"\x04" + x + y)
            except ValueError:
                raise BadKey(f"this is not a point of {kind}") from None
            return kind, _compressed(point)
        case "RSA", _:
            numbers = [int.from_bytes(_octets(jwk.get(name))) for name in ("e", "n")]
            try:
                key = rsa.RSAPublicNumbers(*numbers).public_key()
            except ValueError:
                raise BadKey("these numbers are not an RSA public key") from None
            return "RSA", key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        case _:
            raise BadKey("this is no JWK of a kind that is known here")


def _may_verify(operations: Json) -> bool:
    return isinstance(operations, list) and "verify" in operations


def _octets(text: Json, size: int | None = None) -> bytes:
    """Read a member in base64url: of a given size, or a number without leading zeros (RFC 7518 §2)."""
    if not isinstance(text, str) or len(text) > _LONGEST_MULTIKEY * 4 // 3:
        raise BadKey("a member of the JWK is no base64url text of a size that is read")
    try:
        data = multibase.decode_u("u" + text)
    except multibase.BadMultibase as error:
        raise BadKey(str(error)) from None
    if len(data) != size if size is not None else data[:1] in {b"", b"\x00"}:
        raise BadKey("a member of the JWK has the wrong length")
    return data


def _base64url(data: bytes) -> str:
    return multibase.u(data).removeprefix("u")


def _big(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)
