"""CBOR is read as the library reads it, but for tags, odd keys and other ways to write the same, which are refused."""

from __future__ import annotations

import math

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer.vc.cbor import NotCbor, read

WHOLE = st.integers(-(2**64), 2**64 - 1)
PLAIN = st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False) | st.text() | st.binary()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(WHOLE | st.text(), inner), max_leaves=20)


def bounded(data, depth=40, items=1_000):
    return read(data, depth=depth, items=items)


def refusal(data, **bounds):
    with pytest.raises(NotCbor) as found:
        bounded(data, **bounds)
    return str(found.value)


@given(VALUES)
def test_what_is_written_is_read(value):
    told = bounded(cbor2.dumps(value))
    assert told == value
    assert repr(told) == repr(value)


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_what_is_read_is_what_the_library_reads(data):
    try:
        told = bounded(data)
    except NotCbor:
        return
    assert repr(told) == repr(cbor2.loads(data))
    assert cbor2.dumps(told) == data


@pytest.mark.parametrize("tag", [*range(300), 1004, 43000, 55799, 2**32, 2**64 - 1])
def test_there_are_no_tags(tag):
    for value in (0, b"\x01", "a", [], [1, 2], {}):
        head = cbor2.dumps(cbor2.CBORTag(tag, 0))[:-1]
        written = head + cbor2.dumps(value)
        for data in (written, b"\x81" + written, b"\xa1\x01" + written, b"\xa1" + written + b"\x01"):
            assert refusal(data) == "it has a tag, or a value without a meaning"


@pytest.mark.parametrize("key", [b"\x80", b"\xa0", b"\x40", b"\xf4", b"\xf6", b"\xfb" + bytes(8), b"\xf7", b"\xe0"])
def test_a_key_is_a_whole_number_or_a_text(key):
    assert "key" in refusal(b"\xa1" + key + b"\x00") or key in {b"\xf7", b"\xe0"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x18",
        b"\x18\x17",
        b"\x19\x00\xff",
        b"\x00\x00",
        b"\x1c",
        b"\x5f\x40\xff",
        b"\x9f\xff",
        b"\xbf\xff",
        b"\xff",
        b"\xf7",
        b"\xe0",
        b"\xf8\xff",
        b"\x62\xc3\x28",
        b"\x63\xed\xa0\x80",
        b"\xa2\x01\x00\x01\x00",
        b"\xfa\x3f\x80\x00\x00",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
    ],
)
def test_other_ways_to_write_are_refused(data):
    assert refusal(data)


def test_it_is_bounded_in_depth_and_in_items():
    assert bounded(b"\x81\x81\x00", depth=2, items=3) == [[0]]
    assert "deep" in refusal(b"\x81\x81\x00", depth=1)
    assert "deep" in refusal(b"\x81" * 100_000)
    assert "items" in refusal(b"\x81\x81\x00", items=2)
    assert "items" in refusal(b"\xa2\x01\x02\x03\x04", items=4)
    assert "items" in refusal(b"\x9b" + b"\xff" * 8 + bytes(100_000))


def test_what_is_no_number_is_read_as_that():
    assert math.isnan(bounded(cbor2.dumps(math.nan)))
    assert bounded(cbor2.dumps(-math.inf)) == -math.inf
