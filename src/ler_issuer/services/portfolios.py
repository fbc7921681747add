"""Portfolios: what a person holds, now or at another time.

A *person* is a learner and everybody who was merged into that learner. For the credentials of those, assessors and
partners are named anew, under the pseudonyms of the person, so that one whom both had is not taken for two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import holding_of
from ler_issuer.services import issuing, weighing
from ler_issuer.services.holdings import stacking_holding
from ler_issuer.stacking.holdings import Holding
from ler_issuer.store import awards, holdings, learners

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ler_issuer.store.db import Db
    from ler_issuer.store.holdings import Held
    from ler_issuer.types import JsonObject

URN = "urn:uuid:"

CLOCKS_DIFFER_BY = timedelta(days=1)
"""How far ahead of our clock another machine of ours may have signed a credential that counts all the same."""


def current(db: Db, person: Sequence[str], achievement_ids: Collection[str] | None = None) -> list[Holding]:
    """Give what a person holds now, each award once; `person` are the learners merged into one, the root first."""
    return [_read(db, person[0], one) for one in _each_once(db, person, holdings.current(db, person, achievement_ids))]


def as_of(held: Iterable[Holding], at: datetime) -> datetime:
    """Give the time to evaluate at: `at`, or later when something that is out already was signed by a faster clock.

    Two parts may be decided on by two processes, each with the time at which it began: whoever comes second must see
    the part of the first.
    """
    signed = (one.valid_from for one in held if one.valid_from is not None)
    return max([at, *(one for one in signed if one <= at + CLOCKS_DIFFER_BY)])


def of_people(
    db: Db, people: Sequence[Sequence[str]], achievement_ids: Collection[str] | None = None
) -> dict[str, list[Holding]]:
    """Give what each of some persons holds now, as `current` does, by root; all who stand alone in one go."""
    found: dict[str, list[Holding]] = {person[0]: [] for person in people}
    alone = [person[0] for person in people if len(person) == 1]
    for one in holdings.current(db, alone, achievement_ids):
        found[one.learner_id].append(_read(db, one.learner_id, one))
    return found | {person[0]: current(db, person, achievement_ids) for person in people if len(person) > 1}


def named(db: Db, root_id: str, credential_ids: Iterable[str]) -> list[Holding]:
    """Give these credentials of a person as holdings, as if nothing had been done to them since."""
    return [_read(db, root_id, one) for one in holdings.named(db, (bare(one) for one in credential_ids))]


def bare(holding_id: str) -> str:
    """Give the id of the credential behind a holding, as the database knows it."""
    return holding_id.removeprefix(URN)


def _each_once(db: Db, person: Sequence[str], held: Sequence[Held]) -> list[Held]:
    """Leave out what two learners were both awarded before they were merged, but for the award that counts.

    Credentials of one award that followed each other are all kept.
    """
    if len(person) == 1:
        return list(held)
    groups = awards.on_each_basis(awards.of_learner(db, list(person)), person).values()
    counts = {group[0].id for group in groups}
    return [one for one in held if one.award_id in counts]


@dataclass(frozen=True, slots=True)
class _Frozen:
    """What is kept of a credential, under the digest of its bytes, which alone tells it from others."""

    digest: str
    facts: JsonObject = field(compare=False)


@lru_cache(maxsize=8192)
def _kept(frozen: _Frozen) -> Holding:
    return Holding.model_validate(frozen.facts)


def _read(db: Db, root_id: str, held: Held) -> Holding:
    holding = (
        stacking_holding(holding_of(jsontext.parse(held.body or b"")))
        if held.facts is None
        else _kept(_Frozen(held.digest, held.facts))
    )
    if held.learner_id == root_id or held.basis.startswith(awards.OTHER_GROUNDS):
        return holding
    return _under_one_name(db, root_id, held, holding)


def _under_one_name(db: Db, root_id: str, held: Held, holding: Holding) -> Holding:
    """Name assessor, partner and experience of a merged learner's holding as the person's other holdings do."""
    again = weighing.decide_again(db, awards.decision(db, held.decision_id), held.basis)
    if again is None:
        return holding
    told = issuing.told(db, learners.get(db, root_id), again.decision).circumstances
    return holding.model_copy(
        update={"assessor": told.assessor, "partner": told.partner, "experience": told.experience}
    )
