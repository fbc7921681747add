"""Gathering: what documents need to be judged, from where it costs least.

What the caller brought goes first, then what this installation publishes itself, and only then the one guarded client.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.net.gather import MOST_NEEDS, PATIENCE_SECONDS, gather
from ler_issuer.net.keystores import KeyLocked
from ler_issuer.services import keyring, publishing, remembering
from ler_issuer.store import issuers, stacking, status
from ler_issuer.vc import Found, Hole, Source, status_key_needs

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.net.registries import RegistryEntry
    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Did, Json, Url
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


class Gathering:
    """What was gathered for documents that are judged together: each thing is asked for once.

    `as_of` asks for a past instant: what we published ourselves is then given as it was, what others publish as they
    publish it now, except for status lists, of which only the past one would do.
    """

    def __init__(self, rt: Runtime, aid: Aid, *, now: datetime, as_of: datetime | None = None) -> None:
        """Begin with nothing but what the caller brought."""
        self._rt = rt
        self._aid = aid
        self._now = now
        self._as_of = as_of
        self.material: dict[str, Found | Hole] = {}

    def ask(self, needs: Iterable[str], *, most: int = MOST_NEEDS, patience: float = PATIENCE_SECONDS) -> None:
        """Have every need as a document, or as a hole that says why there is none; `most` are asked of others."""
        wanted = [need for need in dict.fromkeys(needs) if need not in self.material]
        brought = (need for need in wanted if need in self._aid.material)
        self.material.update({need: self._aid.material[need] for need in brought})
        missing = [need for need in wanted if need not in self.material]
        if missing:
            self.material.update(self._ours(missing))
        missing = [need for need in missing if need not in self.material]
        if self._aid.offline:
            self.material.update(dict.fromkeys(missing, Hole("not_asked", "working offline")))
        elif missing:
            scheme = "http" if self._rt.development else "https"
            found = gather(missing, self._rt.fetch, now=self._now, scheme=scheme, patience=patience, most=most)
            self.material.update(found)

    def look_at_lists(self, urls: Iterable[Url], *, most: int = MOST_NEEDS, patience: float = PATIENCE_SECONDS) -> None:
        """Have status lists and the keys that these need, and remember the newest copies that hold."""
        wanted = tuple(dict.fromkeys(urls))
        self._ask_for_lists(wanted, most=most, patience=patience)
        lists = {url: self.material[url] for url in wanted}
        self.ask(status_key_needs(lists), most=most, patience=patience)
        remembering.remember(self._rt, lists, self.material)

    def _ask_for_lists(
        self, urls: Iterable[Url], *, most: int = MOST_NEEDS, patience: float = PATIENCE_SECONDS
    ) -> None:
        """Have status lists. One of others as it is now answers nothing about the past; an older one than before, none.

        What was brought is taken for what the caller wants to be asked of.
        """
        wanted = [url for url in dict.fromkeys(urls) if url not in self.material]
        if self._as_of is None:
            self.ask(wanted, most=most, patience=patience)
            fetched = {url for url in wanted if _is_fetched(self.material[url])}
            self.material.update(remembering.screen(self._rt, {url: self.material[url] for url in fetched}, fetched))
            return
        at_hand = {url: self._aid.material[url] for url in wanted if url in self._aid.material}
        ours = self._ours(url for url in wanted if url not in at_hand)
        past = Hole("not_historical", "whoever publishes it shows it as it is now")
        self.material.update({url: at_hand.get(url) or ours.get(url) or past for url in wanted})

    def _ours(self, needs: Iterable[str]) -> dict[str, Found | Hole]:
        """Find those of the needs that this installation itself publishes."""
        found: dict[str, Found | Hole] = {}
        lists: dict[str, str] = {}
        at = self._as_of
        with self._rt.db.read() as db:
            for need in filter(str.isprintable, needs):  # a database takes not every character that JSON does
                if (issuer := issuers.by_did(db, need)) is not None:
                    found[need] = self._published(need, keyring.did_document(db, issuer, at))
                elif (listed := status.by_url(db, need)) is not None:
                    lists[need] = listed.id
                elif (rule := stacking.published_at(db, need)) is not None:
                    found[need] = self._published(need, rule.text)
                elif (jwk := keyring.published_jwk(db, need, at)) is not None:
                    found[need] = self._published(need, jwk)
        for url, list_id in lists.items():
            try:
                found[url] = self._list(url, list_id)
            except KeyLocked as error:
                found[url] = Hole("unreachable", str(error))
        return found

    def _list(self, url: Url, list_id: str) -> Found:
        if self._as_of is not None:
            return replace(self._published(url, publishing.past_list(self._rt, list_id, self._as_of)), vouched=True)
        return self._published(url, jsontext.parse(publishing.status_list(self._rt, list_id)))

    def _published(self, name: str, document: Json) -> Found:
        return Found(document, Source(name, "here", self._now))


def collect(rt: Runtime, needs: Iterable[str], aid: Aid, *, most: int = MOST_NEEDS) -> Material:
    """Give every need as a document, or as a hole that says why there is none: for whoever asks once."""
    gathered = Gathering(rt, aid, now=rt.now())
    gathered.ask(needs, most=most)
    return gathered.material


def _is_fetched(gathered: Found | Hole) -> bool:
    return isinstance(gathered, Found) and gathered.source is not None and gathered.source.origin == "fetched"


def ours(rt: Runtime, dids: Iterable[Did | None]) -> set[Did]:
    """Give those of the DIDs that are issuers of this installation."""
    asked = {did for did in dids if did is not None and did.isprintable()}
    with rt.db.read() as db:
        return {did for did in asked if issuers.by_did(db, did) is not None}
