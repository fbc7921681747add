"""Over the border with stacks: libraries of others verify the stacked badges and the learner records of the service.

openvc-core verifies stacked badges. It takes no record that bundles whole credentials: it asks of a document to be the
compacted form of its own expansion, and compaction drops the contexts of members. openbadgeslib verifies both.
"""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from openbadgeslib.ob3.clr import bundled_clr_contexts
from openbadgeslib.ob3.did import resolve_verification_method
from openbadgeslib.ob3.ldp import OB3LdpVerifier, verify_data_integrity_proof
from openbadgeslib.ob3.verifier import OB3VerificationError
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.errors import ProofError

from ler_issuer.badges import CONTEXTS, derivation_of
from ler_issuer.resources import load_closed_world
from stacks import all_of, competency, earn, holding, rule, skill
from world import NOON, found


@pytest.fixture
def tenant(rt):
    """A school whose keys others resolve offline, and where writing and speaking add up to communication."""
    made = found(rt, did_method="key")
    for key in ("writing", "speaking"):
        skill(rt, made, key)
    competency(rt, made, "communication")
    rule(rt, made, "communication", all_of(holding("writing"), holding("speaking")))
    return made


@pytest.fixture
def learner(rt, tenant, service):
    """A learner who has earned both parts, and with the second one the stack."""
    earn(rt, tenant, "writing")
    part = earn(rt, tenant, "speaking").credential_id
    return service.get(f"/v1/credentials/{part}", headers=tenant.auth).json()["learner_id"]


@pytest.fixture
def record(service, tenant, learner):
    """The learner's record, as the service gives it out."""
    answer = service.post(f"/v1/learners/{learner}/record", headers=tenant.auth)
    assert answer.status_code == 201
    return answer.json()


@pytest.fixture
def members(record):
    """The credentials that the record bundles, by name."""
    return {one["name"]: one for one in record["credentialSubject"]["verifiableCredential"]}


def by_openvc(document):
    """Let openvc-core verify a badge with the contexts that it does not bring along."""
    closed = load_closed_world().contexts
    single = {**document, "proof": document["proof"][0]}
    contexts = {url: closed[url] for url in CONTEXTS}
    return DataIntegrityProofSuite().verify(single, extra_contexts=contexts, now=NOON + timedelta(hours=1))


def by_openbadgeslib(document):
    """Let openbadgeslib verify a proof with its own contexts, under the key that the proof's own DID holds."""
    key = resolve_verification_method(document["proof"][0]["verificationMethod"])
    verify_data_integrity_proof(document, key, extra_contexts=bundled_clr_contexts())


def test_peers_verify_a_stacked_badge(members):
    stacked = members["Communication"]
    assert {part.name for part in derivation_of(stacked).parts} == {"Writing", "Speaking"}
    assert by_openvc(stacked).issuer == stacked["issuer"]["id"]
    assert OB3LdpVerifier().verify(stacked).id == stacked["id"]


@pytest.mark.parametrize(
    ("member", "place", "name"),
    [("relatedResource", 0, "digestMultibase"), ("relatedResource", 1, "id"), ("evidence", 1, "name")],
)
def test_peers_refuse_a_derivation_that_was_altered(members, member, place, name):
    forged = copy.deepcopy(members["Communication"])
    forged[member][place][name] = forged[member][2][name] + "1"
    with pytest.raises(ProofError):
        by_openvc(forged)
    with pytest.raises(OB3VerificationError):
        by_openbadgeslib(forged)


def test_a_peer_verifies_a_record_and_each_of_its_members(record, members):
    assert {one["associationType"] for one in record["credentialSubject"]["association"]} == {"isPartOf"}
    assert members.keys() == {"Writing", "Speaking", "Communication"}
    for document in (record, *members.values()):
        by_openbadgeslib(document)


def test_a_peer_refuses_a_record_that_was_altered(record):
    for change in ({"name": "Doctor of Everything"}, {"partial": True}, {"validFrom": "2020-01-01T00:00:00Z"}):
        with pytest.raises(OB3VerificationError):
            by_openbadgeslib(record | change)
    fewer = copy.deepcopy(record)
    fewer["credentialSubject"]["association"].pop()
    with pytest.raises(OB3VerificationError):
        by_openbadgeslib(fewer)
