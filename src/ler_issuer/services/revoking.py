"""Revoke, suspend, reinstate a credential because a person says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.badges import AwardState
from ler_issuer.errors import Conflict, Place, Unacceptable
from ler_issuer.services import advancing, questioning, signing
from ler_issuer.services.marking import Cause, Reason, Stamp, reinstate_step, revoke_step, suspend_step
from ler_issuer.services.questioning import Ending
from ler_issuer.services.stacked import PART
from ler_issuer.store import awards, credentials, learners
from ler_issuer.store.failures import again_if_entangled

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db


@again_if_entangled
def revoke(rt: Runtime, caller: Caller, credential_id: str, reason: Reason) -> str:
    """Revoke a credential for good, and withdraw its award until a person says otherwise; give its id.

    Raises:
        Missing: no such credential of the caller's issuer.
        Conflict: it is revoked already.
    """
    now = rt.now()
    with rt.db.begin() as db:
        credential = held(db, credential_id, caller)
        revoke_held(db, rt, credential, reason, Stamp(caller.actor, now))
    return credential.id


def revoke_held(db: Db, rt: Runtime, credential: Credential, reason: Reason, stamp: Stamp) -> None:
    """Revoke a credential that is held, with all that follows.

    Raises:
        Conflict: it is revoked already.
    """
    if credential.state == "revoked":
        raise Conflict("the credential is revoked already")
    revoke_step(db, rt, credential, reason, stamp)
    if credential.state != "superseded":
        values = {"state": AwardState.WITHDRAWN.value, "withdrawn_by": "person"}
        awards.change(db, credential.award_id, stamp.at, **values)
        cause = Cause(stamp.actor, stamp.at)
        questioning.settle_by_hand(db, rt, credential.award_id, cause, Ending("revoke", reason.code))
        _carry_on(db, rt, credential, cause)


@again_if_entangled
def suspend(rt: Runtime, caller: Caller, credential_id: str, reason: Reason) -> str:
    """Suspend a credential until it is reinstated or revoked; give its id.

    Raises:
        Missing: no such credential of the caller's issuer.
        Unacceptable: its achievement was not suspendable when it was issued; or the reason is one of our own.
        Conflict: it is suspended, revoked or superseded already.
    """
    now = rt.now()
    with rt.db.begin() as db:
        credential = held(db, credential_id, caller)
        suspend_held(db, rt, credential, reason, Stamp(caller.actor, now))
    return credential.id


def suspend_held(db: Db, rt: Runtime, credential: Credential, reason: Reason, stamp: Stamp) -> None:
    """Suspend a credential that is held, with all that follows.

    Raises:
        Unacceptable: its achievement was not suspendable when it was issued; or the reason is one of our own.
        Conflict: it is suspended, revoked or superseded already.
    """
    if credential.state != "current":
        raise Conflict(f"the credential is {credential.state} already")
    if reason.code.startswith(PART):
        detail = f"codes that begin with {PART} say that a part of a stack stopped counting; choose another"
        raise Unacceptable(detail, problems=[Place("/reason_code", "reserved", detail)])
    suspend_step(db, rt, credential, reason, stamp)
    _carry_on(db, rt, credential, Cause(stamp.actor, stamp.at))


@again_if_entangled
def reinstate(rt: Runtime, caller: Caller, credential_id: str, reason: Reason) -> str:
    """Let a suspended credential stand again; give its id. A revocation is for good.

    Raises:
        Missing: no such credential of the caller's issuer.
        Conflict: it is not suspended.
    """
    now = rt.now()
    with rt.db.begin() as db:
        credential = held(db, credential_id, caller)
        reinstate_held(db, rt, credential, reason, Stamp(caller.actor, now))
    return credential.id


def reinstate_held(db: Db, rt: Runtime, credential: Credential, reason: Reason, stamp: Stamp) -> None:
    """Let a suspended credential that is held stand again, with all that follows.

    Raises:
        Conflict: it is not suspended.
    """
    if credential.state != "suspended":
        raise Conflict(f"only a suspended credential can be reinstated; this one is {credential.state}")
    reinstate_step(db, rt, credential, reason, stamp)
    ending, cause = Ending("keep", reason.code, reason.note), Cause(stamp.actor, stamp.at)
    questioning.settle_by_hand(db, rt, credential.award_id, cause, ending)
    _carry_on(db, rt, credential, cause)


def _carry_on(db: Db, rt: Runtime, credential: Credential, cause: Cause) -> None:
    """Let what rests on the credential follow."""
    advancing.advance(db, rt, signing.sign, credential.learner_id, [credential.achievement_id], cause)


def held(db: Db, credential_id: str, caller: Caller) -> Credential:
    """Give a credential of the caller's issuer, with its learner locked.

    Raises:
        Missing: no such credential of the caller's issuer.
    """
    found = credentials.owned_by(db, credential_id, caller.issuer_id)
    learners.lock(db, [found.learner_id])
    return credentials.get(db, found.id)
