"""The image gets all it copies, and the composition sets what the service reads."""

from __future__ import annotations

import re

import yaml

from house.tree import ROOT
from ler_issuer.settings import Settings

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_what_is_copied_is_there_and_sent():
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]
    }
    sent = {
        line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }

    assert {"src", "contexts", "migrations", "requirements.txt"} <= copied
    assert copied == sent
    assert all((ROOT / path).exists() for path in copied)


def test_the_service_runs_as_an_ordinary_user():
    last_stage = DOCKERFILE.rsplit("\nFROM ", maxsplit=1)[-1]

    assert re.search(r"^USER (?!root|0\b)\w+$", last_stage, re.MULTILINE)


def test_everything_is_installed_by_hash():
    installs = [line for line in DOCKERFILE.splitlines() if "pip install" in line]

    assert installs
    assert all("--require-hashes" in line or "--no-deps --no-build-isolation" in line for line in installs)


def test_every_variable_is_a_setting():
    known = {f"LER_{field.upper()}" for field in Settings.model_fields}
    composed = set(COMPOSE["services"]["service"]["environment"])

    assert composed <= known
    assert set(re.findall(r"\bLER_[A-Z_]+(?==)", DOCKERFILE)) <= known


def test_the_composition_speaks_postgresql():
    url = COMPOSE["services"]["service"]["environment"]["LER_DATABASE_URL"]

    assert url.startswith("postgresql+psycopg://")
    assert "@database/" in url
    assert "database" in COMPOSE["services"]
