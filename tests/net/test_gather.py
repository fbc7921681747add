from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ler_issuer.net import gather as gathering
from ler_issuer.net.fetch import Fetched, Unreachable
from ler_issuer.net.gather import MOST_NEEDS
from ler_issuer.vc import Found, Hole, Source
from world import NOON


def gather(needs, hosts, **options):
    """Gather as of noon, and tell what was found without its source, which has a test of its own."""
    found = gathering.gather(needs, hosts, now=NOON, **options)
    return {need: replace(one, source=None) for need, one in found.items()}


class Hosts:
    """A world of web pages; what is not in it is unreachable."""

    def __init__(self, pages: dict[str, bytes | Unreachable], *, seconds: float = 0.0) -> None:
        self.pages = pages
        self.seconds = seconds
        self.asked: list[str] = []
        self.accepts: list[str] = []

    def get(self, url: str, *, accept: str) -> Fetched:
        self.asked.append(url)
        self.accepts.append(accept)
        time.sleep(self.seconds)
        page = self.pages.get(url) or Unreachable(url, "unreachable", "no such host")
        if isinstance(page, Unreachable):
            raise page
        return Fetched(url, page, "text/plain")


def test_each_need_becomes_its_document():
    did = {"id": "did:web:a.example"}
    issuers = {"id": "did:web:a.example%3A8443:issuers:x"}
    status = {"type": ["VerifiableCredential"]}
    hosts = Hosts(
        {
            "https://a.example/.well-known/did.json": json.dumps(did).encode(),
            "https://a.example:8443/issuers/x/did.json": json.dumps(issuers).encode(),
            "https://b.example/status/1": json.dumps(status).encode(),
        }
    )
    needs = ["did:web:a.example", "did:web:a.example%3A8443:issuers:x", "https://b.example/status/1"]
    assert gather(needs, hosts) == dict(zip(needs, map(Found, (did, issuers, status)), strict=True))
    accepts = dict(zip(hosts.asked, hosts.accepts, strict=True))
    assert accepts["https://a.example/.well-known/did.json"].startswith("application/did")
    assert accepts["https://b.example/status/1"].startswith("application/vc")


def test_a_need_named_twice_is_fetched_once():
    hosts = Hosts({"https://a.example/1": b"{}"})
    gather(["https://a.example/1"] * 3, hosts)
    assert hosts.asked == ["https://a.example/1"]


@pytest.mark.parametrize(
    ("failure", "gap"),
    [
        ("refused", "refused"),
        ("unreachable", "unreachable"),
        ("not_found", "not_found"),
        ("too_large", "too_large"),
        ("timed_out", "unreachable"),
        ("bad_status", "unreachable"),
    ],
)
def test_a_failure_is_a_hole_with_its_reason(failure, gap):
    url = "https://a.example/1"
    assert gather([url], Hosts({url: Unreachable(url, failure, "in words")})) == {url: Hole(gap, "in words")}


@pytest.mark.parametrize("body", [b"<html>", b'{"a":1,"a":2}', b"\xff", b"[NaN]", b'"\\ud800"', b" "])
def test_what_strict_readers_refuse_is_a_hole(body: bytes):
    found = gather(["https://a.example/1"], Hosts({"https://a.example/1": body}))["https://a.example/1"]
    assert isinstance(found, Hole)
    assert found.code == "not_json"


@pytest.mark.parametrize("did", ["did:ion:abc", "did:key:z6Mk", "did:", "did:web", "did:WEB:a.example"])
def test_only_did_web_is_looked_up(did: str):
    hosts = Hosts({})
    found = gather([did], hosts)[did]
    assert isinstance(found, Hole)
    assert "did:web" in found.detail
    assert hosts.asked == []


@pytest.mark.parametrize(
    "did",
    [
        "did:web:",
        "did:web:127.0.0.1",
        "did:web:user@a.example",
        "did:web:a.example%2F..%2Fb",
        "did:web:a.example:..:b",
        "did:web:a.example%3A99999",
        "did:web:a.example/path",
        "did:web:a.example#key",
    ],
)
def test_a_trick_in_a_did_asks_nobody(did: str):
    hosts = Hosts({})
    found = gather([did], hosts)[did]
    assert isinstance(found, Hole)
    assert found.code == "refused"
    assert hosts.asked == []


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:127.0.0.1%3A8000:issuers:x", "http://127.0.0.1:8000/issuers/x/did.json"),
        ("did:web:localhost%3A8000", "http://localhost:8000/.well-known/did.json"),
        ("did:web:service%3A8000", "http://service:8000/.well-known/did.json"),
        ("did:web:192.168.1.9", "http://192.168.1.9/.well-known/did.json"),
        ("did:web:a.example", "https://a.example/.well-known/did.json"),
    ],
)
def test_plain_http_is_for_hosts_nearby(did: str, url: str):
    hosts = Hosts({})
    gather([did], hosts, scheme="http")
    assert hosts.asked == [url]


def test_a_public_address_is_no_host_nearby():
    hosts = Hosts({})
    assert gather(["did:web:93.184.216.34"], hosts, scheme="http")["did:web:93.184.216.34"].code == "refused"
    assert hosts.asked == []


def test_one_call_fetches_so_many_and_no_more():
    needs = [f"https://a.example/{number}" for number in range(MOST_NEEDS + 2)]
    hosts = Hosts(dict.fromkeys(needs, b"{}"))
    found = gather(needs, hosts)
    assert hosts.asked == needs[:MOST_NEEDS]
    assert [found[need].code for need in needs[MOST_NEEDS:]] == ["refused", "refused"]


def test_patience_ends():
    needs = ["https://a.example/1", "https://a.example/2"]
    hosts = Hosts(dict.fromkeys(needs, b"{}"), seconds=0.05)
    found = gather(needs, hosts, patience=0.01)
    assert hosts.asked == needs[:1]
    assert found[needs[0]] == Found({})
    assert found[needs[1]].code == "unreachable"


@given(st.lists(st.text() | st.from_regex(r"did:web:.{0,30}"), max_size=12))
def test_any_needs_are_answered_and_nothing_is_raised(needs: list[str]):
    assert set(gather(needs, Hosts({}), scheme="http")) == set(needs)


def test_it_is_told_from_where_and_when_a_document_was_had():
    hosts = Hosts({"https://a.example/1": b"{}"})
    found = gathering.gather(["https://a.example/1", "https://a.example/2"], hosts, now=NOON)

    digest = hashlib.sha256(b"{}").hexdigest()
    assert found["https://a.example/1"].source == Source("https://a.example/1", "fetched", NOON, 2, digest)
    assert found["https://a.example/2"].source == Source("https://a.example/2", "fetched", NOON)


def test_a_token_is_a_document_too():
    assert gather(["https://a.example/1"], Hosts({"https://a.example/1": b"e30.e30.AA\n"})) == {
        "https://a.example/1": Found("e30.e30.AA")
    }


def test_several_hosts_are_asked_at_once_and_each_for_one_thing_after_the_other():
    needs = [f"https://{host}.example/{page}" for host in "abcd" for page in (1, 2)]
    hosts = Hosts(dict.fromkeys(needs, b"{}"), seconds=0.05)
    begun = time.monotonic()

    gather(needs, hosts)

    assert time.monotonic() - begun < 0.05 * len(needs)
    assert [url for url in hosts.asked if "a.example" in url] == needs[:2]
