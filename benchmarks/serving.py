"""The service over HTTP: one process on this machine, under load, and the computing time that it took.

Run by itself (`python -m benchmarks.serving`), this module is that process: it takes its settings from the environment
as the service does, listens on a port of the system's choosing, and says which.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from typing_extensions import override

from benchmarks import load, university
from benchmarks.databases import Kept, opened
from benchmarks.measuring import Rate
from benchmarks.university import University
from ler_issuer import main, runtime
from ler_issuer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TOGETHER = 100
"""How many items a batch has."""

CLIENTS = {1: 16, TOGETHER: 8}
"""How many send requests with so many items; no more batches are answered or wait at once than ten."""

KINDS = {
    "POST /v1/results": 1,
    "POST /v1/results/batch": TOGETHER,
    "POST /v1/verify": 1,
    "POST /v1/verify/batch": TOGETHER,
}
"""The kinds of requests, each with the number of its items."""

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

    def profile_anew(self) -> None:
        """Let its profilers forget what they counted."""
        os.kill(self.id, signal.SIGUSR1)

    def cpu_seconds(self) -> float:
        """Give the computing time that it has taken, in all its threads."""
        told = Path(f"/proc/{self.id}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(settings: Settings, *, profiled: Path | None = None) -> Iterator[Process]:
    """Serve with these settings for as long as the block lasts, under the profiler if its table is wanted in a file."""
    assert settings.passphrase is not None  # noqa: S101 - `databases` gives one
    chosen = {
        "LER_DATABASE_URL": settings.database_url,
        "LER_BASE_URL": settings.base_url,
        "LER_PASSPHRASE": settings.passphrase.get_secret_value(),
        "LER_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "benchmarks.serving", *([] if profiled is None else [str(profiled)])]
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

    def __init__(
        self, process: Process, place: University, database: Kept, *, bodies: Sequence[bytes], first: int
    ) -> None:
        """Ask about these credentials, and send results of learners of numbers that nobody has had, from a first on."""
        self._process, self._place, self._database = process, place, database
        self._bodies, self._next = bodies, first
        written = (self._results, self._result_batches, self._questions, self._question_batches)
        self._written: dict[str, Callable[[int], list[bytes]]] = dict(zip(KINDS, written, strict=True))

    def all(self, seconds: float) -> Iterator[Served]:
        """Measure every kind of request for about so many seconds."""
        for name, each in KINDS.items():
            warm = self._sent(name, self._written[name](WARM_UP[each]))
            yield self._measure(name, max(WARM_UP[each], round(WARM_UP[each] * seconds / warm.seconds)))

    def singles(self, count: int) -> Iterator[Served]:
        """Measure so many requests of each kind that has one item."""
        yield from (self._measure(name, count) for name, each in KINDS.items() if each == 1)

    def send(self, name: str, items: int) -> None:
        """Send requests of a kind with so many items, or a few more."""
        self._sent(name, self._written[name](-(-items // KINDS[name])))

    def _measure(self, name: str, count: int) -> Served:
        requests = self._written[name](count)
        before = self._process.cpu_seconds()
        came = self._sent(name, requests)
        spent = self._process.cpu_seconds() - before
        items = count * KINDS[name]
        return Served(items / came.seconds, spent / items * 1e6, name, self._database)

    def _sent(self, name: str, requests: list[bytes]) -> load.Load:
        came = load.send(self._process.port, requests, clients=min(CLIENTS[KINDS[name]], len(requests)))
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
            return [*Trial(process, place, database, bodies=place.bodies(), first=AWARDED).all(seconds)]


def _serve() -> None:
    settings = Settings()
    door = main.listen("127.0.0.1", 0)
    sys.stdout.write(f"{door.getsockname()[1]}\n")
    sys.stdout.flush()
    main.serve(runtime.build(settings), settings, door=door)


class _Profile(cProfile.Profile):
    @override
    def create_stats(self) -> None:
        """Leave out what still goes on: another thread has no clock that could tell its end."""
        self.snapshot_stats()


class _Profilers:
    """One profiler for every thread that begins, each counting the computing time of its own."""

    def __init__(self) -> None:
        self._made: list[_Profile] = []

    def begin(self, *_: object) -> None:
        """Take over a thread at its first step."""
        made = _Profile(time.thread_time)
        self._made.append(made)
        made.enable()

    def begin_anew(self, *_: object) -> None:
        """Forget what was counted so far: starting, and what is done once."""
        for one in self._made:
            one.clear()

    def write(self, file: Path) -> None:
        """Write down what all of them counted."""
        sys.setprofile(None)
        pstats.Stats(*self._made).dump_stats(file)


def _main() -> None:
    if not sys.argv[1:]:
        _serve()
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # the server stops, and raises it again
    profilers = _Profilers()
    signal.signal(signal.SIGUSR1, profilers.begin_anew)
    threading.setprofile(profilers.begin)
    profilers.begin()
    try:
        _serve()
    finally:
        profilers.write(Path(sys.argv[1]))


if __name__ == "__main__":
    _main()
