"""Expiring: credentials whose validity ended stop counting, and what rests on them is looked at again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.services import advancing, signing
from ler_issuer.services.marking import Cause
from ler_issuer.store import holdings, learners
from ler_issuer.store.failures import again_if_entangled

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime

CHUNK = 50
"""How many expired credentials are acted on in one transaction."""


def expire_due(rt: Runtime, *, actor: str) -> int:
    """Act on credentials that expired since the last time, each once; give how many there were.

    Safe to run as often as one likes, in several processes at once, and to kill at any point.
    """
    acted = 0
    last: str | None = ""
    while last is not None:
        some, last = _expire_some(rt, actor, last)
        acted += some
    return acted


@again_if_entangled
def _expire_some(rt: Runtime, actor: str, after: str) -> tuple[int, str | None]:
    """Act on the next expired credentials; give how many, and the last one if more may follow."""
    now = rt.now()
    with rt.db.begin() as db:
        due = holdings.expired(db, now, after=after, limit=CHUNK)
        learners.lock(db, {learner_id for _, learner_id, _ in due})
        acted = 0
        for credential_id, learner_id, achievement_id in due:
            if holdings.acted_on_expiry(db, credential_id, now):
                advancing.advance(db, rt, signing.sign, learner_id, [achievement_id], Cause(actor, now))
                acted += 1
    return acted, due[-1][0] if len(due) == CHUNK else None
