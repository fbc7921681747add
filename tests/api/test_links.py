"""A link's life: made, followed by a wallet that has no key, ended."""

from __future__ import annotations

import pytest

from api.expecting import places, problem
from world import award, publish


@pytest.fixture
def credential(rt, tenant):
    publish(rt, tenant)
    return award(rt, tenant).credential_id


@pytest.fixture
def link(call, credential):
    return call("POST", f"/v1/credentials/{credential}/links").json()


def test_a_link_gives_the_exact_bytes(service, rt, link, credential):
    with rt.db.read() as db:
        stored = db.connection.exec_driver_sql("SELECT body FROM credential WHERE id = ?", (credential,)).scalar()

    answer = service.get(link["url"])

    assert (answer.status_code, answer.content) == (200, stored)
    assert answer.headers["content-type"] == "application/vc"
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "etag" not in answer.headers


@pytest.mark.parametrize("media_type", ["application/ld+json", "application/json", "application/vc"])
def test_a_wallet_chooses_the_media_type(service, link, media_type):
    answer = service.get(link["url"], headers={"Accept": media_type})

    assert answer.headers["content-type"] == media_type
    assert answer.content == service.get(link["url"]).content


def test_a_link_expires(service, link, world):
    assert link["expires_at"] == "2026-06-02T12:00:00Z"
    world.wait(hours=24)

    problem(service.get(link["url"]), 404, "missing")


def test_a_link_stands_as_long_as_was_asked(call, service, credential, world):
    made = call("POST", f"/v1/credentials/{credential}/links", json={"expires_in_seconds": 60}).json()
    assert made["expires_at"] == "2026-06-01T12:01:00Z"
    world.wait(seconds=59)
    assert service.get(made["url"]).status_code == 200
    world.wait(seconds=1)
    problem(service.get(made["url"]), 404, "missing")


def test_a_link_can_be_ended(call, service, link, credential):
    other = call("POST", f"/v1/credentials/{credential}/links").json()

    ended = call("DELETE", f"/v1/links/{link['link_id']}")

    assert (ended.status_code, ended.content) == (204, b"")
    problem(service.get(link["url"]), 404, "missing")
    assert service.get(other["url"]).status_code == 200
    assert call("DELETE", f"/v1/links/{link['link_id']}").status_code == 204


def test_a_link_is_made_once_for_an_idempotency_key(call, credential):
    headers = {"Idempotency-Key": "link"}
    first, again = (call("POST", f"/v1/credentials/{credential}/links", headers=headers) for _ in range(2))

    assert first.json() == again.json()
    assert (first.status_code, again.status_code) == (201, 201)
    problem(call("POST", f"/v1/credentials/{credential}/links", json={}, headers=headers), 409, "conflict")


def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(rt, tenant, service, link, credential):
    second = award(rt, tenant, "bea@example.edu").credential_id
    url, _, key = link["url"].partition("?key=")
    wrong = [
        url,
        f"{url}?key=",
        f"{url}?key={key[:-1]}",
        f"{url}?key={key}A",
        f"{url}?key={key.swapcase()}",
        f"{url}?key={key}%00",
        f"{url}?key=%F0%9F%98%80",
        f"{url}?key={'A' * 5000}",
        f"{url.replace(credential, second)}?key={key}",
        f"{url.replace(credential, 'x')}?key={key}",
    ]

    answers = [problem(service.get(one), 404, "missing") for one in wrong]

    assert all(key not in str(told) for told in answers)


@pytest.mark.parametrize("seconds", [0, 59, 31 * 24 * 3600 + 1, True, "3600", 3600.5, None])
def test_a_link_has_a_lifetime_within_reason(call, credential, seconds):
    told = problem(
        call("POST", f"/v1/credentials/{credential}/links", json={"expires_in_seconds": seconds}), 400, "malformed"
    )

    assert {place for place, _ in places(told)} == {"/expires_in_seconds"}
