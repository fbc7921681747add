"""Who may do what: API keys, their scopes, and the caller that every use case is told about."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from ler_issuer.errors import Denied, Missing, SignInFirst, Unacceptable, Unavailable
from ler_issuer.store import access, issuers, journal
from ler_issuer.store.access import ApiKey
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ler_issuer.runtime import Runtime

PREFIX = "ler_"
"""What an API key starts with, so that scanners for leaked secrets can tell what it is."""

USE_IS_NOTED_EVERY = timedelta(minutes=1)
"""How exact `last_used_at` is; noting every single use would make each reading request write."""


class Scope(StrEnum):
    """What an API key may do."""

    RESULTS_WRITE = "results:write"
    ACHIEVEMENTS_READ = "achievements:read"
    ACHIEVEMENTS_WRITE = "achievements:write"
    RULES_READ = "rules:read"
    RULES_WRITE = "rules:write"
    CREDENTIALS_READ = "credentials:read"
    CREDENTIALS_ISSUE = "credentials:issue"
    CREDENTIALS_STATUS = "credentials:status"
    CREDENTIALS_SHARE = "credentials:share"
    LEARNERS_WRITE = "learners:write"
    RECORDS_WRITE = "records:write"
    EVENTS_READ = "events:read"
    REPORTS_READ = "reports:read"


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The `Idempotency-Key` that a request came with, and the digest of the request."""

    key: str
    request_digest: str


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a use case runs: one issuer, and an actor (`key:<id>` or `cli:<user>`) for the audit trail."""

    issuer_id: str
    actor: str
    scopes: frozenset[str] = frozenset(Scope)
    idempotency: Idempotency | None = None

    def require(self, scope: Scope) -> None:
        """Refuse a caller whose key lacks a scope.

        Raises:
            Denied: it does.
        """
        if scope not in self.scopes:
            raise Denied(f"this API key lacks the scope {scope.value}")


def authenticate(rt: Runtime, secret: str) -> Caller:
    """Tell whose API key this is.

    Raises:
        SignInFirst: nobody's, or it is expired or revoked.
    """
    with rt.db.read() as db:
        key = access.by_secret_hash(db, _hash(secret))
    return _caller(rt, key)


def caller_of(rt: Runtime, key_id: str) -> Caller:
    """Tell on whose behalf somebody comes who has proved to come from the holder of an API key.

    Raises:
        SignInFirst: there is no such key any more, or it is expired or revoked.
    """
    with rt.db.read() as db:
        key = access.by_id(db, key_id)
    return _caller(rt, key)


def _caller(rt: Runtime, key: ApiKey | None) -> Caller:
    now = rt.now()
    if key is None:
        raise SignInFirst("the API key is not known here")
    if key.revoked_at is not None:
        raise SignInFirst("the API key was revoked")
    if key.expires_at is not None and key.expires_at <= now:
        raise SignInFirst("the API key has expired")
    if key.last_used_at is None or now - key.last_used_at >= USE_IS_NOTED_EVERY:
        with suppress(Unavailable):  # a full disk stops nobody from reading
            _note_use(rt, key, now)
    return Caller(key.issuer_id, f"key:{key.id}", frozenset(key.scopes))


def act_for(rt: Runtime, caller: Caller, slug: str) -> Caller:
    """Let a caller act for the issuer with this slug, which has to be the caller's own.

    Raises:
        Missing: no such issuer, or another one than the caller's.
    """
    with rt.db.read() as db:
        issuer = issuers.find(db, slug)
    if issuer is None or issuer.id != caller.issuer_id:
        raise Missing("there is no such issuer, or it is not the one that you may act for")
    return caller


def anybody(rt: Runtime, slug: str | None) -> Caller:
    """Give whoever comes without a name to an installation that is open to everybody: for the issuer with this slug.

    Raises:
        SignInFirst: the installation is not open.
        Missing: no such issuer.
    """
    if rt.practice.open_as is None:
        raise SignInFirst("send an API key or an access token: Authorization: Bearer …")
    with rt.db.read() as db:
        issuer = issuers.by_slug(db, slug or rt.practice.open_as)
    return Caller(issuer.id, "open:vc-api", frozenset({Scope.CREDENTIALS_ISSUE, Scope.CREDENTIALS_STATUS}))


def _note_use(rt: Runtime, key: ApiKey, now: datetime) -> None:
    with rt.db.begin() as db:
        access.used(db, key.id, now)


def create_key(
    rt: Runtime, slug: str, *, name: str, scopes: Iterable[str], actor: str, lifetime: timedelta | None = None
) -> tuple[ApiKey, str]:
    """Make an API key for an issuer; give it with its secret, which is shown this once and kept nowhere.

    Raises:
        Missing: no such issuer.
        Unacceptable: a scope that does not exist.
    """
    with rt.db.begin() as db:
        issuer = issuers.by_slug(db, slug)
        key, secret = new_key(rt, issuer.id, name, scopes, lifetime)
        access.add(db, key)
        deed = Deed(
            issuer_id=issuer.id,
            actor=actor,
            act="api_key.created",
            object_id=key.id,
            at=key.created_at,
            data={"scopes": key.scopes},
        )
        journal.audit(db, deed)
    return key, secret


def new_key(
    rt: Runtime, issuer_id: str, name: str, scopes: Iterable[str], lifetime: timedelta | None
) -> tuple[ApiKey, str]:
    """Compose a new API key and its secret; the caller keeps it."""
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in set(Scope):
            raise Unacceptable(f"there is no scope {scope!r}; there are {', '.join(Scope)}")
    now = rt.now()
    secret = PREFIX + base64.urlsafe_b64encode(rt.random(32)).decode().rstrip("=")
    expires = None if lifetime is None else now + lifetime
    return ApiKey(rt.new_id(), issuer_id, name, _hash(secret), wanted, now, expires, None, None), secret


def list_keys(rt: Runtime, slug: str) -> list[ApiKey]:
    """Give an issuer's API keys, without secrets.

    Raises:
        Missing: no such issuer.
    """
    with rt.db.read() as db:
        return access.of_issuer(db, issuers.by_slug(db, slug).id)


def revoke_key(rt: Runtime, key_id: str, *, actor: str) -> None:
    """End an API key at once.

    Raises:
        Missing: no such key.
    """
    now = rt.now()
    with rt.db.begin() as db:
        key = access.revoke(db, key_id, now)
        deed = Deed(issuer_id=key.issuer_id, actor=actor, act="api_key.revoked", object_id=key.id, at=now)
        journal.audit(db, deed)


def _hash(secret: str) -> str:
    """Give the digest that stands for a secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
