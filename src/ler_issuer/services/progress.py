"""Progress: what a learner has towards every published stack, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer.services import definitions, portfolios, ruling, stacked
from ler_issuer.services.marking import Cause
from ler_issuer.stacking.remaining import remaining
from ler_issuer.store import achievements, credentials, enrolments, learners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.services.ruling import Outcome
    from ler_issuer.services.stacked import Look
    from ler_issuer.stacking import Holding
    from ler_issuer.store.db import Db
    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class StackProgress:
    """One stack, as one learner stands to it.

    `held` says whether they have its credential now (`credential_id`), `met` whether what they hold meets the rule now,
    None when that could not be decided within the bounds. `percent` is the share of the fewest assessments that it
    takes from nothing which is no longer needed. `remaining` is what is left (docs/stacking-rules.md).
    """

    rule_id: str
    rule_key: str
    rule_version: int
    achievement_id: str
    achievement: str
    name: str
    held: bool
    credential_id: str | None
    met: bool | None
    percent: int
    used: tuple[str, ...]
    missing: tuple[str, ...]
    sentence: str
    remaining: JsonObject
    trace: JsonObject


def of_learner(rt: Runtime, caller: Caller, learner_id: str) -> list[StackProgress]:
    """Give a learner's progress towards every published stack of the issuer, by key.

    Raises:
        Missing: no such learner of the caller's issuer.
    """
    now = rt.now()
    with rt.db.read() as db:
        learner = learners.owned_by(db, learner_id, caller.issuer_id)
        person = learners.person(db, learner.id)
        holdings = portfolios.current(db, person)
        enrolled = [achievements.get(db, one).uri for one in enrolments.enrolled(db, person, now.date())]
        told = []
        for rule in ruling.live(db, caller.issuer_id):
            look = stacked.look_at(db, rule, person, Cause(caller.actor, now))
            found = ruling.outcome(db, rule, person, holdings, now)
            if found is not None:
                told.append(_progress(db, look, found, holdings, enrolled))
        return told


def _progress(
    db: Db,
    look: Look,
    found: Outcome,
    holdings: Sequence[Holding],
    enrolled: Sequence[str],
) -> StackProgress:
    rule = look.rule
    left = remaining(ruling.text_of(found.version), holdings, look.cause.at, enrolled=enrolled)
    standing = None if look.award is None else credentials.standing_of(db, look.award.id)
    achievement = achievements.get(db, rule.achievement_id)
    return StackProgress(
        rule_id=rule.id,
        rule_key=rule.key,
        rule_version=found.version.version,
        achievement_id=achievement.id,
        achievement=achievement.uri,
        name=definitions.of(definitions.in_force(db, achievement.id)[-1]).name,
        held=standing is not None and standing.state == "current",
        credential_id=None if standing is None else standing.id,
        met=found.trace.met,
        percent=left.percentage,
        used=found.trace.used,
        missing=found.trace.missing,
        sentence=found.trace.sentence,
        remaining=left.to_json(),
        trace=found.trace.to_json(),
    )
