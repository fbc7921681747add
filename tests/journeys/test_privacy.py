"""Nothing about a learner leaves but what the learner carries: not in logs, URLs, lists, events or audit rows."""

import json
import logging

import pytest
import sqlalchemy as sa
import structlog

from ler_issuer import logs
from ler_issuer.store import tables
from world import found, publish, result

EMAIL, ASSESSOR, PARTNER, NOTE = "ada.lovelace@example.edu", "Grace Hopper", "Difference Engines Ltd", "a private note"


@pytest.fixture
def secrets():
    """Everything about people that goes in, in every form that would give it away."""
    return [EMAIL, EMAIL.upper(), "ada.lovelace", "lovelace", ASSESSOR, PARTNER, NOTE]


def journey(service, tenant):
    """Do a bit of everything, right and wrong, and give what a learner would be handed."""
    participation = {"experience": {"source_id": "placement-1", "kind": "internship", "partner": PARTNER}, "hours": 40}
    body = result(EMAIL, assessor={"kind": "supervisor", "name": ASSESSOR}, participation=participation)
    receipt = service.post("/v1/results", json=body, headers=tenant.auth).json()
    service.post("/v1/results", json=body | {"attempt": 2}, headers=tenant.auth)  # a conflict
    service.post("/v1/results", json=body | {"achievement": "x"}, headers=tenant.auth)  # unacceptable
    service.post("/v1/results", content=json.dumps(body)[:-3], headers=tenant.auth)  # malformed
    one = f"/v1/credentials/{receipt['credential_id']}"
    link = service.post(f"{one}/links", json={}, headers=tenant.auth).json()["url"]
    fetched = service.get(link).json()
    service.post("/v1/verify", json={"credential": fetched})
    service.post("/v1/verify", json={"credential": fetched | {"name": EMAIL}})
    service.post(f"{one}/revoke", json={"reason_code": "error", "note": NOTE}, headers=tenant.auth)
    return fetched, link


@pytest.fixture
def logged(capsys):
    """A way to what the service has logged so far, without the lines of the client in this process."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure("debug")

    def lines():
        return "\n".join(line for line in capsys.readouterr().err.splitlines() if '"logger": "http' not in line)

    yield lines
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


def test_no_learner_in_what_others_see(logged, rt, service, secrets):
    tenant = found(rt)
    publish(rt, tenant)
    fetched, link = journey(service, tenant)
    listed = service.get(fetched["credentialStatus"]["statusListCredential"]).text
    events = service.get("/v1/events", headers=tenant.auth).text
    page = service.get("/v1/credentials", headers=tenant.auth).text
    with rt.db.read() as db:
        audit = json.dumps([list(map(str, row)) for row in db.run(sa.select(tables.audit))])
    said = logged()
    assert "/v1/results" in said, "the requests were not even logged"
    carried = json.dumps(fetched)
    for text in (said, listed, events, page, audit, carried):
        assert [secret for secret in secrets if secret in text] == []
    assert link.partition("key=")[2] not in said
    assert tenant.key not in said


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
