"""Entities of an OpenID Federation to test with: they sign whatever they are told to."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ler_issuer.vc import Anchor, PublicKey
from world import NOON

HOUR = 3600
CURVES = {"ES256": (ec.SECP256R1(), SHA256(), 32), "ES384": (ec.SECP384R1(), SHA384(), 48)}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Entity:
    """An entity with one key, whose `kid` is `k1`."""

    id: str
    alg: str = "EdDSA"
    kid: str = "k1"
    private: Any = field(default=None, repr=False)

    def __post_init__(self):
        if self.private is None:
            self.private = (
                Ed25519PrivateKey.generate()
                if self.alg == "EdDSA"
                else rsa.generate_private_key(65537, 2048)
                if self.alg == "RS256"
                else ec.generate_private_key(CURVES[self.alg][0])
            )

    @property
    def jwks(self):
        return {"keys": [{**self.public.jwk(), "kid": self.kid}]}

    @property
    def public(self):
        key = self.private.public_key()
        if self.alg == "EdDSA":
            return PublicKey("Ed25519", key.public_bytes(Encoding.Raw, PublicFormat.Raw))
        if self.alg == "RS256":
            return PublicKey("RSA", key.public_bytes(Encoding.DER, PublicFormat.PKCS1))
        return PublicKey(
            f"P-{self.alg.replace('ES', '')}", key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        )

    @property
    def anchor(self):
        return Anchor(self.id, self.jwks)

    def sign(self, payload, **header):
        head = {"alg": self.alg, "typ": "entity-statement+jwt", "kid": self.kid} | header
        head = {name: value for name, value in head.items() if value is not None}
        signed = ".".join(b64(json.dumps(part).encode()) for part in (head, payload))
        return f"{signed}.{b64(self._signature(signed.encode()))}"

    def _signature(self, message):
        if self.alg == "EdDSA":
            return self.private.sign(message)
        if self.alg == "RS256":
            return self.private.sign(message, padding.PKCS1v15(), SHA256())
        _, digest, size = CURVES[self.alg]
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(digest)))
        return r.to_bytes(size) + s.to_bytes(size)

    def configuration(self, *superiors, header=None, **claims):
        """Sign what the entity says of itself."""
        entity = {"federation_fetch_endpoint": f"{self.id}/fetch", "organization_name": f"Entity {self.id}"}
        own = {"jwks": self.jwks, "metadata": {"federation_entity": entity}}
        if superiors:
            own["authority_hints"] = [one.id for one in superiors]
        return self.sign(dated(self.id, self.id) | own | claims, **(header or {}))

    def about(self, below, header=None, **claims):
        """Sign a statement about another entity, or about a DID, of which no keys are stated."""
        stated = {"jwks": below.jwks} if isinstance(below, Entity) else {}
        sub = below.id if isinstance(below, Entity) else below
        payload = dated(self.id, sub) | stated | claims
        return self.sign({name: value for name, value in payload.items() if value is not None}, **(header or {}))


def dated(iss, sub):
    now = int(NOON.timestamp())
    return {"iss": iss, "sub": sub, "iat": now - HOUR, "exp": now + HOUR}


def organisation(name="Ada College", **more):
    return {"federation_entity": {"organization_name": name, "homepage_uri": "https://ada.example"} | more}
