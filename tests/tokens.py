"""Signed tokens for tests, put together by hand so that they can be wrong in any way."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any

from ler_issuer.net.private_keys import PrivateKey, generate, opened

KINDS = {"EdDSA": "Ed25519", "ES256": "P-256", "ES384": "P-384", "RS256": "RSA"}
_SEEDS = {"Ed25519": 32, "P-256": 32, "P-384": 48}


def key(alg: str, name: str = "university") -> PrivateKey:
    """Give a key for an algorithm: grown from a word, except that RSA keys are made anew, once."""
    return _key(alg, name)


@cache
def _key(alg: str, name: str) -> PrivateKey:
    kind = KINDS[alg]
    if kind == "RSA":
        return generate(kind, secrets.token_bytes)
    return opened(kind, hashlib.sha512(name.encode()).digest()[: _SEEDS[kind]])


def jwk(alg: str, name: str = "university", **members: Any) -> dict[str, Any]:
    return key(alg, name).public.jwk() | {"alg": alg} | members


def encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(header: Mapping[str, Any], payload: Any, signing: PrivateKey | None = None) -> str:
    """Sign a payload under a header, by the key for its `alg` unless another is given."""
    signed = f"{encoded(dict(header))}.{encoded(payload)}"
    signature = (signing or key(header["alg"])).sign(signed.encode())
    return f"{signed}.{encoded(signature)}"
