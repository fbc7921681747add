"""Merging: two learners turn out to be one person, or one person to be two.

A merge is a link and moves nothing: identifiers, results, awards and recognitions stay with the learner who had them.
What they come to is looked at again for the whole person; after an unmerge, for each of the two by themselves. So both
can be told from the facts alone at any time, and `audit replay` does.

Of two awards on the same basis both stay, and one counts (`services.doubles`). What rested on the other's facts after
an unmerge follows the correction policies. A credential that names the other's wallet does not: it says of somebody
what is not so, and is revoked and issued anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import AwardState, Consequence
from ler_issuer.errors import Conflict, Missing, Place, Unacceptable
from ler_issuer.services import advancing, deciding, idempotency, people, recognised, recording, ruling, signing
from ler_issuer.services.marking import Cause, Reason, revoke_step, suspend_step
from ler_issuer.services.questioning import is_suspendable
from ler_issuer.store import achievements, awards, credentials, journal, learners, results
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed
from ler_issuer.vc import id_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.services.people import Known
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.learners import Learner
    from ler_issuer.types import Did, JsonObject

UNMERGED = Reason("unmerged")
"""Why a credential is revoked that names the wallet of somebody who turned out to be another person."""

NAMES_ANOTHER: JsonObject = {"met": False, "sentence": "The credential named another person's wallet.", "nodes": []}


@again_if_entangled
def merge(rt: Runtime, caller: Caller, learner_id: str, into: str, *, did: Did | None = None) -> Known:
    """Merge a learner into another: from now on they are one person; give who that is.

    `did` names the wallet that stays bound when both have one of their own. A hold on either is a hold on the person.

    Raises:
        Missing: no such learner of the caller's issuer.
        Unacceptable: the two are one learner, `into` is nobody, or `did` is bound to neither.
        Conflict: one of them is merged already; or they are bound to different wallets and `did` does not choose.
    """
    with rt.db.begin() as db:
        if idempotency.answered(db, caller) is None:
            cause = Cause(caller.actor, rt.now())
            _merge_step(db, rt, *_both(db, caller, learner_id, into), did, cause)
            idempotency.remember(db, caller, {}, cause.at)
    return people.get_learner(rt, caller, into)


@again_if_entangled
def unmerge(rt: Runtime, caller: Caller, learner_id: str) -> Known:
    """Let a learner who was merged, with everybody merged into them, be a person of their own again; give who that is.

    Raises:
        Missing: no such learner of the caller's issuer.
        Conflict: they are not merged.
    """
    with rt.db.begin() as db:
        if idempotency.answered(db, caller) is None:
            cause = Cause(caller.actor, rt.now())
            learners.lock(db, [learners.owned_by(db, learner_id, caller.issuer_id).id])
            _unmerge_step(db, rt, learners.get(db, learner_id), cause)
            idempotency.remember(db, caller, {}, cause.at)
    return people.get_learner(rt, caller, learner_id)


# ── Merging ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _both(db: Db, caller: Caller, learner_id: str, into: str) -> tuple[Learner, Learner]:
    """Give the two learners, locked, when they can be merged."""
    learners.owned_by(db, learner_id, caller.issuer_id)
    try:
        learners.owned_by(db, into, caller.issuer_id)
    except Missing as missing:
        raise Unacceptable(missing.detail, problems=[Place("/into", "unknown_learner", missing.detail)]) from None
    if learner_id == into:
        detail = "a learner cannot be merged into themselves"
        raise Unacceptable(detail, problems=[Place("/into", "same_learner", detail)])
    learners.lock(db, [learner_id, into])
    learner, root = learners.get(db, learner_id), learners.get(db, into)
    if learner.merged_into_id is not None:
        detail = f"the learner is merged into {learner.merged_into_id} already; unmerge them first"
        raise Conflict(detail, problems=[Place("", "merged_already", detail)])
    if root.merged_into_id is not None:
        stands = learners.root_of(db, root.id)
        in_circle = stands == learner.id
        better = f"unmerge {root.id} first" if in_circle else f"merge into {stands}, who stands for both"
        detail = f"the learner to merge into is merged into {root.merged_into_id} themselves; {better}"
        raise Conflict(detail, problems=[Place("/into", "merged_in_circle" if in_circle else "merged_itself", detail)])
    return learner, root


def _merge_step(db: Db, rt: Runtime, learner: Learner, root: Learner, did: Did | None, cause: Cause) -> None:
    theirs = learners.person(db, learner.id)
    held = {one.achievement_id for one in credentials.of_learner(db, theirs)}
    _leave_one_did(db, rt, learner, root, did, cause)
    learners.link(db, learner.id, root.id)
    _announce(db, rt, learner, "learner.merged", cause, into=root.id)
    person = learners.person(db, root.id)
    _hold_both(db, rt, learner, root, cause)
    _look_again(db, rt, root.id, _concerned(db, person), held, cause)


def _hold_both(db: Db, rt: Runtime, learner: Learner, root: Learner, cause: Cause) -> None:
    """Hold the whole person when one of the two is held."""
    because = root.award_hold or learner.award_hold
    if because is not None:
        learners.set_hold(db, learners.person(db, root.id), because)
        for one in (root, learner):
            if one.award_hold is None:
                _announce(db, rt, one, "learner.held", cause)


def _leave_one_did(db: Db, rt: Runtime, learner: Learner, root: Learner, did: Did | None, cause: Cause) -> None:
    """End the binding that is not to stay, when the two are bound to different wallets."""
    bound = {one.id: learners.did_of(db, one.id) for one in (learner, root)}
    if did is not None and did not in bound.values():
        raise Unacceptable("the DID is not bound", problems=[Place("/did", "not_bound", "is bound to neither learner")])
    if None in bound.values() or len(set(bound.values())) == 1:
        return
    if did is None:
        detail = 'both learners have a wallet, and not the same; say in "did" which DID stays bound'
        raise Conflict(detail, problems=[Place("/did", "different_dids", detail)])
    left = learner if bound[root.id] == did else root
    learners.unbind(db, learners.person(db, left.id), cause.at)
    _announce(db, rt, left, "learner.unbound", cause)


# ── Unmerging ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _unmerge_step(db: Db, rt: Runtime, learner: Learner, cause: Cause) -> None:
    if learner.merged_into_id is None:
        detail = "the learner is not merged into anybody"
        raise Conflict(detail, problems=[Place("", "not_merged", detail)])
    person = learners.person(db, learner.id)
    held = {one.achievement_id for one in credentials.of_learner(db, person)}
    concerned = _concerned(db, person)
    learners.link(db, learner.id, None)
    _announce(db, rt, learner, "learner.unmerged", cause, root=person[0])
    for root_id in (person[0], learner.id):
        misnamed = _misnamed(db, learners.person(db, root_id))
        for one in misnamed:
            _take_back(db, rt, one, cause)
        _look_again(db, rt, root_id, concerned, held, cause)
        for one in misnamed:
            _hand_on(db, rt, one, cause)
        recording.withdraw_step(db, rt, learners.person(db, root_id), cause.stamp)


def _misnamed(db: Db, person: list[str]) -> list[Credential]:
    """Give a person's credentials that stand and name a wallet that never was theirs."""
    known = learners.dids_ever(db, person)
    return [
        one
        for one in credentials.of_learner(db, person)
        if one.state in {"current", "suspended"}
        and one.subject_binding == "did"
        and id_of(jsontext.parse(one.body)["credentialSubject"]) not in known
    ]


def _take_back(db: Db, rt: Runtime, credential: Credential, cause: Cause) -> None:
    """Revoke a credential, so that its award is free to be issued again to whom it is due."""
    revoke_step(db, rt, credential, UNMERGED, cause.stamp)
    award = awards.get(db, credential.award_id)
    decision = replace(
        awards.decision(db, award.decision_id),
        id=rt.new_id(),
        consequence=Consequence.REVOKE.value,
        inputs=[],
        awarded_at=None,
        overall=None,
        trace=NAMES_ANOTHER,
        decided_at=cause.at,
        decided_by=cause.actor,
    )
    awards.decide(db, decision)
    values = {"decision_id": decision.id, "state": AwardState.WITHDRAWN.value, "withdrawn_by": "facts"}
    awards.change(db, award.id, cause.at, **values)


def _hand_on(db: Db, rt: Runtime, old: Credential, cause: Cause) -> None:
    """Put the successor of a credential that was suspended under the same suspension."""
    new = credentials.standing_of(db, old.award_id)
    if old.state == "suspended" and new is not None and new.state == "current" and is_suspendable(db, new):
        suspend_step(db, rt, new, Reason("predecessor_suspended"), cause.stamp)


# ── Looking again ────────────────────────────────────────────────────────────────────────────────────────────────────
def _concerned(db: Db, person: list[str]) -> list[str]:
    """Give the achievements that results of these learners bear on, or did when they were awarded."""
    held = awards.of_learner(db, person)
    by_results = {one.achievement_id for one in held if not one.basis.startswith(awards.OTHER_GROUNDS)}
    return sorted(by_results.union(results.achievements_touched(db, person)))


def _look_again(db: Db, rt: Runtime, root_id: str, concerned: Iterable[str], held: Iterable[str], cause: Cause) -> None:
    """Decide anew on a person's results, then let the stacks follow that may count what came or went."""
    for achievement_id in concerned:
        deciding.reconsider(db, rt, signing.sign, root_id, achievements.get(db, achievement_id), cause)
    person = learners.person(db, root_id)
    recognised.renew_step(db, rt, person, cause)
    advancing.advance(db, rt, signing.sign, root_id, sorted(held), cause)
    stacks = [one for one in awards.of_learner(db, person) if one.basis.startswith(awards.STACK_BASIS)]
    for rule_id in sorted({ruling.made_by(db, one).id for one in stacks}):  # what rests on parts that are gone, too
        advancing.advance_rule(db, rt, signing.sign, root_id, rule_id, cause)


def _announce(db: Db, rt: Runtime, learner: Learner, act: str, cause: Cause, **data: str) -> None:
    deed = Deed(
        issuer_id=learner.issuer_id, actor=cause.actor, act=act, object_id=learner.id, at=cause.at, data=dict(data)
    )
    journal.announce(db, deed, rt.new_row_id())
