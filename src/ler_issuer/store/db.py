"""The database: one connection, one transaction, and what has to happen just before it commits.

SQLite and PostgreSQL are equals here. SQLite runs in WAL mode, and a writing transaction takes the write lock when it
begins, so that two writers wait for each other instead of failing half-way. On PostgreSQL the locks of `learners.lock`
do the same for one learner at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from ler_issuer.store import failures
from ler_issuer.store.late import Late
from ler_issuer.store.opening import BUSY_TIMEOUT_SECONDS, open_engine
from ler_issuer.store.statements import Repertoire, Statement
from ler_issuer.store.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from ler_issuer.store.statements import Compiled, Insertion, Params

Record = TypeVar("Record")
Found = TypeVar("Found")

_LOCK_EACH = """
    SELECT pg_advisory_xact_lock(name)
    FROM (SELECT name FROM unnest(%s::bigint[]) AS name ORDER BY name OFFSET 0) AS in_order
"""


MOST_CHECKS: Final = 100
"""How many checks are left for later: what they are about is in memory until then."""


class Reserve(NamedTuple):
    """What was taken in advance and is not used yet, and how what is left of it is given back before the commit."""

    left: tuple[Any, ...]
    give_back: Callable[[Db, tuple[Any, ...]], None]


@dataclass
class Db:
    """An open transaction. `outbox` holds the events that are written as the last thing before it commits."""

    connection: sa.Connection
    repertoire: Repertoire
    outbox: list[dict[str, Any]] = field(default_factory=list)
    memory: dict[Hashable, Any] = field(default_factory=dict)
    reserves: dict[Hashable, Reserve] = field(default_factory=dict)
    checks: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Reach through to the driver."""
        self._driver: Any = self.connection.connection.dbapi_connection
        self._failure: type[Exception] = self.connection.dialect.loaded_dbapi.Error
        self._late = Late()
        self._savepoints_to_come = 0

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

    def forget(self, kind: str) -> None:
        """Look up again, when it is asked for, whatever is remembered under keys that begin so."""
        for key in [one for one in self.memory if isinstance(one, tuple) and one[0] == kind]:
            del self.memory[key]

    def forget_with(self, kind: str, row_id: str) -> None:
        """Look up again whatever is remembered under keys that begin so, where the row of this id is part of it."""
        for key, found in [*self.memory.items()]:
            if isinstance(key, tuple) and key[0] == kind and any(one.id == row_id for one in found):
                del self.memory[key]

    def check_later(self, check: Callable[[], None]) -> None:
        """Check something together with others of its kind, before the transaction ends; what it raises undoes it all.

        One thing done a hundred times in a row takes less than done a hundred times among others (ADR 28).
        """
        self.checks.append(check)
        if len(self.checks) >= MOST_CHECKS:
            self.check()

    def check(self) -> None:
        """Check what was left for later."""
        for check in self.checks:
            check()
        self.checks.clear()

    # ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def run(self, statement: sa.Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> sa.CursorResult[Any]:
        """Execute a statement of SQLAlchemy's, for many rows at once when rows are given."""
        self._prepare()
        if rows is None:
            return self.connection.execute(statement)
        return self.connection.execute(statement, rows)

    def do(self, statement: Statement, **given: Any) -> int:  # noqa: ANN401 - the values of bind parameters
        """Execute a statement that changes rows; give how many."""
        cursor, _ = self._ask(statement, given)
        changed: int = cursor.rowcount
        return changed

    def rows(self, statement: Statement | sa.Executable, **given: Any) -> Sequence[Sequence[Any]]:  # noqa: ANN401 - as above
        """Give every row."""
        if isinstance(statement, Statement):
            cursor, compiled = self._ask(statement, given)
            return compiled.read(cursor, cursor.fetchall())
        self._prepare()
        return self.connection.execute(statement, given or None).all()

    def scalar(self, statement: Statement | sa.Executable, **given: Any) -> Any:  # noqa: ANN401 - one column of any type
        """Give the first column of the first row, or None; `given` are the values of bind parameters."""
        found = self._first(statement, given)
        return None if found is None else found[0]

    def first(self, record: type[Record], statement: Statement | sa.Executable, **given: Any) -> Record | None:  # noqa: ANN401 - as above
        """Give the first row as a record, or None."""
        row = self._first(statement, given)
        return None if row is None else record(*row)

    def all(self, record: type[Record], statement: Statement | sa.Executable, **given: Any) -> list[Record]:  # noqa: ANN401 - as above
        """Give every row as a record."""
        return [record(*row) for row in self.rows(statement, **given)]

    def _first(self, statement: Statement | sa.Executable, given: Mapping[str, Any]) -> Sequence[Any] | None:
        if isinstance(statement, Statement):
            cursor, compiled = self._ask(statement, given)
            row = cursor.fetchone()
            return None if row is None else compiled.read(cursor, [row])[0]
        self._prepare()
        return self.connection.execute(statement, given or None).first()

    def _ask(self, statement: Statement, given: Mapping[str, Any]) -> tuple[Any, Compiled]:
        compiled = self.repertoire.compiled(statement)
        self._settle(compiled.words)
        return self._execute(*compiled.bound(given)), compiled

    def _prepare(self) -> None:
        """Get ready for a statement of SQLAlchemy's, which may be about any table."""
        self.settle()
        self._begin_savepoints()

    def _execute(self, text: str, params: Params = ()) -> Any:  # noqa: ANN401 - a cursor of either driver
        self._begin_savepoints()
        return self._run(text, params)

    def _run(self, text: str, params: Params = ()) -> Any:  # noqa: ANN401 - as above
        try:
            return self._driver.execute(text, params)
        except self._failure as error:
            raise failures.of_driver(self.connection, error, text) from error

    # ── Adding ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def add(self, table: sa.Table, **values: Any) -> None:  # noqa: ANN401 - column values of any type
        """Insert one row."""
        insertion = self.repertoire.inserting(table, tuple(values))
        self._insert(insertion, values)

    def keep(self, table: sa.Table, record: Any) -> None:  # noqa: ANN401 - any dataclass
        """Insert the row that a record is."""
        insertion = self.repertoire.inserting_record(table, type(record))
        self._insert(insertion, record)

    def add_new(self, table: sa.Table, **values: Any) -> bool:  # noqa: ANN401 - column values of any type
        """Insert one row unless a unique key forbids it; tell whether it was inserted."""
        insertion = self.repertoire.inserting(table, tuple(values), unless_there=True)
        return self._insert(insertion, values) == 1

    def keep_new(self, table: sa.Table, record: Any) -> bool:  # noqa: ANN401 - any dataclass
        """Insert the row that a record is unless a unique key forbids it; tell whether it was inserted."""
        insertion = self.repertoire.inserting_record(table, type(record), unless_there=True)
        return self._insert(insertion, record) == 1

    def keep_all_new(self, table: sa.Table, records: Sequence[Any]) -> None:
        """Insert the rows that records of one kind are, except those that a unique key forbids."""
        insertion = self.repertoire.inserting_record(table, type(records[0]), unless_there=True)
        self._settle(insertion.family)
        self._execute_many(insertion.text, [insertion.params(one) for one in records])

    def _insert(self, insertion: Insertion, row: Any) -> int:  # noqa: ANN401 - any dataclass, or a mapping
        self._settle(insertion.family)
        inserted: int = self._execute(insertion.text, insertion.params(row)).rowcount
        return inserted

    def append(self, table: sa.Table, row: Any) -> None:  # noqa: ANN401 - any dataclass, or a dictionary
        """Insert a row together with others, at the latest when its table is asked for, or at the end.

        For rows that nobody else could have inserted: a key that they violate is told by whoever writes them.
        """
        if isinstance(row, dict):
            insertion = self.repertoire.inserting(table, tuple(row))
        else:
            insertion = self.repertoire.inserting_record(table, type(row))
        self._late.append(insertion, row)

    def amend(self, row: Any, **values: Any) -> bool:  # noqa: ANN401 - any dataclass or dictionary, any column values
        """Give a row that was appended other values in some columns; False when it is written already."""
        return self._late.amend(row, values)

    def settle(self) -> None:
        """Write what was appended: table by table, and in a table in the order in which it came."""
        for text, rows in self._late.taken():
            self._execute_many(text, rows)

    def _settle(self, asked: AbstractSet[str]) -> None:
        """Write what was appended to these tables, and to those that it may point to."""
        for text, rows in self._late.taken_for(asked):
            self._execute_many(text, rows)

    def give_back(self) -> None:
        """Give back what was taken in advance and is not used."""
        for left, give_back in self.reserves.values():
            if left:
                give_back(self, left)
        self.reserves.clear()

    def _execute_many(self, text: str, rows: Sequence[Params]) -> None:
        self._begin_savepoints()
        try:
            self._driver.cursor().executemany(text, rows)
        except self._failure as error:
            raise failures.of_driver(self.connection, error, text) from error

    # ── Locks and savepoints ─────────────────────────────────────────────────────────────────────────────────────────
    def advisory_lock(self, names: Iterable[str]) -> None:
        """Hold the named locks until the transaction ends, taken in one order by everybody.

        On SQLite the write lock that the transaction already holds does it.
        """
        if self.is_sqlite:
            return
        keys = sorted({int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in names})
        self._execute(_LOCK_EACH, (keys,))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what follows, and only that, when it raises.

        The database hears of it with the first statement that follows, and not at all when there is none.
        """
        told, late, memory, reserves = len(self.outbox), self._late.copied(), {**self.memory}, {**self.reserves}
        self._savepoints_to_come += 1
        try:
            yield
            if not self._is_to_come():
                self._run("RELEASE SAVEPOINT step")
        except BaseException as cause:
            del self.outbox[told:]
            self._late, self.memory, self.reserves = late, memory, reserves
            if not self._is_to_come():
                self._undo(cause)
            raise

    def _begin_savepoints(self) -> None:
        while self._savepoints_to_come:
            self._run("SAVEPOINT step")
            self._savepoints_to_come -= 1

    def _is_to_come(self) -> bool:
        """Leave the innermost savepoint if the database has not heard of it; tell whether that is so."""
        to_come = self._savepoints_to_come > 0
        self._savepoints_to_come -= to_come
        return to_come

    def _undo(self, cause: BaseException) -> None:
        """Go back to the savepoint; when the database is gone, that is what is told, whatever the cause was."""
        if isinstance(cause, DBAPIError) and cause.connection_invalidated:
            return
        try:
            self._run("ROLLBACK TO SAVEPOINT step")
            self._run("RELEASE SAVEPOINT step")
        except DBAPIError as undone:
            if undone.connection_invalidated or not isinstance(cause, DBAPIError):
                raise  # else the transaction ended with the cause


class Database:
    """The way to a transaction: `begin` to write, `read` to look."""

    def __init__(self, engine: sa.Engine, *, publish: Callable[[Db], None]) -> None:
        """Wrap an engine; `publish` writes the outbox of a transaction just before it commits."""
        self.engine = engine
        self._reading = engine.execution_options(writes=False)
        self._publish = publish
        self._repertoire = Repertoire(engine.dialect)
        self._turns = Turns()

    @property
    def is_sqlite(self) -> bool:
        """Tell which of the two databases this is: the one that one at a time may write to, or the other."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Db]:
        """Open the one transaction of a use case: commit on leaving, roll back on an exception.

        Raises:
            Unavailable: the database cannot do it now; nothing was done.
        """
        with self._writing() as connection, connection.begin():
            db = Db(connection, self._repertoire)
            yield db
            db.check()
            db.give_back()
            db.settle()  # first, because whoever numbers events keeps all others of the issuer from it
            self._publish(db)
            db.settle()

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """Give a connection to write with; to SQLite when no other thread of this process has one."""
        turn = self._turns.one(BUSY_TIMEOUT_SECONDS) if self.is_sqlite else nullcontext()
        with failures.told(), turn as end, self.engine.connect() as connection:
            yield connection.execution_options(end=end)

    @contextmanager
    def rehearse(self) -> Iterator[Db]:
        """Open a transaction that is always rolled back, for dry runs.

        SQLite knows one writer at a time, so there the rehearsal takes place on a copy, and nobody waits for it.
        """
        if self.is_sqlite:
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
        with self._writing() as connection, connection.begin() as transaction:
            db = Db(connection, self._repertoire)
            yield db
            db.check()
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
            db = Db(connection, self._repertoire)
            yield db
            db.check()
            transaction.rollback()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
