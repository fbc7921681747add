"""What changed, for clients that follow."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import may
from ler_issuer.api.schemas import EventOut, EventPage
from ler_issuer.api.wiring import EventsReader, Limit, Rt
from ler_issuer.errors import Denied, Malformed, SignInFirst
from ler_issuer.services import reading

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=StrictRoute)

_After = Annotated[int, Query(ge=0, lt=2**62, description="`next` of the page before; 0 for everything.")]


@router.get("", responses=may(Malformed, SignInFirst, Denied))
def get_events(caller: EventsReader, rt: Rt, after: _After = 0, limit: Limit = 100) -> EventPage:
    """List the issuer's events with a higher number than `after`; none is ever added below one that was given."""
    found = [EventOut.model_validate(one) for one in reading.list_events(rt, caller, after=after, limit=limit)]
    return EventPage(items=found, next=found[-1].seq if found else after)
