"""Signed documents from fixed seeds: the same keys, badges and lists in every test and vector."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from nacl.signing import SigningKey

from ler_issuer import vc
from ler_issuer.badges import mandatory_for
from ler_issuer.badges.conformance import Schemas
from ler_issuer.badges.verification import Rulebook
from ler_issuer.resources import load_closed_world
from ler_issuer.types import Json, JsonObject

NOW = datetime(2026, 11, 15, 12, 0, 0, tzinfo=UTC)
SIGNED = datetime(2026, 11, 1, 10, 0, 0, tzinfo=UTC)
LISTED = datetime(2026, 10, 1, 0, 0, 0, tzinfo=UTC)
LIST_URL = "https://cred.example.edu/status/1"
SUSPENSIONS_URL = "https://cred.example.edu/status/2"
INDEX = 94_567


@cache
def rules() -> Rulebook:
    """Give the rulebook that the service itself uses, built once."""
    world = load_closed_world()
    return Rulebook(vc.Contexts(world.contexts), Schemas.compile(world.schemas))


@dataclass(frozen=True)
class Key:
    """A key pair grown from a word; `controller` is the DID or URL that publishes it, by default its own did:key."""

    seed: str
    controller: str = ""
    kind: vc.KeyKind = "Ed25519"

    @property
    def public(self) -> vc.PublicKey:
        return vc.public_of(self._seed, self.kind)

    @property
    def subject(self) -> str:
        return self.controller or vc.key_did(self.public)

    @property
    def verification_method(self) -> str:
        return f"{self.subject}#{self.public.multibase}"

    @property
    def method(self) -> vc.Method:
        return vc.Method(self.verification_method, self.subject, self.public)

    @property
    def document(self) -> JsonObject:
        return vc.controller_document(self.subject, [self.method])

    @property
    def _seed(self) -> bytes:
        hashed = hashlib.sha384 if self.kind == "P-384" else hashlib.sha256
        return hashed(self.seed.encode()).digest()

    def sign(self, message: bytes) -> bytes:
        if self.kind == "Ed25519":
            return SigningKey(self._seed).sign(message).signature
        curve, hashed = (ec.SECP256R1(), SHA256()) if self.kind == "P-256" else (ec.SECP384R1(), SHA384())
        private = ec.derive_private_key(int.from_bytes(self._seed), curve)
        signature = private.sign(message, ec.ECDSA(hashed, deterministic_signing=True))
        size = len(self._seed)
        return b"".join(part.to_bytes(size) for part in utils.decode_dss_signature(signature))


UNIVERSITY = Key("university", "did:web:cred.example.edu:issuers:1")
STRANGER = Key("stranger", "did:web:stranger.example")
SELF_ISSUED = Key("self-issued")
PROFILE_URL = Key("profile url", "https://cred.example.edu/issuers/1")
P256 = Key("nist p-256", kind="P-256")
P384 = Key("nist p-384", kind="P-384")


def badge(issuer: str = UNIVERSITY.subject) -> JsonObject:
    """Give an unsigned badge with everything in it that judging reads."""
    place = "https://cred.example.edu/achievements/data-literacy-2"
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "urn:uuid:3f0f8e2c-5f0a-4c7e-9f64-6d8d2f1f7a10",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Data Literacy, level 2",
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Example University", "url": "https://cred.example.edu"},
        "validFrom": "2026-11-01T10:00:00Z",
        "awardedDate": "2026-10-30T00:00:00Z",
        "validUntil": "2029-11-01T10:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399",
                    "identityType": "emailAddress",
                    "salt": "Kosher",
                }
            ],
            "creditsEarned": 3.5,
            "achievement": {
                "id": place,
                "type": ["Achievement"],
                "achievementType": "Competency",
                "name": "Data Literacy",
                "description": "Reads, checks and explains data.",
                "criteria": {"narrative": "Shown in a proctored task."},
                "resultDescription": [
                    {
                        "id": f"{place}/rubric",
                        "type": ["ResultDescription"],
                        "name": "Assessment level",
                        "resultType": "RubricCriterionLevel",
                        "requiredLevel": f"{place}/rubric/2",
                        "rubricCriterionLevel": [
                            {"id": f"{place}/rubric/1", "type": ["RubricCriterionLevel"], "name": "Developing"},
                            {"id": f"{place}/rubric/2", "type": ["RubricCriterionLevel"], "name": "Proficient"},
                        ],
                    }
                ],
            },
            "result": [
                {"type": ["Result"], "resultDescription": f"{place}/rubric", "achievedLevel": f"{place}/rubric/2"}
            ],
        },
        "evidence": [{"id": "urn:uuid:5f1d9b8e-2a77-4a0e-8e65-0d1c2b3a4f55", "type": ["Evidence"], "name": "Task 7"}],
        "credentialStatus": vc.entry(LIST_URL, INDEX, "revocation"),
    }


def clr(members: Iterable[Json], issuer: str = UNIVERSITY.subject) -> JsonObject:
    """Give an unsigned learner record that bundles members as they are."""
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "urn:uuid:9d0c6a1e-3b3c-4a55-8a6e-5f0f4d0f6b11",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Learning record",
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Example University", "url": "https://cred.example.edu"},
        "validFrom": "2026-11-01T10:00:00Z",
        "credentialSubject": {
            "type": ["ClrSubject"],
            "identifier": badge()["credentialSubject"]["identifier"],
            "verifiableCredential": list(members),
        },
    }


def signed(document: JsonObject, key: Key, *, created: datetime = SIGNED, suite: str = "") -> JsonObject:
    """Sign a document the way the service does."""
    prepared = vc.prepare(
        document,
        cryptosuite=suite or _suite_for(key),
        verification_method=key.verification_method,
        created=created,
        contexts=rules().contexts,
        kind=key.kind,
    )
    return vc.seal(prepared, key)


def based(
    document: JsonObject,
    key: Key = P256,
    *,
    mandatory: Sequence[str] | None = None,
    contexts: vc.Contexts | None = None,
    word: str = "one credential",
) -> JsonObject:
    """Sign a document so that its holder can show parts of it; another `word` makes another proof of the same.

    What every badge has to show is mandatory, unless it is said what is.
    """
    prepared = vc.prepare_base(
        document,
        mandatory=mandatory_for(document, ()) if mandatory is None else mandatory,
        verification_method=key.verification_method,
        created=SIGNED,
        contexts=contexts or rules().contexts,
        once=Key(f"made for {word}", kind="P-256"),
        secret=bytes(range(32)) if word == "one credential" else hashlib.sha256(word.encode()).digest(),
    )
    return vc.seal_base(prepared, key)


def proof(document: JsonObject, key: Key, *, upon: Iterable[JsonObject] = (), **options: Json) -> JsonObject:
    """Make a proof with options that `vc.prepare` would never write; the signature over them is right.

    It covers the proofs `upon` which it builds too, whatever its `previousProof` says. An option of None is left out.
    """
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": _suite_for(key),
        "created": vc.stamp(SIGNED),
        "verificationMethod": key.verification_method,
        "proofPurpose": "assertionMethod",
    } | options
    config = {name: value for name, value in config.items() if value is not None}
    suite = vc.suite_of(config) or vc.SUITES["eddsa-rdfc-2022"]
    covered = vc.without_proof(document) | ({"proof": [*upon]} if upon else {})
    digest = suite.digest(covered, config, rules().contexts, kind=key.kind)
    return {**config, "proofValue": suite.encode(key.sign(digest))}


def _suite_for(key: Key) -> str:
    return "eddsa-rdfc-2022" if key.kind == "Ed25519" else "ecdsa-rdfc-2019"


def status_list(
    raised: Iterable[int] = (),
    key: Key = UNIVERSITY,
    *,
    url: str = LIST_URL,
    purpose: str = "revocation",
    change: Callable[[JsonObject], object] = lambda _: None,
) -> JsonObject:
    """Give a signed status list; `change` alters it before it is signed."""
    document = vc.list_credential(
        list_url=url, issuer=key.subject, purpose=purpose, encoded=vc.encode(raised), valid_from=LISTED
    )
    change(document)
    return signed(document, key)


@dataclass
class Case:
    """A document, what was gathered for it, and the moment of judging; tests change what they are about."""

    document: Json
    material: dict[str, vc.Found | vc.Hole] = field(default_factory=dict)
    now: datetime = NOW
    known: vc.Known = vc.Known.HERE

    def hole(self, name: str, code: vc.Gap) -> None:
        self.material[name] = vc.Hole(code)

    def wait(self, time: timedelta) -> None:
        self.now += time


def case(key: Key = UNIVERSITY, change: Callable[[JsonObject], object] = lambda _: None) -> Case:
    """Give a badge of a known issuer that stands in every respect, changed by `change` before it is signed."""
    document = copy.deepcopy(_badge_of(key.subject))
    change(document)
    return Case(
        signed(document, key),
        {key.subject: vc.Found(key.document), LIST_URL: vc.Found(copy.deepcopy(_list_of(key)))},
    )


@cache
def _badge_of(issuer: str) -> JsonObject:
    return badge(issuer)


@cache
def _list_of(key: Key) -> JsonObject:
    return status_list(key=key)
