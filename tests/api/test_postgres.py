"""The same doors on PostgreSQL, which minds lengths and characters that SQLite does not."""

from __future__ import annotations

import pytest

from api.expecting import problem
from world import found, publish, result, serving

pytestmark = pytest.mark.postgres


@pytest.fixture
def school(pg_rt):
    return found(pg_rt)


@pytest.fixture
def client(pg_rt, door, school):
    with serving(pg_rt, door) as opened:
        opened.headers.update(school.auth)
        yield opened


def test_the_main_job(client, pg_rt, school):
    publish(pg_rt, school)
    receipt = client.post("/v1/results", json=result(), headers={"Idempotency-Key": "1"}).json()
    path = f"/v1/credentials/{receipt['credential_id']}"
    document = client.get(path).json()["document"]

    assert client.get("/v1/credentials").json()["items"][0]["id"] == receipt["credential_id"]
    assert client.post("/v1/verify", json={"credential": document}).json()["verdict"] == "accepted"
    assert client.get(client.post(f"{path}/links").json()["url"]).json() == document
    assert client.post(f"{path}/revoke", json={"reason_code": "x"}).json()["standing"] == "revoked"
    assert client.post("/v1/verify", json={"credential": document}).json()["standing"] == "revoked"
    assert [event["type"] for event in client.get("/v1/events").json()["items"]][-1] == "credential.revoked"
    assert client.get("/health").status_code == 200


def test_the_longest_names_fit(client, pg_rt, school):
    publish(pg_rt, school, earned="per_assessment")
    longest = {"source": "s" * 99, "source_id": "i" * 200}

    assert client.post("/v1/results", json=result(**longest)).status_code == 201
    assert client.post("/v1/results", json=result(assessment="a" * 200)).status_code == 201


def test_characters_that_the_database_does_not_take_are_no_fault(client):
    for path in ("/status/%00", "/credentials/x?key=%00", "/issuers/%00", "/achievements/%00/versions/1"):
        problem(client.get(path), 404, "missing")
    for path in ("/v1/credentials?cursor=%00", "/v1/achievements?cursor=%00"):
        problem(client.get(path), 400, "malformed")
    problem(client.post("/v1/results", json=result(source_id="a\x00b")), 400, "malformed")
    problem(client.get("/v1/events", headers={"Authorization": b"Bearer \xff"}), 401, "sign-in")


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "did:web:\x00"},
        {"issuer": {"id": "\x00"}, "proof": {"verificationMethod": "did:web:x\x00#y"}},
        {"proof": {"verificationMethod": "https://x/\x00#y"}, "credentialStatus": {"statusListCredential": "\x00"}},
    ],
)
def test_nor_in_what_is_verified(client, document):
    answer = client.post("/v1/verify", json={"credential": document})

    assert (answer.status_code, answer.json()["verdict"]) == (200, "rejected")
