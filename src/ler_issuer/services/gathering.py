"""Gathering: what documents need to be judged, from where it costs least.

What the caller brought goes first, then what this installation publishes itself, and only then the one guarded client.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.net.gather import MOST_NEEDS, gather
from ler_issuer.net.keystores import KeyLocked
from ler_issuer.services import keyring, publishing
from ler_issuer.store import issuers, stacking, status
from ler_issuer.vc import Found, Hole, Known

if TYPE_CHECKING:
    from ler_issuer.net.registries import RegistryEntry
    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Did, Json
    from ler_issuer.vc import Material


@dataclass(frozen=True, slots=True)
class Aid:
    """What a caller brings along, and whether others may be asked.

    `material` are documents at hand, `registry` the issuers that they know, `parts` the credentials that a stacked one
    rests on.
    """

    material: Material = field(default_factory=dict)
    registry: Mapping[Did, RegistryEntry] = field(default_factory=dict)
    offline: bool = False
    parts: Sequence[Json] = ()


def collect(rt: Runtime, needs: Iterable[str], aid: Aid, *, most: int = MOST_NEEDS) -> dict[str, Found | Hole]:
    """Give every need as a document, or as a hole that says why there is none; at most `most` are asked of others."""
    wanted = list(dict.fromkeys(needs))
    found: dict[str, Found | Hole] = {need: aid.material[need] for need in wanted if need in aid.material}
    missing = [need for need in wanted if need not in found]
    if missing:
        found.update(_ours(rt, missing))
    missing = [need for need in missing if need not in found]
    if aid.offline:
        return found | {need: Hole("not_asked", "working offline") for need in missing}
    return found | gather(missing, rt.fetch, scheme="http" if rt.development else "https", most=most)


def _ours(rt: Runtime, needs: Iterable[str]) -> dict[str, Found | Hole]:
    """Find those of the needs that this installation itself publishes."""
    found: dict[str, Found | Hole] = {}
    lists: dict[str, str] = {}
    with rt.db.read() as db:
        for need in filter(str.isprintable, needs):  # a database takes not every character that JSON does
            issuer = issuers.by_did(db, need)
            if issuer is not None:
                found[need] = Found(keyring.did_document(db, issuer))
            elif (listed := status.by_url(db, need)) is not None:
                lists[need] = listed.id
            elif (rule := stacking.published_at(db, need)) is not None:
                found[need] = Found(rule.text)
    for url, list_id in lists.items():
        try:
            found[url] = Found(jsontext.parse(publishing.status_list(rt, list_id)))
        except KeyLocked as error:
            found[url] = Hole("unreachable", str(error))
    return found


def known(rt: Runtime, dids: Iterable[Did | None], aid: Aid) -> dict[Did | None, Known]:
    """Say of each issuer whether it is one of ours or in a registry; one that nobody named is not known."""
    asked = set(dids)
    with rt.db.read() as db:
        ours = {did for did in asked if did is not None and did.isprintable() and issuers.by_did(db, did) is not None}
    listed = {did for did in asked if did in aid.registry or did in rt.registry}
    return {did: Known.HERE if did in ours else Known.REGISTRY if did in listed else Known.NO for did in asked}
