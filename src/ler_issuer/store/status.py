"""Status lists: random positions, handed out once; bits that follow from appended events.

A position is drawn at random among all of a list, so that it tells neither order nor volume. A list is closed when a
handful of random draws all hit taken positions, which happens when it is some 80 to 90 % full: no counter is kept, and
two transactions never wait for each other to allocate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db, columns, row_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ler_issuer.types import Url

DRAWS = 16
"""How many random positions are tried before a list counts as full."""


@dataclass(frozen=True, slots=True)
class StatusList:
    """One Bitstring Status List. It is dirty when `published_revision` is behind `revision`."""

    id: str
    issuer_id: str
    purpose: str
    ordinal: int
    length: int
    url: Url
    closed_at: datetime | None
    revision: int
    published_revision: int | None
    published_at: datetime | None
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Entry:
    """The position of one credential in one list."""

    list_id: str
    position: int
    credential_id: str
    purpose: str
    raised: bool


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """One act on a credential's status: `revoke`, `suspend`, `reinstate` or `supersede`; the note stays private."""

    id: str
    credential_id: str
    act: str
    reason_code: str
    note: str | None
    actor: str
    at: datetime
    log_salt: bytes


_LIST = sa.select(*columns(tables.status_list, StatusList))
_ENTRY = sa.select(*columns(tables.status_entry, Entry))
_EVENT = sa.select(*columns(tables.status_event, StatusEvent))


def allocate(
    db: Db,
    issuer_id: str,
    purpose: str,
    credential_id: str,
    *,
    draw: Callable[[int], int],
    open_list: Callable[[int], StatusList],
    at: datetime,
) -> tuple[StatusList, Entry]:
    """Give a credential a free random position in the issuer's open list; open the next list when that one is full.

    `draw(n)` gives a random integer below n; `open_list(ordinal)` makes a new, empty list.
    """
    while True:
        current = _open(db, issuer_id, purpose)
        if current is None:
            fresh = open_list(_count(db, issuer_id, purpose))
            db.add_new(tables.status_list, **row_of(fresh))  # unless another transaction was faster
            continue
        entry = _place(db, current, credential_id, draw)
        if entry is not None:
            return current, entry
        db.run(sa.update(tables.status_list).where(tables.status_list.c.id == current.id).values(closed_at=at))


def _open(db: Db, issuer_id: str, purpose: str) -> StatusList | None:
    row = tables.status_list.c
    return db.first(
        StatusList,
        _LIST.where(row.issuer_id == issuer_id, row.purpose == purpose, row.closed_at.is_(None)).order_by(row.ordinal),
    )


def _count(db: Db, issuer_id: str, purpose: str) -> int:
    row = tables.status_list.c
    found: int = db.scalar(sa.select(sa.func.count()).where(row.issuer_id == issuer_id, row.purpose == purpose))
    return found


def _place(db: Db, target: StatusList, credential_id: str, draw: Callable[[int], int]) -> Entry | None:
    row = tables.status_entry.c
    drawn = list(dict.fromkeys(draw(target.length) for _ in range(DRAWS)))
    taken = set(db.run(sa.select(row.position).where(row.list_id == target.id, row.position.in_(drawn))).scalars())
    for position in drawn:
        if position in taken:
            continue
        entry = Entry(target.id, position, credential_id, target.purpose, raised=False)
        if db.add_new(tables.status_entry, **row_of(entry)):  # another transaction may have drawn it since
            return entry
    return None


def entries_of(db: Db, credential_id: str) -> list[Entry]:
    """Give the positions of a credential, revocation first."""
    row = tables.status_entry.c
    return db.all(Entry, _ENTRY.where(row.credential_id == credential_id).order_by(row.purpose))


def set_bit(db: Db, entry: Entry, *, raised: bool) -> None:
    """Set or clear the bit of one credential and mark its list dirty."""
    row, lists = tables.status_entry, tables.status_list
    db.run(sa.update(row).where(row.c.list_id == entry.list_id, row.c.position == entry.position).values(raised=raised))
    db.run(sa.update(lists).where(lists.c.id == entry.list_id).values(revision=lists.c.revision + 1))


def append(db: Db, event: StatusEvent) -> None:
    """Append an act to a credential's history."""
    db.add(tables.status_event, **row_of(event))


def history(db: Db, credential_id: str) -> list[StatusEvent]:
    """Give a credential's acts, the first one first."""
    row = tables.status_event.c
    return db.all(StatusEvent, _EVENT.where(row.credential_id == credential_id).order_by(row.seq))


def get(db: Db, list_id: str) -> StatusList:
    """Give a list by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(StatusList, _LIST.where(tables.status_list.c.id == list_id))
    if found is None:
        raise Missing("no such status list")
    return found


def by_url(db: Db, url: Url) -> StatusList | None:
    """Give the list that is published at this URL, or None."""
    return db.first(StatusList, _LIST.where(tables.status_list.c.url == url))


def locked(db: Db, list_id: str) -> StatusList:
    """Give a list and hold it: nobody raises a bit in it or publishes it until the transaction ends."""
    statement = _LIST.where(tables.status_list.c.id == list_id)
    found = db.first(StatusList, statement if db.is_sqlite else statement.with_for_update())
    if found is None:
        raise Missing("no such status list")
    return found


def raised(db: Db, list_id: str) -> list[int]:
    """Give the positions whose bit is set."""
    row = tables.status_entry.c
    return list(db.run(sa.select(row.position).where(row.list_id == list_id, row.raised.is_(True))).scalars())


def raised_at(db: Db, target: StatusList, at: datetime) -> list[int]:
    """Give the positions whose bit was set at a past instant, as the appended events tell."""
    entry, event, document = tables.status_entry.c, tables.status_event.c, tables.document_event.c
    acts = (
        sa.select(entry.position, event.act.in_(("revoke", "suspend")).label("raised"))
        .join(tables.status_event, event.credential_id == entry.credential_id)
        .where(entry.list_id == target.id, event.act.in_(_ACTS_ON[target.purpose]), event.at <= at)
        .order_by(event.seq)
    )
    changes = (
        sa.select(entry.position, document.raised)
        .join(tables.document_event, document.document_id == entry.credential_id)
        .where(entry.list_id == target.id, document.purpose == target.purpose, document.at <= at)
        .order_by(document.seq)
    )
    told = [*db.run(acts).all(), *db.run(changes).all()]
    bits = {row.position: bool(row.raised) for row in told}
    return [position for position, raised in bits.items() if raised]


_ACTS_ON = {"revocation": ("revoke",), "suspension": ("suspend", "reinstate")}


def published(db: Db, list_id: str, *, revision: int, body: bytes, at: datetime) -> None:
    """Keep the signed form of a list, and which revision it shows."""
    row = tables.status_list
    db.run(sa.update(row).where(row.c.id == list_id).values(published_revision=revision, body=body, published_at=at))


def close_all(db: Db, issuer_id: str, at: datetime) -> None:
    """Give out no further place in any list of an issuer there is now."""
    row = tables.status_list
    db.run(sa.update(row).where(row.c.issuer_id == issuer_id, row.c.closed_at.is_(None)).values(closed_at=at))


def all_dirty(db: Db, issuer_id: str) -> None:
    """Mark every list of an issuer to be signed anew, after a change of key."""
    row = tables.status_list
    db.run(sa.update(row).where(row.c.issuer_id == issuer_id).values(revision=row.c.revision + 1))
