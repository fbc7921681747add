"""Catching up: what a newer version of the service keeps of credentials, kept for those that an older one issued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.errors import Missing
from ler_issuer.services import holdings
from ler_issuer.store import awards, credentials, learners, results
from ler_issuer.store import holdings as rows
from ler_issuer.store.failures import again_if_entangled

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.store.awards import StoredDecision
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.results import StoredResult

CHUNK = 100
"""How many credentials are read in one transaction."""


def keep_holdings(rt: Runtime) -> int:
    """Keep what older credentials tell, as `issuing` does for new ones; give how many there were.

    Rules find it either way; with the rows they need not read every document. Safe to run as often as one likes, in
    several processes at once, and to kill at any point.
    """
    kept = 0
    last: str | None = ""
    while last is not None:
        some, last = _keep_some(rt, last)
        kept += some
    return kept


@again_if_entangled
def _keep_some(rt: Runtime, after: str) -> tuple[int, str | None]:
    """Keep the next ones; give how many, and the last one if more may follow."""
    with rt.db.begin() as db:
        learners.lock(db, {credentials.get(db, one).learner_id for one in rows.untold(db, after=after, limit=CHUNK)})
        due = rows.untold(db, after=after, limit=CHUNK)
        for one in due:
            _keep(db, credentials.get(db, one))
    return len(due), due[-1] if len(due) == CHUNK else None


def _keep(db: Db, credential: Credential) -> None:
    deciding = _deciding(db, awards.decision(db, credential.decision_id))
    holdings.keep(
        db,
        credential,
        jsontext.parse(credential.body),
        participation_id=None if deciding is None else deciding.participation_id,
        section_id=None if deciding is None else deciding.section_id,
    )


def _deciding(db: Db, decision: StoredDecision) -> StoredResult | None:
    """Find the result that decided: of those that it rests on the one assessed when the award was earned."""
    try:
        used = [results.get(db, one["id"]) for one in decision.inputs]
    except Missing:  # it rests on something else
        return None
    return next((one for one in reversed(used) if one.assessed_at == decision.awarded_at), None)
