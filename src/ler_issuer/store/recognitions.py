"""Recognitions: what somebody learnt or earned elsewhere, and that it counts here; appended, at most withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import columns

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class Recognition:
    """A decision of the issuer's people that something from elsewhere stands for an achievement.

    `content` is all that was decided, `digest` that of its RFC 8785 form. `document` has the exact bytes, in the same
    form, of the badge that was recognised, if there was one.
    """

    id: str
    issuer_id: str
    learner_id: str
    achievement_id: str
    kind: str
    content: JsonObject
    digest: str
    document: bytes | None
    awarded_at: datetime
    recorded_at: datetime
    recorded_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None


_ROW = tables.recognition.c
_RECOGNITION = sa.select(*columns(tables.recognition, Recognition))


def add(db: Db, recognition: Recognition) -> None:
    """Append a recognition."""
    db.keep(tables.recognition, recognition)


def get(db: Db, recognition_id: str) -> Recognition:
    """Give a recognition by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(Recognition, _RECOGNITION.where(_ROW.id == recognition_id))
    if found is None:
        raise Missing("no such recognition")
    return found


def owned_by(db: Db, recognition_id: str, issuer_id: str) -> Recognition:
    """Give a recognition of this issuer.

    Raises:
        Missing: there is none, or it is another issuer's.
    """
    found = get(db, recognition_id)
    if found.issuer_id != issuer_id:
        raise Missing("no such recognition")
    return found


def of_learner(db: Db, learner_ids: list[str]) -> list[Recognition]:
    """Give the recognitions of the learners who are one person, the oldest first, withdrawn ones too."""
    wanted = _RECOGNITION.where(_ROW.learner_id.in_(learner_ids)).order_by(_ROW.recorded_at, _ROW.id)
    return db.all(Recognition, wanted)


def withdraw(db: Db, recognition_id: str, actor: str, at: datetime) -> None:
    """Say that a recognition does not hold any more, for good."""
    ended = sa.update(tables.recognition).where(_ROW.id == recognition_id)
    db.run(ended.values(withdrawn_at=at, withdrawn_by=actor))
