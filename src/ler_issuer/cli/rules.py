"""`ler-issuer rules evaluate | remaining | schema`: try a stacking rule on files, without an installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ler_issuer import stacking
from ler_issuer.cli import files, telling
from ler_issuer.cli.telling import AsJson
from ler_issuer.errors import Refusal
from ler_issuer.stacking import HoldingsFile, Remaining, StackDefinition, StackingRule, Trace
from ler_issuer.stacking.reading import read_holdings, read_rule
from ler_issuer.vc import stamp

app = typer.Typer(help="Stacking rules: what micro-credentials add up to.", no_args_is_help=True)


class _Ending(IntEnum):
    """How trying a rule ends."""

    MET = 0
    NOT_MET = 1
    UNUSABLE = 2
    UNDECIDED = 3


class Schema(StrEnum):
    """The files that a schema describes."""

    RULE = "rule"
    HOLDINGS = "holdings"


_SCHEMAS = {Schema.RULE: stacking.rule_schema, Schema.HOLDINGS: stacking.holdings_schema}
_MARKS = {True: "ok", False: "open", None: "?"}
_YEARS = range(1900, 9999)  # as in holdings

RuleFile = Annotated[
    Path,
    typer.Argument(metavar="RULE", exists=True, dir_okay=False, help="The rule, as JSON or YAML.", show_default=False),
]
HoldingsPath = Annotated[
    Path,
    typer.Argument(
        metavar="HOLDINGS",
        exists=True,
        dir_okay=False,
        help="What somebody holds, as JSON or YAML.",
        show_default=False,
    ),
]
At = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="TIME",
        help="The time to ask about: 2026-05-04T14:30:00Z, or a day, which stands for its midnight in UTC.",
    ),
]
Key = Annotated[str | None, typer.Option("--rule", metavar="KEY", help="Which rule of a file with several.")]


@app.command()
def evaluate(rule: RuleFile, holdings: HoldingsPath, *, at: At, key: Key = None, as_json: AsJson = False) -> None:
    """Say whether holdings meet a rule, node by node: exit code 0 met, 1 not met, 3 undecided, 2 an unusable file."""
    moment = _moment(at)
    with _usable():
        asked, held = _rule(rule, key), _holdings(holdings)
    trace = stacking.evaluate(asked, held.holdings, moment)
    if as_json:
        telling.as_json(trace.to_json())
    else:
        typer.echo(f"{trace.outcome.replace('_', ' ').upper()} at {stamp(moment)}: {trace.sentence}{_used(trace)}")
        for node in trace.nodes:
            typer.echo("\n".join(_lines(node)))
    raise typer.Exit(_ending(trace.met))


@app.command()
def remaining(rule: RuleFile, holdings: HoldingsPath, *, at: At, key: Key = None, as_json: AsJson = False) -> None:
    """Say what is left to meet a rule: exit code 0 nothing, 1 something, 3 undecided, 2 an unusable file."""
    moment = _moment(at)
    with _usable():
        asked, held = _rule(rule, key), _holdings(holdings)
    left = stacking.remaining(asked, held.holdings, moment, enrolled=held.enrolled)
    if as_json:
        telling.as_json(left.to_json())
    else:
        _tell(left)
    raise typer.Exit(_ending(left.met))


@app.command()
def schema(of: Annotated[Schema, typer.Argument(help="Of which file.")] = Schema.RULE) -> None:
    """Print the JSON Schema of a file of a rule, or of holdings."""
    telling.as_json(_SCHEMAS[of]())


def _rule(path: Path, key: str | None) -> StackingRule | StackDefinition:
    return read_rule(files.read_bytes(path), str(path), key)


def _holdings(path: Path) -> HoldingsFile:
    return read_holdings(files.read_bytes(path), str(path))


@contextmanager
def _usable() -> Iterator[None]:
    """End with what is wrong with a file; 1 says that a rule is not met."""
    try:
        yield
    except Refusal as refused:
        telling.refusal(refused)
        raise typer.Exit(_Ending.UNUSABLE) from None


def _moment(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is not None and read.tzinfo is None and len(text) == len("2026-05-04"):
        read = read.replace(tzinfo=UTC)
    if read is None or read.tzinfo is None or read.year not in _YEARS:
        raise typer.BadParameter(
            "give a time with its offset, 2026-05-04T14:30:00Z, or a day, 2026-05-04", param_hint="--at"
        )
    return read


def _ending(met: bool | None) -> _Ending:
    if met is None:
        return _Ending.UNDECIDED
    return _Ending.MET if met else _Ending.NOT_MET


def _lines(trace: Trace, depth: int = 0) -> Iterator[str]:
    """Yield a line for each node: whether it is met, what is said about it, and the holdings that it uses."""
    yield f"{'  ' * depth}{_MARKS[trace.met]:<5}{trace.sentence}{_used(trace)}"
    for node in trace.nodes:
        yield from _lines(node, depth + 1)


def _used(trace: Trace) -> str:
    return f" [{', '.join(trace.used)}]" if trace.used and not trace.nodes else ""


def _tell(left: Remaining) -> None:
    if left.met is not False or not left.sets:
        typer.echo(left.sentence)
        return
    which = "This completes it:" if len(left.sets) == 1 else "Any one of these completes it:"
    typer.echo(f"{left.percentage} % is done. {which}")
    for number, steps in enumerate(left.sets, 1):
        count = f"{steps.assessments} assessment{'' if steps.assessments == 1 else 's'}"
        enrolled = f", enrolled in {steps.enrolled}" if steps.enrolled else ""
        typer.echo(f"{number:>3}. {steps.sentence} ({count}{enrolled})")
    if not left.complete:
        typer.echo("There may be more ways.")
