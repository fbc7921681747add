"""`ler-issuer keys` and `ler-issuer api-keys`: what signs, and what opens the API."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from ler_issuer.cli import opening, telling
from ler_issuer.cli.telling import AsJson
from ler_issuer.services import access, keyring
from ler_issuer.services.access import Scope
from ler_issuer.vc import PublicKey

if TYPE_CHECKING:
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.store.keys import SigningKey
    from ler_issuer.types import JsonObject

Algorithm = Enum("Algorithm", {name: name for name in keyring.JWT_ALGORITHMS}, type=str)  # type: ignore[misc]  # its names are known when it runs
"""What `--alg` may name."""

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


@app.command()
def add(
    slug: _Issuer,
    *,
    alg: Annotated[Algorithm, typer.Option(help="The algorithm; RS256 is the one that every reader of badges knows.")],
    as_json: AsJson = False,
) -> None:
    """Sign tokens (JWT) with a new key from now on; one that there was is retired, and still published."""
    rt = opening.installation()
    made = keyring.add_jwt_key(rt, slug, alg.value, actor=opening.actor())
    issuer, _ = keyring.list_keys(rt, slug)
    if as_json:
        telling.as_json({"slug": slug, **_shown(issuer, made)})
        return
    typer.echo(f"{slug} signs tokens with a key for {alg.value} from now on.")
    typer.echo(f"published at {keyring.key_url(issuer, made)}")


@app.command("add-sd")
def add_sd(slug: _Issuer, *, as_json: AsJson = False) -> None:
    """Sign credentials of which learners show parts with a new key from now on; one that there was is retired."""
    rt = opening.installation()
    made = keyring.add_sd_key(rt, slug, actor=opening.actor())
    issuer, _ = keyring.list_keys(rt, slug)
    if as_json:
        telling.as_json({"slug": slug, **_shown(issuer, made)})
        return
    typer.echo(f"{slug} signs credentials of which parts are shown with {made.public_multibase} from now on.")


@app.command("list")
def list_keys(slug: _Issuer, *, as_json: AsJson = False) -> None:
    """List an issuer's signing keys, retired ones too; their private halves never leave the database."""
    issuer, found = keyring.list_keys(opening.installation(), slug)
    shown = [_shown(issuer, key) for key in found]
    if as_json:
        telling.as_json(shown)
        return
    columns = ("key_id", "purpose", "alg", "valid_from", "retired_at", "revoked_at", "named")
    telling.table(columns, [tuple(one[column] for column in columns) for one in shown])


def _shown(issuer: Issuer, key: SigningKey) -> JsonObject:
    """Tell of a key what everybody may know."""
    public = PublicKey.from_multibase(key.public_multibase)
    named = keyring.key_url(issuer, key) if key.purpose == "jwt" else keyring.method_id(issuer, key)
    return {
        "key_id": key.id,
        "purpose": key.purpose,
        "alg": public.alg,
        "named": named,
        "thumbprint": public.thumbprint,
        "valid_from": key.valid_from,
        "retired_at": key.retired_at,
        "revoked_at": key.revoked_at,
    }


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
