"""The service over HTTP: one process on this machine, under load, and the computing time that it took.

Run by itself (`python -m benchmarks.serving`), this module is that process: it takes its settings from the environment
as the service does, listens on a port of the system's choosing, and says which.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from benchmarks import load, university
from benchmarks.databases import Kept, opened
from benchmarks.measuring import Rate
from benchmarks.university import University
from ler_issuer import main, runtime
from ler_issuer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CLIENTS = 8
TOGETHER = 100
"""How many items a batch has."""

WARM_UP = {1: 48, TOGETHER: 2}
"""How many requests of a kind are sent beforehand; they tell how many to send, too."""

AWARDED = 200
"""How many credentials there are to be asked about."""


@dataclass(frozen=True)
class Served(Rate):
    """What one kind of request came to, per item: how many a second, and what each took of the server."""

    name: str
    database: str


@dataclass(frozen=True)
class Process:
    """A server that runs."""

    id: int
    port: int

    def cpu_seconds(self) -> float:
        """Give the computing time that it has taken, in all its threads."""
        told = Path(f"/proc/{self.id}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(settings: Settings) -> Iterator[Process]:
    """Serve with these settings for as long as the block lasts."""
    assert settings.passphrase is not None  # noqa: S101 - `databases` gives one
    chosen = {
        "LER_DATABASE_URL": settings.database_url,
        "LER_BASE_URL": settings.base_url,
        "LER_PASSPHRASE": settings.passphrase.get_secret_value(),
        "LER_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "benchmarks.serving"]
    environment = {**os.environ, **chosen}  # noqa: TID251 - handed on to the process that is measured
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603 - ourselves
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe
        yield Process(process.pid, int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait()


class Trial:
    """Sends requests to a server, each of which is about something new."""

    def __init__(self, process: Process, place: University, database: Kept, seconds: float) -> None:
        """Look at every kind of request for about so many seconds."""
        self._process, self._place, self._database, self._seconds = process, place, database, seconds
        self._bodies = place.bodies()
        self._next = len(self._bodies)

    def all(self) -> Iterator[Served]:
        """Measure every kind of request."""
        yield self._measure("POST /v1/results", self._results)
        yield self._measure("POST /v1/results/batch", self._result_batches, TOGETHER)
        yield self._measure("POST /v1/verify", self._questions)
        yield self._measure("POST /v1/verify/batch", self._question_batches, TOGETHER)

    def _measure(self, name: str, write: Callable[[int], list[bytes]], each: int = 1) -> Served:
        warm = self._sent(name, write(WARM_UP[each]))
        count = max(WARM_UP[each], round(WARM_UP[each] * self._seconds / warm.seconds))
        requests = write(count)
        before = self._process.cpu_seconds()
        came = self._sent(name, requests)
        spent = self._process.cpu_seconds() - before
        items = count * each
        return Served(items / came.seconds, spent / items * 1e6, name, self._database)

    def _sent(self, name: str, requests: list[bytes]) -> load.Load:
        came = load.send(self._process.port, requests, clients=min(CLIENTS, len(requests)))
        if came.answered != len(requests):
            raise AssertionError(f"{name} was answered with {dict(came.statuses)}")
        return came

    def _numbers(self, count: int) -> range:
        self._next += count
        return range(self._next - count, self._next)

    def _results(self, count: int) -> list[bytes]:
        sent = (orjson.dumps(university.result(number)) for number in self._numbers(count))
        return [load.request("/v1/results", body, api_key=self._place.api_key) for body in sent]

    def _result_batches(self, count: int) -> list[bytes]:
        sent = ({"items": [university.result(one) for one in self._numbers(TOGETHER)]} for _ in range(count))
        return [load.request("/v1/results/batch", orjson.dumps(body), api_key=self._place.api_key) for body in sent]

    def _questions(self, count: int) -> list[bytes]:
        chosen = (self._bodies[number % len(self._bodies)] for number in range(count))
        return [load.request("/v1/verify", b'{"credential":' + body + b"}") for body in chosen]

    def _question_batches(self, count: int) -> list[bytes]:
        return [load.request("/v1/verify/batch", _together(self._bodies, number)) for number in range(count)]


def _together(bodies: Sequence[bytes], number: int) -> bytes:
    chosen = (bodies[(number * TOGETHER + place) % len(bodies)] for place in range(TOGETHER))
    return b'{"items":[' + b",".join(b'{"credential":' + body + b"}" for body in chosen) + b"]}"


def measure(folder: Path, database: Kept, *, seconds: float) -> list[Served]:
    """Measure every kind of request, each for about so many seconds, on a new database with a few credentials in it."""
    with opened(folder, database) as settings:
        place = University.found(settings)
        place.award(range(AWARDED))
        with running(settings) as process:
            return [*Trial(process, place, database, seconds).all()]


def _serve() -> None:
    settings = Settings()
    door = main.listen("127.0.0.1", 0)
    sys.stdout.write(f"{door.getsockname()[1]}\n")
    sys.stdout.flush()
    main.serve(runtime.build(settings), settings, door=door)


if __name__ == "__main__":
    _serve()
