"""`ler-issuer registries`: whom this installation believes about who an issuer is."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ler_issuer.cli import files, opening, telling
from ler_issuer.cli.telling import AsJson, Ending
from ler_issuer.errors import Refusal
from ler_issuer.services import enlisting, trusting
from ler_issuer.services.trusting import Listed
from ler_issuer.vc import shown, stamp

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.store.registries import Registry

app = typer.Typer(help="The registries that say who an issuer is.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the registry, as reports show it.")]


@app.command()
def add(
    name: _Name,
    *,
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A list of issuers at hand.")] = None,
    url: Annotated[str | None, typer.Option(help="Where a list of issuers is fetched.")] = None,
    federation: Annotated[str | None, typer.Option(help="The trust anchor of an OpenID Federation.")] = None,
    anchor_keys: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The anchor's public keys, a JWK Set.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Go by a registry, after those that are there: a list in the DCC's form, or an OpenID Federation."""
    if [file, url, federation].count(None) != 2 or (federation is None) != (anchor_keys is None):  # noqa: PLR2004 - one
        raise typer.BadParameter("give one of --file, --url, or --federation with --anchor-keys")
    rt, actor = opening.installation(), opening.actor()
    if file is not None:
        made = enlisting.add_file(rt, name, files.read_bytes(file), str(file.resolve()), actor=actor)
    elif url is not None:
        made = enlisting.add_list(rt, name, url, actor=actor)
    else:
        keys = files.read_json(anchor_keys) if anchor_keys is not None else None
        made = enlisting.add_federation(rt, name, federation or "", keys, actor=actor)
    if as_json:
        telling.as_json(_shown(made))
        return
    typer.echo(f"{made.name} is one of the registries from now on.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A list of registries.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Go by the registries of a list in the form of the DCC's; exit code 2 when some were left out."""
    came = enlisting.import_known(opening.installation(), files.read_bytes(file), str(file), actor=opening.actor())
    if as_json:
        telling.as_json([asdict(one) for one in came])
    else:
        telling.table(("name", "kind", "left out"), [(one.name, one.kind, one.left_out) for one in came])
    if any(one.left_out for one in came):
        raise typer.Exit(Ending.UNSETTLED)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the registries; the first goes before the others."""
    found = enlisting.list_all(opening.installation())
    if as_json:
        telling.as_json([_shown(row) for row in found])
        return
    telling.table(
        ("name", "kind", "where", "had"), [(row.name, row.kind, row.location, _time(row.fetched_at)) for row in found]
    )


@app.command()
def refresh(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Default: all of them.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Fetch registries now, and read files again; exit code 2 when one could not be had and its old copy stays."""
    rt = opening.installation()
    rows = enlisting.list_all(rt) if name is None else [enlisting.named(rt, name)]
    failed = enlisting.renew(rt, rows) | _read_again(rt, [row for row in rows if row.kind == "file"])
    if as_json:
        told = [{"name": row.name, "renewed": row.name not in failed, "why": failed.get(row.name)} for row in rows]
        telling.as_json(told)
    else:
        telling.table(("name", "what came of it"), [(row.name, failed.get(row.name, "renewed")) for row in rows])
    if failed:
        raise typer.Exit(Ending.UNSETTLED)


def _read_again(rt: Runtime, rows: list[Registry]) -> dict[str, str]:
    failed: dict[str, str] = {}
    for row in rows:
        try:
            enlisting.renew_file(rt, row, files.read_bytes(Path(row.location)))
        except Refusal as refused:
            failed[row.name] = refused.detail
    return failed


@app.command()
def remove(name: _Name) -> None:
    """Go by a registry no longer."""
    enlisting.remove(opening.installation(), name, actor=opening.actor())
    typer.echo(f"{name} is no registry of this installation any more.")


@app.command()
def check(
    did: Annotated[str, typer.Argument(metavar="DID", help="Of an issuer.")],
    *,
    registry: Annotated[list[str] | None, typer.Option(help="Ask only this one; may be given several times.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody; go by what is kept.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say where an issuer is listed: exit code 0 somewhere, 1 nowhere, 2 nowhere but not all could be asked."""
    found = trusting.look_up(opening.installation(), [did], names=registry, offline=offline)[did]
    if as_json:
        listed, unchecked = [one.to_json() for one in found.listed], [one.to_json() for one in found.unchecked]
        telling.as_json({"did": did, "listed": listed, "unchecked": unchecked})
    else:
        known = [(one.registry, shown(one.name), f"{stamp(one.checked_at)}{_age(one)}") for one in found.listed]
        missing = [(one.registry, None, f"could not be asked: {shown(one.why)}") for one in found.unchecked]
        telling.table(("registry", "name there", "as of"), [*known, *missing])
    if not found.listed:
        raise typer.Exit(Ending.UNSETTLED if found.unchecked else Ending.REFUSED)


def _shown(row: Registry) -> dict[str, object]:
    return {"name": row.name, "kind": row.kind, "location": row.location, "fetched_at": row.fetched_at}


def _age(one: Listed) -> str:
    return " (an old copy)" if one.stale else ""


def _time(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)
