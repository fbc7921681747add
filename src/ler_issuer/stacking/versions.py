"""Versions: which version of a stacking rule applies to whom.

A learner keeps the version under which they started: the one in force in their catalog year, or, when that is not
known, when they earned the first holding that the rule mentions. A pin remembers the choice. Whoever publishes a new
version says what becomes of those who started before it:

- `pin`: they keep theirs;
- `grace`: until a date the old version or the new one will do, afterwards only the new one;
- `migrate`: the new one applies to everybody at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from ler_issuer.stacking.rules import Policy, StackingRule

if TYPE_CHECKING:
    from collections.abc import Sequence

YEAR_BEGINS = (8, 1)
"""Month and day on which a catalog year begins."""


class Transition(StrEnum):
    """What a new version does to those who started under an older one."""

    PIN = "pin"
    GRACE = "grace"
    MIGRATE = "migrate"


class Because(StrEnum):
    """What made a version the one that applies."""

    CATALOG_YEAR = "catalog_year"
    FIRST_HOLDING = "first_holding"
    NOT_STARTED = "not_started"
    PINNED = "pinned"


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A published version of a rule.

    `in_force_from` is None for the first one, which applies to everything before, too. `catalog_year` is the first one
    that the version applies to: its publisher's word (`names_year`), otherwise the one in which it came into force.
    """

    id: str
    number: int
    text: StackingRule
    policy: Policy
    published_at: datetime
    in_force_from: datetime | None
    catalog_year: int
    names_year: bool = False
    transition: Transition = Transition.PIN
    grace_until: datetime | None = None

    def replaces_all(self, at: datetime) -> bool:
        """Say whether nobody is under an older version any more."""
        ended = self.grace_until is not None and self.grace_until <= at
        return self.transition is Transition.MIGRATE or (self.transition is Transition.GRACE and ended)


@dataclass(frozen=True, slots=True)
class Pin:
    """A version that was chosen for a learner, why, and when."""

    version_id: str
    because: str
    pinned_at: datetime


@dataclass(frozen=True, slots=True)
class Started:
    """What tells when a learner started: the catalog year, the first holding that the rule mentions, an earlier choice.

    `catalog_year` is the year in which it begins.
    """

    catalog_year: int | None = None
    first_held_at: datetime | None = None
    pin: Pin | None = None


@dataclass(frozen=True, slots=True)
class Applicable:
    """The version that applies to a learner, and why.

    `also` has the newer ones that will do while a grace period runs. `to_pin` says that the choice is to be remembered:
    the learner has started, and it is not the one remembered.
    """

    own: RuleVersion
    because: Because
    also: tuple[RuleVersion, ...] = ()
    to_pin: bool = False

    @property
    def versions(self) -> tuple[RuleVersion, ...]:
        """Give every version that will do, the learner's own first."""
        return (self.own, *self.also)


def applicable(versions: Sequence[RuleVersion], started: Started, at: datetime) -> Applicable | None:
    """Choose the version that applies to a learner at a time; None when no version is published.

    A pin holds until its version is replaced for all, or a version is published later that, by its publisher's own
    word, reaches back to when the learner started.
    """
    playing = _in_play(versions, at)
    if not playing:
        return None
    pin = started.pin
    kept = next((one for one in playing if pin is not None and one.id == pin.version_id), None)
    if pin is None or kept is None:
        own, because = _in_force(playing, started, at)
    else:
        later = [one for one in playing if one.number > kept.number and one.published_at >= pin.pinned_at]
        own, because = _reaching_back(later, started) or (kept, Because.PINNED)
    also = tuple(one for one in playing if one.number > own.number and one.transition is Transition.GRACE)
    has_started = because is not Because.NOT_STARTED and started.first_held_at is not None
    return Applicable(own, because, also, to_pin=has_started and because is not Because.PINNED)


def _in_play(versions: Sequence[RuleVersion], at: datetime) -> list[RuleVersion]:
    """Leave out what a later version has replaced for everybody."""
    ordered = sorted(versions, key=lambda one: one.number)
    last = max((place for place, one in enumerate(ordered) if one.replaces_all(at)), default=0)
    return ordered[last:]


def _in_force(playing: Sequence[RuleVersion], started: Started, at: datetime) -> tuple[RuleVersion, Because]:
    """Give the newest version that was in force when the learner started, or else the oldest one."""
    year, held_at = started.catalog_year, started.first_held_at
    if year is not None:
        return _newest(playing, [one for one in playing if one.catalog_year <= year]), Because.CATALOG_YEAR
    began = at if held_at is None else held_at
    found = [one for one in playing if one.in_force_from is None or one.in_force_from <= began]
    return _newest(playing, found), Because.NOT_STARTED if held_at is None else Because.FIRST_HOLDING


def _newest(playing: Sequence[RuleVersion], found: Sequence[RuleVersion]) -> RuleVersion:
    return found[-1] if found else playing[0]


def _reaching_back(later: Sequence[RuleVersion], started: Started) -> tuple[RuleVersion, Because] | None:
    """Find the newest of some versions that covers the start of a learner who is pinned to an older one."""
    year, held_at = started.catalog_year, started.first_held_at
    if year is not None:
        found, because = [one for one in later if one.names_year and one.catalog_year <= year], Because.CATALOG_YEAR
    else:
        found = [one for one in later if held_at and one.in_force_from is not None and one.in_force_from <= held_at]
        because = Because.FIRST_HOLDING
    return (found[-1], because) if found else None


def catalog_year(day: date) -> int:
    """Give the catalog year of a day, by the calendar year in which it begins."""
    return day.year if (day.month, day.day) >= YEAR_BEGINS else day.year - 1


def leading_year(told: str | None) -> int | None:
    """Read a catalog year as people write it (`2026`, `2026-27`, `2026/2027`); None when it does not begin with one."""
    found = re.match(r"\s*([0-9]{4})(?![0-9])", told or "")
    return None if found is None else int(found[1])
