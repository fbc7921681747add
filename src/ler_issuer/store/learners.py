"""Learners: matched by (issuer, identifier type, identifier), merged explicitly, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Conflict, Missing, Place
from ler_issuer.store import tables
from ler_issuer.store.db import Db, columns, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from ler_issuer.assessments import Identifier, LearnerRef
    from ler_issuer.types import Did


@dataclass(frozen=True, slots=True)
class Learner:
    """A person, as one issuer knows them.

    `salt` goes into hashed identifiers and is published with them; `pseudonym_key` stays here. `award_hold` says why
    the learner's awards wait.
    """

    id: str
    issuer_id: str
    salt: str
    pseudonym_key: str
    directory_hold: bool
    award_hold: str | None
    merged_into_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """An identifier that a learner holds now, in its normalised form."""

    type: str
    value: str


_LEARNER = sa.select(*columns(tables.learner, Learner))
_BY_ID = _LEARNER.where(tables.learner.c.id == sa.bindparam("learner_id"))
_IDENTIFIER = tables.learner_identifier.c
_IDENTIFIERS = (
    sa.select(_IDENTIFIER.type, _IDENTIFIER.value)
    .where(_IDENTIFIER.learner_id == sa.bindparam("learner_id"), _IDENTIFIER.valid_until.is_(None))
    .order_by(_IDENTIFIER.valid_from, _IDENTIFIER.type, _IDENTIFIER.value)
)
_BY_IDENTIFIER = sa.select(_IDENTIFIER.learner_id).where(
    _IDENTIFIER.issuer_id == sa.bindparam("issuer_id"),
    _IDENTIFIER.type == sa.bindparam("type"),
    _IDENTIFIER.value == sa.bindparam("value"),
    _IDENTIFIER.valid_until.is_(None),
)


def lock_names(issuer_id: str, ref: LearnerRef) -> list[str]:
    """Name the locks that keep two transactions from making the same learner twice, or binding one DID to two."""
    known = [(one.type, one.value) for one in (each.normalised() for each in ref.identifiers)]
    if ref.did is not None:
        known.append(("did", ref.did))
    return [f"learner {issuer_id} {kind} {value}" for kind, value in known]


def lock(db: Db, learner_ids: Iterable[str]) -> None:
    """Hold these learners until the transaction ends: whatever is decided about one is decided by one at a time."""
    wanted = sorted(set(learner_ids))
    if wanted and not db.is_sqlite:  # SQLite: the transaction holds the write lock already
        learner = tables.learner.c
        db.run(sa.select(learner.id).where(learner.id.in_(wanted)).order_by(learner.id).with_for_update())


def get(db: Db, learner_id: str) -> Learner:
    """Give a learner by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(Learner, _BY_ID, learner_id=learner_id)
    if found is None:
        raise Missing("no such learner")
    return found


def owned_by(db: Db, learner_id: str, issuer_id: str) -> Learner:
    """Give a learner of this issuer.

    Raises:
        Missing: there is none, or it is another issuer's.
    """
    learner = tables.learner.c
    found = db.first(Learner, _LEARNER.where(learner.id == learner_id, learner.issuer_id == issuer_id))
    if found is None:
        raise Missing("no such learner")
    return found


def ids_of(db: Db, issuer_id: str, identifiers: Iterable[Identifier]) -> list[str]:
    """Give the ids of the learners that these identifiers belong to now, each once."""
    found = {
        db.scalar(_BY_IDENTIFIER, issuer_id=issuer_id, type=one.type, value=one.value)
        for one in (each.normalised() for each in identifiers)
    }
    return sorted(found - {None})


def match(db: Db, issuer_id: str, ref: LearnerRef, *, at: datetime, fresh: Callable[[], Learner]) -> Learner:
    """Give the one learner that a source means, made if nobody has an identifier, and add what is new.

    `fresh` makes a learner with a new id, salt and pseudonym key.

    Raises:
        Conflict: the identifiers belong to different learners, or the learner is bound to another DID.
    """
    found = ids_of(db, issuer_id, ref.identifiers)
    if len(found) > 1:
        raise Conflict(
            "the identifiers belong to different learners",
            problems=[Place("/learner/identifiers", "several_learners", "belong to different learners")],
        )
    if found:
        learner = get(db, found[0])
    else:
        learner = fresh()
        db.add(tables.learner, **row_of(learner))
    _add_identifiers(db, learner, [one.normalised() for one in ref.identifiers], at)
    if ref.did is not None:
        _bind(db, learner, ref.did, at)
    return learner


def _add_identifiers(db: Db, learner: Learner, identifiers: Sequence[Identifier], at: datetime) -> None:
    held = set(identifiers_of(db, learner.id))
    for one in identifiers:
        if Held(one.type, one.value) not in held:
            held.add(Held(one.type, one.value))
            db.add(
                tables.learner_identifier,
                issuer_id=learner.issuer_id,
                learner_id=learner.id,
                type=one.type,
                value=one.value,
                valid_from=at,
            )


def _is_bound(db: Db, issuer_id: str, did: Did) -> bool:
    bound, row = tables.learner_did.c, tables.learner.c
    holder = sa.select(bound.seq).join(tables.learner, row.id == bound.learner_id)
    return db.scalar(holder.where(row.issuer_id == issuer_id, bound.did == did, bound.unbound_at.is_(None))) is not None


def _bind(db: Db, learner: Learner, did: Did, at: datetime) -> None:
    bound = did_of(db, learner.id)
    if bound is None and _is_bound(db, learner.issuer_id, did):
        raise Conflict(
            "the DID is bound to another learner",
            problems=[Place("/learner/did", "did_of_another", "is bound to another learner")],
        )
    if bound is None:
        db.add(tables.learner_did, learner_id=learner.id, did=did, bound_at=at)
    elif bound != did:
        raise Conflict(
            "the learner is bound to another DID",
            problems=[Place("/learner/did", "other_did", "differs from the DID that is bound")],
        )


def identifiers_of(db: Db, learner_id: str) -> list[Held]:
    """Give the valid identifiers of a learner, oldest first."""
    return db.all(Held, _IDENTIFIERS, learner_id=learner_id)


def did_of(db: Db, learner_id: str) -> Did | None:
    """Give the DID that is bound to a learner, or None."""
    bound = tables.learner_did.c
    found: Did | None = db.scalar(
        sa.select(bound.did).where(bound.learner_id == learner_id, bound.unbound_at.is_(None)).order_by(bound.bound_at)
    )
    return found


def set_hold(db: Db, learner_id: str, because: str | None) -> None:
    """Make the learner's awards wait, or let them go again with None."""
    db.run(sa.update(tables.learner).where(tables.learner.c.id == learner_id).values(award_hold=because))


def everyone(db: Db) -> list[str]:
    """Give the ids of all learners of all issuers, for the audit."""
    return list(db.run(sa.select(tables.learner.c.id).order_by(tables.learner.c.id)).scalars())
