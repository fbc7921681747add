"""COSE_Sign1 is read in the one way to write it, and signed so that others can read it."""

from __future__ import annotations

import base64

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer.vc import CoseEnvelope, Problem, check_envelope
from ler_issuer.vc.cose import COSE_ALGORITHMS, open_cose, read_base64
from ler_issuer.vc.cose import sign1 as ours
from ler_issuer.vc.jwt import LONGEST_HEADER, LONGEST_TOKEN
from methods import credential, key, presentation, sign1
from signing import NOW

SIGNED = sign1("P-256", credential())
PARTS = [*cbor2.loads(SIGNED).value]


def tagged(*parts, tag=18):
    return cbor2.dumps(cbor2.CBORTag(tag, [*parts]))


def protected(more=None):
    return cbor2.dumps({1: -7, 3: "application/vc", 16: "application/vc+cose"} | (more or {}))


def refused(data, **options):
    read = open_cose(data, **options)
    assert isinstance(read, Problem), read
    return read.code


@pytest.mark.parametrize("kind", ["P-256", "P-384", "Ed25519"])
def test_a_credential_is_read_and_its_signature_covers_it(kind):
    read = open_cose(sign1(kind, credential()))
    assert isinstance(read, CoseEnvelope)
    assert read.document == read.payload == credential()
    assert (read.alg, read.kid, read.typ, read.presents) == (key(kind).alg, "key-1", "vc+cose", False)
    assert key(kind).verify(read.signature, read.signed)
    assert not key(kind, "stranger").verify(read.signature, read.signed)


@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521", "Ed25519"])
def test_what_is_signed_here_is_what_the_standard_says(kind):
    method = key(kind)
    media = {"typ": "application/vc+cose", "content": "application/vc"}
    data = ours(b"{}", alg=COSE_ALGORITHMS[method.alg], kid=b"key-1", sign=method.sign, **media)
    assert data == sign1(kind, b"{}")
    assert data[:2] == b"\xd2\x84"


def test_a_presentation_is_one_and_a_credential_is_none():
    data = sign1("P-256", presentation(), subject="vp")
    assert refused(data) == "cose_type_wrong"
    assert open_cose(data, presents=True).presents
    assert refused(SIGNED, presents=True) == "cose_type_wrong"


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        ({"typ": ...}, "cose_type_wrong"),
        ({"typ": "application/vc+jwt"}, "cose_type_wrong"),
        ({"typ": 16}, "cose_type_wrong"),
        ({"content": "application/vp"}, "cose_type_wrong"),
        ({"content": "text/html"}, "cose_type_wrong"),
        ({"alg": ...}, "jwt_alg_unknown"),
        ({"alg": -36}, "jwt_alg_unknown"),
        ({"alg": 5}, "jwt_alg_unknown"),
        ({"alg": "ES256"}, "jwt_alg_unknown"),
        ({"alg": -7.0}, "jwt_alg_unknown"),
        ({"crit": [1]}, "jwt_critical"),
        ({"kid": b"\xff\xfe"}, "cose_malformed"),
    ],
)
def test_a_header_that_is_another_is_refused(labels, code):
    assert refused(sign1("P-256", credential(), **labels)) == code


def test_a_header_may_be_shorter_or_say_more_and_the_more_is_named():
    read = open_cose(sign1("P-256", credential(), content=..., kid=..., x5t=b"thumb"))
    assert read.header == {"alg": "ES256", "typ": "vc+cose", "label 34": "…"}
    assert read.kid is None
    assert open_cose(sign1("P-256", credential(), typ="vc+COSE", content="VC")).typ == "vc+cose"


@pytest.mark.parametrize("label", ["jwk", "alg", "kid", "typ", "crit", "34"])
def test_a_label_that_is_text_is_no_word_of_tokens(label):
    read = open_cose(tagged(protected({label: 1, 34: b"thumb"}), *PARTS[1:]))
    assert read.header == {"alg": "ES256", "cty": "vc", "typ": "vc+cose", f"label '{label}'": "…", "label 34": "…"}
    told = [one for one in check_envelope(read, {}, NOW) if one.code == "token_header_more"]
    assert [one.detail for one in told] == [f"label '{label}', label 34"]


HUGE = 2**20_000
TAGS = (0, 1, 2, 3, 4, 5, 18, 25, 28, 29, 30, 35, 36, 37, 52, 54, 64, 100, 256, 258, 260, 261, 1004, 43000, 55799)


@pytest.mark.parametrize(
    "more",
    [{1: HUGE}, {99: HUGE}, {99: -HUGE}, {99: 2**64}, {HUGE: 1}, {4: HUGE}, {2: HUGE}],
    ids=["alg", "other", "negative", "just", "label", "kid", "crit"],
)
def test_no_number_is_too_large_to_be_told(more):
    assert refused(tagged(protected(more), *PARTS[1:])) == "cose_malformed"


@pytest.mark.parametrize("number", [HUGE, -HUGE, 2**64, -(2**64) - 1], ids=["huge", "negative", "just", "below"])
@pytest.mark.parametrize("claim", [1, 2, 3, 4, 5, 6, 10, 99])
def test_no_claim_is_too_large_to_be_told(claim, number):
    assert refused(sign1("P-256", credential(), claims={claim: number})) == "cose_malformed"


def test_the_largest_numbers_are_told():
    read = open_cose(sign1("P-256", credential(), claims={1: 2**64 - 1, 4: -(2**64)}))
    assert (read.payload["iss"], read.payload["exp"]) == (2**64 - 1, -(2**64))
    assert {one.code for one in check_envelope(read, {}, NOW)} >= {"claim_differs", "claim_malformed"}


@pytest.mark.parametrize("content", [b"\x00", b"\x20", b"\x41\x01", b"\x61\x61", b"\x80", b"\x82\x01\x02", b"\xa0"])
@pytest.mark.parametrize("tag", TAGS)
def test_nothing_is_made_of_a_tag(tag, content):
    """Neither in the header nor beside it, and the one that is around it all stands there and nowhere else."""
    written = cbor2.dumps(cbor2.CBORTag(tag, 0))[:-1] + content
    said = protected()
    for data in (
        tagged(b"\xa4" + said[1:] + b"\x18\x63" + written, *PARTS[1:]),
        tagged(b"\xa4" + said[1:] + written + b"\x00", *PARTS[1:]),
        tagged(b"\xa4" + said[1:] + b"\x0f\xa1\x04" + written, *PARTS[1:]),
        b"\xd2\x84" + cbor2.dumps(said) + written + cbor2.dumps(PARTS[2]) + cbor2.dumps(PARTS[3]),
        cbor2.dumps(cbor2.CBORTag(tag, 0))[:-1] + SIGNED,
        b"\xd2" + cbor2.dumps(cbor2.CBORTag(tag, 0))[:-1] + SIGNED[1:],
    ):
        assert refused(data) == "cose_malformed"


def test_a_header_is_bounded_in_size_and_in_items():
    assert refused(sign1("P-256", credential(), kid=b"x" * LONGEST_HEADER)) == "cose_malformed"
    assert refused(tagged(protected(dict.fromkeys(range(100, 700), 0)), *PARTS[1:])) == "cose_malformed"
    assert isinstance(open_cose(tagged(protected(dict.fromkeys(range(100, 200), 0)), *PARTS[1:])), CoseEnvelope)


def test_the_name_of_an_algorithm_is_told_in_part():
    assert len(open_cose(sign1("P-256", credential(), alg="x" * 9_999)).detail) == 100


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"7", b"{", b'{"a":1,"a":2}', b"\xff", b'{"a":' * 80 + b"1" + b"}" * 80, b"[" * 99_999]
)
def test_a_payload_is_a_strict_json_object(payload):
    assert refused(sign1("P-256", payload)) == "cose_malformed"


def test_claims_stand_in_the_header_and_complete_the_dates():
    read = open_cose(
        sign1("P-256", credential(), claims={1: "did:example:1", 4: 1_888_221_600, 5: 0, 7: b"id", "x": 1})
    )
    dates = {"validUntil": "2029-11-01T10:00:00Z", "validFrom": "1970-01-01T00:00:00Z"}
    assert read.document == credential() | dates
    assert read.payload == credential() | {"iss": "did:example:1", "exp": 1_888_221_600, "nbf": 0}
    shown = sign1("P-256", presentation(), subject="vp", claims={3: "employer.example", 10: "123456789"})
    assert open_cose(shown, presents=True).payload["nonce"] == "123456789"
    assert open_cose(shown, presents=True).document == presentation()


@pytest.mark.parametrize("claims", [[], "iss", None, {1: b"did:example:1"}, {4: [1]}, {3: ["a", "b"]}])
def test_claims_are_a_map_of_texts_and_numbers(claims):
    assert refused(sign1("P-256", credential(), claims=claims)) == "cose_malformed"


def test_older_claims_are_no_members():
    for name in ("vc", "vp"):
        assert refused(sign1("P-256", credential(**{name: {}}))) == "jwt_mixed"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd2",
        b"junk",
        cbor2.dumps(PARTS),
        tagged(*PARTS, tag=98),
        tagged(*PARTS[:3]),
        tagged(*PARTS, b""),
        cbor2.dumps(cbor2.CBORTag(18, "text")),
        cbor2.dumps(cbor2.CBORTag(18, cbor2.CBORTag(18, PARTS))),
        tagged(PARTS[0], {4: b"other"}, *PARTS[2:]),
        tagged(PARTS[0], [], *PARTS[2:]),
        tagged("text", *PARTS[1:]),
        tagged(*PARTS[:2], None, PARTS[3]),
        tagged(*PARTS[:3], None),
        tagged(*PARTS[:3], b""),
        tagged(b"", *PARTS[1:]),
        tagged(cbor2.dumps([1, -7]), *PARTS[1:]),
        tagged(PARTS[0] + b"\x00", *PARTS[1:]),
        tagged(b"\xa2\x01\x26\x01\x27", *PARTS[1:]),
        tagged(b"\xa1\x01\x38\x06", *PARTS[1:]),
        tagged(b"\xbf\x01\x26\xff", *PARTS[1:]),
        SIGNED + b"\x00",
        SIGNED[:-1],
        b"\xd2\x9f" + SIGNED[2:] + b"\xff",
        b"\x81" * 10_000,
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xd2\x84" * 5_000,
    ],
)
def test_there_is_one_way_to_write_it(data):
    assert refused(data) == "cose_malformed"


def test_it_is_bounded_in_size():
    assert refused(SIGNED + bytes(LONGEST_TOKEN)) == "cose_malformed"


def test_base64_is_read_strictly():
    text = base64.b64encode(b"\xfb\xff1").decode()
    for data, written in ((b"\xfb\xff1", text), (b"\xfb\xff", "+/8"), (b"", "")):
        assert read_base64(written) == data
        assert read_base64(written, padded=True) == data
    assert read_base64("+/8=", padded=True) == b"\xfb\xff"
    for odd in ("+/8=", "+/9", "-_8", "+/8\n", "a", "ä", "a b="):
        assert read_base64(odd).code == "cose_malformed"
    for odd in ("+/9=", "+/8==", "=", "====", "+/8=\n"):
        assert read_base64(odd, padded=True).code == "cose_malformed"


@given(st.binary(max_size=80), st.integers(0, len(SIGNED) - 1))
@settings(max_examples=200)
def test_any_bytes_are_read_or_refused(data, place):
    for one in (data, b"\xd2\x84" + data, SIGNED[:place] + data, SIGNED[:place] + data[:1] + SIGNED[place + 1 :]):
        read = open_cose(one)
        if isinstance(read, CoseEnvelope) and one != SIGNED:
            assert not key("P-256").verify(read.signature, read.signed)
        else:
            assert isinstance(read, Problem) or one == SIGNED
