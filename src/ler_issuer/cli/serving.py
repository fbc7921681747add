"""`ler-issuer serve`, `migrate` and `openapi`: the service itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ler_issuer.cli import conformance, opening
from ler_issuer.cli.opening import CannotStart
from ler_issuer.cli.telling import AsJson

if TYPE_CHECKING:
    from ler_issuer.settings import Settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what to call a host that is all hosts


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8000,
    ssl_certfile: Annotated[Path | None, typer.Option(help="Serve https with this certificate chain (PEM).")] = None,
    ssl_keyfile: Annotated[Path | None, typer.Option(help="The private key of the certificate (PEM).")] = None,
    conforming: Annotated[
        bool,
        typer.Option("--conformance", help="Open to everybody, for interoperability suites; never in production."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Serve the API."""
    from ler_issuer import main  # noqa: PLC0415 - the web framework takes a while to load, which only this needs

    tls = _tls(ssl_certfile, ssl_keyfile)
    chosen = _addressed(opening.settings(), host, port, scheme="http" if tls is None else "https")
    try:
        door = main.listen(host, port)
    except OSError as error:
        raise CannotStart(f"nobody can listen on {host}, port {port}: {error.strerror or error}") from None
    with door:
        if conforming:
            with conformance.installation(chosen, as_json=as_json) as rt:
                main.serve(rt, chosen, door=door, tls=tls)
        else:
            main.serve(opening.installation(chosen), chosen, door=door, tls=tls)


def _tls(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """Give certificate and key when both are named and there.

    Raises:
        CannotStart: one is missing.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise CannotStart("--ssl-certfile and --ssl-keyfile go together")
    for file in (certificate, key):
        if not file.is_file():
            raise CannotStart(f"{file} is not a file")
    return certificate, key


def _addressed(chosen: Settings, host: str, port: int, *, scheme: str) -> Settings:
    """Let the public address follow from where the service listens, unless the settings name it."""
    if "base_url" in chosen.model_fields_set:
        return chosen
    reached = _EVERYWHERE.get(host, host)
    name = f"[{reached}]" if ":" in reached else reached
    return chosen.model_copy(update={"base_url": f"{scheme}://{name}:{port}"})


def migrate() -> None:
    """Bring the database to the newest schema; every other command does so too."""
    opening.installation()
    typer.echo("The database has the newest schema.")


def openapi() -> None:
    """Print the description of the API (OpenAPI, YAML)."""
    from ler_issuer import main  # noqa: PLC0415 - as above

    typer.echo(main.openapi_yaml(), nl=False)
