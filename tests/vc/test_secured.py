"""What is secured with a key at hand is read by others, and whatever text comes is judged."""

from __future__ import annotations

import base64
import json
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as jws_of_others
from joserfc.jwk import import_key
from openvc import cbor as peer_cbor
from openvc import cose as peer_cose
from openvc.proof.sd_jwt import SdJwtVcProofSuite

from ler_issuer.vc.secured import FEATURES, secure, unsound
from methods import ALGORITHMS, cose, credential, jws, key, method, presentation, sd_jwt

DOCUMENT = credential(
    id="urn:uuid:3978344f-8596-4c3a-a978-8fcaba3903c5",
    validFrom="2024-01-01T00:00:00Z",
    credentialSubject={"id": "did:example:123", "name": "Ada", "address": {"city": "Anytown"}, "phones": ["1", "2"]},
)
KINDS = ["P-256", "P-384", "Ed25519"]


def made(feature, kind, *paths):
    return secure(DOCUMENT, key(kind), FEATURES[feature], paths, secrets.token_bytes)


def public(kind):
    return method(kind)["publicKeyJwk"]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("kind", [*KINDS, "P-521"])
def test_a_peer_reads_our_tokens(kind):
    alg, text = ALGORITHMS[kind], made("credential_jose", kind)
    read = jws_of_others.deserialize_compact(text, import_key(public(kind)), algorithms=[alg])
    assert json.loads(read.payload) == DOCUMENT | {"iss": DOCUMENT["issuer"], "jti": DOCUMENT["id"]}
    assert read.protected == {"alg": alg, "kid": public(kind)["kid"], "typ": "vc+jwt", "cty": "vc"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_peer_sees_what_is_shown_of_ours_and_nothing_else(kind):
    text = made("credential_sdjwt", kind, "credentialSubject.name", "credentialSubject.phones[1]")
    read = SdJwtVcProofSuite().verify(text, public_key_jwk=public(kind))
    assert read.claims["credentialSubject"] == DOCUMENT["credentialSubject"]
    token, *_ = text.split("~")
    less = SdJwtVcProofSuite().verify(f"{token}~", public_key_jwk=public(kind))
    assert less.claims["credentialSubject"] == {
        "id": "did:example:123",
        "address": {"city": "Anytown"},
        "phones": ["1"],
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_peer_reads_our_signed_objects(kind):
    text = made("credential_cose", kind)
    read = peer_cose.parse_sign1(peer_cbor.decode(base64.b64decode(text + "=" * (-len(text) % 4))))
    assert peer_cose.verify_sign1(read, public_jwk=public(kind))


TEXTS = {
    "credential_jose": jws("P-256", credential(), typ="vc+jwt"),
    "credential_sdjwt": sd_jwt("P-256", credential()),
    "credential_cose": cose("P-256", credential()),
    "presentation_jose": jws("P-256", presentation(), typ="vp+jwt"),
    "presentation_sdjwt": sd_jwt("P-256", presentation(), typ="vp+sd-jwt"),
    "presentation_cose": cose("P-256", presentation(), subject="vp"),
}


@pytest.mark.parametrize("feature", FEATURES)
def test_each_is_itself_and_none_of_the_others(feature):
    holding = {name for name, text in TEXTS.items() if unsound(text, key("P-256"), FEATURES[feature]) is None}
    assert holding == {feature}


@given(st.sampled_from([*FEATURES]), st.integers(0, 200), st.characters())
def test_any_change_of_a_text_is_noticed(feature, place, char):
    text = TEXTS[feature]
    changed = text[:place] + char + text[place + 1 :]
    assert (unsound(changed, key("P-256"), FEATURES[feature]) is None) is (changed == text)


@given(st.sampled_from([*FEATURES]), st.text(max_size=40))
def test_any_text_is_judged(feature, text):
    assert isinstance(unsound(text, key("P-256"), FEATURES[feature]), str)
