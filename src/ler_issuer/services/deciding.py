"""Deciding: look at a learner's results for an achievement again, and do what follows.

Every change of facts comes through here: a new result, a revision, a withdrawal, an undone import. The learner is
locked by the caller, so that the last two results of one learner, in two processes at once, are looked at one after
the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ler_issuer.assessments import Decision
from ler_issuer.badges import AwardState, Consequence, Correction, consequence
from ler_issuer.services import advancing, definitions, doubles, issuing, marking, weighing
from ler_issuer.services.issuing import Earned
from ler_issuer.services.marking import Cause, Reason
from ler_issuer.services.weighing import Recorded, Weighed
from ler_issuer.store import achievements, awards, credentials, journal, learners, status
from ler_issuer.store.awards import Award, StoredDecision
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.doubles import Claim
    from ler_issuer.services.signing import Press
    from ler_issuer.store.achievements import Achievement
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.learners import Learner
    from ler_issuer.types import JsonObject


FACTS_CORRECTED = Reason("facts_corrected")
"""Why a credential is suspended or revoked without anybody having asked for it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a new look at one basis came to: the decision, what followed, and the credential that now stands for it.

    `waiting_for` says why an award that is earned is not out: `{"because", "until"}`.
    """

    decision: Decision
    consequence: Consequence
    state: str | None
    credential_id: str | None
    waiting_for: JsonObject | None = None


def reconsider(
    db: Db, rt: Runtime, press: Press, learner_id: str, achievement: Achievement, cause: Cause
) -> tuple[Change, ...]:
    """Decide anew what a person's results for an achievement earn, and award, correct or withdraw accordingly.

    The person is the learner with everybody who is merged with them. What is new is awarded to the root; an award that
    stands stays with its learner.
    """
    person = learners.person(db, learner_id)
    counting = weighing.count(db, person, achievement)
    known = {one.stored.id: one for one in counting}
    digests = {one.stored.id: one.stored.digest for one in counting}
    weighed = list(weighing.weigh(db, counting, achievement))
    held = awards.on_each_basis(awards.of_learner(db, person, achievement.id), person)
    standing = {basis: group for (_, basis), group in held.items() if not basis.startswith(awards.OTHER_GROUNDS)}
    left = standing.keys() - {one.decision.basis for one in weighed}
    if left:  # awards whose every result was withdrawn, voided or moved elsewhere
        version = definitions.in_force(db, achievement.id)[-1]
        weighed += [weighing.nothing(basis, version) for basis in sorted(left)]
    looks = [
        _look(db, person[0], achievement, claim, known, cause)
        for one in weighed
        for claim in doubles.claims(db, achievement, standing.get(one.decision.basis, []), one, digests)
    ]
    changes = tuple(_apply(db, rt, press, look) for look in looks)
    if any(change.consequence is not Consequence.NOTHING for change in changes):
        advancing.advance(db, rt, press, person[0], [achievement.id], cause)
    return changes


def _look(
    db: Db, root_id: str, achievement: Achievement, claim: Claim, counting: Mapping[str, Recorded], cause: Cause
) -> Look:
    learner = learners.get(db, root_id if claim.award is None else claim.award.learner_id)
    return Look(learner, achievement, claim.weighed, claim.award, counting, cause, claim.counts)


@dataclass(frozen=True, slots=True)
class Look:
    """One basis under a new look: the learner, what was weighed, the award that stood before.

    `counting` has every result that counts for the achievement now, by id. `counts` is false for the
    double of another award, from before its learner was merged: it never improves.
    """

    learner: Learner
    achievement: Achievement
    weighed: Weighed
    award: Award | None
    counting: Mapping[str, Recorded]
    cause: Cause
    counts: bool = True


def _apply(db: Db, rt: Runtime, press: Press, look: Look) -> Change:
    """Do what follows for one basis, and record the decision when it changed anything."""
    decision, award = look.weighed.decision, look.award
    standing = None if award is None else credentials.standing_of(db, award.id)
    what = _what_follows(db, look, standing)
    if what is Consequence.NOTHING:
        state = None if award is None else award.state
        return Change(decision, what, state, None if standing is None else standing.id, _told_waiting(db, look, state))
    if what in _ISSUING:
        waiting_for = _waiting_for(db, look)
        recorded = _record(db, rt, look, what, waiting_for)
        outcome = _release_or_hold(db, rt, press, look, recorded, waiting_for)
        return Change(decision, what, outcome[0], outcome[1], _told_waiting(db, look, outcome[0]))
    _record(db, rt, look, what)
    match what:
        case Consequence.SUSPEND if standing is not None and standing.state == "current":
            marking.suspend_step(db, rt, standing, FACTS_CORRECTED, look.cause.stamp)
        case Consequence.CONFIRM if standing is not None and _suspended_for(db, standing) == FACTS_CORRECTED.code:
            marking.reinstate_step(db, rt, standing, Reason("facts_confirmed"), look.cause.stamp)
        case Consequence.REVOKE if standing is not None:
            reason = Reason("import_undone") if look.cause.undoing else FACTS_CORRECTED
            marking.revoke_step(db, rt, standing, reason, look.cause.stamp)
        case _:
            pass
    state = AwardState.WITHDRAWN if what in {Consequence.REVOKE, Consequence.WITHDRAW} else AwardState.ISSUED
    withdrawn_by = "facts" if state is AwardState.WITHDRAWN else None
    assert award is not None  # noqa: S101 - only an award that stands can be suspended, kept, revoked or withdrawn
    awards.change(db, award.id, look.cause.at, state=state.value, withdrawn_by=withdrawn_by)
    return Change(decision, what, state, None if what is Consequence.REVOKE or standing is None else standing.id)


_ISSUING = frozenset({Consequence.AWARD, Consequence.AMEND, Consequence.REPLACE, Consequence.REISSUE})
"""What calls for a credential on the new facts."""


def _what_follows(db: Db, look: Look, standing: Credential | None) -> Consequence:
    award, decision = look.award, look.weighed.decision
    same = supported = alike = False
    if award is not None:
        if award.withdrawn_by == "person":
            return Consequence.NOTHING  # whoever revoked by hand meant it: new facts alone do not bring it back
        last = awards.decision(db, award.decision_id)
        same = last.inputs == weighing.inputs_of(decision) and last.achievement_version_id == look.weighed.version.id
        supported = _still_counts(look, last)
        alike = not (same or supported) and standing is not None and _tells_the_same(db, look, standing)
    what = consequence(
        None if award is None else AwardState(award.state),
        met=decision.met,
        same=same,
        supported=supported,
        alike=alike,
        better_attempt=definitions.of(look.weighed.version).better_attempt,
        correction=_correction(db, look, standing),
    )
    if what is Consequence.REPLACE and not (look.counts and _waiting_for(db, look) is None):
        return Consequence.NOTHING  # what stands is as true as ever, and goes on standing meanwhile
    return what


def _tells_the_same(db: Db, look: Look, standing: Credential) -> bool:
    """Say whether a credential on the new facts would tell what the one that stands tells."""
    weighed = look.weighed
    before = weighing.decide_again(db, awards.decision(db, standing.decision_id), weighed.decision.basis)
    if before is None or not weighed.decision.met or before.version.id != weighed.version.id:
        return False
    now = issuing.told(db, look.learner, weighed.decision, look.counting)
    return issuing.told(db, look.learner, before.decision) == now


def _correction(db: Db, look: Look, standing: Credential | None) -> Correction:
    """Give the policy that the credential was issued under; later versions do not change it."""
    if look.cause.undoing or standing is None:
        return Correction.REISSUE
    return definitions.of(achievements.version(db, standing.achievement_version_id)).correction


def _still_counts(look: Look, decision: StoredDecision) -> bool:
    """Say whether every result that a decision rests on still counts as it was."""
    now = ((look.counting.get(used["id"]), used["digest"]) for used in decision.inputs)
    return all(one is not None and one.stored.digest == digest for one, digest in now)


def _record(
    db: Db, rt: Runtime, look: Look, what: Consequence, waiting_for: Mapping[str, Any] | None = None
) -> StoredDecision:
    """Append the decision, and make or point the award to it; a new award waits for something, or is issued."""
    decision, cause = look.weighed.decision, look.cause
    award_id = rt.new_row_id() if look.award is None else look.award.id
    recorded = StoredDecision(
        id=rt.new_row_id(),
        award_id=award_id,
        achievement_version_id=look.weighed.version.id,
        consequence=what.value,
        rule_digest=definitions.rule_digest(look.weighed.version),
        inputs=weighing.inputs_of(decision),
        awarded_at=None if decision.deciding is None else decision.deciding.assessed_at,
        overall=decision.overall,
        trace=decision.trace,
        decided_at=cause.at,
        decided_by=cause.actor,
    )
    if look.award is None:
        awards.add(db, _new_award(look, recorded, waiting_for))
    else:
        awards.change(db, award_id, cause.at, decision_id=recorded.id)
    awards.decide(db, recorded)
    deed = Deed(
        issuer_id=look.achievement.issuer_id,
        actor=cause.actor,
        act=f"award.{what.value}",
        object_id=award_id,
        at=cause.at,
        data={"decision_id": recorded.id, "achievement_id": look.achievement.id, "learner_id": look.learner.id},
    )
    journal.announce(db, deed, rt.new_row_id())
    return recorded


def _new_award(look: Look, recorded: StoredDecision, waiting_for: Mapping[str, Any] | None) -> Award:
    return Award(
        id=recorded.award_id,
        issuer_id=look.achievement.issuer_id,
        learner_id=look.learner.id,
        achievement_id=look.achievement.id,
        basis=look.weighed.decision.basis,
        state=AwardState.ISSUED.value if waiting_for is None else AwardState.HELD.value,
        held_because=None if waiting_for is None else waiting_for["held_because"],
        withdrawn_by=None,
        release_at=definitions.of(look.weighed.version).release_at,
        decision_id=recorded.id,
        updated_at=look.cause.at,
    )


def _earned(db: Db, look: Look, recorded: StoredDecision) -> Earned:
    deciding = look.weighed.decision.deciding
    assert deciding is not None  # noqa: S101 - a decision that was met has a result that decided it
    result = issuing.recorded(db, deciding.id, look.counting).stored
    return Earned(
        award_id=recorded.award_id,
        decision_id=recorded.id,
        learner=look.learner,
        achievement=look.achievement,
        version=look.weighed.version,
        facts=issuing.told(db, look.learner, look.weighed.decision, look.counting),
        import_id=look.cause.import_id,
        actor=look.cause.actor,
        at=look.cause.at,
        participation_id=result.participation_id,
        section_id=result.section_id,
    )


def _release_or_hold(
    db: Db,
    rt: Runtime,
    press: Press,
    look: Look,
    recorded: StoredDecision,
    waiting_for: Mapping[str, Any] | None,
) -> tuple[str, str | None]:
    """Issue the credential of an award in the place of the one that stands, unless something makes it wait."""
    if look.award is None:
        if waiting_for is not None:
            return AwardState.HELD, None
        return AwardState.ISSUED, issuing.issue(db, rt, press, _earned(db, look, recorded), replaces=None).id
    standing = credentials.standing_of(db, look.award.id)
    if waiting_for is not None:
        if standing is not None:  # its facts were wrong, which does not wait
            marking.revoke_step(db, rt, standing, FACTS_CORRECTED, look.cause.stamp)
        awards.change(db, look.award.id, look.cause.at, state=AwardState.HELD.value, **waiting_for)
        return AwardState.HELD, None
    last = credentials.last_of(db, look.award.id)
    made = issuing.issue(db, rt, press, _earned(db, look, recorded), replaces=last)
    awards.issued(db, look.award.id, look.cause.at)
    if standing is not None:
        _put_behind(db, rt, look, standing, made)
    return AwardState.ISSUED, made.id


def _waiting_for(db: Db, look: Look) -> dict[str, Any] | None:
    """Say what makes an award wait, as its columns tell it; None when it can be issued now."""
    definition = definitions.of(look.weighed.version)
    release_at = definition.release_at
    held_because, deciding = look.learner.award_hold, look.weighed.decision.deciding
    if held_because is None and deciding is not None:
        held_because = issuing.unissuable(db, look.learner, definition, deciding.assessed_at, look.cause.at)
    if held_because is None and (release_at is None or release_at <= look.cause.at):
        return None
    return {"held_because": held_because, "release_at": release_at, "withdrawn_by": None}


def _told_waiting(db: Db, look: Look, state: str | None) -> JsonObject | None:
    """Say for a receipt why what is earned is not out; the words of a hold stay with whoever placed it."""
    if state == AwardState.WITHDRAWN and look.award is not None and look.weighed.decision.met:
        by_hand = look.award.withdrawn_by == "person"
        return {"because": "a person revoked it" if by_hand else "its correction policy took it back", "until": None}
    waiting = _waiting_for(db, look) if state == AwardState.HELD else None
    if waiting is None:
        return None
    because = "a hold on the learner" if look.learner.award_hold else waiting["held_because"] or "an embargo"
    until = waiting["release_at"]
    return {"because": because, "until": None if until is None else until.isoformat()}


def _put_behind(db: Db, rt: Runtime, look: Look, old: Credential, new: Credential) -> None:
    """Put a credential behind the one that takes its place: for all to see when its facts were wrong.

    One that a person suspended hands its suspension on: new facts are no way out of it.
    """
    assert look.award is not None  # noqa: S101 - it has a credential already
    last = awards.decision(db, look.award.decision_id)
    was_true = last.consequence not in {Consequence.KEEP, Consequence.SUSPEND} and _still_counts(look, last)
    reason = Reason("better_attempt" if was_true else "corrected")
    marking.replace_step(db, rt, old, reason, look.cause.stamp)
    if _suspended_for(db, old) not in {None, FACTS_CORRECTED.code}:
        marking.suspend_step(db, rt, new, Reason("predecessor_suspended"), look.cause.stamp)


def _suspended_for(db: Db, credential: Credential) -> str | None:
    """Give the code for which a credential is suspended, or None when it is not."""
    if credential.state != "suspended":
        return None
    return [act.reason_code for act in status.history(db, credential.id) if act.act == "suspend"][-1]


def release_step(db: Db, rt: Runtime, press: Press, award: Award, achievement: Achievement, cause: Cause) -> bool:
    """Issue the credential of an award that waited, if nothing makes it wait any more; tell whether it was issued.

    What is issued is what was decided, whatever other facts have come since.
    """
    recorded = awards.decision(db, award.decision_id)
    weighed = weighing.decide_again(db, recorded, award.basis)
    if weighed is None:
        return False  # somebody tampered with the facts, and the replay says so
    look = Look(learners.get(db, award.learner_id), achievement, weighed, award, counting={}, cause=cause)
    state, _ = _release_or_hold(db, rt, press, look, recorded, _waiting_for(db, look))
    if state == AwardState.ISSUED:
        advancing.advance(db, rt, press, award.learner_id, [achievement.id], cause)
    return state == AwardState.ISSUED
