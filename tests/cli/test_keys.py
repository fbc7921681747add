"""Keys for tokens from the command line."""

from __future__ import annotations


def test_a_key_is_added_and_listed(desk):
    alg = "RS256"
    desk.found()
    made = desk.ask("keys", "add", "state", "--alg", alg)
    assert (made["alg"], made["purpose"], made["slug"]) == (alg, "jwt", "state")
    assert made["named"] == f"http://127.0.0.1:8000/issuers/state/keys/{made['key_id']}"

    listed = desk.ask("keys", "list", "state")

    assert [one["purpose"] for one in listed].count("jwt") == 1
    assert {name: made[name] for name in made if name != "slug"} in listed
    assert made["key_id"] in desk.run("keys", "list", "state").stdout


def test_adding_again_is_a_rotation(desk):
    desk.found()
    first = desk.ask("keys", "add", "state", "--alg", "ES256")
    assert "ES256" in desk.run("keys", "add", "state", "--alg", "ES256").stdout
    kept = [one for one in desk.ask("keys", "list", "state") if one["purpose"] == "jwt"]
    assert [one["retired_at"] is None for one in kept] == [False, True]
    assert kept[0]["key_id"] == first["key_id"]


def test_nothing_secret_is_shown(desk):
    desk.found()
    desk.ask("keys", "add", "state", "--alg", "RS256")
    sealed = {row[0] for row in desk.rows("SELECT hex(sealed) FROM signing_key")}
    listings = (desk.run("keys", "list", "state", *options).stdout.upper() for options in ((), ("--json",)))
    shown = "".join(listings)
    assert all(one not in shown for one in sealed)
    assert "SEALED" not in shown


def test_mistakes_are_named(desk):
    desk.found("keyed", "--did", "key")
    assert "did:key" in desk.run("keys", "add", "keyed", "--alg", "ES256", code=1).stderr
    assert "nobody" in desk.run("keys", "add", "nobody", "--alg", "ES256", code=1).stderr
    desk.run("keys", "add", "keyed", "--alg", "HS256", code=2)


def test_a_key_for_views_is_added_and_listed(desk):
    desk.found()
    made = desk.ask("keys", "add-sd", "state")
    assert (made["alg"], made["purpose"], made["slug"]) == ("ES256", "sd", "state")
    did, _, fragment = made["named"].partition("#")
    assert (did, fragment[:3]) == ("did:web:127.0.0.1%3A8000:issuers:state", "zDn")
    assert fragment not in desk.run("keys", "add-sd", "state").stdout
    kept = [one for one in desk.ask("keys", "list", "state") if one["purpose"] == "sd"]
    assert [one["retired_at"] is None for one in kept] == [False, True]
    desk.found("keyed", "--did", "key")
    assert "did:key" in desk.run("keys", "add-sd", "keyed", code=1).stderr
