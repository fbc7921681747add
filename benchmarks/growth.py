"""Growth: the same import and requests, at ten thousand, a hundred thousand and a million credentials.

The credentials in the background are copies (`background.fill`); those that are measured are real. All databases take
their turns in interleaved rounds, as everything else does here.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from operator import truediv
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import background, bulk, serving
from benchmarks.databases import Kept, opened
from benchmarks.goals import IMPORTED
from benchmarks.measuring import Spread
from benchmarks.university import University

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIZES = (10_000, 100_000, 1_000_000)
SEEDLINGS = 20
"""Real credentials that a database has before it is filled; these are asked about."""

FIRST_ASKED = 100_000_000
"""Where the numbers of learners begin whose results come as requests, far from those of imported rows."""

ROWS_TO_A_REQUEST = 2
"""For so many imported rows one request of each kind is sent."""


@dataclass(frozen=True)
class Grown:
    """What a row or request took in a database of some size, and how many times as long as in the smallest one."""

    what: str
    database: str
    credentials: int
    cpu_micros: float
    ratio: Spread


@dataclass(frozen=True)
class Ground:
    """An installation with many credentials, which also serves."""

    place: University
    trial: serving.Trial

    def took(self, database: Kept, numbers: range, requests: int) -> Iterator[tuple[str, float]]:
        """Import the rows of these numbers and send so many requests of each kind; tell what each took, in µs."""
        yield IMPORTED, bulk.timed(self.place, database, numbers).cpu_micros
        self.place.rest()
        for served in self.trial.singles(requests):
            yield f"`{served.name}`", served.cpu_micros


def measure(
    folder: Path, database: Kept, *, rounds: int, rows: int, told: Callable[[str], None], sizes: tuple[int, ...] = SIZES
) -> list[Grown]:
    """Fill a database for each size, import into all of them in turn and ask all of them, and compare."""
    with ExitStack() as stack:
        grounds = {size: stack.enter_context(_filled(folder, database, size, told)) for size in sizes}
        taken: dict[tuple[str, int], list[float]] = {}
        for number in range(rounds + 1):  # the first one warms up
            told(f"growth on {database}: round {number} of {rounds}")
            for size, ground in grounds.items():
                start = SEEDLINGS + number * rows
                for what, micros in ground.took(database, range(start, start + rows), rows // ROWS_TO_A_REQUEST):
                    taken.setdefault((what, size), []).extend([micros] if number else [])
        return [
            Grown(what, database, size, median(some), Spread.of(map(truediv, some, taken[what, sizes[0]])))
            for what in dict.fromkeys(what for what, _ in taken)
            for size, some in ((size, taken[what, size]) for size in sizes)
        ]


@contextmanager
def _filled(folder: Path, database: Kept, size: int, told: Callable[[str], None]) -> Iterator[Ground]:
    with opened(folder, database) as settings:
        place = University.found(settings)
        place.award(range(SEEDLINGS))
        bodies = place.bodies()
        told(f"filling {database} with {size:,} credentials")
        place.rest()
        background.fill(settings.database_url, size)
        with serving.running(settings) as process:
            yield Ground(place, serving.Trial(process, place, database, bodies=bodies, first=FIRST_ASKED))
