"""Recognitions: what a learner earned or learnt elsewhere, and that it counts here."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.schemas import Asked, ReasonIn, Told
from ler_issuer.api.wiring import Id, LearnersChanger, LearnersWriter, Rt
from ler_issuer.assessments import Credits, Key, Moment, Name, Text
from ler_issuer.errors import Conflict, Denied, Malformed, Missing, SignInFirst, TooLarge, Unacceptable
from ler_issuer.services import recognising
from ler_issuer.services.marking import Reason
from ler_issuer.services.recognising import Claim, Recognised
from ler_issuer.stacking import RecognitionKind

router = APIRouter(prefix="/v1", tags=["recognitions"], route_class=StrictRoute)

_CHANGING = may(Malformed, SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType, Unacceptable)


class RecognitionIn(Asked):
    """What is to be recognised: as which achievement (key, id or URL), earned when, at which level, for how much.

    `credential` is the badge that shows it: it must verify, and stand now. The note stays private.
    """

    kind: RecognitionKind
    achievement: Name
    awarded_at: Moment
    level: Key | None = None
    credits: Credits | None = None
    credential: Annotated[Any, Field(description="A badge of somebody else's, as it is.")] = None
    note: Text | None = None


class RecognitionOut(Told):
    """A recognition, and what became of it; `recognised_achievement` and `recognised_issuer` are those of the badge.

    `state` is that of the award; `held` waits for a hold or an embargo to end.
    """

    id: str
    learner_id: str
    achievement_id: str
    kind: RecognitionKind
    awarded_at: datetime
    level: str | None = None
    credits: Decimal | None = None
    recognised_achievement: str | None = None
    recognised_issuer: str | None = None
    document_digest: str | None = None
    note: str | None = None
    state: Literal["held", "issued", "withdrawn"]
    credential_id: str | None = None
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    duplicate: bool = False


class RecognitionList(Told):
    """All that was recognised for a person, the oldest first."""

    items: list[RecognitionOut]


@router.post(
    "/learners/{learner_id}/recognitions",
    status_code=201,
    response_model_exclude_none=True,
    responses=_CHANGING | {200: {"model": RecognitionOut, "description": "It was known"}},
)
def post_recognition(
    learner_id: Id, wanted: RecognitionIn, caller: LearnersChanger, rt: Rt, response: Response
) -> RecognitionOut:
    """Recognise something that was earned or learnt elsewhere, and issue a credential that says so.

    The same again gives the first one, with 200 and `duplicate`.
    """
    made = recognising.recognise(rt, caller, learner_id, Claim(**dict(wanted)))
    response.status_code = 200 if made.duplicate else 201
    return _told(made)


@router.get(
    "/learners/{learner_id}/recognitions",
    response_model_exclude_none=True,
    responses=may(SignInFirst, Denied, Missing),
)
def get_recognitions(learner_id: Id, caller: LearnersWriter, rt: Rt) -> RecognitionList:
    """List what was recognised for a learner and whoever is merged with them, the oldest first."""
    return RecognitionList(items=[_told(one) for one in recognising.list_recognitions(rt, caller, learner_id)])


@router.post(
    "/recognitions/{recognition_id}/withdraw",
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType),
)
def post_withdrawal(recognition_id: Id, reason: ReasonIn, caller: LearnersWriter, rt: Rt) -> RecognitionOut:
    """Take a recognition back for good, and revoke the credential that tells of it."""
    reason_given = Reason(reason.reason_code, reason.note)
    return _told(recognising.withdraw(rt, caller, recognition_id, reason_given))


def _told(found: Recognised) -> RecognitionOut:
    content = {name: value for name, value in found.content.items() if name not in {"achievement", "document"}}
    return RecognitionOut.model_validate(
        {
            **content,
            "document_digest": found.content.get("document"),
            "id": found.id,
            "learner_id": found.learner_id,
            "achievement_id": found.achievement_id,
            "state": found.state,
            "credential_id": found.credential_id,
            "recorded_at": found.recorded_at,
            "withdrawn_at": found.withdrawn_at,
            "duplicate": found.duplicate,
        }
    )
