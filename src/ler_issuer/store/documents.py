"""Documents that were signed on request: the exact bytes, and what was done to their status since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

LONGEST_ID = 700
"""Characters of a credential's id that are kept to find it by."""


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """One signed document, `body` being its exact bytes.

    `id` is ours; `credential_id` is what the document calls itself, which need not be unique and may be missing.
    """

    id: str
    issuer_id: str
    credential_id: str | None
    signing_key_id: str
    body: bytes
    digest: str
    created_at: datetime
    created_by: str
    log_salt: bytes


@dataclass(frozen=True, slots=True)
class DocumentEvent:
    """One act on a document's status: a bit of this purpose was raised or cleared."""

    id: str
    document_id: str
    purpose: str
    raised: bool
    actor: str
    at: datetime
    log_salt: bytes


_DOCUMENT = sa.select(*columns(tables.issued_document, IssuedDocument))
_EVENT = sa.select(*columns(tables.document_event, DocumentEvent))


def add(db: Db, document: IssuedDocument) -> None:
    """Keep a signed document."""
    db.keep(tables.issued_document, document)


def get(db: Db, document_id: str) -> IssuedDocument:
    """Give a document by our id.

    Raises:
        Missing: there is none.
    """
    found = db.first(IssuedDocument, _DOCUMENT.where(tables.issued_document.c.id == document_id))
    if found is None:
        raise Missing("no such document")
    return found


def owned_by(db: Db, issuer_id: str, credential_id: str) -> list[IssuedDocument]:
    """Give every document of this issuer that calls itself so, the oldest first; the rows stay held."""
    row = tables.issued_document.c
    statement = _DOCUMENT.where(row.issuer_id == issuer_id, row.credential_id == credential_id)
    ordered = statement.order_by(row.created_at, row.id)
    return db.all(IssuedDocument, ordered if db.is_sqlite else ordered.with_for_update())


def at_place(db: Db, issuer_id: str, list_url: str, position: int) -> IssuedDocument | None:
    """Give the document of this issuer that has this place in a status list, or None; the row stays held."""
    row, entry, target = tables.issued_document.c, tables.status_entry.c, tables.status_list.c
    place = (
        sa.select(entry.credential_id)
        .join(tables.status_list, target.id == entry.list_id)
        .where(target.url == list_url, target.issuer_id == issuer_id, entry.position == position)
    )
    statement = _DOCUMENT.where(row.issuer_id == issuer_id, row.id.in_(place))
    return db.first(IssuedDocument, statement if db.is_sqlite else statement.with_for_update())


def append(db: Db, event: DocumentEvent) -> None:
    """Append an act to a document's history."""
    db.keep(tables.document_event, event)


def history(db: Db, document_id: str) -> list[DocumentEvent]:
    """Give a document's acts, the first one first."""
    row = tables.document_event.c
    return db.all(DocumentEvent, _EVENT.where(row.document_id == document_id).order_by(row.seq))


def everyone(db: Db) -> Iterator[IssuedDocument]:
    """Give every document there is, a page of rows at a time."""
    row, last = tables.issued_document.c, ""
    while page := db.all(IssuedDocument, _DOCUMENT.where(row.id > last).order_by(row.id).limit(500)):
        yield from page
        last = page[-1].id
