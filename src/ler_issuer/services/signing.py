"""Signing: the one way to a signature. Prepare, seal, and judge with our own verifier before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from ler_issuer import jsontext
from ler_issuer.badges import Draft, exhibit, fill, judge_proof, nonconformities
from ler_issuer.errors import Unacceptable
from ler_issuer.hosts import is_local
from ler_issuer.net.private_keys import generate
from ler_issuer.services import keyring
from ler_issuer.vc import (
    SUITES,
    Envelope,
    Found,
    Outcome,
    Problem,
    Unsignable,
    derive,
    enveloped,
    is_base,
    open_envelope,
    opened,
    prepare,
    prepare_base,
    prepare_envelope,
    prepare_token,
    seal,
    seal_base,
    seal_envelope,
)

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.jsontext import Survey
    from ler_issuer.runtime import Runtime
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.types import Json, JsonObject, Pointer
    from ler_issuer.vc import Filled, Material, Prepared, Signer


_PREFERRED: Final[Mapping[str, str]] = MappingProxyType({"P-256": "ecdsa-rdfc-2019", "P-384": "ecdsa-rdfc-2019"})
"""The suite that goes with a kind of key when nobody asks for another; for all other kinds `eddsa-rdfc-2022`."""


_UNPROVABLE: Final = "https://w3id.org/security#PROOF_GENERATION_ERROR"

SELECTIVE: Final = "ecdsa-sd-2023"
"""The suite by which a document is signed statement by statement, so that its holder can show parts of it."""

ENVELOPED: Final = "jose"
"""What stands for no suite but an envelope: the document as a token by VC-JOSE-COSE, in a `data:` URL."""


class NonconformingError(Exception):
    """A document of our own making failed our own checks: a bug here, and nothing was signed or nothing left."""


class Press(Protocol):
    """What turns a drafted badge into a sealed one; that of a rehearsal checks everything and signs nothing."""

    def __call__(self, db: Db, rt: Runtime, issuer: Issuer, draft: Draft, at: datetime, /) -> Sealed:
        """Check, sign and judge a badge."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a document is to be signed, where that is not as everything else is signed here.

    `cryptosuite` is the name of one, or None for the preferred one of the issuer's key; `is_vc11` lets documents of the
    older data model through; `is_single` writes the proof as an object instead of a list of one. `mandatory` names what
    is shown in every part of a document of which the holder can show parts.
    """

    cryptosuite: str | None = None
    is_vc11: bool = False
    is_single: bool = False
    mandatory: tuple[Pointer, ...] = ()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed document that our own verifier found authentic, its exact bytes, and the key that signed it."""

    document: JsonObject
    body: bytes
    signing_key_id: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A document as a signed token that our own verifier found authentic, and the key that signed it."""

    token: str
    signing_key_id: str


def suites_for(kind: str, *, openly: bool = False) -> tuple[str, ...]:
    """Name the cryptosuites that a key of this kind can sign by, the preferred one first.

    With `openly`, also those by which documents are signed only where everybody may have them signed: the older ones,
    base proofs for selective disclosure, and envelopes in place of proofs (`jose`).
    """
    able = [name for name, suite in SUITES.items() if suite.signs and kind in suite.key_kinds]
    able = [name for name in able if openly or not SUITES[name].openly]
    if openly:
        able += [SELECTIVE] * (kind == keyring.SD_KIND) + [ENVELOPED]
    return tuple(sorted(able, key=lambda name: name != preferred_suite(kind)))


def preferred_suite(kind: str) -> str:
    """Name the cryptosuite that a key of this kind signs by when nobody asks for another."""
    return _PREFERRED.get(kind, "eddsa-rdfc-2022")


def sign(
    db: Db, rt: Runtime, issuer: Issuer, document: JsonObject | Draft, at: datetime, *, manner: Manner | None = None
) -> Sealed:
    """Prepare, seal and judge a document with the issuer's key; of a drafted badge, see that it conforms first.

    It is judged as it reads in the bytes that will be kept. Those that a template made are judged together with others,
    before the transaction ends: then at the latest is raised what they are found to be.

    Raises:
        Unacceptable: in production, the issuer's public address is plain http or local.
        Unsignable: the document would lose data in JSON-LD, or breaks the policy for numbers and characters.
        NonconformingError: a badge does not pass our own checks, or our verifier does not find the result authentic.
        KeyLocked: the passphrase is not the one that sealed the key.
    """
    _require_public(rt, issuer)
    key, signer = db.once(("signer", issuer.id), partial(keyring.signer, db, rt, issuer))
    keys = db.once(("did document", issuer.id), partial(keyring.did_document, db, issuer))
    judge = partial(_judge, rt, {issuer.did: Found(keys)}, at)
    filled = _filled(rt, signer, document, at) if isinstance(document, Draft) else None
    if filled is not None:
        body = filled.seal(signer)
        read, found = jsontext.read(body)
        db.check_later(partial(judge, read, found))
        return Sealed(read, body, key.id)
    whole, how = (_conforming(rt, document), None) if isinstance(document, Draft) else (document, manner)
    sealed = _sealed(rt, signer, whole, at, how or Manner())
    body = jsontext.canonical(sealed)
    judge(jsontext.parse(body))
    return Sealed(sealed, body, key.id)


def _judge(rt: Runtime, material: Material, at: datetime, document: Json, found: Survey | None = None) -> None:
    proved = judge_proof(exhibit(showable(rt, document), found), material, rules=rt.rules, now=at)
    if not proved.authentic:
        named = document.get("id") if isinstance(document, dict) else None
        raise NonconformingError(f"what was just signed does not verify: {named} {proved.findings}")


def showable(rt: Runtime, document: Json) -> Json:
    """Give the whole of a document as its holder can show it: derived, if its proof is for the holder alone.

    Raises:
        Underivable: its proof is such a one, and nothing can be derived from it.
    """
    proof = document.get("proof") if isinstance(document, dict) else None
    return derive(document, [""], rt.rules.contexts) if is_base(proof) else document


def _sealed(rt: Runtime, signer: Signer, document: JsonObject, at: datetime, manner: Manner) -> JsonObject:
    if manner.cryptosuite == ENVELOPED:
        return _enveloped(rt, signer, document)
    if manner.cryptosuite == SELECTIVE:
        sealed = sealed_base(rt, signer, document, manner.mandatory, at, vc11=manner.is_vc11)
    else:
        sealed = seal(_prepared(rt, signer, document, at, manner), signer)
    return {**sealed, "proof": sealed["proof"][0]} if manner.is_single else sealed


def _enveloped(rt: Runtime, signer: Signer, document: JsonObject) -> JsonObject:
    """Sign a document as a token, and see that a document is read in that which is the one that was given."""
    if "proof" in document:
        raise Unsignable([Problem("already_signed", "the document has a proof already", "/proof", _UNPROVABLE)])
    kid, alg = signer.verification_method, signer.public.alg
    prepared = prepare_token(document, form="vc+jwt", alg=alg, kid=kid, contexts=rt.rules.contexts)
    sealed = enveloped(seal_envelope(prepared, signer))
    read = opened(sealed)
    if isinstance(read, Problem):  # it has a member that makes it another token
        raise Unsignable([read])
    if not isinstance(read, Envelope) or read.document != document:
        raise NonconformingError("the token that was just signed does not hold what was signed")
    return sealed


def _filled(rt: Runtime, signer: Signer, draft: Draft, at: datetime) -> Filled | None:
    kind = signer.public.kind
    return fill(
        draft,
        rt.badges,
        cryptosuite=preferred_suite(kind),
        kind=kind,
        verification_method=signer.verification_method,
        created=at,
        rules=rt.rules,
    )


def _conforming(rt: Runtime, draft: Draft) -> JsonObject:
    """Write the whole of a badge, and see that it has the form that Open Badges requires."""
    document = draft.whole()
    problems = nonconformities(document, rt.rules.schemas)
    if problems:
        raise NonconformingError(f"what was composed does not conform: {problems}")
    return document


def _prepared(rt: Runtime, signer: Signer, document: JsonObject, at: datetime, manner: Manner) -> Prepared:
    kind = signer.public.kind
    return prepare(
        document,
        cryptosuite=manner.cryptosuite or preferred_suite(kind),
        kind=kind,
        vc11=manner.is_vc11,
        verification_method=signer.verification_method,
        created=at,
        contexts=rt.rules.contexts,
    )


def rehearse(db: Db, rt: Runtime, issuer: Issuer, draft: Draft, at: datetime) -> Sealed:
    """Do everything that `sign` does but sign: for dry runs."""
    _require_public(rt, issuer)
    key, signer = db.once(("signer", issuer.id), partial(keyring.signer, db, rt, issuer))
    document = draft.whole()
    if _filled(rt, signer, draft, at) is None:
        _prepared(rt, signer, _conforming(rt, draft), at, Manner())
    return Sealed(document, jsontext.canonical(document), key.id)


def enclose(db: Db, rt: Runtime, issuer: Issuer, document: JsonObject, at: datetime) -> Enclosed:
    """Prepare, seal and judge a document as a token, with the issuer's key for tokens.

    Raises:
        Unacceptable: in production, the issuer's public address is plain http or local.
        Unsignable: the document would lose data in JSON-LD, or a claim has nothing to repeat.
        NonconformingError: our own verifier does not find the token authentic, or reads something else in it.
        KeyLocked: the passphrase is not the one that sealed the key.
    """
    _require_public(rt, issuer)
    key, signer = db.once(("token signer", issuer.id), partial(keyring.token_signer, db, rt, issuer))
    kid = signer.verification_method
    prepared = prepare_envelope(document, alg=signer.public.alg, kid=kid, contexts=rt.rules.contexts)
    token = seal_envelope(prepared, signer)
    keys = db.once(("did document", issuer.id), partial(keyring.did_document, db, issuer))
    material = {issuer.did: Found(keys), kid: Found(keyring.published_jwk(db, kid))}
    proved, read = judge_proof(token, material, rules=rt.rules, now=at), open_envelope(token)
    at_odds = any(found.outcome is Outcome.FAIL for found in proved.findings)
    if not proved.authentic or at_odds or isinstance(read, Problem) or read.document != document:
        raise NonconformingError(f"the token that was just signed does not verify: {proved.findings}")
    return Enclosed(token, key.id)


def disclose(
    db: Db, rt: Runtime, issuer: Issuer, document: JsonObject, mandatory: Sequence[Pointer], at: datetime
) -> Sealed:
    """Prepare, seal and judge a document of which its holder can show parts, with the issuer's key for that.

    What `mandatory` names is shown in every part. The proof is for the holder alone: it tells how to make others of it.

    Raises:
        Unacceptable: in production, the issuer's public address is plain http or local; or it has no key for that.
        Unsignable: the document would lose data in JSON-LD, or a pointer names nothing that can be shown by itself.
        NonconformingError: our own verifier does not find authentic what is derived of all of it.
        KeyLocked: the passphrase is not the one that sealed the key.
    """
    _require_public(rt, issuer)
    key, signer = db.once(("disclosure signer", issuer.id), partial(keyring.disclosure_signer, db, rt, issuer))
    sealed = sealed_base(rt, signer, document, mandatory, at)
    require_authentic(db, rt, issuer, derive(sealed, [""], rt.rules.contexts), at)
    return Sealed(sealed, jsontext.canonical(sealed), key.id)


def sealed_base(
    rt: Runtime, signer: Signer, document: JsonObject, mandatory: Sequence[Pointer], at: datetime, *, vc11: bool = False
) -> JsonObject:
    """Sign a document with a base proof of `ecdsa-sd-2023`, by a key and a secret that are made for it.

    The private half of that key is forgotten. The secret stands in the proof: nothing can be derived without it.

    Raises:
        Unsignable: as `disclose`.
    """
    prepared = prepare_base(
        document,
        mandatory=mandatory,
        verification_method=signer.verification_method,
        created=at,
        contexts=rt.rules.contexts,
        once=generate("P-256", rt.random),
        secret=rt.random(32),
        vc11=vc11,
    )
    return seal_base(prepared, signer)


def require_authentic(db: Db, rt: Runtime, issuer: Issuer, view: JsonObject, at: datetime) -> None:
    """See that our own verifier finds authentic what was derived from a document of the issuer's.

    Raises:
        NonconformingError: it does not.
    """
    keys = db.once(("did document", issuer.id), partial(keyring.did_document, db, issuer))
    proved = judge_proof(exhibit(view), {issuer.did: Found(keys)}, rules=rt.rules, now=at)
    if not proved.authentic:
        raise NonconformingError(f"what was just derived does not verify: {proved.findings}")


def _require_public(rt: Runtime, issuer: Issuer) -> None:
    """Refuse to sign, in production, addresses that only a desk can reach: they would stand there for ever."""
    host = urlsplit(issuer.public_url).hostname or ""
    if not rt.development and (not issuer.public_url.startswith("https://") or is_local(host)):
        raise Unacceptable(
            f"the issuer {issuer.slug!r} was founded under {issuer.public_url}, which others cannot reach"
        )
