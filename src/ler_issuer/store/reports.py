"""Reports: the awards that stand, and where each of them was earned, for counting.

Which experience and class an award belongs to is told beside its credential (`holding`); for credentials older than
that table it follows from the result that decided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.store import tables
from ler_issuer.store.statements import columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from decimal import Decimal

    from ler_issuer.store.db import Db


@dataclass(frozen=True, slots=True)
class Standing:
    """An award that is out: whose, what for, on what grounds, since when, and where it was earned."""

    learner_id: str
    achievement_id: str
    basis: str
    awarded_at: datetime
    participation_id: str | None
    section_id: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """What a participation was in, and how long it took."""

    id: str
    experience_id: str
    hours: Decimal | None
    kind: str
    partner: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """The session of a class and the unit that gave it, by id and in words."""

    id: str
    session: str | None
    session_title: str | None
    unit: str | None
    unit_name: str | None


@dataclass(frozen=True, slots=True)
class _Award(Standing):
    """The same, with what its decision rests on where nothing is told beside its credential."""

    inputs: list[dict[str, str]] | None


@dataclass(frozen=True, slots=True)
class _Located:
    """When and where a result was assessed."""

    id: str
    assessed_at: datetime
    participation_id: str | None
    section_id: str | None


_AWARD, _CREDENTIAL = tables.award.c, tables.credential.c
_DECISION, _HOLDING = tables.award_decision.c, tables.holding.c
_AWARDED_AT = sa.func.coalesce(_HOLDING.awarded_at, _DECISION.awarded_at, _CREDENTIAL.valid_from)
_STANDING = (
    sa.select(
        _AWARD.learner_id,
        _AWARD.achievement_id,
        _AWARD.basis,
        _AWARDED_AT,
        _HOLDING.participation_id,
        _HOLDING.section_id,
        sa.case((_HOLDING.credential_id.is_(None), _DECISION.inputs)),
    )
    .join(
        tables.credential, sa.and_(_CREDENTIAL.award_id == _AWARD.id, _CREDENTIAL.state.in_(("current", "suspended")))
    )
    .join(tables.award_decision, _DECISION.id == _CREDENTIAL.decision_id)
    .outerjoin(tables.holding, _HOLDING.credential_id == _CREDENTIAL.id)
    .where(_AWARD.issuer_id == sa.bindparam("issuer_id"), _AWARD.state == "issued")
)


def standing(db: Db, issuer_id: str, since: datetime | None, until: datetime | None) -> Iterator[Standing]:
    """Give the issuer's awards that are out and were earned from `since` and before `until`, in no order."""
    statement = _STANDING.params(issuer_id=issuer_id)
    if since is not None:
        statement = statement.where(since <= _AWARDED_AT)
    if until is not None:
        statement = statement.where(until > _AWARDED_AT)
    located: Mapping[str, _Located] | None = None
    for award in db.all(_Award, statement):
        if award.inputs is None:
            yield award
            continue
        located = _located(db, issuer_id) if located is None else located
        found = (located.get(used["id"]) for used in reversed(award.inputs))
        there = next((one for one in found if one is not None and one.assessed_at == award.awarded_at), None)
        if there is None:
            yield award
        else:
            yield replace(award, participation_id=there.participation_id, section_id=there.section_id)


def _located(db: Db, issuer_id: str) -> dict[str, _Located]:
    """Give when and where each result that tells a place was assessed."""
    row = tables.result.c
    told = sa.or_(row.participation_id.is_not(None), row.section_id.is_not(None))
    statement = sa.select(*columns(tables.result, _Located)).where(row.issuer_id == issuer_id, told)
    return {one.id: one for one in db.all(_Located, statement)}


def participations(db: Db, issuer_id: str) -> dict[str, Part]:
    """Give the participations in the experiences of an issuer, by id."""
    part, place, partner = tables.participation.c, tables.experience.c, tables.organisation.c
    found = db.all(
        Part,
        sa.select(part.id, place.id, part.hours, place.kind, partner.name)
        .join(tables.experience, place.id == part.experience_id)
        .outerjoin(tables.organisation, partner.id == place.partner_id)
        .where(place.issuer_id == issuer_id),
    )
    return {one.id: one for one in found}


def places(db: Db, issuer_id: str) -> dict[str, Place]:
    """Give session and unit of the issuer's sections, by id."""
    section, course = tables.section.c, tables.course.c
    session, unit = tables.academic_session.c, tables.organisation.c
    found = db.all(
        Place,
        sa.select(section.id, session.source_id, session.title, unit.source_id, unit.name)
        .outerjoin(tables.academic_session, session.id == section.academic_session_id)
        .outerjoin(tables.course, course.id == section.course_id)
        .outerjoin(tables.organisation, unit.id == course.organisation_id)
        .where(section.issuer_id == issuer_id),
    )
    return {one.id: one for one in found}


def skills(db: Db, issuer_id: str) -> dict[str, tuple[str, str]]:
    """Give key and name of the issuer's achievements, by id; the name is that of the newest published version."""
    row, version = tables.achievement.c, tables.achievement_version.c
    found = db.run(
        sa.select(row.id, row.key, version.definition)
        .join(tables.achievement_version, version.achievement_id == row.id)
        .where(row.issuer_id == issuer_id, version.published_at.is_not(None))
        .order_by(row.id, version.version)
    )
    return {one.id: (one.key, one.definition["name"]) for one in found}


def merged(db: Db, issuer_id: str) -> dict[str, str]:
    """Give the learners of an issuer who were merged, each with whom into."""
    row = tables.learner.c
    found = db.run(
        sa.select(row.id, row.merged_into_id).where(row.issuer_id == issuer_id, row.merged_into_id.is_not(None))
    )
    return {one.id: one.merged_into_id for one in found}
