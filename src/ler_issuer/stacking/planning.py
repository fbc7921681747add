"""Planning: all ways to meet a node, where it is not enough to know the largest sets that it can use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product

from ler_issuer.stacking.compiling import Absence, Condition, Group, Leaf, Node, Order, Window
from ler_issuer.stacking.plans import Claim, Plan
from ler_issuer.stacking.standing import Standing
from ler_issuer.stacking.work import CLAIMS_AT_ONCE, Work


class Planner:
    """Plans for the nodes of one rule: `reach[n]` is what could be used below node n, `absent` as in `Solver`."""

    def __init__(self, standing: Standing, work: Work, reach: Sequence[int], absent: Sequence[bool]) -> None:
        """Know the holdings that stand."""
        self._standing = standing
        self._work = work
        self._reach = reach
        self._absent = absent

    def plans(self, node: Node, among: int, *, every: bool) -> Iterator[Plan]:
        """Yield the ways to meet a node; with more than it asks for only when that may serve a condition above.

        Raises:
            TooMuchError: the work has reached its bound.

        """
        self._work.spend()
        among &= self._reach[node.number]
        if among.bit_count() < node.fewest:
            return
        match node:
            case Group():
                yield from self._of_group(node, among, every=every)
            case Condition():
                yield from self._of_condition(node, among)
            case Window():
                windows = self._standing.windows(node, among)
                yield from (plan for inside in windows for plan in self.plans(node.inner, inside, every=every))
            case Order():
                yield from self._of_order(node, among, every=every)
            case Leaf():
                yield from self._of_leaf(node, among)
            case Absence():
                yield from [Plan()] if self._absent[node.absence] else []

    def joined(self, each: Iterable[Sequence[Plan]]) -> Iterator[Plan]:
        """Yield the plans that are one of each."""
        for chosen in product(*each):
            plan = Plan.of_all(chosen)
            self._work.spend(1 + len(plan.claims) // CLAIMS_AT_ONCE)
            yield plan

    def _of_leaf(self, node: Leaf, among: int) -> Iterator[Plan]:
        self._work.spend(self._standing.effort(node))
        if self._standing.enough(node, among):
            yield Plan((Claim(node, among),), (), among)

    def _of_condition(self, node: Condition, among: int) -> Iterator[Plan]:
        for plan in self.plans(node.inner, among, every=True):
            self._work.spend(self._standing.effort(node))
            if self._standing.holds(node, plan.used):
                yield Plan(plan.claims, (*plan.conditions, node), plan.used)

    def _of_order(self, node: Order, among: int, *, every: bool) -> Iterator[Plan]:
        for before in self._standing.ends(among):
            self._work.spend()
            firsts = list(self.plans(node.first, before, every=every))
            thens = list(self.plans(node.then, among & ~before, every=every)) if firsts else []
            yield from self.joined([firsts, thens])

    def _of_group(self, node: Group, among: int, *, every: bool) -> Iterator[Plan]:
        plans = [some for one in node.members if (some := list(self.plans(one, among, every=every)))]
        for size in range(len(plans) if every else min(len(plans), node.count), node.count - 1, -1):
            for chosen in combinations(plans, size):
                yield from self.joined(chosen)
