from __future__ import annotations

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer import vc
from ler_issuer.vc import MIN_ENTRIES, BadList, multibase
from ler_issuer.vc.status import decode_2021, value_at
from signing import NOW, rules

ZEROS = gzip.compress(bytes(MIN_ENTRIES // 8), mtime=0)


@settings(max_examples=40)
@given(st.sets(st.integers(0, MIN_ENTRIES - 1), max_size=20))
def test_what_is_raised_is_raised_and_its_neighbours_are_not(raised: set[int]) -> None:
    bits = vc.decode(vc.encode(raised))
    assert len(bits) * 8 == MIN_ENTRIES
    assert sum(byte.bit_count() for byte in bits) == len(raised)
    assert all(vc.bit(bits, index) for index in raised)


def test_index_0_is_the_most_significant_bit() -> None:
    assert vc.decode(vc.encode([0, 9]))[:2] == b"\x80\x40"


def test_the_same_bits_give_the_same_text() -> None:
    assert vc.encode([5, 3]) == vc.encode([3, 5, 5])


def test_a_list_is_one_gzip_member_without_a_date_and_no_longer_than_the_usual_one() -> None:
    raised = random.Random(7).sample(range(MIN_ENTRIES), MIN_ENTRIES // 100)

    packed = multibase.decode_u(vc.encode(raised))

    assert packed[:8] == gzip.compress(b"", mtime=0)[:8]
    assert len(packed) <= len(gzip.compress(vc.decode(vc.encode(raised)), compresslevel=6, mtime=0))


@pytest.mark.parametrize("length", [0, MIN_ENTRIES - 8, MIN_ENTRIES + 1])
def test_a_list_is_long_enough_and_of_whole_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="entries"):
        vc.encode([], length)


@pytest.mark.parametrize("index", [-1, MIN_ENTRIES])
def test_an_index_outside_the_list_is_an_error(index: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        vc.encode([index])
    with pytest.raises(IndexError):
        vc.bit(bytes(MIN_ENTRIES // 8), index)


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        ("", "list_damaged"),
        ("u", "list_damaged"),
        ("z" + multibase.u(ZEROS)[1:], "list_damaged"),
        (multibase.u(ZEROS) + "=", "list_damaged"),
        ("u" + multibase.u(ZEROS)[1:].replace("A", "+", 1), "list_damaged"),
        (multibase.u(ZEROS) + "\n", "list_damaged"),
        (multibase.u(b"not gzip"), "list_damaged"),
        (multibase.u(ZEROS[:-1]), "list_damaged"),
        (multibase.u(ZEROS + ZEROS), "list_multi_member"),
        (multibase.u(ZEROS + b"\0"), "list_trailing"),
        (multibase.u(ZEROS[:-8] + bytes(8)), "list_damaged"),
        ("u" + "A" * 2**21, "list_bomb"),
    ],
)
def test_only_one_whole_gzip_member_is_a_list(encoded: str, code: str) -> None:
    with pytest.raises(BadList) as refused:
        vc.decode(encoded)
    assert refused.value.code == code


PUBLISHED = "H4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
"""The clear list of the examples of both specifications."""


def test_the_lists_that_the_specifications_print_are_read() -> None:
    assert vc.decode(f"u{PUBLISHED}") == decode_2021(PUBLISHED) == bytes(MIN_ENTRIES // 8)


def test_a_list_of_2021_stands_bare_and_may_be_padded() -> None:
    bare = multibase.u(ZEROS)[1:]
    padded = bare + "=" * (-len(bare) % 4)
    assert decode_2021(bare) == decode_2021(padded) == bytes(MIN_ENTRIES // 8)
    for odd in ("u" + bare, bare + "====", bare[:-1], ""):
        with pytest.raises(BadList):
            decode_2021(odd)


@pytest.mark.parametrize(
    ("index", "size", "value"),
    [(0, 1, 1), (1, 1, 0), (0, 2, 0b10), (3, 2, 0b01), (1, 3, 0b001), (2, 8, 0xFF), (1, 16, 0xFF00)],
)
def test_a_status_of_several_bits_begins_with_the_one_that_counts_most(index: int, size: int, value: int) -> None:
    assert value_at(b"\x85\x01\xff\x00", index, size) == value


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (32, 1), (16, 2), (10, 3)])
def test_a_status_outside_the_list_is_an_error(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        value_at(bytes(4), index, size)


def test_unpacking_stops_at_the_cap() -> None:
    exactly = multibase.u(gzip.compress(bytes(1000), mtime=0))
    assert vc.decode(exactly, max_bytes=1000) == bytes(1000)
    with pytest.raises(BadList) as refused:
        vc.decode(exactly, max_bytes=999)
    assert refused.value.code == "list_bomb"


def test_composed_documents_lose_nothing_in_linked_data() -> None:
    url = "https://a.edu/status/1"
    document = vc.list_credential(
        list_url=url, issuer="did:web:a.edu", purpose="revocation", encoded=vc.encode([]), valid_from=NOW
    )
    assert vc.canonize(document, rules().contexts).lost == ()
    assert vc.entry(url, 7, "revocation") == {
        "id": "https://a.edu/status/1#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": url,
    }


@pytest.mark.parametrize("raised", [[5], range(0, MIN_ENTRIES, 7)], ids=["short", "long"])
def test_a_list_that_was_unpacked_before_is_held_against_each_limit_anew(raised):
    encoded = vc.encode(raised)

    assert vc.decode(encoded) == vc.decode(encoded)
    with pytest.raises(BadList) as caught:
        vc.decode(encoded, max_bytes=100)

    assert caught.value.code == "list_bomb"
