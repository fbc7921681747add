"""Advancing: what follows for stacked credentials when something that a learner holds changes.

Called in the same transaction as the change, with the learner locked, so that the last two parts of one learner, in two
processes at once, are looked at one after the other. Exactly the rules that mention what changed are looked at; what
they award or take back may be a part of other stacks, which are looked at next. Rules that mention each other in a
circle are refused when they are published, so this ends.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ler_issuer.badges import AwardState, Consequence
from ler_issuer.errors import Unacceptable
from ler_issuer.services import questioning, ruling, stacked
from ler_issuer.services.marking import Reason
from ler_issuer.services.signing import NonconformingError
from ler_issuer.store import awards, holdings, journal, learners, stacking
from ler_issuer.store.journal import Deed
from ler_issuer.vc import Unsignable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.marking import Cause
    from ler_issuer.services.ruling import Outcome
    from ler_issuer.services.signing import Press
    from ler_issuer.services.stacked import Look
    from ler_issuer.store.awards import Award
    from ler_issuer.store.db import Db
    from ler_issuer.store.stacking import Rule


def advance(db: Db, rt: Runtime, press: Press, learner_id: str, achievement_ids: Iterable[str], cause: Cause) -> None:
    """Look again at exactly the rules that mention what changed, and do what follows; the learner is locked already."""
    changed = sorted(set(achievement_ids))
    while changed and ruling.may_add_up(db, changed[0]):
        person = learners.person(db, learner_id)
        rules = _concerned(db, person, changed)
        looks = [look for rule in rules for look in stacked.looks_at(db, rule, person, cause)]
        changed = [look.rule.achievement_id for look in looks if _look_apart(db, rt, press, look)]


def _concerned(db: Db, person: list[str], changed: Collection[str]) -> list[Rule]:
    """Give the published rules that mention what changed, and retired ones whose credentials rest on it."""
    live = ruling.mentioning(db, person, changed)
    stacks = [one for one in awards.of_learner(db, person) if one.basis.startswith(awards.STACK_BASIS)]
    if not stacks:
        return live
    parts = {one.id for one in awards.of_learner(db, person) if one.achievement_id in changed}
    resting = {*holdings.resting_on(db, parts)} if parts else set()
    made = {rule.id: rule for rule in (ruling.made_by(db, one) for one in stacks if one.id in resting)}
    return sorted({rule.id: rule for rule in (*live, *made.values())}.values(), key=lambda rule: rule.key)


def advance_rule(
    db: Db, rt: Runtime, press: Press, learner_id: str, rule_id: str, cause: Cause, *, question: bool = False
) -> bool:
    """Look at one rule again for one learner, and at whatever rests on what it earns; tell whether anything changed.

    With `question`, a credential that stands is questioned too when the rule that applies now is not met.
    """
    looks = stacked.looks_at(db, stacking.get(db, rule_id), learners.person(db, learner_id), cause)
    changed = [look.rule.achievement_id for look in looks if look_again(db, rt, press, look, question=question)]
    advance(db, rt, press, learner_id, changed, cause)
    return bool(changed)


def _look_apart(db: Db, rt: Runtime, press: Press, look: Look) -> bool:
    """Look at one rule, and undo only that when its credential cannot be made: the part that came must not be lost.

    The failure is told as an event, and the replay names the stack that is missing.
    """
    try:
        with db.savepoint():
            return look_again(db, rt, press, look)
    except (NonconformingError, Unsignable, Unacceptable) as error:
        deed = Deed(
            issuer_id=look.rule.issuer_id,
            actor=look.cause.actor,
            act="stack.failed",
            object_id=look.rule.id,
            at=look.cause.at,
            data={"learner_id": look.root_id, "error": type(error).__qualname__},
        )
        journal.announce(db, deed, rt.new_row_id())
        return False


def look_again(db: Db, rt: Runtime, press: Press, look: Look, *, question: bool = False) -> bool:
    """Do what follows for one rule and one person; tell whether what they hold changed."""
    award = look.award
    if award is None:
        return _award(db, rt, press, look, stacked.outcome(db, look))
    if not look.counts and award.state == AwardState.HELD.value:  # nobody has seen it yet
        stacked.withdraw_step(db, rt, look, stacked.outcome(db, look), Reason("awarded_already"))
        return False
    match AwardState(award.state):
        case AwardState.ISSUED:
            return _uphold(db, rt, press, look, question=question)
        case AwardState.HELD:
            return _look_at_waiting(db, rt, press, look)
        case AwardState.WITHDRAWN:
            return _look_at_withdrawn(db, rt, press, look)


def _award(db: Db, rt: Runtime, press: Press, look: Look, found: Outcome | None) -> bool:
    if found is None or not found.met:
        return False
    return stacked.award_step(db, rt, press, look, found, Consequence.AWARD) is not None


def _uphold(db: Db, rt: Runtime, press: Press, look: Look, *, question: bool) -> bool:
    """Question a credential that stands when one of its parts does not count any more, or its rule has changed."""
    assert look.award is not None  # noqa: S101 - it is issued
    lost = questioning.lost_parts(db, look.award.decision_id, look.cause)
    question = question or questioning.rule_questioned(db, look.award.id)
    if not lost and not question:
        return questioning.restore_step(db, rt, look)
    found = stacked.outcome(db, look) if look.counts else None
    if not lost:
        if found is None or found.met is None:
            return False
        if found.met:
            return questioning.restore_step(db, rt, look)
    return questioning.question_step(db, rt, press, look, lost, now=found, rule_changed=question)


def _look_at_waiting(db: Db, rt: Runtime, press: Press, look: Look) -> bool:
    """Keep a waiting award up to date with its parts: nothing of it is out yet."""
    assert look.award is not None  # noqa: S101 - it waits
    if not questioning.lost_parts(db, look.award.decision_id, look.cause):
        return False
    found = stacked.outcome(db, look)
    if found is not None and found.met:
        return stacked.award_step(db, rt, press, look, found, Consequence.AMEND) is not None
    if found is None or found.met is False:
        stacked.withdraw_step(db, rt, look, found, Reason("part_lost"))
    return False


def _look_at_withdrawn(db: Db, rt: Runtime, press: Press, look: Look) -> bool:
    """Award again what its parts bear again, unless a person took it back, who meant it."""
    assert look.award is not None  # noqa: S101 - it was withdrawn
    if look.award.withdrawn_by == "person":
        return False
    return _award(db, rt, press, look, stacked.outcome(db, look))


def release_step(db: Db, rt: Runtime, press: Press, award: Award, cause: Cause) -> bool:
    """Issue a stacked award that waited, if nothing makes it wait any more, and let what rests on it follow.

    Tells whether it is out.
    """
    person = learners.person(db, award.learner_id)
    look = stacked.look_of(db, ruling.made_by(db, award), person, award, cause)
    out = _look_at_waiting(db, rt, press, look) or _release(db, rt, press, look)
    if out:
        advance(db, rt, press, award.learner_id, [award.achievement_id], cause)
    return out


def _release(db: Db, rt: Runtime, press: Press, look: Look) -> bool:
    assert look.award is not None  # noqa: S101 - it waited
    still = awards.get(db, look.award.id)
    return still.state == AwardState.HELD.value and stacked.release_step(db, rt, press, replace(look, award=still))
