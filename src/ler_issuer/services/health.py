"""Whether the service can do its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.store import issuers

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.types import JsonObject


def check(rt: Runtime) -> JsonObject:
    """Ask the database one thing, and say that all is well.

    Raises an error of the database's when it does not answer.
    """
    with rt.db.read() as db:
        issuers.count(db)
    return {"status": "ok"}
