"""Results in, one or many."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ValidationError

from ler_issuer import mistakes
from ler_issuer.api import problems
from ler_issuer.api.direct import DirectRoute, Given, together
from ler_issuer.api.problems import may
from ler_issuer.api.schemas import Batch, BatchOut, ReceiptOut
from ler_issuer.api.wiring import ResultsSender, Rt
from ler_issuer.assessments import Result
from ler_issuer.errors import (
    Conflict,
    Denied,
    Malformed,
    Refusal,
    SignInFirst,
    TooLarge,
    Unacceptable,
)
from ler_issuer.services import taking
from ler_issuer.services.intake import Receipt
from ler_issuer.types import Json

router = APIRouter(prefix="/v1/results", tags=["results"], route_class=DirectRoute)

_REFUSALS = (Malformed, SignInFirst, Denied, TooLarge, problems.UnsupportedMediaType)


def _post_together(given: Sequence[Given]) -> list[Response | Exception]:
    if not given:
        return []
    answers = taking.record_together(given[0]["rt"], [(one["caller"], one["result"]) for one in given])
    return [one if isinstance(one, Exception) else _receipt_or_fault(one) for one in answers]


def _receipt_or_fault(receipt: Receipt) -> Response | Exception:
    try:
        return _receipt(receipt)
    except Exception as error:  # noqa: BLE001 - a fault with this answer is none of the others'
        return error


@router.post(
    "",
    status_code=201,
    response_model=ReceiptOut,
    responses=may(*_REFUSALS, Conflict, Unacceptable) | {200: {"model": ReceiptOut, "description": "It was known"}},
)
@together(_post_together, most=taking.CHUNK)
def post_result(result: Result, caller: ResultsSender, rt: Rt) -> Response:
    """Record an assessment result, and issue what it earns.

    The same result sent again gets the first receipt, with 200 and `duplicate`.
    """
    return _receipt(taking.record_result(rt, caller, result))


@router.post("/batch", response_model=BatchOut, responses=may(*_REFUSALS, Conflict))
def post_results(batch: Batch, caller: ResultsSender, rt: Rt, request: Request) -> Response:
    """Record up to 1,000 results, each by itself: a receipt or a problem comes back for each, in order."""
    answers = taking.record_batch(rt, caller, [_read(item) for item in batch.items])
    return _sent(BatchOut(items=[_told(one, rt, request) for one in answers]), 200)


def _receipt(receipt: Receipt) -> Response:
    return _sent(ReceiptOut.model_validate(receipt), 200 if receipt.duplicate else 201)


def _sent(answer: BaseModel, status: int) -> Response:
    """Write an answer that is of its declared shape already; FastAPI would look at every member again first."""
    return Response(answer.model_dump_json(exclude_none=True), status, media_type="application/json")


def _read(item: Json) -> Result | Refusal:
    """Read one item of a batch, or say what is wrong with it, with pointers into the item."""
    try:
        return Result.model_validate(item)
    except ValidationError as error:
        return mistakes.refusal("the item is no result", error.errors(include_url=False), item)


def _told(answer: Receipt | Refusal, rt: Rt, request: Request) -> ReceiptOut | problems.Problem:
    if isinstance(answer, Refusal):
        return problems.problem(answer, base_url=rt.base_url, request_id=request.state.request_id)
    return ReceiptOut.model_validate(answer)
