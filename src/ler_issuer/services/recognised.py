"""Recognised credentials: awarded on the word of our people that something from elsewhere stands for an achievement.

These are steps of `recognising`, and of whoever lets go what waited; the person is locked already.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ler_issuer.badges import AwardFacts, AwardState, Circumstances, Consequence
from ler_issuer.services import advancing, definitions, issuing, marking, signing
from ler_issuer.services.issuing import Earned
from ler_issuer.store import achievements, awards, credentials, journal, learners, recognitions
from ler_issuer.store.awards import RECOGNITION_BASIS, Award, StoredDecision
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.marking import Cause, Reason
    from ler_issuer.store.achievements import Version
    from ler_issuer.store.db import Db
    from ler_issuer.store.recognitions import Recognition
    from ler_issuer.types import JsonObject

WITHDRAWN: JsonObject = {"met": False, "sentence": "The recognition was withdrawn.", "nodes": []}
"""The trace of the decision that takes an award back with its recognition."""


def version_of(db: Db, achievement_id: str, awarded_at: datetime) -> Version:
    """Give the version of a published achievement that was in force when something was earned, or else the first."""
    published = definitions.in_force(db, achievement_id)
    known = [one for one in published if one.in_force_from is None or one.in_force_from <= awarded_at]
    return (known or published[:1])[-1]


def basis_of(recognition: Recognition) -> str:
    """Give the basis of the award that a recognition makes."""
    return f"{RECOGNITION_BASIS}{recognition.id}"


def inputs_of(recognition: Recognition) -> list[dict[str, str]]:
    """Give what a decision about a recognition rests on, as it is recorded."""
    return [{"id": recognition.id, "digest": recognition.digest}]


def trace_of(recognition: Recognition) -> JsonObject:
    """Say why the award of a recognition that stands is given."""
    told = recognition.content
    grounds = {"transfer": "as transfer", "prior_learning": "for prior learning"}[told["kind"]]
    original = told.get("recognised_achievement")
    of = "" if original is None else f": {original}, awarded by {told['recognised_issuer']}"
    return {"met": True, "sentence": f"Recognised {grounds}{of}.", "nodes": []}


def award_of(db: Db, recognition: Recognition) -> Award | None:
    """Give the award that a recognition made, or None."""
    made = awards.of_learner(db, [recognition.learner_id], recognition.achievement_id)
    return next((one for one in made if one.basis == basis_of(recognition)), None)


def renew_step(db: Db, rt: Runtime, person: list[str], cause: Cause) -> None:
    """Award again what a person was recognised for, where the recognition stands and its award does not.

    What a person took back stays so.
    """
    for one in recognitions.of_learner(db, person):
        award = award_of(db, one)
        if one.withdrawn_at is None and award is not None and award.withdrawn_by == "facts":
            award_step(db, rt, one, award, cause)


def release_step(db: Db, rt: Runtime, award: Award, cause: Cause) -> bool:
    """Issue the award of a recognition that waited, if nothing makes it wait any more; tell whether it is out."""
    recognition = recognitions.get(db, award.basis.removeprefix(RECOGNITION_BASIS))
    if not _issue_or_hold(db, rt, recognition, awards.decision(db, award.decision_id), cause):
        return False
    advancing.advance(db, rt, signing.sign, award.learner_id, [award.achievement_id], cause)
    return True


def award_step(db: Db, rt: Runtime, recognition: Recognition, award: Award | None, cause: Cause) -> None:
    """Decide that a recognition is worth its award, and issue that unless something makes it wait."""
    version = version_of(db, recognition.achievement_id, recognition.awarded_at)
    decision = StoredDecision(
        id=rt.new_row_id(),
        award_id=rt.new_row_id() if award is None else award.id,
        achievement_version_id=version.id,
        consequence=Consequence.AWARD.value,
        rule_digest=definitions.rule_digest(version),
        inputs=inputs_of(recognition),
        awarded_at=recognition.awarded_at,
        overall=recognition.content.get("level"),
        trace=trace_of(recognition),
        decided_at=cause.at,
        decided_by=cause.actor,
    )
    if award is None:
        awards.add(
            db,
            Award(
                id=decision.award_id,
                issuer_id=recognition.issuer_id,
                learner_id=recognition.learner_id,
                achievement_id=recognition.achievement_id,
                basis=basis_of(recognition),
                state=AwardState.HELD.value,
                held_because=None,
                withdrawn_by=None,
                release_at=definitions.of(version).release_at,
                decision_id=decision.id,
                updated_at=cause.at,
            ),
        )
    _record(db, rt, recognition, decision, cause)
    _issue_or_hold(db, rt, recognition, decision, cause)


def _record(db: Db, rt: Runtime, recognition: Recognition, decision: StoredDecision, cause: Cause) -> None:
    """Append a decision, and point the award to it."""
    awards.decide(db, decision)
    awards.change(db, decision.award_id, cause.at, decision_id=decision.id)
    deed = Deed(
        issuer_id=recognition.issuer_id,
        actor=cause.actor,
        act=f"award.{decision.consequence}",
        object_id=decision.award_id,
        at=cause.at,
        data={
            "decision_id": decision.id,
            "achievement_id": recognition.achievement_id,
            "learner_id": recognition.learner_id,
        },
    )
    journal.announce(db, deed, rt.new_row_id())


def _issue_or_hold(db: Db, rt: Runtime, recognition: Recognition, decision: StoredDecision, cause: Cause) -> bool:
    """Issue the credential of a recognition, unless something makes it wait; tell whether it is out."""
    learner = learners.get(db, recognition.learner_id)
    version = achievements.version(db, decision.achievement_version_id)
    waiting_for = _waiting_for(db, recognition, version, cause)
    if waiting_for is not None:
        awards.change(db, decision.award_id, cause.at, state=AwardState.HELD.value, **waiting_for)
        return False
    earned = Earned(
        award_id=decision.award_id,
        decision_id=decision.id,
        learner=learner,
        achievement=achievements.get(db, recognition.achievement_id),
        version=version,
        facts=_facts(recognition),
        import_id=None,
        actor=cause.actor,
        at=cause.at,
    )
    issuing.issue(db, rt, signing.sign, earned, replaces=credentials.last_of(db, decision.award_id))
    awards.issued(db, decision.award_id, earned.at)
    return True


def _waiting_for(db: Db, recognition: Recognition, version: Version, cause: Cause) -> dict[str, Any] | None:
    """Say what makes an award wait, as its columns tell it; None when it can be issued now."""
    learner, definition = learners.get(db, recognition.learner_id), definitions.of(version)
    held_because = learner.award_hold
    held_because = held_because or issuing.unissuable(db, learner, definition, recognition.awarded_at, cause.at)
    if held_because is None and (definition.release_at is None or definition.release_at <= cause.at):
        return None
    return {"held_because": held_because, "release_at": definition.release_at, "withdrawn_by": None}


def _facts(recognition: Recognition) -> AwardFacts:
    """Give what the credential of a recognition tells: on what grounds it was given, and for what from elsewhere."""
    told = recognition.content
    return AwardFacts(
        assessed_at=recognition.awarded_at,
        overall=told.get("level"),
        credits=None if "credits" not in told else Decimal(told["credits"]),
        circumstances=Circumstances(
            recognition=recognition.kind,
            recognised_achievement=told.get("recognised_achievement"),
            recognised_issuer=told.get("recognised_issuer"),
        ),
    )


def take_back_step(db: Db, rt: Runtime, recognition: Recognition, reason: Reason, cause: Cause) -> None:
    """Withdraw the award of a recognition, and revoke what stands for it, unless a person did so before."""
    award = award_of(db, recognition)
    if award is None or award.state == AwardState.WITHDRAWN.value:
        return
    standing = credentials.standing_of(db, award.id)
    if standing is not None:
        marking.revoke_step(db, rt, standing, reason, cause.stamp)
    decision = replace(
        awards.decision(db, award.decision_id),
        id=rt.new_id(),
        consequence=(Consequence.WITHDRAW if standing is None else Consequence.REVOKE).value,
        awarded_at=None,
        overall=None,
        trace=WITHDRAWN,
        decided_at=cause.at,
        decided_by=cause.actor,
    )
    _record(db, rt, recognition, decision, cause)
    withdrawn = {"state": AwardState.WITHDRAWN.value, "withdrawn_by": "facts", "held_because": None}
    awards.change(db, award.id, cause.at, **withdrawn)
