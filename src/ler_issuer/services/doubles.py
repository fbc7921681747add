"""Doubles: awards on one and the same basis, which two learners had before they were merged into one person.

Their credentials all stay; the one that counts is the first that `awards.on_each_basis` gives. It is weighed by the
results of the whole person, and can improve by them. The others, and that one too once results that it rests on count
no more, are weighed by what is left to each: the results of its own learner. So a correction reaches the credential
whose facts were wrong, no result is told by two credentials that did not both tell it before, and an unmerge finds each
learner's award resting on that learner's results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer.badges import AwardState
from ler_issuer.services import weighing
from ler_issuer.services.weighing import Weighed
from ler_issuer.store import awards, learners

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ler_issuer.store.achievements import Achievement
    from ler_issuer.store.awards import Award
    from ler_issuer.store.db import Db
    from ler_issuer.types import JsonObject

HAVE_IT_ALREADY: JsonObject = {"met": False, "sentence": "The same person was awarded this already.", "nodes": []}
"""The trace of a decision that takes back an award which waited when its learner was merged."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An award, or what may become one, with what it is weighed by; `counts` is false for the double of another."""

    award: Award | None
    weighed: Weighed
    counts: bool = True


def claims(
    db: Db, achievement: Achievement, group: Sequence[Award], weighed: Weighed, counting: Mapping[str, str]
) -> list[Claim]:
    """Say what each award of a person on one basis is to be weighed by; the one that counts comes first.

    `weighed` is what all of the person's results come to, `counting` has the digests of those results by id.
    """
    if not group:
        return [Claim(None, weighed)]
    first, *others = group
    if first.state == AwardState.WITHDRAWN.value:
        return [Claim(_taken_back(db, group, weighed), weighed)]
    alive = [one for one in others if one.state != AwardState.WITHDRAWN.value]
    if alive and not _still_count(db, first, counting):
        weighed = _alone(db, achievement, first, alive, weighed)
    return [Claim(first, weighed), *(_double(db, achievement, one, group, weighed) for one in alive)]


def _taken_back(db: Db, group: Sequence[Award], weighed: Weighed) -> Award:
    """Give the award that says what became of these results, when none of a group stands.

    That is one that a person took back, or one that a policy took back on these very results; else the first.
    """
    inputs = weighing.inputs_of(weighed.decision)
    by_policy = (one for one in group if awards.decision(db, one.decision_id).inputs == inputs)
    return group[0] if group[0].withdrawn_by == "person" else next(by_policy, group[0])


def _still_count(db: Db, award: Award, counting: Mapping[str, str]) -> bool:
    last = awards.decision(db, award.decision_id)
    return all(counting.get(used["id"]) == used["digest"] for used in last.inputs)


def _double(db: Db, achievement: Achievement, award: Award, group: Sequence[Award], weighed: Weighed) -> Claim:
    if award.state == AwardState.HELD.value:  # nobody has seen it yet
        nothing = weighing.nothing(award.basis, weighed.version, HAVE_IT_ALREADY)
        return Claim(award, nothing, counts=False)
    return Claim(award, _alone(db, achievement, award, group, weighed), counts=False)


def _alone(db: Db, achievement: Achievement, award: Award, others: Sequence[Award], weighed: Weighed) -> Weighed:
    """Weigh the results of an award's own learner: of whom others were merged into, without those who have a double."""
    own = learners.with_absorbed(db, award.learner_id)
    theirs = {
        one
        for other in others
        if other.learner_id in own[1:] and other.state != AwardState.WITHDRAWN.value
        for one in learners.with_absorbed(db, other.learner_id)
    }
    counting = weighing.count(db, [one for one in own if one not in theirs], achievement)
    alone = {one.decision.basis: one for one in weighing.weigh(db, counting, achievement)}
    return alone.get(award.basis) or weighing.nothing(award.basis, weighed.version)
