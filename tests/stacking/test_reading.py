"""Files of rules and of holdings: every form that is read, and every mistake named by its place."""

from __future__ import annotations

import json

import pytest

from ler_issuer import yamltext
from ler_issuer.errors import Malformed
from ler_issuer.stacking import StackDefinition, StackingRule, read_definitions, read_holdings, read_rule

NODE = {"type": "holding", "achievements": ["survey"], "times": 2}
RULE = {"rule": NODE, "levels": ["low", "high"]}
DEFINITION = {"key": "researcher", "achievement": "field-researcher", "rule": NODE}
OTHER = {**DEFINITION, "key": "other"}
MISSPELT = {"type": "all", "rules": [NODE, {"type": "holding", "achievments": ["x"]}]}
EXAMPLE = {"name": "x", "at": "2026-01-01T00:00:00Z", "met": True}
HELD = {"id": "a", "achievement": "survey", "awarded_at": "2025-03-01T00:00:00Z"}


def written(document):
    return json.dumps(document).encode()


def changed(document, **members):
    return {**document, **members}


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("document", [NODE, RULE, DEFINITION, {"rules": [DEFINITION]}, [DEFINITION]])
def test_a_rule_is_read_from_every_form_of_file(document):
    rule = read_rule(written(document), "rule.json")

    assert rule.rule == StackingRule.model_validate(RULE).rule
    assert isinstance(rule, StackDefinition) == ("key" in str(document))


def test_a_rule_is_read_as_an_issuer_publishes_it():
    published = {
        "id": "https://example.org/rules/1/versions/2",
        "type": "StackingRule",
        "issuer": "did:web:example.org",
        "achievement": "https://example.org/achievements/1",
        "version": 2,
        "name": "Researcher",
        **RULE,
    }
    assert read_rule(written(published), "rule.json") == StackingRule.model_validate(RULE)


def test_yaml_is_read_where_a_file_is_not_named_json():
    text = "rule:\n  type: holding\n  achievements: [010, no]\n  label: 2026-01-01\n"
    rule = read_rule(text.encode(), "rule.yml").rule

    assert rule.achievements == ("010", "no")
    assert rule.label == "2026-01-01"


def test_one_of_several_rules_is_chosen_by_its_key():
    several = written({"rules": [DEFINITION, OTHER]})

    assert read_rule(several, "r.json", "other").key == "other"
    with pytest.raises(Malformed, match=r"r\.json has 2 rules.*researcher, other"):
        read_rule(several, "r.json")
    with pytest.raises(Malformed, match=r"no rule 'third'.*researcher, other"):
        read_rule(several, "r.json", "third")


@pytest.mark.parametrize("document", [DEFINITION, [DEFINITION], {"rules": [DEFINITION]}])
def test_definitions_are_read_singly_or_together(document):
    (definition,) = read_definitions(written(document), "rules.json")
    assert definition.achievement == "field-researcher"


def test_what_is_written_comes_back_from_what_was_read():
    rule = read_rule(written(DEFINITION), "rule.json")
    assert read_rule(rule.model_dump_json().encode(), "rule.json") == rule


# ── Mistakes in rules ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        (changed(NODE, type="holdin"), "/type", "holding, all"),
        ({"achievements": ["survey"]}, "/type", "one of: holding"),
        (MISSPELT, "/rules/1/achievments", "did you mean 'achievements'"),
        (MISSPELT, "/rules/1/achievements", "must be given"),
        ({"type": "all", "rules": [NODE, 5]}, "/rules/1", "must be an object"),
        ({"type": "all", "rules": []}, "/rules", "at least 1"),
        ({"type": "at_least", "count": 3, "rules": [NODE]}, "/count", "asks for 3 of 1"),
        ({"type": "within", "of": "now", "rule": NODE}, "", '"years", "months" and "days"'),
        ({"rule": {"type": "any", "rules": [changed(NODE, times=0)]}}, "/rule/rules/0/times", "greater than"),
        (changed(RULE, level=["low"]), "/level", "did you mean 'levels'"),
        (changed(RULE, levels=["low", "low"]), "/levels", "twice"),
        (changed(DEFINITION, policy="forget"), "/policy", "keep"),
        (changed(DEFINITION, examples=[changed(EXAMPLE, at="2026-01-01")]), "/examples/0/at", "offset"),
        (changed(DEFINITION, examples=[changed(EXAMPLE, holdings=[changed(HELD, lvl="x")])]),
         "/examples/0/holdings/0/lvl", "did you mean 'level'"),
        ({"rules": [DEFINITION, changed(OTHER, key="Other")]}, "/rules/1/key", "match pattern"),
        ({"rules": [DEFINITION, DEFINITION]}, "/rules/1/key", "/rules/0"),
        ({"rules": [DEFINITION], "rubrics": {}}, "/rubrics", "only"),
        ({"rules": []}, "/rules", "at least one"),
        ([], "", "at least one"),
        (5, "", "must be an object"),
        (None, "", "must be an object"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_rule_is_named_by_its_place(document, pointer, words):
    with pytest.raises(Malformed, match=r"rule\.json") as refused:
        read_rule(written(document), "rule.json")
    found = {place.pointer: place.detail for place in refused.value.problems}
    assert pointer in found
    assert words in found[pointer]


def test_a_list_is_not_called_too_short_because_one_of_its_items_is_wrong():
    with pytest.raises(Malformed) as refused:
        read_rule(written({"type": "all", "rules": [changed(NODE, times=0)]}), "rule.json")
    assert [place.pointer for place in refused.value.problems] == ["/rules/0/times"]


def test_a_rule_that_nests_too_deep_is_refused_and_the_place_named():
    node = NODE
    for _ in range(14):
        node = {"type": "all", "rules": [node]}
    with pytest.raises(Malformed) as refused:
        read_rule(written(node), "rule.json")
    (place,) = refused.value.problems
    assert place.pointer.startswith("/rules/0/rules/0")
    assert "deep" in place.detail


# ── Holdings ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_holdings_are_a_list_or_stand_beside_what_somebody_is_enrolled_in():
    (one,) = read_holdings(written([HELD]), "held.json").holdings
    held = read_holdings(yamltext_of({"holdings": [HELD], "enrolled": ["survey"]}), "held.yaml")

    assert held.holdings == (one,)
    assert held.enrolled == ("survey",)
    assert read_holdings(b"[]", "held.json").holdings == ()


def yamltext_of(document):
    text = json.dumps(document)  # JSON is YAML
    assert yamltext.parse(text) == document
    return text.encode()


@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        ([HELD, changed(HELD, awarded_at="2026-01-01")], "/1/awarded_at", "offset"),
        ([changed(HELD, lvl=1)], "/0/lvl", "did you mean 'level'"),
        ([changed(HELD, acts=[{"act": "revoke", "when": HELD["awarded_at"]}])], "/0/acts/0/when", "there are: act, at"),
        ([changed(HELD, recognised={"kind": "friend"})], "/0/recognised/kind", "transfer"),
        ([changed(HELD, level="x", scale=["y"])], "/0/level", "scale"),
        ({"holdings": [{"id": "a", "achievement": "b"}]}, "/holdings/0/awarded_at", "must be given"),
        ({"holdings": [HELD], "enroled": []}, "/enroled", "did you mean 'enrolled'"),
        ({"enrolled": []}, "", '"holdings"'),
        ("a", "", "a list of holdings"),
    ],
)
def test_a_mistake_in_holdings_is_named_by_its_place(document, pointer, words):
    with pytest.raises(Malformed, match=r"held\.json") as refused:
        read_holdings(written(document), "held.json")
    found = {place.pointer: place.detail for place in refused.value.problems}
    assert pointer in found
    assert words in found[pointer]


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"{", "held.json", "line 1"),
        (b'{"a": 1, "a": 2}', "held.json", "'a' stands twice"),
        (b"\xff", "held.json", "byte 0 is not UTF-8"),
        (b"\xff", "held.yaml", "byte 0 is not UTF-8"),
        (b"a: 1\na: 2", "held.yaml", "line 2"),
        (b"a: [", "HELD.YML", "line 1"),
        (b"{", "HELD.JSON", "not JSON"),
    ],
)
def test_what_is_no_text_of_its_kind_is_refused_with_the_name_of_the_file(data, name, words):
    with pytest.raises(Malformed, match=name) as refused:
        read_holdings(data, name)
    assert words in refused.value.detail
