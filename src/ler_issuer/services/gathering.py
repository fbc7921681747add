"""Gathering: what documents need to be judged, from where it costs least.

What the caller brought goes first, then what this installation publishes itself, and only then the one guarded client.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

import orjson

from ler_issuer import jsontext
from ler_issuer.net.fetch import Elsewhere, NobodyAsked
from ler_issuer.net.gather import MOST_NEEDS, PATIENCE_SECONDS, gather
from ler_issuer.net.keystores import KeyLocked
from ler_issuer.services import keyring, publishing, remembering
from ler_issuer.store import issuers, registries, stacking, status
from ler_issuer.store.status import StatusList
from ler_issuer.vc import Found, Hole, Source, issuer_id, list_holds, listed_at, look_up, status_key_needs

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.net.registries import RegistryEntry
    from ler_issuer.runtime import Runtime
    from ler_issuer.store.db import Db
    from ler_issuer.store.registries import Registry
    from ler_issuer.types import Did, Json, JsonObject, Url
    from ler_issuer.vc import Contexts, Material

_MOST_LISTS: Final = 128
"""Status lists of ours that are kept read."""


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
        self._issuers: dict[Did, bool] = {}
        self._bodies: dict[Url, bytes] = {}
        self._home: dict[str, Json | StatusList] = {}
        self._registries: list[Registry] | None = None

    def registries(self) -> list[Registry]:
        """Give the registries of this installation."""
        if self._registries is None:
            with self._rt.db.read() as db:
                self._registries = registries.everyone(db)
        return self._registries

    def ask(
        self,
        needs: Iterable[str],
        *,
        ahead: Iterable[str] = (),
        most: int = MOST_NEEDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """Have every need as a document, or as a hole that says why there is none; `most` are asked of others.

        `ahead` may be needed next: it is looked up along with the others, but here alone.

        Raises:
            Elsewhere: the runtime asks nobody, and another host would have to be asked, now or next.
        """
        ahead = tuple(ahead)
        wanted = [need for need in dict.fromkeys(needs) if need not in self.material]
        brought = (need for need in wanted if need in self._aid.material)
        self.material.update({need: self._aid.material[need] for need in brought})
        missing = [need for need in wanted if need not in self.material]
        if missing:
            self.material.update(self._ours(missing, ahead))
        missing = [need for need in missing if need not in self.material]
        if isinstance(self._rt.fetch, NobodyAsked):
            self._stay(ahead)  # before anything is judged that would have to be judged again
        if self._aid.offline:
            self.material.update(dict.fromkeys(missing, Hole("not_asked", "working offline")))
        elif missing:
            scheme = "http" if self._rt.development else "https"
            found = gather(missing, self._rt.fetch, now=self._now, scheme=scheme, patience=patience, most=most)
            self.material.update(found)
            self._home, self._registries = {}, None  # that took its time

    def _stay(self, ahead: Sequence[str]) -> None:
        unknown = [name for name in ahead if name not in self._home]
        if unknown:
            self._look_up(unknown)
        if any(self._home[name] is None for name in ahead):
            raise Elsewhere

    def look_at_lists(self, urls: Iterable[Url], *, most: int = MOST_NEEDS, patience: float = PATIENCE_SECONDS) -> None:
        """Have status lists and the keys that these need, and remember the newest copies that hold."""
        wanted = tuple(dict.fromkeys(urls))
        self._ask_for_lists(wanted, most=most, patience=patience)
        lists = {url: self.material[url] for url in wanted}
        self.ask(status_key_needs(lists), most=most, patience=patience)
        remembering.remember(self._rt, lists, self.material)
        self.material.update(self._proven(wanted))

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

    def ours(self, dids: Iterable[Did]) -> frozenset[Did]:
        """Give those of the DIDs that are issuers of this installation."""
        asked = [did for did in dids if did.isprintable()]
        unknown = [did for did in asked if did not in self._issuers]
        if unknown:
            with self._rt.db.read() as db:
                self._issuers.update({did: issuers.by_did(db, did) is not None for did in unknown})
        return frozenset(did for did in asked if self._issuers[did])

    def _ours(self, needs: Iterable[str], ahead: Iterable[str] = ()) -> dict[str, Found | Hole]:
        """Find those of the needs that this installation itself publishes."""
        wanted = tuple(needs)
        if not all(need in self._home for need in wanted):
            self._look_up((*wanted, *ahead))
        published = ((need, self._home[need]) for need in wanted)
        return {need: self._given(need, document) for need, document in published if document is not None}

    def _look_up(self, names: Iterable[str]) -> None:
        """Look names up here, in one go: a transaction costs more than most of what is looked up in it."""
        with self._rt.db.read() as db:
            for name in dict.fromkeys(names):
                if name not in self._home:
                    self._home[name] = self._at_home(db, name)
            if self._registries is None:
                self._registries = registries.everyone(db)

    def _at_home(self, db: Db, need: str) -> Json | StatusList:
        """Find what this installation publishes under a name, or None."""
        if not need.isprintable():  # a database takes not every character that JSON does
            return None
        if need.startswith("did:"):
            return self._did_document(db, need)
        if (listed := status.by_url(db, need)) is not None:
            return listed
        if (rule := stacking.published_at(db, need)) is not None:
            return rule.text
        return keyring.published_jwk(db, need, self._as_of)

    def _given(self, name: str, document: Json | StatusList) -> Found | Hole:
        if not isinstance(document, StatusList):
            return self._published(name, document)
        try:
            return self._list(document)
        except KeyLocked as error:
            return Hole("unreachable", str(error))

    def _did_document(self, db: Db, did: Did) -> JsonObject | None:
        issuer = issuers.by_did(db, did)
        self._issuers[did] = issuer is not None
        return None if issuer is None else keyring.did_document(db, issuer, self._as_of)

    def _list(self, listed: StatusList) -> Found:
        if self._as_of is not None:
            past = publishing.past_list(self._rt, listed.id, self._as_of)
            return replace(self._published(listed.url, past), vouched=True)
        body = self._bodies[listed.url] = publishing.signed(self._rt, listed)
        return self._published(listed.url, _read(body))

    def _proven(self, urls: Iterable[Url]) -> Iterator[tuple[Url, Found]]:
        """Give our own lists whose proof was judged before, by the same keys, as documents that need no proof."""
        for url in urls:
            listed, body = self.material[url], self._bodies.get(url)
            if body is None or not isinstance(listed, Found):
                continue
            keys = look_up(self.material, issuer_id(listed.document) or "")
            if not isinstance(keys, Found) or keys.source is None or keys.source.origin != "here":
                continue
            if _holds(body, orjson.dumps(keys.document), self._rt.rules.contexts):
                yield url, replace(listed, vouched=True)

    def _published(self, name: str, document: Json) -> Found:
        return Found(document, Source(name, "here", self._now))


def collect(rt: Runtime, needs: Iterable[str], aid: Aid, *, most: int = MOST_NEEDS) -> Material:
    """Give every need as a document, or as a hole that says why there is none: for whoever asks once."""
    gathered = Gathering(rt, aid, now=rt.now())
    gathered.ask(needs, most=most)
    return gathered.material


def _is_fetched(gathered: Found | Hole) -> bool:
    return isinstance(gathered, Found) and gathered.source is not None and gathered.source.origin == "fetched"


@lru_cache(maxsize=_MOST_LISTS)
def _read(body: bytes) -> JsonObject:
    """Read a status list of ours; it is the same bytes until a bit in it changes."""
    return cast("JsonObject", jsontext.parse(body))


@lru_cache(maxsize=_MOST_LISTS)
def _holds(body: bytes, keys: bytes, contexts: Contexts) -> bool:
    """Say whether the proof of a status list of ours holds by the DID document `keys`: then it does from now on.

    A proof of ours has no end. Once a key is withdrawn the DID document is another, and this is asked anew.
    """
    document = _read(body)
    made, issuer = listed_at(document), issuer_id(document)
    if made is None or issuer is None:
        return False
    return list_holds(Found(document), {issuer: Found(jsontext.parse(keys))}, contexts, made)
