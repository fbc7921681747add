"""Results in: receipts that never change, conflicts that name what differs, revisions, and whom a result is about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from ler_issuer.assessments import Result
from ler_issuer.errors import Conflict, Malformed, Unacceptable
from ler_issuer.services import taking
from ler_issuer.services.intake import Receipt
from ler_issuer.store import tables
from records import (
    chain,
    count,
    credential,
    decision_of,
    discrepancies,
    document,
    everything,
    learner_of,
    only_award,
    result_of,
    state,
)
from services.sending import BY_ASSESSMENT, about, rated, refused, send
from world import award, found, publish, result


@pytest.fixture
def school(rt, tenant):
    """The same on SQLite only."""
    publish(rt, tenant)
    return tenant


# ── Receipts ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_result_that_earns_is_answered_with_its_credential(any_rt, biology):
    receipt = award(any_rt, biology)

    assert (receipt.outcome, receipt.duplicate) == ("awarded", False)
    assert credential(any_rt, receipt.credential_id).state == "current"
    assert receipt.trace["met"] is True
    assert discrepancies(any_rt) == []


def test_a_result_that_does_not_earn_is_told_what_is_missing(rt, school):
    receipt = award(
        rt,
        school,
        level="beginning",
        ratings=[
            {"criterion": "listening", "level": "beginning"},
            {"criterion": "sharing", "level": "exemplary"},
        ],
    )

    assert (receipt.outcome, receipt.credential_id) == ("not_yet", None)
    assert receipt.trace["met"] is False
    assert "Listening" in str(receipt.trace)
    assert count(rt, tables.credential) == 0


def test_the_same_result_again_gives_the_first_receipt(any_rt, biology):
    body = result()
    first = send(any_rt, biology, body)
    rows = everything(any_rt)

    again = send(any_rt, biology, body)

    assert again == Receipt(
        first.result_id, "awarded", duplicate=True, credential_id=first.credential_id, trace=first.trace
    )
    assert everything(any_rt) == rows


def test_the_first_receipt_stays_when_the_result_was_corrected_since(rt, school):
    body = result()
    first = send(rt, school, body)
    send(rt, school, body | {"revision": 2, "ratings": rated("exemplary")})

    again = send(rt, school, body)

    assert again == Receipt(
        first.result_id, "awarded", duplicate=True, credential_id=first.credential_id, trace=first.trace
    )


def test_a_second_result_for_what_is_earned_once_is_recorded(rt, school):
    award(rt, school)

    assert award(rt, school).outcome == "recorded"
    assert count(rt, tables.credential) == 1


def test_the_same_source_id_of_another_source_is_another_result(rt, school):
    body = result()
    first = send(rt, school, body)

    assert send(rt, school, body | {"source": "moodle"}).result_id != first.result_id


def test_two_issuers_do_not_share_results(rt, school):
    chemistry = found(rt, "chemistry")
    publish(rt, chemistry)
    body = result()
    first, second = send(rt, school, body), send(rt, chemistry, body)

    assert (second.outcome, second.duplicate) == ("awarded", False)
    assert learner_of(rt, first.result_id).salt != learner_of(rt, second.result_id).salt


# ── The same identity with other content ─────────────────────────────────────────────────────────────────────────────
def test_other_content_is_a_conflict_that_names_what_differs(any_rt, biology):
    body = result(evidence=[{"name": "Essay", "genre": "text"}])
    send(any_rt, biology, body)
    other = body | {
        "ratings": [{"criterion": "listening", "level": "exemplary"}, {"criterion": "sharing", "level": "proficient"}],
        "assessor": {"kind": "peer", "name": "Grace Hopper"},
        "evidence": [{"name": "Essay", "genre": "image"}],
        "attempt": 2,
    }

    assert refused(any_rt, biology, other, Conflict) == {
        ("/assessor/kind", "differs"),
        ("/attempt", "differs"),
        ("/evidence/0/genre", "differs"),
        ("/ratings/0/level", "differs"),
    }


def test_another_number_of_ratings_is_named_as_a_whole(rt, school):
    body = result()
    send(rt, school, body)

    assert refused(rt, school, body | {"ratings": body["ratings"][:1]}, Conflict) == {("/ratings", "differs")}


def test_a_corrected_result_in_the_place_of_its_predecessor_is_a_conflict(rt, school):
    body = result()
    send(rt, school, body | {"revision": 7})

    refused(rt, school, body | {"revision": 7, "result_status": "withdrawn"}, Conflict)


@pytest.mark.parametrize(
    "spelled",
    [
        {"learner": about(("emailAddress", " ADA@Example.EDU "), ("sourcedId", "S-17"))["learner"]},
        {"learner": about(("sourcedId", "S-17"), ("emailAddress", "ada@example.edu"))["learner"]},
        {"assessed_at": "2026-05-04T09:30:00-05:00"},
        {"assessed_at": "2026-05-04T09:30:00"},
        {"assessed_at": "2026-05-04T14:30:00.999Z"},
        {"ratings": rated("proficient")[::-1]},
        {"participation": {"experience": {"source_id": "x1", "kind": "internship"}, "hours": "12.50"}},
        {"result_status": "final", "attempt": 1, "evidence": []},
    ],
    ids=["case", "order of identifiers", "offset", "local time", "fraction", "order of ratings", "zeros", "defaults"],
)
def test_spelling_is_no_conflict(rt, school, spelled):
    body = about(
        ("emailAddress", "ada@example.edu"),
        ("sourcedId", "S-17"),
        participation={"experience": {"source_id": "x1", "kind": "internship"}, "hours": "12.5"},
    )
    first = send(rt, school, body)

    again = send(rt, school, body | spelled)

    assert (again.result_id, again.duplicate) == (first.result_id, True)


@pytest.mark.parametrize(("written", "again"), [("78", "78.000"), ("0.5", "0.50"), ("80", 80)])
def test_trailing_zeros_of_a_score_are_spelling(rt, written, again):
    tenant = found(rt)
    publish(rt, tenant, rubric=None, score={}, award={"conditions": [{"type": "score", "minimum": 40}]})
    body = result(ratings=[], score=written)
    first = send(rt, tenant, body)

    assert send(rt, tenant, body | {"score": again}).result_id == first.result_id


# ── Revisions ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_higher_revision_supersedes(any_rt, biology):
    body = result(level="beginning")
    first = send(any_rt, biology, body)

    second = send(any_rt, biology, body | {"revision": 4, "ratings": rated("proficient")})

    assert (first.outcome, second.outcome) == ("not_yet", "awarded")
    assert result_of(any_rt, first.result_id).superseded_by_id == second.result_id
    assert discrepancies(any_rt) == []


def test_a_lower_revision_that_comes_late_is_kept_and_does_not_count(any_rt, biology):
    body = result()
    high = send(any_rt, biology, body | {"revision": 5})

    low = send(any_rt, biology, body | {"revision": 2, "ratings": rated("beginning")})

    assert (low.outcome, low.credential_id) == ("superseded", None)
    assert result_of(any_rt, low.result_id).superseded_by_id == high.result_id
    assert state(any_rt, high.credential_id) == "current"
    assert discrepancies(any_rt) == []


def test_a_revision_between_two_others_changes_nothing(rt, school):
    body = result()
    first = send(rt, school, body)
    third = send(rt, school, body | {"revision": 3, "attempt": 2})

    second = send(rt, school, body | {"revision": 2, "ratings": rated("beginning")})

    assert second.outcome == "superseded"
    assert result_of(rt, second.result_id).superseded_by_id == third.result_id
    assert result_of(rt, first.result_id).superseded_by_id is not None
    assert discrepancies(rt) == []


def test_a_withdrawal_is_a_revision_that_takes_the_award_back(any_rt, biology):
    body = result()
    first = send(any_rt, biology, body)

    receipt = send(any_rt, biology, body | {"revision": 2, "result_status": "withdrawn"})

    assert (receipt.outcome, receipt.credential_id) == ("recorded", None)
    assert state(any_rt, first.credential_id) == "revoked"
    assert only_award(any_rt).state == "withdrawn"
    assert discrepancies(any_rt) == []


def test_a_revision_after_a_withdrawal_awards_again(rt, school):
    body = result()
    first = send(rt, school, body)
    send(rt, school, body | {"revision": 2, "result_status": "withdrawn"})

    again = send(rt, school, body | {"revision": 3})

    assert again.outcome == "awarded"
    assert [one.id for one in chain(rt, only_award(rt))] == [first.credential_id, again.credential_id]
    assert discrepancies(rt) == []


def test_a_revision_can_move_a_result_to_another_learner(any_rt, biology):
    body = result("ada@example.edu")
    wrong = send(any_rt, biology, body)

    right = send(any_rt, biology, body | {"revision": 2, "learner": result("bob@example.edu")["learner"]})

    assert right.outcome == "awarded"
    assert state(any_rt, wrong.credential_id) == "revoked"
    assert credential(any_rt, right.credential_id).learner_id != credential(any_rt, wrong.credential_id).learner_id
    assert discrepancies(any_rt) == []


def test_a_revision_can_move_a_result_to_another_achievement(any_rt, biology):
    publish(any_rt, biology, key="leadership", name="Leadership")
    body = result()
    wrong = send(any_rt, biology, body)

    right = send(any_rt, biology, body | {"revision": 2, "achievement": "leadership"})

    assert right.outcome == "awarded"
    assert state(any_rt, wrong.credential_id) == "revoked"
    assert document(any_rt, right.credential_id)["name"] == "Leadership"
    assert discrepancies(any_rt) == []


# ── What counts ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_result_may_name_an_assessment_alone(any_rt):
    tenant = found(any_rt)
    publish(any_rt, tenant, **BY_ASSESSMENT)
    first = award(any_rt, tenant, achievement=None, assessment="essay")
    other = award(any_rt, tenant, achievement=None, assessment="lunch")

    last = award(any_rt, tenant, achievement=None, assessment="talk")

    assert [one.outcome for one in (first, other, last)] == ["not_yet", "recorded", "awarded"]
    used = {used["id"] for used in decision_of(any_rt, only_award(any_rt)).inputs}
    assert used == {first.result_id, last.result_id}
    assert discrepancies(any_rt) == []


def test_an_assessment_may_feed_several_achievements(rt):
    tenant = found(rt)
    publish(rt, tenant, **BY_ASSESSMENT)
    publish(rt, tenant, key="speaking", award=BY_ASSESSMENT["award"] | {"each_of": ["talk"]})

    assert award(rt, tenant, achievement=None, assessment="talk").outcome == "awarded"
    assert award(rt, tenant, achievement=None, assessment="essay").outcome == "awarded"
    assert count(rt, tables.credential) == 2
    assert discrepancies(rt) == []


def test_an_achievement_may_be_named_by_key_id_or_url(rt):
    tenant = found(rt)
    entry = publish(rt, tenant)

    outcomes = [award(rt, tenant, f"{n}@b.c", achievement=n).outcome for n in (entry.key, entry.id, entry.uri)]

    assert outcomes == ["awarded"] * 3


@pytest.mark.parametrize("status", ["provisional", "incomplete", "exempt"])
def test_only_final_results_award(rt, school, status):
    body = result(result_status=status)
    early = send(rt, school, body)

    final = send(rt, school, body | {"revision": 2, "result_status": "final"})

    assert (early.outcome, final.outcome) == ("not_yet", "awarded")
    assert discrepancies(rt) == []


def test_an_exemption_satisfies_its_assessment(rt):
    tenant = found(rt)
    publish(rt, tenant, **BY_ASSESSMENT)
    exempt = award(rt, tenant, achievement=None, assessment="essay", result_status="exempt", ratings=[])

    assert (exempt.outcome, award(rt, tenant, achievement=None, assessment="talk").outcome) == (
        "not_yet",
        "awarded",
    )


def test_each_experience_can_earn_and_its_hours_are_kept_once(any_rt):
    tenant = found(any_rt)
    publish(any_rt, tenant, earned="per_experience")
    shelter = {"source_id": "shelter", "kind": "service_learning", "partner": "Animal Shelter"}

    def at(place, **facts):
        return award(any_rt, tenant, participation={"experience": place, **facts})

    outcomes = [
        at(shelter, hours="10.5", role="helper").outcome,
        at(shelter).outcome,
        at({"source_id": "lab", "kind": "research"}).outcome,
        award(any_rt, tenant).outcome,
    ]

    assert outcomes == ["awarded", "recorded", "awarded", "awarded"]
    assert count(any_rt, tables.participation) == 2
    assert count(any_rt, tables.organisation) == 1
    assert discrepancies(any_rt) == []


def test_what_is_missing_is_told_about_the_experience_that_the_result_is_from(rt):
    tenant = found(rt)
    publish(rt, tenant, earned="per_experience")

    def at(place, level):
        return award(rt, tenant, level=level, participation={"experience": {"source_id": place, "kind": "research"}})

    at("lab", "beginning")
    at("field", "proficient")

    assert at("field", "exemplary").outcome == "recorded"
    assert award(rt, tenant, level="beginning").outcome == "not_yet"


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_unknown_achievement_is_refused(any_rt, biology):
    assert refused(any_rt, biology, result(achievement="flying"), Unacceptable) == {
        ("/achievement", "unknown_achievement")
    }


def test_the_achievement_of_another_issuer_is_unknown(rt, school):
    chemistry = found(rt, "chemistry")
    theirs = publish(rt, chemistry)

    for name in (theirs.id, theirs.uri):
        refused(rt, school, result(achievement=name), Unacceptable)


def test_ratings_that_do_not_fit_are_named(rt, school):
    body = result(ratings=[{"criterion": "listening", "level": "perfect"}, {"criterion": "juggling", "level": "1"}])

    assert refused(rt, school, body, Unacceptable) == {
        ("/ratings/0/level", "unknown_level"),
        ("/ratings/1/criterion", "unknown_criterion"),
    }


def test_a_score_without_a_range_is_refused(rt, school):
    assert refused(rt, school, result(ratings=[], score="70"), Unacceptable) == {("/score", "no_score_range")}


def test_a_score_out_of_range_never_enters_a_mean(rt):
    tenant = found(rt)
    mean = {"each_of": ["essay", "talk"], "conditions": [{"type": "mean", "minimum": 40}]}
    publish(rt, tenant, rubric=None, score={}, award=mean)
    scored = {"achievement": None, "ratings": []}
    award(rt, tenant, assessment="essay", score="10", **scored)

    odd = result(assessment="talk", score="900", **scored)

    assert refused(rt, tenant, odd, Unacceptable) == {("/score", "score_out_of_range")}


def test_a_result_counts_only_where_its_score_is_in_range(rt):
    tenant = found(rt)
    rule = {"each_of": ["talk"], "conditions": [{"type": "score", "minimum": 40}]}
    publish(rt, tenant, rubric=None, score={}, award=rule)
    publish(rt, tenant, key="speaking", name="Speaking", rubric=None, score={"maximum": 1000}, award=rule)

    receipt = award(rt, tenant, achievement=None, assessment="talk", ratings=[], score="900")

    assert document(rt, receipt.credential_id)["name"] == "Speaking"
    assert count(rt, tables.credential) == 1
    assert discrepancies(rt) == []


# ── Batches ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_each_item_of_a_batch_has_its_own_outcome(any_rt, biology, monkeypatch):
    monkeypatch.setattr(taking, "CHUNK", 2)
    unreadable = Malformed("no result at all")
    bodies = [result("ada@b.c"), result("bob@b.c", achievement="flying"), result("cyd@b.c", "beginning")]
    batch = [*(Result.model_validate(one) for one in bodies), unreadable, Result.model_validate(bodies[0])]

    answers = taking.record_batch(any_rt, biology.caller, batch)

    told = [one.outcome if isinstance(one, Receipt) else type(one) for one in answers]
    assert told == ["awarded", Unacceptable, "not_yet", Malformed, "awarded"]
    assert (answers[3], answers[4].duplicate, answers[4].result_id) == (unreadable, True, answers[0].result_id)
    assert count(any_rt, tables.learner) == 2
    assert discrepancies(any_rt) == []


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-05-04T14:30:00Z", datetime(2026, 5, 4, 14, 30, tzinfo=UTC)),
        ("2026-05-04T14:30:00+02:00", datetime(2026, 5, 4, 12, 30, tzinfo=UTC)),
        ("2026-05-04T14:30:00", datetime(2026, 5, 4, 19, 30, tzinfo=UTC)),
        ("2026-01-04T14:30:00", datetime(2026, 1, 4, 20, 30, tzinfo=UTC)),
        ("2026-05-04", datetime(2026, 5, 4, tzinfo=UTC)),
        ("2026-06-02T11:59:59Z", datetime(2026, 6, 2, 11, 59, 59, tzinfo=UTC)),
    ],
    ids=["zulu", "offset", "summer in Chicago", "winter in Chicago", "date", "within a day from now"],
)
def test_times_are_read_in_the_issuers_zone(rt, school, written, instant):
    receipt = award(rt, school, assessed_at=written)

    assert result_of(rt, receipt.result_id).assessed_at == instant
    assert document(rt, receipt.credential_id)["awardedDate"] == instant.isoformat().replace("+00:00", "Z")


def test_an_assessment_in_the_future_is_refused(rt, school):
    late = result(assessed_at="2026-06-02T12:00:01Z")

    assert refused(rt, school, late, Unacceptable) == {("/assessed_at", "in_the_future")}


@pytest.mark.parametrize("address", ["ada", "ada@", "@example.edu"])
def test_an_address_that_cannot_be_one_is_refused(rt, school, address):
    """A badge would carry the hash of an address that nobody has."""
    place = ("/learner/identifiers/0/value", "not_an_address")
    assert refused(rt, school, result(address), Unacceptable) == {place}


def test_what_was_said_is_kept(rt, school):
    receipt = award(rt, school, evidence=[{"name": "Essay"}])

    stored = result_of(rt, receipt.result_id)
    assert stored.recorded_by == "cli:test"
    assert stored.content["assessor"] == {"kind": "faculty", "name": "Grace Hopper"}
    assert count(rt, tables.result, sa.column("digest") == stored.digest) == 1
