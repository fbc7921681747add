"""What waits is done together: requests of one kind, answered in groups on threads that do nothing else.

To do a thing for a request, the process goes from the thread that talks to clients to another and back, and opens and
closes a transaction; for eight requests at once that may be done once instead of eight times. Nobody waits for company
that may never come: a group begins as soon as there is a hand for it and everybody is here whose request has arrived,
and the next one gathers meanwhile.

Threads that take turns at short pieces of Python get in each other's way, so that one hand does it all, as long as it
keeps up. Only when a group takes long does another hand take the next: nobody waits for long behind what is hard.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Generic, TypeAlias, TypeVar

from ler_issuer.errors import Unavailable

Item = TypeVar("Item")
Answer = TypeVar("Answer")

QUEUE: Final = 1_000
"""How many may wait: what a second or two does away with."""

KEEPS_UP_FOR: Final = 0.05
"""Seconds that a group may take before the next is given to another hand.

After one that took so long for each of its items, groups have one item, so that nobody shares the fate of what is hard.
"""

QUIET: Final = 4
"""Turns of the loop in which nobody new comes before a group begins.

That is far less than what begins with it, and time enough for all who were answered together to come again together.
"""

GATHERS_FOR: Final = 0.01
"""Seconds after which a group begins however many still come: a loop with much to do turns slowly."""

_Waiting: TypeAlias = "tuple[Item, asyncio.Future[Answer]]"


class Together(Generic[Item, Answer]):
    """Does one kind of thing for many at once."""

    def __init__(
        self,
        do: Callable[[Sequence[Item]], Sequence[Answer | Exception]],
        *,
        most: int,
        hands: int = 1,
        queue: int = QUEUE,
    ) -> None:
        """Be ready to `do`: it gets at most `most` items and gives for each its answer, or what went wrong with it.

        `hands` is how many groups may be under way at once, and `queue` how many items may wait.
        """
        self._do = do
        self._most = most
        self._queue = queue
        self._pool = ThreadPoolExecutor(hands, thread_name_prefix="together")
        self._hands = self._free = hands
        self._begun = 0.0
        self._keeps_up = True
        self._waiting: list[_Waiting[Item, Answer]] = []
        self._called = False
        self._quiet = 0
        self._gathers_since = 0.0

    async def __call__(self, item: Item) -> Answer:
        """Wait for the answer to one item.

        Raises:
            Unavailable: too many wait already.
            Exception: whatever was given in place of the answer.
        """
        if len(self._waiting) >= self._queue:
            raise Unavailable("too much is going on at once; try again later")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        if not self._waiting:
            self._gathers_since = loop.time()
        self._waiting.append((item, answer))
        self._quiet = 0
        self._call(loop, 0.0)
        return await answer

    def _call(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        if not self._called:
            self._called = True
            loop.call_later(seconds, self._begin, loop) if seconds > 0 else loop.call_soon(self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._called = False
        while self._free and self._waiting:
            wait = self._begun + KEEPS_UP_FOR - loop.time()
            if wait > 0 and self._free < self._hands:
                self._call(loop, wait)
                return
            most = self._most if self._keeps_up else 1
            if len(self._waiting) < most and self._may_gather(loop):
                self._quiet += 1
                self._call(loop, 0.0)
                return
            group, self._waiting = self._waiting[:most], self._waiting[most:]
            try:
                self._pool.submit(self._work, group, loop)
            except RuntimeError:  # no thread is to be had, or the service is about to end
                _answer((one, Unavailable("too much is going on at once; try again later")) for one in group)
                group.clear()  # it waits for a thread nevertheless, and nobody for what would be done
            else:
                self._begun = loop.time()
                self._free -= 1

    def _may_gather(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Say whether somebody may come yet who is to be of the next group."""
        return self._quiet < QUIET and loop.time() - self._gathers_since < GATHERS_FOR

    def _work(self, group: list[_Waiting[Item, Answer]], loop: asyncio.AbstractEventLoop) -> None:
        if not group:
            return
        told: list[tuple[_Waiting[Item, Answer], Answer | Exception]]
        begun = time.monotonic()
        try:
            told = list(zip(group, self._do([item for item, _ in group]), strict=True))
        except BaseException as error:  # noqa: BLE001 - a fault; each of them has to hear of it, or would wait for ever
            told = [(one, _raisable(error)) for one in group]
        self._keeps_up = time.monotonic() - begun < KEEPS_UP_FOR * len(group)
        loop.call_soon_threadsafe(self._tell, told, loop)

    def _tell(
        self, told: Sequence[tuple[_Waiting[Item, Answer], Answer | Exception]], loop: asyncio.AbstractEventLoop
    ) -> None:
        _answer(told)
        self._quiet, self._gathers_since = 0, loop.time()
        self._free += 1
        self._begin(loop)


def _answer(told: Iterable[tuple[_Waiting[Item, Answer], Answer | Exception]]) -> None:
    """Give everybody who still waits their answer."""
    for (_, waiting), answer in told:
        if waiting.done():
            continue
        if isinstance(answer, Exception):
            waiting.set_exception(_raisable(answer))
        else:
            waiting.set_result(answer)


def _raisable(error: BaseException) -> Exception:
    """Give what a future can carry to whoever waits, who may not be ended by it."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    return RuntimeError(f"ended by {type(error).__qualname__}")
