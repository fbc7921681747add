"""What a runtime's database holds, and what its doors show, as tests look at it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ler_issuer import jsontext
from ler_issuer.runtime import Runtime
from ler_issuer.services import auditing, publishing, verifying
from ler_issuer.services.access import Caller
from ler_issuer.store import achievements, awards, credentials, journal, learners, results, status, tables
from ler_issuer.store.awards import Award, StoredDecision
from ler_issuer.store.credentials import Credential
from ler_issuer.store.learners import Learner
from ler_issuer.store.results import StoredResult
from ler_issuer.types import JsonObject
from ler_issuer.vc import Report, bit, decode


def credential(rt: Runtime, credential_id: str) -> Credential:
    with rt.db.read() as db:
        return credentials.get(db, credential_id)


def document(rt: Runtime, credential_id: str) -> JsonObject:
    return jsontext.parse(credential(rt, credential_id).body)


def state(rt: Runtime, credential_id: str) -> str:
    return credential(rt, credential_id).state


def judged(rt: Runtime, credential_id: str) -> Report:
    """Give the report on a credential as anybody gets it."""
    return verifying.verify(rt, document(rt, credential_id))


def bits(rt: Runtime, credential_id: str) -> dict[str, bool]:
    """Read a credential's bits from the lists that the world sees, by purpose."""
    with rt.db.read() as db:
        entries = status.entries_of(db, credential_id)
    return {one.purpose: bit(decode(published(rt, one.list_id)), one.position) for one in entries}


def published(rt: Runtime, list_id: str) -> str:
    """Give the encoded bits of a status list as it is served now."""
    encoded: str = jsontext.parse(publishing.status_list(rt, list_id))["credentialSubject"]["encodedList"]
    return encoded


def history(rt: Runtime, credential_id: str) -> list[tuple[str, str]]:
    """Give what happened to a credential's status: (act, reason code), the first act first."""
    with rt.db.read() as db:
        return [(one.act, one.reason_code) for one in status.history(db, credential_id)]


def award_of(rt: Runtime, credential_id: str) -> Award:
    with rt.db.read() as db:
        return awards.get(db, credentials.get(db, credential_id).award_id)


def only_award(rt: Runtime) -> Award:
    """Give the one award that there is."""
    with rt.db.read() as db:
        (award,) = [award for learner in learners.everyone(db) for award in awards.of_learner(db, [learner])]
        return award


def decision_of(rt: Runtime, award: Award) -> StoredDecision:
    with rt.db.read() as db:
        return awards.decision(db, award.decision_id)


def chain(rt: Runtime, award: Award) -> list[Credential]:
    """Give the credentials of an award from the first to the one that nothing replaces."""
    with rt.db.read() as db:
        followers = {one.replaces_id: one for one in credentials.of_award(db, award.id)}
    found: list[Credential] = []
    while (following := followers.get(found[-1].id if found else None)) is not None:
        found.append(following)
    assert len(found) == len(followers), "the credentials of the award are no chain"
    return found


def result_of(rt: Runtime, result_id: str) -> StoredResult:
    with rt.db.read() as db:
        return results.get(db, result_id)


def learner_of(rt: Runtime, result_id: str) -> Learner:
    with rt.db.read() as db:
        return learners.get(db, results.get(db, result_id).learner_id)


def identifiers(rt: Runtime, learner_id: str) -> set[tuple[str, str]]:
    with rt.db.read() as db:
        return {(one.type, one.value) for one in learners.identifiers_of(db, learner_id)}


def events(rt: Runtime, caller: Caller) -> list[tuple[str, str]]:
    """Give the issuer's events as (type, object id), without those about the catalogue, results and decisions."""
    with rt.db.read() as db:
        listed = journal.events(db, caller.issuer_id, after=0, limit=10_000)
    return [
        (one.type, one.object_id) for one in listed if not one.type.startswith(("achievement.", "award.", "result."))
    ]


def deeds(rt: Runtime, caller: Caller, about: str) -> list[str]:
    """Give the audited acts whose name starts with `about`, in order."""
    with rt.db.read() as db:
        return [row.act for row in journal.audited(db, caller.issuer_id) if row.act.startswith(about)]


def count(rt: Runtime, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
    with rt.db.read() as db:
        found: int = db.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions))
        return found


def everything(rt: Runtime) -> dict[str, int]:
    """Count the rows of every table."""
    return {table.name: count(rt, table) for table in tables.metadata.sorted_tables}


def tamper(rt: Runtime, statement: sa.Executable) -> None:
    """Change the database behind the back of the service."""
    with rt.db.begin() as db:
        db.run(statement)


def discrepancies(rt: Runtime) -> list[tuple[str, str]]:
    """Replay everything, signatures included; give what it found as (code, object id)."""
    return [(one.code, one.object_id) for one in auditing.replay(rt, verify=True).discrepancies]


def version_of(rt: Runtime, credential_id: str) -> int:
    """Give the number of the achievement version that a credential was issued under."""
    with rt.db.read() as db:
        return achievements.version(db, credentials.get(db, credential_id).achievement_version_id).version


def value(rt: Runtime, column: sa.Column[Any], *conditions: sa.ColumnElement[bool]) -> Any:
    """Read one cell."""
    with rt.db.read() as db:
        return db.scalar(sa.select(column).where(*conditions))
