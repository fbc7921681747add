"""Learners as their issuer finds them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.errors import Conflict, Missing
from ler_issuer.store import learners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ler_issuer.assessments import Identifier
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller


def find_learner(rt: Runtime, caller: Caller, identifiers: Sequence[Identifier]) -> str:
    """Give the id of the learner of the caller's issuer who has any of these identifiers.

    Raises:
        Missing: nobody has.
        Conflict: different learners have.
    """
    with rt.db.read() as db:
        found = learners.ids_of(db, caller.issuer_id, identifiers)
    if not found:
        raise Missing("no learner has any of these identifiers")
    if len(found) > 1:
        raise Conflict("the identifiers belong to different learners")
    return found[0]
