"""Tables: the rows that look-ups find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ler_issuer.errors import Place, Unacceptable


@dataclass(frozen=True, slots=True)
class Table:
    """A table found by some of its columns: `rows` by the texts of `by`, in that order."""

    name: str
    columns: tuple[str, ...]
    by: tuple[str, ...]
    rows: Mapping[tuple[str, ...], Sequence[str]]


def index(name: str, columns: Sequence[str], by: Sequence[str], rows: Iterable[Sequence[str]], pointer: str) -> Table:
    """Make rows findable by some of their columns.

    Raises:
        Unacceptable: the table lacks one of the columns, or two rows could be meant.
    """
    problems = [unknown_column(f"{pointer}/by", one, columns, name) for one in by if one not in columns]
    if problems:
        raise Unacceptable(f"the look-up cannot be used: {problems[0].detail}", problems=problems)
    places = [columns.index(one) for one in by]
    found: dict[tuple[str, ...], Sequence[str]] = {}
    for row in rows:
        key = tuple(row[place].strip() for place in places)
        if key in found:
            detail = f"{name} has two rows with {said(by, key)}"
            raise Unacceptable(f"the look-up cannot be used: {detail}", problems=[Place(pointer, "two_rows", detail)])
        found[key] = row
    return Table(name, tuple(columns), tuple(by), found)


def said(columns: Sequence[str], key: Sequence[str]) -> str:
    """Say a key in words."""
    return " and ".join(f"{column} {text!r}" for column, text in zip(columns, key, strict=True))


def unknown_column(pointer: str, column: str, columns: Sequence[str], where: str) -> Place:
    """Say that there is no such column, and which is nearest."""
    folded = {one.casefold(): one for one in columns}
    near = get_close_matches(column.casefold(), folded, n=1, cutoff=0.5)
    hint = f"the nearest is {folded[near[0]]!r}" if near else f"it has {', '.join(columns)}"
    return Place(pointer, "unknown_column", f"{where} has no column {column!r}; {hint}")
