"""Publishing, previewing, listing and retiring stacking rules with a file."""

from __future__ import annotations

import json

import pytest

from cli.gradebook import ACHIEVEMENTS
from ler_issuer.services import back_awarding

COMPETENCIES = """
  - key: communicator
    name: Communicator
    description: Writes and speaks.
    criteria: {narrative: Both skills.}
  - key: graduate
    name: Graduate
    description: Is ready.
    criteria: {narrative: Communicates.}
"""
RULES = """
rules:
  - key: graduate
    achievement: graduate
    rule: {type: holding, achievements: [communicator]}
    examples: [{name: Nobody, at: "2026-01-01T00:00:00Z", met: false}]
  - key: communicator
    achievement: communicator
    rule: {type: any, rules: [{type: holding, achievements: [writing]}, {type: holding, achievements: [speaking]}]}
    examples:
      - name: Ada
        at: "2026-01-01T00:00:00Z"
        met: true
        holdings: [{id: w, achievement: writing, awarded_at: "2025-01-01T00:00:00Z"}]
"""
CREDENTIALS = "SELECT count(*) FROM credential"


@pytest.fixture
def stocked(founded):
    """An installation where somebody has earned a part, and nothing stacks yet."""
    founded.publish(ACHIEVEMENTS.rstrip() + COMPETENCIES)
    founded.bring()
    return founded


def publish(desk, *options, text=RULES, code=0):
    file = desk.write("rules.yaml", text)
    return desk.ask("rules", "publish", file, "--issuer", "state", *options, code=code)


def test_a_file_is_published_and_applied_parts_first(stocked):
    before = stocked.rows(CREDENTIALS)[0][0]
    published = publish(stocked)

    assert [(one["key"], one["version"], one["state"]) for one in published] == [
        ("communicator", 1, "published"),
        ("graduate", 1, "published"),
    ]
    assert published[0]["back_award"] == {"state": "done", "total": 1, "done": 1, "awarded": 2, "cases": 0}
    assert stocked.rows(CREDENTIALS)[0][0] == before + 2
    assert {one["key"] for one in stocked.ask("rules", "list", "--issuer", "state")} == {"communicator", "graduate"}
    assert published[0]["uri"] in stocked.run("rules", "list", "--issuer", "state").stdout


def test_publishing_again_changes_nothing(stocked):
    first = publish(stocked)
    before = stocked.dump()

    assert publish(stocked) == first
    assert stocked.dump() == before


def test_a_preview_writes_nothing_and_is_what_publishing_does(stocked):
    before = stocked.dump()
    preview = publish(stocked, "--preview")

    assert stocked.dump() == before
    assert (preview["learners"], preview["lose"]) == (1, [])
    assert preview["by_achievement"] == {
        "communicator": {"gain": 1, "lose": 0},
        "graduate": {"gain": 1, "lose": 0},
    }
    assert preview["by_unit"] == {"unknown": {"gain": 2, "lose": 0}}
    assert sum(one["back_award"]["awarded"] for one in publish(stocked)) == len(preview["gain"])
    assert publish(stocked, "--preview")["gain"] == []


def test_people_see_who_gains_and_progress(stocked):
    file = stocked.write("rules.yaml", RULES)
    preview = stocked.run("rules", "publish", file, "--issuer", "state", "--preview")
    published = stocked.run("rules", "publish", file, "--issuer", "state")

    assert "Nothing was written." in preview.stdout
    assert "gains" in preview.stdout
    assert "Previewing: 1 of 1 learners" in preview.stderr
    assert "communicator" in published.stdout
    assert "Applying communicator: 1 of 1 learners" in published.stderr


def test_one_rule_in_json_says_the_same(stocked):
    definition = {
        "key": "communicator",
        "achievement": "communicator",
        "rule": {"type": "holding", "achievements": ["writing"]},
        "examples": [{"name": "Nobody", "at": "2026-01-01T00:00:00Z", "met": False}],
    }
    file = stocked.write("rule.json", json.dumps(definition))

    (published,) = stocked.ask("rules", "publish", file, "--issuer", "state")
    assert published["key"] == "communicator"


def test_what_was_killed_goes_on_when_it_is_run_again(stocked, monkeypatch):
    def killed(*_, **__):
        raise KeyboardInterrupt

    go_on = back_awarding.go_on
    monkeypatch.setattr(back_awarding, "go_on", killed)
    file = stocked.write("rules.yaml", RULES)
    stocked.run("rules", "publish", file, "--issuer", "state", code=130)
    assert stocked.rows("SELECT DISTINCT state FROM back_award") == [("running",)]

    monkeypatch.setattr(back_awarding, "go_on", go_on)
    assert [one["back_award"]["awarded"] for one in publish(stocked)] == [2, 0]


def test_a_version_says_what_becomes_of_those_who_started_before(stocked):
    publish(stocked)
    stricter = RULES.replace("type: any", "type: all").replace("met: true", "met: false")

    assert publish(stocked, "--preview", "--transition", "migrate", text=stricter)["lose"][0]["policy"] == "review"
    (one, _) = publish(stocked, "--transition", "grace", "--grace-until", "2999-01-01", text=stricter)
    assert (one["version"], one["transition"]) == (2, "grace")
    assert stocked.rows("SELECT grace_until FROM stacking_rule_version WHERE transition = 'grace'")
    (one, _) = publish(stocked, "--transition", "migrate", text=stricter)
    assert (one["version"], one["back_award"]["cases"]) == (3, 1)


def test_what_cannot_be_published_names_the_place(stocked):
    file = stocked.write("rules.yaml", RULES.replace("met: false", "met: true"))
    refused = stocked.run("rules", "publish", file, "--issuer", "state", code=1)

    assert "the rule 'graduate' cannot be published" in refused.stderr
    assert "/examples/0: Nobody: expected to be met, but:" in refused.stderr
    assert stocked.ask("rules", "list", "--issuer", "state") == []


def test_what_is_no_rule_names_the_place(stocked):
    file = stocked.write("rules.yaml", RULES.replace("type: any", "type: some"))

    assert "/rules/1/rule" in stocked.run("rules", "publish", file, "--issuer", "state", code=1).stderr


@pytest.mark.parametrize("options", [("--transition", "push"), ("--grace-until", "soon")])
def test_wrong_options_are_wrong_usage(stocked, options):
    stocked.run("rules", "publish", stocked.write("rules.yaml", RULES), "--issuer", "state", *options, code=2)


def test_a_rule_is_retired_by_its_key(stocked):
    publish(stocked)

    assert stocked.ask("rules", "retire", "graduate", "--issuer", "state")["state"] == "retired"
    assert "its texts stay" in stocked.run("rules", "retire", "graduate", "--issuer", "state").stdout
    assert "no rule 'nothing'" in stocked.run("rules", "retire", "nothing", "--issuer", "state", code=1).stderr
