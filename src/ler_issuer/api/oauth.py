"""OAuth 2.0: an API key buys an access token (client credentials, RFC 6749 §4.4), with the errors of that standard."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from ler_issuer import jsontext
from ler_issuer.api.bodies import received
from ler_issuer.api.problems import may
from ler_issuer.api.wiring import Rt
from ler_issuer.errors import TooLarge
from ler_issuer.services import tokens
from ler_issuer.services.tokens import NotGranted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ler_issuer.types import JsonObject

router = APIRouter(prefix="/oauth", tags=["public"])

LONGEST_FORM: Final = 16 * 1024

FORM: Final = "application/x-www-form-urlencoded"

_NOT_KEPT: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenForm(BaseModel):
    """What a client sends; its id and secret may also come by HTTP Basic authentication."""

    grant_type: Literal["client_credentials"]
    client_id: str | None = None
    client_secret: str | None = None
    scope: str | None = None


class TokenOut(BaseModel):
    """An access token."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class NotGrantedOut(BaseModel):
    """Why there is no token (RFC 6749 §5.2)."""

    error: Literal["invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type"]
    error_description: str


_ASKED: Final = {"requestBody": {"required": True, "content": {FORM: {"schema": TokenForm.model_json_schema()}}}}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": NotGrantedOut, "description": "The request is not one for a token, or asks for too much"},
    401: {"model": NotGrantedOut, "description": "The client is not known"},
}


@dataclass(frozen=True, slots=True)
class _Client:
    """Who asks, by which secret."""

    id: str
    secret: str


@router.post("/token", response_model=TokenOut, responses=_ANSWERS | may(TooLarge), openapi_extra=_ASKED)
async def post_token(request: Request, rt: Rt) -> Response:
    """Give an access token for an API key: `client_id` is the id of the key, `client_secret` the key itself.

    It stands for an hour, wherever the key does, for what `scope` names or else for all that the key may do.
    """
    try:
        form = _form(request, await received(request, LONGEST_FORM))
        client = _client(request, form)
        token = await run_in_threadpool(tokens.grant, rt, client.id, client.secret, form.get("scope"))
    except NotGranted as refused:
        return _refused(refused)
    body = {"access_token": token.access_token, "token_type": "Bearer", "expires_in": token.expires_in}
    return _sent({**body, "scope": " ".join(token.scopes)})


def _form(request: Request, body: bytes) -> Mapping[str, str]:
    """Read a form strictly: nothing twice, and the one kind of grant that there is."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise NotGranted(f"send the request as {FORM}")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise NotGranted("the form cannot be read") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise NotGranted("a member stands twice in the form")
    kind = form.get("grant_type")
    if kind is None:
        raise NotGranted("grant_type is missing")
    if kind != "client_credentials":
        raise NotGranted("the one grant that there is here is client_credentials", error="unsupported_grant_type")
    return form


def _client(request: Request, form: Mapping[str, str]) -> _Client:
    """Read who asks, from the header or from the form but not from both (RFC 6749 §2.3)."""
    kind, _, told = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        if not form.get("client_id") or not form.get("client_secret"):
            raise NotGranted("send client_id and client_secret", error="invalid_client")
        return _Client(form["client_id"], form["client_secret"])
    if "client_secret" in form:
        raise NotGranted("the client says twice who it is")
    try:
        name, colon, secret = base64.b64decode(told.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        name, colon, secret = "", "", ""
    if not colon:
        raise NotGranted("the Authorization header cannot be read", error="invalid_client")
    return _Client(unquote_plus(name), unquote_plus(secret))


def _refused(refused: NotGranted) -> Response:
    body = {"error": refused.error, "error_description": refused.detail}
    if refused.error != "invalid_client":
        return _sent(body, 400)
    answer = _sent(body, 401)
    answer.headers["WWW-Authenticate"] = 'Basic realm="ler-issuer"'
    return answer


def _sent(body: JsonObject, status: int = 200) -> Response:
    return Response(jsontext.canonical(body), status, media_type="application/json", headers=_NOT_KEPT)
