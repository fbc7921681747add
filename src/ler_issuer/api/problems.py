"""Refusals as HTTP answers: the only place that knows error statuses (RFC 9457).

`KINDS` maps every refusal to a status and a problem type; `problems.md`, which the service serves, explains each type
under a heading of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib import resources
from typing import TYPE_CHECKING

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

from ler_issuer.errors import (
    Conflict,
    Denied,
    Malformed,
    Missing,
    Refusal,
    SignInFirst,
    TooLarge,
    Unacceptable,
    Unavailable,
    Upstream,
)
from ler_issuer.mistakes import BROKEN_RULE, places

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

    from ler_issuer.types import JsonObject, Url

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger("ler_issuer.api")


class UnsupportedMediaType(Malformed):
    """The body is sent as something else than JSON."""


class MethodNotAllowed(Refusal):
    """The address exists and does not take this method."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A problem type: its status, the last part of its address, and its title."""

    status: int
    slug: str
    title: str


KINDS: Mapping[type[Refusal], Kind] = {
    Malformed: Kind(400, "malformed", "The request cannot be read"),
    SignInFirst: Kind(401, "sign-in", "Say who you are"),
    Denied: Kind(403, "denied", "Not allowed"),
    Missing: Kind(404, "missing", "Not found"),
    MethodNotAllowed: Kind(405, "method-not-allowed", "Method not allowed"),
    Conflict: Kind(409, "conflict", "It contradicts what stands"),
    TooLarge: Kind(413, "too-large", "The request is too large"),
    UnsupportedMediaType: Kind(415, "unsupported-media-type", "The body is not JSON"),
    Unacceptable: Kind(422, "unacceptable", "It breaks a rule"),
    Upstream: Kind(502, "upstream", "Another host failed"),
    Unavailable: Kind(503, "unavailable", "Not now"),
}

_HEADERS: Mapping[type[Refusal], Mapping[str, str]] = {
    SignInFirst: {"WWW-Authenticate": "Bearer"},
    Unavailable: {"Retry-After": "5"},
}

INTERNAL = Kind(500, "internal", "A fault of this service")


class PlaceOut(BaseModel):
    """One thing wrong with a request: where (JSON Pointer), which (stable code), and in words."""

    pointer: str
    code: str
    detail: str


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    problems: list[PlaceOut] | None = None


def kind_of(refusal: Refusal) -> Kind:
    """Give the problem type of a refusal: that of its class, or of the nearest class above it."""
    return next(KINDS[cls] for cls in type(refusal).__mro__ if cls in KINDS)


def _headers(refusal: Refusal) -> Mapping[str, str] | None:
    return next((headers for kind, headers in _HEADERS.items() if isinstance(refusal, kind)), None)


def problem(refusal: Refusal, *, base_url: Url, request_id: str) -> Problem:
    """Word a refusal as a problem document."""
    kind = kind_of(refusal)
    return Problem(
        type=f"{base_url}/problems/{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=refusal.detail,
        instance=f"urn:uuid:{request_id}",
        problems=[PlaceOut(pointer=one.pointer, code=one.code, detail=one.detail) for one in refusal.problems] or None,
    )


def internal(*, base_url: Url, request_id: str) -> Problem:
    """Word a fault of ours, which tells nothing but where to look."""
    return Problem(
        type=f"{base_url}/problems/{INTERNAL.slug}",
        title=INTERNAL.title,
        status=INTERNAL.status,
        detail="Something went wrong here. It is logged under the instance.",
        instance=f"urn:uuid:{request_id}",
    )


def answer(told: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Send a problem document."""
    content = told.model_dump_json(exclude_none=True)
    return Response(content, told.status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


@cache
def explanations() -> Mapping[str, str]:
    """Give the text of `problems.md` under each of its headings."""
    text = resources.files("ler_issuer.api").joinpath("problems.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return {slug: words.strip() for slug, words in zip(parts[::2], parts[1::2], strict=True)}


# ── What goes wrong while a request is read ──────────────────────────────────────────────────────────────────────────
def unreadable(error: RequestValidationError) -> Refusal:
    """Word what FastAPI found wrong with a body, a header or a part of the address."""
    found = error.errors()
    problems = []
    for one in found:
        source, *location = one["loc"]
        problems.extend(places([{**one, "loc": location}], error.body if source == "body" else {}))
    if all(one["type"] == BROKEN_RULE for one in found):
        return Unacceptable("the request breaks a rule", problems=problems)
    return Malformed("the request does not have the shape that is asked for", problems=problems)


def _of_router(error: HTTPException) -> Refusal:
    """Word what the router raises: an address that is not there, or one that does not take the method."""
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return MethodNotAllowed("this address does not take this method; see the Allow header")
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Missing("there is nothing at this address")
    return Malformed("the request cannot be read")


def _allowed(request: Request) -> list[str]:
    """List every method that the address takes; the router would name those of the first route that fits alone."""
    asked = {name: request.scope[name] for name in ("type", "path", "root_path")}
    routes = request.app.router.routes
    taken = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**asked, "method": method})[0] is Match.FULL for route in routes)
    ]
    return ["GET", "HEAD", *taken[1:]] if "GET" in taken else taken  # HEAD is answered wherever GET is


def answer_refusals(app: FastAPI, base_url: Url) -> None:
    """Make an application answer every refusal, FastAPI's and the router's included, with a problem document."""

    def answer_one(request: Request, refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
        return answer(problem(refusal, base_url=base_url, request_id=request.state.request_id), headers)

    def refused(request: Request, refusal: Refusal) -> Response:
        if isinstance(refusal, Unavailable):  # no mistake of the sender's: whoever runs the service has to hear of it
            _log.error("unavailable", why=refusal.detail, request_id=request.state.request_id)
        return answer_one(request, refusal, _headers(refusal))

    def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer_one(request, unreadable(error))

    def routed(request: Request, error: HTTPException) -> Response:
        refusal = _of_router(error)
        headers = {"Allow": ", ".join(_allowed(request))} if isinstance(refusal, MethodNotAllowed) else error.headers
        return answer_one(request, refusal, headers)

    handlers: Mapping[type[Exception], Callable[..., Response]] = {
        Refusal: refused,
        RequestValidationError: invalid,
        HTTPException: routed,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)


def may(*refusals: type[Refusal]) -> dict[int | str, JsonObject]:
    """Say for the API's description which refusals an operation may answer with; any may have to be put off."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    kinds = [KINDS[one] for one in (*refusals, Unavailable)]
    return {kind.status: {"description": kind.title, "content": content} for kind in kinds}
