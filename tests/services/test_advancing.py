"""Stacks follow what a learner holds: awarded with the last part, once, derived from exactly the parts that counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ler_issuer.assessments import Result
from ler_issuer.badges import derivation_of, part_digest
from ler_issuer.services import auditing, expiring, releasing, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.services.taking import record_batch
from ler_issuer.store import credentials, journal, learners
from stacks import all_of, competency, earn, holding, rule, skill
from world import found, result

COMMUNICATOR = all_of(holding("writing", times=2), holding("speaking"))


@pytest.fixture
def tenant(any_rt):
    return found(any_rt)


@pytest.fixture
def rt(any_rt, tenant):
    """Writing twice and speaking once make a communicator, and that alone a graduate."""
    for key in ("writing", "speaking", "counting"):
        skill(any_rt, tenant, key)
    for key in ("communicator", "graduate"):
        competency(any_rt, tenant, key, suspendable=True)
    rule(any_rt, tenant, "communicator", COMMUNICATOR)
    rule(any_rt, tenant, "graduate", holding("communicator"))
    return any_rt


def held(rt, learner="ada@example.edu"):
    """Give the learner's credentials by achievement name, each with its state and document."""
    with rt.db.read() as db:
        known = [one for one in learners.everyone(db) if learners.identifiers_of(db, one)[0].value == learner]
        found: dict[str, list] = {}
        for one in sorted(credentials.of_learner(db, known), key=lambda one: (one.created_at, one.replaces_id or "")):
            document = json.loads(one.body)
            found.setdefault(document["name"], []).append((one.state, document))
        return found


def states(rt, name, learner="ada@example.edu"):
    return [state for state, _ in held(rt, learner).get(name, [])]


def events(rt, tenant):
    with rt.db.read() as db:
        return [one.type for one in journal.events(db, tenant.issuer.id, after=0, limit=1_000)]


class TestAwarding:
    def test_the_last_part_brings_the_stack_and_the_stack_on_it(self, rt, tenant):
        earn(rt, tenant, "writing")
        earn(rt, tenant, "speaking")
        assert not states(rt, "Communicator")

        earn(rt, tenant, "writing")

        assert states(rt, "Communicator") == states(rt, "Graduate") == ["current"]

    def test_it_is_awarded_once_whatever_follows(self, rt, tenant):
        for key in ("writing", "speaking", "writing", "writing", "speaking", "counting"):
            earn(rt, tenant, key)

        assert states(rt, "Communicator") == states(rt, "Graduate") == ["current"]
        assert events(rt, tenant).count("award.award") == 8

    def test_parts_of_others_do_not_count(self, rt, tenant):
        earn(rt, tenant, "writing")
        earn(rt, tenant, "writing")
        earn(rt, tenant, "speaking", "bob@example.edu")

        assert not states(rt, "Communicator")
        assert not states(rt, "Communicator", "bob@example.edu")

    def test_the_whole_can_come_in_one_batch(self, rt, tenant):
        batch = [Result.model_validate(result(achievement=key)) for key in ("speaking", "writing", "writing")]

        record_batch(rt, tenant.caller, batch)

        assert states(rt, "Graduate") == ["current"]

    def test_it_is_earned_when_its_last_part_was_and_valid_from_now(self, rt, tenant):
        earn(rt, tenant, "writing", assessed_at="2025-03-01T10:00:00Z")
        earn(rt, tenant, "writing", assessed_at="2025-04-01T10:00:00Z")
        earn(rt, tenant, "speaking", assessed_at="2025-02-01T10:00:00Z")

        [(_, document)] = held(rt)["Communicator"]

        assert document["awardedDate"] == "2025-04-01T10:00:00Z"
        assert document["validFrom"] == rt.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def test_a_hold_makes_the_stack_wait_and_lifting_it_brings_it(self, rt, tenant):
        earn(rt, tenant, "writing")
        earn(rt, tenant, "writing")
        with rt.db.read() as db:
            [learner] = learners.everyone(db)
        earn(rt, tenant, "counting")
        releasing.hold(rt, tenant.caller, learner, "fees")
        earn(rt, tenant, "speaking")
        assert not states(rt, "Communicator")

        releasing.lift(rt, tenant.caller, learner)

        assert states(rt, "Communicator") == states(rt, "Graduate") == ["current"]
        assert not auditing.replay(rt).discrepancies

    def test_a_stack_that_waited_for_an_embargo_brings_the_stack_on_it(self, rt, tenant, world):
        competency(rt, tenant, "artist", release_at="2026-06-02T00:00:00Z")
        competency(rt, tenant, "master")
        rule(rt, tenant, "artist", holding("counting"))
        rule(rt, tenant, "master", holding("artist"))
        earn(rt, tenant, "counting")
        assert not states(rt, "Artist")

        world.wait(days=1)
        releasing.release_due(rt, actor="system:test")

        assert states(rt, "Artist") == states(rt, "Master") == ["current"]
        assert not auditing.replay(rt).discrepancies

    def test_a_part_from_a_machine_whose_clock_is_ahead_counts(self, rt, tenant, world):
        earn(rt, tenant, "writing")
        earn(rt, tenant, "writing")
        world.wait(seconds=2)
        earn(rt, tenant, "speaking", "bob@example.edu")
        earn(rt, tenant, "writing", "bob@example.edu")
        world.wait(seconds=-2)

        earn(rt, tenant, "writing", "bob@example.edu")

        assert states(rt, "Communicator", "bob@example.edu") == ["current"]
        assert not auditing.replay(rt).discrepancies

    def test_a_result_from_a_clock_ahead_of_ours_counts(self, rt, tenant):
        earn(rt, tenant, "writing", assessed_at="2026-06-01T12:03:00Z")
        earn(rt, tenant, "writing")
        earn(rt, tenant, "speaking")

        assert states(rt, "Communicator") == ["current"]
        assert not auditing.replay(rt).discrepancies


class TestDerivation:
    def test_it_names_the_parts_the_rule_and_the_time(self, rt, tenant):
        for key in ("writing", "counting", "writing", "speaking"):
            earn(rt, tenant, key)
        parts = {one["id"]: one for name in ("Writing", "Speaking") for _, one in held(rt)[name]}

        [(_, document)] = held(rt)["Communicator"]
        derived = derivation_of(document)

        assert {one.id: one.digest for one in derived.parts} == {one: part_digest(parts[one]) for one in parts}
        assert [len(one.parts) for one in derived.requirements] == [2, 1]
        assert derived.rule.endswith("/versions/1")
        assert derived.evaluated_at == datetime(2026, 6, 1, 12, tzinfo=UTC)

    def test_only_what_was_needed_is_named(self, rt, tenant):
        for _ in range(4):
            earn(rt, tenant, "writing")
        earn(rt, tenant, "speaking")

        [(_, document)] = held(rt)["Communicator"]

        assert len(derivation_of(document).parts) == 3


class TestLosing:
    """With the policy of a rule that says nothing: review."""

    def stacked(self, rt, tenant):
        receipts = [earn(rt, tenant, key) for key in ("writing", "writing", "speaking")]
        return [one.credential_id for one in receipts]

    def test_a_stack_is_awarded_again_when_its_facts_come_back(self, rt, tenant):
        *_, spoken = self.stacked(rt, tenant)
        revoking.revoke(rt, tenant.caller, spoken, Reason("error"))
        assert states(rt, "Communicator") == ["current"]  # under review
        assert events(rt, tenant).count("case.opened") == 1

        earn(rt, tenant, "speaking")

        assert states(rt, "Communicator") == ["current"]
        assert not auditing.replay(rt).discrepancies

    def test_a_part_that_is_reinstated_closes_the_case(self, rt, tenant):
        skill(rt, tenant, "drawing", suspendable=True)
        competency(rt, tenant, "artist", suspendable=True)
        rule(rt, tenant, "artist", holding("drawing"), policy="suspend")
        drawn = earn(rt, tenant, "drawing").credential_id

        revoking.suspend(rt, tenant.caller, drawn, Reason("appeal"))
        assert states(rt, "Artist") == ["suspended"]
        revoking.reinstate(rt, tenant.caller, drawn, Reason("appeal_won"))

        assert states(rt, "Artist") == ["current"]
        assert events(rt, tenant)[-1] == "case.resolved"
        assert not auditing.replay(rt).discrepancies

    def test_a_part_that_expires_is_acted_on_once(self, rt, tenant, world):
        skill(rt, tenant, "first-aid", validity={"months": 1})
        competency(rt, tenant, "helper", suspendable=True)
        rule(rt, tenant, "helper", holding("first-aid"), policy="suspend")
        earn(rt, tenant, "first-aid", assessed_at="2026-05-20T10:00:00Z")
        assert (states(rt, "Helper"), expiring.expire_due(rt, actor="system:test")) == (["current"], 0)

        world.wait(days=30)

        assert expiring.expire_due(rt, actor="system:test") == 1
        assert states(rt, "Helper") == ["suspended"]
        assert expiring.expire_due(rt, actor="system:test") == 0
        assert not auditing.replay(rt).discrepancies

    def test_the_replay_names_what_the_expiry_should_have_brought(self, rt, tenant, world):
        skill(rt, tenant, "first-aid", validity={"months": 1})
        competency(rt, tenant, "helper")
        rule(rt, tenant, "helper", holding("first-aid"))
        earn(rt, tenant, "first-aid", assessed_at="2026-05-20T10:00:00Z")
        world.wait(days=30)

        assert [one.code for one in auditing.replay(rt).discrepancies] == ["unsupported"]

        expiring.expire_due(rt, actor="system:test")
        assert not auditing.replay(rt).discrepancies

    def test_a_better_attempt_at_a_part_changes_nothing(self, rt, tenant):
        skill(rt, tenant, "drawing", better_attempt="replace")
        competency(rt, tenant, "artist")
        rule(rt, tenant, "artist", holding("drawing"), policy="revoke")
        earn(rt, tenant, "drawing", assessment="sketch", attempt=1)

        earn(rt, tenant, "drawing", assessment="sketch", attempt=2, assessed_at="2026-05-09T10:00:00Z")

        assert states(rt, "Drawing") == ["superseded", "current"]
        assert states(rt, "Artist") == ["current"]
        assert "case.opened" not in events(rt, tenant)
        assert not auditing.replay(rt).discrepancies

    def test_what_a_person_revoked_does_not_come_back_by_itself(self, rt, tenant):
        self.stacked(rt, tenant)
        with rt.db.read() as db:
            stack = next(one for one in credentials.everyone(db) if json.loads(one.body)["name"] == "Communicator")
        revoking.revoke(rt, tenant.caller, stack.id, Reason("fraud"))

        earn(rt, tenant, "writing")
        earn(rt, tenant, "speaking")

        assert states(rt, "Communicator") == ["revoked"]
        assert not auditing.replay(rt).discrepancies
