"""Verification, for anybody."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.schemas import ReportOut, VerifyIn
from ler_issuer.api.wiring import Rt
from ler_issuer.errors import Malformed, TooLarge
from ler_issuer.services import verifying

router = APIRouter(prefix="/v1/verify", tags=["public"], route_class=StrictRoute)


@router.post(
    "",
    response_model=ReportOut,
    response_model_exclude_unset=True,
    responses=may(Malformed, TooLarge, UnsupportedMediaType),
)
def post_verification(wanted: VerifyIn, rt: Rt) -> Any:  # noqa: ANN401 - the report in its wire form
    """Judge a credential as it stands now. Whatever it is, a report comes out; nothing of it is kept."""
    return verifying.verify(rt, wanted.credential).to_json()
