"""Gather what a document needs to be judged: every need becomes a document, or a hole that says why there is none."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ler_issuer import jsontext
from ler_issuer.hosts import LOCAL_DOMAINS
from ler_issuer.net.addresses import is_public
from ler_issuer.net.fetch import Fetcher, Unreachable
from ler_issuer.vc import BadDid, Found, Hole, Source, is_compact, web_url

if TYPE_CHECKING:
    from ler_issuer.types import Did, Url
    from ler_issuer.vc import Gap

MOST_NEEDS = 8
"""How many documents one call fetches for one credential; it needs two or three."""

MOST_NEEDS_TOGETHER = 32
"""How many documents one call fetches for credentials that came together, such as a record with its members."""

AT_ONCE = 8
"""How many hosts are asked at the same time."""

PATIENCE_SECONDS = 10.0
"""After so long no further fetch begins, so that a caller waits at most this and one fetch more."""

ACCEPT_DID = "application/did+ld+json, application/did+json, application/json;q=0.9"
ACCEPT_DOCUMENT = (
    "application/vc, application/ld+json, application/json, application/jwk+json, application/jwk-set+json, "
    "application/vc+jwt;q=0.9, application/jwt;q=0.9, application/cid;q=0.9"
)

_GAPS: dict[str, Gap] = {
    "refused": "refused",
    "not_found": "not_found",
    "too_large": "too_large",
    "unreachable": "unreachable",
    "timed_out": "unreachable",
    "bad_status": "unreachable",
}


def gather(
    needs: Iterable[str],
    fetch: Fetcher,
    *,
    now: datetime,
    scheme: str = "https",
    patience: float = PATIENCE_SECONDS,
    most: int = MOST_NEEDS,
) -> dict[str, Found | Hole]:
    """Fetch each need once: a DID, or the URL of a controller document, key or status list. Raise nothing.

    Shape: need → what was found, with its source (had at `now`), or a hole. Needs beyond `most`, and those not begun
    within `patience` seconds, are holes. Several hosts are asked at once, each host for one thing after the other.
    `scheme` "http", for development, makes a did:web on this machine or its own network be asked by plain http; whether
    that is allowed, as for every URL, is the fetcher's to decide.
    """
    wanted = list(dict.fromkeys(needs))
    asking = _Asking(fetch, now, scheme, time.monotonic() + patience)
    beyond = Hole("refused", f"at most {most} documents are asked for at once")
    material: dict[str, Found | Hole] = dict.fromkeys(wanted, beyond)
    hosts: defaultdict[str, list[str]] = defaultdict(list)
    for need in wanted[:most]:
        hosts[_host_of(need)].append(need)
    if len(hosts) <= 1:
        return material | asking.one_by_one(wanted[:most])
    with ThreadPoolExecutor(min(len(hosts), AT_ONCE), thread_name_prefix="gather") as pool:
        for found in pool.map(asking.one_by_one, hosts.values()):
            material.update(found)
    return material


def _host_of(need: str) -> str:
    """Give the host that a need is asked of, as far as the text tells: what fails to parse will be refused later."""
    if need.startswith("did:"):
        return need.split(":")[2].partition("%3A")[0] if need.count(":") > 1 else need
    return urlsplit(need).netloc if need.isascii() and "[" not in need else need


@dataclass(frozen=True, slots=True)
class _Asking:
    """How needs are asked for, and until when."""

    fetch: Fetcher
    now: datetime
    scheme: str
    end: float

    def one_by_one(self, needs: Sequence[str]) -> dict[str, Found | Hole]:
        return {need: self._in_time(need) for need in needs}

    def _in_time(self, need: str) -> Found | Hole:
        if time.monotonic() > self.end:
            return Hole("unreachable", "the hosts asked before it took all the time there was")
        if not need.startswith("did:"):
            return self._fetched(need, ACCEPT_DOCUMENT)
        if not need.startswith("did:web:"):
            return Hole("refused", "of the DIDs that have to be looked up, only did:web is known here")
        try:
            return self._fetched(_document_url(need, self.scheme), ACCEPT_DID)
        except BadDid as error:
            return Hole("refused", str(error))

    def _fetched(self, url: Url, accept: str) -> Found | Hole:
        try:
            answer = self.fetch.get(url, accept=accept)
        except Unreachable as failure:
            return Hole(_GAPS[failure.code], failure.why, Source(url, "fetched", self.now))
        sha256 = hashlib.sha256(answer.body).hexdigest()
        source = Source(answer.url, "fetched", self.now, len(answer.body), sha256)
        try:
            return Found(jsontext.parse(answer.body), source)
        except jsontext.NotJsonError as error:
            text = answer.body.decode("ascii", "replace").strip()
            return Found(text, source) if is_compact(text) else Hole("not_json", error.detail, source)


def _document_url(did: Did, scheme: str) -> Url:
    """Give the URL of a did:web document; plain http is for hosts that no certificate authority could vouch for."""
    url = web_url(did, scheme=scheme)
    return url if scheme == "https" or _is_near(urlsplit(url).hostname or "") else web_url(did)


def _is_near(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(LOCAL_DOMAINS)
    return not is_public(host)
