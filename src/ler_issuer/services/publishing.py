"""Status lists as the world sees them: signed, stored, and signed anew when a bit changed.

Changing a bit only marks its list dirty, in the transaction of the act. The next request for the list encodes and signs
it, once however many bits changed; so a revocation shows at once, and a mass revocation costs one signature a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.services import signing
from ler_issuer.services.signing import Manner
from ler_issuer.store import issuers, status
from ler_issuer.store.status import StatusList
from ler_issuer.vc import MIN_ENTRIES, encode, list_credential

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.types import JsonObject


def new_list(rt: Runtime, issuer: Issuer, purpose: str, ordinal: int) -> StatusList:
    """Compose an empty status list; its address is random and tells neither how many there are nor since when."""
    list_id = rt.new_id()
    return StatusList(
        id=list_id,
        issuer_id=issuer.id,
        purpose=purpose,
        ordinal=ordinal,
        length=MIN_ENTRIES,
        url=f"{issuer.public_url}/status/{list_id}",
        closed_at=None,
        revision=1,
        published_revision=None,
        published_at=None,
        body=None,
    )


def status_list(rt: Runtime, list_id: str) -> bytes:
    """Give the signed status list credential with this id, as it stands now.

    Raises:
        Missing: there is none.
    """
    with rt.db.read() as db:
        found = status.get(db, list_id)
    return signed(rt, found)


def signed(rt: Runtime, found: StatusList) -> bytes:
    """Give the signed credential of a list that was just read, as it stands now."""
    return found.body if _is_fresh(found) and found.body is not None else _publish(rt, found.id)


def past_list(rt: Runtime, list_id: str, at: datetime) -> JsonObject:
    """Give a status list as it stood at a past instant, unsigned: for our own judgement, never to leave.

    Raises:
        Missing: there is none.
    """
    with rt.db.read() as db:
        found = status.get(db, list_id)
        issuer = issuers.get(db, found.issuer_id)
        raised = status.raised_at(db, found, at)
    return list_credential(
        list_url=found.url,
        issuer=issuer.did,
        purpose=found.purpose,
        encoded=encode(raised, found.length),
        valid_from=at,
    )


def _publish(rt: Runtime, list_id: str) -> bytes:
    with rt.db.begin() as db:
        return current_step(db, rt, list_id)


def current_step(db: Db, rt: Runtime, list_id: str) -> bytes:
    """Give a status list as it stands now, signing it first when a bit changed since it was last signed."""
    found = status.locked(db, list_id)
    if _is_fresh(found) and found.body is not None:
        return found.body
    now = rt.now()
    issuer = issuers.get(db, found.issuer_id)
    document = list_credential(
        list_url=found.url,
        issuer=issuer.did,
        purpose=found.purpose,
        encoded=encode(status.raised(db, list_id), found.length),
        valid_from=now,
    )
    sealed = signing.sign(db, rt, issuer, document, now, manner=Manner(is_single=True))  # readers expect one proof
    body = sealed.body
    status.published(db, list_id, revision=found.revision, body=body, at=now)
    return body


def _is_fresh(found: StatusList) -> bool:
    return found.published_revision == found.revision
