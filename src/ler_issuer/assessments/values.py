"""Values: what the models of assessments and awards are made of, and how text is read as one of them.

Text is read strictly: a number, a day or a time must be written as one, so that nothing is taken for what it is not.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Value(BaseModel):
    """A frozen value that refuses members it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Text = Annotated[
    str, StringConstraints(min_length=1, max_length=4_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
]
"""Words for people: not empty, no control characters (they canonicalise differently from one library to the next)."""

LONGEST_NAME = 200

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f]*$")
]
"""A short name or an outside system's identifier, on one line."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,98}$")]
"""A stable identifier that we own: lower case, digits, dot, dash, underscore."""


YEARS = range(1900, 9999)
"""The years that are taken for real; inside these, every time zone can be converted to UTC."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].+")
_DECIMAL = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*")


def _written_plainly(value: object) -> object:
    """Let text through only as plain digits: Python would also read `1_0`, `1e2` and the digits of any script."""
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise ValueError("not a decimal number such as 78 or 62.5")
    return value


def _written_as_day(value: object) -> object:
    """Let through what is written as a day: a number would be read as seconds since 1970, and a time be cut off."""
    if type(value) is date or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("not a day such as 2026-05-04")


def _written_as_moment(value: object) -> object:
    """Let through what is written as a date and a time, for the same reason."""
    if isinstance(value, datetime) or (isinstance(value, str) and _MOMENT.fullmatch(value)):
        return value
    raise ValueError("not a date and time with an offset, for example 2026-05-04T14:30:00Z")


def _in_our_years(value: datetime) -> datetime:
    if value.year not in YEARS:
        raise ValueError(f"the year {value.year} is out of range")
    return value


SourceName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=99, pattern=r"^[^\x00-\x1f\x7f*]*$")
]
"""The name of a sending system."""

Score = Annotated[Decimal, BeforeValidator(_written_plainly), Field(max_digits=24, decimal_places=18)]
"""A score as an exact decimal; wide enough for the fractions that other systems send."""

Hours = Annotated[Decimal, BeforeValidator(_written_plainly), Field(ge=0, le=100_000, max_digits=9, decimal_places=2)]

Credits = Annotated[Decimal, BeforeValidator(_written_plainly), Field(ge=0, le=10_000, max_digits=7, decimal_places=2)]

Day = Annotated[date, BeforeValidator(_written_as_day)]
"""A calendar day."""

Moment = Annotated[AwareDatetime, BeforeValidator(_written_as_moment), AfterValidator(_in_our_years)]
"""A point in time, written with its offset."""


def plain(number: Decimal) -> str:
    """Write a decimal without exponent or trailing zeros: the same text for the same number."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def instant(text: str, zone: ZoneInfo) -> datetime:
    """Read an ISO 8601 date or date-time as an instant: UTC, whole seconds.

    A time without offset is local to `zone`. A date stays that date wherever it is read: it stands for its midnight in
    UTC, as Open Badges writes dates.

    Raises:
        ValueError: the text is neither.
    """
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        read = read.replace(tzinfo=UTC if len(text) == len("2026-05-04") else zone)
    return read.astimezone(UTC).replace(microsecond=0)
