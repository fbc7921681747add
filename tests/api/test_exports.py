"""Credentials in the form that a reader asks for: by media type, or by `format` for people with a browser."""

from __future__ import annotations

import pytest

from api.expecting import places, problem
from ler_issuer.badges import unbake
from world import award, publish

TYPES = {
    "jsonld": ["application/vc", "application/vc+ld+json", "application/ld+json"],
    "jwt": ["application/jwt", "application/vc+jwt", "text/plain"],
    "png": ["image/png"],
    "svg": ["image/svg+xml"],
}
ASKED = [(form, media_type) for form, media_types in TYPES.items() for media_type in media_types]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.fixture
def credential(rt, tenant):
    publish(rt, tenant)
    return award(rt, tenant).credential_id


@pytest.fixture(params=["key", "link"])
def ask(request, call, service, credential):
    """Ask for the credential: with the issuer's key, or by a link."""
    if request.param == "key":
        return lambda accept="", **params: call(
            "GET", f"/v1/credentials/{credential}", headers={"Accept": accept}, params=params
        )
    url, _, key = call("POST", f"/v1/credentials/{credential}/links").json()["url"].partition("?key=")
    return lambda accept="", **params: service.get(url, headers={"Accept": accept}, params={"key": key} | params)


@pytest.fixture
def stored(rt, credential):
    with rt.db.read() as db:
        return db.connection.exec_driver_sql("SELECT body FROM credential WHERE id = ?", (credential,)).scalar()


def is_in(body, form, stored):
    """Say whether a body is the credential in this form."""
    if form == "jsonld":
        return body == stored
    return body.count(b".") == 2 if form == "jwt" else unbake(body).text.encode() == stored


@pytest.mark.parametrize(("form", "media_type"), ASKED)
def test_a_media_type_gets_its_form(ask, stored, form, media_type):
    answer = ask(media_type)

    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert is_in(answer.content, form, stored)
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].endswith(
        f'filename="credential.{"json" if form == "jsonld" else form}"'
    )


@pytest.mark.parametrize("form", TYPES)
def test_format_goes_before_the_header(ask, stored, form):
    for accept in ("", BROWSER, "image/png", "application/json"):
        answer = ask(accept, format=form)

        assert is_in(answer.content, form, stored)
        assert answer.headers["content-type"].partition(";")[0] in {*TYPES[form], "application/json"}


def test_an_unknown_format_is_malformed(ask):
    told = problem(ask(format="pdf"), 400, "malformed")

    assert {place for place, _ in places(told)} == {"/format"}


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", BROWSER, "application/json, text/plain, */*"])
def test_whoever_asks_for_nothing_else_gets_json(ask, accept):
    answer = ask(accept)

    assert answer.headers["vary"] == "Accept"
    document = answer.json().get("document", answer.json())
    assert document["proof"]


def test_programs_of_the_issuer_get_the_whole_story(call, credential):
    for accept in ("", "*/*", "application/json", BROWSER):
        answer = call("GET", f"/v1/credentials/{credential}", headers={"Accept": accept})

        assert answer.headers["content-type"] == "application/json"
        assert answer.json().keys() >= {"document", "trace", "history"}


def test_a_picture_that_is_opened_can_do_nothing(ask):
    for form in ("png", "svg"):
        answer = ask(format=form)

        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("attachment")


def test_head_tells_the_same(call, credential):
    answer = call("HEAD", f"/v1/credentials/{credential}", headers={"Accept": "image/png"})

    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", b"")


@pytest.mark.parametrize("form", TYPES)
def test_another_issuer_gets_none(call, other, credential, form):
    problem(call("GET", f"/v1/credentials/{credential}", key=other.key, params={"format": form}), 404, "missing")
