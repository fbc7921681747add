"""What is presented in an envelope: signed by its holder for one occasion, and by nobody for an issuer."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enveloping import HELD, amiss, checked, compact, cose, issued, plain, sd_jwt
from ler_issuer.vc import (
    CheckId,
    Envelope,
    Found,
    Hole,
    Outcome,
    Problem,
    authentic,
    check_payload,
    check_presentation,
    check_presented,
    envelope_needs,
    enveloped,
    model_problems,
    opened,
    presentation_problems,
    proven_holder,
    stamp,
)
from methods import V2
from signing import NOW, P256, SELF_ISSUED, STRANGER, UNIVERSITY, badge, proof, rules
from tokens import encoded

PUBLISHED = json.loads((Path(__file__).parents[1] / "vectors/vc_jose_cose/enveloped.json").read_text())["token"]
CHALLENGE, DOMAIN = "123456789", "employer.example"


def presentation(key, **changes):
    document = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": key.subject,
        "verifiableCredential": [enveloped(HELD["vc+jwt"](P256))],
    }
    return {name: value for name, value in (document | changes).items() if value is not ...}


def shown(key=SELF_ISSUED, *, claims=None, header=None, **changes):
    payload = presentation(key, **changes) | {"nonce": CHALLENGE, "aud": DOMAIN} | (claims or {})
    token = compact(
        key, {name: value for name, value in payload.items() if value is not ...}, typ="vp+jwt", **(header or {})
    )
    one = opened(enveloped(token, kind="vp+jwt"))
    assert isinstance(one, Envelope), one
    return one


def judged(one, keys=None, **asked):
    return check_presented(one, keys or {}, NOW, **({"challenge": CHALLENGE, "domain": DOMAIN} | asked))


PRESENTED = {
    "vp+jwt": lambda key, **claims: compact(key, presentation(key) | claims, typ="vp+jwt"),
    "vp+sd-jwt": lambda key, **claims: sd_jwt(key, presentation(key) | claims, typ="vp+sd-jwt"),
    "vp+cose": lambda key, **claims: cose(key, presentation(key) | claims, "vp"),
}


@pytest.mark.parametrize("kind", PRESENTED)
def test_a_presentation_of_every_kind_is_opened_and_holds(kind):
    one = opened(enveloped(PRESENTED[kind](SELF_ISSUED), kind=kind))
    assert one.presents
    assert one.party == SELF_ISSUED.subject
    assert presentation_problems(one.document, secured=False) == ()
    assert presentation_problems(one.document) != ()
    assert check_payload(one.document, rules().contexts)[0].outcome is Outcome.PASS
    assert amiss(judged(one, challenge=None, domain=None)) == {("presentation", "warning", "presentation_unasked")}
    altered = opened(enveloped(PRESENTED[kind](SELF_ISSUED, holder=STRANGER.subject), kind=kind))
    assert ("proof.controller", "fail", "holder_differs") in amiss(judged(altered, challenge=None, domain=None))


def test_our_own_presentations_are_read_back():
    made = issued(SELF_ISSUED, presentation(SELF_ISSUED, id="urn:uuid:1"), "vp+jwt")
    one = opened(enveloped(made, kind="vp+jwt"))
    assert one.header["cty"] == "vp"
    assert one.payload == presentation(SELF_ISSUED, id="urn:uuid:1") | {"iss": SELF_ISSUED.subject, "jti": "urn:uuid:1"}
    assert amiss(judged(one, challenge=None, domain=None)) == {("presentation", "warning", "presentation_unasked")}


def test_a_presentation_answers_what_was_asked():
    assert amiss(judged(shown())) == set()
    assert judged(shown())[-1].code == "presentation_fresh"
    assert amiss(judged(shown(claims={"aud": [DOMAIN]}))) == set()
    assert amiss(judged(shown(claims={"aud": ...}), domain=None)) == set()


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"nonce": "another"}, "challenge_differs"),
        ({"nonce": ...}, "challenge_differs"),
        ({"nonce": 123456789}, "challenge_differs"),
        ({"aud": "evil.example"}, "domain_differs"),
        ({"aud": ...}, "domain_differs"),
        ({"aud": [DOMAIN, "evil.example"]}, "domain_differs"),
        ({"aud": [7]}, "proof_option_malformed"),
        ({"aud": {}}, "proof_option_malformed"),
        ({"exp": int(NOW.timestamp()) - 3600}, "proof_expired"),
        ({"exp": "soon"}, "proof_expired"),
        ({"nbf": int(NOW.timestamp()) + 3600}, "created_in_future"),
        ({"nbf": "soon"}, "created_in_future"),
    ],
)
def test_a_token_made_for_another_occasion_is_refused(claims, code):
    found = judged(shown(claims=claims))
    assert amiss(found) == {
        ("proof.signature", "fail", code),
        ("presentation", "skipped", "presentation_not_proven"),
    }


def test_an_end_to_come_and_a_beginning_that_has_passed_are_no_faults():
    at = int(NOW.timestamp())
    assert amiss(judged(shown(claims={"exp": at + 3600, "nbf": at - 3600, "iat": at}))) == set()
    assert amiss(judged(shown(claims={"exp": at - 30, "nbf": at + 30}))) == set()


def test_a_key_that_has_expired_signs_nobody_in_whatever_the_token_says():
    expired = UNIVERSITY.document["verificationMethod"][0] | {"expires": "2026-11-14T00:00:00Z"}
    document = UNIVERSITY.document | {"verificationMethod": [expired], "authentication": [expired["id"]]}
    one = shown(UNIVERSITY, claims={"iat": int(NOW.timestamp()) - 90 * 86_400})
    assert ("proof.key", "fail", "key_expired") in amiss(judged(one, {UNIVERSITY.subject: Found(document)}))


def test_who_signs_for_another_holder_is_found_out_unless_that_is_allowed():
    one = shown(holder=STRANGER.subject)
    assert ("proof.controller", "fail", "holder_differs") in amiss(judged(one))
    assert amiss(judged(one, holder_controls=False)) == {("proof.controller", "warning", "controller_foreign_accepted")}


def test_a_holder_may_be_an_object_or_absent_and_nothing_else():
    assert amiss(judged(shown(holder={"id": SELF_ISSUED.subject}))) == set()
    assert "holder_absent" in {one.code for one in judged(shown(holder=...))}
    assert amiss(judged(shown(holder=...))) == set()
    for odd in (7, {}, {"name": "me"}, [SELF_ISSUED.subject]):
        assert ("proof.controller", "fail", "holder_malformed") in amiss(judged(shown(holder=odd)))


def test_who_signs_is_who_the_claims_say():
    assert amiss(judged(shown(claims={"iss": SELF_ISSUED.subject}))) == set()
    assert ("jwt.claims", "fail", "claim_differs") in amiss(judged(shown(claims={"iss": STRANGER.subject})))


def test_the_key_is_one_to_sign_in_with():
    one = shown(UNIVERSITY)
    assert envelope_needs(one)[0] == UNIVERSITY.subject
    for_issuing = {UNIVERSITY.subject: Found(UNIVERSITY.document)}
    assert ("proof.key", "fail", "key_not_for_authentication") in amiss(judged(one, for_issuing))
    named = [UNIVERSITY.verification_method]
    assert amiss(judged(one, {UNIVERSITY.subject: Found(UNIVERSITY.document | {"authentication": named})})) == set()
    unreachable = amiss(judged(one, {UNIVERSITY.subject: Hole("unreachable")}))
    assert ("proof.key", "indeterminate", "key_unreachable") in unreachable
    assert ("presentation", "skipped", "presentation_not_proven") in unreachable


@pytest.mark.parametrize("kid", ["https://cred.example.edu/keys/1", "a-name", ...])
def test_a_key_that_is_not_named_as_a_method_is_not_looked_for(kid):
    one = shown(UNIVERSITY, header={"kid": kid})
    assert ("proof.key", "fail", "jwt_key_unnamed") in amiss(judged(one))


def test_a_key_that_the_holder_is_needs_no_name():
    assert amiss(judged(shown(header={"kid": ...}))) == set()


def test_any_change_of_a_presentation_is_noticed():
    head, body, tail = PRESENTED["vp+jwt"](SELF_ISSUED, nonce=CHALLENGE, aud=DOMAIN).split(".")
    payload = json.loads(base64.urlsafe_b64decode(f"{body}=="))
    for changes in ({"id": "urn:uuid:2"}, {"verifiableCredential": []}, {"nonce": CHALLENGE, "x": 1}):
        one = opened(enveloped(f"{head}.{encoded(payload | changes)}.{tail}", kind="vp+jwt"))
        assert ("proof.signature", "fail", "signature_wrong") in amiss(judged(one))


@pytest.mark.parametrize("kind", PRESENTED)
@pytest.mark.parametrize("types", [["VerifiableCredential"], ["VerifiableCredential", "VerifiablePresentation"]])
def test_no_holder_signs_for_an_issuer(kind, types):
    claims = plain(UNIVERSITY) | {"type": types, "holder": SELF_ISSUED.subject}
    one = opened(enveloped(PRESENTED[kind](SELF_ISSUED, **claims), kind=kind))
    assert one.presents
    found = checked(one, {UNIVERSITY.subject: Found(UNIVERSITY.document)})
    assert not authentic(found)
    assert {("proof.suite", "fail", "jwt_type_wrong"), ("proof.controller", "fail", "controller_foreign")} <= amiss(
        found
    )
    own = opened(enveloped(PRESENTED[kind](SELF_ISSUED, **plain(SELF_ISSUED)), kind=kind))
    assert not authentic(checked(own))


def test_no_issuer_is_the_holder_of_what_its_token_presents():
    """A proof of a presentation that holds says who presents, also within a token that names somebody as its issuer."""
    inside = presentation(
        SELF_ISSUED, type=["VerifiablePresentation", "VerifiableCredential"], issuer=UNIVERSITY.subject
    )
    terms = {"proofPurpose": "authentication", "challenge": CHALLENGE}
    signed = inside | {"proof": proof(inside, SELF_ISSUED, **terms)}
    one = opened(compact(STRANGER, signed, typ="vc+jwt"))
    found = check_presentation(one.document, {}, rules().contexts, NOW, challenge=CHALLENGE, domain=None)
    assert proven_holder(one.document, found, one) == SELF_ISSUED.subject


# What drafts wrote


def drafted(token, media="jwt"):
    return {"@context": V2, "type": "EnvelopedVerifiablePresentation", "id": f"data:application/{media},{token}"}


def test_the_published_presentation_of_a_draft_is_read_when_asked_for():
    one = opened(drafted(PUBLISHED), older=True)
    assert amiss(judged(one, domain="example.com")) == set()
    assert presentation_problems(one.document, secured=False) == ()
    (inside,) = one.document["verifiableCredential"]
    credential = opened(inside, older=True)
    found = checked(credential)
    assert authentic(found)
    assert model_problems(credential.document, secured=False) == ()
    assert credential.document["credentialSubject"]["name"] == "Alice"
    assert ("proof.signature", "fail", "challenge_differs") in amiss(judged(one, challenge="other", domain=None))


def test_it_is_refused_otherwise():
    assert opened(drafted(PUBLISHED)).code == "jwt_mixed"
    assert opened(drafted(PUBLISHED, "vp+jwt"), older=True).code == "jwt_mixed"
    (inside,) = opened(drafted(PUBLISHED), older=True).document["verifiableCredential"]
    assert opened(inside).code == "jwt_mixed"
    renamed = inside | {"id": inside["id"].replace("application/jwt", "application/vc+jwt")}
    assert opened(renamed, older=True).code == "jwt_mixed"


@pytest.mark.parametrize(
    ("payload", "typ", "code"),
    [
        ({"vp": {"@context": [V2]}}, "vp+jwt", "jwt_mixed"),
        ({"vp": {}, "vc": {}}, "JWT", "jwt_mixed"),
        ({"vp": {}, "@context": [V2]}, "JWT", "jwt_mixed"),
        ({"vp": []}, "JWT", "jwt_malformed"),
        ({"@context": [V2]}, "JWT", "jwt_type_wrong"),
        ({"@context": [V2]}, ..., "jwt_type_wrong"),
        ({"vp": {}}, "vc+jwt", "jwt_type_wrong"),
    ],
)
def test_the_forms_do_not_mix(payload, typ, code):
    assert opened(drafted(compact(SELF_ISSUED, payload, typ=typ)), older=True).code == code


def test_the_claims_complete_a_draft():
    key = SELF_ISSUED
    claims = {"iss": key.subject, "jti": "urn:uuid:1", "sub": "did:example:1", "nbf": int(NOW.timestamp()), "exp": 4e9}
    inner = plain(key)
    del inner["issuer"]
    one = opened(compact(key, {"vc": inner} | claims), older=True)
    assert one.document == inner | {
        "id": "urn:uuid:1",
        "issuer": key.subject,
        "validFrom": stamp(NOW),
        "validUntil": "2096-10-02T07:06:40Z",
        "credentialSubject": {"name": "Alice", "id": "did:example:1"},
    }
    assert authentic(checked(one))
    bare = opened(drafted(compact(key, {"vp": presentation(key, holder=...), "iss": key.subject})), older=True)
    assert bare.document["holder"] == key.subject
    assert opened(compact(key, {"vc": inner} | claims, typ="vc+jwt"), older=True).code == "jwt_mixed"
    assert opened(compact(key, badge(key.subject) | {"iss": key.subject}, typ="vc+jwt"), older=True).document == badge(
        key.subject
    )


_ANY = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "holder", "vp"]), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(st.sampled_from(["vp+jwt", "JWT", ...]), st.dictionaries(st.sampled_from(["vp", "holder", "aud", "exp"]), _ANY))
def test_any_presentation_is_read_or_refused_and_judged(typ, payload):
    one = opened(drafted(compact(SELF_ISSUED, payload, typ=typ)), older=True)
    assert isinstance(one, Envelope | Problem)
    if isinstance(one, Envelope):
        found = judged(one)
        assert found[-1].id is CheckId.PRESENTATION
        assert found[-1].outcome is not Outcome.PASS
