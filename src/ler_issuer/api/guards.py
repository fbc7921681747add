"""What surrounds every request: its id, its line in the log, HEAD, open doors for browsers, and headers that protect.

A fault that nobody foresaw ends here too, as a bare 500. The log gets the places in the code that it went through and
the kind of error, never its words, which may repeat what a request or a row says about a learner.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders

from ler_issuer.api import problems

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ler_issuer.types import Url

OPEN_TO_ALL = (
    ".well-known/",
    "issuers/",
    "status/",
    "achievements/",
    "images/",
    "credentials/",
    "problems/",
    "rules/",
    "schemas/",
    "1.0/",
)
"""Addresses that pages of any origin may read: no cookie or key of the reader's is ever involved."""

_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}

_PROTECTIONS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

_PROTECTED, _PROTECTED_OPEN = (
    Headers({**_PROTECTIONS, "Cross-Origin-Resource-Policy": policy}).raw for policy in ("same-origin", "cross-origin")
)

_DOCS = "docs"
_DOCS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'"
)
"""The page of the API's description starts its scripts from within; they too come from here and nowhere else."""

_LONGEST_PATH = 200

_log = structlog.get_logger("ler_issuer.api")


@dataclass(frozen=True, slots=True)
class Guard:
    """An ASGI application around another.

    Behind a proxy that serves us below a path, `base_url` has that path, and requests may come with or without it.
    """

    app: ASGIApp
    base_url: Url
    new_id: Callable[[], str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = {**scope, "root_path": urlsplit(self.base_url).path}
        passing = _Passing(scope, send, self.new_id(), secure=self.base_url.startswith("https:"))
        scope["state"] = {**scope.get("state", {}), "request_id": passing.request_id}
        try:
            await self._pass(passing, receive)
        except Exception as error:  # noqa: BLE001 - the last place where a fault can become an answer
            passing.tell_fault(error)
            if not passing.status:
                await self._apologise(passing, receive)
        finally:
            passing.tell()

    async def _pass(self, passing: _Passing, receive: Receive) -> None:
        if passing.is_open and passing.scope["method"] == "OPTIONS":
            await passing.send({"type": "http.response.start", "status": 204, "headers": []})
            await passing.send({"type": "http.response.body", "body": b""})
            return
        method = "GET" if passing.is_head else passing.scope["method"]
        await self.app({**passing.scope, "method": method}, receive, passing.send)

    async def _apologise(self, passing: _Passing, receive: Receive) -> None:
        told = problems.internal(base_url=self.base_url, request_id=passing.request_id)
        await problems.answer(told)(passing.scope, receive, passing.send)


def _only_reads(scope: Scope) -> bool:
    """Say whether a request reads, or asks whether it may: no page of another origin gets to have anything signed."""
    asked = Headers(scope=scope).get("access-control-request-method", "GET")
    return scope["method"] in {"GET", "HEAD"} or (scope["method"] == "OPTIONS" and asked in {"GET", "HEAD"})


class _Passing:
    """One request on its way, and what its answer came to."""

    def __init__(self, scope: Scope, send: Send, request_id: str, *, secure: bool) -> None:
        self.scope = scope
        self.request_id = request_id
        self.status = 0
        self.is_head = scope["method"] == "HEAD"
        path = scope["path"].removeprefix(f"{scope['root_path']}/").removeprefix("/")
        self.is_open = path.startswith(OPEN_TO_ALL) and _only_reads(scope)
        self._is_docs = path == _DOCS
        self._send = send
        self._secure = secure
        self._begun = time.perf_counter()

    async def send(self, message: Message) -> None:
        """Send a part of the answer, with the headers that every answer has; without its body to HEAD."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(MutableHeaders(scope=message))
        elif self.is_head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _add_headers(self, headers: MutableHeaders) -> None:
        if self._is_docs:
            headers["Content-Security-Policy"] = _DOCS_POLICY
        said = {name for name, _ in headers.raw}
        headers.raw.extend(one for one in (_PROTECTED_OPEN if self.is_open else _PROTECTED) if one[0] not in said)
        headers["X-Request-Id"] = self.request_id
        if self._secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if self.is_open:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = "ETag, X-Request-Id"
            if self.scope["method"] == "OPTIONS":
                headers.update(_PREFLIGHT)

    def tell(self) -> None:
        """Log the request: no query string, which may hold the key of a link."""
        _log.info(
            "request",
            method=self.scope["method"],
            path=self.scope["path"][:_LONGEST_PATH],
            status=self.status,
            ms=round((time.perf_counter() - self._begun) * 1000, 1),
            request_id=self.request_id,
        )

    def tell_fault(self, error: Exception) -> None:
        """Log a fault: which, and where, in nobody's words."""
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
        _log.error("fault", error=type(error).__qualname__, where=where[-12:], request_id=self.request_id)
