"""What the runtime draws by itself."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ler_issuer.runtime import Runtime


class Drawing:
    """As much of a runtime as it takes to draw."""

    def __init__(self, drawn, time=None):
        self.drawn = drawn
        self.time = time

    def clock(self):
        return self.time

    def random(self, length):
        assert length == len(self.drawn)
        return self.drawn


@given(st.binary(min_size=16, max_size=16))
def test_an_id_is_the_random_uuid_that_the_standard_library_would_make_of_these_bits(drawn):
    assert Runtime.new_id(Drawing(drawn)) == str(uuid.UUID(bytes=drawn, version=4))


@given(st.binary(min_size=10, max_size=10), st.integers(0, 250_000_000_000))
def test_an_id_of_a_row_begins_with_the_time_and_is_a_uuid_of_version_7(drawn, second):
    made = uuid.UUID(Runtime.new_row_id(Drawing(drawn, datetime.fromtimestamp(second, UTC))))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == second * 1000
    random = int.from_bytes(drawn)
    assert made.int & (1 << 62) - 1 == random & (1 << 62) - 1
    assert made.int >> 64 & 0xFFF == random >> 64 & 0xFFF


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_rows_are_in_the_order_of_their_making(one, other):
    first = Runtime.new_row_id(Drawing(one, datetime(2026, 6, 1, 12, 0, 0, 1000, tzinfo=UTC)))
    later = Runtime.new_row_id(Drawing(other, datetime(2026, 6, 1, 12, 0, 0, 2000, tzinfo=UTC)))

    assert first < later
