"""What everybody may read: keys, issuers, status lists, achievements, rules, pictures, credentials by their links."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from ler_issuer import jsontext
from ler_issuer.api import problems
from ler_issuer.api.documents import (
    DID_DOCUMENT,
    EXPORTS,
    FOREVER,
    FRESH,
    LINKED_DATA,
    NEVER,
    PICTURE,
    STATUS_LIST,
    Published,
    WantedForm,
    content,
    serve,
    serve_export,
    wished,
)
from ler_issuer.api.problems import may
from ler_issuer.api.wiring import Id, Rt
from ler_issuer.errors import Malformed, Missing, Unacceptable
from ler_issuer.services import catalog, handing, health, keyring, publishing, stacks
from ler_issuer.stacking import holdings_schema, rule_schema

router = APIRouter(tags=["public"], default_response_class=Response)

_RULE = ("application/json",)
_SCHEMA = ("application/schema+json", "application/json")


def _described(*media_types: str, caching: str = FRESH) -> dict[int | str, dict[str, Any]]:
    """Say for the API's description what an operation here answers with."""
    described: dict[int | str, dict[str, Any]] = {200: {"description": "The document", "content": content(media_types)}}
    if caching != NEVER:
        described[304] = {"description": "The reader has it already (If-None-Match)"}
    return described | may(Missing)


_Slug = Annotated[str, Path(description="The issuer's short name.")]


@router.get("/issuers/{slug}/did.json", responses=_described(*DID_DOCUMENT))
def get_did_document(slug: _Slug, rt: Rt, request: Request) -> Response:
    """Give the DID document of an issuer: every key that its credentials may be signed with."""
    body = jsontext.canonical(keyring.published_document(rt, _slug(slug)))
    return serve(request, body, Published(DID_DOCUMENT, FRESH))


@router.get("/issuers/{slug}", responses=_described(*LINKED_DATA))
def get_issuer(slug: _Slug, rt: Rt, request: Request) -> Response:
    """Give an issuer's public page as data: its profile and its keys."""
    body = jsontext.canonical(keyring.published_profile(rt, _slug(slug)))
    return serve(request, body, Published(LINKED_DATA, FRESH))


@router.get("/status/{list_id}", responses=_described(*STATUS_LIST))
def get_status_list(list_id: Id, rt: Rt, request: Request) -> Response:
    """Give a status list as it stands now, signed."""
    return serve(request, publishing.status_list(rt, list_id), Published(STATUS_LIST, FRESH))


@router.get("/achievements/{achievement_id}", responses=_described(*LINKED_DATA))
def get_achievement_document(achievement_id: Id, rt: Rt, request: Request) -> Response:
    """Give the newest published version of an achievement, as Open Badges describes it."""
    body = jsontext.canonical(catalog.resource(rt, achievement_id, None))
    return serve(request, body, Published(LINKED_DATA, FRESH))


@router.get("/achievements/{achievement_id}/versions/{version}", responses=_described(*LINKED_DATA))
def get_achievement_version(
    achievement_id: Id, version: Annotated[str, Path(description="A number from 1.")], rt: Rt, request: Request
) -> Response:
    """Give one published version of an achievement, which never changes."""
    body = jsontext.canonical(catalog.resource(rt, achievement_id, _number(version)))
    return serve(request, body, Published(LINKED_DATA, FOREVER))


@router.get("/rules/{rule_id}", responses=_described(*_RULE))
def get_rule_document(rule_id: Id, rt: Rt, request: Request) -> Response:
    """Give the newest published version of a stacking rule, as it is evaluated."""
    return serve(request, stacks.text(rt, rule_id, None), Published(_RULE, FRESH))


@router.get("/rules/{rule_id}/versions/{version}", responses=_described(*_RULE))
def get_rule_version(
    rule_id: Id, version: Annotated[str, Path(description="A number from 1.")], rt: Rt, request: Request
) -> Response:
    """Give one published version of a stacking rule, which never changes; its digest stands in what it earned."""
    return serve(request, stacks.text(rt, rule_id, _number(version)), Published(_RULE, FOREVER))


@router.get("/schemas/stacking-rule.json", responses=_described(*_SCHEMA))
def get_rule_schema(request: Request) -> Response:
    """Give the JSON Schema of stacking rules as they are written."""
    return serve(request, jsontext.canonical(rule_schema()), Published(_SCHEMA, FRESH))


@router.get("/schemas/holdings.json", responses=_described(*_SCHEMA))
def get_holdings_schema(request: Request) -> Response:
    """Give the JSON Schema of files of holdings, on which a rule can be tried."""
    return serve(request, jsontext.canonical(holdings_schema()), Published(_SCHEMA, FRESH))


@router.get("/images/{digest}", responses=_described("image/png", "image/svg+xml"))
def get_image(
    digest: Annotated[str, Path(description="SHA-256 of the picture, in hexadecimal.")], rt: Rt, request: Request
) -> Response:
    """Give a picture of an achievement."""
    picture = catalog.image(rt, _digest(digest))
    return serve(request, picture.body, Published([picture.media_type], FOREVER, PICTURE))


@router.get(
    "/credentials/{credential_id}",
    responses=_described(*(one for each in EXPORTS.values() for one in each), caching=NEVER)
    | may(Malformed, Unacceptable),
)
def fetch_credential(
    credential_id: Id,
    rt: Rt,
    request: Request,
    key: Annotated[str, Query(description="From the link that was made for the wallet.")] = "",
    form: WantedForm = None,
) -> Response:
    """Give a credential, byte for byte as it was signed, to whoever has a link to it that stands.

    As JSON, as a JWT, or baked into a picture: by the Accept header, or by `format`.
    """
    wanted, media_type = wished(request, form)
    return serve_export(handing.fetch(rt, credential_id, link_key(key), wanted), wanted, media_type)


@router.get("/problems/{slug}", responses=_described("text/plain"))
def get_problem(slug: Annotated[str, Path(description="The type of a problem.")], request: Request) -> Response:
    """Explain a type of problem."""
    explained = problems.explanations()
    if slug not in explained:
        raise Missing("there is no such type of problem")
    return serve(request, explained[slug].encode(), Published(["text/plain; charset=utf-8"], FRESH))


@router.get("/health", responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}})
def get_health(rt: Rt, request: Request) -> Response:
    """Say that the service lives and its database answers."""
    return serve(request, jsontext.canonical(health.check(rt)), Published(["application/json"], NEVER))


def _slug(text: str) -> str:
    return _shaped(r"[a-z0-9-]{1,63}", text)


def _digest(text: str) -> str:
    return _shaped(r"[0-9a-f]{64}", text)


def link_key(text: str) -> str:
    """Give the key of a link as it stands in an address, or refuse what cannot be one."""
    return _shaped(r"[A-Za-z0-9._-]{1,200}", text)


def _number(text: str) -> int:
    return int(_shaped(r"[1-9][0-9]{0,6}", text))


def _shaped(pattern: str, text: str) -> str:
    """Give a part of an address, or refuse what cannot be one: no database need be asked for it."""
    if not re.fullmatch(pattern, text, flags=re.ASCII):
        raise Missing("there is nothing at this address")
    return text
