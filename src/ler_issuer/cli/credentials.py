"""`ler-issuer credentials` and `ler-issuer awards`: what happens to credentials after, and before, they are out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ler_issuer.cli import opening
from ler_issuer.errors import Malformed
from ler_issuer.services import reading, releasing, revoking
from ler_issuer.services.access import Caller
from ler_issuer.services.marking import REASON_CODE, Reason

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime

app = typer.Typer(help="Credentials that are out.", no_args_is_help=True)
awards_app = typer.Typer(help="Awards that wait.", no_args_is_help=True)

_Credential = Annotated[str, typer.Argument(metavar="ID", help="The credential: a UUID, or urn:uuid: and the UUID.")]
_Code = Annotated[
    str, typer.Option("--reason", metavar="CODE", help="Why: a short code, which may be shown, or private words.")
]
_Note = Annotated[str | None, typer.Option(help="Why, in private words; kept, never shown.")]


@app.command()
def revoke(credential_id: _Credential, *, reason: _Code, note: _Note = None) -> None:
    """Revoke a credential for good."""
    typer.echo(f"{_act(revoking.revoke, credential_id, _reason(reason, note))} is revoked.")


@app.command()
def suspend(credential_id: _Credential, *, reason: _Code, note: _Note = None) -> None:
    """Suspend a credential until it is reinstated or revoked."""
    typer.echo(f"{_act(revoking.suspend, credential_id, _reason(reason, note))} is suspended.")


@app.command()
def reinstate(credential_id: _Credential, *, reason: _Code, note: _Note = None) -> None:
    """Let a suspended credential stand again."""
    typer.echo(f"{_act(revoking.reinstate, credential_id, _reason(reason, note))} stands again.")


def _reason(said: str, note: str | None) -> Reason:
    """Take a code as a code; anything else is words, which stay private under the code `other`."""
    if not said.strip():
        raise Malformed("an empty --reason is none")
    if re.fullmatch(REASON_CODE, said):
        return Reason(said, note)
    return Reason("other", said if note is None else f"{said}\n{note}")


def _act(act: Callable[[Runtime, Caller, str, Reason], str], credential_id: str, reason: Reason) -> str:
    rt = opening.installation()
    return act(rt, Caller(reading.issuer_of(rt, credential_id), opening.actor()), credential_id, reason)


@awards_app.command()
def release() -> None:
    """Issue the awards whose embargo has ended."""
    released = releasing.release_due(opening.installation(), actor=opening.actor())
    typer.echo(f"{released} awards were released.")
