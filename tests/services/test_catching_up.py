"""Credentials of before holdings were kept: found by rules all the same, and caught up with."""

from __future__ import annotations

import sqlalchemy as sa

from ler_issuer.services import auditing, catching_up
from ler_issuer.store import tables
from stacks import competency, earn, holding, rule, skill


def forget(rt):
    """Take away what is kept beside the credentials, as an older version left the database."""
    with rt.db.begin() as db:
        db.run(sa.delete(tables.holding))


def kept(rt):
    with rt.db.read() as db:
        rows = db.run(sa.select(tables.holding).order_by(tables.holding.c.credential_id))
        return [tuple(row) for row in rows]


def test_what_is_caught_up_is_what_would_have_been_kept(rt, tenant):
    skill(rt, tenant, "drawing")
    place = {"source_id": "atelier", "kind": "internship", "partner": "City museum"}
    earn(rt, tenant, "drawing", participation={"experience": place, "hours": "12.5"})
    earn(rt, tenant, "drawing", "bob@example.edu")
    before = kept(rt)
    forget(rt)

    assert [catching_up.keep_holdings(rt) for _ in range(2)] == [2, 0]

    assert kept(rt) == before
    assert any("12.5" in str(row) for row in before)


def test_rules_find_older_credentials_before_that(rt, tenant):
    skill(rt, tenant, "drawing")
    competency(rt, tenant, "artist")
    earn(rt, tenant, "drawing")
    forget(rt)

    rule(rt, tenant, "artist", holding("drawing"))

    assert len(kept(rt)) == 1  # that of the stack, which was awarded
    assert not auditing.replay(rt).discrepancies
