"""Verifying a file on the command line: any form, under a policy, for somebody, as of a time, and signed."""

from __future__ import annotations

import json

from ler_issuer.badges import bake_png
from pictures import PNG


def test_a_picture_is_read_by_what_it_carries(founded, badge):
    picture = founded.folder / "badge.txt"
    picture.write_bytes(bake_png(PNG, badge.read_text()))

    assert founded.ask("verify", picture, "--offline")["input"]["form"] == "png"


def test_it_is_told_whether_it_is_the_applicants(founded, badge):
    report = founded.ask("verify", badge, "--offline", "--expect", "nobody@example.org", code=1)

    assert report["subject_binding"]["outcome"] == "mismatch"


def test_a_policy_comes_by_name_or_as_a_file(founded, badge):
    policy = founded.folder / "policy.yaml"
    policy.write_text("name: acme\nversion: '2'\nbased_on: standard\nrecipient: required\n")

    assert founded.ask("verify", badge, "--offline", "--policy", policy, code=2)["policy"]["name"] == "acme"
    assert founded.ask("verify", badge, "--offline", "--policy", "authenticity")["policy"]["name"] == "authenticity"
    assert "there is no policy" in founded.run("verify", badge, "--policy", "none-such", code=2).stderr


def test_the_policies_of_an_installation_are_read_when_it_starts(founded, badge, monkeypatch):
    file = founded.folder / "policies.yaml"
    file.write_text("- name: acme\n  version: '2'\n  based_on: strict\n")
    monkeypatch.setenv("LER_POLICIES_FILE", str(file))
    assert founded.ask("verify", badge, "--offline", "--policy", "acme/2", code=2)["policy"]["version"] == "2"

    file.write_text("- name: acme\n  version: '2'\n  accept: [revoked]\n")
    assert "/0/accept/0" in founded.run("verify", badge, "--policy", "acme", code=2).stderr


def test_a_document_at_hand_may_go_under_another_name_than_its_own(founded, badge):
    ours = json.loads(badge.read_text())
    nothing, address = founded.folder / "empty.json", ours["credentialStatus"][0]["statusListCredential"]
    nothing.write_text("{}")

    report = founded.ask("verify", badge, "--offline", "--status-list", f"{address}={nothing}", code=1)

    assert "list_wrong_type" in {one["code"] for one in report["checks"]}
    assert "ADDRESS=" in founded.run("verify", badge, "--offline", "--status-list", nothing, code=2).stderr


def test_the_past_is_asked_about_with_a_zone(founded, badge):
    early = founded.ask("verify", badge, "--offline", "--as-of", "2001-01-01T00:00:00Z", code=1)
    assert early["standing"] == "not_yet_valid"
    assert "instant" in founded.run("verify", badge, "--as-of", "2001-01-01T00:00:00", code=2).stderr


def test_a_signed_report_is_checked_without_asking_anybody(founded, badge):
    statement, keys = founded.folder / "report.jwt", founded.folder / "keys.json"
    statement.write_text(founded.run("verify", badge, "--offline", "--signed").stdout)
    keys.write_text(founded.run("report-keys").stdout)

    checked = founded.run("check-report", statement, "--keys", keys, "--credential", badge)
    assert json.loads(checked.stdout)["verdict"] == "accepted"

    badge.write_text("{}")
    other = founded.run("check-report", statement, "--keys", keys, "--credential", badge, code=1)
    assert "another file" in other.stderr
    statement.write_text(statement.read_text().replace(".", ".e", 1))
    founded.run("check-report", statement, "--keys", keys, code=1)
