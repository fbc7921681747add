"""An issuer's signing keys: made, rotated, published in its DID document and as JSON Web Keys, and used to sign.

An issuer has one key in use for credentials with a proof in them, and may have another for credentials as tokens, of a
kind that the readers of tokens know, and a third for credentials of which learners show parts. What is published tells
them apart by nothing but their form and kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ler_issuer.badges import CONTEXTS, IssuerProfile
from ler_issuer.errors import Missing, Place, Unacceptable
from ler_issuer.store import issuers, journal, keys, status
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed
from ler_issuer.store.keys import SigningKey
from ler_issuer.vc import Method, PublicKey, controller_document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.store.keys import Purpose
    from ler_issuer.types import Did, JsonObject, Url
    from ler_issuer.vc import KeyKind, Signer

JWT_ALGORITHMS: Final[Mapping[str, KeyKind]] = MappingProxyType({"RS256": "RSA", "ES256": "P-256", "EdDSA": "Ed25519"})
"""The algorithms that an issuer may hold a key for tokens of, each with the kind of the key."""

SD_KIND: Final = "P-256"
"""The one kind of key that signs credentials of which parts can be shown (`ecdsa-sd-2023`)."""

JWKS_PATH: Final = "/.well-known/jwks.json"


def new_key(rt: Runtime, issuer_id: str, purpose: Purpose, at: datetime, *, kind: KeyKind = "Ed25519") -> SigningKey:
    """Make a signing key, sealed; the caller keeps it."""
    key_id = rt.new_id()
    made = rt.keys.create(key_id, kind)
    return SigningKey(
        id=key_id,
        issuer_id=issuer_id,
        purpose=purpose,
        public_multibase=made.public.multibase,
        kind=made.public.kind,
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
    return f"{issuer.did}#{key.id if key.purpose == 'jwt' else key.public_multibase}"


def key_url(issuer: Issuer, key: SigningKey) -> Url:
    """Give the address at which the key is published as a JSON Web Key."""
    return f"{issuer.home}/keys/{key.id}"


def signer(db: Db, rt: Runtime, issuer: Issuer) -> tuple[SigningKey, Signer]:
    """Open the key that the issuer signs credentials and status lists with now.

    Raises:
        KeyLocked: the passphrase is not the one that sealed it.
    """
    key = keys.in_use(db, issuer.id, "assertion")
    return key, rt.keys.signer(key.sealed, key.id, method_id(issuer, key))


def token_signer(db: Db, rt: Runtime, issuer: Issuer) -> tuple[SigningKey, Signer]:
    """Open the key that the issuer signs tokens with now; its `verification_method` is the `kid` of the tokens.

    A key for tokens is named by the address of its JSON Web Key. An issuer without one signs them with its other key,
    which is named by its DID URL.

    Raises:
        KeyLocked: the passphrase is not the one that sealed it.
    """
    key = keys.find_in_use(db, issuer.id, "jwt")
    if key is None:
        return signer(db, rt, issuer)
    return key, rt.keys.signer(key.sealed, key.id, key_url(issuer, key))


def can_never_disclose(db: Db, issuer: Issuer) -> bool:
    """Say whether an issuer has no key for credentials of which learners can show parts, and can have none."""
    return issuer.did_method == "key" and keys.in_use(db, issuer.id, "assertion").kind != SD_KIND


def disclosure_signer(db: Db, rt: Runtime, issuer: Issuer) -> tuple[SigningKey, Signer]:
    """Open the key that the issuer signs credentials with now of which learners can show parts.

    An issuer without one of its own for that signs them with its other key, if that is of the one kind that will do.

    Raises:
        Unacceptable: the issuer has no such key (`key_missing`).
        KeyLocked: the passphrase is not the one that sealed it.
    """
    key = keys.find_in_use(db, issuer.id, "sd") or keys.in_use(db, issuer.id, "assertion")
    if key.kind == SD_KIND:
        return key, rt.keys.signer(key.sealed, key.id, method_id(issuer, key))
    detail = f"the issuer has no key to sign this with; add one: ler-issuer keys add-sd {issuer.slug}"
    raise Unacceptable(detail, problems=[Place("", "key_missing", detail)])


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
        journal.announce(db, deed, rt.new_row_id())
    return new


def add_jwt_key(rt: Runtime, slug: str, alg: str, *, actor: str) -> SigningKey:
    """Let the issuer sign tokens with a new key from now on; one that it had before is retired, and still published.

    Raises:
        Missing: no such issuer.
        Unacceptable: no such algorithm; or the issuer's DID is a `did:key`, which can publish no other key.
        KeyLocked: the passphrase is not the one that sealed the issuer's other keys.
    """
    kind = JWT_ALGORITHMS.get(alg)
    if kind is None:
        raise Unacceptable(f"keys for tokens are of {', '.join(JWT_ALGORITHMS)}")
    return _add_key(rt, slug, "jwt", kind, actor=actor, told={"alg": alg})


def add_sd_key(rt: Runtime, slug: str, *, actor: str) -> SigningKey:
    """Let learners show parts of their credentials, which the issuer signs for that with a new key from now on.

    A key that it had for that before is retired, and still published.

    Raises:
        Missing: no such issuer.
        Unacceptable: the issuer's DID is a `did:key`, which can publish no other key.
        KeyLocked: the passphrase is not the one that sealed the issuer's other keys.
    """
    return _add_key(rt, slug, "sd", SD_KIND, actor=actor, told={"purpose": "sd"})


def _add_key(rt: Runtime, slug: str, purpose: Purpose, kind: KeyKind, *, actor: str, told: JsonObject) -> SigningKey:
    now = rt.now()
    with rt.db.read() as db:
        issuer = issuers.by_slug(db, slug)
        if issuer.did_method == "key":
            raise Unacceptable("a did:key is its key and can publish no other; use a did:web issuer")
        signer(db, rt, issuer)  # a passphrase that does not open the other key must not seal the new one
    new = new_key(rt, issuer.id, purpose, now, kind=kind)  # outside the transaction: to make an RSA key takes a while
    with rt.db.begin() as db:
        old = keys.find_in_use(db, issuer.id, purpose)
        if old is not None:
            keys.retire(db, old.id, now)
        keys.add(db, new)
        data = {"old": None if old is None else old.id, "new": new.id, **told}
        deed = Deed(issuer_id=issuer.id, actor=actor, act="key.added", object_id=new.id, at=now, data=data)
        journal.announce(db, deed, rt.new_row_id())
    return new


def list_keys(rt: Runtime, slug: str) -> tuple[Issuer, list[SigningKey]]:
    """Give an issuer and all its keys, the oldest first.

    Raises:
        Missing: no such issuer.
    """
    with rt.db.read() as db:
        issuer = issuers.by_slug(db, slug)
        return issuer, keys.of_issuer(db, issuer.id)


def profile(issuer: Issuer) -> IssuerProfile:
    """Give the issuer as its credentials show it."""
    return IssuerProfile(
        id=issuer.did,
        name=issuer.name,
        url=issuer.url,
        email=issuer.profile.get("email"),
        image=issuer.profile.get("image"),
    )


def did_document(db: Db, issuer: Issuer, at: datetime | None = None) -> JsonObject:
    """Give the issuer's DID document: every key that its credentials may be signed with, retired ones included.

    A revoked key is listed with its `revoked` time, so that what it signed is refused with the reason. With `at` it is
    told what was withdrawn by that instant. Keys made later are listed too: what they signed says of itself that it was
    not valid yet.
    """
    methods = [
        Method(
            id=method_id(issuer, key),
            controller=issuer.did,
            public=PublicKey.from_multibase(key.public_multibase),
            revoked_at=key.revoked_at if _is_revoked(key, at) else None,
            as_jwk=key.purpose == "jwt",
        )
        for key in keys.published(db, issuer.id)
    ]
    return _document(issuer.did, tuple(methods))


@lru_cache(maxsize=64)
def _document(did: Did, methods: tuple[Method, ...]) -> JsonObject:
    """Compose a DID document; nobody changes it, and as long as the keys stay the same so does this."""
    return controller_document(did, methods)


def _is_revoked(key: SigningKey, at: datetime | None) -> bool:
    return key.revoked_at is not None and (at is None or key.revoked_at <= at)


def _jwk(issuer: Issuer, key: SigningKey) -> JsonObject:
    """Write a key as a JSON Web Key; `iss` says whose it is, since several issuers may share a host."""
    public = PublicKey.from_multibase(key.public_multibase)
    kid = key_url(issuer, key) if key.purpose == "jwt" else method_id(issuer, key)
    return {**public.jwk(), "kid": kid, "alg": public.alg, "use": "sig", "iss": issuer.did}


def _jwks(db: Db, those: Iterable[Issuer], at: datetime | None = None) -> JsonObject:
    """Write the keys of issuers as a JWK Set; it has no way to say that a key was revoked, so those are left out."""
    kept = ((issuer, key) for issuer in those for key in keys.published(db, issuer.id))
    return {"keys": [_jwk(issuer, key) for issuer, key in kept if not _is_revoked(key, at)]}


def published_jwk(db: Db, url: Url, at: datetime | None = None) -> JsonObject | None:
    """Give the JSON Web Key, or the set of them, that this installation has at an address; else None.

    For our own judgement: a single key is given even if it was revoked, so that the DID document can say so.
    """
    if url.endswith(JWKS_PATH):
        those = [issuer for issuer in issuers.everyone(db) if f"{issuer.public_url}{JWKS_PATH}" == url]
        return _jwks(db, those, at) if those else None
    if "/keys/" not in url:
        return None
    key = keys.find(db, url.rpartition("/")[2])
    if key is None or key.purpose == "log":
        return None
    issuer = issuers.get(db, key.issuer_id)
    return _jwk(issuer, key) if key_url(issuer, key) == url else None


def jwks(rt: Runtime, slug: str | None = None) -> JsonObject:
    """Give the keys of the issuer with this slug, or those of all issuers, as a JWK Set (RFC 7517 §5).

    Raises:
        Missing: no such issuer.
    """
    with rt.db.read() as db:
        return _jwks(db, issuers.everyone(db) if slug is None else [issuers.by_slug(db, slug)])


def jwk(rt: Runtime, slug: str, key_id: str) -> JsonObject:
    """Give one key as a bare JSON Web Key: what the `kid` of a token leads to.

    Raises:
        Missing: the issuer has no such key, or it was revoked.
    """
    with rt.db.read() as db:
        issuer = issuers.by_slug(db, slug)
        url, row = f"{issuer.home}/keys/{key_id}", keys.find(db, key_id)
        found = published_jwk(db, url)
    if found is None or row is None or row.revoked_at is not None:
        raise Missing("there is no such key, or it was revoked")
    return found


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
