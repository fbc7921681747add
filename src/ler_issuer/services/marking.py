"""Marking: what is done to a credential after it was issued, as steps of whoever has a reason.

An act, its bit, the dirty mark of its list, the audit row, the event and the log leaf are one transaction. Only a
reason code is kept for others to read; the note stays private and never leaves the service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.errors import Place, Unacceptable
from ler_issuer.services.issuing import leaf_of
from ler_issuer.store import credentials, journal, status
from ler_issuer.store.journal import Deed
from ler_issuer.store.status import StatusEvent

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db

NOT_SUSPENDABLE = (
    "this credential cannot be suspended: Open Badges allows one status entry, which is for revocation; publish the "
    "achievement with suspendable: true, and credentials issued from then on carry a suspension entry too"
)


REASON_CODE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""What a reason code looks like: others see it, so it has no room for words about a person."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code that may be shown, and a note that may not."""

    code: str
    note: str | None = None

    def __post_init__(self) -> None:
        """Refuse a code that is none."""
        if not re.fullmatch(REASON_CODE, self.code):
            detail = "a reason code has letters, digits, dots, dashes and underscores, at most 64"
            raise Unacceptable(detail, problems=[Place("/reason_code", "bad_reason_code", detail)])


@dataclass(frozen=True, slots=True)
class Stamp:
    """On whose act, and when."""

    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """Why facts are looked at again: who, when, in which import, and whether an import is being undone."""

    actor: str
    at: datetime
    import_id: str | None = None
    undoing: bool = False

    @property
    def stamp(self) -> Stamp:
        """Give who and when."""
        return Stamp(self.actor, self.at)


def revoke_step(db: Db, rt: Runtime, credential: Credential, reason: Reason, stamp: Stamp) -> None:
    """Raise the revocation bit of a credential and record why."""
    _record(db, rt, credential, _REVOKE, reason, stamp)


def suspend_step(db: Db, rt: Runtime, credential: Credential, reason: Reason, stamp: Stamp) -> None:
    """Raise the suspension bit of a credential and record why.

    Raises:
        Unacceptable: it has no suspension entry.
    """
    _record(db, rt, credential, _SUSPEND, reason, stamp)


def reinstate_step(db: Db, rt: Runtime, credential: Credential, reason: Reason, stamp: Stamp) -> None:
    """Clear the suspension bit of a credential and record why."""
    _record(db, rt, credential, _REINSTATE, reason, stamp)


def replace_step(db: Db, rt: Runtime, credential: Credential, reason: Reason, stamp: Stamp) -> None:
    """Put a credential behind the one that replaces it.

    One whose facts were wrong (`corrected`) is revoked, so that everybody sees it; one whose facts are as true as ever
    (`better_attempt`) keeps its bit and is only marked here.
    """
    _record(db, rt, credential, _REVOKE if reason.code == "corrected" else _SUPERSEDE, reason, stamp)


@dataclass(frozen=True, slots=True)
class _Act:
    """An act: its name, the bit that it sets or clears (None: no bit), and the state that it leads to."""

    name: str
    purpose: str | None
    state: str
    raised: bool


_REVOKE = _Act("revoke", "revocation", "revoked", raised=True)
_SUSPEND = _Act("suspend", "suspension", "suspended", raised=True)
_REINSTATE = _Act("reinstate", "suspension", "current", raised=False)
_SUPERSEDE = _Act("supersede", None, "superseded", raised=False)


def _record(db: Db, rt: Runtime, credential: Credential, act: _Act, reason: Reason, stamp: Stamp) -> None:
    if act.purpose is not None:
        entry = next((one for one in status.entries_of(db, credential.id) if one.purpose == act.purpose), None)
        if entry is None:
            raise Unacceptable(NOT_SUSPENDABLE, problems=[Place("", "not_suspendable", NOT_SUSPENDABLE)])
        status.set_bit(db, entry, raised=act.raised)
    event = StatusEvent(
        rt.new_row_id(), credential.id, act.name, reason.code, reason.note, stamp.actor, stamp.at, rt.random(16)
    )
    status.append(db, event)
    credentials.mark(db, credential.id, act.state, stamp.at)
    journal.add_leaf(db, credential.issuer_id, leaf_of(event.log_salt, said(event)))
    deed = Deed(
        issuer_id=credential.issuer_id,
        actor=stamp.actor,
        act=f"credential.{_PAST[act.name]}",
        object_id=credential.id,
        at=stamp.at,
        data={"reason_code": reason.code},
    )
    journal.announce(db, deed, rt.new_row_id())


def said(event: StatusEvent) -> bytes:
    """Give what a status act says, as the log seals it: the act, its code and time, not the private note."""
    public = {"credential": event.credential_id, "act": event.act, "reason_code": event.reason_code}
    return jsontext.canonical({**public, "at": event.at.isoformat()})


_PAST = {"revoke": "revoked", "suspend": "suspended", "reinstate": "reinstated", "supersede": "superseded"}
