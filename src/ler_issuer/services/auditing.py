"""Auditing: recompute every award from the stored facts, and seal what was done into signed checkpoints.

The replay trusts nothing that follows from facts: it takes the results, the rules and the appended events, derives what
should be there, and names everything that differs. It changes nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import AwardState, Consequence, holding_of, judge_proof
from ler_issuer.errors import Missing
from ler_issuer.services import (
    document_auditing,
    forms,
    keyring,
    marking,
    recognition_auditing,
    record_auditing,
    signing,
    stack_auditing,
    weighing,
)
from ler_issuer.services.discrepancies import Discrepancy
from ler_issuer.services.issuing import leaf_of
from ler_issuer.store import (
    achievements,
    awards,
    credentials,
    documents,
    issuers,
    journal,
    keys,
    learners,
    records,
    results,
    status,
)
from ler_issuer.store.journal import Checkpoint, Deed
from ler_issuer.vc import Found, Underivable

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.weighing import Weighed
    from ler_issuer.store.awards import Award
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.documents import IssuedDocument
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.store.journal import AuditRow
    from ler_issuer.store.keys import SigningKey
    from ler_issuer.store.records import Record
    from ler_issuer.types import Did

_MADE = frozenset({"award", "amend", "replace", "reissue", "confirm"})
"""The consequences whose decision a credential stands on, so that it must be possible to make it again."""


RELEASE_TAKES = timedelta(hours=1)
"""How long an award may wait after its embargo, for whoever runs `awards release` from a timer."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay looked at, and what it found."""

    counts: Mapping[str, int]
    discrepancies: tuple[Discrepancy, ...]


def replay(rt: Runtime, *, verify: bool = False) -> Replay:
    """Recompute every award from stored facts, and hold every credential against its award, bytes, bits and log leaf.

    Learner records are held against the credentials in them, documents that were signed on request against what was
    done to them. `verify` judges the proofs too.
    """
    counts: Counter[str] = Counter({"learners": 0, "awards": 0, "credentials": 0})
    found: list[Discrepancy] = []
    with rt.db.read() as db:
        for person in learners.persons(db):
            counts["learners"] += len(person)
            held = awards.of_learner(db, person)
            counts["awards"] += len(held)
            for award in held:
                found.extend(_check_award(db, award, rt.now()))
                found.extend(_check_waiting(award, rt.now()))
            found.extend(_check_earned(db, person, held))
            found.extend(recognition_auditing.check_earned(db, person, held))
            found.extend(stack_auditing.check_earned(db, person, held, rt.now()))
        published = {issuer.did: Found(keyring.did_document(db, issuer)) for issuer in issuers.everyone(db)}
        for credential in credentials.everyone(db):
            counts["credentials"] += 1
            found.extend(_check_credential(db, credential))
            if verify:
                found.extend(_check_proof(rt, credential, published))
        found.extend(_check_besides(db, rt, published if verify else None))
    return Replay(dict(counts), tuple(found))


def _check_besides(db: Db, rt: Runtime, published: Mapping[Did, Found] | None) -> Iterator[Discrepancy]:
    """Check what was signed besides credentials; the proofs too when what issuers publish is given."""
    for record in records.everyone(db):
        yield from record_auditing.check(db, record)
        if published is not None:
            yield from _check_proof(rt, record, published)
    for document in documents.everyone(db):
        yield from document_auditing.check(db, document)
        if published is not None:
            yield from _check_proof(rt, document, published)


def trail(rt: Runtime, slug: str) -> list[AuditRow]:
    """Give who did what for an issuer, the first deed first.

    Raises:
        Missing: no such issuer.
    """
    with rt.db.read() as db:
        return journal.audited(db, issuers.by_slug(db, slug).id)


def _check_award(db: Db, award: Award, now: datetime) -> Iterator[Discrepancy]:
    """Decide again on what was recorded, in the way that the award was made."""
    if award.basis.startswith(awards.STACK_BASIS):
        yield from stack_auditing.check_award(db, award, now - RELEASE_TAKES)
        yield from _check_count(db, award)
    elif award.basis.startswith(awards.RECOGNITION_BASIS):
        yield from recognition_auditing.check_award(db, award)
        yield from _check_count(db, award)
    else:
        yield from _check_decision(db, award)


def _check_decision(db: Db, award: Award) -> Iterator[Discrepancy]:
    """Decide again on the recorded inputs, under the recorded version, and compare."""
    try:
        decision = awards.decision(db, award.decision_id)
        stored = [results.get(db, used["id"]) for used in decision.inputs]
    except Missing as gone:
        yield Discrepancy("record_missing", award.id, f"what it was decided on is gone: {gone.detail}")
        return
    for one, used in zip(stored, decision.inputs, strict=True):
        if one.digest != used["digest"] or jsontext.digest(one.content) != one.digest:
            yield Discrepancy("input_altered", award.id, f"result {one.id} is not what the decision rested on")
    if decision.consequence in _MADE:
        again = weighing.decide_again(db, decision, award.basis)
        if again is None or (again.decision.trace, again.decision.overall) != (decision.trace, decision.overall):
            yield Discrepancy("not_reproducible", award.id, "the recorded inputs do not give the recorded decision")
    yield from _check_state(db, award, decision.consequence)


def _check_waiting(award: Award, now: datetime) -> Iterator[Discrepancy]:
    """Name an award that nothing makes wait any more, and that was not released."""
    due = award.state == AwardState.HELD.value and award.held_because is None
    if due and (award.release_at is None or award.release_at + RELEASE_TAKES < now):
        yield Discrepancy("release_overdue", award.id, "nothing makes it wait, and it was not released")


def _check_count(db: Db, award: Award) -> Iterator[Discrepancy]:
    standing = [one for one in credentials.of_award(db, award.id) if one.state in {"current", "suspended"}]
    expected = 1 if award.state == AwardState.ISSUED.value else 0
    if len(standing) != expected:
        detail = f"an award that is {award.state} has {len(standing)} standing credentials"
        yield Discrepancy("credential_count", award.id, detail)


def _check_state(db: Db, award: Award, consequence: str) -> Iterator[Discrepancy]:
    yield from _check_count(db, award)
    stands_on_purpose = consequence in {Consequence.KEEP.value, Consequence.SUSPEND.value}
    if award.state != AwardState.WITHDRAWN.value and not stands_on_purpose and not _supported(db, award):
        yield Discrepancy("unsupported", award.id, "an input of the decision no longer counts")


def _supported(db: Db, award: Award) -> bool:
    decision = awards.decision(db, award.decision_id)
    feeds = achievements.assessments_of(db, award.achievement_id)
    person = learners.person(db, award.learner_id)
    counting = {one.id for one in results.counting(db, person, award.achievement_id, feeds)}
    return all(used["id"] in counting for used in decision.inputs)


def _check_earned(db: Db, person: list[str], held: Sequence[Award]) -> Iterator[Discrepancy]:
    """Decide on everything that counts now, and name what was earned and not awarded."""
    have = awards.on_each_basis(held, person)
    for achievement_id in results.achievements_touched(db, person):
        achievement = achievements.get(db, achievement_id)
        for weighed in weighing.weigh(db, weighing.count(db, person, achievement), achievement):
            made = have.get((achievement_id, weighed.decision.basis), [])
            if weighed.decision.met and not any(_stands_or_was_taken_back(db, one, weighed) for one in made):
                detail = f"{achievement_id} ({weighed.decision.basis}) is earned and not awarded"
                yield Discrepancy("award_missing", person[0], detail)


def _stands_or_was_taken_back(db: Db, award: Award, weighed: Weighed) -> bool:
    """Say whether an award that is earned stands; or a person or its correction policy took it back on these facts."""
    if award.state != AwardState.WITHDRAWN.value or award.withdrawn_by == "person":
        return True
    last = awards.decision(db, award.decision_id)
    return last.consequence == Consequence.REVOKE.value and last.inputs == weighing.inputs_of(weighed.decision)


def _check_credential(db: Db, credential: Credential) -> Iterator[Discrepancy]:
    if hashlib.sha256(credential.body).hexdigest() != credential.digest:
        yield Discrepancy("bytes_altered", credential.id, "the stored bytes have another digest")
    award = awards.get(db, credential.award_id)
    if credential.state == "current" and award.state != AwardState.ISSUED.value:
        yield Discrepancy("award_not_issued", credential.id, f"it is current, but its award is {award.state}")
    if not journal.has_leaf(db, credential.issuer_id, leaf_of(credential.log_salt, credential.body)):
        yield Discrepancy("leaf_missing", credential.id, "the log has no leaf for it")
    yield from _check_facts(db, credential)
    yield from forms.check(db, credential)
    yield from stack_auditing.check_holding(db, credential)
    yield from _check_status(db, credential)


def _check_facts(db: Db, credential: Credential) -> Iterator[Discrepancy]:
    """Compare what the credential claims with what was decided."""
    decision = awards.decision(db, credential.decision_id)
    try:
        told = holding_of(jsontext.parse(credential.body))
    except ValueError:
        yield Discrepancy("facts_differ", credential.id, "what it claims cannot be read")
        return
    if (told.awarded_at, told.overall) != (decision.awarded_at, decision.overall):
        yield Discrepancy("facts_differ", credential.id, "it claims something else than what was decided")


def _check_status(db: Db, credential: Credential) -> Iterator[Discrepancy]:
    """Derive bits and state from the history of acts, and look for the leaf of each act."""
    history = status.history(db, credential.id)
    acts = [event.act for event in history]
    suspended = _last_of(acts, ("suspend", "reinstate")) == "suspend"
    raised = {"revocation": "revoke" in acts, "suspension": suspended}
    entries = status.entries_of(db, credential.id)
    if "revocation" not in {entry.purpose for entry in entries}:
        yield Discrepancy("entry_missing", credential.id, "no status list has a place for it, so nobody can revoke it")
    for entry in entries:
        if entry.raised != raised[entry.purpose]:
            yield Discrepancy("bit_wrong", credential.id, f"its {entry.purpose} bit does not follow from its history")
    if raised["revocation"] or "supersede" in acts:
        state = "revoked" if raised["revocation"] else "superseded"
    else:
        state = "suspended" if suspended else "current"
    if credential.state != state:
        yield Discrepancy("state_wrong", credential.id, f"it is {credential.state}; by its history it is {state}")
    for event in history:
        if not journal.has_leaf(db, credential.issuer_id, leaf_of(event.log_salt, marking.said(event))):
            yield Discrepancy("leaf_missing", credential.id, f"the log has no leaf for the act {event.act}")


def _last_of(acts: Sequence[str], kinds: tuple[str, ...]) -> str | None:
    return next((act for act in reversed(acts) if act in kinds), None)


def _check_proof(
    rt: Runtime, credential: Credential | Record | IssuedDocument, published: Mapping[Did, Found]
) -> Iterator[Discrepancy]:
    try:
        document = signing.showable(rt, jsontext.parse(credential.body))
    except jsontext.NotJsonError:
        yield Discrepancy("proof_wrong", credential.id, "the stored bytes are not JSON any more")
        return
    except Underivable:
        yield Discrepancy("proof_wrong", credential.id, "nothing can be derived from its proof")
        return
    if not judge_proof(document, published, rules=rt.rules, now=rt.now()).authentic:
        yield Discrepancy("proof_wrong", credential.id, "its proof does not hold")


def checkpoint(rt: Runtime, slug: str, *, actor: str) -> Checkpoint:
    """Seal the issuer's new log leaves: a Merkle root over all leaves (RFC 6962 §2.1), signed by the issuer's log key.

    With nothing new the last checkpoint is given again.

    Raises:
        Missing: no such issuer.
    """
    now = rt.now()
    with rt.db.begin() as db:
        issuer = issuers.by_slug(db, slug)
        db.advisory_lock([f"log {issuer.id}"])
        last, fresh = journal.last_checkpoint(db, issuer.id), journal.new_leaves(db, issuer.id)
        if last is not None and not fresh:
            return last
        sealed = journal.sealed_leaves(db, issuer.id)
        leaves = [*sealed, *(one.leaf for one in fresh)]
        root = merkle_root([bytes.fromhex(leaf) for leaf in leaves])
        key = keys.in_use(db, issuer.id, "log")
        note = _note(rt, issuer, key, len(leaves), root)
        made = Checkpoint(rt.new_id(), issuer.id, key.id, len(leaves), root.hex(), note, now)
        journal.seal(db, made, [(one.seq, len(sealed) + place) for place, one in enumerate(fresh)])
        data = {"size": made.size, "root": made.root}
        deed = Deed(issuer_id=issuer.id, actor=actor, act="log.sealed", object_id=made.id, at=now, data=data)
        journal.announce(db, deed, rt.new_row_id())
    return made


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Give the Merkle tree hash of leaves (RFC 6962 §2.1, SHA-256)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    # Subtree hashes by size, largest first: like binary addition, two trees of one size become one of twice the size.
    peaks: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, node = 1, hashlib.sha256(b"\x00" + leaf).digest()
        while peaks and peaks[-1][0] == size:
            node = _join(peaks.pop()[1], node)
            size *= 2
        peaks.append((size, node))
    _, root = peaks.pop()
    for _, peak in reversed(peaks):
        root = _join(peak, root)
    return root


def _join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _note(rt: Runtime, issuer: Issuer, key: SigningKey, size: int, root: bytes) -> str:
    """Write a checkpoint as a signed note (C2SP tlog-checkpoint): origin, size, root, and an Ed25519 signature line."""
    origin = f"{issuer.home.partition('://')[2]}/log"
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    signer = rt.keys.signer(key.sealed, key.id, keyring.method_id(issuer, key))
    hint = hashlib.sha256(origin.encode() + b"\n\x01" + signer.public.raw).digest()[:4]
    signature = base64.b64encode(hint + signer.sign(text.encode())).decode()
    return f"{text}\n\N{EM DASH} {origin} {signature}\n"
