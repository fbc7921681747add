"""Check a token against the keys that the issuer of its credential publishes, or the holder who presents.

In the order of the checks of a proof: there is a signature, its algorithm is known, its key can be had, the key is the
issuer's, the signature holds; then, that the claims beside the credential say nothing else than it does. `vouching`
decides whose key it is. One that only the token brings along proves nothing: whoever wrote the token wrote the key.
Nothing here fetches, and nothing raises on any token that was read, of whatever kind: JWT, SD-JWT or COSE.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ler_issuer.vc.dids import (
    can_be_gathered,
    controller_of,
    is_self_contained,
    resolve_method,
    self_contained_document,
)
from ler_issuer.vc.documents import as_list
from ler_issuer.vc.findings import AMISS, CheckId, Finding, Outcome, finding
from ler_issuer.vc.instants import SKEW, stamp
from ler_issuer.vc.jwt import date_of
from ler_issuer.vc.keys import BadKey, PublicKey
from ler_issuer.vc.material import Found, Hole, Material, look_up
from ler_issuer.vc.problems import Problem
from ler_issuer.vc.sdjwt import SdJwt
from ler_issuer.vc.telling import check_claims, signed_at
from ler_issuer.vc.vouching import Vouched, listed, vouch, vouchers
from ler_issuer.vc.withholding import standing_not_shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ler_issuer.types import Did, Json, JsonObject, Url
    from ler_issuer.vc.jwt import Envelope
    from ler_issuer.vc.material import Source

ASSERTION: Final = "assertionMethod"
AUTHENTICATION: Final = "authentication"

_WEB = ("https://", "http://")
_FOLLOWED = frozenset({"alg", "kid", "jwk", "typ"})
"""The members that the header of a badge may have (Open Badges 3.0 §8.2.3); others are never followed."""

_CONTENT = frozenset({"vc", "vp"})
"""What the content of a token may be said to be (VC-JOSE-COSE §3); that is what it is read as."""


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
    naming = _naming(envelope)
    if naming.how == "not":
        return ()
    if naming.how == "method":
        controller = controller_of(naming.name)
        return (controller,) if can_be_gathered(controller) else ()
    place = (naming.name,) if naming.how == "url" else ()
    return tuple(dict.fromkeys((*place, *vouchers(envelope.party))))


def check_envelope(
    envelope: Envelope,
    keys: Material,
    now: datetime,
    *,
    issuer_controls: bool = True,
) -> tuple[Finding, ...]:
    """Check that a token is signed by the issuer of its credential: findings for every `proof.*` and `jwt.claims`.

    What the credential means is for `meaning.check_payload` to check. Without `issuer_controls` another's key is a
    warning. A token of a presentation fails, whatever it holds: its holder signs for nobody else. Expects material for
    `envelope_needs`.
    """
    if envelope.presents:
        wrong = finding(CheckId.PROOF_SUITE, Outcome.FAIL, "jwt_type_wrong", detail="it holds a presentation")
        return (*check_envelope(replace(envelope, presents=False), keys, now, issuer_controls=issuer_controls), wrong)
    at = signed_at(envelope) or now
    had = _had(envelope, keys, at)
    vouched = _vouched(envelope, had, keys, at, issuer_controls=issuer_controls)
    sources = _sources(envelope, keys)
    controller = CheckId.PROOF_CONTROLLER
    return (
        *_found(envelope),
        _key_finding(had, "key_listed" if vouched.outcome is Outcome.PASS else "jwk_readable", sources),
        finding(controller, vouched.outcome, vouched.code, "/issuer", detail=vouched.detail, evidence=sources),
        _signature(envelope, had),
        *check_claims(envelope),
    )


def check_presented(
    envelope: Envelope,
    keys: Material,
    now: datetime,
    *,
    challenge: str | None,
    domain: str | None,
    holder_controls: bool = True,
) -> tuple[Finding, ...]:
    """Check that a presentation in a token is signed by its holder, and made for this occasion.

    Findings for every `proof.*`, `jwt.claims` and `presentation`; what it means is for `meaning.check_payload` to
    check, and the credentials inside are not looked at. The token must answer the `challenge` (in `nonce`) and name the
    `domain` (in `aud`) where these are given, and not have ended. Without `holder_controls` another's key is a warning.
    Expects material for `envelope_needs`.
    """
    had = _had(envelope, keys, now)  # it is made while it is asked for, whatever it says itself
    fault = _occasion_fault(envelope.payload, challenge, domain, now)
    signature = _signature(envelope, had)
    if fault is not None:
        signature = finding(CheckId.PROOF_SIGNATURE, Outcome.FAIL, fault.code, detail=fault.detail)
    found = (
        *_found(envelope),
        _key_finding(had, "key_listed_to_present", _sources(envelope, keys)),
        _holder_finding(envelope, had, holder_controls=holder_controls),
        signature,
        *check_claims(envelope),
    )
    check = CheckId.PRESENTATION
    if any(one.outcome in AMISS or one.outcome is Outcome.SKIPPED for one in found):
        return (*found, finding(check, Outcome.SKIPPED, "presentation_not_proven"))
    if challenge is None:
        return (*found, finding(check, Outcome.WARNING, "presentation_unasked"))
    return (*found, finding(check, Outcome.PASS, "presentation_fresh"))


def presenter(envelope: Envelope) -> Did | Url | None:
    """Give whom a presentation names as its holder, or else the controller of the key that it names; proven or not."""
    naming = _naming(envelope)
    return envelope.party or (controller_of(naming.name) if naming.how == "method" else None)


def _occasion_fault(payload: JsonObject, challenge: str | None, domain: str | None, now: datetime) -> Problem | None:
    """Check that a token was made in answer to what was asked, for whoever asked, and has not ended."""
    nonce, audience = payload.get("nonce"), as_list(payload.get("aud"))
    if not all(isinstance(item, str) for item in audience):
        return Problem("proof_option_malformed", "")
    if "exp" in payload:
        until = date_of(payload["exp"])
        if until is None or until < now - SKEW:
            return Problem("proof_expired", "an unknown date" if until is None else stamp(until))
    if "nbf" in payload:
        since = date_of(payload["nbf"])
        if since is None or since > now + SKEW:
            return Problem("created_in_future", "an unknown date" if since is None else stamp(since))
    if domain is not None and {*audience} != {domain}:
        return Problem("domain_differs", ", ".join(audience) or "none is named")
    if challenge is not None and nonce != challenge:
        return Problem("challenge_differs", nonce if isinstance(nonce, str) else "none is named")
    return None


def _holder_finding(envelope: Envelope, had: _Had, *, holder_controls: bool) -> Finding:
    """Compare the controller of the key with the holder; a stranger is one even when the key is not to be had."""
    check, holder, naming = CheckId.PROOF_CONTROLLER, envelope.party, _naming(envelope)
    controller = controller_of(naming.name) if naming.how == "method" else ""
    if holder is None and envelope.document.get("holder") is not None:
        return finding(check, Outcome.FAIL, "holder_malformed", "/holder")
    if holder is not None and controller and controller != holder:
        if holder_controls:
            return finding(check, Outcome.FAIL, "holder_differs", "/holder", detail=controller)
        return finding(check, Outcome.WARNING, "controller_foreign_accepted", "/holder", detail=controller)
    if not isinstance(had, _Candidate):
        return finding(check, Outcome.SKIPPED, "key_not_available")
    if holder is None:
        return finding(check, Outcome.PASS, "holder_absent", detail=controller)
    return finding(check, Outcome.PASS, "controller_is_holder", "/holder")


def _found(envelope: Envelope) -> Iterator[Finding]:
    """Tell that there is a token, what of its header was left aside, and how much of its content is withheld."""
    yield finding(CheckId.PROOF_PRESENT, Outcome.PASS, "token_found")
    header = envelope.header
    more = ", ".join(sorted(header.keys() - _FOLLOWED - ({"cty"} if str(header.get("cty")) in _CONTENT else set())))
    if more:
        yield finding(CheckId.PROOF_PRESENT, Outcome.WARNING, "token_header_more", detail=more)
    if isinstance(envelope, SdJwt) and envelope.undisclosed:
        withheld = str(envelope.undisclosed)
        yield finding(CheckId.DISCLOSURE, Outcome.WARNING, "token_parts_withheld", detail=withheld)
        absent = () if envelope.presents else standing_not_shown(envelope.document)
        if absent:
            yield finding(CheckId.DISCLOSURE, Outcome.WARNING, "standing_not_shown", detail=", ".join(absent))
    yield finding(CheckId.PROOF_SUITE, Outcome.PASS, "suite_supported")


def _sources(envelope: Envelope, keys: Material) -> list[Source | None]:
    return [look_up(keys, name).source for name in envelope_needs(envelope)]


def _naming(envelope: Envelope) -> _Naming:
    kid, issuer = envelope.kid or "", envelope.party or ""
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
    """Get the key that the token names, and see that it is for the algorithm of the token.

    Whoever presents has to name a verification method: what a host says of its keys says it of those that issue.
    """
    naming = _naming(envelope)
    if envelope.presents and naming.how != "method":
        return Problem("jwt_key_unnamed", "")
    had = _named_key(envelope, naming, keys, at)
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
            return _by_method(naming.name, keys, at, AUTHENTICATION if envelope.presents else ASSERTION)
        case "url":
            found = look_up(keys, naming.name)
            return _by_jwk(found.document) if isinstance(found, Found) else found
        case "token":
            return _by_jwk(envelope.header["jwk"])
        case "name":
            return _by_name(naming.name, envelope.party, keys, at)
        case "not":
            return Problem("jwt_key_unnamed", "")


def _by_method(named: str, keys: Material, at: datetime, purpose: str = ASSERTION) -> _Had:
    controller = controller_of(named)
    document = _controller_document(controller, keys)
    if isinstance(document, Problem | Hole):
        return document
    if named == controller:
        if not is_self_contained(controller):
            return Problem("method_without_fragment", named)
        named = document[ASSERTION][0]
    key = resolve_method(document, named, purpose=purpose, at=at)
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
    issuer, naming = envelope.party, _naming(envelope)
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


def _key_finding(had: _Had, known: str, sources: list[Source | None]) -> Finding:
    check = CheckId.PROOF_KEY
    match had:
        case Hole(code, detail):
            return finding(check, Outcome.INDETERMINATE, f"key_{code}", detail=detail, evidence=sources)
        case Problem(code, detail):
            outcome = Outcome.INDETERMINATE if code == "did_method_unknown" else Outcome.FAIL
            return finding(check, outcome, code, detail=detail, evidence=sources)
        case _Candidate():
            return finding(check, Outcome.PASS, known, evidence=sources)


def _signature(envelope: Envelope, had: _Had) -> Finding:
    check = CheckId.PROOF_SIGNATURE
    if not isinstance(had, _Candidate):
        return finding(check, Outcome.SKIPPED, "key_not_available")
    if had.key.verify(envelope.signature, envelope.signed):
        return finding(check, Outcome.PASS, "signature_holds")
    return finding(check, Outcome.FAIL, "signature_wrong")
