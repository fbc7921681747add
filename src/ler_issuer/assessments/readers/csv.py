"""CSV, read strictly (RFC 4180): whatever is wrong with a row is that row's error and no other's.

Python's reader lets one unclosed quotation mark swallow the rest of the file. Here lines are put together into records
first, by counting quotation marks, and a record that does not end is given up at its first line.
"""

from __future__ import annotations

import csv
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ler_issuer.assessments.readers.binding import Binding
from ler_issuer.assessments.readers.mapping import CsvOptions, Lookup
from ler_issuer.assessments.readers.mapping import Mapping as Declared
from ler_issuer.assessments.readers.rows import REJECT_COLUMNS, Format, Mapped, RowError, Sheet, outcome
from ler_issuer.assessments.readers.tables import Table, index
from ler_issuer.errors import Place, Unacceptable
from ler_issuer.jsontext import escape

MAX_LINE = 128 * 1024
"""Longest line that is read, in bytes."""

MAX_LINES = 100
"""Most lines that one record may span."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its first line, its cells as far as they can be told, and what is wrong with it, if anything."""

    line: int
    cells: tuple[str, ...]
    code: str | None = None
    detail: str = ""


def read(lines: Iterable[bytes], mapping: Declared, tables: Mapping[str, Iterable[bytes]]) -> Sheet:
    """Read the heading of a file of results, and its rows as they are asked for.

    `lines` are the lines of the file with their line ends, as a file opened for bytes gives them; `tables` likewise for
    each look-up with a file, by the look-up's name.

    Raises:
        Unacceptable: there is no usable heading, or a look-up or the mapping does not fit.
    """
    found = tables_of(mapping, tables)
    records = _records(lines, mapping.csv)
    heading = _heading(records, "the file")
    columns = heading[: -len(REJECT_COLUMNS)] if heading[-len(REJECT_COLUMNS) :] == REJECT_COLUMNS else heading
    binding = Binding(mapping, columns, found)
    return Sheet(columns, _rows(records, heading, columns, binding), binding)


def _rows(
    records: Iterator[Record], heading: Sequence[str], columns: Sequence[str], binding: Binding
) -> Iterator[Mapped | RowError]:
    for number, record in enumerate(records, 1):
        cells, missing = record.cells, len(heading) - len(record.cells)
        if record.code is None and not missing:
            yield outcome(number, record.line, cells[: len(columns)], columns, binding)
            continue
        raw = dict(zip(columns, (*cells, *[""] * missing), strict=False))
        code, detail = record.code, record.detail
        if code is None:
            code, detail = "ragged", f"the heading has {len(heading)} columns, the row {len(cells)}"
            if missing < 0:
                detail += f"; left over: {', '.join(repr(cell) for cell in cells[missing:])}"
        yield RowError(number, record.line, None, code, detail, raw)


def _heading(records: Iterator[Record], what: str) -> tuple[str, ...]:
    """Read the names of the columns from the first record."""
    record = next(records, None)
    if record is None:
        raise Unacceptable(f"{what} is empty: its first line must name the columns")
    columns = tuple(cell.strip() for cell in record.cells)
    if record.code is not None:
        raise Unacceptable(f"the heading of {what} cannot be read: {record.detail}")
    if "" in columns:
        raise Unacceptable(f"column {columns.index('') + 1} of {what} has no name")
    if len(set(columns)) != len(columns):
        twice = next(column for number, column in enumerate(columns) if column in columns[:number])
        raise Unacceptable(f"{what} has two columns named {twice!r}")
    return columns


def tables_of(mapping: Declared, lines: Mapping[str, Iterable[bytes]]) -> dict[str, Table]:
    """Make the tables of a mapping's look-ups; `lines` are those of their files, by the look-up's name.

    Raises:
        Unacceptable: a table is missing, cannot be read, or does not fit its look-up.
    """
    return {name: _table(name, lookup, lines.get(name), mapping.csv) for name, lookup in mapping.lookups.items()}


def _table(name: str, lookup: Lookup, lines: Iterable[bytes] | None, options: CsvOptions) -> Table:
    """Make the table of a look-up from its file, or from the rows that the mapping writes out."""
    pointer, by = f"/lookups/{escape(name)}", tuple(lookup.by)
    if lookup.rows is not None:
        columns = tuple(lookup.rows[0])
        written = (tuple(row[column] for column in columns) for row in lookup.rows)
        return index(f"the look-up {name}", columns, by, written, pointer)
    file = lookup.file or name
    if lines is None:
        detail = f"the file {file} was not given"
        raise Unacceptable(f"the look-up {name} cannot be used: {detail}", problems=[Place(pointer, "no_file", detail)])
    records = _records(lines, options)
    columns = _heading(records, file)

    def rows() -> Iterator[Sequence[str]]:
        for record in records:
            if record.code is not None or len(record.cells) != len(columns):
                why = record.detail or "it does not fit the heading"
                detail = f"line {record.line} of {file} cannot be read: {why}"
                raise Unacceptable(detail, problems=[Place(f"{pointer}/file", "unreadable", detail)])
            yield record.cells

    return index(file, columns, by, rows(), pointer)


def _records(lines: Iterable[bytes], options: CsvOptions) -> Iterator[Record]:
    """Put lines together into records; empty ones are left out."""
    coming = enumerate(lines, 1)
    again: deque[tuple[int, bytes]] = deque()
    while (first := again.popleft() if again else next(coming, None)) is not None:
        chunk = [first]
        while _is_open(chunk) and (more := again.popleft() if again else next(coming, None)) is not None:
            chunk.append(more)
        record = _record(chunk, options)
        if record.code == "quotation":  # perhaps the fault of the first line alone: the others get their own chance
            again.extendleft(reversed(chunk[1:]))
        if any(record.cells):
            yield record


def _is_open(chunk: Sequence[tuple[int, bytes]]) -> bool:
    if len(chunk) >= MAX_LINES or b'"' not in chunk[0][1]:
        return False
    return sum(line.count(b'"') for _, line in chunk) % 2 == 1


def _record(chunk: Sequence[tuple[int, bytes]], options: CsvOptions) -> Record:
    number = chunk[0][0]
    lines = [line for _, line in chunk]
    if number == 1:
        lines[0] = lines[0].removeprefix(BOM_UTF8)
    if any(len(line) > MAX_LINE for line in lines):
        return Record(number, ("…",), "too_long", f"longer than {MAX_LINE} bytes")
    try:
        return Record(number, _cells([line.decode(options.encoding) for line in lines], options.delimiter))
    except UnicodeDecodeError as error:
        fault = _Unreadable("encoding", f"byte {error.start + 1} of the line is not {options.encoding}")
    except _Unreadable as error:
        fault = error
    shown = lines[0].decode(options.encoding, "backslashreplace").replace("\x00", "\\x00")
    return Record(number, tuple(shown.rstrip("\r\n").split(options.delimiter)), fault.code, fault.detail)


class _Unreadable(Exception):
    """The lines of a record cannot be parted into cells."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def _cells(texts: Sequence[str], delimiter: str) -> tuple[str, ...]:
    if any("\x00" in text for text in texts):
        raise _Unreadable("nul", "there is a NUL character")
    if '"' in texts[0]:
        try:
            (cells,) = csv.reader(texts, delimiter=delimiter, strict=True)
        except (csv.Error, ValueError):
            raise _Unreadable("quotation", "a quotation mark is not closed, or stands inside a field") from None
        return tuple(cells)
    text = texts[0].removesuffix("\n").removesuffix("\r")
    if "\r" in text:
        raise _Unreadable("line_end", "a line end (CR) stands inside the line")
    return tuple(text.split(delimiter))


def heading(columns: Sequence[str], mapping: Declared) -> bytes:
    """Give the first line of a file of rejects: the columns of the file, then what is said about each row."""
    return _line((*columns, *REJECT_COLUMNS), mapping.csv)


def reject(error: RowError, columns: Sequence[str], mapping: Declared) -> bytes:
    """Give the line of a file of rejects for one row: what it said, then its number and what is wrong with it.

    Corrected, the file is read with the same mapping; the columns that were added are ignored then.
    """
    about = (str(error.number), error.column or "", error.code, error.detail)
    return _line((*(error.raw.get(column, "") for column in columns), *about), mapping.csv)


def _line(cells: Sequence[str], options: CsvOptions) -> bytes:
    special = ('"', "\r", "\n", options.delimiter)
    quoted = ('"' + cell.replace('"', '""') + '"' if any(one in cell for one in special) else cell for cell in cells)
    return (options.delimiter.join(quoted) + "\r\n").encode(options.encoding, "backslashreplace")


CSV = Format(read, heading, reject)
"""Comma-separated values and their relatives."""
