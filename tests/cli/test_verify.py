"""Verifying a file: the exit code is the verdict, with and without an installation."""

from __future__ import annotations

import json

import pytest

from demonstration import demonstrate


def test_ours_is_accepted(founded, badge):
    report = founded.ask("verify", badge, "--offline")

    assert report["verdict"] == "accepted"
    assert report["issuer"]["known"] == "here"
    assert {"id", "outcome", "code", "message"} <= report["checks"][0].keys()
    assert "ACCEPTED" in founded.run("verify", badge, "--offline").stdout


def test_an_altered_one_is_rejected(founded, badge):
    badge.write_bytes(badge.read_bytes().replace(b"Writing", b"Reading"))
    report = founded.ask("verify", badge, "--offline", code=1)

    (failed,) = [one for one in report["checks"] if one["outcome"] == "fail"]
    assert (failed["id"], failed["code"]) == ("proof.signature", "signature_wrong")
    assert "REJECTED" in founded.run("verify", badge, "--offline", code=1).stdout


def test_a_revoked_one_is_rejected_and_a_suspended_one_is_for_a_person(founded, badge):
    ((credential_id,),) = founded.rows("SELECT id FROM credential")
    founded.run("credentials", "suspend", credential_id, "--reason", "x")
    assert founded.ask("verify", badge, "--offline", code=2)["standing"] == "suspended"

    founded.run("credentials", "revoke", credential_id, "--reason", "x")
    assert founded.ask("verify", badge, "--offline", code=1)["standing"] == "revoked"


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory):
    made = demonstrate(tmp_path_factory.mktemp("demo"))
    did = made.read("did.json")["id"]
    (made.folder / "registry.json").write_text(json.dumps({"registry": {did: {"name": "Demonstration University"}}}))
    return made


@pytest.fixture
def abroad(demonstrated, monkeypatch, tmp_path):
    """Where there is no installation: the demonstration's papers, and an empty folder."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("LER_DATABASE_URL", f"sqlite:///{elsewhere}/var/none.sqlite")
    return demonstrated


def aid(folder, *names):
    options = {"did.json": "--did-document", "status-list.json": "--status-list", "registry.json": "--registry"}
    return [part for name in names for part in (options[name], folder / name)]


@pytest.mark.parametrize(
    ("names", "code", "said"),
    [
        (("did.json", "status-list.json", "registry.json"), 0, "accepted"),
        (("did.json", "status-list.json"), 2, "issuer_unknown"),
        (("did.json", "registry.json"), 2, "list_not_asked"),
        (("status-list.json", "registry.json"), 2, "key_not_asked"),
        ((), 2, "key_not_asked"),
    ],
)
def test_what_is_at_hand_decides_without_an_installation(desk, abroad, tmp_path, names, code, said):
    report = desk.ask("verify", abroad.standing, "--offline", *aid(abroad.folder, *names), code=code)

    assert said in {report["verdict"], *(one["code"] for one in report["checks"])}
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_several_documents_may_be_brought_along(desk, abroad):
    other = desk.write("other.json", json.dumps({"id": "did:web:other.example.edu"}))
    brought = aid(abroad.folder, "did.json", "status-list.json", "registry.json")

    desk.run("verify", abroad.standing, "--offline", "--did-document", other, *brought)


@pytest.mark.parametrize(
    "content", [b"no JSON", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"\xff\xfe", b"[" * 10_000], ids=repr
)
def test_what_is_not_strict_json_is_rejected_with_a_report(desk, content):
    (desk.folder / "badge.json").write_bytes(content)
    report = desk.ask("verify", desk.folder / "badge.json", "--offline", code=1)

    assert (report["verdict"], report["checks"][0]["id"]) == ("rejected", "input.format")
    assert report["checks"][0]["code"] == "not_strict_json"
    assert not desk.database.exists()


def test_what_cannot_be_opened_could_not_be_checked(desk):
    done = desk.run("verify", desk.folder / "badge.json", "--offline", code=2)

    assert "No such file" in done.stderr
    assert done.stdout == ""


def test_what_is_no_credential_is_rejected(desk):
    for content in ("[]", "{}", '"text"', "null"):
        assert desk.ask("verify", desk.write("x.json", content), "--offline", code=1)["authentic"] is False


@pytest.mark.parametrize(
    ("option", "content"),
    [
        ("--did-document", "no JSON"),
        ("--did-document", "{}"),
        ("--status-list", "[]"),
        ("--registry", "{}"),
        ("--registry", "no JSON"),
    ],
)
def test_papers_that_are_no_use_are_named(desk, option, content):
    paper = desk.write("paper.json", content)
    done = desk.run("verify", desk.write("x.json", "{}"), "--offline", option, paper, code=2)

    assert "paper.json" in done.stderr
