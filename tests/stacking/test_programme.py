"""The four rules of a programme of marketable skills: every constraint once failing and once met."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ler_issuer.stacking import evaluate, is_met, requirements
from stacking.career import AT, CITIZEN, COMMUNICATOR, GRADUATE, PROBLEM_SOLVER, held

WRITTEN, ORAL = "written-communication", "oral-communication"


def said(rule, holdings, at=AT):
    """Give whether a rule is met, which holdings it rests on, and what is missing."""
    trace = evaluate(rule, holdings, at)
    assert is_met(rule, holdings, at) is trace.met
    return trace.met, trace.used, trace.missing


# ── Effective Communicator ───────────────────────────────────────────────────────────────────────────────────────────
ESSAY = held(WRITTEN, "2023-03-01", id="essay", experience="seminar", experience_kind="course")
REPORT = held(WRITTEN, "2024-03-01", id="report", experience="internship", experience_kind="internship")
SPEECH = held(ORAL, "2025-03-01", id="speech", experience="seminar", experience_kind="course")


def test_a_communicator_writes_twice_and_speaks_once():
    assert said(COMMUNICATOR, [SPEECH, REPORT, ESSAY]) == (True, ("essay", "report", "speech"), ())
    assert evaluate(COMMUNICATOR, [ESSAY, REPORT, SPEECH], AT).earned_at == SPEECH.awarded_at
    assert said(COMMUNICATOR, [ESSAY, SPEECH])[2] == (
        "1 more of Written communication",
        "another experience",
        "an experience outside the classroom",
    )
    assert said(COMMUNICATOR, [ESSAY, REPORT])[::2] == (False, ("Oral communication",))
    assert said(COMMUNICATOR, [])[2][:2] == ("2 of Written communication", "Oral communication")


def test_a_communicator_does_so_in_two_experiences():
    same = [one.model_copy(update={"experience": "internship"}) for one in (ESSAY, REPORT, SPEECH)]
    assert said(COMMUNICATOR, same)[::2] == (False, ("another experience",))
    assert said(COMMUNICATOR, [*same[:2], SPEECH])[0]


def test_a_communicator_leaves_the_classroom_once():
    inside = REPORT.model_copy(update={"experience_kind": "course"})
    assert said(COMMUNICATOR, [ESSAY, inside, SPEECH])[::2] == (False, ("an experience outside the classroom",))
    unknown = REPORT.model_copy(update={"experience_kind": None})
    assert not is_met(COMMUNICATOR, [ESSAY, unknown, SPEECH], AT)
    assert is_met(COMMUNICATOR, [ESSAY, REPORT, SPEECH], AT)


@pytest.mark.parametrize(("spoken", "met"), [("2027-03-01T12:00:00Z", True), ("2027-03-01T12:00:01Z", False)])
def test_a_communicator_has_four_years_to_the_moment(spoken, met):
    late = SPEECH.model_copy(update={"awarded_at": datetime.fromisoformat(spoken)})
    trace = evaluate(COMMUNICATOR, [ESSAY, REPORT, late], datetime(2028, 1, 1, tzinfo=UTC))
    assert trace.met is met
    if not met:
        assert trace.missing == ("Written communication and Oral communication, all within 4 years",)


def test_what_lies_before_the_four_years_does_not_hinder():
    old = held(WRITTEN, "2010-03-01", experience="seminar", experience_kind="course")
    assert said(COMMUNICATOR, [old, ESSAY, REPORT, SPEECH])[1] == ("essay", "report", "speech")


# ── Collaborative Problem Solver ─────────────────────────────────────────────────────────────────────────────────────
def rated(skill, level, assessor, kind="faculty", **told):
    return held(skill, level=level, assessor=assessor, assessor_kind=kind, **told)


TEAM = rated("teamwork", "distinguished", "ann", id="team")
THOUGHT = rated("critical-thinking", "proficient", "bob", "supervisor", id="thought", day="2026-02-01")
AGAIN = rated("critical-thinking", "proficient", "bob", "supervisor", id="again", day="2026-03-01")


def test_a_problem_solver_is_distinguished_once_or_proficient_twice():
    assert said(PROBLEM_SOLVER, [TEAM, THOUGHT, AGAIN]) == (True, ("team", "thought", "again"), ())
    assert said(PROBLEM_SOLVER, [TEAM, THOUGHT])[::2] == (
        False,
        ("Critical thinking (Distinguished or above) or 1 more of Critical thinking (Proficient or above)",),
    )
    low = rated("critical-thinking", "developing", "bob", "supervisor")
    assert not is_met(PROBLEM_SOLVER, [TEAM, THOUGHT, low], AT)
    top = rated("critical-thinking", "distinguished", "bob", "supervisor")
    assert is_met(PROBLEM_SOLVER, [TEAM, THOUGHT, top], AT)


def test_a_problem_solver_is_assessed_by_two_people():
    alone = [one.model_copy(update={"assessor": "ann"}) for one in (TEAM, THOUGHT, AGAIN)]
    assert said(PROBLEM_SOLVER, alone)[::2] == (False, ("another assessor",))
    assert is_met(PROBLEM_SOLVER, [*alone[:2], AGAIN], AT)


def test_a_problem_solver_is_assessed_by_a_supervisor_or_community_partner():
    inside = [one.model_copy(update={"assessor_kind": "faculty"}) for one in (TEAM, THOUGHT, AGAIN)]
    missing = ("an assessment by a supervisor or a community partner",)
    assert said(PROBLEM_SOLVER, inside)[::2] == (False, missing)
    partner = AGAIN.model_copy(update={"assessor_kind": "community_partner"})
    assert is_met(PROBLEM_SOLVER, [*inside[:2], partner], AT)


# ── Engaged Citizen ──────────────────────────────────────────────────────────────────────────────────────────────────
def served(skill, hours, experience, kind="volunteering", **told):
    return held(skill, hours=hours, experience=experience, experience_kind=kind, **told)


KITCHEN = served("leadership", "25", "kitchen", id="kitchen")
GARDEN = served("social-responsibility", "15", "garden", "service_learning", id="garden", day="2026-02-01")


def test_a_citizen_has_two_of_three_and_forty_hours():
    assert said(CITIZEN, [KITCHEN, GARDEN]) == (True, ("kitchen", "garden"), ())
    assert said(CITIZEN, [KITCHEN])[2] == (
        "Social responsibility or Personal responsibility",
        "15 more hours of service learning or volunteering",
    )
    assert not is_met(CITIZEN, [KITCHEN, KITCHEN.model_copy(update={"id": "twice", "experience": "shelter"})], AT)


def test_a_citizen_does_not_count_the_hours_of_one_participation_twice():
    same = served("social-responsibility", "25", "kitchen")
    assert said(CITIZEN, [KITCHEN, same])[::2] == (
        False,
        ("15 more hours of service learning or volunteering",),
    )
    corrected = served("social-responsibility", "40", "kitchen")
    assert is_met(CITIZEN, [KITCHEN, corrected], AT)  # told twice, the larger counts


def test_a_citizen_counts_hours_of_service_and_volunteering_alone():
    paid = GARDEN.model_copy(update={"experience_kind": "employment"})
    assert not is_met(CITIZEN, [KITCHEN, paid], AT)
    elsewhere = served("teamwork", "15", "shelter")
    assert is_met(CITIZEN, [KITCHEN, paid, elsewhere], AT)


def test_a_citizen_does_not_count_one_holding_for_two_of_the_three():
    assert not is_met(CITIZEN, [served("leadership", "50", "kitchen")], AT)


# ── Career-Ready Graduate ────────────────────────────────────────────────────────────────────────────────────────────
SPEAKS = held("effective-communicator", "2025-01-01", id="speaks")
SOLVES = held("collaborative-problem-solver", "2025-02-01", id="solves")
ENGAGED = held("engaged-citizen", "2025-03-01", id="engaged")
COUNTS = held("empirical-and-quantitative-skills", "2025-04-01", id="counts")


def test_a_graduate_has_two_of_three_stacks_and_quantitative_skills():
    assert said(GRADUATE, [SPEAKS, ENGAGED, SOLVES, COUNTS]) == (True, ("speaks", "solves", "counts"), ())
    assert said(GRADUATE, [SPEAKS, COUNTS])[2] == ("Collaborative problem solver or Engaged citizen",)
    assert said(GRADUATE, [SPEAKS, ENGAGED])[2] == ("Empirical and quantitative skills",)


def test_a_graduate_may_bring_an_accepted_equivalent():
    original = {"achievement": "https://other.example/statistics", "issuer": "did:web:other.example"}
    transferred = COUNTS.model_copy(update={"recognised": None})
    for kind in ("transfer", "prior_learning"):
        transferred = held("empirical-and-quantitative-skills", recognised={"kind": kind, **original})
        assert is_met(GRADUATE, [SPEAKS, ENGAGED, transferred], AT)
    foreign = held(original["achievement"], issuer=original["issuer"])
    assert not is_met(GRADUATE, [SPEAKS, ENGAGED, foreign], AT)  # nobody here has accepted it


@pytest.mark.parametrize("standing", ["suspended", "revoked", "superseded"])
def test_none_of_the_parts_is_out_of_force(standing):
    broken = SPEAKS.model_copy(update={"standing": standing})
    assert said(GRADUATE, [broken, ENGAGED, COUNTS])[::2] == (
        False,
        ("Effective communicator or Collaborative problem solver",),
    )
    assert is_met(GRADUATE, [broken, SOLVES, ENGAGED, COUNTS], AT)


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def at(day):
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_a_part_that_expires_no_longer_counts():
    expiring = held("effective-communicator", "2025-01-01", valid_until="2026-01-01T00:00:00Z")
    assert is_met(GRADUATE, [expiring, ENGAGED, COUNTS], at("2025-12-31"))
    assert not is_met(GRADUATE, [expiring, ENGAGED, COUNTS], at("2026-01-01"))


def test_a_part_counts_from_when_it_is_earned_and_valid():
    later = held("effective-communicator", "2025-06-01", valid_from="2025-09-01T00:00:00Z")
    assert not is_met(GRADUATE, [later, ENGAGED, COUNTS], at("2025-08-31"))
    assert is_met(GRADUATE, [later, ENGAGED, COUNTS], at("2025-09-01"))
    assert not is_met(GRADUATE, [SPEAKS, ENGAGED, COUNTS], at("2025-03-31"))


def test_a_part_counts_as_what_was_done_to_it_says_at_the_time():
    acts = [
        {"act": "revoke", "at": "2025-09-01T00:00:00Z"},
        {"act": "reinstate", "at": "2025-07-01T00:00:00Z"},
        {"act": "suspend", "at": "2025-06-01T00:00:00Z"},
    ]
    moved = held("effective-communicator", "2025-01-01", acts=acts, standing="revoked")
    expected = {"2025-05-31": True, "2025-06-01": False, "2025-07-01": True, "2025-09-01": False}
    assert {day: is_met(GRADUATE, [moved, ENGAGED, COUNTS], at(day)) for day in expected} == expected


# ── What a derivation tells ──────────────────────────────────────────────────────────────────────────────────────────
def test_the_requirements_that_were_met_are_told_with_what_they_used():
    told = requirements(evaluate(CITIZEN, [KITCHEN, GARDEN], AT))
    assert [(one.pointer, one.name, one.used) for one in told] == [
        ("/rule/rules/0/rules/0", "Leadership", ("kitchen",)),
        ("/rule/rules/0/rules/1", "Social responsibility", ("garden",)),
        ("/rule/rules/1", "service learning or volunteering", ("kitchen", "garden")),
    ]
    assert told[2].sentence == "Service learning or volunteering: 40 of 40 hours"
    assert requirements(evaluate(CITIZEN, [KITCHEN], AT)) == ()
