"""Verifying: gather what a document needs, judge it, and keep nothing of it.

Before the proof is judged only the key material that it names is looked up; status lists only after it held. Issuers of
this installation are answered from the database, everybody else by the one guarded client.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import judge, judge_proof
from ler_issuer.net.gather import gather
from ler_issuer.net.keystores import KeyLocked
from ler_issuer.services import keyring, publishing
from ler_issuer.store import issuers, status
from ler_issuer.vc import Found, Hole, Known, Report, issuer_id, key_needs, status_needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ler_issuer.net.registries import RegistryEntry
    from ler_issuer.runtime import Runtime
    from ler_issuer.store.db import Db
    from ler_issuer.types import Did, Json
    from ler_issuer.vc import Material


@dataclass(frozen=True, slots=True)
class Aid:
    """What a caller brings along: documents at hand, a registry of their own, and whether others may be asked."""

    material: Material = field(default_factory=dict)
    registry: Mapping[Did, RegistryEntry] = field(default_factory=dict)
    offline: bool = False


def verify(rt: Runtime, document: Json, aid: Aid | None = None) -> Report:
    """Judge a document as it stands now; a report comes out whatever comes in.

    Raises nothing for the document's sake. What cannot be had becomes an open question in the report.
    """
    aid = Aid() if aid is None else aid
    now = rt.now()
    keys = _gather(rt, key_needs(document), aid)
    proved = judge_proof(document, keys, rules=rt.rules, now=now)
    lists = _gather(rt, status_needs(document), aid) if proved.authentic else {}
    known = _known(rt, issuer_id(document), aid)
    return judge(document, {**keys, **lists}, rules=rt.rules, known=known, now=now, proved=proved)


def _gather(rt: Runtime, needs: Iterable[str], aid: Aid) -> dict[str, Found | Hole]:
    """Look where it costs least: what the caller brought, what is ours, and only then the network."""
    wanted = list(needs)
    found: dict[str, Found | Hole] = {need: aid.material[need] for need in wanted if need in aid.material}
    missing = [need for need in wanted if need not in found]
    if missing:
        found.update(_ours(rt, missing))
    missing = [need for need in missing if need not in found]
    if aid.offline:
        return found | {need: Hole("not_asked", "working offline") for need in missing}
    return found | gather(missing, rt.fetch, scheme="http" if rt.development else "https")


def _ours(rt: Runtime, needs: Iterable[str]) -> dict[str, Found | Hole]:
    """Find those of the needs that this installation itself publishes."""
    found: dict[str, Found | Hole] = {}
    lists: dict[str, str] = {}
    with rt.db.read() as db:
        for need in filter(str.isprintable, needs):  # a database takes not every character that JSON does
            issuer = issuers.by_did(db, need)
            if issuer is not None:
                found[need] = Found(keyring.did_document(db, issuer))
            elif not need.startswith("did:"):
                listed = status.by_url(db, need)
                if listed is not None:
                    lists[need] = listed.id
    for url, list_id in lists.items():
        try:
            found[url] = Found(jsontext.parse(publishing.status_list(rt, list_id)))
        except KeyLocked as error:
            found[url] = Hole("unreachable", str(error))
    return found


def _known(rt: Runtime, did: Did | None, aid: Aid) -> Known:
    if did is None or not did.isprintable():
        return Known.NO
    with rt.db.read() as db:
        if _is_ours(db, did):
            return Known.HERE
    return Known.REGISTRY if did in aid.registry or did in rt.registry else Known.NO


def _is_ours(db: Db, did: Did) -> bool:
    return issuers.by_did(db, did) is not None
