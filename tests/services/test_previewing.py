"""A preview says who would gain and who would lose, writes nothing, and is what publishing then does."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from functools import cache

import pytest

from ler_issuer.errors import Conflict, Unacceptable
from ler_issuer.services import back_awarding, merging, people, previewing, releasing, revoking, stacks
from ler_issuer.services.admitting import Publication
from ler_issuer.services.marking import Reason
from ler_issuer.stacking import StackDefinition
from ler_issuer.stacking.versions import Transition
from ler_issuer.store import awards, cases, learners
from records import discrepancies, everything, learner_of
from stacks import NOBODY, all_of, competency, earn, holding, rule, skill
from world import World, found, runtime

PIN, MIGRATE = Publication(), Publication(Transition.MIGRATE)
GRACE = Publication(Transition.GRACE, datetime(2027, 1, 1, tzinfo=UTC))
ONCE, TWICE, THRICE = (holding("writing", times=times) for times in (1, 2, 3))


@pytest.fixture(autouse=True)
def _few_at_a_time(monkeypatch):
    monkeypatch.setattr(previewing, "CHUNK", 2)
    monkeypatch.setattr(back_awarding, "CHUNK", 3)


def start(rt):
    made = found(rt)
    for key in ("writing", "speaking"):
        skill(rt, made, key)
    for key in ("writer", "author", "laureate"):
        competency(rt, made, key)
    return made


@pytest.fixture
def tenant(rt):
    return start(rt)


def definition(tree, key="writer", **changes):
    said = {"key": key, "achievement": key, "rule": tree, "examples": [NOBODY]}
    return StackDefinition.model_validate(said | changes)


def write(rt, tenant, learner, times=1, unit=None, **changes):
    """Let a learner earn writing so many times, in courses of a unit; give the learner's id."""
    if unit is not None:
        course = {"source_id": f"course of {unit}", "unit": {"source_id": unit, "name": unit}}
        changes["section"] = {"source_id": f"section of {unit}", "course": course}
    for number in range(times):
        receipt = earn(rt, tenant, "writing", learner, assessment=f"essay-{number}", **changes)
    return learner_of(rt, receipt.result_id).id


def preview(rt, tenant, *wanted, how=PIN):
    return previewing.preview_file(rt, tenant.caller, wanted, how)


def gains(found_changes):
    return {(one.learner_id, one.achievement) for one in found_changes.gain}


def losses(found_changes):
    return {(one.learner_id, one.achievement, one.policy) for one in found_changes.lose}


def publish(rt, tenant, *wanted, how=PIN):
    """Publish and apply rules; give who gained what, and who lost what by which policy."""
    had, known = stack_awards(rt), case_of(rt)
    for _, run_id in stacks.publish_file(rt, tenant.caller, wanted, how):
        back_awarding.go_on(rt, run_id)
    return stack_awards(rt) - had, {told for case_id, told in case_of(rt).items() if case_id not in known}


def stack_awards(rt):
    """Give (root, key) of every stacked award that is out or waits."""
    with rt.db.read() as db:
        return {
            (learners.root_of(db, one.learner_id), one.basis.removeprefix("stack:"))
            for learner in learners.everyone(db)
            for one in awards.of_learner(db, [learner])
            if one.basis.startswith("stack:") and one.state != "withdrawn"
        }


def case_of(rt):
    """Give (learner, key, policy) of every case that was ever opened, by case."""
    with rt.db.read() as db:
        return {
            one.id: (one.learner_id, awards.get(db, award.id).basis.removeprefix("stack:"), one.policy)
            for learner in learners.everyone(db)
            for award in awards.of_learner(db, [learner])
            for one in cases.of_award(db, award.id)
        }


# ── What it says ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_lists_who_would_gain_and_writes_nothing(any_rt):
    rt, tenant = any_rt, start(any_rt)
    ada = write(rt, tenant, "ada@b.c", times=2)
    write(rt, tenant, "bob@b.c")
    before = everything(rt)

    found_changes = preview(rt, tenant, definition(TWICE))

    assert (found_changes.learners, gains(found_changes), found_changes.lose) == (2, {(ada, "writer")}, [])
    assert (found_changes.gain[0].rule, found_changes.gain[0].version) == ("writer", 1)
    assert everything(rt) == before


def test_it_lists_who_would_lose_and_by_which_policy(any_rt):
    rt, tenant = any_rt, start(any_rt)
    ada = write(rt, tenant, "ada@b.c", times=2)
    write(rt, tenant, "bob@b.c", times=3)
    rule(rt, tenant, "writer", TWICE, policy="review")
    stricter = definition(THRICE, policy="revoke")

    assert losses(preview(rt, tenant, stricter, how=MIGRATE)) == {(ada, "writer", "review")}
    for how in (PIN, GRACE):
        assert preview(rt, tenant, stricter, how=how).lose == []


def test_it_counts_by_achievement_and_by_unit(any_rt):
    rt, tenant = any_rt, start(any_rt)
    write(rt, tenant, "ada@b.c", unit="Biology")
    write(rt, tenant, "bob@b.c", unit="Biology")
    write(rt, tenant, "cyd@b.c")
    found_changes = preview(rt, tenant, definition(ONCE), definition(holding("writer"), "author"))

    assert found_changes.by_achievement == {"author": {"gain": 3, "lose": 0}, "writer": {"gain": 3, "lose": 0}}
    assert found_changes.by_unit == {"Biology": {"gain": 4, "lose": 0}, "unknown": {"gain": 2, "lose": 0}}


def test_the_unit_is_that_of_the_last_part(rt, tenant):
    write(rt, tenant, "ada@b.c", unit="Biology", assessed_at="2026-05-01")
    earn(
        rt,
        tenant,
        "speaking",
        "ada@b.c",
        assessed_at="2026-04-01",
        section={"source_id": "s", "course": {"source_id": "c", "unit": {"source_id": "Rhetoric"}}},
    )

    assert list(preview(rt, tenant, definition(all_of(holding("writing"), holding("speaking")))).by_unit) == ["Biology"]


def test_progress_is_told(rt, tenant):
    for number in range(5):
        write(rt, tenant, f"{number}@b.c")
    told = []

    previewing.preview_file(rt, tenant.caller, [definition(ONCE)], PIN, told=lambda *far: told.append(far))

    assert told == [(0, 5), (2, 5), (4, 5), (5, 5)]


def test_a_draft_is_previewed_by_its_rule(rt, tenant):
    ada = write(rt, tenant, "ada@b.c")
    drafted = stacks.draft(rt, tenant.caller, definition(ONCE))

    assert gains(previewing.preview(rt, tenant.caller, drafted.id, PIN)) == {(ada, "writer")}
    stacks.publish(rt, tenant.caller, drafted.id, PIN)
    with pytest.raises(Conflict):
        previewing.preview(rt, tenant.caller, drafted.id, PIN)


def test_what_cannot_be_published_cannot_be_previewed(rt, tenant):
    write(rt, tenant, "ada@b.c")

    with pytest.raises(Unacceptable):
        preview(rt, tenant, definition(ONCE, examples=[]))
    with pytest.raises(Unacceptable):
        preview(rt, tenant, definition(holding("author")), definition(holding("writer"), "author"))


def test_what_stands_published_already_changes_nothing(rt, tenant):
    write(rt, tenant, "ada@b.c", times=2)
    rule(rt, tenant, "writer", TWICE)

    assert preview(rt, tenant, definition(TWICE)).learners == 0


# ── It is what publishing does ───────────────────────────────────────────────────────────────────────────────────────
def history(rt, tenant, policy):
    """Let people of all kinds have earned parts, and some of them stacks on two floors."""
    caller = tenant.caller
    rule(rt, tenant, "writer", TWICE, policy=policy)
    rule(rt, tenant, "author", all_of(holding("writer"), holding("speaking")), policy=policy)
    for number in range(1, 5):
        write(rt, tenant, f"{number}@b.c", times=number)
        earn(rt, tenant, "speaking", f"{number}@b.c")
    one, two = write(rt, tenant, "ada@b.c"), write(rt, tenant, "lovelace@b.c", times=2)
    merging.merge(rt, caller, two, one)
    held = write(rt, tenant, "held@b.c")
    earn(rt, tenant, "speaking", "held@b.c")
    releasing.hold(rt, caller, held, "fees")
    write(rt, tenant, "held@b.c", times=2)
    taken = earn(rt, tenant, "writing", "taken@b.c", assessment="essay-0").credential_id
    write(rt, tenant, "taken@b.c", times=2)
    revoking.revoke(rt, caller, taken, Reason("misconduct"))
    write(rt, tenant, "late@b.c", assessed_at="2026-06-01T12:00:00Z")
    for name, year in (("early@b.c", "2025-26"), ("next@b.c", "2026-27")):
        enrol(rt, tenant, write(rt, tenant, name), year)


def enrol(rt, tenant, learner_id, year):
    programme = people.Programme("BIO", "Biology", year, None, None)
    people.set_enrolments(rt, tenant.caller, learner_id, people.Enrolments((programme,)))


@pytest.fixture(scope="module")
def histories(sqlite_template, tmp_path_factory):
    """Databases with a history, by policy; each is made once."""
    folder = tmp_path_factory.mktemp("histories")

    @cache
    def of(policy):
        file = shutil.copyfile(sqlite_template, folder / f"{policy}.sqlite")
        rt = runtime(f"sqlite:///{file}", World(), "http://127.0.0.1:1")
        tenant = start(rt)
        history(rt, tenant, policy)
        rt.db.close()
        return file, tenant

    return of


@pytest.fixture
def past(histories, tmp_path):
    """Give a runtime of the test's own on a history, and its issuer: ``past(policy)``."""
    opened = []

    def copied(policy):
        file, tenant = histories(policy)
        copy = shutil.copyfile(file, tmp_path / "past.sqlite")
        opened.append(runtime(f"sqlite:///{copy}", World(), "http://127.0.0.1:1"))
        return opened[-1], tenant

    yield copied
    for one in opened:
        one.db.close()


LAUREATE = definition(all_of(holding("author"), {"type": "none", "rules": [holding("speaking", times=2)]}), "laureate")


@pytest.mark.parametrize(
    ("how", "policy"),
    [(PIN, "review"), (GRACE, "review"), (MIGRATE, "revoke")],
    ids=["pin", "grace", "migrate"],
)
@pytest.mark.parametrize(
    "wanted",
    [
        [definition(ONCE)],
        [definition(THRICE)],
        [definition(all_of(ONCE, holding("speaking")))],
        [definition(ONCE), LAUREATE],
        [definition(ONCE, catalog_year="2026")],
        [definition(holding("writer"), "author"), LAUREATE],
    ],
    ids=["easier", "harder", "other", "with stacks on it", "for newcomers", "upper floors"],
)
def test_a_preview_is_what_publishing_then_does(past, policy, how, wanted):
    rt, tenant = past(policy)
    if how is not PIN:
        wanted = [one.model_copy(update={"catalog_year": None}) for one in wanted]
    foreseen = preview(rt, tenant, *wanted, how=how)

    gained, lost = publish(rt, tenant, *wanted, how=how)

    assert gains(foreseen) == gained
    assert losses(foreseen) == lost
    assert discrepancies(rt) == []


@pytest.mark.parametrize("policy", ["keep", "review"])
def test_so_it_is_with_other_policies(past, policy):
    rt, tenant = past(policy)
    stricter = definition(THRICE, policy="revoke")
    foreseen = preview(rt, tenant, stricter, how=MIGRATE)

    assert publish(rt, tenant, stricter, how=MIGRATE)[1] == losses(foreseen) != set()


def test_those_examples_are_not_empty(past):
    rt, tenant = past("revoke")

    assert len(preview(rt, tenant, definition(ONCE), LAUREATE, how=MIGRATE).gain) > 5
    assert {one.achievement for one in preview(rt, tenant, definition(THRICE), how=MIGRATE).lose} == {
        "writer",
        "author",
    }
    assert len(preview(rt, tenant, definition(ONCE, catalog_year="2026")).gain) > 0
