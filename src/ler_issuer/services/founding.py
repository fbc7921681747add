"""Founding an issuer: a tenant with its profile, DID, keys and first API key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ler_issuer.errors import Place, Unacceptable
from ler_issuer.services import keyring
from ler_issuer.services.access import Scope, new_key
from ler_issuer.store import access, issuers, journal, keys
from ler_issuer.store.issuers import Issuer
from ler_issuer.store.journal import Deed
from ler_issuer.vc import PublicKey, web_did

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Url

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Founded:
    """A new issuer and the secret of its first API key, which is shown this once."""

    issuer: Issuer
    api_key: str


@dataclass(frozen=True, slots=True)
class Charter:
    """What is decided when an issuer is founded, and stays so."""

    slug: str
    name: str
    url: Url
    time_zone: str
    did_method: Literal["key", "web"] = "web"
    languages: tuple[str, ...] = ("en",)
    email: str | None = None
    allow_did_key: bool = False


def create_issuer(rt: Runtime, charter: Charter, *, actor: str) -> Founded:
    """Found an issuer: its DID and its public address are fixed from now on.

    Raises:
        Unacceptable: the slug, URL or time zone is not one; or a `did:key` in production without the explicit flag.
        Conflict: the slug is taken.
        KeyLocked: the passphrase is not the one that sealed the keys of the other issuers.
    """
    _check(rt, charter)
    now = rt.now()
    with rt.db.begin() as db:
        keyring.require_passphrase(db, rt)
        issuer_id = rt.new_id()
        key = keyring.new_key(rt, issuer_id, "assertion", now)
        home = f"{rt.base_url}/issuers/{charter.slug}"
        issuer = Issuer(
            id=issuer_id,
            slug=charter.slug,
            name=charter.name,
            url=charter.url,
            did=keyring.did_of(charter.did_method, PublicKey.from_multibase(key.public_multibase), web_did(home)),
            did_method=charter.did_method,
            public_url=rt.base_url,
            time_zone=charter.time_zone,
            languages=list(charter.languages),
            profile={} if charter.email is None else {"email": charter.email},
            hashed_identifier_types=["emailAddress"],
            created_at=now,
        )
        issuers.add(db, issuer)
        keys.add(db, key)
        keys.add(db, keyring.new_key(rt, issuer_id, "log", now))
        api_key, secret = new_key(rt, issuer_id, "first key", Scope, None)
        access.add(db, api_key)
        about = {"did": issuer.did}
        deed = Deed(issuer_id=issuer_id, actor=actor, act="issuer.created", object_id=issuer_id, at=now, data=about)
        journal.audit(db, deed)
    return Founded(issuer, secret)


def list_issuers(rt: Runtime) -> list[Issuer]:
    """Give all issuers of this installation, by slug."""
    with rt.db.read() as db:
        return issuers.everyone(db)


def issuer_named(rt: Runtime, slug: str) -> Issuer:
    """Give the issuer with this slug.

    Raises:
        Missing: there is none.
    """
    with rt.db.read() as db:
        return issuers.by_slug(db, slug)


def _check(rt: Runtime, charter: Charter) -> None:
    problems = []
    if not _SLUG.fullmatch(charter.slug):
        problems.append(Place("/slug", "bad_slug", "lower case letters, digits and hyphens, at most 63"))
    if not re.fullmatch(r"https?://[^\s/]+\S*", charter.url):
        problems.append(Place("/url", "bad_url", "not an absolute http(s) URL"))
    try:
        ZoneInfo(charter.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(Place("/timezone", "bad_timezone", "not an IANA time zone, for example America/Chicago"))
    if charter.did_method == "key" and not rt.development and not charter.allow_did_key:
        problems.append(Place("/did", "did_key_in_production", "did:key cannot rotate; allow it explicitly"))
    if problems:
        raise Unacceptable("the issuer cannot be created: " + "; ".join(p.detail for p in problems), problems=problems)
