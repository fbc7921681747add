"""Remembering how new the status lists of others were, so that nobody clears a credential with an older copy.

Of each list its address is kept, and when the newest copy was made whose proof held; of credentials and learners,
nothing. A copy that is older than that answers nothing: the status stays open until the host gives a newer one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ler_issuer.errors import Unavailable
from ler_issuer.store import seen_lists
from ler_issuer.store.seen_lists import SeenList
from ler_issuer.vc import SKEW, Found, Hole, list_holds, listed_at, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Url
    from ler_issuer.vc import Material


def screen(rt: Runtime, material: Material, urls: Iterable[Url]) -> dict[str, Found | Hole]:
    """Give the material with a hole for each of these lists that is older than a copy that was relied on before.

    Only what was fetched is looked at: what a caller brings is what they want to be asked of.
    """
    screened, fetched = dict(material), {url: found for url in urls if (found := _fetched(material, url)) is not None}
    if not fetched:
        return screened
    with rt.db.read() as db:
        known = seen_lists.of(db, fetched)
    for url, seen in known.items():
        made = listed_at(fetched[url].document)
        if made is None or made < seen.issued_at:
            told = "of no date" if made is None else f"of {stamp(made)}"
            detail = f"{told}, when there was one of {stamp(seen.issued_at)}"
            screened[url] = Hole("rolled_back", detail, fetched[url].source)
    return screened


def remember(rt: Runtime, lists: Material, keys: Material) -> None:
    """Remember the lists that are newer than any copy before, and whose proof holds by `keys`.

    What cannot be remembered now, because the disk is full or somebody else writes, keeps nobody from judging.
    """
    now = rt.now()
    made = {url: at for url in lists if (at := _made(lists, url)) is not None and at <= now + SKEW}
    if not made:
        return
    with rt.db.read() as db:
        known = seen_lists.of(db, made)
    newer = {
        url: at for url, at in made.items() if url not in known or known[url].issued_at < at.replace(microsecond=0)
    }
    held = [url for url in newer if list_holds(lists[url], keys, rt.rules.contexts, now)]
    if held:
        with suppress(Unavailable):
            _note(rt, [_seen(lists, url, newer[url], now) for url in held])


def _note(rt: Runtime, seen: Iterable[SeenList]) -> None:
    with rt.db.begin() as db:
        for one in sorted(seen, key=lambda one: one.url):  # in one order for all, so that nobody waits in a circle
            seen_lists.note(db, one)


def _fetched(material: Material, url: Url) -> Found | None:
    gathered = material.get(url)
    if not isinstance(gathered, Found) or gathered.source is None or gathered.source.origin != "fetched":
        return None
    return gathered


def _made(lists: Material, url: Url) -> datetime | None:
    gathered = _fetched(lists, url)
    return None if gathered is None else listed_at(gathered.document)


def _seen(lists: Mapping[Url, Found | Hole], url: Url, made: datetime, now: datetime) -> SeenList:
    source = lists[url].source
    return SeenList(url, made, "" if source is None else source.sha256, now)
