"""Wallets answer an employer's challenge: who hands credentials over, and whether they are theirs."""

from __future__ import annotations

import pytest

import signing
from enveloping import compact, concealing, cose, sd_jwt
from ler_issuer.vc import enveloped
from signing import LIST_URL, SELF_ISSUED, STRANGER, UNIVERSITY

DID_URL = "https://cred.example.edu/issuers/1/did.json"
CHALLENGE = {"challenge": "u9ZgW2vTq", "domain": "jobs.example"}


@pytest.fixture
def verify(service, world):
    world.pages.clear()
    world.time = signing.NOW
    world.host(DID_URL, UNIVERSITY.document)
    world.host(LIST_URL, signing.status_list())

    def ask(presented, **expect):
        wanted = {"credential": presented, "policy": "authenticity", "expect": expect or None}
        answer = service.post("/v1/verify", json={name: value for name, value in wanted.items() if value})
        assert answer.status_code == 200, answer.text
        return answer.json()

    yield ask
    world.pages.clear()


def held(key=SELF_ISSUED):
    """A badge about the one who holds a key."""
    unsigned = signing.badge()
    return signing.signed(
        unsigned | {"credentialSubject": unsigned["credentialSubject"] | {"id": key.subject}}, UNIVERSITY
    )


def presented(*credentials, key=SELF_ISSUED, **changes):
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": key.subject,
        "verifiableCredential": [*credentials],
    }
    terms = {"proofPurpose": "authentication", **CHALLENGE} | changes
    return document | {"proof": signing.proof(document, key, **terms)}


def binding(report):
    return [(one["subject_binding"]["method"], one["subject_binding"]["outcome"]) for one in report["members"]]


APPLICANT = {"identifiers": ["a@example.com"]}


@pytest.mark.parametrize("expect", [APPLICANT, {"did": SELF_ISSUED.subject}])
def test_whoever_answers_holds_the_key_of_the_one_it_is_about(verify, expect):
    report = verify(presented(held(), held()), **CHALLENGE, **expect)

    assert report["verdict"] == "accepted"
    assert binding(report) == [("holder_key", "match")] * 2


@pytest.mark.parametrize(
    "changes", [{"challenge": "of yesterday"}, {"domain": "elsewhere.example"}, {"challenge": None}]
)
def test_a_presentation_made_for_another_occasion_proves_nothing(verify, changes):
    report = verify(presented(held(), **changes), **CHALLENGE, **APPLICANT)

    assert report["verdict"] == "rejected"
    assert binding(report) == [("identity_hash", "match")]


def test_without_a_challenge_it_may_be_a_recording(verify):
    report = verify(presented(held()), did=SELF_ISSUED.subject)

    assert binding(report) == [("did", "match")]


@pytest.mark.parametrize("expect", [{}, {"did": SELF_ISSUED.subject}])
def test_who_presents_the_badge_of_another_is_found_out(verify, expect):
    (member,) = verify(presented(held(STRANGER)), **CHALLENGE, **expect)["members"]

    assert (member["verdict"], member["authentic"]) == ("rejected", True)
    (told,) = member["checks"]
    assert told["code"] == "recipient_differs"
    assert "whom you named or, if you named nobody, the one who presented it" in told["message"]


def test_whoever_sets_a_challenge_alone_expects_the_one_who_answers(verify):
    (member,) = verify(presented(signing.signed(signing.badge(), UNIVERSITY)), **CHALLENGE)["members"]

    (told,) = [one for one in member["checks"] if one["id"] == "recipient"]
    assert told["code"] == "recipient_open"
    assert "if you named nobody, the one who presented it" in told["message"]


def test_a_challenge_is_not_for_a_batch(service):
    items = [{"credential": presented(held()), "expect": CHALLENGE}]

    assert service.post("/v1/verify/batch", json={"items": items}).json()["items"][0]["status"] == 400


ENVELOPES = {
    "jwt": lambda key, document, subject: compact(key, document, typ=f"{subject}+jwt"),
    "sd-jwt": lambda key, document, subject: sd_jwt(key, document, typ=f"{subject}+sd-jwt"),
    "cose": cose,
}


def in_envelope(kind, key, document, subject):
    return enveloped(ENVELOPES[kind](key, document, subject), kind=f"{subject}+{kind}")


def unsigned(*credentials, key=SELF_ISSUED):
    made = presented(*credentials, key=key)
    return {name: value for name, value in made.items() if name != "proof"}


def badge_in(kind):
    document = {name: value for name, value in held().items() if name != "proof"}
    return in_envelope(kind, UNIVERSITY, document, "vc")


@pytest.mark.parametrize("kind", ENVELOPES)
def test_a_badge_in_an_envelope_is_judged_like_any_other(kind, verify):
    report = verify(badge_in(kind))
    assert (report["verdict"], report["authentic"]) == ("accepted", True), report["checks"]
    forged = badge_in(kind)
    forged["id"] = forged["id"][:-9] + ("A" if forged["id"][-9] != "A" else "B") + forged["id"][-8:]
    assert verify(forged)["verdict"] == "rejected"


def test_a_badge_of_which_a_part_is_withheld_says_so(verify):
    whole, less = in_part("name")
    codes = [[one["code"] for one in verify(text)["checks"]] for text in (whole, less)]
    assert ["token_parts_withheld" in one for one in codes] == [False, True]
    assert [verify(text)["verdict"] for text in (whole, less)] == ["accepted", "accepted"]
    assert ["there may be more to it" in verify(text)["summary"] for text in (whole, less)] == [False, True]
    assert "there may be more to it" in verify(presented(enveloped(less, kind="vc+sd-jwt")), **CHALLENGE)["summary"]
    assert not any("standing_not_shown" in one for one in codes)
    assert verify(whole)["input"]["form"] == "jwt"


def in_part(name):
    """Give a badge as an SD-JWT, whole and without one of its members."""
    payload, shown = concealing({name: value for name, value in held().items() if name != "proof"}, name)
    return sd_jwt(UNIVERSITY, payload, shown), sd_jwt(UNIVERSITY, payload)


@pytest.mark.parametrize(
    ("name", "words"), [("credentialStatus", "where its status is kept"), ("validUntil", "when it ends")]
)
def test_whose_standing_is_withheld_is_for_a_person(verify, name, words):
    whole, less = in_part(name)
    assert verify(whole)["verdict"] == "accepted"
    report = verify(less)
    (told,) = [one for one in report["checks"] if one["code"] == "standing_not_shown"]
    assert (report["verdict"], report["authentic"]) == ("review", True)
    assert (told["id"], told["outcome"]) == ("disclosure", "warning")
    assert words in told["message"]
    assert not any("publishes no status" in one["message"] for one in report["checks"])


@pytest.mark.parametrize("kind", ["jwt", "sd-jwt"])
def test_a_wallet_may_answer_in_an_envelope(kind, verify):
    claims = {"nonce": CHALLENGE["challenge"], "aud": CHALLENGE["domain"]}
    document = unsigned(held(), badge_in("jwt"), badge_in("sd-jwt"), badge_in("cose")) | claims
    report = verify(in_envelope(kind, SELF_ISSUED, document, "vp"), **CHALLENGE, **APPLICANT)
    assert report["verdict"] == "accepted", report
    assert binding(report) == [("holder_key", "match")] * 4
    stale = verify(in_envelope(kind, SELF_ISSUED, document | {"nonce": "of yesterday"}, "vp"), **CHALLENGE, **APPLICANT)
    assert stale["verdict"] == "rejected"
    assert binding(stale) == [("identity_hash", "match")] * 4
    stolen = verify(in_envelope(kind, STRANGER, document, "vp"), **CHALLENGE, **APPLICANT)
    assert stolen["verdict"] == "rejected"


@pytest.mark.parametrize("kind", ENVELOPES)
@pytest.mark.parametrize("types", [[], ["VerifiablePresentation"]])
def test_a_wallet_does_not_sign_badges(kind, types, verify):
    """What says that it is a presentation is signed by a holder, who could name any issuer in it."""
    forged = {name: value for name, value in held().items() if name != "proof"} | {"holder": SELF_ISSUED.subject}
    forged["type"] = [*forged["type"], *types]
    envelope = in_envelope(kind, SELF_ISSUED, forged, "vp")
    assert verify(envelope)["verdict"] == "rejected"
    (member,) = verify(presented(envelope), **CHALLENGE, **APPLICANT)["members"]
    assert member["verdict"] == "rejected"
    assert "jwt_type_wrong" in [one["code"] for one in member["checks"]]


def test_an_envelope_that_answers_nothing_may_be_a_recording(verify):
    report = verify(in_envelope("cose", SELF_ISSUED, unsigned(held()), "vp"), did=SELF_ISSUED.subject)
    assert "presentation_unasked" in [one["code"] for one in report["checks"]]
    assert binding(report) == [("did", "match")]
    asked = verify(in_envelope("cose", SELF_ISSUED, unsigned(held()), "vp"), **CHALLENGE, **APPLICANT)
    assert asked["verdict"] == "rejected"
