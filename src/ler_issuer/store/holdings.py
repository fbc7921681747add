"""Holdings: what credentials tell, kept beside them so that rules need not read every document anew.

The rows repeat what stands in the signed bytes; `audit replay` compares them. Credentials issued before there were such
rows are read from their bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.store import learners, tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import Statement, given, listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from ler_issuer.store.credentials import Credential
    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """What one credential tells a stacking rule, and where that came from."""

    credential_id: str
    award_id: str
    issuer_id: str
    learner_id: str
    achievement_id: str
    awarded_at: datetime
    participation_id: str | None
    section_id: str | None
    facts: JsonObject


@dataclass(frozen=True, slots=True)
class Held:
    """A credential as a holding: whose, of which award, in what state; `body` stands in where there are no `facts`."""

    credential_id: str
    award_id: str
    learner_id: str
    achievement_id: str
    basis: str
    state: str
    digest: str
    decision_id: str
    facts: JsonObject | None
    body: bytes | None
    section_id: str | None = None

    @property
    def id(self) -> str:
        """Give the id of the credential."""
        return self.credential_id


@dataclass(frozen=True, slots=True)
class Part:
    """A part that a stack's decision rests on, as its credential stands now."""

    award_id: str
    learner_id: str
    achievement_id: str
    credential_id: str
    state: str
    valid_until: datetime | None


_ROW, _CREDENTIAL, _AWARD = tables.holding.c, tables.credential.c, tables.award.c
_HELD = (
    sa.select(
        _CREDENTIAL.id,
        _CREDENTIAL.award_id,
        _CREDENTIAL.learner_id,
        _CREDENTIAL.achievement_id,
        _AWARD.basis,
        _CREDENTIAL.state,
        _CREDENTIAL.digest,
        _CREDENTIAL.decision_id,
        _ROW.facts,
        sa.case((_ROW.credential_id.is_(None), _CREDENTIAL.body)),
        _ROW.section_id,
    )
    .join(tables.award, _AWARD.id == _CREDENTIAL.award_id)
    .outerjoin(tables.holding, _ROW.credential_id == _CREDENTIAL.id)
)
_CURRENT = _HELD.where(_CREDENTIAL.learner_id.in_(listed("learner_ids")), _CREDENTIAL.state == "current").order_by(
    _CREDENTIAL.created_at, _CREDENTIAL.id
)
_OF_LEARNERS = Statement(_CURRENT)
_OF_ACHIEVEMENTS = Statement(_CURRENT.where(_CREDENTIAL.achievement_id.in_(listed("achievement_ids"))))


def add(db: Db, row: HoldingRow, credential: Credential) -> None:
    """Keep what a credential tells."""
    db.append(tables.holding, row)
    known = db.memory.pop(learners.all_held(row.learner_id), None)
    made = db.memory.get(learners.all_awards(row.learner_id), ())
    bases = [one.basis for one in made if one.id == row.award_id]
    if known is not None and bases:
        held = Held(
            credential_id=credential.id,
            award_id=credential.award_id,
            learner_id=credential.learner_id,
            achievement_id=credential.achievement_id,
            basis=bases[0],
            state=credential.state,
            digest=credential.digest,
            decision_id=credential.decision_id,
            facts=row.facts,
            body=None,
            section_id=row.section_id,
        )
        db.memory[learners.all_held(row.learner_id)] = (*known, held)


def _known(db: Db, learner_ids: Sequence[str], achievement_ids: Collection[str] | None) -> list[Held] | None:
    """Give what a learner holds whom this transaction made, if that is one at most: it would say so if it changed."""
    known = db.memory.get(learners.all_held(learner_ids[0])) if len(learner_ids) == 1 else None
    if known is None or len(known) > 1:  # the order of several is for the database to say
        return None
    return [one for one in known if achievement_ids is None or one.achievement_id in achievement_ids]


def untold(db: Db, *, after: str, limit: int) -> list[str]:
    """Give credentials of which nothing is kept yet, by id, after `after`: those older than this table."""
    statement = (
        sa.select(_CREDENTIAL.id)
        .outerjoin(tables.holding, _ROW.credential_id == _CREDENTIAL.id)
        .where(_ROW.credential_id.is_(None), _CREDENTIAL.id > after)
        .order_by(_CREDENTIAL.id)
        .limit(limit)
    )
    return list(db.run(statement).scalars())


def current(db: Db, learner_ids: Sequence[str], achievement_ids: Collection[str] | None = None) -> list[Held]:
    """Give the current credentials of some learners, of some achievements when they are named, the oldest first."""
    known = _known(db, learner_ids, achievement_ids)
    if known is not None:
        return known
    if achievement_ids is None:
        return db.all(Held, _OF_LEARNERS, learner_ids=list(learner_ids))
    return db.all(Held, _OF_ACHIEVEMENTS, learner_ids=list(learner_ids), achievement_ids=sorted(achievement_ids))


def named(db: Db, credential_ids: Iterable[str]) -> list[Held]:
    """Give these credentials as holdings, whatever became of them, the oldest first."""
    wanted = sorted(set(credential_ids))
    return db.all(Held, _HELD.where(_CREDENTIAL.id.in_(wanted)).order_by(_CREDENTIAL.created_at, _CREDENTIAL.id))


def put_parts(db: Db, decision_id: str, stack_award_id: str, parts: Iterable[tuple[str, str]]) -> None:
    """Keep what a stack's decision rests on: pairs of (award, credential)."""
    for award_id, credential_id in parts:
        db.add(
            tables.stacking_part,
            decision_id=decision_id,
            stack_award_id=stack_award_id,
            part_award_id=award_id,
            credential_id=credential_id,
        )


_PART = tables.stacking_part.c
_PARTS = Statement(
    sa.select(
        _PART.part_award_id,
        _CREDENTIAL.learner_id,
        _CREDENTIAL.achievement_id,
        _CREDENTIAL.id,
        _CREDENTIAL.state,
        _CREDENTIAL.valid_until,
    )
    .join(tables.credential, _CREDENTIAL.id == _PART.credential_id)
    .where(_PART.decision_id == given("decision_id"))
    .order_by(_CREDENTIAL.id)
)


def parts_of(db: Db, decision_id: str) -> list[Part]:
    """Give the parts that a stack's decision rests on, as their credentials stand now."""
    return db.all(Part, _PARTS, decision_id=decision_id)


def resting_on(db: Db, part_award_ids: Collection[str]) -> list[str]:
    """Give the stack awards whose latest decision rests on any of these awards."""
    latest = sa.and_(_AWARD.id == _PART.stack_award_id, _AWARD.decision_id == _PART.decision_id)
    statement = sa.select(_AWARD.id).distinct().join(tables.stacking_part, latest)
    return list(db.run(statement.where(_PART.part_award_id.in_(sorted(part_award_ids))).order_by(_AWARD.id)).scalars())


def expired(db: Db, at: datetime, *, after: str, limit: int) -> list[tuple[str, str, str]]:
    """Give (credential, learner, achievement) of what expired by `at` and was not acted on, by credential id."""
    seen = tables.credential_expiry.c
    statement = (
        sa.select(_CREDENTIAL.id, _CREDENTIAL.learner_id, _CREDENTIAL.achievement_id)
        .outerjoin(tables.credential_expiry, seen.credential_id == _CREDENTIAL.id)
        .where(
            _CREDENTIAL.valid_until <= at,
            _CREDENTIAL.state.in_(("current", "suspended")),
            seen.credential_id.is_(None),
            _CREDENTIAL.id > after,
        )
        .order_by(_CREDENTIAL.id)
        .limit(limit)
    )
    return [(one.id, one.learner_id, one.achievement_id) for one in db.run(statement)]


def acted_on_expiry(db: Db, credential_id: str, at: datetime) -> bool:
    """Note that what follows from a credential's expiry was done; tell whether it had not been noted before."""
    return db.add_new(tables.credential_expiry, credential_id=credential_id, acted_at=at)


_TOLD = Statement(
    sa.select(_ROW.facts).where(
        _ROW.learner_id.in_(listed("learner_ids")), _ROW.achievement_id.in_(listed("achievement_ids"))
    )
)


def originals(db: Db, learner_ids: Sequence[str], achievement_ids: Collection[str]) -> set[str]:
    """Give what these learners were recognised for in the place of any of these achievements, whatever became of it."""
    known = _known(db, learner_ids, achievement_ids)
    if known is None:
        found = db.rows(_TOLD, learner_ids=list(learner_ids), achievement_ids=sorted(achievement_ids))
        kept: list[JsonObject] = [facts for (facts,) in found]
    else:
        kept = [one.facts or {} for one in known]
    told = (facts.get("recognised") or {} for facts in kept)
    return {one["achievement"] for one in told if "achievement" in one}
