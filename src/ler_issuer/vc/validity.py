"""Instants as credentials write them, and the period in which a credential is valid.

VCDM 2.0 §4.9: `validFrom` and `validUntil` are `xsd:dateTimeStamp`, that is, with an offset. Documents of VCDM 1.1,
which are judged but never issued, call them `issuanceDate` and `expirationDate`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ler_issuer.vc.documents import as_list
from ler_issuer.vc.report import CheckId, Finding, Outcome, finding

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject, Pointer

SKEW = timedelta(seconds=60)
"""How far the clocks of issuer and judge may differ before a date is held against a credential."""

VC_1_CONTEXT = "https://www.w3.org/2018/credentials/v1"

_DATE_TIME_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)", re.ASCII
)


def instant(value: Json) -> datetime | None:
    """Read an `xsd:dateTimeStamp` as an instant in UTC, or None when it is none.

    Strict where Python is not: an upper-case `T` and `Z`, seconds, and an offset are required. Years 0001 to 9999 are
    read; of a fraction, microseconds. The forms `24:00:00` and leap seconds, which no issuer writes, are not read.
    """
    match = _DATE_TIME_STAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    seconds, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{seconds}.{(fraction or '0')[:6]:0<6}{offset}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def stamp(moment: datetime) -> str:
    """Write an instant as credentials of ours do: UTC, whole seconds, `Z`.

    Raises:
        ValueError: the instant has no time zone, so it is none.
    """
    if moment.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


_NAMES = ("validFrom", "validUntil")
_OLD_NAMES = ("issuanceDate", "expirationDate")


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of a validity period: the member that says it, what it says, and the instant if that can be read."""

    name: str
    text: Json
    at: datetime | None

    @property
    def pointer(self) -> Pointer:
        """Point at the member."""
        return f"/{self.name}"

    @property
    def unreadable(self) -> bool:
        """Say whether there is something that is not an instant."""
        return self.text is not None and self.at is None


def period(document: JsonObject) -> tuple[Edge, Edge]:
    """Read start and end of the validity period of a credential of either version of the data model.

    An old document is read under the new names too where it lacks the old ones: they mean the same in its context, so
    exchanging the context of a signed credential must not make its end date disappear.
    """
    old = as_list(document.get("@context"))[:1] == [VC_1_CONTEXT]
    since, until = (
        old_name if old and old_name in document else name for name, old_name in zip(_NAMES, _OLD_NAMES, strict=True)
    )
    return _edge(document, since), _edge(document, until)


def _edge(document: JsonObject, name: str) -> Edge:
    text = document.get(name)
    return Edge(name, text, instant(text))


def check_validity(document: JsonObject, now: datetime, skew: timedelta = SKEW) -> tuple[Finding, Finding]:
    """Check that `now` lies in the validity period: one finding for its start, one for its end."""
    since, until = period(document)
    return _check_since(since, now + skew), _check_until(since, until, now - skew)


def _check_since(since: Edge, latest: datetime) -> Finding:
    check = CheckId.TIME_VALID_FROM
    if since.text is None:
        return finding(check, Outcome.FAIL, "valid_from_missing")
    if since.at is None:
        return finding(check, Outcome.FAIL, "valid_from_malformed", since.pointer)
    if since.at > latest:
        return finding(check, Outcome.FAIL, "not_yet_valid", since.pointer, detail=stamp(since.at))
    return finding(check, Outcome.PASS, "valid_from_past", since.pointer)


def _check_until(since: Edge, until: Edge, earliest: datetime) -> Finding:
    check = CheckId.TIME_VALID_UNTIL
    if until.text is None:
        return finding(check, Outcome.PASS, "valid_until_absent")
    if until.at is None:
        return finding(check, Outcome.FAIL, "valid_until_malformed", until.pointer)
    if since.at is not None and until.at < since.at:
        return finding(check, Outcome.FAIL, "period_reversed", until.pointer)
    if until.at < earliest:
        return finding(check, Outcome.FAIL, "expired", until.pointer, detail=stamp(until.at))
    return finding(check, Outcome.PASS, "valid_until_future", until.pointer)
