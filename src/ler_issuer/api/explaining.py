"""Explanations: the whole story of one award, for programs and as one page to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.documents import NEVER, negotiate
from ler_issuer.api.problems import may
from ler_issuer.api.wiring import CredentialsReader, Id, Rt
from ler_issuer.errors import Denied, Malformed, Missing, SignInFirst
from ler_issuer.services import explaining, narrating
from ler_issuer.services.stories import Story

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(prefix="/v1/learners", tags=["learners"], route_class=StrictRoute)

JSON, TEXT = "application/json", "text/plain"
_FORMS: Mapping[str, str] = {"json": JSON, "text": TEXT}


@router.get(
    "/{learner_id}/explain/{credential_id}",
    response_model=Story,
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Missing) | {200: {"content": {TEXT: {"schema": {"type": "string"}}}}},
)
def get_explanation(  # noqa: PLR0917 - FastAPI fills them in by name
    learner_id: Id,
    credential_id: Id,
    caller: CredentialsReader,
    rt: Rt,
    request: Request,
    response: Response,
    form: Annotated[
        Literal["json", "text"] | None, Query(alias="format", description="Goes before the Accept header.")
    ] = None,
) -> Story | Response:
    """Tell why a learner has a credential and what became of it: results, rubric, rule, credential, stacks, questions.

    As JSON, or as one page of plain text for a learner or a registrar to read.
    """
    story = explaining.explain(rt, caller, learner_id, credential_id)
    wanted = _FORMS[form] if form is not None else negotiate(request.headers.get("accept", ""), (JSON, TEXT))
    if wanted == TEXT:
        page = narrating.page(story)
        return Response(page, media_type=f"{TEXT}; charset=utf-8", headers={"Vary": "Accept", "Cache-Control": NEVER})
    response.headers["Vary"] = "Accept"
    return story
