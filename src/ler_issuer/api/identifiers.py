"""A resolver of DIDs, for anybody (DID Resolution §7.1, the HTTP binding).

Its answers are those of the binding, errors included, and no problem documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.convertors import PathConvertor, register_url_convertor

from ler_issuer import jsontext
from ler_issuer.api.problems import may
from ler_issuer.api.wiring import Rt
from ler_issuer.services import resolving
from ler_issuer.vc import Resolution, read_wish

if TYPE_CHECKING:
    from ler_issuer.api.verification import Room

router = APIRouter(tags=["public"], default_response_class=Response)

PLACE: Final = "/1.0/identifiers/"
MEDIA_TYPE: Final = 'application/ld+json;profile="https://w3id.org/did-resolution"'

_BODY: Final = {"content": {"application/ld+json": {"schema": {"type": "object"}}}}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The DID document, or the part of it that the DID URL names", **_BODY},
    400: {"description": "No DID or DID URL, a method or form that is not known, or no key", **_BODY},
    404: {"description": "Nothing is published under this name", **_BODY},
    502: {"description": "Its host could not be asked, or gave something else", **_BODY},
}

_Identifier = Annotated[str, Path(description="A DID or DID URL, percent-encoded.", examples=["did:web:example.edu"])]


class _Anything(PathConvertor):
    """What may stand in an address to its end: ``path`` ends at a line feed."""

    regex = r"[\s\S]*"


register_url_convertor("anything", _Anything())


@router.get(PLACE + "{identifier:anything}", response_class=Response, responses=_ANSWERS | may())
async def resolve_identifier(
    identifier: _Identifier,
    rt: Rt,
    request: Request,
    public_key_format: Annotated[
        str | None, Query(alias="publicKeyFormat", description="How the keys of a did:key or did:jwk are written.")
    ] = None,
    experimental: Annotated[
        str,
        Query(alias="enableExperimentalPublicKeyTypes", description="`true` asks for forms that are experimental."),
    ] = "false",
) -> Response:
    """Resolve a DID, or dereference a DID URL: `did:key`, `did:jwk`, and `did:web`, ours or anybody's."""
    wish = read_wish(_asked(request, identifier), public_key_format, experimental=experimental == "true")
    if isinstance(wish, Resolution):
        return _answer(wish)
    room: Room = request.app.state.room
    async with room.seat():
        return _answer(await run_in_threadpool(resolving.resolve, rt, wish))


def _asked(request: Request, identifier: str) -> str:
    """Give what was asked for, decoded once from what was sent.

    Servers split an address at what they decoded before, so that of ``did:key:…%23…`` nothing would be left to tell the
    two parts from each other.
    """
    sent: bytes = request.scope.get("raw_path", b"")
    _, found, rest = sent.partition(PLACE.encode())
    return unquote_to_bytes(rest).decode("utf-8", "replace") if found else identifier


def _answer(resolution: Resolution) -> Response:
    body = jsontext.canonical(resolution.to_json())
    return Response(body, resolution.status, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-cache"})
