"""The keys of issuers as JSON Web Keys, for whoever checks a token."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import AfterValidator

from ler_issuer import jsontext
from ler_issuer.api.documents import FRESH, Published, serve
from ler_issuer.api.problems import may
from ler_issuer.api.wiring import Id, Rt
from ler_issuer.errors import Missing
from ler_issuer.services import keyring

router = APIRouter(tags=["public"], default_response_class=Response)

JWK = ("application/jwk+json", "application/json")
JWKS = ("application/jwk-set+json", "application/json")


def _slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]{1,63}", text, flags=re.ASCII):
        raise Missing("there is nothing at this address")
    return text


_Slug = Annotated[str, Path(description="The issuer's short name."), AfterValidator(_slug)]


def _described(media_types: tuple[str, ...]) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The document", "content": {one: {"schema": {"type": "object"}} for one in media_types}},
        304: {"description": "The reader has it already (If-None-Match)"},
    }


@router.get("/.well-known/jwks.json", responses=_described(JWKS))
def get_all_keys(rt: Rt, request: Request) -> Response:
    """Give the keys of every issuer here, as a JWK Set; `iss` says whose each of them is."""
    return serve(request, jsontext.canonical(keyring.jwks(rt)), Published(JWKS, FRESH))


@router.get("/issuers/{slug}/jwks.json", responses=_described(JWKS) | may(Missing))
def get_keys(slug: _Slug, rt: Rt, request: Request) -> Response:
    """Give the keys that an issuer's credentials may be signed with, as a JWK Set."""
    return serve(request, jsontext.canonical(keyring.jwks(rt, slug)), Published(JWKS, FRESH))


@router.get("/issuers/{slug}/keys/{key_id}", responses=_described(JWK) | may(Missing))
def get_key(slug: _Slug, key_id: Id, rt: Rt, request: Request) -> Response:
    """Give one key as a bare JWK: what the `kid` of a token leads to."""
    return serve(request, jsontext.canonical(keyring.jwk(rt, slug, key_id)), Published(JWK, FRESH))
