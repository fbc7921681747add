"""Learners: found by what a source knows of them, and held so that their awards wait."""

from __future__ import annotations

from fastapi import APIRouter

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.schemas import HoldIn, LearnerIn, LearnerOut, LiftedOut
from ler_issuer.api.wiring import Id, LearnersWriter, Rt
from ler_issuer.errors import Conflict, Denied, Malformed, Missing, SignInFirst, TooLarge
from ler_issuer.services import people, releasing

router = APIRouter(prefix="/v1/learners", tags=["learners"], route_class=StrictRoute)


@router.post(
    "/find",
    responses=may(Malformed, SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType),
)
def post_find(wanted: LearnerIn, caller: LearnersWriter, rt: Rt) -> LearnerOut:
    """Find a learner by identifiers, which stay out of addresses and logs that way."""
    return LearnerOut(learner_id=people.find_learner(rt, caller, wanted.identifiers))


@router.post(
    "/{learner_id}/hold",
    status_code=204,
    responses=may(Malformed, SignInFirst, Denied, Missing, TooLarge, UnsupportedMediaType),
)
def post_hold(learner_id: Id, hold: HoldIn, caller: LearnersWriter, rt: Rt) -> None:
    """Make a learner's awards wait from now on; credentials that are out stay as they are."""
    releasing.hold(rt, caller, learner_id, hold.reason)


@router.post("/{learner_id}/lift", responses=may(SignInFirst, Denied, Missing))
def post_lift(learner_id: Id, caller: LearnersWriter, rt: Rt) -> LiftedOut:
    """Lift the hold on a learner, and issue what waited only for that."""
    return LiftedOut(released=releasing.lift(rt, caller, learner_id))
