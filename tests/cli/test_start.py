"""Starting: help, version, and settings that stop a start in clear words."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def program(*arguments, **settings):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LER_")}
    return subprocess.run(
        [sys.executable, "-m", "ler_issuer.cli", *arguments],
        env=environment | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_runs_as_a_module():
    done = program("--version")

    assert done.returncode == 0
    assert done.stdout.startswith("ler-issuer ")


@pytest.mark.parametrize("group", ["issuers", "keys", "api-keys", "achievements", "results", "imports", "credentials"])
def test_a_group_explains_itself(desk, group):
    assert "Usage" in desk.run(group, "--help").stdout
    assert not desk.database.exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"LER_ENV": "staging"}, "LER_ENV"),
        ({"LER_BASE_URL": "ftp://x"}, "LER_BASE_URL"),
        ({"LER_ENV": "production"}, "https"),
        ({"LER_ENV": "production", "LER_BASE_URL": "https://badges.example.edu"}, "LER_PASSPHRASE"),
        ({"LER_DATABASE_URL": "nonsense"}, "database"),
        ({"LER_DATABASE_URL": "sqlite:///:memory:"}, "must be a file"),
        ({"LER_DATABASE_URL": "mysql://somewhere/x"}, "SQLite or PostgreSQL"),
        ({"LER_DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/x"}, "cannot be opened"),
        ({"LER_DATABASE_URL": "sqlite:////proc/nowhere/x.sqlite"}, "/proc/nowhere"),
        ({"LER_REGISTRY_FILE": "nowhere.json"}, "nowhere.json"),
    ],
    ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else None,
)
def test_bad_settings_stop_the_start_in_one_line(desk, monkeypatch, settings, said):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    done = desk.run("migrate", code=1)

    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert "secret" not in done.stderr


def test_migrate_makes_the_database(desk):
    desk.run("migrate")

    assert desk.database.exists()
    desk.run("migrate")


def test_the_api_is_described(desk):
    told = desk.run("openapi").stdout

    assert told.startswith("openapi: 3.1")
    assert told.endswith("\n")
    assert not told.endswith("\n\n")
    assert not desk.database.exists()
