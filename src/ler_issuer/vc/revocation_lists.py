"""Revocation lists by id, with which Open Badges 3.0 began (`1EdTechRevocationList`).

Such a list is a JSON object `{id, issuer, revokedCredential: [{id, revoked, revocationReason}]}` and not signed: what
vouches for it is that it came over TLS from the address which the credential names, and that it names the same issuer.
It tells everybody which credentials were revoked, so we read such lists and publish none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from ler_issuer.vc.documents import as_list, id_of, issuer_id
from ler_issuer.vc.findings import Outcome
from ler_issuer.vc.status_entries import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import Json, JsonObject, Url

MAX_REVOKED: Final = 100_000
"""Entries of one list that are looked through."""

_LONGEST_DECODED: Final = 2_000
"""Characters of an id that is decoded: decoding takes a hundred times the memory of what is decoded."""

_MEMBERS = ("revokedCredential", "revokedCredentials")
"""The member that holds the entries, and what some hosts call it."""


def look_up_revocation(credential: JsonObject, document: Json, url: Url) -> Answer:
    """Look a credential up in the revocation list that was found at a URL.

    An entry revokes unless it says `"revoked": false`; of several entries about one credential, one that revokes
    counts. Ids are compared percent-decoded and trimmed (OB 3.0, equality and comparison).
    """
    fault = _fault(credential, document, url)
    if fault is not None:
        return fault
    entries = [entry for name in _MEMBERS for entry in as_list(document.get(name))]
    if len(entries) > MAX_REVOKED:
        return Answer(Outcome.INDETERMINATE, "list_too_large", f"more than {MAX_REVOKED} entries")
    reason = next(_reasons(entries, credential["id"]), None)
    if reason is None:
        return Answer(Outcome.WARNING, "status_clear_unsigned")
    return Answer(Outcome.FAIL, "revoked", reason)


def _fault(credential: JsonObject, document: Json, url: Url) -> Answer | None:
    """Say why a list gives no answer: it is none, or another, or somebody else's, or the credential has no id."""
    if not isinstance(document, dict) or not any(document.get(name) is not None for name in _MEMBERS):
        return Answer(Outcome.FAIL, "list_malformed")
    if "id" in document and not _same(document["id"], url):
        return Answer(Outcome.FAIL, "list_wrong_id")
    if not _same(issuer_id(document), issuer_id(credential)):
        return Answer(Outcome.FAIL, "list_foreign_issuer")
    named = credential.get("id")
    if not isinstance(named, str) or not named.strip():
        return Answer(Outcome.INDETERMINATE, "status_unnamed")
    return None


def _reasons(entries: list[Json], named: str) -> Iterator[str]:
    """Give the reason, which may be empty, of every entry that revokes the credential."""
    wanted = _plain(named)
    for entry in entries:
        if _plain(id_of(entry) or "") != wanted:
            continue
        told = entry if isinstance(entry, dict) else {}
        if told.get("revoked") is not False:
            reason = told.get("revocationReason")
            yield reason if isinstance(reason, str) else ""


def _same(one: Json, other: Json) -> bool:
    return isinstance(one, str) and isinstance(other, str) and (one == other or _plain(one) == _plain(other))


def _plain(name: str) -> str:
    """Give an id percent-decoded and trimmed, unless it is very long; bytes that are no UTF-8 stay told apart."""
    if len(name) > _LONGEST_DECODED:
        return name
    return unquote(name, errors="surrogateescape").strip()
