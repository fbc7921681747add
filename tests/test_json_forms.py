"""The quick forms of reading and writing JSON: whatever they answer, the careful ones answer alike."""

from __future__ import annotations

import json
import math
import struct

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer import jsontext
from ler_issuer.jsontext import NotJsonError, survey

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["a", "b", "a:b", "::", "\\", '"']
)
ODD_TEXT = (
    TEXT | st.text(max_size=4) | st.sampled_from(["\ud800", "\U0001f600", "\ue000", "\uffff", "\x7f", "\x00", "é"])
)
FLOATS = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])
NUMBERS = (
    st.integers()
    | st.floats()
    | FLOATS
    | st.sampled_from([0.0, -0.0, 1.0, 90.0, 85.356, 1e-4, 9.9e-5, 1e-7, 1e16, 2.0**53, 2.0**53 - 0.5, 1e21, 1e300])
    | st.sampled_from([2**53 - 1, 2**53, -(2**53) + 1, -(2**53), 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63) - 1])
)
ANY = st.recursive(
    st.none() | st.booleans() | NUMBERS | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ODD_TEXT, inner, max_size=4),
    max_leaves=12,
)


def outcome(call, *args):
    try:
        return repr(call(*args))
    except NotJsonError as error:
        return error.code, error.detail, error.pointer


def by_hand(name):
    """Write a string as JSON in one of the ways there are: plain, or with all that is not ASCII, or colons, escaped."""
    return st.sampled_from(
        [
            json.dumps(name, ensure_ascii=False),
            json.dumps(name),
            json.dumps(name, ensure_ascii=False).replace(":", "\\u003a"),
            json.dumps(name).replace(":", "\\u003A"),
        ]
    )


STRINGS = ODD_TEXT.flatmap(by_hand)
SPELLINGS = st.sampled_from(
    ["0", "-0", "-0.0", "1.0", "1e5", "1E+2", "1e400", "-1e400", "0.1e-400", "NaN", "Infinity", "00", "1.", ".5", "tru"]
) | st.sampled_from(
    ["18446744073709551616", "9223372036854775808", "-9223372036854775809", "9007199254740993", "''", "[1,]", "{}"]
)
TEXTS = st.recursive(
    STRINGS | SPELLINGS | NUMBERS.map(json.dumps),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(STRINGS, inner), max_size=4).map(
            lambda pairs: "{" + ",".join(f"{name} :{value}" for name, value in pairs) + "}"
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300)
@given(TEXTS, st.integers(1, 5))
def test_reading_quickly_is_reading_carefully(text, depth):
    quick = outcome(lambda: jsontext.parse(text, max_depth=depth))
    assert quick == outcome(jsontext._parse_carefully, text, depth)
    data = text.encode("utf-8", "surrogatepass")
    assert outcome(lambda: jsontext.parse(data, max_depth=depth)) == outcome(jsontext._parse_carefully, data, depth)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a":1,"\\u0061":1}',
        '{"a":{"b":1},"a":"\\u003a\\u003a"}',  # as many colons as the value has, one of them in hiding
        '{"a":":","a":"\\u003A"}',
        '[{"a":1,"a":{"a":1}}]',
        '{"":0,"":0}',
    ],
)
def test_no_member_is_dropped_unnoticed(text):
    with pytest.raises(NotJsonError) as caught:
        jsontext.parse(text)
    assert caught.value.code == "duplicate_key"


@pytest.mark.parametrize("text", ["18446744073709551616", "-9223372036854775809", "[123456789012345678901234567890]"])
def test_large_integers_stay_integers(text):
    assert jsontext.parse(text) == json.loads(text)
    assert repr(jsontext.parse(text)) == text


@settings(max_examples=300)
@given(ANY)
def test_writing_quickly_is_writing_canonically(value):
    assert outcome(jsontext.canonical, value) == outcome(carefully_written, value)


def carefully_written(value):
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotJsonError("not_canonical", str(error)) from None


@settings(max_examples=200)
@given(NUMBERS.filter(math.isfinite))
def test_numbers_are_written_as_ecmascript_does(number):
    if isinstance(number, int) and abs(number) >= 2**53:
        number = float(number % 2**53)
    assert jsontext.canonical([number]) == rfc8785.dumps([number])


def test_the_quick_way_is_the_one_taken(monkeypatch):
    """What documents are made of is answered quickly; otherwise the properties above would hold of nothing."""
    document = {"id": "urn:x:1", "name": "Prüfung", "score": 85.356, "n": [1, 2.0, True, None, {"a:b": "c:d"}]}
    text = orjson.dumps(document)
    monkeypatch.setattr(jsontext, "_parse_carefully", None)
    monkeypatch.setattr(rfc8785, "dumps", None)
    assert jsontext.parse(text) == document
    assert jsontext.parse(text.decode()) == document
    expected = orjson.dumps(document, option=orjson.OPT_SORT_KEYS).replace(b"2.0", b"2")
    assert jsontext.canonical(document) == expected


@pytest.mark.parametrize("text", ['{"a": [1, "b:c", null, {"d": 2.0}]}', '{"a": "\\u003a"}', "[9223372036854775808]"])
def test_what_was_read_is_surveyed_whichever_way_it_was_read(text):
    value, found = jsontext.read(text)
    assert value == json.loads(text)
    assert found == survey(value)
    assert outcome(jsontext.canonical, value, found) == outcome(jsontext.canonical, value)


@pytest.mark.parametrize("value", [("a", "b"), {1: 2}, b"x", {"a": object()}, {"a": {2}}])
def test_what_only_python_has_is_not_written_otherwise(value):
    assert outcome(jsontext.canonical, value) == outcome(carefully_written, value)


def test_a_survey_counts_and_goes_no_deeper_than_asked():
    found = survey({"a": [1, 2.5, None, {"b": "c"}], "d": True})
    assert (len(found.objects), found.texts, found.numbers) == (2, "c", [1, 2.5])
    assert (found.values, found.levels, found.names, found.is_plain) == (7, 4, "adb", True)
    circular = []
    circular.append(circular)
    assert survey(circular, deepest=5).levels == 6
    assert survey([[0] * 10, [[1]]], most=5).values == 13
    assert not survey([(1,)]).is_plain
    assert not survey([{1: 2}]).is_plain
