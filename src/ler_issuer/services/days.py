"""Days: which day a moment belongs to where the issuer is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Give the day that a time of assessment belongs to: midnight in UTC stands for a date without a time."""
    in_utc = moment.astimezone(UTC)
    return in_utc.date() if in_utc.time() == time() else moment.astimezone(zone).date()
