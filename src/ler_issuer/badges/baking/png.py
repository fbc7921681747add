"""Credentials in PNG pictures: one `iTXt` chunk under the keyword of Open Badges (OB 3.0 §5.3.1, PNG §5 and §11.3.3).

Chunks are spliced as bytes: no pixel is decoded, so no picture can be too large for its file, and the picture stays as
it was. What is read need not be what other tools should write: compressed text is inflated as far as a credential can
be long, since the public validator reads it too.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from ler_issuer.badges.baking.carried import MAX_INFLATED, MAX_TEXT, Carried, Container, Unbakeable, Unbaked, fits, only

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 100_000

KEYWORDS: Mapping[bytes, Carried] = MappingProxyType(
    {b"openbadgecredential": Carried.BADGE, b"clrcredential": Carried.CLR}
)
_OLDER = b"openbadges"
_FRAME = 12  # length, kind and checksum around the body of a chunk
_SIZE_OF_HEADER = 13
_LONGEST_CHUNK = 2**31 - 1


@dataclass(frozen=True, slots=True)
class _Chunk:
    """One chunk: its kind and body, and where it stands with its frame."""

    kind: bytes
    body: bytes
    start: int
    end: int

    @property
    def keyword(self) -> bytes:
        """The keyword of a chunk of text; other chunks have none, and no chunk of text has an empty one."""
        return self.body.partition(b"\0")[0] if self.kind in {b"iTXt", b"zTXt", b"tEXt"} else b""


def unbake_png(data: bytes) -> Unbaked:
    """Take the credential out of a PNG.

    Raises:
        Unbakeable: not a sound PNG, no credential in it or several, or one that cannot be read or is too long.
    """
    texts = [chunk for chunk in _chunks(data) if chunk.keyword]
    baked = [(KEYWORDS[chunk.keyword], chunk) for chunk in texts if chunk.keyword in KEYWORDS]
    if len(baked) > 1:  # before anything is inflated
        raise Unbakeable("baked_twice", str(len(baked)))
    found = [(kind, _text(chunk)) for kind, chunk in baked]
    return only(found, Container.PNG, older=any(chunk.keyword == _OLDER for chunk in texts))


def bake_png(picture: bytes, text: str, *, kind: Carried = Carried.BADGE) -> bytes:
    """Put the JSON text or the compact JWS of a credential into a PNG; one that is in there already is replaced.

    Raises:
        Unbakeable: not a sound PNG, or one of the two is too long.
    """
    fits(picture, text)
    chunks = list(_chunks(picture))
    keyword = next(word for word, carried in KEYWORDS.items() if carried is kind)
    parts = [SIGNATURE]
    for chunk in chunks:
        if chunk.keyword not in KEYWORDS:
            parts.append(picture[chunk.start : chunk.end])
        if chunk.kind == b"IHDR":
            parts.append(chunk_of(b"iTXt", keyword + b"\0\0\0\0\0" + text.encode()))
    return b"".join(parts)


def chunk_of(kind: bytes, body: bytes) -> bytes:
    """Write one chunk, with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """Yield the chunks of a PNG from `IHDR` to `IEND`, each with its checksum checked.

    Raises:
        Unbakeable: cut off, altered, something behind its end, or of more chunks than a picture needs.
    """
    if not data.startswith(SIGNATURE):
        raise Unbakeable("png_damaged", "it does not begin as a PNG does")
    at, number, kind = len(SIGNATURE), 0, b""
    while kind != b"IEND":
        chunk = _chunk(data, at)
        at, kind, number = chunk.end, chunk.kind, number + 1
        if (number == 1) != (kind == b"IHDR") or (kind == b"IHDR" and not _is_header(chunk.body)):
            raise Unbakeable("png_damaged", "its header is not where and what it should be")
        if number > MAX_CHUNKS:
            raise Unbakeable("png_damaged", f"more than {MAX_CHUNKS} chunks")
        yield chunk
    if at != len(data):
        raise Unbakeable("png_damaged", "something stands behind its end")


def _chunk(data: bytes, at: int) -> _Chunk:
    if len(data) - at < _FRAME:
        raise Unbakeable("png_damaged", "it is cut off")
    length, kind = struct.unpack_from(">I4s", data, at)
    end = at + _FRAME + length
    if length > _LONGEST_CHUNK or end > len(data):
        raise Unbakeable("png_damaged", "a chunk is longer than the file")
    if not (kind.isalpha() and kind.isascii()):
        raise Unbakeable("png_damaged", "a chunk has no proper name")
    body = data[at + 8 : end - 4]
    if struct.unpack_from(">I", data, end - 4)[0] != zlib.crc32(body, zlib.crc32(kind)):
        raise Unbakeable("png_damaged", f"the checksum of its chunk {kind.decode()} is wrong")
    return _Chunk(kind, body, at, end)


def _is_header(body: bytes) -> bool:
    if len(body) != _SIZE_OF_HEADER:
        return False
    width, height, *_ = struct.unpack(">IIBBBBB", body)
    return bool(0 < width <= _LONGEST_CHUNK and 0 < height <= _LONGEST_CHUNK)


def _text(chunk: _Chunk) -> str:
    """Read the text of a chunk that holds a credential.

    Raises:
        Unbakeable: it is of a kind that holds none, written otherwise than PNG says, or too long.
    """
    fields = chunk.body.partition(b"\0")[2]
    if chunk.kind == b"iTXt":
        compressed, text = _international(fields)
        return _decoded(_inflated(text) if compressed else text, "utf-8")
    if chunk.kind == b"zTXt" and fields[:1] == b"\0":
        return _decoded(_inflated(fields[1:]), "ascii")  # beyond ASCII, readers disagree about its encoding
    raise Unbakeable("baked_malformed", f"it stands in a chunk {chunk.kind.decode()}")


def _international(fields: bytes) -> tuple[bool, bytes]:
    """Read what follows the keyword of an `iTXt` chunk (PNG §11.3.3.4): is the text compressed, and the text."""
    _language, ends, rest = fields[2:].partition(b"\0")
    _translated, ends_too, text = rest.partition(b"\0")
    if not (ends and ends_too) or fields[:1] not in {b"\0", b"\1"} or fields[1:2] != b"\0":
        raise Unbakeable("baked_malformed", "its chunk is not written as PNG says")
    return fields[:1] == b"\1", text


def _inflated(data: bytes) -> bytes:
    """Inflate a text, and never more of it than a credential can be long."""
    inflating = zlib.decompressobj()
    try:
        text = inflating.decompress(data, MAX_INFLATED + 1)
    except zlib.error:
        raise Unbakeable("baked_malformed", "its compression is damaged") from None
    if len(text) > MAX_INFLATED:
        raise Unbakeable("baked_too_large", f"{MAX_INFLATED} bytes")
    if not inflating.eof or inflating.unused_data:
        raise Unbakeable("baked_malformed", "its compression is damaged")
    return text


def _decoded(text: bytes, encoding: str) -> str:
    if len(text) > MAX_TEXT:
        raise Unbakeable("baked_too_large", f"{MAX_TEXT} bytes")
    try:
        return text.decode(encoding)
    except UnicodeDecodeError:
        raise Unbakeable("baked_malformed", f"it is not {encoding.upper()}") from None
