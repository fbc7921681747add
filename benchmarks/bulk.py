"""Bulk import: rows of results that become credentials, which are signed, verified by ourselves, and stored."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import Kept, opened
from benchmarks.measuring import Rate
from benchmarks.university import University

WARM_UP = 100


@dataclass(frozen=True)
class Imported(Rate):
    """What an import came to, per row: how many a second, and what each took of this process."""

    database: str
    rows: int


def measure(folder: Path, database: Kept, rows: int) -> Imported:
    """Import so many rows into a new database, each of a learner who was not known before."""
    with opened(folder, database) as settings:
        place = University.found(settings)
        place.award(range(WARM_UP))
        return timed(place, database, range(WARM_UP, WARM_UP + rows))


def timed(place: University, database: str, numbers: range) -> Imported:
    """Import the rows of these numbers, reading of each included, and tell what it took."""
    begun, worked = time.perf_counter(), time.process_time()
    place.award(numbers)
    seconds, spent = time.perf_counter() - begun, time.process_time() - worked
    return Imported(len(numbers) / seconds, spent / len(numbers) * 1e6, database, len(numbers))
