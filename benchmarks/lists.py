"""A status list in which one in a hundred is revoked: packed, signed, judged by ourselves and written."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import task
from benchmarks.measuring import Subject
from ler_issuer import jsontext, vc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.ourselves import Workshop
    from ler_issuer.types import JsonObject

LIST_URL = "https://example.edu/status/3"
SHARE = 100


def revoked() -> Sequence[int]:
    """Give the positions that are revoked, the same in every run."""
    return random.Random(3).sample(range(vc.MIN_ENTRIES), vc.MIN_ENTRIES // SHARE)  # noqa: S311 - chance to measure with


def renewed(workshop: Workshop, raised: Sequence[int]) -> bytes:
    """Make the list anew, as `services.publishing` does; from the database come only the positions."""
    encoded = vc.encode(raised)
    document = vc.list_credential(
        list_url=LIST_URL, issuer=task.ISSUER, purpose="revocation", encoded=encoded, valid_from=task.CREATED
    )
    signed: JsonObject = workshop.sign(document)
    return jsontext.canonical({**signed, "proof": signed["proof"][0]})


def subjects(workshop: Workshop) -> Iterator[Subject]:
    """Give the rows."""
    raised = revoked()
    yield Subject.calling("ours: pack a status list", partial(vc.encode, raised))
    yield Subject.calling("ours: renew a status list", partial(renewed, workshop, raised))
