"""Plain pictures for achievements that have none of their own: a medal, and where letters can be set, the name.

They exist to be baked into, and look the same whenever and wherever they are drawn.
"""

from __future__ import annotations

import hashlib
import html
import math
import struct
import textwrap
import unicodedata
import zlib
from typing import TYPE_CHECKING

from ler_issuer.badges.baking.png import SIGNATURE, chunk_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIDE = 240
_RADII = (112, 100, 88)
_COLOURS = ("1b5e8c", "2e6b34", "7a3b69", "8a4b08", "3d4f9f", "006d6d", "8c2f39", "4a4a4a")
_LETTERS_IN_LINE = 18
_MOST_LINES = 4
_LINE_HEIGHT = 24


def drawn_svg(name: str, seed: str) -> bytes:
    """Draw an SVG with a name on it, in the colour that `seed` gives."""
    colour, middle = _colour(seed), _SIDE // 2
    outer, ring, inner = _RADII
    lines = _lines(name)
    top = middle - (len(lines) - 1) * _LINE_HEIGHT // 2 + 6
    words = "".join(
        f'<text x="{middle}" y="{top + place * _LINE_HEIGHT}">{html.escape(line)}</text>'
        for place, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SIDE}" height="{_SIDE}" viewBox="0 0 {_SIDE} {_SIDE}" '
        f'role="img"><title>{html.escape(" ".join(lines))}</title>'
        f'<circle cx="{middle}" cy="{middle}" r="{outer}" fill="#{colour}"/>'
        f'<circle cx="{middle}" cy="{middle}" r="{ring}" fill="#ffffff"/>'
        f'<circle cx="{middle}" cy="{middle}" r="{inner}" fill="#{colour}"/>'
        f'<g fill="#ffffff" font-family="sans-serif" font-size="16" text-anchor="middle">{words}</g></svg>'
    ).encode()


def drawn_png(seed: str) -> bytes:
    """Draw a PNG in the colour that `seed` gives; it has no letters, which would take a font."""
    palette = bytes.fromhex("ffffff" + _colour(seed))
    rows = b"".join(b"\0" + row for row in _rows())
    return b"".join(
        (
            SIGNATURE,
            chunk_of(b"IHDR", struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 3, 0, 0, 0)),
            chunk_of(b"PLTE", palette),
            chunk_of(b"IDAT", zlib.compress(rows, 9)),
            chunk_of(b"IEND", b""),
        )
    )


def _rows() -> Iterator[bytes]:
    """Yield the rows of a medal, each pixel as its number in the palette."""
    for y in range(_SIDE):
        row = bytearray(_SIDE)
        away = abs(2 * y + 1 - _SIDE) / 2
        for paint, radius in enumerate(_RADII, start=1):
            if away < radius:
                half = round(math.sqrt(radius**2 - away**2))
                row[_SIDE // 2 - half : _SIDE // 2 + half] = bytes([paint % 2]) * (2 * half)
        yield bytes(row)


def _colour(seed: str) -> str:
    return _COLOURS[hashlib.sha256(seed.encode()).digest()[0] % len(_COLOURS)]


def _lines(name: str) -> list[str]:
    visible = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in name)
    return textwrap.wrap(visible, _LETTERS_IN_LINE, max_lines=_MOST_LINES, placeholder="…") or [""]
