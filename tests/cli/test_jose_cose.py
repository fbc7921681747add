"""`ler-issuer jose-cose`: each of the 35 expectations of the public suite, with documents and keys of our own."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from ler_issuer.vc.cose import read_sign1
from ler_issuer.vc.jose_keys import method_key
from ler_issuer.vc.secured import FEATURES, unsound
from methods import V2, cose, credential, digest, disclosure, jws, key, method, presentation, sd_jwt, sign1
from tokens import encoded

PUBLISHED = json.loads((Path(__file__).parents[1] / "vectors/vc_jose_cose/published.json").read_text())
ENVELOPES = (
    "data:application/vc+jwt,eyJhbGciOiJFUzI1NiJ9.e30.c2ln",
    "data:application/vc+sd-jwt,eyJhbGciOiJFUzI1NiJ9.e30.c2ln ~WyJhIiwiYiIsImMiXQ~",
    "data:application/vc+cose;base64,0oRYVqQB\n",
)
FULL = credential(
    id="urn:uuid:3978344f-8596-4c3a-a978-8fcaba3903c5",
    validFrom="2024-01-01T00:00:00Z",
    validUntil="2027-01-01T00:00:00Z",
    credentialSchema={"id": "https://example.org/schema.json", "type": "JsonSchema"},
    credentialStatus={"id": "https://example.edu/status/3#94567", "type": "ExampleEntry"},
    evidence=[{"type": ["DocumentVerification"], "verifier": "https://example.edu/issuers/14"}],
    termsOfUse=[{"type": "https://example.org/terms/v1"}],
    refreshService={"id": "https://example.edu/refresh/3732", "type": "ManualRefreshService2018"},
)
NESTED = credential(
    credentialSubject={
        "id": "did:example:1",
        "firstName": "Jane",
        "lastName": "Doe",
        "address": {"street": "123 Main St", "city": "Anytown", "country": "USA"},
        "phoneNumbers": [{"number": "+1-555-123-4567"}, {"number": "+1-555-987-6543"}],
    }
)
NAMES = ["credentialSubject.firstName", "credentialSubject.lastName"]
PLACES = ["credentialSubject.address.street", "credentialSubject.address.city", "credentialSubject.phoneNumbers[0]"]


@pytest.fixture
def bench(desk):
    """Give the command: a function, a feature, what to put in, the kind of key; out comes what was written."""

    def run(function, feature, given, kind, *options):
        text = given if isinstance(given, str) else json.dumps(given)
        places = [desk.write("in.txt", text), desk.write("key.json", json.dumps(method(kind))), desk.folder / "out"]
        names = ("--input", "--key", "--output")
        arguments = [part for pair in zip(names, places, strict=True) for part in pair]
        done = desk.run("jose-cose", function, *arguments, "--feature", feature, *options)
        assert (done.stdout, done.stderr) == ("", "")
        assert not desk.database.exists()
        return json.loads(places[-1].read_text())

    return run


ISSUED = {
    1: ("credential_jose", credential(), "P-256"),
    2: ("credential_jose", FULL, "P-384"),
    3: ("presentation_jose", presentation(), "P-256"),
    4: ("presentation_jose", presentation(*ENVELOPES), "P-521"),
    17: ("credential_sdjwt", NESTED, "P-384", NAMES),
    18: ("credential_sdjwt", NESTED, "P-521", PLACES),
    19: ("presentation_sdjwt", presentation(ENVELOPES[1]), "P-384", ["holder", "verifiableCredential[0]"]),
    27: ("credential_cose", credential(), "Ed25519"),
    28: ("presentation_cose", presentation(), "P-384"),
}


@pytest.mark.parametrize("number", ISSUED)
def test_what_is_issued_can_be_verified(number, bench):
    feature, document, kind, *paths = ISSUED[number]
    options = ("--sd", json.dumps(paths[0])) if paths else ()
    answer = bench("issue", feature, document, kind, *options)
    assert answer["result"] == "success", answer
    assert bench("verify", feature, answer["data"], kind) == answer
    assert bench("verify", feature, answer["data"], "P-256" if kind != "P-256" else "P-384")["result"] == "failure"


def header_and_payload(text):
    return [json.loads(base64.urlsafe_b64decode(f"{part}==")) for part in text.partition("~")[0].split(".")[:2]]


def test_a_token_names_its_types_its_key_and_who_signed(bench):
    header, payload = header_and_payload(bench("issue", "credential_jose", FULL, "P-521")["data"])
    assert header == {"alg": "ES512", "kid": "P-521 of university", "typ": "vc+jwt", "cty": "vc"}
    assert payload == FULL | {"iss": FULL["issuer"], "jti": FULL["id"]}
    header, payload = header_and_payload(bench("issue", "presentation_jose", presentation(), "Ed25519")["data"])
    assert (header["typ"], header["cty"], payload["iss"]) == ("vp+jwt", "vp", presentation()["holder"])


def test_what_may_be_withheld_is_told_by_nothing_else(bench):
    options = ("--sd", '["holder","id"]')
    document = presentation(id="urn:uuid:3978344f-8596-4c3a-a978-8fcaba3903c5")
    answer = bench("issue", "presentation_sdjwt", document, "P-384", *options)
    assert {"iss", "jti", "holder", "id"}.isdisjoint(header_and_payload(answer["data"])[1])
    assert answer["data"].count("~") == 3


def test_a_signed_object_names_the_same(bench):
    text = bench("issue", "credential_cose", credential(), "Ed25519")["data"]
    assert "=" not in text
    read = read_sign1(base64.b64decode(text + "=="), subject="vc")
    assert read.header == {"alg": "EdDSA", "cty": "vc", "kid": "Ed25519 of university", "typ": "vc+cose"}
    assert read.document == credential()


def selective(**changes):
    """Give an SD-JWT of two shown members in an object and one shown item, with changes of its header or payload."""
    shown = [disclosure("street", "123 Main St"), disclosure("city", "Anytown"), disclosure({"number": "1"})]
    street, city, number = map(digest, shown)
    subject = {"address": {"_sd": [street, city], "country": "USA"}, "phoneNumbers": [{"...": number}, {"number": "2"}]}
    return credential(credentialSubject=subject, iss=credential()["issuer"], iat="2024-01-01T00:00:00Z"), shown, changes


def selective_presentation(**changes):
    enveloped = presentation()["verifiableCredential"][0] | changes
    shown = [disclosure("holder", "https://example.issuer/vc-jose-cose"), disclosure(enveloped)]
    digests = [*map(digest, shown)]
    payload = presentation(holder=..., _sd=[digests[0]], verifiableCredential=[{"...": digests[1]}])
    return payload | {"iss": "https://example.issuer/vc-jose-cose"}, shown


def sd_of(kind, made, **header):
    payload, shown, *_ = made
    return sd_jwt(kind, payload, *shown, **header)


def damaged(text):
    """Give the text with another character in the middle of its signature."""
    token, tilde, rest = text.partition("~")
    place = len(token) - 20
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] + tilde + rest


NAMED = {"iss": credential()["issuer"], "iat": "2010-01-01T19:23:24Z"}
CREDENTIAL = {"typ": "vc+jwt", "cty": "vc", "kid": "73vo"}
PRESENTATION = {"typ": "vp+jwt", "cty": "vp"}
VERIFIED = {
    6: ("credential_jose", jws("P-256", credential(**NAMED), **CREDENTIAL), "P-256"),
    7: ("presentation_jose", jws("P-384", presentation(*ENVELOPES, exp=1734397450), **PRESENTATION) + "\n", "P-384"),
    8: ("credential_jose", jws("Ed25519", credential(**NAMED), **CREDENTIAL), "Ed25519"),
    20: ("credential_sdjwt", sd_of("P-384", selective(), cty="vc") + "\n", "P-384"),
    21: ("credential_sdjwt", sd_of("P-521", selective()), "P-521"),
    22: ("presentation_sdjwt", sd_of("P-384", selective_presentation(), typ="vp+sd-jwt", cty="vp"), "P-384"),
    29: ("credential_cose", cose("P-256", credential()) + "\n", "P-256"),
    31: ("presentation_cose", cose("P-384", presentation(), subject="vp"), "P-384"),
}
REFUSED = {
    9: ("credential_jose", jws("P-521", credential(**NAMED), **CREDENTIAL), "Ed25519", "jwt_alg_differs"),
    10: ("credential_jose", credential(), "Ed25519", "jwt_malformed"),
    11: ("presentation_jose", presentation(), "Ed25519", "jwt_malformed"),
    12: ("credential_jose", damaged(VERIFIED[6][1]), "P-256", "signature_wrong"),
    13: ("credential_jose", jws("P-256", credential(), typ="bad+typ", cty="bad+cty"), "P-256", "jwt_type_wrong"),
    14: ("presentation_jose", jws("P-256", presentation(), typ="bad+typ", cty="bad+cty"), "P-256", "jwt_type_wrong"),
    15: ("credential_jose", jws("P-256", credential(vc="oops", vp="nooo"), **CREDENTIAL), "P-256", "jwt_mixed"),
    16: ("presentation_jose", jws("P-256", presentation("not-a-credential"), **PRESENTATION), "P-256", "not enveloped"),
    23: ("credential_sdjwt", damaged(VERIFIED[20][1]), "P-384", "signature_wrong"),
    24: ("credential_sdjwt", sd_of("P-384", selective(), typ="bad+typ"), "P-384", "jwt_type_wrong"),
    25: ("presentation_sdjwt", sd_of("P-384", selective_presentation(), typ="bad+typ"), "P-384", "jwt_type_wrong"),
    26: (
        "presentation_sdjwt",
        sd_of("P-384", selective_presentation(id="bad-credential"), typ="vp+sd-jwt"),
        "P-384",
        "not enveloped",
    ),
    30: ("credential_cose", sign1("P-256", credential()).hex(), "P-256", "cose_malformed"),
    32: ("credential_cose", cose("P-384", credential(), word="stranger"), "P-384", "signature_wrong"),
    33: (
        "credential_cose",
        cose("P-384", credential(), content="very/bad", typ="really/bad"),
        "P-384",
        "cose_type_wrong",
    ),
    34: (
        "presentation_cose",
        cose("P-384", presentation(), content="very/bad", typ="really/bad"),
        "P-384",
        "cose_type_wrong",
    ),
    35: ("presentation_cose", cose("P-384", presentation("bad-credential"), subject="vp"), "P-384", "not enveloped"),
}


@pytest.mark.parametrize("number", VERIFIED)
def test_what_others_secured_is_verified(number, bench):
    feature, text, kind = VERIFIED[number]
    assert bench("verify", feature, text, kind) == {"result": "success", "data": text.strip()}


@pytest.mark.parametrize("number", REFUSED)
def test_what_does_not_hold_is_a_failure(number, bench):
    feature, given, kind, why = REFUSED[number]
    answer = bench("verify", feature, given, kind)
    assert answer["result"] == "failure"
    assert why in answer["data"]


@pytest.mark.parametrize("form", ["jose", "sdjwt", "cose"])
def test_a_key_of_another_kind_is_told_with_both_algorithms(form, bench):
    made = {
        "jose": jws("P-384", credential(), **CREDENTIAL),
        "sdjwt": sd_of("P-384", selective()),
        "cose": cose("P-384", credential()),
    }
    for kind, alg in (("P-256", "ES256"), ("P-521", "ES512"), ("Ed25519", "EdDSA")):
        answer = bench("verify", f"credential_{form}", made[form], kind)
        assert answer["data"] == f"jwt_alg_differs: it names ES384, and the key is of {kind}, which is for {alg}"
    unheard = jws("P-384", credential(), alg="HS256", **CREDENTIAL)
    assert bench("verify", "credential_jose", unheard, "P-384")["data"] == "jwt_alg_unknown: HS256"


def test_a_disclosure_that_nothing_names_is_told_by_its_number(bench):
    payload, shown, _ = selective()
    cases = {
        "disclosure 2 of 4 ('name') is named by nothing": [shown[0], disclosure("name", "Eve"), *shown[1:]],
        "disclosure 4 of 4 is named by nothing": [*shown, disclosure({"number": "9"})],
        "disclosure 3 of 4 ('street') stands there twice": [*shown[:2], shown[0], shown[2]],
    }
    for words, disclosures in cases.items():
        answer = bench("verify", "credential_sdjwt", sd_jwt("P-384", payload, *disclosures), "P-384")
        assert answer["data"].startswith(f"sd_digest_unknown: {words}")


def test_members_that_nobody_knows_are_not_issued(bench):
    """Expectation 5."""
    document = credential(badExtension={"huh": "what?"}, anotherBadOne={"oh": "no!"})
    answer = bench("issue", "credential_jose", document, "P-521")
    assert answer["result"] == "failure"
    assert "'anotherBadOne'" in answer["data"]
    assert "'badExtension'" in answer["data"]
    assert bench("verify", "credential_jose", jws("P-521", document, **CREDENTIAL), "P-521")["result"] == "success"


def test_there_are_35_expectations():
    assert sorted([*ISSUED, 5, *VERIFIED, *REFUSED]) == [*range(1, 36)]


@pytest.mark.parametrize("token", PUBLISHED["tokens"], ids=lambda one: f"{one['feature']} {one['key']}")
def test_the_tokens_of_the_public_suite_hold(token):
    public = method_key({"publicKeyJwk": PUBLISHED["keys"][token["key"]]})
    assert unsound(token["text"], public, FEATURES[token["feature"]]) is None
    other = key(token["key"])
    assert "signature_wrong" in unsound(token["text"], other, FEATURES[token["feature"]])


@pytest.mark.parametrize(
    ("header", "changes"),
    [
        ({"typ": ...}, {}),
        ({"cty": "vp"}, {}),
        ({"cty": 7}, {}),
        ({"crit": ["exp"]}, {}),
        ({}, {"iss": "https://somebody.example"}),
        ({}, {"@context": ["https://www.w3.org/2018/credentials/v1"]}),
        ({}, {"type": ["ExampleAlumniCredential"]}),
        ({}, {"issuer": ...}),
        ({}, {"credentialSubject": ...}),
        ({}, {"credentialSubject": []}),
    ],
)
def test_what_is_signed_and_has_another_form_fails(header, changes, bench):
    told = {name: value for name, value in (CREDENTIAL | header).items() if value is not ...}
    assert (
        bench("verify", "credential_jose", jws("P-256", credential(**changes), **told), "P-256")["result"] == "failure"
    )


@pytest.mark.parametrize(
    "shown",
    [[{"type": "VerifiableCredential"}], ["token"], [{"@context": V2, "type": "EnvelopedVerifiableCredential"}]],
)
def test_a_presentation_shows_enveloped_credentials_only(shown, bench):
    document = presentation(verifiableCredential=[*presentation()["verifiableCredential"], *shown])
    for answer in (
        bench("issue", "presentation_jose", document, "P-256"),
        bench("verify", "presentation_jose", jws("P-256", document, **PRESENTATION), "P-256"),
    ):
        assert answer == {"result": "failure", "data": "the credential at /verifiableCredential/1 is not enveloped"}


@pytest.mark.parametrize(
    ("feature", "document", "paths"),
    [
        ("credential_jose", credential(), '["credentialSubject.id"]'),
        ("credential_sdjwt", credential(), '["credentialSubject.nothing"]'),
        ("credential_sdjwt", credential(), '{"a":1}'),
        ("credential_sdjwt", credential(), "[7]"),
        ("credential_sdjwt", credential(), "["),
        ("credential_jose", [], "[]"),
        ("credential_jose", "{", "[]"),
        ("credential_jose", presentation(), "[]"),
    ],
)
def test_what_cannot_be_issued_is_a_failure_with_a_reason(feature, document, paths, bench):
    answer = bench("issue", feature, document, "P-256", "--sd", paths)
    assert answer["result"] == "failure"
    assert answer["data"]


def test_an_unknown_feature_is_left_open(bench):
    for function in ("issue", "verify"):
        assert bench(function, "credential_pgp", credential(), "P-256")["result"] == "indeterminate"


def test_keys_and_files_that_are_none_are_failures_and_tell_no_secret(desk):
    out, good = desk.folder / "out", desk.write("key.json", json.dumps(method("P-256")))
    document = desk.write("in.json", json.dumps(credential()))
    public = method("P-256")
    secret = public.pop("secretKeyJwk")
    foreign = method("P-256") | {"secretKeyJwk": secret | {"d": encoded(bytes(31) + b"\7")}}
    keys = [{}, [], public, foreign, {"publicKeyJwk": secret}]
    places = [desk.write(f"key{number}.json", json.dumps(one)) for number, one in enumerate(keys)]
    cases = [*((document, place) for place in places), (desk.folder, good), (desk.folder / "nowhere", good)]
    for given, place in cases:
        named = ("--input", given, "--key", place, "--output", out, "--feature", "credential_jose")
        desk.run("jose-cose", "issue", *named)
        answer = json.loads(out.read_text())
        assert answer["result"] == "failure"
        assert secret["d"] not in answer["data"]
        out.unlink()


def test_an_answer_that_cannot_be_written_is_the_one_thing_that_stops(desk):
    good, document = (
        desk.write("key.json", json.dumps(method("P-256"))),
        desk.write("in.json", json.dumps(credential())),
    )
    named = ("--input", document, "--key", good, "--feature", "credential_jose", "--output", desk.folder / "no" / "out")
    assert "No such file" in desk.run("jose-cose", "issue", *named, code=1).stderr
