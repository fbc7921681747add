"""Judge the status of a credential from the lists that it names.

A list is a credential itself and is judged as one: signed by the same issuer, unchanged, in date, about the purpose the
entry names, and long enough. Anything less would let somebody else's list, or an old one, clear a revoked credential.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ler_issuer.vc.documents import as_list, issuer_id, members, types_of, unfit
from ler_issuer.vc.material import Found, Material, look_up
from ler_issuer.vc.report import CheckId, Finding, Outcome, authentic, finding
from ler_issuer.vc.status import MIN_ENTRIES, BadList, bit, decode
from ler_issuer.vc.validity import SKEW, period, stamp
from ler_issuer.vc.verification import check_proofs

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.types import Json, JsonObject, Pointer, Url
    from ler_issuer.vc.contexts import Contexts

MAX_ENTRIES = 4
"""Status entries of one credential that are looked at; each may cost a fetch."""

_INDEX = re.compile(r"0|[1-9]\d{0,9}", re.ASCII)
_WEB = ("https://", "http://")
_RAISED = {"revocation": (Outcome.FAIL, "revoked"), "suspension": (Outcome.WARNING, "suspended")}


@dataclass(frozen=True, slots=True)
class Entry:
    """One well-formed `BitstringStatusListEntry` and its place in the credential."""

    pointer: Pointer
    list_url: Url
    index: int
    purpose: str


class Fault(NamedTuple):
    """Why an entry or a list gives no answer."""

    outcome: Outcome
    code: str
    detail: str = ""


def status_needs(document: Json) -> tuple[Url, ...]:
    """Name the status lists that the credential's status rests on, each once."""
    if not isinstance(document, dict):
        return ()
    entries = [_entry(pointer, value) for pointer, value in members(document, "credentialStatus")]
    if len(entries) > MAX_ENTRIES:
        return ()
    return tuple(dict.fromkeys(entry.list_url for entry in entries if isinstance(entry, Entry)))


def check_status(
    document: JsonObject, lists: Material, keys: Material, contexts: Contexts, now: datetime
) -> tuple[Finding, ...]:
    """Look up every status of a credential whose proof held.

    A raised revocation bit is a failure, a raised suspension bit a warning. A list that could not be had, or is out of
    date, leaves the status open (`indeterminate`); a list that is wrong is a failure.
    """
    found = tuple(members(document, "credentialStatus"))
    if not found:
        return (finding(CheckId.STATUS, Outcome.SKIPPED, "status_absent"),)
    if len(found) > MAX_ENTRIES:
        return (finding(CheckId.STATUS, Outcome.FAIL, "too_many_statuses", detail=f"{len(found)} of {MAX_ENTRIES}"),)
    judging = _Judging(issuer_id(document), keys, contexts, now)
    return tuple(_check(_entry(pointer, value), pointer, lists, judging) for pointer, value in found)


def _check(entry: Entry | Fault, pointer: Pointer, lists: Material, judging: _Judging) -> Finding:
    answer = entry if isinstance(entry, Fault) else _answer(entry, lists, judging)
    return finding(CheckId.STATUS, answer.outcome, answer.code, pointer, detail=answer.detail)


def _entry(pointer: Pointer, value: Json) -> Entry | Fault:
    """Read one value of `credentialStatus`."""
    if not isinstance(value, dict) or not types_of(value):
        return Fault(Outcome.FAIL, "status_malformed", "it has no type")
    if "BitstringStatusListEntry" not in types_of(value):
        return Fault(Outcome.INDETERMINATE, "status_type_unknown", types_of(value)[0])
    purpose, url, index = (value.get(name) for name in ("statusPurpose", "statusListCredential", "statusListIndex"))
    number = _index(index)
    if not isinstance(purpose, str) or number is None or not (isinstance(url, str) and url.startswith(_WEB)):
        return Fault(Outcome.FAIL, "status_malformed", "purpose, list or index is missing or has the wrong form")
    if purpose not in _RAISED:
        return Fault(Outcome.WARNING, "status_purpose_unknown", purpose)
    if value.get("statusSize", 1) != 1:
        return Fault(Outcome.INDETERMINATE, "status_size_unsupported")
    return Entry(pointer, url, number, purpose)


def _index(value: Json) -> int | None:
    """Read an index: a decimal string (W3C) or a number (as 1EdTech's examples have it), nothing looser."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return int(value) if _INDEX.fullmatch(str(value)) else None


def _answer(entry: Entry, lists: Material, judging: _Judging) -> Fault:
    gathered = look_up(lists, entry.list_url)
    if not isinstance(gathered, Found):
        return Fault(Outcome.INDETERMINATE, f"list_{gathered.code}", entry.list_url)
    fault = judging.fault(gathered.document, entry)
    if fault is not None:
        return fault
    bits = _bits(gathered.document)
    if isinstance(bits, Fault):
        return bits
    if entry.index >= len(bits) * 8:
        return Fault(Outcome.FAIL, "index_out_of_range", f"{entry.index} of {len(bits) * 8}")
    outcome, code = _RAISED[entry.purpose] if bit(bits, entry.index) else (Outcome.PASS, "status_clear")
    return Fault(outcome, code, entry.purpose)


def _bits(document: JsonObject) -> bytes | Fault:
    try:
        bits = decode(document["credentialSubject"]["encodedList"])
    except BadList as error:
        return Fault(Outcome.FAIL, error.code, error.detail)
    if len(bits) * 8 < MIN_ENTRIES:
        return Fault(Outcome.FAIL, "list_too_short", f"{len(bits) * 8} entries, not {MIN_ENTRIES}")
    return bits


@dataclass(frozen=True, slots=True)
class _Judging:
    """The numbered checks of one list credential (Bitstring Status List §3.2), and what they need."""

    issuer: str | None
    keys: Material
    contexts: Contexts
    now: datetime

    def fault(self, document: Json, entry: Entry) -> Fault | None:
        """Give the first fault of a list, in the order in which the checks make sense."""
        if unfit(document) is not None:
            return Fault(Outcome.FAIL, "list_malformed")
        checks = (self._is_list, self._is_named, self._is_issuers, self._is_proven, self._is_in_date, self._is_about)
        return next((fault for check in checks if (fault := check(document, entry)) is not None), None)

    def _is_list(self, document: JsonObject, _entry: Entry) -> Fault | None:
        wanted = {"VerifiableCredential", "BitstringStatusListCredential"}
        return None if wanted <= {*types_of(document)} else Fault(Outcome.FAIL, "list_wrong_type")

    def _is_named(self, document: JsonObject, entry: Entry) -> Fault | None:
        return None if document.get("id") == entry.list_url else Fault(Outcome.FAIL, "list_wrong_id")

    def _is_issuers(self, document: JsonObject, _entry: Entry) -> Fault | None:
        same = self.issuer is not None and issuer_id(document) == self.issuer
        return None if same else Fault(Outcome.FAIL, "list_foreign_issuer")

    def _is_proven(self, document: JsonObject, _entry: Entry) -> Fault | None:
        findings = check_proofs(document, self.keys, self.contexts, self.now)
        if authentic(findings):
            return None
        if any(found.outcome is Outcome.FAIL for found in findings):
            return Fault(Outcome.FAIL, "list_bad_proof")
        return Fault(Outcome.INDETERMINATE, "list_proof_open")

    def _is_in_date(self, document: JsonObject, _entry: Entry) -> Fault | None:
        since, until = period(document)
        if since.unreadable or until.unreadable:
            return Fault(Outcome.FAIL, "list_bad_dates")
        if since.at is not None and since.at > self.now + SKEW:
            return Fault(Outcome.INDETERMINATE, "list_not_yet_valid", stamp(since.at))
        if until.at is not None and until.at < self.now - SKEW:
            return Fault(Outcome.INDETERMINATE, "list_expired", stamp(until.at))
        return None

    def _is_about(self, document: JsonObject, entry: Entry) -> Fault | None:
        subject = document.get("credentialSubject")
        if not isinstance(subject, dict) or "BitstringStatusList" not in types_of(subject):
            return Fault(Outcome.FAIL, "list_malformed")
        if entry.purpose not in as_list(subject.get("statusPurpose")):
            return Fault(Outcome.FAIL, "list_wrong_purpose", f"it is about {entry.purpose}")
        return None if isinstance(subject.get("encodedList"), str) else Fault(Outcome.FAIL, "list_malformed")
