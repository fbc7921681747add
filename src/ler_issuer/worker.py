"""Work that nobody asks for: awards whose embargo has ended are issued within half a minute, old answers dropped."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from ler_issuer.services import idempotency, releasing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.runtime import Runtime

EVERY_SECONDS = 30.0

PATIENCE_SECONDS = 10.0
"""How long a round that is under way may take when the service stops; what it had not committed the next start does."""

_log = structlog.get_logger("ler_issuer.worker")


@contextmanager
def at_work(rt: Runtime, every: float = EVERY_SECONDS) -> Iterator[None]:
    """Release what is due in the background, first at once and then every so many seconds, until the block ends."""
    over = threading.Event()
    thread = threading.Thread(target=_work, args=(rt, every, over), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(PATIENCE_SECONDS)


def _work(rt: Runtime, every: float, over: threading.Event) -> None:
    while not over.is_set():
        try:
            released = releasing.release_due(rt, actor="system:worker")
            idempotency.sweep(rt)
        except Exception as error:  # noqa: BLE001 - the next round may go better; nothing was lost
            _log.error("release_failed", error=type(error).__qualname__)
        else:
            if released:
                _log.info("released", credentials=released)
        over.wait(every)
