"""Founding an issuer: a tenant with its profile, DID, keys and first API key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, ValidationError, field_validator

from ler_issuer import mistakes
from ler_issuer.assessments import IdentifierType, Name, Value
from ler_issuer.badges import HttpsUrl
from ler_issuer.errors import Place, Unacceptable
from ler_issuer.services import keyring
from ler_issuer.services.access import Scope, new_key
from ler_issuer.services.issuing import NEVER_HASHED
from ler_issuer.store import access, issuers, journal, keys
from ler_issuer.store.issuers import Issuer
from ler_issuer.store.journal import Deed
from ler_issuer.vc import BadDid, PublicKey, key_did, web_did

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Did


_EMAIL = r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$"


@dataclass(frozen=True, slots=True)
class Founded:
    """A new issuer and the secret of its first API key, which is shown this once."""

    issuer: Issuer
    api_key: str


AssertionKind: TypeAlias = Literal["Ed25519", "P-256", "P-384"]
"""The kinds of keys that an issuer may sign its credentials with."""


class Charter(Value):
    """What is decided when an issuer is founded, and stays so.

    `hashed_identifiers` are the types of learners' identifiers that may go, hashed, into credentials, the preferred one
    first. `key_kind` is of the key that signs them; other kinds than Ed25519 are for interoperability runs.
    """

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    name: Name
    url: HttpsUrl
    time_zone: str
    did_method: Literal["key", "web"] = "web"
    languages: tuple[str, ...] = ("en",)
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$", max_length=200)] | None = (
        None
    )
    hashed_identifiers: Annotated[tuple[IdentifierType, ...], Field(min_length=1, max_length=10)] = ("emailAddress",)
    allow_did_key: bool = False
    key_kind: AssertionKind = "Ed25519"

    @field_validator("hashed_identifiers")
    @classmethod
    def _may_be_hashed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if NEVER_HASHED.intersection(value):
            raise ValueError(f"{' and '.join(sorted(NEVER_HASHED))} never go into credentials, not even hashed")
        return value

    @field_validator("time_zone")
    @classmethod
    def _in_the_database(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("not an IANA time zone, for example America/Chicago") from None
        return value


def charter(**words: object) -> Charter:
    """Read a charter.

    Raises:
        Unacceptable: a part of it is missing, or is not what it must be.
    """
    try:
        return Charter.model_validate(words)
    except ValidationError as error:
        problems = mistakes.places(error.errors(), words)
        said = "; ".join(f"{one.pointer.removeprefix('/')}: {one.detail}" for one in problems)
        raise Unacceptable(f"the issuer cannot be created: {said}", problems=problems) from None


def create_issuer(rt: Runtime, wanted: Charter, *, actor: str) -> Founded:
    """Found an issuer: its DID and its public address are fixed from now on.

    Raises:
        Unacceptable: no `did:web` can be made of the base URL; or a `did:key` in production without the explicit flag.
        Conflict: the slug is taken.
        KeyLocked: the passphrase is not the one that sealed the keys of the other issuers.
    """
    now = rt.now()
    with rt.db.begin() as db:
        keyring.require_passphrase(db, rt)
        issuer_id = rt.new_id()
        key = keyring.new_key(rt, issuer_id, "assertion", now, kind=wanted.key_kind)
        issuer = Issuer(
            id=issuer_id,
            slug=wanted.slug,
            name=wanted.name,
            url=wanted.url,
            did=_did(rt, wanted, PublicKey.from_multibase(key.public_multibase)),
            did_method=wanted.did_method,
            public_url=rt.base_url,
            time_zone=wanted.time_zone,
            languages=list(wanted.languages),
            profile={} if wanted.email is None else {"email": wanted.email},
            hashed_identifier_types=list(wanted.hashed_identifiers),
            created_at=now,
        )
        issuers.add(db, issuer)
        keys.add(db, key)
        keys.add(db, keyring.new_key(rt, issuer_id, "log", now))
        api_key, secret = new_key(rt, issuer_id, "first key", Scope, None)
        access.add(db, api_key)
        about = {"did": issuer.did}
        deed = Deed(issuer_id=issuer_id, actor=actor, act="issuer.created", object_id=issuer_id, at=now, data=about)
        journal.audit(db, deed)
    return Founded(issuer, secret)


def list_issuers(rt: Runtime) -> list[Issuer]:
    """Give all issuers of this installation, by slug."""
    with rt.db.read() as db:
        return issuers.everyone(db)


def issuer_named(rt: Runtime, slug: str) -> Issuer:
    """Give the issuer with this slug.

    Raises:
        Missing: there is none.
    """
    with rt.db.read() as db:
        return issuers.by_slug(db, slug)


def _did(rt: Runtime, wanted: Charter, public: PublicKey) -> Did:
    """Give the DID of a new issuer: its key, or its place on the web."""
    if wanted.did_method == "web":
        try:
            return web_did(f"{rt.base_url}/issuers/{wanted.slug}")
        except BadDid as error:
            raise Unacceptable(f"no did:web can be made of {rt.base_url}: {error}") from None
    if not rt.development and not wanted.allow_did_key:
        detail = "did:key cannot rotate; it takes an explicit flag in production"
        raise Unacceptable(detail, problems=[Place("/did_method", "did_key_in_production", detail)])
    return key_did(public)
