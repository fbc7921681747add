"""Instants as credentials write them: `xsd:dateTimeStamp`, that is, with an offset (VCDM 2.0 §4.9)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ler_issuer.types import Json

SKEW = timedelta(seconds=60)
"""How far the clocks of issuer and judge may differ before a date is held against a credential."""

_LONGEST = 100
"""Characters of a text that is remembered with its instant."""

_DATE_TIME_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)", re.ASCII
)


def instant(value: Json) -> datetime | None:
    """Read an `xsd:dateTimeStamp` as an instant in UTC, or None when it is none.

    Strict where Python is not: an upper-case `T` and `Z`, seconds, and an offset are required. Years 0001 to 9999 are
    read; of a fraction, microseconds. The forms `24:00:00` and leap seconds, which no issuer writes, are not read.
    """
    if not isinstance(value, str):
        return None
    return _read(value) if len(value) <= _LONGEST else _read.__wrapped__(value)


@lru_cache(maxsize=1024)  # one judgement reads the same few again and again
def _read(text: str) -> datetime | None:
    match = _DATE_TIME_STAMP.fullmatch(text)
    if match is None:
        return None
    seconds, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{seconds}.{(fraction or '0')[:6]:0<6}{offset}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=1024)  # as above
def stamp(moment: datetime) -> str:
    """Write an instant as credentials of ours do: UTC, whole seconds, `Z`.

    Raises:
        ValueError: the instant has no time zone, so it is none.
    """
    if moment.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
