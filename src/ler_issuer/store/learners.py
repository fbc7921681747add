"""Learners: matched by (issuer, identifier type, identifier), merged explicitly, never guessed.

A *person* is a learner whom nobody was merged away from (the root), and everybody who was merged into that one. A merge
is a link: identifiers, results and awards stay with the learner who had them, and what reads a person reads them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Conflict, Missing, Place
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import Statement, columns, given, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
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
_BY_ID = Statement(_LEARNER.where(tables.learner.c.id == given("learner_id")))
_OWNED = Statement(
    _LEARNER.where(tables.learner.c.id == given("learner_id"), tables.learner.c.issuer_id == given("issuer_id"))
)
_IDENTIFIER = tables.learner_identifier.c
_IDENTIFIERS = Statement(
    sa.select(_IDENTIFIER.valid_from, _IDENTIFIER.type, _IDENTIFIER.value).where(
        _IDENTIFIER.learner_id == given("learner_id"), _IDENTIFIER.valid_until.is_(None)
    )
)
_LINKS = Statement(
    sa.select(tables.learner.c.id, tables.learner.c.merged_into_id).where(
        sa.or_(tables.learner.c.id.in_(listed("near")), tables.learner.c.merged_into_id.in_(listed("near")))
    )
)
_DID = Statement(
    sa.select(tables.learner_did.c.did)
    .where(
        tables.learner_did.c.learner_id.in_(listed("learner_ids")),
        tables.learner_did.c.unbound_at.is_(None),
    )
    .order_by(tables.learner_did.c.bound_at, tables.learner_did.c.seq)
)
_BY_IDENTIFIER = Statement(
    sa.select(_IDENTIFIER.value, _IDENTIFIER.learner_id).where(
        _IDENTIFIER.issuer_id == given("issuer_id"),
        _IDENTIFIER.type == given("type"),
        _IDENTIFIER.value.in_(listed("values")),
        _IDENTIFIER.valid_until.is_(None),
    )
)
_HOLDER = Statement(
    sa.select(tables.learner_did.c.seq)
    .join(tables.learner, tables.learner.c.id == tables.learner_did.c.learner_id)
    .where(
        tables.learner.c.issuer_id == given("issuer_id"),
        tables.learner_did.c.did == given("did"),
        tables.learner_did.c.unbound_at.is_(None),
    )
)


def lock_names(issuer_id: str, ref: LearnerRef) -> list[str]:
    """Name the locks that keep two transactions from making the same learner twice, or binding one DID to two."""
    known = [(one.type, one.value) for one in (each.normalised() for each in ref.identifiers)]
    if ref.did is not None:
        known.append(("did", ref.did))
    return [f"learner {issuer_id} {kind} {value}" for kind, value in known]


def lock(db: Db, learner_ids: Iterable[str]) -> None:
    """Hold these persons until the transaction ends: whatever is decided about one is decided by one at a time."""
    if db.is_sqlite:  # the transaction holds the write lock already
        return
    learner = tables.learner.c
    held: set[str] = set()
    wanted = together(db, learner_ids)
    while wanted - held:  # again when somebody merged them with others before we had the lock
        db.run(sa.select(learner.id).where(learner.id.in_(sorted(wanted))).order_by(learner.id).with_for_update())
        held = wanted
        wanted = together(db, held)


# ── Persons ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def person(db: Db, learner_id: str) -> list[str]:
    """Give everybody who is one person with a learner: the root first, the others by id.

    Looked up once in a transaction: lock a learner before asking, where anything is decided on the answer.
    """
    return db.once(("person", learner_id), lambda: _below(_links(db, [learner_id]), None))


def root_of(db: Db, learner_id: str) -> str:
    """Give the learner into whom this one was merged, by however many steps; who was not merged is their own root."""
    return person(db, learner_id)[0]


def together(db: Db, learner_ids: Iterable[str]) -> set[str]:
    """Give everybody who is one person with any of these learners, as it is at this moment, locked or not."""
    return set(_links(db, learner_ids))


def with_absorbed(db: Db, learner_id: str) -> list[str]:
    """Give a learner and everybody merged into that one, whomever they all were merged into since."""
    return _below(_links(db, [learner_id]), learner_id)


def persons(db: Db) -> Iterator[list[str]]:
    """Give everybody of all issuers, person by person as `person` gives them, for whoever goes through all."""
    row = tables.learner.c
    absorbed: dict[str | None, list[str]] = {}
    for one in db.run(sa.select(row.id, row.merged_into_id).where(row.merged_into_id.is_not(None)).order_by(row.id)):
        absorbed.setdefault(one.merged_into_id, []).append(one.id)
    for root_id in db.run(sa.select(row.id).where(row.merged_into_id.is_(None)).order_by(row.id)).scalars():
        found = [root_id]
        for one in found:
            found.extend(absorbed.get(one, ()))
        yield [root_id, *sorted(found[1:])]


def link(db: Db, learner_id: str, into_id: str | None) -> None:
    """Say whom a learner was merged into, or with None that they stand for themselves again."""
    db.run(sa.update(tables.learner).where(tables.learner.c.id == learner_id).values(merged_into_id=into_id))
    db.memory.clear()  # what was looked up before may have been about another person


def _links(db: Db, learner_ids: Iterable[str]) -> dict[str, str | None]:
    """Give everybody whom merges connect with these learners, by however many steps, and whom each was merged into."""
    known: dict[str, str | None] = {}
    asked: set[str] = set()
    near = set(learner_ids)
    while near:
        asked |= near
        known.update((who, into) for who, into in db.rows(_LINKS, near=sorted(near)))
        near = {one for pair in known.items() for one in pair if one is not None} - asked
    return known


def _below(links: Mapping[str, str | None], top: str | None) -> list[str]:
    """Give everybody below a place in a tree of merges, that place first when it is somebody."""
    found = [top] if top is not None else [one for one, into in links.items() if into is None]
    for one in found:
        found.extend(sorted(who for who, into in links.items() if into == one))
    return [*found[:1], *sorted(found[1:])]


# ── One learner ──────────────────────────────────────────────────────────────────────────────────────────────────────
def get(db: Db, learner_id: str) -> Learner:
    """Give a learner by id.

    Raises:
        Missing: there is none.
    """
    new = _new(db, learner_id)
    found = db.first(Learner, _BY_ID, learner_id=learner_id) if new is None else new.learner
    if found is None:
        raise Missing("no such learner")
    return found


def owned_by(db: Db, learner_id: str, issuer_id: str) -> Learner:
    """Give a learner of this issuer.

    Raises:
        Missing: there is none, or it is another issuer's.
    """
    found = db.first(Learner, _OWNED, learner_id=learner_id, issuer_id=issuer_id)
    if found is None:
        raise Missing("no such learner")
    return found


def ids_of(db: Db, issuer_id: str, identifiers: Iterable[Identifier]) -> list[str]:
    """Give the ids of the learners that these identifiers belong to now, each once."""
    named = [each.normalised() for each in identifiers]
    if any(("holder", issuer_id, one.type, one.value) not in db.memory for one in named):
        holders = set(_holders(db, issuer_id, named).values())
    else:
        holders = {db.memory["holder", issuer_id, one.type, one.value] for one in named}
    return sorted(one for one in holders if one is not None)


def foresee(db: Db, issuer_id: str, coming: Iterable[LearnerRef]) -> None:
    """Look up at once whose the identifiers of many are; they must be locked already."""
    db.memory.update(_holders(db, issuer_id, [one.normalised() for ref in coming for one in ref.identifiers]))


def _holders(db: Db, issuer_id: str, named: Sequence[Identifier]) -> dict[Hashable, str | None]:
    """Give for each identifier whose it is now, or None, under the name by which that is remembered."""
    found: dict[Hashable, str | None] = {}
    by_type: dict[str, set[str]] = {}
    for one in named:
        found["holder", issuer_id, one.type, one.value] = None
        by_type.setdefault(one.type, set()).add(one.value)
    for kind, values in by_type.items():
        for value, learner_id in db.rows(_BY_IDENTIFIER, issuer_id=issuer_id, type=kind, values=sorted(values)):
            found["holder", issuer_id, kind, value] = learner_id
    return found


def match(db: Db, issuer_id: str, ref: LearnerRef, *, at: datetime, fresh: Callable[[], Learner]) -> Learner:
    """Give the one learner that a source means, made if nobody has an identifier, and add what is new.

    Identifiers of several learners who were merged mean their root. `fresh` makes a learner with a new id, salt and
    pseudonym key.

    Raises:
        Conflict: the identifiers belong to different persons, or the person is bound to another DID.
    """
    found = ids_of(db, issuer_id, ref.identifiers)
    if len(found) > 1:
        found = sorted({root_of(db, one) for one in found})
    if len(found) > 1:
        raise Conflict(
            "the identifiers belong to different learners",
            problems=[Place("/learner/identifiers", "several_learners", "belong to different learners")],
        )
    if found:
        learner = get(db, found[0])
    else:
        learner = fresh()
        _keep_new(db, learner)
    _add_identifiers(db, learner, [one.normalised() for one in ref.identifiers], at)
    if ref.did is not None:
        _bind(db, learner, ref.did, at)
    return learner


@dataclass
class _New:
    """A learner who was made in this transaction, so that nobody else can have changed anything about them."""

    learner: Learner
    identifiers: list[tuple[datetime, str, str]] | None = None


def _keep_new(db: Db, learner: Learner) -> None:
    db.append(tables.learner, learner)
    db.memory["person", learner.id] = [learner.id]
    db.memory["new learner", learner.id] = _New(learner)
    db.memory.update(dict.fromkeys((all_of(learner.id) for all_of in _WHAT_NEW_ONES_HAVE_NONE_OF), ()))


def _new(db: Db, learner_id: str) -> _New | None:
    found: _New | None = db.memory.get(("new learner", learner_id))
    return found


def _all(kind: str) -> Callable[[str], tuple[str, str]]:
    """Give how to name what a transaction remembers of a learner whom it made: all they have of a kind, as it came."""
    return lambda learner_id: (f"all {kind}", learner_id)


all_results, all_awards, all_held = _all("results"), _all("awards"), _all("held")
"""Results as they were added; awards and holdings as long as none of them was changed."""

all_pins, all_enrolments = _all("pins"), _all("enrolments")
"""The versions of rules that they are pinned to; and that they are enrolled nowhere."""

_WHAT_NEW_ONES_HAVE_NONE_OF = (all_results, all_awards, all_held, all_pins, all_enrolments)


def _changed(db: Db, learner_ids: Iterable[str]) -> None:
    """Ask the database from now on about learners who were new until now."""
    for learner_id in learner_ids:
        db.memory.pop(("new learner", learner_id), None)


def _add_identifiers(db: Db, learner: Learner, identifiers: Sequence[Identifier], at: datetime) -> None:
    new = _new(db, learner.id)
    if new is not None and new.identifiers is None:
        held: set[Held] = set()
        new.identifiers = sorted({(at, one.type, one.value) for one in identifiers})
    else:
        held = {known for one in person(db, learner.id) for known in identifiers_of(db, one)}
        _changed(db, [learner.id])
    for one in identifiers:
        if Held(one.type, one.value) not in held:
            held.add(Held(one.type, one.value))
            db.append(
                tables.learner_identifier,
                {
                    "issuer_id": learner.issuer_id,
                    "learner_id": learner.id,
                    "type": one.type,
                    "value": one.value,
                    "valid_from": at,
                },
            )
            db.memory["holder", learner.issuer_id, one.type, one.value] = learner.id


def _is_bound(db: Db, issuer_id: str, did: Did) -> bool:
    return db.scalar(_HOLDER, issuer_id=issuer_id, did=did) is not None


def _bind(db: Db, learner: Learner, did: Did, at: datetime) -> None:
    bound = did_of(db, learner.id)
    if bound is None and _is_bound(db, learner.issuer_id, did):
        raise Conflict(
            "the DID is bound to another learner",
            problems=[Place("/learner/did", "did_of_another", "is bound to another learner")],
        )
    if bound is None:
        _changed(db, [learner.id])
        db.add(tables.learner_did, learner_id=learner.id, did=did, bound_at=at)
    elif bound != did:
        raise Conflict(
            "the learner is bound to another DID",
            problems=[Place("/learner/did", "other_did", "differs from the DID that is bound")],
        )


def identifiers_of(db: Db, learner_id: str) -> list[Held]:
    """Give the valid identifiers of a learner, oldest first; those of one moment by type and value."""
    new = _new(db, learner_id)
    rows = db.rows(_IDENTIFIERS, learner_id=learner_id) if new is None or new.identifiers is None else new.identifiers
    return [Held(kind, value) for _, kind, value in sorted(map(tuple, rows))]


def did_of(db: Db, learner_id: str) -> Did | None:
    """Give the DID that is bound to a person, whichever of the learners merged into one it came with, or None."""
    return own_did(db, person(db, learner_id))


def own_did(db: Db, learner_ids: list[str]) -> Did | None:
    """Give the DID that is bound to one of these learners, leaving aside with whom they were merged, or None."""
    known = [one for one in learner_ids if _new(db, one) is None]
    found: Did | None = db.scalar(_DID, learner_ids=known) if known else None
    return found


def dids_ever(db: Db, learner_ids: list[str]) -> set[str]:
    """Give every DID that is or was bound to one of these learners."""
    bound = tables.learner_did.c
    return set(db.run(sa.select(bound.did).where(bound.learner_id.in_(learner_ids))).scalars())


def unbind(db: Db, learner_ids: list[str], at: datetime) -> None:
    """End the binding of these learners to a DID; credentials that name it stay as they are."""
    _changed(db, learner_ids)
    bound = tables.learner_did.c
    ended = sa.update(tables.learner_did).where(bound.learner_id.in_(learner_ids), bound.unbound_at.is_(None))
    db.run(ended.values(unbound_at=at))


def set_hold(db: Db, learner_ids: list[str], because: str | None) -> None:
    """Make the awards of these learners wait, or let them go again with None."""
    _changed(db, learner_ids)
    db.run(sa.update(tables.learner).where(tables.learner.c.id.in_(learner_ids)).values(award_hold=because))


def everyone(db: Db) -> list[str]:
    """Give the ids of all learners of all issuers, for the audit."""
    return list(db.run(sa.select(tables.learner.c.id).order_by(tables.learner.c.id)).scalars())
