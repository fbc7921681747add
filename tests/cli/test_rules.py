"""Trying stacking rules on files: without an installation, and the exit code is the outcome."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import jsonschema_rs
import pytest
from typer.testing import CliRunner

from ler_issuer import yamltext
from ler_issuer.cli import app
from ler_issuer.stacking import MOST_HOLDINGS, MOST_SETS, holdings_schema, rule_schema
from ler_issuer.stacking.missing.layout import MOST_KINDS
from ler_issuer.stacking.missing.searching import MOST_PARTS, MOST_STEPS
from ler_issuer.stacking.missing.supposing import MOST_TRIALS

ROOT = Path(__file__).parents[2]
RULE = """
type: all
rules:
  - {type: holding, label: Survey, achievements: [survey], times: 2}
  - {type: holding, achievements: [report]}
"""
ONE = '[{"id": "a", "achievement": "survey", "awarded_at": "2025-03-01T10:00:00Z"}]'
ALL = json.dumps(
    [
        {"id": name, "achievement": achievement, "awarded_at": "2025-03-01T10:00:00Z"}
        for name, achievement in (("a", "survey"), ("b", "survey"), ("c", "report"))
    ]
)
AT = ("--at", "2026-06-01")


@pytest.fixture
def files(desk):
    """Files to try, where there is no installation and there must not be one afterwards."""
    desk.rule = desk.write("rule.yaml", RULE)
    desk.one = desk.write("one.json", ONE)
    desk.all = desk.write("all.json", ALL)
    yield desk
    assert not desk.database.exists()
    assert not list(desk.folder.rglob("*.sqlite"))


# ── evaluate ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_rule_that_is_met_says_by_what(files):
    told = files.run("rules", "evaluate", files.rule, files.all, *AT).stdout.splitlines()

    assert told[0].startswith("MET at 2026-06-01T00:00:00Z: ")
    assert [line.split()[0] for line in told[1:]] == ["ok", "ok"]
    assert "[a, b]" in told[1]
    assert "[c]" in told[2]


def test_a_rule_that_is_not_met_says_what_is_missing(files):
    told = files.run("rules", "evaluate", files.rule, files.one, *AT, code=1).stdout
    assert told.startswith("NOT MET")
    assert "open" in told

    trace = files.ask("rules", "evaluate", files.rule, files.one, *AT, code=1)
    assert (trace["outcome"], trace["met"], trace["at"]) == ("not_met", False, "2026-06-01T00:00:00Z")
    assert [node["pointer"] for node in trace["nodes"]] == ["/rule/rules/0", "/rule/rules/1"]
    assert {"met", "used", "missing", "sentence"} <= trace["nodes"][0].keys()


def test_what_cannot_be_decided_says_so(files):
    crowd = [json.loads(ONE)[0] | {"id": str(number)} for number in range(MOST_HOLDINGS + 1)]
    many = files.write("many.json", json.dumps(crowd))

    assert files.ask("rules", "evaluate", files.rule, many, *AT, code=3)["met"] is None
    assert files.ask("rules", "remaining", files.rule, many, *AT, code=3)["met"] is None
    assert "UNDECIDED" in files.run("rules", "evaluate", files.rule, many, *AT, code=3).stdout


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2025-03-01", 1),  # its midnight
        ("2025-03-02", 0),
        ("2025-03-01T10:00:00Z", 0),
        ("2025-03-01T11:59:59+02:00", 1),
        ("2025-03-01 12:00:00+02:00", 0),
    ],
)
def test_the_time_decides(files, at, code):
    files.run("rules", "evaluate", files.rule, files.all, "--at", at, code=code)


@pytest.mark.parametrize("at", ["2026-06-01T12:00:00", "yesterday", "2026-13-01", "", "0001-01-01", "9999-12-31"])
def test_a_time_that_is_none_is_a_mistake_of_usage(files, at):
    told = files.run("rules", "remaining", files.rule, files.one, "--at", at, code=2)
    assert "2026-05-04T14:30:00Z" in told.stderr


def test_a_time_must_be_given(files):
    assert "--at" in files.run("rules", "evaluate", files.rule, files.one, code=2).stderr


# ── remaining ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_left_is_said_best_first(files):
    held = files.write("held.yaml", f"{{holdings: {ONE}, enrolled: [report]}}")
    told = files.run("rules", "remaining", files.rule, held, *AT, code=1).stdout
    assert told == (
        "33 % is done. This completes it:\n  1. Earn Survey once more and Report once. (2 assessments, enrolled in 1)\n"
    )
    left = files.ask("rules", "remaining", files.rule, held, *AT, code=1)
    assert (left["met"], left["percentage"], left["complete"]) == (False, 33, True)
    assert [part["enrolled"] for part in left["sets"][0]["parts"]] == [False, True]


def test_where_nothing_is_left_or_nothing_helps_a_sentence_says_it(files):
    assert files.run("rules", "remaining", files.rule, files.all, *AT).stdout == "Nothing is left: the rule is met.\n"
    never = files.write("never.json", '{"type": "none", "rules": [{"type": "holding", "achievements": ["survey"]}]}')
    told = files.run("rules", "remaining", never, files.one, *AT, code=1).stdout
    assert told == "Nothing that can be earned helps: Survey must not be held.\n"


def test_where_there_are_too_many_ways_that_is_said(files):
    rules = ", ".join(f"{{type: holding, achievements: [a{number}]}}" for number in range(20))
    many = files.write("many.yaml", f"{{type: at_least, count: 3, rules: [{rules}]}}")
    told = files.run("rules", "remaining", many, files.one, *AT, code=1).stdout.splitlines()

    assert told[-1] == "There may be more ways."
    assert told[-2].startswith(f" {MOST_SETS}. ")


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("command", ["evaluate", "remaining"])
def test_every_mistake_is_named_by_file_and_place(files, command):
    wrong = files.write("wrong.yaml", "type: all\nrules:\n  - {type: holding, achievments: [a]}\n  - {type: sum}\n")
    told = files.run("rules", command, wrong, files.one, *AT, code=2).stderr
    assert "wrong.yaml is not a stacking rule" in told
    assert "/rules/0/achievments: did you mean 'achievements'?" in told
    assert "/rules/1/minimum: must be given" in told

    odd = files.write("odd.json", '[{"id": "a", "achievement": "b", "awarded_at": "2026-01-01"}]')
    told = files.run("rules", command, files.rule, odd, *AT, code=2).stderr
    assert "odd.json is not a file of holdings" in told
    assert "/0/awarded_at" in told
    assert "2026-05-04T14:30:00Z" in told


def test_what_is_no_file_at_all_cannot_be_used(files):
    for broken in (files.write("broken.json", "{"), files.folder, files.folder / "missing.json"):
        files.run("rules", "evaluate", files.rule, broken, *AT, code=2)
        files.run("rules", "remaining", broken, files.one, *AT, code=2)


def test_one_of_several_rules_is_chosen(files):
    several = files.write(
        "several.yaml",
        "".join(["rules:\n", *(f"  - {{key: {key}, achievement: x, rule: {RULE_ON[key]}}}\n" for key in RULE_ON)]),
    )
    assert "survey, report" in files.run("rules", "evaluate", several, files.one, *AT, code=2).stderr
    files.run("rules", "evaluate", several, files.one, *AT, "--rule", "survey")
    files.run("rules", "remaining", several, files.one, *AT, "--rule", "report", code=1)


RULE_ON = {key: f"{{type: holding, achievements: [{key}]}}" for key in ("survey", "report")}


# ── Schemas ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("of", "schema", "file"),
    [("rule", rule_schema, "stacking-rule.json"), ("holdings", holdings_schema, "holdings.json")],
)
def test_the_schemas_are_printed_and_lie_in_the_documentation(files, of, schema, file):
    """After a change: `ler-issuer rules schema rule > docs/schemas/stacking-rule.json`, and the same for holdings."""
    printed = files.run("rules", "schema", of).stdout
    assert json.loads(printed) == schema()
    assert printed == (ROOT / "docs/schemas" / file).read_text()


def test_the_schemas_know_what_can_be_read():
    rules, holdings = (jsonschema_rs.Draft202012Validator(one()) for one in (rule_schema, holdings_schema))

    assert rules.is_valid(yamltext.parse(RULE))
    assert rules.is_valid({"rule": yamltext.parse(RULE), "levels": ["low"]})
    assert not rules.is_valid({**yamltext.parse(RULE), "reuse": "yes"})
    assert holdings.is_valid(json.loads(ALL))
    assert holdings.is_valid({"holdings": json.loads(ONE), "enrolled": ["survey"]})
    assert not holdings.is_valid([{"id": "a"}])


# ── What the documentation says ──────────────────────────────────────────────────────────────────────────────────────
def section(heading):
    return (ROOT / "docs/stacking-rules.md").read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]


def blocks(text, kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_documentation_answer_as_it_says(files):
    page = section("Trying a rule from files")
    (script,) = blocks(page, "sh")
    for name, _, text in re.findall(r"^cat > (\S+) <<'(\w+)'\n(.*?)^\2$", script, re.MULTILINE | re.DOTALL):
        files.write(name, text)
    (session,) = blocks(page, "console")
    exchanges = re.findall(r"^\$ ler-issuer (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE)
    assert len(exchanges) == 3
    for command, answer in exchanges:
        done = CliRunner().invoke(app, shlex.split(command))
        assert done.exit_code == 1
        assert done.stdout == answer


def test_the_documentation_knows_every_member_and_limit(files):
    asked = """
        type: all
        rules:
          - type: precedes
            first: {type: holding, achievements: [a], accepts: [transfer]}
            then: {type: sum, of: hours, minimum: 4, issuers: [i], level: high, experience_kinds: [course],
                   assessor_kinds: [peer]}
          - {type: sum, of: credits, minimum: 2}
          - {type: distinct, what: courses, minimum: 2, rule: {type: holding, achievements: [b], times: 3}}
          - {type: none, rules: [{type: holding, achievements: [x]}]}
    """
    page = section("What is left")
    left = files.ask("rules", "remaining", files.write("asked.yaml", asked), files.write("no.json", "[]"), *AT, code=1)

    (steps,) = left["sets"]
    members = {*left, *steps, *(name for one in [*steps["parts"], *steps["jointly"]] for name in one)}
    assert {"after", "accepts", "different", "hours", "credits", "except_achievements", "minimum"} <= members
    assert {name for name in members if f"`{name}`" not in page} == set()
    for limit in (MOST_SETS, MOST_PARTS, MOST_KINDS, MOST_STEPS, MOST_TRIALS):
        assert re.search(rf"\b{limit:,}\b", page)
