"""Back-awards: how far a rule has been applied to those who earned its parts before it was published."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import learners, tables
from ler_issuer.store.awards import STACK_BASIS
from ler_issuer.store.db import Db
from ler_issuer.store.statements import Statement, columns, listed

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class BackAward:
    """One run over the learners whom a new version may concern.

    `after` is the learner that was looked at last; `total` counts those there were to look at when it began, `done`
    those that were. States: `running`, `done`, and `overtaken` by the version after it.
    """

    id: str
    issuer_id: str
    rule_version_id: str
    state: str
    after: str
    total: int
    done: int
    awarded: int
    cases: int
    actor: str
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None


_RUN = sa.select(*columns(tables.back_award, BackAward))
_ROW = tables.back_award.c
_CREDENTIAL = tables.credential.c


def add(db: Db, run: BackAward) -> None:
    """Keep a new run."""
    db.keep(tables.back_award, run)


def change(db: Db, run_id: str, **values: Any) -> None:  # noqa: ANN401 - column values of any type
    """Change a run."""
    db.run(sa.update(tables.back_award).where(_ROW.id == run_id).values(**values))


def get(db: Db, run_id: str) -> BackAward:
    """Give a run by id.

    Raises:
        Missing: there is none.
    """
    return _one(db, _RUN.where(_ROW.id == run_id))


def held(db: Db, run_id: str) -> BackAward:
    """Give a run, and hold it until the transaction ends: whoever else takes it up goes on where we stop.

    Raises:
        Missing: there is none.
    """
    return _one(db, _RUN.where(_ROW.id == run_id).with_for_update())


def _one(db: Db, statement: sa.Select[Any]) -> BackAward:
    found = db.first(BackAward, statement)
    if found is None:
        raise Missing("no such back-award")
    return found


def of_rule(db: Db, rule_id: str) -> list[BackAward]:
    """Give the runs of all versions of a rule, the newest first."""
    version = tables.stacking_rule_version.c
    return db.all(
        BackAward,
        _RUN.join(tables.stacking_rule_version, version.id == _ROW.rule_version_id)
        .where(version.rule_id == rule_id)
        .order_by(version.version.desc(), _ROW.started_at.desc(), _ROW.id),
    )


def running(db: Db) -> list[str]:
    """Give the runs of all issuers that are not at their end, the oldest first."""
    statement = sa.select(_ROW.id).where(_ROW.state == "running").order_by(_ROW.started_at, _ROW.id)
    return list(db.run(statement).scalars())


# ── Whom a rule may concern ──────────────────────────────────────────────────────────────────────────────────────────
def concerned(db: Db, issuer_id: str, achievement_ids: Collection[str] | None, *, after: str, limit: int) -> list[str]:
    """Give learners who were ever issued one of some achievements (None: any at all), by id, from the one after.

    Goes through learners in their order and looks at what each was issued: so every chunk begins where the one before
    ended, and a run reads everything once.
    """
    learner = tables.learner.c
    theirs = sa.exists().where(_CREDENTIAL.learner_id == learner.id)
    if achievement_ids is not None:
        theirs = theirs.where(_CREDENTIAL.achievement_id.in_(sorted(achievement_ids)))
    unindexed = learner.issuer_id.concat("")  # by that index SQLite would sort all learners of the issuer, each time
    statement = sa.select(learner.id).where(learner.id > after, unindexed == issuer_id, theirs)
    return list(db.run(statement.order_by(learner.id).limit(limit)).scalars())


def count_concerned(db: Db, issuer_id: str, achievement_ids: Collection[str] | None) -> int:
    """Count the learners whom `concerned` would give."""
    wanted = [_CREDENTIAL.issuer_id == issuer_id]
    if achievement_ids is not None:
        wanted.append(_CREDENTIAL.achievement_id.in_(sorted(achievement_ids)))
    return int(db.scalar(sa.select(sa.func.count(_CREDENTIAL.learner_id.distinct())).where(*wanted)))


def merges(db: Db, issuer_id: str) -> dict[str, str]:
    """Give the issuer's learners who were merged, each with whom they were merged into."""
    row = tables.learner.c
    wanted = sa.select(row.id, row.merged_into_id).where(row.merged_into_id.is_not(None), row.issuer_id == issuer_id)
    return {one.id: one.merged_into_id for one in db.run(wanted)}


def recognised(db: Db, issuer_id: str) -> set[str]:
    """Give the achievements of the issuer's that somebody was ever recognised for."""
    row = tables.recognition.c
    return set(db.run(sa.select(row.achievement_id).distinct().where(row.issuer_id == issuer_id)).scalars())


# ── What is known about them ─────────────────────────────────────────────────────────────────────────────────────────
_HELD_AT, _EARNED, _ENROLMENT = tables.holding.c, tables.achievement.c, tables.enrolment.c
_FIRST_HELD = Statement(
    sa.select(
        _HELD_AT.learner_id, _EARNED.uri, sa.func.min(_HELD_AT.awarded_at, type_=_HELD_AT.awarded_at.type).label("at")
    )
    .join(tables.achievement, _EARNED.id == _HELD_AT.achievement_id)
    .where(_HELD_AT.learner_id.in_(listed("learner_ids")))
    .group_by(_HELD_AT.learner_id, _EARNED.uri)
)
_ENROLLED = Statement(
    sa.select(_ENROLMENT.learner_id).distinct().where(_ENROLMENT.learner_id.in_(listed("learner_ids")))
)


def first_held(db: Db, learner_ids: Collection[str]) -> dict[str, dict[str, datetime]]:
    """Give when these learners first earned each achievement, whatever became of it: by learner and achievement URI."""
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    for learner_id, uri, at in db.rows(_FIRST_HELD, learner_ids=sorted(learner_ids)):
        found[learner_id][uri] = at
    return dict(found)


def enrolled_somewhere(db: Db, learner_ids: Collection[str]) -> set[str]:
    """Give those of these learners who were ever enrolled in a programme."""
    asked = sorted(one for one in learner_ids if db.memory.get(learners.all_enrolments(one)) != ())
    return {learner_id for (learner_id,) in db.rows(_ENROLLED, learner_ids=asked)} if asked else set()


@dataclass(frozen=True, slots=True)
class StackAward:
    """An award that a stacking rule made, and under which version; `open_case` says that it is in question."""

    learner_id: str
    achievement_uri: str
    state: str
    withdrawn_by: str | None
    rule_version_id: str
    open_case: bool


def stack_awards(db: Db, learner_ids: Collection[str]) -> list[StackAward]:
    """Give the awards that stacking rules made for these learners."""
    award, decision, achievement = tables.award.c, tables.award_decision.c, tables.achievement.c
    case = tables.review_case.c
    in_question = sa.exists().where(case.award_id == award.id, case.state == "open")
    statement = (
        sa.select(
            award.learner_id,
            achievement.uri,
            award.state,
            award.withdrawn_by,
            decision.rule_version_id,
            in_question,
        )
        .join(tables.award_decision, decision.id == award.decision_id)
        .join(tables.achievement, achievement.id == award.achievement_id)
        .where(award.learner_id.in_(sorted(learner_ids)), award.basis.startswith(STACK_BASIS, autoescape=True))
        .order_by(award.id)
    )
    return db.all(StackAward, statement)


def nameable(db: Db, learner_ids: Collection[str], never: Collection[str]) -> set[str]:
    """Give those of these learners who have an identifier of another type than `never`."""
    row = tables.learner_identifier.c
    wanted = sa.and_(row.learner_id.in_(sorted(learner_ids)), row.valid_until.is_(None), row.type.not_in(sorted(never)))
    return set(db.run(sa.select(row.learner_id).distinct().where(wanted)).scalars())


def on_hold(db: Db, learner_ids: Collection[str]) -> set[str]:
    """Give those of these learners whose awards wait."""
    row = tables.learner.c
    wanted = sa.and_(row.id.in_(sorted(learner_ids)), row.award_hold.is_not(None))
    return set(db.run(sa.select(row.id).where(wanted)).scalars())


def units_of(db: Db, credential_ids: Collection[str]) -> dict[str, str]:
    """Give the name of the unit whose course a credential was earned in, for those of these where it is known."""
    row, section, course, unit = tables.holding.c, tables.section.c, tables.course.c, tables.organisation.c
    statement = (
        sa.select(row.credential_id, unit.name)
        .join(tables.section, section.id == row.section_id)
        .join(tables.course, course.id == section.course_id)
        .join(tables.organisation, unit.id == course.organisation_id)
        .where(row.credential_id.in_(sorted(credential_ids)))
    )
    return {one.credential_id: one.name for one in db.run(statement)}
