"""`ler-issuer verify` and `check-report`: judge one credential, with or without an installation or the network."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr

from ler_issuer import jsontext, yamltext
from ler_issuer.cli import files, opening, telling
from ler_issuer.cli.opening import CannotStart
from ler_issuer.cli.telling import AsJson, Ending
from ler_issuer.errors import Malformed, Place, Refusal, TooLarge
from ler_issuer.net import registries
from ler_issuer.net.registries import BadRegistry, RegistryEntry
from ler_issuer.services import answering, attesting
from ler_issuer.services.answering import Answer, Manner, Wanted
from ler_issuer.services.verifying import MOST_PARTS, Aid
from ler_issuer.types import Did, Json
from ler_issuer.vc import BadStatement, Found, Member, Outcome, Verdict, instant, read_statement, shown

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
    file: Annotated[
        Path, typer.Argument(help="The credential: JSON, a JWT, or a PNG or SVG that carries one.", show_default=False)
    ],
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody; what is missing stays open.")] = False,
    did_document: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[URL=]FILE",
            help="A DID or controller document, key or key set at hand; may be given several times.",
        ),
    ] = None,
    status_list: Annotated[
        list[str] | None,
        typer.Option(metavar="[URL=]FILE", help="A status list credential at hand; may be given several times."),
    ] = None,
    registry: Annotated[
        list[Path] | None, typer.Option(help="A list of issuers that you know; may be given several times.")
    ] = None,
    part: Annotated[
        list[Path] | None,
        typer.Option(help="A credential that this one rests on, to derive it again; may be given several times."),
    ] = None,
    rule: Annotated[
        list[str] | None, typer.Option(help="The text of a stacking rule at hand; may be given several times.")
    ] = None,
    policy: Annotated[
        str, typer.Option(help="The name of a policy, or a file with one, as YAML or JSON.")
    ] = "standard",
    as_of: Annotated[
        str | None, typer.Option(help="Judge as of a past instant, for example 2026-05-01T00:00Z.")
    ] = None,
    expect: Annotated[
        list[str] | None,
        typer.Option(help="Whom it should be about: an e-mail address, another identifier, or a DID."),
    ] = None,
    language: Annotated[str, typer.Option(help="Of the report: en or es.")] = "en",
    signed: Annotated[bool, typer.Option("--signed", help="Print the report as a signed statement.")] = False,
    as_json: AsJson = False,
) -> None:
    """Verify a credential: exit code 0 accepted, 1 rejected, 2 for a person to review or could not be checked."""
    try:
        material = dict(_named(path) for path in [*(did_document or ()), *(status_list or ()), *(rule or ())])
        aid = Aid(material, _known(registry or ()), offline=offline)
        wanted = Wanted(file=files.read_bytes(file), parts=_parts(part or ()), expect=answering.expected(_who(expect)))
        manner = Manner(policy=_policy(policy), as_of=_moment(as_of), language=language)
        with _installation(passing=not signed) as rt:
            found = answering.answer(rt, [wanted], manner, aid)[0]
            body = found.to_json(rt, signed=signed)
    except Refusal as refused:
        telling.refusal(refused)
        raise typer.Exit(Ending.UNSETTLED) from None
    except (CannotStart, BadRegistry) as error:
        telling.complaint(str(error))
        raise typer.Exit(Ending.UNSETTLED) from None
    if as_json:
        telling.as_json(body)
    elif signed:
        typer.echo(body["signed_report"])
    else:
        _tell(found)
    raise typer.Exit(_ENDINGS[found.report.verdict])


def check_report(
    file: Annotated[Path, typer.Argument(help="A signed report.", show_default=False)],
    *,
    keys: Annotated[Path, typer.Option(help="The verifier's keys, as its /v1/verify/keys gives them.")],
    credential: Annotated[
        Path | None, typer.Option(help="The file that was judged, to see that the report is about it.")
    ] = None,
) -> None:
    """See that a signed report is what its verifier signed, and print it; asks nobody. Exit code 1 if it is not."""
    try:
        claims = read_statement(files.read_bytes(file).decode("ascii", "replace"), files.read_json(keys))
        if credential is not None:
            _require_about(claims, files.read_bytes(credential))
    except BadStatement as error:
        telling.complaint(str(error))
        raise typer.Exit(Ending.REFUSED) from None
    telling.as_json(claims)


def _require_about(claims: Json, data: bytes) -> None:
    """Refuse a report about something else: the digest is that of the file, or of the JSON in canonical form."""
    digests = {hashlib.sha256(data).hexdigest()}
    with suppress(jsontext.NotJsonError):
        digests.add(jsontext.digest(jsontext.parse(data)))
    if claims.get("input", {}).get("sha256") not in digests:
        raise BadStatement("the report holds, but it is about another file")


def _named(text: str) -> tuple[str, Found]:
    """Give a document that was brought along under the name that it has, or that goes before it: ``URL=FILE``."""
    given, _, rest = text.partition("=") if text.startswith(("https://", "http://", "did:")) else ("", "", text)
    path = Path(rest)
    document = files.read_json(path)
    name = given or (document.get("id") if isinstance(document, dict) else None)
    if not isinstance(name, str):
        raise Malformed(f'{path} has no "id" by which it could be found; write ADDRESS={path}')
    return name, Found(document)


def _parts(paths: Sequence[Path]) -> list[Json]:
    if len(paths) > MOST_PARTS:
        raise TooLarge(f"at most {MOST_PARTS} parts may be given")
    return [files.read_json(path) for path in paths]


def _known(lists: Sequence[Path]) -> dict[Did, RegistryEntry]:
    """Give the issuers of the lists; one that stands in several is told by the first of them."""
    return {did: entry for path in reversed(lists) for did, entry in registries.load(path).items()}


def _who(expect: Sequence[str] | None) -> Json:
    if not expect:
        return None
    dids = [one for one in expect if one.startswith("did:")]
    if len(dids) > 1:
        raise Malformed("one DID can be expected at most", problems=[Place("/expect", "too_many", "one DID at most")])
    named = [one for one in expect if not one.startswith("did:")]
    return {"identifiers": named} | ({"did": dids[0]} if dids else {}) if named else {"did": dids[0]}


def _policy(named: str) -> Json:
    """Read a policy from a file, if there is one of that name."""
    path = Path(named)
    if not path.is_file():
        return named
    try:
        return yamltext.parse(files.read_bytes(path).decode("utf-8", "replace"))
    except yamltext.NotYamlError as error:
        raise Malformed(f"{path}: {error}") from None


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    at = instant(text)
    if at is None:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = None
    if at is None or at.tzinfo is None:
        wrong = Place("/as_of", "not_an_instant", "write it like 2026-05-01T00:00:00Z")
        raise Malformed(f"{text!r} is not an instant with a time zone", problems=[wrong])
    return at


@contextmanager
def _installation(*, passing: bool) -> Iterator[Runtime]:
    """Open the installation that is here; where there is none, and a passing one will do, one that is gone afterwards.

    Verifying leaves nothing behind: neither a database nor a passphrase.

    Raises:
        CannotStart: there is none, and a passing one will not do.
    """
    chosen = opening.settings()
    if chosen.database_file is None or chosen.database_file.exists():
        yield opening.installation(chosen)
        return
    if not passing:
        raise CannotStart("there is no installation here whose key could sign a report; `ler-issuer migrate` makes one")
    with tempfile.TemporaryDirectory(prefix="ler-issuer-") as folder:
        settled = {
            "database_url": f"sqlite:///{folder}/empty.sqlite",
            "passphrase": SecretStr(secrets.token_urlsafe(32)),
        }
        rt = opening.installation(chosen.model_copy(update=settled))
        yield rt
        rt.db.close()


def _tell(found: Answer) -> None:
    report, words = found.report, found.words
    typer.echo(f"{report.verdict.upper()}: {report.summary_in(words)}")
    typer.echo(f"issuer    {report.issuer_id or 'none'} (known: {report.known})")
    for listing in report.listings:
        typer.echo(f"          {listing.name}, says {listing.registry}")
    typer.echo(f"authentic {'yes' if report.authentic else 'no'}, standing {report.standing}")
    telling.table(
        ("check", "outcome", "what was found"),
        [(one.id, _MARKS[one.outcome], one.message_in(words)) for one in report.checks],
    )
    along = [*report.members, *report.endorsements, *report.parts]
    if along:
        telling.table(("with it", "verdict", "what was found"), [_line(one, found) for one in along])


def _line(one: Member, found: Answer) -> tuple[str, str, str]:
    """Tell of a credential that came along; of one that did not verify only what is wrong with it."""
    told = one.report.summary_in(found.words)
    if one.verified:
        return one.pointer, one.report.verdict, f"{shown(one.name or one.credential_id or '')}. {told}"
    return one.pointer, one.report.verdict, told


def report_keys(
    *,
    rotate: Annotated[bool, typer.Option("--rotate", help="Sign with a new key from now on.")] = False,
) -> None:
    """Print the keys that this installation signs reports with, as a JWK set; the old ones among them."""
    rt = opening.installation()
    if rotate:
        attesting.rotate(rt)
    telling.as_json(attesting.published_keys(rt))
