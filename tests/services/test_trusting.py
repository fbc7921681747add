"""Who an issuer is by the registries: order, age, absence, and what is asked of whom."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ler_issuer.errors import Conflict, Malformed, Missing, Unacceptable, Upstream
from ler_issuer.net.registries import RegistryEntry
from ler_issuer.services import enlisting, trusting
from ler_issuer.services.trusting import Listed, Listings, Unchecked
from ler_issuer.store import registries

ADA = "did:web:ada.example"
BOB = "did:web:bob.example"
LIST = "https://lists.example/members.json"
WHO = "cli:test"


def roll(**entries):
    """Give a list of issuers: place in the web by name."""
    listed = {
        f"did:web:{host}.example": {"name": name, "url": f"https://{host}.example"} for host, name in entries.items()
    }
    return {"meta": {"updated": "2026-01-01"}, "registry": listed}


def text(document):
    return json.dumps(document).encode()


def add_file(rt, name, **entries):
    return enlisting.add_file(rt, name, text(roll(**entries)), "/lists/x.json", actor=WHO)


@pytest.fixture
def members(rt, world):
    """A list that is fetched, and was."""
    world.host(LIST, roll(ada="Ada College"))
    return enlisting.add_list(rt, "Members", LIST, actor=WHO)


def test_nobody_is_known_to_no_registry(rt, world):
    assert trusting.look_up(rt, [ADA, ADA, BOB]) == {ADA: Listings(), BOB: Listings()}
    assert world.asked == []


@pytest.mark.usefixtures("members")
def test_every_registry_speaks_for_itself_in_order(rt, world):
    add_file(rt, "State", ada="Ada's School", bob="Bob's School")
    here = replace(rt, registry={ADA: RegistryEntry("Ada here", None, "own.json")})

    found = trusting.look_up(here, [ADA, BOB], extra={ADA: RegistryEntry("Ada as we know her")})

    assert [(one.registry, one.kind, one.name) for one in found[ADA].listed] == [
        ("brought along", "brought", "Ada as we know her"),
        ("own.json", "file", "Ada here"),
        ("Members", "dcc", "Ada College"),
        ("State", "file", "Ada's School"),
    ]
    assert [one.registry for one in found[BOB].listed] == ["State"]
    assert world.asked == [LIST], "a fresh copy is not fetched again"


@pytest.mark.usefixtures("members")
def test_a_caller_chooses_among_them(rt):
    add_file(rt, "State", ada="Ada's School")
    here = replace(rt, registry={ADA: RegistryEntry("Ada here", None, "own.json")})

    assert [one.registry for one in trusting.look_up(here, [ADA], names=["State"])[ADA].listed] == ["State"]
    assert [one.registry for one in trusting.look_up(here, [ADA], names=["own.json"])[ADA].listed] == ["own.json"]
    assert trusting.look_up(here, [ADA], names=[])[ADA] == Listings()


@pytest.mark.usefixtures("members")
def test_an_unknown_registry_is_named_by_its_place(rt):
    with pytest.raises(Unacceptable) as refused:
        trusting.look_up(rt, [ADA], names=["Members", "Nobody"])

    assert [one.pointer for one in refused.value.problems] == ["/registries/1"]


class TestAListThatGrowsOld:
    @pytest.mark.usefixtures("members")
    def test_it_is_fetched_again_after_a_day(self, rt, world):
        world.host(LIST, roll(bob="Bob College"))
        world.wait(hours=23)
        assert trusting.look_up(rt, [ADA])[ADA].listed
        world.wait(hours=1)

        found = trusting.look_up(rt, [ADA, BOB])

        assert found[ADA].listed == ()
        assert found[BOB].listed == (Listed("Members", "Bob College", "https://bob.example", "dcc", rt.now()),)
        assert world.asked == [LIST, LIST]

    def test_the_old_copy_serves_when_there_is_no_new_one_and_nobody_is_pestered(self, rt, world, members):
        world.unplug("lists.example")
        world.wait(days=2)

        first, second = (trusting.look_up(rt, [ADA])[ADA] for _ in range(2))

        assert first == second
        assert [(one.stale, one.checked_at) for one in first.listed] == [(True, members.fetched_at)]
        assert world.asked == [LIST, LIST]
        world.wait(minutes=10)
        world.unplugged.clear()
        assert [one.stale for one in trusting.look_up(rt, [ADA])[ADA].listed] == [False]

    @pytest.mark.parametrize("answer", [b"<html>", {"registry": []}, {"registry": {"x": {"name": "X"}}}])
    @pytest.mark.usefixtures("members")
    def test_what_is_no_list_replaces_nothing(self, rt, world, answer):
        world.host(LIST, answer)
        world.wait(days=1)

        assert [one.name for one in trusting.look_up(rt, [ADA])[ADA].listed] == ["Ada College"]

    @pytest.mark.usefixtures("members")
    def test_offline_nobody_is_asked(self, rt, world):
        world.wait(days=1)

        assert [one.stale for one in trusting.look_up(rt, [ADA], offline=True)[ADA].listed] == [True]
        assert world.asked == [LIST]

    def test_one_that_never_came_is_unchecked(self, rt, world, members):
        with rt.db.begin() as db:
            registries.remove(db, members.id)
            registries.add(db, replace(members, body=None, fetched_at=None))
        world.unplug("lists.example")

        assert trusting.look_up(rt, [ADA], offline=True)[ADA].unchecked == (Unchecked("Members", "working offline"),)
        assert trusting.look_up(rt, [ADA])[ADA].unchecked == (Unchecked("Members", "the host is unplugged"),)
        (again,) = trusting.look_up(rt, [ADA])[ADA].unchecked
        assert "last asked" in again.why
        assert trusting.look_up(rt, [ADA])[ADA].listed == ()


class TestKeepingRegistries:
    def test_one_that_cannot_be_had_is_not_added(self, rt):
        with pytest.raises(Upstream, match="404"):
            enlisting.add_list(rt, "Members", LIST, actor=WHO)
        assert enlisting.list_all(rt) == []

    @pytest.mark.usefixtures("members")
    def test_a_name_is_given_once(self, rt):
        with pytest.raises(Conflict):
            add_file(rt, "Members", bob="Bob")
        enlisting.remove(rt, "Members", actor=WHO)
        add_file(rt, "Members", bob="Bob")

    def test_what_is_not_there_is_not_removed(self, rt):
        with pytest.raises(Missing):
            enlisting.remove(rt, "Members", actor=WHO)

    @pytest.mark.parametrize(
        ("name", "document"), [("", roll()), ("x" * 201, roll()), ("a\u202eb", roll()), ("State", {"registry": 1})]
    )
    def test_what_is_no_registry_is_refused(self, rt, name, document):
        with pytest.raises(Unacceptable):
            enlisting.add_file(rt, name, text(document), "/lists/x.json", actor=WHO)

    def test_a_file_is_brought_again(self, rt):
        row = add_file(rt, "State", ada="Ada")
        enlisting.renew_file(rt, row, text(roll(bob="Bob")))

        assert trusting.look_up(rt, [ADA])[ADA].listed == ()
        with pytest.raises(Unacceptable):
            enlisting.renew_file(rt, row, b"no")
        assert trusting.look_up(rt, [BOB])[BOB].listed

    @pytest.mark.usefixtures("members")
    def test_a_list_is_fetched_by_hand(self, rt, world):
        world.host(LIST, roll(bob="Bob"))
        assert enlisting.renew(rt, enlisting.list_all(rt)) == {}
        assert trusting.look_up(rt, [BOB])[BOB].listed
        world.unplug("lists.example")
        assert enlisting.renew(rt, enlisting.list_all(rt)) == {"Members": "the host is unplugged"}

    def test_lists_of_registries_are_taken_in_by_what_can_be_trusted(self, rt, world):
        world.host(LIST, roll(ada="Ada"))
        known = [
            {"name": "Members (OIDF)", "type": "oidf", "trustAnchorEC": "https://anchor.example/ec"},
            {"name": "Members", "type": "dcc-legacy", "url": LIST},
            {"name": "Gone", "type": "dcc-legacy", "url": "https://lists.example/gone.json"},
        ]

        came = enlisting.import_known(rt, text(known), "known.json", actor=WHO)

        assert [(one.name, one.left_out is None) for one in came] == [
            ("Members (OIDF)", False),
            ("Members", True),
            ("Gone", False),
        ]
        assert [row.name for row in enlisting.list_all(rt)] == ["Members"]

    @pytest.mark.parametrize("known", [{}, [], ["x"], [{"name": "X", "type": "other"}], [{"type": "oidf"}]])
    def test_what_lists_no_registries_is_refused(self, rt, known):
        with pytest.raises(Malformed):
            enlisting.import_known(rt, text(known), "known.json", actor=WHO)
