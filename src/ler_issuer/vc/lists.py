"""Judge the status of a credential from the lists that it names.

A list is a credential itself and is judged as one: signed by the same issuer, unchanged, in date, about the purpose the
entry names, and long enough. Anything less would let somebody else's list, or an old one, clear a revoked credential.
The status of a list itself is not looked up: a list that may be withdrawn has an end date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer.vc.documents import as_list, issuer_id, members, types_of, unfit
from ler_issuer.vc.envelopes import check_envelope, envelope_needs
from ler_issuer.vc.findings import CheckId, Finding, Outcome, authentic, finding
from ler_issuer.vc.instants import SKEW, instant, stamp
from ler_issuer.vc.jwt import Envelope, date_of, open_envelope
from ler_issuer.vc.material import Found, Hole, Material, look_up
from ler_issuer.vc.meaning import check_payload
from ler_issuer.vc.revocation_lists import look_up_revocation
from ler_issuer.vc.status import MIN_ENTRIES, BadList, decode, decode_2021, value_at
from ler_issuer.vc.status_entries import MAX_ENTRIES, Answer, Entry, Kind, entries_of
from ler_issuer.vc.validity import period
from ler_issuer.vc.verification import check_proofs, key_needs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ler_issuer.types import Did, Json, JsonObject, Url
    from ler_issuer.vc.contexts import Contexts

_RAISED = {
    "revocation": (Outcome.FAIL, "revoked"),
    "suspension": (Outcome.WARNING, "suspended"),
    "refresh": (Outcome.WARNING, "refresh_available"),
}
_CLEAR = {Kind.BITSTRING: "status_clear", Kind.LIST_2021: "status_clear_2021"}
_LISTS = {
    Kind.BITSTRING: ("BitstringStatusListCredential", "BitstringStatusList"),
    Kind.LIST_2021: ("StatusList2021Credential", "StatusList2021"),
}


def status_needs(document: Json) -> tuple[Url, ...]:
    """Name the status lists that the credential's status rests on, each once."""
    entries = entries_of(document) if isinstance(document, dict) else ()
    if len(entries) > MAX_ENTRIES:
        return ()
    return tuple(dict.fromkeys(entry.list_url for _, entry in entries if isinstance(entry, Entry)))


def status_key_needs(lists: Material) -> tuple[Did | Url, ...]:
    """Name what the proofs of gathered status lists rest on, each once.

    Only of an issuer's own keys: a list that somebody else signed will not do, so nothing of theirs is asked for.
    """
    needs: dict[Did | Url, None] = {}
    for gathered in lists.values():
        if isinstance(gathered, Found) and not gathered.vouched:
            needs.update(dict.fromkeys(_key_needs(gathered.document)))
    return tuple(needs)


def _key_needs(document: Json) -> tuple[Did | Url, ...]:
    if isinstance(document, str):
        envelope = open_envelope(document)
        return envelope_needs(envelope) if isinstance(envelope, Envelope) else ()
    return tuple(need for need in key_needs(document) if need == issuer_id(document))


def check_status(
    document: JsonObject, lists: Material, keys: Material, contexts: Contexts, now: datetime
) -> tuple[Finding, ...]:
    """Look up every status of a credential whose proof held.

    A raised revocation bit is a failure, a raised suspension bit a warning; messages and newer copies are told. A list
    that could not be had, or is out of date, leaves the status open (`indeterminate`); a list that is wrong is a
    failure.
    """
    found = entries_of(document)
    if not found:
        return (finding(CheckId.STATUS, Outcome.SKIPPED, "status_absent"),)
    if len(found) > MAX_ENTRIES:
        return (finding(CheckId.STATUS, Outcome.FAIL, "too_many_statuses", detail=f"{len(found)} of {MAX_ENTRIES}"),)
    judging = _Judging(document, lists, keys, contexts, now)
    return tuple(
        finding(CheckId.STATUS, answer.outcome, answer.code, pointer, detail=answer.detail, evidence=[answer.source])
        for number, (pointer, entry) in enumerate(found)
        for answer in judging.answers(entry, [earlier for _, earlier in found[:number]])
    )


def list_holds(gathered: Found | Hole, keys: Material, contexts: Contexts, now: datetime) -> bool:
    """Say whether a gathered status list is signed by whom it names as its issuer, and unchanged."""
    if not isinstance(gathered, Found) or unfit(_opened(gathered.document)) is not None:
        return False
    return authentic(_proof(gathered.document, keys, contexts, now))


def listed_at(document: Json) -> datetime | None:
    """Say when a status list says that it was made: the latest of the dates that its issuer gave it and its proofs.

    None when it says nothing that can be read. Nothing is checked: whoever uses it has seen the proof hold.
    """
    if isinstance(document, str):
        envelope = open_envelope(document)
        if not isinstance(envelope, Envelope):
            return None
        dates = (period(envelope.document)[0].at, *(date_of(envelope.payload.get(name)) for name in ("iat", "nbf")))
    elif isinstance(document, dict):
        proofs = (proof for _, proof in members(document, "proof") if isinstance(proof, dict))
        dates = (period(document)[0].at, *(instant(proof.get("created")) for proof in proofs))
    else:
        return None
    return max((date for date in dates if date is not None), default=None)


@dataclass(frozen=True, slots=True)
class _Judging:
    """The credential whose status is looked up, and everything that is needed to judge its lists."""

    credential: JsonObject
    lists: Material
    keys: Material
    contexts: Contexts
    now: datetime

    def answers(self, entry: Entry | Answer, earlier: list[Entry | Answer]) -> Iterator[Answer]:
        """Answer one entry; what an earlier one asked already is not asked again."""
        if isinstance(entry, Answer):
            yield entry
            return
        alike = [
            one for one in earlier if isinstance(one, Entry) and (one.kind, one.purpose) == (entry.kind, entry.purpose)
        ]
        if any(entry.same_place(one) for one in alike):
            yield Answer(Outcome.WARNING, "status_repeated", entry.purpose)
            return
        yield self._answer(entry)
        if alike and entry.kind is not Kind.REVOCATIONS:
            yield Answer(Outcome.WARNING, "status_twice", entry.purpose)

    def _answer(self, entry: Entry) -> Answer:
        gathered = look_up(self.lists, entry.list_url)
        if not isinstance(gathered, Found):
            return Answer(Outcome.INDETERMINATE, f"list_{gathered.code}", entry.list_url, gathered.source)
        if entry.kind is Kind.REVOCATIONS:
            answer = look_up_revocation(self.credential, gathered.document, entry.list_url)
        else:
            answer = self._fault(gathered, entry) or _of_that_list(_opened(gathered.document), entry)
        return answer._replace(source=gathered.source)

    def _fault(self, gathered: Found, entry: Entry) -> Answer | None:
        """Give the first fault of a list, in the order in which the checks make sense (§3.2)."""
        document = _opened(gathered.document)
        if not gathered.vouched and unfit(document) is not None:
            return Answer(Outcome.FAIL, "list_malformed")
        return (
            _kind_fault(document, entry)
            or self._issuer_fault(document)
            or (None if gathered.vouched else self._proof_fault(gathered.document))
            or self._date_fault(document)
            or _content_fault(document, entry)
        )

    def _issuer_fault(self, document: JsonObject) -> Answer | None:
        issuer = issuer_id(self.credential)
        same = issuer is not None and issuer_id(document) == issuer
        return None if same else Answer(Outcome.FAIL, "list_foreign_issuer")

    def _proof_fault(self, document: Json) -> Answer | None:
        if isinstance(document, dict) and not any(members(document, "proof")):
            return Answer(Outcome.FAIL, "list_unsigned")
        findings = _proof(document, self.keys, self.contexts, self.now)
        failed = {found.id for found in findings if found.outcome is Outcome.FAIL}
        if failed - {CheckId.CONTEXT_ORDER}:  # a vocabulary that is not known here proves nothing either way
            return Answer(Outcome.FAIL, "list_bad_proof")
        return None if authentic(findings) else Answer(Outcome.INDETERMINATE, "list_proof_open")

    def _date_fault(self, document: JsonObject) -> Answer | None:
        since, until = period(document)
        if since.unreadable or until.unreadable:
            return Answer(Outcome.FAIL, "list_bad_dates")
        if since.at is not None and since.at > self.now + SKEW:
            return Answer(Outcome.INDETERMINATE, "list_not_yet_valid", stamp(since.at))
        if until.at is not None and until.at < self.now - SKEW:
            return Answer(Outcome.INDETERMINATE, "list_expired", stamp(until.at))
        return None


def _opened(document: Json) -> Json:
    """Give the list itself, be it signed by a proof or in a token."""
    envelope = open_envelope(document) if isinstance(document, str) else None
    return envelope.document if isinstance(envelope, Envelope) else document


def _proof(document: Json, keys: Material, contexts: Contexts, now: datetime) -> tuple[Finding, ...]:
    """Check what secures a list, its proofs or the token that it is."""
    if not isinstance(document, str):
        return check_proofs(document, keys, contexts, now)
    envelope = open_envelope(document)
    if not isinstance(envelope, Envelope):
        return ()
    return (*check_payload(envelope.document, contexts), *check_envelope(envelope, keys, now))


def _kind_fault(document: JsonObject, entry: Entry) -> Answer | None:
    """Check that it is a list of the kind that the entry names."""
    wanted, _ = _LISTS[entry.kind]
    right = {"VerifiableCredential", wanted} <= {*types_of(document)}
    return None if right else Answer(Outcome.FAIL, "list_wrong_type")


def _content_fault(document: JsonObject, entry: Entry) -> Answer | None:
    subject, (_, wanted) = document.get("credentialSubject"), _LISTS[entry.kind]
    if not isinstance(subject, dict) or wanted not in types_of(subject):
        return Answer(Outcome.FAIL, "list_malformed")
    if entry.purpose not in as_list(subject.get("statusPurpose")):
        return Answer(Outcome.FAIL, "list_wrong_purpose", f"it is about {entry.purpose}")
    return None if isinstance(subject.get("encodedList"), str) else Answer(Outcome.FAIL, "list_malformed")


def _of_that_list(document: JsonObject, entry: Entry) -> Answer:
    """Read the status, and see that it is the very list that the entry names, though it need not have an id (§2.2).

    Another list of the same issuer clears nobody. What it revokes stays revoked: to say so is the safe side.
    """
    answer = _status(document, entry)
    is_named = document.get("id", entry.list_url) == entry.list_url
    return answer if is_named or answer.outcome is Outcome.FAIL else Answer(Outcome.FAIL, "list_wrong_id")


def _status(document: JsonObject, entry: Entry) -> Answer:
    """Read the status of the credential from a list that nothing speaks against."""
    unpack = decode if entry.kind is Kind.BITSTRING else decode_2021
    try:
        bits = unpack(document["credentialSubject"]["encodedList"])
    except BadList as error:
        return Answer(Outcome.FAIL, error.code, error.detail)
    places = len(bits) * 8 // entry.size
    if places < MIN_ENTRIES:
        return Answer(Outcome.FAIL, "list_too_short", f"{places} entries, not {MIN_ENTRIES}")
    if entry.index >= places:
        return Answer(Outcome.FAIL, "index_out_of_range", f"{entry.index} of {places}")
    return _told(entry, value_at(bits, entry.index, entry.size))


def _told(entry: Entry, value: int) -> Answer:
    if entry.purpose == "message":
        message = dict(entry.messages).get(value, f"{value:#x}")
        return Answer(Outcome.WARNING if value else Outcome.PASS, "status_message", message)
    if not value:
        return Answer(Outcome.PASS, _CLEAR[entry.kind], entry.purpose)
    outcome, code = _RAISED[entry.purpose]
    return Answer(outcome, code, entry.purpose)
