"""Stacking rules over HTTP."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import partial
from random import Random

import pytest

from api.expecting import places, problem
from api.guarded import RULE
from ler_issuer.services import back_awarding
from world import award, publish

FIRST = {"name": "Ada", "at": "2026-01-01T00:00:00Z", "met": True}


@pytest.fixture
def tenant(rt, tenant):
    publish(rt, tenant, earned="per_assessment")
    publish(rt, tenant, key="leader", name="Leader", award=None, rubric=None)
    return tenant


@pytest.fixture
def draft(call, tenant):  # noqa: ARG001 - what the rule names is there
    """Draft a rule: ``draft(**changes)``."""
    return lambda **changes: call("POST", "/v1/rules", json=RULE | changes)


def work(rt, tenant, learner, times=2):
    for number in range(times):
        award(rt, tenant, learner, assessment=f"essay-{number}")


def test_a_rule_is_drafted_tried_previewed_and_published(rt, call, tenant, draft):
    work(rt, tenant, "ada@b.c")
    work(rt, tenant, "bob@b.c", times=1)
    drafted = draft()
    path = f"/v1/rules/{drafted.json()['id']}"
    tried = call("POST", f"{path}/test")
    preview = call("POST", f"{path}/preview")
    published = call("POST", f"{path}/publish")

    assert (drafted.status_code, drafted.json()["state"], drafted.json()["version"]) == (201, "draft", 1)
    assert (tried.status_code, tried.json()["state"]) == (200, "tested")
    assert preview.json()["learners"] == 2
    assert preview.json()["by_achievement"] == {"leader": {"gain": 1, "lose": 0}}
    assert preview.json()["by_unit"] == {"unknown": {"gain": 1, "lose": 0}}
    (gain,) = preview.json()["gain"]
    assert gain.keys() == {"learner_id", "achievement", "rule", "version", "unit"}
    told = published.json()
    assert (published.status_code, told["state"], told["transition"]) == (200, "published", "pin")
    assert told["published_at"] == "2026-06-01T12:00:00Z"
    progress = {name: told["back_award"][name] for name in ("version", "state", "total", "done", "awarded", "cases")}
    assert progress == {"version": 1, "state": "done", "total": 2, "done": 2, "awarded": 1, "cases": 0}
    held = call("GET", "/v1/credentials", params={"learner": gain["learner_id"]}).json()["items"]
    assert len(held) == 3
    assert call("GET", path).json() == {name: value for name, value in told.items() if name != "back_award"}
    assert call("GET", f"{path}/back-awards").json() == {"items": [told["back_award"]]}
    assert call("POST", f"{path}/publish").json() == told


def test_a_definition_comes_back_as_it_was_sent(call, draft):
    told = draft(catalog_year="2026-27", in_force_from="2026-09-01T00:00:00Z").json()["definition"]

    assert told["rule"]["achievements"] == ["teamwork"]
    assert told["catalog_year"] == "2026-27"
    assert call("POST", "/v1/rules", json=told).json()["definition"] == told


def test_the_text_that_is_served_has_the_digest_that_is_told(call, service, draft, rt):
    path = f"/v1/rules/{draft().json()['id']}"
    told = call("POST", f"{path}/publish").json()

    served = service.get(f"{told['uri']}/versions/1")

    assert hashlib.sha256(served.content).hexdigest() == told["text_digest"]
    assert served.json()["id"] == f"{rt.base_url}/rules/{told['id']}/versions/1"
    assert service.get(told["uri"]).content == served.content
    for number in ("2", "0", "x", "1.0"):
        problem(service.get(f"{told['uri']}/versions/{number}"), 404, "missing")
    assert call("POST", f"{path}/retire").json()["state"] == "retired"
    assert service.get(f"{told['uri']}/versions/1").content == served.content


def test_a_draft_is_not_served(service, draft):
    problem(service.get(draft().json()["uri"]), 404, "missing")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"key": "Leader!"}, ("/key", "string_pattern_mismatch")),
        ({"rule": {"type": "luck"}}, ("/rule", "union_tag_invalid")),
        ({"rule": {"type": "holding"}}, ("/rule/achievements", "missing")),
        ({"policy": "ignore"}, ("/policy", "enum")),
        ({"catalog_year": "next year"}, ("/catalog_year", "string_pattern_mismatch")),
        ({"examples": [FIRST | {"met": "yes"}]}, ("/examples/0/met", "bool_type")),
    ],
)
def test_a_definition_of_the_wrong_shape_is_malformed(draft, change, place):
    assert place in places(problem(draft(**change), 400, "malformed"))


NONSENSE = (None, True, -1, 1.5, "", "x" * 3_000, "\x00", [], {}, [[]], {"type": "all", "rules": []}, RULE["rule"])


def spoiled(value, chance):
    """Put nonsense in some place of a JSON value, or leave a member out."""
    if chance.random() < 0.15 or not isinstance(value, dict | list) or not value:
        return chance.choice(NONSENSE)
    if isinstance(value, list):
        place = chance.randrange(len(value))
        return [spoiled(one, chance) if number == place else one for number, one in enumerate(value)]
    name = chance.choice([*value, "unknown"])
    rest = {key: one for key, one in value.items() if key != name}
    return rest if chance.random() < 0.15 else {**rest, name: spoiled(value.get(name), chance)}


@pytest.mark.usefixtures("tenant")
def test_whatever_is_drafted_is_taken_or_refused(call):
    tree = {
        "type": "within",
        "of": "parts",
        "years": 4,
        "rule": {
            "type": "distinct",
            "what": "experiences",
            "minimum": 2,
            "rule": {"type": "any", "rules": [RULE["rule"]]},
        },
    }
    whole = RULE | {
        "rule": tree,
        "levels": ["low", "high"],
        "equivalences": [["teamwork", "https://example.org/1"]],
        "policy": "review",
        "catalog_year": "2026",
        "in_force_from": "2026-01-01T00:00:00Z",
        "examples": [FIRST | {"holdings": [{"id": "a", "achievement": "teamwork", "awarded_at": FIRST["at"]}]}],
    }
    chance = Random(7)
    answers = Counter(call("POST", "/v1/rules", json=spoiled(whole, chance)).status_code for _ in range(300))

    assert answers.keys() == {201, 400, 422}


def test_examples_that_fail_are_named(call, draft):
    path = f"/v1/rules/{draft(examples=[*RULE['examples'], FIRST]).json()['id']}"

    for act in ("test", "preview", "publish"):
        told = problem(call("POST", f"{path}/{act}"), 422, "unacceptable")
        assert places(told) == {("/examples/1", "example_failed")}
    assert call("GET", path).json()["state"] == "draft"


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        ({"transition": "grace"}, 422, ("/grace_until", "missing")),
        ({"transition": "grace", "grace_until": "2020-01-01T00:00:00Z"}, 422, ("/grace_until", "not_in_future")),
        ({"transition": "grace", "grace_until": "soon"}, 400, ("/grace_until", "value_error")),
        ({"transition": "push"}, 400, ("/transition", "enum")),
        ({"mode": "pin"}, 400, ("/mode", "extra_forbidden")),
    ],
)
def test_a_publication_says_how(call, draft, body, status, place):
    path = f"/v1/rules/{draft().json()['id']}"
    slug = {400: "malformed", 422: "unacceptable"}[status]

    for act in ("preview", "publish"):
        assert place in places(problem(call("POST", f"{path}/{act}", json=body), status, slug))


def test_who_would_lose_is_told_with_what_would_happen(rt, call, tenant, draft):
    work(rt, tenant, "ada@b.c")
    path = f"/v1/rules/{draft(policy='revoke').json()['id']}"
    call("POST", f"{path}/publish")
    draft(rule={"type": "holding", "achievements": ["teamwork"], "times": 3})
    wanted = {"transition": "migrate"}

    (loss,) = call("POST", f"{path}/preview", json=wanted).json()["lose"]
    published = call("POST", f"{path}/publish", json=wanted).json()

    assert loss["policy"] == "revoke"
    assert published["back_award"]["cases"] == 1
    standing = call("GET", "/v1/credentials", params={"learner": loss["learner_id"], "standing": "revoked"})
    assert len(standing.json()["items"]) == 1


def test_what_is_left_to_the_worker_is_told(rt, call, tenant, draft, monkeypatch):
    monkeypatch.setattr(back_awarding, "CHUNK", 1)
    monkeypatch.setattr(back_awarding, "AT_ONCE", 1)
    for name in ("ada@b.c", "bob@b.c"):
        work(rt, tenant, name)
    path = f"/v1/rules/{draft().json()['id']}"

    told = call("POST", f"{path}/publish").json()["back_award"]
    assert (told["state"], told["done"], told["total"]) == ("running", 1, 2)
    back_awarding.go_on_with_all(rt, until=lambda: False)
    (told,) = call("GET", f"{path}/back-awards").json()["items"]
    assert (told["state"], told["done"], told["awarded"]) == ("done", 2, 2)


def test_pages_hold_every_rule_once(call, draft):
    keys = [f"stack-{number}" for number in range(5)]
    for key in reversed(keys):
        draft(key=key)
    page = partial(call, "GET", "/v1/rules")
    first = page(params={"limit": 3}).json()
    second = page(params={"limit": 3, "cursor": first["next_cursor"]}).json()

    assert [one["key"] for one in first["items"] + second["items"]] == keys
    assert second["next_cursor"] is None
    assert all("definition" not in one for one in first["items"])


def test_an_idempotency_key_makes_one_of_two_requests(call, tenant, rt):
    work(rt, tenant, "ada@b.c")
    headers = {"Idempotency-Key": "rule-1"}
    first, again = (call("POST", "/v1/rules", json=RULE, headers=headers) for _ in range(2))
    path = f"/v1/rules/{first.json()['id']}"

    assert first.json() == again.json()
    problem(call("POST", "/v1/rules", json=RULE | {"key": "other"}, headers=headers), 409, "conflict")
    headers = {"Idempotency-Key": "rule-2"}
    published, once_more = (call("POST", f"{path}/publish", json={}, headers=headers) for _ in range(2))
    assert published.json() == once_more.json()


def test_what_was_never_published_cannot_be_retired(call, draft):
    problem(call("POST", f"/v1/rules/{draft().json()['id']}/retire"), 409, "conflict")
