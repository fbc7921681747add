"""Cases: what was opened because something that a stacked credential rests on stopped counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import columns

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what it is about, what the policy did, until when somebody should look, and how it ended.

    `parts` tells what stopped counting: `[{"credential", "because"}]`. `state` is `open` or `resolved`.
    """

    id: str
    issuer_id: str
    learner_id: str
    award_id: str
    credential_id: str
    policy: str
    state: str
    reason_code: str
    parts: list[dict[str, str]]
    still_met: bool
    opened_at: datetime
    opened_by: str
    deadline: datetime | None
    overdue_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None
    resolution_code: str | None = None
    note: str | None = None
    replacement_id: str | None = None


_CASE = sa.select(*columns(tables.review_case, Case))
_ROW = tables.review_case.c


def add(db: Db, case: Case) -> None:
    """Keep a new case; an award has at most one that is open."""
    db.keep(tables.review_case, case)


def change(db: Db, case_id: str, **values: Any) -> None:  # noqa: ANN401 - column values of any type
    """Change a case."""
    db.run(sa.update(tables.review_case).where(_ROW.id == case_id).values(**values))


def owned_by(db: Db, case_id: str, issuer_id: str) -> Case:
    """Give a case of this issuer.

    Raises:
        Missing: there is none, or it is another issuer's.
    """
    found = db.first(Case, _CASE.where(_ROW.id == case_id, _ROW.issuer_id == issuer_id))
    if found is None:
        raise Missing("no such case")
    return found


def of_award(db: Db, award_id: str) -> list[Case]:
    """Give the cases of an award, the newest first."""
    return db.all(Case, _CASE.where(_ROW.award_id == award_id).order_by(_ROW.opened_at.desc(), _ROW.id))


def find(
    db: Db, issuer_id: str, *, state: str | None, learner_id: str | None, after: tuple[datetime, str] | None, limit: int
) -> list[Case]:
    """Give the issuer's cases that fit, the oldest first, from the one after `after`."""
    wanted = [_ROW.issuer_id == issuer_id]
    if state is not None:
        wanted.append(_ROW.state == state)
    if learner_id is not None:
        wanted.append(_ROW.learner_id == learner_id)
    if after is not None:
        wanted.append(sa.tuple_(_ROW.opened_at, _ROW.id) > after)
    return db.all(Case, _CASE.where(*wanted).order_by(_ROW.opened_at, _ROW.id).limit(limit))


def overdue(db: Db, at: datetime, *, limit: int) -> list[Case]:
    """Give open cases whose deadline has passed and that nobody was told of yet."""
    return db.all(
        Case,
        _CASE.where(_ROW.state == "open", _ROW.deadline <= at, _ROW.overdue_at.is_(None))
        .order_by(_ROW.deadline, _ROW.id)
        .limit(limit),
    )
