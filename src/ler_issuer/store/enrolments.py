"""Enrolments: the programmes that learners are in, with catalog years, and the achievements they are assessed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.store import learners, tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ler_issuer.store.learners import Learner


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A learner in a programme, under the rules of a catalog year; `programme` is the source's id of it."""

    programme: str
    title: str | None
    catalog_year: str
    started_on: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Expected:
    """An achievement that a learner is being assessed on, until a day if it is known."""

    achievement_id: str
    ends_on: date | None


_ENROLMENTS = (
    sa.select(
        tables.programme.c.source_id,
        tables.programme.c.title,
        tables.programme.c.catalog_year,
        tables.enrolment.c.started_on,
        tables.enrolment.c.ended_on,
    )
    .join(tables.programme, tables.programme.c.id == tables.enrolment.c.programme_id)
    .where(tables.enrolment.c.learner_id.in_(sa.bindparam("learner_ids", expanding=True)))
)


def of_learner(db: Db, learner_ids: list[str]) -> list[Enrolment]:
    """Give the programmes that these learners are or were enrolled in, the first to start first."""
    return sorted(db.all(Enrolment, _ENROLMENTS, learner_ids=learner_ids), key=_in_time)


def _in_time(one: Enrolment) -> tuple[bool, date, str, str]:
    start = one.started_on
    return start is None, start or date.min, one.catalog_year, one.programme


def catalog_year(db: Db, learner_ids: list[str], on: date | None = None) -> str | None:
    """Give the catalog year that a person's stacking rules go by, or None when they were never enrolled.

    It is that of the programme that is still open and began first. Open is one without an end, or that ends after `on`
    when a day is given; when none is open, the one that ended last is taken. One whose start is not known comes after
    those whose start is; the lower catalog year, then the lower programme id breaks what is left of ties.
    """
    known = of_learner(db, learner_ids)
    still_open = [one for one in known if one.ended_on is None or (on is not None and one.ended_on >= on)]
    last = max((one.ended_on for one in known if one.ended_on is not None), default=None)
    chosen = still_open or [one for one in known if one.ended_on == last]
    return chosen[0].catalog_year if chosen else None


def expected_of(db: Db, learner_ids: list[str]) -> list[Expected]:
    """Give the achievements that these learners are, or were, being assessed on, by id."""
    row = tables.enrolled_achievement.c
    statement = sa.select(row.achievement_id, row.ends_on).where(row.learner_id.in_(learner_ids))
    return db.all(Expected, statement.order_by(row.achievement_id, row.learner_id))


def enrolled(db: Db, learner_ids: list[str], on: date) -> list[str]:
    """Give the achievements that a person is being assessed on at a day, each once, by id."""
    return sorted(
        {one.achievement_id for one in expected_of(db, learner_ids) if one.ends_on is None or one.ends_on >= on}
    )


def replace_all(
    db: Db, learner: Learner, programmes: Iterable[Enrolment], expected: Iterable[Expected], new_id: Callable[[], str]
) -> None:
    """Put these enrolments in the place of all that a learner had."""
    db.memory.pop(learners.all_enrolments(learner.id), None)
    for table in (tables.enrolment, tables.enrolled_achievement):
        db.run(sa.delete(table).where(table.c.learner_id == learner.id))
    for one in programmes:
        db.add(
            tables.enrolment,
            learner_id=learner.id,
            programme_id=_programme_id(db, learner.issuer_id, one, new_id),
            catalog_year=one.catalog_year,
            started_on=one.started_on,
            ended_on=one.ended_on,
        )
    for each in expected:
        db.add(tables.enrolled_achievement, learner_id=learner.id, **row_of(each))


def _programme_id(db: Db, issuer_id: str, said: Enrolment, new_id: Callable[[], str]) -> str:
    """Give the programme of a catalog year, made when it is new; the last title that was told is its title."""
    row = tables.programme.c
    same = {"issuer_id": issuer_id, "source_id": said.programme, "catalog_year": said.catalog_year}
    wanted = sa.and_(*(row[name] == value for name, value in same.items()))
    is_new = db.add_new(tables.programme, id=new_id(), title=said.title or said.programme, **same)
    if said.title is not None and not is_new:
        db.run(sa.update(tables.programme).where(wanted).values(title=said.title))
    found: str = db.scalar(sa.select(row.id).where(wanted))
    return found
