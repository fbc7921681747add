"""Verification as an applicant-tracking system uses it: whatever a candidate brings, an answer it can act on."""

from __future__ import annotations

import base64
import copy
import hashlib
import json

import pytest

import signing
from api.expecting import places, problem
from ler_issuer import jsontext
from ler_issuer.badges import bake_png, bake_svg
from ler_issuer.vc import read_statement
from pictures import PNG, SVG
from records import document as stored
from signing import LIST_URL, SELF_ISSUED, STRANGER, UNIVERSITY
from world import award, publish

DID_URL = "https://cred.example.edu/issuers/1/did.json"
PAGE = "https://cred.example.edu/badges/1"
ADDRESS = "a@example.com"


@pytest.fixture
def abroad(world):
    """A world in which another university publishes its keys and a clear status list."""
    world.pages.clear()
    world.asked.clear()
    world.time = signing.NOW
    world.host(DID_URL, UNIVERSITY.document)
    world.host(LIST_URL, signing.status_list())
    yield world
    world.pages.clear()


def badge(key=UNIVERSITY, **changes):
    return signing.signed(signing.badge() | changes, key)


@pytest.fixture
def verify(service, abroad):  # noqa: ARG001 - the world around it
    def ask(credential, **more):
        answer = service.post("/v1/verify", json={"credential": credential, "policy": "authenticity", **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def upload(service, data, **fields):
    """Send a file as a browser's form does."""
    said = {name: value if name in {"language", "as_of"} else json.dumps(value) for name, value in fields.items()}
    return service.post("/v1/verify", files={"credential": ("it", data)}, data=said)


def checks(report, check):
    return {(one["outcome"], one["code"]) for one in report["checks"] if one["id"] == check}


# ── Forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.usefixtures("abroad")
@pytest.mark.parametrize("form", ["json", "png", "svg"])
def test_a_file_is_judged_by_what_is_in_it(service, form):
    text = json.dumps(badge())
    data = {"json": text.encode(), "png": bake_png(PNG, text), "svg": bake_svg(SVG, text, is_jwt=False)}[form]

    report = upload(service, data, policy="authenticity").json()

    assert (report["verdict"], report["input"]["form"]) == ("accepted", form)
    assert report["input"]["sha256"] == hashlib.sha256(data).hexdigest()


def test_an_address_is_fetched_through_the_guard(verify, abroad):
    abroad.host(PAGE, badge())

    report = verify(PAGE)

    assert (report["verdict"], report["input"]["url"]) == ("accepted", PAGE)
    assert abroad.asked.count(PAGE) == 1


@pytest.mark.parametrize("address", ["https://nowhere.example/badge", "http://169.254.169.254/latest"])
def test_an_address_that_cannot_be_had_proves_nothing(verify, address):
    report = verify(address)

    assert (report["verdict"], report["authentic"]) == ("review", False)
    assert checks(report, "input.format") == {("indeterminate", "input_unavailable")}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"not a credential", "not_strict_json"),
        (b"\x89PNG\r\n\x1a\n", "png_damaged"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>', "svg_entities"),
        (b'{"id": 1, "id": 2}', "not_strict_json"),
    ],
)
def test_a_file_that_is_no_credential_gets_a_report(service, abroad, data, code):
    report = upload(service, data).json()

    assert report["verdict"] == "rejected"
    assert checks(report, "input.format") == {("fail", code)}
    assert abroad.asked == []


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"data": {"policy": '"standard"'}, "files": {"other": b"x"}}, ("/other", "unexpected_file")),
        ({"data": {"policy": "{standard"}, "files": {"credential": b"{}"}}, ("/policy", "malformed_json")),
        ({"data": {"colour": '"red"'}, "files": {"credential": b"{}"}}, ("/colour", "extra_forbidden")),
        ({"files": {"policy": (None, '"standard"')}}, ("/credential", "missing")),
    ],
)
def test_a_form_that_cannot_be_read_is_malformed(service, parts, place):
    found = places(problem(service.post("/v1/verify", **parts), 400, "malformed"))

    assert place[0] in {one for one, _ in found}


# ── Whose it is ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("expect", "verdict", "outcome"),
    [
        ({"identifiers": [ADDRESS]}, "accepted", "match"),
        ({"identifiers": [{"type": "emailAddress", "value": ADDRESS.upper()}]}, "accepted", "match"),
        ({"identifiers": ["somebody@else.example"]}, "rejected", "mismatch"),
        ({"did": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}, "review", "incomparable"),
    ],
)
def test_it_is_told_whether_it_is_the_applicants(verify, expect, verdict, outcome):
    report = verify(badge(), expect=expect)

    assert (report["verdict"], report["subject_binding"]["outcome"]) == (verdict, outcome)
    assert report["authentic"] is True


def test_an_expectation_that_cannot_be_read_names_the_place(service):
    wanted = {"credential": {}, "expect": {"identifiers": ["  "]}}

    assert places(problem(service.post("/v1/verify", json=wanted), 400, "malformed")) == {
        ("/expect/identifiers/0", "bad_expectation")
    }


# ── What it says ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_was_achieved_is_told_in_one_form(verify):
    (skill,) = verify(badge())["skills"]

    assert skill["achievement"]["name"] == "Data Literacy"
    assert skill["results"]


def test_nothing_is_told_of_what_nobody_signed(verify):
    forged = badge()
    forged["credentialSubject"]["achievement"]["name"] = "Rocket Science"

    report = verify(forged)

    assert report["verdict"] == "rejected"
    assert "skills" not in report


# ── Endorsements ─────────────────────────────────────────────────────────────────────────────────────────────────────
def endorsement(key=SELF_ISSUED, **changes):
    said = {
        "@context": signing.badge()["@context"],
        "id": "urn:uuid:6a2d8f80-1c0e-4c5f-9f2d-0c4b0d6c2f11",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsement",
        "issuer": {"id": key.subject, "type": ["Profile"], "name": "Board of Examiners"},
        "validFrom": "2026-10-01T00:00:00Z",
        "credentialSubject": {
            "id": signing.badge()["id"],
            "type": ["EndorsementSubject"],
            "endorsementComment": "Sound.",
        },
    }
    return signing.signed(said | changes, key)


def test_an_endorsement_has_a_report_of_its_own(verify):
    report = verify(badge(endorsement=[endorsement()]))

    assert report["verdict"] == "accepted"
    assert [one["pointer"] for one in report["endorsements"]] == ["/endorsement/0"]
    assert checks(report, "endorsement") == {("pass", "endorsement_verified")}
    assert checks(report, "endorsement.target") == {("pass", "endorsement_on_target")}


def test_a_forged_endorsement_takes_nothing_from_the_badge_and_is_not_shown(verify):
    forged = endorsement()
    forged["credentialSubject"]["endorsementComment"] = "Superb!"

    report = verify(badge(endorsement=[forged]))
    strict = verify(badge(endorsement=[forged]), policy="1edtech-validator")

    assert (report["verdict"], strict["verdict"]) == ("accepted", "rejected")
    assert checks(report, "endorsement") == {("warning", "endorsement_not_authentic")}
    assert "Superb" not in json.dumps(report)


def test_an_endorsement_of_something_else_is_told(verify):
    astray = endorsement(credentialSubject={"id": "urn:uuid:0", "type": ["EndorsementSubject"]})

    report = verify(badge(endorsement=[astray]))

    assert checks(report, "endorsement.target") == {("warning", "endorsement_target_differs")}


# ── Policies, languages, evidence ────────────────────────────────────────────────────────────────────────────────────
def test_a_policy_of_the_callers_own_decides(verify):
    expired = badge(validUntil="2026-11-15T11:00:00Z")
    own = {"name": "acme", "version": "3", "based_on": "authenticity", "review": ["expired"]}

    told = verify(expired), verify(expired, policy=own)

    assert [one["verdict"] for one in told] == ["rejected", "review"]
    assert told[1]["policy"] == {"name": "acme", "version": "3"}


def test_no_policy_accepts_a_forgery(verify):
    forged = copy.deepcopy(badge()) | {"name": "Doctor of Everything"}
    own = {"name": "blind", "version": "1", "issuer": "any", "accept": ["signature_wrong"]}

    assert verify(forged, policy=own)["verdict"] == "rejected"


@pytest.mark.parametrize(
    ("policy", "pointer"),
    [
        ("unheard-of", "/policy"),
        ("standard/99", "/policy"),
        ({"name": "x", "version": "1", "accept": ["revoked"]}, "/policy/accept/0"),
        ({"name": "x", "version": "1", "reject": ["no_such_code"]}, "/policy/reject/0"),
        ({"name": "standard", "version": "1"}, "/policy/name"),
    ],
)
def test_a_policy_that_cannot_be_followed_names_the_place(service, policy, pointer):
    answer = service.post("/v1/verify", json={"credential": {}, "policy": policy})

    assert places(problem(answer, 422, "unacceptable")) == {(pointer, "bad_policy")}


@pytest.mark.usefixtures("abroad")
def test_reports_are_told_in_spanish(service):
    wanted = {"credential": badge(), "policy": "authenticity"}
    english = service.post("/v1/verify", json=wanted).json()
    asked = service.post("/v1/verify", json=wanted | {"language": "es"}).json()
    heard = service.post("/v1/verify", json=wanted, headers={"Accept-Language": "es-MX, en;q=0.5"}).json()

    assert asked == heard
    assert english["summary"] != asked["summary"]
    assert [one["code"] for one in english["checks"]] == [one["code"] for one in asked["checks"]]
    assert all(one["message"] != told["message"] for one, told in zip(english["checks"], asked["checks"], strict=True))


def test_each_check_tells_what_it_rests_on_and_which_problem_it_is(verify, abroad):
    abroad.host(LIST_URL, signing.status_list(key=STRANGER))

    report = verify(badge())
    status = next(one for one in report["checks"] if one["id"] == "status")

    assert status["problem"]["type"] == "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR"
    assert status["evidence"][0] | {"bytes": 0, "sha256": ""} == {
        "source_url": LIST_URL,
        "origin": "fetched",
        "fetched_at": "2026-11-15T12:00:00Z",
        "cache_age_s": 0,
        "bytes": 0,
        "sha256": "",
    }


# ── The past ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_our_own_credentials_are_judged_as_they_stood(rt, tenant, service, call, world):
    publish(rt, tenant)
    held = award(rt, tenant).credential_id
    before = world.time
    world.wait(days=1)
    call("POST", f"/v1/credentials/{held}/revoke", json={"reason_code": "error"})
    world.wait(days=1)
    ours = stored(rt, held)

    now = service.post("/v1/verify", json={"credential": ours}).json()
    then = service.post("/v1/verify", json={"credential": ours, "as_of": before.isoformat()}).json()

    assert (now["verdict"], now["standing"]) == ("rejected", "revoked")
    assert (then["verdict"], then["standing"]) == ("accepted", "current")
    assert {"status", "proof.key"} <= set(then["as_of"]["historical"])


def test_of_others_only_what_can_be_known_of_the_past_is_answered(verify):
    report = verify(badge(), as_of="2026-11-10T00:00:00Z")

    assert report["verdict"] == "review"
    assert checks(report, "status") == {("indeterminate", "list_not_historical")}
    assert checks(report, "time.validFrom") == {("pass", "valid_from_past")}
    assert "status" in {one["check"] for one in report["as_of"]["present_only"]}
    assert verify(badge(), as_of="2026-10-15T00:00:00Z")["standing"] == "not_yet_valid"


@pytest.mark.usefixtures("abroad")
def test_nobody_can_ask_about_the_future(service):
    answer = service.post("/v1/verify", json={"credential": {}, "as_of": "2036-01-01T00:00:00Z"})

    assert places(problem(answer, 422, "unacceptable")) == {("/as_of", "in_future")}


# ── Many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("bad", [0, 3, 6])
def test_of_a_batch_each_item_has_its_own_answer_in_its_place(service, abroad, bad):
    items = [{"credential": badge(id=f"urn:uuid:3f0f8e2c-5f0a-4c7e-9f64-00000000000{number}")} for number in range(7)]
    items[bad]["credential"]["name"] = "Forged"

    answer = service.post("/v1/verify/batch", json={"items": items, "policy": "authenticity"}).json()["items"]

    verdicts = [one["verdict"] for one in answer]
    assert verdicts == ["rejected" if number == bad else "accepted" for number in range(7)]
    assert abroad.asked == [DID_URL, LIST_URL]


@pytest.mark.usefixtures("abroad")
def test_an_item_that_cannot_be_read_spoils_no_other(service):
    odd = [{"credit": 1}, 7, {"credential": badge(), "expect": {"did": "x"}}, {"credential": 3}]
    items = [{"credential": badge()}, *odd]

    told = service.post("/v1/verify/batch", json={"items": items, "policy": "authenticity"}).json()["items"]

    assert [one.get("verdict", one.get("status")) for one in told] == ["accepted", 400, 400, 400, "rejected"]
    assert told[3]["problems"][0]["pointer"] == "/items/3/expect/did"


def test_a_batch_is_bounded(service):
    answer = service.post("/v1/verify/batch", json={"items": [{"credential": 1}] * 1001})

    assert problem(answer, 400, "malformed")


# ── Signed reports ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_signed_report_holds_without_asking_anybody(service, verify):
    given = badge()
    report = verify(given, signed=True)
    keys = service.get("/v1/verify/keys").json()

    claims = read_statement(report["signed_report"], keys)

    assert (claims["verdict"], claims["policy"]["name"]) == ("accepted", "authenticity")
    assert claims["input"] == {"form": "json", "sha256": jsontext.digest(given)}
    assert [one["code"] for one in claims["checks"]] == [one["code"] for one in report["checks"]]
    assert "Data Literacy" not in base64.urlsafe_b64decode(report["signed_report"].split(".")[1] + "==").decode()


def test_the_same_key_signs_every_report(service, verify):
    for _ in range(3):
        verify(badge(), signed=True)

    assert len(service.get("/v1/verify/keys").json()["keys"]) == 1


# ── Presentations ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_copy_where_a_presentation_was_asked_for_is_not_accepted(verify):
    report = verify(badge(), expect={"challenge": "abc", "domain": "jobs.example"})

    assert report["verdict"] == "review"
    assert checks(report, "presentation") == {("indeterminate", "presentation_missing")}


def test_a_policy_that_asks_whose_it_is_says_what_is_missing(verify):
    report = verify(badge(), policy={"name": "whose", "version": "1", "issuer": "any", "recipient": "required"})

    assert (report["verdict"], checks(report, "recipient")) == ("review", {("warning", "recipient_unsaid")})
    assert "nobody said who applies" in report["summary"]


def test_a_forgery_borrows_nothing_of_its_neighbours_in_a_batch(service, rt, tenant):
    publish(rt, tenant)
    genuine = stored(rt, award(rt, tenant).credential_id)
    forged = genuine | {"name": "Forged"}

    alone = service.post("/v1/verify", json={"credential": forged}).json()
    items = [{"credential": one} for one in (genuine, forged, genuine)]
    told = service.post("/v1/verify/batch", json={"items": items}).json()["items"]

    assert [one["issuer"]["known"] for one in told] == ["here", "no", "here"]
    assert told[1]["issuer"] == alone["issuer"]


# ── What people send by mistake ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0JFIF", b"%PDF-1.7", b" ", b"PK\x03\x04"])
def test_a_file_of_another_kind_is_called_by_its_name(service, data):
    report = upload(service, data, signed=True).json()

    assert checks(report, "input.format") == {("fail", "file_of_another_kind")}
    digest = hashlib.sha256(data).hexdigest()
    assert report["input"] == {"form": "unknown", "sha256": digest}
    claims = read_statement(report["signed_report"], service.get("/v1/verify/keys").json())
    assert claims["input"]["sha256"] == digest


def test_a_picture_may_come_inside_a_request_and_a_file_may_begin_with_a_mark(service, verify):
    text = json.dumps(badge())
    inside = "data:image/png;base64," + base64.b64encode(bake_png(PNG, text)).decode()

    assert verify(inside)["input"]["form"] == "png"
    assert upload(service, b"\xef\xbb\xbf" + text.encode(), policy="authenticity").json()["verdict"] == "accepted"


def test_the_key_of_a_link_is_not_repeated(verify, abroad):
    abroad.host(f"{PAGE}?key=secret", badge())

    report = verify(f"{PAGE}?key=secret")

    assert report["verdict"] == "accepted"
    assert "secret" not in json.dumps(report)


@pytest.mark.usefixtures("abroad")
@pytest.mark.parametrize("place", ["presentation", "record", "endorsement", "parts"])
def test_a_presentation_in_the_wrong_place_is_no_credential(service, place):
    inner = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"]}
    record = signing.badge() | {"type": ["VerifiableCredential", "ClrCredential"]}
    record["credentialSubject"]["verifiableCredential"] = [inner]
    given = {
        "presentation": {"credential": inner | {"verifiableCredential": [inner]}},
        "record": {"credential": record},
        "endorsement": {"credential": signing.badge() | {"endorsement": [inner]}},
        "parts": {"credential": badge(), "parts": [inner]},
    }[place]

    assert "verdict" in service.post("/v1/verify", json=given).json()
    items = [{"credential": badge()}, given, {"credential": badge()}]
    told = service.post("/v1/verify/batch", json={"items": items, "policy": "authenticity"}).json()["items"]
    assert [one["verdict"] for one in told[::2]] == ["accepted", "accepted"]


@pytest.mark.parametrize("expect", [{}, {"identifiers": []}])
def test_an_expectation_that_says_nothing_is_no_expectation(service, expect):
    told = problem(service.post("/v1/verify", json={"credential": {}, "expect": expect}), 400, "malformed")

    assert {pointer for pointer, _ in places(told)} == {"/expect"}


def test_a_greedy_item_starves_no_other(service, abroad):
    greedy = badge(credentialStatus=None)
    greedy = {**greedy, "credentialSubject": {"verifiableCredential": [endorsement() for _ in range(60)]}}
    for number, one in enumerate(greedy["credentialSubject"]["verifiableCredential"]):
        one["proof"][0]["verificationMethod"] = f"did:web:h{number}.example#key"

    items = [{"credential": greedy}, {"credential": badge()}]
    told = service.post("/v1/verify/batch", json={"items": items, "policy": "authenticity"}).json()["items"]

    assert told[1]["verdict"] == "accepted"
    assert len(abroad.asked) < 50


def test_the_same_address_is_fetched_once(service, abroad):
    abroad.host(PAGE, badge())

    items = [{"credential": PAGE}] * 4
    told = service.post("/v1/verify/batch", json={"items": items, "policy": "authenticity"}).json()["items"]

    assert [one["verdict"] for one in told] == ["accepted"] * 4
    assert abroad.asked.count(PAGE) == 1


def test_a_newer_copy_takes_the_place_of_the_old_one_when_it_stands(verify, abroad):
    address = "https://cred.example.edu/refresh/1"
    contexts = [*signing.badge()["@context"], "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]
    service_entry = {"id": address, "type": "1EdTechCredentialRefresh"}
    old = badge(**{"@context": contexts, "refreshService": service_entry, "validUntil": "2026-11-15T11:00:00Z"})
    newer = badge(**{"@context": contexts, "refreshService": service_entry, "validFrom": "2026-11-10T10:00:00Z"})
    later = badge(**{"@context": contexts, "refreshService": service_entry, "validFrom": "2026-12-10T10:00:00Z"})

    def asked(offered):
        abroad.host(address, offered)
        report = verify(old)
        return report["verdict"], {code for _, code in checks(report, "refresh")}

    assert asked(newer) == ("accepted", {"refreshed"})
    assert asked(later) == ("rejected", {"refresh_not_valid"})
    assert asked(old) == ("rejected", {"refresh_none_newer"})
    assert asked(newer | {"name": "Forged"}) == ("rejected", {"refresh_not_authentic"})
    assert asked(badge(id="urn:uuid:other", validFrom="2026-11-10T10:00:00Z")) == ("rejected", {"refresh_foreign"})
    assert asked(b"<html>") == ("rejected", {"refresh_unavailable"})
    assert verify(old, refresh=False)["verdict"] == "rejected"
