"""Holdings: what one credential tells, as stacking rules read it, and kept beside it.

A holding says what its credential says, nothing more: whoever has the parts can come to the same outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.badges import holding_of
from ler_issuer.stacking.holdings import Holding, Holds, Recognised, RecognitionKind
from ler_issuer.store import holdings
from ler_issuer.store.holdings import HoldingRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ler_issuer.badges import HoldingFacts
    from ler_issuer.stacking.holdings import StatusAct
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.types import JsonObject

_TOLD_BY_STATUS = {"standing", "acts"}
"""Members of a holding that are not in the credential, because they change."""


def stacking_holding(facts: HoldingFacts, acts: Sequence[StatusAct] = (), standing: Holds = Holds.CURRENT) -> Holding:
    """Give what a credential tells as a holding, with what was done to it since.

    Raises:
        ValueError: the facts are not such as a rule could read (a level that is on no scale, for example).
    """
    told = facts.circumstances
    recognised = None
    if told.recognition is not None:
        recognised = Recognised(
            kind=RecognitionKind(told.recognition),
            achievement=told.recognised_achievement,
            issuer=told.recognised_issuer,
        )
    return Holding(
        id=facts.id,
        achievement=facts.achievement,
        awarded_at=facts.awarded_at or facts.valid_from,
        version=facts.version,
        issuer=facts.issuer,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
        standing=standing,
        acts=tuple(acts),
        level=facts.overall,
        scale=tuple(facts.scale),
        score=facts.score,
        credits=facts.credits,
        hours=told.hours,
        experience=told.experience,
        experience_kind=told.experience_kind,
        course=told.course,
        section=told.section,
        session=told.session,
        partner=told.partner,
        assessor=told.assessor,
        assessor_kind=told.assessor_kind,
        recognised=recognised,
    )


def keep(
    db: Db, credential: Credential, document: JsonObject, *, participation_id: str | None, section_id: str | None
) -> None:
    """Keep what a credential that was just signed tells, for rules and reports to find."""
    told = stacking_holding(holding_of(document))
    holdings.add(
        db,
        HoldingRow(
            credential_id=credential.id,
            award_id=credential.award_id,
            issuer_id=credential.issuer_id,
            learner_id=credential.learner_id,
            achievement_id=credential.achievement_id,
            awarded_at=told.awarded_at,
            participation_id=participation_id,
            section_id=section_id,
            facts=facts_of(told),
        ),
    )


def facts_of(holding: Holding) -> JsonObject:
    """Give the members of a holding that its credential tells, as they are kept."""
    return holding.model_dump(mode="json", exclude_defaults=True, exclude=_TOLD_BY_STATUS)
