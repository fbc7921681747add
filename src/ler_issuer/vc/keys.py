"""Keys: public ones as values, private ones as somebody who signs.

Nothing in here makes or keeps a private key; randomness and custody belong to whoever implements `Signer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from nacl import bindings
from nacl.exceptions import CryptoError

from ler_issuer.types import Json
from ler_issuer.vc import multibase

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_ED25519_PUB: Final = b"\xed\x01"
"""Multicodec `ed25519-pub` as a varint: what every Ed25519 Multikey begins with (CID §2.2.2)."""


class BadKey(ValueError):
    """A value is not a public key that is accepted here."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key: 32 bytes that are the one encoding of a point of prime order.

    Points of small or mixed order and second encodings are refused, since with them one signature can hold for several
    messages or keys.

    Raises:
        BadKey: other bytes than that.

    """

    kind: Literal["Ed25519"]
    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != KEY_BYTES or not bindings.crypto_core_ed25519_is_valid_point(self.raw):
            raise BadKey("these bytes are not an Ed25519 public key")

    @classmethod
    def from_multibase(cls, text: Json) -> PublicKey:
        """Read a Multikey's `publicKeyMultibase`, for example ``z6Mk…``.

        Raises:
            BadKey: any other value, also keys of other kinds.

        """
        try:
            data = multibase.decode_z(text, length=len(_ED25519_PUB) + KEY_BYTES)
        except multibase.BadMultibase as error:
            raise BadKey(str(error)) from None
        if not data.startswith(_ED25519_PUB):
            raise BadKey("this is not a key for Ed25519")
        return cls("Ed25519", data.removeprefix(_ED25519_PUB))

    @property
    def multibase(self) -> str:
        """The key as a Multikey's `publicKeyMultibase`."""
        return multibase.z(_ED25519_PUB + self.raw)

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Say whether `signature` over `message` was made with the private half of this key (RFC 8032)."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            bindings.crypto_sign_open(signature + message, self.raw)
        except CryptoError:
            return False
        return True


class Signer(Protocol):
    """Somebody who holds a private key and signs with it: a file, a vault, a device."""

    @property
    def verification_method(self) -> str:
        """The URL under which the public half is published."""

    @property
    def public(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """Sign these bytes; give the raw signature."""


def public_of(seed: bytes) -> PublicKey:
    """Give the public half of the Ed25519 key that grows from a 32-byte seed (RFC 8032 §5.1.5).

    Raises:
        BadKey: the seed has another length.

    """
    if len(seed) != KEY_BYTES:
        raise BadKey("an Ed25519 seed has 32 bytes")
    public, _ = bindings.crypto_sign_seed_keypair(seed)
    return PublicKey("Ed25519", public)
