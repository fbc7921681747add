"""Learner records over HTTP: the exact bytes, for the issuer alone."""

from __future__ import annotations

import pytest

from api.expecting import places, problem
from world import award, publish


@pytest.fixture
def learner(rt, tenant, call):
    publish(rt, tenant)
    return call("GET", f"/v1/credentials/{award(rt, tenant).credential_id}").json()["learner_id"]


@pytest.fixture
def path(learner):
    return f"/v1/learners/{learner}/record"


def test_a_record_is_issued_once_and_read_again(call, path):
    made, again, read = call("POST", path), call("POST", path, json={}), call("GET", path)

    assert (made.status_code, again.status_code, read.status_code) == (201, 200, 200)
    assert made.content == again.content == read.content
    assert made.headers["Content-Type"] == "application/vc"
    assert made.headers["Cache-Control"] == "no-store"
    assert "ClrCredential" in made.json()["type"]


@pytest.mark.parametrize("accept", ["application/vc+ld+json", "application/ld+json", "application/json"])
def test_it_has_the_name_that_was_asked_for(call, path, accept):
    made = call("POST", path, headers={"Accept": accept})
    read = call("GET", path, headers={"Accept": accept})

    assert made.headers["Content-Type"] == read.headers["Content-Type"] == accept


def test_a_selection_is_a_record_of_its_own(call, path):
    (member,) = call("POST", path).json()["credentialSubject"]["verifiableCredential"]
    problem(call("GET", path, params={"partial": "true"}), 404, "missing")
    for named in (member["id"], member["id"].removeprefix("urn:uuid:").upper()):
        made = call("POST", path, json={"credentials": [named]})
        assert made.json()["partial"] is True

    assert call("GET", path, params={"partial": "true"}).content == made.content != call("GET", path).content


def test_before_one_was_issued_there_is_none(call, path):
    assert problem(call("GET", path), 404, "missing")["detail"] == "no such record was issued"


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        ({"credentials": []}, 400, ("/credentials", "too_short")),
        ({"credentials": [7]}, 400, ("/credentials/0", "string_type")),
        ({"members": []}, 400, ("/members", "extra_forbidden")),
        ({"credentials": ["nobody's"]}, 422, ("/credentials/0", "unknown_credential")),
    ],
)
def test_what_cannot_go_in_is_refused_by_its_place(call, path, body, status, place):
    told = problem(call("POST", path, json=body), status, "malformed" if status == 400 else "unacceptable")
    assert places(told) == {place}


def test_a_learner_on_hold_gets_none(call, learner, path):
    call("POST", f"/v1/learners/{learner}/hold", json={"reason": "fees"})

    assert "on hold" in problem(call("POST", path), 422, "unacceptable")["detail"]


def test_the_same_request_sent_twice_has_one_answer(call, rt, tenant, path):
    headers = {"Idempotency-Key": "one"}
    first = call("POST", path, headers=headers)
    award(rt, tenant, source_id="another", achievement="teamwork")

    assert call("POST", path, headers=headers).content == first.content
