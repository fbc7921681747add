"""Two ways over the border: openvc-core verifies what the service issued, and the service what openvc-core signed."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openvc.keys import Ed25519SigningKey
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.errors import ProofError

from ler_issuer.badges import CONTEXTS
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import key_did, key_method, public_of
from world import NOON, found, publish, result

SEED = bytes(range(32))


@pytest.fixture
def contexts():
    closed = load_closed_world().contexts
    return {url: closed[url] for url in CONTEXTS}


def test_a_peer_verifies_what_we_issued(rt, service, contexts):
    tenant = found(rt, did_method="key")
    publish(rt, tenant, suspendable=True)
    receipt = service.post("/v1/results", json=result(), headers=tenant.auth).json()
    issued = service.get(f"/v1/credentials/{receipt['credential_id']}", headers=tenant.auth).json()["document"]
    [issued["proof"]] = issued["proof"]
    DataIntegrityProofSuite().verify(issued, extra_contexts=contexts, now=NOON + timedelta(hours=1))
    issued["credentialSubject"]["achievement"]["name"] = "Sorcery"
    with pytest.raises(ProofError):
        DataIntegrityProofSuite().verify(issued, extra_contexts=contexts, now=NOON + timedelta(hours=1))


def test_we_verify_what_a_peer_signed(service, contexts):
    public = public_of(SEED)
    unsigned = {
        "@context": list(CONTEXTS),
        "id": "urn:uuid:6f1d0a0e-6f7c-4b8e-8c38-6a0d6d2b7a11",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Teamwork",
        "issuer": {"id": key_did(public), "type": ["Profile"], "name": "Peer University"},
        "validFrom": "2026-05-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:learner",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://peer.example/teamwork",
                "type": ["Achievement"],
                "name": "Teamwork",
                "description": "Works in a team.",
                "criteria": {"narrative": "Was seen to."},
            },
        },
    }
    signed = DataIntegrityProofSuite().add_proof(
        unsigned,
        signing_key=Ed25519SigningKey(Ed25519PrivateKey.from_private_bytes(SEED), key_method(public)),
        verification_method=key_method(public),
        created=NOON - timedelta(days=1),
        extra_contexts=contexts,
    )
    report = service.post("/v1/verify", json={"credential": signed}).json()
    assert (report["verdict"], report["standing"], report["authentic"]) == ("review", "current", True)
    assert report["issuer"] == {"id": key_did(public), "claimed_name": "Peer University", "known": "no"}
    signed["name"] = "Sorcery"
    report = service.post("/v1/verify", json={"credential": signed}).json()
    assert (report["verdict"], report["authentic"]) == ("rejected", False)
    assert [check["code"] for check in report["checks"] if check["outcome"] == "fail"] == ["signature_wrong"]
