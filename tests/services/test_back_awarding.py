"""Applying what was published to those who earned its parts before: some at a time, once, whoever is killed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from ler_issuer.services import advancing, back_awarding, merging, previewing, recognising, stacks
from ler_issuer.services.admitting import Publication
from ler_issuer.stacking import RecognitionKind, StackDefinition
from ler_issuer.stacking.versions import Transition
from ler_issuer.store import back_awards, stacking, tables
from records import count, deeds, discrepancies, document, learner_of, value
from stacks import NOBODY, all_of, competency, earn, holding, rule, skill
from world import found

WRITER = holding("writing", times=2)


@pytest.fixture(autouse=True)
def _few_at_a_time(monkeypatch):
    monkeypatch.setattr(back_awarding, "CHUNK", 2)


def start(rt):
    tenant = found(rt)
    skill(rt, tenant, "writing")
    competency(rt, tenant, "writer")
    return tenant


def write(rt, tenant, learner, times=1):
    """Let a learner earn writing so many times; give the learner."""
    for number in range(times):
        receipt = earn(rt, tenant, "writing", learner, assessment=f"essay-{number}")
    return learner_of(rt, receipt.result_id)


def published(rt, tenant, tree=WRITER, how=Publication(), **changes):  # noqa: B008 - frozen
    """Publish a rule without applying it yet; give its run."""
    said = {"key": "writer", "achievement": "writer", "rule": tree, "examples": [NOBODY], **changes}
    [(_, run_id)] = stacks.publish_file(rt, tenant.caller, [StackDefinition.model_validate(said)], how)
    return run_id


def stacked(rt):
    """Count the credentials that a rule made."""
    return count(rt, tables.award, tables.award.c.basis.startswith("stack:"), tables.award.c.state == "issued")


def run(rt, run_id):
    with rt.db.read() as db:
        return back_awards.get(db, run_id)


def test_who_earned_the_parts_before_is_awarded(any_rt):
    tenant = start(any_rt)
    for number in range(5):
        write(any_rt, tenant, f"{number}@b.c", times=1 + number % 2)
    told = []

    done = back_awarding.go_on(any_rt, published(any_rt, tenant), told=told.append)

    assert (done.state, done.total, done.done, done.awarded, done.cases) == ("done", 5, 5, 2, 0)
    assert [one.done for one in told] == [2, 4, 5]
    assert done.finished_at == any_rt.now()
    assert stacked(any_rt) == 2
    assert discrepancies(any_rt) == []
    assert deeds(any_rt, tenant.caller, "rule.")[-1] == "rule.back_awarded"


def test_whoever_comes_next_goes_on_where_it_stopped(rt, monkeypatch):
    tenant = start(rt)
    for number in range(6):
        write(rt, tenant, f"{number}@b.c", times=2)
    run_id = published(rt, tenant)
    looked_at = []
    advance_rule = advancing.advance_rule

    def killed(db, rt, press, learner_id, rule_id, cause, *, question):
        looked_at.append(learner_id)
        if len(looked_at) == 4:
            raise KeyboardInterrupt
        return advance_rule(db, rt, press, learner_id, rule_id, cause, question=question)

    monkeypatch.setattr(advancing, "advance_rule", killed)
    with pytest.raises(KeyboardInterrupt):
        back_awarding.go_on(rt, run_id)
    half = run(rt, run_id)
    assert (half.state, half.done, half.awarded, stacked(rt)) == ("running", 2, 2, 2)

    monkeypatch.setattr(advancing, "advance_rule", advance_rule)
    assert back_awarding.go_on_with_all(rt, until=lambda: False) == 4
    assert run(rt, run_id).state == "done"
    assert stacked(rt) == 6
    assert discrepancies(rt) == []


def test_publishing_again_goes_on_too(rt):
    tenant = start(rt)
    for number in range(3):
        write(rt, tenant, f"{number}@b.c", times=2)
    run_id = published(rt, tenant)

    assert published(rt, tenant) == run_id
    assert back_awarding.go_on(rt, run_id, learners_at_most=2).state == "running"
    assert back_awarding.go_on(rt, published(rt, tenant)).state == "done"
    assert stacked(rt) == 3


def test_two_processes_take_turns(any_rt):
    tenant = start(any_rt)
    for number in range(9):
        write(any_rt, tenant, f"{number}@b.c", times=2)
    run_id = published(any_rt, tenant)
    begin = threading.Barrier(3)

    def go_on():
        begin.wait()
        return back_awarding.go_on(any_rt, run_id)

    with ThreadPoolExecutor(3) as crowd:
        ended = [one.result() for one in [crowd.submit(go_on) for _ in range(3)]]

    assert {one.state for one in ended} == {"done"}
    assert (run(any_rt, run_id).done, run(any_rt, run_id).awarded, stacked(any_rt)) == (9, 9, 9)
    assert deeds(any_rt, tenant.caller, "rule.back_awarded") == ["rule.back_awarded"]
    assert discrepancies(any_rt) == []


def test_the_worker_may_be_told_to_stop(rt):
    tenant = start(rt)
    for number in range(5):
        write(rt, tenant, f"{number}@b.c", times=2)
    run_id = published(rt, tenant)
    answers = iter([False, True])

    assert back_awarding.go_on_with_all(rt, until=lambda: next(answers)) == 2
    assert run(rt, run_id).state == "running"


def test_a_run_that_fails_keeps_no_other_waiting(rt, monkeypatch):
    tenant = start(rt)
    skill(rt, tenant, "speaking")
    competency(rt, tenant, "speaker")
    write(rt, tenant, "ada@b.c", times=2)
    earn(rt, tenant, "speaking", "ada@b.c")
    failing = published(rt, tenant)
    fine = published(rt, tenant, holding("speaking"), key="speaker", achievement="speaker")
    advance_rule = advancing.advance_rule

    def broken(db, rt, press, learner_id, rule_id, cause, *, question):
        if stacking.get(db, rule_id).key == "writer":
            raise RuntimeError("broken")
        return advance_rule(db, rt, press, learner_id, rule_id, cause, question=question)

    monkeypatch.setattr(advancing, "advance_rule", broken)
    with pytest.raises(RuntimeError):
        back_awarding.go_on_with_all(rt, until=lambda: False)

    assert (run(rt, failing).state, run(rt, fine).state) == ("running", "done")


def test_only_the_first_learners_are_looked_at_before_an_answer(rt, monkeypatch):
    monkeypatch.setattr(back_awarding, "AT_ONCE", 4)
    tenant = start(rt)
    for number in range(7):
        write(rt, tenant, f"{number}@b.c", times=2)
    said = {"key": "writer", "achievement": "writer", "rule": WRITER, "examples": [NOBODY]}
    drafted = stacks.draft(rt, tenant.caller, StackDefinition.model_validate(said))

    done = stacks.publish(rt, tenant.caller, drafted.id, Publication())

    assert (done.back_award.state, done.back_award.done, done.back_award.total) == ("running", 4, 7)
    back_awarding.go_on_with_all(rt, until=lambda: False)
    [ended] = stacks.back_awards_of(rt, tenant.caller, drafted.id)
    assert (ended.version, ended.state, ended.done, stacked(rt)) == (1, "done", 7, 7)


def test_a_new_version_takes_over_what_the_one_before_left(rt):
    tenant = start(rt)
    for number in range(5):
        write(rt, tenant, f"{number}@b.c", times=2)
    first = published(rt, tenant)
    back_awarding.go_on(rt, first, learners_at_most=2)
    second = published(rt, tenant, review_days=7)

    assert run(rt, first).state == "overtaken"
    assert back_awarding.go_on(rt, first).state == "overtaken"
    assert back_awarding.go_on(rt, second).awarded == 3
    assert stacked(rt) == 5


def test_retiring_ends_it(rt):
    tenant = start(rt)
    write(rt, tenant, "ada@b.c", times=2)
    run_id = published(rt, tenant)
    with rt.db.read() as db:
        (one,) = stacking.published(db, tenant.issuer.id)
    stacks.retire(rt, tenant.caller, one.id)

    assert back_awarding.go_on(rt, run_id).state == "overtaken"
    assert stacked(rt) == 0


def test_only_whom_the_rule_may_concern_is_looked_at(rt):
    tenant, other = start(rt), found(rt, "chemistry")
    skill(rt, tenant, "speaking")
    skill(rt, other, "writing")
    write(rt, tenant, "ada@b.c")
    write(rt, other, "bob@b.c")
    earn(rt, tenant, "speaking", "cyd@b.c")

    assert back_awarding.go_on(rt, published(rt, tenant)).total == 1
    everything = {"type": "sum", "of": "hours", "minimum": 1000}
    assert back_awarding.go_on(rt, published(rt, tenant, everything)).total == 2


def test_who_was_looked_at_is_pinned(any_rt):
    rt, tenant = any_rt, start(any_rt)
    learner = write(rt, tenant, "ada@b.c")
    rule(rt, tenant, "writer", WRITER)

    def pin():
        row = tables.stacking_pin.c
        version = value(rt, row.rule_version_id, row.learner_id == learner.id)
        with rt.db.read() as db:
            return stacking.version(db, version).version, value(rt, row.because, row.learner_id == learner.id)

    assert pin() == (1, "first_holding")
    rule(rt, tenant, "writer", holding("writing"))
    assert (pin(), stacked(rt)) == ((1, "first_holding"), 0)
    write(rt, tenant, "bob@b.c")
    assert stacked(rt) == 0  # what bob was assessed on lies before the new version
    earn(rt, tenant, "writing", "cyd@b.c", assessed_at="2026-06-01T12:00:00Z")
    assert stacked(rt) == 1
    rule(rt, tenant, "writer", holding("writing"), transition="migrate")
    assert (pin(), stacked(rt)) == ((3, "first_holding"), 3)
    assert discrepancies(rt) == []


def test_a_grace_period_lets_the_new_version_do_at_once(rt, world):
    tenant = start(rt)
    write(rt, tenant, "ada@b.c")
    run_id = published(rt, tenant)
    back_awarding.go_on(rt, run_id)
    until = datetime(2026, 7, 1, tzinfo=UTC)
    how = Publication(Transition.GRACE, until)

    assert back_awarding.go_on(rt, published(rt, tenant, holding("writing"), how)).awarded == 1
    write(rt, tenant, "bob@b.c", times=2)
    assert stacked(rt) == 2
    world.time = until
    stricter = published(rt, tenant, holding("writing", times=3), Publication(Transition.PIN))
    back_awarding.go_on(rt, stricter)
    write(rt, tenant, "cyd@b.c")
    assert stacked(rt) == 3  # the version of the grace period, alone by now


@pytest.mark.parametrize(("transition", "cases"), [("pin", 0), ("migrate", 1)])
def test_only_a_migration_questions_what_is_out(rt, transition, cases):
    tenant = start(rt)
    write(rt, tenant, "ada@b.c", times=2)
    rule(rt, tenant, "writer", WRITER, policy="review")
    assert stacked(rt) == 1

    stricter = published(rt, tenant, holding("writing", times=3), Publication(Transition(transition)))
    done = back_awarding.go_on(rt, stricter)

    assert (done.cases, count(rt, tables.review_case)) == (cases, cases)
    assert stacked(rt) == 1


def test_a_person_of_two_learners_is_looked_at_as_one(rt):
    tenant = start(rt)
    one = write(rt, tenant, "ada@b.c")
    two = learner_of(rt, earn(rt, tenant, "writing", "lovelace@b.c", assessment="poem").result_id)
    merging.merge(rt, tenant.caller, two.id, one.id)

    done = back_awarding.go_on(rt, published(rt, tenant))

    assert (done.done, done.awarded, stacked(rt)) == (2, 1, 1)
    holder = tables.award.c.basis.startswith("stack:")
    assert value(rt, tables.award.c.learner_id, holder) == one.id


def test_what_was_recognised_in_the_place_of_anothers_achievement_counts(rt):
    tenant, other = start(rt), found(rt, "chemistry")
    theirs = skill(rt, other, "lyric")
    badge = document(rt, earn(rt, other, "lyric", "ada@b.c").credential_id)
    ada = write(rt, tenant, "ada@b.c")
    earned_at = datetime(2026, 5, 4, tzinfo=UTC)
    claim = recognising.Claim(RecognitionKind.TRANSFER, "writing", earned_at, credential=badge)
    recognising.recognise(rt, tenant.caller, ada.id, claim)
    wanted = StackDefinition.model_validate(
        {"key": "writer", "achievement": "writer", "rule": holding(theirs.uri), "examples": [NOBODY]}
    )

    assert len(previewing.preview_file(rt, tenant.caller, [wanted], Publication()).gain) == 1
    assert back_awarding.go_on(rt, published(rt, tenant, holding(theirs.uri))).awarded == 1


def test_credentials_from_before_there_were_holdings_count(rt):
    tenant = start(rt)
    write(rt, tenant, "ada@b.c", times=2)
    with rt.db.begin() as db:
        db.run(sa.delete(tables.holding))

    assert back_awarding.go_on(rt, published(rt, tenant)).awarded == 1


@pytest.mark.postgres
def test_publishing_waits_for_those_who_are_being_issued_their_parts(pg_rt):
    tenant = start(pg_rt)
    write(pg_rt, tenant, "ada@b.c", times=1)
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE relation = 'credential'::regclass AND NOT granted")
    with ThreadPoolExecutor(1) as other:
        with pg_rt.db.begin() as db:
            db.run(sa.update(tables.credential).values(updated_at=pg_rt.now()))
            publishing = other.submit(published, pg_rt, tenant, holding("writing"))
            while not db.scalar(waiting):
                assert not publishing.done()
        run_id = publishing.result()

    assert back_awarding.go_on(pg_rt, run_id).awarded == 1


def test_stacks_on_stacks_follow(rt):
    tenant = start(rt)
    competency(rt, tenant, "author")
    write(rt, tenant, "ada@b.c", times=2)
    rule(rt, tenant, "author", all_of(holding("writer")))

    assert back_awarding.go_on(rt, published(rt, tenant)).awarded == 2
    assert stacked(rt) == 2
