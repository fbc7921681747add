"""Easing: of a set of new holdings, what each really has to be like, found by trying without.

The search supposes the best: every new holding differs from all others and counts towards every condition. Here each
condition is asked of as few as will do. Where it does not matter which ones, the condition is asked of all of them
together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, islice, product
from math import comb, gcd
from typing import Final, TypeAlias

from ler_issuer.stacking.compiling import Condition, Leaf, bits, in_units
from ler_issuer.stacking.missing.layout import Kind, Layout
from ler_issuer.stacking.missing.supposing import OutOfTrialsError, Trials
from ler_issuer.stacking.rules import Amount

_MOST_CHOICES: Final = 8  # ways to choose who bears one condition
_MOST_PLACINGS: Final = 24  # ways to choose who bears conditions, tried before it is said that any will do


@dataclass(frozen=True, slots=True)
class Shared:
    """What some of several new holdings have to do: count towards a condition, or bring hours or credits to a sum."""

    what: Condition | Leaf
    minimum: int
    among: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Eased:
    """New holdings: what each has to do, what some of them have to do, and what they bring to each sum, in units."""

    kinds: tuple[Kind, ...]
    shared: tuple[Shared, ...]
    amounts: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Duty:
    """Something that new holdings can do, and those that could."""

    what: Condition | Leaf
    able: tuple[int, ...]


_Bearers: TypeAlias = Sequence[tuple[int, ...]]


class Easing:
    """Eases the sets of one rule and one learner."""

    def __init__(self, layout: Layout, trials: Trials) -> None:
        """Know where a holding can do what, and try."""
        self._layout = layout
        self._trials = trials

    def ease(self, kinds: Sequence[Kind]) -> Eased:
        """Ask as little as will do of each new holding of a set that meets the rule, while there are trials left."""
        try:
            return self._ease(kinds)
        except OutOfTrialsError:
            return Eased(tuple(kinds), (), self._whole(kinds))

    def _ease(self, kinds: Sequence[Kind]) -> Eased:
        duties = list(self._duties(kinds))
        bearers = [duty.able for duty in duties]
        for place, duty in enumerate(duties):
            for one in reversed(duty.able):
                fewer = [*bearers]
                fewer[place] = tuple(other for other in bearers[place] if other != one)
                if self._meets(kinds, duties, fewer):
                    bearers = fewer
        free = [place for place, duty in enumerate(duties) if 0 < len(bearers[place]) < len(duty.able)]
        if free and not all(self._meets(kinds, duties, one) for one in _placings(duties, bearers, free)):
            free = []
        amounts = self._amounts(self._placed(kinds, duties, bearers))
        shared = [Shared(duties[place].what, len(bearers[place]), duties[place].able) for place in free]
        fixed = self._placed(kinds, duties, [() if place in free else one for place, one in enumerate(bearers)])
        return Eased(tuple(fixed), tuple(shared), amounts)

    # ── Duties ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _duties(self, kinds: Sequence[Kind]) -> Iterator[_Duty]:
        """Yield what new holdings can do besides serving the leaves that each is needed for."""
        widest = list(kinds)
        for leaf in bits(self._layout.sums):
            node = self._layout.leaves[leaf]
            serving = [kind for kind in kinds if kind.leaves & node.leaves]
            if not serving or any(not kind.leaves & ~self._layout.sums for kind in serving):
                continue
            able = [(n, with_it) for n, kind in enumerate(widest) if (with_it := self._layout.also_serving(kind, node))]
            for number, with_it in able:
                widest[number] = with_it
            yield _Duty(node, tuple(number for number, _ in able))
        for place, condition in enumerate(self._layout.conditions):
            able_to_count = tuple(number for number, kind in enumerate(widest) if kind.conditions >> place & 1)
            if able_to_count:
                yield _Duty(condition, able_to_count)

    def _placed(self, kinds: Sequence[Kind], duties: Sequence[_Duty], bearers: _Bearers) -> list[Kind]:
        """Give the kinds with the duties that they bear, and no others."""
        placed = list(kinds)
        for duty, bearing in zip(duties, bearers, strict=True):
            for number in duty.able:
                placed[number] = self._bearing(placed[number], duty.what, wanted=number in bearing)
        return placed

    def _bearing(self, kind: Kind, what: Condition | Leaf, *, wanted: bool) -> Kind:
        if isinstance(what, Leaf):
            return replace(kind, leaves=kind.leaves | what.leaves if wanted else kind.leaves & ~what.leaves)
        bit = 1 << self._layout.conditions.index(what)
        return replace(kind, conditions=kind.conditions | bit if wanted else kind.conditions & ~bit)

    def _meets(self, kinds: Sequence[Kind], duties: Sequence[_Duty], bearers: _Bearers) -> bool:
        placed = self._placed(kinds, duties, bearers)
        return all(map(self._layout.asked, placed)) and self._trials.met(placed)

    # ── Amounts ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def _amounts(self, kinds: Sequence[Kind]) -> dict[int, int]:
        """Find the least that has to be brought to each sum."""
        amounts = self._whole(kinds)
        for leaf, most in amounts.items():
            grain = self._grain(self._layout.leaves[leaf])
            low, high = self._least(self._layout.leaves[leaf]) // grain, most // grain
            if self._trials.met(kinds, {**amounts, leaf: low * grain}):  # so it is unless others want what is there
                high = low
            while low < high:
                middle = (low + high) // 2
                if self._trials.met(kinds, {**amounts, leaf: middle * grain}):
                    high = middle
                else:
                    low = middle + 1
            amounts[leaf] = high * grain
        return amounts

    def _whole(self, kinds: Sequence[Kind]) -> dict[int, int]:
        """Give all that each sum asks."""
        served = [leaf for leaf in bits(self._layout.sums) if any(kind.leaves >> leaf & 1 for kind in kinds)]
        return {leaf: self._layout.leaves[leaf].minimum for leaf in served}

    def _least(self, leaf: Leaf) -> int:
        """Give what is missing when all that is there counts, or the smallest amount when nothing is."""
        there = self._trials.there
        return max(leaf.minimum - there.measure(leaf, there.masks[leaf.leaf]), self._grain(leaf))

    def _grain(self, leaf: Leaf) -> int:
        """Give an amount of which all that can be missing is a multiple."""
        there = self._trials.there
        told = (there.holdings[number] for number in bits(there.masks[leaf.leaf]))
        hours = leaf.amount is Amount.HOURS
        return gcd(leaf.minimum, *(in_units((one.hours if hours else one.credits) or Decimal(0)) for one in told))


def _placings(duties: Sequence[_Duty], bearers: _Bearers, free: Sequence[int]) -> Iterator[_Bearers]:
    """Yield ways to choose others in place of those who bear the duties that seem to be free."""
    choices = [_choices(duties[place].able, len(bearers[place])) for place in free]
    for chosen in islice(product(*choices), _MOST_PLACINGS):
        placing = list(bearers)
        for place, one in zip(free, chosen, strict=True):
            placing[place] = one
        yield placing


def _choices(able: Sequence[int], count: int) -> list[tuple[int, ...]]:
    """Give the ways to choose so many; where there are many ways, some that lie far apart."""
    if comb(len(able), count) <= _MOST_CHOICES:
        return list(combinations(able, count))
    step = max(len(able) // _MOST_CHOICES, 1)
    return [(*able[start:], *able[:start])[:count] for start in range(0, len(able), step)]
