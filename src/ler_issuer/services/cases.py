"""Cases: listed, and resolved by a person.

A case tells that something a stacked credential rests on stopped counting. Whoever resolves it keeps the credential,
has it issued anew on the parts that count, suspends it, or revokes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from ler_issuer.errors import Conflict, Place, Unacceptable
from ler_issuer.services import advancing, marking, questioning, ruling, signing, stacked
from ler_issuer.services.marking import Cause, Reason
from ler_issuer.services.paging import read_cursor, write_cursor
from ler_issuer.services.questioning import Ending
from ler_issuer.store import awards, cases, credentials, journal, learners
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.services.stacked import Look
    from ler_issuer.store.cases import Case
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db

CHUNK = 100
"""How many overdue cases are told of in one transaction."""


class Resolution(StrEnum):
    """What a person decides about a questioned credential."""

    KEEP = "keep"
    REISSUE = "reissue"
    SUSPEND = "suspend"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a reader asks for; None asks for all."""

    state: str | None = None
    learner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the cases, and the cursor for those that follow."""

    items: tuple[Case, ...]
    next_cursor: str | None


def list_cases(rt: Runtime, caller: Caller, wanted: Wanted, *, cursor: str | None, limit: int) -> Page:
    """Give the issuer's cases that fit, the oldest first.

    Raises:
        Malformed: the cursor is not one of ours.
    """
    after = None if cursor is None else read_cursor(cursor)
    with rt.db.read() as db:
        found = cases.find(
            db, caller.issuer_id, state=wanted.state, learner_id=wanted.learner_id, after=after, limit=limit + 1
        )
    page = found[:limit]
    following = write_cursor(page[-1].opened_at, page[-1].id) if len(found) > limit else None
    return Page(tuple(page), following)


def get_case(rt: Runtime, caller: Caller, case_id: str) -> Case:
    """Give one case.

    Raises:
        Missing: no such case of the caller's issuer.
    """
    with rt.db.read() as db:
        return cases.owned_by(db, case_id, caller.issuer_id)


@again_if_entangled
def resolve(rt: Runtime, caller: Caller, case_id: str, resolution: Resolution, reason: Reason) -> Case:
    """Resolve a case, and let what rests on its credential follow; give it as it stands then.

    `keep` lets the credential stand (a suspension for the lost part is lifted), `reissue` replaces it by one on the
    parts that count, `suspend` suspends it and leaves the case open, `revoke` takes it back for good.

    Raises:
        Missing: no such case of the caller's issuer.
        Conflict: the case is resolved already, or its credential stands no more.
        Unacceptable: the parts that count do not suffice to issue it anew; or it cannot be suspended.
    """
    now = rt.now()
    with rt.db.begin() as db:
        found = cases.owned_by(db, case_id, caller.issuer_id)
        learners.lock(db, [found.learner_id])
        case = cases.owned_by(db, case_id, caller.issuer_id)
        if case.state != "open":
            raise Conflict(f"the case is resolved already: {case.resolution}")
        cause = Cause(caller.actor, now)
        look = _look(db, case, cause)
        if _settle(db, rt, look, case, resolution, reason):
            advancing.advance(db, rt, signing.sign, case.learner_id, [look.rule.achievement_id], cause)
        return cases.owned_by(db, case_id, caller.issuer_id)


def _look(db: Db, case: Case, cause: Cause) -> Look:
    award = awards.get(db, case.award_id)
    return stacked.look_of(db, ruling.made_by(db, award), learners.person(db, award.learner_id), award, cause)


def _settle(db: Db, rt: Runtime, look: Look, case: Case, resolution: Resolution, reason: Reason) -> bool:
    """Do what a person decided; tell whether the credential changed."""
    standing = credentials.standing_of(db, case.award_id)
    if standing is None or standing.id != case.credential_id:
        raise Conflict("the credential that the case is about stands no more")
    match resolution:
        case Resolution.KEEP:
            return _keep(db, rt, look, case, standing, reason)
        case Resolution.REISSUE:
            return _reissue(db, rt, look, case, reason)
        case Resolution.SUSPEND:
            return _suspend(db, rt, look, case, standing, reason)
        case Resolution.REVOKE:
            return _revoke(db, rt, look, case, reason)
        case _:
            assert_never(resolution)


def _keep(db: Db, rt: Runtime, look: Look, case: Case, standing: Credential, reason: Reason) -> bool:
    suspended = standing.state == "suspended" and stacked.suspended_for_part(db, standing)
    if suspended:
        marking.reinstate_step(db, rt, standing, reason, look.cause.stamp)
    questioning.close_step(db, rt, case, look.cause, Ending("keep", reason.code, reason.note))
    return suspended


def _reissue(db: Db, rt: Runtime, look: Look, case: Case, reason: Reason) -> bool:
    if not look.counts:
        detail = "the person has the same stack by another award, which counts; this one can be kept or revoked"
        raise Unacceptable(detail, problems=[Place("/resolution", "is_double", detail)])
    found = stacked.outcome(db, look)
    if found is None or not found.met:
        detail = "the parts that count do not suffice: " + (found.trace.sentence if found else "no rule applies")
        raise Unacceptable(detail, problems=[Place("/resolution", "not_met", detail)])
    questioning.take_back_step(db, rt, signing.sign, look, case, now=found, reason=reason)
    return True


def _suspend(db: Db, rt: Runtime, look: Look, case: Case, standing: Credential, reason: Reason) -> bool:
    if standing.state == "suspended":
        raise Conflict("the credential is suspended already")
    marking.suspend_step(db, rt, standing, Reason("part_questioned", reason.note), look.cause.stamp)
    cases.change(db, case.id, note=reason.note)
    return True


def _revoke(db: Db, rt: Runtime, look: Look, case: Case, reason: Reason) -> bool:
    """Take the credential back; when its rule is still met it does not come again, since a person meant it."""
    by = stacked.BY_PERSON if case.still_met else stacked.BY_FACTS
    stacked.withdraw_step(db, rt, look, None, reason, by=by)
    questioning.close_step(db, rt, case, look.cause, Ending("revoke", reason.code, reason.note))
    return True


def tell_overdue(rt: Runtime, *, actor: str) -> int:
    """Tell of cases whose deadline has passed, each once; give how many there were."""
    told = 0
    while some := _tell_some(rt, actor):
        told += some
    return told


@again_if_entangled
def _tell_some(rt: Runtime, actor: str) -> int:
    now = rt.now()
    with rt.db.begin() as db:
        late = cases.overdue(db, now, limit=CHUNK)
        for case in late:
            cases.change(db, case.id, overdue_at=now)
            told = {"learner_id": case.learner_id, "credential_id": case.credential_id}
            deed = Deed(issuer_id=case.issuer_id, actor=actor, act="case.overdue", object_id=case.id, at=now, data=told)
            journal.announce(db, deed, rt.new_row_id())
    return len(late)
