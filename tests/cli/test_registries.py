"""Registries, by their commands."""

from __future__ import annotations

import json

import pytest

from federations import Entity

DID = "did:web:ada.example"
ROLL = {"registry": {DID: {"name": "Ada College", "url": "https://ada.example"}}}


@pytest.fixture
def listed(desk):
    """A desk that goes by a file."""
    file = desk.write("list.json", json.dumps(ROLL))
    desk.run("registries", "add", "Members", "--file", file)
    return desk


def test_a_file_is_gone_by(listed):
    (row,) = listed.ask("registries", "list")
    assert (row["name"], row["kind"], row["location"]) == ("Members", "file", str(listed.folder / "list.json"))

    found = listed.ask("registries", "check", DID)
    assert [(one["registry"], one["name"], one["stale"]) for one in found["listed"]] == [
        ("Members", "Ada College", False)
    ]
    assert "Ada College" in listed.run("registries", "check", DID).stdout
    assert "Members" in listed.run("registries", "list").stdout
    listed.run("registries", "check", "did:web:eve.example", code=1)


def test_one_that_cannot_be_asked_is_no_answer(listed):
    listed.change("UPDATE registry SET body = NULL, fetched_at = NULL, kind = 'dcc', location = 'https://x.invalid/'")
    found = listed.ask("registries", "check", DID, "--offline", code=2)
    assert found["unchecked"] == [{"registry": "Members", "why": "working offline"}]


def test_a_file_is_read_again_by_hand(listed):
    (listed.folder / "list.json").write_text(json.dumps({"registry": {}}))
    listed.run("registries", "check", DID)
    assert listed.ask("registries", "refresh") == [{"name": "Members", "renewed": True, "why": None}]
    listed.run("registries", "check", DID, code=1)

    (listed.folder / "list.json").unlink()
    (told,) = listed.ask("registries", "refresh", "Members", code=2)
    assert not told["renewed"]
    assert "No such file" in told["why"]


def test_a_registry_is_left(listed):
    listed.run("registries", "remove", "Members")
    assert listed.ask("registries", "list") == []
    assert "no registry is named" in listed.run("registries", "remove", "Members", code=1).stderr
    acts = listed.rows("SELECT act, issuer_id FROM audit ORDER BY seq")
    assert acts == [("registry.added", None), ("registry.removed", None)]


def test_an_unknown_name_is_refused(listed):
    assert "Others" in listed.run("registries", "check", DID, "--registry", "Others", code=1).stderr
    listed.run("registries", "check", DID, "--registry", "Members")


@pytest.mark.parametrize(
    "options", [(), ("--url", "https://a.example", "--federation", "https://b.example"), ("--federation", "https://b")]
)
def test_one_source_is_given(desk, options):
    assert "--anchor-keys" in desk.run("registries", "add", "X", *options, code=2).stderr


def test_what_cannot_be_had_is_not_added(desk):
    keys = desk.write("keys.json", json.dumps(Entity("https://127.0.0.1:1").jwks))
    for options in (
        ("--url", "https://127.0.0.1:1/x.json"),
        ("--federation", "https://127.0.0.1:1", "--anchor-keys", keys),
        ("--file", desk.write("bad.json", "{}")),
    ):
        assert desk.run("registries", "add", "X", *options, code=1).stderr.startswith("ler-issuer: ")
    assert desk.ask("registries", "list") == []


def test_a_list_of_registries_is_taken_in_as_far_as_it_goes(desk):
    known = [{"name": "F", "type": "oidf", "trustAnchorEC": "https://a.example/x"}]
    file = desk.write("known.json", json.dumps(known))
    (told,) = desk.ask("registries", "import", file, code=2)
    assert "keys of its anchor" in told["left_out"]
    assert "is no list of registries" in desk.run("registries", "import", desk.write("x.json", "{}"), code=1).stderr
