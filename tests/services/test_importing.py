"""Importing rows: each with its own outcome, under one id; a rehearsal that counts alike and leaves nothing."""

from __future__ import annotations

import pytest

from ler_issuer.assessments import Result
from ler_issuer.assessments.readers import Mapped, RowError
from ler_issuer.errors import Conflict, Unacceptable
from ler_issuer.services import importing
from ler_issuer.services.importing import Plan
from ler_issuer.services.intake import Receipt
from ler_issuer.store import imports, tables
from records import count, credential, discrepancies, events, everything, result_of
from world import award, found, publish, result

PLAN = Plan("canvas", "results.csv", "f" * 64, "e" * 64, by_content=False)


@pytest.fixture
def biology(any_rt):
    """An issuer with one achievement, `teamwork`."""
    made = found(any_rt)
    publish(any_rt, made)
    return made


def row(number, learner, level="proficient", **changes):
    """Give a row that was read as a result; its identity is its number."""
    said = Result.model_validate(result(learner, level, **{"source_id": f"row-{number}"} | changes))
    return Mapped(number, number + 1, said, {"student": learner, "level": level})


def unread(number):
    return RowError(number, number + 1, "level", "unknown_value", "there is no such level", {"level": "?"})


ROWS = [
    row(1, "ada@b.c"),
    row(2, "bob@b.c", "beginning"),
    unread(3),
    row(4, "cyd@b.c", achievement="flying"),
    row(5, "bob@b.c", "exemplary", source_id="row-2", revision=2),
    row(6, "bob@b.c", "beginning", source_id="row-2", revision=1),
    row(7, "ada@b.c", result_status="withdrawn"),
    row(8, "ada@b.c", "exemplary", source_id="row-1"),
]
COUNTS = {
    "rows": 8,
    "awarded": 2,
    "not_yet": 1,
    "pending": 0,
    "superseded": 0,
    "recorded": 1,
    "duplicates": 1,
    "rejected": 3,
}


def imported(rt, tenant, rows, plan=PLAN, *, how=importing.import_results):
    """Import rows; give what it came to and what was told of each row."""
    told = []
    return how(rt, tenant.caller, plan, iter(rows), told=told.extend), told


def test_each_row_has_its_own_outcome(any_rt, biology):
    done, told = imported(any_rt, biology, ROWS)

    assert done.counts == COUNTS
    assert [row for row, _ in told] == ROWS
    answers = [answer.outcome if isinstance(answer, Receipt) else type(answer) for _, answer in told]
    assert answers == [
        "awarded", "not_yet", RowError, Unacceptable, "awarded", "not_yet", "recorded", Conflict,
    ]  # fmt: skip
    assert discrepancies(any_rt) == []


def test_everything_carries_the_id_of_its_import(any_rt, biology):
    done, told = imported(any_rt, biology, ROWS)
    receipts = [answer for _, answer in told if isinstance(answer, Receipt)]

    assert {result_of(any_rt, one.result_id).import_id for one in receipts} == {done.import_id}
    assert credential(any_rt, receipts[0].credential_id).import_id == done.import_id
    assert result_of(any_rt, receipts[0].result_id).raw == {"student": "ada@b.c", "level": "proficient"}
    assert ("import.started", done.import_id) in events(any_rt, biology.caller)


def test_the_run_is_kept(rt, tenant):
    publish(rt, tenant)
    done, _ = imported(rt, tenant, ROWS)

    with rt.db.read() as db:
        run = imports.held(db, done.import_id)
    assert (run.issuer_id, run.source, run.file_name, run.counts) == (tenant.issuer.id, "canvas", "results.csv", COUNTS)
    assert run.finished_at is not None


def test_a_second_import_changes_nothing(any_rt, biology):
    rows = [row(number, f"{number}@b.c") for number in range(3)]
    imported(any_rt, biology, rows)
    before = everything(any_rt)

    again, _ = imported(any_rt, biology, rows)

    assert (again.counts["rows"], again.counts["duplicates"], again.counts["awarded"]) == (3, 3, 0)
    changed = {name for name, rows in everything(any_rt).items() if rows != before[name]}
    assert changed == {"import_run", "event", "audit"}


def test_a_rehearsal_counts_alike_and_leaves_nothing(any_rt, biology, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 3)
    award(any_rt, biology, "ada@b.c", source_id="row-1")
    before = everything(any_rt)

    tried, told = imported(any_rt, biology, ROWS, how=importing.rehearse_import)

    assert everything(any_rt) == before
    done, really = imported(any_rt, biology, ROWS)
    assert tried.counts == done.counts
    assert [type(answer) for _, answer in told] == [type(answer) for _, answer in really]


def test_chunks_make_no_difference(rt, monkeypatch):
    counted = []
    for number, size in enumerate((1, 3, 50)):
        tenant = found(rt, f"school-{number}")
        publish(rt, tenant)
        monkeypatch.setattr(importing, "CHUNK", size)
        counted.append(imported(rt, tenant, ROWS)[0].counts)

    assert counted == [COUNTS] * 3
    assert discrepancies(rt) == []


def test_the_order_of_rows_makes_no_difference_to_what_is_earned(rt):
    rule = {"each_of": ["a", "b", "c"], "conditions": [{"type": "mean", "minimum": 40}]}
    rows = [
        row(number, f"{learner}@b.c", achievement=None, assessment=name, ratings=[], score=score)
        for number, (learner, name, score) in enumerate(
            [(who, name, score) for who, base in (("ada", 30), ("bob", 10), ("cyd", 45)) for name, score in
             (("a", base), ("b", base + 10), ("c", base + 20))]
        )
    ]  # fmt: skip
    outcomes = []
    for number, order in enumerate((rows, rows[::-1], rows[1::2] + rows[::2])):
        tenant = found(rt, f"school-{number}")
        publish(rt, tenant, rubric=None, score={}, award=rule)
        done, _ = imported(rt, tenant, order)
        outcomes.append(done.counts["awarded"])

    assert outcomes == [2, 2, 2]
    assert discrepancies(rt) == []


def test_by_content_what_changed_is_the_next_revision(rt, tenant):
    publish(rt, tenant)
    plan = Plan("canvas", "results.csv", "f" * 64, "e" * 64, by_content=True)
    imported(rt, tenant, [row(1, "ada@b.c"), row(2, "bob@b.c")], plan)

    again, told = imported(rt, tenant, [row(1, "ada@b.c"), row(2, "bob@b.c", "exemplary")], plan)

    assert (again.counts["duplicates"], again.counts["awarded"]) == (1, 1)
    assert result_of(rt, told[1][1].result_id).revision == 2
    back, _ = imported(rt, tenant, [row(2, "bob@b.c")], plan)
    assert back.counts["awarded"] == 1
    assert discrepancies(rt) == []


def test_what_is_refused_leaves_no_trace(rt, tenant):
    publish(rt, tenant)
    imported(rt, tenant, [row(1, "cyd@b.c", achievement="flying"), row(2, "dan@b.c", assessed_at="2027-01-01")])

    assert count(rt, tables.learner) == count(rt, tables.result) == 0
