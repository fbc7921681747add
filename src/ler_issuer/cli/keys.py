"""`ler-issuer keys` and `ler-issuer api-keys`: what signs, and what opens the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from ler_issuer.cli import opening, telling
from ler_issuer.cli.telling import AsJson
from ler_issuer.services import access, keyring
from ler_issuer.services.access import Scope

app = typer.Typer(help="The keys that credentials are signed with.", no_args_is_help=True)
api_app = typer.Typer(help="The keys that clients use the API with.", no_args_is_help=True)

_Issuer = Annotated[str, typer.Argument(metavar="SLUG", help="The issuer, by its slug.")]


@app.command()
def rotate(slug: _Issuer, *, as_json: AsJson = False) -> None:
    """Sign with a new key from now on; what the old one signed still verifies."""
    made = keyring.rotate(opening.installation(), slug, actor=opening.actor())
    if as_json:
        telling.as_json({"slug": slug, "key_id": made.id, "public_key": made.public_multibase})
        return
    typer.echo(f"{slug} signs with {made.public_multibase} from now on.")


@api_app.command("create")
def create_api_key(
    slug: _Issuer,
    *,
    name: Annotated[str, typer.Option(help="What it is for.")] = "API key",
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do; may be given several times. Default: everything.")
    ] = None,
    expires_in_days: Annotated[int | None, typer.Option(min=1, max=36_500, help="Default: never.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make an API key; its secret is shown this once."""
    key, secret = access.create_key(
        opening.installation(),
        slug,
        name=name,
        scopes=scope or Scope,
        actor=opening.actor(),
        lifetime=None if expires_in_days is None else timedelta(days=expires_in_days),
    )
    if as_json:
        telling.as_json(
            {"id": key.id, "name": key.name, "scopes": key.scopes, "expires_at": key.expires_at, "api_key": secret}
        )
        return
    typer.echo(f"API key  {secret}   (shown this once)")
    typer.echo(f"id       {key.id}")


@api_app.command("list")
def list_api_keys(slug: _Issuer, *, as_json: AsJson = False) -> None:
    """List an issuer's API keys, without their secrets."""
    found = access.list_keys(opening.installation(), slug)
    if as_json:
        shown = ("id", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
        telling.as_json([{field: getattr(key, field) for field in shown} for key in found])
        return
    telling.table(
        ("id", "name", "scopes", "expires", "last used", "revoked"),
        [(one.id, one.name, " ".join(one.scopes), one.expires_at, one.last_used_at, one.revoked_at) for one in found],
    )


@api_app.command("revoke")
def revoke_api_key(key_id: Annotated[str, typer.Argument(metavar="ID", help="Of `api-keys list`.")]) -> None:
    """End an API key at once."""
    access.revoke_key(opening.installation(), key_id, actor=opening.actor())
    typer.echo(f"The API key {key_id} is revoked.")
