"""Cases: what is opened when a part of a stack stops counting, by each policy, and what a person makes of it."""

from __future__ import annotations

import json

import pytest

from ler_issuer.errors import Conflict, Missing, Unacceptable
from ler_issuer.services import auditing, cases, expiring, revoking
from ler_issuer.services.cases import Resolution, Wanted
from ler_issuer.services.marking import Reason
from ler_issuer.store import credentials, journal
from stacks import competency, earn, holding, rule, skill
from world import found

WHY = Reason("reviewed", "seen by the committee")


@pytest.fixture
def tenant(any_rt):
    return found(any_rt)


@pytest.fixture
def rt(any_rt, tenant):
    skill(any_rt, tenant, "drawing", suspendable=True)
    competency(any_rt, tenant, "artist", suspendable=True)
    return any_rt


def stack(rt, tenant, policy, **changes):
    rule(rt, tenant, "artist", holding("drawing"), policy=policy, **changes)
    return earn(rt, tenant, "drawing").credential_id


def listed(rt, tenant, state=None, **more):
    return list(cases.list_cases(rt, tenant.caller, Wanted(state, **more), cursor=None, limit=100).items)


def states(rt, name="Artist"):
    with rt.db.read() as db:
        found = [one for one in credentials.everyone(db) if json.loads(one.body)["name"] == name]
    return [one.state for one in sorted(found, key=lambda one: (one.created_at, one.replaces_id is not None))]


def clean(rt):
    return auditing.replay(rt, verify=True).discrepancies == ()


class TestPolicies:
    def test_keep_says_so_and_closes(self, rt, tenant):
        part = stack(rt, tenant, "keep")

        revoking.revoke(rt, tenant.caller, part, Reason("error"))

        [case] = listed(rt, tenant)
        assert (case.state, case.resolution, case.resolution_code) == ("resolved", "keep", "policy")
        assert (states(rt), clean(rt)) == (["current"], True)

    def test_review_waits_for_a_person_until_a_deadline(self, rt, tenant, world):
        part = stack(rt, tenant, "review", review_days=14)

        revoking.revoke(rt, tenant.caller, part, Reason("error"))

        [case] = listed(rt, tenant, "open")
        assert (case.reason_code, (case.deadline - case.opened_at).days) == ("part_revoked", 14)
        assert case.parts == [{"credential": f"urn:uuid:{part}", "because": "part_revoked"}]
        assert (states(rt), clean(rt)) == (["current"], True)
        assert cases.tell_overdue(rt, actor="system:test") == 0
        world.wait(days=14)
        assert [cases.tell_overdue(rt, actor="system:test") for _ in range(2)] == [1, 0]
        assert listed(rt, tenant, "open")[0].overdue_at == rt.now()

    def test_suspend_suspends_until_a_person_decides(self, rt, tenant):
        part = stack(rt, tenant, "suspend")

        revoking.revoke(rt, tenant.caller, part, Reason("error"))

        assert (states(rt), len(listed(rt, tenant, "open")), clean(rt)) == (["suspended"], 1, True)

    def test_revoke_takes_it_back(self, rt, tenant):
        part = stack(rt, tenant, "revoke")

        revoking.revoke(rt, tenant.caller, part, Reason("error"))

        [case] = listed(rt, tenant)
        assert (case.state, case.resolution, case.still_met) == ("resolved", "revoke", False)
        assert (states(rt), clean(rt)) == (["revoked"], True)

    def test_revoke_issues_it_anew_when_other_parts_bear_it(self, rt, tenant):
        part = stack(rt, tenant, "revoke")
        earn(rt, tenant, "drawing")

        revoking.revoke(rt, tenant.caller, part, Reason("error"))

        [case] = listed(rt, tenant)
        assert (case.resolution, case.still_met) == ("reissue", True)
        assert (states(rt), clean(rt)) == (["revoked", "current"], True)
        with rt.db.read() as db:
            new = credentials.get(db, case.replacement_id)
        assert new.replaces_id == case.credential_id

    def test_what_was_revoked_for_its_part_comes_again_with_the_next(self, rt, tenant):
        part = stack(rt, tenant, "revoke")
        revoking.revoke(rt, tenant.caller, part, Reason("error"))

        earn(rt, tenant, "drawing")

        assert (states(rt), clean(rt)) == (["revoked", "current"], True)

    @pytest.mark.parametrize(("level", "met"), [("exemplary", True), ("beginning", False)])
    def test_a_corrected_result_opens_one_too(self, rt, tenant, level, met):
        rule(rt, tenant, "artist", holding("drawing"), policy="review")
        earn(rt, tenant, "drawing", source_id="essay")
        ratings = [{"criterion": name, "level": level} for name in ("listening", "sharing")]

        earn(rt, tenant, "drawing", source_id="essay", revision=2, ratings=ratings)

        [case] = listed(rt, tenant, "open")
        assert (case.reason_code, case.still_met) == ("part_corrected", met)
        assert (states(rt), clean(rt)) == (["current"], True)

    def test_a_stack_on_the_stack_follows(self, rt, tenant):
        competency(rt, tenant, "master", suspendable=True)
        rule(rt, tenant, "master", holding("artist"), policy="suspend")
        part = stack(rt, tenant, "suspend")

        revoking.revoke(rt, tenant.caller, part, Reason("error"))

        assert (states(rt), states(rt, "Master")) == (["suspended"], ["suspended"])
        assert {one.reason_code for one in listed(rt, tenant, "open")} == {"part_revoked", "part_suspended"}
        assert clean(rt)


class TestLosingAgain:
    def test_a_part_that_came_back_and_went_again_opens_another_case(self, rt, tenant):
        part = stack(rt, tenant, "suspend")
        revoking.suspend(rt, tenant.caller, part, Reason("appeal"))
        revoking.reinstate(rt, tenant.caller, part, Reason("appeal"))

        revoking.revoke(rt, tenant.caller, part, Reason("error"))

        assert sorted(one.state for one in listed(rt, tenant)) == ["open", "resolved"]
        assert (states(rt), clean(rt)) == (["suspended"], True)

    def test_what_was_kept_while_suspended_is_asked_again_once_revoked(self, rt, tenant):
        part = stack(rt, tenant, "review")
        revoking.suspend(rt, tenant.caller, part, Reason("appeal"))
        [case] = listed(rt, tenant, "open")
        cases.resolve(rt, tenant.caller, case.id, Resolution.KEEP, WHY)

        revoking.revoke(rt, tenant.caller, part, Reason("error"))

        assert [one.reason_code for one in listed(rt, tenant, "open")] == ["part_revoked"]

    def test_a_successor_that_expires_is_a_part_lost(self, rt, tenant, world):
        skill(rt, tenant, "first-aid", better_attempt="replace", validity={"months": 1})
        competency(rt, tenant, "helper", suspendable=True)
        rule(rt, tenant, "helper", holding("first-aid"), policy="suspend")
        for attempt, day in ((1, "2026-05-10"), (2, "2026-05-20")):
            earn(rt, tenant, "first-aid", assessment="test", attempt=attempt, assessed_at=day)
        assert states(rt, "Helper") == ["current"]

        world.wait(days=30)
        expiring.expire_due(rt, actor="system:test")

        assert (states(rt, "Helper"), clean(rt)) == (["suspended"], True)

    def test_a_suspension_by_hand_cannot_pass_for_one_of_ours(self, rt, tenant):
        stack(rt, tenant, "suspend")
        with rt.db.read() as db:
            made = next(one for one in credentials.everyone(db) if json.loads(one.body)["name"] == "Artist")

        with pytest.raises(Unacceptable, match="choose another"):
            revoking.suspend(rt, tenant.caller, made.id, Reason("part_plagiarism"))

    def test_who_reinstates_the_stack_by_hand_keeps_it(self, rt, tenant):
        part = stack(rt, tenant, "suspend")
        revoking.revoke(rt, tenant.caller, part, Reason("error"))
        [case] = listed(rt, tenant, "open")

        revoking.reinstate(rt, tenant.caller, case.credential_id, Reason("vouched"))

        assert [(one.state, one.resolution) for one in listed(rt, tenant)] == [("resolved", "keep")]
        assert (states(rt), clean(rt)) == (["current"], True)


class TestResolving:
    def opened(self, rt, tenant, policy="suspend", *, spare=False):
        part = stack(rt, tenant, policy)
        if spare:
            earn(rt, tenant, "drawing")
        revoking.revoke(rt, tenant.caller, part, Reason("error"))
        [case] = listed(rt, tenant, "open")
        return case

    def test_keep_lets_it_stand_again(self, rt, tenant):
        case = self.opened(rt, tenant)

        resolved = cases.resolve(rt, tenant.caller, case.id, Resolution.KEEP, WHY)

        assert (resolved.state, resolved.resolution, resolved.resolution_code) == ("resolved", "keep", "reviewed")
        assert resolved.note == "seen by the committee"
        assert (states(rt), clean(rt)) == (["current"], True)

    def test_what_was_kept_is_not_asked_again(self, rt, tenant):
        case = self.opened(rt, tenant)
        cases.resolve(rt, tenant.caller, case.id, Resolution.KEEP, WHY)

        earn(rt, tenant, "drawing")

        assert (listed(rt, tenant, "open"), states(rt)) == ([], ["current"])

    def test_reissue_links_the_new_one_to_the_old(self, rt, tenant):
        case = self.opened(rt, tenant, spare=True)

        resolved = cases.resolve(rt, tenant.caller, case.id, Resolution.REISSUE, WHY)

        with rt.db.read() as db:
            new = credentials.get(db, resolved.replacement_id)
        assert (new.replaces_id, new.state) == (case.credential_id, "current")
        assert (states(rt), clean(rt)) == (["revoked", "current"], True)

    def test_reissue_is_refused_without_the_parts(self, rt, tenant):
        case = self.opened(rt, tenant)

        with pytest.raises(Unacceptable, match="do not suffice"):
            cases.resolve(rt, tenant.caller, case.id, Resolution.REISSUE, WHY)

        assert listed(rt, tenant, "open") == [case]

    def test_suspend_leaves_the_case_open(self, rt, tenant):
        case = self.opened(rt, tenant, "review")

        still = cases.resolve(rt, tenant.caller, case.id, Resolution.SUSPEND, WHY)

        assert (still.state, states(rt), clean(rt)) == ("open", ["suspended"], True)
        with pytest.raises(Conflict, match="suspended already"):
            cases.resolve(rt, tenant.caller, case.id, Resolution.SUSPEND, WHY)

    def test_revoke_takes_it_back_and_new_parts_bring_it_again(self, rt, tenant):
        case = self.opened(rt, tenant, "review")

        cases.resolve(rt, tenant.caller, case.id, Resolution.REVOKE, WHY)
        assert (states(rt), clean(rt)) == (["revoked"], True)
        earn(rt, tenant, "drawing")

        assert (states(rt), clean(rt)) == (["revoked", "current"], True)

    def test_revoke_though_the_rule_is_met_is_for_good(self, rt, tenant):
        case = self.opened(rt, tenant, "review", spare=True)

        cases.resolve(rt, tenant.caller, case.id, Resolution.REVOKE, WHY)
        earn(rt, tenant, "drawing")

        assert (states(rt), clean(rt)) == (["revoked"], True)

    def test_once(self, rt, tenant):
        case = self.opened(rt, tenant)
        cases.resolve(rt, tenant.caller, case.id, Resolution.KEEP, WHY)

        with pytest.raises(Conflict, match="resolved already"):
            cases.resolve(rt, tenant.caller, case.id, Resolution.REVOKE, WHY)

    def test_a_person_who_revokes_the_stack_itself_settles_it(self, rt, tenant):
        case = self.opened(rt, tenant)

        revoking.revoke(rt, tenant.caller, case.credential_id, Reason("fraud"))

        assert (listed(rt, tenant, "open"), listed(rt, tenant)[0].resolution_code) == ([], "fraud")
        assert clean(rt)

    def test_cases_of_another_issuer_are_not_there(self, rt, tenant):
        case = self.opened(rt, tenant)
        other = found(rt, "physics")

        assert listed(rt, other) == []
        with pytest.raises(Missing):
            cases.get_case(rt, other.caller, case.id)
        with pytest.raises(Missing):
            cases.resolve(rt, other.caller, case.id, Resolution.KEEP, WHY)

    def test_every_step_is_told(self, rt, tenant):
        case = self.opened(rt, tenant)
        cases.resolve(rt, tenant.caller, case.id, Resolution.KEEP, WHY)

        with rt.db.read() as db:
            told = journal.events(db, tenant.issuer.id, after=0, limit=1_000)
        about = [(one.type, one.data.get("reason_code")) for one in told if one.type.startswith("case.")]
        assert about == [("case.opened", "part_revoked"), ("case.resolved", "reviewed")]
        assert "committee" not in str(told)
