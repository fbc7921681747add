"""`ler-issuer rules publish | list | retire`: stacking rules of an issuer, previewed, published, taken out of use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ler_issuer.assessments import instant
from ler_issuer.cli import files, opening, telling
from ler_issuer.cli.files import GivenFile
from ler_issuer.cli.rules import app
from ler_issuer.cli.telling import AsJson, Slug
from ler_issuer.errors import Missing
from ler_issuer.services import back_awarding, founding, previewing, stacks
from ler_issuer.services.admitting import Publication
from ler_issuer.stacking.reading import read_definitions
from ler_issuer.stacking.versions import Transition

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.services.previewing import Change, Preview
    from ler_issuer.services.stacks import Entry
    from ler_issuer.store.back_awards import BackAward
    from ler_issuer.types import JsonObject

Moved: TypeAlias = Callable[[int, int], None]
"""Is told how many of how many learners were looked at."""

MOST_SHOWN = 20
"""How many learners of a preview people see; programs get them all."""

TOLD_EVERY = 10
"""Per cent between two lines about progress, where there is no terminal to draw a bar on."""

_PAGE = 200

__all__ = ["app"]


@app.command()
def publish(
    file: GivenFile,
    *,
    issuer: Slug,
    preview: Annotated[
        bool, typer.Option("--preview", help="Write nothing; tell who would gain and who would lose.")
    ] = False,
    transition: Annotated[
        Transition, typer.Option(help="What becomes of those who started under an older version.")
    ] = Transition.PIN,
    grace_until: Annotated[
        str | None, typer.Option(metavar="TIME", help="With grace: until when the older version will do, too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish the stacking rules of a YAML or JSON file, all or none, and apply them to what was earned before.

    What stands published already is left alone. Killed while it applies them, it goes on when it is run again.
    """
    wanted = read_definitions(files.read_bytes(file), file.name)
    rt = opening.installation()
    caller = opening.caller(rt, issuer)
    how = Publication(transition, _read_time(rt, issuer, grace_until))
    if preview:
        with _progress("Previewing") as moved:
            found = previewing.preview_file(rt, caller, wanted, how, told=moved)
        _tell_preview(found, as_json=as_json)
        return
    done = []
    for entry, run_id in stacks.publish_file(rt, caller, wanted, how):
        with _progress(f"Applying {entry.key}") as moved:
            done.append((entry, back_awarding.go_on(rt, run_id, told=_of_run(moved))))
    _tell_published(done, as_json=as_json)


@app.command("list")
def list_(*, issuer: Slug, as_json: AsJson = False) -> None:
    """List the newest version of each stacking rule."""
    rt = opening.installation()
    entries = list(_all_entries(rt, opening.caller(rt, issuer)))
    if as_json:
        telling.as_json([_said(one) for one in entries])
        return
    rows = [(one.key, one.achievement, one.version, one.state, one.uri) for one in entries]
    telling.table(("key", "earns", "version", "state", "address"), rows)


@app.command()
def retire(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The rule, by its key.")],
    *,
    issuer: Slug,
    as_json: AsJson = False,
) -> None:
    """Take a stacking rule out of use: nobody earns anything by it any more, what was earned stays."""
    rt = opening.installation()
    caller = opening.caller(rt, issuer)
    named = next((one for one in _all_entries(rt, caller) if key in {one.key, one.id}), None)
    if named is None:
        raise Missing(f"the issuer has no rule {key!r}")
    entry = stacks.retire(rt, caller, named.id)
    if as_json:
        telling.as_json(_said(entry))
    else:
        typer.echo(f"{entry.key} is retired; its texts stay at {entry.uri}")


def _read_time(rt: Runtime, slug: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return instant(text, founding.issuer_named(rt, slug).zone)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--grace-until") from None


def _all_entries(rt: Runtime, caller: Caller) -> Iterator[Entry]:
    after = None
    while page := stacks.list_entries(rt, caller, after=after, limit=_PAGE):
        yield from page
        after = page[-1].key


# ── Progress ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@contextmanager
def _progress(words: str) -> Iterator[Moved]:
    """Show how far something is, on stderr: as a bar on a terminal, else as a line now and then."""
    if not sys.stderr.isatty():
        yield _Lines(words)
        return
    columns = (TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=telling.console(stderr=True)) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _Lines:
    """Tells progress in lines, none of them sooner than so many per cent after the one before."""

    def __init__(self, words: str) -> None:
        """Begin with nothing told."""
        self._words, self._told = words, 0

    def __call__(self, done: int, total: int) -> None:
        """Tell how far it is, if that is worth a line."""
        share = 100 * done // total if total else 100
        if share >= self._told + TOLD_EVERY:
            self._told = share
            typer.echo(f"{self._words}: {done:,} of {total:,} learners", err=True)


def _of_run(moved: Moved) -> back_awarding.Told:
    return lambda run: moved(run.done, max(run.total, run.done))


# ── Telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _tell_published(done: list[tuple[Entry, BackAward]], *, as_json: bool) -> None:
    if as_json:
        names = ("state", "total", "done", "awarded", "cases")
        told = [_said(one) | {"back_award": {name: getattr(run, name) for name in names}} for one, run in done]
        telling.as_json(told)
        return
    telling.table(
        ("key", "earns", "version", "state", "looked at", "awarded", "cases", "address"),
        [
            (one.key, one.achievement, one.version, one.state, run.done, run.awarded, run.cases, one.uri)
            for one, run in done
        ],
    )


def _tell_preview(found: Preview, *, as_json: bool) -> None:
    if as_json:
        told = {"gain": list(map(asdict, found.gain)), "lose": list(map(asdict, found.lose))}
        tallies = {"by_achievement": found.by_achievement, "by_unit": found.by_unit}
        telling.as_json({"learners": found.learners, **told, **tallies})
        return
    for heading, counts in (("achievement", found.by_achievement), ("unit", found.by_unit)):
        rows = [(name, f"{tally['gain']:,}", f"{tally['lose']:,}") for name, tally in counts.items()]
        telling.table((heading, "gain", "lose"), rows)
    changes = [*(("gains", one) for one in found.gain), *(("loses", one) for one in found.lose)]
    telling.table(("learner", "", "achievement", "unit", "policy"), [_line(*one) for one in changes[:MOST_SHOWN]])
    if len(changes) > MOST_SHOWN:
        typer.echo(f"and {len(changes) - MOST_SHOWN:,} more; --json tells them all")
    typer.echo(f"{found.learners:,} learners were looked at. Nothing was written.")


def _line(what: str, change: Change) -> tuple[str | None, ...]:
    return change.learner_id, what, change.achievement, change.unit, change.policy


def _said(entry: Entry) -> JsonObject:
    return {
        "id": entry.id,
        "key": entry.key,
        "uri": entry.uri,
        "achievement": entry.achievement,
        "version": entry.version,
        "state": entry.state,
        "transition": entry.transition,
    }
