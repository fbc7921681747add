"""Awards that wait: for an embargo to end, or for a hold on their learner to be lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.badges import AwardState
from ler_issuer.services import advancing, deciding, recognised, signing
from ler_issuer.services.marking import Cause
from ler_issuer.store import achievements, awards, journal, learners, results
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.awards import Award
    from ler_issuer.store.db import Db

CHUNK = 100
"""How many awards are released in one transaction."""


def release_due(rt: Runtime, *, actor: str) -> int:
    """Issue what waited for an embargo that has ended; give how many credentials that made.

    Safe to run as often as one likes, in several processes at once, and to kill at any point.
    """
    released = 0
    last: str | None = ""
    while last is not None:
        some, last = _release_chunk(rt, actor, last)
        released += some
    return released


@again_if_entangled
def _release_chunk(rt: Runtime, actor: str, after: str) -> tuple[int, str | None]:
    """Release the next awards that are due; give how many were issued, and the last one if more may follow."""
    now = rt.now()
    with rt.db.begin() as db:
        due = awards.due(db, now, after=after, limit=CHUNK)
        learners.lock(db, [award.learner_id for award in due])
        issued = sum(_release(db, rt, award.id, Cause(actor, now)) for award in due)
    return issued, due[-1].id if len(due) == CHUNK else None


@again_if_entangled
def hold(rt: Runtime, caller: Caller, learner_id: str, because: str) -> None:
    """Make a learner's awards wait from now on; credentials that are out stay as they are.

    Raises:
        Missing: no such learner of the caller's issuer.
    """
    with rt.db.begin() as db:
        _set_hold(db, rt, caller, learner_id, because)


@again_if_entangled
def lift(rt: Runtime, caller: Caller, learner_id: str) -> list[str]:
    """Lift the hold on a learner and issue what waited only for that; give the ids of the awards released.

    Better attempts that came meanwhile are looked at too: the credentials that they replace went on standing.

    Raises:
        Missing: no such learner of the caller's issuer.
    """
    now = rt.now()
    with rt.db.begin() as db:
        person = _set_hold(db, rt, caller, learner_id, None)
        cause = Cause(caller.actor, now)
        released = [award.id for award in awards.held_of(db, person) if _release(db, rt, award.id, cause)]
        for achievement_id in results.achievements_touched(db, person):
            achievement = achievements.get(db, achievement_id)
            deciding.reconsider(db, rt, signing.sign, learner_id, achievement, cause)
        return released


def _set_hold(db: Db, rt: Runtime, caller: Caller, learner_id: str, because: str | None) -> list[str]:
    """Hold a person, or let them go, as every learner who was merged into one; give who they are, the root first."""
    learner = learners.owned_by(db, learner_id, caller.issuer_id)
    learners.lock(db, [learner.id])
    person = learners.person(db, learner.id)
    learners.set_hold(db, person, because)
    act = "learner.held" if because else "learner.hold_lifted"
    deed = Deed(issuer_id=caller.issuer_id, actor=caller.actor, act=act, object_id=learner.id, at=rt.now())
    journal.announce(db, deed, rt.new_row_id())
    return person


def _release(db: Db, rt: Runtime, award_id: str, cause: Cause) -> bool:
    """Issue the credential of one waiting award, if nothing makes it wait any more."""
    award: Award = awards.get(db, award_id)
    if award.state != AwardState.HELD.value:
        return False  # another process was faster
    if award.basis.startswith(awards.STACK_BASIS):
        return advancing.release_step(db, rt, signing.sign, award, cause)
    if award.basis.startswith(awards.RECOGNITION_BASIS):
        return recognised.release_step(db, rt, award, cause)
    achievement = achievements.get(db, award.achievement_id)
    return deciding.release_step(db, rt, signing.sign, award, achievement, cause)
