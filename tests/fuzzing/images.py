"""Targets that read pictures, and bake into them."""

from __future__ import annotations

import struct
import zlib

from fuzzing.target import Target
from ler_issuer import badges, jsontext
from ler_issuer.badges.baking.png import chunk_of
from pictures import PNG, SVG
from signing import badge

TEXT = jsontext.canonical(badge()).decode()


def baked_png() -> bytes:
    return badges.bake_png(PNG, TEXT)


def baked_svg() -> bytes:
    return badges.bake_svg(SVG, TEXT, is_jwt=False)


def _drawing() -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://w3.org/x.dtd">'
        b'<s:svg xmlns:s="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" a=\'>\'>'
        b'<!-- c --><openbadges:credential verify="a.b.c"/><s:a href="#x">&amp;<![CDATA[<]]></s:a></s:svg>'
    )


_KINDS = (b"iTXt", b"zTXt", b"tEXt", b"IHDR", b"IDAT")
_KEYWORDS = (b"openbadgecredential", b"clrcredential", b"openbadges", b"", b"x")


def _chunk(data: bytes) -> None:
    """Put bytes into a chunk whose frame is sound: without that few changes get past its checksum."""
    kind, keyword = _KINDS[data[0] % len(_KINDS)] if data else b"iTXt", _KEYWORDS[data[1] % 5] if data[1:] else b""
    end = PNG.index(b"IEND") - 4
    badges.unbake(PNG[:end] + chunk_of(kind, keyword + b"\0" + data[2:]) + PNG[end:])


def _chunk_seeds() -> list[bytes]:
    packed = zlib.compress(TEXT.encode())
    return [b"\0\0\0\0\0\0" + TEXT.encode(), b"\0\0\1\0\0\0" + packed, b"\1\0\0" + packed, b"\0\1\1\0en\0x\0" + packed]


def _png_attacks() -> list[bytes]:
    end = PNG.index(b"IEND") - 4
    bomb = b"openbadgecredential\0\1\0\0\0" + zlib.compress(b" " * 50_000_000)
    return [
        PNG[:end] + chunk_of(b"iTXt", bomb) + PNG[end:],
        PNG[:end] + chunk_of(b"tEXt", b"") * 600_000 + PNG[end:],
        PNG[:end] + chunk_of(b"iTXt", b"openbadgecredential\0\0\0\0\0{}") * 150_000 + PNG[end:],
        PNG[:end] + chunk_of(b"iTXt", b"openbadgecredential\0\0\0\0\0" + b" " * 8_000_000) + PNG[end:],
        PNG[:8] + struct.pack(">I", 2**31 - 1) + b"IHDR" + b"\0" * 8_000_000,
    ]


def _svg_attacks() -> list[bytes]:
    head = b'<svg xmlns="http://www.w3.org/2000/svg"'
    ob = b'<c:credential xmlns:c="https://purl.imsglobal.org/ob/v3p0"'
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 20))
    return [
        b'<!DOCTYPE svg [<!ENTITY a0 "x">' + entities + b"]>" + head + b">&a19;</svg>",
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + head + b">&a;</svg>",
        b'<!DOCTYPE svg SYSTEM "http://169.254.169.254/x.dtd">' + head + b">&a;</svg>",
        head + b">" + b"<g>" * 2_500_000,
        head + b">" + b"<g/>" * 1_900_000 + b"</svg>",
        head + b" a='" + b"x" * 8_000_000 + b"'/>",
        head + b"".join(b" a%d=''" % number for number in range(600_000)) + b"/>",
        head + b"".join(b" xmlns:a%d='u'" % number for number in range(400_000)) + b"/>",
        head + b">" + b"".join(b"<g xmlns:a%d='u'/>" % number for number in range(90_000)) + b"</svg>",
        head + b"><" + b"a" * 8_000_000 + b"/></svg>",
        head + b">" + ob + b">" + b"&lt;" * 1_900_000 + b"</c:credential></svg>",
        head + b">" + ob + b">" + b"<![CDATA[x]]>" * 500_000 + b"</c:credential></svg>",
        head + b">" + ob + b"/>" + b"x" * 7_000_000 + b"</svg>",
        head + b"><!--" + b"-" * 7_000_000 + b"--></svg>",
        head + b"><?x " + b"?" * 7_000_000 + b"?></svg>",
        head + b">" + b"<![CDATA[" + b"]" * 7_000_000 + b"]]></svg>",
        head + b' onload="' + b"<" * 1_000 + b'"/>',
        head + b"><a href='" + b"javascript;" * 600_000 + b"'/></svg>",
        head + b"><a values='" + b" ;" * 3_500_000 + b"'/></svg>",
        b" " * 7_000_000 + head + b"/>",
    ]


def _bake(data: bytes) -> None:
    """Bake into pictures that may be anything; what was put in comes out again."""
    if badges.container_of(data) is badges.Container.PNG:
        baked = badges.bake_png(data, TEXT)
    else:
        baked = badges.bake_svg(data, TEXT, is_jwt=False)
        assert badges.unbake(badges.bake_svg(data, "a.b.c", is_jwt=True)).text == "a.b.c"
    assert badges.unbake(baked).text == TEXT


TARGETS: tuple[Target, ...] = (
    Target("picture", badges.unbake, (badges.Unbakeable,), lambda: [baked_png(), baked_svg(), PNG, SVG], _png_attacks),
    Target("chunk of a picture", _chunk, (badges.Unbakeable,), _chunk_seeds),
    Target("drawing", badges.unbake, (badges.Unbakeable,), lambda: [baked_svg(), _drawing()], _svg_attacks),
    Target("baking", _bake, (badges.Unbakeable,), lambda: [SVG, baked_svg(), baked_png(), PNG, _drawing()]),
)
