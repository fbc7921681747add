"""Fuzz what meets untrusted input: `make fuzz MINUTES=10`, or with `tests` on the path `python -m fuzzing --help`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fuzzing.running import Effort, Tally, failures, run
from fuzzing.table import TARGETS, warm


def main() -> int:
    """Run the targets that are asked for; 1 when something failed."""
    asked = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__)
    asked.add_argument("--minutes", type=float, help="time for all targets together, divided evenly")
    asked.add_argument("--cases", type=int, default=100, help="cases for each target, without --minutes")
    asked.add_argument("--seed", type=int, default=0, help="where chance begins; the same seed makes the same cases")
    asked.add_argument("--longest", type=int, default=sys.maxsize, help="leave out attacks of more bytes than this")
    asked.add_argument("--part", default="1/1", help="2/3 is the second third of the targets")
    asked.add_argument("--keep", type=Path, default=Path("var/fuzz"), help="folder for inputs that fail")
    asked.add_argument("--try", type=Path, dest="file", help="try the input in this file only")
    asked.add_argument("targets", nargs="*", help="names of targets; without any, all")
    said = asked.parse_args()
    part, parts = map(int, said.part.split("/"))
    chosen = [one for one in TARGETS if not said.targets or one.name in said.targets][part - 1 :: parts]
    if said.file is not None:
        for target in chosen:
            target.meet(said.file.read_bytes())
        return 0
    seconds = said.minutes * 60 / max(1, len(chosen)) if said.minutes else 0.0
    effort = Effort(0 if said.minutes else said.cases, seconds, said.seed, said.longest)
    _say(f"{'target':22} {'cases':>8} {'refused':>8} {'slowest':>10} {'memory':>8}")
    warm()
    failed = list(failures(run(chosen, effort, said.keep, _told)))
    _say("\n".join(failed) or "nothing failed")
    return 1 if failed else 0


def _told(tally: Tally) -> None:
    memory = f"{tally.peak_mb:.0f} MB"
    line = f"{tally.name:22} {tally.cases:8} {tally.refused:8} {tally.slowest_ms:7.0f} ms {memory:>8}"
    _say(line + (f"  {len(tally.failures)} FAILED" if tally.failures else ""))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
