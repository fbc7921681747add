"""Private keys of every kind that signs here: made, opened from their secret, and signing.

Ed25519 is PyNaCl's, the others are the `cryptography` library's. ECDSA takes its nonce from key and message (RFC 6979),
so that no weakness of randomness can give a key away, and writes r and s side by side, as JSON Web Signatures and the
`ecdsa` cryptosuites do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias, assert_never

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from nacl import bindings

from ler_issuer.vc import KeyKind, PublicKey, public_of

Random: TypeAlias = Callable[[int], bytes]
"""Gives that many bytes that nobody can guess."""

MARKS: Final[Mapping[KeyKind, bytes]] = MappingProxyType(
    {"Ed25519": b"", "P-256": b"\x01", "P-384": b"\x02", "RSA": b"\x03"}
)
"""How a sealed record names the kind of its key; Ed25519 came first and is not named."""

KINDS: Final[Mapping[bytes, KeyKind]] = MappingProxyType({mark: kind for kind, mark in MARKS.items()})

_RSA_BITS: Final = 2048
_SEED_BYTES: Final = 32
_CURVES: Final[Mapping[str, tuple[ec.EllipticCurve, HashAlgorithm, int]]] = MappingProxyType(
    {"P-256": (ec.SECP256R1(), SHA256(), 32), "P-384": (ec.SECP384R1(), SHA384(), 48)}
)


class PrivateKey(Protocol):
    """A private key that is open; shows nothing of itself."""

    @property
    def public(self) -> PublicKey:
        """The public half."""

    @property
    def secret(self) -> bytes:
        """What has to be kept to open the key again, and kept secret."""

    def sign(self, message: bytes) -> bytes:
        """Give the raw signature of a message."""


@dataclass(frozen=True, slots=True)
class _Ed25519:
    public: PublicKey
    secret: bytes = field(repr=False)
    _pair: bytes = field(repr=False)  # the seed and the public half, as libsodium wants them

    def sign(self, message: bytes) -> bytes:
        return bindings.crypto_sign(message, self._pair)[: bindings.crypto_sign_BYTES]


@dataclass(frozen=True, slots=True)
class _Ecdsa:
    public: PublicKey
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def secret(self) -> bytes:
        return self._key.private_numbers().private_value.to_bytes(_CURVES[self.public.kind][2])

    def sign(self, message: bytes) -> bytes:
        _, hashed, size = _CURVES[self.public.kind]
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(hashed, deterministic_signing=True)))
        return r.to_bytes(size) + s.to_bytes(size)


@dataclass(frozen=True, slots=True)
class _Rsa:
    public: PublicKey
    _key: rsa.RSAPrivateKey = field(repr=False)

    @property
    def secret(self) -> bytes:
        return self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, padding.PKCS1v15(), SHA256())


def generate(kind: KeyKind, random: Random) -> PrivateKey:
    """Make a new key. The randomness of an RSA key is the operating system's, whatever `random` gives."""
    match kind:
        case "Ed25519":
            return opened(kind, random(_SEED_BYTES))
        case "P-256" | "P-384":
            return _drawn(kind, random)
        case "RSA":
            return _rsa(rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS))
        case _:
            assert_never(kind)


def opened(kind: KeyKind, secret: bytes) -> PrivateKey:
    """Open a key from its secret.

    Raises:
        ValueError: the secret is not one of this kind.
    """
    match kind:
        case "Ed25519":
            public = public_of(secret)
            return _Ed25519(public, secret, secret + public.raw)
        case "P-256" | "P-384":
            return _Ecdsa(public_of(secret, kind), ec.derive_private_key(int.from_bytes(secret), _CURVES[kind][0]))
        case "RSA":
            key = load_der_private_key(secret, password=None)
            if not isinstance(key, rsa.RSAPrivateKey):
                raise ValueError(  # noqa: TRY004 - its content is wrong, not its type
                    "this is not the secret of an RSA key"
                )
            return _rsa(key)
        case _:
            assert_never(kind)


def _drawn(kind: KeyKind, random: Random) -> PrivateKey:
    """Draw a private number until it is one of the curve: for both curves, nearly every number of its size is."""
    while True:
        try:
            return opened(kind, random(_CURVES[kind][2]))
        except ValueError:
            continue


def _rsa(key: rsa.RSAPrivateKey) -> PrivateKey:
    return _Rsa(PublicKey("RSA", key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)), key)
