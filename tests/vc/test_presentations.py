"""Presentations: who hands credentials over, to whom, and in answer to what."""

from __future__ import annotations

import copy

import pytest

from ler_issuer import vc
from ler_issuer.types import JsonObject
from ler_issuer.vc import CheckId, Outcome
from signing import NOW, P256, SELF_ISSUED, STRANGER, UNIVERSITY, Key, badge, case, proof, rules

CHALLENGE = "u9ZgW2vTq"
DOMAIN = "employer.example"
V2 = "https://www.w3.org/ns/credentials/v2"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"


def presentation(key: Key = SELF_ISSUED, *credentials: object, **options: object) -> JsonObject:
    """Give a presentation that its holder signed in answer to a challenge."""
    document = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": key.subject,
        "verifiableCredential": [*credentials] or [case().document],
    }
    document |= options.pop("members", {})
    document = {name: value for name, value in document.items() if value is not None}
    terms = {"proofPurpose": "authentication", "challenge": CHALLENGE, "domain": DOMAIN} | options
    return document | {"proof": proof(document, key, **terms)}


def checked(document: JsonObject, keys: vc.Material | None = None, **asked: str | None) -> tuple[vc.Finding, ...]:
    asked = {"challenge": CHALLENGE, "domain": DOMAIN} | asked
    return vc.check_presentation(document, keys or {}, rules().contexts, NOW, **asked)


def amiss(findings: tuple[vc.Finding, ...]) -> set[tuple[CheckId, str]]:
    return {(found.id, found.code) for found in findings if found.outcome in vc.AMISS}


@pytest.mark.parametrize("key", [SELF_ISSUED, P256], ids=["Ed25519", "P-256"])
def test_a_holder_proves_who_presents(key: Key) -> None:
    document = presentation(key)
    found = checked(document)
    assert {item.outcome for item in found} == {Outcome.PASS}
    assert vc.proven_holder(document, found) == key.subject


def test_the_holder_may_be_an_object_or_absent() -> None:
    named = presentation(members={"holder": {"id": SELF_ISSUED.subject}})
    assert vc.proven_holder(named, checked(named)) == SELF_ISSUED.subject
    unnamed = presentation(members={"holder": None})
    found = checked(unnamed)
    assert "holder_absent" in {item.code for item in found}
    assert vc.proven_holder(unnamed, found) == SELF_ISSUED.subject


def test_who_signs_for_another_holder_is_found_out() -> None:
    document = presentation(members={"holder": STRANGER.subject})
    found = checked(document)
    assert amiss(found) == {(CheckId.PROOF_CONTROLLER, "holder_differs")}
    assert vc.proven_holder(document, found) is None


@pytest.mark.parametrize("holder", [7, {}, {"name": "Me"}, "", [SELF_ISSUED.subject]])
def test_a_holder_that_names_nobody_is_refused(holder: object) -> None:
    found = checked(presentation() | {"holder": holder})
    assert (CheckId.PROOF_CONTROLLER, "holder_malformed") in amiss(found)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"challenge": "u9ZgW2vTr"}, "challenge_differs"),
        ({"challenge": None}, "challenge_differs"),
        ({"domain": "employer.example.evil.example"}, "domain_differs"),
        ({"domain": None}, "domain_differs"),
        ({"domain": [DOMAIN, "evil.example"]}, "domain_differs"),
        ({"proofPurpose": "assertionMethod"}, "purpose_not_presenting"),
        ({"expires": "2026-11-10T10:00:00Z"}, "proof_expired"),
    ],
)
def test_a_proof_made_for_another_occasion_is_refused(options: dict, code: str) -> None:
    document = presentation(**options)
    found = checked(document)
    assert amiss(found) == {(CheckId.PROOF_SIGNATURE, code)}
    assert vc.proven_holder(document, found) is None


def test_a_domain_may_stand_in_a_list_and_nothing_is_compared_that_was_not_asked() -> None:
    assert amiss(checked(presentation(domain=[DOMAIN]))) == set()
    assert amiss(checked(presentation(), domain=None)) == set()


def test_what_nobody_asked_for_may_be_a_copy() -> None:
    document = presentation()
    found = checked(document, challenge=None)
    assert amiss(found) == set()
    assert [item.code for item in found if item.outcome is Outcome.WARNING] == ["presentation_unasked"]
    assert vc.proven_holder(document, found) is None


def test_an_assertion_key_is_not_one_to_sign_in_with() -> None:
    document = presentation(UNIVERSITY)
    keys = {UNIVERSITY.subject: vc.Found(UNIVERSITY.document)}
    assert amiss(checked(document, keys)) == {(CheckId.PROOF_KEY, "key_not_for_authentication")}
    keys = {UNIVERSITY.subject: vc.Found(UNIVERSITY.document | {"authentication": [UNIVERSITY.verification_method]})}
    assert amiss(checked(document, keys)) == set()


def test_every_credential_inside_is_covered() -> None:
    document = presentation(SELF_ISSUED, case().document, badge())
    assert amiss(checked(document)) == set()
    swapped = copy.deepcopy(document)
    swapped["verifiableCredential"][1]["name"] = "Data Literacy, level 9"
    assert amiss(checked(swapped)) == {(CheckId.PROOF_SIGNATURE, "signature_wrong")}
    removed = copy.deepcopy(document)
    del removed["verifiableCredential"][0]
    assert amiss(checked(removed)) == {(CheckId.PROOF_SIGNATURE, "signature_wrong")}


def test_a_credential_is_no_presentation() -> None:
    document = presentation() | {"type": ["VerifiableCredential"]}
    assert (CheckId.PRESENTATION, "not_a_presentation") in amiss(checked(document))
    assert not vc.is_presentation(case().document)
    assert not vc.is_presentation("VerifiablePresentation")
    assert vc.is_presentation({"type": ["X", "VerifiablePresentation"]})


def test_an_unsigned_presentation_proves_nothing() -> None:
    found = checked(vc.without_proof(presentation()))
    assert (CheckId.PROOF_PRESENT, "proof_missing") in amiss(found)
    assert (CheckId.PRESENTATION, Outcome.SKIPPED) in {(item.id, item.outcome) for item in found}


def enveloped(**members: object) -> JsonObject:
    named = {"@context": [V2], "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{TOKEN}"}
    return {name: value for name, value in (named | members).items() if value is not None}


def test_what_is_presented_is_given_with_its_place() -> None:
    document = {"verifiableCredential": [badge(), TOKEN, enveloped(), 7]}
    assert vc.presented(document) == (
        ("/verifiableCredential/0", badge()),
        ("/verifiableCredential/1", TOKEN),
        ("/verifiableCredential/2", TOKEN),
        ("/verifiableCredential/3", 7),
    )
    assert vc.presented({"verifiableCredential": badge()}) == (("/verifiableCredential", badge()),)
    for nothing in ({}, [], TOKEN, None):
        assert vc.presented(nothing) == ()


@pytest.mark.parametrize("media", ["vc+jwt", "jwt", "vp+jwt", "vc+ld+json+jwt"])
def test_an_envelope_is_opened(media: str) -> None:
    assert vc.unwrapped(enveloped(id=f"data:application/{media},{TOKEN}")) == TOKEN


@pytest.mark.parametrize(
    "members",
    [
        {"@context": []},
        {"@context": None},
        {"@context": ["https://www.w3.org/ns/credentials/examples/v2"]},
        {"type": None},
        {"type": "VerifiableCredential"},
        {"id": None},
        {"id": TOKEN},
        {"id": "data:application/vc+jwt"},
        {"id": f"data:text/html,{TOKEN}"},
        {"id": f"data:application/vc+jwt;base64,{TOKEN}"},
        {"id": f"data:application/vc+jwt,{TOKEN}\n"},
        {"proof": {}},
    ],
)
def test_what_is_not_quite_an_envelope_stays_closed(members: dict) -> None:
    document = enveloped(**members)
    assert vc.unwrapped(document) == document
