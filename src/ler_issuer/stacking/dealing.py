"""Dealing: contested holdings are dealt out one after the other, and only what it comes to is kept in mind.

What a way of dealing comes to is one level for each goal: how many holdings a leaf has, how many different experiences
a condition has seen, and so on, none beyond what is asked. Ways that come to the same are one, and of two that differ
only in the first goal's level, only the higher is kept; so the number of ways that are kept in mind has a bound that
depends on the rule alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import TypeAlias

from ler_issuer.stacking.compiling import Condition, Group, Leaf, Node, below, bits
from ler_issuer.stacking.goals import ENOUGH, NO_TOP, Amount, Count, Goal, InTurn, Seen, length
from ler_issuer.stacking.plans import Claim
from ler_issuer.stacking.standing import Standing
from ler_issuer.stacking.work import SETTING_UP, Work

_Advance: TypeAlias = tuple[tuple[int, ...], ...]
"""What a holding would advance: for each leaf, or leaves together, that may take it, the numbers of goals."""


_Ways: TypeAlias = dict[tuple[int, ...], int]
"""By the levels of all goals but the first, the highest level of the first."""


@dataclass(frozen=True, slots=True)
class _Card:
    """A holding to deal: what it would advance, and the value whose turn it is then."""

    holding: int
    advances: _Advance
    value: int


class Dealing:
    """The claims of a plan, the conditions that are not met by what is uncontested, and what is contested."""

    def __init__(
        self, claims: Sequence[Claim], conditions: Sequence[Condition], contested: int, group: Group, standing: Standing
    ) -> None:
        """Find the goals, and the holdings that can bring them nearer."""
        self._claims = claims
        self._contested = contested
        self._group = group
        self._standing = standing
        varieties = dict.fromkeys(one.variety for one in conditions if one.variety is not None)
        in_turn = max(varieties, key=lambda one: len(standing.values(one)), default=None)
        self._one_variety = len(varieties) <= 1
        self._turn_of = standing.value_of(in_turn) if in_turn is not None else ()
        counts = [goal for one in claims for goal in self._of_claim(one)]
        goals = [*counts, *(self._of_condition(one, in_turns=one.variety is in_turn) for one in conditions)]
        # the longest goes first: of its levels only the highest is kept, so it multiplies nothing
        self._goals = sorted(goals, key=length, reverse=True)
        if goals and not length(self._goals[0]):
            self._goals.insert(0, Count(0, 0, 0))
        self._tops = tuple(goal.top for goal in self._goals)
        self._sums = {number: goal for number, goal in enumerate(self._goals) if isinstance(goal, Amount)}

    def works(self, work: Work) -> bool:
        """Say whether some way of dealing reaches all goals.

        Raises:
            TooMuchError: the work has reached its bound.

        """
        if not self._goals:
            return True
        work.spend(SETTING_UP + self._contested.bit_count())
        ways: _Ways = {(0,) * (len(self._goals) - 1): 0}
        for _, cards in groupby(self._cards(), key=lambda card: card.value):
            for card in cards:
                ways = self._dealt(card, ways, work)
                if len(self._sums) <= 1 and self._some_reach_all(ways):  # what is left goes to the one sum
                    return True
            work.spend(len(ways))
            ways = self._turned(ways)
        return self._some_reach_all(ways)

    def _some_reach_all(self, ways: _Ways) -> bool:
        if not self._sums:
            return ways.get(self._tops[1:]) == self._tops[0]
        return any(
            all(top in {level, NO_TOP} for level, top in zip((first, *others), self._tops, strict=True))
            for others, first in ways.items()
        )

    # ── Goals ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _of_claim(self, claim: Claim) -> Iterator[Goal]:
        leaf, sure = claim.leaf, claim.mask & ~self._contested
        if self._standing.enough(leaf, sure):
            return
        if leaf.amount is None:
            yield Count(leaf.leaves, claim.mask, leaf.minimum - sure.bit_count())
        else:
            yield Amount(claim, self._standing)

    def _of_condition(self, condition: Condition, *, in_turns: bool) -> Goal:
        leaves, sure = condition.leaves, 0
        for one in self._claims:
            if one.leaf.leaves & leaves:
                sure |= one.mask & ~self._contested
        if condition.variety is None:
            eligible = self._standing.included(condition)
            return Count(leaves, eligible, condition.minimum - (sure & eligible).bit_count())
        fresh = [value for value in self._standing.values(condition.variety) if not value & sure]
        asked = condition.minimum - (len(self._standing.values(condition.variety)) - len(fresh))
        eligible = sum(fresh)  # values have no holding in common
        if in_turns:
            return InTurn(leaves, eligible, asked)
        return Seen(leaves, eligible, asked, self._standing.value_of(condition.variety))

    # ── Cards ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _cards(self) -> list[_Card]:
        """Give the holdings to deal, those of one value together.

        A solution needs no more holdings than the goals together ask for. So of holdings that would advance the same,
        it can do with that many; and where different values matter, with those of the values that have most of them,
        as many again: for any other value, one of these is not used and would do as well. With two kinds of values, or
        with sums, holdings are not that much alike, and all are dealt.
        """
        alike: dict[_Advance, int] = {}
        for advances, holdings in self._kinds():
            alike[advances] = alike.get(advances, 0) | holdings
        cards = [card for advances, holdings in alike.items() for card in self._needed(advances, list(bits(holdings)))]
        return sorted(cards, key=lambda card: (card.value, card.holding))

    def _needed(self, advances: _Advance, holdings: list[int]) -> Iterator[_Card]:
        """Give those of some holdings that advance the same that a solution can need."""
        in_turns = any(isinstance(self._goals[number], InTurn) for one in advances for number in one)
        by_value: dict[int, list[int]] = {}
        for holding in holdings:
            by_value.setdefault(self._turn_of[holding] if in_turns else ENOUGH, []).append(holding)
        chosen = list(by_value.items())
        if self._one_variety and not self._sums:
            asked = sum(goal.asked for goal in self._goals if not isinstance(goal, Amount))
            chosen.sort(key=lambda each: -len(each[1]))
            chosen = [(value, some[:asked]) for value, some in chosen[:asked]]
        for value, some in chosen:
            yield from (_Card(holding, advances, value) for holding in some)

    def _kinds(self) -> Iterator[tuple[_Advance, int]]:
        """Part the contested holdings by what they would advance."""
        parts = {0: self._contested}
        for claim in self._claims:
            parted: dict[int, int] = {}
            for leaves, mask in parts.items():
                if mask & claim.mask:
                    parted[leaves | claim.leaf.leaves] = mask & claim.mask
                if mask & ~claim.mask:
                    parted[leaves] = mask & ~claim.mask
            parts = parted
        for leaves, mask in parts.items():
            takers = _takers(self._group, leaves)
            for holdings, may in self._by_eligibility(mask):
                advances = _best(
                    tuple(number for number in may if self._goals[number].leaves & taker) for taker in takers
                )
                if advances:
                    yield advances, holdings

    def _by_eligibility(self, mask: int) -> Iterator[tuple[int, list[int]]]:
        """Part holdings by the goals for which they are eligible."""
        parts: list[tuple[int, list[int]]] = [(mask, [])]
        for number, goal in enumerate(self._goals):
            parts = [
                part
                for holdings, may in parts
                for part in ((holdings & goal.eligible, [*may, number]), (holdings & ~goal.eligible, may))
                if part[0]
            ]
        yield from parts

    # ── Ways ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _dealt(self, card: _Card, ways: _Ways, work: Work) -> _Ways:
        """Deal one holding in each of the ways that there are."""
        found: _Ways = {}
        summed = [number for number, goal in self._sums.items() if goal.eligible >> card.holding & 1]
        for others, first in ways.items():
            work.spend(1 + 2 * len(card.advances))
            levels = (first, *others)
            after = [self._after(levels, advanced, card.holding, summed, work) for advanced in card.advances]
            for now in after if summed else set(after) - {levels} or {levels}:
                if now is not None and found.get(now[1:], ENOUGH) < now[0]:
                    found[now[1:]] = now[0]
        return found

    def _after(
        self, levels: tuple[int, ...], advanced: Sequence[int], holding: int, summed: Sequence[int], work: Work
    ) -> tuple[int, ...] | None:
        """Give what it comes to when leaves that advance some goals take a holding; None when that is of no use."""
        now = list(levels)
        for number in advanced:
            now[number] = self._goals[number].after(now[number], holding)
        if not summed:
            return tuple(now)
        taken_from = [number for number in summed if number not in advanced]
        if len(taken_from) == len(summed) and tuple(now) == levels:
            return None  # a sum could as well have it
        for number in taken_from:
            work.spend(self._sums[number].effort(holding))
            without = self._sums[number].without(levels[number], holding)
            if without is None:
                return None
            now[number] = without
        return tuple(now)

    def _turned(self, ways: _Ways) -> _Ways:
        """Go on to the next value."""
        found: _Ways = {}
        for others, first in ways.items():
            levels = [goal.turned(level) for goal, level in zip(self._goals, (first, *others), strict=True)]
            key = tuple(levels[1:])
            found[key] = max(found.get(key, 0), levels[0])
        return found


def _takers(node: Node, leaves: int) -> list[int]:
    """Give the sets of leaves that may take one holding together, of those that mean it; none is part of another."""
    if not node.leaves & leaves:
        return []
    match node:
        case Leaf():
            return [node.leaves]
        case Group() if not node.apart:
            each = [found for one in node.members if (found := _takers(one, leaves))]
            return [sum(chosen) for chosen in product(*each)]
        case _:
            return [taker for one in below(node) for taker in _takers(one, leaves)]


def _best(advances: Iterable[tuple[int, ...]]) -> _Advance:
    """Leave out what advances less than another."""
    each = sorted({frozenset(one) for one in advances if one}, key=lambda one: (-len(one), sorted(one)))
    return tuple(
        tuple(sorted(one)) for number, one in enumerate(each) if not any(one < other for other in each[:number])
    )
