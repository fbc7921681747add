"""Doors that are knocked at hundreds of times a second: answered in one go, on one thread.

FastAPI asks one dependency after the other, and puts each that is a plain function, and then the endpoint, on a thread
of its own turn. To go from thread to thread costs more than most of them do. A `DirectRoute` asks for the same things
on the thread of the endpoint, from the same declarations; and where an endpoint says how, for many requests together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast, get_args

from fastapi.params import Depends, Security
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from ler_issuer.api.bodies import StrictRoute, read_body, refuse_unknown
from ler_issuer.api.together import Together
from ler_issuer.api.wiring import AT_ONCE, Met, UnfitHeader

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ler_issuer.api.bodies import ReadRequest

Given: TypeAlias = Mapping[str, Any]
"""What an endpoint is called with."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., Response])

Doing: TypeAlias = Callable[[Sequence[Given]], "Sequence[Response | Exception]"]
"""Answers many requests: gives for each the response, or what went wrong."""

_TOGETHER: dict[Callable[..., Response], tuple[Doing, int]] = {}

HANDS = 4
"""How many groups are answered at once where several may write."""


def together(do: Doing, *, most: int) -> Callable[[Endpoint], Endpoint]:
    """Say how an endpoint answers many requests at once, and how many at most."""

    def known(endpoint: Endpoint) -> Endpoint:
        _TOGETHER[endpoint] = do, most
        return endpoint

    return known


class DirectRoute(StrictRoute):
    """A strict route whose endpoint takes a model as its body and what `AT_ONCE` knows, and gives a `Response`.

    What does not fit its type goes FastAPI's way after all, whose errors name every place that is wrong.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        step_by_step = APIRoute.get_route_handler(self)
        known = {parameter.alias for parameter in self.dependant.query_params}
        asking = _Asking(cast("Callable[..., Response]", self.endpoint))
        do, most = _TOGETHER.get(self.endpoint, (None, 1))

        async def answer(request: Request) -> Response:
            refuse_unknown(request, known)
            read = await read_body(request)
            if do is None:
                found = await run_in_threadpool(asking.answer, read)
            else:
                found = await _hands(request, self.endpoint, partial(asking.answer_all, do), most)(read)
            return found or await step_by_step(read)

        return answer


def _hands(
    request: Request,
    endpoint: Callable[..., Response],
    do: Callable[[Sequence[ReadRequest]], Sequence[Response | Exception | None]],
    most: int,
) -> Together[ReadRequest, Response | None]:
    """Give those who answer an endpoint in this application.

    One at a time may write to SQLite, and a second hand would only wait for the first.
    """
    kept: dict[Callable[..., Response], Together[ReadRequest, Response | None]] = request.app.state.together
    if endpoint not in kept:
        kept[endpoint] = Together(do, most=most, hands=1 if request.app.state.rt.db.is_sqlite else HANDS)
    return kept[endpoint]


class _Asking:
    """What an endpoint is to be called with, and the call."""

    def __init__(self, endpoint: Callable[..., Response]) -> None:
        self._endpoint = endpoint
        # Who is asking comes before what they say.
        parameters = sorted(signature(endpoint, eval_str=True).parameters.values(), key=_is_body)
        self._asked = {one.name: _asking(one) for one in parameters}

    def answer(self, request: ReadRequest) -> Response | None:
        """Answer one request; None when it is not of the declared types."""
        given = self._given(request, {})
        return None if given is None else self._endpoint(**given)

    def answer_all(self, do: Doing, requests: Sequence[ReadRequest]) -> list[Response | Exception | None]:
        """Answer requests that came together; None for those that are not of the declared types."""
        met: Met = {}
        given = [self._given_or_refusal(request, met) for request in requests]
        answers = iter(do([one for one in given if isinstance(one, Mapping)]))
        return [next(answers) if isinstance(one, Mapping) else one for one in given]

    def _given_or_refusal(self, request: ReadRequest, met: Met) -> Given | Exception | None:
        try:
            return self._given(request, met)
        except Exception as error:  # noqa: BLE001 - it concerns this request, and none of those that came with it
            return error

    def _given(self, request: ReadRequest, met: Met) -> Given | None:
        try:
            return {name: ask(request, met) for name, ask in self._asked.items()}
        except (ValidationError, UnfitHeader):
            return None


def _is_body(parameter: Parameter) -> bool:
    declared = parameter.annotation
    return isinstance(declared, type) and issubclass(declared, BaseModel)


def _asking(parameter: Parameter) -> Callable[[ReadRequest, Met], Any]:
    """Say how the value of one parameter of an endpoint is come by.

    Raises:
        TypeError: it is declared in a way that only FastAPI understands.
    """
    declared = parameter.annotation
    if declared is Request:
        return lambda request, _: request
    if _is_body(parameter):
        return lambda request, _: declared.model_validate(request.value)
    for one in get_args(declared)[1:]:
        if isinstance(one, Depends) and one.dependency in AT_ONCE:
            ask = AT_ONCE[one.dependency]
            scopes = tuple(one.scopes or ()) if isinstance(one, Security) else ()
            return lambda request, met: ask(request, scopes, met)
    raise TypeError(f"a direct route cannot ask for {parameter}")
