"""Stacks with their parts, and learner records, from the command line: issued, shown, verified from files alone."""

from __future__ import annotations

import json

import pytest

from cli.gradebook import ACHIEVEMENTS
from ler_issuer.cli import opening
from ler_issuer.services import keyring, publishing
from ler_issuer.services.verifying import MOST_PARTS

COMPETENCY = """
  - key: author
    name: Author
    description: Writes.
    criteria: {narrative: Writing.}
"""
RULE = """
rules:
  - key: author
    achievement: author
    rule: {type: holding, achievements: [writing]}
    examples: [{name: Nobody, at: "2026-01-01T00:00:00Z", met: false}]
"""


@pytest.fixture
def stacked(founded):
    """An installation where Ada holds a skill and what it adds up to, both as files."""
    founded.publish(ACHIEVEMENTS.rstrip() + COMPETENCY)
    founded.ask("rules", "publish", founded.write("rules.yaml", RULE), "--issuer", "state")
    founded.bring()
    for (body,) in founded.rows("SELECT body FROM credential"):
        (founded.folder / f"{json.loads(body)['name'].lower()}.json").write_bytes(body)
    return founded


def codes(report, check):
    return {one["code"] for one in report["checks"] if one["id"] == check}


def test_a_stack_is_derived_again_from_files(stacked):
    stack, part = stacked.folder / "author.json", stacked.folder / "writing.json"
    part.write_text(json.dumps(json.loads(part.read_text()), indent=4, sort_keys=True))
    report = stacked.ask("verify", stack, "--part", part, "--offline")

    assert report["verdict"] == "accepted"
    assert codes(report, "derivation.outcome") == {"outcome_same"}
    told = stacked.run("verify", stack, "--part", part, "--offline").stdout
    assert "/parts/0" in told
    assert "Writing" in told


def test_a_forged_part_is_rejected_and_not_shown(stacked):
    forged = stacked.write("forged.json", (stacked.folder / "writing.json").read_text().replace("Writing", "Poetry"))
    told = stacked.run("verify", stacked.folder / "author.json", "--part", forged, "--offline", code=1).stdout

    assert "/parts/0" in told
    assert "Poetry" not in told


@pytest.fixture
def papers(stacked):
    """What it takes to judge without an installation: keys, status lists, a registry; and apart from them the rule."""
    rt = opening.installation()
    did = keyring.published_document(rt, "state")
    found = [
        ("--did-document", "did.json", did),
        ("--registry", "registry.json", {"registry": {did["id"]: {"name": "S"}}}),
    ]
    for number, (list_id,) in enumerate(stacked.rows("SELECT id FROM status_list")):
        found.append(("--status-list", f"list-{number}.json", json.loads(publishing.status_list(rt, list_id))))
    rt.db.close()
    return [one for option, name, paper in found for one in (option, stacked.write(name, json.dumps(paper)))]


def test_without_an_installation_the_rule_may_be_at_hand(stacked, papers, monkeypatch, tmp_path):
    ((text,),) = stacked.rows("SELECT text FROM stacking_rule_version")
    rule = stacked.write("rule.json", text)
    monkeypatch.setenv("LER_DATABASE_URL", f"sqlite:///{tmp_path}/none.sqlite")
    stack, part = stacked.folder / "author.json", stacked.folder / "writing.json"
    asked = ("verify", stack, "--part", part, "--offline", *papers)

    assert codes(stacked.ask(*asked, code=2), "derivation.rule") == {"rule_not_asked"}
    assert codes(stacked.ask(*asked, "--rule", rule), "derivation.outcome") == {"outcome_same"}


@pytest.mark.parametrize("paper", ["no JSON", '{"a": 1, "a": 2}'])
def test_a_part_that_is_no_json_is_named(stacked, paper):
    part = stacked.write("part.json", paper)
    assert "part.json" in stacked.run("verify", stacked.folder / "author.json", "--part", part, code=2).stderr


def test_parts_are_bounded(stacked):
    parts = ["--part", stacked.folder / "writing.json"] * (MOST_PARTS + 1)
    assert str(MOST_PARTS) in stacked.run("verify", stacked.folder / "author.json", *parts, code=2).stderr


# ── Records ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def learner(stacked):
    ((found,),) = stacked.rows("SELECT DISTINCT learner_id FROM credential")
    return ("--learner", found, "--issuer", "state")


def test_a_record_is_issued_shown_and_verified(stacked, learner):
    issued = stacked.run("records", "issue", *learner).stdout
    ((body,),) = stacked.rows("SELECT body FROM record")
    assert issued == stacked.run("records", "issue", *learner).stdout == stacked.run("records", "show", *learner).stdout
    assert issued.encode() == body

    report = stacked.ask("verify", stacked.write("record.json", issued), "--offline")
    assert (report["verdict"], len(report["members"])) == ("accepted", 2)


def test_a_selection_is_issued_and_shown_by_itself(stacked, learner):
    named = json.loads((stacked.folder / "writing.json").read_text())["id"]
    assert "no such record" in stacked.run("records", "show", *learner, "--partial", code=1).stderr
    issued = stacked.run("records", "issue", *learner, "--credential", named).stdout

    assert json.loads(issued)["partial"] is True
    assert stacked.run("records", "show", *learner, "--partial").stdout == issued
    refused = stacked.run("records", "issue", *learner, "--credential", "x", "--credential", named, code=1).stderr
    assert "/credentials/0" in refused
