"""What every test may ask for: runtimes on databases of their own, a simulated world, the service as it runs.

`rt` is a runtime on SQLite, `pg_rt` on PostgreSQL, `any_rt` runs a test once on each; `service` is a client of the
application on `rt`. Databases are migrated once per session and copied for every test.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from databases import migrated, postgres_database, postgres_server, text
from world import World, address, found, listen, runtime, serving

# Every run draws the same cases, so that a red run means a change; `--hypothesis-profile=default` draws new ones.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture
def world():
    """The outside world: no hosts, and noon on the first of June 2026."""
    return World()


@pytest.fixture
def door():
    """A listening socket on a free port: the address that runtimes give out."""
    with listen() as opened:
        yield opened


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """The file of a migrated database."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    migrated(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path):
    """A migrated SQLite database of the test's own."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'test.sqlite')}"


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server on which databases may be made.

    It does not lie among pytest's folders: for root it runs as another user, to whom every new session closes those.
    """
    with TemporaryDirectory(prefix="ler-test-") as folder, postgres_server(Path(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres):
    """The name of a migrated PostgreSQL database."""
    with postgres_database(postgres) as url:
        migrated(text(url))
        yield url.database


@pytest.fixture
def postgres_url(postgres, postgres_template):
    """A migrated PostgreSQL database of the test's own."""
    with postgres_database(postgres, postgres_template) as url:
        yield text(url)


@pytest.fixture
def rt(sqlite_url, world, door):
    """A runtime on SQLite."""
    made = runtime(sqlite_url, world, address(door))
    yield made
    made.db.close()


@pytest.fixture
def pg_rt(postgres_url, world, door):
    """A runtime on PostgreSQL."""
    made = runtime(postgres_url, world, address(door))
    yield made
    made.db.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_rt(request):
    """A runtime, once on each database."""
    return request.getfixturevalue("rt" if request.param == "sqlite" else "pg_rt")


@pytest.fixture
def tenant(rt):
    """An issuer on `rt`."""
    return found(rt)


@pytest.fixture
def service(rt, door):
    """A client of the application that runs on `rt`."""
    with serving(rt, door) as client:
        yield client
