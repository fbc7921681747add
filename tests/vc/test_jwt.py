"""Tokens are read strictly: whatever two readers could read differently is no token."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ler_issuer.vc import Envelope, Problem, is_compact, open_envelope, open_presentation, unfit
from ler_issuer.vc.jwt import LONGEST_TOKEN, date_of
from signing import badge
from tokens import compact, encoded, jwk

HEADER = {"alg": "EdDSA", "kid": "did:web:cred.example.edu:issuers:1#1", "typ": "JWT"}
BADGE = badge()
CLAIMS = {"iss": BADGE["issuer"]["id"], "jti": BADGE["id"], "nbf": 1_793_527_200, "exp": 1_888_221_600, "iat": 1}
VC_1 = {
    "@context": ["https://www.w3.org/2018/credentials/v1"],
    "type": ["VerifiableCredential"],
    "credentialSubject": {"alumniOf": "Example University"},
}


def opened(payload, **header) -> Envelope:
    read = open_envelope(compact(HEADER | header, payload))
    assert isinstance(read, Envelope), read
    return read


def refused(token) -> str:
    read = open_envelope(token)
    assert isinstance(read, Problem), read
    return read.code


def test_the_payload_is_the_credential_and_claims_are_no_part_of_it():
    read = opened(BADGE | CLAIMS | {"aud": "anybody", "sub": "did:example:ada"})
    assert read.document == BADGE
    assert read.payload["iat"] == 1
    assert (read.alg, read.kid, read.typ) == ("EdDSA", HEADER["kid"], "jwt")


def test_an_end_that_only_a_claim_gives_is_not_lost():
    endless = {name: value for name, value in BADGE.items() if name != "validUntil"}
    assert opened(endless | CLAIMS).document["validUntil"] == "2029-11-01T10:00:00Z"
    assert opened({"vc": VC_1} | CLAIMS).document["expirationDate"] == "2029-11-01T10:00:00Z"


def test_of_version_1_1_the_claims_complete_the_credential():
    read = opened({"vc": VC_1, **CLAIMS, "sub": "did:example:ada"})
    assert read.document == VC_1 | {
        "id": CLAIMS["jti"],
        "issuer": CLAIMS["iss"],
        "issuanceDate": "2026-11-01T10:00:00Z",
        "expirationDate": "2029-11-01T10:00:00Z",
        "credentialSubject": {"alumniOf": "Example University", "id": "did:example:ada"},
    }


def test_what_the_credential_says_itself_stays():
    said = VC_1 | {"id": "urn:x:1", "issuer": {"id": "https://a.example", "name": "A"}, "issuanceDate": "2020-01-01"}
    assert opened({"vc": said, **CLAIMS}).document == said | {"expirationDate": "2029-11-01T10:00:00Z"}
    named = opened({"vc": VC_1 | {"issuer": {"name": "A"}}, **CLAIMS}).document["issuer"]
    assert named == {"name": "A", "id": CLAIMS["iss"]}


@pytest.mark.parametrize(
    "payload",
    [
        {**BADGE, "vc": VC_1},
        {"vc": BADGE},
        {**VC_1, "issuer": "https://a.example"},
        {"vc": {"type": ["VerifiableCredential"]}},
    ],
    ids=["both", "version 2 within vc", "version 1.1 without vc", "no version within vc"],
)
def test_the_two_forms_do_not_mix(payload):
    assert refused(compact(HEADER, payload)) == "jwt_mixed"


@pytest.mark.parametrize("payload", [[], "text", 7, None, b"{", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff", b"[" * 9999])
def test_a_payload_is_a_strict_json_object(payload):
    assert refused(compact(HEADER, payload)) == "jwt_malformed"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_what_is_not_signed_says_so(alg):
    head, body = encoded(HEADER | {"alg": alg}), encoded(BADGE | CLAIMS)
    assert refused(f"{head}.{body}.") == "jwt_not_signed"
    assert refused(f"{head}.{body}.{encoded(b'x' * 64)}") == "jwt_not_signed"
    assert refused(f"{encoded(HEADER)}.{body}.") == "jwt_not_signed"


@pytest.mark.parametrize(
    "alg", ["HS256", "HS512", "PS256", "RS1", "RS512", "ES512", "ES256K", "dir", "", None, ["RS256"], {"a": 1}, 256]
)
def test_other_algorithms_are_refused(alg):
    token = f"{encoded({**HEADER, 'alg': alg})}.{encoded(BADGE | CLAIMS)}.{encoded(b'x' * 64)}"
    assert refused(token) == "jwt_alg_unknown"
    no_alg = {name: value for name, value in HEADER.items() if name != "alg"}
    assert refused(f"{encoded(no_alg)}.{encoded(BADGE)}.{encoded(b'x')}") == "jwt_alg_unknown"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"crit": ["exp"], "exp": 1}, "jwt_critical"),
        ({"crit": []}, "jwt_critical"),
        ({"crit": ["b64"], "b64": False}, "jwt_critical"),
        ({"b64": False}, "jwt_critical"),
        ({"typ": "vp+jwt"}, "jwt_type_wrong"),
        ({"typ": "entity-statement+jwt"}, "jwt_type_wrong"),
        ({"typ": "at+jwt"}, "jwt_type_wrong"),
        ({"typ": "openid4vci-proof+jwt"}, "jwt_type_wrong"),
        ({"typ": None}, "jwt_type_wrong"),
        ({"typ": ["JWT"]}, "jwt_type_wrong"),
        ({"kid": 7}, "jwt_malformed"),
        ({"kid": None}, "jwt_malformed"),
        ({"jwk": jwk("EdDSA", d="AAAA")}, "jwt_key_malformed"),
        ({"jwk": jwk("EdDSA", use="enc")}, "jwt_key_malformed"),
        ({"jwk": {"kty": "oct", "k": "AAAA"}}, "jwt_key_malformed"),
        ({"jwk": "https://a.example/key"}, "jwt_key_malformed"),
    ],
)
def test_headers_that_ask_for_more_are_refused(header, code):
    assert refused(compact(HEADER | header, BADGE | CLAIMS)) == code


@pytest.mark.parametrize("typ", ["JWT", "jwt", "vc+jwt", "application/vc+jwt", "vc+ld+json+jwt", "VC+LD+JWT"])
def test_types_of_credentials_are_known(typ):
    assert opened(BADGE | CLAIMS, typ=typ).document == BADGE


def test_a_presentation_is_no_credential():
    assert refused(compact(HEADER, {"vp": {"type": ["VerifiablePresentation"]}, "iss": "did:example:1"})) == (
        "jwt_type_wrong"
    )


@pytest.mark.parametrize("typ", ["vp+jwt", "application/vp+jwt", "VP+LD+JWT", "vp+ld+json+jwt"])
def test_a_presentation_is_read_from_a_token_that_says_so(typ):
    shown = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"]}
    token = compact(HEADER | {"typ": typ}, shown | {"iss": "did:example:1", "nonce": "1", "aud": "a.example"})
    read = open_presentation(token)
    assert read.document == shown
    assert read.payload["nonce"] == "1"
    assert read.presents
    assert refused(token) == "jwt_type_wrong"
    assert open_presentation(compact(HEADER, BADGE | CLAIMS)).code == "jwt_type_wrong"


def test_there_is_one_way_to_write_a_token():
    token = compact(HEADER, BADGE | CLAIMS)
    head, body, tail = token.split(".")
    stray = tail[:-1] + chr(ord(tail[-1]) + 1)
    for respelled in (
        f"{token}=",
        f" {token}",
        f"{token}\n",
        f"{head}.{body}.{tail}.",
        f"{head}..{tail}",
        f"{head}.{body}",
    ):
        assert refused(respelled) == "jwt_malformed"
    assert refused(f"{head}.{body}.{stray}") == "jwt_malformed"
    assert refused(f'{encoded(b"""{"alg":"EdDSA","alg":"RS256"}""")}.{body}.{tail}') == "jwt_malformed"


@pytest.mark.parametrize("value", [None, 7, {}, [], "", "a", "a.b", "a.b.c.d", "ä.b.c", "a.b.c ", {"a.b.c": 1}])
def test_other_values_are_no_tokens(value):
    assert not is_compact(value)
    assert refused(value) == "jwt_malformed"


@pytest.mark.parametrize(
    "bomb",
    ["." * 5_000_000, "a" * 5_000_000, "a." * 2_000_000, "a.b." + "c" * LONGEST_TOKEN, "A" * 30_000 + ".e30.AAAA"],
    ids=["dots", "no dots", "parts", "long", "header"],
)
def test_bombs_do_not_take_long(bomb):
    began = time.perf_counter()
    assert refused(bomb) == "jwt_malformed"
    assert time.perf_counter() - began < 1


def test_a_payload_is_bounded_in_depth():
    deep = b'{"a":' * 80 + b"1" + b"}" * 80
    assert refused(compact(HEADER, deep)) == "jwt_malformed"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_MEMBERS = st.sampled_from(["@context", "issuer", "credentialSubject", "vc", "iss", "sub", "jti", "nbf", "exp"])


@given(st.dictionaries(_MEMBERS, _JSON, max_size=6), st.dictionaries(_MEMBERS, _JSON, max_size=4))
def test_any_payload_is_read_or_refused(payload, inner):
    for one in (payload, payload | {"vc": inner}, {"vc": VC_1 | inner} | {"exp": payload.get("exp")}):
        read = open_envelope(compact(HEADER, one))
        assert isinstance(read, Envelope | Problem)
        if isinstance(read, Envelope):
            unfit(read.document)


@given(st.text(alphabet="aeAE01.-_=", max_size=60))
def test_any_text_is_read_or_refused(text):
    assert isinstance(open_envelope(text), Envelope | Problem)


def test_a_date_beyond_all_numbers_is_none():
    assert [date_of(claim) for claim in (10**400, -(10**400), float("nan"), float("inf"), True, "1")] == [None] * 6
