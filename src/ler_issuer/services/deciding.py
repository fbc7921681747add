"""Deciding: look at a learner's results for an achievement again, and do what follows.

Every change of facts comes through here: a new result, a revision, a withdrawal, an undone import. The learner is
locked by the caller, so that the last two results of one learner, in two processes at once, are looked at one after
the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ler_issuer import jsontext
from ler_issuer.assessments import Decision, Fact, Result, decide
from ler_issuer.badges import AwardState, BetterAttempt, Consequence, Correction, consequence
from ler_issuer.services import definitions, issuing, revoking
from ler_issuer.services.issuing import Earned
from ler_issuer.services.revoking import Reason, Stamp
from ler_issuer.store import achievements, awards, credentials, journal, learners, results, status
from ler_issuer.store.awards import Award, StoredDecision
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from ler_issuer.badges import AchievementDefinition
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.issuing import Press
    from ler_issuer.store.achievements import Achievement, Version
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.learners import Learner
    from ler_issuer.store.results import StoredResult
    from ler_issuer.types import JsonObject


FACTS_CORRECTED = Reason("facts_corrected")
"""Why a credential is suspended or revoked without anybody having asked for it."""


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
    counting = count(db, learner_id, achievement)
    weighed = list(weigh(db, counting, achievement))
    standing = {award.basis: award for award in awards.of_learner(db, learner_id, achievement.id)}
    left = standing.keys() - {one.decision.basis for one in weighed}
    if left:  # awards whose every result was withdrawn, voided or moved elsewhere
        version = definitions.in_force(db, achievement.id)[-1]
        weighed += [Weighed(_nothing(basis), version) for basis in sorted(left)]
    digests = {one.id: one.digest for one in counting}
    looks = [Look(learner, achievement, one, standing.get(one.decision.basis), digests, cause) for one in weighed]
    return tuple(_apply(db, rt, press, look) for look in looks)


def _nothing(basis: str) -> Decision:
    return Decision(basis, met=False, deciding=None, used=(), overall=None, levels={}, score=None, trace=NO_FACTS)


NO_FACTS: JsonObject = {"met": False, "sentence": "No result counts any more.", "nodes": []}
"""The trace of a decision that nothing is left to make on."""


@dataclass(frozen=True, slots=True)
class Look:
    """One basis under a new look: the learner, what was weighed, the award that stood before.

    `counting` has the digest of every result that counts for the achievement now, by id.
    """

    learner: Learner
    achievement: Achievement
    weighed: Weighed
    award: Award | None
    counting: Mapping[str, str]
    cause: Cause


def count(db: Db, learner_id: str, achievement: Achievement) -> list[StoredResult]:
    """Give the results of a learner that may count for an achievement now."""
    return results.counting(db, learner_id, achievement.id, definitions.feeds(db, achievement.id))


def weigh(db: Db, counting: Sequence[StoredResult], achievement: Achievement) -> tuple[Weighed, ...]:
    """Decide what a learner's results earn, under the version in force when the deciding one was assessed."""
    facts = [fact_of(db, one) for one in counting]
    chosen: dict[str, Weighed] = {}
    for weighed in _under_each_version(definitions.in_force(db, achievement.id), facts):
        before = chosen.get(weighed.decision.basis)
        if before is None or _goes_before(weighed, before):
            chosen[weighed.decision.basis] = weighed
    return tuple(chosen.values())


def _goes_before(new: Weighed, old: Weighed) -> bool:
    """Say whether the decision under a later version goes before that under an earlier one."""
    if not (new.decision.met and old.decision.met):
        return not old.decision.met  # neither holds: the newest rule says what is missing
    match definitions.of(new.version).better_attempt:
        case BetterAttempt.KEEP_FIRST:
            return False
        case BetterAttempt.REPLACE:
            return True
        case BetterAttempt.KEEP_BEST:
            return _rank(new) > _rank(old)


def _rank(weighed: Weighed) -> tuple[int, Decimal]:
    """Say how good an outcome is: by its overall level, counted on its own rubric, then by its score."""
    decision, rubric = weighed.decision, definitions.of(weighed.version).rubric
    levels = [] if rubric is None else [level.id for level in rubric.levels]
    overall = -1 if decision.overall is None else levels.index(decision.overall)
    return overall, Decimal("-Infinity") if decision.score is None else decision.score


def _under_each_version(versions: Sequence[Version], facts: Sequence[Fact]) -> Iterator[Weighed]:
    ends = [version.in_force_from for version in versions[1:]] + [None]
    for version, end in zip(versions, ends, strict=True):
        known = [fact for fact in facts if end is None or fact.assessed_at < end]
        for decision in decide_under(definitions.of(version), known, since=version.in_force_from):
            yield Weighed(decision, version)


def decide_under(
    definition: AchievementDefinition, facts: Sequence[Fact], *, since: datetime | None
) -> tuple[Decision, ...]:
    """Decide on facts under one version; only a result assessed `since` it came into force can complete it.

    A score outside the version's range says nothing on its scale, and is left out: it may have come by an assessment
    that feeds several achievements, or before the range was changed.
    """
    scale = definition.score
    return decide(
        [one for one in facts if scale is None or one.score is None or scale.minimum <= one.score <= scale.maximum],
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


def decide_again(db: Db, recorded: StoredDecision, basis: str) -> Weighed | None:
    """Make a recorded decision again, on its own inputs and under its own version; None when its rule does not hold."""
    version = achievements.version(db, recorded.achievement_version_id)
    facts = [fact_of(db, results.get(db, used["id"])) for used in recorded.inputs]
    again = decide_under(definitions.of(version), facts, since=version.in_force_from)
    return next((Weighed(one, version) for one in again if one.basis == basis and one.met), None)


def inputs_of(decision: Decision) -> list[dict[str, str]]:
    """Give what a decision rests on, as it is recorded."""
    return [{"id": fact.id, "digest": fact.digest} for fact in decision.used]


def _apply(db: Db, rt: Runtime, press: Press, look: Look) -> Change:
    """Do what follows for one basis, and record the decision when it changed anything."""
    decision, award = look.weighed.decision, look.award
    standing = None if award is None else credentials.standing_of(db, award.id)
    what = _what_follows(db, look, standing)
    if what is Consequence.NOTHING:
        state = None if award is None else award.state
        return Change(decision, what, state, None if standing is None else standing.id)
    recorded = _record(db, rt, look, what)
    match what:
        case Consequence.AWARD | Consequence.AMEND | Consequence.REPLACE | Consequence.REISSUE:
            outcome = _release_or_hold(db, rt, press, look, recorded)
            return Change(decision, what, outcome[0], outcome[1])
        case Consequence.SUSPEND if standing is not None and standing.state == "current":
            revoking.suspend_step(db, rt, standing, FACTS_CORRECTED, look.cause.stamp)
        case Consequence.REVOKE if standing is not None:
            reason = Reason("import_undone") if look.cause.undoing else FACTS_CORRECTED
            revoking.revoke_step(db, rt, standing, reason, look.cause.stamp)
        case _:
            pass
    state = AwardState.WITHDRAWN if what in {Consequence.REVOKE, Consequence.WITHDRAW} else AwardState.ISSUED
    withdrawn_by = "facts" if state is AwardState.WITHDRAWN else None
    assert award is not None  # noqa: S101 - only an award that stands can be suspended, kept, revoked or withdrawn
    awards.change(db, award.id, look.cause.at, state=state.value, withdrawn_by=withdrawn_by)
    return Change(decision, what, state, None if what is Consequence.REVOKE or standing is None else standing.id)


def _what_follows(db: Db, look: Look, standing: Credential | None) -> Consequence:
    award, decision = look.award, look.weighed.decision
    same = supported = False
    if award is not None:
        if award.withdrawn_by == "person":
            return Consequence.NOTHING  # whoever revoked by hand meant it: new facts alone do not bring it back
        last = awards.decision(db, award.decision_id)
        same = last.inputs == inputs_of(decision) and last.achievement_version_id == look.weighed.version.id
        supported = _still_counts(look, last)
    what = consequence(
        None if award is None else AwardState(award.state),
        met=decision.met,
        same=same,
        supported=supported,
        better_attempt=definitions.of(look.weighed.version).better_attempt,
        correction=_correction(db, look, standing),
    )
    if what is Consequence.REPLACE and _waiting_for(look) is not None:
        return Consequence.NOTHING  # what stands is as true as ever, and goes on standing meanwhile
    return what


def _correction(db: Db, look: Look, standing: Credential | None) -> Correction:
    """Give the policy that the credential was issued under; later versions do not change it."""
    if look.cause.undoing or standing is None:
        return Correction.REISSUE
    return definitions.of(achievements.version(db, standing.achievement_version_id)).correction


def _still_counts(look: Look, decision: StoredDecision) -> bool:
    """Say whether every result that a decision rests on still counts as it was."""
    return all(look.counting.get(used["id"]) == used["digest"] for used in decision.inputs)


def _record(db: Db, rt: Runtime, look: Look, what: Consequence) -> StoredDecision:
    """Append the decision, and make or point the award to it."""
    decision, cause = look.weighed.decision, look.cause
    award_id = rt.new_id() if look.award is None else look.award.id
    recorded = StoredDecision(
        id=rt.new_id(),
        award_id=award_id,
        achievement_version_id=look.weighed.version.id,
        consequence=what.value,
        rule_digest=jsontext.digest(definitions.of(look.weighed.version).award.model_dump(mode="json")),
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
                release_at=definitions.of(look.weighed.version).release_at,
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
    """Issue the credential of an award in the place of the one that stands, unless something makes it wait."""
    standing = None if look.award is None else credentials.standing_of(db, look.award.id)
    waiting_for = _waiting_for(look)
    if waiting_for is not None:
        if standing is not None:  # its facts were wrong, which does not wait
            revoking.revoke_step(db, rt, standing, FACTS_CORRECTED, look.cause.stamp)
        awards.change(db, recorded.award_id, look.cause.at, state=AwardState.HELD.value, **waiting_for)
        return AwardState.HELD, None
    last = None if look.award is None else credentials.last_of(db, look.award.id)
    made = issuing.issue(db, rt, press, _earned(look, recorded), replaces=last)
    if standing is not None:
        _put_behind(db, rt, look, standing, made)
    return AwardState.ISSUED, made.id


def _waiting_for(look: Look) -> dict[str, Any] | None:
    """Say what makes an award wait, as its columns tell it; None when it can be issued now."""
    definition = definitions.of(look.weighed.version)
    release_at = definition.release_at
    held_because = look.learner.award_hold or issuing.unissuable(definition, look.weighed.decision, look.cause.at)
    if held_because is None and (release_at is None or release_at <= look.cause.at):
        return None
    return {"held_because": held_because, "release_at": release_at, "withdrawn_by": None}


def _put_behind(db: Db, rt: Runtime, look: Look, old: Credential, new: Credential) -> None:
    """Put a credential behind the one that takes its place: for all to see when its facts were wrong.

    One that a person suspended hands its suspension on: new facts are no way out of it.
    """
    true = _still_counts(look, awards.decision(db, old.decision_id))
    revoking.replace_step(db, rt, old, Reason("better_attempt" if true else "corrected"), look.cause.stamp)
    suspended = [act.reason_code for act in status.history(db, old.id) if act.act == "suspend"]
    if old.state == "suspended" and suspended[-1:] != [FACTS_CORRECTED.code]:
        revoking.suspend_step(db, rt, new, Reason("predecessor_suspended"), look.cause.stamp)


def release_step(db: Db, rt: Runtime, press: Press, award: Award, achievement: Achievement, cause: Cause) -> bool:
    """Issue the credential of an award that waited, if nothing makes it wait any more; tell whether it was issued.

    What is issued is what was decided, whatever other facts have come since.
    """
    recorded = awards.decision(db, award.decision_id)
    weighed = decide_again(db, recorded, award.basis)
    if weighed is None:
        return False  # somebody tampered with the facts, and the replay says so
    look = Look(learners.get(db, award.learner_id), achievement, weighed, award, counting={}, cause=cause)
    state, _ = _release_or_hold(db, rt, press, look, recorded)
    return state == AwardState.ISSUED
