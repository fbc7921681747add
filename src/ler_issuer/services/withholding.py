"""Withholding: which figures of a table may be told without telling on a few persons.

A figure that fewer than `FEWEST` persons stand behind is withheld. Since the total less the figures that are told gives
what is left, others are withheld with it, until what is left has enough persons behind it and could be divided among
the rows in more than one way. When there is nothing more to withhold, the total is withheld.

This holds for one table. Whoever compares several, by other dimensions or for other days, may work out more: a table is
for passing on, the right to ask for tables is not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

FEWEST = 5
"""Persons who must stand behind a figure for it to be told."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """The rows whose figure is withheld, by number, and whether the total is."""

    rows: frozenset[int]
    total: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures: the persons behind the figure of each row; one person may stand behind several.

    `amounts` are the figures themselves when each is known to be a whole number and at least 1; a sum that is no more
    than the number of rows would then give all of them away.
    """

    persons: Sequence[AbstractSet[str]]
    amounts: Sequence[int] | None = None

    def withheld(self, besides: Collection[int] = ()) -> Withheld:
        """Say what is withheld of this column, the rows `besides` in any case.

        Where nobody has anything there is nothing more to hide.
        """
        every_row = frozenset(range(len(self.persons)))
        if not any(self.persons):
            return Withheld(frozenset(besides), total=False)
        rows = {row for row in every_row if 0 < len(self.persons[row]) < FEWEST} | set(besides)
        others = sorted(every_row - rows, key=lambda row: (not self.persons[row], len(self.persons[row]), row))
        while rows and not self._is_safe(rows):
            if not others:
                return Withheld(every_row, total=True)
            rows.add(others.pop(0))
        return Withheld(frozenset(rows), total=False)

    def _is_safe(self, rows: AbstractSet[int]) -> bool:
        """Say whether the sum of these rows, which everybody can work out, tells nothing about any one of them."""
        behind = set().union(*(self.persons[row] for row in rows))
        if len(rows) == 1 or len(behind) < FEWEST:
            return False
        return self.amounts is None or sum(self.amounts[row] for row in rows) > len(rows)
