"""Cases: stacked credentials that are in question because a part of them stopped counting, and how that ended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.schemas import Asked, ReasonCode, Told
from ler_issuer.api.wiring import CredentialsReader, Cursor, Id, Limit, Registrar, Rt
from ler_issuer.assessments import Text
from ler_issuer.errors import Conflict, Denied, Malformed, Missing, SignInFirst, TooLarge, Unacceptable
from ler_issuer.services import cases
from ler_issuer.services.cases import Resolution
from ler_issuer.services.marking import Reason
from ler_issuer.stacking import Policy

router = APIRouter(prefix="/v1/cases", tags=["cases"], route_class=StrictRoute)

CaseState: TypeAlias = Literal["open", "resolved"]


class LostPart(Told):
    """A part that stopped counting, and why."""

    credential: str
    because: str


class CaseOut(Told):
    """A case: the stacked credential in question, what it lost, what the policy did, and how it ended.

    `still_met`: the rule is met without what was lost. `deadline`: until when somebody should look; `overdue_at`: when
    that had passed. `resolution` is `keep`, `reissue`, `revoke`, or `restored` when the parts count again.
    """

    id: str
    state: CaseState
    learner_id: str
    award_id: str
    credential_id: str
    policy: Policy
    reason_code: str
    parts: list[LostPart]
    still_met: bool
    opened_at: datetime
    opened_by: str
    deadline: datetime | None = None
    overdue_at: datetime | None = None
    resolution: Literal["keep", "reissue", "revoke", "restored"] | None = None
    resolution_code: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    note: str | None = None
    replacement_id: str | None = None


class CasePage(Told):
    """Cases, the oldest first."""

    items: list[CaseOut]
    next_cursor: str | None


class ResolutionIn(Asked):
    """What a person decides, and why: the code others may see, the note they never do."""

    resolution: Resolution
    reason_code: ReasonCode = Field(default="reviewed")
    note: Text | None = None


@router.get("", responses=may(Malformed, SignInFirst, Denied))
def get_cases(
    caller: CredentialsReader,
    rt: Rt,
    state: Annotated[CaseState | None, Query(description="Both when left out.")] = None,
    learner: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> CasePage:
    """List the issuer's cases, the oldest first."""
    wanted = cases.Wanted(state, None if learner is None else str(learner))
    return CasePage.model_validate(cases.list_cases(rt, caller, wanted, cursor=cursor, limit=limit))


@router.get("/{case_id}", response_model_exclude_none=True, responses=may(Malformed, SignInFirst, Denied, Missing))
def get_case(case_id: Id, caller: CredentialsReader, rt: Rt) -> CaseOut:
    """Give one case."""
    return CaseOut.model_validate(cases.get_case(rt, caller, case_id))


@router.post(
    "/{case_id}/resolve",
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType, Unacceptable),
)
def post_resolution(case_id: Id, wanted: ResolutionIn, caller: Registrar, rt: Rt) -> CaseOut:
    """Resolve a case: keep the credential, issue it anew on what counts, suspend it meanwhile, or revoke it."""
    reason = Reason(wanted.reason_code, wanted.note)
    return CaseOut.model_validate(cases.resolve(rt, caller, case_id, wanted.resolution, reason))
