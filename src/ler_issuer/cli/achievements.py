"""`ler-issuer achievements`: publish a file of achievements, list what is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from ler_issuer.badges.reading import read_definitions
from ler_issuer.cli import files, opening, telling
from ler_issuer.cli.files import GivenFile
from ler_issuer.cli.telling import AsJson, Slug
from ler_issuer.services import catalog

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.services.catalog import Entry
    from ler_issuer.types import JsonObject

app = typer.Typer(help="What can be earned.", no_args_is_help=True)

_PAGE = 200


@app.command()
def publish(file: GivenFile, *, issuer: Slug, as_json: AsJson = False) -> None:
    """Publish the achievements of a YAML or JSON file, all or none; what stands published already is left alone."""
    wanted = read_definitions(files.read_declaration(file), lambda name: files.read_bytes(files.beside(file, name)))
    rt = opening.installation()
    _tell(catalog.publish_file(rt, opening.caller(rt, issuer), wanted), as_json=as_json)


@app.command("list")
def list_(*, issuer: Slug, as_json: AsJson = False) -> None:
    """List the newest version of each achievement."""
    rt = opening.installation()
    _tell(list(_all_entries(rt, opening.caller(rt, issuer))), as_json=as_json)


def _all_entries(rt: Runtime, caller: Caller) -> Iterator[Entry]:
    after = None
    while page := catalog.list_entries(rt, caller, after=after, limit=_PAGE):
        yield from page
        after = page[-1].key


def _tell(entries: list[Entry], *, as_json: bool) -> None:
    if as_json:
        telling.as_json([_said(entry) for entry in entries])
        return
    telling.table(
        ("key", "name", "version", "state", "address"),
        [(one.key, one.definition.name, one.version, one.state, one.uri) for one in entries],
    )


def _said(entry: Entry) -> JsonObject:
    return {
        "id": entry.id,
        "key": entry.key,
        "name": entry.definition.name,
        "uri": entry.uri,
        "version": entry.version,
        "state": entry.state,
    }
