"""The VC-API contract, status lists (sections 1.5 and 3): what an issued credential says of its status.

Suite: Bitstring Status List.
"""

from __future__ import annotations

import gzip
from base64 import urlsafe_b64decode

import pytest

from conforming import ALICE, V2, alumni, credential


@pytest.fixture
def issued(issue, issuer):
    return issue(alumni(issuer.did)).json()["verifiableCredential"]


@pytest.fixture
def list_of(client):
    def get(entry):
        answer = client.get(entry["statusListCredential"], headers={"Accept": "application/ld+json, application/json"})
        assert answer.status_code == 200
        assert "json" in answer.headers["content-type"]
        return answer.json()

    return get


def bits(listed):
    text = listed["credentialSubject"]["encodedList"]
    assert text.startswith("u")
    return gzip.decompress(urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)))


def raised(listed, entry):
    index = int(entry["statusListIndex"])
    return bool(bits(listed)[index // 8] >> (7 - index % 8) & 1)


def test_an_issued_credential_has_a_place_in_a_list(issued):
    entry = issued["credentialStatus"]

    assert set(entry) <= {"id", "type", "statusPurpose", "statusListIndex", "statusListCredential"}
    assert (entry["type"], entry["statusPurpose"]) == ("BitstringStatusListEntry", "revocation")
    assert entry["statusListIndex"] == str(int(entry["statusListIndex"]))
    assert entry["statusListCredential"].startswith("http")
    assert entry.get("id") != entry["statusListCredential"]


def test_the_list_is_there_for_everybody(issued, list_of, issuer):
    listed = list_of(issued["credentialStatus"])
    subject = listed["credentialSubject"]

    assert listed["@context"][0] == V2
    assert {"VerifiableCredential", "BitstringStatusListCredential"} <= set(listed["type"])
    assert listed["issuer"] == issuer.did
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", "revocation")
    assert len(bits(listed)) * 8 >= 131_072
    assert not raised(listed, issued["credentialStatus"])


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/ld+json", "text/html", ""])
def test_the_list_is_called_json_unless_somebody_asks_for_vc(client, issued, accept):
    url = issued["credentialStatus"]["statusListCredential"]

    assert "json" in client.get(url, headers={"Accept": accept}).headers["content-type"]
    assert client.get(url, headers={"Accept": "application/vc"}).headers["content-type"] == "application/vc"


def test_the_list_verifies_as_any_credential(issued, list_of, verify):
    assert verify(list_of(issued["credentialStatus"])).status_code == 200


@pytest.mark.parametrize("options", [{}, {"checks": ["proof", "credentialStatus"]}])
def test_what_is_good_verifies_with_its_status(ask, issued, options):
    assert ask("/credentials/verify", {"verifiableCredential": issued, "options": options}).status_code == 200


def test_a_malformed_entry_is_refused(issue, issuer):
    """The suite sends it under a name that no context defines; under the right one it is no better."""
    entry = {"type": "BitstringStatusListEntry", "statusListIndex": True, "statusListCredential": "https://example.com"}

    assert issue(credential(issuer.did, statusEntry=entry)).status_code in {400, 422}


def test_a_bit_is_raised_and_cleared(ask, issued, list_of, verify):
    entry = issued["credentialStatus"]
    told = {"type": entry["type"], "statusPurpose": entry["statusPurpose"]}

    for status in (True, True, False):
        answer = ask("/credentials/status", {"credentialId": issued["id"], "credentialStatus": told, "status": status})
        assert answer.status_code == 200, answer.text
        assert raised(list_of(entry), entry) is status
        looked = verify(issued, checks=["proof", "credentialStatus"])
        assert looked.status_code == (400 if status else 200)
        assert looked.json()["verified"] is not status
        assert verify(issued).status_code == 200  # only its proof was asked about
        assert verify(issued, checks=["proof", "credentialstatus"]).status_code == looked.status_code


def test_a_revoked_credential_says_why(ask, issued, verify):
    told = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    ask("/credentials/status", {"credentialId": issued["id"], "credentialStatus": told, "status": True})

    (problem,) = verify(issued, checks=["proof", "credentialStatus"]).json()["errors"]

    assert problem["code"] == "revoked"


def test_a_credential_that_is_not_known_here(ask):
    told = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    body = {"credentialId": "urn:uuid:00000000-0000-4000-8000-000000000000", "credentialStatus": told, "status": True}

    assert ask("/credentials/status", body).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credentialId": "urn:uuid:1"},
        {"credentialId": "urn:uuid:1", "credentialStatus": {"type": "X"}, "status": True},
        {"credentialId": "urn:uuid:1", "credentialStatus": {"type": "BitstringStatusListEntry"}, "status": True},
        {
            "credentialId": "urn:uuid:1",
            "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"},
            "status": "true",
        },
    ],
)
def test_a_change_of_status_says_what_is_to_change(ask, body):
    assert ask("/credentials/status", body).status_code in {400, 422}


@pytest.mark.parametrize("kind", ["Status2017", "https://example.org/Status"])
def test_a_status_of_an_unknown_kind_is_left_alone(verify, kind):
    """No page of it is ever asked for: the id is a DID that nobody could resolve."""
    context = [V2, {"Status2017": "https://example.org/Status2017"}]
    status = {"id": "did:example:status", "type": kind}
    signed = ALICE.signed(credential(ALICE.did, **{"@context": context}, credentialStatus=status))

    assert verify(signed, checks=["proof", "credentialStatus"]).status_code == 200


def test_the_issuer_is_a_did_key(issuer):
    """The suites resolve no other DID method themselves."""
    assert issuer.did.startswith("did:key:z6Mk")
