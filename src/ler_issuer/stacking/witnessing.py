"""Witnessing: of all that meets a rule, one set of holdings that can spare none, and which leaf uses which.

The earliest holdings that do are chosen: the last of them is the one that completed the rule, so its time is when the
rule was first met by what stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ler_issuer.stacking.compiling import Compiled, Node, bits, union
from ler_issuer.stacking.solving import Solver
from ler_issuer.stacking.standing import Standing
from ler_issuer.stacking.work import TooMuchError, Work


@dataclass(frozen=True, slots=True)
class Witness:
    """Holdings that meet a node; `shares[n]` are those that leaf n uses. When `sparing`, none of them can be spared."""

    used: int
    shares: Sequence[int]
    sparing: bool

    def of(self, node: Node) -> int:
        """Give what the leaves below a node use."""
        return union(share for leaf, share in enumerate(self.shares) if node.leaves >> leaf & 1)


class Witnesses:
    """Finds witnesses for the nodes of one rule among the holdings that stand."""

    def __init__(self, rule: Compiled, standing: Standing, absent: Sequence[bool], work: Work) -> None:
        """Begin with an allowance of work; where that is not enough, a witness may have holdings to spare."""
        self._rule = rule
        self._standing = standing
        self._absent = absent
        self._work = work

    def of(self, node: Node) -> Witness:
        """Give the witness of a node that is met."""
        used, sparing = self._sparing(node)
        masks = [mask & used if node.leaves >> leaf & 1 else 0 for leaf, mask in enumerate(self._standing.masks)]
        try:
            return Witness(used, self._shared_out(node, used, masks), sparing)
        except TooMuchError:
            return Witness(used, masks, sparing=False)

    def _sparing(self, node: Node) -> tuple[int, bool]:
        """Find, again and again, the earliest holding without which the earlier ones would not do."""
        solver = self._solver(self._standing.masks)
        needed, pool = 0, self._standing.full  # together they always do
        try:
            while True:
                use, order = needed | pool, list(bits(pool))
                low, high = 0, len(order)  # so many of the pool's earliest do, high for certain
                while low < high:
                    middle = (low + high) // 2
                    found = solver.use(node, needed | pool & ((1 << order[middle]) - 1))
                    if found is None:
                        low = middle + 1
                    else:
                        high, use = middle, found
                if not low:
                    return needed, True
                needed |= 1 << order[low - 1]
                pool &= use & ((1 << order[low - 1]) - 1)
        except TooMuchError:
            return needed | pool, False

    def _shared_out(self, node: Node, used: int, masks: list[int]) -> list[int]:
        """Take each holding that several leaves could use from all that can do without it, the last leaf first."""
        for holding in bits(used):
            takers = [leaf for leaf, mask in enumerate(masks) if mask >> holding & 1]
            for leaf in reversed(takers) if len(takers) > 1 else ():
                without = list(masks)
                without[leaf] &= ~(1 << holding)
                if self._solver(without).use(node, used) is not None:
                    masks = without
        return masks

    def _solver(self, masks: Sequence[int]) -> Solver:
        return Solver(self._rule, self._standing, self._work, masks=masks, absent=self._absent)
