"""Auditing learner records: each is what was delivered, can be withdrawn, and bundles what was really signed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import bundled
from ler_issuer.errors import Missing
from ler_issuer.services.discrepancies import Discrepancy
from ler_issuer.services.issuing import leaf_of
from ler_issuer.services.recording import said_of_revocation
from ler_issuer.store import credentials, journal, status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.store.db import Db
    from ler_issuer.store.records import Record


def check(db: Db, record: Record) -> Iterator[Discrepancy]:
    """Hold a record against its bytes, its log leaf, its place in a status list, and the credentials in it."""
    if hashlib.sha256(record.body).hexdigest() != record.digest:
        yield Discrepancy("bytes_altered", record.id, "the stored bytes have another digest")
        return
    if not journal.has_leaf(db, record.issuer_id, leaf_of(record.log_salt, record.body)):
        yield Discrepancy("leaf_missing", record.id, "the log has no leaf for it")
    entries = status.entries_of(db, record.id)
    if not entries:
        yield Discrepancy("entry_missing", record.id, "no status list has a place for it, so nobody can revoke it")
    revoked = record.state == "revoked"
    if any(entry.raised is not revoked for entry in entries):
        yield Discrepancy("bit_wrong", record.id, f"it is {record.state}, and its bit says otherwise")
    if revoked and not journal.has_leaf(db, record.issuer_id, leaf_of(record.log_salt, said_of_revocation(record))):
        yield Discrepancy("leaf_missing", record.id, "the log has no leaf for its revocation")
    yield from _check_members(db, record)


def _check_members(db: Db, record: Record) -> Iterator[Discrepancy]:
    told = [jsontext.canonical(member) for _, member in bundled(jsontext.parse(record.body))]
    try:
        kept = [credentials.get(db, one).body for one in record.members]
    except Missing:
        kept = []
    if told != kept:
        yield Discrepancy("members_differ", record.id, "it does not bundle the credentials that it was made of")
