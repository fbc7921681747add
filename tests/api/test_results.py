"""Results over HTTP: receipts, duplicates, conflicts, batches, repeated requests."""

from __future__ import annotations

import pytest

from api.expecting import places, problem
from world import publish, result


@pytest.fixture(autouse=True)
def teamwork(rt, tenant):
    return publish(rt, tenant)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ratings": [{"criterion": "listening"}]}, "/ratings/0"),
        ({"ratings": [{"criterion": "listening", "level": 2}, {"criterion": "listening", "level": 1}]}, "/ratings"),
        ({"score": 5}, "/score"),
        ({"ratings": []}, "/ratings"),
    ],
)
def test_a_result_that_contradicts_itself_is_unacceptable(call, change, pointer):
    told = problem(call("POST", "/v1/results", json=result(**change)), 422, "unacceptable")
    assert (pointer, "breaks_rule") in places(told)


def test_a_level_may_be_its_number_and_a_score_a_fraction(call, rt, tenant):
    publish(rt, tenant, key="maths", score={}, award={"conditions": [{"type": "score", "minimum": 66.6}]}, rubric=None)
    rated = [{"criterion": "listening", "level": 2}, {"criterion": "sharing", "level": "2"}]

    assert call("POST", "/v1/results", json=result(ratings=rated, source="My SIS")).json()["outcome"] == "awarded"
    scored = result(achievement="maths", score=66.66666666666667, ratings=[])
    assert call("POST", "/v1/results", json=scored).json()["outcome"] == "awarded"


def test_a_result_is_recorded_and_awarded(call):
    answer = call("POST", "/v1/results", json=result())

    receipt = answer.json()
    assert answer.status_code == 201
    assert (receipt["outcome"], receipt["duplicate"]) == ("awarded", False)
    assert receipt["credential_id"]
    assert receipt["trace"]["met"] is True


def test_what_earns_nothing_yet_has_no_credential(call):
    receipt = call("POST", "/v1/results", json=result(level="beginning")).json()

    assert receipt["outcome"] == "not_yet"
    assert "credential_id" not in receipt
    assert receipt["trace"]["met"] is False


def test_the_same_result_again_gets_the_first_receipt(call):
    body = result()
    first = call("POST", "/v1/results", json=body)
    again = call("POST", "/v1/results", json=body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"duplicate": True}


def test_other_content_under_the_same_identity_is_a_conflict_that_names_what_differs(call):
    body = result()
    call("POST", "/v1/results", json=body)

    told = problem(call("POST", "/v1/results", json=body | {"attempt": 2}), 409, "conflict")

    assert places(told) == {("/attempt", "differs")}


def test_what_does_not_fit_the_rubric_is_unacceptable(call):
    told = problem(call("POST", "/v1/results", json=result(level="superb")), 422, "unacceptable")

    assert {pointer for pointer, _ in places(told)} == {"/ratings/0/level", "/ratings/1/level"}


def test_an_unknown_achievement_is_unacceptable(call):
    told = problem(call("POST", "/v1/results", json=result(achievement="juggling")), 422, "unacceptable")

    assert places(told) == {("/achievement", "unknown_achievement")}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"source": None}, ("/source", "string_type")),
        ({"colour": "red"}, ("/colour", "extra_forbidden")),
        ({"attempt": True}, ("/attempt", "int_type")),
        ({"attempt": "1"}, ("/attempt", "int_type")),
        ({"attempt": 1.0}, ("/attempt", "int_type")),
        ({"attempt": 0}, ("/attempt", "greater_than_equal")),
        ({"source_id": 7}, ("/source_id", "string_type")),
        ({"score": True}, ("/score", "decimal_type")),
        ({"score": "1_0"}, ("/score", "value_error")),
        ({"assessed_at": 1777902600}, ("/assessed_at", "string_type")),
        ({"assessed_at": "yesterday"}, ("/assessed_at", "value_error")),
        ({"assessor": {"kind": "robot"}}, ("/assessor/kind", "enum")),
        ({"learner": {"identifiers": []}}, ("/learner/identifiers", "too_short")),
        ({"ratings": [{"criterion": "a/b", "level": []}]}, ("/ratings/0/level", "string_type")),
        ({"evidence": [{"disclosure": "everywhere"}]}, ("/evidence/0/disclosure", "enum")),
    ],
)
def test_a_result_of_the_wrong_shape_is_malformed_and_the_place_is_named(call, change, place):
    told = problem(call("POST", "/v1/results", json=result() | change), 400, "malformed")

    assert place in places(told)


@pytest.mark.parametrize("field", ["started_on", "ended_on"])
@pytest.mark.parametrize("day", [0, 20_000, "20000", True, "2026-05-04T00:00:00Z"])
def test_a_day_is_written_as_one(call, field, day):
    experience = {"source_id": "e1", "kind": "internship", field: day}

    told = problem(call("POST", "/v1/results", json=result(participation={"experience": experience})), 400, "malformed")

    assert [place["pointer"] for place in told["problems"]] == [f"/participation/experience/{field}"]


class TestBatch:
    def test_each_item_has_its_own_outcome_in_order(self, call):
        known = result()
        call("POST", "/v1/results", json=known)
        items = [
            result("bea@example.edu"),
            known,
            known | {"attempt": 2},
            result(level="superb"),
            result() | {"x": 1},
            7,
        ]

        answer = call("POST", "/v1/results/batch", json={"items": items})

        told = answer.json()["items"]
        assert answer.status_code == 200
        assert [one.get("outcome") or one["status"] for one in told] == ["awarded", "awarded", 409, 422, 400, 400]
        assert [one.get("duplicate") for one in told[:2]] == [False, True]
        assert places(told[2]) == {("/attempt", "differs")}
        assert places(told[3]) == {("/ratings/0/level", "unknown_level"), ("/ratings/1/level", "unknown_level")}
        assert places(told[4]) == {("/x", "extra_forbidden")}
        assert places(told[5]) == {("", "model_type")}
        assert [one["type"].rpartition("/")[2] for one in told[2:]] == [
            "conflict",
            "unacceptable",
            "malformed",
            "malformed",
        ]

    def test_what_was_refused_can_be_corrected_and_sent_again(self, call):
        body = result()
        batch = {"items": [body | {"achievement": "juggling"}, result("bea@example.edu")]}
        assert call("POST", "/v1/results/batch", json=batch).json()["items"][0]["status"] == 422

        again = call("POST", "/v1/results/batch", json={"items": [body, batch["items"][1]]}).json()["items"]

        assert [(one["outcome"], one["duplicate"]) for one in again] == [("awarded", False), ("awarded", True)]

    @pytest.mark.parametrize(
        "batch", [{}, [], {"items": {}}, {"items": []}, {"items": [1] * 1001}, {"items": [1], "more": 1}, None, "x"]
    )
    def test_what_is_no_batch_is_malformed(self, call, batch):
        problem(call("POST", "/v1/results/batch", json=batch), 400, "malformed")

    def test_a_thousand_items_are_a_batch(self, call):
        answer = call("POST", "/v1/results/batch", json={"items": [None] * 1000})

        assert [one["status"] for one in answer.json()["items"]] == [400] * 1000


class TestIdempotencyKey:
    def test_the_same_request_gets_the_same_answer(self, call):
        body, headers = result(), {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
        answers = [call("POST", "/v1/results", json=body, headers=headers) for _ in range(3)]

        assert {answer.text for answer in answers} == {answers[0].text}
        assert {answer.status_code for answer in answers} == {201}

    @pytest.mark.parametrize("path", ["/v1/results", "/v1/results/batch"])
    def test_another_request_is_a_conflict(self, call, path):
        headers = {"Idempotency-Key": "once"}
        call("POST", "/v1/results", json=result(), headers=headers)

        problem(
            call("POST", path, json=result() if path == "/v1/results" else {"items": [result()]}, headers=headers),
            409,
            "conflict",
        )

    def test_a_batch_sent_again_finds_its_results(self, call):
        body, headers = {"items": [result(), result(level="superb")]}, {"Idempotency-Key": "batch"}
        first, again = (call("POST", "/v1/results/batch", json=body, headers=headers).json()["items"] for _ in range(2))

        assert first[0] | {"duplicate": True} == again[0] | {"duplicate": True}
        assert again[1]["status"] == 422

    def test_issuers_do_not_share_keys(self, rt, call, other):
        publish(rt, other)
        body, headers = result(), {"Idempotency-Key": "shared"}

        assert call("POST", "/v1/results", json=body, headers=headers).status_code == 201
        assert call("POST", "/v1/results", key=other.key, json=result(), headers=headers).status_code == 201

    @pytest.mark.parametrize("key", ["", "two words", "x" * 256, "a\tb", "caf\xe9"])
    def test_a_key_is_visible_ascii(self, call, key):
        headers = {"Idempotency-Key": key.encode("latin-1")}

        told = problem(call("POST", "/v1/results", json=result(), headers=headers), 400, "malformed")

        assert [place["pointer"] for place in told["problems"]] == ["/Idempotency-Key"]
