"""Searching: the minimal sets of new holdings that would meet a rule, those that take the fewest assessments first.

Best first: a set is extended by kinds of which at least one is needed, and what it will take at least tells which set
to look at next. Where every node has enough by itself and the rule is still not met (two of them want the same holding,
say), the set is filled up with all that does *not* help; what is needed lies beyond. So no minimal set is passed over.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from ler_issuer.stacking.compiling import bits
from ler_issuer.stacking.missing.layout import Kind, Layout
from ler_issuer.stacking.missing.pairing import can_be_paired
from ler_issuer.stacking.missing.shortfall import NEVER, Cost, Shortfall
from ler_issuer.stacking.missing.supposing import OutOfTrialsError, Trials

MOST_STEPS: Final = 1_000
"""Sets that are looked at for one learner and one rule."""

MOST_PARTS: Final = 60
"""New holdings in one set."""

_Set: TypeAlias = tuple[int, ...]
"""Kinds by their numbers, ascending; one that stands twice is earned twice."""


class Search:
    """The search for one learner and one rule."""

    def __init__(self, layout: Layout, trials: Trials, enrolled: frozenset[Kind]) -> None:
        """Begin with nothing new."""
        self._complete = layout.exact
        self._layout = layout
        self._trials = trials
        self._enrolled = enrolled
        self._kinds = layout.kinds
        self._most = [_most(layout, kind) for kind in layout.kinds]
        self._stands_in = [
            frozenset(number for number, other in enumerate(self._kinds) if layout.does_all(other, kind))
            for kind in self._kinds
        ]
        self._heap: list[tuple[Cost, int, _Set]] = []
        self._seen: set[_Set] = set()
        self._found: list[_Set] = []

    def minimal(self) -> Iterator[list[Kind]]:
        """Yield sets that meet the rule, none of which has a part to spare.

        When a limit is reached before any was found, one that may not take the fewest is better than none.
        """
        try:
            yield from self._minimal()
        except OutOfTrialsError:
            self._complete = False
        if not self._complete and not self._found:
            self._trials.renew()
            yield from self._some()

    @property
    def complete(self) -> bool:
        """Say whether no minimal set was passed over so far."""
        return self._complete and not self._trials.undecided

    def _minimal(self) -> Iterator[list[Kind]]:
        if not self._met(_listed(self._most), self._trials.absent(())) and not self._trials.undecided:
            return
        self._consider(())
        steps = 0
        while self._heap:
            _, _, new = heapq.heappop(self._heap)
            if any(self._is_within(found, new) for found in self._found):
                continue
            steps += 1
            if steps > MOST_STEPS:
                self._complete = False
                return
            helpful = Shortfall(self._layout, self._trials, self._enrolled, self._of(new)).helpful()
            if helpful:
                for kind in helpful:
                    self._consider((*new, self._kinds.index(kind)))
            elif self._met(new):
                self._found.append(new)
                yield self._of(new)
            else:
                self._go_beyond(new)

    def _some(self) -> Iterator[list[Kind]]:
        """Yield one set, if any: everything that could be earned, less what can be spared."""
        counts = list(self._most)
        try:
            if self._met(_listed(counts)):
                for kind in reversed(range(len(counts))):
                    counts[kind] = self._fewest([*counts[:kind], 0, *counts[kind + 1 :]], kind)
                yield self._of(_listed(counts))
        except OutOfTrialsError:
            return

    def _fewest(self, counts: Sequence[int], kind: int, absent: Sequence[bool] | None = None) -> int:
        """Give how many of a kind it takes besides others, when with the most of them it is enough."""
        low, high = counts[kind], self._most[kind]
        while low < high:
            middle = (low + high) // 2
            if self._met(_listed([*counts[:kind], middle, *counts[kind + 1 :]]), absent):
                high = middle
            else:
                low = middle + 1
        return high

    def _consider(self, new: Sequence[int]) -> None:
        """Look at a set later, in its turn."""
        wanted = tuple(sorted(new))
        if wanted in self._seen or any(wanted.count(kind) > self._most[kind] for kind in set(wanted)):
            return
        self._seen.add(wanted)
        if len(wanted) > MOST_PARTS:
            self._complete = False
            return
        count, missed = Shortfall(self._layout, self._trials, self._enrolled, self._of(wanted)).cost()
        if count < NEVER[0]:
            missed += sum(1 for kind in wanted if self._kinds[kind] not in self._enrolled)
            heapq.heappush(self._heap, ((count + len(wanted), missed), -len(wanted), wanted))

    def _go_beyond(self, new: _Set) -> None:
        """Fill a set up with all that leaves the rule unmet; whatever meets it has more of something."""
        absent = self._trials.absent(self._of(new))
        counts = [new.count(kind) for kind in range(len(self._kinds))]
        for kind, most in enumerate(self._most):
            before = counts[kind]
            counts[kind] = most
            if self._met(_listed(counts), absent):
                counts[kind] = before
                counts[kind] = self._fewest(counts, kind, absent) - 1
        for kind, most in enumerate(self._most):
            if counts[kind] < most:
                more = counts[kind] + 1 - new.count(kind)
                self._consider((*new, *[kind] * more))

    def _met(self, new: Sequence[int], absent: Sequence[bool] | None = None) -> bool:
        return self._trials.met(self._of(new), absent=absent)

    def _of(self, new: Sequence[int]) -> list[Kind]:
        return [self._kinds[kind] for kind in new]

    def _is_within(self, found: _Set, new: _Set) -> bool:
        """Say whether a set that was found is part of another, or of what does as much."""
        return can_be_paired(found, new, lambda part, candidate: candidate in self._stands_in[part])


def _most(layout: Layout, kind: Kind) -> int:
    """Give how many of a kind are of use: what some leaf, or some condition above one, asks for."""
    counted = [layout.leaves[leaf].minimum for leaf in bits(kind.leaves) if layout.leaves[leaf].amount is None]
    return max([1, *counted, *(one.minimum for one in layout.conditions_of(layout.above(kind.leaves)))])


def _listed(counts: Sequence[int]) -> _Set:
    return tuple(kind for kind, count in enumerate(counts) for _ in range(count))
