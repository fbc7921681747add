"""Parts of credentials over HTTP: for the issuer's key, for a link, and never for a stranger."""

from __future__ import annotations

import pytest

from api.expecting import places, problem
from ler_issuer.services import keyring
from ler_issuer.vc import is_base
from world import award, publish


@pytest.fixture
def credential(rt, tenant):
    keyring.add_sd_key(rt, tenant.issuer.slug, actor="cli:test")
    publish(rt, tenant, disclosure={"mandatory": ["/name"]})
    return award(rt, tenant).credential_id


@pytest.fixture
def path(credential):
    return f"/v1/credentials/{credential}/derive"


@pytest.fixture
def link(call, credential):
    """Give the address at which whoever has a link asks for parts."""
    url = call("POST", f"/v1/credentials/{credential}/links").json()["url"]
    return url.replace("?key=", "/derive?key=")


RESULT = {"selectivePointers": ["/credentialSubject/result/0"]}


def test_the_issuer_gets_a_part_and_is_told_what_it_is(call, service, path):
    answer = call("POST", path, json=RESULT)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    told = answer.json()
    assert told.keys() == {"document", "shown", "withheld"}
    assert "/credentialSubject/result/0" in told["shown"]
    assert "/credentialSubject/result/1" in told["withheld"]
    judged = service.post("/credentials/verify", json={"verifiableCredential": told["document"]})
    assert judged.status_code == 200
    assert call("POST", path, json=RESULT).json() == told


def test_a_link_is_as_good(call, service, path, link):
    answer = service.post(link, json=RESULT)

    assert answer.status_code == 200
    assert answer.json() == call("POST", path, json=RESULT).json()
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("media_type", ["application/vc", "application/vc+ld+json", "application/ld+json"])
def test_the_part_by_itself(call, service, path, link, media_type):
    for answer in (
        call("POST", path, json=RESULT, headers={"Accept": media_type}),
        service.post(link, json=RESULT, headers={"Accept": media_type}),
    ):
        assert answer.headers["content-type"] == media_type
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json() == call("POST", path, json=RESULT).json()["document"]


def test_what_is_always_shown_needs_no_pointer(call, path):
    told = call("POST", path, json={"selectivePointers": []}).json()
    assert "/credentialSubject/result" in told["withheld"]
    assert {"/issuer", "/name", "/credentialStatus"} <= {*told["shown"]}


def test_what_is_not_there_is_told_by_place(call, service, path, link):
    asked = {"selectivePointers": ["/name", "/nothing", "/issuer", "/credentialSubject/result/9"]}
    for answer in (call("POST", path, json=asked), service.post(link, json=asked)):
        told = problem(answer, 422, "unacceptable")
        assert places(told) == {
            ("/selectivePointers/1", "pointer_unmatched"),
            ("/selectivePointers/3", "pointer_unmatched"),
        }


@pytest.mark.parametrize(
    "asked",
    [
        {},
        [],
        {"selectivePointers": "/name"},
        {"selectivePointers": [5]},
        {"selectivePointers": ["name"]},
        {"selectivePointers": ["/" + "x" * 2_000]},
        {"selectivePointers": ["/name"] * 401},
        {"selectivePointers": [], "more": 1},
        {"selective_pointers": []},
    ],
)
def test_a_body_of_another_shape(call, service, path, link, asked):
    for answer in (call("POST", path, json=asked), service.post(link, json=asked)):
        problem(answer, 400, "malformed")


def test_what_is_no_pointer_is_told_in_words(call, service, path, link):
    asked = {"selectivePointers": ["/name", "name"]}
    for answer in (call("POST", path, json=asked), service.post(link, json=asked)):
        (told,) = problem(answer, 400, "malformed")["problems"]
        assert (told["pointer"], told["code"]) == ("/selectivePointers/1", "string_pattern_mismatch")
        assert told["detail"].startswith("'name' is no JSON Pointer: ")
        assert "^" not in told["detail"]


def test_a_pointer_that_is_sent_twice_is_told_twice(call, path):
    told = problem(
        call("POST", path, json={"selectivePointers": ["/nothing", "/name", "/nothing"]}), 422, "unacceptable"
    )
    assert [(one["pointer"], one["code"]) for one in told["problems"]] == [
        ("/selectivePointers/0", "pointer_unmatched"),
        ("/selectivePointers/2", "pointer_unmatched"),
    ]
    assert all("'/nothing'" in one["detail"] for one in told["problems"])


def test_an_issuer_without_a_key_for_it(rt, tenant, call):
    publish(rt, tenant, disclosure={})
    whole = award(rt, tenant).credential_id
    for answer in (
        call("POST", f"/v1/credentials/{whole}/derive", json=RESULT),
        call("GET", f"/v1/credentials/{whole}?format=ldp_sd"),
    ):
        told = problem(answer, 422, "unacceptable")
        assert places(told) == {("", "key_missing")}
        assert "keys add-sd" in told["detail"]


def test_whoever_has_a_link_is_not_told_to_make_keys(rt, tenant, call, service):
    publish(rt, tenant, disclosure={})
    whole = award(rt, tenant).credential_id
    url = call("POST", f"/v1/credentials/{whole}/links").json()["url"].replace("?key=", "/derive?key=")

    told = problem(service.post(url, json=RESULT), 422, "unacceptable")

    assert places(told) == {("", "key_missing")}
    assert "ler-issuer" not in told["detail"]


def test_strangers_get_nothing(rt, service, call, other, credential, path, link):
    assert service.post(path, json=RESULT).status_code == 401
    problem(call("POST", path, json=RESULT, key=other.key), 404, "missing")
    url, _, key = link.partition("?key=")
    for wrong in (url, f"{url}?key=", f"{url}?key={key}A", f"{url}?key={key}%00", f"{url}?key={'A' * 5000}"):
        problem(service.post(wrong, json=RESULT), 404, "missing")
    second = award(rt, other_of(rt, other), "bea@example.edu").credential_id
    problem(service.post(link.replace(credential, second), json=RESULT), 404, "missing")


def other_of(rt, other):
    publish(rt, other)
    return other


def test_an_achievement_of_which_nothing_is_shown_by_itself(rt, tenant, call):
    publish(rt, tenant)
    whole = award(rt, tenant).credential_id
    told = problem(call("POST", f"/v1/credentials/{whole}/derive", json=RESULT), 422, "unacceptable")
    assert places(told) == {("", "not_disclosable")}
    problem(call("GET", f"/v1/credentials/{whole}?format=ldp_sd"), 422, "unacceptable")


def test_the_learner_may_have_what_parts_are_derived_from(call, service, credential, link):
    url = link.replace("/derive?key=", "?key=")
    for answer in (service.get(f"{url}&format=ldp_sd"), call("GET", f"/v1/credentials/{credential}?format=ldp_sd")):
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vc")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert is_base(answer.json()["proof"][0])
    whole = service.get(url)
    assert whole.json()["proof"][0]["cryptosuite"] == "eddsa-rdfc-2022"
    for accept in ("application/vc", "application/ld+json", "application/json", "*/*"):
        assert service.get(url, headers={"Accept": accept}).content == whole.content
