"""Holdings: what one credential tells, as stacking rules read it, and kept beside it.

A holding says what its credential says, nothing more: whoever has the parts can come to the same outcome.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from ler_issuer.assessments import YEARS
from ler_issuer.badges import holding_of
from ler_issuer.stacking.holdings import Holding, Holds, Recognised, RecognitionKind
from ler_issuer.store import holdings
from ler_issuer.store.holdings import HoldingRow
from ler_issuer.vc import stamp

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
    told = holding_of(document)
    holdings.add(
        db,
        HoldingRow(
            credential_id=credential.id,
            award_id=credential.award_id,
            issuer_id=credential.issuer_id,
            learner_id=credential.learner_id,
            achievement_id=credential.achievement_id,
            awarded_at=told.awarded_at or told.valid_from,
            participation_id=participation_id,
            section_id=section_id,
            facts=_facts(told),
        ),
        credential,
    )


_OF_ITS_OWN = re.compile(r"[!-~]{1,200}")
"""What an id or a pseudonym of ours looks like, in which nothing is left to be read or refused."""


@dataclass(frozen=True, slots=True)
class _Alike:
    """What a credential tells, as it is told from others but for what each has of its own."""

    said: tuple[str | tuple[str, ...] | bool | None, ...]
    facts: HoldingFacts = field(compare=False)


@lru_cache(maxsize=1024)
def _pattern(alike: _Alike) -> JsonObject:
    return facts_of(stacking_holding(alike.facts))


def _facts(told: HoldingFacts) -> JsonObject:
    """Give the members of a holding as they are kept: those that others like it have, too, are written once."""
    its = told.circumstances
    own = {"id": told.id, "experience": its.experience, "partner": its.partner, "assessor": its.assessor}
    moments = {
        "awarded_at": told.awarded_at or told.valid_from,
        "valid_from": told.valid_from,
        "valid_until": told.valid_until,
    }
    is_plain = all(value is None or _OF_ITS_OWN.fullmatch(value) for value in own.values())
    if not is_plain or not all(one is None or (one.year in YEARS and not one.microsecond) for one in moments.values()):
        return facts_of(stacking_holding(told))
    said = (
        *(told.achievement, told.version, told.issuer, told.overall, told.scale, its.recognition),
        *(None if one is None else str(one) for one in (told.score, told.credits, its.hours)),
        *(its.experience_kind, its.course, its.section, its.session, its.assessor_kind),
        *(its.recognised_achievement, its.recognised_issuer),
        *(one is None for one in (told.valid_until, its.experience, its.partner, its.assessor)),
    )
    written = {name: None if one is None else stamp(one) for name, one in moments.items()}
    changed = {name: value for name, value in (own | written).items() if value is not None}
    return {**_pattern(_Alike(said, told)), **changed}


def facts_of(holding: Holding) -> JsonObject:
    """Give the members of a holding that its credential tells, as they are kept."""
    return holding.model_dump(mode="json", exclude_defaults=True, exclude=_TOLD_BY_STATUS)
