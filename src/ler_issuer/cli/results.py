"""`ler-issuer results` and `ler-issuer imports`: files of results in, and out again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ler_issuer import jsontext
from ler_issuer.assessments.readers import READERS, Mapping, RowError, Sheet, declare
from ler_issuer.cli import files, opening, telling
from ler_issuer.cli.files import GivenFile
from ler_issuer.cli.telling import AsJson, Slug
from ler_issuer.errors import Malformed
from ler_issuer.services import importing
from ler_issuer.services.importing import Answer, Imported, Plan
from ler_issuer.services.intake import Receipt

if TYPE_CHECKING:
    from ler_issuer.types import Json

MOST_SHOWN = 10
"""How many refused rows are told on stderr when no file of rejects is asked for."""

app = typer.Typer(help="Assessment results.", no_args_is_help=True)
imports_app = typer.Typer(help="Imports of files of results.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `import` a command of its own while it is the only one."""


@app.command("import")
def import_(
    file: GivenFile,
    *,
    issuer: Slug,
    mapping: Annotated[Path, typer.Option(dir_okay=False, help="How its columns become results (YAML or JSON).")],
    rejects: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Where rows that are refused go, to be corrected.")
    ] = None,
    receipts: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Where the receipt of each row goes, as JSON lines.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Sign and write nothing; tell what would come.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a file of results, each row with its own outcome. Run again, it changes nothing."""
    written = files.read_declaration(mapping)
    declared = declare(written)
    _require_apart(file, rejects)
    rt = opening.installation()
    caller = opening.caller(rt, issuer)
    with ExitStack() as open_files:
        sheet = _open(open_files, file, mapping, declared)
        told = _Told(open_files, sheet, declared, Papers(file, rejects, receipts))
        plan = _plan(file, declared, written)
        if dry_run:
            done = importing.rehearse_import(rt, caller, plan, sheet.rows, told=told)
        else:
            done = importing.import_results(rt, caller, plan, sheet.rows, told=told, began=_began)
    _tell(done, rejects, dry_run=dry_run, as_json=as_json)


def _began(import_id: str) -> None:
    """Tell the id at once, so that an import which is killed can be undone."""
    typer.echo(f"import {import_id} begins", err=True)


def _require_apart(file: Path, rejects: Path | None) -> None:
    """Refuse to write rejects over the very file that they are read from."""
    if rejects is not None and rejects.exists() and rejects.samefile(file):
        raise Malformed(f"{rejects} is the file that is imported; its rejects need another name")


def _open(open_files: ExitStack, file: Path, mapping: Path, declared: Mapping) -> Sheet:
    """Open a file of results and the files of the mapping's look-ups, which lie beside the mapping."""
    lines = _opened(open_files, file)
    tables = {
        name: _opened(open_files, files.beside(mapping, lookup.file))
        for name, lookup in declared.lookups.items()
        if lookup.file is not None
    }
    return READERS[declared.format].read(lines, declared, tables)


def _opened(open_files: ExitStack, path: Path) -> BinaryIO:
    try:
        return open_files.enter_context(path.open("rb"))
    except OSError as error:
        raise Malformed(f"{path}: {error.strerror}") from None


def _plan(file: Path, declared: Mapping, written: Json) -> Plan:
    return Plan(declared.source, file.name, files.digest(file), jsontext.digest(written), declared.by_content)


@dataclass(frozen=True, slots=True)
class Papers:
    """The files of an import: the one that is read, and those that rejects and receipts go to."""

    file: Path
    rejects: Path | None
    receipts: Path | None


class _Told:
    """What hears of each chunk: the progress bar on a terminal, the files of rejects and receipts as they grow."""

    def __init__(self, open_files: ExitStack, sheet: Sheet, declared: Mapping, papers: Papers) -> None:
        """Show the bar, and begin the file of rejects with its heading."""
        self._sheet, self._declared = sheet, declared
        self._reader = READERS[declared.format]
        self._bar = open_files.enter_context(_bar(papers.file)) if sys.stderr.isatty() else None
        self._rejects, self._receipts = (
            None if path is None else open_files.enter_context(_writing(path))
            for path in (papers.rejects, papers.receipts)
        )
        self._shown = 0 if papers.rejects is None else MOST_SHOWN
        _write(self._rejects, self._reader.heading(sheet.columns, declared))

    def __call__(self, answers: Sequence[Answer]) -> None:
        """Write what was answered and what was refused, and move the bar on."""
        for refused in importing.rejected(self._sheet, answers):
            _write(self._rejects, self._reader.reject(refused, self._sheet.columns, self._declared))
            self._show(refused)
        for row, answer in answers:
            if isinstance(answer, Receipt):
                told = {"row": row.number, **asdict(answer)}
                _write(self._receipts, json.dumps(told, ensure_ascii=False).encode() + b"\n")
        for file in (self._rejects, self._receipts):
            if file is not None:
                file.flush()
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0], len(answers))

    def _show(self, row: RowError) -> None:
        """Say on stderr why the first rows were refused, when nobody asked for the file of them."""
        if self._shown < MOST_SHOWN:
            place = f"row {row.number}" if row.column is None else f"row {row.number}, {row.column}"
            typer.echo(f"  {place}: {row.detail}", err=True)
        elif self._shown == MOST_SHOWN and self._rejects is None:
            typer.echo("  and more; --rejects FILE gets them all", err=True)
        self._shown += 1


def _write(file: BinaryIO | None, line: bytes) -> None:
    if file is not None:
        file.write(line)


@contextmanager
def _writing(path: Path) -> Iterator[BinaryIO]:
    try:
        opened = path.open("wb")
    except OSError as error:
        raise Malformed(f"{path}: {error.strerror}") from None
    with opened:
        yield opened


def _bar(file: Path) -> Progress:
    """Make the progress bar; rows are counted by line ends, which is near enough."""
    with file.open("rb") as lines:
        rows = max(sum(1 for _ in lines) - 1, 0)
    bar = Progress(
        TextColumn("Importing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=telling.console(stderr=True),
    )
    bar.add_task("rows", total=rows)
    return bar


def _tell(done: Imported, rejects: Path | None, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        import_id = None if dry_run else done.import_id
        telling.as_json({"import_id": import_id, "dry_run": dry_run, "counts": done.counts})
        return
    telling.table(("outcome", "rows"), [(name.replace("_", " "), f"{count:,}") for name, count in done.counts.items()])
    typer.echo("Nothing was signed or written." if dry_run else f"import {done.import_id}")
    if rejects is not None and done.counts["rejected"]:
        typer.echo(f"The rejected rows are in {rejects}: correct them there and import that file.")


@imports_app.command("list")
def list_(*, issuer: Slug, as_json: AsJson = False) -> None:
    """List the imports of an issuer, the newest first; one without an end was killed, or runs still."""
    rt = opening.installation()
    found = importing.list_imports(rt, opening.caller(rt, issuer))
    if as_json:
        names = ("id", "source", "file_name", "started_at", "finished_at", "revoked_at", "counts")
        telling.as_json([{name: getattr(one, name) for name in names} for one in found])
        return
    rows = [(one.id, one.source, one.file_name, one.started_at, one.finished_at, one.revoked_at) for one in found]
    telling.table(("import", "source", "file", "started", "finished", "undone"), rows)


@imports_app.command()
def revoke(
    import_id: Annotated[str, typer.Argument(metavar="ID", help="The import, as `results import` told it.")],
    *,
    reason: Annotated[str, typer.Option(help="Why it is undone.")],
    as_json: AsJson = False,
) -> None:
    """Undo an import: its results count no more, and what rested on them is revoked or issued anew."""
    undone = importing.undo(opening.installation(), opening.actor(), import_id, reason)
    if as_json:
        telling.as_json({"import_id": undone.import_id, "results": undone.results, "credentials": undone.credentials})
        return
    typer.echo(f"{undone.results:,} results were taken back and {undone.credentials:,} credentials revoked.")
