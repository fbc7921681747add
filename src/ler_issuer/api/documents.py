"""Documents for anybody: media type by the reader's choice, validators, caching."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, TypeAlias

from fastapi import Query, Response

from ler_issuer.services.exporting import Form

if TYPE_CHECKING:
    from fastapi import Request

    from ler_issuer.types import JsonObject

FRESH = "no-cache"
"""Keep it, but ask each time whether it still stands: a revocation shows at once."""

FOREVER = "public, max-age=31536000, immutable"
"""What never changes need not be asked for again."""

NEVER = "no-store"

CREDENTIAL = ("application/vc", "application/vc+ld+json", "application/ld+json", "application/json")
STATUS_LIST = ("application/vc+ld+json", "application/vc", "application/ld+json", "application/json")
"""A list is read by programs that take no body for JSON unless its type says so; `application/vc` is for who asks."""

DID_DOCUMENT = ("application/did+ld+json", "application/did+json", "application/ld+json", "application/json")
LINKED_DATA = ("application/ld+json", "application/json")

PICTURE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
"""With this a picture that is opened by itself runs nothing and fetches nothing."""

EXPORTS: Mapping[Form, tuple[str, ...]] = {
    Form.JSONLD: CREDENTIAL,
    Form.JWT: ("application/jwt", "application/vc+jwt", "text/plain"),
    Form.PNG: ("image/png",),
    Form.SVG: ("image/svg+xml",),
    Form.LDP_SD: CREDENTIAL,
}
"""The forms of a credential, each with the media types it may be called."""

WantedForm: TypeAlias = Annotated[
    Form | None, Query(alias="format", description="The form of the credential; goes before the Accept header.")
]

_FORM_OF = {one: form for form, media_types in EXPORTS.items() if form is not Form.LDP_SD for one in media_types}
"""The form that a media type means; what is for the learner alone has to be asked for by name."""

_DISPOSITIONS = {
    Form.JSONLD: 'inline; filename="credential.json"',
    Form.JWT: 'inline; filename="credential.jwt"',
    Form.PNG: 'attachment; filename="credential.png"',
    Form.SVG: 'attachment; filename="credential.svg"',
    Form.LDP_SD: 'attachment; filename="credential-for-its-holder.json"',
}
"""File names that say nothing of anybody; pictures are for keeping, since showing them loses what is baked in."""


@dataclass(frozen=True, slots=True)
class Published:
    """How a document is served: the media types it may be called, the first by default, and who may keep it."""

    media_types: Sequence[str]
    caching: str
    headers: Mapping[str, str] = field(default_factory=dict)


def content(media_types: Iterable[str]) -> JsonObject:
    """Describe for the API's description what an operation answers with under these media types."""
    texts = ("text/", "image/", *EXPORTS[Form.JWT])
    return {one: {"schema": {"type": "string" if one.startswith(texts) else "object"}} for one in media_types}


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


def wished(request: Request, form: Form | None) -> tuple[Form, str]:
    """Give the form and the media type in which a reader wants a credential: by `form`, else by the Accept header."""
    offered = EXPORTS[form] if form is not None else tuple(_FORM_OF)
    media_type = negotiate(request.headers.get("accept", ""), offered)
    return form or _FORM_OF[media_type], media_type


def prefers(request: Request, media_type: str) -> bool:
    """Say whether a reader likes this media type no less than any in which a credential goes out by itself."""
    return negotiate(request.headers.get("accept", ""), [media_type, *_FORM_OF]) == media_type


def serve_export(body: bytes, form: Form, media_type: str) -> Response:
    """Answer with a credential in one of its forms; nobody on the way may keep it."""
    headers = {
        "Cache-Control": NEVER,
        "Vary": "Accept",
        "X-Robots-Tag": "noindex, nofollow",
        "Content-Disposition": _DISPOSITIONS[form],
        "Content-Type": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
    }
    return Response(body, headers=headers | (PICTURE if media_type.startswith("image/") else {}))


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
