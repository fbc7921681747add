"""What the building code looks at: the files of this repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "ler_issuer"
TESTS = ROOT / "tests"


def python_files(*folders: Path) -> list[Path]:
    """List the Python files below these folders."""
    return sorted(file for folder in folders for file in folder.rglob("*.py"))


def name(file: Path) -> str:
    """Give a file's path as people write it; also the id of its test case."""
    return file.relative_to(ROOT).as_posix()


def kept_files() -> list[Path]:
    """List every file that is in the repository or would be with the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    return sorted(ROOT / path for path in set(listed.split("\0")) if path and (ROOT / path).is_file())
