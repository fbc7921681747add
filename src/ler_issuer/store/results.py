"""Assessment results: appended, never changed; a higher revision or a voided import makes them stop counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import learners, sections, tables
from ler_issuer.store.achievements import ANY_SOURCE
from ler_issuer.store.db import Db
from ler_issuer.store.statements import Statement, columns, given, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from ler_issuer.assessments import Experience, Participation, Result
    from ler_issuer.store.achievements import Achievement
    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result as it was recorded, with the receipt that its sender got."""

    id: str
    issuer_id: str
    source: str
    source_id: str
    revision: int
    learner_id: str
    achievement_id: str | None
    assessment_id: str | None
    participation_id: str | None
    section_id: str | None
    assessment: str | None
    attempt: int
    assessor_kind: str
    result_status: str
    assessed_at: datetime
    content: JsonObject
    digest: str
    raw: JsonObject | None
    import_id: str | None
    recorded_at: datetime
    recorded_by: str
    superseded_by_id: str | None
    voided_at: datetime | None
    outcome: str | None
    credential_id: str | None
    trace: JsonObject | None


@dataclass(frozen=True, slots=True)
class Setting:
    """The experience that a result came out of, with the learner's part in it."""

    experience_id: str
    kind: str
    name: str | None
    partner_id: str | None
    partner: str | None
    role: str | None
    hours: Decimal | None
    started_on: date | None
    ended_on: date | None


_RESULT = sa.select(*columns(tables.result, StoredResult))
_ROW = tables.result.c
_BY_ID = Statement(_RESULT.where(_ROW.id == given("result_id")))
_REVISIONS = Statement(
    _RESULT.where(
        _ROW.issuer_id == given("issuer_id"),
        _ROW.source == given("source"),
        _ROW.source_id.in_(listed("source_ids")),
        _ROW.voided_at.is_(None),
    ).order_by(_ROW.revision.desc())
)
_COUNTS = sa.and_(
    _ROW.superseded_by_id.is_(None),
    _ROW.voided_at.is_(None),
    _ROW.result_status != "withdrawn",
    sa.or_(
        _ROW.achievement_id == given("achievement_id"),
        sa.and_(_ROW.achievement_id.is_(None), _ROW.assessment.in_(listed("assessments"))),
    ),
)
_COUNTING = Statement(
    _RESULT.where(_ROW.learner_id.in_(listed("learner_ids")), _COUNTS).order_by(
        _ROW.assessed_at, _ROW.source, _ROW.source_id
    )
)
_ANSWER = Statement(
    sa.update(tables.result)
    .where(_ROW.id == given("of_result"))
    .values({name: given(name) for name in ("outcome", "credential_id", "trace")})
)
_ASSESSMENT = Statement(
    sa.select(tables.assessment.c.id).where(
        tables.assessment.c.issuer_id == given("issuer_id"),
        tables.assessment.c.source == given("source"),
        tables.assessment.c.source_id == given("source_id"),
    )
)


def add(db: Db, result: StoredResult) -> None:
    """Append a result; it is written when results are asked for, at the latest before the transaction commits."""
    db.append(tables.result, result)
    db.memory.pop(("revisions", result.issuer_id, result.source, result.source_id), None)
    known = db.memory.get(learners.all_results(result.learner_id))
    if known is not None:
        db.memory[learners.all_results(result.learner_id)] = (*known, result)


def get(db: Db, result_id: str) -> StoredResult:
    """Give a result by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(StoredResult, _BY_ID, result_id=result_id)
    if found is None:
        raise Missing("no such result")
    return found


def revisions(db: Db, issuer_id: str, source: str, source_id: str) -> list[StoredResult]:
    """Give the revisions of one result that are not voided, the highest first."""
    found: list[StoredResult] | None = db.memory.get(("revisions", issuer_id, source, source_id))
    if found is None:
        found = db.all(StoredResult, _REVISIONS, issuer_id=issuer_id, source=source, source_ids=[source_id])
    return found


def foresee(db: Db, issuer_id: str, coming: Iterable[Result]) -> None:
    """Look the revisions of many results up at once; they must be locked already, and are kept until they change."""
    by_source: dict[str, list[str]] = {}
    for one in coming:
        by_source.setdefault(one.source, []).append(one.source_id)
    for source, source_ids in by_source.items():
        found: dict[str, list[StoredResult]] = {source_id: [] for source_id in source_ids}
        stored = db.all(StoredResult, _REVISIONS, issuer_id=issuer_id, source=source, source_ids=sorted(found))
        for known in stored:
            found[known.source_id].append(known)
        db.memory.update({("revisions", issuer_id, source, each): those for each, those in found.items()})


def lock_names(db: Db, issuer_id: str, coming: Sequence[Result]) -> list[str]:
    """Name the locks under which results are recorded: their identities, and what they name that is not there yet.

    Two transactions that make the same new things, each in the order of its rows, would wait for each other in a
    circle. What is there already needs no lock, so that results of one assessment do not queue.
    """
    names = [f"result {issuer_id} {one.source} {one.source_id}" for one in coming]
    assessments = {(one.source, one.assessment) for one in coming if one.assessment is not None}
    names += [f"assessment {issuer_id} {place}" for place in _not_there(db, tables.assessment, issuer_id, assessments)]
    experiences = {
        (one.source, one.participation.experience.source_id): one.participation.experience.partner
        for one in coming
        if one.participation is not None
    }
    for place in _not_there(db, tables.experience, issuer_id, experiences):
        names += [f"experience {issuer_id} {place}", f"partner {issuer_id} {experiences[place]}"]
    return names + sections.lock_names(db, issuer_id, [one.section for one in coming if one.section is not None])


def _not_there(db: Db, table: sa.Table, issuer_id: str, wanted: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    places = list(wanted)
    row = table.c
    there = db.run(
        sa.select(row.source, row.source_id).where(
            row.issuer_id == issuer_id, sa.tuple_(row.source, row.source_id).in_(places)
        )
    )
    known = {(one.source, one.source_id) for one in there}
    return (place for place in places if place not in known)


def learners_of(db: Db, issuer_id: str, identities: Iterable[tuple[str, str]]) -> list[str]:
    """Give the learners that the recorded revisions of these (source, source id) are about, those not voided."""
    row = tables.result.c
    found: set[str] = set()
    by_source: dict[str, list[str]] = {}
    for source, source_id in identities:
        by_source.setdefault(source, []).append(source_id)
    for source, source_ids in by_source.items():
        found.update(
            db.run(
                sa.select(row.learner_id).where(
                    row.issuer_id == issuer_id,
                    row.source == source,
                    row.source_id.in_(source_ids),
                    row.voided_at.is_(None),  # as the index has it: without, PostgreSQL reads the whole table
                )
            ).scalars()
        )
    return sorted(found)


def counting(db: Db, learner_ids: list[str], achievement_id: str, assessments: Sequence[str]) -> list[StoredResult]:
    """Give a person's results that may count for an achievement: those that name it, or an assessment that feeds it.

    Only the highest revision of each result that is not voided; a withdrawn one does not count.
    """
    known = db.memory.get(learners.all_results(learner_ids[0])) if len(learner_ids) == 1 else None
    if known is not None and len(known) < 2:  # noqa: PLR2004 - the order of several is for the database to say
        return [
            one for one in known if one.result_status != "withdrawn" and _may_count(one, achievement_id, assessments)
        ]
    given = {"achievement_id": achievement_id, "assessments": list(assessments)}
    return db.all(StoredResult, _COUNTING, learner_ids=learner_ids, **given)


def _may_count(one: StoredResult, achievement_id: str, assessments: Sequence[str]) -> bool:
    """Say of a result what `_COUNTS` asks of those in the database."""
    return one.achievement_id == achievement_id or (one.achievement_id is None and one.assessment in assessments)


def learners_for(
    db: Db, achievement: Achievement, assessments: Sequence[str], *, since: datetime | None, after: str, limit: int
) -> list[str]:
    """Give learners with results that may count for an achievement and were assessed `since`, from the id `after`."""
    row = tables.result.c
    wanted = [row.issuer_id == achievement.issuer_id, row.learner_id > after]
    if since is not None:
        wanted.append(row.assessed_at >= since)
    statement = sa.select(row.learner_id).distinct().where(*wanted, _COUNTS).order_by(row.learner_id).limit(limit)
    counting = statement.params(achievement_id=achievement.id, assessments=list(assessments))
    return list(db.run(counting).scalars())


def achievements_touched(db: Db, learner_ids: list[str]) -> list[str]:
    """Give the achievements that a person's results may count for."""
    row, feed = tables.result.c, tables.assessment_feed.c
    named = sa.select(row.achievement_id).where(row.learner_id.in_(learner_ids), row.achievement_id.is_not(None))
    fed = (
        sa.select(feed.achievement_id)
        .join(
            tables.result,
            sa.and_(
                row.issuer_id == feed.issuer_id,
                row.assessment == feed.assessment,
                feed.source.in_((row.source, ANY_SOURCE)),
            ),
        )
        .where(row.learner_id.in_(learner_ids), row.achievement_id.is_(None))
    )
    return sorted(set(db.run(sa.union(named, fed)).scalars()))


def supersede(db: Db, result_id: str, by_id: str | None) -> None:
    """Say which revision a result gave way to, or with None that it counts again."""
    _forget(db)
    db.run(sa.update(tables.result).where(tables.result.c.id == result_id).values(superseded_by_id=by_id))


def _forget(db: Db) -> None:
    """Ask the database from now on: a result is not any more as it was added or looked up."""
    db.forget("revisions")
    db.forget("all results")


def answer(db: Db, result: StoredResult, outcome: str, credential_id: str | None, trace: JsonObject | None) -> None:
    """Keep the receipt that the sender gets, now and whenever the same result is sent again."""
    told = {"outcome": outcome, "credential_id": credential_id, "trace": trace}
    if not db.amend(result, **told):
        db.do(_ANSWER, of_result=result.id, **told)


def learners_in_import(db: Db, import_id: str, *, limit: int) -> list[str]:
    """Give learners with results of one import that still stand, at most so many."""
    row = tables.result.c
    standing = sa.and_(row.import_id == import_id, row.voided_at.is_(None))
    statement = sa.select(row.learner_id).distinct().where(standing).order_by(row.learner_id).limit(limit)
    return list(db.run(statement).scalars())


def of_import(db: Db, import_id: str, learner_ids: Iterable[str]) -> list[StoredResult]:
    """Give the results of one import that still stand, all those of these learners."""
    row = tables.result.c
    standing = sa.and_(row.import_id == import_id, row.voided_at.is_(None), row.learner_id.in_(sorted(learner_ids)))
    return db.all(StoredResult, _RESULT.where(standing).order_by(row.learner_id, row.id))


def void(db: Db, result_id: str, at: datetime) -> None:
    """Take a result out of the count for good; its identity becomes free again."""
    _forget(db)
    db.run(sa.update(tables.result).where(tables.result.c.id == result_id).values(voided_at=at))


def assessment_id(db: Db, issuer_id: str, source: str, source_id: str, new_id: Callable[[], str]) -> str:
    """Give the assessment that a source calls so, made when it is new."""
    named = {"issuer_id": issuer_id, "source": source, "source_id": source_id}
    found: str | None = db.scalar(_ASSESSMENT, **named)
    if found is None:
        db.add_new(tables.assessment, id=new_id(), **named)
        found = db.scalar(_ASSESSMENT, **named)
    assert found is not None  # noqa: S101 - inserted just now, by us or by a transaction that has committed
    return found


def participation_id(
    db: Db, issuer_id: str, source: str, learner_id: str, said: Participation, new_id: Callable[[], str]
) -> str:
    """Give the learner's participation in the experience that a source names, made or completed when it is new."""
    experience_id = _experience_id(db, issuer_id, source, said.experience, new_id)
    row = tables.participation.c
    wanted = sa.select(row.id).where(row.learner_id == learner_id, row.experience_id == experience_id)
    facts = {"role": said.role, "hours": said.hours, "started_on": said.started_on, "ended_on": said.ended_on}
    found: str | None = db.scalar(wanted)
    if found is None:
        found = new_id()
        db.add(tables.participation, id=found, learner_id=learner_id, experience_id=experience_id, **facts)
    else:
        told = {name: value for name, value in facts.items() if value is not None}
        if told:
            db.run(sa.update(tables.participation).where(row.id == found).values(**told))
    return found


def _experience_id(db: Db, issuer_id: str, source: str, said: Experience, new_id: Callable[[], str]) -> str:
    row = tables.experience.c
    wanted = sa.select(row.id).where(row.issuer_id == issuer_id, row.source == source, row.source_id == said.source_id)
    found: str | None = db.scalar(wanted)
    if found is None:
        db.add_new(
            tables.experience,
            id=new_id(),
            issuer_id=issuer_id,
            source=source,
            source_id=said.source_id,
            kind=said.kind.value,
            name=said.name,
            partner_id=_partner_id(db, issuer_id, said.partner, new_id),
            started_on=said.started_on,
            ended_on=said.ended_on,
        )
        found = db.scalar(wanted)
    assert found is not None  # noqa: S101 - inserted just now, by us or by a transaction that has committed
    return found


def _partner_id(db: Db, issuer_id: str, name: str | None, new_id: Callable[[], str]) -> str | None:
    if name is None:
        return None
    row = tables.organisation.c
    wanted = sa.select(row.id).where(row.issuer_id == issuer_id, row.source_id == name)
    found: str | None = db.scalar(wanted)
    if found is None:
        db.add_new(tables.organisation, id=new_id(), issuer_id=issuer_id, source_id=name, kind="partner", name=name)
        found = db.scalar(wanted)
    return found


def setting_of(db: Db, participation_id: str) -> Setting:
    """Give the experience behind a participation, and the learner's part in it."""
    part, place, partner = tables.participation.c, tables.experience.c, tables.organisation.c
    found = db.first(
        Setting,
        sa.select(
            place.id,
            place.kind,
            place.name,
            partner.id,
            partner.name,
            part.role,
            part.hours,
            part.started_on,
            part.ended_on,
        )
        .join(tables.experience, part.experience_id == place.id)
        .outerjoin(tables.organisation, place.partner_id == partner.id)
        .where(part.id == participation_id),
    )
    if found is None:
        raise Missing("no such participation")
    return found
