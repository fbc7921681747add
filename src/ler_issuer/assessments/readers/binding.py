"""Binding: a mapping tied to the columns of one file, ready to turn rows into results.

The mapping's expressions become functions over the cells of a row, once; so a row costs little, and a column that does
not exist is found before the first row. Every fault is traced back to the column that it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from ler_issuer.assessments.model import Result
from ler_issuer.assessments.readers.mapping import (
    PLACEHOLDER,
    Column,
    Constant,
    DaysFrom,
    Expression,
    Looked,
    ModifiedAt,
    RatingMapping,
    Template,
)
from ler_issuer.assessments.readers.tables import Table, said, unknown_column
from ler_issuer.errors import Place, Unacceptable
from ler_issuer.jsontext import escape
from ler_issuer.types import Json, JsonObject, Pointer

if TYPE_CHECKING:
    from ler_issuer.assessments.readers import mapping as declared

Cells = Sequence[str]
"""The cells of one row, in the order of the columns."""

Get = Callable[[Cells], "str | int | None"]
"""Take a value from the cells of a row; None where there is nothing."""


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
    """One member of a result: how it is taken, and the column that it comes from (none for a constant)."""

    get: Get
    column: str | None


@dataclass(frozen=True, slots=True)
class Node:
    """An object of members; where nothing in it comes from cells it says nothing, and is left out."""

    members: dict[str, Plan] = field(default_factory=dict)


Plan = Leaf | Node | tuple["Plan", ...]
"""The shape of a result, with a `Leaf` for each member that the mapping gives."""


class Binding:
    """A mapping tied to the columns of a file and to the tables of its look-ups."""

    def __init__(self, mapping: declared.Mapping, columns: Sequence[str], tables: Mapping[str, Table]) -> None:
        """Tie every expression to its column.

        Raises:
            Unacceptable: the mapping names columns or look-ups that do not exist; each with its place in the mapping.
        """
        self._columns = {column: number for number, column in enumerate(columns)}
        self._tables = tables
        self._found: dict[str, Leaf] = {}
        self._problems: list[Place] = []
        self._finders: dict[str, Callable[[Cells], Cells | None]] = {}
        for name, lookup in mapping.lookups.items():
            self._finders[name] = self._finder(name, lookup)
        self._plan = self._object(mapping, "", leave_out={"format", "csv", "lookups", "source", "revision"})
        self._plan.members["source"] = Leaf(lambda _: mapping.source, None)
        if not isinstance(mapping.revision, str):
            self._plan.members["revision"] = self._revision(mapping.revision)
        if "attempt" in self._plan.members:
            self._plan.members["attempt"] = _whole(self._plan.members["attempt"])
        if self._problems:
            detail = f"the mapping does not fit the file: {self._problems[0].detail}"
            raise Unacceptable(detail, problems=self._problems)

    def result(self, cells: Cells) -> Result:
        """Read one row.

        Raises:
            Fault: it is not a result.
        """
        try:
            return Result.model_validate(_fill(self._plan, cells)[0])
        except ValidationError as error:
            raise self._fault(error, cells) from None

    def column_of(self, place: Sequence[str | int], cells: Cells) -> str | None:
        """Give the column that a member of this row's result came from; for an object, its first."""
        plan: Plan = self._plan
        for token in place:
            if isinstance(plan, Node) and token in plan.members:
                plan = plan.members[str(token)]
            elif isinstance(plan, tuple) and isinstance(token, int):
                there = [one for one in plan if _fill(one, cells)[1]]
                if token >= len(there):
                    return None
                plan = there[token]
            else:
                break
        return None if plan is self._plan else _first_column(plan)

    def _fault(self, error: ValidationError, cells: Cells) -> Fault:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        blamed = [(self.column_of(one["loc"], cells), one) for one in errors]
        detail = "; ".join(
            f"{column or '.'.join(str(token) for token in one['loc']) or 'the row'}: "
            + one["msg"].removeprefix("Value error, ")
            for column, one in blamed
        )
        code = "invalid" if errors[0]["type"] == "value_error" else errors[0]["type"]
        return Fault(blamed[0][0], code, detail)
