"""Asking a federation: who belongs, what is asked of whom, what is kept, and what when nobody answers."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from federations import HOUR, Entity, organisation
from ler_issuer.errors import Unacceptable, Upstream
from ler_issuer.services import enlisting, federating, trusting
from ler_issuer.services.trusting import Unchecked
from world import NOON

ANCHOR = Entity("https://anchor.example", "ES256")
STATE = Entity("https://state.example")
ADA = Entity("https://ada.example/college")
DID = "did:web:ada.example:college"
BOB = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
DAY = 24 * HOUR
WELL_KNOWN = "/.well-known/openid-federation"
WHO = "cli:test"


def fetch_url(superior, sub):
    return f"{superior.id}/fetch?sub={quote(sub, safe='')}"


def host(world, entity, *superiors, **claims):
    world.host(entity.id + WELL_KNOWN, entity.configuration(*superiors, **claims).encode())


def lists(world, superior, below, **claims):
    sub = below.id if isinstance(below, Entity) else below
    world.host(fetch_url(superior, sub), superior.about(below, **claims).encode())


def in_days(days, of_iat=0):
    now = int(NOON.timestamp())
    return {"iat": now - HOUR + of_iat, "exp": now + int(days * DAY)}


@pytest.fixture
def federation(rt, world):
    """A federation that this installation goes by, with one DID that is listed."""
    host(world, ANCHOR, **in_days(30))
    lists(world, ANCHOR, DID, metadata=organisation(), **in_days(10))
    made = enlisting.add_federation(rt, "Federation", ANCHOR.id + WELL_KNOWN, ANCHOR.jwks, actor=WHO)
    world.asked.clear()
    return made


def asked(rt, did, **words):
    return trusting.look_up(rt, [did], **words)[did]


def test_a_did_that_is_listed_is_known_by_the_name_that_the_federation_gives_it(rt, world, federation):
    (found,) = asked(rt, DID).listed

    assert (found.registry, found.kind, found.name, found.url, found.stale) == (
        federation.name,
        "oidf",
        "Ada College",
        "https://ada.example",
        False,
    )
    assert found.checked_at == NOON
    assert world.asked == [fetch_url(ANCHOR, DID)]


@pytest.mark.usefixtures("federation")
class TestWhatIsKept:
    def test_a_member_is_asked_for_once_a_day(self, rt, world):
        for _ in range(3):
            assert asked(rt, DID).listed
        world.wait(hours=24)
        assert asked(rt, DID).listed

        assert world.asked == [fetch_url(ANCHOR, DID), ANCHOR.id + WELL_KNOWN, fetch_url(ANCHOR, DID)]

    def test_a_stranger_is_asked_for_once_an_hour(self, rt, world):
        for _ in range(2):
            assert asked(rt, BOB) == trusting.Listings()
        assert world.asked == [fetch_url(ANCHOR, BOB)]
        lists(world, ANCHOR, BOB, metadata=organisation("Bob"))
        world.wait(minutes=59)
        assert asked(rt, BOB).listed == ()
        lists(world, ANCHOR, BOB, metadata=organisation("Bob"), **in_days(1))
        world.wait(minutes=1)
        assert [one.name for one in asked(rt, BOB).listed] == ["Bob"]

    def test_what_is_kept_serves_offline_while_its_chain_holds(self, rt, world):
        asked(rt, DID)
        world.asked.clear()
        assert [one.stale for one in asked(rt, DID, offline=True).listed] == [False]
        world.wait(days=2)
        assert [one.stale for one in asked(rt, DID, offline=True).listed] == [True]
        world.wait(days=9)
        assert asked(rt, DID, offline=True).listed == ()
        assert asked(rt, DID, offline=True).unchecked == (Unchecked("Federation", "working offline"),)
        assert world.asked == []

    def test_a_chain_that_expires_early_is_asked_for_early(self, rt, world):
        lists(world, ANCHOR, BOB, metadata=organisation("Bob"), **in_days(0.1))
        assert asked(rt, BOB).listed
        world.wait(hours=3)
        lists(world, ANCHOR, BOB, metadata=organisation("Bob's"), **in_days(1))
        assert [one.name for one in asked(rt, BOB).listed] == ["Bob's"]

    def test_an_anchor_that_expires_early_is_asked_early(self, rt, world):
        host(world, ANCHOR, **in_days(0.1))
        enlisting.renew(rt, enlisting.list_all(rt))
        assert asked(rt, DID).listed
        world.wait(hours=3)
        host(world, ANCHOR, **in_days(1))
        assert [one.stale for one in asked(rt, DID).listed] == [False]

    def test_a_member_that_was_struck_off_is_known_no_longer(self, rt, world):
        assert asked(rt, DID).listed
        del world.pages[fetch_url(ANCHOR, DID)]
        world.wait(days=1)
        assert asked(rt, DID) == trusting.Listings()


@pytest.mark.usefixtures("federation")
class TestWhenNobodyAnswers:
    def test_it_stays_open_and_is_not_waited_for_again(self, rt, world):
        world.unplug("anchor.example")
        world.wait(minutes=1)

        assert asked(rt, DID).unchecked == (Unchecked("Federation", "the host is unplugged"),)
        assert "last asked" in asked(rt, DID).unchecked[0].why
        assert world.asked == [fetch_url(ANCHOR, DID)]
        world.unplugged.clear()
        world.wait(minutes=10)
        assert asked(rt, DID).listed

    def test_of_many_issuers_only_the_first_waits(self, rt, world):
        world.unplug("anchor.example")
        found = trusting.look_up(rt, [DID, BOB])

        assert all(one.unchecked and not one.listed for one in found.values())
        assert world.asked == [fetch_url(ANCHOR, DID)]

    def test_a_member_of_yesterday_is_one_still_and_said_to_be_old(self, rt, world):
        asked(rt, DID)
        world.wait(days=2)
        world.unplug("anchor.example")
        assert [one.stale for one in asked(rt, DID).listed] == [True]

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"<html>",
            "\u00fc".encode(),
            Entity(ANCHOR.id, "ES256").about(DID, metadata=organisation()).encode(),
            ANCHOR.about(BOB, metadata=organisation("Bob")).encode(),
            ANCHOR.about(DID, metadata={}).encode(),
            ANCHOR.about(DID, metadata=organisation(" ")).encode(),
        ],
    )
    def test_an_answer_that_does_not_hold_proves_nothing(self, rt, world, answer):
        world.host(fetch_url(ANCHOR, DID), answer)
        found = asked(rt, DID)

        assert found.listed == ()
        assert len(found.unchecked) == 1

    @pytest.mark.parametrize("issuer", ["", "urn:x", "did:\u0000", "did:web:" + "a" * 1000, "http://a.example"])
    def test_what_is_no_id_of_an_issuer_is_not_asked_for(self, rt, world, issuer):
        assert asked(rt, issuer) == trusting.Listings()
        assert world.asked == []

    def test_too_many_at_once_stay_open(self, rt, world):
        found = trusting.look_up(rt, [f"did:example:{number}" for number in range(150)])

        assert len(world.asked) == 100
        assert sum(bool(one.unchecked) for one in found.values()) == 50


@pytest.mark.usefixtures("federation")
class TestClimbing:
    @pytest.fixture(autouse=True)
    def unlisted(self, world, federation):
        """Make the DID one that the anchor lists by its entity only, by way of the state."""
        del federation, world.pages[fetch_url(ANCHOR, DID)]
        host(world, ADA, STATE, metadata=organisation())
        host(world, STATE, ANCHOR)
        lists(world, STATE, ADA)
        lists(world, ANCHOR, STATE)

    def test_an_entity_at_the_place_of_a_did_belongs_by_its_superiors(self, rt, world):
        assert [one.name for one in asked(rt, DID).listed] == ["Ada College"]
        assert len(world.asked) == 5

    def test_a_way_that_leads_nowhere_is_left_for_another(self, rt, world):
        other = Entity("https://other.example")
        host(world, ADA, other, STATE, metadata=organisation())
        host(world, other, ADA, other)
        lists(world, other, ADA)
        assert asked(rt, DID).listed

    def test_who_goes_round_in_circles_is_no_member(self, rt, world):
        host(world, STATE, ADA, STATE)
        assert asked(rt, DID) == trusting.Listings()

    def test_only_so_much_is_asked_for_one_issuer(self, rt, world):
        many = [Entity(f"https://e{number}.example") for number in range(30)]
        for one in many:
            host(world, one, *(other for other in many if other is not one))
            for other in [*many, ADA]:
                lists(world, one, other)
        host(world, ADA, *many)
        assert asked(rt, DID) == trusting.Listings()
        assert len(world.asked) <= 2 + 12 + 1

    def test_a_superior_over_plain_http_is_not_asked(self, rt, world):
        host(world, ADA, Entity("http://state.example"), metadata=organisation())
        assert asked(rt, DID) == trusting.Listings()
        assert not [url for url in world.asked if url.startswith("http:")]

    def test_another_place_on_the_same_host_is_another_entity(self, rt):
        assert asked(rt, "did:web:ada.example") == trusting.Listings()


class TestAddingOne:
    @pytest.mark.parametrize("keys", [None, {}, {"keys": []}, {"keys": [{"kty": "oct", "k": "AAAA"}]}])
    def test_it_is_pinned_to_keys(self, rt, world, keys):
        host(world, ANCHOR)
        with pytest.raises(Unacceptable) as refused:
            enlisting.add_federation(rt, "Federation", ANCHOR.id, keys, actor=WHO)
        assert refused.value.problems[0].pointer == "/anchor_keys"

    def test_it_has_to_hold_them(self, rt, world):
        host(world, ANCHOR)
        with pytest.raises(Upstream, match="not one that is vouched for"):
            enlisting.add_federation(rt, "F", ANCHOR.id, Entity(ANCHOR.id, kid="k2").jwks, actor=WHO)
        with pytest.raises(Upstream, match="algorithm"):
            enlisting.add_federation(rt, "F", ANCHOR.id, Entity(ANCHOR.id).jwks, actor=WHO)
        assert enlisting.list_all(rt) == []

    def test_it_has_to_be_there(self, rt):
        with pytest.raises(Upstream, match="has no configuration"):
            enlisting.add_federation(rt, "F", ANCHOR.id, ANCHOR.jwks, actor=WHO)
        with pytest.raises(Unacceptable):
            enlisting.add_federation(rt, "F", "http://anchor.example", ANCHOR.jwks, actor=WHO)


def test_two_processes_forget_nothing_of_each_other(rt, world, federation):
    lists(world, ANCHOR, BOB, metadata=organisation("Bob"), **in_days(1))
    asked(rt, DID)

    federating.ask(rt, federation, [BOB], offline=False)  # by the row as it was before

    world.asked.clear()
    assert asked(rt, DID).listed
    assert asked(rt, BOB).listed
    assert world.asked == []
