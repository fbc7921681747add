"""YAML means the JSON that a reader would take it for."""

from __future__ import annotations

import pytest

from ler_issuer.yamltext import LARGEST_TEXT, NotYamlError, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: no", {"a": "no"}),
        ("a: on", {"a": "on"}),
        ("a: true", {"a": True}),
        ("a: null", {"a": None}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: 2013-10-01", {"a": "2013-10-01"}),
        ("a: 2026-05-04T14:30:00Z", {"a": "2026-05-04T14:30:00Z"}),
        ("a: 010", {"a": "010"}),
        ("a: 0x10", {"a": "0x10"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: -12", {"a": -12}),
        ("a: 62.5", {"a": 62.5}),
        ("a: 1e3", {"a": 1000.0}),
        ("a: .nan", {"a": ".nan"}),
        ("1: one\ntrue: yes", {"1": "one", "true": "yes"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ('{"a": ["b", 1]}', {"a": ["b", 1]}),
        ("- a\n- b", ["a", "b"]),
        ("", None),
    ],
)
def test_a_text_means_what_it_looks_like(text, value):
    read = parse(text)

    assert read == value
    assert repr(read) == repr(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: the key 'a' stands twice"),
        ("a: {b: 1, b: 2}", "line 1: the key 'b' stands twice"),
        ("a: [1", "line 1"),
        ("? [a]\n: b", "a key must be text"),
        ("a: !!python/object:os.system x", "line 1"),
        ("a: !!int x", "not YAML"),
        ("a: &x [*x]", "line 1"),
        ("--- 1\n--- 2", "line 2"),
        ("a: \x01", "not YAML"),
        ("[" * 500, "not YAML"),
        (" " * (LARGEST_TEXT + 1), "longer than"),
    ],
)
def test_what_cannot_be_trusted_is_refused(text, words):
    with pytest.raises(NotYamlError) as refused:
        parse(text)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "text", ["!!timestamp x", '!!int ""', "!!bool x", "!!float nan", "1e999", "!!set {a}", "&a [*a]"]
)
def test_what_json_does_not_have_is_refused(text):
    with pytest.raises(NotYamlError):
        parse(text)


def test_aliases_may_repeat_but_not_multiply():
    assert parse("a: &x [1, 2]\nb: *x") == {"a": [1, 2], "b": [1, 2]}
    laughs = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    laughs += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 8)]
    with pytest.raises(NotYamlError, match="aliases"):
        parse("\n".join(laughs))
