"""Bitstring status lists: one bit for each credential, packed, signed and published (Bitstring Status List 1.0).

A list says nothing about who holds what: a verifier fetches all of it and looks at one bit. Index 0 is the most
significant bit of byte 0. The store decides at random which credential has which index; in here is only arithmetic.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ler_issuer.vc import multibase
from ler_issuer.vc.instants import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ler_issuer.types import Did, JsonObject, Url

MIN_ENTRIES: Final = 131_072
"""Fewest entries of a list, so that one credential hides among many (§6.1)."""

MAX_UNPACKED_BYTES: Final = 16 * 1024 * 1024
"""Most bytes that a list may unpack to: 134 million entries."""

MAX_PACKED_CHARACTERS: Final = 2 * 1024 * 1024
"""Longest `encodedList` that is unpacked."""

_GZIP_ONLY = 16 + zlib.MAX_WBITS
_MASKS = tuple(0x80 >> place for place in range(8))
_GZIP_MAGIC = b"\x1f\x8b"


class BadList(ValueError):
    """An encoded list cannot be unpacked.

    `code`: `list_damaged`: not text or packed data of the right form, or cut off · `list_bomb`: larger than any list
    may be · `list_multi_member`, `list_trailing`: behind the packed bits stand more of them, or something else, which
    other programs would read otherwise.
    """

    def __init__(self, code: str, detail: str) -> None:
        """Name the fault by its code and in words."""
        super().__init__(detail)
        self.code = code
        self.detail = detail


def encode(raised: Iterable[int], length: int = MIN_ENTRIES) -> str:
    """Pack a list of `length` bits, those at the `raised` indices set, into an `encodedList`.

    The same bits always give the same text.

    Raises:
        ValueError: fewer than `MIN_ENTRIES` entries, not a multiple of eight, or an index outside the list.
    """
    if length < MIN_ENTRIES or length % 8:
        raise ValueError(f"a list has at least {MIN_ENTRIES} entries, in whole bytes; not {length}")
    bits = bytearray(length // 8)
    for index in raised:
        if not 0 <= index < length:
            raise ValueError(f"index {index} lies outside a list of {length}")
        bits[index >> 3] |= _MASKS[index & 7]
    return multibase.u(_pack(bits))


def _pack(bits: bytes | bytearray) -> bytes:
    """Pack bits into one gzip member without a date.

    Few of them are set, so that nearly all there is to pack are runs of zeros: looking for nothing else is several
    times as fast as packing at the usual level, and comes out no longer.
    """
    packing = zlib.compressobj(zlib.Z_BEST_SPEED, wbits=_GZIP_ONLY, strategy=zlib.Z_RLE)
    return packing.compress(bits) + packing.flush()


def decode(encoded: str, *, max_bytes: int = MAX_UNPACKED_BYTES) -> bytes:
    """Unpack an `encodedList` into its bits, never into more than `max_bytes`.

    Raises:
        BadList: not multibase base64url, not one whole gzip member and nothing else, or larger than allowed.
    """
    if len(encoded) > MAX_PACKED_CHARACTERS:
        raise BadList("list_bomb", f"longer than {MAX_PACKED_CHARACTERS} characters")
    unpacked = _remembered if len(encoded) <= _SHORT else _unpacked
    return unpacked(encoded, max_bytes)


def _unpacked(encoded: str, max_bytes: int) -> bytes:
    return _unpack(_packed(encoded), max_bytes)


_remembered = lru_cache(maxsize=16)(_unpacked)
"""The same few lists are looked at again and again, and most are short: hardly a bit in them is set."""

_SHORT = 2_048
"""Characters of a list that is remembered: what the sixteen worst unpack to still fits in 25 MB."""


def decode_2021(encoded: str, *, max_bytes: int = MAX_UNPACKED_BYTES) -> bytes:
    """Unpack the `encodedList` of a `StatusList2021`: the same in base64url, without the letter of multibase.

    Its drafts did not say whether it is padded, so it may be.

    Raises:
        BadList: as for `decode`.
    """
    bare = encoded.removesuffix("=").removesuffix("=") if len(encoded) % 4 == 0 else encoded
    return decode(f"u{bare}", max_bytes=max_bytes)


def _packed(encoded: str) -> bytes:
    try:
        return multibase.decode_u(encoded)
    except multibase.BadMultibase as error:
        raise BadList("list_damaged", str(error)) from None


def _unpack(packed: bytes, max_bytes: int) -> bytes:
    stream = zlib.decompressobj(wbits=_GZIP_ONLY)
    try:
        bits = stream.decompress(packed, max_bytes + 1)
    except zlib.error as error:
        raise BadList("list_damaged", f"not gzip: {error}") from None
    if len(bits) > max_bytes:
        raise BadList("list_bomb", f"unpacks to more than {max_bytes} bytes")
    if not stream.eof:
        raise BadList("list_damaged", "the packed data ends too early")
    if stream.unused_data.startswith(_GZIP_MAGIC):
        raise BadList("list_multi_member", "a second packed list follows the first")
    if stream.unused_data:
        raise BadList("list_trailing", f"{len(stream.unused_data)} bytes follow the packed data")
    return bits


def bit(bits: bytes, index: int) -> bool:
    """Read one bit of an unpacked list.

    Raises:
        IndexError: the list has no such index.
    """
    if not 0 <= index < len(bits) * 8:
        raise IndexError(f"index {index} lies outside a list of {len(bits) * 8}")
    return bool(bits[index // 8] & 0x80 >> index % 8)


def value_at(bits: bytes, index: int, size: int = 1) -> int:
    """Read the status at an index of an unpacked list with `size` bits for each, the first bit counting most.

    Raises:
        IndexError: the list has no such index.
    """
    start, end = index * size, (index + 1) * size
    if index < 0 or end > len(bits) * 8:
        raise IndexError(f"index {index} lies outside a list of {len(bits) * 8 // size}")
    window = int.from_bytes(bits[start // 8 : -(-end // 8)])
    return window >> -end % 8 & (1 << size) - 1


def entry(list_url: Url, index: int, purpose: str) -> JsonObject:
    """Compose the `credentialStatus` of the credential at one index (§2.1)."""
    return {
        "id": f"{list_url}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": list_url,
    }


def list_credential(
    *, list_url: Url, issuer: Did | Url, purpose: str, encoded: str, valid_from: datetime
) -> JsonObject:
    """Compose the unsigned credential that publishes a list (§2.2)."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": list_url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": stamp(valid_from),
        "credentialSubject": {
            "id": f"{list_url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encoded,
        },
    }
