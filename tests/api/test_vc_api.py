"""The VC-API: documents signed and examined over HTTP, their status, and who may have it done."""

from __future__ import annotations

import copy
import json
import sqlite3

import pytest

from api.expecting import problem
from ler_issuer.services import access, auditing
from ler_issuer.services.access import Scope
from world import award, found, publish

V2 = "https://www.w3.org/ns/credentials/v2"
MALFORMED = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
PARSING = "https://www.w3.org/TR/vc-data-model#PARSING_ERROR"


def credential(issuer, /, **changes):
    """Give a credential of somebody's; a change to None leaves a member out."""
    whole = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": {"id": "did:example:alice", "name": "Alice"},
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


@pytest.fixture
def keyed(rt):
    """An issuer whose DID is a key, as all suites want it."""
    number = len([row for row in rows(rt, "SELECT slug FROM issuer") if row[0].startswith("keyed")])
    return found(rt, f"keyed-{number}", did_method="key")


def rows(rt, statement):
    connection = sqlite3.connect(rt.db.engine.url.database)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


@pytest.fixture
def ask(service, keyed):
    """Send a body with the key of the did:key issuer."""

    def asked(path, body, *, key=keyed.key, headers=None):
        return service.post(path, json=body, headers={"Authorization": f"Bearer {key}"} | (headers or {}))

    return asked


@pytest.fixture
def issue(ask, keyed):
    def issued(options=None, **changes):
        body = {"credential": credential(keyed.issuer.did, **changes)} | (
            {} if options is None else {"options": options}
        )
        answer = ask("/credentials/issue", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["verifiableCredential"]

    return issued


@pytest.fixture
def verify(service):
    """Verify without any key: everybody may."""

    def verified(document, options=None, path="/credentials/verify"):
        body = {"verifiableCredential": document} | ({} if options is None else {"options": options})
        return service.post(path, json=body)

    return verified


def refused(answer, status=400):
    """Check that an answer is one of the VC-API's errors, and give its problems as (pointer, type)."""
    assert answer.status_code == status, answer.text
    assert "json" in answer.headers["content-type"]
    told = answer.json()
    assert told["errors"]
    for one in told["problemDetails"]:
        assert one.keys() == {"type", "title", "detail", "code", "pointer"}
        assert one["title"]
    return {(one["pointer"], one["type"]) for one in told["errors"]}


class TestIssuing:
    def test_a_credential_is_signed_as_it_is_with_a_status_of_ours(self, issue, verify, keyed):
        signed = issue(id="urn:example:1", name="A degree")

        assert signed["@context"] == [V2]
        assert signed["id"] == "urn:example:1"
        assert signed["credentialSubject"] == {"id": "did:example:alice", "name": "Alice"}
        assert signed["proof"]["verificationMethod"].startswith(keyed.issuer.did + "#z6Mk")
        assert signed["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
        entry = signed["credentialStatus"]
        assert entry["type"] == "BitstringStatusListEntry"
        assert entry["statusPurpose"] == "revocation"
        assert isinstance(entry["statusListIndex"], str)
        assert entry.keys().isdisjoint({"statusSize", "statusMessage"})
        assert verify(signed).json()["verified"] is True

    def test_its_bytes_are_kept(self, issue, rt):
        signed = issue(id="urn:example:kept")

        (body,) = next(iter(rows(rt, "SELECT body FROM issued_document WHERE credential_id = 'urn:example:kept'")))
        assert json.loads(body) == signed

    def test_the_same_id_may_come_again(self, issue):
        first, second = issue(id="urn:example:again"), issue(id="urn:example:again")

        assert first["credentialStatus"] != second["credentialStatus"]

    def test_a_status_that_is_given_stays_beside_ours(self, issue):
        theirs = {"id": "did:example:status", "type": "https://example.org/Status"}

        kept, ours = issue(credentialStatus=theirs)["credentialStatus"]

        assert kept == theirs
        assert ours["type"] == "BitstringStatusListEntry"

    def test_a_place_in_one_of_our_lists_is_not_given_out_twice(self, issue, ask, keyed):
        taken = issue()["credentialStatus"]

        answer = ask("/credentials/issue", {"credential": credential(keyed.issuer.did, credentialStatus=taken)})

        assert refused(answer) == {("/credentialStatus", MALFORMED)}

    def test_options_choose_the_suite_and_what_the_status_is_for(self, issue):
        signed = issue(options={"cryptosuite": "eddsa-jcs-2022", "statusPurpose": "suspension", "unknown": [1]})

        assert signed["proof"]["cryptosuite"] == "eddsa-jcs-2022"
        assert signed["credentialStatus"]["statusPurpose"] == "suspension"

    def test_every_address_signs(self, ask, keyed, verify):
        home = f"/issuers/{keyed.issuer.slug}"
        body = {"credential": credential(keyed.issuer.did)}
        for path, suite in (
            (f"{home}/credentials/issue", "eddsa-rdfc-2022"),
            (f"{home}/eddsa-jcs-2022/credentials/issue", "eddsa-jcs-2022"),
        ):
            answer = ask(path, body)
            assert answer.status_code == 201
            signed = answer.json()["verifiableCredential"]
            assert signed["proof"]["cryptosuite"] == suite
            assert verify(signed, path=f"{home}/credentials/verify").status_code == 200

    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [
            ("application/ld+json, application/json", "application/json"),
            ("application/ld+json", "application/ld+json"),
            ("*/*", "application/json"),
            ("application/vc+ld+json", "application/vc+ld+json"),
            ("application/vc", "application/vc"),
        ],
    )
    def test_answers_are_json_unless_a_credential_is_asked_for(self, ask, keyed, accept, media_type):
        answer = ask("/credentials/issue", {"credential": credential(keyed.issuer.did)}, headers={"Accept": accept})

        assert answer.headers["content-type"] == media_type
        assert ("verifiableCredential" in answer.json()) == (media_type != "application/vc")

    def test_bodies_of_any_json_type_are_read(self, service, keyed):
        body = json.dumps({"credential": credential(keyed.issuer.did)})
        headers = {"Content-Type": "application/ld+json", **keyed.auth}

        assert service.post("/credentials/issue", content=body, headers=headers).status_code == 201

    def test_with_an_idempotency_key_it_happens_once(self, ask, keyed, rt):
        body = {"credential": credential(keyed.issuer.did, id="urn:example:once")}

        first = ask("/credentials/issue", body, headers={"Idempotency-Key": "k"})
        second = ask("/credentials/issue", body, headers={"Idempotency-Key": "k"})

        assert first.json() == second.json()
        assert rows(rt, "SELECT count(*) FROM issued_document WHERE credential_id = 'urn:example:once'") == [(1,)]
        other = {"credential": credential(keyed.issuer.did, id="urn:example:twice")}
        problem(ask("/credentials/issue", other, headers={"Idempotency-Key": "k"}), 409, "conflict")

    def test_it_is_told_to_whoever_follows(self, issue, service, keyed, rt):
        issue()
        events = service.get("/v1/events", headers=keyed.auth).json()["items"]

        assert events[-1]["type"] == "document.issued"
        assert auditing.replay(rt).discrepancies == ()

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"@context": "https://www.w3.org/ns/credentials/v2"}, "/@context"),
            ({"type": ["Thing"]}, "/type"),
            ({"issuer": "did:example:other"}, "/issuer"),
            ({"credentialSubject": {}}, "/credentialSubject"),
            ({"credentialSubject": {"id": "did:example:a", "invalidTerm": 1}}, "/credentialSubject/invalidTerm"),
            ({"statusEntry": {"type": "X"}}, "/statusEntry"),
            ({"validFrom": "Mon, 01 Jun 2026 12:00:00 GMT"}, "/validFrom"),
            ({"@context": [V2, "https://example.org/unknown"]}, "/@context/1"),
            ({"@context": [V2, {"own": "https://example.org/own"}]}, "/@context/1"),
            ({"proof": {"type": "DataIntegrityProof"}}, "/proof"),
            ({"@included": [{"id": "urn:y", "type": "VerifiableCredential"}]}, "/@included"),
            ({"credentialSubject": {"@id": "did:example:a", "name": "A"}}, "/credentialSubject/@id"),
            ({"id": "https://example.org/" + "x" * 700}, "/id"),
            (
                {"@context": ["https://www.w3.org/2018/credentials/v1"], "issuanceDate": "2026-01-01T00:00:00Z"},
                "/@context",
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_what_breaks_a_rule_is_refused_by_place_and_type(self, ask, keyed, changes, pointer):
        found = refused(ask("/credentials/issue", {"credential": credential(keyed.issuer.did, **changes)}))

        assert pointer in {place for place, _ in found}
        assert all(kind.startswith(("https://www.w3.org/", "https://w3id.org/")) for _, kind in found)

    @pytest.mark.parametrize(
        "options", [{"cryptosuite": "nonsense"}, {"statusPurpose": "message"}, 1, {"cryptosuite": 1}]
    )
    def test_options_that_cannot_be_met_are_refused(self, ask, keyed, options):
        refused(ask("/credentials/issue", {"credential": credential(keyed.issuer.did), "options": options}))

    def test_a_suite_that_only_verifies_signs_nothing(self, ask, keyed):
        path = f"/issuers/{keyed.issuer.slug}/Ed25519Signature2020/credentials/issue"

        refused(ask(path, {"credential": credential(keyed.issuer.did)}))

    def test_a_body_without_a_credential_names_the_place(self, ask):
        assert refused(ask("/credentials/issue", {"verifiableCredential": {}})) == {("/credential", MALFORMED)}
        assert refused(ask("/credentials/issue", {"credential": "text"})) == {("/credential", MALFORMED)}

    def test_what_is_no_json_is_told_so(self, service, keyed):
        for content in (b"{", b'{"credential": {}, "credential": {}}', b'{"credential": NaN}'):
            headers = {"Content-Type": "application/json", **keyed.auth}
            found = refused(service.post("/credentials/issue", content=content, headers=headers))
            assert {kind for _, kind in found} == {PARSING}
        problem(
            service.post("/credentials/issue", content=b"{}", headers={"Content-Type": "text/plain", **keyed.auth}),
            415,
            "unsupported-media-type",
        )

    def test_a_badge_has_to_be_one(self, ask, keyed):
        contexts = [V2, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
        types = ["VerifiableCredential", "OpenBadgeCredential"]

        found = refused(
            ask(
                "/credentials/issue", {"credential": credential(keyed.issuer.did, type=types, **{"@context": contexts})}
            )
        )

        assert found


class TestWhoMayIssue:
    @pytest.mark.parametrize("path", ["/credentials/issue", "/credentials/status"])
    def test_nobody_without_a_key(self, service, path):
        problem(service.post(path, json={}), 401, "sign-in")

    def test_nobody_for_another_issuer(self, ask, other):
        body = {"credential": credential(other.issuer.did)}

        problem(ask(f"/issuers/{other.issuer.slug}/credentials/issue", body), 404, "missing")
        problem(ask("/issuers/nobody/credentials/issue", body), 404, "missing")
        problem(ask("/issuers/a%00b/credentials/issue", body), 404, "missing")
        assert refused(ask("/credentials/issue", body)) == {("/issuer", MALFORMED)}

    def test_a_key_for_something_else_does_not_do(self, ask, rt, keyed):
        _, secret = access.create_key(
            rt, keyed.issuer.slug, name="x", scopes=[Scope.CREDENTIALS_READ], actor="cli:test"
        )

        problem(ask("/credentials/issue", {"credential": credential(keyed.issuer.did)}, key=secret), 403, "denied")

    def test_no_page_of_another_origin(self, service):
        asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}

        assert "access-control-allow-origin" not in service.options("/credentials/issue", headers=asked).headers
        assert "access-control-allow-origin" not in service.post("/credentials/issue", json={}).headers


class TestVerifying:
    def test_what_was_changed_is_not_verified(self, issue, verify):
        signed = issue()
        forged = copy.deepcopy(signed)
        forged["credentialSubject"]["name"] = "Mallory"

        answer = verify(forged)

        refused(answer)
        assert answer.json()["verified"] is False

    def test_a_good_answer_has_no_errors(self, issue, verify):
        answer = verify(issue(), {"checks": ["proof"]})

        assert answer.json()["checks"] == ["proof"]
        assert "errors" not in answer.json()

    def test_dates_that_have_passed_only_warn(self, issue, verify):
        answer = verify(issue(validUntil="2001-01-01T00:00:00Z"))

        assert answer.status_code == 200
        assert "expired" in {one["code"] for one in answer.json()["warnings"]}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("proof", None),
            ("proof", []),
            ("proof", "x"),
            ("proof", True),
            ("@context", "x"),
            ("type", "VerifiableCredential"),
            ("issuer", 4),
            ("credentialSubject", "x"),
            ("extra", "term"),
        ],
    )
    def test_what_is_no_credential_is_not_verified(self, issue, verify, name, value):
        refused(verify(issue() | {name: value}))

    @pytest.mark.parametrize("body", [{}, {"verifiableCredential": "text"}, {"verifiableCredential": None}, [], 1])
    def test_what_is_no_request_is_refused(self, service, body):
        answer = service.post("/credentials/verify", json=body)

        refused(answer)
        assert answer.json()["verified"] is False

    def test_a_stranger_asks_about_an_unknown_issuer(self, verify, issue):
        problem(verify(issue(), path="/issuers/nobody/credentials/verify"), 404, "missing")

    def test_a_status_of_an_unknown_kind_is_not_looked_up(self, issue, verify, world):
        asked = len(world.asked)
        signed = issue(credentialStatus={"id": "https://elsewhere.example/1", "type": "https://example.org/Status"})

        assert verify(signed).status_code == 200
        assert len(world.asked) == asked


class TestStatus:
    @pytest.fixture
    def change(self, ask):
        def changed(name, purpose="revocation", *, status, **more):
            entry = {"type": "BitstringStatusListEntry", "statusPurpose": purpose} | more
            return ask("/credentials/status", {"credentialId": name, "credentialStatus": entry, "status": status})

        return changed

    def test_a_document_is_revoked_and_stands_again(self, issue, verify, change, rt):
        signed = issue(id="urn:example:status")

        answer = change("urn:example:status", status=True)

        assert answer.status_code == 200
        assert answer.json()["credentialStatus"] == signed["credentialStatus"]
        assert "revoked" in {one["code"] for one in verify(signed).json()["errors"]}
        assert verify(signed, {"checks": ["proof"]}).status_code == 200
        assert change("urn:example:status", status=True).status_code == 200
        assert change("urn:example:status", status=False).status_code == 200
        assert verify(signed).status_code == 200
        history = rows(
            rt,
            "SELECT purpose, raised FROM document_event JOIN issued_document d ON d.id = document_id "
            "WHERE d.credential_id = 'urn:example:status' ORDER BY seq",
        )
        assert history == [("revocation", 1), ("revocation", 0)]

    def test_every_document_of_an_id_is_meant_or_the_one_at_a_place(self, issue, verify, change):
        first, second = issue(id="urn:example:both"), issue(id="urn:example:both")
        place = {name: second["credentialStatus"][name] for name in ("statusListCredential", "statusListIndex")}

        assert change("urn:example:both", status=True, **place).status_code == 200
        assert (verify(first).status_code, verify(second).status_code) == (200, 400)
        assert change("urn:example:both", status=True).status_code == 200
        assert verify(first).status_code == 400

    def test_a_document_without_an_id_is_found_by_its_place(self, issue, verify, change):
        signed = issue()
        place = {name: signed["credentialStatus"][name] for name in ("statusListCredential", "statusListIndex")}

        assert change("urn:example:any", status=True, **place).status_code == 200
        assert verify(signed).status_code == 400

    def test_a_suspension_is_one_too(self, issue, verify, change):
        signed = issue({"statusPurpose": "suspension"}, id="urn:example:suspend")

        assert change("urn:example:suspend", "suspension", status=True).status_code == 200
        assert verify(signed).status_code == 400
        assert change("urn:example:suspend", "suspension", status=False).status_code == 200
        assert verify(signed).status_code == 200
        refused(change("urn:example:suspend", "revocation", status=True))

    def test_what_is_not_ones_own_is_missing(self, issue, ask, change, other, verify):
        signed = issue(id="urn:example:mine")
        body = {
            "credentialId": "urn:example:mine",
            "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"},
            "status": True,
        }

        problem(ask("/credentials/status", body, key=other.key), 404, "missing")
        problem(change("urn:example:nobody", status=True), 404, "missing")
        problem(change("a\u0000b", status=True), 404, "missing")
        assert verify(signed).status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            {"credentialId": 1},
            {"credentialId": None},
            {"credentialStatus": {"type": "Other", "statusPurpose": "revocation"}},
            {"credentialStatus": {"type": "BitstringStatusListEntry"}},
            {"credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "message"}},
            {"status": "1"},
            {"status": 1},
        ],
        ids=str,
    )
    def test_what_cannot_be_read_is_refused(self, ask, change):
        body = {
            "credentialId": "urn:example:x",
            "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"},
            "status": True,
        }

        refused(ask("/credentials/status", body | change))

    def test_an_earned_credential_is_revoked_for_good(self, rt, service, tenant):
        publish(rt, tenant, suspendable=True)
        made = award(rt, tenant).credential_id
        path = f"/v1/credentials/{made}"

        def change(purpose, *, status):
            entry = {"type": "BitstringStatusListEntry", "statusPurpose": purpose}
            body = {"credentialId": f"urn:uuid:{made}", "credentialStatus": entry, "status": status}
            return service.post("/credentials/status", json=body, headers=tenant.auth)

        def state():
            return service.get(path, headers=tenant.auth).json()["standing"]

        assert change("suspension", status=True).status_code == 200
        assert state() == "suspended"
        assert change("suspension", status=False).status_code == 200
        assert state() == "current"
        assert change("revocation", status=True).status_code == 200
        assert change("revocation", status=True).status_code == 200
        assert state() == "revoked"
        refused(change("revocation", status=False))
        problem(change("suspension", status=True), 409, "conflict")
        assert auditing.replay(rt).discrepancies == ()
