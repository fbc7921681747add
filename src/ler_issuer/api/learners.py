"""Learners: found by what a source knows of them, merged, enrolled, and held so that their awards wait."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.schemas import Asked, HoldIn, LearnerIn, LearnerOut, LiftedOut, Told
from ler_issuer.api.wiring import Id, LearnersChanger, LearnersWriter, Rt
from ler_issuer.assessments import Day, Name
from ler_issuer.errors import Conflict, Denied, Malformed, Missing, SignInFirst, TooLarge, Unacceptable
from ler_issuer.services import merging, people, releasing

router = APIRouter(prefix="/v1/learners", tags=["learners"], route_class=StrictRoute)

_CHANGING = may(Malformed, SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType, Unacceptable)


# ── Who they are ─────────────────────────────────────────────────────────────────────────────────────────────────────
class IdentifierOut(Told):
    """An identifier in its normalised form."""

    type: str
    value: str


class ProfileOut(Told):
    """What is known of one learner: whom they were merged into, their identifiers, and the DID of their wallet."""

    learner_id: str
    merged_into: str | None = None
    identifiers: list[IdentifierOut]
    did: str | None = None
    on_hold: bool
    created_at: datetime


class KnownOut(ProfileOut):
    """A learner with everybody who was merged into them; `root_id` is who stands for the whole person."""

    root_id: str
    merged: list[ProfileOut]


class MergeIn(Asked):
    """Whom a learner turned out to be, and which DID stays bound when both have one of their own."""

    into: UUID
    did: Annotated[str, StringConstraints(pattern=r"^did:[a-z0-9]+:[^\s]+$", max_length=500)] | None = None


@router.post(
    "/find",
    responses=may(Malformed, SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType),
)
def post_find(wanted: LearnerIn, caller: LearnersWriter, rt: Rt) -> LearnerOut:
    """Find a learner by identifiers, which stay out of addresses and logs that way.

    Of learners who were merged, the one whom they were merged into is found.
    """
    return LearnerOut(learner_id=people.find_learner(rt, caller, wanted.identifiers))


@router.get("/{learner_id}", response_model_exclude_none=True, responses=may(SignInFirst, Denied, Missing))
def get_learner(learner_id: Id, caller: LearnersWriter, rt: Rt) -> KnownOut:
    """Give what is known of a learner, and of everybody who was merged into them."""
    return _known(people.get_learner(rt, caller, learner_id))


@router.post("/{learner_id}/merge", response_model_exclude_none=True, responses=_CHANGING)
def post_merge(learner_id: Id, wanted: MergeIn, caller: LearnersChanger, rt: Rt) -> KnownOut:
    """Merge a learner into another: what both hold, and results that wait, count for one person from now on.

    Nothing is moved, so that it can be undone. Gives whom they were merged into.
    """
    return _known(merging.merge(rt, caller, learner_id, str(wanted.into), did=wanted.did))


@router.post(
    "/{learner_id}/unmerge",
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Missing, Conflict),
)
def post_unmerge(learner_id: Id, caller: LearnersChanger, rt: Rt) -> KnownOut:
    """Undo a merge: each of the two is looked at anew, and what rested on the other's facts is corrected."""
    return _known(merging.unmerge(rt, caller, learner_id))


def _known(known: people.Known) -> KnownOut:
    profile = ProfileOut.model_validate(known.profile)
    merged = [ProfileOut.model_validate(one) for one in known.merged]
    return KnownOut(**dict(profile), root_id=known.root_id, merged=merged)


# ── Holds ────────────────────────────────────────────────────────────────────────────────────────────────────────────
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


# ── Enrolments ───────────────────────────────────────────────────────────────────────────────────────────────────────
CatalogYear: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}([-/][0-9]{2}([0-9]{2})?)?$")]
"""A catalog year by the year in which it begins, with or without the next: `2026`, `2026-27`, `2026/2027`."""


class Programme(Asked):
    """A programme that a learner is or was in, and the catalog year whose rules they are under."""

    programme: Name
    title: Name | None = None
    catalog_year: CatalogYear
    started_on: Day | None = None
    ended_on: Day | None = None


class Assessed(Asked):
    """An achievement, by key, id or URL, that a learner is being assessed on, until a day when it is known."""

    achievement: Name
    ends_on: Day | None = None


class Enrolments(Asked):
    """All that a learner is enrolled in."""

    programmes: Annotated[tuple[Programme, ...], Field(max_length=20)] = ()
    achievements: Annotated[tuple[Assessed, ...], Field(max_length=200)] = ()


@router.get("/{learner_id}/enrolments", response_model_exclude_none=True, responses=may(SignInFirst, Denied, Missing))
def get_enrolments(learner_id: Id, caller: LearnersWriter, rt: Rt) -> Enrolments:
    """Give what a learner is enrolled in."""
    found = people.get_enrolments(rt, caller, learner_id)
    return Enrolments(
        programmes=tuple(Programme.model_validate(one, from_attributes=True) for one in found.programmes),
        achievements=tuple(Assessed.model_validate(one, from_attributes=True) for one in found.achievements),
    )


@router.put(
    "/{learner_id}/enrolments",
    status_code=204,
    responses=may(Malformed, SignInFirst, Denied, Missing, TooLarge, UnsupportedMediaType, Unacceptable),
)
def put_enrolments(learner_id: Id, wanted: Enrolments, caller: LearnersWriter, rt: Rt) -> None:
    """Put enrolments in the place of all that a learner had: what is left out ends."""
    people.set_enrolments(
        rt,
        caller,
        learner_id,
        people.Enrolments(
            tuple(people.Programme(**dict(one)) for one in wanted.programmes),
            tuple(people.Assessed(**dict(one)) for one in wanted.achievements),
        ),
    )
