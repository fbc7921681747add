"""The VC-API contract, `Ed25519Signature2020` (section 1.3): what its suite has issued, and sends to be verified."""

from __future__ import annotations

import base58
import pytest

from conforming import (
    ALICE,
    BOB,
    DATA_INTEGRITY,
    ED25519_2020,
    GONE,
    V1,
    V2,
    Wrong,
    alumni,
    changed,
    older,
    refusal,
)

SUITE = "Ed25519Signature2020"
PATH = f"/issuers/ed25519/{SUITE}/credentials/issue"
MAKERS = pytest.mark.parametrize("make", [older, alumni], ids=["1.1", "2.0"])


def signed(make, wrong=None, **changes):
    """Give a credential that ALICE signed as the suite asks for, but for the changes to its proof."""
    document = make(ALICE.did)
    document["@context"] = [one for one in document["@context"] if one != DATA_INTEGRITY] + [ED25519_2020]
    return ALICE.signed(document, wrong or Wrong(), **{"type": SUITE, "cryptosuite": GONE, **changes})


@MAKERS
def test_what_is_issued_says_its_type_and_knows_its_words(issue, verify, issuer, make):
    document = make(issuer.did)

    issued = issue(document, path=PATH).json()["verifiableCredential"]

    assert issued["@context"] == [*document["@context"], ED25519_2020]
    assert issued["proof"].keys() == {"type", "created", "verificationMethod", "proofPurpose", "proofValue"}
    assert issued["proof"]["type"] == SUITE
    assert issued["proof"]["verificationMethod"] == f"{issuer.did}#{issuer.did.removeprefix('did:key:')}"
    assert issued["proof"]["proofPurpose"] == "assertionMethod"
    assert len(base58.b58decode(issued["proof"]["proofValue"][1:])) == 64
    assert verify(issued).status_code == 200


def test_the_order_of_contexts_is_kept_and_none_comes_twice(issue, issuer):
    document = older(issuer.did)
    document["@context"].insert(1, ED25519_2020)

    issued = issue(document, path=PATH).json()["verifiableCredential"]

    assert issued["@context"] == document["@context"]
    assert [one for one in issued["@context"] if isinstance(one, str)] == [V1, ED25519_2020, DATA_INTEGRITY]


def test_it_can_be_asked_for_by_name(issue, issuer):
    issued = issue(alumni(issuer.did), cryptosuite=SUITE).json()["verifiableCredential"]

    assert issued["proof"]["type"] == SUITE
    assert issued["@context"][0] == V2


@pytest.mark.parametrize("slug", ["p256", "p384"])
def test_other_kinds_of_keys_do_not_sign_so(ask, opened, slug):
    did = next(one.issuer.did for one in opened[1] if one.issuer.slug == slug)

    answer = ask(f"/issuers/{slug}/{SUITE}/credentials/issue", {"credential": alumni(did)})

    assert refusal(answer) == {"suite_unknown"}


def test_what_would_lose_data_is_not_issued(issue, issuer):
    assert refusal(issue(older(issuer.did, unknownTerm="x"), path=PATH)) == {"term_dropped"}


@MAKERS
def test_a_peers_is_verified(verify, make):
    assert verify(signed(make)).status_code == 200


@MAKERS
def test_whose_key_it_is_makes_no_difference(verify, make):
    document = make(BOB.did)
    document["@context"].append(ED25519_2020)

    answer = verify(ALICE.signed(document, type=SUITE, cryptosuite=GONE))

    assert answer.status_code == 200
    assert "controller_foreign_accepted" in {one["code"] for one in answer.json()["warnings"]}


@MAKERS
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": GONE}, "proof_incomplete"),
        ({"type": "UnknownProofType"}, "proof_type_unknown"),
        ({"created": GONE}, "proof_incomplete"),
        ({"created": "yesterday"}, "proof_malformed"),
        ({"created": "2023-02-24T23:36:38"}, "proof_malformed"),
        ({"expires": "2023-02-24T23:36:38"}, "proof_malformed"),
        ({"verificationMethod": GONE}, "proof_incomplete"),
        ({"verificationMethod": "did:key:invalidVm"}, "key_malformed"),
        ({"proofPurpose": GONE}, "proof_incomplete"),
        ({"proofPurpose": "invalidPurpose"}, "purpose_wrong"),
        ({"proofValue": GONE}, "proof_incomplete"),
        ({"proofValue": None}, "proof_malformed"),
        ({"proofValue": "a"}, "proof_malformed"),
    ],
)
def test_a_proof_that_is_not_whole_is_refused(verify, make, changes, code):
    document = signed(make)

    assert code in refusal(verify({**document, "proof": changed(document["proof"], changes)}))


@MAKERS
@pytest.mark.parametrize("wrong", [Wrong(digest="sha512"), Wrong(canonical="jcs")], ids=["digest", "canonical form"])
def test_another_digest_or_canonical_form_is_refused(verify, make, wrong):
    assert "signature_wrong" in refusal(verify(signed(make, wrong)))


@MAKERS
def test_a_signature_of_another_length_is_refused(verify, make):
    document = signed(make)
    value = base58.b58decode(document["proof"]["proofValue"][1:]) + bytes(32)
    document["proof"]["proofValue"] = "z" + base58.b58encode(value).decode()

    assert "proof_value_malformed" in refusal(verify(document))


@MAKERS
@pytest.mark.parametrize("proof", [GONE, None, "x", []])
def test_a_document_without_a_proof_is_refused(verify, make, proof):
    assert refusal(verify(changed(signed(make), {"proof": proof}))) <= {"proof_missing", "proof_malformed"}


@pytest.mark.parametrize(
    "options", [{"expectedProofPurpose": "authentication"}, {"domain": "a.example"}, {"challenge": "c"}]
)
def test_what_was_signed_for_another_occasion_is_refused(verify, options):
    assert refusal(verify(signed(older), **options)) <= {"purpose_wrong", "domain_differs", "challenge_differs"}
