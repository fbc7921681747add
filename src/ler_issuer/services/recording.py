"""Recording: a learner's credentials as one Comprehensive Learner Record, issued anew as they grow.

The ceremony is that of every credential (`issuing`): a status position first, so that a record can be withdrawn; then
composing, conformance, signature, our own verifier, and the exact bytes with audit, event and log leaf, all in one
transaction. Credentials go in as they were signed, proofs and all. An older record stays as true as it was, so its bit
is left alone; it is only known to be superseded.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import (
    HashedIdentifier,
    Subject,
    compose_record,
    identity_hash,
    nonconformities,
    record_problems,
)
from ler_issuer.errors import Missing, Place, Unacceptable
from ler_issuer.services import idempotency, issuing, keyring, reading, relating, signing
from ler_issuer.services.access import Caller
from ler_issuer.services.marking import Stamp
from ler_issuer.services.signing import NonconformingError
from ler_issuer.store import credentials, issuers, journal, learners, records, status
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed
from ler_issuer.store.records import Record
from ler_issuer.vc import Unsignable, as_list, id_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from ler_issuer.badges import Fault
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.signing import Sealed
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.store.learners import Learner
    from ler_issuer.types import Did, JsonObject

CHUNK = 100
"""How many outgrown records are looked up at once."""

MOST_CHOSEN = 1_000
"""Credentials that a selection may name."""

TOO_LARGE = frozenset({"too_large", "work_bound"})
"""What `vc.prepare` answers to more than one document may hold."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A record, and whether it was issued just now; otherwise it stood already, and nothing had changed since."""

    record: Record
    fresh: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a record is to be: whose, of which person (the root first), what is in it, and who asked for it when."""

    issuer: Issuer
    person: Sequence[str]
    chosen: Sequence[Credential]
    partial: bool
    stamp: Stamp


@again_if_entangled
def issue_record(rt: Runtime, caller: Caller, learner_id: str, credential_ids: Sequence[str] | None) -> Issued:
    """Issue the record of a learner: every credential that is current, or a selection of them, which is then partial.

    The record that stands is given again when nothing has changed; otherwise the new one takes its place.

    Raises:
        Missing: no such learner of the caller's issuer.
        Unacceptable: a credential is not the learner's, or not current, or named twice; there is none; they are more
            than one document may hold; or the learner is on hold.
        Conflict: the Idempotency-Key was used for another request.
        NonconformingError: the document does not pass our own checks.
    """
    now = rt.now()
    with rt.db.begin() as db:
        answered = idempotency.answered(db, caller)
        if answered is not None:
            return Issued(records.get(db, answered["record_id"]), fresh=False)
        learner = learners.owned_by(db, learner_id, caller.issuer_id)
        learners.lock(db, [learner.id])
        person = learners.person(db, learner.id)
        if any(learners.get(db, one).award_hold for one in person):
            detail = "the learner is on hold: lift the hold first"
            raise Unacceptable(detail, problems=[Place("", "on_hold", detail)])
        chosen = _chosen(credentials.of_learner(db, person), credential_ids, now)
        stamp, issuer = Stamp(caller.actor, now), issuers.get(db, caller.issuer_id)
        issued = _issue(db, rt, _Wanted(issuer, person, chosen, credential_ids is not None, stamp))
        idempotency.remember(db, caller, {"record_id": issued.record.id}, now)
    return issued


def renew_outgrown(rt: Runtime, *, actor: str) -> int:
    """Issue anew the whole records of learners whose credentials changed since; give how many that were.

    What cannot be issued now (the learner is on hold, or holds nothing any more) stays as it is.
    """
    renewed, last = 0, ""
    while True:
        with rt.db.read() as db:
            outgrown = records.outgrown(db, after=last, limit=CHUNK)
        for one in outgrown:
            with suppress(Unacceptable):
                caller = Caller(one.issuer_id, actor)
                renewed += issue_record(rt, caller, one.learner_id, None).fresh
        if len(outgrown) < CHUNK:
            return renewed
        last = outgrown[-1].id


def current_record(rt: Runtime, caller: Caller, learner_id: str, *, partial: bool = False) -> Record:
    """Give the newest record of a learner: the whole one, or the newest selection.

    Raises:
        Missing: no such learner of the caller's issuer, or no such record was issued yet.
    """
    with rt.db.read() as db:
        learner = learners.owned_by(db, learner_id, caller.issuer_id)
        found = records.current(db, learners.person(db, learner.id), partial=partial)
    if not found:
        raise Missing("no such record was issued")
    return found[0]


def _chosen(held: Sequence[Credential], wanted: Sequence[str] | None, now: datetime) -> list[Credential]:
    """Give the credentials that go into a record, the oldest first.

    Raises:
        Unacceptable: one that was asked for cannot go in, or there is none.
    """
    current = {one.id: one for one in held if reading.standing(one, now) == "current"}
    if wanted is not None:
        known = {one.id for one in held}
        problems = [*_unfit(wanted, known, current.keys())]
        if problems:
            raise Unacceptable("the record cannot hold all of these credentials", problems=problems)
    chosen = [one for one in current.values() if wanted is None or one.id in wanted]
    if not chosen:
        detail = "the learner has no current credential that a record could hold"
        raise Unacceptable(detail, problems=[Place("", "nothing_to_record", detail)])
    return chosen


def _unfit(wanted: Sequence[str], known: Collection[str], current: Collection[str]) -> Iterator[Place]:
    for number, one in enumerate(wanted):
        pointer = f"/credentials/{number}"
        if one not in known:
            yield Place(pointer, "unknown_credential", "the learner has no such credential")
        elif one not in current:
            yield Place(pointer, "not_current", "is revoked, suspended, superseded, expired or not valid yet")
        elif one in wanted[:number]:
            yield Place(pointer, "named_twice", "stands there before")


def _issue(db: Db, rt: Runtime, wanted: _Wanted) -> Issued:
    """Issue a record, or give the one that stands when it has the same credentials in it."""
    older = records.current(db, wanted.person, partial=wanted.partial)
    if older and set(older[0].members) == {one.id for one in wanted.chosen}:
        return Issued(older[0], fresh=False)
    issuer, stamp = wanted.issuer, wanted.stamp
    record_id = rt.new_id()
    document = _compose(db, rt, wanted, record_id)
    problems = nonconformities(document, rt.rules.schemas)
    if problems:
        raise NonconformingError(f"what was composed does not conform: {problems}")
    sealed = _sign(db, rt, issuer, document, stamp.at)
    body = sealed.body
    record = Record(
        id=record_id,
        issuer_id=issuer.id,
        learner_id=wanted.person[0],
        signing_key_id=sealed.signing_key_id,
        replaces_id=older[0].id if older else None,
        state="current",
        partial=wanted.partial,
        members=[one.id for one in wanted.chosen],
        created_at=stamp.at,
        created_by=stamp.actor,
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        log_salt=rt.random(16),
    )
    records.add(db, record)
    journal.add_leaf(db, issuer.id, issuing.leaf_of(record.log_salt, record.body))
    about = {"learner_id": record.learner_id, "partial": record.partial, "replaces_id": record.replaces_id}
    _announce(db, rt, record, "record.issued", stamp, about)
    for one in older:
        records.mark(db, one.id, "superseded")
        _announce(db, rt, one, "record.superseded", stamp, {"replaced_by": record.id})
    return Issued(record, fresh=True)


def _compose(db: Db, rt: Runtime, wanted: _Wanted, record_id: str) -> JsonObject:
    """Write the record, with as much of the relations between its achievements as does not contradict itself."""
    members = [jsontext.parse(one.body) for one in wanted.chosen]
    subjects = list(_subjects(members, learners.get(db, wanted.person[0]), learners.did_of(db, wanted.person[0])))
    entry = issuing.status_entry(db, rt, wanted.issuer, "revocation", record_id, wanted.stamp.at)
    documents = (
        compose_record(
            record_id=f"urn:uuid:{record_id}",
            name=f"Learning record from {wanted.issuer.name}",
            issuer=keyring.profile(wanted.issuer),
            subjects=subjects,
            members=members,
            associations=relations,
            entries=[entry],
            partial=wanted.partial,
            now=wanted.stamp.at,
        )
        for relations in relating.associations(db, members)
    )
    return next(one for one in documents if not any(map(_is_about_relations, record_problems(one))))


def _is_about_relations(fault: Fault) -> bool:
    return fault.code.startswith("association_")


def _subjects(members: Sequence[JsonObject], learner: Learner, bound: Did | None) -> Iterator[Subject]:
    """Give every name that members have for their learner: somebody who was merged has several.

    A record has room for one id, that of the wallet which is bound; DIDs from before stand there as hashed identifiers.
    """
    told = [member["credentialSubject"] for member in members]
    dids = list(dict.fromkeys(did for did in map(id_of, told) if did is not None))
    first = bound if bound in dids else next(iter(dids), None)
    if first is not None:
        yield Subject(did=first)
    for one in (one for subject in told for one in as_list(subject.get("identifier"))):
        yield Subject(identifier=HashedIdentifier(one["identityType"], one["identityHash"], one["salt"]))
    for did in dids:
        if did != first:
            yield Subject(identifier=HashedIdentifier("identifier", identity_hash(did, learner.salt), learner.salt))


def _sign(db: Db, rt: Runtime, issuer: Issuer, document: JsonObject, now: datetime) -> Sealed:
    try:
        return signing.sign(db, rt, issuer, document, now)
    except Unsignable as error:
        if TOO_LARGE.isdisjoint(problem.code for problem in error.problems):
            raise
        detail = "these credentials are more than one record may hold; choose some of them"
        raise Unacceptable(detail, problems=[Place("/credentials", "record_too_large", detail)]) from None


def withdraw_step(db: Db, rt: Runtime, person: Sequence[str], stamp: Stamp) -> None:
    """Revoke the records of a person that bundle credentials of somebody else, after a merge that was undone."""
    theirs = {one.id for one in credentials.of_learner(db, list(person))}
    for record in records.of_learners(db, person):
        if record.state == "revoked" or theirs.issuperset(record.members):
            continue
        for entry in status.entries_of(db, record.id):
            status.set_bit(db, entry, raised=True)
        records.mark(db, record.id, "revoked")
        journal.add_leaf(db, record.issuer_id, issuing.leaf_of(record.log_salt, said_of_revocation(record)))
        _announce(db, rt, record, "record.revoked", stamp, {"reason_code": "learner_unmerged"})


def said_of_revocation(record: Record) -> bytes:
    """Give what the revocation of a record says, as the log seals it."""
    return jsontext.canonical({"record": record.id, "act": "revoke"})


def _announce(db: Db, rt: Runtime, record: Record, act: str, stamp: Stamp, data: JsonObject) -> None:
    deed = Deed(issuer_id=record.issuer_id, actor=stamp.actor, act=act, object_id=record.id, at=stamp.at, data=data)
    journal.announce(db, deed, rt.new_row_id())
