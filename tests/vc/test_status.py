from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer import vc
from ler_issuer.vc import MIN_ENTRIES, BadList, multibase
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
        (multibase.u(ZEROS + ZEROS), "list_damaged"),
        (multibase.u(ZEROS + b"\0"), "list_damaged"),
        (multibase.u(ZEROS[:-8] + bytes(8)), "list_damaged"),
        ("u" + "A" * 2**21, "list_bomb"),
    ],
)
def test_only_one_whole_gzip_member_is_a_list(encoded: str, code: str) -> None:
    with pytest.raises(BadList) as refused:
        vc.decode(encoded)
    assert refused.value.code == code


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
