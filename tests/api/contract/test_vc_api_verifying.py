"""The VC-API contract, verifying (section 1.3): what the suites send, and what they need to hear.

The data integrity cases are made by a peer whose proofs are wrong in one way each (`conforming`). Suites: Data
Integrity EdDSA (both cryptosuites, proof sets and chains, VCDM 1.1 and 2.0), VC-API verifier, VC Data Model 2.0.
"""

from __future__ import annotations

import copy

import base58
import pytest

from conforming import (
    ALICE,
    BOB,
    DATA_INTEGRITY,
    EXAMPLES,
    GONE,
    V1,
    V2,
    Wrong,
    alumni,
    chain,
    changed,
    credential,
    older,
)

SUITES = ["eddsa-rdfc-2022", "eddsa-jcs-2022"]
MODELS = [alumni, older]
FIRST = "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"
DOMAIN, CHALLENGE = "github.com/w3c/vc-data-model-2.0-test-suite", "uA1b2C3d4E5f6G7h8I9j0Kw"
NESTED = {"@context": {"Extra": "https://example.org/Extra"}}
BASE = "https://invalid.example.com/"


def accepted(answer):
    body = answer.json()
    return answer.status_code == 200 and body["verified"] is True and not body.get("errors")


def refused(answer):
    body = answer.json()
    said = all({"type", "title", "detail"} <= problem.keys() for problem in body["problemDetails"])
    return answer.status_code in {400, 422} and body["verified"] is False and bool(body["errors"]) and said


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("wrap", [lambda proof: proof, lambda proof: [proof]], ids=["one", "listed"])
def test_what_is_signed_rightly_verifies(verify, suite, make, wrap):
    signed = ALICE.signed(make(ALICE.did), cryptosuite=suite)

    assert accepted(verify({**signed, "proof": wrap(signed["proof"])}))


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_issued_here_verifies_here(issue, verify, issuer, suite):
    for make in MODELS:
        issued = issue(make(issuer.did), cryptosuite=suite).json()["verifiableCredential"]

        assert accepted(verify(issued))


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("proof", [{"created": GONE}, {"created": "2010-01-01T00:00:00+05:00"}, {"id": "urn:uuid:1"}])
def test_what_a_proof_may_leave_out_or_add(verify, suite, proof):
    assert accepted(verify(ALICE.signed(alumni(ALICE.did), cryptosuite=suite, **proof)))


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize(
    "proof",
    [
        {"type": "UnknownProofType"},
        {"cryptosuite": "UnknownCryptosuite"},
        {"cryptosuite": GONE},
        {"verificationMethod": GONE},
        {"verificationMethod": "did:key:invalidVm"},
        {"proofPurpose": GONE},
        {"proofPurpose": "invalidPurpose"},
        {"proofPurpose": "authentication"},
        {"created": "invalidDate"},
        {"created": "2026-05-31T23:36:38"},
        {"expires": "invalidDate"},
        {"expires": "2025-05-31T23:36:38"},
        {"id": "not-a-url"},
        {"previousProof": 5},
        {"previousProof": FIRST},
        {"previousProof": [FIRST]},
        {"previousProof": [[FIRST]]},
    ],
    ids=str,
)
def test_a_proof_that_is_signed_but_not_as_it_must_be(verify, suite, make, proof):
    assert refused(verify(ALICE.signed(make(ALICE.did), **{"cryptosuite": suite} | proof)))


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("wrong", [Wrong(digest="sha512"), Wrong(digest="sha384"), "other canonical form"], ids=str)
def test_a_signature_over_something_else(verify, suite, make, wrong):
    if not isinstance(wrong, Wrong):
        wrong = Wrong(canonical="rdfc" if "jcs" in suite else "jcs")

    assert refused(verify(ALICE.signed(make(ALICE.did), wrong, cryptosuite=suite)))


def _bytes_added(value):
    return "z" + base58.b58encode(base58.b58decode(value[1:]) + bytes(range(32))).decode()


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(
    "alter",
    [
        lambda value: value[1:],
        lambda value: "u" + value[1:],
        lambda value: value[:-9],
        lambda value: value[:-1] + ("2" if value[-1] == "1" else "1"),
        _bytes_added,
        lambda _: None,
        lambda _: GONE,
        lambda _: "",
        lambda value: [value],
    ],
    ids=["no_header", "other_header", "cut", "altered", "longer", "null", "gone", "empty", "listed"],
)
def test_a_proof_value_that_is_none(verify, suite, alter):
    signed = ALICE.signed(alumni(ALICE.did), cryptosuite=suite)
    signed["proof"] = changed(signed["proof"], {"proofValue": alter(signed["proof"]["proofValue"])})

    assert refused(verify(signed))


SIGNED = ALICE.signed(credential(ALICE.did))


@pytest.mark.parametrize(
    "changes",
    [
        *({"proof": value} for value in (GONE, "string", None, 10, True, [], {})),
        *({"@context": value} for value in (GONE, "string", {}, None, 10, True, [])),
        *({"@context": [value]} for value in ([], {}, None, 10, True)),
        *({"type": value} for value in (GONE, "string", {}, None, 10, True, [])),
        *({"type": [value]} for value in ([], {}, None, 10, True)),
        *({"issuer": value} for value in (GONE, [], None, 10, True, {})),
        *({"credentialSubject": value} for value in (GONE, "string", None, 10, True, [], {})),
        {"proof": changed(SIGNED["proof"], {"type": GONE})},
        {"proof": changed(SIGNED["proof"], {"created": GONE})},
        {"proof": changed(SIGNED["proof"], {"verificationMethod": GONE})},
        {"proof": changed(SIGNED["proof"], {"proofValue": GONE})},
        {"proof": changed(SIGNED["proof"], {"proofPurpose": GONE})},
        {"proof": changed(SIGNED["proof"], {"cryptosuite": "eddsa-jcs-2022"})},
        {"issuer": BOB.did},
        {"validFrom": "2020-01-01T00:00:00Z"},
        {"type": ["VerifiableCredential", "UndefinedType"]},
        {"credentialSubject": {"id": "did:example:subject", "undefinedTerm": "IfDroppedWillVerify"}},
    ],
    ids=str,
)
def test_a_signed_credential_that_is_changed(verify, changes):
    assert refused(verify(changed(SIGNED, changes)))


def test_what_is_no_credential(ask):
    for value in ({"type": ["NonconformingDocument"]}, {}, "eyJ", "", None, 5, [SIGNED]):
        assert ask("/credentials/verify", {"verifiableCredential": value}).status_code in {400, 422}
    assert ask("/credentials/verify", {"credential": SIGNED}).status_code in {400, 422}
    assert ask("/credentials/verify", SIGNED).status_code in {400, 422}


@pytest.mark.parametrize(
    "options", [GONE, {}, None, {"checks": []}, {"checks": ["proof"]}, {"checks": ["proof", "status"]}]
)
def test_options_may_be_left_out(ask, options):
    body = changed({"verifiableCredential": SIGNED}, {"options": options})

    assert accepted(ask("/credentials/verify", body))


def test_a_purpose_that_is_asked_for_is_compared(verify):
    assert accepted(verify(SIGNED, expectedProofPurpose="assertionMethod"))
    assert refused(verify(SIGNED, expectedProofPurpose="authentication"))


@pytest.mark.parametrize(
    "options", [{"domain": "domain.example"}, {"domain": "domain.example", "challenge": "1235abcd"}]
)
@pytest.mark.parametrize("purpose", ["authentication", "assertionMethod"])
def test_a_domain_or_challenge_that_is_asked_for_is_compared(verify, options, purpose):
    """The suites send a proof for authentication; for assertion a domain that differs is no less wrong."""
    said = {"domain": "invalid-vc-domain.example.com", "challenge": "1235abcd"}
    signed = ALICE.signed(credential(ALICE.did), proofPurpose=purpose, **said)

    assert refused(verify(signed, **options))
    assert accepted(verify(ALICE.signed(credential(ALICE.did), **said), **said))


# ── JSON-LD ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("lost", ["term", "type", "base"])
def test_a_signature_over_data_that_got_lost(verify, suite, make, lost):
    """The proof is right for whoever drops what it does not know: such a verifier would show unsigned data."""
    document = make(ALICE.did)
    if lost == "term":
        document["credentialSubject"]["undefinedTerm"] = "undefinedTerm"
    else:
        document["type"].append(f"{BASE}Undefined" if lost == "base" else "Undefined")
    signed = ALICE.signed(document, cryptosuite=suite)
    if lost == "base":  # what an `@base` had made absolute, until that context was taken away
        signed["type"][-1] = "Undefined"

    assert refused(verify(signed))
    assert refused(verify({**signed, "@context": [*signed["@context"], {"@base": BASE}]}))


@pytest.mark.parametrize("context", [NESTED, NESTED["@context"], EXAMPLES, DATA_INTEGRITY])
def test_contexts_may_be_written_out(verify, context):
    assert accepted(verify(ALICE.signed(credential(ALICE.did, **{"@context": [V2, context]}))))


# ── Issuer and key ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("named", ["https://vc.example/issuers/5678", BOB.did, {"id": "did:example:issuer"}])
def test_an_open_installation_does_not_ask_whose_key_it_is(verify, named):
    """The published test vectors name an issuer that does not control their keys; elsewhere that is a refusal."""
    assert accepted(verify(ALICE.signed(credential(named))))


# ── Sets and chains ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("make", MODELS)
def test_every_proof_of_a_set_must_hold(verify, make):
    document = make(ALICE.did)
    proofs = [
        peer.valued(document, peer.proof(cryptosuite=suite)) for peer, suite in zip((ALICE, BOB), SUITES, strict=True)
    ]

    assert accepted(verify({**document, "proof": proofs}))
    for wrong in range(2):
        damaged = copy.deepcopy(proofs)
        damaged[wrong]["proofValue"] = proofs[1 - wrong]["proofValue"]
        assert refused(verify({**document, "proof": damaged}))


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("previous", [FIRST, [FIRST]], ids=["text", "listed"])
def test_a_proof_may_name_the_one_before(verify, make, previous):
    chained = chain(make(ALICE.did), previous)
    first, second = chained["proof"]

    assert accepted(verify(chained))
    assert refused(verify({**chained, "proof": [second]}))
    assert refused(verify({**chained, "proof": [{**first, "proofValue": "invalidProofValue"}, second]}))
    assert refused(verify({**chained, "proof": [first, changed(second, {"previousProof": GONE})]}))


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize(
    "previous", ["urn:uuid:test:missing:proof", ["urn:uuid:test:missing:proof"], [FIRST, 5], 5, {}]
)
def test_a_proof_that_names_none_of_its_set(verify, make, previous):
    document = make(ALICE.did)
    first = BOB.valued(document, BOB.proof(id=FIRST))
    second = ALICE.valued({**document, "proof": first}, ALICE.proof(previousProof=FIRST))

    assert refused(verify({**document, "proof": [first, {**second, "previousProof": previous}]}))


# ── Presentations ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def verify_presentation(ask):
    def post(presentation, **options):
        body = {"verifiablePresentation": presentation, "options": {"domain": DOMAIN, "challenge": CHALLENGE} | options}
        return ask("/presentations/verify", body)

    return post


def presented(*credentials, **changes):
    return ALICE.presented(*credentials, challenge=CHALLENGE, domain=DOMAIN, **changes)


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"id": "urn:uuid:313801ba-24b7-11ee-be02-ff560265cf9b"},
        {"holder": ALICE.did},
        {"holder": {"id": ALICE.did}},
        {"type": ["VerifiablePresentation", "https://example.org/Example"]},
        {"@context": [V2, NESTED]},
        {"@context": [V2, EXAMPLES]},
    ],
    ids=str,
)
def test_a_presentation_verifies_with_all_that_it_shows(verify_presentation, count, changes):
    assert accepted(verify_presentation(presented(*[SIGNED] * count, **changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"@context": GONE},
        {"@context": [EXAMPLES, V2]},
        {"@context": [V2, "https://example.com"]},
        {"@context": [V2, "https ://not-a-url/contexts/example/v1"]},
        {"@context": [V2, 123192875]},
        {"type": GONE},
        {"type": ["https://example.org/Example"]},
        {"proof": GONE},
        {"proof": {}},
        {"holder": {"name": "x"}},
        {"holder": "somebody"},
        {"verifiableCredential": ["https://example.org/credentials/1"]},
        {"verifiableCredential": [5]},
        {"verifiableCredential": [changed(SIGNED, {"type": GONE})]},
        {"verifiableCredential": [changed(SIGNED, {"proof": GONE})]},
        {"verifiableCredential": [changed(SIGNED, {"validFrom": "2020-01-01T00:00:00Z"})]},
        {"id": "not-a-url"},
    ],
    ids=str,
)
def test_a_presentation_that_is_changed(verify_presentation, changes):
    assert refused(verify_presentation(changed(presented(SIGNED), changes)))


@pytest.mark.parametrize(
    "options",
    [{"challenge": "another"}, {"domain": "another.example"}, {"challenge": "another", "domain": "a.example"}],
)
def test_a_presentation_answers_the_challenge_that_was_set(verify_presentation, options):
    assert refused(verify_presentation(presented(SIGNED), **options))


def test_a_presentation_is_signed_to_authenticate(verify_presentation):
    unsigned = {"@context": [V2], "type": ["VerifiablePresentation"]}

    assert refused(verify_presentation(ALICE.signed(unsigned, challenge=CHALLENGE, domain=DOMAIN)))


def test_a_wrong_credential_spoils_a_presentation(verify_presentation):
    wrong = ALICE.signed(credential(ALICE.did), Wrong(digest="sha512"))

    assert refused(verify_presentation(presented(SIGNED, wrong)))


def test_a_presentation_may_show_an_empty_list(verify_presentation):
    assert accepted(verify_presentation(presented(verifiableCredential=[])))


def test_a_presentation_is_examined_without_a_challenge_too(ask):
    shown = {"verifiablePresentation": presented(SIGNED), "options": {"checks": []}}

    assert accepted(ask("/presentations/verify", shown))


def test_a_presentation_of_the_older_model(verify_presentation):
    assert accepted(
        verify_presentation(presented(ALICE.signed(older(ALICE.did)), **{"@context": [V1, DATA_INTEGRITY]}))
    )
