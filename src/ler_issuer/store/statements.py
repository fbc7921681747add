"""Statements that are written once, compiled once for each database, and executed on its driver.

SQLAlchemy Core reads a statement anew each time it is executed, which costs more than SQLite takes to do it. What is
asked for every result or every request is therefore a `Statement`, a constant of its module. Its text, the values of
its own and the conversions of every type are worked out by SQLAlchemy when a database sees it first, and kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler

    Process = Callable[[Any], Any] | None

Params = Mapping[str, Any] | tuple[Any, ...]
"""Values for a driver: by name for PostgreSQL, by place for SQLite."""

MOST_FORMS = 64
"""How many lengths of lists a statement keeps a text for; others get theirs each time."""

NOTHING_ELSE: Mapping[str, Any] = MappingProxyType({})
"""No value but those that a row has."""

_WORD = re.compile(r"\w+")


def given(name: str) -> sa.BindParameter[Any]:
    """Give the place of a value that comes with each execution."""
    return sa.bindparam(name)


def listed(name: str) -> sa.BindParameter[Any]:
    """Give the place of a list of values, for `column.in_(…)`."""
    return sa.bindparam(name, expanding=True)


class Statement:
    """A statement whose values are bind parameters: `Statement(sa.select(…).where(column == given("id")))`."""

    def __init__(self, construct: sa.ClauseElement, names: Sequence[str] | None = None) -> None:
        """Take the statement as SQLAlchemy builds it; `names` are the columns of an insert that has no values."""
        self.construct = construct
        self.names = None if names is None else list(names)


class _Slot(NamedTuple):
    """Where a parameter's value comes from: a given value, or one place in a given list."""

    name: str
    given: str
    place: int | None
    process: Process


class Form:
    """The text of a statement for lists of certain lengths, and how its parameters are made of what is given."""

    def __init__(self, text: str, slots: Sequence[_Slot], *, positional: bool) -> None:
        """Keep what was worked out."""
        self.text = text
        self._slots = [(one.given, one.place) for one in slots]
        self._names = None if positional else [one.name for one in slots]
        self.given = [one.given for one in slots]
        """The names of what is given, in the order of the parameters."""
        self._processes = [(number, one.process) for number, one in enumerate(slots) if one.process is not None]

    def params(self, given: Mapping[str, Any]) -> Params:
        """Give the parameters as the driver wants them."""
        return self.processed([given[name] if place is None else given[name][place] for name, place in self._slots])

    def processed(self, values: list[Any]) -> Params:
        """Give the parameters that values in the order of `given` come to."""
        for number, process in self._processes:
            values[number] = process(values[number])
        return tuple(values) if self._names is None else dict(zip(self._names, values, strict=True))


class Compiled:
    """A statement as one database takes it."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        """Let SQLAlchemy work out the text and the types."""
        self._dialect = dialect
        compiled = statement.construct.compile(dialect=dialect, column_keys=statement.names)
        self._sql = cast("SQLCompiler", compiled)
        self._own = {name: bind.value for name, bind in self._sql.binds.items() if not bind.required}
        self._lists = sorted(name for name, bind in self._sql.binds.items() if bind.expanding)
        self._forms: dict[tuple[int, ...], Form] = {}
        self._columns = [column.type for column in getattr(statement.construct, "selected_columns", ())]
        self._reading: list[tuple[int, Callable[[Any], Any]]] | None = None
        self.words = frozenset(_WORD.findall(str(self._sql)))
        """Every word of the text. A table that is not among them has nothing to do with the statement."""

    def bound(self, given: Mapping[str, Any]) -> tuple[str, Params]:
        """Give text and parameters for the driver."""
        if self._own:
            given = {**self._own, **given}
        lengths = tuple([len(given[name]) for name in self._lists])
        form = self._forms.get(lengths)
        if form is None:
            form = self.form(given)
            if len(self._forms) < MOST_FORMS:
                self._forms[lengths] = form
        return form.text, form.params(given)

    def form(self, given: Mapping[str, Any]) -> Form:
        """Work out the text for the lengths of the lists that are given."""
        state = self._sql.construct_expanded_state(given)
        names = list(state.parameters) if state.positiontup is None else state.positiontup
        parts = {
            part: (name, place)
            for name, expanded in state.parameter_expansion.items()
            for place, part in enumerate(expanded)
        }
        slots = []
        for name in names:
            source, place = parts.get(name, (name, None))
            kind = self._sql.binds[source].type
            slots.append(_Slot(name, source, place, kind.dialect_impl(self._dialect).bind_processor(self._dialect)))
        return Form(state.statement, slots, positional=state.positiontup is not None)

    def read(self, cursor: Any, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:  # noqa: ANN401 - of either driver
        """Give rows as the driver read them with each column as its type says."""
        if self._reading is None:
            self._reading = self._readers(cursor)
        if not self._reading or not rows:
            return rows
        return [self._read_row(row, self._reading) for row in rows]

    @staticmethod
    def _read_row(row: Sequence[Any], reading: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
        read = list(row)
        for place, process in reading:
            read[place] = process(read[place])
        return read

    def _readers(self, cursor: Any) -> list[tuple[int, Callable[[Any], Any]]]:  # noqa: ANN401 - of either driver
        found = []
        for place, (kind, told) in enumerate(zip(self._columns, cursor.description, strict=True)):
            process = kind.dialect_impl(self._dialect).result_processor(self._dialect, told[1])
            if process is not None:
                found.append((place, process))
        return found


class Insertion:
    """The insert of rows that have these columns; or, `unless_there`, of those that break no unique key."""

    def __init__(self, table: sa.Table, names: Sequence[str], dialect: Dialect, *, unless_there: bool) -> None:
        """Let SQLAlchemy work out the text and the types."""
        kind = sqlite if dialect.name == "sqlite" else postgresql
        insert = kind.insert(table).on_conflict_do_nothing() if unless_there else sa.insert(table)
        self._form = Compiled(Statement(insert.inline(), names), dialect).form(dict.fromkeys(names))
        self.text = self._form.text
        self._members = _all_at_once(attrgetter, self._form.given)
        self._items = _all_at_once(itemgetter, self._form.given)
        self.rank = [one.name for one in table.metadata.sorted_tables].index(table.name)
        """Rows of a lower rank are written first: those of a higher one may point to them."""
        self.table = table.name
        self.family = frozenset(_family(table))
        """The table, those that its rows point to, those that theirs point to, and so on."""

    def params(self, row: Any, amended: Mapping[str, Any] = NOTHING_ELSE) -> Params:  # noqa: ANN401 - any dataclass, or a dictionary
        """Give the parameters for a row that is given by name, or that a record is; `amended` goes before either."""
        values = [*(self._items(row) if isinstance(row, dict) else self._members(row))]
        for name, value in amended.items():
            values[self._form.given.index(name)] = value
        return self._form.processed(values)


def _family(table: sa.Table) -> set[str]:
    found = {table.name}
    near = [table]
    for one in near:
        parents = {key.column.table for key in one.foreign_keys if key.column.table.name not in found}
        found |= {parent.name for parent in parents}
        near += parents
    return found


def _all_at_once(getter: Callable[..., Any], names: Sequence[str]) -> Callable[[Any], Sequence[Any]]:
    """Give what gets all that has these names; the getters of the standard library give a single one bare."""
    get = getter(*names)
    return get if len(names) > 1 else lambda row: (get(row),)


class Repertoire:
    """What one database was asked so far, ready to be asked again; shared by its transactions and threads."""

    def __init__(self, dialect: Dialect) -> None:
        """Begin with nothing."""
        self._dialect = dialect
        self._statements: dict[Statement, Compiled] = {}
        self._insertions: dict[tuple[str, object, bool], Insertion] = {}

    def compiled(self, statement: Statement) -> Compiled:
        """Give a statement as this database takes it."""
        found = self._statements.get(statement)
        if found is None:
            found = self._statements[statement] = Compiled(statement, self._dialect)
        return found

    def inserting(self, table: sa.Table, names: tuple[str, ...], *, unless_there: bool = False) -> Insertion:
        """Give the insert of rows that have these columns."""
        found = self._insertions.get((table.name, names, unless_there))
        return found or self._prepare(table, names, names, unless_there=unless_there)

    def inserting_record(self, table: sa.Table, kind: type[Any], *, unless_there: bool = False) -> Insertion:
        """Give the insert of rows that are records of a kind."""
        found = self._insertions.get((table.name, kind, unless_there))
        return found or self._prepare(table, kind, [one.name for one in fields(kind)], unless_there=unless_there)

    def _prepare(self, table: sa.Table, key: object, names: Sequence[str], *, unless_there: bool) -> Insertion:
        made = Insertion(table, names, self._dialect, unless_there=unless_there)
        self._insertions[table.name, key, unless_there] = made
        return made


def row_of(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """Give a record's fields as column values, without copying what they hold."""
    return {one.name: getattr(record, one.name) for one in fields(record)}


def columns(table: sa.Table, record: type[Any]) -> list[sa.Column[Any]]:
    """Give the columns that a record's fields are named after, in the order of the fields."""
    return [table.c[one.name] for one in fields(record)]
