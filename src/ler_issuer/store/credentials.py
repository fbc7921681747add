"""Credentials: the exact bytes that were signed, and a few columns to find them by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import learners, tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import Statement, columns, given, listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Credential:
    """One signed document, `body` being its exact bytes; `state`: `current`, `suspended`, `revoked` or `superseded`."""

    id: str
    issuer_id: str
    award_id: str
    decision_id: str
    learner_id: str
    achievement_id: str
    achievement_version_id: str
    signing_key_id: str
    replaces_id: str | None
    import_id: str | None
    format: str
    subject_binding: str
    state: str
    valid_from: datetime
    valid_until: datetime | None
    created_at: datetime
    updated_at: datetime
    body: bytes
    digest: str
    log_salt: bytes


@dataclass(frozen=True, slots=True)
class Filter:
    """Which credentials a reader asks for; None asks for all. A learner stands for the whole person."""

    learner_id: str | None = None
    achievement_id: str | None = None
    import_id: str | None = None
    standing: str | None = None
    updated_since: datetime | None = None


_CREDENTIAL = sa.select(*columns(tables.credential, Credential))
_ROW = tables.credential.c
_BY_ID = Statement(_CREDENTIAL.where(_ROW.id == given("credential_id")))
_HAS = Statement(sa.select(_ROW.id).where(_ROW.id == given("credential_id")))
_STANDING = Statement(
    _CREDENTIAL.where(_ROW.award_id == given("award_id"), _ROW.state.in_(("current", "suspended"))).order_by(
        _ROW.created_at.desc()
    )
)
_OF_LEARNERS = Statement(
    _CREDENTIAL.where(_ROW.learner_id.in_(listed("learner_ids"))).order_by(_ROW.created_at, _ROW.id)
)


def add(db: Db, credential: Credential) -> None:
    """Keep a signed credential."""
    show_that_we_issue(db)
    db.append(tables.credential, credential)


def show_that_we_issue(db: Db) -> None:
    """Make whoever publishes a rule wait for this transaction, whose credentials are written as late as can be.

    It has to come before this transaction reads the rules, whose answer it keeps; see `stacking.let_none_be_issued`.
    """
    db.once("issues credentials", lambda: _lock_to_issue(db))


def _lock_to_issue(db: Db) -> None:
    if not db.is_sqlite:
        db.run(sa.text("LOCK TABLE credential IN ROW EXCLUSIVE MODE"))


def get(db: Db, credential_id: str) -> Credential:
    """Give a credential by id (a UUID, or `urn:uuid:` and the UUID).

    Raises:
        Missing: there is none.
    """
    wanted = credential_id.removeprefix("urn:uuid:")
    found = db.first(Credential, _BY_ID, credential_id=wanted)
    if found is None:
        raise Missing("no such credential")
    return found


def has(db: Db, credential_id: str) -> bool:
    """Say whether there is a credential of this id (a UUID, or `urn:uuid:` and the UUID)."""
    wanted = credential_id.removeprefix("urn:uuid:")
    if not wanted.isprintable():  # a database takes not every character that JSON does
        return False
    return db.scalar(_HAS, credential_id=wanted) is not None


def owned_by(db: Db, credential_id: str, issuer_id: str) -> Credential:
    """Give a credential of this issuer.

    Raises:
        Missing: there is none, or it is another issuer's.
    """
    found = get(db, credential_id)
    if found.issuer_id != issuer_id:
        raise Missing("no such credential")
    return found


def standing_of(db: Db, award_id: str) -> Credential | None:
    """Give the credential of an award that is current or suspended, or None."""
    return db.first(Credential, _STANDING, award_id=award_id)


def last_of(db: Db, award_id: str) -> Credential | None:
    """Give the credential of an award that no other replaces, whatever its state, or None."""
    row, later = tables.credential.c, tables.credential.alias().c
    replaced = sa.select(later.replaces_id).where(later.award_id == award_id, later.replaces_id.is_not(None))
    return db.first(Credential, _CREDENTIAL.where(row.award_id == award_id, row.id.not_in(replaced)))


def of_award(db: Db, award_id: str) -> list[Credential]:
    """Give the credentials of an award, the oldest first."""
    row = tables.credential.c
    return db.all(Credential, _CREDENTIAL.where(row.award_id == award_id).order_by(row.created_at, row.id))


def of_learner(db: Db, learner_ids: list[str]) -> list[Credential]:
    """Give the credentials of the learners who are one person, the oldest first."""
    return db.all(Credential, _OF_LEARNERS, learner_ids=learner_ids)


def find(
    db: Db, issuer_id: str, wanted: Filter, *, now: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[Credential]:
    """Give the issuer's credentials that fit, from the one after `after`.

    Ordered by (`created_at`, `id`); with `updated_since` by (`updated_at`, `id`), so that a reader can follow changes.
    """
    row = tables.credential.c
    moment = row.created_at if wanted.updated_since is None else row.updated_at
    statement = _CREDENTIAL.where(row.issuer_id == issuer_id).order_by(moment, row.id).limit(limit)
    if wanted.learner_id is not None:
        statement = statement.where(row.learner_id.in_(learners.person(db, wanted.learner_id)))
    for column, value in (
        (row.achievement_id, wanted.achievement_id),
        (row.import_id, wanted.import_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.updated_since is not None:
        statement = statement.where(row.updated_at >= wanted.updated_since)
    if wanted.standing is not None:
        statement = statement.where(_has_standing(wanted.standing, now))
    if after is not None:
        statement = statement.where(sa.or_(moment > after[0], sa.and_(moment == after[0], row.id > after[1])))
    return db.all(Credential, statement)


def _has_standing(standing: str, now: datetime) -> sa.ColumnElement[bool]:
    row = tables.credential.c
    expired = sa.and_(row.valid_until.is_not(None), row.valid_until < now)
    early = row.valid_from > now
    if standing == "expired":
        return sa.and_(row.state == "current", expired)
    if standing == "not_yet_valid":
        return sa.and_(row.state == "current", early, sa.not_(expired))
    if standing == "current":
        return sa.and_(row.state == "current", sa.not_(expired), sa.not_(early))
    return row.state == standing


def mark(db: Db, credential_id: str, state: str, at: datetime) -> None:
    """Change the state that a credential is searched by."""
    db.forget_with("all held", credential_id)
    db.run(
        sa.update(tables.credential).where(tables.credential.c.id == credential_id).values(state=state, updated_at=at)
    )


def everyone(db: Db) -> Iterator[Credential]:
    """Give all credentials, in chunks, for the audit."""
    row = tables.credential.c
    last = ""
    while chunk := db.all(Credential, _CREDENTIAL.where(row.id > last).order_by(row.id).limit(500)):
        yield from chunk
        last = chunk[-1].id
