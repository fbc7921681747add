"""A peer of the VC-API: signs what a test suite would send, rightly or wrongly, with keys of its own.

The proofs are put together here from the text of VC Data Integrity and vc-di-eddsa, not by the code under test; only
the canonical form is ours, which has tests of its own. So a proof can be wrong in just one way.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass
from enum import Enum
from functools import cache

import base58
import httpx
import rfc8785
from nacl.signing import SigningKey

from ler_issuer.resources import load_closed_world
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import Contexts, canonize, key_did, public_of

V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"


class Gone(Enum):
    """Stands for a member that is left out."""

    GONE = "gone"


GONE = Gone.GONE


@cache
def contexts() -> Contexts:
    """Give the contexts of an interoperability run."""
    return Contexts(load_closed_world(conformance=True).contexts, inline=True, undirected=True)


def refusal(answer: httpx.Response) -> set[str]:
    """Give the codes of an answer that says no as the VC-API does."""
    assert answer.status_code == 400, answer.text
    errors = answer.json()["errors"]
    assert errors
    assert all(":" in one["type"] and one["detail"] for one in errors)
    return {one["code"] for one in errors}


def changed(document: JsonObject, changes: JsonObject) -> JsonObject:
    """Give a copy with members replaced, or left out where they are `GONE`."""
    return {name: value for name, value in {**copy.deepcopy(document), **changes}.items() if value is not GONE}


def credential(issuer: Json, /, **changes: Json) -> JsonObject:
    """Give the least that can be issued."""
    least = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": {"id": "did:example:subject"},
    }
    return changed(least, changes)


def alumni(issuer: Json, /, **changes: Json) -> JsonObject:
    """Give a credential with a claim, by terms that it brings along."""
    words = {"AlumniCredential": "https://www.example.org/Alumni", "alumniOf": "https://www.example.org/alumniOf"}
    claim = {
        "@context": [V2, {"@context": words}],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "name": "Alumni Credential",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    }
    return credential(issuer, **(claim | changes))


def older(issuer: Json, /, **changes: Json) -> JsonObject:
    """Give a credential of VCDM 1.1 such as the data integrity suites issue and verify."""
    words = {"AlumniCredential": "https://www.example.org/Alumni", "alumniOf": "https://www.example.org/alumniOf"}
    claim = {
        "@context": [V1, DATA_INTEGRITY, words],
        "id": "urn:uuid:86294362-4254-4f36-854f-3952fe42555d",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": issuer,
        "issuanceDate": "2020-03-16T22:37:26.544Z",
        "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    }
    return changed(claim, changes)


@dataclass(frozen=True)
class Wrong:
    """The ways in which a signature departs from its suite."""

    digest: str = "sha256"
    canonical: str | None = None


RIGHT = Wrong()


@dataclass(frozen=True)
class Peer:
    """Somebody with an Ed25519 key, known as a did:key."""

    seed: bytes

    @property
    def did(self) -> str:
        return key_did(public_of(self.seed))

    @property
    def method(self) -> str:
        return f"{self.did}#{self.did.removeprefix('did:key:')}"

    def proof(self, **changes: Json) -> JsonObject:
        """Give the options of a proof, without a value yet."""
        options = {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "created": "2026-05-31T23:36:38Z",
            "verificationMethod": self.method,
            "proofPurpose": "assertionMethod",
        }
        return changed(options, changes)

    def valued(self, document: JsonObject, proof: JsonObject, wrong: Wrong = RIGHT) -> JsonObject:
        """Give a proof its value: the signature over the hashes of its options and of the document."""
        options = {"@context": document["@context"], **proof}
        jcs = wrong.canonical == "jcs" or (wrong.canonical is None and "jcs" in str(proof.get("cryptosuite")))
        message = b"".join(
            hashlib.new(
                wrong.digest, rfc8785.dumps(part) if jcs else canonize(part, contexts()).nquads.encode()
            ).digest()
            for part in (options, document)
        )
        value = "z" + base58.b58encode(SigningKey(self.seed).sign(message).signature).decode()
        kept = options if "jcs" in str(proof.get("cryptosuite")) else proof
        return {**kept, "proofValue": value}

    def signed(self, document: JsonObject, wrong: Wrong = RIGHT, **changes: Json) -> JsonObject:
        """Give a document with one proof."""
        return {**document, "proof": self.valued(document, self.proof(**changes), wrong)}

    def presented(self, *credentials: Json, challenge: str, domain: str, **changes: Json) -> JsonObject:
        """Give a signed presentation of credentials."""
        presentation = {"@context": [V2], "type": ["VerifiablePresentation"]}
        if credentials:
            presentation["verifiableCredential"] = list(credentials)
        presentation = changed(presentation, changes)
        return self.signed(presentation, proofPurpose="authentication", challenge=challenge, domain=domain)


ALICE = Peer(bytes(range(32)))
BOB = Peer(bytes(range(32, 64)))


def chain(document: JsonObject, previous: Json = "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544") -> JsonObject:
    """Sign a document by BOB, and that signature by ALICE: a proof that names the one before it."""
    first = BOB.valued(document, BOB.proof(id="urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"))
    second = ALICE.valued({**document, "proof": first}, ALICE.proof(previousProof=previous))
    return {**document, "proof": [first, second]}
