"""The task that everybody is given: one credential, one key, one moment, and all contexts at hand."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from nacl.signing import SigningKey

from ler_issuer import vc
from ler_issuer.resources import load_closed_world
from ler_issuer.types import Json, JsonObject, Url

HERE = Path(__file__).parent
CREATED = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 15, 12, 0, 0, tzinfo=UTC)
ISSUER = "did:web:example.edu"
SEED = bytes(range(32))
CRYPTOSUITE = "eddsa-rdfc-2022"


@dataclass(frozen=True)
class SigningPair:
    """The issuer's key, open and at hand, as every service has it that signs more than once."""

    verification_method: str
    public: vc.PublicKey
    secret: SigningKey

    def sign(self, message: bytes) -> bytes:
        """Give the raw signature of a message."""
        return self.secret.sign(message).signature


@cache
def document() -> JsonObject:
    """Give the credential that everybody signs."""
    told: JsonObject = json.loads((HERE / "document.json").read_text(encoding="utf-8"))
    return told


@cache
def pair() -> SigningPair:
    """Give the key that everybody signs with."""
    public = vc.public_of(SEED)
    return SigningPair(f"{ISSUER}#{public.multibase}", public, SigningKey(SEED))


@cache
def controller() -> JsonObject:
    """Give the DID document of the issuer."""
    return vc.controller_document(ISSUER, [vc.Method(pair().verification_method, ISSUER, pair().public)])


@cache
def contexts() -> Mapping[Url, JsonObject]:
    """Give all contexts that there are, parsed."""
    return load_closed_world().contexts


def options() -> JsonObject:
    """Give the options of the proof that everybody makes."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": vc.stamp(CREATED),
        "verificationMethod": pair().verification_method,
        "proofPurpose": "assertionMethod",
    }


def others(count: int) -> list[JsonObject]:
    """Give credentials of the same shape, none of which has a thing, a learner or a word in common with another."""
    return [_of_another(document(), f"{number:06}") for number in range(count)]


_FIXED = ("https://purl.imsglobal.org/", "https://www.w3.org/")
_WORDS = frozenset({"@context", "type", "achievementType", "resultType", "identityType", "statusPurpose", "targetType"})


def _of_another(value: Json, mark: str, name: str = "") -> Json:
    """Mark every text that is free to be another one."""
    if name in _WORDS:
        return copy.deepcopy(value)
    if isinstance(value, dict):
        return {key: _of_another(item, mark, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_of_another(item, mark, name) for item in value]
    if not isinstance(value, str) or value.startswith((*_FIXED, ISSUER)) or value[:4].isdecimal():
        return value
    return f"{value}{mark}"


def unpadded(octets: bytes) -> str:
    """Write bytes as base64url without padding, as tokens and JWKs do."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def public_x() -> str:
    """Give the public key as the `x` of a JWK."""
    return unpadded(bytes(pair().secret.verify_key))
