"""`ler-issuer issuers`: found an issuer, list them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from ler_issuer.cli import opening, telling
from ler_issuer.cli.telling import AsJson
from ler_issuer.services import founding

app = typer.Typer(help="The organisations that credentials are issued for.", no_args_is_help=True)


@app.command()
def create(
    slug: Annotated[str, typer.Argument(help="Its name in addresses: lower case letters, digits, hyphens.")],
    *,
    name: Annotated[str, typer.Option(help="Its name, as credentials show it.")],
    url: Annotated[str, typer.Option(help="Its own website.")],
    timezone: Annotated[str, typer.Option(help="IANA time zone of its dates, for example America/Chicago.")],
    did: Annotated[Literal["key", "web"], typer.Option(help="web can rotate its keys; key cannot.")] = "web",
    email: Annotated[str | None, typer.Option(help="Where recipients can write to.")] = None,
    identifier: Annotated[
        list[str] | None,
        typer.Option(help="Type of learner identifier that may stand, hashed, in credentials; the first is preferred."),
    ] = None,
    allow_did_key: Annotated[bool, typer.Option("--allow-did-key", help="Accept did:key in production.")] = False,
    as_json: AsJson = False,
) -> None:
    """Found an issuer: its DID, its keys, and a first API key, which is shown this once."""
    charter = founding.charter(
        slug=slug,
        name=name,
        url=url,
        time_zone=timezone,
        did_method=did,
        email=email,
        hashed_identifiers=identifier or ["emailAddress"],
        allow_did_key=allow_did_key,
    )
    founded = founding.create_issuer(opening.installation(), charter, actor=opening.actor())
    issuer = founded.issuer
    if as_json:
        telling.as_json({"slug": issuer.slug, "did": issuer.did, "issuer_id": issuer.did, "api_key": founded.api_key})
        return
    typer.echo(f"{issuer.name} ({issuer.slug}) is founded.")
    typer.echo(f"DID      {issuer.did}")
    typer.echo(f"API key  {founded.api_key}   (shown this once)")


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List all issuers."""
    found = founding.list_issuers(opening.installation())
    if as_json:
        telling.as_json([{"slug": one.slug, "name": one.name, "did": one.did, "url": one.url} for one in found])
        return
    telling.table(("slug", "name", "DID"), [(one.slug, one.name, one.did) for one in found])
