"""Wallets answer an employer's challenge: who hands credentials over, and whether they are theirs."""

from __future__ import annotations

import pytest

import signing
from signing import LIST_URL, SELF_ISSUED, STRANGER, UNIVERSITY

DID_URL = "https://cred.example.edu/issuers/1/did.json"
CHALLENGE = {"challenge": "u9ZgW2vTq", "domain": "jobs.example"}


@pytest.fixture
def verify(service, world):
    world.pages.clear()
    world.time = signing.NOW
    world.host(DID_URL, UNIVERSITY.document)
    world.host(LIST_URL, signing.status_list())

    def ask(presented, **expect):
        wanted = {"credential": presented, "policy": "authenticity", "expect": expect or None}
        answer = service.post("/v1/verify", json={name: value for name, value in wanted.items() if value})
        assert answer.status_code == 200, answer.text
        return answer.json()

    yield ask
    world.pages.clear()


def held(key=SELF_ISSUED):
    """A badge about the one who holds a key."""
    unsigned = signing.badge()
    return signing.signed(
        unsigned | {"credentialSubject": unsigned["credentialSubject"] | {"id": key.subject}}, UNIVERSITY
    )


def presented(*credentials, key=SELF_ISSUED, **changes):
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": key.subject,
        "verifiableCredential": [*credentials],
    }
    terms = {"proofPurpose": "authentication", **CHALLENGE} | changes
    return document | {"proof": signing.proof(document, key, **terms)}


def binding(report):
    return [(one["subject_binding"]["method"], one["subject_binding"]["outcome"]) for one in report["members"]]


APPLICANT = {"identifiers": ["a@example.com"]}


@pytest.mark.parametrize("expect", [APPLICANT, {"did": SELF_ISSUED.subject}])
def test_whoever_answers_holds_the_key_of_the_one_it_is_about(verify, expect):
    report = verify(presented(held(), held()), **CHALLENGE, **expect)

    assert report["verdict"] == "accepted"
    assert binding(report) == [("holder_key", "match")] * 2


@pytest.mark.parametrize(
    "changes", [{"challenge": "of yesterday"}, {"domain": "elsewhere.example"}, {"challenge": None}]
)
def test_a_presentation_made_for_another_occasion_proves_nothing(verify, changes):
    report = verify(presented(held(), **changes), **CHALLENGE, **APPLICANT)

    assert report["verdict"] == "rejected"
    assert binding(report) == [("identity_hash", "match")]


def test_without_a_challenge_it_may_be_a_recording(verify):
    report = verify(presented(held()), did=SELF_ISSUED.subject)

    assert binding(report) == [("did", "match")]


def test_who_presents_the_badge_of_another_is_found_out(verify):
    (member,) = verify(presented(held(STRANGER)), **CHALLENGE, did=SELF_ISSUED.subject)["members"]

    assert (member["verdict"], member["authentic"]) == ("rejected", True)
    assert [one["code"] for one in member["checks"]] == ["recipient_differs"]


def test_a_challenge_is_not_for_a_batch(service):
    items = [{"credential": presented(held()), "expect": CHALLENGE}]

    assert service.post("/v1/verify/batch", json={"items": items}).json()["items"][0]["status"] == 400
