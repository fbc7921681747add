"""Advancing: what follows for stacked credentials when something that a learner holds changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.marking import Cause
    from ler_issuer.services.signing import Press
    from ler_issuer.store.db import Db


def advance(db: Db, rt: Runtime, press: Press, learner_id: str, achievement_ids: Iterable[str], cause: Cause) -> None:
    """Look again at exactly the rules that mention what changed, and do what follows; the learner is locked already."""
    del db, rt, press, learner_id, achievement_ids, cause
