"""Doors that are knocked at hundreds of times a second: answered in one go, on one thread.

FastAPI asks one dependency after the other, and puts each that is a plain function, and then the endpoint, on a thread
of its own turn. To go from thread to thread costs more than most of them do. A `DirectRoute` asks for the same things
on the thread of the endpoint, from the same declarations.
"""

from __future__ import annotations

from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, cast, get_args

from fastapi.params import Depends, Security
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from typing_extensions import override

from ler_issuer.api.bodies import StrictRoute, read_body, refuse_unknown
from ler_issuer.api.wiring import AT_ONCE, UnfitHeader

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Response

    from ler_issuer.api.bodies import ReadRequest


class DirectRoute(StrictRoute):
    """A strict route whose endpoint takes a model as its body and what `AT_ONCE` knows, and gives a `Response`.

    What does not fit its type goes FastAPI's way after all, whose errors name every place that is wrong.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        step_by_step = APIRoute.get_route_handler(self)
        known = {parameter.alias for parameter in self.dependant.query_params}
        endpoint = cast("Callable[..., Response]", self.endpoint)
        # Who is asking comes before what they say.
        parameters = sorted(signature(endpoint, eval_str=True).parameters.values(), key=_is_body)
        asked = {one.name: _asking(one) for one in parameters}

        def in_one_go(request: ReadRequest) -> Response | None:
            try:
                given = {name: ask(request) for name, ask in asked.items()}
            except (ValidationError, UnfitHeader):
                return None
            return endpoint(**given)

        async def answer(request: Request) -> Response:
            refuse_unknown(request, known)
            read = await read_body(request)
            return await run_in_threadpool(in_one_go, read) or await step_by_step(read)

        return answer


def _is_body(parameter: Parameter) -> bool:
    declared = parameter.annotation
    return isinstance(declared, type) and issubclass(declared, BaseModel)


def _asking(parameter: Parameter) -> Callable[[ReadRequest], Any]:
    """Say how the value of one parameter of an endpoint is come by.

    Raises:
        TypeError: it is declared in a way that only FastAPI understands.
    """
    declared = parameter.annotation
    if declared is Request:
        return lambda request: request
    if _is_body(parameter):
        return lambda request: declared.model_validate(request.value)
    for one in get_args(declared)[1:]:
        if isinstance(one, Depends) and one.dependency in AT_ONCE:
            ask = AT_ONCE[one.dependency]
            scopes = tuple(one.scopes or ()) if isinstance(one, Security) else ()
            return lambda request: ask(request, scopes)
    raise TypeError(f"a direct route cannot ask for {parameter}")
