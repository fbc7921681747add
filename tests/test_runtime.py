"""What the runtime draws by itself."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from ler_issuer.runtime import Runtime


class Drawing:
    """As much of a runtime as it takes to draw."""

    def __init__(self, drawn):
        self.drawn = drawn

    def random(self, length):
        assert length == len(self.drawn)
        return self.drawn


@given(st.binary(min_size=16, max_size=16))
def test_an_id_is_the_random_uuid_that_the_standard_library_would_make_of_these_bits(drawn):
    assert Runtime.new_id(Drawing(drawn)) == str(uuid.UUID(bytes=drawn, version=4))
