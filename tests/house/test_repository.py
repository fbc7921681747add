"""What is kept can be installed by anybody, anywhere: no index, no machine and no unhashed package is named."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib

import pytest

from house.tree import ROOT, kept_files, name

REGISTRIES = [
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
]
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root|home|opt/wheels|opt/pypi|usr/local/lib)/")
REQUIREMENT = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>\S+)(?P<hashes>( --hash=sha256:[0-9a-f]{64})+)$"
)
LOCKS = ("requirements.txt", "requirements-test.txt")


def locked(lock):
    """Read a lock file as its requirements, each on one line."""
    lines = (line for line in (ROOT / lock).read_text().splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r" *\\\n *", " ", "\n".join(lines))
    return [line for line in joined.splitlines() if line]


def pins(lock):
    """Map the packages of a lock file to their versions."""
    return {found["name"]: found["version"] for found in map(REQUIREMENT.match, locked(lock)) if found}


def wanted(*extras):
    """Name the packages that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    return {re.split(r"[\[><=~! ]", one, maxsplit=1)[0].lower() for one in asked}


def test_no_file_names_a_registry_or_a_machine():
    named = [
        f"{name(file)}:{number}: {line.strip()[:100]}"
        for file in kept_files()
        for number, line in enumerate(file.read_text(errors="ignore").splitlines(), start=1)
        if MACHINE_PATH.search(line) or any(host in line for host in REGISTRIES)
    ]

    assert named == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock):
    assert len(locked(lock)) > len(wanted())
    assert [line[:80] for line in locked(lock) if not REQUIREMENT.match(line)] == []


def test_the_locks_hold_what_the_project_asks_for():
    assert wanted("build") <= pins("requirements.txt").keys()
    assert wanted("build", "test") <= pins("requirements-test.txt").keys()


def test_the_locks_agree():
    assert pins("requirements.txt").items() <= pins("requirements-test.txt").items()


def test_ci_can_be_started():
    ci = ROOT / ".ci" / "run"

    assert os.access(ci, os.X_OK)
    assert subprocess.run(["bash", "-n", ci], check=False).returncode == 0
