"""Nothing about a learner leaves but what the learner carries: not in logs, URLs, lists, events or audit rows."""

import json

import httpx
import pytest

from installation import Installation
from world import definition, found, listen, publish, result

EMAIL, ASSESSOR, PARTNER, NOTE = "ada.lovelace@example.edu", "Grace Hopper", "Difference Engines Ltd", "a private note"


@pytest.fixture
def secrets():
    """Everything about people that goes in, in every form that would give it away."""
    return [EMAIL, EMAIL.upper(), "ada.lovelace", "lovelace", ASSESSOR, PARTNER, NOTE]


def journey(service, auth):
    """Do a bit of everything, right and wrong, and give what a learner would be handed."""
    participation = {"experience": {"source_id": "placement-1", "kind": "internship", "partner": PARTNER}, "hours": 40}
    body = result(EMAIL, assessor={"kind": "supervisor", "name": ASSESSOR}, participation=participation)
    receipt = service.post("/v1/results", json=body, headers=auth).json()
    service.post("/v1/results", json=body | {"attempt": 2}, headers=auth)  # a conflict
    service.post("/v1/results", json=body | {"achievement": "x"}, headers=auth)  # unacceptable
    service.post("/v1/results", content=json.dumps(body)[:-3], headers=auth)  # malformed
    one = f"/v1/credentials/{receipt['credential_id']}"
    link = service.post(f"{one}/links", json={}, headers=auth).json()["url"]
    fetched = service.get(link).json()
    service.post("/v1/verify", json={"credential": fetched})
    service.post("/v1/verify", json={"credential": fetched | {"name": EMAIL}})
    service.post(f"{one}/revoke", json={"reason_code": "error", "note": NOTE}, headers=auth)
    return fetched, link


@pytest.fixture
def installed(tmp_path):
    """The service as its operator runs it, logging all it can, with one issuer that has published an achievement."""
    with listen() as door:
        port = door.getsockname()[1]
    url = f"sqlite:///{tmp_path / 'books.sqlite'}"
    place = Installation(url, tmp_path, f"http://127.0.0.1:{port}", extra={"LER_LOG_LEVEL": "debug"})
    key = place.found("biology", [definition()])
    with place.serving(port) as server, httpx.Client(base_url=server.address, trust_env=False) as client:
        yield place, client, key


def test_no_learner_in_what_others_see(installed, secrets):
    place, client, key = installed
    auth = {"Authorization": f"Bearer {key}"}
    fetched, link = journey(client, auth)
    listed = client.get(fetched["credentialStatus"]["statusListCredential"]).text
    events = client.get("/v1/events", headers=auth).text
    page = client.get("/v1/credentials", headers=auth).text
    audit = json.dumps(place.run("audit", "trail", "--issuer", "biology"))
    logged = (place.folder / "stderr.txt").read_text()
    assert '"path": "/v1/results"' in logged, "the requests were not even logged"
    for text in (logged, listed, events, page, audit, json.dumps(fetched)):
        assert [secret for secret in secrets if secret in text] == []
    assert link.partition("key=")[2] not in logged
    assert key not in logged


def test_the_salt_and_hash_that_a_credential_carries_are_the_learners_own(rt, service):
    here, there = found(rt, "biology"), found(rt, "chemistry")
    salts = set()
    for tenant in (here, there):
        publish(rt, tenant)
        for learner in (EMAIL, "other@example.edu", EMAIL):
            receipt = service.post("/v1/results", json=result(learner), headers=tenant.auth).json()
            if receipt["credential_id"]:
                opened = service.get(f"/v1/credentials/{receipt['credential_id']}", headers=tenant.auth).json()
                [identity] = opened["document"]["credentialSubject"]["identifier"]
                salts.add((identity["salt"], identity["identityHash"]))
    assert len(salts) == len({salt for salt, _ in salts}) == 4
