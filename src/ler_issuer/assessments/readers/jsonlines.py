"""JSON lines: one flat object on each line. The first one's members name the columns; others may leave some out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from ler_issuer.assessments.readers.binding import Binding
from ler_issuer.assessments.readers.csv import MAX_LINE, tables_of
from ler_issuer.assessments.readers.expressions import Fault
from ler_issuer.assessments.readers.mapping import Mapping as Declared
from ler_issuer.assessments.readers.rows import REJECT_COLUMNS, Format, Mapped, RowError, Sheet, outcome
from ler_issuer.errors import Unacceptable
from ler_issuer.jsontext import NotJsonError, parse
from ler_issuer.types import Json


def read(lines: Iterable[bytes], mapping: Declared, tables: Mapping[str, Iterable[bytes]]) -> Sheet:
    """Read the first object of a file of results, and its rows as they are asked for; the files of look-ups are CSV.

    Raises:
        Unacceptable: the first line is no flat object, or a look-up or the mapping does not fit.
    """
    found = tables_of(mapping, tables)
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    first = next(numbered, None)
    if first is None:
        raise Unacceptable("the file is empty: its first object must name the columns")
    try:
        columns = tuple(_members(first[1]))
    except Fault as fault:
        raise Unacceptable(f"the first object cannot be read: {fault.detail}") from None
    if not columns:
        raise Unacceptable("the first object is empty: it must name the columns")
    binding = Binding(mapping, columns, found)
    return Sheet(columns, _rows(chain([first], numbered), columns, binding), binding)


def _rows(lines: Iterable[tuple[int, bytes]], columns: Sequence[str], binding: Binding) -> Iterator[Mapped | RowError]:
    for number, (place, line) in enumerate(lines, 1):
        raw: Mapping[str, str] = {columns[0]: line[:MAX_LINE].decode("utf-8", "backslashreplace").strip()}
        try:
            raw = _members(line)
            _refuse_others(raw, columns)
        except Fault as fault:
            yield RowError(number, place, fault.column, fault.code, fault.detail, raw)
        else:
            yield outcome(number, place, [raw.get(column, "") for column in columns], columns, binding)


def _refuse_others(raw: Mapping[str, str], columns: Sequence[str]) -> None:
    other = next((name for name in raw if name not in columns), None)
    if other is not None:
        raise Fault(other, "unknown_member", f"the first object has no {other!r}")


def _members(line: bytes) -> dict[str, str]:
    """Read one flat object as texts by column."""
    try:
        value = parse(line, max_bytes=MAX_LINE)
    except NotJsonError as error:
        raise Fault(None, error.code, error.detail) from None
    if not isinstance(value, dict):
        raise Fault(None, "not_an_object", "not a JSON object")
    return {name: _text(name, member) for name, member in value.items() if name not in REJECT_COLUMNS}


def _text(name: str, member: Json) -> str:
    if member is None:
        return ""
    if isinstance(member, dict | list):
        raise Fault(name, "nested", f"{name} is not text, a number, true, false or null")
    return member if isinstance(member, str) else json.dumps(member)


def heading(_columns: Sequence[str], _mapping: Declared) -> bytes:
    """Give nothing: JSON lines have no heading."""
    return b""


def reject(error: RowError, _columns: Sequence[str], _mapping: Declared) -> bytes:
    """Give the line of a file of rejects for one row, to be corrected and read again; see the CSV reader."""
    about = zip(REJECT_COLUMNS, (error.number, error.column, error.code, error.detail), strict=True)
    return json.dumps({**error.raw, **dict(about)}, ensure_ascii=False).encode() + b"\n"


JSON_LINES = Format(read, heading, reject)
"""One JSON object on each line."""
