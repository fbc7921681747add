"""Supposing: what would be if a learner earned certain new holdings besides those that they have.

A new holding is meant by the leaves that its kind serves and by no others, and it differs, or counts, only for the
conditions that its kind counts towards. So whatever a learner earns that is like what the kind asks does at least as
much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from ler_issuer.stacking.compiling import Compiled, Condition, Node, bits
from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.missing.inventing import Amounts, Inventing
from ler_issuer.stacking.missing.layout import Kind, Layout
from ler_issuer.stacking.solving import Solver
from ler_issuer.stacking.standing import Standing
from ler_issuer.stacking.work import TooMuchError, Work

MOST_TRIALS: Final = 1_000
"""Suppositions that are looked at for one learner and one rule."""


class OutOfTrialsError(Exception):
    """So many suppositions were looked at that the answer stays incomplete."""


class Supposed(Standing):
    """The holdings that are there, and new ones after them."""

    def __init__(self, rule: Compiled, there: Standing, new: Sequence[tuple[Kind, Holding]], layout: Layout) -> None:
        """Add new holdings, in order of time, to those that stand."""
        super().__init__(rule, (), new[-1][1].awarded_at if new else there.at)
        self._there = there
        self._layout = layout
        self._new = tuple(kind for kind, _ in new)
        self.holdings = [*there.holdings, *(one for _, one in new)]
        self.times = [*there.times, *(one.awarded_at for _, one in new)]
        self.full = (1 << len(self.holdings)) - 1
        masks = list(there.masks)
        for number, kind in enumerate(self._new, len(there)):
            for leaf in bits(kind.leaves | kind.harms):
                masks[leaf] |= 1 << number
        self.masks = masks

    @override
    def included(self, condition: Condition) -> int:
        found = self._there.included(condition)
        for number, kind in enumerate(self._new, len(self._there)):
            if self._layout.counts(kind, condition):
                found |= 1 << number
        return found


class Trials:
    """Suppositions about one rule and one learner. What cannot be decided counts as not met, and is remembered."""

    def __init__(self, rule: Compiled, layout: Layout, there: Standing) -> None:
        """Begin with what stands."""
        self.there = there
        self.undecided = False
        self._rule = rule
        self._layout = layout
        self._inventing = Inventing(layout, there)
        self._left = MOST_TRIALS
        self._alone = self._solver(there, [True] * len(rule.absences))

    def met(self, kinds: Sequence[Kind], amounts: Amounts | None = None, absent: Sequence[bool] | None = None) -> bool:
        """Say whether the rule would be met; with `absent`, as if that were so of each `none`.

        Raises:
            OutOfTrialsError: enough was looked at.
        """
        self._left -= 1
        if self._left < 0:
            raise OutOfTrialsError
        standing = self._supposed(kinds, amounts or {})
        if standing is None:
            return False
        try:
            solver = self._solver(standing, self._absent(standing) if absent is None else absent)
            return solver.use(self._rule.root, standing.full) is not None
        except TooMuchError:
            self.undecided = True
            return False

    def renew(self) -> None:
        """Begin to count trials anew."""
        self._left = MOST_TRIALS

    def absent(self, kinds: Sequence[Kind]) -> list[bool]:
        """Tell for each `none` of the rule whether what it names would be absent."""
        standing = self._supposed(kinds, {})
        try:
            if standing is not None:
                return self._absent(standing)
        except TooMuchError:
            self.undecided = True
        return [True] * len(self._rule.absences)

    def alone(self, node: Node, among: int) -> bool:
        """Say whether a node can be met by some of what is there, if nothing were there that a `none` names."""
        try:
            return self._alone.use(node, among) is not None
        except TooMuchError:
            return True

    def _supposed(self, kinds: Sequence[Kind], amounts: Amounts) -> Supposed | None:
        new = self._inventing.invent(kinds, amounts)
        return None if new is None else Supposed(self._rule, self.there, new, self._layout)

    def _absent(self, standing: Standing) -> list[bool]:
        absent = [True] * len(self._rule.absences)
        for one in self._rule.absences:  # inner ones first
            solver = self._solver(standing, absent)
            absent[one.absence] = all(solver.use(member, standing.full) is None for member in one.members)
        return absent

    def _solver(self, standing: Standing, absent: Sequence[bool]) -> Solver:
        return Solver(self._rule, standing, Work(), masks=standing.masks, absent=absent)
