"""Where the time goes: each of our own rows once under the profiler, kept beside the figures."""

from __future__ import annotations

import cProfile
import io
import pstats
import re
from typing import TYPE_CHECKING

from benchmarks import bulk, serving, task
from benchmarks.databases import opened
from benchmarks.ourselves import learners
from benchmarks.university import University

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.ourselves import Workshop

KEPT, SHOWN = 60, 10
WARM_UP = 20

FIRST_ASKED = {name: 100_000_000 * place for place, name in enumerate(serving.KINDS, 1)}
"""Where the numbers of learners begin whose results come as requests of a kind."""

_PLACE = re.compile(r"\S*/(?:site-packages|src|lib/python[\d.]+)/")


def taken(workshop: Workshop, folder: Path, *, times: int) -> dict[str, list[str]]:
    """Profile signing, verifying, issuing and importing; give the first lines of each table."""
    document, template, values = task.document(), workshop.template(), learners(times)
    acts: dict[str, Callable[[], object]] = {
        "Sign, general path": lambda: [workshop.sign(document) for _ in range(times)],
        "Verify, general path": lambda: [workshop.verify(workshop.signed) for _ in range(times)],
        "Issue by template": lambda: [template.fill(one, task.CREATED).seal(task.pair()) for one in values],
    }
    found = {name: _profiled(name, act, folder) for name, act in acts.items()}
    with opened(folder, "SQLite") as settings:
        place = University.found(settings)
        place.award(range(bulk.WARM_UP))
        numbers = range(bulk.WARM_UP, bulk.WARM_UP + times)
        found["Bulk import"] = _profiled("Bulk import", lambda: place.award(numbers), folder)
        place.rest()
        for name in serving.KINDS:
            found[f"`{name}`"] = _served(name, place, folder, times)
    return {f"{name}, {times} times": lines for name, lines in found.items()}


def _profiled(name: str, act: Callable[[], object], folder: Path) -> list[str]:
    profiler = cProfile.Profile()
    profiler.runcall(act)
    return _told(name, profiler, folder)


def _served(name: str, place: University, folder: Path, times: int) -> list[str]:
    """Profile all threads of a server that is warm, in computing time."""
    file = folder / "served.profile"
    with serving.running(place.settings, profiled=file) as process:
        trial = serving.Trial(process, place, "SQLite", bodies=place.bodies(), first=FIRST_ASKED[name])
        trial.send(name, WARM_UP)
        process.profile_anew()
        trial.send(name, times)
    return _told(name, str(file), folder)


def _told(name: str, profile: cProfile.Profile | str, folder: Path) -> list[str]:
    """Keep the whole table in a file, and give its first lines without the paths of a machine."""
    told = io.StringIO()
    pstats.Stats(profile, stream=told).sort_stats("tottime").print_stats(KEPT)
    text = _PLACE.sub("", told.getvalue())
    (folder / f"profile-{re.sub(r'[^a-z]+', '-', name.lower())}.txt").write_text(text)
    lines = [line.rstrip() for line in text.splitlines()]
    start = next(place for place, line in enumerate(lines) if line.lstrip().startswith("ncalls"))
    return lines[start : start + 1 + SHOWN]
