"""Verification, for anybody.

Judging mostly waits for the hosts of others, and anybody may ask for it: it has a room of its own, so that a crowd of
strangers with credentials from hosts that hang takes no thread from those who have work to do.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.schemas import ReportOut, VerifyIn
from ler_issuer.api.wiring import Rt
from ler_issuer.errors import Malformed, TooLarge, Unavailable
from ler_issuer.services import verifying
from ler_issuer.services.verifying import Aid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

router = APIRouter(prefix="/v1/verify", tags=["public"], route_class=StrictRoute)

SEATS = 16
"""How many documents are judged at once; fewer than half of the threads that answer requests."""

QUEUE = 64
"""How many more may wait for a seat: a minute at worst, when every host hangs."""


class Room:
    """Lets some in, lets some wait, and turns the rest away."""

    def __init__(self, seats: int = SEATS, queue: int = QUEUE) -> None:
        """Open the room, empty."""
        self._seats = asyncio.Semaphore(seats)
        self._places = seats + queue

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """Wait for a seat, and keep it until the block ends.

        Raises:
            Unavailable: too many wait already.
        """
        if not self._places:
            raise Unavailable("too many credentials are being verified at once; try again later")
        self._places -= 1
        try:
            async with self._seats:
                yield
        finally:
            self._places += 1


@router.post(
    "",
    response_model=ReportOut,
    response_model_exclude_unset=True,
    responses=may(Malformed, TooLarge, UnsupportedMediaType),
)
async def post_verification(wanted: VerifyIn, rt: Rt, request: Request) -> Any:  # noqa: ANN401 - a report as it is sent
    """Judge a credential as it stands now. Whatever it is, a report comes out; nothing of it is kept.

    Credentials that it bundles are judged too, each by itself. With `parts`, a stacked credential is derived again from
    those alone.
    """
    room: Room = request.app.state.room
    async with room.seat():
        report = await run_in_threadpool(verifying.verify, rt, wanted.credential, Aid(parts=wanted.parts))
    return report.to_json()
