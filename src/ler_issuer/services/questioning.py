"""Questioning: a part that a stacked credential rests on stopped counting, and the policy says what follows.

A case is opened whatever the policy, so that nothing changes silently: with `keep` it is closed at once, with `review`
and `suspend` a person has until a deadline, with `revoke` the credential is taken back, or issued anew on other parts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from ler_issuer.badges import Consequence
from ler_issuer.services import marking, portfolios, ruling, stacked
from ler_issuer.services.marking import Reason
from ler_issuer.stacking import Policy, StackDefinition
from ler_issuer.store import awards, cases, credentials, holdings, journal, learners, stacking, status
from ler_issuer.store.cases import Case
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.marking import Cause
    from ler_issuer.services.ruling import Outcome
    from ler_issuer.services.signing import Press
    from ler_issuer.services.stacked import Look
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.holdings import Part
    from ler_issuer.types import JsonObject

RULE_CHANGED = "rule_changed"
"""Why a stacked credential is questioned though all its parts stand: everybody was moved to a rule that is not met."""

_BY_CORRECTION = frozenset({"facts_corrected", "corrected", "import_undone"})
"""Reason codes of those who correct facts; a part so revoked was never right."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A part that stopped counting, and why.

    `part_revoked`, `part_suspended`, `part_expired` or `part_corrected`; or `part_of_another`, when the learner who has
    it turned out to be another person.
    """

    credential_id: str
    because: str

    def to_json(self) -> dict[str, str]:
        """Give the part as a case keeps it."""
        return {"credential": f"{portfolios.URN}{self.credential_id}", "because": self.because}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a case ends: the resolution, the code of the reason, a private note, the credential that came of it."""

    resolution: str
    resolution_code: str
    note: str | None = None
    replacement_id: str | None = None


BY_POLICY = Reason("policy")
"""Why a case is closed that no person looked at."""


def lost_parts(db: Db, decision_id: str, cause: Cause) -> list[Lost]:
    """Give the parts of a stack's decision that do not count any more.

    A part that gave way to a better attempt at the same award still does: what it says is as true as ever.
    """
    award = awards.get(db, awards.decision(db, decision_id).award_id)
    person = learners.person(db, award.learner_id)
    found = ((part.credential_id, _lost(db, part, person, cause)) for part in holdings.parts_of(db, decision_id))
    return [Lost(credential_id, because) for credential_id, because in found if because is not None]


def _lost(db: Db, part: Part, person: list[str], cause: Cause) -> str | None:
    match part.state:
        case "current" if part.learner_id not in person:
            return "part_of_another"
        case "current":
            return "part_expired" if _ended(part.valid_until, cause) else None
        case "suspended":
            return "part_suspended"
        case "superseded":
            return _lost_after(credentials.standing_of(db, part.award_id), cause)
        case _:
            acts = [act for act in status.history(db, part.credential_id) if act.act == "revoke"]
            return "part_corrected" if acts and acts[-1].reason_code in _BY_CORRECTION else "part_revoked"


def _lost_after(successor: Credential | None, cause: Cause) -> str | None:
    """Say whether what took the place of a part counts, at the same award."""
    if successor is None:
        return "part_revoked"
    if successor.state == "suspended":
        return "part_suspended"
    return "part_expired" if _ended(successor.valid_until, cause) else None


def _ended(valid_until: datetime | None, cause: Cause) -> bool:
    return valid_until is not None and valid_until <= cause.at


def question_step(
    db: Db, rt: Runtime, press: Press, look: Look, lost: list[Lost], *, now: Outcome | None, rule_changed: bool
) -> bool:
    """Open a case on a stacked credential, or go on with the one that is open; tell whether the credential changed.

    `now` is what the rule comes to without what was lost. What a person has already decided on is not asked again,
    unless `rule_changed`: that another rule is not met is news.
    """
    award = look.award
    assert award is not None  # noqa: S101 - a credential that stands has an award
    standing = credentials.standing_of(db, award.id)
    if standing is None:
        return False
    told = [one.to_json() for one in lost]
    before = [one for one in cases.of_award(db, award.id) if one.credential_id == standing.id]
    if any(decided(one) and _covers(one.parts, told) for one in before):
        if not rule_changed:
            return False
        told = []
    still_met = now is not None and bool(now.met)
    going_on = open_case(db, award.id)
    if going_on is not None:
        if (going_on.parts, going_on.still_met) != (told, still_met):
            cases.change(db, going_on.id, parts=told, still_met=still_met)
            _announce(db, rt, going_on, "case.changed", look.cause, {"parts": len(told)})
        return False
    case = _open(db, rt, look, standing, told, now=now)
    return _follow(db, rt, press, look, case, standing=standing, now=now)


def _covers(known: list[dict[str, str]], told: list[dict[str, str]]) -> bool:
    """Say whether all that is lost now was already lost, for the same reason, when a person or the policy decided."""
    return bool(told) and all(one in known for one in told)


def decided(case: Case) -> bool:
    """Say whether a case ended by a decision about what was lost, and not because it counted again."""
    return case.state == "resolved" and case.resolution != "restored"


def _open(
    db: Db, rt: Runtime, look: Look, standing: Credential, told: list[dict[str, str]], *, now: Outcome | None
) -> Case:
    definition = _definition(db, look)
    waits = definition.policy in {Policy.REVIEW, Policy.SUSPEND} or (now is not None and now.met is None)
    case = Case(
        id=rt.new_id(),
        issuer_id=look.rule.issuer_id,
        learner_id=look.root_id,
        award_id=standing.award_id,
        credential_id=standing.id,
        policy=definition.policy.value,
        state="open",
        reason_code=told[0]["because"] if told else RULE_CHANGED,
        parts=told,
        still_met=now is not None and bool(now.met),
        opened_at=look.cause.at,
        opened_by=look.cause.actor,
        deadline=look.cause.at + timedelta(days=definition.review_days) if waits else None,
    )
    cases.add(db, case)
    _announce(db, rt, case, "case.opened", look.cause, {"reason_code": case.reason_code, "policy": case.policy})
    return case


def _definition(db: Db, look: Look) -> StackDefinition:
    """Give the definition under which the stack was awarded: later versions do not change its policy."""
    assert look.award is not None  # noqa: S101 - it stands
    decision = awards.decision(db, look.award.decision_id)
    assert decision.rule_version_id is not None  # noqa: S101 - it is a stack's
    return ruling.definition_of(stacking.version(db, decision.rule_version_id))


def _follow(
    db: Db, rt: Runtime, press: Press, look: Look, case: Case, *, standing: Credential, now: Outcome | None
) -> bool:
    """Do what the policy says; tell whether the credential changed."""
    policy = Policy(case.policy)
    match policy:
        case Policy.KEEP:
            close_step(db, rt, case, look.cause, Ending("keep", BY_POLICY.code))
            return False
        case Policy.REVIEW:
            return False
        case Policy.REVOKE if now is not None and now.met is None:
            return False  # too entangled to decide, so a person does
        case Policy.SUSPEND:
            if standing.state == "current" and is_suspendable(db, standing):
                marking.suspend_step(db, rt, standing, Reason(_part_code(case)), look.cause.stamp)
            return True
        case Policy.REVOKE:
            take_back_step(db, rt, press, look, case, now=now)
            return True
        case _:
            assert_never(policy)


def is_suspendable(db: Db, credential: Credential) -> bool:
    """Say whether a credential has an entry for its suspension; without one a person is asked all the same."""
    return any(entry.purpose == "suspension" for entry in status.entries_of(db, credential.id))


def _part_code(case: Case) -> str:
    return case.reason_code if case.reason_code.startswith("part_") else "part_questioned"


def take_back_step(
    db: Db, rt: Runtime, press: Press, look: Look, case: Case, *, now: Outcome | None, reason: Reason = BY_POLICY
) -> None:
    """Issue the stacked credential anew on the parts that count, or revoke it if they do not suffice; end the case."""
    if now is not None and now.met:
        made = stacked.award_step(db, rt, press, look, now, Consequence.REISSUE)
        ending = Ending("reissue", reason.code, reason.note, None if made is None else made.id)
    else:
        stacked.withdraw_step(db, rt, look, now, Reason("part_lost"))
        ending = Ending("revoke", reason.code, reason.note)
    close_step(db, rt, case, look.cause, ending)


def rule_questioned(db: Db, award_id: str) -> bool:
    """Say whether a stack is in question because its rule changed."""
    case = open_case(db, award_id)
    return case is not None and case.reason_code == RULE_CHANGED


def open_case(db: Db, award_id: str) -> Case | None:
    """Give the case of an award that is open, or None."""
    return next((one for one in cases.of_award(db, award_id) if one.state == "open"), None)


def restore_step(db: Db, rt: Runtime, look: Look) -> bool:
    """Close the case of a stack that is borne out again; tell whether its credential changed."""
    award = look.award
    assert award is not None  # noqa: S101 - it stands
    case = open_case(db, award.id)
    if case is None:
        return False
    standing = credentials.standing_of(db, award.id)
    lifted = standing is not None and standing.state == "suspended" and stacked.suspended_for_part(db, standing)
    if lifted and standing is not None:
        marking.reinstate_step(db, rt, standing, Reason("part_restored"), look.cause.stamp)
    close_step(db, rt, case, look.cause, Ending("restored", "part_restored"))
    return lifted


def settle_by_hand(db: Db, rt: Runtime, award_id: str, cause: Cause, ending: Ending) -> None:
    """Close the case on a stack whose credential a person revoked, or reinstated, without waiting for it."""
    case = open_case(db, award_id)
    if case is not None:
        close_step(db, rt, case, cause, ending)


def close_step(db: Db, rt: Runtime, case: Case, cause: Cause, ending: Ending) -> None:
    """Close a case: how, on what grounds, by whom."""
    cases.change(db, case.id, state="resolved", resolved_at=cause.at, resolved_by=cause.actor, **asdict(ending))
    told = {
        "resolution": ending.resolution,
        "reason_code": ending.resolution_code,
        "replacement_id": ending.replacement_id,
    }
    _announce(db, rt, case, "case.resolved", cause, told)


def _announce(db: Db, rt: Runtime, case: Case, act: str, cause: Cause, data: JsonObject) -> None:
    deed = Deed(
        issuer_id=case.issuer_id,
        actor=cause.actor,
        act=act,
        object_id=case.id,
        at=cause.at,
        data={"learner_id": case.learner_id, "credential_id": case.credential_id, **data},
    )
    journal.announce(db, deed, rt.new_row_id())
