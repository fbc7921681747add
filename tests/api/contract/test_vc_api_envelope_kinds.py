"""The VC-API contract, envelopes of the other kinds: SD-JWT and COSE, by themselves and in presentations."""

from __future__ import annotations

import pytest

from conforming import V2, credential
from enveloping import compact, concealing, cose, sd_jwt
from ler_issuer.vc import derive, enveloped
from signing import P256, SELF_ISSUED, STRANGER, based, rules

CHALLENGE = "123456789"


def made(key=SELF_ISSUED):
    document = credential(SELF_ISSUED.subject, name="Ada's degree")
    payload, shown = concealing(document, "name")
    return [
        enveloped(sd_jwt(key, payload, shown), kind="vc+sd-jwt"),
        enveloped(sd_jwt(key, payload), kind="vc+sd-jwt"),
        enveloped(cose(key, document), kind="vc+cose"),
    ]


def test_a_credential_of_every_kind_verifies(verify):
    answers = [verify(one).json() for one in made()]
    assert [answer["verified"] for answer in answers] == [True] * 3
    withheld = ["token_parts_withheld" in {one["code"] for one in answer["warnings"]} for answer in answers]
    assert withheld == [False, True, False]


def test_the_id_of_an_envelope_stands_for_it(ask):
    for one in made():
        report = ask("/v1/verify", {"credential": f" {one['id']}\n"}).json()
        assert report["authentic"], report
        spoilt = ask("/v1/verify", {"credential": one["id"].replace("application/vc", "application/vx")}).json()
        assert not spoilt["authentic"]


def test_a_proof_inside_a_token_is_nobodys_part(ask, verify):
    """Whoever made the token signed that proof along, and nobody looks at it: it tells nothing of any choice."""
    shown = derive(based(credential(P256.subject), mandatory=["/issuer"]), [""], rules().contexts)
    token = compact(SELF_ISSUED, credential(SELF_ISSUED.subject) | {"proof": shown["proof"]}, typ="vc+jwt")

    answer = verify(enveloped(token)).json()
    report = ask("/v1/verify", {"credential": token}).json()

    assert (answer["verified"], answer["warnings"]) == (True, [])
    assert [found["code"] for found in report["checks"] if found["id"] == "disclosure"] == []


def test_what_was_changed_does_not(verify):
    for one in made():
        spoilt = one["id"].replace("~", "A~", 1) if "~" in one["id"] else one["id"][:-12] + "AAAA" + one["id"][-8:]
        assert verify({**one, "id": spoilt}).status_code == 400


@pytest.mark.parametrize("kind", ["vp+jwt", "vp+sd-jwt"])
def test_a_presentation_shows_them_all(kind, ask):
    shown = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": SELF_ISSUED.subject}
    claims = shown | {"verifiableCredential": made(), "nonce": CHALLENGE}
    text = compact(SELF_ISSUED, claims, typ=kind) if kind == "vp+jwt" else sd_jwt(SELF_ISSUED, claims, typ=kind)
    for challenge, status in ((CHALLENGE, 200), ("another", 400)):
        body = {"verifiablePresentation": enveloped(text, kind=kind), "options": {"challenge": challenge}}
        answer = ask("/presentations/verify", body)
        assert answer.status_code == status
        assert [one["verified"] for one in answer.json()["credentialResults"]] == [True] * 3


@pytest.mark.parametrize("by", ["data:application/{};a=b,", "data:text/html,", "data:application/{},!"])
def test_every_door_says_the_same_of_an_envelope_that_is_not_read(by, ask, verify):
    code = "envelope_malformed" if by.endswith("!") else "envelope_unknown"
    good, *others = made()
    for one in others:
        kind, _, text = one["id"].removeprefix("data:application/").partition(",")
        closed = {**one, "id": by.format(kind) + text}
        claims = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": SELF_ISSUED.subject}
        claims |= {"verifiableCredential": [good, closed], "nonce": CHALLENGE}
        shown = enveloped(compact(SELF_ISSUED, claims, typ="vp+jwt"), kind="vp+jwt")

        (alone,) = verify(closed).json()["errors"]
        judged = ask("/v1/verify", {"credential": closed}).json()["checks"]
        presented = ask("/presentations/verify", {"verifiablePresentation": shown, "options": {"challenge": CHALLENGE}})
        members = ask("/v1/verify", {"credential": shown}).json()["members"]

        assert (alone["code"], alone["pointer"]) == (code, "/id")
        assert [(found["code"], found["pointer"]) for found in judged if found["outcome"] == "fail"] == [(code, "/id")]
        sound, refused = presented.json()["credentialResults"]
        assert (sound["verified"], refused["verified"]) == (True, False)
        assert [(found["code"], found["pointer"]) for found in refused["errors"]] == [
            (code, "/verifiableCredential/1/id")
        ]
        assert [found["code"] for found in members[1]["checks"] if found["outcome"] == "fail"] == [code]


def test_a_signature_of_somebody_else_is_told(verify):
    for one in made(STRANGER):
        answer = verify(one)
        assert answer.status_code == 400
        assert answer.json()["verified"] is False
