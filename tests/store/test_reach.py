"""What one use case reads does not grow with what others left in the database."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from itertools import count
from typing import TypeAlias

import pytest
import sqlalchemy as sa

from house.tree import ROOT
from ler_issuer.assessments import Result
from ler_issuer.assessments.readers import Mapped
from ler_issuer.runtime import Runtime
from ler_issuer.services import (
    expiring,
    explaining,
    exporting,
    importing,
    merging,
    people,
    progress,
    reading,
    recording,
    releasing,
    revoking,
    taking,
    verifying,
)
from ler_issuer.services.exporting import Form
from ler_issuer.services.marking import Reason
from ler_issuer.store.credentials import Filter
from records import document, learner_of
from world import Tenant, award, found, publish, result

STRANGERS = 5_000
"""Credentials of others in the database."""

FEW = 500
"""Rows that a use case may read of one table."""

LARGE = {
    *("result", "learner", "learner_identifier", "award", "award_decision", "credential", "holding"),
    *("status_entry", "event", "audit", "log_leaf"),
}
"""The tables that grow with every credential."""

Use: TypeAlias = Callable[[Runtime, Tenant], object]

_learners = (f"{number}@example.edu" for number in count())


def _twice(rt, tenant):
    said = result(next(_learners))
    for revision in (1, 1, 2):
        taking.record_result(rt, tenant.caller, Result.model_validate(said | {"revision": revision}))


def _batch(rt, tenant):
    taking.record_batch(rt, tenant.caller, [Result.model_validate(result(next(_learners))) for _ in range(3)])


def _import_and_undo(rt, tenant):
    rows = [Mapped(number, number, Result.model_validate(result(next(_learners))), {}) for number in range(3)]
    done = importing.import_results(
        rt, tenant.caller, importing.Plan("canvas", "f.csv", "0" * 64, "1" * 64, by_content=True), rows, told=id
    )
    importing.undo(rt, "cli:test", done.import_id, "a mistake")


def _mark(rt, tenant):
    badge = award(rt, tenant, next(_learners)).credential_id
    revoking.revoke(rt, tenant.caller, badge, Reason("other"))


def _record(rt, tenant):
    receipt = award(rt, tenant, next(_learners))
    recording.issue_record(rt, tenant.caller, learner_of(rt, receipt.result_id).id, None)


def _person(rt, tenant):
    """Two learners who turn out to be one, and after all not."""
    first, second = (award(rt, tenant, next(_learners)) for _ in range(2))
    learner, other = (learner_of(rt, one.result_id).id for one in (first, second))
    merging.merge(rt, tenant.caller, learner, other)
    people.get_learner(rt, tenant.caller, other)
    people.get_enrolments(rt, tenant.caller, other)
    progress.of_learner(rt, tenant.caller, other)
    explaining.explain(rt, tenant.caller, other, second.credential_id)
    merging.unmerge(rt, tenant.caller, learner)
    releasing.hold(rt, tenant.caller, learner, "fees")
    award(rt, tenant, next(_learners))
    releasing.lift(rt, tenant.caller, learner)


def _standing(rt, tenant):
    badge = award(rt, tenant, next(_learners), achievement="debate").credential_id
    reading.get_credential(rt, tenant.caller, badge)
    revoking.suspend(rt, tenant.caller, badge, Reason("other"))
    revoking.reinstate(rt, tenant.caller, badge, Reason("other"))


USES: dict[str, Use] = {
    "award": lambda rt, tenant: award(rt, tenant, next(_learners)),
    "again and revised": _twice,
    "batch": _batch,
    "import and undo": _import_and_undo,
    "revoke": _mark,
    "suspend and reinstate": _standing,
    "merge and unmerge": _person,
    "events": lambda rt, tenant: reading.list_events(rt, tenant.caller, after=0, limit=20),
    "verify": lambda rt, tenant: verifying.verify(rt, document(rt, award(rt, tenant, next(_learners)).credential_id)),
    "export": lambda rt, tenant: exporting.export(
        rt, tenant.caller, award(rt, tenant, next(_learners)).credential_id, Form.JSONLD
    ),
    "list": lambda rt, tenant: reading.list_credentials(rt, tenant.caller, Filter(), cursor=None, limit=20),
    "record": _record,
    "release what is due": lambda rt, _: releasing.release_due(rt, actor="cli:test"),
    "expire what is due": lambda rt, _: expiring.expire_due(rt, actor="cli:test"),
}


@pytest.fixture
def crowded(any_rt, monkeypatch):
    """An issuer among thousands of credentials."""
    monkeypatch.syspath_prepend(ROOT)
    tenant = found(any_rt)
    publish(any_rt, tenant)
    for _ in range(3):
        award(any_rt, tenant, next(_learners))
    any_rt.db.close()
    url = any_rt.db.engine.url.render_as_string(hide_password=False)
    importlib.import_module("benchmarks.background").fill(url, STRANGERS)
    publish(any_rt, tenant, key="debate", suspendable=True)
    return tenant


def test_none_of_these_use_cases_reads_a_table_from_end_to_end(any_rt, crowded):
    reads = _reads_of_sqlite if any_rt.db.is_sqlite else _reads_of_postgresql
    for use in USES.values():
        use(any_rt, crowded)  # what is looked up once
    assert {
        name: far for name, use in USES.items() if (far := reads(any_rt, lambda use=use: use(any_rt, crowded)))
    } == {}


def _reads_of_postgresql(rt: Runtime, use: Callable[[], object]) -> dict[str, int]:
    """Give the tables of which many rows were read, with their number."""
    before = _rows_read(rt)
    use()
    after = _rows_read(rt)
    return {table: rows for table in after if (rows := after[table] - before[table]) > FEW}


def _rows_read(rt: Runtime) -> dict[str, int]:
    rt.db.close()  # a session tells what it read when it ends
    asked = sa.text("SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables")
    others = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    with rt.db.engine.connect() as connection:
        while connection.scalar(others):
            connection.rollback()
        connection.rollback()
        return dict(connection.execute(asked).all())


def _reads_of_sqlite(rt: Runtime, use: Callable[[], object]) -> list[str]:
    """Give the statements that look through a table, or an index, from end to end."""
    asked: dict[str, None] = {}

    def trace(driver, _):
        driver.set_trace_callback(asked.setdefault)

    rt.db.close()
    sa.event.listen(rt.db.engine, "connect", trace)
    try:
        use()
    finally:
        sa.event.remove(rt.db.engine, "connect", trace)
        rt.db.close()
    with rt.db.engine.connect() as connection:
        return [text for text in asked if _looks_through(connection, text)]


def _looks_through(connection: sa.Connection, text: str) -> list[str]:
    if not text.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
        return []
    plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + text).all()
    return [step.detail for step in plan if step.detail.startswith("SCAN") and step.detail.split()[1] in LARGE]
