"""Handing over: unguessable, expiring, revocable links to one credential, in every form that it has."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ler_issuer.errors import Missing
from ler_issuer.services import exporting, idempotency
from ler_issuer.services.exporting import Form
from ler_issuer.store import credentials, journal, links
from ler_issuer.store.journal import Deed
from ler_issuer.store.links import Link

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.types import Url

NO_SUCH_LINK = "there is nothing at this link: it is wrong, it has expired, or it was revoked"


USE_IS_NOTED_EVERY = timedelta(minutes=1)
"""How exact `last_used_at` is: fetching again and again does not make the database write."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A link as it is given to the learner's wallet; whoever has `url` can fetch the credential until `expires_at`."""

    link_id: str
    url: Url
    expires_at: datetime


def create_link(rt: Runtime, caller: Caller, credential_id: str, lifetime: timedelta) -> Handed:
    """Make a link to a credential.

    Raises:
        Missing: no such credential of the caller's issuer.
        Conflict: the Idempotency-Key was used for another request.
    """
    now = rt.now()
    with rt.db.begin() as db:
        answered = idempotency.answered(db, caller)
        if answered is not None:
            return _handed(rt, links.get(db, answered["link_id"]))
        credential = credentials.owned_by(db, credential_id, caller.issuer_id)
        link = Link(rt.new_id(), credential.id, now + lifetime, now, caller.actor, None, None)
        links.add(db, link)
        journal.audit(db, _deed(caller, "link.created", link, now))
        idempotency.remember(db, caller, {"link_id": link.id}, now)
    return _handed(rt, link)


def revoke_link(rt: Runtime, caller: Caller, link_id: str) -> None:
    """End a link at once.

    Raises:
        Missing: no such link to a credential of the caller's issuer.
    """
    now = rt.now()
    with rt.db.begin() as db:
        link = links.get(db, link_id)
        if credentials.get(db, link.credential_id).issuer_id != caller.issuer_id:
            raise Missing("no such link")  # in the words for a link that nobody has: whose it is stays untold
        links.revoke(db, link.id, now)
        journal.audit(db, _deed(caller, "link.revoked", link, now))


def fetch(rt: Runtime, credential_id: str, key: str, form: Form = Form.JSONLD) -> bytes:
    """Give a credential to whoever has the key of a link to it that still stands; as JSON, in its stored bytes.

    Raises:
        Missing: wrong key, or a link that expired or was revoked: one answer for all, which tells nothing.
        Unacceptable: as `exporting.written`.
    """
    credential, actor = follow(rt, credential_id, key)
    return exporting.written(rt, credential, form, actor=actor)


def follow(rt: Runtime, credential_id: str, key: str) -> tuple[Credential, str]:
    """Give the credential that a link leads to which still stands, and as whom to remember whoever came by it.

    Raises:
        Missing: as `fetch`.
    """
    now = rt.now()
    with rt.db.read() as db:
        link = _standing(db, rt, credential_id, key, now)
        credential = credentials.get(db, link.credential_id)
    if link.last_used_at is None or now - link.last_used_at >= USE_IS_NOTED_EVERY:
        _note_use(rt, link, now)
    return credential, f"link:{link.id}"


def _standing(db: Db, rt: Runtime, credential_id: str, key: str, now: datetime) -> Link:
    """Give the link that a key opens, if it stands and leads to this credential."""
    try:
        link = links.get(db, key.partition(".")[0])
    except Missing:
        raise Missing(NO_SUCH_LINK) from None
    good = hmac.compare_digest(key.encode(), _key(rt, link).encode())
    wanted = credential_id.removeprefix("urn:uuid:")
    if not good or link.credential_id != wanted or link.revoked_at is not None or link.expires_at <= now:
        raise Missing(NO_SUCH_LINK)
    return link


def _note_use(rt: Runtime, link: Link, now: datetime) -> None:
    with rt.db.begin() as db:
        links.used(db, link.id, now)


def _deed(caller: Caller, act: str, link: Link, at: datetime) -> Deed:
    data = {"link_id": link.id}
    return Deed(issuer_id=caller.issuer_id, actor=caller.actor, act=act, object_id=link.credential_id, at=at, data=data)


def _handed(rt: Runtime, link: Link) -> Handed:
    url = f"{rt.base_url}/credentials/{link.credential_id}?key={_key(rt, link)}"
    return Handed(link.id, url, link.expires_at)


def _key(rt: Runtime, link: Link) -> str:
    """Derive the key of a link: its id and a keyed digest of it, so that no secret has to be kept to give it again."""
    tag = base64.urlsafe_b64encode(rt.keys.mac("fetch link", link.id.encode())).decode().rstrip("=")
    return f"{link.id}.{tag}"
