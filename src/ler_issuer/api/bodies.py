"""Requests, read once and strictly, before the framework sees them.

FastAPI's own reader keeps the last of two equal members and lets `NaN` and any depth through. `StrictRoute` reads with
`jsontext` instead, up to the size that the application allows, whether or not the client announced one. It also refuses
parameters that it does not know: a filter with a slip of the pen would otherwise filter nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from typing_extensions import override

from ler_issuer import jsontext
from ler_issuer.api.problems import UnsupportedMediaType
from ler_issuer.errors import Malformed, Place, TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine

    from fastapi import Response

    from ler_issuer.types import Json

SHORT = 32 * 1024
"""Bytes of a body that is read here and now: to hand it to a thread would take longer, and nobody waits for this."""


class StrictRoute(APIRoute):
    """A route whose parameters are known, and whose body, when it takes one, is JSON that every reader reads alike."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        answer = super().get_route_handler()
        known = {parameter.alias for parameter in self.dependant.query_params}
        takes_body = self.body_field is not None

        async def answer_what_was_read(request: Request) -> Response:
            refuse_unknown(request, known)
            return await answer(await read_body(request) if takes_body else request)

        return answer_what_was_read


class ReadRequest(Request):
    """A request whose body lies before us, as text and as a value."""

    def __init__(self, request: Request, text: bytes, value: Json) -> None:
        super().__init__(request.scope, request.receive)
        self.value = value
        self._text = text

    @override
    async def body(self) -> bytes:
        return self._text

    @override
    async def json(self) -> Json:
        return self.value


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Refuse parameters in the address that are not among the known ones.

    Raises:
        Malformed: there are some.
    """
    if not request.url.query:
        return
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        found = [Place(f"/{jsontext.escape(name)}", "extra_forbidden", "not a parameter here") for name in unknown]
        raise Malformed("the request has parameters that are not known", problems=found)


async def read_body(request: Request) -> ReadRequest:
    """Read a request's body, and leave its bytes in `request.state.received`.

    Raises:
        TooLarge: it is longer than the application allows.
        UnsupportedMediaType: it is not sent as JSON.
        Malformed: it is not strict JSON.
    """
    text = await received(request, request.app.state.max_body_bytes)
    request.state.received = text
    if not text:
        return ReadRequest(request, text, None)
    if not is_json(request.headers.get("content-type", "")):
        raise UnsupportedMediaType("send the body as JSON, with Content-Type: application/json")
    try:
        return ReadRequest(request, text, await _parsed(text))
    except jsontext.NotJsonError as error:
        place = Place(error.pointer, error.code, error.detail)
        raise Malformed("the body cannot be read as JSON", problems=[place]) from None


async def _parsed(text: bytes) -> Json:
    if len(text) <= SHORT:
        return jsontext.parse(text)
    return await run_in_threadpool(jsontext.parse, text, max_bytes=len(text))


async def received(request: Request, limit: int) -> bytes:
    """Read a request's body as it comes, whatever it is.

    Raises:
        TooLarge: it is longer than `limit` bytes, whether or not the client announced it.
    """
    too_large = TooLarge(f"a body may have at most {limit} bytes")
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise too_large
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise too_large
    return bytes(body)


def is_json(content_type: str) -> bool:
    """Say whether a Content-Type names JSON, or a format that is written as JSON (RFC 6839)."""
    kind, _, subtype = content_type.partition(";")[0].strip().lower().partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))
