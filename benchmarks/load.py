"""Load on a server: a few clients that keep their connections, each sending its next request when it has its answer.

It is as small as a client can be (one protocol, requests written beforehand, of an answer only the status and the end
are read), because it shares the machine with the server that it measures.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import uvloop
from typing_extensions import override

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length: "


@dataclass(frozen=True)
class Load:
    """What a load came to: how many answers of which status, in how many seconds."""

    statuses: Counter[int]
    seconds: float

    @property
    def answered(self) -> int:
        """How many requests were answered as they should be."""
        return sum(count for status, count in self.statuses.items() if status < 300)  # noqa: PLR2004 - 2xx


def request(path: str, body: bytes, *, api_key: str | None = None) -> bytes:
    """Write a request, to be sent as it is."""
    allowed = "" if api_key is None else f"Authorization: Bearer {api_key}\r\n"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n{allowed}"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def send(port: int, requests: Sequence[bytes], *, clients: int) -> Load:
    """Send all requests to a port of this machine, by so many clients, and wait for the last answer."""
    loop = uvloop.new_event_loop()
    try:
        return loop.run_until_complete(_send(port, iter(requests), clients))
    finally:
        loop.close()


async def _send(port: int, requests: Iterator[bytes], clients: int) -> Load:
    statuses: Counter[int] = Counter()
    loop = asyncio.get_running_loop()
    made = [_Client(requests, statuses, loop.create_future()) for _ in range(clients)]
    for client in made:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)
    begun = time.perf_counter()
    for client in made:
        client.go_on()
    await asyncio.gather(*(client.done for client in made))
    return Load(statuses, time.perf_counter() - begun)


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[bytes], statuses: Counter[int], done: asyncio.Future[None]) -> None:
        self._requests, self._statuses, self.done = requests, statuses, done
        self._received = bytearray()
        self._expected = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._expected:
            head = self._received.find(_END_OF_HEAD)
            if head < 0:
                return
            at = self._received.lower().find(_LENGTH, 0, head + 2) + len(_LENGTH)
            self._expected = head + len(_END_OF_HEAD) + int(self._received[at : self._received.find(b"\r", at)])
        if len(self._received) >= self._expected:
            self._statuses[int(self._received[9:12])] += 1
            self._received.clear()
            self._expected = 0
            self.go_on()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server ended the connection"))

    def go_on(self) -> None:
        """Send the next request, or be done."""
        following = next(self._requests, None)
        if following is not None:
            self._transport.write(following)
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()
