"""Gather what a document needs to be judged: every need becomes a document, or a hole that says why there is none."""

from __future__ import annotations

import time
from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ler_issuer import jsontext
from ler_issuer.hosts import LOCAL_DOMAINS
from ler_issuer.net.addresses import is_public
from ler_issuer.net.fetch import Fetcher, Unreachable
from ler_issuer.vc import BadDid, Found, Hole, web_url

if TYPE_CHECKING:
    from ler_issuer.types import Did, Url
    from ler_issuer.vc import Gap

MOST_NEEDS = 8
"""How many documents one call fetches for one credential; it needs two or three."""

MOST_NEEDS_TOGETHER = 32
"""How many documents one call fetches for credentials that came together, such as a record with its members."""

PATIENCE_SECONDS = 10.0
"""After so long no further fetch begins, so that a caller waits at most this and one fetch more."""

ACCEPT_DID = "application/did+ld+json, application/did+json, application/json;q=0.9"
ACCEPT_DOCUMENT = "application/vc, application/ld+json, application/json, application/cid;q=0.9"

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
    scheme: str = "https",
    patience: float = PATIENCE_SECONDS,
    most: int = MOST_NEEDS,
) -> dict[str, Found | Hole]:
    """Fetch each need once: a DID, or the URL of a controller document or status list. Raise nothing.

    Shape: need → what was found, or a hole. Needs beyond `most`, and those not begun within `patience` seconds, are
    holes. `scheme` "http", for development, makes a did:web on this machine or its own network be asked by plain
    http; whether that is allowed, as for every URL, is the fetcher's to decide.
    """
    end = time.monotonic() + patience
    material: dict[str, Found | Hole] = {}
    for count, need in enumerate(dict.fromkeys(needs)):
        if count >= most:
            material[need] = Hole("refused", f"at most {most} documents are asked for at once")
        elif time.monotonic() > end:
            material[need] = Hole("unreachable", "the hosts asked before it took all the time there was")
        else:
            material[need] = _gathered(need, fetch, scheme)
    return material


def _gathered(need: str, fetch: Fetcher, scheme: str) -> Found | Hole:
    if not need.startswith("did:"):
        return _fetched(need, fetch, ACCEPT_DOCUMENT)
    if not need.startswith("did:web:"):
        return Hole("refused", "of the DIDs that have to be looked up, only did:web is known here")
    try:
        return _fetched(_document_url(need, scheme), fetch, ACCEPT_DID)
    except BadDid as error:
        return Hole("refused", str(error))


def _fetched(url: Url, fetch: Fetcher, accept: str) -> Found | Hole:
    try:
        answer = fetch.get(url, accept=accept)
        return Found(jsontext.parse(answer.body))
    except Unreachable as failure:
        return Hole(_GAPS[failure.code], failure.why)
    except jsontext.NotJsonError as error:
        return Hole("not_json", error.detail)


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
