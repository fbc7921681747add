"""Results in, one or many."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from ler_issuer import mistakes
from ler_issuer.api import problems
from ler_issuer.api.bodies import StrictRoute
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
from ler_issuer.services import intake
from ler_issuer.services.intake import Receipt
from ler_issuer.types import Json

router = APIRouter(prefix="/v1/results", tags=["results"], route_class=StrictRoute)

_REFUSALS = (Malformed, SignInFirst, Denied, TooLarge, problems.UnsupportedMediaType)


@router.post(
    "",
    status_code=201,
    response_model_exclude_none=True,
    responses=may(*_REFUSALS, Conflict, Unacceptable) | {200: {"model": ReceiptOut, "description": "It was known"}},
)
def post_result(result: Result, caller: ResultsSender, rt: Rt, response: Response) -> ReceiptOut:
    """Record an assessment result, and issue what it earns.

    The same result sent again gets the first receipt, with 200 and `duplicate`.
    """
    receipt = intake.record_result(rt, caller, result)
    response.status_code = 200 if receipt.duplicate else 201
    return ReceiptOut.model_validate(receipt)


@router.post("/batch", response_model_exclude_none=True, responses=may(*_REFUSALS, Conflict))
def post_results(batch: Batch, caller: ResultsSender, rt: Rt, request: Request) -> BatchOut:
    """Record up to 1,000 results, each by itself: a receipt or a problem comes back for each, in order."""
    answers = intake.record_batch(rt, caller, [_read(item) for item in batch.items])
    return BatchOut(items=[_told(one, rt, request) for one in answers])


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
