"""Rules and holdings as values: what is refused, what a rule reads, and that its documentation is true."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import jsonschema_rs
import pytest
from pydantic import ValidationError

from ler_issuer import yamltext
from ler_issuer.stacking import (
    MOST_HOLDINGS,
    MOST_LEVELS_DEEP,
    MOST_NODES,
    WORK_BOUND,
    Holding,
    Rule,
    Selection,
    StackDefinition,
    StackingRule,
    check_publishable,
    holdings_schema,
    is_met,
    rule_schema,
)
from stacking.career import LEVELS, PROGRAMME, at_least, distinct, every, held, hours, leaf, rule, within

PAGE = (Path(__file__).parents[2] / "docs/stacking-rules.md").read_text()
EXAMPLES = [block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "\nmet:" in block]
NODES = {kind.model_fields["type"].annotation: kind for kind in get_args(get_args(Rule)[0])}


# ── Documentation ────────────────────────────────────────────────────────────────────────────────────────────────────
def example(text):
    told = yamltext.parse(text)
    asked = StackingRule.model_validate({name: told[name] for name in ("rule", "equivalences") if name in told})
    return asked, *([complete(one) for one in told[name]] for name in ("met", "not_met"))


def complete(told):
    return held(**{"day": "2026-05-01", **told, **({"day": told["awarded_at"]} if "awarded_at" in told else {})})


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: " ".join(text.split())[:60])
def test_the_examples_of_the_page_are_true(text):
    asked, meets, misses = example(text)
    at = datetime(2027, 6, 1, tzinfo=UTC)
    assert is_met(asked, meets, at) is True
    assert is_met(asked, misses, at) is False
    assert check_publishable(asked) == ()


def test_the_page_has_the_rules_of_the_programme():
    published = PAGE.partition("## Career Connect")[2]
    told = [example(block)[0] for block in EXAMPLES if block in published]
    assert told == list(PROGRAMME.values())


def test_every_node_is_on_the_page_with_its_members_and_an_example():
    table = PAGE.partition("## Nodes")[2].partition("## One holding")[0]
    documented = set(re.findall(r"`(\w+)`", table))
    for kind in NODES.values():
        name = get_args(kind.model_fields["type"].annotation)[0]
        assert name in documented
        assert set(kind.model_fields) - {"type"} <= documented
        assert any(f"type: {name}" in one for one in EXAMPLES), name
    assert set(StackDefinition.model_fields) | set(Selection.model_fields) <= documented
    assert set(Holding.model_fields) <= set(re.findall(r"`(\w+)`", PAGE.partition("## Which holdings count")[2]))


def test_the_limits_on_the_page_are_the_real_ones():
    table = PAGE.partition("## Limits")[2].partition("## Career")[0]
    told = [int(number.replace(",", "")) for number in re.findall(r"^\|[^|`]+\| ([\d,]+) \|$", table, re.MULTILINE)]
    assert told == [WORK_BOUND, MOST_HOLDINGS, MOST_NODES, MOST_LEVELS_DEEP]


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("node", "complaint"),
    [
        ({"type": "holding"}, "Field required"),
        (leaf(), "at least 1 item"),
        (leaf("a", times=0), "greater than or equal to 1"),
        (leaf("a", times=True), "valid integer"),
        (leaf("a", tmies=2), "Extra inputs"),
        (leaf("a", level="No Key"), "match pattern"),
        (hours(0), "greater than 0"),
        (every(), "at least 1 item"),
        (at_least(3, leaf("a"), leaf("b")), "asks for 3 of 2 rules"),
        (distinct("experiences", 1, leaf("a")), "greater than or equal to 2"),
        (distinct("colours", 2, leaf("a")), "Input should be 'experiences'"),
        ({"type": "includes", "rule": leaf("a")}, "says nothing about what is to be included"),
        ({"type": "includes", "label": "x", "minimum": 2, "rule": leaf("a")}, "says nothing about what"),
        (within(leaf("a")), "give one of"),
        (within(leaf("a"), years=1, days=3), "give one of"),
        ({"type": "some"}, "does not match any of the expected tags"),
        (every(*[leaf("a")] * MOST_NODES), f"has {MOST_NODES + 1} nodes"),
    ],
)
def test_what_is_no_rule_is_refused(node, complaint):
    with pytest.raises(ValidationError, match=re.escape(complaint)):
        rule(node)


def test_a_rule_nests_only_so_deep():
    node = leaf("a")
    for _ in range(MOST_LEVELS_DEEP - 1):
        node = every(node)
    rule(node)
    with pytest.raises(ValidationError, match=f"nests more than {MOST_LEVELS_DEEP} deep"):
        rule(every(node))


def test_a_level_stands_on_its_scale():
    with pytest.raises(ValidationError, match="is not one of the scale"):
        held("a", level="expert", scale=LEVELS)
    with pytest.raises(ValidationError, match="names a level twice"):
        held("a", scale=("low", "low"))
    with pytest.raises(ValidationError, match="names a level twice"):
        rule(leaf("a"), levels=["low", "low"])


# ── What a rule reads ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_rule_mentions_what_it_names_and_all_equivalents():
    asked = rule(every(leaf("a"), hours(3, "b")), equivalences=[["x", "y"], ["y", "a"], ["u", "v"]])
    assert asked.mentions() == {"a", "b", "x", "y"}
    assert not asked.reads_all()
    assert rule(every(leaf("a"), hours(3))).reads_all()


def test_the_part_of_a_definition_that_is_evaluated():
    told = {"rule": leaf("a"), "levels": ["low", "high"], "equivalences": [["a", "b"]], "names": {"a": "Alpha"}}
    definition = StackDefinition.model_validate({"key": "k", "achievement": "z", **told})
    assert definition.text() == StackingRule.model_validate(told)
    assert is_met(definition, [held("b")], datetime(2027, 1, 1, tzinfo=UTC))


# ── Schemas ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_schema_accepts_what_is_read():
    schema = jsonschema_rs.validator_for(rule_schema())
    for asked in PROGRAMME.values():
        told = asked.model_dump(mode="json", exclude_defaults=True)
        assert schema.is_valid(told)
        assert schema.is_valid(told["rule"])
        assert schema.is_valid({"key": "k", "achievement": "a", **told})
    for text in EXAMPLES:
        assert schema.is_valid(yamltext.parse(text)["rule"])


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"rule": {}},
        {"type": "some"},
        leaf("a", tmies=2),
        leaf(),
        within(leaf("a")),
        within(leaf("a"), years=1, days=3),
        distinct("colours", 2, leaf("a")),
        every(leaf("a"), {"type": "holding"}),
        {"rule": leaf("a"), "level": []},
    ],
)
def test_the_schema_refuses_what_is_not(document):
    assert not jsonschema_rs.validator_for(rule_schema()).is_valid(document)


def test_the_schema_of_holdings():
    schema = jsonschema_rs.validator_for(holdings_schema())
    told = [held("a", hours="2.5", acts=[{"act": "suspend", "at": "2026-01-01T00:00:00Z"}], level="proficient")]
    written = [one.model_dump(mode="json", exclude_defaults=True) for one in told]
    assert schema.is_valid(written)
    assert schema.is_valid({"holdings": written, "enrolled": ["b"]})
    assert [Holding.model_validate(one) for one in written] == told
    for wrong in ({}, [{"id": "1"}], [{**written[0], "acts": "none"}], [{**written[0], "colour": "red"}]):
        assert not schema.is_valid(wrong)


def test_the_schemas_say_what_they_are():
    for schema, name in ((rule_schema(), "stacking-rule"), (holdings_schema(), "holdings")):
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"] == f"urn:ler-issuer:schema:{name}"
        assert schema["description"]
