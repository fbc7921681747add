"""Deciding: look at a learner's results for an achievement again, and do what follows.

Every change of facts comes through here: a new result, a revision, a withdrawal, an undone import. The learner is
locked by the caller, so that the last two results of one learner, in two processes at once, are looked at one after
the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.assessments import Decision, Fact, Result, decide
from ler_issuer.badges import AwardState, BetterAttempt, Consequence, Correction, consequence
from ler_issuer.services import catalog, issuing, revoking
from ler_issuer.services.issuing import Earned
from ler_issuer.services.revoking import Reason, Stamp
from ler_issuer.store import awards, credentials, journal, learners, results
from ler_issuer.store.awards import Award, StoredDecision
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ler_issuer.badges import AchievementDefinition
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.issuing import Press
    from ler_issuer.store.achievements import Achievement, Version
    from ler_issuer.store.db import Db
    from ler_issuer.store.learners import Learner
    from ler_issuer.store.results import StoredResult
    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class Change:
    """What a new look at one basis came to: the decision, what followed, and the credential that now stands for it."""

    decision: Decision
    consequence: Consequence
    state: str | None
    credential_id: str | None


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


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decision, and the version of the achievement under which it was made."""

    decision: Decision
    version: Version


def reconsider(
    db: Db, rt: Runtime, press: Press, learner_id: str, achievement: Achievement, cause: Cause
) -> tuple[Change, ...]:
    """Decide anew what a learner's results for an achievement earn, and award, correct or withdraw accordingly."""
    learner = learners.get(db, learner_id)
    weighed = weigh(db, learner_id, achievement)
    standing = {award.basis: award for award in awards.of_learner(db, learner_id, achievement.id)}
    changes = [
        _apply(db, rt, press, Look(learner, achievement, one, standing.pop(one.decision.basis, None), cause))
        for one in weighed
    ]
    if standing:  # awards whose every result was withdrawn, voided or moved elsewhere
        version = catalog.in_force(db, achievement.id)[-1]
        for basis, award in standing.items():
            nothing = Decision(
                basis, met=False, deciding=None, used=(), overall=None, levels={}, score=None, trace=NO_FACTS
            )
            changes.append(_apply(db, rt, press, Look(learner, achievement, Weighed(nothing, version), award, cause)))
    return tuple(changes)


NO_FACTS: JsonObject = {"met": False, "sentence": "No result counts any more.", "nodes": []}
"""The trace of a decision that nothing is left to make on."""


@dataclass(frozen=True, slots=True)
class Look:
    """One basis under a new look: the learner, what was weighed, and the award that stood before."""

    learner: Learner
    achievement: Achievement
    weighed: Weighed
    award: Award | None
    cause: Cause


def weigh(db: Db, learner_id: str, achievement: Achievement) -> tuple[Weighed, ...]:
    """Decide what a learner's results earn, under the version in force when the deciding one was assessed."""
    stored = results.counting(db, learner_id, achievement.id, catalog.feeds(db, achievement.id))
    facts = [fact_of(db, one) for one in stored]
    chosen: dict[str, Weighed] = {}
    for weighed in _under_each_version(catalog.in_force(db, achievement.id), facts):
        before = chosen.get(weighed.decision.basis)
        if before is None or _goes_before(weighed, before, catalog.definition(weighed.version).better_attempt):
            chosen[weighed.decision.basis] = weighed
    return tuple(chosen.values())


def _goes_before(new: Weighed, old: Weighed, better_attempt: BetterAttempt) -> bool:
    """Say whether the decision under a later version goes before that under an earlier one."""
    if not new.decision.met:
        return not old.decision.met  # neither holds: the newest rule says what is missing
    return not old.decision.met or better_attempt is not BetterAttempt.KEEP_FIRST


def _under_each_version(versions: Sequence[Version], facts: Sequence[Fact]) -> Iterator[Weighed]:
    ends = [version.in_force_from for version in versions[1:]] + [None]
    for version, end in zip(versions, ends, strict=True):
        known = [fact for fact in facts if end is None or fact.assessed_at < end]
        for decision in decide_under(catalog.definition(version), known, since=version.in_force_from):
            yield Weighed(decision, version)


def decide_under(
    definition: AchievementDefinition, facts: Sequence[Fact], *, since: datetime | None
) -> tuple[Decision, ...]:
    """Decide on facts under one version; only a result assessed `since` it came into force can complete it."""
    return decide(
        facts,
        rule=definition.award,
        rubric=definition.rubric,
        earned=definition.earned.value,
        better_attempt=definition.better_attempt.value,
        since=since,
    )


def fact_of(db: Db, stored: StoredResult) -> Fact:
    """Give a stored result as the award rules see it."""
    said = Result.model_validate({**stored.content, "revision": stored.revision})
    experience = None
    if stored.participation_id is not None:
        experience = results.setting_of(db, stored.participation_id).experience_id
    return Fact(
        id=stored.id,
        digest=stored.digest,
        source=stored.source,
        source_id=stored.source_id,
        revision=stored.revision,
        assessment=stored.assessment,
        attempt=stored.attempt,
        ratings=said.ratings,
        overall_level=said.overall_level,
        score=said.score,
        status=said.result_status,
        assessor_kind=said.assessor.kind,
        assessor_id=said.assessor.id,
        experience=experience,
        assessed_at=stored.assessed_at,
    )


def inputs_of(decision: Decision) -> list[dict[str, str]]:
    """Give what a decision rests on, as it is recorded."""
    return [{"id": fact.id, "digest": fact.digest} for fact in decision.used]


def _apply(db: Db, rt: Runtime, press: Press, look: Look) -> Change:
    """Do what follows for one basis, and record the decision when it changed anything."""
    decision, award = look.weighed.decision, look.award
    standing = None if award is None else credentials.standing_of(db, award.id)
    what = _what_follows(db, look)
    if what is Consequence.NOTHING:
        state = None if award is None else award.state
        return Change(decision, what, state, None if standing is None else standing.id)
    recorded = _record(db, rt, look, what)
    match what:
        case Consequence.AWARD | Consequence.AMEND:
            outcome = _release_or_hold(db, rt, press, look, recorded)
            return Change(decision, what, outcome[0], outcome[1])
        case Consequence.REPLACE | Consequence.REISSUE:
            made = issuing.issue(db, rt, press, _earned(look, recorded), replaces=standing)
            if standing is not None:
                reason = "corrected" if what is Consequence.REISSUE else "better_attempt"
                revoking.replace_step(db, rt, standing, Reason(reason), look.cause.stamp)
            return Change(decision, what, AwardState.ISSUED, made.id)
        case Consequence.SUSPEND if standing is not None and standing.state == "current":
            revoking.suspend_step(db, rt, standing, Reason("under_review"), look.cause.stamp)
        case Consequence.REVOKE if standing is not None:
            reason = "import_undone" if look.cause.undoing else "facts_corrected"
            revoking.revoke_step(db, rt, standing, Reason(reason), look.cause.stamp)
        case _:
            pass
    state = AwardState.WITHDRAWN if what in {Consequence.REVOKE, Consequence.WITHDRAW} else AwardState.ISSUED
    withdrawn_by = "facts" if state is AwardState.WITHDRAWN else None
    assert award is not None  # noqa: S101 - only an award that stands can be suspended, kept, revoked or withdrawn
    awards.change(db, award.id, look.cause.at, state=state.value, withdrawn_by=withdrawn_by)
    return Change(decision, what, state, None if what is Consequence.REVOKE or standing is None else standing.id)


def _what_follows(db: Db, look: Look) -> Consequence:
    award, decision = look.award, look.weighed.decision
    definition = catalog.definition(look.weighed.version)
    if award is not None and award.withdrawn_by == "person":
        return Consequence.NOTHING  # whoever revoked by hand meant it: new facts alone do not bring it back
    same = supported = False
    if award is not None and award.state != AwardState.WITHDRAWN:
        last = awards.decision(db, award.decision_id)
        now = inputs_of(decision)
        same = last.inputs == now and last.achievement_version_id == look.weighed.version.id
        supported = _still_count(db, look, last)
    return consequence(
        None if award is None else AwardState(award.state),
        met=decision.met,
        same=same,
        supported=supported,
        better_attempt=definition.better_attempt,
        correction=Correction.REISSUE if look.cause.undoing else definition.correction,
    )


def _still_count(db: Db, look: Look, last: StoredDecision) -> bool:
    """Say whether every result that the last decision rests on still counts as it was."""
    feeds = catalog.feeds(db, look.achievement.id)
    counting = {one.id: one.digest for one in results.counting(db, look.learner.id, look.achievement.id, feeds)}
    return all(counting.get(used["id"]) == used["digest"] for used in last.inputs)


def _record(db: Db, rt: Runtime, look: Look, what: Consequence) -> StoredDecision:
    """Append the decision, and make or point the award to it."""
    decision, cause = look.weighed.decision, look.cause
    award_id = rt.new_id() if look.award is None else look.award.id
    recorded = StoredDecision(
        id=rt.new_id(),
        award_id=award_id,
        achievement_version_id=look.weighed.version.id,
        consequence=what.value,
        rule_digest=jsontext.digest(catalog.definition(look.weighed.version).award.model_dump(mode="json")),
        inputs=inputs_of(decision),
        awarded_at=None if decision.deciding is None else decision.deciding.assessed_at,
        overall=decision.overall,
        trace=decision.trace,
        decided_at=cause.at,
        decided_by=cause.actor,
    )
    if look.award is None:
        awards.add(
            db,
            Award(
                id=award_id,
                issuer_id=look.achievement.issuer_id,
                learner_id=look.learner.id,
                achievement_id=look.achievement.id,
                basis=decision.basis,
                state=AwardState.HELD.value,
                held_because=None,
                withdrawn_by=None,
                release_at=catalog.definition(look.weighed.version).release_at,
                decision_id=recorded.id,
                updated_at=cause.at,
            ),
        )
    else:
        awards.change(db, award_id, cause.at, decision_id=recorded.id)
    awards.decide(db, recorded)
    deed = Deed(
        issuer_id=look.achievement.issuer_id,
        actor=cause.actor,
        act=f"award.{what.value}",
        object_id=award_id,
        at=cause.at,
        data={"decision_id": recorded.id},
    )
    journal.audit(db, deed)
    return recorded


def _earned(look: Look, recorded: StoredDecision) -> Earned:
    return Earned(
        award_id=recorded.award_id,
        decision_id=recorded.id,
        learner=look.learner,
        achievement=look.achievement,
        version=look.weighed.version,
        decision=look.weighed.decision,
        import_id=look.cause.import_id,
        actor=look.cause.actor,
        at=look.cause.at,
    )


def _release_or_hold(db: Db, rt: Runtime, press: Press, look: Look, recorded: StoredDecision) -> tuple[str, str | None]:
    """Issue the credential of an award, unless an embargo or a hold makes it wait."""
    definition = catalog.definition(look.weighed.version)
    release_at = definition.release_at
    held_because = look.learner.award_hold or issuing.unissuable(definition, look.weighed.decision, look.cause.at)
    if held_because is not None or (release_at is not None and release_at > look.cause.at):
        values = {"held_because": held_because, "release_at": release_at, "withdrawn_by": None}
        awards.change(db, recorded.award_id, look.cause.at, state=AwardState.HELD.value, **values)
        return AwardState.HELD, None
    last = None if look.award is None else credentials.last_of(db, look.award.id)
    made = issuing.issue(db, rt, press, _earned(look, recorded), replaces=last)
    return AwardState.ISSUED, made.id


def release_step(db: Db, rt: Runtime, press: Press, award: Award, achievement: Achievement, cause: Cause) -> bool:
    """Issue the credential of an award that waited, if nothing makes it wait any more; tell whether it was issued."""
    weighed = next((one for one in weigh(db, award.learner_id, achievement) if one.decision.basis == award.basis), None)
    if weighed is None or not weighed.decision.met:
        return False
    look = Look(learners.get(db, award.learner_id), achievement, weighed, award, cause)
    state, _ = _release_or_hold(db, rt, press, look, awards.decision(db, award.decision_id))
    return state == AwardState.ISSUED
