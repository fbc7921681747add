"""Shortfall: how many new holdings a rule takes at least, seen node by node, and which kinds of them could help.

Nodes are looked at by themselves, as if no two of them wanted the same holding; so the count is never too high, and
most often it is right.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from ler_issuer.stacking.compiling import Absence, Condition, Group, Leaf, Node, Order, Window, bits
from ler_issuer.stacking.missing.layout import Kind, Layout
from ler_issuer.stacking.missing.supposing import Trials

Cost: TypeAlias = tuple[int, int]
"""How many new holdings, and how many of them are of nothing that the learner is enrolled in."""

NOTHING: Final[Cost] = (0, 0)
NEVER: Final[Cost] = (1_000_000, 0)


class Shortfall:
    """What is missing besides some new holdings; `enrolled` are kinds that the learner is enrolled in."""

    def __init__(self, layout: Layout, trials: Trials, enrolled: frozenset[Kind], new: Sequence[Kind]) -> None:
        """Begin with new holdings, by their kinds."""
        self._layout = layout
        self._trials = trials
        self._there = trials.there
        self._enrolled = enrolled
        self._new = new
        self._costs: dict[tuple[Node, int], Cost] = {}

    def cost(self) -> Cost:
        """Give what it takes at least."""
        return self._cost(self._layout.root, self._there.full)

    def helpful(self) -> list[Kind]:
        """Give kinds of which at least one is needed; none when every node has enough by itself."""
        found = self._helpful(self._layout.root, self._there.full)
        return [kind for kind in self._layout.kinds if kind in found]

    # ── Cost ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _cost(self, node: Node, among: int) -> Cost:
        key = (node, among)
        if key not in self._costs:
            self._costs[key] = self._find_cost(node, among)
        return self._costs[key]

    def _find_cost(self, node: Node, among: int) -> Cost:
        match node:
            case Leaf():
                return self._priced(self._missing(node, among), self._serving(node.leaves))
            case Group():
                return self._least(node, among)
            case Condition():
                return max(self._cost(node.inner, among), self._priced(self._lack(node, among), self._counting(node)))
            case Absence():
                return NOTHING
            case Window() | Order():
                return NOTHING if self._trials.alone(node, among) else min(map(_sum, self._ways(node, among)))

    def _least(self, group: Group, among: int) -> Cost:
        """Add what members cost; of those of which one new holding can serve several, only what the dearest costs."""
        clusters = self._layout.clusters(group)
        if len(clusters) == len(group.members):
            return _sum(sorted(self._cost(one, among) for one in group.members)[: group.count])
        least = [NOTHING, *[NEVER] * group.count]  # for so many members of the clusters that were looked at
        for together in clusters:
            costs = [NOTHING, *sorted(self._cost(one, among) for one in together)]
            costs[-1] = max(costs[-1], self._apart(together, among))
            least = [
                min(_sum((least[count - met], cost)) for met, cost in enumerate(costs[: count + 1]))
                for count in range(group.count + 1)
            ]
        return least[-1]

    def _apart(self, nodes: Sequence[Node], among: int) -> Cost:
        """Add what some of several nodes cost, no two of which one new holding can serve; the dear ones first."""
        chosen: list[Node] = []
        for node in sorted(nodes, key=lambda one: self._cost(one, among), reverse=True):
            if not any(self._layout.share(node.leaves, other.leaves) for other in chosen):
                chosen.append(node)
        return _sum([self._cost(one, among) for one in chosen])

    def _ways(self, node: Window | Order, among: int) -> Iterator[list[Cost]]:
        for way in self._parts(node, among):
            yield [self._cost(one, inside) for one, inside in way]

    def _parts(self, node: Window | Order, among: int) -> Iterator[list[tuple[Node, int]]]:
        """Yield the ways in which new holdings can help: nodes below, and what is there that goes with new ones."""
        if isinstance(node, Window):
            yield [(node.inner, among & self._since(node.length.before(self._there.at)))]
            return
        early = self._earliest(node, among)
        if early is not None:
            yield [(node.then, among & ~early)]
        yield [(node.first, among), (node.then, 0)]

    def _earliest(self, node: Order, among: int) -> int | None:
        """Give all that was earned up to when `first` was met by what is there, None when it never was."""
        ends = self._there.ends(among)
        place = bisect_left(ends, True, key=lambda end: self._trials.alone(node.first, end))  # noqa: FBT003 - sought
        return ends[place] if place < len(ends) else None

    def _since(self, start: datetime) -> int:
        return self._there.full >> (place := bisect_left(self._there.times, start)) << place

    def _missing(self, leaf: Leaf, among: int) -> int:
        new = sum(1 for kind in self._new if kind.leaves & leaf.leaves)
        here = among & self._there.masks[leaf.leaf]
        if leaf.amount is None:
            return leaf.minimum - here.bit_count() - new
        return 0 if new or self._there.enough(leaf, here) else 1

    def _lack(self, condition: Condition, among: int) -> int:
        """Count what a condition lacks when all that could be used below is used."""
        under = among & self._under(condition.leaves)
        new = sum(1 for kind in self._new if kind in self._counting(condition))
        if condition.variety is None:
            return condition.minimum - (under & self._there.included(condition)).bit_count() - new
        return condition.minimum - sum(1 for alike in self._there.values(condition.variety) if alike & under) - new

    def _under(self, leaves: int) -> int:
        under = 0
        for leaf in bits(leaves):
            under |= self._there.masks[leaf]
        return under

    def _priced(self, count: int, kinds: Collection[Kind]) -> Cost:
        """Price so many new holdings of some kinds."""
        if count <= 0:
            return NOTHING
        if not kinds:
            return NEVER
        return (count, 0 if any(kind in self._enrolled for kind in kinds) else count)

    def _serving(self, leaves: int) -> list[Kind]:
        return [kind for kind in self._layout.kinds if kind.leaves & leaves]

    def _counting(self, condition: Condition) -> list[Kind]:
        kinds = self._serving(condition.leaves)
        return [kind for kind in kinds if condition.variety is not None or self._layout.counts(kind, condition)]

    # ── Help ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _helpful(self, node: Node, among: int) -> list[Kind]:
        if self._cost(node, among) == NOTHING:
            return []
        found: list[Kind] = []
        match node:
            case Leaf():
                found = self._serving(node.leaves)
            case Group():
                short = [one for one in node.members if self._cost(one, among) != NOTHING]
                each_is_needed = node.count == len(node.members)  # so it is enough to look at one
                found = [kind for one in short[: 1 if each_is_needed else None] for kind in self._helpful(one, among)]
            case Condition():
                found = self._helpful(node.inner, among) or self._counting(node)
            case Window() | Order():
                found = [kind for way in self._parts(node, among) for kind in self._first_helpful(way)]
            case Absence():
                pass
        return found

    def _first_helpful(self, way: Sequence[tuple[Node, int]]) -> list[Kind]:
        """Give what helps the first node of a way that lacks something: each of them is needed."""
        for node, among in way:
            if found := self._helpful(node, among):
                return found
        return []


def _sum(costs: Sequence[Cost]) -> Cost:
    return sum(count for count, _ in costs), sum(not_enrolled for _, not_enrolled in costs)
