"""Requests counted, and the door at which the figures are read: for the operator, whom no issuer's key makes one.

The figures are about the installation and not about any issuer in it, so an API key does not open this door; a token of
its own does. Without such a token there is no door, and nothing is counted.
"""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from ler_issuer import metrics
from ler_issuer.errors import SignInFirst

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ler_issuer.metrics import Metrics

PATH: Final = "/metrics"
NO_ROUTE: Final = "none"
"""What requests are counted under whose address is none of ours: such addresses are endless."""

_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_FAULT: Final = 500


def measure(app: FastAPI, figures: Metrics, token: str) -> None:
    """Count the requests of an application, and open the door to the figures for whoever has the token."""
    expected = f"Bearer {token}".encode()

    def get_metrics(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
            raise SignInFirst("the figures are read with a token of their own: Authorization: Bearer <token>")
        return Response(figures.text(), media_type=metrics.MEDIA_TYPE)

    app.add_route(PATH, get_metrics, include_in_schema=False)
    app.add_middleware(Counted, figures=figures)


@dataclass(frozen=True, slots=True)
class Counted:
    """An ASGI application around another, which counts what passes."""

    app: ASGIApp
    figures: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, and count it by the route that it took; a fault counts as 500."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = _FAULT

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            self.figures.answered(method, route, status, time.perf_counter() - begun)
