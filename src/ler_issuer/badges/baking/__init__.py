"""Baking: credentials that travel inside the picture of a badge (OB 3.0 §5.3). Pure, bounded, and total.

    unbaked = unbake(data)                      # from a PNG or an SVG, told apart by their content
    baked = bake_png(picture, text)             # text: the credential's JSON, or its compact JWS
    baked = bake_svg(picture, text, is_jwt=False)

Whatever is wrong with a picture is an `Unbakeable`, whose code has its sentence in `badges.MESSAGES`.
"""

from __future__ import annotations

from ler_issuer.badges.baking.carried import MAX_PICTURE, MAX_TEXT, Carried, Container, Unbakeable, Unbaked
from ler_issuer.badges.baking.png import SIGNATURE, bake_png, unbake_png
from ler_issuer.badges.baking.svg import bake_svg, unbake_svg

__all__ = [
    "MAX_PICTURE",
    "MAX_TEXT",
    "Carried",
    "Container",
    "Unbakeable",
    "Unbaked",
    "bake_png",
    "bake_svg",
    "container_of",
    "unbake",
]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def container_of(data: bytes) -> Container | None:
    """Say by its first bytes what kind of picture a file is; None when it is none that could carry a credential.

    Neither JSON nor a compact JWS can begin as either of them does.
    """
    if data.startswith(SIGNATURE[:4]):
        return Container.PNG
    return Container.SVG if data.removeprefix(_BYTE_ORDER_MARK)[:1_000].lstrip().startswith(b"<") else None


def unbake(data: bytes) -> Unbaked:
    """Take the credential out of a PNG or SVG.

    Raises:
        Unbakeable: neither, too large, not sound, no credential in it, several, or one that cannot be read.
    """
    if len(data) > MAX_PICTURE:
        raise Unbakeable("picture_too_large", f"{MAX_PICTURE} bytes")
    match container_of(data):
        case Container.PNG:
            return unbake_png(data)
        case Container.SVG:
            return unbake_svg(data)
        case None:
            raise Unbakeable("picture_unknown")
