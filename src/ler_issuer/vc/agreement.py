"""Keys for key agreement on Curve25519 (RFC 7748), as far as DID documents name them.

Nothing here is ever encrypted: who signs with an Ed25519 key can also be written to, by the key that follows from it,
and a resolver of `did:key` has to name that one (did:key §2.1.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nacl import bindings

from ler_issuer.vc import multibase
from ler_issuer.vc.keys import KEY_BYTES, BadKey, PublicKey

if TYPE_CHECKING:
    from ler_issuer.types import JsonObject

X25519_PREFIX: Final = b"\xec\x01"
"""The multicodec of an X25519 public key, as a varint."""

_ANY_SCALAR: Final = bytes([1]) * KEY_BYTES


def x25519_of(public: PublicKey) -> bytes:
    """Give the X25519 key that follows from an Ed25519 key.

    Raises:
        ValueError: the key is of another kind.
    """
    if public.kind != "Ed25519":
        raise ValueError(f"no X25519 key follows from one of {public.kind}")
    return bindings.crypto_sign_ed25519_pk_to_curve25519(public.raw)


def require_agreement_key(raw: bytes) -> None:
    """Refuse bytes with which nothing could be agreed on in secret: points of small order give everybody the same.

    Raises:
        BadKey: the bytes are no X25519 key.
    """
    if len(raw) != KEY_BYTES:
        raise BadKey("an X25519 key has 32 bytes")
    try:
        bindings.crypto_scalarmult(_ANY_SCALAR, raw)
    except RuntimeError:
        raise BadKey("this is a point of small order, and no key") from None


def agreement_multibase(raw: bytes) -> str:
    """Write an X25519 key as a Multikey's `publicKeyMultibase`, ``z6LS…``."""
    return multibase.z(X25519_PREFIX + raw)


def agreement_jwk(raw: bytes) -> JsonObject:
    """Write an X25519 key as a JWK (RFC 8037 §2)."""
    return {"kty": "OKP", "crv": "X25519", "x": multibase.u(raw).removeprefix("u")}
