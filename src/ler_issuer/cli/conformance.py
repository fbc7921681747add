"""`ler-issuer serve --conformance`: an open installation for interoperability runs."""

from __future__ import annotations

import json
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer
from pydantic import SecretStr

from ler_issuer.cli import opening, telling
from ler_issuer.cli.opening import CannotStart
from ler_issuer.runtime import LENIENT
from ler_issuer.services import conformance

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.conformance import Station
    from ler_issuer.settings import Settings

WARNING = (
    "This installation is OPEN: whoever reaches it has documents signed, without a key. It is there to be tested with "
    "interoperability suites, and for nothing else."
)


@contextmanager
def installation(chosen: Settings, *, as_json: bool) -> Iterator[Runtime]:
    """Open an installation to everybody, and tell its issuers on stdout: in one line of JSON, then for people.

    Without a database of its own (`LER_DATABASE_URL`) it is a passing one, which is gone afterwards.

    Raises:
        CannotStart: in production, or for the reasons that any installation has.
    """
    if chosen.env == "production":
        raise CannotStart("--conformance opens the installation to everybody, and never starts with LER_ENV=production")
    signal.signal(signal.SIGTERM, _leave)  # so that what is passing is cleared away
    with _database(chosen) as settled:
        rt, stations = conformance.open_to_all(opening.installation(settled, LENIENT), actor=opening.actor())
        try:
            _tell(rt, stations, as_json=as_json)
            yield rt
        finally:
            rt.db.close()


@contextmanager
def _database(chosen: Settings) -> Iterator[Settings]:
    if "database_url" in chosen.model_fields_set:
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="ler-conformance-") as folder:
        passing = {
            "database_url": f"sqlite:///{folder}/conformance.sqlite",
            "passphrase": SecretStr(secrets.token_urlsafe(32)),
        }
        yield chosen.model_copy(update=passing)


def _tell(rt: Runtime, stations: tuple[Station, ...], *, as_json: bool) -> None:
    told = {
        "practice": rt.practice.name,
        "issuers": [one.to_json() for one in stations],
        "default": stations[0].issuer.slug,
        "resolver": f"{rt.base_url}/1.0/identifiers",
    }
    typer.echo(json.dumps(told))
    telling.complaint(WARNING)
    if not as_json:
        typer.echo(f"VC-API at {rt.base_url}, DIDs at {told['resolver']}")
        columns = ("slug", "key", "DID", "cryptosuites")
        telling.table(
            columns, [(one.issuer.slug, one.key_type, one.issuer.did, " ".join(one.cryptosuites)) for one in stations]
        )
    sys.stdout.flush()


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)
