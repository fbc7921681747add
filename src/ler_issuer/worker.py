"""Work that nobody asks for, done within half a minute: embargoes end, credentials expire, deadlines pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import structlog

from ler_issuer.runtime import Runtime
from ler_issuer.services import back_awarding, cases, catching_up, expiring, idempotency, recording, releasing

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTOR = "system:worker"
"""Who does it, for the audit trail."""

EVERY_SECONDS = 30.0

PATIENCE_SECONDS = 10.0
"""How long a round that is under way may take when the service stops; what it had not committed the next start does."""

_log = structlog.get_logger("ler_issuer.worker")


@contextmanager
def at_work(rt: Runtime, every: float = EVERY_SECONDS) -> Iterator[None]:
    """Do the chores in the background, first at once and then every so many seconds, until the block ends."""
    over = threading.Event()
    thread = threading.Thread(target=_work, args=(rt, every, over), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(PATIENCE_SECONDS)


CHORES: Mapping[str, Callable[[Runtime], int | None]] = {
    "awards_released": partial(releasing.release_due, actor=ACTOR),
    "credentials_expired": partial(expiring.expire_due, actor=ACTOR),
    "cases_overdue": partial(cases.tell_overdue, actor=ACTOR),
    "records_renewed": partial(recording.renew_outgrown, actor=ACTOR),
    "answers_dropped": idempotency.sweep,
}
"""What is done in each round, by what it counts; each may be run as often as one likes, and killed at any point."""


def _work(rt: Runtime, every: float, over: threading.Event) -> None:
    _do(rt, "holdings_kept", catching_up.keep_holdings)
    while not over.is_set():
        for chore, do in CHORES.items():
            _do(rt, chore, do)
        next_round = time.monotonic() + every
        _do(rt, "learners_looked_at", partial(_apply_rules, over=over, until=next_round))
        over.wait(max(0.0, next_round - time.monotonic()))


def _apply_rules(rt: Runtime, *, over: threading.Event, until: float) -> int:
    """Use the time between rounds to apply what was published to whom it concerns, which may take long."""
    return back_awarding.go_on_with_all(rt, until=lambda: over.is_set() or time.monotonic() >= until)


def _do(rt: Runtime, chore: str, do: Callable[[Runtime], int | None]) -> None:
    try:
        count = do(rt)
    except Exception as error:  # noqa: BLE001 - the next round may go better; nothing was lost
        _log.error("chore_failed", chore=chore, error=type(error).__qualname__)
    else:
        if count:
            _log.info(chore, count=count)
