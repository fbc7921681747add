"""Envelopes are opened, whatever they hold, and what they hold is checked like any other credential."""

from __future__ import annotations

import pytest

from enveloping import CONCEALED, HELD, HIDDEN, SHOWN, amiss, checked, compact, plain, sd_jwt
from ler_issuer.vc import (
    CheckId,
    CoseEnvelope,
    Envelope,
    Found,
    Hole,
    Outcome,
    SdJwt,
    authentic,
    envelope_needs,
    enveloped,
    model_problems,
    opened,
    presentation_problems,
    presented,
    unwrapped,
)
from methods import V2, disclosure
from signing import P256, SELF_ISSUED, STRANGER, UNIVERSITY

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"


KINDS = {"vc+jwt": Envelope, "vc+sd-jwt": SdJwt, "vc+cose": CoseEnvelope}


@pytest.mark.parametrize("key", [SELF_ISSUED, P256], ids=["Ed25519", "P-256"])
@pytest.mark.parametrize("kind", HELD)
def test_a_credential_of_every_kind_is_opened_and_holds(kind, key):
    document = enveloped(HELD[kind](key), kind=kind)
    assert model_problems(document, secured=True) == ()
    one = opened(document)
    assert type(one) is KINDS[kind]
    assert one.document["credentialSubject"]["name"] == "Alice"
    assert envelope_needs(one) == ()
    found = checked(one)
    assert authentic(found)
    assert not amiss(found)
    foreign = opened(enveloped(HELD[kind](key).replace("=", ""), kind=kind))
    assert foreign.document == one.document


@pytest.mark.parametrize("kind", HELD)
def test_a_key_of_somebody_else_is_found_out(kind):
    class Impostor:
        subject, verification_method, kind = SELF_ISSUED.subject, SELF_ISSUED.verification_method, "Ed25519"
        public, sign = SELF_ISSUED.public, STRANGER.sign

    found = checked(opened(enveloped(HELD[kind](Impostor), kind=kind)))
    assert ("proof.signature", "fail", "signature_wrong") in amiss(found)
    assert not authentic(found)


def test_the_issuer_publishes_the_key_for_every_kind():
    for kind, made in HELD.items():
        one = opened(enveloped(made(UNIVERSITY), kind=kind))
        assert envelope_needs(one)[0] == UNIVERSITY.subject
        assert authentic(checked(one, {UNIVERSITY.subject: Found(UNIVERSITY.document)}))
        assert not authentic(checked(one, {UNIVERSITY.subject: Hole("unreachable")}))


def test_what_is_withheld_is_told_by_number():
    key = SELF_ISSUED
    found = checked(opened(sd_jwt(key, plain(key, **CONCEALED), SHOWN)))
    assert authentic(found)
    told = next(one for one in found if one.code == "token_parts_withheld")
    assert (told.id, told.outcome, told.detail) == (CheckId.DISCLOSURE, Outcome.WARNING, "1")
    assert not any(
        one.code == "token_parts_withheld"
        for one in checked(opened(sd_jwt(key, plain(key, **CONCEALED), SHOWN, HIDDEN)))
    )


def test_what_is_shown_and_was_not_signed_is_refused():
    key = SELF_ISSUED
    forged = sd_jwt(key, plain(key, **CONCEALED), SHOWN, disclosure("name", "Eve"))
    one = opened(enveloped(forged, kind="vc+sd-jwt"))
    assert one.code == "sd_digest_unknown"
    assert one.detail == "disclosure 2 of 2 ('name') is named by nothing that is signed"


FORMS = ["vc+jwt", "vc+sd-jwt", "vc+cose"]


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    "changes",
    [
        {"@context": []},
        {"@context": None},
        {"@context": EXAMPLES},
        {"@context": [EXAMPLES]},
        {"@context": ["https://www.w3.org/2018/credentials/v1"]},
        {"type": None},
        {"type": "VerifiableCredential"},
        {"type": ["EnvelopedVerifiableCredential", "VerifiableCredential"]},
    ],
)
def test_what_is_not_quite_an_envelope_is_neither_opened_nor_sound(kind, changes):
    document = {**enveloped(HELD[kind](SELF_ISSUED), kind=kind), **changes}
    document = {name: value for name, value in document.items() if value is not None}
    assert opened(document) is None
    assert model_problems(document, secured=True)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"name": "Doctor"}, "/name"),
        ({"proof": {}}, "/proof"),
        ({"issuer": UNIVERSITY.subject}, "/issuer"),
        ({"a/b~": None}, "/a~1b~0"),
        ({"x" * 5_000: 1}, ""),
        ({"@context": [V2, EXAMPLES]}, "/@context/1"),
        ({"@context": [V2, V2]}, "/@context/1"),
        ({"@context": [V2, {"@vocab": "https://words.example/"}]}, "/@context/1"),
    ],
)
def test_beside_an_envelope_nothing_is_said(kind, more, pointer):
    document = enveloped(HELD[kind](SELF_ISSUED), kind=kind) | more
    presents = document | {"type": "EnvelopedVerifiablePresentation"}
    for one in (opened(document), opened(presents)):
        assert (one.code, one.pointer) == ("envelope_malformed", pointer)
    assert unwrapped(document) == document
    if pointer:
        told = [model_problems(document, secured=True), presentation_problems(presents)]
        assert [[(one.code, one.pointer) for one in found] for found in told] == [[("envelope_malformed", pointer)]] * 2
    shown = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": [document]}
    assert presentation_problems(shown, secured=False)


def test_the_id_of_an_envelope_is_no_bare_token():
    document = enveloped(HELD["vc+jwt"](SELF_ISSUED))
    document["id"] = document["id"].partition(",")[2]
    assert opened(document).code == "envelope_malformed"
    assert {problem.code for problem in model_problems(document, secured=True)} == {"envelope_malformed"}


@pytest.mark.parametrize("context", [V2, [V2]])
@pytest.mark.parametrize("kind", ["EnvelopedVerifiableCredential", ["EnvelopedVerifiableCredential"]])
def test_context_and_type_may_stand_as_text_or_in_an_array(context, kind):
    document = enveloped(HELD["vc+jwt"](SELF_ISSUED)) | {"@context": context, "type": kind}
    assert isinstance(opened(document), Envelope)
    assert model_problems(document, secured=True) == ()
    shown = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": [document]}
    assert presentation_problems(shown, secured=False) == ()
    assert model_problems(plain(SELF_ISSUED) | {"@context": V2}, secured=False)


@pytest.mark.parametrize(
    "named",
    [
        "data:application/vc+jwt;charset=utf-8,{}",
        "data:application/jwt,{}",
        "data:application/vc+ld+json+jwt,{}",
        "DATA:application/VC+JWT,{}",
    ],
)
def test_media_types_may_be_written_in_several_ways(named):
    document = enveloped("x") | {"id": named.format(HELD["vc+jwt"](SELF_ISSUED))}
    assert isinstance(opened(document), Envelope)


@pytest.mark.parametrize(
    ("named", "code", "words"),
    [
        ("data:application/vc+jwt;base64,{jwt}", "envelope_unknown", "vc+jwt is read as text"),
        ("data:application/vc+sd-jwt;base64,{sd}", "envelope_unknown", "vc+sd-jwt is read as text"),
        ("data:application/vc+jwt;CHARSET=utf-8;a=b,{jwt}", "envelope_unknown", "';a=b'"),
        ("data:application/vc+cose,{cose}", "envelope_unknown", "vc+cose is read in base64"),
        ("data:text/html,{jwt}", "envelope_unknown", "media type text/html"),
        ("data:application/vc,{jwt}", "envelope_unknown", "media type application/vc;"),
        ("data:,{jwt}", "envelope_unknown", "media type text/plain"),
        ("data:application/vc+\u017fd-jwt,{sd}", "envelope_unknown", "media type application/vc+\u017fd-jwt"),
        ("data:application/vc+jwt,{jwt}!", "envelope_malformed", "the form of application/vc+jwt"),
        ("data:application/vc+cose;base64,-_", "envelope_malformed", "the form of application/vc+cose"),
        ("data:application/vc+jwt,{jwt}\n", "envelope_malformed", "is a data: URL"),
        ("data:application/vc+cose;base64,{cose}\n", "envelope_malformed", "is a data: URL"),
        ("data:application/vc+jwt", "envelope_malformed", "is a data: URL"),
        ("https://a.edu/1", "envelope_malformed", "is a data: URL"),
        (None, "envelope_malformed", "is a data: URL"),
    ],
)
def test_other_urls_stay_closed_and_it_is_told_why(named, code, words):
    made = {"jwt": HELD["vc+jwt"](P256), "sd": HELD["vc+sd-jwt"](P256), "cose": HELD["vc+cose"](P256)}
    document = enveloped("x") | {"id": named and named.format(**made)}
    for kind in ("EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"):
        one = opened(document | {"type": kind})
        assert (one.code, one.pointer) == (code, "/id")
        assert words in one.detail
    assert unwrapped(document) == document
    assert (model_problems(document, secured=True) == ()) is ("is a data: URL" not in words)


@pytest.mark.parametrize(
    ("kind", "held", "code"),
    [
        ("vc+jwt", "vc+sd-jwt", "envelope_malformed"),
        ("vc+sd-jwt", "vc+jwt", "sd_jwt_malformed"),
        ("vc+cose", "vc+jwt", "envelope_malformed"),
        ("vp+jwt", "vc+jwt", "jwt_type_wrong"),
        ("vp+sd-jwt", "vc+sd-jwt", "jwt_type_wrong"),
        ("vp+cose", "vc+cose", "cose_type_wrong"),
    ],
)
def test_an_envelope_holds_what_it_says(kind, held, code):
    assert opened(enveloped(HELD[held](SELF_ISSUED), kind=kind)).code == code


@pytest.mark.parametrize("kind", FORMS)
def test_the_url_and_the_type_agree(kind):
    made = enveloped(HELD[kind](P256), kind=kind)
    other = made | {"id": made["id"].replace("/vc+", "/vp+")}
    assert isinstance(opened(made), Envelope)
    assert opened(other).code == "jwt_type_wrong"


def test_text_is_a_token_of_one_of_two_kinds():
    assert type(opened(HELD["vc+jwt"](P256))) is Envelope
    assert type(opened(HELD["vc+sd-jwt"](P256))) is SdJwt
    assert opened("nothing").code == "jwt_malformed"
    assert opened("no~thing").code == "sd_jwt_malformed"
    for value in (None, 7, [], {}, plain(P256)):
        assert opened(value) is None


def test_what_is_presented_as_text_is_given_as_text_and_the_rest_as_it_is():
    items = [enveloped(HELD[kind](P256), kind=kind) for kind in FORMS]
    (_, jwt), (_, sd), (_, signed) = presented({"verifiableCredential": items})
    assert (jwt, sd, signed) == (HELD["vc+jwt"](P256), HELD["vc+sd-jwt"](P256), items[2])
    assert unwrapped(items[2]) == items[2]


@pytest.mark.parametrize("content", [[], {}, 7, None, "JWT", "vc+ld+json"])
def test_other_contents_are_left_aside_and_told(content):
    one = opened(compact(SELF_ISSUED, plain(SELF_ISSUED) | {"iss": SELF_ISSUED.subject}, typ="vc+jwt", cty=content))
    assert "token_header_more" in {found.code for found in checked(one)}
    assert authentic(checked(one))
