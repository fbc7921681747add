"""Rows that are written late: together with others of their table, and not before somebody asks for it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from ler_issuer.store.statements import NOTHING_ELSE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ler_issuer.store.statements import Insertion, Params

Row: TypeAlias = "tuple[Any, Mapping[str, Any]]"
"""A dataclass or a dictionary, and what it says otherwise since."""


class Late:
    """The rows of one transaction that wait."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Mapping[Insertion, Sequence[Row]] | None = None) -> None:
        """Begin with these rows, or with none."""
        self._rows: dict[Insertion, list[Row]] = {one: [*those] for one, those in (rows or {}).items()}

    def copied(self) -> Late:
        """Give the same rows, to come back to."""
        return Late(self._rows)

    def append(self, insertion: Insertion, row: Any) -> None:  # noqa: ANN401 - any dataclass, or a dictionary
        """Let a row wait."""
        self._rows.setdefault(insertion, []).append((row, NOTHING_ELSE))

    def amend(self, row: Any, values: Mapping[str, Any]) -> bool:  # noqa: ANN401 - any dataclass, or a dictionary
        """Give a row other values in some columns; False when it does not wait any more."""
        for rows in self._rows.values():
            for number in reversed(range(len(rows))):
                late, amended = rows[number]
                if late is row:
                    rows[number] = (row, {**amended, **values})
                    return True
        return False

    def taken(self) -> Iterator[tuple[str, list[Params]]]:
        """Take out everything: the statement of each table, what others point to first, and its rows as they came."""
        rows, self._rows = self._rows, {}
        return _in_order(rows)

    def taken_for(self, asked: AbstractSet[str]) -> Iterator[tuple[str, list[Params]]]:
        """Take out the rows of the tables that are asked for, and those that they may point to."""
        families = [one.family for one in self._rows if one.table in asked]
        if not families:
            return iter(())
        concerned = frozenset().union(*families)
        return _in_order({one: self._rows.pop(one) for one in [*self._rows] if one.table in concerned})


def _in_order(rows: Mapping[Insertion, Sequence[Row]]) -> Iterator[tuple[str, list[Params]]]:
    for insertion in sorted(rows, key=attrgetter("rank")):
        yield insertion.text, [insertion.params(row, amended) for row, amended in rows[insertion]]
