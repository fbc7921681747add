"""Sections: the classes that results come out of, with their courses, units and sessions.

Nobody registers them: they are made when a result first tells of them, and completed or corrected by what later results
say. What a result leaves out stays as it is known.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from ler_issuer.assessments import Section


@dataclass(frozen=True, slots=True)
class Placed:
    """A section and what is around it: the ids that sources use, and words for people.

    Of a result: what it says, with None for what it leaves out. Of the database: what is known, where a title or name
    that nobody told is the id.
    """

    section: str
    title: str | None
    credits: Decimal | None
    course: str | None
    course_title: str | None
    course_code: str | None
    unit: str | None
    unit_name: str | None
    session: str | None
    session_title: str | None
    starts_on: date | None
    ends_on: date | None


_SECTION, _COURSE, _UNIT = tables.section.c, tables.course.c, tables.organisation.c
_SESSION = tables.academic_session.c
_PLACED = (
    sa.select(
        _SECTION.source_id,
        _SECTION.title,
        _SECTION.credits,
        _COURSE.source_id,
        _COURSE.title,
        _COURSE.code,
        _UNIT.source_id,
        _UNIT.name,
        _SESSION.source_id,
        _SESSION.title,
        _SESSION.starts_on,
        _SESSION.ends_on,
    )
    .outerjoin(tables.course, _COURSE.id == _SECTION.course_id)
    .outerjoin(tables.organisation, _UNIT.id == _COURSE.organisation_id)
    .outerjoin(tables.academic_session, _SESSION.id == _SECTION.academic_session_id)
)
_BY_ID = _PLACED.where(_SECTION.id == sa.bindparam("section_id"))
_BY_SOURCE_IDS = _PLACED.where(
    _SECTION.issuer_id == sa.bindparam("issuer_id"),
    _SECTION.source_id.in_(sa.bindparam("source_ids", expanding=True)),
)
_IDS = {
    table: sa.select(table.c.id).where(
        table.c.issuer_id == sa.bindparam("issuer_id"), table.c.source_id == sa.bindparam("source_id")
    )
    for table in (tables.organisation, tables.academic_session, tables.course, tables.section)
}


def placed(db: Db, section_id: str) -> Placed:
    """Give a section with what is known around it.

    Raises:
        Missing: there is none.
    """
    found = db.first(Placed, _BY_ID, section_id=section_id)
    if found is None:
        raise Missing("no such section")
    return found


def completed(db: Db, section_id: str, section: Section) -> Placed:
    """Give what a result says about its section, and what is known by now where the result is silent."""
    said, known = told(section), placed(db, section_id)
    if said.course not in {None, known.course}:
        known = replace(known, course_title=None, course_code=None, unit=None, unit_name=None)
    if said.unit not in {None, known.unit}:
        known = replace(known, unit_name=None)
    if said.session not in {None, known.session}:
        known = replace(known, session_title=None, starts_on=None, ends_on=None)
    heard = {one.name: getattr(said, one.name) for one in fields(Placed)}
    return replace(known, **{name: fact for name, fact in heard.items() if fact is not None})


def told(section: Section) -> Placed:
    """Give what a result says about its section."""
    course, session = section.course, section.session
    unit = None if course is None else course.unit
    return Placed(
        section=section.source_id,
        title=section.title,
        credits=section.credits,
        course=None if course is None else course.source_id,
        course_title=None if course is None else course.title,
        course_code=None if course is None else course.code,
        unit=None if unit is None else unit.source_id,
        unit_name=None if unit is None else unit.name,
        session=None if session is None else session.source_id,
        session_title=None if session is None else session.title,
        starts_on=None if session is None else session.starts_on,
        ends_on=None if session is None else session.ends_on,
    )


def section_id(db: Db, issuer_id: str, section: Section, new_id: Callable[[], str]) -> str:
    """Give the section that a result names; made when it is new, and completed where the result says more."""
    said = told(section)
    known = db.first(Placed, _BY_SOURCE_IDS, issuer_id=issuer_id, source_ids=[said.section])
    if _is_news(said, known):
        return _Registry(db, issuer_id, new_id).keep(said)
    found: str = db.scalar(_IDS[tables.section], issuer_id=issuer_id, source_id=said.section)
    return found


def lock_names(db: Db, issuer_id: str, coming: Sequence[Section]) -> list[str]:
    """Name the locks under which sections, and what is around them, are made or changed.

    What is known as it is told needs none, so that results of one section do not queue.
    """
    if not coming:
        return []
    said = {told(section) for section in coming}
    source_ids = sorted({one.section for one in said})
    known = {one.section: one for one in db.all(Placed, _BY_SOURCE_IDS, issuer_id=issuer_id, source_ids=source_ids)}
    news = [one for one in said if _is_news(one, known.get(one.section))]
    return [f"{kind} {issuer_id} {source_id}" for one in news for kind, source_id in _named(one)]


def _named(said: Placed) -> Iterator[tuple[str, str]]:
    """Name everything that may be made or changed; a unit may be a partner too, and has its lock in common with it."""
    places = (("partner", said.unit), ("session", said.session), ("course", said.course), ("section", said.section))
    return ((kind, source_id) for kind, source_id in places if source_id is not None)


def _is_news(said: Placed, known: Placed | None) -> bool:
    """Say whether a result tells anything about its section that is not known, or not so."""
    if known is None:
        return True
    pairs = ((getattr(said, one.name), getattr(known, one.name)) for one in fields(Placed))
    return any(now is not None and now != before for now, before in pairs)


class _Registry:
    """Where one transaction keeps what an issuer's sources tell about the calendar and the catalogue."""

    def __init__(self, db: Db, issuer_id: str, new_id: Callable[[], str]) -> None:
        self._db = db
        self._issuer_id = issuer_id
        self._new_id = new_id

    def keep(self, said: Placed) -> str:
        """Keep a section and what is around it, always in the same order; give the section's id."""
        unit_id = self._one(tables.organisation, said.unit, {"name": said.unit_name}, kind="unit", name=said.unit)
        dates = {"starts_on": said.starts_on, "ends_on": said.ends_on}
        session_id = self._one(
            tables.academic_session,
            said.session,
            {"title": said.session_title, **dates},
            kind="term",
            title=said.session,
        )
        course = {"title": said.course_title, "code": said.course_code, "organisation_id": unit_id}
        course_id = self._one(tables.course, said.course, course, title=said.course)
        section = {
            "title": said.title,
            "credits": said.credits,
            "course_id": course_id,
            "academic_session_id": session_id,
        }
        kept = self._one(tables.section, said.section, section, title=said.section)
        assert kept is not None  # noqa: S101 - a section always has a source id
        return kept

    def _one(self, table: sa.Table, source_id: str | None, facts: Mapping[str, object], **unsaid: object) -> str | None:
        """Keep one thing, with `unsaid` standing in, when it is new, for facts that are None; give its id."""
        if source_id is None:
            return None
        said = {name: fact for name, fact in facts.items() if fact is not None}
        identity = {"issuer_id": self._issuer_id, "source_id": source_id}
        found: str | None = self._db.scalar(_IDS[table], **identity)
        if found is None:
            fresh = self._new_id()
            if self._db.add_new(table, id=fresh, **identity, **{**unsaid, **said}):
                return fresh
            found = self._db.scalar(_IDS[table], **identity)  # another transaction was faster
        if said:
            self._db.run(sa.update(table).where(table.c.id == found).values(**said))
        return found
