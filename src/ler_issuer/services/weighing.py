"""Weighing: what a learner's results come to, under the version of the achievement that applies. Nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ler_issuer.assessments import Decision, Fact, Result, decide
from ler_issuer.badges import BetterAttempt
from ler_issuer.services import definitions
from ler_issuer.store import achievements, results

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ler_issuer.badges import AchievementDefinition
    from ler_issuer.store.achievements import Achievement, Version
    from ler_issuer.store.awards import StoredDecision
    from ler_issuer.store.db import Db
    from ler_issuer.store.results import StoredResult
    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decision, and the version of the achievement under which it was made."""

    decision: Decision
    version: Version


@dataclass(frozen=True, slots=True)
class Recorded:
    """A result as it was recorded, and what it says."""

    stored: StoredResult
    said: Result


def recorded(db: Db, stored: StoredResult) -> Recorded:
    """Read what a stored result says."""
    said: Result | None = db.memory.get(_said(stored.id))
    if said is None:
        said = Result.model_validate({**stored.content, "revision": stored.revision})
    return Recorded(stored, said)


def remember(db: Db, stored: StoredResult, result: Result) -> None:
    """Keep at hand what a result says that was recorded just now, unless it is written otherwise than it was stored.

    Whose it is and when it was assessed is not asked of it: that is told by its record.
    """
    plainly = result.participation is None and result.section is None and result.score is None
    if plainly and [one.criterion for one in result.ratings] == sorted(one.criterion for one in result.ratings):
        db.memory[_said(stored.id)] = result


def _said(result_id: str) -> tuple[str, str]:
    return "said", result_id


def count(db: Db, learner_ids: list[str], achievement: Achievement) -> list[Recorded]:
    """Give the results of a person that may count for an achievement now."""
    found = results.counting(db, learner_ids, achievement.id, definitions.feeds(db, achievement.id))
    return [recorded(db, one) for one in found]


def weigh(db: Db, counting: Sequence[Recorded], achievement: Achievement) -> tuple[Weighed, ...]:
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
    that feeds several achievements, or before the range was changed. Without an award rule no result earns anything.
    """
    if definition.award is None:
        return ()
    scale = definition.score
    return decide(
        [one for one in facts if scale is None or one.score is None or scale.minimum <= one.score <= scale.maximum],
        rule=definition.award,
        rubric=definition.rubric,
        earned=definition.earned.value,
        better_attempt=definition.better_attempt.value,
        since=since,
    )


def fact_of(db: Db, one: Recorded) -> Fact:
    """Give a recorded result as the award rules see it."""
    stored, said = one.stored, one.said
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


def decide_again(db: Db, decision: StoredDecision, basis: str) -> Weighed | None:
    """Make a recorded decision again, on its own inputs and under its own version; None when its rule does not hold."""
    version = achievements.version(db, decision.achievement_version_id)
    facts = [fact_of(db, recorded(db, results.get(db, used["id"]))) for used in decision.inputs]
    again = decide_under(definitions.of(version), facts, since=version.in_force_from)
    return next((Weighed(one, version) for one in again if one.basis == basis and one.met), None)


NO_FACTS: JsonObject = {"met": False, "sentence": "No result counts any more.", "nodes": []}
"""The trace of a decision that nothing is left to make on."""


def nothing(basis: str, version: Version, trace: JsonObject = NO_FACTS) -> Weighed:
    """Give the decision on no results at all: not met, for the reason that the trace tells."""
    empty = Decision(basis, met=False, deciding=None, used=(), overall=None, levels={}, score=None, trace=trace)
    return Weighed(empty, version)


def inputs_of(decision: Decision) -> list[dict[str, str]]:
    """Give what a decision rests on, as it is recorded."""
    return [{"id": fact.id, "digest": fact.digest} for fact in decision.used]
