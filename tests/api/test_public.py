"""What everybody may read, as browsers, wallets and verifiers read it."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlsplit

import pytest

from api.expecting import problem
from api.guarded import RULE
from ler_issuer.api import problems
from ler_issuer.services import keyring
from ler_issuer.vc import canonize
from pictures import SVG
from world import award, definition, publish

IMAGE = {"caption": "A badge", "media_type": "image/svg+xml", "data": base64.b64encode(SVG).decode()}

LINKED_DATA = {"application/ld+json", "application/json"}
CREDENTIAL = {"application/vc", "application/vc+ld+json", *LINKED_DATA}
DID = {"application/did+ld+json", "application/did+json", *LINKED_DATA}

SCHEMA = {"application/schema+json", "application/json"}

DOCUMENTS = {
    "did": ("application/did+ld+json", DID, "no-cache"),
    "issuer": ("application/ld+json", LINKED_DATA, "no-cache"),
    "status": ("application/vc+ld+json", CREDENTIAL, "no-cache"),
    "achievement": ("application/ld+json", LINKED_DATA, "no-cache"),
    "version": ("application/ld+json", LINKED_DATA, "public, max-age=31536000, immutable"),
    "rule": ("application/json", {"application/json"}, "no-cache"),
    "rule version": ("application/json", {"application/json"}, "public, max-age=31536000, immutable"),
    "rule schema": ("application/schema+json", SCHEMA, "no-cache"),
    "holdings schema": ("application/schema+json", SCHEMA, "no-cache"),
    "image": ("image/svg+xml", {"image/svg+xml"}, "public, max-age=31536000, immutable"),
    "problem": ("text/plain; charset=utf-8", {"text/plain; charset=utf-8"}, "no-cache"),
}


@pytest.fixture
def paths(rt, tenant, call):
    """The addresses of one of each, by name."""
    achievement = publish(rt, tenant, image=IMAGE)
    document = call("GET", f"/v1/credentials/{award(rt, tenant).credential_id}").json()["document"]
    publish(rt, tenant, key="leader", award=None, rubric=None)
    rule = call("POST", "/v1/rules", json=RULE).json()["id"]
    call("POST", f"/v1/rules/{rule}/publish")
    home = f"/issuers/{tenant.issuer.slug}"
    return {
        "did": f"{home}/did.json",
        "issuer": home,
        "status": urlsplit(document["credentialStatus"]["statusListCredential"]).path,
        "achievement": urlsplit(document["credentialSubject"]["achievement"]["id"]).path,
        "version": f"/achievements/{achievement.id}/versions/1",
        "rule": f"/rules/{rule}",
        "rule version": f"/rules/{rule}/versions/1",
        "rule schema": "/schemas/stacking-rule.json",
        "holdings schema": "/schemas/holdings.json",
        "image": urlsplit(document["credentialSubject"]["achievement"]["image"]["id"]).path,
        "problem": "/problems/malformed",
    }


@pytest.mark.parametrize("name", DOCUMENTS)
class TestEveryDocument:
    def test_it_is_there_for_any_origin(self, service, paths, name):
        media_type, _, caching = DOCUMENTS[name]

        answer = service.get(paths[name], headers={"Origin": "https://wallet.example"})

        assert answer.status_code == 200
        assert answer.headers["content-type"] == media_type
        assert answer.headers["cache-control"] == caching
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers

    def test_head_gives_the_headers_alone(self, service, paths, name):
        whole, head = service.get(paths[name]), service.head(paths[name])

        assert (head.status_code, head.content) == (200, b"")
        for header in ("content-type", "content-length", "etag", "cache-control"):
            assert head.headers[header] == whole.headers[header]

    def test_who_has_it_already_gets_nothing_again(self, service, paths, name):
        tag = service.get(paths[name]).headers["etag"]

        for known in (tag, f'"other", W/{tag}', "*"):
            again = service.get(paths[name], headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            assert again.headers["access-control-allow-origin"] == "*"
        assert service.get(paths[name], headers={"If-None-Match": '"other"'}).status_code == 200

    def test_the_reader_chooses_the_media_type(self, service, paths, name):
        media_type, offered, _ = DOCUMENTS[name]

        for wanted in offered:
            answer = service.get(paths[name], headers={"Accept": f"{wanted}, */*;q=0.1"})
            assert answer.headers["content-type"] == wanted
        for accept in ("*/*", "text/html", ""):
            assert service.get(paths[name], headers={"Accept": accept}).headers["content-type"] == media_type

    def test_browsers_may_ask_first(self, service, paths, name):
        asked = {"Origin": "https://wallet.example", "Access-Control-Request-Method": "GET"}

        answer = service.options(paths[name], headers=asked | {"Access-Control-Request-Headers": "accept"})

        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "GET" in answer.headers["access-control-allow-methods"]
        assert answer.headers["access-control-allow-headers"] == "*"

    def test_nobody_writes_here(self, service, paths, name):
        told = service.post(paths[name], json={})

        problem(told, 405, "method-not-allowed")
        assert told.headers["allow"] == "GET, HEAD"


def test_tags_tell_media_types_apart(service, paths):
    tags = {service.get(paths["status"], headers={"Accept": one}).headers["etag"] for one in CREDENTIAL}

    assert len(tags) == len(CREDENTIAL)
    assert service.get(paths["status"]).headers["vary"] == "Accept"


def test_a_picture_can_run_nothing(service, paths):
    answer = service.get(paths["image"])

    assert answer.content == SVG
    assert paths["image"].endswith(hashlib.sha256(SVG).hexdigest())
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def test_a_revocation_shows_at_once(service, call, paths):
    before = service.get(paths["status"])
    (line,) = call("GET", "/v1/credentials").json()["items"]
    call("POST", f"/v1/credentials/{line['id']}/revoke", json={"reason_code": "x"})

    after = service.get(paths["status"], headers={"If-None-Match": before.headers["etag"]})

    assert after.status_code == 200
    assert after.json()["credentialSubject"]["encodedList"] != before.json()["credentialSubject"]["encodedList"]


def test_documents_are_named_by_where_they_are(rt, service, paths, tenant):
    assert service.get(paths["did"]).json()["id"] == tenant.issuer.did
    assert service.get(paths["issuer"]).json()["name"] == tenant.issuer.name
    for name in ("status", "achievement"):
        assert service.get(paths[name]).json()["id"] == rt.base_url + paths[name]


@pytest.mark.parametrize("name", ["did", "issuer", "status", "achievement", "version"])
def test_every_word_of_a_document_has_a_meaning(rt, service, paths, name):
    assert canonize(service.get(paths[name]).json(), rt.rules.contexts).lost == ()


def test_a_rotated_key_is_published_beside_the_old_one(rt, service, paths, tenant):
    before = service.get(paths["did"]).json()["assertionMethod"]
    keyring.rotate(rt, tenant.issuer.slug, actor="cli:test")

    after = service.get(paths["did"]).json()["assertionMethod"]

    assert len(after) == 2
    assert set(before) < set(after)


@pytest.mark.parametrize(
    "path",
    [
        "/issuers/nobody",
        "/issuers/nobody/did.json",
        "/issuers/%00/did.json",
        "/status/11111111-2222-4333-8444-555555555555",
        "/status/x",
        "/achievements/11111111-2222-4333-8444-555555555555",
        "/achievements/x",
        "/images/" + "0" * 64,
        "/images/..%2f..%2fetc",
        "/problems/none",
        "/problems/%00",
        "/credentials/11111111-2222-4333-8444-555555555555?key=x.y",
        "/nowhere",
    ],
)
def test_what_is_not_there_is_missing(service, path):
    answer = service.get(path)

    problem(answer, 404, "missing")
    assert service.head(path).status_code == 404
    assert ("access-control-allow-origin" in answer.headers) == (path != "/nowhere")


@pytest.mark.parametrize("version", ["0", "2", "-1", "1.0", "x", "99999999999999999999", "%00"])
def test_only_published_versions_are_there(service, paths, version):
    problem(service.get(paths["version"].removesuffix("1") + version), 404, "missing")


def test_a_draft_is_not_for_everybody(call, service):
    entry = call("POST", "/v1/achievements", json=definition(key="secret-plan")).json()

    problem(service.get(f"/achievements/{entry['id']}"), 404, "missing")
    problem(service.get(f"/achievements/{entry['id']}/versions/1"), 404, "missing")


@pytest.mark.parametrize("kind", [*problems.KINDS.values(), problems.INTERNAL], ids=lambda kind: kind.slug)
def test_every_problem_type_is_explained_where_it_points(service, kind):
    told = service.get(f"/problems/{kind.slug}")

    assert told.text.startswith(f"{kind.status} · ")


@pytest.mark.parametrize("path", ["/v1/credentials", "/v1/verify", "/health", "/docs", "/openapi.json"])
def test_the_rest_is_not_open_to_other_origins(call, path):
    answer = call("GET", path, headers={"Origin": "https://elsewhere.example"})

    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_it_lives(service):
    answer = service.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"
