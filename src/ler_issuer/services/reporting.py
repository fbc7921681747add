"""Reporting: how many awards stand, of how many learners, and the hours of participation behind them.

An award counts in one group: where the result that decided it came about, as its credential tells. A learner counts
once in each group and once in the total, under however many records they were known before these were merged; and so do
the hours of each of their participations.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from ler_issuer.errors import Malformed, Place
from ler_issuer.services.days import day_of
from ler_issuer.services.withholding import Column
from ler_issuer.store import issuers, reports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.db import Db
    from ler_issuer.store.reports import Part, Standing

_WIDEST = timedelta(days=1)  # how far a day of any time zone reaches beyond the same day in UTC


class Dimension(StrEnum):
    """What awards can be told apart by."""

    SKILL = "skill"
    SESSION = "session"
    UNIT = "unit"
    EXPERIENCE_KIND = "experience_kind"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a group or of all; None is withheld, because too few learners stand behind it."""

    awards: int | None
    learners: int | None
    hours: Decimal | None

    @property
    def suppressed(self) -> bool:
        """Whether any of them is withheld."""
        return None in {self.awards, self.learners, self.hours}


@dataclass(frozen=True, slots=True)
class Group:
    """One group: what its awards have in common, by column, None where it is not known; and its figures."""

    labels: Mapping[str, str | None]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """Awards by some dimensions; `columns` are those of the labels, in order."""

    columns: tuple[str, ...]
    groups: tuple[Group, ...]
    total: Figures


COLUMNS: Mapping[Dimension, tuple[str, ...]] = {
    Dimension.SKILL: ("skill", "skill_name"),
    Dimension.SESSION: ("session", "session_title"),
    Dimension.UNIT: ("unit", "unit_name"),
    Dimension.EXPERIENCE_KIND: ("experience_kind",),
    Dimension.PARTNER: ("partner",),
}
"""How each dimension is told: by id and in words, or in words alone."""


def awards(rt: Runtime, caller: Caller, by: Sequence[Dimension], *, since: date | None, until: date | None) -> Report:
    """Count the caller's awards that are out and were earned between two days, both included.

    Raises:
        Malformed: a dimension is named twice, or the days are the wrong way round.
    """
    if len(set(by)) != len(by):
        raise Malformed("a dimension is named twice", problems=[Place("/by", "named_twice", "names one twice")])
    if since is not None and until is not None and until < since:
        problem = Place("/until", "before_from", "lies before the first day")
        raise Malformed("the report ends before it begins", problems=[problem])
    with rt.db.read() as db:
        counted = _count(db, caller.issuer_id, by, since, until)
    keys = sorted(counted, key=lambda key: [(label is None, label or "") for label in key])
    columns = tuple(column for dimension in by for column in COLUMNS[dimension])
    figures, total = _told([counted[key] for key in keys])
    labelled = (dict(zip(columns, key, strict=True)) for key in keys)
    groups = [Group(labels, told) for labels, told in zip(labelled, figures, strict=True)]
    return Report(columns, tuple(groups) if by else (), total)


@dataclass(slots=True)
class _Tally:
    """What was counted in one group: awards, learners, and hours by learner and experience."""

    awards: int = 0
    learners: set[str] = field(default_factory=set)
    hours: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add(self, other: _Tally) -> None:
        """Add the counts of another group."""
        self.awards += other.awards
        self.learners |= other.learners
        for taking_part, hours in other.hours.items():
            self.took_part(taking_part, hours)

    def took_part(self, taking_part: tuple[str, str], hours: Decimal) -> None:
        """Count hours of a learner in an experience: of several records of it, the longest."""
        self.hours[taking_part] = max(hours, self.hours.get(taking_part, hours))

    @property
    def behind_the_hours(self) -> set[str]:
        """The learners who have any hours."""
        return {learner for (learner, _), hours in self.hours.items() if hours}

    def figures(self, *, without_heads: bool, without_hours: bool) -> Figures:
        """Give what was counted, without what is withheld."""
        return Figures(
            awards=None if without_heads else self.awards,
            learners=None if without_heads else len(self.learners),
            hours=None if without_hours else sum(self.hours.values(), Decimal(0)),
        )


def _count(
    db: Db, issuer_id: str, by: Sequence[Dimension], since: date | None, until: date | None
) -> dict[tuple[str | None, ...], _Tally]:
    zone = issuers.get(db, issuer_id).zone
    labels = _Labels(db, issuer_id, by)
    counted: dict[tuple[str | None, ...], _Tally] = defaultdict(_Tally)
    for learner_id, award in _each_once(db, issuer_id, since, until):
        day = day_of(award.awarded_at, zone)
        if (since is not None and day < since) or (until is not None and day > until):
            continue
        tally = counted[labels.of(award)]
        tally.awards += 1
        tally.learners.add(learner_id)
        part = labels.part(award)
        if part is not None:
            tally.took_part((learner_id, part.experience_id), part.hours or Decimal(0))
    return counted


def _each_once(db: Db, issuer_id: str, since: date | None, until: date | None) -> Iterator[tuple[str, Standing]]:
    """Give each award with the learner whose it is now.

    What two learners were awarded on the same grounds before they were merged is one award: that of the one who stays.
    """
    first = None if since is None else datetime.combine(since, time(), UTC) - _WIDEST
    last = None if until is None else datetime.combine(until, time(), UTC) + 2 * _WIDEST
    merged = reports.merged(db, issuer_id)
    several = {*merged, *merged.values()}
    theirs: dict[tuple[str, str, str], Standing] = {}
    for award in reports.standing(db, issuer_id, first, last):
        if award.learner_id not in several:
            yield award.learner_id, award
            continue
        root = _root(merged, award.learner_id)
        grounds = (root, award.achievement_id, award.basis)
        theirs[grounds] = min(
            award, theirs.get(grounds, award), key=lambda one: (one.learner_id != root, one.learner_id)
        )
    yield from ((root, award) for (root, _, _), award in theirs.items())


def _root(merged: Mapping[str, str], learner_id: str) -> str:
    while learner_id in merged:
        learner_id = merged[learner_id]
    return learner_id


class _Labels:
    """What the awards of an issuer are told apart by."""

    def __init__(self, db: Db, issuer_id: str, by: Sequence[Dimension]) -> None:
        self._by = by
        self._skills = reports.skills(db, issuer_id)
        self._places = reports.places(db, issuer_id)
        self._parts = reports.participations(db, issuer_id)

    def of(self, award: Standing) -> tuple[str | None, ...]:
        """Give the labels of the group that an award belongs to."""
        return tuple(label for dimension in self._by for label in self._label(dimension, award))

    def part(self, award: Standing) -> Part | None:
        """Give the participation that an award was earned in, if it was in one."""
        return None if award.participation_id is None else self._parts[award.participation_id]

    def _label(self, dimension: Dimension, award: Standing) -> tuple[str | None, ...]:
        part = self.part(award)
        place = None if award.section_id is None else self._places[award.section_id]
        match dimension:
            case Dimension.SKILL:
                return self._skills[award.achievement_id]
            case Dimension.SESSION:
                return (None, None) if place is None else (place.session, place.session_title)
            case Dimension.UNIT:
                return (None, None) if place is None else (place.unit, place.unit_name)
            case Dimension.EXPERIENCE_KIND:
                return (None if part is None else part.kind,)
            case Dimension.PARTNER:
                return (None if part is None else part.partner,)


def _told(tallies: Sequence[_Tally]) -> tuple[list[Figures], Figures]:
    """Give the figures of each group and of all, without those that too few learners stand behind."""
    everything = _Tally()
    for tally in tallies:
        everything.add(tally)
    heads = Column([one.learners for one in tallies], [one.awards for one in tallies]).withheld()
    hours = Column([one.behind_the_hours for one in tallies]).withheld(besides=heads.rows)
    figures = [
        one.figures(without_heads=row in heads.rows, without_hours=row in hours.rows) for row, one in enumerate(tallies)
    ]
    return figures, everything.figures(without_heads=heads.total, without_hours=heads.total or hours.total)
