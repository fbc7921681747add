"""Envelopes of every kind, put together by hand with the keys of `signing`, so that they can be wrong in any way."""

from __future__ import annotations

import base64
import json
from typing import Any

import cbor2

from ler_issuer import vc
from methods import V2, digest, disclosure
from signing import NOW, Key, rules
from tokens import encoded

ALGORITHMS = {"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384"}
LABELS = {"Ed25519": -8, "P-256": -7, "P-384": -35}


def compact(key: Key, payload: Any, **header: Any) -> str:
    """Give a token that names its key; a member of the header that is `...` is left out."""
    told = {"alg": ALGORITHMS[key.kind], "kid": key.verification_method} | header
    signed = f"{encoded({name: value for name, value in told.items() if value is not ...})}.{encoded(payload)}"
    return f"{signed}.{encoded(key.sign(signed.encode()))}"


def sd_jwt(key: Key, payload: Any, *disclosures: str, typ: str = "vc+sd-jwt") -> str:
    return "~".join((compact(key, payload, typ=typ), *disclosures, ""))


def concealing(document: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    """Give a payload in which one member is but a digest, and the disclosure of that member."""
    shown = disclosure(name, document[name])
    payload = {member: value for member, value in document.items() if member != name}
    return payload | {"_sd": [digest(shown)]}, shown


def cose(key: Key, payload: Any, subject: str = "vc") -> str:
    typ = f"application/{subject}+cose"
    kid = key.verification_method.encode()
    protected = cbor2.dumps({1: LABELS[key.kind], 3: f"application/{subject}", 4: kid, 16: typ})
    content = json.dumps(payload).encode()
    signature = key.sign(cbor2.dumps(["Signature1", protected, b"", content]))
    return base64.b64encode(cbor2.dumps(cbor2.CBORTag(18, [protected, {}, content, signature]))).decode()


def plain(key, **changes):
    """Give a credential that says as little as the model allows."""
    document = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": key.subject,
        "credentialSubject": {"name": "Alice"},
    }
    return document | changes


def issued(key, document, form="vc+jwt"):
    alg = ALGORITHMS[key.kind]
    prepared = vc.prepare_token(document, form=form, alg=alg, kid=key.verification_method, contexts=rules().contexts)
    return vc.seal_envelope(prepared, key)


def amiss(findings):
    return {(one.id.value, one.outcome.value, one.code) for one in findings if one.outcome is not vc.Outcome.PASS}


def checked(one, keys=None):
    return (*vc.check_payload(one.document, rules().contexts), *vc.check_envelope(one, keys or {}, NOW))


SHOWN, HIDDEN = disclosure("name", "Alice"), disclosure("description", "withheld")
CONCEALED = {"credentialSubject": {"_sd": [digest(SHOWN), digest(HIDDEN)]}}
HELD = {
    "vc+jwt": lambda key: issued(key, plain(key)),
    "vc+sd-jwt": lambda key: sd_jwt(key, plain(key, **CONCEALED), SHOWN, HIDDEN),
    "vc+cose": lambda key: cose(key, plain(key)),
}
