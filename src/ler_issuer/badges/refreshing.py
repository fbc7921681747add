"""Refreshing: a newer copy of a credential, which its issuer may offer (OB 3.0 §9.2, `1EdTechCredentialRefresh`).

Only after the proof of the copy at hand held, and only once: whoever can write a credential could otherwise have any
address asked, again and again. What came back counts only when it is the same credential by the same issuer, verifies
by itself, and is newer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from ler_issuer import vc
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.vc import CheckId, Finding, Outcome

if TYPE_CHECKING:
    from ler_issuer.badges.exhibits import Exhibit
    from ler_issuer.types import Json, JsonObject, Url
    from ler_issuer.vc import Found, Hole

_TYPE: Final = "1EdTechCredentialRefresh"
_PLACE: Final = "/refreshService"
_LONGEST_ID: Final = 2_000


def refresh_need(document: JsonObject) -> Url | None:
    """Give the address at which the issuer offers the newest copy, or None when it offers none in a form known here."""
    service = document.get("refreshService")
    if not isinstance(service, dict) or _TYPE not in vc.types_of(service):
        return None
    named = service.get("id")
    return named if isinstance(named, str) and named.startswith(("https://", "http://")) else None


def is_newer(offered: Exhibit, held: JsonObject) -> bool:
    """Say whether what was offered is a newer copy of a credential; `validFrom` decides (OB 3.0 §6.2)."""
    dates = [vc.instant(one.get("validFrom", one.get("issuanceDate"))) for one in (offered.document, held)]
    return dates[0] is not None and dates[1] is not None and dates[0] > dates[1]


def is_same(offered: Exhibit, held: JsonObject) -> bool:
    """Say whether two documents are copies of one credential: the same issuer, and the same id once it is decoded."""
    new = offered.document
    same_issuer = vc.issuer_id(new) is not None and vc.issuer_id(new) == vc.issuer_id(held)
    return same_issuer and _named(new.get("id")) is not None and _named(new.get("id")) == _named(held.get("id"))


def _named(value: Json) -> str | None:
    """Give an id decoded; one that is longer than any id is none, since decoding it would take much memory."""
    return unquote(value).strip() if isinstance(value, str) and len(value) <= _LONGEST_ID else None


def refresh_finding(code: str, gathered: Found | Hole | None = None, detail: str = "") -> Finding:
    """Word what came of refreshing; only a newer copy, and that there is none, are as they should be."""
    fine = code in {"refreshed", "refresh_none_newer"}
    source = None if gathered is None else gathered.source
    outcome = Outcome.PASS if fine else Outcome.WARNING
    return vc.finding(CheckId.REFRESH, outcome, code, _PLACE, detail=detail, evidence=[source], messages=MESSAGES)
