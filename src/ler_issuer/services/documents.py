"""Documents that others compose and we sign: the VC-API's issuing, and what is done to them afterwards.

The ceremony is that of every credential (`issuing`). What a client sends is held to the data model first; then it gets
a status position of ours, is prepared, sealed, judged by our own verifier, and kept byte for byte with audit, event and
log leaf, all in one transaction. Documents need no id, and one id may be asked for again: each signature is a document
of its own, and an act on an id is an act on every document that goes by it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from ler_issuer import jsontext
from ler_issuer.badges import nonconformities
from ler_issuer.errors import Missing, Place, Unacceptable
from ler_issuer.services import idempotency, issuing, revoking, signing
from ler_issuer.services.issuing import leaf_of
from ler_issuer.services.marking import Reason, Stamp
from ler_issuer.services.signing import Manner
from ler_issuer.store import credentials, documents, issuers, journal, keys, status
from ler_issuer.store.documents import LONGEST_ID, DocumentEvent, IssuedDocument
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed
from ler_issuer.vc import (
    Problem,
    PublicKey,
    Underivable,
    Unsignable,
    as_list,
    data_model,
    entry,
    entry_problems,
    id_of,
    in_request,
    issuer_id,
    model_problems,
    overlooked,
    types_of,
)
from ler_issuer.vc import derive as derive_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.types import Json, JsonObject, Pointer, Url

BADGES: Final = frozenset({"OpenBadgeCredential", "AchievementCredential", "ClrCredential"})
"""Types whose documents have to conform to Open Badges or CLR besides the data model."""

LISTS: Final = frozenset({"BitstringStatusListCredential", "StatusList2021Credential"})
"""Types of documents that the service makes by itself, and signs for nobody."""

PURPOSES: Final = ("revocation", "suspension")
"""What a status entry of ours can be for."""

STATUS_TYPE: Final = "BitstringStatusListEntry"

_TOLD: Final = 80
"""Characters that a message repeats of a name that is not known."""

_MALFORMED: Final = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
_UNPROVABLE: Final = "https://w3id.org/security#PROOF_GENERATION_ERROR"
_ASKED_OVER_VC_API: Final = Reason("vc-api")


class Unissuable(Unacceptable):
    """A document cannot be signed, or a status not be changed; `found` are the problems, by place and type.

    What is wrong with a document is told by its place in that; what is wrong with what was asked, by its place in the
    request.
    """

    def __init__(self, detail: str, *, found: Iterable[Problem] = ()) -> None:
        """Carry every problem that was found."""
        self.found = tuple(found)
        super().__init__(detail, problems=[Place(one.pointer, one.code, one.detail) for one in self.found])

    @classmethod
    def of(cls, found: Iterable[Problem]) -> Self:
        """Make one of what was found."""
        problems = tuple(found)
        return cls("; ".join(f"{one.pointer or 'the whole'}: {one.detail}" for one in problems), found=problems)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document that somebody wants signed, by which cryptosuite (None: the preferred one), revocable how.

    `mandatory` names what every holder shows of it, where the suite lets holders show parts; `suite_at` is where in the
    request the cryptosuite is named, empty when that is in its address.
    """

    credential: Json
    cryptosuite: str | None = None
    purpose: str = "revocation"
    mandatory: tuple[Pointer, ...] = ()
    suite_at: Pointer = "/options/cryptosuite"


@dataclass(frozen=True, slots=True)
class Act:
    """What is to become of the status of a credential; `list_url` and `index` narrow it to one place in a list."""

    credential_id: str
    purpose: str
    raised: bool
    list_url: Url | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class _Order:
    """A document to sign, on whose act, and in which manner."""

    document: JsonObject
    purpose: str
    stamp: Stamp
    manner: Manner = field(default_factory=Manner)


# ── Issuing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@again_if_entangled
def issue(rt: Runtime, caller: Caller, wanted: Wanted) -> bytes:
    """Sign a document as its issuer and keep it; give its bytes, exactly as they are kept.

    Raises:
        Unissuable: the document breaks the data model, names another issuer, would lose data in JSON-LD, has a proof
            already, or asks for a cryptosuite or purpose that there is not.
        Conflict: the Idempotency-Key was used for another request.
        NonconformingError: our own verifier does not find the result authentic.
    """
    now = rt.now()
    if problems := model_problems(wanted.credential, secured=False):
        raise Unissuable.of(problems)
    with rt.db.begin() as db:
        answered = idempotency.answered(db, caller)
        if answered is not None:
            return documents.get(db, answered["document_id"]).body
        issuer = issuers.get(db, caller.issuer_id)
        if problems := tuple(_objections(db, rt, issuer, wanted)):
            raise Unissuable.of(problems)
        is_vc11 = data_model(wanted.credential) == "1.1"
        manner = Manner(wanted.cryptosuite, is_vc11=is_vc11, is_single=True, mandatory=wanted.mandatory)
        order = _Order(wanted.credential, wanted.purpose, Stamp(caller.actor, now), manner)
        document = _issue(db, rt, issuer, order)
        idempotency.remember(db, caller, {"document_id": document.id}, now)
    return document.body


def _objections(db: Db, rt: Runtime, issuer: Issuer, wanted: Wanted) -> Iterator[Problem]:
    """Yield what speaks against signing a document that keeps to the data model."""
    document: JsonObject = wanted.credential
    if (unseen := overlooked(document)) is not None:
        yield unseen
    if issuer_id(document) != issuer.did:
        yield Problem("issuer_differs", f"the issuer that signs here is {issuer.did}", "/issuer", _MALFORMED)
    if data_model(document) == "1.1" and not rt.practice.issues_vc11:
        yield Problem("context_order", "VCDM 1.1 is verified here but not issued any more", "/@context", _MALFORMED)
    if len(str(document.get("id", ""))) > LONGEST_ID:
        yield Problem("id_too_long", f"at most {LONGEST_ID} characters", "/id", _MALFORMED)
    if wanted.purpose not in PURPOSES:
        detail = f"a status is for {' or '.join(PURPOSES)}, and not for {wanted.purpose[:_TOLD]!r}"
        yield Problem("purpose_unknown", detail, "/options/statusPurpose", _MALFORMED)
    kind = PublicKey.from_multibase(keys.in_use(db, issuer.id, "assertion").public_multibase).kind
    able = signing.suites_for(kind, openly=rt.practice.signs_openly)
    if wanted.cryptosuite is not None and wanted.cryptosuite not in able:
        detail = f"{wanted.cryptosuite[:_TOLD]!r} is none of those that this issuer signs by: {', '.join(able)}"
        yield Problem("suite_unknown", detail, wanted.suite_at, _UNPROVABLE)
    yield from entry_problems(document)
    yield from _collisions(db, rt, document)


def _collisions(db: Db, rt: Runtime, document: JsonObject) -> Iterator[Problem]:
    """Yield where a document would take the place of what this installation makes itself."""
    if any(_is_ours(db, rt, one) for one in as_list(document.get("credentialStatus"))):
        detail = "a place in one of our lists is given out here, and only here"
        yield Problem("status_taken", detail, "/credentialStatus", _MALFORMED)
    if LISTS.intersection(types_of(document)):
        yield Problem("status_list", "status lists are made and signed by the service itself", "/type", _MALFORMED)
    if credentials.has(db, id_of(document.get("id")) or ""):
        yield Problem("id_taken", "an earned credential has this id", "/id", _MALFORMED)


def _is_ours(db: Db, rt: Runtime, entry: Json) -> bool:
    """Say whether a status entry names one of our lists: two credentials with one place would stand and fall as one."""
    named = id_of(entry.get("statusListCredential") if isinstance(entry, dict) else None) or ""
    if named.startswith(f"{rt.base_url}/status/"):
        return True
    return named.isprintable() and status.by_url(db, named) is not None


def _issue(db: Db, rt: Runtime, issuer: Issuer, order: _Order) -> IssuedDocument:
    document_id = rt.new_id()
    document = order.document
    if not order.manner.is_vc11:  # its context has no words for a place in a bitstring
        place = issuing.status_entry(db, rt, issuer, order.purpose, document_id, order.stamp.at)
        held = as_list(document.get("credentialStatus"))
        document = {**document, "credentialStatus": [*held, place] if held else place}
    if BADGES.intersection(types_of(document)) and (faults := nonconformities(document, rt.rules.schemas)):
        raise Unissuable.of(faults)
    try:
        sealed = signing.sign(db, rt, issuer, document, order.stamp.at, manner=order.manner)
    except Unsignable as error:
        found = in_request(error.problems, order.manner.mandatory, "/options/mandatoryPointers")
        raise Unissuable.of(found) from None
    body = sealed.body
    made = IssuedDocument(
        id=document_id,
        issuer_id=issuer.id,
        credential_id=id_of(document.get("id")),
        signing_key_id=sealed.signing_key_id,
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        created_at=order.stamp.at,
        created_by=order.stamp.actor,
        log_salt=rt.random(16),
    )
    documents.add(db, made)
    _announce(db, rt, made, "issued", order.stamp, {"digest": made.digest})
    journal.add_leaf(db, issuer.id, leaf_of(made.log_salt, made.body))
    return made


def _announce(db: Db, rt: Runtime, document: IssuedDocument, act: str, stamp: Stamp, data: JsonObject) -> None:
    deed = Deed(
        issuer_id=document.issuer_id,
        actor=stamp.actor,
        act=f"document.{act}",
        object_id=document.id,
        at=stamp.at,
        data=data,
    )
    journal.announce(db, deed, rt.new_row_id())


# ── Showing parts ────────────────────────────────────────────────────────────────────────────────────────────────────
def derive(rt: Runtime, credential: Json, selective: Sequence[Pointer]) -> JsonObject:
    """Give what a holder shows of a credential with a base proof: what is mandatory, and what `selective` names.

    Whoever has the base proof can do that by themselves; nothing of it is kept, and it may be anybody's.

    Raises:
        Unissuable: it has no base proof that can be read, or a pointer names nothing that can be shown by itself.
    """
    try:
        return derive_view(credential, selective, rt.rules.contexts)
    except Underivable as error:
        raise Unissuable.of(in_request(error.problems, selective, "/options/selectivePointers")) from None


# ── Status ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@again_if_entangled
def change_status(rt: Runtime, caller: Caller, act: Act) -> JsonObject:
    """Raise or clear a status bit of a credential of the caller's issuer; give its entry. Twice is as good as once.

    A credential that an award earned goes the way that `revoking` knows: a revocation of one is for good.

    Raises:
        Missing: no such credential of the caller's issuer.
        Unissuable: it has no entry for that purpose; or a revocation that is for good is to be taken back.
        Conflict: an earned credential that is revoked or superseded is to be suspended.
    """
    if not act.credential_id.isprintable():  # a database takes not every character that JSON does
        raise Missing("no such credential")
    stamp = Stamp(caller.actor, rt.now())
    with rt.db.begin() as db:
        found = _named(db, caller, act)
        if not found:
            held = revoking.held(db, act.credential_id, caller)
            if not _is_at(db, held.id, act):
                raise Missing("the credential has no such place in a status list")
            _change_earned(db, rt, held, act, stamp)
            return _entry(db, held.id, act)
        for document in found:
            _mark(db, rt, document, act, stamp)
        return _entry(db, found[-1].id, act)


def _named(db: Db, caller: Caller, act: Act) -> list[IssuedDocument]:
    """Find the documents that an act is about: those of the id, or the one at the place in a list if that is its id."""
    if (act.list_url is None) != (act.index is None):
        detail = "a place is told by `statusListCredential` and `statusListIndex` together"
        raise Unissuable.of([Problem("status_malformed", detail, "/credentialStatus", _MALFORMED)])
    if act.list_url is None or act.index is None:
        return documents.owned_by(db, caller.issuer_id, act.credential_id)
    found = documents.at_place(db, caller.issuer_id, act.list_url, act.index)
    return [found] if found is not None and found.credential_id in {None, act.credential_id} else []


def _is_at(db: Db, credential_id: str, act: Act) -> bool:
    """Say whether a credential has the place that an act names, if it names one."""
    if act.list_url is None:
        return True
    places = status.entries_of(db, credential_id)
    return any((status.get(db, one.list_id).url, one.position) == (act.list_url, act.index) for one in places)


def _place(db: Db, document_id: str, act: Act) -> status.Entry:
    found = next((one for one in status.entries_of(db, document_id) if one.purpose == act.purpose), None)
    if found is None:
        detail = f"the credential has no status entry for {act.purpose}"
        raise Unissuable.of([Problem("status_absent", detail, "/credentialStatus/statusPurpose", _MALFORMED)])
    return found


def _entry(db: Db, document_id: str, act: Act) -> JsonObject:
    place = _place(db, document_id, act)
    return entry(status.get(db, place.list_id).url, place.position, place.purpose)


def _mark(db: Db, rt: Runtime, document: IssuedDocument, act: Act, stamp: Stamp) -> None:
    place = _place(db, document.id, act)
    if place.raised is act.raised:
        return
    status.set_bit(db, place, raised=act.raised)
    event = DocumentEvent(rt.new_id(), document.id, act.purpose, act.raised, stamp.actor, stamp.at, rt.random(16))
    documents.append(db, event)
    journal.add_leaf(db, document.issuer_id, leaf_of(event.log_salt, said(event)))
    _announce(db, rt, document, "status_changed", stamp, {"purpose": act.purpose, "raised": act.raised})


def said(event: DocumentEvent) -> bytes:
    """Give what an act on a document's status says, as the log seals it."""
    act = {"document": event.document_id, "purpose": event.purpose, "raised": event.raised}
    return jsontext.canonical({**act, "at": event.at.isoformat()})


def _change_earned(db: Db, rt: Runtime, credential: Credential, act: Act, stamp: Stamp) -> None:
    """Do to an earned credential what the act says, unless it is done already."""
    if _place(db, credential.id, act).raised is act.raised:
        return
    if act.purpose == "suspension" and act.raised:
        revoking.suspend_held(db, rt, credential, _ASKED_OVER_VC_API, stamp)
    elif act.purpose == "suspension":
        revoking.reinstate_held(db, rt, credential, _ASKED_OVER_VC_API, stamp)
    elif act.raised:
        revoking.revoke_held(db, rt, credential, _ASKED_OVER_VC_API, stamp)
    else:
        raise Unissuable.of([Problem("revoked_for_good", "an earned credential stays revoked", "/status")])
