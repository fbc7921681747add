"""Running targets: each in a process of its own, with a limit on its time and memory, and every failure kept.

An input may take a second of computing time and 256 MB of memory. What crosses a limit, or raises what its target does
not promise, is a failure: it is told, and the input is kept in a file. What kills the process, too: the input that was
being tried lies in a file beforehand.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import hashlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzzing.making import inputs
from fuzzing.target import Target

MOST_SECONDS = 1.0
MOST_BYTES = 256 * 1024 * 1024
HUNG_SECONDS = 10.0
"""When an input has computed for so long, it is not waited for any longer."""

MOST_FAILURES = 5
"""Different failures of one target, after which it is tried no further."""

_MUCH = 32
"""Megabytes after which what was used is given back before the next input, so that it is not counted again."""

_WARM = 5
"""Seeds that are met before anything is measured."""

_TRIM = ctypes.CDLL(None).malloc_trim

_ROUND = 200
"""Cases that Hypothesis makes at once; the clock is looked at in between, and what it remembered is forgotten."""


class Hung(BaseException):
    """Interrupts what takes too long; no `except Exception` catches it."""


@dataclass
class Tally:
    """How a target did: cases, the slowest and the costliest of them, and what failed."""

    name: str
    cases: int = 0
    refused: int = 0
    slowest_ms: float = 0.0
    peak_mb: float = 0.0
    failures: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Effort:
    """How hard to try: a number of cases, or a time in seconds, the seed to begin with, and how long attacks may be."""

    cases: int = 0
    seconds: float = 0.0
    first_seed: int = 0
    longest: int = sys.maxsize


def run(targets: Iterable[Target], effort: Effort, keep: Path, tell: Callable[[Tally], None]) -> list[Tally]:
    """Run targets one after the other; failing inputs are kept in a folder."""
    keep.mkdir(parents=True, exist_ok=True)
    gc.collect()
    gc.freeze()  # what is here already is not looked through again by every child
    tallies = []
    for target in targets:
        tally = _apart(target, effort, keep)
        tell(tally)
        tallies.append(tally)
    return tallies


# ── The process of a target ──────────────────────────────────────────────────────────────────────────────────────────
def _apart(target: Target, effort: Effort, keep: Path) -> Tally:
    """Run a target in a child process and read its tally, or say how it died."""
    trying = keep / f"{_file_name(target)}.{os.getpid()}.trying"
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        os.close(reading)
        with contextlib.suppress(BaseException), os.fdopen(writing, "w") as out:
            out.write(json.dumps(asdict(_Trial(target, keep, trying).tally(effort))))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    _, status = os.waitpid(child, 0)
    if said:
        trying.unlink(missing_ok=True)
        return Tally(**json.loads(said))
    last = trying.read_bytes() if trying.exists() else b""
    trying.unlink(missing_ok=True)
    tally = Tally(target.name)
    tally.failures.append(_kept(keep, target, last, "died", f"the process ended with status {status}"))
    return tally


def _file_name(target: Target) -> str:
    return target.name.replace(" ", "_")


def _kept(keep: Path, target: Target, data: bytes, kind: str, detail: str) -> dict[str, Any]:
    file = keep / f"{_file_name(target)}-{hashlib.sha256(data).hexdigest()[:12]}"
    file.write_bytes(data)
    return {"kind": kind, "detail": detail, "file": str(file), "bytes": len(data)}


class _Trial:
    """A target that is being tried in this process, which does nothing else."""

    def __init__(self, target: Target, keep: Path, trying: Path) -> None:
        self._target = target
        self._keep = keep
        self._trying = trying
        self._told = Tally(target.name)
        self._seen: set[str] = set()
        self._base = 0

    def tally(self, effort: Effort) -> Tally:
        end = time.monotonic() + effort.seconds
        signal.signal(signal.SIGPROF, _hang)
        seeds, hostile = tuple(self._target.seeds()), tuple(self._target.hostile())
        for data in seeds[:_WARM]:  # what is made once and kept, such as compiled schemas, is no one input's doing
            self._met(data)
        gc.collect()
        gc.freeze()
        _TRIM(0)
        self._base, self._told.refused = _memory("VmRSS"), 0
        _limit_memory()
        for data in (*seeds, *hostile):
            if len(data) <= effort.longest:
                self._try(data)
        self._make(effort, seeds, end)
        return self._told

    def _make(self, effort: Effort, seeds: tuple[bytes, ...], end: float) -> None:
        left, number = effort.cases, effort.first_seed
        while len(self._told.failures) < MOST_FAILURES and (left > 0 or time.monotonic() < end):
            count = min(_ROUND, left) if effort.cases else _ROUND
            self._round(seeds, count, number, end if effort.seconds else None)
            left, number = left - count, number + 1

    def _round(self, seeds: tuple[bytes, ...], count: int, number: int, end: float | None) -> None:
        @seed(number)
        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(inputs(seeds, self._target.most))
        def try_one(data: bytes) -> None:
            if (end is None or time.monotonic() < end) and len(self._told.failures) < MOST_FAILURES:
                self._try(data)

        try_one()

    # ── One input ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _try(self, data: bytes) -> None:
        self._trying.write_bytes(data)
        _forget_peak()
        seconds = self._met(data)
        if seconds > MOST_SECONDS:  # a busy machine slows computing too: what is slow is slow three times
            seconds = min(seconds, *(self._met(data) for _ in range(2))) if seconds < HUNG_SECONDS else seconds
        grown = (_memory("VmHWM") - self._base) / 1024 / 1024
        self._told.cases += 1
        self._told.slowest_ms = max(self._told.slowest_ms, round(seconds * 1000, 1))
        if grown > MOST_BYTES / 1024 / 1024:
            self._fail(data, "memory", f"{grown:.0f} MB")
        self._told.peak_mb = max(self._told.peak_mb, round(grown, 1))
        if grown > _MUCH:
            gc.collect()
            _TRIM(0)
        if seconds > MOST_SECONDS:
            self._fail(data, "slow", f"{seconds:.2f} s")

    def _met(self, data: bytes) -> float:
        """Let the target meet an input, and give how long it computed."""
        signal.setitimer(signal.ITIMER_PROF, HUNG_SECONDS)
        start = time.process_time()
        try:
            self._target.meet(data)
        except self._target.refusals:
            self._told.refused += 1
        except Hung:
            return max(HUNG_SECONDS, time.process_time() - start)
        except MemoryError as error:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._fail(data, "memory", _place(error))
        except (Exception, RecursionError) as error:  # noqa: BLE001 - that is what is looked for
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._fail(data, "crash", f"{type(error).__name__}: {str(error)[:200]} at {_place(error)}")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return time.process_time() - start

    def _fail(self, data: bytes, kind: str, detail: str) -> None:
        """Keep an input that failed, if none failed in the same way before."""
        sort = f"{kind} {detail.rpartition(' at ')[2]}" if kind == "crash" else kind
        if sort not in self._seen or kind != "crash":
            self._seen.add(sort)
            self._told.failures.append(_kept(self._keep, self._target, data, kind, detail))


def _hang(_signal: int, _frame: object) -> None:
    raise Hung


def _memory(name: str) -> int:
    """Give the bytes of memory that this process has (`VmRSS`), or had since its peak was forgotten (`VmHWM`)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def _forget_peak() -> None:
    """Let the peak begin anew (Linux: proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def _limit_memory() -> None:
    """Let what asks for far too much memory fail at once, rather than the machine."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + 3 * MOST_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _place(error: BaseException) -> str:
    """Name the innermost place of our own code that an exception came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/ler_issuer/" in frame.filename] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}"


def failures(tallies: Iterable[Tally]) -> Iterator[str]:
    """Say what failed, one line each."""
    for tally in tallies:
        for one in tally.failures:
            yield f"{tally.name}: {one['kind']}: {one['detail']} ({one['bytes']} bytes, {one['file']})"
