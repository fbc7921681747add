"""Documents and a signer for tests: small, made up, of the shapes that the service issues and judges."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from nacl.signing import SigningKey

from ler_issuer.types import JsonObject
from ler_issuer.vc.keys import PublicKey, public_of

VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
SITE = "https://cred.example.edu"


@dataclass(frozen=True)
class SeedSigner:
    """Signs with the key that grows from a seed, as a did:key."""

    seed: bytes = bytes(range(32))

    @property
    def public(self) -> PublicKey:
        return public_of(self.seed)

    @property
    def did(self) -> str:
        return f"did:key:{self.public.multibase}"

    @property
    def verification_method(self) -> str:
        return f"{self.did}#{self.public.multibase}"

    def sign(self, message: bytes) -> bytes:
        return SigningKey(self.seed).sign(message).signature


def badge(**members: object) -> JsonObject:
    """An Open Badge with a rubric, two results, evidence and a status entry."""
    rubric = f"{SITE}/achievements/data-literacy/rubric"
    document = {
        "@context": [VC, OB],
        "id": "urn:uuid:6a0cbd6a-4f0c-4f9a-9a0e-0d6f3c1d2b11",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Data literacy, level 2",
        "issuer": {"id": f"{SITE}/issuers/1", "type": ["Profile"], "name": "Université d'Exemple 🎓", "url": SITE},
        "validFrom": "2026-11-01T10:00:00Z",
        "validUntil": "2029-11-01T10:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "creditsEarned": 3.5,
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399",
                    "identityType": "emailAddress",
                    "salt": "1f0c9a7b",
                }
            ],
            "achievement": {
                "id": f"{SITE}/achievements/data-literacy",
                "type": ["Achievement"],
                "name": "Data literacy",
                "description": "Reads, questions and presents data.",
                "criteria": {"narrative": 'Says "why",\n\tnot only\\just what.'},
                "tag": ["data", "literacy"],
                "alignment": [
                    {"type": ["Alignment"], "targetName": "Data", "targetUrl": "https://case.example/9"},
                    {"type": ["Alignment"], "targetName": "Argument", "targetUrl": "https://case.example/10"},
                ],
                "resultDescription": [
                    {
                        "id": rubric,
                        "type": ["ResultDescription"],
                        "name": "Level",
                        "resultType": "RubricCriterionLevel",
                        "allowedValue": ["Developing", "Proficient"],
                        "rubricCriterionLevel": [
                            {"id": f"{rubric}/1", "type": ["RubricCriterionLevel"], "name": "Developing"},
                            {"id": f"{rubric}/2", "type": ["RubricCriterionLevel"], "name": "Proficient"},
                        ],
                    }
                ],
            },
            "result": [
                {"type": ["Result"], "resultDescription": rubric, "achievedLevel": f"{rubric}/2"},
                {"type": ["Result"], "resultDescription": rubric, "value": "83", "status": "Completed"},
            ],
        },
        "evidence": [{"id": f"{SITE}/evidence/551", "type": ["Evidence"], "name": "Proctored assessment"}],
        "credentialStatus": {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "94567",
            "statusListCredential": f"{SITE}/status/1",
        },
    }
    return {**document, **members}


def status_list() -> JsonObject:
    return {
        "@context": [VC],
        "id": f"{SITE}/status/1",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": f"{SITE}/issuers/1",
        "validFrom": "2026-11-01T10:00:00Z",
        "credentialSubject": {
            "id": f"{SITE}/status/1#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA",
        },
    }


def proof() -> JsonObject:
    signer = SeedSigner()
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-11-01T10:00:00Z",
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
        "proofValue": "z" + "2" * 88,
    }


def clr(*members: JsonObject) -> JsonObject:
    """A transcript that holds whole credentials, each with contexts and a proof of its own."""
    held = members or (badge(proof=[proof()]), badge(id="urn:uuid:6a0cbd6a-4f0c-4f9a-9a0e-0d6f3c1d2b12"))
    return {
        "@context": [VC, CLR, OB],
        "id": "urn:uuid:6a0cbd6a-4f0c-4f9a-9a0e-0d6f3c1d2b13",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Learner record",
        "issuer": {"id": f"{SITE}/issuers/1", "type": ["Profile"], "name": "Example University"},
        "validFrom": "2026-11-02T10:00:00Z",
        "credentialSubject": {"type": ["ClrSubject"], "verifiableCredential": copy.deepcopy(list(held))},
    }


def presentation(*members: JsonObject) -> JsonObject:
    """A presentation, whose credentials each become a graph of their own."""
    return {
        "@context": [VC],
        "type": ["VerifiablePresentation"],
        "holder": SeedSigner().did,
        "verifiableCredential": copy.deepcopy(list(members or (badge(), status_list()))),
    }
