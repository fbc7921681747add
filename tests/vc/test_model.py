"""The data model: one change of a sound document each, and where it is found.

The cases are those of the VC-API contract (sections 1.2 and 1.3) and of VCDM 2.0 and 1.1 that it draws on.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from base64 import b64encode, urlsafe_b64encode

import base58
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer import vc
from ler_issuer.resources import contexts_dir
from ler_issuer.vc.problems import CRYPTOGRAPHIC_SECURITY_ERROR, MALFORMED_VALUE_ERROR, PROOF_VERIFICATION_ERROR
from ler_issuer.vc.related import KNOWN

ROOT = contexts_dir().parent
MODULES = ("model.py", "related.py", "securing.py", "values.py")
V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
DID = "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
GONE = object()
PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-11-15T12:00:00Z",
    "verificationMethod": f"{DID}#{DID[8:]}",
    "proofPurpose": "assertionMethod",
    "proofValue": "z3MPPHM5VFhWw2teqGvjXDzsrqPcJoruJryZKCfhjpfp",
}
CREDENTIAL = {
    "@context": [V2],
    "type": ["VerifiableCredential"],
    "issuer": DID,
    "credentialSubject": {"id": "did:example:subject"},
}
OLDER = {
    "@context": [V1],
    "type": ["VerifiableCredential"],
    "issuer": DID,
    "issuanceDate": "2022-10-16T04:05:06Z",
    "credentialSubject": {"id": "did:example:subject"},
}
PRESENTATION = {"@context": [V2], "type": ["VerifiablePresentation"], "proof": PROOF}
HTML = {"@value": "HTML y CSS", "@language": "es", "@direction": "ltr"}


def changed(document, changes):
    """Give a document with members replaced, or taken out where they are `GONE`."""
    return {name: value for name, value in {**copy.deepcopy(document), **changes}.items() if value is not GONE}


def found(problems):
    return {(problem.code, problem.pointer) for problem in problems}


def unsigned(**changes):
    return vc.model_problems(changed(CREDENTIAL, changes), secured=False)


def digest(text, **members):
    return {"relatedResource": [{"id": V2, "digestMultibase": text, **members}]}


SHA256 = bytes.fromhex("59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734")
DRAFT = bytes.fromhex("24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9")
SHA384 = "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"
DRAFT_SRI = "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"


def base64url(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"id": "urn:uuid:86294362-4254-4f36-854f-3952fe42555d"},
        {"id": "did:example:credential"},
        {"id": "https://example.org/credentials/1?x=ä#top"},
        {"@context": [V2, {"@vocab": None}, {"@context": {"Alumni": "https://example.org/Alumni"}}]},
        {"type": ["https://example.org/A", "VerifiableCredential", "ex:B", "AlumniCredential"]},
        {"issuer": {"id": DID, "name": "University", "description": [HTML, "plain"]}},
        {"issuer": "https://university.example/issuers/14"},
        {"name": HTML, "description": [{"@value": "x"}, {"@value": "y", "@language": "de-AT"}]},
        {"credentialSubject": [{"id": "did:example:a"}, {"alumniOf": "x"}]},
        {"validFrom": "1066-01-01T00:00:00Z", "validUntil": "1066-01-01T00:00:00Z"},
        {"validFrom": "2023-02-27T05:03:28-06:00", "validUntil": "9999-12-31T23:59:59.999Z"},
        {"credentialStatus": {"id": "did:example:status", "type": "CredentialStatusList2017"}},
        {"credentialStatus": [{"type": "A"}, {"type": ["B", "https://example.org/C"]}]},
        {"credentialSchema": {"id": "did:example:schema", "type": "JsonSchema"}},
        {"credentialSchema": [{"id": "did:example:a", "type": "A"}, {"id": "did:example:b", "type": "B"}]},
        {"refreshService": {"type": "R", "id": "https://example.org/refresh"}},
        {"termsOfUse": [{"type": "IssuerPolicy", "id": "http://example.com/policies/1"}, {"type": "T"}]},
        {"evidence": [{"type": ["Evidence"], "id": "https://example.org/evidence"}, {"type": "E"}]},
        digest("u" + base64url(SHA256)),
        digest("u" + base64url(DRAFT)),
        digest("u" + base64url(b"\x12\x20" + SHA256)),
        digest("u" + base64url(DRAFT), digestSRI=DRAFT_SRI, mediaType="application/ld+json"),
        digest("z" + base58.b58encode(b"\x12\x20" + DRAFT).decode()),
        digest("z" + base58.b58encode(SHA256).decode(), digestSRI=SHA384, mediaType="application/ld+json"),
        {"relatedResource": [{"id": V2, "digestSRI": "sha256-" + b64encode(SHA256).decode()}]},
        {"relatedResource": {"id": "https://example.org/a", "digestSRI": "sha256-ca3d163bab055381827226140568f3bef7"}},
        {"relatedResource": [{"id": V2, "digestSRI": "sha256-AAAA " + SHA384}]},
    ],
    ids=lambda changes: json.dumps(list(changes)),
)
def test_what_the_data_model_allows_is_sound(changes):
    document = changed(CREDENTIAL, changes)

    assert vc.model_problems(document, secured=False) == ()
    assert vc.model_problems({**document, "proof": PROOF}, secured=True) == ()


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"@context": GONE}, "context_malformed", ""),
        ({"@context": V2}, "context_malformed", "/@context"),
        ({"@context": None}, "context_malformed", "/@context"),
        ({"@context": {}}, "context_malformed", "/@context"),
        ({"@context": []}, "context_order", "/@context"),
        ({"@context": ["https://www.w3.org/ns/credentials/examples/v2"]}, "context_order", "/@context/0"),
        ({"@context": [V2, "https ://not-a-url/contexts"]}, "context_malformed", "/@context/1"),
        ({"@context": [V2, 5]}, "context_malformed", "/@context/1"),
        ({"@context": [V2, None]}, "context_malformed", "/@context/1"),
        ({"@context": [V2, [V2]]}, "context_malformed", "/@context/1"),
        ({"type": GONE}, "type_missing", ""),
        ({"type": "VerifiableCredential"}, "type_malformed", "/type"),
        ({"type": []}, "type_malformed", "/type"),
        ({"type": {}}, "type_malformed", "/type"),
        ({"type": ["AlumniCredential"]}, "type_unfit", "/type"),
        ({"type": ["VerifiableCredential", None]}, "type_malformed", "/type/1"),
        ({"type": ["VerifiableCredential", "https ://not-a-url"]}, "type_malformed", "/type/1"),
        ({"id": None}, "id_malformed", "/id"),
        ({"id": ["did:example:a"]}, "id_malformed", "/id"),
        ({"id": "not-a-url"}, "id_malformed", "/id"),
        ({"id": "https ://not-a-url"}, "id_malformed", "/id"),
        ({"id": "https:///path"}, "id_malformed", "/id"),
        ({"id": "did:nothing"}, "id_malformed", "/id"),
        ({"id": "_:b0"}, "id_malformed", "/id"),
        ({"id": 7}, "id_malformed", "/id"),
        ({"issuer": GONE}, "member_missing", ""),
        ({"issuer": None}, "issuer_malformed", "/issuer"),
        ({"issuer": "fake-issuer"}, "issuer_malformed", "/issuer"),
        ({"issuer": [DID]}, "issuer_malformed", "/issuer"),
        ({"issuer": {"name": "x"}}, "id_missing", "/issuer"),
        ({"issuer": {"id": None}}, "id_malformed", "/issuer/id"),
        ({"issuer": {"id": "fake-issuer"}}, "id_malformed", "/issuer/id"),
        ({"issuer": {"id": DID, "name": {"@value": "x", "@url": "y"}}}, "text_malformed", "/issuer/name"),
        ({"credentialSubject": GONE}, "member_missing", ""),
        ({"credentialSubject": None}, "subject_malformed", "/credentialSubject"),
        ({"credentialSubject": []}, "subject_malformed", "/credentialSubject"),
        ({"credentialSubject": {}}, "subject_malformed", "/credentialSubject"),
        ({"credentialSubject": "did:example:a"}, "subject_malformed", "/credentialSubject"),
        ({"credentialSubject": [{"id": "did:example:a"}, {}]}, "subject_malformed", "/credentialSubject/1"),
        ({"credentialSubject": {"id": ["did:example:a"]}}, "id_malformed", "/credentialSubject/id"),
        ({"validFrom": "Mon, 27 Feb 2023 05:03:28 GMT"}, "date_malformed", "/validFrom"),
        ({"validUntil": "Mon Feb 27 05:03:28 UTC 2023"}, "date_malformed", "/validUntil"),
        ({"validFrom": "2023-02-27T05:03:28"}, "date_malformed", "/validFrom"),
        ({"validUntil": None}, "date_malformed", "/validUntil"),
        (
            {"validFrom": "2026-01-01T00:00:01Z", "validUntil": "2026-01-01T01:00:00+01:00"},
            "period_reversed",
            "/validUntil",
        ),
        ({"name": {"@value": "x", "@type": "y"}}, "text_malformed", "/name"),
        ({"name": 5}, "text_malformed", "/name"),
        ({"name": None}, "text_malformed", "/name"),
        ({"description": ["x", {"@language": "en"}]}, "text_malformed", "/description/1"),
        ({"description": {"@value": "x", "@direction": "up"}}, "text_malformed", "/description"),
        ({"credentialStatus": {"id": "did:example:a"}}, "type_missing", "/credentialStatus"),
        ({"credentialStatus": {"type": 2}}, "type_malformed", "/credentialStatus/type"),
        ({"credentialStatus": {"type": "A", "id": ["did:example:a"]}}, "id_malformed", "/credentialStatus/id"),
        ({"credentialStatus": [{"type": "A", "id": "no url"}]}, "id_malformed", "/credentialStatus/0/id"),
        ({"credentialStatus": "did:example:a"}, "member_malformed", "/credentialStatus"),
        ({"credentialStatus": None}, "member_malformed", "/credentialStatus"),
        ({"credentialSchema": {"id": "did:example:a"}}, "type_missing", "/credentialSchema"),
        ({"credentialSchema": {"type": "A"}}, "id_missing", "/credentialSchema"),
        ({"credentialSchema": {"type": "A", "id": "no url"}}, "id_malformed", "/credentialSchema/id"),
        ({"refreshService": {}}, "type_missing", "/refreshService"),
        ({"termsOfUse": [{"type": "A"}, {}]}, "type_missing", "/termsOfUse/1"),
        ({"evidence": {"id": "did:example:a"}}, "type_missing", "/evidence"),
        ({"evidence": []}, "member_malformed", "/evidence"),
        ({"relatedResource": [V2]}, "member_malformed", "/relatedResource/0"),
        ({"relatedResource": [{"digestSRI": SHA384}]}, "id_missing", "/relatedResource/0"),
        ({"relatedResource": {"id": V2}}, "digest_missing", "/relatedResource"),
        ({"relatedResource": [{"id": V2, "digestSRI": SHA384}] * 2}, "related_twice", "/relatedResource/1/id"),
        (digest("u" + base64url(SHA256[::-1])), "digest_differs", "/relatedResource/0/digestMultibase"),
        (digest(5), "digest_malformed", "/relatedResource/0/digestMultibase"),
        (digest("u" + base64url(SHA256), digestSRI="md5-x"), "digest_malformed", "/relatedResource/0/digestSRI"),
        (
            {"relatedResource": [{"id": V2, "digestSRI": "sha384-AAAA sha256-" + b64encode(SHA256).decode()}]},
            "digest_differs",
            "/relatedResource/0/digestSRI",
        ),
        (digest("u" + base64url(SHA256), mediaType=5), "member_malformed", "/relatedResource/0/mediaType"),
    ],
)
def test_what_departs_from_the_data_model_is_found_where_it_stands(changes, code, pointer):
    assert found(unsigned(**changes)) == {(code, pointer)}


def test_a_problem_has_the_type_of_the_specification():
    (malformed,) = unsigned(id="not-a-url")
    (differs,) = unsigned(**digest("u" + base64url(SHA256[::-1])))
    (unproven,) = vc.model_problems(CREDENTIAL, secured=True)

    assert malformed.type == MALFORMED_VALUE_ERROR
    assert differs.type == CRYPTOGRAPHIC_SECURITY_ERROR
    assert unproven.type == PROOF_VERIFICATION_ERROR


@pytest.mark.parametrize(
    ("proof", "code", "pointer"),
    [
        (GONE, "proof_missing", ""),
        (None, "proof_malformed", "/proof"),
        ([], "proof_malformed", "/proof"),
        ("z3MPP", "proof_malformed", "/proof"),
        (10, "proof_malformed", "/proof"),
        (True, "proof_malformed", "/proof"),
        ([PROOF, "z3MPP"], "proof_malformed", "/proof/1"),
        (changed(PROOF, {"type": GONE}), "proof_incomplete", "/proof"),
        (changed(PROOF, {"cryptosuite": GONE}), "proof_incomplete", "/proof"),
        (changed(PROOF, {"proofPurpose": GONE}), "proof_incomplete", "/proof"),
        (changed(PROOF, {"verificationMethod": GONE}), "proof_incomplete", "/proof"),
        (changed(PROOF, {"proofValue": GONE}), "proof_incomplete", "/proof"),
        (
            changed(PROOF, {"type": "Ed25519Signature2020", "created": GONE, "cryptosuite": GONE}),
            "proof_incomplete",
            "/proof",
        ),
        ([changed(PROOF, {"proofValue": None})], "proof_malformed", "/proof/0/proofValue"),
        (changed(PROOF, {"proofValue": PROOF["proofValue"][1:]}), "proof_malformed", "/proof/proofValue"),
        (changed(PROOF, {"proofValue": "z0OIl"}), "proof_malformed", "/proof/proofValue"),
        (changed(PROOF, {"verificationMethod": {"id": DID}}), "proof_malformed", "/proof/verificationMethod"),
        (changed(PROOF, {"created": "2026-11-15"}), "proof_malformed", "/proof/created"),
        (changed(PROOF, {"expires": "2026-11-15T12:00:00"}), "proof_malformed", "/proof/expires"),
        (changed(PROOF, {"id": "not-a-url"}), "proof_malformed", "/proof/id"),
        (changed(PROOF, {"previousProof": 5}), "proof_malformed", "/proof/previousProof"),
        (changed(PROOF, {"previousProof": ["urn:x:1", None]}), "proof_malformed", "/proof/previousProof"),
    ],
)
def test_a_secured_document_has_proofs_that_can_be_checked(proof, code, pointer):
    assert found(vc.model_problems(changed(CREDENTIAL, {"proof": proof}), secured=True)) == {(code, pointer)}


def test_a_proof_may_leave_out_when_it_was_made_and_name_one_before():
    proofs = [changed(PROOF, {"id": "urn:uuid:1", "created": GONE}), {**PROOF, "previousProof": ["urn:uuid:1"]}]

    assert vc.model_problems({**CREDENTIAL, "proof": proofs}, secured=True) == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"expirationDate": "2023-10-16T04:05:06.123+02:00"}, set()),
        ({"issuanceDate": "2022-10-16T04:05:06"}, set()),
        ({"name": 5}, set()),  # no term of the older model
        ({"issuanceDate": GONE}, {("member_missing", "")}),
        ({"issuanceDate": "2022-10-16"}, {("date_malformed", "/issuanceDate")}),
        ({"expirationDate": "2021-10-16T04:05:06Z"}, {("period_reversed", "/expirationDate")}),
        ({"credentialStatus": {"type": "A"}}, {("id_missing", "/credentialStatus")}),
        ({"refreshService": {"type": "A"}}, {("id_missing", "/refreshService")}),
    ],
)
def test_the_older_model_has_its_own_members(changes, expected):
    assert found(vc.model_problems(changed(OLDER, changes), secured=False)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"holder": DID, "id": "urn:uuid:1"}, set()),
        ({"holder": {"id": DID}, "type": "VerifiablePresentation"}, set()),
        ({"verifiableCredential": [{**CREDENTIAL, "proof": PROOF}] * 2}, set()),
        ({"@context": [V1], "verifiableCredential": "eyJ.eyJ.x"}, set()),
        ({"@context": ["https://example.com", V2]}, {("context_order", "/@context/0")}),
        ({"@context": GONE}, {("context_malformed", "")}),
        ({"type": GONE}, {("type_missing", "")}),
        ({"type": ["VerifiableCredential"]}, {("type_unfit", "/type")}),
        ({"proof": GONE}, {("proof_missing", "")}),
        ({"holder": {"name": "x"}}, {("id_missing", "/holder")}),
        ({"holder": "somebody"}, {("holder_malformed", "/holder")}),
        ({"verifiableCredential": ["eyJ.eyJ.x"]}, {("member_malformed", "/verifiableCredential/0")}),
        ({"verifiableCredential": [CREDENTIAL]}, {("proof_missing", "/verifiableCredential/0")}),
        (
            {"verifiableCredential": {**CREDENTIAL, "type": [], "proof": PROOF}},
            {("type_malformed", "/verifiableCredential/type")},
        ),
    ],
)
def test_a_presentation_and_what_it_shows(changes, expected):
    assert found(vc.presentation_problems(changed(PRESENTATION, changes))) == expected


ENVELOPE = {"@context": [V2], "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,eyJ.eyJ.x"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"type": ["EnvelopedVerifiableCredential"], "id": "data:application/jwt;charset=us-ascii,eyJ"}, set()),
        ({"@context": []}, {("context_order", "/@context")}),
        ({"id": "application/vc+jwt,eyJ"}, {("envelope_malformed", "/id")}),
        ({"id": "data:application/vc+jwt,"}, {("envelope_malformed", "/id")}),
        ({"id": GONE}, {("envelope_malformed", "/id")}),
        ({"proof": PROOF}, {("envelope_malformed", "/proof")}),
        ({"proof": PROOF, "name": "x"}, {("envelope_malformed", "/proof"), ("envelope_malformed", "/name")}),
        ({"@context": [V2, V2]}, {("envelope_malformed", "/@context/1")}),
    ],
)
def test_an_envelope_is_one_url(changes, expected):
    envelope = changed(ENVELOPE, changes)

    assert found(vc.model_problems(envelope, secured=True)) == expected
    assert found(vc.presentation_problems({**PRESENTATION, "verifiableCredential": [envelope]})) == {
        (code, f"/verifiableCredential/0{pointer}") for code, pointer in expected
    }
    presented = {**envelope, "type": "EnvelopedVerifiablePresentation"}
    assert found(vc.presentation_problems(presented)) == expected


@pytest.mark.parametrize("kind", [GONE, "VerifiableCredential"])
def test_what_is_not_called_an_envelope_is_none(kind):
    assert vc.model_problems(changed(ENVELOPE, {"type": kind}), secured=True)


@pytest.mark.parametrize(
    ("document", "model"),
    [(CREDENTIAL, "2.0"), (OLDER, "1.1"), ({"@context": [V1, V2]}, "1.1"), ({"@context": ["x"]}, None), ([], None)],
)
def test_the_first_context_says_which_model_it_is(document, model):
    assert vc.data_model(document) == model


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("https://www.w3.org/ns/credentials/v2", "credentials-v2.jsonld"),
        ("https://w3id.org/security/data-integrity/v2", "data-integrity-v2.jsonld"),
        ("https://w3id.org/security/multikey/v1", "multikey-v1.jsonld"),
    ],
)
def test_the_known_digests_are_those_of_the_contexts_that_are_read(url, file):
    content = (contexts_dir() / file).read_bytes()

    assert {hashlib.new(name, content).hexdigest() for name in ("sha256", "sha384", "sha512")} <= KNOWN[url]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.sampled_from([V1, V2])
NAMES = st.text() | st.sampled_from([*CREDENTIAL, *PROOF, "proof", "id", "relatedResource", "digestSRI", "holder"])
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=30
)


@given(ANYTHING, st.sampled_from([*CREDENTIAL, "proof", "relatedResource", "evidence", "verifiableCredential"]))
@settings(max_examples=150, deadline=None)
def test_any_json_is_answered(value, name):
    for document in (value, {**CREDENTIAL, name: value}, {**PRESENTATION, name: value}):
        assert all(one.code and one.detail for one in vc.model_problems(document, secured=True))
        assert all(one.code and one.detail for one in vc.presentation_problems(document))


def test_every_code_is_documented():
    said = (ROOT / "docs" / "data-model.md").read_text()
    sources = "".join((ROOT / "src/ler_issuer/vc" / name).read_text() for name in MODULES)
    codes = set(re.findall(r'(?:malformed|_unsound|Problem)\(\s*f?"([{}a-z_]+)"', sources))

    assert len(codes) > 20
    assert {code for code in codes - {"{name}_malformed"} if f"`{code}`" not in said} == set()


def test_many_faults_are_not_all_told():
    assert len(unsigned(evidence=[{}] * 1000)) == 50
