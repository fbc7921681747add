"""Reading: credentials as their issuer sees them, and the events that a client follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.services.paging import read_cursor, write_cursor
from ler_issuer.store import achievements, awards, credentials, journal, status

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.journal import Event
    from ler_issuer.types import JsonObject

Filter = credentials.Filter


@dataclass(frozen=True, slots=True)
class Shown:
    """A credential in a list: what it is found by, never who it is about."""

    id: str
    award_id: str
    learner_id: str
    achievement_id: str
    import_id: str | None
    replaces_id: str | None
    standing: str
    valid_from: datetime
    valid_until: datetime | None
    created_at: datetime
    updated_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Act:
    """One act in the history of a credential's status, without the private note."""

    act: str
    reason_code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A credential with its document, why it was awarded, and what happened to it since."""

    shown: Shown
    document: JsonObject
    trace: JsonObject
    history: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list, and where to go on; None when this is the end."""

    items: tuple[Shown, ...]
    next_cursor: str | None


def list_credentials(rt: Runtime, caller: Caller, wanted: Filter, *, cursor: str | None, limit: int) -> Page:
    """Give the issuer's credentials that fit, oldest first; with `updated_since`, by their last change.

    Raises:
        Malformed: the cursor is not one of ours.
    """
    now = rt.now()
    after = None if cursor is None else read_cursor(cursor)
    with rt.db.read() as db:
        wanted = _with_achievement(db, caller, wanted)
        found = credentials.find(db, caller.issuer_id, wanted, now=now, after=after, limit=limit + 1)
    page = found[:limit]
    more = len(found) > limit
    by_change = wanted.updated_since is not None
    last = page[-1] if page else None
    following = None
    if more and last is not None:
        following = write_cursor(last.updated_at if by_change else last.created_at, last.id)
    return Page(tuple(_shown(one, now) for one in page), following)


def _with_achievement(db: Db, caller: Caller, wanted: Filter) -> Filter:
    """Take the achievement by its key or URL as well as by its id."""
    if wanted.achievement_id is None:
        return wanted
    found = achievements.named(db, caller.issuer_id, wanted.achievement_id)
    return wanted if found is None else replace(wanted, achievement_id=found.id)


def get_credential(rt: Runtime, caller: Caller, credential_id: str) -> Opened:
    """Give one credential with its document, the trace of its award and its history.

    Raises:
        Missing: no such credential of the caller's issuer.
    """
    now = rt.now()
    with rt.db.read() as db:
        found = credentials.owned_by(db, credential_id, caller.issuer_id)
        trace = awards.decision(db, found.decision_id).trace
        acts = tuple(Act(one.act, one.reason_code, one.at) for one in status.history(db, found.id))
    return Opened(_shown(found, now), jsontext.parse(found.body), trace, acts)


def issuer_of(rt: Runtime, credential_id: str) -> str:
    """Give the id of a credential's issuer, for those who act for every issuer of the installation.

    Raises:
        Missing: no such credential.
    """
    with rt.db.read() as db:
        return credentials.get(db, credential_id).issuer_id


def list_events(rt: Runtime, caller: Caller, *, after: int, limit: int) -> list[Event]:
    """Give the issuer's events with a higher number than `after`, in order; no number is ever added below one given."""
    with rt.db.read() as db:
        return journal.events(db, caller.issuer_id, after=after, limit=limit)


def standing(credential: Credential, now: datetime) -> str:
    """Give the standing of one of our credentials at `now`."""
    if credential.state != "current":
        return credential.state
    if credential.valid_until is not None and credential.valid_until < now:
        return "expired"
    return "not_yet_valid" if credential.valid_from > now else "current"


def _shown(one: Credential, now: datetime) -> Shown:
    return Shown(
        id=one.id,
        award_id=one.award_id,
        learner_id=one.learner_id,
        achievement_id=one.achievement_id,
        import_id=one.import_id,
        replaces_id=one.replaces_id,
        standing=standing(one, now),
        valid_from=one.valid_from,
        valid_until=one.valid_until,
        created_at=one.created_at,
        updated_at=one.updated_at,
        digest=one.digest,
    )
