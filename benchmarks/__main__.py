"""Measure everything, print what has to be reached, and write `docs/performance.md`, its picture and its figures.

`make bench` takes a quarter of an hour, and leaves out what `make bench-full` adds: databases that grow to a million
credentials. `make bench BENCH_QUICK=1` does the same as `make bench` in short turns, within three minutes; what it
finds stands in `var/bench`, beside the profiles, and `docs/` stays as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import bulk, equality, goals, growth, lists, machine, page, picture, profiles, securing, serving, sizes
from benchmarks.measuring import Subject, measure
from benchmarks.ourselves import Workshop
from benchmarks.peers import floor, javascript, jsonld_in_python, openvc_stack, rust, tokens

if TYPE_CHECKING:
    from benchmarks.goals import Figures

ROOT = Path(__file__).parents[1]
OUT = ROOT / "var" / "bench"
PAGE, PICTURE, FIGURES = (ROOT / "docs" / f"performance.{kind}" for kind in ("md", "svg", "json"))
IN_PYTHON = (jsonld_in_python, rust, openvc_stack, tokens)


@dataclass(frozen=True)
class Extent:
    """How long a run looks at each thing."""

    rounds: int
    seconds: float
    http_seconds: float
    rows: int
    members: int
    profiled: int


QUICK = Extent(rounds=5, seconds=0.06, http_seconds=1.5, rows=400, members=10, profiled=40)
USUAL = Extent(rounds=15, seconds=0.25, http_seconds=8, rows=3_000, members=100, profiled=300)
GROWTH_ROUNDS, GROWTH_ROWS = 9, 1_000


def told(words: str) -> None:
    """Say on standard error what is being done."""
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {words}\n")  # noqa: TID251 - of this run, for who waits


def against_peers(workshop: Workshop, extent: Extent) -> Figures:
    """Measure ourselves and everybody else at the one credential, in the same rounds."""
    with ExitStack() as stack:
        peers: list[Any] = [module.Peer() for module in IN_PYTHON]
        absent = ""
        try:
            peers.append(stack.enter_context(javascript.running(OUT / "node")))
        except javascript.Unavailable as why:
            absent = str(why)
        _require_same(workshop, peers)
        subjects: list[Subject] = [*workshop.subjects(), *lists.subjects(workshop), *securing.subjects(workshop)]
        subjects += [subject for peer in peers for subject in peer.subjects()]
        subjects += floor.subjects(workshop.canonical)
        rounds = measure(
            subjects,
            rounds=extent.rounds,
            seconds=extent.seconds,
            told=lambda number: told(f"round {number + 1} of {extent.rounds}"),
        )
    versions = {name: one for peer in peers for name, one in peer.versions.items()}
    return {
        "node": absent,
        "versions": {**versions, "orjson": version("orjson")},
        "subjects": {name: asdict(rounds.of(name)) for name in rounds.taken},
        "duels": goals.duels(rounds),
    }


def _require_same(workshop: Workshop, peers: list[Any]) -> None:
    """Stop unless every stack makes the very same proof of the very same canonical form."""
    (own,) = workshop.signed["proof"]
    differing = [name for peer in peers for name, value in peer.proofs.items() if value != own["proofValue"]]
    forms = [peer.canonical for peer in peers if hasattr(peer, "canonical")]
    if differing or any(form != workshop.canonical for form in forms):
        raise SystemExit(f"these make another proof of the same credential: {differing}")


def ourselves_whole(workshop: Workshop, extent: Extent) -> Figures:
    """Measure the service: over HTTP, in bulk, and with documents that grow."""
    found: Figures = {"http": [], "bulk": [], "sizes": []}
    for database in ("SQLite", "PostgreSQL"):
        told(f"HTTP on {database}")
        served = serving.measure(OUT, database, seconds=extent.http_seconds)
        found["http"] += [{**asdict(one), "per_core": one.per_core} for one in served]
        told(f"bulk import on {database}")
        imported = bulk.measure(OUT, database, extent.rows)
        found["bulk"].append({**asdict(imported), "per_core": imported.per_core})
    told("documents that grow")
    found["sizes"] = [asdict(one) for one in sizes.measure(workshop, members=extent.members)]
    told("profiles")
    found["profiles"] = profiles.taken(workshop, OUT, times=extent.profiled)
    return found


def grown(date: str) -> Figures:
    """Measure how the cost of a row grows with the database."""
    found = [
        one
        for database in ("SQLite", "PostgreSQL")
        for one in growth.measure(OUT, database, rounds=GROWTH_ROUNDS, rows=GROWTH_ROWS, told=told)
    ]
    return {"growth": [asdict(one) for one in found], "growth_date": date}


def run(*, quick: bool, full: bool) -> Figures:
    """Measure; the gate comes first, and nothing comes after it unless it is passed."""
    extent = QUICK if quick else USUAL
    told(f"comparing {equality.LEAST:,} random documents")
    compared = equality.compare(equality.LEAST)
    if not compared.alike:
        raise SystemExit(f"no ratio counts: of {compared.documents:,} documents differ {compared.differing[:20]}")
    workshop = Workshop()
    date = f"{datetime.now(UTC):%Y-%m-%d}"  # noqa: TID251 - of this run
    earlier = json.loads(FIGURES.read_text()) if FIGURES.is_file() else {}
    growing = {name: earlier.get(name, empty) for name, empty in (("growth", []), ("growth_date", ""))}
    return {
        "date": date,
        "rounds": extent.rounds,
        "machine": machine.described(),
        "gate": asdict(compared),
        **against_peers(workshop, extent),
        **ourselves_whole(workshop, extent),
        **(grown(date) if full else growing),
    }


def write(figures: Figures, *, quick: bool) -> None:
    """Write the figures down; those of a quick run only beside the profiles."""
    text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
    (OUT / "performance.json").write_text(text)
    (OUT / "performance.md").write_text(page.written(figures) + "\n")
    (OUT / "performance.svg").write_text(picture.drawn(figures))
    if not quick:
        FIGURES.write_text(text)
        PAGE.write_text(page.replaced(PAGE.read_text(), figures))
        PICTURE.write_text(picture.drawn(figures))


def main() -> None:
    """Do what the arguments say."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="short turns; docs/ stays as it is")
    asked.add_argument("--full", action="store_true", help="also fill databases with a million credentials")
    wanted = asked.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    figures = run(quick=wanted.quick, full=wanted.full)
    write(figures, quick=wanted.quick)
    sys.stdout.write(page.goal_table(figures) + "\n")


if __name__ == "__main__":
    main()
