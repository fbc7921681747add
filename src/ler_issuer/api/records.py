"""Learner records: a learner's credentials as one Comprehensive Learner Record, with the proof of each."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import AfterValidator, Field, StrictStr

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.documents import CREDENTIAL, NEVER, Published, serve
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.schemas import Asked
from ler_issuer.api.wiring import CredentialsReader, Id, RecordsWriter, Rt
from ler_issuer.errors import Conflict, Denied, Malformed, Missing, SignInFirst, TooLarge, Unacceptable
from ler_issuer.services import recording
from ler_issuer.services.recording import MOST_CHOSEN

router = APIRouter(prefix="/v1/learners", tags=["learners"], route_class=StrictRoute, default_response_class=Response)

_PRIVATE = Published(CREDENTIAL, NEVER)

CredentialId: TypeAlias = Annotated[
    StrictStr,
    Field(min_length=1, max_length=99, description="A UUID, or `urn:uuid:` and a UUID."),
    AfterValidator(lambda text: text.lower().removeprefix("urn:uuid:")),
]


class RecordIn(Asked):
    """What goes into a record: some credentials, which makes it partial; without them, all that are current."""

    credentials: Annotated[list[CredentialId], Field(min_length=1, max_length=MOST_CHOSEN)] | None = None


_ALL = RecordIn()


def _described(*statuses: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "object"}} for media_type in CREDENTIAL}
    return {status: {"description": description, "content": content} for status, description in statuses}


@router.post(
    "/{learner_id}/record",
    status_code=201,
    responses=_described((201, "The new record"), (200, "The record that stands: nothing has changed since"))
    | may(Malformed, SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType, Unacceptable),
)
def post_record(
    learner_id: Id, caller: RecordsWriter, rt: Rt, request: Request, wanted: Annotated[RecordIn, Body()] = _ALL
) -> Response:
    """Issue a learner's record, byte for byte as it is kept; it takes the place of the one before."""
    issued = recording.issue_record(rt, caller, learner_id, wanted.credentials)
    answer = serve(request, issued.record.body, _PRIVATE)
    answer.status_code = 201 if issued.fresh else 200
    return answer


@router.get(
    "/{learner_id}/record", responses=_described((200, "The record")) | may(Malformed, SignInFirst, Denied, Missing)
)
def get_record(
    learner_id: Id,
    caller: CredentialsReader,
    rt: Rt,
    request: Request,
    *,
    partial: Annotated[bool, Query(description="The newest selection, not the whole record.")] = False,
) -> Response:
    """Give a learner's newest record, byte for byte as it was signed."""
    return serve(request, recording.current_record(rt, caller, learner_id, partial=partial).body, _PRIVATE)
