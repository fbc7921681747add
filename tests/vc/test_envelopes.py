"""Whose key signed a token, and whether what the token says beside the credential agrees with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer.jsontext import canonical
from ler_issuer.vc import (
    CheckId,
    Envelope,
    Found,
    Gap,
    Hole,
    Method,
    Outcome,
    Source,
    authentic,
    check_envelope,
    controller_document,
    envelope_needs,
    finding,
    key_did,
    open_envelope,
)
from ler_issuer.vc.multibase import u
from signing import badge
from tokens import compact, encoded, jwk, key

NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
WEB = "did:web:cred.example.edu:issuers:1"
PROFILE = "https://cred.example.edu/issuers/1"
JWKS = "https://cred.example.edu/.well-known/jwks.json"
KEY_URL = "https://cred.example.edu/issuers/1/keys/1"
ELSEWHERE = "https://keys.example.org/1"
ALGORITHMS = ["RS256", "ES256", "ES384", "EdDSA"]


def claimed(document, **changes):
    claims = {"iss": document["issuer"]["id"], "jti": document["id"], "nbf": 1_793_527_200, "exp": 1_888_221_600}
    return {name: value for name, value in (document | claims | changes).items() if value is not ...}


def token(issuer=WEB, alg="ES256", *, signing=None, changes=None, **header):
    text = compact({"alg": alg, "typ": "JWT"} | header, claimed(badge(issuer), **(changes or {})), signing)
    read = open_envelope(text)
    assert isinstance(read, Envelope), read
    return read


def did_document(alg="ES256", did=WEB, *, as_jwk=True, **when):
    return Found(controller_document(did, [Method(f"{did}#1", did, key(alg).public, as_jwk=as_jwk, **when)]))


def jwks(*keys):
    return Found({"keys": list(keys)})


def outcomes(envelope, material, **options):
    """Give (outcome, code) of each check that is not beyond doubt, and whether the whole is authentic."""
    found = check_envelope(envelope, material, NOW, **options)
    safe = finding(CheckId.JSONLD_SAFE, Outcome.PASS, "terms_defined")
    amiss = {one.id.value: (one.outcome.value, one.code) for one in found if one.outcome is not Outcome.PASS}
    return amiss, authentic((safe, *found))


SOUND = ({}, True)


@pytest.mark.parametrize("alg", ALGORITHMS)
@pytest.mark.parametrize("as_jwk", [True, False], ids=["JsonWebKey", "Multikey"])
def test_a_key_of_the_did_document(alg, as_jwk):
    read = token(alg=alg, kid=f"{WEB}#1")
    assert envelope_needs(read) == (WEB,)
    assert outcomes(read, {WEB: did_document(alg, as_jwk=as_jwk)}) == SOUND


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_key_at_an_address_that_the_did_document_lists_too(alg):
    read = token(alg=alg, kid=KEY_URL)
    assert envelope_needs(read) == (KEY_URL, WEB, JWKS)
    material = {KEY_URL: Found(jwk(alg)), WEB: did_document(alg)}
    assert outcomes(read, material) == SOUND
    assert outcomes(token(alg=alg, kid=ELSEWHERE), {ELSEWHERE: Found(jwk(alg)), WEB: did_document(alg)}) == SOUND


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
def test_a_did_that_is_its_key(alg):
    public = key(alg).public
    for did, fragment in ((key_did(public), public.multibase), (f"did:jwk:{u(canonical(jwk(alg)))[1:]}", "0")):
        for header in ({"kid": f"{did}#{fragment}"}, {"kid": did}, {}, {"kid": fragment}, {"kid": f"#{fragment}"}):
            read = token(did, alg, **header)
            assert envelope_needs(read) == ()
            assert outcomes(read, {}) == SOUND
        assert outcomes(token(did, alg, kid=f"{did}#other"), {})[1] is False


def test_an_issuer_with_an_address_vouches_for_its_own_host():
    read = token(PROFILE, kid=KEY_URL)
    assert envelope_needs(read) == (KEY_URL, JWKS)
    assert outcomes(read, {KEY_URL: Found(jwk("ES256")), JWKS: Hole("not_found")}) == SOUND
    own = Found(jwk("ES256", iss=PROFILE))
    assert outcomes(read, {KEY_URL: own, JWKS: Hole("not_found")}) == SOUND


def test_a_key_for_another_issuer_of_the_host_is_that_ones():
    other = Found(jwk("ES256", iss="https://cred.example.edu/issuers/2"))
    amiss, sound = outcomes(token(PROFILE, kid=KEY_URL), {KEY_URL: other, JWKS: jwks()})
    assert (amiss, sound) == ({"proof.controller": ("fail", "jwk_of_another")}, False)


@pytest.mark.parametrize(
    "place",
    [
        ELSEWHERE,
        "https://cred.example.edu.evil.test/k",
        "https://cred.example.edu:8443/k",
        "http://cred.example.edu/k",
        "https://cred.example.edu@evil.test/k",
        "https://evil.test/?x=https://cred.example.edu/",
    ],
)
def test_a_key_on_another_host_is_a_strangers_unless_the_issuer_lists_it(place):
    read = token(PROFILE, kid=place)
    claims_to_be = Found(jwk("ES256", iss=PROFILE))
    amiss, sound = outcomes(read, {place: claims_to_be, JWKS: jwks(jwk("ES256", "another"))})
    assert (amiss, sound) == ({"proof.controller": ("fail", "controller_foreign")}, False)
    assert outcomes(read, {place: claims_to_be, JWKS: jwks(jwk("ES256", "another"), jwk("ES256"))}) == SOUND
    open_question = outcomes(read, {place: claims_to_be, JWKS: Hole("unreachable")})
    assert open_question == ({"proof.controller": ("indeterminate", "jwk_self_asserted")}, False)


@pytest.mark.parametrize("issuer", [WEB, PROFILE])
def test_a_key_that_the_token_brings_along_proves_nothing(issuer):
    read = token(issuer, jwk=jwk("ES256", iss=issuer))
    needed = (WEB, JWKS) if issuer == WEB else (JWKS,)
    assert envelope_needs(read) == needed
    empty = {WEB: did_document("EdDSA"), JWKS: jwks()}
    assert outcomes(read, empty) == ({"proof.controller": ("fail", "jwk_self_asserted")}, False)
    if issuer == WEB:  # the document is there and the list is not: that is an answer
        half = {WEB: did_document("EdDSA"), JWKS: Hole("not_found")}
        assert outcomes(read, half) == ({"proof.controller": ("fail", "jwk_self_asserted")}, False)
        half[JWKS] = Hole("unreachable")
        assert outcomes(read, half)[0]["proof.controller"] == ("indeterminate", "jwk_self_asserted")
    gone = dict.fromkeys(needed, Hole("not_found"))
    assert outcomes(read, gone) == ({"proof.controller": ("indeterminate", "jwk_self_asserted")}, False)
    assert outcomes(read, {WEB: did_document("EdDSA"), JWKS: jwks(jwk("ES256"))}) == SOUND
    foreign = jwks(jwk("ES256", iss="https://cred.example.edu/issuers/2"))
    assert outcomes(read, {WEB: did_document("EdDSA"), JWKS: foreign})[1] is False


def test_a_key_that_is_named_by_a_word_is_looked_for_in_the_list():
    read = token(PROFILE, kid="2026a")
    assert envelope_needs(read) == (JWKS,)
    assert outcomes(read, {JWKS: jwks(jwk("ES256", kid="2026a"))}) == SOUND
    amiss, sound = outcomes(read, {JWKS: jwks(jwk("ES256", kid="2026b"))})
    assert (amiss["proof.key"], sound) == (("fail", "key_unknown"), False)
    amiss, sound = outcomes(read, {JWKS: Hole("unreachable")})
    assert (amiss["proof.key"], sound) == (("indeterminate", "key_unreachable"), False)
    assert outcomes(token(WEB, kid="1"), {WEB: did_document(), JWKS: Hole("not_found")}) == SOUND


def test_of_two_keys_the_named_one_must_be_the_one_that_came_along():
    material = {KEY_URL: Found(jwk("ES256")), WEB: did_document()}
    assert outcomes(token(kid=KEY_URL, jwk=jwk("ES256")), material) == SOUND
    amiss, sound = outcomes(token(kid=KEY_URL, jwk=jwk("ES256", "another")), material)
    assert (amiss["proof.key"], sound) == (("fail", "jwk_differs"), False)


def test_keys_that_were_withdrawn():
    early, late = datetime(2026, 11, 10, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    for kid in (f"{WEB}#1", KEY_URL):
        material = {KEY_URL: Found(jwk("ES256")), WEB: did_document(revoked_at=early)}
        amiss, sound = outcomes(token(kid=kid), material)
        assert ("fail", "key_revoked") in amiss.values()
        assert not sound
        assert outcomes(token(kid=kid), material | {WEB: did_document(expires_at=early)}) == SOUND
        amiss, sound = outcomes(token(kid=kid), material | {WEB: did_document(expires_at=late)})
        assert ("fail", "key_expired") in amiss.values()
        assert not sound


def test_a_stranger_signs_for_nobody():
    stranger = "did:web:stranger.example"
    read = token(kid=f"{stranger}#1")
    material = {stranger: did_document(did=stranger), WEB: did_document("EdDSA")}
    assert outcomes(read, material) == ({"proof.controller": ("fail", "controller_foreign")}, False)
    accepted = outcomes(read, material, issuer_controls=False)
    assert accepted == ({"proof.controller": ("warning", "controller_foreign_accepted")}, True)
    forged = token(kid=f"{WEB}#1", signing=key("ES256", "stranger"))
    assert outcomes(forged, {WEB: did_document()}, issuer_controls=False)[1] is False


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_any_change_breaks_the_signature(alg):
    whole = token(alg=alg, kid=f"{WEB}#1")
    head, body, tail = whole.token.split(".")
    other = encoded(claimed(badge(), name="Data Literacy, level 3"))
    for text in (f"{head}.{other}.{tail}", f"{head}.{body}.{encoded(b'x' * len(whole.signature))}"):
        read = open_envelope(text)
        assert isinstance(read, Envelope)
        amiss, sound = outcomes(read, {WEB: did_document(alg)})
        assert (amiss, sound) == ({"proof.signature": ("fail", "signature_wrong")}, False)


def test_the_algorithm_is_that_of_the_key():
    for alg, kept in (("ES256", "EdDSA"), ("RS256", "ES256"), ("EdDSA", "RS256"), ("ES384", "ES256")):
        amiss, sound = outcomes(token(alg=alg, kid=f"{WEB}#1"), {WEB: did_document(kept)})
        assert (amiss["proof.key"], sound) == (("fail", "jwt_alg_differs"), False)
        assert amiss["proof.signature"] == ("skipped", "key_not_available")


def test_the_newer_name_of_the_algorithm_is_known():
    text = compact({"alg": "Ed25519", "kid": f"{WEB}#1"}, claimed(badge()), key("EdDSA"))
    assert outcomes(open_envelope(text), {WEB: did_document("EdDSA")}) == SOUND


@pytest.mark.parametrize(
    "document",
    [None, [], "text", {}, {"keys": [jwk("ES256")]}, jwk("ES256", d="AAAA"), jwk("ES256", use="enc"), {"kty": "RSA"}],
)
def test_what_lies_at_the_address_is_one_public_key(document):
    amiss, sound = outcomes(token(kid=KEY_URL), {KEY_URL: Found(document), WEB: did_document()})
    assert (amiss["proof.key"], sound) == (("fail", "key_malformed"), False)


@pytest.mark.parametrize("kept", [None, [], {"keys": None}, {"keys": [None, 7, {}, {"kty": 1}]}, {"keys": {"a": 1}}])
def test_a_list_of_keys_may_be_anything(kept):
    assert outcomes(token(PROFILE, jwk=jwk("ES256")), {JWKS: Found(kept)})[1] is False
    assert (
        outcomes(token(WEB, kid=KEY_URL), {KEY_URL: Found(jwk("ES256")), WEB: Found(kept), JWKS: Found(kept)})[1]
        is False
    )


@pytest.mark.parametrize(
    "kid",
    ["did:web:", "did:example:1#1", "did:key:z6Mk", "did:jwk:AAAA", "https://[", "https://", "#", "did:web:a b#1"],
)
def test_any_name_of_a_key_is_judged(kid):
    for issuer in (WEB, PROFILE, "https://[", "urn:x:1", "did:key:zzz"):
        read = token(issuer, kid=kid)
        assert outcomes(read, {need: Hole("refused") for need in envelope_needs(read)})[1] is False


def test_every_gap_has_words():
    for gap in get_args(Gap):
        amiss, _ = outcomes(token(kid=f"{WEB}#1"), {WEB: Hole(gap)})
        assert amiss["proof.key"] == ("indeterminate", f"key_{gap}")


def test_a_token_without_a_key_or_an_issuer():
    amiss, sound = outcomes(token(), {})
    assert (amiss["proof.key"], sound) == (("fail", "jwt_key_unnamed"), False)
    read = open_envelope(compact({"alg": "ES256", "kid": f"{WEB}#1"}, {"type": ["VerifiableCredential"]}))
    assert outcomes(read, {WEB: did_document()})[0]["proof.controller"] == ("fail", "issuer_missing")


def test_members_of_the_header_that_are_not_followed_are_named():
    read = token(kid=f"{WEB}#1", jku="https://evil.test/jwks", x5u="https://evil.test/cert", x5c=["AAAA"])
    assert envelope_needs(read) == (WEB,)
    amiss, sound = outcomes(read, {WEB: did_document()})
    assert (amiss, sound) == ({"proof.present": ("warning", "token_header_more")}, True)
    told = next(one for one in check_envelope(read, {}, NOW) if one.code == "token_header_more")
    assert told.detail == "jku, x5c, x5u"


def test_findings_name_what_they_rest_on():
    source = Source(WEB, "fetched", NOW)
    found = check_envelope(token(kid=f"{WEB}#1"), {WEB: Found(did_document().document, source)}, NOW)
    assert {one.id for one in found if one.evidence == (source,)} == {CheckId.PROOF_KEY, CheckId.PROOF_CONTROLLER}


# ── What the token says beside the credential ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"iat": "whenever", "aud": ["a"]}, None),
        ({"iss": PROFILE}, ("fail", "claim_differs")),
        ({"iss": {"id": WEB}}, ("fail", "claim_differs")),
        ({"jti": "urn:uuid:other"}, ("fail", "claim_differs")),
        ({"sub": "did:example:eve"}, ("fail", "claim_differs")),
        ({"nbf": 1_793_527_201}, ("fail", "claim_differs")),
        ({"nbf": 1_793_527_200.0}, None),
        ({"nbf": "1793527200"}, ("fail", "claim_malformed")),
        ({"nbf": True}, ("fail", "claim_malformed")),
        ({"nbf": 10**30}, ("fail", "claim_malformed")),
        ({"exp": -1}, ("fail", "claim_malformed")),
        ({"exp": 1_888_221_599}, ("fail", "claim_differs")),
        ({"iss": ...}, ("fail", "claim_missing")),
        ({"jti": ...}, ("fail", "claim_missing")),
        ({"nbf": ...}, ("fail", "claim_missing")),
        ({"exp": ...}, ("warning", "claim_absent")),
    ],
    ids=str,
)
def test_claims_agree_with_the_credential(changes, expected):
    amiss, _ = outcomes(token(kid=f"{WEB}#1", changes=changes), {WEB: did_document()})
    assert amiss.get("jwt.claims") == expected


def test_a_subject_with_an_id():
    subject = badge()["credentialSubject"] | {"id": "did:example:ada"}
    for sub, expected in (("did:example:ada", None), (..., "warning"), ("did:example:eve", "fail")):
        read = token(kid=f"{WEB}#1", changes={"credentialSubject": subject, "sub": sub})
        amiss, _ = outcomes(read, {WEB: did_document()})
        assert amiss.get("jwt.claims", (None,))[0] == expected


def test_a_token_of_the_w3c_may_leave_claims_out():
    bare = dict.fromkeys(("iss", "jti", "nbf", "exp"), ...)
    subject = badge()["credentialSubject"] | {"id": "did:example:ada"}
    for changes in (bare, bare | {"credentialSubject": subject}):
        read = token(kid=f"{WEB}#1", typ="vc+jwt", changes=changes)
        assert outcomes(read, {WEB: did_document()}) == ({}, True)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([WEB, PROFILE, KEY_URL, "#1"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "kid", "keys", "x"]), inner),
    max_leaves=5,
)
_CLAIMS = ["issuer", "id", "credentialSubject", "validFrom", "validUntil", "iss", "sub", "jti", "nbf", "exp", "iat"]
_METHODS = st.builds(
    lambda known, changed: known | changed,
    st.sampled_from([did_document().document["verificationMethod"][0], jwk("ES256")]),
    st.dictionaries(st.sampled_from(["id", "type", "controller", "revoked", "expires", "iss", "publicKeyJwk"]), _JSON),
)


@settings(max_examples=60)
@given(
    st.sampled_from([f"{WEB}#1", KEY_URL, "word", "#1", PROFILE, f"{PROFILE}#1"]),
    st.dictionaries(st.sampled_from(_CLAIMS), _JSON),
    st.lists(_METHODS | _JSON, max_size=3),
)
def test_any_token_is_judged_and_none_by_chance(kid, members, kept):
    """Nothing signed by a key that nobody publishes is authentic, whatever lies where it says."""
    stranger = key("ES256", "stranger")
    read = open_envelope(compact({"alg": "ES256", "kid": kid}, badge() | members, stranger))
    document = {"id": WEB, "verificationMethod": kept, "assertionMethod": kept}
    for one in (document, {"keys": kept}, *kept[:1]):
        assert outcomes(read, dict.fromkeys((WEB, PROFILE, KEY_URL, JWKS), Found(one)))[1] is False
