"""Results in: receipts that never change, conflicts that name what differs, revisions, and whom a result is about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from ler_issuer.assessments import Result
from ler_issuer.errors import Conflict, Unacceptable
from ler_issuer.services import intake
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
    identifiers,
    learner_of,
    only_award,
    result_of,
    state,
)
from world import award, found, publish, result

DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
BY_ASSESSMENT = {"award": {"each_of": ["essay", "talk"], "conditions": [{"type": "criteria", "level": "proficient"}]}}


@pytest.fixture
def biology(any_rt):
    """An issuer with one achievement, `teamwork`."""
    made = found(any_rt)
    publish(any_rt, made)
    return made


def send(rt, tenant, body):
    return intake.record_result(rt, tenant.caller, Result.model_validate(body))


def refused(rt, tenant, body, kind):
    """Send what is refused; check that it leaves nothing, and give the places that it names."""
    before = everything(rt)
    with pytest.raises(kind) as caught:
        send(rt, tenant, body)
    assert everything(rt) == before
    return {(place.pointer, place.code) for place in caught.value.problems}


def about(*pairs, **changes):
    """Give the body of a result about whoever has these identifiers."""
    return result(**changes) | {"learner": names(*pairs)}


def names(*pairs):
    return {"identifiers": [{"type": kind, "value": value} for kind, value in pairs]}


# ── Receipts ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_result_that_earns_is_answered_with_its_credential(any_rt, biology):
    receipt = award(any_rt, biology)

    assert (receipt.outcome, receipt.duplicate) == ("awarded", False)
    assert credential(any_rt, receipt.credential_id).state == "current"
    assert receipt.trace["met"] is True
    assert discrepancies(any_rt) == []


def test_a_result_that_does_not_earn_is_told_what_is_missing(any_rt, biology):
    receipt = award(any_rt, biology, level="beginning", ratings=[
        {"criterion": "listening", "level": "beginning"}, {"criterion": "sharing", "level": "exemplary"},
    ])

    assert (receipt.outcome, receipt.credential_id) == ("not_yet", None)
    assert receipt.trace["met"] is False
    assert "Listening" in str(receipt.trace)
    assert count(any_rt, tables.credential) == 0


def test_the_same_result_again_gives_the_first_receipt(any_rt, biology):
    body = result()
    first = send(any_rt, biology, body)
    rows = everything(any_rt)

    again = send(any_rt, biology, body)

    assert again == Receipt(first.result_id, "awarded", True, first.credential_id, first.trace)
    assert everything(any_rt) == rows


def test_the_first_receipt_stays_when_the_result_was_corrected_since(any_rt, biology):
    body = result()
    first = send(any_rt, biology, body)
    send(any_rt, biology, body | {"revision": 2, "ratings": result(level="exemplary")["ratings"]})

    again = send(any_rt, biology, body)

    assert again == Receipt(first.result_id, "awarded", True, first.credential_id, first.trace)


def test_a_second_result_for_what_is_earned_once_is_recorded(any_rt, biology):
    award(any_rt, biology)

    assert award(any_rt, biology).outcome == "recorded"
    assert count(any_rt, tables.credential) == 1


def test_the_same_source_id_of_another_source_is_another_result(any_rt, biology):
    body = result()
    first = send(any_rt, biology, body)

    assert send(any_rt, biology, body | {"source": "moodle"}).result_id != first.result_id


def test_two_issuers_do_not_share_results(any_rt, biology):
    chemistry = found(any_rt, "chemistry")
    publish(any_rt, chemistry)
    body = result()
    first, second = send(any_rt, biology, body), send(any_rt, chemistry, body)

    assert (second.outcome, second.duplicate) == ("awarded", False)
    assert learner_of(any_rt, first.result_id).salt != learner_of(any_rt, second.result_id).salt


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


def test_another_number_of_ratings_is_named_as_a_whole(any_rt, biology):
    body = result()
    send(any_rt, biology, body)

    assert refused(any_rt, biology, body | {"ratings": body["ratings"][:1]}, Conflict) == {("/ratings", "differs")}


def test_a_corrected_result_in_the_place_of_its_predecessor_is_a_conflict(any_rt, biology):
    body = result()
    send(any_rt, biology, body | {"revision": 7})

    refused(any_rt, biology, body | {"revision": 7, "result_status": "withdrawn"}, Conflict)


@pytest.mark.parametrize(
    "spelled",
    [
        {"learner": names(("emailAddress", " ADA@Example.EDU "), ("sourcedId", "S-17"))},
        {"learner": names(("sourcedId", "S-17"), ("emailAddress", "ada@example.edu"))},
        {"assessed_at": "2026-05-04T09:30:00-05:00"},
        {"assessed_at": "2026-05-04T09:30:00"},
        {"assessed_at": "2026-05-04T14:30:00.999Z"},
        {"ratings": result()["ratings"][::-1]},
        {"participation": {"experience": {"source_id": "x1", "kind": "internship"}, "hours": "12.50"}},
        {"result_status": "final", "attempt": 1, "evidence": []},
    ],
    ids=["case", "order of identifiers", "offset", "local time", "fraction", "order of ratings", "zeros", "defaults"],
)
def test_spelling_is_no_conflict(any_rt, biology, spelled):
    body = about(
        ("emailAddress", "ada@example.edu"),
        ("sourcedId", "S-17"),
        participation={"experience": {"source_id": "x1", "kind": "internship"}, "hours": "12.5"},
    )
    first = send(any_rt, biology, body)

    again = send(any_rt, biology, body | spelled)

    assert (again.result_id, again.duplicate) == (first.result_id, True)


@pytest.mark.parametrize(("written", "again"), [("78", "78.000"), ("0.5", "0.50"), ("80", 80)])
def test_trailing_zeros_of_a_score_are_spelling(any_rt, written, again):
    tenant = found(any_rt)
    publish(any_rt, tenant, rubric=None, score={}, award={"conditions": [{"type": "score", "minimum": 40}]})
    body = result(ratings=[], score=written)
    first = send(any_rt, tenant, body)

    assert send(any_rt, tenant, body | {"score": again}).result_id == first.result_id


# ── Revisions ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_higher_revision_supersedes(any_rt, biology):
    body = result(level="beginning")
    first = send(any_rt, biology, body)

    second = send(any_rt, biology, body | {"revision": 4, "ratings": result()["ratings"]})

    assert (first.outcome, second.outcome) == ("not_yet", "awarded")
    assert result_of(any_rt, first.result_id).superseded_by_id == second.result_id
    assert discrepancies(any_rt) == []


def test_a_lower_revision_that_comes_late_is_kept_and_does_not_count(any_rt, biology):
    body = result()
    high = send(any_rt, biology, body | {"revision": 5})

    low = send(any_rt, biology, body | {"revision": 2, "ratings": result(level="beginning")["ratings"]})

    assert (low.outcome, low.credential_id) == ("superseded", None)
    assert result_of(any_rt, low.result_id).superseded_by_id == high.result_id
    assert state(any_rt, high.credential_id) == "current"
    assert discrepancies(any_rt) == []


def test_a_revision_between_two_others_changes_nothing(any_rt, biology):
    body = result()
    first = send(any_rt, biology, body)
    third = send(any_rt, biology, body | {"revision": 3, "attempt": 2})

    second = send(any_rt, biology, body | {"revision": 2, "ratings": result(level="beginning")["ratings"]})

    assert second.outcome == "superseded"
    assert result_of(any_rt, second.result_id).superseded_by_id == third.result_id
    assert result_of(any_rt, first.result_id).superseded_by_id is not None
    assert discrepancies(any_rt) == []


def test_a_withdrawal_is_a_revision_that_takes_the_award_back(any_rt, biology):
    body = result()
    first = send(any_rt, biology, body)

    receipt = send(any_rt, biology, body | {"revision": 2, "result_status": "withdrawn"})

    assert (receipt.outcome, receipt.credential_id) == ("recorded", None)
    assert state(any_rt, first.credential_id) == "revoked"
    assert only_award(any_rt).state == "withdrawn"
    assert discrepancies(any_rt) == []


def test_a_revision_after_a_withdrawal_awards_again(any_rt, biology):
    body = result()
    first = send(any_rt, biology, body)
    send(any_rt, biology, body | {"revision": 2, "result_status": "withdrawn"})

    again = send(any_rt, biology, body | {"revision": 3})

    assert again.outcome == "awarded"
    assert [one.id for one in chain(any_rt, only_award(any_rt))] == [first.credential_id, again.credential_id]
    assert discrepancies(any_rt) == []


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


def test_an_assessment_may_feed_several_achievements(any_rt):
    tenant = found(any_rt)
    publish(any_rt, tenant, **BY_ASSESSMENT)
    publish(any_rt, tenant, key="speaking", award=BY_ASSESSMENT["award"] | {"each_of": ["talk"]})

    assert award(any_rt, tenant, achievement=None, assessment="talk").outcome == "awarded"
    assert award(any_rt, tenant, achievement=None, assessment="essay").outcome == "awarded"
    assert count(any_rt, tables.credential) == 2
    assert discrepancies(any_rt) == []


def test_an_achievement_may_be_named_by_key_id_or_url(any_rt):
    tenant = found(any_rt)
    entry = publish(any_rt, tenant)

    outcomes = [award(any_rt, tenant, f"{n}@b.c", achievement=n).outcome for n in (entry.key, entry.id, entry.uri)]

    assert outcomes == ["awarded"] * 3


@pytest.mark.parametrize("status", ["provisional", "incomplete", "exempt"])
def test_only_final_results_award(any_rt, biology, status):
    body = result(result_status=status)
    early = send(any_rt, biology, body)

    final = send(any_rt, biology, body | {"revision": 2, "result_status": "final"})

    assert (early.outcome, final.outcome) == ("not_yet", "awarded")
    assert discrepancies(any_rt) == []


def test_an_exemption_satisfies_its_assessment(any_rt):
    tenant = found(any_rt)
    publish(any_rt, tenant, **BY_ASSESSMENT)
    exempt = award(any_rt, tenant, achievement=None, assessment="essay", result_status="exempt", ratings=[])

    assert (exempt.outcome, award(any_rt, tenant, achievement=None, assessment="talk").outcome) == ("not_yet", "awarded")


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


def test_what_is_missing_is_told_about_the_experience_that_the_result_is_from(any_rt):
    tenant = found(any_rt)
    publish(any_rt, tenant, earned="per_experience")

    def at(place, level):
        return award(any_rt, tenant, level=level, participation={"experience": {"source_id": place, "kind": "research"}})

    at("lab", "beginning")
    at("field", "proficient")

    assert at("field", "exemplary").outcome == "recorded"
    assert award(any_rt, tenant, level="beginning").outcome == "not_yet"


# ── Who ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_several_identifiers_name_one_learner_and_are_all_kept(any_rt, biology):
    first = send(any_rt, biology, about(("emailAddress", "ada@b.c"), ("sourcedId", "S-1")))
    second = send(any_rt, biology, about(("sourcedId", "S-1"), ("ext:eppn", "ADA@b.c")))

    learner = learner_of(any_rt, first.result_id)
    assert learner_of(any_rt, second.result_id) == learner
    assert identifiers(any_rt, learner.id) == {("emailAddress", "ada@b.c"), ("sourcedId", "S-1"), ("ext:eppn", "ada@b.c")}


def test_an_identifier_that_is_spelled_twice_is_one(any_rt, biology):
    receipt = send(any_rt, biology, about(("emailAddress", "ada@b.c"), ("emailAddress", "ADA@B.C")))

    assert identifiers(any_rt, learner_of(any_rt, receipt.result_id).id) == {("emailAddress", "ada@b.c")}


def test_identifiers_of_two_learners_are_never_guessed_together(any_rt, biology):
    award(any_rt, biology, "ada@b.c")
    award(any_rt, biology, "bob@b.c")

    both = about(("emailAddress", "ada@b.c"), ("emailAddress", "bob@b.c"))

    assert refused(any_rt, biology, both, Conflict) == {("/learner/identifiers", "several_learners")}


def test_a_did_is_bound_once(any_rt, biology):
    def bound(did):
        return result() | {"learner": result()["learner"] | {"did": did}}

    receipt = send(any_rt, biology, bound(DID))
    send(any_rt, biology, bound(DID))

    subject = document(any_rt, receipt.credential_id)["credentialSubject"]
    assert (subject["id"], "identifier" in subject) == (DID, False)
    assert count(any_rt, tables.learner_did) == 1
    assert refused(any_rt, biology, bound("did:web:ada.example"), Conflict) == {("/learner/did", "other_did")}


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_unknown_achievement_is_refused(any_rt, biology):
    assert refused(any_rt, biology, result(achievement="flying"), Unacceptable) == {
        ("/achievement", "unknown_achievement")
    }


def test_the_achievement_of_another_issuer_is_unknown(any_rt, biology):
    chemistry = found(any_rt, "chemistry")
    theirs = publish(any_rt, chemistry)

    for name in (theirs.id, theirs.uri):
        refused(any_rt, biology, result(achievement=name), Unacceptable)


def test_ratings_that_do_not_fit_are_named(any_rt, biology):
    body = result(ratings=[{"criterion": "listening", "level": "perfect"}, {"criterion": "juggling", "level": "1"}])

    assert refused(any_rt, biology, body, Unacceptable) == {
        ("/ratings/0/level", "unknown_level"),
        ("/ratings/1/criterion", "unknown_criterion"),
    }


def test_a_score_without_a_range_is_refused(any_rt, biology):
    assert refused(any_rt, biology, result(ratings=[], score="70"), Unacceptable) == {("/score", "no_score_range")}


def test_a_score_out_of_range_never_enters_a_mean(any_rt):
    tenant = found(any_rt)
    mean = {"each_of": ["essay", "talk"], "conditions": [{"type": "mean", "minimum": 40}]}
    publish(any_rt, tenant, rubric=None, score={}, award=mean)
    scored = {"achievement": None, "ratings": []}
    award(any_rt, tenant, assessment="essay", score="10", **scored)

    odd = result(assessment="talk", score="900", **scored)

    assert refused(any_rt, tenant, odd, Unacceptable) == {("/score", "score_out_of_range")}


def test_a_result_counts_only_where_its_score_is_in_range(any_rt):
    tenant = found(any_rt)
    rule = {"each_of": ["talk"], "conditions": [{"type": "score", "minimum": 40}]}
    publish(any_rt, tenant, rubric=None, score={}, award=rule)
    publish(any_rt, tenant, key="speaking", name="Speaking", rubric=None, score={"maximum": 1000}, award=rule)

    receipt = award(any_rt, tenant, achievement=None, assessment="talk", ratings=[], score="900")

    assert document(any_rt, receipt.credential_id)["name"] == "Speaking"
    assert count(any_rt, tables.credential) == 1
    assert discrepancies(any_rt) == []


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-05-04T14:30:00Z", datetime(2026, 5, 4, 14, 30, tzinfo=UTC)),
        ("2026-05-04T14:30:00+02:00", datetime(2026, 5, 4, 12, 30, tzinfo=UTC)),
        ("2026-05-04T14:30:00", datetime(2026, 5, 4, 19, 30, tzinfo=UTC)),
        ("2026-01-04T14:30:00", datetime(2026, 1, 4, 20, 30, tzinfo=UTC)),
        ("2026-05-04", datetime(2026, 5, 4, 5, 0, tzinfo=UTC)),
        ("2026-06-02T11:59:59Z", datetime(2026, 6, 2, 11, 59, 59, tzinfo=UTC)),
    ],
    ids=["zulu", "offset", "summer in Chicago", "winter in Chicago", "date", "within a day from now"],
)
def test_times_are_read_in_the_issuers_zone(any_rt, biology, written, instant):
    receipt = award(any_rt, biology, assessed_at=written)

    assert result_of(any_rt, receipt.result_id).assessed_at == instant
    assert document(any_rt, receipt.credential_id)["awardedDate"] == instant.isoformat().replace("+00:00", "Z")


def test_an_assessment_in_the_future_is_refused(any_rt, biology):
    late = result(assessed_at="2026-06-02T12:00:01Z")

    assert refused(any_rt, biology, late, Unacceptable) == {("/assessed_at", "in_the_future")}


def test_what_was_said_is_kept(any_rt, biology):
    receipt = award(any_rt, biology, evidence=[{"name": "Essay"}])

    stored = result_of(any_rt, receipt.result_id)
    assert stored.recorded_by == "cli:test"
    assert stored.content["assessor"] == {"kind": "faculty", "name": "Grace Hopper"}
    assert count(any_rt, tables.result, sa.column("digest") == stored.digest) == 1
