"""The gate: before any ratio counts, thousands of random documents have to come out alike, byte for byte.

The documents are drawn from the whole vocabulary of the pinned contexts (`tests/vocabularies.py`), a part of them with
things in it that do not belong there. For each, what `vc.canonize` says is compared with our general path, with PyLD's
statements labelled by us, with plain PyLD and with pyoxigraph (`tests/oracles.py`, which names the listed differences).
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import oracles
import vocabularies
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import Contexts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ler_issuer.types import JsonObject, Url

LEAST = 5_000
PROCESSES = 2
TOGETHER = 50
ODDITIES = (0.0, 0.0, 0.02, 0.15)
"""How likely a value is one that does not belong where it stands, from one document to the next."""


@dataclass(frozen=True)
class Compared:
    """What comparing came to: how many documents, and of some that differ their seeds and who differed."""

    documents: int
    differing: tuple[tuple[int, str], ...]

    @property
    def alike(self) -> bool:
        """Whether no document came out differently."""
        return not self.differing


@cache
def _world() -> tuple[vocabularies.Vocabularies, Contexts, Mapping[Url, JsonObject]]:
    """Load contexts three times over: PyLD writes into those that it is given."""
    first, second, third = (load_closed_world().contexts for _ in range(3))
    return vocabularies.Vocabularies(first), Contexts(second), third


def _differing(seeds: range) -> list[tuple[int, str]]:
    drawn_from, contexts, others = _world()
    found = []
    for seed in seeds:
        document = vocabularies.drawn(drawn_from, seed, ODDITIES[seed % len(ODDITIES)])
        try:
            who = oracles.disagreement(document, contexts, others)
        except Exception as error:  # noqa: BLE001 - whatever is raised is a difference, and is told with its seed
            who = repr(error)
        if who is not None:
            found.append((seed, who))
    return found


def compare(count: int, first: int = 0) -> Compared:
    """Compare so many documents, beginning with the seed `first`."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        found = [one for some in pool.imap(_differing, _shares(count, first)) for one in some]
    return Compared(count, tuple(found))


def _shares(count: int, first: int) -> Iterator[range]:
    for start in range(first, first + count, TOGETHER):
        yield range(start, min(start + TOGETHER, first + count))
