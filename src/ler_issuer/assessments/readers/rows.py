"""Rows: what comes out of a file, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ler_issuer.assessments.model import Result
from ler_issuer.assessments.readers.binding import Binding
from ler_issuer.assessments.readers.expressions import Fault
from ler_issuer.assessments.readers.mapping import Mapping as Declared
from ler_issuer.errors import Place


@dataclass(frozen=True, slots=True)
class Mapped:
    """A row that was read as a result; `raw` is what the row said, by column.

    Rows are numbered from 1 without the heading and without empty ones; `line` is the line of the file, from 1.
    """

    number: int
    line: int
    result: Result
    raw: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that could not be read or was refused: the column to blame, where there is one, and why."""

    number: int
    line: int
    column: str | None
    code: str
    detail: str
    raw: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of results whose heading was read and fits the mapping; `rows` reads on as it is iterated, once."""

    columns: tuple[str, ...]
    rows: Iterator[Mapped | RowError]
    _binding: Binding

    def refused(self, row: Mapped, detail: str, problems: Sequence[Place] = ()) -> RowError:
        """Turn a refusal of a mapped row into a row error that names the column which the (first) problem came from."""
        if not problems:
            return RowError(row.number, row.line, None, "refused", detail, row.raw)
        tokens = [int(token) if token.isdecimal() else token for token in problems[0].pointer.split("/")[1:]]
        column = self._binding.column_of(tokens, list(row.raw.values()))
        said = "; ".join(dict.fromkeys([detail, *(problem.detail for problem in problems)]))
        return RowError(row.number, row.line, column, problems[0].code, said, row.raw)


def outcome(
    number: int, line: int, cells: Sequence[str], columns: Sequence[str], binding: Binding
) -> Mapped | RowError:
    """Map one row that has a cell for every column."""
    raw = dict(zip(columns, cells, strict=True))
    try:
        return Mapped(number, line, binding.result(cells), raw)
    except Fault as fault:
        return RowError(number, line, fault.column, fault.code, fault.detail, raw)


REJECT_COLUMNS = ("_row", "_column", "_code", "_error")
"""What a file of rejects says about each row, beside what the row said; ignored when the file is read again."""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: how it is read, and how rejected rows are written so that it can be corrected and read again.

    `read` takes the file's lines as bytes, the mapping, and the lines of each look-up file by the look-up's name. It
    refuses a file as a whole (`Unacceptable`) only for its heading or its look-ups; whatever is wrong with a row is a
    `RowError`. `heading` gives the first line of a file of rejects (it may be empty), `reject` one row of it.
    """

    read: Callable[[Iterable[bytes], Declared, Mapping[str, Iterable[bytes]]], Sheet]
    heading: Callable[[Sequence[str], Declared], bytes]
    reject: Callable[[RowError, Sequence[str], Declared], bytes]
