"""Verification methods with keys that grow from a word, and what is secured with them, put together by hand."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from ler_issuer.net.private_keys import opened
from ler_issuer.vc.jose_keys import MethodKey, method_key
from tokens import encoded

V2 = "https://www.w3.org/ns/credentials/v2"
ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA"}
COSE = {"ES256": -7, "EdDSA": -8, "ES384": -35, "ES512": -36}


@cache
def _jwk(kind: str, word: str) -> tuple[dict[str, Any], str]:
    seed = hashlib.sha512(word.encode()).digest()
    if kind == "P-521":
        numbers = ec.derive_private_key(int.from_bytes(seed), ec.SECP521R1()).public_key().public_numbers()
        x, y = (encoded(number.to_bytes(66)) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": kind, "x": x, "y": y}, encoded(bytes(2) + seed)
    size = 48 if kind == "P-384" else 32
    return opened(kind, seed[:size]).public.jwk(), encoded(seed[:size])


def method(kind: str, word: str = "university") -> dict[str, Any]:
    """Give a verification method as the public suite writes it, with both halves of its key."""
    public, secret = _jwk(kind, word)
    members = {"alg": ALGORITHMS[kind], "kid": f"{kind} of {word}", **public}
    return {
        "id": "https://example.issuer/vc-jose-cose#key-1",
        "type": "JsonWebKey",
        "controller": "https://example.issuer/vc-jose-cose",
        "publicKeyJwk": members,
        "secretKeyJwk": members | {"d": secret},
    }


def key(kind: str, word: str = "university") -> MethodKey:
    return method_key(method(kind, word))


def credential(**changes: Any) -> dict[str, Any]:
    document = {
        "@context": [V2],
        "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "issuer": "https://example.issuer/vc-jose-cose",
        "credentialSubject": {"id": "did:example:123", "alumniOf": "The School of Examples"},
    }
    return {name: value for name, value in (document | changes).items() if value is not ...}


def presentation(*ids: str, **changes: Any) -> dict[str, Any]:
    shown = ids or ("data:application/vc+jwt,eyJhbGciOiJFUzI1NiJ9.e30.c2ln",)
    document = {
        "@context": [V2],
        "type": "VerifiablePresentation",
        "holder": "https://example.issuer/vc-jose-cose",
        "verifiableCredential": [
            {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": named} for named in shown
        ],
    }
    return {name: value for name, value in (document | changes).items() if value is not ...}


def jws(kind: str, payload: Any, *, word: str = "university", **header: Any) -> str:
    signed = f"{encoded({'alg': ALGORITHMS[kind]} | header)}.{encoded(payload)}"
    return f"{signed}.{encoded(key(kind, word).sign(signed.encode()))}"


def disclosure(*parts: Any) -> str:
    return encoded(["c2FsdHNhbHRzYWx0c2FsdA", *parts])


def digest(text: str) -> str:
    return encoded(hashlib.sha256(text.encode()).digest())


def sd_jwt(kind: str, payload: Any, *disclosures: str, typ: str = "vc+sd-jwt", **header: Any) -> str:
    return "~".join((jws(kind, payload, typ=typ, **header), *disclosures, ""))


def sign1(kind: str, payload: Any, *, subject: str = "vc", word: str = "university", **labels: Any) -> bytes:
    """Give a COSE_Sign1; `labels` are those of the protected header by name, `...` to leave one out."""
    header = {
        "alg": COSE[ALGORITHMS[kind]],
        "content": f"application/{subject}",
        "kid": b"key-1",
        "typ": f"application/{subject}+cose",
    } | labels
    numbers = {"alg": 1, "crit": 2, "content": 3, "kid": 4, "claims": 15, "typ": 16, "x5t": 34}
    protected = cbor2.dumps({numbers[name]: value for name, value in header.items() if value is not ...})
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signature = key(kind, word).sign(cbor2.dumps(["Signature1", protected, b"", content]))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, content, signature]))


def cose(kind: str, payload: Any, **labels: Any) -> str:
    return base64.b64encode(sign1(kind, payload, **labels)).rstrip(b"=").decode()
