"""Attesting: reports signed with a key of the service, so that they can be checked later without asking it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ler_issuer import jsontext
from ler_issuer.store import service_keys
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.service_keys import ServiceKey
from ler_issuer.vc import PublicKey, sign_statement

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.types import JsonObject, Url
    from ler_issuer.vc import Finding, Member, Report, Signer

_PURPOSE: Final = "report"
KEYS_PATH: Final = "/v1/verify/keys"
"""Where the keys are published, below the service's address."""


def attest(rt: Runtime, report: Report, received: JsonObject) -> str:
    """Sign a report; `received` says what was judged: its form, and the digest of what came in.

    The statement tells how every check came out, by code and place; it repeats neither the credential nor anything
    that a check said about its content.
    """
    return sign_statement(_claims(rt, report, received), _signer(rt, report.at or rt.now()))


def published_keys(rt: Runtime) -> JsonObject:
    """Give the keys that reports were ever signed with, as a JWK set (RFC 7517)."""
    with rt.db.read() as db:
        known = service_keys.everyone(db, _PURPOSE)
    return {"keys": [_jwk(rt, PublicKey.from_multibase(key.public_multibase)) for key in known]}


@again_if_entangled
def rotate(rt: Runtime) -> None:
    """Sign reports with a new key from now on; the old one stays published, so that what it signed can be checked."""
    now = rt.now()
    with rt.db.begin() as db:
        service_keys.retire(db, _PURPOSE, now)
    _made(rt, now)


def _jwk(rt: Runtime, public: PublicKey) -> JsonObject:
    return {**public.jwk(), "kid": _kid(rt, public), "alg": "EdDSA", "use": "sig"}


def _kid(rt: Runtime, public: PublicKey) -> Url:
    return f"{rt.base_url}{KEYS_PATH}#{public.thumbprint}"


def _signer(rt: Runtime, at: datetime) -> Signer:
    with rt.db.read() as db:
        key = service_keys.in_use(db, _PURPOSE)
    found = _made(rt, at) if key is None else key
    public = PublicKey.from_multibase(found.public_multibase)
    return rt.keys.signer(found.sealed, found.id, _kid(rt, public))


@again_if_entangled
def _made(rt: Runtime, at: datetime) -> ServiceKey:
    """Make the key, unless another process was faster."""
    key_id = rt.new_id()
    made = rt.keys.create(key_id)
    with rt.db.begin() as db:
        key = ServiceKey(key_id, _PURPOSE, made.public.kind, made.public.multibase, made.sealed, at, None)
        if service_keys.add_new(db, key):
            return key
        found = service_keys.in_use(db, _PURPOSE)
    assert found is not None  # noqa: S101 - it is what stood in the way
    return found


def _claims(rt: Runtime, report: Report, received: JsonObject) -> JsonObject:
    about = dict(report.about)
    claims: JsonObject = {
        "iss": rt.base_url,
        "jti": f"urn:uuid:{rt.new_id()}",
        "iat": int((report.at or rt.now()).timestamp()),
        "policy": {**report.policy.to_json(), "sha256": jsontext.digest(report.policy.whole())},
        "issuer": {"id": report.issuer_id, "known": report.known},
        **_outcome(report),
        "checks": [_check(found) for found in report.checks],
    }
    claims.update({name: about[name] for name in ("as_of", "subject_binding") if name in about})
    claims["input"] = {name: received[name] for name in ("form", "sha256") if name in received}
    refreshed = about.get("refreshed")
    if isinstance(refreshed, dict):  # the verdict is about the newer copy, not about what came in
        claims["refreshed"] = {"sha256": jsontext.digest(refreshed["credential"])}
    for name, along in (("members", report.members), ("endorsements", report.endorsements), ("parts", report.parts)):
        if along:
            claims[name] = [_companion(one) for one in along]
    return claims


def _outcome(report: Report) -> JsonObject:
    return {"verdict": report.verdict, "standing": report.standing, "authentic": report.authentic}


def _companion(one: Member) -> JsonObject:
    return {"pointer": one.pointer, **_outcome(one.report)}


def _check(found: Finding) -> JsonObject:
    body: JsonObject = {"id": found.id, "outcome": found.outcome, "code": found.code}
    return body | {"pointer": found.pointer} if found.pointer else body
