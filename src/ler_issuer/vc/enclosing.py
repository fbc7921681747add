"""Making credentials into signed tokens: prepare, then seal, as with proofs.

In the form of Open Badges 3.0 §8.2 (`JWT`) the payload is the credential without its proof, and beside its members the
claims `iss`, `jti`, `nbf`, and `sub` and `exp` where the credential has what they repeat. In those of VC-JOSE-COSE
(`vc+jwt`, `vp+jwt`) it is the credential or presentation, and beside it only who signs, and its id if it has one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ler_issuer import jsontext
from ler_issuer.vc import multibase
from ler_issuer.vc.documents import id_of, issuer_id, without_proof
from ler_issuer.vc.instants import instant
from ler_issuer.vc.jwt import ALGORITHMS, CLAIMS
from ler_issuer.vc.problems import MALFORMED_VALUE_ERROR, Problem
from ler_issuer.vc.proofs import NotSealable, Unsignable, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.keys import Signer

Form: TypeAlias = Literal["JWT", "vc+jwt", "vp+jwt"]
"""The forms of tokens that are made, by their `typ`."""

_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


class PreparedEnvelope:
    """A credential that passed every check before signing, as the bytes to sign. Made by `prepare_token` only."""

    def __init__(self, alg: str, kid: str, signed: bytes) -> None:
        """Hold what is to be signed."""
        self.alg = alg
        self.kid = kid
        self._signed = [signed]

    def spend(self) -> bytes:
        """Hand out the bytes to sign, once.

        Raises:
            NotSealable: they have been handed out before.
        """
        try:
            return self._signed.pop()  # one indivisible step: of two threads, one gets it
        except IndexError:
            raise NotSealable("this was sealed before") from None


def claims(document: JsonObject) -> JsonObject:
    """Give the payload of the token of a credential: its members without the proof, and the claims.

    Raises:
        Unsignable: what a claim has to repeat is missing or no text or instant with whole seconds, or the credential
            has a member of the name of a claim.
    """
    body = without_proof(document)
    problems = [*_unclaimable(body)]
    if problems:
        raise Unsignable(problems)
    payload = {**body, "iss": issuer_id(body), "jti": body["id"], "nbf": _seconds(body["validFrom"])}
    subject = body.get("credentialSubject")
    sub = id_of(subject) if isinstance(subject, dict) else None
    if sub is not None:
        payload["sub"] = sub
    if "validUntil" in body:
        payload["exp"] = _seconds(body["validUntil"])
    return payload


def bare_claims(document: JsonObject, *, presents: bool = False) -> JsonObject:
    """Give the payload of the token of a credential or presentation by VC-JOSE-COSE: the document, `iss` and `jti`.

    Raises:
        Unsignable: a credential names no issuer, or the document has a member of the name of a claim.
    """
    body = without_proof(document)
    signer = id_of(body.get("holder")) if presents else issuer_id(body)
    problems = [*_taken(body)]
    if signer is None and not presents:
        problems.append(Problem("issuer_missing", "the token names the issuer", "/issuer", MALFORMED_VALUE_ERROR))
    if problems:
        raise Unsignable(problems)
    repeated = {"iss": signer, "jti": body.get("id")}
    return body | {claim: said for claim, said in repeated.items() if said is not None}


def prepare_token(document: JsonObject, *, form: Form, alg: str, kid: str, contexts: Contexts) -> PreparedEnvelope:
    """Check that a credential or presentation can be signed so that every verifier reads the same, and fix that.

    Asks for all that `proofs.prepare` asks for: a token is read as JSON-LD too. `kid` is the URL by which others find
    the key. A proof that the document has is left out.

    Raises:
        Unsignable: the document cannot be signed as it is; every problem is listed.
        ValueError: there is no such algorithm.
    """
    if alg not in ALGORITHMS:
        raise ValueError(f"no algorithm {alg!r}")
    checked = prepare(without_proof(document), verification_method=kid, created=_ANY_TIME, contexts=contexts).document
    header = {"alg": alg, "kid": kid, "typ": form}
    if form == "JWT":
        payload = claims(checked)
    else:
        header["cty"] = form[:2]
        payload = bare_claims(checked, presents=form == "vp+jwt")
    parts = (multibase.u(jsontext.canonical(part))[1:] for part in (header, payload))
    return PreparedEnvelope(alg, kid, ".".join(parts).encode())


def prepare_envelope(document: JsonObject, *, alg: str, kid: str, contexts: Contexts) -> PreparedEnvelope:
    """Prepare the token of a badge (Open Badges 3.0 §8.2), as `prepare_token` does.

    Raises:
        Unsignable: the document cannot be signed as it is; every problem is listed.
        ValueError: there is no such algorithm.
    """
    return prepare_token(document, form="JWT", alg=alg, kid=kid, contexts=contexts)


def seal_envelope(prepared: PreparedEnvelope, signer: Signer) -> str:
    """Sign what was prepared, and give the token; the `PreparedEnvelope` is spent.

    Raises:
        NotSealable: it was spent before, or prepared for another key or algorithm than the signer's.
    """
    if (signer.verification_method, signer.public.alg) != (prepared.kid, prepared.alg):
        raise NotSealable("prepared for the key of another signer")
    signed = prepared.spend()
    return f"{signed.decode()}.{multibase.u(signer.sign(signed))[1:]}"


def _taken(body: JsonObject) -> Iterator[Problem]:
    for name in sorted(CLAIMS & body.keys()):
        yield Problem("claim_taken", f"{name!r} is the name of a claim", f"/{name}", MALFORMED_VALUE_ERROR)


def _unclaimable(body: JsonObject) -> Iterator[Problem]:
    yield from _taken(body)
    if issuer_id(body) is None:
        yield Problem("issuer_missing", "the token names the issuer", "/issuer", MALFORMED_VALUE_ERROR)
    if not isinstance(body.get("id"), str):
        yield Problem("id_missing", "the token names the credential", "/id", MALFORMED_VALUE_ERROR)
    for name in ("validFrom", "validUntil"):
        if (name in body or name == "validFrom") and not _is_whole(body.get(name)):
            yield Problem("not_whole_seconds", "a token tells whole seconds", f"/{name}", MALFORMED_VALUE_ERROR)


def _is_whole(text: Json) -> bool:
    at = instant(text)
    return at is not None and not at.microsecond and at.year >= 1970  # noqa: PLR2004 - where NumericDates begin


def _seconds(text: Json) -> int:
    at = instant(text)
    assert at is not None  # noqa: S101 - `_unclaimable` saw to it
    return int(at.timestamp())
