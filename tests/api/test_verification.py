"""Verification over HTTP: anybody, anything; a report comes out."""

from __future__ import annotations

import copy
import json

import pytest

from api.expecting import places, problem
from ler_issuer.services.verifying import MOST_PARTS
from ler_issuer.store import credentials
from ler_issuer.vc import CheckId
from stacks import all_of, competency, earn, holding, rule, skill
from world import award, publish

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"


@pytest.fixture
def document(rt, tenant, call):
    publish(rt, tenant)
    return call("GET", f"/v1/credentials/{award(rt, tenant).credential_id}").json()["document"]


def verify(service, credential):
    answer = service.post("/v1/verify", json={"credential": credential})
    assert answer.status_code == 200
    return answer.json()


def failed(report):
    return {(check["id"], check["code"]) for check in report["checks"] if check["outcome"] == "fail"}


def test_a_credential_that_stands_is_accepted(service, document, tenant, world):
    world.asked.clear()

    report = verify(service, document)

    assert (report["verdict"], report["standing"], report["authentic"]) == ("accepted", "current", True)
    assert report["issuer"] == {"id": tenant.issuer.did, "claimed_name": tenant.issuer.name, "known": "here"}
    assert {check["id"] for check in report["checks"]} <= set(CheckId)
    assert world.asked == []


def test_a_report_and_what_came_along_stand_in_the_order_of_their_description(service, document):
    described = service.get("/openapi.json").json()["components"]["schemas"]
    shown = {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "verifiableCredential": [document]}
    answer = service.post("/v1/verify", json={"credential": shown, "parts": [document]}).json()

    assert answer["members"]
    assert answer["parts"]
    for told, schema in ((answer, "ReportOut"), *((one, "MemberOut") for one in answer["members"] + answer["parts"])):
        assert list(told) == [name for name in described[schema]["properties"] if name in told]


def test_what_was_altered_is_rejected(service, document):
    altered = copy.deepcopy(document)
    altered["credentialSubject"]["achievement"]["name"] = "Brain surgery"

    report = verify(service, altered)

    assert (report["verdict"], report["standing"], report["authentic"]) == ("rejected", "unknown", False)
    assert failed(report) == {("proof.signature", "signature_wrong")}


def test_what_was_revoked_is_rejected(service, document, call):
    call("POST", f"/v1/credentials/{document['id']}/revoke", json={"reason_code": "x"})

    report = verify(service, document)

    assert (report["verdict"], report["standing"], report["authentic"]) == ("rejected", "revoked", True)


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        True,
        0,
        -1.5e300,
        "",
        "eyJhbGciOiJFZERTQSJ9.e30.AAAA",
        [],
        [[]],
        {},
        {"@context": 7},
        {"proof": {}},
        {"\x00": "\x00"},
    ],
    ids=str,
)
def test_whatever_it_is_a_report_comes_out(service, garbage, world):
    world.asked.clear()

    report = verify(service, garbage)

    assert (report["verdict"], report["authentic"]) == ("rejected", False)
    assert report["issuer"]["known"] == "no"
    assert report["summary"]
    assert failed(report)
    assert world.asked == []


def test_a_number_that_no_reader_holds_is_malformed(service):
    body, headers = b'{"credential": {"n": 1e999}}', {"Content-Type": "application/json"}

    told = problem(service.post("/v1/verify", content=body, headers=headers), 400, "malformed")

    assert [place["code"] for place in told["problems"]] == ["number_out_of_range"]


def test_pointers_name_the_place(service, document):
    report = verify(service, document | {"favouriteColour": "red"})

    assert report["verdict"] == "rejected"
    assert "/favouriteColour" in {check.get("pointer") for check in report["checks"] if check["outcome"] == "fail"}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, ("/credential", "missing")),
        ([], ("", "not_an_object")),
        ({"credential": 1, "x": 1}, ("/x", "extra_forbidden")),
        ({"@context": [], "type": ["VerifiableCredential"]}, ("/credential", "missing")),
    ],
)
def test_only_the_request_itself_can_be_malformed(service, body, place):
    assert places(problem(service.post("/v1/verify", json=body), 400, "malformed")) == {place}


# ── With parts, and in a record ──────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def stacked(rt, tenant):
    """Documents by name: two skills and what they add up to."""
    for key in ("writing", "speaking"):
        skill(rt, tenant, key)
    orator = f"orator-{tenant.issuer.slug}"  # rules of all tests here have addresses of one installation
    competency(rt, tenant, orator)
    rule(rt, tenant, orator, all_of(holding("writing"), holding("speaking")))
    for key in ("writing", "speaking"):
        earn(rt, tenant, key)
    with rt.db.read() as db:
        found = [json.loads(one.body) for one in credentials.everyone(db) if one.issuer_id == tenant.issuer.id]
    return {one["name"].partition("-")[0]: one for one in found}


def checked(report, check):
    return {one["code"] for one in report["checks"] if one["id"] == check}


def test_a_stack_is_derived_again_from_the_parts_sent_along(service, stacked):
    parts = [stacked["Speaking"], stacked["Writing"]]
    answer = service.post("/v1/verify", json={"credential": stacked["Orator"], "parts": parts}).json()

    assert answer["verdict"] == "accepted"
    assert checked(answer, "derivation.outcome") == {"outcome_same"}
    assert [(one["pointer"], one["name"]) for one in answer["parts"]] == [
        ("/parts/0", "Speaking"),
        ("/parts/1", "Writing"),
    ]
    assert "members" not in answer


def test_a_forged_part_is_not_shown(service, stacked):
    forged = stacked["Writing"] | {"name": "Poetry"}
    answer = service.post("/v1/verify", json={"credential": stacked["Orator"], "parts": [forged]}).json()

    assert answer["verdict"] == "rejected"
    assert answer["parts"][0].keys() == {"pointer", "verdict", "checks"}
    assert "Poetry" not in json.dumps(answer)


def test_a_record_is_answered_with_its_members(service, stacked, call):
    learner = call("GET", f"/v1/credentials/{stacked['Orator']['id']}").json()["learner_id"]
    record = call("POST", f"/v1/learners/{learner}/record").json()
    answer = verify(service, record)

    assert (answer["verdict"], len(answer["members"])) == ("accepted", 3)
    assert {one["id"] for one in answer["members"]} == {one["id"] for one in stacked.values()}


def test_parts_are_a_bounded_list(service, document):
    for parts, code in (({}, "list_type"), (None, "list_type"), ([1] * (MOST_PARTS + 1), "too_long")):
        told = problem(service.post("/v1/verify", json={"credential": document, "parts": parts}), 400, "malformed")
        assert places(told) == {("/parts", code)}


@pytest.mark.parametrize("address", ["/v1/verify", "/v1/verify/batch"])
def test_parameters_that_are_not_known_are_refused(service, address):
    answer = service.post(f"{address}?policy=standard", json={"credential": {}})

    assert places(problem(answer, 400, "malformed")) == {("/policy", "extra_forbidden")}
