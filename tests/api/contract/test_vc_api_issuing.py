"""The VC-API contract, issuing (sections 1.1, 1.2): what W3C's and the CCG's suites send, and what they need to hear.

Each case is one change of a credential that can be issued. Suites: VC Data Model 2.0, VC-API issuer, Data Integrity
(the cases that its EdDSA suite shares with others).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

import base58
import pytest

from conforming import ALICE, DATA_INTEGRITY, EXAMPLES, GONE, V1, V2, alumni, changed, contexts, credential, older
from ler_issuer.vc import canonize, check_proofs, without_proof
from world import NOON

HTML = {"@value": "HTML & CSS", "@language": "en", "@direction": "ltr"}
STATUS = {"Status2017": "https://example.org/Status2017", "Policy": "https://example.org/Policy"}
DRAFT = bytes.fromhex("24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9")
DRAFT_DIGEST = "u" + urlsafe_b64encode(DRAFT).rstrip(b"=").decode()
DRAFT_SRI = "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"
FINAL_DIGEST = "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"
FINAL_SRI = "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"
CORS_AND_MORE = {"prettify": True, "mandatoryPointers": ["/issuer"], "type": "Ed25519Signature2018"}


def foreign_entry(**changes):
    """Make an entry that points into somebody else's status list."""
    sound = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "5"}
    return {**sound, "statusListCredential": "https://lists.example/1", **changes}


SOUND = {
    "least": {},
    "id_urn": {"id": "urn:uuid:86294362-4254-4f36-854f-3952fe42555d"},
    "id_url": {"id": "https://example.com/credentials/1"},
    "id_did": {"id": "did:example:credential"},
    "two_contexts": {"@context": [V2, EXAMPLES]},
    "written_context": {"@context": [V2, {"ReferenceNumber": "https://example.org/vocab#ReferenceNumber"}]},
    "nested_context": {"@context": [V2, {"@context": {"Alumni": "https://example.org/Alumni"}}]},
    "type_url": {"type": ["https://example.org/Example", "VerifiableCredential"]},
    "type_mapped": {"@context": [V2, STATUS], "type": ["VerifiableCredential", "Policy"]},
    "subjects": {"credentialSubject": [{"id": "did:example:a"}, {"id": "did:example:b"}]},
    "name": {"name": "Example", "description": HTML},
    "languages": {"name": [HTML, {"@value": "HTML y CSS", "@language": "es"}], "description": "plain"},
    "valid_in_fractions": {"validFrom": "2023-02-27T05:03:28.444Z", "validUntil": "2033-02-27T05:03:28.444Z"},
    "valid_with_offset": {"validFrom": "2023-02-27T05:03:28-06:00"},
    "valid_in_future": {"validFrom": "3023-02-27T05:03:28Z"},
    "ended": {"validUntil": "2010-02-27T05:03:28Z"},
    "status": {"@context": [V2, STATUS], "credentialStatus": {"id": "did:example:status", "type": "Status2017"}},
    "status_no_id": {"@context": [V2, STATUS], "credentialStatus": {"type": "Status2017"}},
    "status_elsewhere": {"credentialStatus": foreign_entry()},
    "status_purpose_other": {"credentialStatus": foreign_entry(statusPurpose="https://purposes.example/retired")},
    "schema": {"credentialSchema": {"id": "did:example:schema", "type": "JsonSchema"}},
    "schemas": {"credentialSchema": [{"id": f"did:example:{name}", "type": "JsonSchema"} for name in "ab"]},
    "refresh": {"refreshService": {"type": "https://example.org/#R", "id": "did:example:refresh"}},
    "refreshes": {"refreshService": [{"type": "https://example.org/#R", "id": f"did:example:{n}"} for n in "ab"]},
    "terms": {"@context": [V2, STATUS], "termsOfUse": [{"type": "Policy"}, {"type": "Policy", "id": "did:example:t"}]},
    "evidence": {"@context": [V2, STATUS], "evidence": {"id": "did:example:evidence", "type": ["Policy"]}},
    "evidences": {"@context": [V2, STATUS], "evidence": [{"type": "Policy"}, {"type": "Status2017"}]},
    "digest": {"relatedResource": [{"id": V2, "digestMultibase": DRAFT_DIGEST, "mediaType": "application/ld+json"}]},
    "digest_sri": {"relatedResource": [{"id": V2, "digestSRI": DRAFT_SRI}]},
    "digests": {"relatedResource": [{"id": V2, "digestMultibase": DRAFT_DIGEST, "digestSRI": DRAFT_SRI}]},
    "digests_final": {"relatedResource": {"id": V2, "digestMultibase": FINAL_DIGEST, "digestSRI": FINAL_SRI}},
}

UNSOUND = {
    "no_context": {"@context": GONE},
    "context_not_listed": {"@context": 4},
    "context_false": {"@context": False},
    "context_null": {"@context": None},
    "context_object": {"@context": {"foo": True}},
    "context_empty": {"@context": []},
    "context_items": {"@context": [{"foo": True}, 4, False, None]},
    "context_other_first": {"@context": [EXAMPLES, V2]},
    "context_no_base": {"@context": ["https://example.com/context"]},
    "context_no_url": {"@context": [V2, "https ://not-a-url/contexts/example/v1"]},
    "context_number": {"@context": [V2, 123192875]},
    "context_unknown": {"@context": [V2, "https://example.com/context"]},
    "redefines_base": {"@context": [V2, {"VerifiableCredential": "https://example.org/#Bad"}]},
    "redefines_own": {
        "@context": [
            V2,
            {"@protected": True, "Example": "https://example.org/#A"},
            {"Example": "https://example.org/#B"},
        ],
        "type": ["VerifiableCredential", "Example"],
    },
    "no_type": {"type": GONE},
    "type_number": {"type": 4},
    "type_null": {"type": None},
    "type_true": {"type": True},
    "type_empty": {"type": []},
    "type_items": {"type": [2, None, {"foo": True}, False]},
    "type_other": {"type": ["https://example.org/Example"]},
    "type_unmapped": {"@context": [V2, {"@vocab": None}], "type": ["VerifiableCredential", "ExampleTestCredential"]},
    "type_unmapped_plain": {"type": ["VerifiableCredential", "UnknownType"]},
    "type_mapped_to_no_url": {
        "@context": [V2, {"Example": "https ://not-a-url#Example"}],
        "type": ["VerifiableCredential", "Example"],
    },
    "type_relative_to_base": {
        "@context": [V2, {"@base": "https://invalid.example.com/"}],
        "type": ["VerifiableCredential", "UndefinedCredential"],
    },
    "id_null": {"id": None},
    "id_listed": {"id": ["did:example:a", "did:example:b"]},
    "id_no_url": {"id": "not-a-url"},
    "no_issuer": {"issuer": GONE},
    "issuer_null": {"issuer": None},
    "issuer_true": {"issuer": True},
    "issuer_number": {"issuer": 4},
    "issuer_empty": {"issuer": []},
    "issuer_no_url": {"issuer": "fake-issuer"},
    "issuer_no_id": {"issuer": {"name": "x"}},
    "issuer_id_null": {"issuer": {"id": None}},
    "issuer_id_no_url": {"issuer": {"id": "fake-issuer"}},
    "issuer_somebody_else": {"issuer": ALICE.did},
    "no_subject": {"credentialSubject": GONE},
    "subject_null": {"credentialSubject": None},
    "subject_true": {"credentialSubject": True},
    "subject_number": {"credentialSubject": 4},
    "subject_empty_list": {"credentialSubject": []},
    "subject_empty": {"credentialSubject": {}},
    "subject_one_empty": {"credentialSubject": [{"id": "did:example:a"}, {}]},
    "subject_text": {"credentialSubject": "did:example:1234"},
    "subject_ids": {"credentialSubject": {"id": ["did:example:a", "did:example:b"]}},
    "undefined_term": {"credentialSubject": {"id": "did:example:a", "invalidTerm": "dropped"}},
    "undefined_entry": {"statusEntry": {"type": "BitstringStatusListEntry", "statusListIndex": True}},
    "from_in_words": {"validFrom": "Mon Feb 27 05:03:28 UTC 2023"},
    "until_rfc2822": {"validUntil": "Mon, 27 Feb 2023 05:03:28 +0000"},
    "ends_before_it_begins": {"validFrom": "2027-01-01T00:00:00Z", "validUntil": "2025-01-01T00:00:00Z"},
    "name_extra": {"name": HTML | {"url": "did:example:x"}},
    "description_extra": {"description": HTML | {"@id": "did:example:x"}},
    "status_no_type": {"credentialStatus": {"id": "did:example:status"}},
    "status_type_number": {"credentialStatus": {"id": "did:example:status", "type": 2}},
    "status_ids": {"@context": [V2, STATUS], "credentialStatus": {"id": ["did:a:b"], "type": "Status2017"}},
    "status_id_no_url": {"@context": [V2, STATUS], "credentialStatus": {"id": "not-a-url", "type": "Status2017"}},
    "status_index_true": {"credentialStatus": foreign_entry(statusListIndex=True)},
    "status_index_negative": {"credentialStatus": [foreign_entry(), foreign_entry(statusListIndex="-1")]},
    "status_no_list": {"credentialStatus": foreign_entry(statusListCredential="did:example:list")},
    "status_no_messages": {"credentialStatus": foreign_entry(statusSize=2)},
    "schema_no_type": {"credentialSchema": {"id": "did:example:schema"}},
    "schema_no_id": {"credentialSchema": {"type": "JsonSchema"}},
    "schema_id_no_url": {"credentialSchema": [{"id": "not-a-url", "type": "JsonSchema"}]},
    "refresh_no_type": {"refreshService": {"id": "did:example:refresh"}},
    "terms_no_type": {"termsOfUse": [{"id": "did:example:t"}]},
    "terms_empty": {"termsOfUse": {}},
    "evidence_no_type": {"evidence": {"id": "did:example:evidence"}},
    "related_texts": {"relatedResource": [V2]},
    "related_no_id": {"relatedResource": [{"digestMultibase": DRAFT_DIGEST}]},
    "related_twice": {"relatedResource": [{"id": V2, "digestMultibase": DRAFT_DIGEST}] * 2},
    "related_no_digest": {"relatedResource": [{"id": V2}]},
    "related_wrong_digest": {"relatedResource": [{"id": V2, "digestMultibase": DRAFT_DIGEST[:-3] + "AAA"}]},
    "related_wrong_sri": {"relatedResource": [{"id": V2, "digestSRI": "sha384-" + "A" * 64}]},
    "signed_before": {"proof": ALICE.proof()},
}

SPECIFICATIONS = ("https://www.w3.org/", "https://w3id.org/security#")


def check_refusal(answer):
    """Check what a refusal says: where it is, and which error of which specification it is."""
    assert answer.status_code in {400, 422}
    body = answer.json()
    assert body["errors"]
    assert "verifiableCredential" not in body
    assert all({"type", "title", "detail"} <= problem.keys() for problem in body["problemDetails"])
    assert all(problem["type"].startswith(SPECIFICATIONS) for problem in body["problemDetails"])


def check_issued(issued, asked, issuer):
    """Check that what was asked for came back, whole, with a proof that stands by itself."""
    assert issued["@context"][: len(asked["@context"])] == asked["@context"]
    assert {name: issued.get(name) for name in asked if name not in {"@context", "credentialStatus"}} == {
        name: value for name, value in asked.items() if name not in {"@context", "credentialStatus"}
    }
    (proof,) = issued["proof"] if isinstance(issued["proof"], list) else [issued["proof"]]
    assert (proof["type"], proof["proofPurpose"]) == ("DataIntegrityProof", "assertionMethod")
    assert proof["verificationMethod"] == f"{issuer.did}#{issuer.did.removeprefix('did:key:')}"
    assert len(base58.b58decode(proof["proofValue"][1:])) == 64
    assert proof["proofValue"][0] == "z"
    assert canonize(without_proof(issued), contexts()).lost == ()
    assert {found.outcome for found in check_proofs(issued, {}, contexts(), NOON)} == {"pass"}


@pytest.mark.parametrize("case", SOUND)
def test_what_is_sound_is_issued(issue, issuer, case):
    asked = credential(issuer.did, **SOUND[case])

    answer = issue(asked)

    assert answer.status_code == 201, answer.text
    check_issued(answer.json()["verifiableCredential"], asked, issuer)


@pytest.mark.parametrize("case", UNSOUND)
def test_what_is_not_is_refused(issue, issuer, case):
    check_refusal(issue(credential(issuer.did, **UNSOUND[case])))


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
@pytest.mark.parametrize("make", [alumni, older])
def test_either_suite_signs_either_data_model(issue, issuer, suite, make):
    """VCDM 1.1 is signed by an open installation; the context that its proof needs is added at the end."""
    asked = make(issuer.did)

    answer = issue(asked, cryptosuite=suite)

    assert answer.status_code == 201, answer.text
    issued = answer.json()["verifiableCredential"]
    check_issued(issued, asked, issuer)
    assert issued["proof"]["cryptosuite"] == suite
    assert {V2, DATA_INTEGRITY} & {one for one in issued["@context"] if isinstance(one, str)}


def test_the_context_of_the_proof_is_added_to_the_older_model(issue, issuer):
    words = {"AlumniCredential": "https://www.example.org/Alumni", "alumniOf": "https://www.example.org/alumniOf"}
    asked = older(issuer.did, **{"@context": [V1, words], "expirationDate": "2036-03-16T22:37:26.544Z"})

    issued = issue(asked).json()["verifiableCredential"]

    assert issued["@context"] == [V1, words, DATA_INTEGRITY]
    check_issued(issued, asked, issuer)


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
@pytest.mark.parametrize(
    "changes",
    [
        {"type": ["VerifiableCredential", "UndefinedCredential"]},
        {"credentialSubject": {"id": "did:example:a", "undefinedTerm": "dropped"}},
        {"issuanceDate": GONE},
        {"issuanceDate": "yesterday"},
        {"credentialSubject": {}},
    ],
    ids=["type", "term", "no_date", "date", "subject"],
)
def test_nothing_is_lost_from_the_older_model(issue, issuer, changes, suite):
    check_refusal(issue(older(issuer.did, **changes), cryptosuite=suite))


@pytest.mark.parametrize("name", ["Alumni Office", HTML, [HTML]])
def test_an_issuer_may_say_more_of_itself(issue, issuer, name):
    asked = credential({"id": issuer.did, "name": name, "description": name})

    answer = issue(asked)

    assert answer.status_code == 201
    assert answer.json()["verifiableCredential"]["issuer"] == asked["issuer"]


def test_one_id_is_signed_as_often_as_it_is_asked_for(issue, issuer):
    asked = alumni(issuer.did)

    first, second = (issue(asked).json()["verifiableCredential"] for _ in range(2))

    assert first["id"] == second["id"]
    assert first["credentialStatus"]["statusListIndex"] != second["credentialStatus"]["statusListIndex"]


@pytest.mark.parametrize("options", [GONE, {}, None, {"cryptosuite": "eddsa-rdfc-2022"}, CORS_AND_MORE])
def test_options_are_optional_and_unknown_ones_are_overlooked(ask, issuer, options):
    body = changed({"credential": credential(issuer.did)}, {"options": options})

    assert ask("/credentials/issue", body).status_code == 201


def test_a_suite_that_there_is_not_is_refused(issue, issuer):
    check_refusal(issue(credential(issuer.did), cryptosuite="rot13-2026"))


def test_every_issuer_signs_by_every_suite_that_it_names(ask, verify, opened):
    for station in opened[1]:
        for suite in station.cryptosuites:
            if suite in {"ecdsa-sd-2023", "jose"}:  # not for showing as they are, and no proof
                continue
            for make in (alumni, older):
                asked = {"credential": make(station.issuer.did)}
                answer = ask(f"/issuers/{station.issuer.slug}/{suite}/credentials/issue", asked)
                issued = answer.json()["verifiableCredential"]

                assert issued["proof"].get("cryptosuite", issued["proof"]["type"]) == suite
                assert verify(issued).json()["verified"]


@pytest.mark.parametrize(
    "path", ["/issuers/ed25519/credentials/issue", "/issuers/ed25519/eddsa-jcs-2022/credentials/issue"]
)
def test_an_issuer_has_paths_of_its_own(issue, issuer, path):
    answer = issue(credential(issuer.did), path=path)

    assert answer.status_code == 201, answer.text
    jcs = answer.json()["verifiableCredential"]["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    assert jcs == ("jcs" in path)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "x",
        5,
        {"verifiableCredential": {}},
        {"credential": None},
        {"credential": "eyJ"},
        {"credential": []},
    ],
)
def test_a_body_needs_a_credential(ask, body):
    assert ask("/credentials/issue", body).status_code in {400, 422}


@pytest.mark.parametrize("text", [b"", b"{", b'{"credential":{},"credential":{}}', b'{"credential":NaN}', b"\xff"])
def test_what_is_no_json_is_answered_in_json(client, text):
    answer = client.post("/credentials/issue", content=text, headers={"Content-Type": "application/json"})

    assert answer.status_code in {400, 422}
    assert "json" in answer.headers["content-type"]
    answer.json()


@pytest.mark.parametrize("kind", ["application/json", "application/ld+json", "application/vc+ld+json; charset=utf-8"])
def test_a_body_may_be_any_kind_of_json(client, issuer, kind):
    body = {"credential": credential(issuer.did)}

    answer = client.request("POST", "/credentials/issue", json=body, headers={"Content-Type": kind})

    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "accept",
    ["application/ld+json, application/json", "application/json", "*/*", "application/ld+json;q=0.5", "text/html"],
)
def test_the_answer_is_called_json(client, issuer, accept):
    """The suites' client reads a body only when its type has the word in it; `application/vc` has not."""
    body = {"credential": credential(issuer.did)}

    answer = client.post("/credentials/issue", json=body, headers={"Accept": accept})

    assert answer.status_code == 201
    assert "json" in answer.headers["content-type"]
