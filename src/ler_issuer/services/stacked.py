"""Stacked credentials: awarded when a rule is met, derived from their parts, issued anew when the parts change.

These are steps of `advancing` and of whoever resolves a case; the person is locked already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ler_issuer.badges import AwardFacts, AwardState, Consequence
from ler_issuer.badges.derivations import Derivation, Part, Requirement
from ler_issuer.services import definitions, issuing, marking, portfolios, ruling
from ler_issuer.services.issuing import Earned
from ler_issuer.services.marking import Reason
from ler_issuer.stacking import Trace, evaluate, requirements
from ler_issuer.store import achievements, awards, credentials, holdings, journal, learners, stacking, status
from ler_issuer.store.awards import STACK_BASIS, Award, StoredDecision
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.marking import Cause
    from ler_issuer.services.ruling import Outcome
    from ler_issuer.services.signing import Press
    from ler_issuer.store.achievements import Achievement, Version
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.stacking import Rule

BY_FACTS, BY_PERSON = "facts", "person"
"""Who withdrew an award: nobody, its parts did; or somebody who meant it."""


PART = "part_"
"""How the reason codes begin that say that a part of a stack stopped counting; nobody else may use them."""


@dataclass(frozen=True, slots=True)
class Look:
    """One rule under a new look: the person, the award that stands for it, who looks and when.

    `counts` is false for the double of another award, from before its learner was merged: it only ever ends.
    """

    rule: Rule
    person: Sequence[str]
    award: Award | None
    cause: Cause
    counts: bool = True

    @property
    def root_id(self) -> str:
        """Give the learner whom the person is known as."""
        return self.person[0]


def look_at(db: Db, rule: Rule, person: Sequence[str], cause: Cause) -> Look:
    """Find the award that a rule made for a person before, if it did."""
    return looks_at(db, rule, person, cause)[0]


def looks_at(db: Db, rule: Rule, person: Sequence[str], cause: Cause) -> list[Look]:
    """Find the award that a rule made for a person before, if it did; and its doubles, when learners were merged."""
    made = awards.on_each_basis(awards.of_learner(db, list(person), rule.achievement_id), person)
    group = made.get((rule.achievement_id, basis_of(rule)), [])
    alive = [one for one in group[1:] if one.state != AwardState.WITHDRAWN.value]
    first = Look(rule, person, group[0] if group else None, cause)
    return [first, *(Look(rule, person, one, cause, counts=False) for one in alive)]


def look_of(db: Db, rule: Rule, person: Sequence[str], award: Award, cause: Cause) -> Look:
    """Give the look at one award of a person that stands or waits."""
    looks = looks_at(db, rule, person, cause)
    return next((one for one in looks if one.award is not None and one.award.id == award.id), looks[0])


def basis_of(rule: Rule) -> str:
    """Give the basis of the awards that a rule makes."""
    return f"{STACK_BASIS}{rule.key}"


def outcome(db: Db, look: Look) -> Outcome | None:
    """Evaluate a rule on what a person holds now, under the version that applies to them; None when none is in force.

    Who has started on the rule is pinned to that version.
    """
    held = portfolios.current(db, look.person)
    found = ruling.outcome(db, look.rule, look.person, held, portfolios.as_of(held, look.cause.at))
    if found is not None:
        ruling.remember(db, look.rule, look.person, found)
    return found


def decide_again(db: Db, root_id: str, decision: StoredDecision) -> Trace | None:
    """Evaluate a recorded decision on its own parts, at its own time; None when its rule does not hold on them."""
    assert decision.rule_version_id is not None  # noqa: S101 - only decisions about stacks come here
    text = ruling.text_of(stacking.version(db, decision.rule_version_id))
    held = portfolios.named(db, root_id, (used["id"] for used in decision.inputs))
    trace = evaluate(text, held, decision.decided_at)
    return trace if trace.met else None


def award_step(db: Db, rt: Runtime, press: Press, look: Look, found: Outcome, what: Consequence) -> Credential | None:
    """Award what a rule found, and issue it unless something makes it wait; give the credential that is out.

    One that stands is put behind the new one, for all to see: a part that it names no longer counts.
    """
    recorded = _record(db, rt, look, found, what)
    return _issue_or_hold(db, rt, press, replace(look, award=awards.get(db, recorded.award_id)), recorded, found.trace)


def withdraw_step(
    db: Db, rt: Runtime, look: Look, found: Outcome | None, reason: Reason, *, by: str = BY_FACTS
) -> None:
    """Take an award back, and revoke the credential that stands for it.

    What a person takes back stays so; what the facts take back comes again when they bear it again.
    """
    award = look.award
    assert award is not None  # noqa: S101 - there is something to withdraw
    standing = credentials.standing_of(db, award.id)
    if standing is not None:
        marking.revoke_step(db, rt, standing, reason, look.cause.stamp)
    if found is not None:
        what = Consequence.WITHDRAW if standing is None else Consequence.REVOKE
        _record(db, rt, look, found, what)
    state = AwardState.WITHDRAWN.value
    awards.change(db, award.id, look.cause.at, state=state, withdrawn_by=by, held_because=None)


def release_step(db: Db, rt: Runtime, press: Press, look: Look) -> bool:
    """Issue a stacked award that waited, as it was decided; tell whether it is out."""
    assert look.award is not None  # noqa: S101 - it waits
    recorded = awards.decision(db, look.award.decision_id)
    trace = decide_again(db, look.root_id, recorded)
    if trace is None:
        return False  # somebody tampered with the facts, and the replay says so
    return _issue_or_hold(db, rt, press, look, recorded, trace) is not None


def inputs_of(db: Db, credential_ids: Iterable[str]) -> list[dict[str, str]]:
    """Give what a decision about a stack rests on, as it is recorded: credentials, with the digests of their bytes."""
    named = holdings.named(db, (portfolios.bare(one) for one in credential_ids))
    return [{"id": one.credential_id, "digest": one.digest} for one in sorted(named, key=lambda one: one.credential_id)]


def _record(db: Db, rt: Runtime, look: Look, found: Outcome, what: Consequence) -> StoredDecision:
    """Append the decision with its parts, and make or point the award to it."""
    cause, trace = look.cause, found.trace
    achievement = achievements.get(db, look.rule.achievement_id)
    version = _newest(db, achievement)
    award_id = rt.new_row_id() if look.award is None else look.award.id
    recorded = StoredDecision(
        id=rt.new_row_id(),
        award_id=award_id,
        achievement_version_id=version.id,
        consequence=what.value,
        rule_digest=found.version.text_digest,
        inputs=inputs_of(db, trace.used),
        awarded_at=trace.earned_at or found.at if trace.met else None,
        overall=None,
        trace=trace.to_json(),
        decided_at=found.at,
        decided_by=cause.actor,
        rule_version_id=found.version.id,
    )
    if look.award is None:
        awards.add(db, _new_award(look, achievement, version, recorded))
    else:
        awards.change(db, award_id, cause.at, decision_id=recorded.id)
    awards.decide(db, recorded)
    parts = holdings.named(db, (used["id"] for used in recorded.inputs))
    holdings.put_parts(db, recorded.id, award_id, ((one.award_id, one.credential_id) for one in parts))
    deed = Deed(
        issuer_id=look.rule.issuer_id,
        actor=cause.actor,
        act=f"award.{what.value}",
        object_id=award_id,
        at=cause.at,
        data={
            "decision_id": recorded.id,
            "achievement_id": achievement.id,
            "learner_id": look.root_id,
            "rule_version_id": found.version.id,
        },
    )
    journal.announce(db, deed, rt.new_row_id())
    return recorded


def _new_award(look: Look, achievement: Achievement, version: Version, recorded: StoredDecision) -> Award:
    return Award(
        id=recorded.award_id,
        issuer_id=achievement.issuer_id,
        learner_id=look.root_id,
        achievement_id=achievement.id,
        basis=basis_of(look.rule),
        state=AwardState.HELD.value,
        held_because=None,
        withdrawn_by=None,
        release_at=definitions.of(version).release_at,
        decision_id=recorded.id,
        updated_at=look.cause.at,
    )


def _newest(db: Db, achievement: Achievement) -> Version:
    """Give the version of the achievement that a stack earns now: the newest that was published."""
    return definitions.in_force(db, achievement.id)[-1]


def _issue_or_hold(
    db: Db, rt: Runtime, press: Press, look: Look, recorded: StoredDecision, trace: Trace
) -> Credential | None:
    """Issue the credential of an award in the place of the one that stands, unless something makes it wait."""
    assert look.award is not None  # noqa: S101 - it was recorded
    cause, award = look.cause, look.award
    standing = credentials.standing_of(db, award.id)
    waiting_for = _waiting_for(db, look, recorded)
    if waiting_for is not None:
        if standing is not None:  # a part that it names no longer counts, which does not wait
            marking.revoke_step(db, rt, standing, Reason("part_lost"), cause.stamp)
        awards.change(db, award.id, cause.at, state=AwardState.HELD.value, **waiting_for)
        return None
    achievement = achievements.get(db, award.achievement_id)
    earned = Earned(
        award_id=award.id,
        decision_id=recorded.id,
        learner=learners.get(db, award.learner_id),
        achievement=achievement,
        version=achievements.version(db, recorded.achievement_version_id),
        facts=AwardFacts(assessed_at=recorded.awarded_at or cause.at),
        import_id=cause.import_id,
        actor=cause.actor,
        at=cause.at,
        derivation=derivation(db, recorded, trace),
    )
    made = issuing.issue(db, rt, press, earned, replaces=credentials.last_of(db, award.id))
    awards.issued(db, award.id, cause.at)
    if standing is not None:
        _put_behind(db, rt, look, standing, made)
    return made


def _waiting_for(db: Db, look: Look, recorded: StoredDecision) -> dict[str, Any] | None:
    """Say what makes a stacked award wait, as its columns tell it; None when it can be issued now."""
    definition = definitions.of(achievements.version(db, recorded.achievement_version_id))
    held = [learners.get(db, one) for one in look.person]
    earned_at = recorded.awarded_at or look.cause.at
    held_because = next((one.award_hold for one in held if one.award_hold), None)
    held_because = held_because or issuing.unissuable(db, held[0], definition, earned_at, look.cause.at)
    if held_because is None and (definition.release_at is None or definition.release_at <= look.cause.at):
        return None
    return {"held_because": held_because, "release_at": definition.release_at, "withdrawn_by": None}


def _put_behind(db: Db, rt: Runtime, look: Look, old: Credential, new: Credential) -> None:
    """Put a stacked credential behind the one that takes its place; a suspension by hand is handed on."""
    marking.replace_step(db, rt, old, Reason("corrected"), look.cause.stamp)
    if old.state == "suspended" and not suspended_for_part(db, old):
        marking.suspend_step(db, rt, new, Reason("predecessor_suspended"), look.cause.stamp)


def suspended_for_part(db: Db, credential: Credential) -> bool:
    """Say whether a suspended credential is so because of a part of it, and not because a person said so."""
    acts = [act for act in status.history(db, credential.id) if act.act == "suspend"]
    return bool(acts) and acts[-1].reason_code.startswith(PART)


def derivation(db: Db, decision: StoredDecision, trace: Trace) -> Derivation:
    """Give what a stacked credential tells of where it came from."""
    assert decision.rule_version_id is not None  # noqa: S101 - it is about a stack
    version = stacking.version(db, decision.rule_version_id)
    text = version.text
    parts = tuple(_part(db, one) for one in holdings.named(db, (used["id"] for used in decision.inputs)))
    return Derivation(
        rule=text["id"],
        rule_name=text["name"],
        rule_digest=version.text_digest,
        evaluated_at=decision.decided_at,
        sentence=trace.sentence,
        requirements=tuple(
            Requirement(pointer=one.pointer, name=one.name, sentence=one.sentence, parts=tuple(one.used))
            for one in requirements(trace)
        ),
        parts=parts,
    )


def _part(db: Db, held: holdings.Held) -> Part:
    credential = credentials.get(db, held.credential_id)
    definition = definitions.of(achievements.version(db, credential.achievement_version_id))
    decision = awards.decision(db, credential.decision_id)
    return Part(
        id=f"{portfolios.URN}{held.credential_id}",
        digest=held.digest,
        name=definition.name,
        awarded_at=decision.awarded_at or credential.valid_from,
    )
