"""Opening a database: SQLite or PostgreSQL, set up so that what was committed survives a power cut."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, OperationalError

from ler_issuer.jsontext import JSON_ONLY
from ler_issuer.store import failures

BUSY_TIMEOUT_SECONDS = 60
"""How long a writer waits for others, those of its own process and those of others together."""

POOL_SIZE = 20

KNOCK_SECONDS = 0.005
"""How often a SQLite writer looks whether the writer of another process is done.

SQLite's own waiting slows down to ten looks a second, and so misses every gap that an import leaves between its chunks.
"""

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=8192",
    "cache_size=-16384",
)
"""How a connection to SQLite is set up: what was committed survives a power cut.

The log is carried over into the file every 32 MiB, not every 4: pages that many rows touch are then carried over once,
which takes a quarter off the cost of a row. 16 MiB of pages hold what a chunk of an import changes.
"""

CACHED_STATEMENTS = 512
"""Prepared statements that a connection to SQLite keeps: more than there are texts on the hot paths."""

UNUSABLE = (ArgumentError, OperationalError)
"""What is raised when a database cannot be opened: a URL that is none, no such host or folder, wrong password."""


def open_engine(url: str) -> sa.Engine:
    """Open an engine for a database URL (``sqlite:///path`` or ``postgresql+psycopg://…``)."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "postgresql+psycopg":
        raise ArgumentError(f"{parsed.drivername} is not supported; the database is SQLite or PostgreSQL")
    return sa.create_engine(
        parsed,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=as_json,
    )


def as_json(value: Any) -> str:  # noqa: ANN401 - whatever stands in a column
    """Write a value as JSON: by orjson, unless that could mean another value, as its `null` for what is no number."""
    try:
        text = orjson.dumps(value, option=JSON_ONLY)
    except TypeError:
        return json.dumps(value)
    return json.dumps(value) if b"null" in text else text.decode()


def _open_sqlite(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise ArgumentError("the database must be a file: several connections share it")
    file = Path(url.database)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # it will hold learners' identifiers; SQLite's side files take its mode
    engine = sa.create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "cached_statements": CACHED_STATEMENTS},
        pool_size=POOL_SIZE,
        max_overflow=2 * POOL_SIZE,
        hide_parameters=True,
        json_serializer=as_json,
    )

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:  # noqa: ANN401 - sqlite3.Connection, untyped by the hook
        connection.isolation_level = None  # the driver must not begin on its own: `begin` below does
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        try:
            options = connection.get_execution_options()
            if options.get("writes", True):
                _begin_writing(driver, options.get("end") or time.monotonic() + BUSY_TIMEOUT_SECONDS)
            else:
                driver.execute("BEGIN DEFERRED")
        except sqlite3.Error as error:
            raise failures.of_driver(connection, error, "BEGIN") from error

    return engine


def _begin_writing(driver: sqlite3.Connection, end: float) -> None:
    """Begin with the write lock, and knock until no other process has it, or until it is time to give up."""
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while not _got_write_lock(driver, may_wait=time.monotonic() < end):
            time.sleep(KNOCK_SECONDS)
    finally:  # also for who is given this connection next
        driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")


def _got_write_lock(driver: sqlite3.Connection, *, may_wait: bool) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if may_wait and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True
