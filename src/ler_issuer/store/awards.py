"""Awards: one row per (learner, achievement, basis), and every decision ever made about it, appended."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import learners, tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import Statement, columns, given, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ler_issuer.types import JsonObject


STACK_BASIS = "stack:"
RECOGNITION_BASIS = "recognition:"

OTHER_GROUNDS = (STACK_BASIS, RECOGNITION_BASIS)
"""How the basis of an award begins that rests on no results: holdings that add up, or something earned elsewhere."""


@dataclass(frozen=True, slots=True)
class Award:
    """Our decision that a learner earned an achievement. States: `held`, `issued`, `withdrawn`."""

    id: str
    issuer_id: str
    learner_id: str
    achievement_id: str
    basis: str
    state: str
    held_because: str | None
    withdrawn_by: str | None
    release_at: datetime | None
    decision_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """One decision: under which version, on which inputs (`[{"id", "digest"}]`), with what trace and consequence.

    `rule_version_id` names the version of the stacking rule when holdings added up.
    """

    id: str
    award_id: str
    achievement_version_id: str
    consequence: str
    rule_digest: str
    inputs: list[dict[str, str]]
    awarded_at: datetime | None
    overall: str | None
    trace: JsonObject
    decided_at: datetime
    decided_by: str
    rule_version_id: str | None = None


_AWARD = sa.select(*columns(tables.award, Award))
_BY_ID = Statement(_AWARD.where(tables.award.c.id == given("award_id")))
_LEARNERS = _AWARD.where(tables.award.c.learner_id.in_(listed("learner_ids"))).order_by(
    tables.award.c.achievement_id, tables.award.c.basis, tables.award.c.learner_id
)
_OF_LEARNER = Statement(_LEARNERS)
_OF_ACHIEVEMENT = Statement(_LEARNERS.where(tables.award.c.achievement_id == given("achievement_id")))
_DECISION = Statement(
    sa.select(*columns(tables.award_decision, StoredDecision)).where(tables.award_decision.c.id == given("decision_id"))
)


@functools.cache
def _change(names: tuple[str, ...]) -> Statement:
    changed = sa.update(tables.award).where(tables.award.c.id == given("of_award"))
    return Statement(changed.values({name: given(name) for name in names}))


def of_learner(db: Db, learner_ids: list[str], achievement_id: str | None = None) -> list[Award]:
    """Give the awards of the learners who are one person, of one achievement when it is named, by basis."""
    known = [db.memory.get(learners.all_awards(one)) for one in learner_ids]
    learner_ids = [one for one, awards in zip(learner_ids, known, strict=True) if awards != ()]
    if not learner_ids:
        return []
    only = db.memory.get(learners.all_awards(learner_ids[0])) if len(learner_ids) == 1 else None
    if only is not None and len(only) == 1:  # the order of several is for the database to say
        return [one for one in only if achievement_id in {None, one.achievement_id}]
    if achievement_id is None:
        return db.all(Award, _OF_LEARNER, learner_ids=learner_ids)
    return db.all(Award, _OF_ACHIEVEMENT, learner_ids=learner_ids, achievement_id=achievement_id)


def on_each_basis(awards: Iterable[Award], person: Sequence[str]) -> dict[tuple[str, str], list[Award]]:
    """Sort a person's awards by (achievement, basis), each time the one that counts first; `person` has the root first.

    Two learners may both have earned the same before they were merged. Both awards stay, one counts: one that is out,
    else one that waits; what a person took back goes before what facts took back, so that it does not come back by
    another way; and then that of the root.
    """
    place = {learner_id: number for number, learner_id in enumerate(person)}

    def rank(one: Award) -> tuple[int, bool, int]:
        return COUNTS_FIRST[one.state], one.withdrawn_by != "person", place[one.learner_id]

    found: dict[tuple[str, str], list[Award]] = {}
    for one in sorted(awards, key=rank):
        found.setdefault((one.achievement_id, one.basis), []).append(one)
    return found


COUNTS_FIRST = {"issued": 0, "held": 1, "withdrawn": 2}
"""Which of several awards of one person for the same counts, by its state."""


def get(db: Db, award_id: str) -> Award:
    """Give an award by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(Award, _BY_ID, award_id=award_id)
    if found is None:
        raise Missing("no such award")
    return found


def add(db: Db, award: Award) -> None:
    """Keep a new award; the unique key (learner, achievement, basis) is the last guard against awarding twice."""
    db.append(tables.award, award)
    known = db.memory.get(learners.all_awards(award.learner_id))
    if known is not None:
        db.memory[learners.all_awards(award.learner_id)] = (*known, award)


def change(db: Db, award_id: str, at: datetime, **values: Any) -> None:  # noqa: ANN401 - column values of any type
    """Change the state of an award."""
    values["updated_at"] = at
    db.forget_with("all awards", award_id)
    db.do(_change(tuple(values)), of_award=award_id, **values)


def issued(db: Db, award_id: str, at: datetime) -> None:
    """Note that the credential of an award is out: nothing makes it wait or took it back any more."""
    change(db, award_id, at, state="issued", held_because=None, withdrawn_by=None)


def decide(db: Db, decision: StoredDecision) -> None:
    """Append a decision."""
    db.append(tables.award_decision, decision)


def decision(db: Db, decision_id: str) -> StoredDecision:
    """Give a decision by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(StoredDecision, _DECISION, decision_id=decision_id)
    if found is None:
        raise Missing("no such decision")
    return found


def due(db: Db, at: datetime, *, after: str, limit: int) -> list[Award]:
    """Give awards whose embargo has ended by `at`, by id, from the one after `after`."""
    row = tables.award.c
    return db.all(
        Award,
        _AWARD.where(row.state == "held", row.held_because.is_(None), row.release_at <= at, row.id > after)
        .order_by(row.id)
        .limit(limit),
    )


def held_of(db: Db, learner_ids: list[str]) -> list[Award]:
    """Give a person's awards that wait."""
    row = tables.award.c
    return db.all(Award, _AWARD.where(row.learner_id.in_(learner_ids), row.state == "held").order_by(row.id))
