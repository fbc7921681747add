"""`ler-issuer verify`: judge one credential, with or without an installation, with or without the network."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr

from ler_issuer.cli import files, opening, telling
from ler_issuer.cli.opening import CannotStart
from ler_issuer.cli.telling import AsJson, Ending
from ler_issuer.errors import Malformed, Refusal, TooLarge
from ler_issuer.net import registries
from ler_issuer.net.registries import BadRegistry, RegistryEntry
from ler_issuer.services import receiving, verifying
from ler_issuer.services.verifying import MOST_PARTS, Aid
from ler_issuer.types import Did, Json
from ler_issuer.vc import Found, Member, Outcome, Report, Verdict, shown

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime

_ENDINGS = {Verdict.ACCEPTED: 0, Verdict.REJECTED: Ending.REFUSED, Verdict.REVIEW: Ending.UNSETTLED}

_MARKS = {
    Outcome.PASS: "ok",
    Outcome.FAIL: "FAIL",
    Outcome.WARNING: "warning",
    Outcome.INDETERMINATE: "open",
    Outcome.SKIPPED: "-",
}


def verify(
    file: Annotated[Path, typer.Argument(help="The credential, as JSON.", show_default=False)],
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody; what is missing stays open.")] = False,
    did_document: Annotated[
        list[Path] | None, typer.Option(help="A DID or controller document at hand; may be given several times.")
    ] = None,
    status_list: Annotated[
        list[Path] | None, typer.Option(help="A status list credential at hand; may be given several times.")
    ] = None,
    registry: Annotated[
        list[Path] | None, typer.Option(help="A list of issuers that you know; may be given several times.")
    ] = None,
    part: Annotated[
        list[Path] | None,
        typer.Option(help="A credential that this one rests on, to derive it again; may be given several times."),
    ] = None,
    rule: Annotated[
        list[Path] | None, typer.Option(help="The text of a stacking rule at hand; may be given several times.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify a credential: exit code 0 accepted, 1 rejected, 2 for a person to review or could not be checked."""
    try:
        text = files.read_bytes(file)
        material = dict(_named(path) for path in [*(did_document or ()), *(status_list or ()), *(rule or ())])
        aid = Aid(material, _known(registry or ()), parts=_parts(part or ()), offline=offline)
        report = _judged(text, aid)
    except Refusal as refused:
        telling.refusal(refused)
        raise typer.Exit(Ending.UNSETTLED) from None
    except (CannotStart, BadRegistry) as error:
        telling.complaint(str(error))
        raise typer.Exit(Ending.UNSETTLED) from None
    if as_json:
        telling.as_json(report.to_json())
    else:
        _tell(report)
    raise typer.Exit(_ENDINGS[report.verdict])


def _judged(text: bytes, aid: Aid) -> Report:
    with _installation() as rt:
        received = receiving.read(rt, text)
        return received if isinstance(received, Report) else verifying.verify(rt, received.document, aid)


def _named(path: Path) -> tuple[str, Found]:
    """Give a document that was brought along under the name that it has."""
    document = files.read_json(path)
    name = document.get("id") if isinstance(document, dict) else None
    if not isinstance(name, str):
        raise Malformed(f'{path} has no "id" by which it could be found')
    return name, Found(document)


def _parts(paths: Sequence[Path]) -> list[Json]:
    if len(paths) > MOST_PARTS:
        raise TooLarge(f"at most {MOST_PARTS} parts may be given")
    return [files.read_json(path) for path in paths]


def _known(lists: Sequence[Path]) -> dict[Did, RegistryEntry]:
    return {did: entry for path in lists for did, entry in registries.load(path).items()}


@contextmanager
def _installation() -> Iterator[Runtime]:
    """Open the installation that is here; where there is none, an empty one that is gone afterwards.

    Verifying leaves nothing behind: neither a database nor a passphrase.
    """
    chosen = opening.settings()
    if chosen.database_file is None or chosen.database_file.exists():
        yield opening.installation(chosen)
        return
    with tempfile.TemporaryDirectory(prefix="ler-issuer-") as folder:
        passing = {
            "database_url": f"sqlite:///{folder}/empty.sqlite",
            "passphrase": SecretStr(secrets.token_urlsafe(32)),
        }
        rt = opening.installation(chosen.model_copy(update=passing))
        yield rt
        rt.db.close()


def _tell(report: Report) -> None:
    typer.echo(f"{report.verdict.upper()}: {report.summary}")
    typer.echo(f"issuer    {report.issuer_id or 'none'} (known: {report.known})")
    typer.echo(f"authentic {'yes' if report.authentic else 'no'}, standing {report.standing}")
    telling.table(
        ("check", "outcome", "what was found"),
        [(found.id, _MARKS[found.outcome], found.message) for found in report.checks],
    )
    along = [*report.members, *report.parts]
    if along:
        telling.table(("with it", "verdict", "what was found"), [_line(one) for one in along])


def _line(one: Member) -> tuple[str, str, str]:
    """Tell of a credential that came along; of one that did not verify only what is wrong with it."""
    if one.verified:
        return one.pointer, one.report.verdict, f"{shown(one.name or one.credential_id or '')}. {one.report.summary}"
    return one.pointer, one.report.verdict, one.report.summary
