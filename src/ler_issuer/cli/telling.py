"""Telling: results on stdout, for people or as JSON; everything else in clear lines on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ler_issuer.errors import Refusal
from ler_issuer.vc import stamp

Slug = Annotated[str, typer.Option("--issuer", metavar="SLUG", help="The issuer, by its slug.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for other programs.")]


class Ending(IntEnum):
    """How a command ends when it does not end well; usage errors end with 2 too, and 0 is all well."""

    REFUSED = 1
    UNSETTLED = 2
    ALARM = 3


WIDE = 200
"""Columns of a table that goes into a file or another program: wide enough to cut no identifier."""


def console(*, stderr: bool = False) -> Console:
    """Give the console for tables and progress; off a terminal it is wide and plain."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else WIDE, highlight=False, emoji=False)


def as_json(value: object) -> None:
    """Tell a value as JSON; instants in UTC with a Z."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_written))


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Tell rows under headings; what is None stays empty."""
    made = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    console().print(made, markup=False)


def complaint(detail: str) -> None:
    """Say on stderr what went wrong, in one line."""
    typer.echo(f"ler-issuer: {detail}", err=True)


def refusal(refused: Refusal) -> None:
    """Say on stderr what was refused, and each place that is to blame."""
    complaint(refused.detail)
    for place in refused.problems:
        if not place.pointer and place.detail in refused.detail:
            continue
        typer.echo(f"  {place.pointer or 'the whole'}: {place.detail}", err=True)
