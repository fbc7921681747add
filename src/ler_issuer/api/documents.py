"""Documents for anybody: media type by the reader's choice, validators, caching."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import Response

if TYPE_CHECKING:
    from fastapi import Request

FRESH = "no-cache"
"""Keep it, but ask each time whether it still stands: a revocation shows at once."""

FOREVER = "public, max-age=31536000, immutable"
"""What never changes need not be asked for again."""

NEVER = "no-store"

CREDENTIAL = ("application/vc", "application/vc+ld+json", "application/ld+json", "application/json")
DID_DOCUMENT = ("application/did+ld+json", "application/did+json", "application/ld+json", "application/json")
LINKED_DATA = ("application/ld+json", "application/json")


@dataclass(frozen=True, slots=True)
class Published:
    """How a document is served: the media types it may be called, the first by default, and who may keep it."""

    media_types: Sequence[str]
    caching: str
    headers: Mapping[str, str] = field(default_factory=dict)


def serve(request: Request, body: bytes, published: Published) -> Response:
    """Answer with a document, or with 304 when the reader has it already."""
    media_type = negotiate(request.headers.get("accept", ""), published.media_types)
    tag = '"{}"'.format(hashlib.sha256(media_type.encode() + b"\n" + body).hexdigest()[:32])
    headers = {"Cache-Control": published.caching, **published.headers}
    if len(published.media_types) > 1:
        headers["Vary"] = "Accept"
    if published.caching != NEVER:
        headers["ETag"] = tag
        if _has(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
    return Response(body, headers={**headers, "Content-Type": media_type})


def negotiate(accept: str, offered: Sequence[str]) -> str:
    """Give the media type that an Accept header likes best (RFC 9110 §12.5.1).

    Of those liked equally, and when none is liked, the one offered first: a document under another name than was asked
    for is of more use than none.
    """
    wishes = [_wish(part) for part in accept.split(",") if part.strip()]
    return max(offered, key=lambda one: _liking(one, wishes)) if wishes else offered[0]


def _wish(part: str) -> tuple[str, float]:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weights = [piece.removeprefix("q=") for piece in parameters if piece.startswith("q=")]
    return media_range, float(weights[0]) if weights and re.fullmatch(r"[01](\.\d{0,3})?", weights[0]) else 1.0


def _liking(media_type: str, wishes: Sequence[tuple[str, float]]) -> float:
    """Give the weight of the most specific range that takes a media type in."""
    for media_range in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        weights = [weight for wished, weight in wishes if wished == media_range]
        if weights:
            return max(weights)
    return 0.0


def _has(if_none_match: str, tag: str) -> bool:
    """Compare as RFC 9110 §13.1.2 says: any of the listed tags, weak ones too."""
    listed = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return tag in listed or listed == ["*"]
