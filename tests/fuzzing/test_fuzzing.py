"""The short form of `make fuzz`: every target, few cases, alike in every run; and the fuzzer notices what fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
BROKEN = """
import os, sys
from pathlib import Path
from fuzzing import running
from fuzzing.target import Target

def spin(data):
    while data:
        pass

def keep(data):
    held = bytearray(300_000_000)

targets = [
    Target("fine", len),
    Target("refuses", int, (ValueError,)),
    Target("crashes", lambda data: data[2]),
    Target("hangs", spin, seeds=lambda: [b"x"]),
    Target("hoards", keep, seeds=lambda: [b"x"]),
    Target("dies", lambda data: os.abort()),
]
running.MOST_SECONDS, running.HUNG_SECONDS = 0.1, 0.3
tallies = running.run(targets, running.Effort(cases=2), Path(sys.argv[1]), lambda _: None)
print(*(f"{one.name}: {one.failures[0]['kind'] if one.failures else one.cases}" for one in tallies), sep="\\n")
"""


def python(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=TESTS.parent,
        env={**os.environ, "PYTHONPATH": str(TESTS), "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("part", ["1/2", "2/2"])
def test_no_input_crashes_hangs_or_fills_the_memory(part, tmp_path):
    done = python("-m", "fuzzing", "--part", part, "--cases", "25", "--longest", "300000", "--keep", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_fails_is_told_and_kept(tmp_path):
    done = python("-c", BROKEN, tmp_path)
    assert done.stdout.splitlines() == [
        "fine: 2",
        "refuses: 2",
        "crashes: crash",
        "hangs: slow",
        "hoards: memory",
        "dies: died",
    ], done.stderr
    assert {file.name.partition("-")[0] for file in tmp_path.iterdir()} == {"crashes", "hangs", "hoards", "dies"}
