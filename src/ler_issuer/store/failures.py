"""Failures of the database that are no bugs of ours: told apart, worded, and tried again where that helps."""

from __future__ import annotations

import functools
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import psycopg
import sqlalchemy
import sqlalchemy.exc

from ler_issuer.errors import Conflict, Unavailable

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

PAUSES = (0.05, 0.2, 0.5, 1.0)
"""Seconds before a use case begins anew, and again: time for whoever it was sacrificed for to get through."""

_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: "others keep it busy",
    sqlite3.SQLITE_LOCKED: "others keep it busy",
    sqlite3.SQLITE_NOMEM: "it is out of memory",
    sqlite3.SQLITE_READONLY: "it may not be written to",
    sqlite3.SQLITE_IOERR: "its disk is full or broken",
    sqlite3.SQLITE_FULL: "its disk is full",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened",
}
"""Primary result codes of SQLite that tell of the machine, not of the statement."""

_OF_POSTGRES = {
    "08": "the connection to it broke",
    "25": "it may not be written to",
    "40": "others keep it busy",
    "53": "it is out of disk, memory or connections",
    "57": "it is being stopped",
    "58": "its machine has a fault",
}
"""Classes of SQLSTATE that tell of the machine, not of the statement (PostgreSQL, appendix A)."""

_ENTANGLED = {"40P01", "40001"}
"""Deadlock, and a serialisation that failed: the whole transaction may simply be done again."""


class Entangled(Unavailable):
    """Transactions waited for each other in a circle, and this one was given up; nothing of it was done."""


@contextmanager
def told() -> Iterator[None]:
    """Turn a failure of the database into the refusal that it is; whatever else is raised stays what it is.

    Raises:
        Unavailable: the database could not do it now. Nothing was done.
        Entangled: the same, and doing it again at once should succeed.
    """
    try:
        yield
    except sqlalchemy.exc.TimeoutError as error:
        raise Unavailable("too much is going on at once; try again later") from error
    except sqlalchemy.exc.DBAPIError as error:
        why = _why(error.orig)
        if why is None:
            raise
        kind = Entangled if getattr(error.orig, "sqlstate", None) in _ENTANGLED else Unavailable
        raise kind(f"the database cannot do this now: {why}; try again later") from error


def _why(cause: BaseException | None) -> str | None:
    match cause:
        case sqlite3.Error():
            return _OF_SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
        case psycopg.OperationalError(sqlstate=None):
            return "it cannot be reached"
        case psycopg.Error(sqlstate=str(code)):
            return _OF_POSTGRES.get(code[:2])
        case _:
            return None


def of_driver(connection: sqlalchemy.Connection, error: Any, text: str) -> Any:  # noqa: ANN401 - of either driver
    """Give a driver's error as SQLAlchemy tells it, which it would have if the statement had gone through it."""
    dialect = connection.dialect
    known = connection.invalidated
    broken = known or dialect.is_disconnect(error, connection.connection.driver_connection, None)
    wrapped = sqlalchemy.exc.DBAPIError.instance(
        text,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=broken,
        dialect=dialect,
    )
    if broken and not known:
        connection.invalidate(error)
    return wrapped


def again_if_entangled(use_case: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Let a use case that is nothing but one transaction begin anew when the database sacrificed it.

    Locks are taken in one order wherever it is known beforehand what is needed; what is left are circles through status
    lists. SQLite has none: there one writes at a time.
    """

    @functools.wraps(use_case)
    def patiently(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        for pause in PAUSES:
            try:
                return use_case(*args, **kwargs)
            except Entangled:
                time.sleep(pause)
        return use_case(*args, **kwargs)

    return patiently


@contextmanager
def unique(detail: str) -> Iterator[None]:
    """Turn the violation of a unique key into the conflict that it is."""
    try:
        yield
    except sqlalchemy.exc.IntegrityError as error:
        raise Conflict(detail) from error
