"""Explanations over HTTP: JSON for programs, a page for people, and nobody else's."""

from __future__ import annotations

import pytest

from api.expecting import places, problem
from records import credential
from world import award, publish


@pytest.fixture
def path(rt, tenant):
    publish(rt, tenant)
    issued = credential(rt, award(rt, tenant).credential_id)
    return f"/v1/learners/{issued.learner_id}/explain/{issued.id}"


def test_json_unless_something_else_is_asked_for(call, path):
    answer = call("GET", path)

    assert (answer.headers["content-type"], answer.headers["vary"]) == ("application/json", "Accept")
    told = answer.json()
    assert told["learner_id"] in path
    assert told["credential"]["id"].removeprefix("urn:uuid:") in path
    assert [one["rated_by"] for one in told["results"]] == ["faculty"]
    assert told["grounds"] == "results"
    assert "stack" not in told


@pytest.mark.parametrize(
    ("accept", "form", "expected"),
    [
        ("text/plain", None, "text/plain; charset=utf-8"),
        ("text/plain;q=0.2, application/json;q=0.1", None, "text/plain; charset=utf-8"),
        ("*/*", None, "application/json"),
        ("text/html", None, "application/json"),
        ("application/json", "text", "text/plain; charset=utf-8"),
        ("text/plain", "json", "application/json"),
    ],
)
def test_the_form_is_that_of_the_parameter_or_the_accept_header(call, path, accept, form, expected):
    answer = call("GET", path, headers={"Accept": accept}, params={} if form is None else {"format": form})

    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (expected, "no-store")
    assert answer.text.startswith("TEAMWORK\n" if "text" in expected else "{")


def test_a_credential_may_be_named_by_its_urn(call, path):
    told = call("GET", path).json()
    again = call("GET", path.replace(told["credential"]["id"].removeprefix("urn:uuid:"), told["credential"]["id"]))

    assert again.json() == told


def test_what_is_not_this_learners_is_missing(rt, tenant, call, path, other):
    theirs = credential(rt, award(rt, tenant, "bob@example.edu").credential_id)
    mine = path.rpartition("/")[0]

    problem(call("GET", f"{mine}/{theirs.id}"), 404, "missing")
    problem(call("GET", path.replace("/explain/", "0/explain/")), 404, "missing")
    problem(call("GET", path, key=other.key), 404, "missing")


def test_an_unknown_form_is_malformed(call, path):
    assert places(problem(call("GET", path, params={"format": "pdf"}), 400, "malformed")) == {
        ("/format", "literal_error")
    }
