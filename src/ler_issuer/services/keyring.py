"""An issuer's signing keys: made, rotated, published in its DID document, and used through one signer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.badges import CONTEXTS, IssuerProfile
from ler_issuer.errors import Unacceptable
from ler_issuer.store import issuers, journal, keys, status
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed
from ler_issuer.store.keys import SigningKey
from ler_issuer.vc import Method, PublicKey, controller_document

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.store.keys import Purpose
    from ler_issuer.types import JsonObject
    from ler_issuer.vc import Signer


def new_key(rt: Runtime, issuer_id: str, purpose: Purpose, at: datetime) -> SigningKey:
    """Make a signing key, sealed; the caller keeps it."""
    key_id = rt.new_id()
    made = rt.keys.create(key_id)
    return SigningKey(
        id=key_id,
        issuer_id=issuer_id,
        purpose=purpose,
        public_multibase=made.public.multibase,
        sealed=made.sealed,
        valid_from=at,
        retired_at=None,
        revoked_at=None,
    )


def require_passphrase(db: Db, rt: Runtime) -> None:
    """Open some key that is there already, so that no new one is sealed by a passphrase that opens none of the others.

    Raises:
        KeyLocked: the passphrase is not the one that sealed it.
    """
    known = keys.any_one(db)
    if known is not None:
        rt.keys.signer(known.sealed, known.id, "")


def method_id(issuer: Issuer, key: SigningKey) -> str:
    """Give the id of the verification method by which others find the key."""
    return f"{issuer.did}#{key.public_multibase}"


def signer(db: Db, rt: Runtime, issuer: Issuer) -> tuple[SigningKey, Signer]:
    """Open the key that the issuer signs credentials and status lists with now.

    Raises:
        KeyLocked: the passphrase is not the one that sealed it.
    """
    key = keys.in_use(db, issuer.id, "assertion")
    return key, rt.keys.signer(key.sealed, key.id, method_id(issuer, key))


@again_if_entangled
def check_passphrase(rt: Runtime) -> None:
    """See that the passphrase opens the keys that are there, before anybody relies on it.

    Raises:
        KeyLocked: it is not the one that sealed them.
    """
    with rt.db.read() as db:
        require_passphrase(db, rt)


def rotate(rt: Runtime, slug: str, *, actor: str) -> SigningKey:
    """Retire the issuer's key and sign with a new one from now on; what the old one signed still verifies.

    Status lists are signed anew with the new key at their next request.

    Raises:
        Missing: no such issuer.
        Unacceptable: the issuer's DID is a `did:key`, which is its key and cannot rotate.
        KeyLocked: the passphrase is not the one that sealed the key in use.
    """
    now = rt.now()
    with rt.db.begin() as db:
        issuer = issuers.by_slug(db, slug)
        if issuer.did_method == "key":
            raise Unacceptable("a did:key is its key and cannot rotate; use a did:web issuer")
        old, _ = signer(db, rt, issuer)  # a passphrase that does not open the old key must not seal the new one
        new = new_key(rt, issuer.id, "assertion", now)
        keys.retire(db, old.id, now)
        keys.add(db, new)
        status.all_dirty(db, issuer.id)
        data = {"old": old.public_multibase, "new": new.public_multibase}
        deed = Deed(issuer_id=issuer.id, actor=actor, act="key.rotated", object_id=new.id, at=now, data=data)
        journal.announce(db, deed, rt.new_id())
    return new


def profile(issuer: Issuer) -> IssuerProfile:
    """Give the issuer as its credentials show it."""
    return IssuerProfile(
        id=issuer.did,
        name=issuer.name,
        url=issuer.url,
        email=issuer.profile.get("email"),
        image=issuer.profile.get("image"),
    )


def did_document(db: Db, issuer: Issuer) -> JsonObject:
    """Give the issuer's DID document: every key that its credentials may be signed with, retired ones included.

    A revoked key is listed with its `revoked` time, so that what it signed is refused with the reason.
    """
    methods = [
        Method(
            id=method_id(issuer, key),
            controller=issuer.did,
            public=public,
            revoked_at=key.revoked_at,
        )
        for key, public in (
            (key, PublicKey.from_multibase(key.public_multibase)) for key in keys.published(db, issuer.id)
        )
    ]
    return controller_document(issuer.did, methods)


def published_document(rt: Runtime, slug: str) -> JsonObject:
    """Give the DID document of the issuer with this slug.

    Raises:
        Missing: no such issuer.
    """
    with rt.db.read() as db:
        return did_document(db, issuers.by_slug(db, slug))


def published_profile(rt: Runtime, slug: str) -> JsonObject:
    """Give the issuer's public page as data: its Open Badges profile and its keys in one document (CID 1.0).

    Raises:
        Missing: no such issuer.
    """
    with rt.db.read() as db:
        issuer = issuers.by_slug(db, slug)
        document = did_document(db, issuer)
    shown = profile(issuer)
    about = {"type": ["Profile"], "name": shown.name, "url": shown.url, "email": shown.email, "image": shown.image}
    contexts = [*document["@context"], *CONTEXTS]  # without those of the profile its terms would mean nothing
    return {**document, "@context": contexts, **{name: value for name, value in about.items() if value is not None}}
