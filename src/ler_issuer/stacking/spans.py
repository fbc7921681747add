"""Spans of the calendar: four years after a day is the same day four years on, however many days that is.

Reckoned in UTC, so that everybody who evaluates a rule comes to the same end. A month that has no such day ends the
span with its last one.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ler_issuer.stacking.rules import WithinRule

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def in_utc(moment: datetime) -> datetime:
    """Give a moment in UTC; the first or the last there is, where UTC has no such moment."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year == _FIRST.year else _LAST


@dataclass(frozen=True, slots=True)
class Length:
    """How long a window is: whole calendar months, or days."""

    months: int = 0
    days: int = 0

    @classmethod
    def of(cls, rule: WithinRule) -> Length:
        """Read the length of a window."""
        return cls((rule.years or 0) * 12 + (rule.months or 0), rule.days or 0)

    def after(self, moment: datetime) -> datetime:
        """Give the last moment of the window that begins with this one."""
        return self._shifted(moment, 1)

    def before(self, moment: datetime) -> datetime:
        """Give the first moment of the window that ends with this one."""
        return self._shifted(moment, -1)

    def _shifted(self, moment: datetime, sign: int) -> datetime:
        start = in_utc(moment)
        years, month = divmod(start.year * 12 + start.month - 1 + sign * self.months, 12)
        if not _FIRST.year <= years <= _LAST.year:
            return _LAST if sign > 0 else _FIRST
        day = start.day
        if day > 28:  # noqa: PLR2004 - every month has that many days
            day = min(day, calendar.monthrange(years, month + 1)[1])
        try:
            return start.replace(year=years, month=month + 1, day=day) + sign * timedelta(days=self.days)
        except OverflowError:
            return _LAST if sign > 0 else _FIRST
