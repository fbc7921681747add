"""Measuring: computing time per operation, in interleaved rounds, compared within each round.

A machine that is shared is now slow, now fast, for everybody alike. So nothing is told in seconds alone: in every round
each subject has its turn, one after the other, a ratio is that of two turns of one round, and what is told is the
median over the rounds, with the least and the most beside it. Time is computing time of the thread (or of the process
that works for a subject), so that waiting for others does not count.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

Turn = Callable[[int], float]
"""Does an operation so many times; gives the computing seconds that all of it took."""

MICRO = 1e6


@dataclass(frozen=True)
class Subject:
    """Something that is measured: its name in the tables, and how it takes its turn."""

    name: str
    turn: Turn

    @classmethod
    def calling(cls, name: str, operation: Callable[[], object]) -> Subject:
        """Measure a Python function, which is called over and over in this thread."""

        def turn(times: int) -> float:
            begun = time.thread_time()
            for _ in range(times):
                operation()
            return time.thread_time() - begun

        return cls(name, turn)

    @classmethod
    def feeding(cls, name: str, operation: Callable[[object], object], inputs: Sequence[object]) -> Subject:
        """Measure a Python function that is given another input every time, beginning again after the last one."""
        place = 0

        def turn(times: int) -> float:
            nonlocal place
            chosen = [inputs[(place + number) % len(inputs)] for number in range(times)]
            place += times
            begun = time.thread_time()
            for one in chosen:
                operation(one)
            return time.thread_time() - begun

        return cls(name, turn)


@dataclass(frozen=True)
class Spread:
    """A median with the least and the most that it was taken of."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Sum values up."""
        known = sorted(values)
        return cls(median(known), known[0], known[-1])


@dataclass(frozen=True)
class Rate:
    """How many things were done in a second, and what each took of the process that did them."""

    per_second: float
    cpu_micros: float

    @property
    def per_core(self) -> float:
        """How many a second one core could do if nothing else ran on it."""
        return 1e6 / self.cpu_micros


@dataclass(frozen=True)
class Rounds:
    """What each subject took per operation, in microseconds of computing time, round by round."""

    taken: Mapping[str, list[float]] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.taken

    def of(self, name: str) -> Spread:
        """Give what a subject took."""
        return Spread.of(self.taken[name])

    def ratio(self, dividend: str, divisor: str) -> Spread:
        """Say how many times as long as another a subject took; the two turns of one round are compared."""
        pairs = zip(self.taken[dividend], self.taken[divisor], strict=True)
        return Spread.of(above / below for above, below in pairs)


def measure(subjects: Sequence[Subject], *, rounds: int, seconds: float, told: Callable[[int], None]) -> Rounds:
    """Give every subject a turn of about so many seconds in each of so many rounds, in changing order."""
    times = {subject.name: _times(subject, seconds) for subject in subjects}
    taken: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    for number in range(rounds):
        told(number)
        first = number * 7 % len(subjects)
        for subject in (*subjects[first:], *subjects[:first]):
            gc.collect()
            spent = subject.turn(times[subject.name])
            taken[subject.name].append(spent / times[subject.name] * MICRO)
    return Rounds(taken)


def _times(subject: Subject, seconds: float) -> int:
    """Find out how often a subject can do its work in a turn; this warms it up, too."""
    times = 1
    while True:
        spent = subject.turn(times)
        if spent > seconds / 4:
            return max(1, round(times * seconds / spent))
        times = max(times * 2, min(times * 100, round(times * seconds / 3 / max(spent, 1e-6))))
