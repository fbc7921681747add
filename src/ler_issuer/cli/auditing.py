"""`ler-issuer audit` and `ler-issuer log`: whether the books are right, and sealing them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ler_issuer.cli import opening, telling
from ler_issuer.cli.telling import AsJson, Ending, Slug
from ler_issuer.services import auditing, founding

app = typer.Typer(help="Whether what is recorded follows from the facts.", no_args_is_help=True)
log_app = typer.Typer(help="The log of everything issued and revoked.", no_args_is_help=True)


@app.command()
def trail(*, issuer: Slug, as_json: AsJson = False) -> None:
    """Tell who did what for an issuer, the first deed first."""
    found = auditing.trail(opening.installation(), issuer)
    if as_json:
        names = ("at", "actor", "act", "object_id", "data")
        telling.as_json([{name: getattr(one, name) for name in names} for one in found])
        return
    telling.table(("when", "who", "what", "to"), [(one.at, one.actor, one.act, one.object_id) for one in found])


@app.command()
def replay(
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Judge the proof of every credential too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Recompute every award from the stored facts; exit code 0 when nothing differs, else 1."""
    done = auditing.replay(opening.installation(), verify=verify)
    if as_json:
        found = [asdict(one) for one in done.discrepancies]
        telling.as_json({"counts": dict(done.counts), "discrepancies": found})
    else:
        looked_at = ", ".join(f"{count:,} {what}" for what, count in done.counts.items())
        typer.echo(f"Looked at {looked_at}: {len(done.discrepancies) or 'no'} discrepancies.")
        for one in done.discrepancies:
            typer.echo(f"  {one.code} {one.object_id}: {one.detail}")
    if done.discrepancies:
        raise typer.Exit(Ending.REFUSED)


@log_app.callback()
def _log_group() -> None:
    """Keep `checkpoint` a command of its own while it is the only one."""


@log_app.command()
def checkpoint(
    *,
    issuer: Annotated[
        str | None, typer.Option("--issuer", help="Only this issuer's log; otherwise everybody's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Seal the log as it stands: for each issuer a signed note over everything issued and revoked so far."""
    rt = opening.installation()
    slugs = [one.slug for one in founding.list_issuers(rt)] if issuer is None else [issuer]
    made = {slug: auditing.checkpoint(rt, slug, actor=opening.actor()) for slug in slugs}
    if as_json:
        told = [
            {"issuer": slug, "size": one.size, "root": one.root, "at": one.at, "note": one.note}
            for slug, one in made.items()
        ]
        telling.as_json(told if issuer is None else told[0])
        return
    for one in made.values():
        typer.echo(one.note, nl=False)
