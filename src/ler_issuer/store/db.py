"""The database: one connection, one transaction, and what has to happen just before it commits.

SQLite and PostgreSQL are equals here. SQLite runs in WAL mode, and a writing transaction takes the write lock when it
begins, so that two writers wait for each other instead of failing half-way. On PostgreSQL the locks of `learners.lock`
do the same for one learner at a time.
"""

from __future__ import annotations

import functools
import hashlib
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError
from typing_extensions import override

from ler_issuer.errors import Conflict
from ler_issuer.store import failures

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.engine.interfaces import Dialect

Record = TypeVar("Record")
Found = TypeVar("Found")

BUSY_TIMEOUT_SECONDS = 60
POOL_SIZE = 20

KNOCK_SECONDS = 0.005
"""How often a SQLite writer looks whether the writer of another process is done.

SQLite's own waiting slows down to ten looks a second, and so misses every gap that an import leaves between its chunks.
"""

UNUSABLE = (ArgumentError, OperationalError)
"""What is raised when a database cannot be opened: a URL that is none, no such host or folder, wrong password."""


class Instant(sa.types.TypeDecorator[datetime]):
    """A point in time: UTC, aware, whole seconds, on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write UTC; refuse a time that does not say its offset."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs an offset")
        return value.astimezone(UTC).replace(microsecond=0)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read UTC; SQLite gives the time back without its offset."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@dataclass
class Db:
    """An open transaction. `outbox` holds the events that are written as the last thing before it commits."""

    connection: sa.Connection
    outbox: list[Mapping[str, Any]] = field(default_factory=list)
    memory: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def is_sqlite(self) -> bool:
        """Tell which of the two databases this is."""
        return self.connection.dialect.name == "sqlite"

    def once(self, key: Hashable, look_up: Callable[[], Found]) -> Found:
        """Look something up once in this transaction: for what does not change while results are taken in."""
        if key not in self.memory:
            self.memory[key] = look_up()
        found: Found = self.memory[key]
        return found

    def run(self, statement: sa.Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> sa.CursorResult[Any]:
        """Execute one statement, for many rows at once when rows are given."""
        if rows is None:
            return self.connection.execute(statement)
        return self.connection.execute(statement, rows)

    def scalar(self, statement: sa.Executable, **given: Any) -> Any:  # noqa: ANN401 - one column of any type
        """Give the first column of the first row, or None; `given` are the values of bind parameters."""
        return self.connection.execute(statement, given or None).scalar()

    def first(self, record: type[Record], statement: sa.Executable, **given: Any) -> Record | None:  # noqa: ANN401 - as above
        """Give the first row as a record, or None."""
        row = self.connection.execute(statement, given or None).first()
        return None if row is None else record(*row)

    def all(self, record: type[Record], statement: sa.Executable, **given: Any) -> list[Record]:  # noqa: ANN401 - as above
        """Give every row as a record."""
        return [record(*row) for row in self.connection.execute(statement, given or None)]

    def add(self, table: sa.Table, **values: Any) -> None:  # noqa: ANN401 - column values of any type
        """Insert one row."""
        self.connection.execute(_insert(table), [values])

    def add_new(self, table: sa.Table, **values: Any) -> bool:  # noqa: ANN401 - column values of any type
        """Insert one row unless a unique key forbids it; tell whether it was inserted."""
        dialect = sqlite if self.is_sqlite else postgresql
        statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
        done = self.connection.execute(statement.execution_options(preserve_rowcount=True))  # else psycopg says -1
        return done.rowcount == 1

    def advisory_lock(self, names: Iterable[str]) -> None:
        """Hold the named locks until the transaction ends, taken in one order by everybody.

        On SQLite the write lock that the transaction already holds does it.
        """
        if self.is_sqlite:
            return
        for key in sorted({int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in names}):
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what follows, and only that, when it raises."""
        kept = len(self.outbox)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            del self.outbox[kept:]
            raise


@functools.cache
def _insert(table: sa.Table) -> sa.Insert:
    """Build the statement once: results and credentials come by the hundred thousand."""
    return sa.insert(table)


@contextmanager
def unique(detail: str) -> Iterator[None]:
    """Turn the violation of a unique key into the conflict that it is."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(detail) from error


def row_of(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """Give a record's fields as column values, without copying what they hold."""
    return {one.name: getattr(record, one.name) for one in fields(record)}


def columns(table: sa.Table, record: type[Any]) -> list[sa.Column[Any]]:
    """Give the columns that a record's fields are named after, in the order of the fields."""
    return [table.c[one.name] for one in fields(record)]


class Database:
    """The way to a transaction: `begin` to write, `read` to look."""

    def __init__(self, engine: sa.Engine, *, publish: Callable[[Db], None]) -> None:
        """Wrap an engine; `publish` writes the outbox of a transaction just before it commits."""
        self.engine = engine
        self._reading = engine.execution_options(writes=False)
        self._publish = publish

    @contextmanager
    def begin(self) -> Iterator[Db]:
        """Open the one transaction of a use case: commit on leaving, roll back on an exception.

        Raises:
            Unavailable: the database cannot do it now; nothing was done.
        """
        with failures.told(), self.engine.begin() as connection:
            db = Db(connection)
            yield db
            self._publish(db)

    @contextmanager
    def rehearse(self) -> Iterator[Db]:
        """Open a transaction that is always rolled back, for dry runs.

        SQLite knows one writer at a time, so there the rehearsal takes place on a copy, and nobody waits for it.
        """
        if self.engine.dialect.name == "sqlite":
            with (
                TemporaryDirectory(prefix="ler-rehearsal-") as folder,
                self._copied(Path(folder)) as copy,
                copy.rehearse_here() as db,
            ):
                yield db
        else:
            with self.rehearse_here() as db:
                yield db

    @contextmanager
    def rehearse_here(self) -> Iterator[Db]:
        """Open a transaction on this very database that is always rolled back."""
        with failures.told(), self.engine.connect() as connection, connection.begin() as transaction:
            yield Db(connection)
            transaction.rollback()

    @contextmanager
    def _copied(self, folder: Path) -> Iterator[Database]:
        file = folder / "copy.sqlite"
        raw = self.engine.raw_connection()
        try:
            raw.cursor().execute("VACUUM INTO ?", (str(file),))
        finally:
            raw.close()
        copy = Database(open_engine(f"sqlite:///{file}"), publish=self._publish)
        try:
            yield copy
        finally:
            copy.close()

    @contextmanager
    def read(self) -> Iterator[Db]:
        """Open a transaction that only reads: one consistent view, no lock that a writer waits for.

        Raises:
            Unavailable: the database cannot do it now.
        """
        with failures.told(), self._reading.connect() as connection, connection.begin() as transaction:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield Db(connection)
            transaction.rollback()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


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
        parsed, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, pool_pre_ping=True, hide_parameters=True
    )


def _open_sqlite(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise ArgumentError("the database must be a file: several connections share it")
    file = Path(url.database)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # it will hold learners' identifiers; SQLite's side files take its mode
    engine = sa.create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS},
        pool_size=POOL_SIZE,
        max_overflow=2 * POOL_SIZE,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:  # noqa: ANN401 - sqlite3.Connection, untyped by the hook
        connection.isolation_level = None  # the driver must not begin on its own: `begin` below does
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("writes", True):
            _begin_writing(connection)
        else:
            connection.exec_driver_sql("BEGIN DEFERRED")

    return engine


def _begin_writing(connection: sa.Connection) -> None:
    """Begin with the write lock, and knock until it is free."""
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    end = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while not _got_write_lock(connection, may_wait=time.monotonic() < end):
        time.sleep(KNOCK_SECONDS)
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")


def _got_write_lock(connection: sa.Connection, *, may_wait: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if may_wait and getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True
