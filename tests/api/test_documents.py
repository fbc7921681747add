"""Choosing a media type as RFC 9110 §12.5.1 says."""

from __future__ import annotations

import pytest

from ler_issuer.api.documents import CREDENTIAL, negotiate

VC, VC_LD, LD, JSON = CREDENTIAL


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", VC),
        ("*/*", VC),
        ("application/*", VC),
        (JSON, JSON),
        ("Application/LD+JSON", LD),
        (f"{LD};q=0.5, {JSON};q=0.9", JSON),
        (f"{LD}, {JSON}", LD),
        (f"{JSON}, {LD}", LD),
        (f"*/*;q=0.1, {JSON}", JSON),
        (f"application/*, {VC};q=0", VC_LD),
        (f"{LD}; profile=x; q=0.2, */*;q=0.1", LD),
        ("text/html", VC),
        (f"{JSON};q=banana", JSON),
        (f"{JSON};q=9", JSON),
        (",;,q=1,/,", VC),
    ],
)
def test_the_best_liked_media_type_is_chosen(accept, chosen):
    assert negotiate(accept, CREDENTIAL) == chosen
