"""The VC-API contract, envelopes (section 1.5): credentials issued as tokens, and presentations that come as such."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from conforming import ALICE, BOB, EXAMPLES, GONE, V1, V2, alumni, changed, credential, refusal

PUBLISHED = json.loads((Path(__file__).parents[2] / "vectors" / "vc_jose_cose" / "enveloped.json").read_bytes())[
    "token"
]
PRESENTED = {"@context": V2, "type": "EnvelopedVerifiablePresentation", "id": f"data:application/jwt,{PUBLISHED}"}
ASKED = {"challenge": "123456789"}
SLUGS = ("ed25519", "p256", "p384")


def part(text):
    return json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def written(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def token(peer, payload, **header):
    """Sign claims as somebody with an Ed25519 key does."""
    signed = f"{written({'alg': 'EdDSA', 'kid': peer.method, **header})}.{written(payload)}"
    return f"{signed}.{written(SigningKey(peer.seed).sign(signed.encode()).signature)}"


def wrapped(text, kind="Credential", media="vc+jwt"):
    return {"@context": [V2], "type": f"EnvelopedVerifiable{kind}", "id": f"data:application/{media},{text}"}


@pytest.fixture(params=SLUGS)
def enveloped(request, ask, opened):
    """What is issued in an envelope by the key of each kind."""
    slug = request.param
    did = next(one.issuer.did for one in opened[1] if one.issuer.slug == slug)
    least = credential(did, credentialSubject={"name": "Alice"})
    answer = ask(f"/issuers/{slug}/jose/credentials/issue", {"credential": least})
    assert answer.status_code == 201, answer.text
    return answer.json()["verifiableCredential"]


@pytest.fixture
def present(ask):
    def post(presentation, **options):
        return ask("/presentations/verify", {"verifiablePresentation": presentation, "options": ASKED | options})

    return post


def test_an_envelope_says_nothing_but_what_it_holds(enveloped, verify):
    assert enveloped.keys() == {"@context", "type", "id"}
    assert (enveloped["@context"], enveloped["type"]) == ([V2], "EnvelopedVerifiableCredential")
    media, text = enveloped["id"].split(",")
    header, payload = map(part, text.split(".")[:2])
    assert media == "data:application/vc+jwt"
    assert (header["typ"], header["cty"]) == ("vc+jwt", "vc")
    assert header["kid"].startswith(f"{payload['issuer']}#")
    assert payload["iss"] == payload["issuer"]
    assert payload["credentialStatus"]["type"] == "BitstringStatusListEntry"
    assert payload["credentialSubject"] == {"name": "Alice"}
    assert verify(enveloped).json()["verified"]
    assert verify({**enveloped, "@context": V2}).json()["verified"]


def test_its_status_is_looked_up_and_can_be_changed(ask, issue, issuer):
    made = issue(alumni(issuer.did, id="urn:example:enveloped"), cryptosuite="jose").json()["verifiableCredential"]
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    act = {"credentialId": "urn:example:enveloped", "credentialStatus": entry, "status": True}

    assert ask("/credentials/verify", {"verifiableCredential": made}).status_code == 200
    assert ask("/credentials/status", act).status_code == 200
    assert refusal(ask("/credentials/verify", {"verifiableCredential": made})) == {"revoked"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"@context": [V1], "issuanceDate": "2020-01-01T00:00:00Z"}, "context_order"),
        ({"@context": [V2, {"vp": "https://words.example/vp"}], "vp": "x"}, "jwt_type_wrong"),
        ({"aud": "https://reader.example"}, "claim_taken"),
        ({"unknown": "x"}, "term_dropped"),
        ({"proof": {"type": "DataIntegrityProof"}}, "already_signed"),
    ],
)
def test_what_cannot_be_put_into_one_is_refused(issue, issuer, changes, code):
    assert refusal(issue(credential(issuer.did, **changes), cryptosuite="jose")) == {code}


SPOILT = {
    "no context": {"@context": []},
    "another context": {"@context": [EXAMPLES]},
    "another context as text": {"@context": EXAMPLES},
    "the older context": {"@context": [V1]},
    "no type": {"type": GONE},
    "an object's type": {"type": "VerifiableCredential"},
    "two types": {"type": ["EnvelopedVerifiableCredential", "VerifiableCredential"]},
    "a presentation's type": {"type": "EnvelopedVerifiablePresentation"},
    "no id": {"id": GONE},
}


@pytest.mark.parametrize("changes", SPOILT.values(), ids=SPOILT)
def test_what_is_not_quite_an_envelope_is_refused(enveloped, verify, changes):
    assert refusal(verify(changed(enveloped, changes)))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"name": "Doctor"}, "/name"), ({"@context": [V2, EXAMPLES]}, "/@context/1")],
    ids=["a member", "a context"],
)
def test_what_stands_beside_what_is_signed_is_refused(enveloped, verify, present, changes, pointer):
    answer = verify({**enveloped, **changes})

    assert refusal(answer) == {"envelope_malformed"}
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert present({**PRESENTED, **changes}).status_code == 400


def test_an_envelope_holds_a_token_that_is_whole(enveloped, verify):
    text = enveloped["id"]
    for spoilt in (
        text.partition(",")[2],
        text.replace("data:", ""),
        text.replace("/vc+", "/vp+"),
        text[:-8] + "AAAAAAAA",
        text.rpartition(".")[0],
    ):
        assert refusal(verify({**enveloped, "id": spoilt}))


def test_tokens_of_others_are_read(verify):
    least = credential(ALICE.did)

    assert verify(wrapped(token(ALICE, least, typ="vc+jwt"))).status_code == 200
    assert verify(wrapped(token(ALICE, {"vc": least, "iss": ALICE.did}), media="jwt")).status_code == 200
    assert "jwt_mixed" in refusal(verify(wrapped(token(ALICE, {"vc": least, "iss": ALICE.did}, typ="vc+jwt"))))
    assert "jwt_mixed" in refusal(verify(wrapped(token(ALICE, {"vc": least, "iss": ALICE.did}))))


def test_whose_key_it_is_makes_no_difference(verify):
    answer = verify(wrapped(token(BOB, credential(ALICE.did), typ="vc+jwt")))

    assert "controller_foreign_accepted" in {one["code"] for one in answer.json()["warnings"]}
    assert answer.status_code == 200


def test_the_presentation_of_the_suite_verifies(present):
    answer = present(PRESENTED)

    assert answer.status_code == 200, answer.text
    assert answer.json()["presentationResult"] == {"verified": True}
    assert [one["verified"] for one in answer.json()["credentialResults"]] == [True]
    assert present(PRESENTED, domain="example.com").status_code == 200


@pytest.mark.parametrize(
    ("options", "code"),
    [({"challenge": "other"}, "challenge_differs"), ({"domain": "other.example"}, "domain_differs")],
)
def test_a_presentation_for_another_occasion_is_refused(present, options, code):
    assert code in refusal(present(PRESENTED, **options))


@pytest.mark.parametrize(
    "changes",
    [
        *(changes for name, changes in SPOILT.items() if "type" not in name),
        {"type": GONE},
        {"type": "VerifiablePresentation"},
        {"type": "EnvelopedVerifiableCredential"},
        {"id": PUBLISHED},
        {"id": f"data:application/vp+jwt,{PUBLISHED}"},
        {"id": PRESENTED["id"][:-8] + "AAAAAAAA"},
    ],
)
def test_a_presentation_that_is_not_quite_an_envelope_is_refused(present, changes):
    assert refusal(present(changed(PRESENTED, changes)))


def test_a_presentation_in_a_token_is_judged_with_all_that_it_shows(present, enveloped):
    sound = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": ALICE.did}
    spoilt = {**enveloped, "id": enveloped["id"][:-8] + "AAAAAAAA"}

    for shown, status in ((enveloped, 200), (spoilt, 400)):
        claims = {**sound, "verifiableCredential": [shown], "nonce": ASKED["challenge"], "iss": ALICE.did}
        answer = present(wrapped(token(ALICE, claims, typ="vp+jwt"), "Presentation", "vp+jwt"))
        assert answer.status_code == status, answer.text
        assert answer.json()["presentationResult"] == {"verified": True}
        assert [one["verified"] for one in answer.json()["credentialResults"]] == [status == 200]


def test_a_presentation_that_says_too_little_is_refused(present):
    claims = {"@context": [V2], "type": ["Other"], "holder": ALICE.did, "nonce": ASKED["challenge"]}

    assert "type_unfit" in refusal(present(wrapped(token(ALICE, claims, typ="vp+jwt"), "Presentation", "vp+jwt")))


def test_no_holder_signs_for_an_issuer(verify, present):
    """What says that it is both is still asked for the signature of the one whose word counts there."""
    both = credential(BOB.did, type=["VerifiableCredential", "VerifiablePresentation"], holder=ALICE.did)
    shown = wrapped(token(ALICE, both, typ="vp+jwt"), "Presentation", "vp+jwt")

    assert refusal(verify(shown)) == {"jwt_type_wrong"}
    assert refusal(present(wrapped(token(BOB, both, typ="vc+jwt")))) == {"jwt_type_wrong"}
