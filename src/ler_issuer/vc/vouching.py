"""Whose key is it: what an issuer publishes, and where, that vouches for a key which a token names.

An issuer with a DID vouches for what its DID document allows to sign credentials; one whose id is a web address, for a
key that lies on the same host; and both for the list of keys at `/.well-known/jwks.json` of that host. A member `iss`
of a key can only take away: it says that the key is not for other issuers of the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ler_issuer.vc.dids import BadDid, resolve_method, web_url
from ler_issuer.vc.documents import as_list
from ler_issuer.vc.findings import Outcome
from ler_issuer.vc.keys import BadKey, PublicKey
from ler_issuer.vc.material import Found, Hole, Material, look_up
from ler_issuer.vc.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ler_issuer.types import Did, Json, JsonObject, Url

JWKS_PATH: Final = "/.well-known/jwks.json"
"""Where an issuer's host lists its keys (Open Badges 3.0 §8.2.4)."""

MOST_KEYS: Final = 200
"""Keys of one list or document that are looked at; reading one costs something."""

_PORTS: Final = {"https": 443, "http": 80}
_WITHDRAWN: Final = frozenset({"revoked", "expires"})


@dataclass(frozen=True, slots=True)
class Vouched:
    """What is known of whose key it is: an outcome and code for `proof.controller`, and what that rests on."""

    outcome: Outcome
    code: str
    detail: str = ""


def origin(url: Url) -> tuple[str, str, int] | None:
    """Give scheme, host and port of a web address, or None when it is none or names a user."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or not url.isprintable():
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]


def jwks_url(issuer: Did | Url) -> Url | None:
    """Give the address at which the host of an issuer lists its keys; None when the issuer's id names no host."""
    if issuer.startswith("did:"):
        try:
            issuer = web_url(issuer)
        except BadDid:
            return None
    place = origin(issuer)
    if place is None:
        return None
    scheme, host, port = place
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}{'' if port == _PORTS[scheme] else f':{port}'}{JWKS_PATH}"


def vouchers(issuer: Did | Url | None) -> tuple[Did | Url, ...]:
    """Name what an issuer publishes that could vouch for a key."""
    if issuer is None:
        return ()
    listed = jwks_url(issuer)
    own = (issuer,) if issuer.startswith("did:web:") else ()
    return own if listed is None else (*own, listed)


def vouch(
    issuer: Did | Url, jwk: JsonObject, key: PublicKey, keys: Material, *, kept_at: Url | None, at: datetime
) -> Vouched:
    """Say whether a key, read from `jwk` that was found at `kept_at` or in a token, is the issuer's.

    `at` is the time of signing, for keys that have expired since.
    """
    if jwk.get("iss", issuer) != issuer:
        return Vouched(Outcome.FAIL, "jwk_of_another", str(jwk["iss"]))
    said = _said_by_document(issuer, key, keys, at)
    if said is not None:
        return said
    if kept_at is not None and (place := origin(kept_at)) is not None and place == origin(issuer):
        return Vouched(Outcome.PASS, "jwk_at_issuer")
    if any(one == key for _, one in listed(issuer, keys)):
        return Vouched(Outcome.PASS, "jwk_listed")
    return _unknown(issuer, keys, kept_at)


def _unknown(issuer: Did | Url, keys: Material, kept_at: Url | None) -> Vouched:
    """Tell of a key that nothing vouches for: a failure only when all that could have done so was there to be read.

    That one of two places does not exist is an answer when the other one does.
    """
    asked = [look_up(keys, name) for name in vouchers(issuer)]
    anything = any(isinstance(one, Found) for one in asked)
    holes = [one for one in asked if isinstance(one, Hole) and not (anything and one.code == "not_found")]
    if holes:
        return Vouched(Outcome.INDETERMINATE, "jwk_self_asserted", holes[0].detail)
    if kept_at is not None:
        return Vouched(Outcome.FAIL, "controller_foreign", kept_at)
    return Vouched(Outcome.FAIL, "jwk_self_asserted", "it is not among the issuer's keys")


def listed(issuer: Did | Url, keys: Material) -> Iterator[tuple[JsonObject, PublicKey]]:
    """Give the keys for this issuer in the list that its host publishes."""
    url = jwks_url(issuer)
    found = Hole("not_asked") if url is None else look_up(keys, url)
    document = found.document if isinstance(found, Found) else None
    entries = document.get("keys") if isinstance(document, dict) else None
    for entry in as_list(entries)[:MOST_KEYS]:
        if isinstance(entry, dict) and entry.get("iss", issuer) == issuer:
            try:
                yield entry, PublicKey.from_jwk(entry)
            except BadKey:
                continue


def _said_by_document(issuer: Did | Url, key: PublicKey, keys: Material, at: datetime) -> Vouched | None:
    """Ask the issuer's DID document about a key; None when it does not know it."""
    found = look_up(keys, issuer) if issuer.startswith("did:web:") else Hole("not_asked")
    document = found.document if isinstance(found, Found) else None
    if not isinstance(document, dict) or document.get("id") != issuer:
        return None
    for method in [*as_list(document.get("verificationMethod")), *as_list(document.get("assertionMethod"))][:MOST_KEYS]:
        if isinstance(method, dict) and _key_of(issuer, method) == key:
            allowed = resolve_method(document, method["id"], at=at)
            if isinstance(allowed, Problem):
                return Vouched(Outcome.FAIL, allowed.code, allowed.detail)
            return Vouched(Outcome.PASS, "jwk_listed")
    return None


def _key_of(issuer: Did | Url, method: JsonObject) -> PublicKey | Problem | None:
    """Read the key of a method, whether or not it was withdrawn."""
    named: Json = method.get("id")
    if not isinstance(named, str):
        return None
    plain = {name: value for name, value in method.items() if name not in _WITHDRAWN}
    return resolve_method({"id": issuer, "assertionMethod": [plain]}, named)
