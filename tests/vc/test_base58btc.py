"""Base 58, against the library of that name; and the first test vectors of its Internet Draft."""

from __future__ import annotations

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ler_issuer.vc import base58btc, multibase

BYTES = st.binary(max_size=120) | st.builds(bytes.__add__, st.integers(0, 12).map(bytes), st.binary(max_size=70))
DIGITS = st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=150)


@given(BYTES)
def test_bytes_are_written_as_others_write_them(data):
    assert base58btc.encode(data) == base58.b58encode(data).decode()
    assert base58btc.decode(base58btc.encode(data)) == data


@given(DIGITS)
def test_digits_are_read_as_others_read_them(text):
    assert base58btc.decode(text) == base58.b58decode(text)
    assert base58btc.encode(base58btc.decode(text)) == text


@given(DIGITS, st.text(min_size=1, max_size=3), st.integers(0, 20))
def test_other_characters_are_refused(text, odd, place):
    text = text[:place] + odd + text[place:]
    try:
        expected = base58.b58decode(text) if text == text.strip() and text.isascii() else None
    except ValueError:
        expected = None
    assert base58btc.decode(text) == expected


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
        (b"\0", "1"),
    ],
)
def test_the_vectors_of_the_draft(data, text):
    assert (base58btc.encode(data), base58btc.decode(text)) == (text, data)


def test_a_value_that_is_too_long_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(base58btc, "decode", None)
    with pytest.raises(multibase.BadMultibase, match="for 32 bytes"):
        multibase.decode_z_within("z" + "2" * 1_000_000, most=32)
