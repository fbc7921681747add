"""Multibase: bytes as text that says how it was written.

Two forms are in use here: `z`, base58btc, for keys and signatures; and `u`, base64url without padding, for bit strings.
Both are read strictly: for every sequence of bytes there is one text, so that a proof cannot be respelled.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from ler_issuer.types import Json
from ler_issuer.vc import base58btc


class BadMultibase(ValueError):
    """A value is not multibase text of a form and length that is read here."""


def z(data: bytes) -> str:
    """Write bytes in base58btc."""
    return "z" + base58btc.encode(data)


def u(data: bytes) -> str:
    """Write bytes in base64url without padding."""
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_z(text: Json, *, length: int) -> bytes:
    """Read base58btc that stands for exactly `length` bytes.

    Raises:
        BadMultibase: not a string, not base58btc, or another length.

    """
    data = decode_z_within(text, most=length)
    if len(data) != length:
        raise BadMultibase(f"{len(data)} bytes where {length} are expected")
    return data


def decode_z_within(text: Json, *, most: int) -> bytes:
    """Read base58btc that stands for at most `most` bytes.

    Reading base58 takes time that grows with the square of the length, hence the length is asked for beforehand.

    Raises:
        BadMultibase: not a string, not base58btc, or longer.

    """
    if not isinstance(text, str) or not text.startswith("z"):
        raise BadMultibase("a base58btc value is text that begins with 'z'")
    digits = text[1:]
    data = base58btc.decode(digits) if len(digits) <= 2 * most else None
    if data is None:
        raise BadMultibase(f"this is not base58btc for {most} bytes")
    if len(data) > most:
        raise BadMultibase(f"{len(data)} bytes where {most} are expected")
    return data


def decode_u(text: Json) -> bytes:
    """Read base64url without padding.

    Raises:
        BadMultibase: not a string, not base64url, padded, or with stray bits in the last character.

    """
    if not isinstance(text, str) or not text.startswith("u"):
        raise BadMultibase("a base64url value is text that begins with 'u'")
    try:
        data = base64.b64decode(text[1:].encode("ascii") + b"=" * (-(len(text) - 1) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise BadMultibase("this is not base64url") from None
    if u(data) != text:
        raise BadMultibase("this is not the one way to write these bytes in base64url")
    return data


_SHA2_256: Final = b"\x12\x20"
"""How a multihash says *SHA-256, 32 bytes*."""


def write_digest(sha256: str) -> str:
    """Write a SHA-256, given in hexadecimal, as `digestMultibase`: a multihash in base58btc (VC-DI §2.6).

    Raises:
        ValueError: this is not a SHA-256 in hexadecimal.

    """
    data = bytes.fromhex(sha256)
    if len(data) != _SHA2_256[1]:
        raise ValueError("a SHA-256 has 32 bytes")
    return z(_SHA2_256 + data)


def read_digest(text: Json) -> str:
    """Read a `digestMultibase` that holds a SHA-256; give it in hexadecimal.

    Raises:
        BadMultibase: not base58btc, or not the multihash of a SHA-256.

    """
    data = decode_z(text, length=len(_SHA2_256) + _SHA2_256[1])
    if not data.startswith(_SHA2_256):
        raise BadMultibase("this is not the multihash of a SHA-256")
    return data.removeprefix(_SHA2_256).hex()
