"""`ler-issuer serve`, `migrate` and `openapi`: the service itself."""

from __future__ import annotations

from typing import Annotated

import typer

from ler_issuer.cli import opening


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8000,
) -> None:
    """Serve the API."""
    from ler_issuer import main  # noqa: PLC0415 - the web framework takes a while to load, which only this needs

    chosen = opening.settings()
    main.serve(opening.installation(chosen), chosen, host=host, port=port)


def migrate() -> None:
    """Bring the database to the newest schema; every other command does so too."""
    opening.installation()
    typer.echo("The database has the newest schema.")


def openapi() -> None:
    """Print the description of the API (OpenAPI, YAML)."""
    from ler_issuer import main  # noqa: PLC0415 - as above

    typer.echo(main.openapi_yaml(), nl=False)
