"""`Idempotency-Key`: the same request sent twice has one effect and one answer.

The answer is kept in the transaction that has the effect, so that a crash leaves both or neither.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ler_issuer.errors import Conflict
from ler_issuer.store import idempotency

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.db import Db
    from ler_issuer.types import Json


KEPT_FOR = timedelta(days=30)
"""How long a request may be sent again with its Idempotency-Key and get the first answer."""


def sweep(rt: Runtime) -> int:
    """Drop answers that nobody asks for any more; give how many."""
    with rt.db.begin() as db:
        return idempotency.forget(db, rt.now() - KEPT_FOR)


def answered(db: Db, caller: Caller) -> Json | None:
    """Give what was remembered for the caller's Idempotency-Key, or None when there is nothing yet or no key.

    Raises:
        Conflict: the key was used for another request.
    """
    if caller.idempotency is None:
        return None
    found = idempotency.answer_of(db, caller.issuer_id, caller.idempotency.key)
    if found is None:
        return None
    if found.request_digest != caller.idempotency.request_digest:
        raise Conflict("this Idempotency-Key was used for another request")
    return found.answer


def remember(db: Db, caller: Caller, answer: Json, at: datetime) -> None:
    """Keep what it takes to give the same answer again."""
    if caller.idempotency is not None:
        wanted = caller.idempotency
        idempotency.remember(db, caller.issuer_id, wanted.key, wanted.request_digest, answer, at)
