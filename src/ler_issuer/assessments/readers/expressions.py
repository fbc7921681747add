"""Expressions made into functions over the cells of a row, tied to the columns of one file.

A column that does not exist is found here, before the first row; a cell that cannot be used is a `Fault` that names its
column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from ler_issuer.assessments.readers.mapping import (
    PLACEHOLDER,
    Column,
    Constant,
    DaysFrom,
    Expression,
    Looked,
    Lookup,
    Source,
    Template,
)
from ler_issuer.assessments.readers.tables import Table, said, unknown_column
from ler_issuer.errors import Place
from ler_issuer.jsontext import escape
from ler_issuer.types import Json, Pointer

Cells: TypeAlias = Sequence[str]
"""The cells of one row, in the order of the columns."""

Take: TypeAlias = Callable[[Cells], str]
"""Take text from a row, empty where there is none."""

_LISTED = 10  # values that a fault lists
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")


class Fault(Exception):
    """A row cannot be read as a result: the column to blame, where there is one, a code, and why."""

    def __init__(self, column: str | None, code: str, detail: str) -> None:
        """Name the column, a stable code in snake_case, and the fault in words."""
        super().__init__(detail)
        self.column = column
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Leaf:
    """One member of a result: how it is taken from a row (None is nothing), and its column (a constant has none)."""

    get: Callable[[Cells], Json]
    column: str | None


class Ties:
    """The columns of one file and of its look-ups' tables, for expressions to be tied to.

    What does not exist is collected in `problems`, with its place in the mapping.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        """Start with the columns of the file itself."""
        self.problems: list[Place] = []
        self._columns = {column: number for number, column in enumerate(columns)}
        self._lookups: dict[str, tuple[Table, Callable[[Cells], Cells | None], str]] = {}

    def add(self, name: str, lookup: Lookup, table: Table) -> None:
        """Make a look-up known; its keys may use those added before."""
        pointer = f"/lookups/{escape(name)}/by"
        keys = [self.tie(lookup.by[column], f"{pointer}/{escape(column)}") for column in table.by]

        def find(cells: Cells) -> Cells | None:
            key = tuple(leaf.get(cells) for leaf in keys)
            if None in key:
                return None
            if key not in table.rows:
                raise Fault(keys[0].column, "not_found", f"{table.name} has no row with {said(table.by, key)}")
            return table.rows[key]

        self._lookups[name] = (table, find, next((leaf.column for leaf in keys if leaf.column), ""))

    def tie(self, expression: Expression, pointer: Pointer) -> Leaf:
        """Make an expression into a function over rows; `pointer` is its place in the mapping."""
        match expression:
            case Constant(constant=text):
                return Leaf(lambda _: text, None)
            case Column(column=column):
                return _settled(expression, self._take(column, f"{pointer}/column"), column)
            case Looked(lookup=lookup, column=column):
                take, blamed = self._take_looked(lookup, column, pointer)
                return _settled(expression, take, blamed)
            case Template():
                return self._template(expression, pointer)
            case DaysFrom(days_from=start, column=column):
                leaf = self.tie(start, f"{pointer}/days_from")
                return _settled(expression, _days(leaf, self._take(column, f"{pointer}/column"), column), column)

    def _take(self, column: str, pointer: Pointer) -> Take:
        if column not in self._columns:
            self.problems.append(unknown_column(pointer, column, tuple(self._columns), "the file"))
            return lambda _: ""
        number = self._columns[column]
        return lambda cells: cells[number].strip()

    def _take_looked(self, lookup: str, column: str, pointer: Pointer) -> tuple[Take, str]:
        if lookup not in self._lookups:
            detail = f"no look-up {lookup!r} is declared before it is used here"
            self.problems.append(Place(f"{pointer}/lookup", "unknown_lookup", detail))
            return (lambda _: ""), ""
        table, find, blamed = self._lookups[lookup]
        if column not in table.columns:
            self.problems.append(unknown_column(f"{pointer}/column", column, table.columns, table.name))
            return (lambda _: ""), blamed
        number = table.columns.index(column)

        def take(cells: Cells) -> str:
            row = find(cells)
            return "" if row is None else row[number].strip()

        return take, blamed

    def _template(self, template: Template, pointer: Pointer) -> Leaf:
        pieces = PLACEHOLDER.split(template.template)  # literal, name, literal, name, … literal
        takes: list[tuple[Take, str]] = []
        for name in pieces[1::2]:
            lookup, dot, column = name.partition(".")
            if dot and name not in self._columns and lookup in self._lookups:
                takes.append(self._take_looked(lookup, column, f"{pointer}/template"))
            else:
                takes.append((self._take(name, f"{pointer}/template"), name))
        literals = pieces[0::2]

        def fill(cells: Cells) -> str:
            texts = [take(cells) for take, _ in takes]
            if "" in texts:
                return ""
            return literals[0] + "".join(text + literal for text, literal in zip(texts, literals[1:], strict=True))

        return _settled(template, fill, takes[0][1])


def _settled(source: Source, take: Take, column: str) -> Leaf:
    """Let text go through what every expression can say: emptiness, default, lower case, a table of values."""
    values: Mapping[str, str] | None = source.values

    def get(cells: Cells) -> str | None:
        text = take(cells)
        if not text:
            if source.default is None and source.empty == "error":
                raise Fault(column, "empty", f"{column} is empty")
            return source.default
        if source.lower:
            text = text.lower()
        if values is None:
            return text
        if text not in values:
            known = ", ".join(list(values)[:_LISTED])
            raise Fault(column, "unknown_value", f"{column} {text!r} is not among the values of the mapping ({known})")
        return values[text]

    return Leaf(get, column)


def _days(start: Leaf, take: Take, column: str) -> Take:
    def get(cells: Cells) -> str:
        text, first = take(cells), start.get(cells)
        if not text or first is None:
            return ""
        days = whole(text, column)
        try:
            return (date.fromisoformat(first) + timedelta(days=days)).isoformat()
        except ValueError:
            raise Fault(start.column, "not_a_date", f"{first!r} is not a date such as 2013-10-01") from None
        except OverflowError:
            raise Fault(column, "out_of_range", f"{days} days from {first} is no date") from None

    return get


def whole(text: str, column: str | None) -> int:
    """Read a whole number.

    Raises:
        Fault: it is none.
    """
    if not _WHOLE.fullmatch(text):
        raise Fault(column, "not_a_number", f"{text!r} is not a whole number")
    return int(text)


def seconds(text: str, column: str | None) -> int:
    """Read a time (ISO 8601; UTC where it has no offset) as seconds since 1970.

    Raises:
        Fault: it is none.
    """
    try:
        read = datetime.fromisoformat(text)
        return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise Fault(column, "not_a_time", f"{text!r} is not a time such as 2026-05-04T14:30:00Z") from None
