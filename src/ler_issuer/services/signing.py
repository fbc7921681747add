"""Signing: the one way to a signature. Prepare, seal, and judge with our own verifier before anything is kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from ler_issuer.badges import judge_proof
from ler_issuer.errors import Unacceptable
from ler_issuer.hosts import is_local
from ler_issuer.services import keyring
from ler_issuer.vc import Found, prepare, seal

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.types import JsonObject


class NonconformingError(Exception):
    """A document of our own making failed our own checks: a bug here, and nothing was signed or nothing left."""


class Press(Protocol):
    """What turns a composed document into a sealed one; that of a rehearsal checks everything and signs nothing."""

    def __call__(self, db: Db, rt: Runtime, issuer: Issuer, document: JsonObject, at: datetime) -> Sealed:
        """Check, sign and judge a document."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed document that our own verifier found authentic, and the key that signed it."""

    document: JsonObject
    signing_key_id: str


def sign(db: Db, rt: Runtime, issuer: Issuer, document: JsonObject, at: datetime) -> Sealed:
    """Prepare, seal and judge a document with the issuer's key.

    Raises:
        Unacceptable: in production, the issuer's public address is plain http or local.
        Unsignable: the document would lose data in JSON-LD, or breaks the policy for numbers and characters.
        NonconformingError: our own verifier does not find the result authentic.
        KeyLocked: the passphrase is not the one that sealed the key.
    """
    _require_public(rt, issuer)
    key, signer = db.once(("signer", issuer.id), partial(keyring.signer, db, rt, issuer))
    prepared = prepare(document, verification_method=signer.verification_method, created=at, contexts=rt.rules.contexts)
    sealed = seal(prepared, signer)
    keys = db.once(("did document", issuer.id), partial(keyring.did_document, db, issuer))
    proved = judge_proof(sealed, {issuer.did: Found(keys)}, rules=rt.rules, now=at)
    if not proved.authentic:
        raise NonconformingError(f"what was just signed does not verify: {proved.findings}")
    return Sealed(sealed, key.id)


def rehearse(db: Db, rt: Runtime, issuer: Issuer, document: JsonObject, at: datetime) -> Sealed:
    """Do everything that `sign` does but sign: for dry runs."""
    _require_public(rt, issuer)
    key, signer = db.once(("signer", issuer.id), partial(keyring.signer, db, rt, issuer))
    prepare(document, verification_method=signer.verification_method, created=at, contexts=rt.rules.contexts)
    return Sealed(document, key.id)


def _require_public(rt: Runtime, issuer: Issuer) -> None:
    """Refuse to sign, in production, addresses that only a desk can reach: they would stand there for ever."""
    host = urlsplit(issuer.public_url).hostname or ""
    if not rt.development and (not issuer.public_url.startswith("https://") or is_local(host)):
        raise Unacceptable(
            f"the issuer {issuer.slug!r} was founded under {issuer.public_url}, which others cannot reach"
        )
