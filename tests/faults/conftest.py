"""Installations to be disturbed: a database that is migrated, an issuer, and what can be earned."""

from __future__ import annotations

import shutil
from contextlib import contextmanager

import pytest

from databases import postgres_database, text
from faults import rolls
from installation import Installation, free_port


@pytest.fixture(scope="session")
def database_of(request):
    """Give a way to a new, migrated database of either kind, for as long as a test module wants."""

    @contextmanager
    def opened(kind, folder):
        if kind == "sqlite":
            yield f"sqlite:///{shutil.copyfile(request.getfixturevalue('sqlite_template'), folder / 'shared.sqlite')}"
            return
        names = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
        with postgres_database(*names) as url:
            yield text(url)

    return opened


@pytest.fixture
def university(sqlite_url, tmp_path):
    """An installation on SQLite with an issuer that has published achievements, and nothing else in it yet."""
    made = Installation(sqlite_url, tmp_path, f"http://127.0.0.1:{free_port()}")
    return made, made.found("biology", [rolls.MODULE, rolls.DISTINCTION])
