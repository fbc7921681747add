"""Strict JSON: what two readers could read differently is refused, with its code and place."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ler_issuer import jsontext
from ler_issuer.jsontext import NotJsonError

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e15, 1e15)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        ('{"a":1,"a":1}', "duplicate_key", ""),
        ('{"b":{"a":1,"c":2,"a":3}}', "duplicate_key", ""),
        ("NaN", "not_a_number", ""),
        ("[-Infinity]", "not_a_number", ""),
        ("1e400", "number_out_of_range", ""),
        ("[" + "9" * 5000 + "]", "number_out_of_range", ""),
        ('{"a":["x","\\ud800"]}', "lone_surrogate", "/a/1"),
        ('{"a":{"\\udfff":1}}', "lone_surrogate", "/a"),
        ("[" * 70 + "]" * 70, "too_deep", "/0" * 64),
        ("[" * 100_000 + "]" * 100_000, "too_deep", ""),
        (b"\xff", "not_utf8", ""),
        ("{'a':1}", "not_json", ""),
        ("", "not_json", ""),
        ("1 2", "not_json", ""),
        ('"' + "x" * 5_000_000 + '"', "too_large", ""),
    ],
)
def test_what_readers_disagree_about_is_refused(text, code, pointer):
    with pytest.raises(NotJsonError) as caught:
        jsontext.parse(text)
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


@pytest.mark.parametrize(
    "text",
    ["[" + "{}," * 1_300_000 + "0]", "[" + "0," * 1_900_000 + "0]", '["\\ud83d\\ude00"' + ',"é"' * 500_000 + "]"],
)
def test_very_many_values_are_read_in_good_time(text):
    started = time.process_time()
    jsontext.parse(text)
    assert time.process_time() - started < 3


def test_a_fault_behind_very_many_values_is_named_by_its_place():
    for text, code, place in [("[" * 70 + "]" * 70, "too_deep", "/0" * 62), ('"\\udfff"', "lone_surrogate", "")]:
        with pytest.raises(NotJsonError) as caught:
            jsontext.parse('{"a":[' + "{}," * 300_000 + text + "]}")
        assert (caught.value.code, caught.value.pointer) == (code, f"/a/300000{place}")


def test_a_pair_of_surrogates_is_one_character():
    assert jsontext.parse('"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@given(json_values)
def test_what_it_reads_is_what_json_reads(value):
    text = json.dumps(value)
    assert jsontext.parse(text) == json.loads(text)


@given(json_values)
def test_the_canonical_form_is_a_fixed_point(value):
    once = jsontext.canonical(value)
    assert jsontext.canonical(jsontext.parse(once)) == once


@pytest.mark.parametrize("value", [2**53 + 1, float("nan"), float("inf"), "\ud800", {"a": [2**60]}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(NotJsonError) as caught:
        jsontext.canonical(value)
    assert caught.value.code == "not_canonical"


def test_pointers_are_escaped():
    assert jsontext.escape("a/b~c") == "a~1b~0c"
    assert jsontext.escape(3) == "3"
