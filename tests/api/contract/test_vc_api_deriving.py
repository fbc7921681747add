"""The VC-API contract, `ecdsa-sd-2023` (section 1.2): base proofs are issued, parts derived and verified."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from conforming import DATA_INTEGRITY, V1, V2, credential, refusal
from ler_issuer.vc import multibase

VECTORS = Path(__file__).parents[2] / "vectors" / "vc_di_ecdsa"
SUITE = "ecdsa-sd-2023"
PATH = f"/issuers/p256/{SUITE}/credentials/issue"
WORDS = {name: f"https://words.example/{name}" for name in ("sailNumber", "sails", "size", "brand")}
SUBJECT = {
    "id": "did:example:sailor",
    "sailNumber": "Earth101",
    "sails": [{"size": 5.5, "brand": "Lahaina"}, {"size": 6.1, "brand": "Kihei"}, {"size": 7, "brand": "Lahaina"}],
}
DATED = {"@context": [V1, DATA_INTEGRITY, WORDS], "issuanceDate": "2020-03-16T22:37:26Z", "credentialSubject": SUBJECT}
VERSIONS = {"1.1": DATED, "2.0": {"@context": [V2, WORDS], "credentialSubject": SUBJECT}}
NEEDED = ("/issuer", "/issuanceDate")


@pytest.fixture(scope="module")
def did(opened):
    return next(one.issuer.did for one in opened[1] if one.issuer.slug == "p256")


@pytest.fixture(params=VERSIONS)
def document(request, did):
    return credential(did, **VERSIONS[request.param])


@pytest.fixture
def base(issue, document):
    """A base proof that always shows what the data model asks for."""
    answer = issue(document, path=PATH, mandatoryPointers=[one for one in NEEDED if one[1:] in document])
    assert answer.status_code == 201, answer.text
    return answer.json()["verifiableCredential"]


@pytest.fixture
def derive(ask):
    def post(shown, *pointers, path="/credentials/derive", **changes):
        body = {"verifiableCredential": shown, "options": {"selectivePointers": list(pointers)}}
        return ask(path, body | changes)

    return post


def test_a_base_proof_is_for_the_holder_alone(base, verify, did):
    proof = base["proof"]

    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", SUITE)
    assert proof["verificationMethod"] == f"{did}#{did.removeprefix('did:key:')}"
    assert proof["proofValue"].startswith("u2V0A")
    assert multibase.decode_u(proof["proofValue"])[:3] == b"\xd9\x5d\x00"
    assert refusal(verify(base)) == {"proof_not_derived"}


@pytest.mark.parametrize(
    ("pointers", "shown"),
    [
        (["/credentialSubject/id"], {"id": SUBJECT["id"]}),
        (["/credentialSubject/sailNumber"], {"id": SUBJECT["id"], "sailNumber": "Earth101"}),
        (["/credentialSubject/sails"], {"id": SUBJECT["id"], "sails": SUBJECT["sails"]}),
        (["/credentialSubject/sails/1/size"], {"id": SUBJECT["id"], "sails": [{"size": 6.1}]}),
        (
            ["/credentialSubject/sails/1", "/credentialSubject/sails/2"],
            {"id": SUBJECT["id"], "sails": SUBJECT["sails"][1:]},
        ),
    ],
)
def test_a_part_is_derived_and_verified(base, derive, verify, pointers, shown):
    answer = derive(base, *pointers)

    assert answer.status_code == 201, answer.text
    view = answer.json()["verifiableCredential"]
    assert view["credentialSubject"] == shown
    assert view["issuer"] == base["issuer"]
    assert "credentialStatus" not in view
    assert view["proof"] == {**base["proof"], "proofValue": view["proof"]["proofValue"]}
    assert verify(view).json()["verified"]


def test_that_it_is_a_part_is_a_warning(base, derive, verify):
    for pointer in ("", "/credentialSubject/sailNumber"):
        answer = verify(derive(base, pointer).json()["verifiableCredential"]).json()
        told = {one["code"]: (one["type"], one["title"]) for one in answer["warnings"]}
        assert (answer["verified"], "errors" in answer) == (True, False)
        assert told["view_of_holder"] == ("urn:ler-issuer:disclosure", "It is shown in part")
        assert "standing_not_shown" in told  # it has no end, or the holder left it out
        assert {one["code"] for one in answer["problemDetails"]} == {*told}


def test_the_whole_shows_its_status_which_is_looked_up(ask, base, derive):
    view = derive(base, "").json()["verifiableCredential"]

    answer = ask("/credentials/verify", {"verifiableCredential": view})

    assert {name: value for name, value in view.items() if name != "proof"}.items() <= base.items()
    assert answer.status_code == 200
    assert answer.json()["checks"] == ["proof", "credentialStatus"]
    assert ("credentialStatus" in view) == (base["@context"][0] == V2)


def test_what_is_mandatory_is_a_part_by_itself(derive, document, issue, verify):
    asked = [one for one in NEEDED if one[1:] in document] + ["/credentialSubject/sailNumber"]
    shown = issue(document, path=PATH, mandatoryPointers=asked).json()["verifiableCredential"]

    view = derive(shown, options=None).json()["verifiableCredential"]

    assert view["credentialSubject"] == {"id": SUBJECT["id"], "sailNumber": "Earth101"}
    assert verify(view).status_code == 200


def test_nothing_is_mandatory_unless_it_is_asked_for(derive, document, issue):
    shown = issue(document, path=PATH).json()["verifiableCredential"]

    assert refusal(derive(shown)) == {"nothing_selected"}
    view = derive(shown, "/credentialSubject/id").json()["verifiableCredential"]
    assert view.keys() == {"@context", "type", "credentialSubject", "proof"}


def test_a_long_pointer_is_kept_once_and_too_many_are_refused(derive, did, issue, verify):
    word = "x" * 1_900
    said = {word: [str(number) for number in range(300)]}
    made = credential(did, **{"@context": [V2, {word: "https://words.example/x"}], **said})
    pointers = [f"/{word}/{number}" for number in range(300)]

    base = issue(made, path=PATH, mandatoryPointers=pointers[:1] * 300)

    assert base.status_code == 201
    view = derive(base.json()["verifiableCredential"], "/issuer", "/credentialSubject").json()["verifiableCredential"]
    assert verify(view).status_code == 200
    assert refusal(issue(made, path=PATH, mandatoryPointers=pointers)) == {"too_large"}


@pytest.mark.parametrize(
    "pointer",
    ["/credentialSubject/invalidPointer", "/non/existent/path", "/credentialSubject/sails/3", "issuer", "/@context"],
)
def test_a_pointer_that_names_nothing_is_refused(base, derive, document, issue, pointer):
    asked = ["/issuer", pointer]
    for answer, place in (
        (issue(document, path=PATH, mandatoryPointers=asked), "/options/mandatoryPointers/1"),
        (derive(base, *asked), "/options/selectivePointers/1"),
    ):
        assert refusal(answer) == {"pointer_unmatched"}
        (told,) = answer.json()["errors"]
        assert (told["pointer"], told["type"]) == (place, "https://w3id.org/security#PROOF_GENERATION_ERROR")
        assert repr(pointer) in told["detail"]
        assert "verified" not in answer.json()


def test_what_is_wrong_with_a_document_keeps_its_place_there(issue, did):
    """Though a pointer of that text was asked for: it is the place of what is wrong, not the wrong pointer."""
    answer = issue(credential(did, unknown="x"), path=PATH, mandatoryPointers=["/unknown"])
    assert [(one["code"], one["pointer"]) for one in answer.json()["errors"]] == [("term_dropped", "/unknown")]


def test_a_part_of_one_statement_is_told_by_its_place(derive, did, issue):
    said = [V2, {"sizes": {"@id": "https://words.example/sizes", "@container": "@list"}}]
    made = credential(did, **{"@context": said, "sizes": [1, 2, 3]})
    answers = {
        "/options/mandatoryPointers/1": issue(made, path=PATH, mandatoryPointers=["/issuer", "/sizes/1"]),
        "/options/selectivePointers/1": derive(
            issue(made, path=PATH).json()["verifiableCredential"], "/issuer", "/sizes/1"
        ),
    }
    for place, answer in answers.items():
        (told,) = answer.json()["errors"]
        assert (told["code"], told["pointer"]) == ("pointer_splits", place)
        assert "'/sizes/1'" in told["detail"]


def test_what_concerns_all_pointers_is_told_of_the_list(derive, issue, document):
    shown = issue(document, path=PATH).json()["verifiableCredential"]
    many = issue(document, path=PATH, mandatoryPointers=[f"/{number}" for number in range(501)])
    answers = {
        ("nothing_selected", "/options/selectivePointers"): derive(shown, options=None),
        ("too_many_pointers", "/options/selectivePointers"): derive(shown, *["/issuer"] * 501),
        ("too_many_pointers", "/options/mandatoryPointers"): many,
    }
    for told, answer in answers.items():
        assert [(one["code"], one["pointer"]) for one in answer.json()["errors"]] == [told]


def test_the_place_of_a_suite_is_where_it_is_named(issue, did):
    for path, options, place in (
        ("/issuers/p256/credentials/issue", {"cryptosuite": "rot13-2026"}, "/options/cryptosuite"),
        ("/issuers/p256/credentials/issue", {"cryptosuite": ""}, "/options/cryptosuite"),
        ("/issuers/p256/rot13-2026/credentials/issue", {"cryptosuite": "ecdsa-rdfc-2019"}, ""),
    ):
        (told,) = issue(credential(did), path=path, **options).json()["errors"]
        assert (told["code"], told["pointer"]) == ("suite_unknown", place)
        assert ("'rot13-2026'" in told["detail"]) is (options["cryptosuite"] != "")


@pytest.mark.parametrize("purpose", ["message", ""])
def test_the_place_of_a_purpose_is_in_the_options(issue, did, purpose):
    (told,) = issue(credential(did), path=PATH, statusPurpose=purpose).json()["errors"]
    assert (told["code"], told["pointer"]) == ("purpose_unknown", "/options/statusPurpose")
    assert repr(purpose) in told["detail"]


@pytest.mark.parametrize("pointers", ["/issuer", [5], {"a": 1}])
def test_pointers_are_a_list_of_texts(ask, base, pointers):
    body = {"verifiableCredential": base, "options": {"selectivePointers": pointers}}
    assert ask("/credentials/derive", body).status_code == 400


def test_nothing_is_derived_of_what_is_not_a_base(base, derive, issue, issuer):
    part = derive(base, "/credentialSubject").json()["verifiableCredential"]
    other = issue(credential(issuer.did)).json()["verifiableCredential"]

    for shown in (
        part,
        other,
        {},
        {**base, "proof": None},
        {**base, "proof": {**base["proof"], "proofValue": "u2V0A"}},
    ):
        assert refusal(derive(shown, "/credentialSubject")) <= {"proof_not_base", "proof_value_malformed"}


def test_a_base_of_another_document_gives_nothing(base, derive):
    altered = copy.deepcopy(base)
    altered["credentialSubject"]["more"] = "x"
    altered["@context"].append({"more": "https://words.example/more"})

    assert refusal(derive(altered, "/credentialSubject/id")) == {"proof_value_malformed"}


def test_no_part_of_a_base_that_was_altered_is_verified(base, derive, verify):
    altered = copy.deepcopy(base)
    altered["credentialSubject"]["sailNumber"] = "Mars101"

    view = derive(altered, "/credentialSubject/sailNumber").json()["verifiableCredential"]

    assert "signature_wrong" in refusal(verify(view))


def test_a_part_that_was_altered_is_refused(base, derive, verify):
    view = derive(base, "/credentialSubject").json()["verifiableCredential"]
    value = view["proof"]["proofValue"]
    altered = [
        {**view, "credentialSubject": {**view["credentialSubject"], "id": "did:example:other"}},
        {**view, "credentialSubject": {**view["credentialSubject"], "sails": SUBJECT["sails"][:2]}},
        *(
            {**view, "proof": {**view["proof"], "proofValue": one}}
            for one in ("a", value[1:], "u" + value[5:], "u2V0B")
        ),
        {**view, "proof": {**view["proof"], "cryptosuite": "invalid-cryptosuite"}},
    ]

    for one in altered:
        assert refusal(verify(one))


def test_every_issuer_has_the_door_and_an_unknown_one_has_not(base, derive):
    assert derive(base, "/issuer", path="/issuers/p384/credentials/derive").status_code == 201
    assert derive(base, "/issuer", path="/issuers/nobody/credentials/derive").status_code == 404


def test_the_base_of_the_specification_gives_the_part_of_the_specification(derive, verify):
    base, part = (json.loads((VECTORS / f"{name}-credential.json").read_bytes()) for name in ("base", "derived"))

    view = derive(base, "/credentialSubject/boards/0", "/credentialSubject/boards/1").json()["verifiableCredential"]

    assert view == part
    assert verify(view).status_code == 200


@pytest.mark.parametrize("slug", ["ed25519", "p384"])
def test_other_kinds_of_keys_do_not_sign_so(ask, opened, slug):
    did = next(one.issuer.did for one in opened[1] if one.issuer.slug == slug)

    answer = ask(f"/issuers/{slug}/{SUITE}/credentials/issue", {"credential": credential(did)})

    assert refusal(answer) == {"suite_unknown"}
