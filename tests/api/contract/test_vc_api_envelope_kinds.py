"""The VC-API contract, envelopes of the other kinds: SD-JWT and COSE, by themselves and in presentations."""

from __future__ import annotations

import pytest

from conforming import V2, credential
from enveloping import compact, concealing, cose, sd_jwt
from ler_issuer.vc import enveloped
from signing import SELF_ISSUED, STRANGER

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


def test_a_signature_of_somebody_else_is_told(verify):
    for one in made(STRANGER):
        answer = verify(one)
        assert answer.status_code == 400
        assert answer.json()["verified"] is False
