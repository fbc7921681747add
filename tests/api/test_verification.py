"""Verification over HTTP: anybody, anything; a report comes out."""

from __future__ import annotations

import copy

import pytest

from api.expecting import places, problem
from ler_issuer.vc import CheckId
from world import award, publish


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
        ([], ("", "model_attributes_type")),
        ({"credential": 1, "x": 1}, ("/x", "extra_forbidden")),
    ],
)
def test_only_the_request_itself_can_be_malformed(service, body, place):
    assert places(problem(service.post("/v1/verify", json=body), 400, "malformed")) == {place}
