"""Auditing documents that were signed on request: each is what was delivered, and its bits follow from its history."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.services.discrepancies import Discrepancy
from ler_issuer.services.documents import said
from ler_issuer.services.issuing import leaf_of
from ler_issuer.store import documents, journal, status
from ler_issuer.vc import data_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.store.db import Db
    from ler_issuer.store.documents import IssuedDocument


def check(db: Db, document: IssuedDocument) -> Iterator[Discrepancy]:
    """Hold a document against its bytes, its log leaf, its place in a status list, and what was done to that."""
    if hashlib.sha256(document.body).hexdigest() != document.digest:
        yield Discrepancy("bytes_altered", document.id, "the stored bytes have another digest")
        return
    if not journal.has_leaf(db, document.issuer_id, leaf_of(document.log_salt, document.body)):
        yield Discrepancy("leaf_missing", document.id, "the log has no leaf for it")
    history = documents.history(db, document.id)
    raised = {event.purpose: event.raised for event in history}  # the last act on each
    entries = status.entries_of(db, document.id)
    if not entries and data_model(jsontext.parse(document.body)) == "2.0":
        yield Discrepancy("entry_missing", document.id, "no status list has a place for it, so nobody can revoke it")
    for entry in entries:
        if entry.raised is not raised.get(entry.purpose, False):
            yield Discrepancy("bit_wrong", document.id, f"its {entry.purpose} bit does not follow from its history")
    for event in history:
        if not journal.has_leaf(db, document.issuer_id, leaf_of(event.log_salt, said(event))):
            yield Discrepancy(
                "leaf_missing", document.id, f"the log has no leaf for what was done to its {event.purpose}"
            )
