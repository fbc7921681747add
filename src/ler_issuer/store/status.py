"""Status lists: random positions, handed out once; bits that follow from appended events.

A position is drawn at random among all of a list, so that it tells neither order nor volume. A list is closed when a
handful of random draws all hit taken positions, which happens when it is some 80 to 90 % full: no counter is kept, and
two transactions never wait for each other to allocate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db, Reserve
from ler_issuer.store.statements import Statement, columns, given, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ler_issuer.types import Url

DRAWS = 16
"""How many random positions are tried before a list counts as full."""

MOST_IN_RESERVE = 16
"""For how many credentials places are taken in advance, at most, while one transaction issues one after the other."""


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
_L, _E = tables.status_list.c, tables.status_entry.c
_OPEN = Statement(
    sa.select(*(column for column in _LIST.selected_columns if column.name != "body"), sa.null())
    .where(_L.issuer_id == given("issuer_id"), _L.purpose == given("purpose"), _L.closed_at.is_(None))
    .order_by(_L.ordinal)
)
_BY_ID = Statement(_LIST.where(_L.id == given("list_id")))
_BY_URL = Statement(_LIST.where(_L.url == given("url")))
_ENTRIES = Statement(_ENTRY.where(_E.credential_id == given("credential_id")).order_by(_E.purpose))
_TAKEN = Statement(_ENTRY.where(_E.credential_id.in_(listed("credential_ids"))))
_GIVE_BACK = Statement(sa.delete(tables.status_entry).where(_E.credential_id.in_(listed("credential_ids"))))
_RAISED = Statement(  # in the words of the index, or SQLite reads the whole list
    sa.select(sa.func.aggregate_strings(sa.cast(_E.position, sa.String), ",")).where(
        _E.list_id == given("list_id"), sa.text("status_entry.raised")
    )
)
_SET = Statement(
    sa.update(tables.status_entry)
    .where(_E.list_id == given("of_list"), _E.position == given("at_position"))
    .values(raised=given("raised"))
)
_TOUCH = Statement(sa.update(tables.status_list).where(_L.id == given("list_id")).values(revision=_L.revision + 1))


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
        current = _open_list(db, issuer_id, purpose)
        if current is None:
            _forget_open(db, issuer_id)
            fresh = open_list(_count(db, issuer_id, purpose))
            db.keep_new(tables.status_list, fresh)  # unless another transaction was faster
            continue
        entry = _place(db, current, credential_id, draw)
        if entry is not None:
            return current, entry
        db.run(sa.update(tables.status_list).where(_L.id == current.id).values(closed_at=at))
        _forget_open(db, issuer_id)


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a credential that is about to be signed, one for each purpose, and the id that it is to have."""

    credential_id: str
    places: tuple[tuple[StatusList, Entry], ...]


def take(
    db: Db,
    issuer_id: str,
    purposes: Sequence[str],
    *,
    new_id: Callable[[], str],
    draw: Callable[[int], int],
    open_list: Callable[[str, int], StatusList],
    at: datetime,
) -> Places:
    """Give a new credential a free random position in the issuer's open list of each purpose, as `allocate` does.

    Where one transaction asks again and again, places are taken in advance, each time twice as many: to take many at
    once is one question, and what is left of them is given back before the commit.
    """
    key = ("places", issuer_id, *purposes)
    reserve = db.reserves.get(key)
    left = () if reserve is None else reserve.left or _reserve(db, issuer_id, purposes, new_id, draw)
    db.reserves[key] = Reserve(left[1:], _give_back)
    if left:
        first: Places = left[0]
        return first
    credential_id = new_id()
    places = [
        allocate(db, issuer_id, purpose, credential_id, draw=draw, open_list=partial(open_list, purpose), at=at)
        for purpose in purposes
    ]
    return Places(credential_id, tuple(places))


def _reserve(
    db: Db, issuer_id: str, purposes: Sequence[str], new_id: Callable[[], str], draw: Callable[[int], int]
) -> tuple[Places, ...]:
    """Take places for several credentials; of one that would get a position that is taken nothing is kept."""
    lists = [one for one in (_open_list(db, issuer_id, purpose) for purpose in purposes) if one is not None]
    if len(lists) < len(purposes):
        return ()
    key = ("places in advance", issuer_id, *purposes)
    wanted = db.memory[key] = min(2 * db.memory.get(key, 1), MOST_IN_RESERVE)
    credential_ids = [new_id() for _ in range(wanted)]
    db.keep_all_new(
        tables.status_entry,
        [
            Entry(one.id, draw(one.length), credential_id, one.purpose, raised=False)
            for credential_id in credential_ids
            for one in lists
        ],
    )
    taken: dict[str, dict[str, Entry]] = {credential_id: {} for credential_id in credential_ids}
    for entry in db.all(Entry, _TAKEN, credential_ids=credential_ids):
        taken[entry.credential_id][entry.list_id] = entry
    made = [
        Places(credential_id, tuple((one, entries[one.id]) for one in lists if one.id in entries))
        for credential_id, entries in taken.items()
    ]
    _give_back(db, [one for one in made if len(one.places) < len(lists)])
    return tuple(one for one in made if len(one.places) == len(lists))


def _give_back(db: Db, left: Sequence[Places]) -> None:
    if left:
        db.do(_GIVE_BACK, credential_ids=[one.credential_id for one in left])


def _open_list(db: Db, issuer_id: str, purpose: str) -> StatusList | None:
    return db.once(("open list", issuer_id, purpose), partial(_open, db, issuer_id, purpose))


def _open(db: Db, issuer_id: str, purpose: str) -> StatusList | None:
    """Give the list from which places are handed out, without its signed form, which nobody needs for that."""
    return db.first(StatusList, _OPEN, issuer_id=issuer_id, purpose=purpose)


def _forget_open(db: Db, issuer_id: str) -> None:
    for purpose in _ACTS_ON:
        db.memory.pop(("open list", issuer_id, purpose), None)
    for key in [one for one in db.reserves if isinstance(one, tuple) and one[:2] == ("places", issuer_id)]:
        _give_back(db, db.reserves.pop(key).left)


def _count(db: Db, issuer_id: str, purpose: str) -> int:
    row = tables.status_list.c
    found: int = db.scalar(sa.select(sa.func.count()).where(row.issuer_id == issuer_id, row.purpose == purpose))
    return found


def _place(db: Db, target: StatusList, credential_id: str, draw: Callable[[int], int]) -> Entry | None:
    for _ in range(DRAWS):
        entry = Entry(target.id, draw(target.length), credential_id, target.purpose, raised=False)
        if db.keep_new(tables.status_entry, entry):
            return entry
    return None


def entries_of(db: Db, credential_id: str) -> list[Entry]:
    """Give the positions of a credential, revocation first."""
    return db.all(Entry, _ENTRIES, credential_id=credential_id)


def set_bit(db: Db, entry: Entry, *, raised: bool) -> None:
    """Set or clear the bit of one credential and mark its list dirty."""
    db.do(_SET, of_list=entry.list_id, at_position=entry.position, raised=raised)
    db.do(_TOUCH, list_id=entry.list_id)


def append(db: Db, event: StatusEvent) -> None:
    """Append an act to a credential's history."""
    db.append(tables.status_event, event)


def history(db: Db, credential_id: str) -> list[StatusEvent]:
    """Give a credential's acts, the first one first."""
    row = tables.status_event.c
    return db.all(StatusEvent, _EVENT.where(row.credential_id == credential_id).order_by(row.seq))


def get(db: Db, list_id: str) -> StatusList:
    """Give a list by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(StatusList, _BY_ID, list_id=list_id)
    if found is None:
        raise Missing("no such status list")
    return found


def by_url(db: Db, url: Url) -> StatusList | None:
    """Give the list that is published at this URL, or None."""
    return db.first(StatusList, _BY_URL, url=url)


def locked(db: Db, list_id: str) -> StatusList:
    """Give a list and hold it: nobody raises a bit in it or publishes it until the transaction ends."""
    statement = _LIST.where(tables.status_list.c.id == list_id)
    found = db.first(StatusList, statement if db.is_sqlite else statement.with_for_update())
    if found is None:
        raise Missing("no such status list")
    return found


def raised(db: Db, list_id: str) -> list[int]:
    """Give the positions whose bit is set; there may be thousands, and one text of them all comes faster than rows."""
    ((positions,),) = db.rows(_RAISED, list_id=list_id)
    return [*map(int, positions.split(","))] if positions else []


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
    _forget_open(db, issuer_id)


def all_dirty(db: Db, issuer_id: str) -> None:
    """Mark every list of an issuer to be signed anew, after a change of key."""
    row = tables.status_list
    db.run(sa.update(row).where(row.c.issuer_id == issuer_id).values(revision=row.c.revision + 1))
