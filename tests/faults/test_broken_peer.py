"""Credentials of issuers whose hosts are out of order: judged in bounded time, neither accepted nor called forged."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

import records
import world
from faults import peers, rolls
from faults.peers import DISREPAIR, page, running
from installation import Installation, free_port
from ler_issuer.services import keyring, publishing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

LONGEST = 20
"""Seconds that a verification may take at worst: ten in which fetches begin, one fetch more, and a busy machine."""


@dataclass(frozen=True)
class Foreign:
    """A credential of an issuer elsewhere, and where that issuer's keys and status list are looked up."""

    credential: dict
    did_document: bytes
    did_path: str
    status_list: bytes
    status_path: str


@pytest.fixture(scope="module")
def peer():
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def foreign(peer, database_of, tmp_path_factory):
    """Two credentials for each kind of disrepair, each of an issuer of its own, whose address is that of the peer."""
    with database_of("sqlite", tmp_path_factory.mktemp("elsewhere")) as url:
        rt = world.runtime(url, world.World(datetime(2024, 5, 1, tzinfo=UTC)), peer.address)
        yield {name: issued(rt, name) for break_ in DISREPAIR for name in (key_of(break_), list_of(break_))}
        rt.db.close()


def key_of(break_):
    return "key-" + break_.__name__.replace("_", "-")


def list_of(break_):
    return "list-" + break_.__name__.replace("_", "-")


def issued(rt, slug):
    tenant = world.found(rt, slug)
    world.publish(rt, tenant)
    receipt = world.award(rt, tenant, assessed_at="2024-04-01T12:00:00Z")
    credential = records.document(rt, receipt.credential_id)
    list_url = credential["credentialStatus"]["statusListCredential"]
    list_id = list_url.rpartition("/")[2]
    return Foreign(
        credential=credential,
        did_document=json.dumps(keyring.published_document(rt, slug)).encode(),
        did_path=f"/issuers/{slug}/did.json",
        status_list=publishing.status_list(rt, list_id),
        status_path=f"/status/{list_id}",
    )


@pytest.fixture(scope="module")
def here(database_of, tmp_path_factory):
    """A server of ours that judges, with the key of an issuer of its own."""
    folder = tmp_path_factory.mktemp("here")
    port = free_port()
    with database_of("sqlite", folder) as url:
        installation = Installation(url, folder, f"http://127.0.0.1:{port}")
        key = installation.found("biology", [rolls.DISTINCTION])
        with installation.serving(port) as server, server.client(key) as client:
            yield client


def verify(client, one):
    """Give the report, and how long it took."""
    began = time.monotonic()
    answer = client.post("/v1/verify", json={"credential": one.credential})
    assert answer.status_code == 200, answer.text
    return answer.json(), time.monotonic() - began


def finding(report, check):
    (found,) = [one for one in report["checks"] if one["id"] == check]
    return found


def at_once(client, wanted):
    with ThreadPoolExecutor(len(wanted)) as hands:
        return list(hands.map(lambda one: verify(client, one), wanted))


def test_an_issuer_in_good_repair_is_found_authentic(here, foreign, peer):
    one = foreign[key_of(peers.hang)]
    peer.pages |= {one.did_path: page(one.did_document), one.status_path: page(one.status_list)}

    report, _ = verify(here, one)

    assert (report["authentic"], report["standing"]) == (True, "current")
    assert finding(report, "trust")["code"] == "issuer_unknown"


def test_keys_that_cannot_be_had_leave_the_question_open(here, foreign, peer):
    wanted = [foreign[key_of(break_)] for break_ in DISREPAIR]
    peer.pages |= {one.did_path: break_ for one, break_ in zip(wanted, DISREPAIR, strict=True)}

    reports = at_once(here, wanted)

    for break_, (report, seconds) in zip(DISREPAIR, reports, strict=True):
        found = finding(report, "proof.key")
        said = break_.__name__, report["verdict"], report["authentic"], found["outcome"]
        assert said == (break_.__name__, "review", False, "indeterminate")
        assert found["code"].startswith("key_")
        assert found["message"]
        assert seconds < LONGEST, break_.__name__


def test_a_status_that_cannot_be_had_leaves_the_question_open(here, foreign, peer):
    wanted = [foreign[list_of(break_)] for break_ in DISREPAIR]
    for one, break_ in zip(wanted, DISREPAIR, strict=True):
        peer.pages |= {one.did_path: page(one.did_document), one.status_path: break_}

    reports = at_once(here, wanted)

    for break_, (report, seconds) in zip(DISREPAIR, reports, strict=True):
        found = finding(report, "status")
        said = break_.__name__, report["verdict"], report["authentic"], report["standing"], found["outcome"]
        assert said == (break_.__name__, "review", True, "unknown", "indeterminate")
        assert found["code"].startswith("list_")
        assert seconds < LONGEST, break_.__name__


def test_the_service_goes_on_while_strangers_wait_for_hosts_that_hang(here, foreign, peer):
    """A hundred anonymous verifications hang or are turned away; whoever has work to do does not notice."""
    one = foreign[key_of(peers.hang)]
    peer.pages[one.did_path] = peers.hang
    row = {"id": "meanwhile", "student": "ada", "assessment": "exam", "score": "90", "revision": "1"}

    with ThreadPoolExecutor(100) as strangers:
        waiting = [strangers.submit(impatient, here.base_url, one) for _ in range(100)]
        time.sleep(1.5)
        began = time.monotonic()
        assert here.get("/health").status_code == 200
        assert here.post("/v1/results", json=rolls.body(row)).json()["outcome"] == "awarded"
        took = time.monotonic() - began
        still_waiting = sum(not each.done() for each in waiting)
        peer.pages[one.did_path] = peers.be_out_of_order
        answers = Counter(each.result() for each in waiting)

    assert still_waiting >= 50
    assert took < 3
    assert set(answers) == {"review", 503}


def impatient(address, one):
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        answer = client.post("/v1/verify", json={"credential": one.credential})
    return answer.json()["verdict"] if answer.status_code == 200 else answer.status_code
