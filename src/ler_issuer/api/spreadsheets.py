"""Spreadsheets: tables as CSV (RFC 4180) that a spreadsheet program opens as text and numbers, never as formulas."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
                     "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip


def written(heading: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """Write a table; None is an empty cell, and text that a spreadsheet would take for a formula gets an apostrophe."""
    paper = io.StringIO()
    writer = csv.writer(paper, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return paper.getvalue().encode()


def _harmless(cell: str | int | None) -> str | int | None:
    formula = isinstance(cell, str) and cell.lstrip(" ").startswith(_BEGINS_A_FORMULA)
    return f"'{cell}" if formula else cell
