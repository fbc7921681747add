"""Turns: one at a time, in the order of arrival, for the writers of one process.

SQLite lets one connection write and tells the others to come again. Those who only knock are served by chance, and an
import that begins its next chunk at once would keep the others out. A `threading.Lock` is no better: whoever lets go
and asks again has it before those who wait are awake.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from ler_issuer.errors import Unavailable


class Turns:
    """A lock that is handed from one who waits to the next."""

    def __init__(self) -> None:
        """Begin with nobody in, and nobody waiting."""
        self._guard = Lock()
        self._waiting: deque[Lock] = deque()
        self._taken = False

    @contextmanager
    def one(self, seconds: float) -> Iterator[float]:
        """Have one's turn while the block lasts; give the time (`time.monotonic`) up to which one may wait for more.

        Raises:
            Unavailable: others took longer.
        """
        end = time.monotonic() + seconds
        try:
            self.take(seconds)
        except TimeoutError as error:
            raise Unavailable("the database cannot do this now: others keep it busy; try again later") from error
        try:
            yield end
        finally:
            self.pass_on()

    def take(self, seconds: float) -> None:
        """Wait for one's turn, at most so long; `pass_on` ends it.

        Raises:
            TimeoutError: others took longer.
        """
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            called = Lock()
            called.acquire()
            self._waiting.append(called)
        try:
            came = called.acquire(timeout=seconds)
        except BaseException:  # interrupted while waiting
            self._leave(called)
            raise
        if not came:
            self._leave(called)
            raise TimeoutError("others took longer")

    def _leave(self, called: Lock) -> None:
        """Wait no longer; who was called in that very moment passes the turn on."""
        with self._guard:
            if called in self._waiting:
                self._waiting.remove(called)
                return
        self.pass_on()

    def pass_on(self) -> None:
        """Let the next one in."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
