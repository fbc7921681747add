"""Conformance: an installation set up for interoperability suites, with one issuer for each kind of key.

The issuers are `did:key`, since that is the one kind of DID that the suites resolve themselves. They are founded once;
an installation that is opened again, at another address even, goes on with those it has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ler_issuer.errors import Missing
from ler_issuer.runtime import LENIENT
from ler_issuer.services import founding, keyring
from ler_issuer.services.founding import Charter
from ler_issuer.services.signing import suites_for
from ler_issuer.store import issuers, keys, status

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.founding import AssertionKind
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.types import JsonObject

STATIONS: Final[tuple[tuple[str, AssertionKind], ...]] = (("ed25519", "Ed25519"), ("p256", "P-256"), ("p384", "P-384"))
"""Slug and kind of key of each issuer, the default one first."""


@dataclass(frozen=True, slots=True)
class Station:
    """An issuer that suites may talk to, and the cryptosuites that it signs by, the preferred one first."""

    issuer: Issuer
    key_type: str
    cryptosuites: tuple[str, ...]

    def to_json(self) -> JsonObject:
        """Tell it as `serve --conformance` does."""
        return {
            "slug": self.issuer.slug,
            "did": self.issuer.did,
            "key_type": self.key_type,
            "cryptosuites": list(self.cryptosuites),
        }


def open_to_all(rt: Runtime, *, actor: str) -> tuple[Runtime, tuple[Station, ...]]:
    """Open an installation to everybody, with an issuer of each kind; the first is the one that bare addresses mean.

    From now on it works by the lenient practice.

    Raises:
        KeyLocked: the passphrase is not the one that sealed the keys of the issuers that are there.
    """
    stations = tuple(_station(rt, slug, kind, actor) for slug, kind in STATIONS)
    return replace(rt, practice=replace(LENIENT, open_as=stations[0].issuer.slug)), stations


def _station(rt: Runtime, slug: str, kind: AssertionKind, actor: str) -> Station:
    try:
        issuer = founding.issuer_named(rt, slug)
    except Missing:
        charter = Charter(
            slug=slug,
            name=f"Conformance ({kind})",
            url="https://example.org/",
            time_zone="UTC",
            did_method="key",
            key_kind=kind,
        )
        issuer = founding.create_issuer(rt, charter, actor=actor).issuer
    if issuer.public_url != rt.base_url:
        issuer = _moved(rt, issuer)
    with rt.db.read() as db:
        kept = keys.in_use(db, issuer.id, "assertion").kind
    return Station(issuer, kept, suites_for(kept, openly=True))


def _moved(rt: Runtime, issuer: Issuer) -> Issuer:
    """Give out places in lists at the address of today; lists at the old one take no more credentials."""
    with rt.db.begin() as db:
        keyring.require_passphrase(db, rt)
        issuers.move(db, issuer.id, rt.base_url)
        status.close_all(db, issuer.id, rt.now())
    return replace(issuer, public_url=rt.base_url)
