"""Growth: the same import into databases with ten thousand, a hundred thousand and a million credentials.

The credentials in the background are copies (`background.fill`); those that are measured are real. All databases take
their turns in interleaved rounds, as everything else does here.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import background, bulk
from benchmarks.databases import Kept, opened
from benchmarks.measuring import Spread
from benchmarks.university import University

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIZES = (10_000, 100_000, 1_000_000)
SEEDLINGS = 20
"""Real credentials that a database has before it is filled."""


@dataclass(frozen=True)
class Grown:
    """What a row took in a database of some size, and how many times as long as in the smallest one."""

    database: str
    credentials: int
    cpu_micros: float
    ratio: Spread


def measure(
    folder: Path, database: Kept, *, rounds: int, rows: int, told: Callable[[str], None], sizes: tuple[int, ...] = SIZES
) -> list[Grown]:
    """Fill a database for each size, import into all of them in turn, and compare."""
    with ExitStack() as stack:
        places = {}
        for size in sizes:
            settings = stack.enter_context(opened(folder, database))
            place = places[size] = University.found(settings)
            place.award(range(SEEDLINGS))
            told(f"filling {database} with {size:,} credentials")
            place.rest()
            background.fill(settings.database_url, size)
        taken: dict[int, list[float]] = {size: [] for size in sizes}
        for number in range(rounds + 1):  # the first one warms up
            told(f"growth on {database}: round {number} of {rounds}")
            for size, place in places.items():
                start = SEEDLINGS + number * rows
                came = bulk.timed(place, database, range(start, start + rows))
                taken[size] += [came.cpu_micros] if number else []
        smallest = taken[sizes[0]]
        return [
            Grown(database, size, median(some), Spread.of(a / b for a, b in zip(some, smallest, strict=True)))
            for size, some in taken.items()
        ]
