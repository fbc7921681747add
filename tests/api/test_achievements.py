"""The catalogue over HTTP."""

from __future__ import annotations

import base64

import pytest

from api.expecting import places, problem
from pictures import PNG
from world import definition, publish, result

PIXEL = base64.b64encode(PNG).decode()


def test_an_achievement_is_drafted_published_and_read(call, rt):
    drafted = call("POST", "/v1/achievements", json=definition())
    entry = drafted.json()
    path = f"/v1/achievements/{entry['id']}"

    published = call("POST", f"{path}/publish")

    assert (drafted.status_code, entry["state"], entry["version"]) == (201, "draft", 1)
    assert entry["uri"] == f"{rt.base_url}/achievements/{entry['id']}"
    assert (published.status_code, published.json()["state"]) == (200, "published")
    assert published.json()["published_at"] == "2026-06-01T12:00:00Z"
    assert call("GET", path).json() == published.json()
    assert call("POST", f"{path}/publish").json() == published.json()


def test_a_definition_comes_back_as_it_was_sent(call):
    wanted = definition(credits="1.50", score={"minimum": 0, "maximum": 20}, in_force_from="2026-01-01T00:00:00+02:00")

    told = call("POST", "/v1/achievements", json=wanted).json()["definition"]

    assert told["credits"] == "1.50"
    assert told["in_force_from"] in {"2026-01-01T00:00:00+02:00", "2025-12-31T22:00:00Z"}
    assert call("POST", "/v1/achievements", json=told).json()["definition"] == told


def test_versions_can_be_told_apart(call, rt, tenant):
    first = publish(rt, tenant)
    second = call("POST", "/v1/achievements", json=definition(description="Works in teams.")).json()
    path = f"/v1/achievements/{first.id}"

    assert second["id"] == first.id
    assert [call("GET", path, params={"version": n}).json()["version"] for n in (1, 2)] == [1, 2]
    assert call("GET", path).json()["version"] == 2
    problem(call("GET", path, params={"version": 3}), 404, "missing")
    assert call("POST", "/v1/results", json=result()).json()["outcome"] == "awarded"


def test_pages_hold_every_achievement_once(call):
    keys = [f"skill-{number}" for number in range(7)]
    for key in reversed(keys):
        call("POST", "/v1/achievements", json=definition(key=key, image={"caption": "A pixel", "data": PIXEL}))
    seen, cursor, pages = [], None, 0

    while pages == 0 or cursor:
        page = call("GET", "/v1/achievements", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        seen, cursor, pages = seen + page["items"], page["next_cursor"], pages + 1

    assert [line["key"] for line in seen] == keys
    assert pages == 3
    assert {line["state"] for line in seen} == {"draft"}
    assert all("definition" not in line for line in seen)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"key": "Team Work"}, ("/key", "string_pattern_mismatch")),
        ({"suspendable": "yes"}, ("/suspendable", "bool_type")),
        ({"suspendable": 1}, ("/suspendable", "bool_type")),
        ({"credits": True}, ("/credits", "decimal_type")),
        ({"credits": "1e2"}, ("/credits", "value_error")),
        ({"in_force_from": 1_700_000_000}, ("/in_force_from", "value_error")),
        ({"in_force_from": "1700000000"}, ("/in_force_from", "value_error")),
        ({"in_force_from": "2026-05-04T00:00:00"}, ("/in_force_from", "timezone_aware")),
        ({"release_at": "0001-01-01T00:00:00+14:00"}, ("/release_at", "value_error")),
        ({"image": {"caption": "x", "data": "not base64!"}}, ("/image/data", "value_error")),
        ({"achievement_type": "Trophy"}, ("/achievement_type", "value_error")),
        ({"disclosure": {"mandatory": ["/name", "/proof"]}}, ("/disclosure/mandatory/1", "value_error")),
        ({"disclosure": {"mandatory": ["/name", "name"]}}, ("/disclosure/mandatory/1", "string_pattern_mismatch")),
        ({"disclosure": {"mandatory": "/name"}}, ("/disclosure/mandatory", "tuple_type")),
        ({"award": {"conditions": [{"type": "luck"}]}}, ("/award/conditions/0", "union_tag_invalid")),
        ({"award": {"conditions": [{"type": "criteria"}]}}, ("/award/conditions/0/level", "missing")),
    ],
)
def test_a_definition_of_the_wrong_shape_is_malformed(call, change, place):
    assert place in places(problem(call("POST", "/v1/achievements", json=definition(**change)), 400, "malformed"))


@pytest.mark.parametrize(
    ("mandatory", "words"),
    [
        (["/proof/created"], "'/proof/created' leads into a context or a proof"),
        (["name"], "'name' is no JSON Pointer"),
        ("/name", "valid list"),
        (["/name"] * 51, "List should have at most 50"),
    ],
)
def test_what_is_always_shown_is_asked_for_in_words(call, mandatory, words):
    wrong = definition(disclosure={"mandatory": mandatory})
    (told,) = problem(call("POST", "/v1/achievements", json=wrong), 400, "malformed")["problems"]
    assert words in told["detail"]
    assert "uple" not in told["detail"]
    assert "^" not in told["detail"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"award": {"conditions": [{"type": "criteria", "level": "gold"}]}}, "/award/conditions"),
        ({"award": {"conditions": [{"type": "score", "minimum": 1}]}}, "/score"),
        ({"award": {"conditions": [{"type": "score", "minimum": 101}]}, "score": {}}, "/award/conditions"),
        (
            {"award": {"conditions": [{"type": "mean", "minimum": 1, "weights": {"a": 1}}]}, "score": {}},
            "/award/conditions",
        ),
        ({"correction": "suspend"}, "/correction"),
        ({"image": {"caption": "x", "data": base64.b64encode(b"no picture").decode()}}, "/image/data"),
    ],
)
def test_a_definition_that_contradicts_itself_is_unacceptable(call, change, pointer):
    told = problem(call("POST", "/v1/achievements", json=definition(**change)), 422, "unacceptable")
    assert (pointer, "breaks_rule") in places(told)


def test_a_version_must_follow_the_one_before(call, rt, tenant):
    first = publish(rt, tenant, in_force_from="2026-02-01T00:00:00Z")
    call("POST", "/v1/achievements", json=definition(in_force_from="2026-01-01T00:00:00Z", earned="per_assessment"))

    told = problem(call("POST", f"/v1/achievements/{first.id}/publish"), 422, "unacceptable")

    assert {"/in_force_from", "/earned"} >= {pointer for pointer, _ in places(told)} > set()


def test_an_idempotency_key_makes_one_draft_of_two_requests(call):
    headers = {"Idempotency-Key": "draft-1"}
    first, again = (call("POST", "/v1/achievements", json=definition(), headers=headers) for _ in range(2))

    assert first.json() == again.json()
    problem(call("POST", "/v1/achievements", json=definition(name="Other"), headers=headers), 409, "conflict")
    problem(call("POST", f"/v1/achievements/{first.json()['id']}/publish", headers=headers), 409, "conflict")
