"""A resolver of DIDs: what the suite for did:key asks, every kind of key in every form, and whatever else may come."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer import vc
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import Found, Hole, PublicKey, Resolution, Wish, multibase
from ler_issuer.vc.agreement import agreement_multibase, require_agreement_key, x25519_of
from ler_issuer.vc.keys import BadKey
from signing import P256, P384, Key

KNOWN = "z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
DID = f"did:key:{KNOWN}"
AGREEMENT = "z6LSfHfAMAopsuBxaBzvp51GXrPf38Az13j2fmwqadbwwrzJ"
"""The key for key agreement that follows from that DID, according to the suite."""

RSA = PublicKey.from_jwk({"kty": "RSA", "e": "AQAB", "n": "y" + "w" * 341})
SIGNING = ["authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation"]
JWK_DID = "did:jwk:" + multibase.u(json.dumps(P256.public.jwk()).encode()).removeprefix("u")


def resolve(text, form=None, *, experimental=False):
    wish = vc.read_wish(text, form, experimental=experimental)
    return wish if isinstance(wish, Resolution) else vc.resolve_locally(wish)


def told(resolution):
    """Give the error, the member that it stands in, and the status."""
    body = resolution.to_json()
    assert body["@context"] == "https://w3id.org/did-resolution/v1"
    assert body["didDocumentMetadata"] == {}
    assert "didDocument" in body
    [member] = body.keys() & {"didResolutionMetadata", "didDereferencingMetadata"}
    return body[member].get("error"), member, resolution.status


ERRORS = [
    (f"notDid:key:{KNOWN}", None, "invalidDid", 400),
    (f"did:key:-4:{KNOWN}", None, "invalidDid", 400),
    (f"did:key:0:{KNOWN}", None, "invalidDid", 400),
    (f"did:key:2:{KNOWN}", None, "invalidDid", 400),
    (f"did:key:{KNOWN[1:]}", None, "invalidDid", 400),
    ("did:key:@", None, "invalidDid", 400),
    ("did:key:", None, "invalidDid", 400),
    ("", None, "invalidDid", 400),
    ("did:key:z", None, "unsupportedPublicKeyType", 400),
    (f"did:key:{'z' * 5_000}", None, "invalidDid", 400),
    (f"did:experimental:{KNOWN}", None, "methodNotSupported", 400),
    ("did:key:zTjsVPtY", None, "invalidPublicKeyLength", 400),
    (DID, "unknown", "unsupportedPublicKeyType", 400),
    (DID, "", "unsupportedPublicKeyType", 400),
    (DID, "Ed25519VerificationKey2018", "invalidPublicKeyType", 400),
    (DID, "X25519KeyAgreementKey2020", "invalidPublicKeyType", 400),
    (f"{DID}?publicKeyFormat=unknown", None, "unsupportedPublicKeyType", 400),
    (f"{DID}?versionId=1", None, "featureNotSupported", 400),
    ("did:web:a.edu:..", None, "invalidDid", 400),
    ("did:jwk:e30", None, "invalidPublicKey", 400),
    ("did:jwk:e3", None, "invalidDid", 400),
    (f"did:jwk:{'A' * 2_049}", None, "invalidDid", 400),
    (f"did:key:{multibase.z(PREFIX_256 := bytes.fromhex('8024') + bytes([2]) + bytes([255] * 32))}", None,
     "invalidPublicKey", 400),
    (f"did:key:{multibase.z(bytes.fromhex('ec01') + bytes(32))}", None, "invalidPublicKey", 400),
    (f"did:key:{P256.public.multibase}", "Ed25519VerificationKey2020", "invalidPublicKeyType", 400),
    (f"did:key:{AGREEMENT}", "Ed25519VerificationKey2020", "invalidPublicKeyType", 400),
]  # fmt: skip


@pytest.mark.parametrize(("text", "form", "error", "status"), ERRORS)
def test_what_is_no_did_or_cannot_be_written(text, form, error, status):
    assert told(resolve(text, form)) == (error, "didResolutionMetadata", status)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"did:key:2:{KNOWN}", "'2', where only the version 1"),
        (f"did:key:abc:{KNOWN}", "'abc', where only"),
        (f"did:key:1:1:{KNOWN}", "'1:1', where only"),
        ("did:key:uEiA", "begins with 'z', for base58btc, and not with 'u'"),
        ("did:key:z6Mk0", "base58btc has no '0'"),
        (f"did:key:z{'2' * 900}", "longer than 600 bytes"),
        ("did:key:z", "the key is empty"),
        ("did:key:zzzzzz", "the key begins with "),
        ("did:key:", "nothing follows did:key:"),
        (f"{DID}:", "nothing follows its last colon"),
        ("did:key:z6Mk~", "no '~' in it"),
        ("did:key:z6Mk%2", "no '%' in it"),
        ("did:Key:z6Mk", "lower case letters and digits, and not 'Key'"),
        ("key:z6Mk", "did:, a method"),
        ("did:jwk:_", "not the base64url of a JWK"),
    ],
)
def test_it_is_told_what_is_wrong_with_a_did(text, words):
    assert words in resolve(text).detail


@pytest.mark.parametrize(
    ("text", "form", "error", "status"),
    [
        (f"{DID}#{KNOWN}", "Ed25519VerificationKey2018", "invalidPublicKeyType", 400),
        (f"{DID}#{AGREEMENT}", "Ed25519VerificationKey2018", "invalidPublicKeyType", 400),
        (f"{DID}#{KNOWN}", "X25519KeyAgreementKey2020", "invalidPublicKeyType", 400),
        (f"{DID}#{AGREEMENT}", "Ed25519VerificationKey2020", "invalidPublicKeyType", 400),
        (f"{DID}/^bar^/?query=`#{KNOWN}", None, "invalidDidUrl", 400),
        (f"{DID}#a#b", None, "invalidDidUrl", 400),
        (f"{DID}/bar", None, "notFound", 404),
        (f"{DID}#", None, "notFound", 404),
        (f"{DID}#{P256.public.multibase}", None, "notFound", 404),
        (f"did:key:@#{KNOWN}", None, "invalidDid", 400),
        (f"did:key:zTjsVPtY#{KNOWN}", None, "invalidPublicKeyLength", 400),
    ],
)
def test_what_is_no_did_url_or_names_no_part(text, form, error, status):
    assert told(resolve(text, form)) == (error, "didDereferencingMetadata", status)


def test_what_is_no_did_has_an_empty_document_and_other_errors_none():
    assert resolve("did:key:@").to_json()["didDocument"] == {}
    assert resolve("did:key:zTjsVPtY").to_json()["didDocument"] is None


def test_experimental_forms_are_known_by_name_only():
    assert told(resolve(DID, "Ed25519VerificationKey2018", experimental=True))[0] == "unsupportedPublicKeyType"
    inside = f"{DID}?publicKeyFormat=X25519KeyAgreementKey2019&enableExperimentalPublicKeyTypes=true"
    assert told(resolve(inside))[0] == "unsupportedPublicKeyType"


def test_a_key_for_signatures_speaks_for_key_agreement_too():
    document = resolve(DID).document
    [signs], [agrees] = document["verificationMethod"], document["keyAgreement"]

    assert document["id"] == DID
    assert signs == {
        "id": f"{DID}#{KNOWN}", "type": "Multikey", "controller": DID, "publicKeyMultibase": KNOWN
    }  # fmt: skip
    assert agrees == {
        "id": f"{DID}#{AGREEMENT}", "type": "Multikey", "controller": DID, "publicKeyMultibase": AGREEMENT
    }  # fmt: skip
    assert all(document[purpose] == [signs["id"]] for purpose in SIGNING)


def test_a_part_is_given_by_itself():
    found = resolve(f"{DID}#{KNOWN}")
    assert (found.status, found.dereferenced) == (200, True)
    assert found.document["controller"] == DID
    assert "didDereferencingMetadata" in found.to_json()
    assert resolve(f"{DID}?publicKeyFormat=JsonWebKey2020#{AGREEMENT}").document["publicKeyJwk"]["crv"] == "X25519"


def test_forms_of_one_purpose_alone_go_together():
    whole = resolve(DID, "Ed25519VerificationKey2020").document
    assert whole["verificationMethod"][0]["type"] == "Ed25519VerificationKey2020"
    assert whole["keyAgreement"][0]["type"] == "X25519KeyAgreementKey2020"
    assert whole["@context"][1:] == [
        "https://w3id.org/security/suites/ed25519-2020/v1",
        "https://w3id.org/security/suites/x25519-2020/v1",
    ]
    agrees = resolve(f"{DID}#{AGREEMENT}", "X25519KeyAgreementKey2020").document
    assert (agrees["type"], agrees["publicKeyMultibase"]) == ("X25519KeyAgreementKey2020", AGREEMENT)


def test_a_key_for_key_agreement_signs_nothing():
    document = resolve(f"did:key:{AGREEMENT}").document
    assert not document.keys() & {"verificationMethod", *SIGNING}
    assert [one["publicKeyMultibase"] for one in document["keyAgreement"]] == [AGREEMENT]
    assert resolve(f"did:key:{AGREEMENT}", "X25519KeyAgreementKey2020").status == 200


def test_documents_are_those_of_a_peer():
    """Digital Bazaar's did-method-key 5.3 gives these, members in another order."""
    both = resolve(DID, "Ed25519VerificationKey2020").document
    known = {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/suites/ed25519-2020/v1",
            "https://w3id.org/security/suites/x25519-2020/v1",
        ],
        "id": DID,
        "verificationMethod": [
            {
                "id": f"{DID}#{KNOWN}",
                "type": "Ed25519VerificationKey2020",
                "controller": DID,
                "publicKeyMultibase": KNOWN,
            }
        ],
        **{purpose: [f"{DID}#{KNOWN}"] for purpose in SIGNING},
        "keyAgreement": [
            {
                "id": f"{DID}#{AGREEMENT}",
                "type": "X25519KeyAgreementKey2020",
                "controller": DID,
                "publicKeyMultibase": AGREEMENT,
            }
        ],
    }
    assert both == known


def test_the_first_version_may_be_named():
    document = resolve(f"did:key:1:{KNOWN}").document
    assert document["id"] == f"did:key:1:{KNOWN}"
    assert document["verificationMethod"][0]["id"] == f"did:key:1:{KNOWN}#{KNOWN}"


@pytest.mark.parametrize("public", [Key("a learner").public, P256.public, P384.public, RSA], ids=lambda one: one.kind)
@pytest.mark.parametrize("form", ["Multikey", "JsonWebKey2020"])
def test_what_is_resolved_is_read_back_as_the_same_key(public, form):
    did = vc.key_did(public)
    document = resolve(did, form).document
    assert ("keyAgreement" in document) == (public.kind == "Ed25519")
    for purpose in SIGNING:
        assert vc.resolve_method(document, vc.key_method(public), purpose=purpose) == public
    ours = vc.did_key_document(did)
    assert ours["assertionMethod"] == document["assertionMethod"]  # what we judge by agrees with what we tell


def test_a_jwk_as_did():
    document = resolve(JWK_DID).document
    assert document["verificationMethod"][0]["type"] == "JsonWebKey2020"
    assert vc.resolve_method(document, f"{JWK_DID}#0") == P256.public
    assert resolve(f"{JWK_DID}#0", "Multikey").document["publicKeyMultibase"] == P256.public.multibase
    assert told(resolve(f"{JWK_DID}#1"))[0] == "notFound"


def test_documents_speak_by_contexts_that_are_known():
    known = load_closed_world().contexts
    for did, form in [(DID, "Multikey"), (DID, "JsonWebKey2020"), (JWK_DID, None)]:
        document = resolve(did, form).document
        lost = vc.canonize(document, vc.Contexts(known)).lost
        assert not lost, (did, form)


class TestGathered:
    """A did:web is resolved by what its host publishes."""

    DOCUMENT = {  # noqa: RUF012 - a table
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": "did:web:a.edu",
        "verificationMethod": [{"id": "#key", "type": "Multikey", "controller": "did:web:a.edu"}],
        "assertionMethod": ["#key", {"id": "did:web:a.edu#other", "type": "Multikey"}, 5],
        "service": [{"id": "did:web:a.edu#files", "type": "LinkedDomains"}],
    }

    def test_needs_its_document(self):
        wish = vc.read_wish("did:web:a.edu", None, experimental=False)
        assert wish == Wish("did:web:a.edu", None)
        assert vc.resolve_locally(wish) is None
        assert vc.resolved(wish, Found(self.DOCUMENT)).to_json()["didDocument"] == self.DOCUMENT

    @pytest.mark.parametrize(
        ("fragment", "kind"), [("key", "Multikey"), ("other", "Multikey"), ("files", "LinkedDomains")]
    )
    def test_a_part_of_it(self, fragment, kind):
        found = vc.resolved(Wish("did:web:a.edu", fragment), Found(self.DOCUMENT))
        assert (found.document["type"], found.dereferenced, found.status) == (kind, True, 200)

    @pytest.mark.parametrize("fragment", ["", "nothing"])
    def test_a_part_that_is_not_there(self, fragment):
        found = vc.resolved(Wish("did:web:a.edu", fragment), Found(self.DOCUMENT))
        assert told(found) == ("notFound", "didDereferencingMetadata", 404)

    @pytest.mark.parametrize("document", [None, [], "text", {}, {"id": "did:web:b.edu"}, {"id": ["did:web:a.edu"]}])
    def test_a_document_of_somebody_else(self, document):
        found = vc.resolved(Wish("did:web:a.edu", None), Found(document))
        assert told(found) == ("invalidDidDocument", "didResolutionMetadata", 502)

    @pytest.mark.parametrize(
        ("gap", "error", "status"),
        [
            ("not_found", "notFound", 404),
            ("unreachable", "internalError", 502),
            ("refused", "internalError", 502),
            ("not_json", "internalError", 502),
        ],
    )
    def test_a_document_that_is_not_to_be_had(self, gap, error, status):
        found = vc.resolved(Wish("did:web:a.edu", None), Hole(gap, "why"))
        assert told(found) == (error, "didResolutionMetadata", status)
        assert "why" in found.detail


class TestAgreement:
    def test_of_the_suite(self):
        assert agreement_multibase(x25519_of(PublicKey.from_multibase(KNOWN))) == AGREEMENT

    def test_of_no_other_kind(self):
        with pytest.raises(ValueError, match="P-256"):
            x25519_of(P256.public)

    @pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33), bytes(32), bytes([1, *[0] * 31])])
    def test_keys_that_agree_on_nothing(self, raw):
        with pytest.raises(BadKey):
            require_agreement_key(raw)


PIECES = st.sampled_from(["did:", "key:", "web:", "jwk:", KNOWN, AGREEMENT, "#", "?", "/", "publicKeyFormat=", ":"])


@given(text=st.lists(PIECES | st.text(max_size=6), max_size=8).map("".join), form=st.none() | st.text(max_size=12))
@settings(max_examples=300, deadline=None)
def test_whatever_is_asked_has_an_answer(text, form):
    found = resolve(text, form)
    if found is not None:
        error, _, status = told(found)
        assert (error is None) == (status == 200) == (found.document is not None)
        json.dumps(found.to_json())


@given(prefix=st.sampled_from(["ed01", "ec01", "8024", "8124", "8524", "e701", ""]), raw=st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_whatever_key_is_in_a_did_has_an_answer(prefix, raw):
    found = resolve(f"did:key:{multibase.z(bytes.fromhex(prefix) + raw)}")
    assert told(found)[2] in {200, 400}
