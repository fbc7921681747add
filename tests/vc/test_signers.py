"""Whose signature counts: several signers, keys in several forms, documents made to be signed in several ways."""

from __future__ import annotations

import copy

import pytest

from ler_issuer import jsontext, vc
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import CheckId, Outcome, Problem
from ler_issuer.vc.multibase import u, z
from scenarios.chains import chain
from signing import (
    NOW,
    P256,
    P384,
    PROFILE_URL,
    SELF_ISSUED,
    SIGNED,
    STRANGER,
    UNIVERSITY,
    Case,
    Key,
    badge,
    case,
    proof,
    rules,
)

V1 = "https://www.w3.org/2018/credentials/v1"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"


def told(scene: Case, **terms: object) -> set[tuple[CheckId, Outcome, str]]:
    findings = vc.check_proofs(scene.document, scene.material, rules().contexts, NOW, **terms)
    return {(found.id, found.outcome, found.code) for found in findings if found.outcome is not Outcome.PASS}


def foreign(*signers: Key) -> Case:
    """Give a badge of the university that others signed."""
    material = {key.subject: vc.Found(key.document) for key in (UNIVERSITY, STRANGER)}
    return Case(badge() | {"proof": [proof(badge(), key) for key in signers]}, material)


def test_a_stranger_alone_is_no_issuer_unless_that_is_wanted() -> None:
    scene = foreign(STRANGER)
    assert told(scene) == {(CheckId.PROOF_CONTROLLER, Outcome.FAIL, "controller_foreign")}
    accepted = {(CheckId.PROOF_CONTROLLER, Outcome.WARNING, "controller_foreign_accepted")}
    assert told(scene, issuer_controls=False) == accepted
    assert told(foreign(UNIVERSITY), issuer_controls=False) == set()


def test_a_stranger_beside_the_issuer_is_named() -> None:
    another = (CheckId.PROOF_CONTROLLER, Outcome.WARNING, "signed_by_another")
    assert told(foreign(STRANGER, UNIVERSITY)) == {another}
    assert told(foreign(UNIVERSITY, SELF_ISSUED)) == {another}


def test_whoever_names_the_issuer_must_prove_it_too() -> None:
    scene = foreign(STRANGER, UNIVERSITY)
    scene.document["proof"][1]["proofValue"] = proof(badge(), STRANGER)["proofValue"]
    assert (CheckId.PROOF_SIGNATURE, Outcome.FAIL, "signature_wrong") in told(scene)
    scene = foreign(STRANGER, UNIVERSITY)
    scene.material[UNIVERSITY.subject] = vc.Hole("unreachable")
    assert not vc.authentic(vc.check_proofs(scene.document, scene.material, rules().contexts, NOW))


def test_a_stranger_who_spoils_his_proof_spoils_it_for_all() -> None:
    scene = foreign(UNIVERSITY, STRANGER)
    scene.document["proof"][1]["created"] = "2026-11-02T10:00:00Z"
    assert (CheckId.PROOF_SIGNATURE, Outcome.FAIL, "signature_wrong") in told(scene)


def test_a_key_that_somebody_else_controls_is_never_let_pass() -> None:
    scene = foreign(STRANGER)
    scene.material[STRANGER.subject].document["verificationMethod"][0]["controller"] = "did:web:c.example"
    found = told(scene, issuer_controls=False)
    assert (CheckId.PROOF_CONTROLLER, Outcome.FAIL, "key_controller_differs") in found


def test_proofs_over_text_build_on_lists_too() -> None:
    """What a proof over JSON builds on is a list in the order of the document (VC-DI §4.5), also of one."""
    made = badge()
    options = {"cryptosuite": "eddsa-jcs-2022", "@context": made["@context"]}
    first = proof(made, UNIVERSITY, id="urn:a", **options)
    second = proof(made, UNIVERSITY, id="urn:b", **options)
    last = proof(made, UNIVERSITY, upon=[first, second], previousProof=["urn:b", "urn:a"], **options)
    scene = Case(made | {"proof": [first, second, last]}, case().material)
    assert told(scene) == set()
    scene.document["proof"][1]["proofValue"] = first["proofValue"]
    assert (CheckId.PROOF_SIGNATURE, Outcome.FAIL, "signature_wrong") in told(scene)


def test_a_proof_that_builds_on_itself_is_found_out() -> None:
    alone = badge() | {"proof": proof(badge(), UNIVERSITY, id="urn:a", previousProof="urn:a")}
    circle = (CheckId.PROOF_SIGNATURE, Outcome.FAIL, "proof_chain_circular")
    assert told(Case(alone, case().material)) == {circle}


@pytest.mark.parametrize("member", ["id", "previousProof"])
@pytest.mark.parametrize("value", [None, 7, {}, [[]], [None], True, "", ["", 7]])
def test_whatever_stands_in_place_of_names_is_judged(member: str, value: Json) -> None:
    scene = chain()
    scene.document["proof"][1][member] = value
    assert {outcome for _, outcome, _ in told(scene)} >= {Outcome.FAIL}


def test_contexts_that_change_nothing_may_be_added_after_signing() -> None:
    document = {"@context": ["https://www.w3.org/ns/credentials/v2"], **_plain(UNIVERSITY.subject)}
    options = {"cryptosuite": "eddsa-jcs-2022", "@context": document["@context"]}
    made = proof(document, UNIVERSITY, **options)
    extended = document | {"@context": [*document["@context"], "https://w3id.org/security/data-integrity/v2"]}
    assert told(Case(document | {"proof": made}, case().material)) == set()
    assert told(Case(extended | {"proof": made}, case().material)) == set()


def _plain(issuer: str) -> JsonObject:
    return {
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2026-11-01T10:00:00Z",
        "credentialSubject": {"id": "did:example:learner"},
    }


@pytest.mark.parametrize("key", [SELF_ISSUED, P256, P384], ids=lambda key: key.kind)
def test_documents_are_signed_with_every_kind_of_key(key: Key) -> None:
    for name, suite in vc.SUITES.items():
        if not suite.signs or key.kind not in suite.key_kinds:
            with pytest.raises(ValueError, match="keys of the kind"):
                prepared(badge(key.subject), key, cryptosuite=name)
            continue
        signed = vc.seal(prepared(badge(key.subject), key, cryptosuite=name), key)
        [made] = signed["proof"]
        assert made.get("cryptosuite", made["type"]) == name
        assert ("@context" in made) == ("jcs" in name)
        assert told(Case(signed)) == set()


def prepared(document: JsonObject, key: Key, **options: object) -> vc.Prepared:
    usual = {"verification_method": key.verification_method, "created": SIGNED, "kind": key.kind}
    return vc.prepare(document, contexts=rules().contexts, **(usual | options))


def test_a_signer_with_a_key_of_another_kind_gets_nothing_to_sign() -> None:
    impostor = Key("impostor", P256.subject)
    ready = prepared(badge(P256.subject), P256, cryptosuite="ecdsa-rdfc-2019")
    with pytest.raises(vc.NotSealable):
        vc.seal(ready, _Posing(impostor, P256.verification_method))
    assert vc.seal(ready, P256)


class _Posing:
    def __init__(self, key: Key, method: str) -> None:
        self.verification_method, self.public, self.sign = method, key.public, key.sign


def test_documents_of_the_first_version_are_signed_only_where_that_is_wanted() -> None:
    old = {"@context": [V1], **_plain(SELF_ISSUED.subject), "issuanceDate": "2026-11-01T10:00:00Z"}
    del old["validFrom"]
    before = copy.deepcopy(old)
    with pytest.raises(vc.Unsignable) as refused:
        prepared(old, SELF_ISSUED)
    assert [problem.code for problem in refused.value.problems] == ["context_order"]
    signed = vc.seal(prepared(old, SELF_ISSUED, vc11=True), SELF_ISSUED)
    assert old == before
    assert signed["@context"] == [V1, DATA_INTEGRITY]
    assert told(Case(signed)) == set()
    again = prepared({**old, "@context": [V1, DATA_INTEGRITY]}, SELF_ISSUED, vc11=True)
    assert again.document["@context"] == [V1, DATA_INTEGRITY]
    for contexts in ([], {}, [{}], [DATA_INTEGRITY, V1], V1):
        with pytest.raises(vc.Unsignable):
            prepared({**old, "@context": contexts}, SELF_ISSUED, vc11=True)


def resolved(change: dict, purpose: str = "assertionMethod") -> vc.PublicKey | str:
    document = UNIVERSITY.document
    del document["verificationMethod"][0]["publicKeyMultibase"]
    document["verificationMethod"][0] |= change
    key = vc.resolve_method(document, UNIVERSITY.verification_method, purpose=purpose)
    return key.code if isinstance(key, Problem) else key


def test_a_key_is_read_in_every_form_in_use() -> None:
    for public in (UNIVERSITY.public, P256.public, P384.public):
        assert resolved({"type": "JsonWebKey", "publicKeyJwk": public.jwk()}) == public
        assert resolved({"type": "JsonWebKey2020", "publicKeyJwk": public.jwk() | {"kid": "k"}}) == public
        assert resolved({"type": "Multikey", "publicKeyMultibase": public.multibase}) == public
    base58 = {"type": "Ed25519VerificationKey2018", "publicKeyBase58": z(UNIVERSITY.public.raw)[1:]}
    assert resolved(base58) == UNIVERSITY.public


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "Ed25519VerificationKey2020", "publicKeyMultibase": P256.public.multibase}, "key_malformed"),
        ({"type": "Ed25519VerificationKey2018", "publicKeyBase58": "z6Mk"}, "key_malformed"),
        ({"type": "Ed25519VerificationKey2018", "publicKeyBase58": 7}, "key_malformed"),
        ({"type": "JsonWebKey", "publicKeyJwk": P256.public.jwk() | {"d": "AQ"}}, "key_malformed"),
        ({"type": "JsonWebKey", "publicKeyJwk": P256.public.jwk() | {"use": "enc"}}, "key_malformed"),
        ({"type": "JsonWebKey", "publicKeyJwk": P256.public.jwk(), "privateKeyJwk": {}}, "key_malformed"),
        ({"type": "JsonWebKey", "publicKeyMultibase": P256.public.multibase}, "key_malformed"),
        ({"type": "Multikey", "publicKeyJwk": P256.public.jwk()}, "key_malformed"),
        ({"type": ["Multikey", "JsonWebKey"], "publicKeyMultibase": P256.public.multibase}, "key_malformed"),
        ({"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyJwk": {}}, "key_malformed"),
        (
            {"type": "Multikey", "publicKeyMultibase": P256.public.multibase, "publicKeyJwk": P384.public.jwk()},
            "controller_document_malformed",
        ),
    ],
)
def test_a_key_in_no_such_form_is_refused(change: dict, code: str) -> None:
    assert resolved(change) == code


def test_a_key_counts_for_the_purpose_that_it_is_listed_for() -> None:
    change = {"type": "Multikey", "publicKeyMultibase": UNIVERSITY.public.multibase}
    assert resolved(change) == UNIVERSITY.public
    assert resolved(change, "authentication") == "key_not_for_authentication"


def test_a_key_can_be_published_as_a_jwk() -> None:
    method = vc.Method("https://a.edu/1#jwt", "https://a.edu/1", P256.public, as_jwk=True)
    document = vc.controller_document("https://a.edu/1", [PROFILE_URL.method, method])
    assert document["@context"][-1] == "https://w3id.org/security/jwk/v1"
    assert document["verificationMethod"][1]["publicKeyJwk"] == P256.public.jwk()
    assert vc.resolve_method(document, "https://a.edu/1#jwt") == P256.public


@pytest.mark.parametrize("key", [SELF_ISSUED, P256, P384], ids=lambda key: key.kind)
def test_dids_that_are_keys_serve_every_purpose(key: Key) -> None:
    jwk = f"did:jwk:{u(jsontext.canonical(key.public.jwk()))[1:]}"
    for did, method in ((key.subject, key.verification_method), (jwk, f"{jwk}#0")):
        assert vc.is_self_contained(did)
        document = vc.self_contained_document(did)
        for purpose in ("assertionMethod", "authentication"):
            assert vc.resolve_method(document, method, purpose=purpose) == key.public
    assert vc.key_needs({"proof": {"verificationMethod": f"{jwk}#0"}}) == ()


@pytest.mark.parametrize(
    "did",
    [
        "did:jwk:",
        "did:jwk:e30",
        "did:jwk:!",
        "did:jwk:" + "A" * 3_000,
        "did:jwk:" + u(jsontext.canonical(P256.public.jwk() | {"d": "AQ"}))[1:],
        "did:jwk:" + u(b'{"kty":"EC","kty":"OKP"}')[1:],
        "did:jwk:" + u(jsontext.canonical(P256.public.jwk()))[1:] + "=",
        P256.subject,
    ],
)
def test_what_is_no_did_jwk_has_no_document(did: str) -> None:
    assert isinstance(vc.did_jwk_document(did), Problem)


@pytest.mark.parametrize("gap", ["unreachable", "not_json", "not_found", "not_asked"])
def test_a_key_in_an_address_waits_for_the_issuer(gap: vc.Gap) -> None:
    scene = case(PROFILE_URL)
    scene.hole(PROFILE_URL.subject, gap)
    assert (CheckId.PROOF_KEY, Outcome.INDETERMINATE, "key_in_fragment") in told(scene)
    scene.material[PROFILE_URL.subject] = vc.Found({"id": PROFILE_URL.subject, "type": ["Profile"]})
    assert (CheckId.PROOF_KEY, Outcome.FAIL, "key_in_fragment") in told(scene)


def test_what_a_check_rests_on_is_told() -> None:
    scene = case()
    source = vc.Source(UNIVERSITY.subject, "fetched", NOW)
    scene.material[UNIVERSITY.subject] = vc.Found(UNIVERSITY.document, source)
    findings = vc.check_proofs(scene.document, scene.material, rules().contexts, NOW)
    assert {found.id: found.evidence for found in findings}[CheckId.PROOF_KEY] == (source,)
