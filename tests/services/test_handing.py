"""Links to the exact bytes of one credential: unguessable, expiring, revocable."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ler_issuer.errors import Missing
from ler_issuer.net.keystores import KeyStore
from ler_issuer.services import handing, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.store import links
from records import credential, deeds
from world import CHEAP, award, found, publish

HOUR = timedelta(hours=1)


@pytest.fixture
def badge(rt, tenant):
    publish(rt, tenant)
    return award(rt, tenant).credential_id


@pytest.fixture
def link(rt, tenant, badge):
    return handing.create_link(rt, tenant.caller, badge, HOUR)


def key_of(link):
    return parse_qs(urlsplit(link.url).query)["key"][0]


def test_a_link_leads_to_the_exact_bytes(rt, badge, link):
    assert urlsplit(link.url).path == f"/credentials/{badge}"
    assert handing.fetch(rt, badge, key_of(link)) == credential(rt, badge).body
    assert handing.fetch(rt, f"urn:uuid:{badge}", key_of(link)) == credential(rt, badge).body


def test_it_ends_when_it_said(rt, badge, link, world):
    assert link.expires_at == world.time + HOUR
    world.wait(minutes=59, seconds=59)
    assert handing.fetch(rt, badge, key_of(link))

    world.wait(seconds=1)

    with pytest.raises(Missing, match="expired"):
        handing.fetch(rt, badge, key_of(link))


def test_it_ends_when_it_is_revoked(rt, tenant, badge, link):
    handing.revoke_link(rt, tenant.caller, link.link_id)

    with pytest.raises(Missing):
        handing.fetch(rt, badge, key_of(link))
    assert deeds(rt, tenant.caller, "link.") == ["link.created", "link.revoked"]


def test_every_wrong_way_gets_the_same_answer(rt, tenant, badge, link):
    other = award(rt, tenant, "bob@example.edu").credential_id
    key, elsewhere = key_of(link), key_of(handing.create_link(rt, tenant.caller, other, HOUR))
    wrong = [
        (badge, ""),
        (badge, link.link_id),
        (badge, key[:-1]),
        (badge, key + "A"),
        (badge, key.swapcase()),
        (badge, elsewhere),
        (badge, "schlüssel.ß"),
        (other, key),
        ("no such credential", key),
    ]

    said = set()
    for credential_id, tried in wrong:
        with pytest.raises(Missing) as caught:
            handing.fetch(rt, credential_id, tried)
        said.add(caught.value.detail)

    assert said == {handing.NO_SUCH_LINK}


def test_keys_cannot_be_guessed(rt, tenant, badge):
    keys = [key_of(handing.create_link(rt, tenant.caller, badge, HOUR)).split(".") for _ in range(20)]

    assert len({link_id for link_id, _ in keys}) == len({tag for _, tag in keys}) == 20
    assert all(len(tag) == 43 for _, tag in keys)


@pytest.mark.usefixtures("badge")
def test_the_key_is_kept_nowhere(rt, link):
    database = Path(rt.db.engine.url.database)

    kept = b"".join(file.read_bytes() for file in database.parent.glob(f"{database.name}*"))

    assert key_of(link).partition(".")[2].encode() not in kept


def test_another_passphrase_makes_other_keys(rt, badge, link):
    other = replace(rt, keys=KeyStore(b"another passphrase", rt.random, cost=CHEAP))

    with pytest.raises(Missing):
        handing.fetch(other, badge, key_of(link))


def test_use_is_noted(rt, badge, link, world):
    world.wait(minutes=5)
    handing.fetch(rt, badge, key_of(link))

    with rt.db.read() as db:
        kept = links.get(db, link.link_id)
    assert (kept.last_used_at, kept.created_by) == (world.time, "cli:test")


def test_another_issuer_makes_and_ends_no_links(rt, badge, link):
    stranger = found(rt, "chemistry").caller

    with pytest.raises(Missing):
        handing.create_link(rt, stranger, badge, HOUR)
    with pytest.raises(Missing):
        handing.revoke_link(rt, stranger, link.link_id)
    assert handing.fetch(rt, badge, key_of(link))


def test_what_was_revoked_can_still_be_fetched(rt, tenant, badge, link):
    """Its holder has a right to it; whoever verifies it sees what it is worth."""
    revoking.revoke(rt, tenant.caller, badge, Reason("misconduct"))

    assert handing.fetch(rt, badge, key_of(link)) == credential(rt, badge).body
