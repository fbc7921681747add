"""Check a token against the keys that the issuer of its credential publishes.

In the order of the checks of a proof: there is a signature, its algorithm is known, its key can be had, the key is the
issuer's, the signature holds; then, that the claims beside the credential say nothing else than it does. `vouching`
decides whose key it is. One that only the token brings along proves nothing: whoever wrote the token wrote the key.
Nothing here fetches, and nothing raises on any token that `open_envelope` read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from ler_issuer.vc.dids import (
    can_be_gathered,
    controller_of,
    is_self_contained,
    resolve_method,
    self_contained_document,
)
from ler_issuer.vc.documents import issuer_id
from ler_issuer.vc.findings import CheckId, Finding, Outcome, finding
from ler_issuer.vc.keys import BadKey, PublicKey
from ler_issuer.vc.material import Found, Hole, Material, look_up
from ler_issuer.vc.problems import Problem
from ler_issuer.vc.telling import check_claims, signed_at
from ler_issuer.vc.vouching import Vouched, listed, vouch, vouchers

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.types import Did, Json, JsonObject, Url
    from ler_issuer.vc.jwt import Envelope
    from ler_issuer.vc.material import Source

_WEB = ("https://", "http://")
_FOLLOWED = frozenset({"alg", "kid", "jwk", "typ"})
"""The members that the header of a badge may have (Open Badges 3.0 §8.2.3); others are never followed."""


@dataclass(frozen=True, slots=True)
class _Naming:
    """How a token names its key.

    `method`: as the verification method of a controller document · `url`: as the place of a JWK · `name`: as one in the
    issuer's list · `token`: not at all, it brings it along.
    """

    how: Literal["method", "url", "name", "token", "not"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A key that a token names, and the JWK that it was read from, when it was one."""

    key: PublicKey
    jwk: JsonObject | None = None


_Had: TypeAlias = _Candidate | Problem | Hole


def envelope_needs(envelope: Envelope) -> tuple[Did | Url, ...]:
    """Name what must be gathered to check a token, each once: of `did:key` and `did:jwk` nothing."""
    naming, issuer = _naming(envelope), issuer_id(envelope.document)
    if naming.how == "not":
        return ()
    if naming.how == "method":
        controller = controller_of(naming.name)
        return (controller,) if can_be_gathered(controller) else ()
    place = (naming.name,) if naming.how == "url" else ()
    return tuple(dict.fromkeys((*place, *vouchers(issuer))))


def check_envelope(
    envelope: Envelope,
    keys: Material,
    now: datetime,
    *,
    issuer_controls: bool = True,
) -> tuple[Finding, ...]:
    """Check that a token is signed by the issuer of its credential: findings for every `proof.*` and `jwt.claims`.

    What the credential means is for `meaning.check_payload` to check. Without `issuer_controls` another's key is a
    warning. Expects material for `envelope_needs`.
    """
    at = signed_at(envelope) or now
    had = _had(envelope, keys, at)
    vouched = _vouched(envelope, had, keys, at, issuer_controls=issuer_controls)
    sources = [look_up(keys, name).source for name in envelope_needs(envelope)]
    more = ", ".join(sorted(envelope.header.keys() - _FOLLOWED))
    warned = finding(CheckId.PROOF_PRESENT, Outcome.WARNING, "token_header_more", detail=more)
    controller = CheckId.PROOF_CONTROLLER
    return (
        finding(CheckId.PROOF_PRESENT, Outcome.PASS, "token_found"),
        *((warned,) if more else ()),
        finding(CheckId.PROOF_SUITE, Outcome.PASS, "suite_supported"),
        _key_finding(had, vouched, sources),
        finding(controller, vouched.outcome, vouched.code, "/issuer", detail=vouched.detail, evidence=sources),
        _signature(envelope, had),
        *check_claims(envelope),
    )


def _naming(envelope: Envelope) -> _Naming:
    kid, issuer = envelope.kid or "", issuer_id(envelope.document) or ""
    method = issuer + kid if kid.startswith("#") else kid
    if method.startswith("did:") or (method.startswith(_WEB) and "#" in method):
        return _Naming("method", method)
    if kid.startswith(_WEB):
        return _Naming("url", kid)
    if "jwk" in envelope.header:
        return _Naming("token")
    if is_self_contained(issuer):
        return _Naming("method", issuer)
    return _Naming("name", kid) if kid else _Naming("not")


def _had(envelope: Envelope, keys: Material, at: datetime) -> _Had:
    """Get the key that the token names, and see that it is for the algorithm of the token."""
    had = _named_key(envelope, _naming(envelope), keys, at)
    if not isinstance(had, _Candidate):
        return had
    if had.key.alg != envelope.alg:
        return Problem("jwt_alg_differs", f"{envelope.alg} with a key for {had.key.alg}")
    brought = envelope.header.get("jwk")
    if brought is not None and had.jwk is not brought and PublicKey.from_jwk(brought) != had.key:
        return Problem("jwk_differs", "")
    return had


def _named_key(envelope: Envelope, naming: _Naming, keys: Material, at: datetime) -> _Had:
    match naming.how:
        case "method":
            return _by_method(naming.name, keys, at)
        case "url":
            found = look_up(keys, naming.name)
            return _by_jwk(found.document) if isinstance(found, Found) else found
        case "token":
            return _by_jwk(envelope.header["jwk"])
        case "name":
            return _by_name(naming.name, issuer_id(envelope.document), keys, at)
        case "not":
            return Problem("jwt_key_unnamed", "")


def _by_method(named: str, keys: Material, at: datetime) -> _Had:
    controller = controller_of(named)
    document = _controller_document(controller, keys)
    if isinstance(document, Problem | Hole):
        return document
    if named == controller:
        if not is_self_contained(controller):
            return Problem("method_without_fragment", named)
        named = document["assertionMethod"][0]
    key = resolve_method(document, named, at=at)
    return _Candidate(key) if isinstance(key, PublicKey) else key


def _controller_document(controller: Did | Url, keys: Material) -> Json | Problem | Hole:
    if is_self_contained(controller):
        return self_contained_document(controller)
    if not can_be_gathered(controller):
        return Problem("did_malformed" if controller.startswith("did:web:") else "did_method_unknown", controller)
    found = look_up(keys, controller)
    return found.document if isinstance(found, Found) else found


def _by_jwk(document: Json) -> _Had:
    try:
        return _Candidate(PublicKey.from_jwk(document), document)
    except BadKey as error:
        return Problem("key_malformed", str(error))


def _by_name(name: str, issuer: Did | Url | None, keys: Material, at: datetime) -> _Had:
    """Find a key that is named by a mere word: in the list of the issuer's host, or in its DID document."""
    if issuer is None:
        return Problem("jwt_key_unnamed", "")
    named = [_Candidate(key, entry) for entry, key in listed(issuer, keys) if entry.get("kid") == name]
    if any(one.key != named[0].key for one in named):
        return Problem("jwk_ambiguous", name)
    if named:
        return named[0]
    if issuer.startswith("did:"):
        return _by_method(f"{issuer}#{name}", keys, at)
    holes = [found for one in vouchers(issuer) if isinstance(found := look_up(keys, one), Hole)]
    return holes[0] if holes else Problem("key_unknown", name)


def _vouched(envelope: Envelope, had: _Had, keys: Material, at: datetime, *, issuer_controls: bool) -> Vouched:
    """Say whether the key is the issuer's."""
    found = _weighed(envelope, had, keys, at)
    if found.outcome is not Outcome.PASS and not issuer_controls and isinstance(had, _Candidate):
        return Vouched(Outcome.WARNING, "controller_foreign_accepted", found.detail)
    return found


def _weighed(envelope: Envelope, had: _Had, keys: Material, at: datetime) -> Vouched:
    issuer, naming = issuer_id(envelope.document), _naming(envelope)
    if issuer is None:
        return Vouched(Outcome.FAIL, "issuer_missing")
    if naming.how == "method" and controller_of(naming.name) != issuer:
        return Vouched(Outcome.FAIL, "controller_foreign", controller_of(naming.name))
    if not isinstance(had, _Candidate):
        return Vouched(Outcome.SKIPPED, "key_not_available")
    if had.jwk is None:
        return Vouched(Outcome.PASS, "controller_is_issuer")
    kept_at = naming.name if naming.how == "url" else None
    return vouch(issuer, had.jwk, had.key, keys, kept_at=kept_at, at=at)


def _key_finding(had: _Had, vouched: Vouched, sources: list[Source | None]) -> Finding:
    check = CheckId.PROOF_KEY
    match had:
        case Hole(code, detail):
            return finding(check, Outcome.INDETERMINATE, f"key_{code}", detail=detail, evidence=sources)
        case Problem(code, detail):
            outcome = Outcome.INDETERMINATE if code == "did_method_unknown" else Outcome.FAIL
            return finding(check, outcome, code, detail=detail, evidence=sources)
        case _Candidate():
            code = "key_listed" if vouched.outcome is Outcome.PASS else "jwk_readable"
            return finding(check, Outcome.PASS, code, evidence=sources)


def _signature(envelope: Envelope, had: _Had) -> Finding:
    check = CheckId.PROOF_SIGNATURE
    if not isinstance(had, _Candidate):
        return finding(check, Outcome.SKIPPED, "key_not_available")
    if had.key.verify(envelope.signature, envelope.signed):
        return finding(check, Outcome.PASS, "signature_holds")
    return finding(check, Outcome.FAIL, "signature_wrong")
