"""Verification, for anybody.

A credential of ours, or one of which all that is needed was seen before, is judged at once, by a hand that does nothing
else. Other judging mostly waits for the hosts of others, and anybody may ask for it: it has a room of its own, so that
a crowd of strangers with credentials from hosts that hang takes no thread from those who have work to do.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import signature
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from typing_extensions import override

from ler_issuer.api import problems, report_schemas, uploads
from ler_issuer.api.bodies import StrictRoute, refuse_unknown
from ler_issuer.api.documents import negotiate
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.report_schemas import ItemIn, ReportOut, VerifyBatchIn, VerifyBatchOut, VerifyIn
from ler_issuer.api.together import Together
from ler_issuer.api.wiring import Rt
from ler_issuer.errors import Malformed, Place, Refusal, TooLarge, Unacceptable, Unavailable
from ler_issuer.services import answering, attesting
from ler_issuer.services.answering import Answer, Manner, Wanted
from ler_issuer.types import Json, JsonObject

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from ler_issuer.runtime import Runtime


class PlainRoute(StrictRoute):
    """A strict route that calls an endpoint by itself which takes nothing but the runtime and the request.

    FastAPI describes it, and would spend as much on finding these two as it takes to check a signature.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        endpoint = self.endpoint
        if {*signature(endpoint).parameters} != {"rt", "request"}:
            return super().get_route_handler()

        async def answer(request: Request) -> Response:
            refuse_unknown(request, ())
            response: Response = await endpoint(rt=request.app.state.rt, request=request)
            return response

        return answer


router = APIRouter(prefix="/v1/verify", tags=["public"], route_class=PlainRoute)

SEATS = 16
"""How many documents are judged at once; fewer than half of the threads that answer requests."""

QUEUE = 64
"""How many more may wait for a seat: a minute at worst, when every host hangs."""

BATCH_SEATS = 2
BATCH_QUEUE = 8
"""Batches have a room of their own: one takes as long as hundreds of single credentials."""

BATCH_BODY = 8
"""How many times as long as other bodies that of a batch may be."""


class Room:
    """Lets some in, lets some wait, and turns the rest away."""

    def __init__(self, seats: int = SEATS, queue: int = QUEUE) -> None:
        """Open the room, empty."""
        self._seats = asyncio.Semaphore(seats)
        self._places = seats + queue

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """Wait for a seat, and keep it until the block ends.

        Raises:
            Unavailable: too many wait already.
        """
        if not self._places:
            raise Unavailable("too many credentials are being verified at once; try again later")
        self._places -= 1
        try:
            async with self._seats:
                yield
        finally:
            self._places += 1


@dataclass(frozen=True, slots=True)
class _Call:
    """One credential to be judged, and how."""

    rt: Runtime
    wanted: Wanted
    manner: Manner
    signed: bool


Judging: TypeAlias = Together[_Call, Response | None]
"""Whoever judges what can be judged without asking anybody, and gives None for the rest."""

MOST_AT_ONCE = 16
"""How many short documents are judged one after the other before the next are given to another hand."""


def judging(queue: int = QUEUE) -> Judging:
    """Begin to judge what is short and needs nobody else."""
    return Together(_judge_here, most=MOST_AT_ONCE, hands=SEATS, queue=queue)


def _judge_here(calls: Sequence[_Call]) -> list[Response | Exception | None]:
    alike = ([*those] for _, those in groupby(calls, lambda call: repr(call.manner)))  # in which 1 is not true
    return [told for those in alike for told in _judge_alike(those[0].manner, those)]


def _judge_alike(manner: Manner, calls: Sequence[_Call]) -> list[Response | Exception | None]:
    try:
        answers = answering.answer_here(calls[0].rt, [one.wanted for one in calls], manner)
        asked = zip(calls, answers, strict=True)
        return [None if found is None else _told(one.rt, found, signed=one.signed) for one, found in asked]
    except Unavailable as error:  # to try again with each of them would take each time as long
        return [error] * len(calls)
    except Exception as error:  # noqa: BLE001 - it concerns one request, and none of those that came with it
        if len(calls) == 1:
            return [error]
        return [told for one in calls for told in _judge_alike(manner, [one])]


_TEXTS = ("as_of", "language")
_FORM = {
    "expect": {"type": "string", "description": "As JSON: who is applying."},
    "policy": {"type": "string", "description": "The name of a policy, or one written out as JSON."},
    "parts": {"type": "string", "description": "As JSON: the credentials that a stacked one rests on."},
    "registries": {"type": "string", "description": "As JSON: names of registries."},
    "as_of": {"type": "string", "format": "date-time"},
    "language": {"type": "string", "enum": ["en", "es"]},
    "refresh": {"type": "string", "enum": ["true", "false"]},
    "signed": {"type": "string", "enum": ["true", "false"]},
}
_REFUSALS = may(Malformed, TooLarge, UnsupportedMediaType, Unacceptable)


@router.post(
    "",
    response_model=ReportOut,
    responses=_REFUSALS,
    openapi_extra=uploads.described("VerifyIn", _FORM),
)
async def post_verification(rt: Rt, request: Request) -> Response:
    """Judge a credential, in whatever form it comes. Whatever it is, a report comes out; nothing of it is kept.

    As `credential`: a credential or presentation as JSON, a JWT as text, or the https address of one; or, in a form,
    a JSON, JWT, PNG or SVG file. Credentials that it bundles and its endorsements are judged too, each by itself. With
    `parts`, a stacked credential is derived again from those alone.
    """
    limit = request.app.state.max_body_bytes
    upload = await uploads.read(request, limit=limit, texts=_TEXTS, names=("policy",))
    said = upload.said if upload.file is None else {"credential": None, **upload.said}
    if "credential" not in said and "@context" in said:
        missing = Place("/credential", "missing", "the credential is expected in here")
        raise Malformed("this is a credential by itself: put it under `credential`", problems=[missing])
    asked = uploads.checked(VerifyIn, said)
    wanted = _wanted(asked, asked.credential, upload.file)
    manner = _manner(asked, request, asked)
    if upload.is_short:
        judge: Judging = request.app.state.judging
        if (response := await judge(_Call(rt, wanted, manner, asked.signed))) is not None:
            return response
    room: Room = request.app.state.room
    async with room.seat():
        return await run_in_threadpool(_report, rt, wanted, manner, signed=asked.signed)


@router.post(
    "/batch",
    response_model=VerifyBatchOut,
    responses=_REFUSALS,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VerifyBatchIn"}}},
        }
    },
)
async def post_verification_batch(rt: Rt, request: Request) -> Response:
    """Judge up to 1,000 credentials, each by itself, and answer in their order.

    What several of them need, such as their issuers' keys and status lists, is fetched once. An item that cannot be
    read gets a problem, and the others their reports.
    """
    limit = BATCH_BODY * request.app.state.max_body_bytes
    upload = await uploads.read(request, limit=limit)
    if upload.file is not None:
        raise UnsupportedMediaType("send a batch as JSON (application/json)")
    asked = uploads.checked(VerifyBatchIn, upload.said)
    hall: Room = request.app.state.hall
    async with hall.seat():
        manner = _manner(asked, request, None)
        return await run_in_threadpool(_reports, rt, asked, manner, request.state.request_id)


@router.get("/keys", responses=may())
def get_report_keys(rt: Rt) -> JsonObject:
    """Give the keys that signed reports are signed with, as a JWK set."""
    return attesting.published_keys(rt)


@router.get("/policies", responses=may())
def get_policies(rt: Rt) -> JsonObject:
    """List the policies that a verdict can follow, whole."""
    return {"items": [policy.whole() for policy in rt.policies.values()]}


def _report(rt: Runtime, wanted: Wanted, manner: Manner, *, signed: bool) -> Response:
    (answer,) = answering.answer(rt, [wanted], manner)
    return _told(rt, answer, signed=signed)


def _told(rt: Runtime, answer: Answer, *, signed: bool) -> Response:
    return _written(report_schemas.in_order(answer.to_json(rt, signed=signed)))


def _reports(rt: Runtime, asked: VerifyBatchIn, manner: Manner, request_id: str) -> Response:
    read = [_item(number, one) for number, one in enumerate(asked.items)]
    answers = iter(answering.answer(rt, [one for one in read if isinstance(one, Wanted)], manner))
    told = [
        report_schemas.in_order(next(answers).to_json(rt, signed=asked.signed))
        if isinstance(one, Wanted)
        else problems.problem(one, base_url=rt.base_url, request_id=request_id).model_dump(exclude_none=True)
        for one in read
    ]
    return _written({"items": told})


def _written(body: JsonObject) -> Response:
    """Write an answer that we made ourselves: its schema is for readers, and is held against it by tests alone."""
    return Response(orjson.dumps(body), media_type="application/json")


def _wanted(asked: ItemIn, given: Json, file: bytes | None = None) -> Wanted:
    who = None if asked.expect is None else asked.expect.model_dump(include={"identifiers", "did"}, exclude_none=True)
    said = {name: value for name, value in (who or {}).items() if value}
    asks = asked.expect is not None and not (asked.expect.challenge or asked.expect.domain)
    return Wanted(given, file, asked.parts, answering.expected(said if said or asks else None))


def _item(number: int, one: Json) -> Wanted | Refusal:
    """Read one item of a batch; what is wrong with it concerns it alone."""
    try:
        asked = uploads.checked(ItemIn, one)
        if asked.expect is not None and (asked.expect.challenge or asked.expect.domain):
            raise Malformed("presentations that answer a challenge are verified one by one")
        return _wanted(asked, asked.credential)
    except Refusal as refused:
        places = [Place(f"/items/{number}{one.pointer}", one.code, one.detail) for one in refused.problems]
        return type(refused)(refused.detail, problems=places)


def _manner(how: VerifyIn | VerifyBatchIn, request: Request, item: ItemIn | None) -> Manner:
    expect = None if item is None else item.expect
    return Manner(
        policy=how.policy,
        as_of=how.as_of,
        registries=how.registries,
        refresh=how.refresh,
        language=how.language or _spoken(request.headers.get("accept-language", "")),
        challenge=None if expect is None else expect.challenge,
        domain=None if expect is None else expect.domain,
    )


def _spoken(accept: str) -> str:
    """Give the language of ours that the reader likes best (RFC 9110 §12.5.4), English when none is named."""
    if not accept:
        return "en"
    return negotiate(re.sub(r"(?<=[A-Za-z])-[A-Za-z0-9-]+", "", accept), ("en", "es"))
