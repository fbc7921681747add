"""The period in which a credential is valid.

VCDM 2.0 §4.9: `validFrom` and `validUntil` are `xsd:dateTimeStamp`, that is, with an offset. Documents of VCDM 1.1,
which are judged but never issued, call them `issuanceDate` and `expirationDate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer.vc.documents import as_list
from ler_issuer.vc.findings import CheckId, Finding, Outcome, finding
from ler_issuer.vc.instants import SKEW, instant, stamp

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ler_issuer.types import Json, JsonObject, Pointer

VC_1_CONTEXT = "https://www.w3.org/2018/credentials/v1"

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
    old = _is_old(document)
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
    return _check_since(since, now + skew, needed=_is_old(document)), _check_until(since, until, now - skew)


def _is_old(document: JsonObject) -> bool:
    return as_list(document.get("@context"))[:1] == [VC_1_CONTEXT]


def _check_since(since: Edge, latest: datetime, *, needed: bool) -> Finding:
    check = CheckId.TIME_VALID_FROM
    if since.text is None:
        if needed:
            return finding(check, Outcome.FAIL, "valid_from_missing")
        return finding(check, Outcome.PASS, "valid_from_absent")  # VCDM 2.0 §4.9; badges need it, say their schemas
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
