"""`ler-issuer records`: learners' credentials as one Comprehensive Learner Record."""

from __future__ import annotations

from typing import Annotated

import typer

from ler_issuer.cli import opening
from ler_issuer.cli.telling import Slug
from ler_issuer.services import recording

app = typer.Typer(help="Learner records.", no_args_is_help=True)

_Learner = Annotated[str, typer.Option("--learner", metavar="ID", help="The learner, by id.", show_default=False)]


@app.command()
def issue(
    learner: _Learner,
    issuer: Slug,
    *,
    credential: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="A credential for a selection; may be given several times."),
    ] = None,
) -> None:
    """Issue a learner's record, or give the one that stands when nothing has changed since; the record on stdout."""
    rt = opening.installation()
    chosen = None if credential is None else [one.lower().removeprefix("urn:uuid:") for one in credential]
    issued = recording.issue_record(rt, opening.caller(rt, issuer), learner, chosen)
    typer.echo(issued.record.body, nl=False)


@app.command()
def show(
    learner: _Learner,
    issuer: Slug,
    *,
    partial: Annotated[bool, typer.Option("--partial", help="The newest selection, not the whole record.")] = False,
) -> None:
    """Give a learner's newest record, byte for byte as it was signed."""
    rt = opening.installation()
    typer.echo(recording.current_record(rt, opening.caller(rt, issuer), learner, partial=partial).body, nl=False)
