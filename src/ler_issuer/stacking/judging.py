"""Judging: for every node of a rule whether it is met, not met, or cannot be decided within the bound.

What is undecided stays local: a `none` of which it is not known whether it is broken makes a rule undecided only when
the outcome depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ler_issuer.stacking.compiling import Compiled, Node
from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.solving import Solver
from ler_issuer.stacking.standing import Standing
from ler_issuer.stacking.work import AFTERTHOUGHT, MOST_HOLDINGS, TooMuchError, Work


class Judge:
    """Judges the nodes of one rule by one learner's holdings at a time.

    `crowded` says that there are more holdings than can be judged.
    """

    def __init__(self, rule: Compiled, holdings: Iterable[Holding], at: datetime) -> None:
        """Choose what stands, and see what each `none` makes of it."""
        self.rule = rule
        self.standing = Standing(rule, holdings, at)
        self.crowded = len(self.standing) > MOST_HOLDINGS
        self._work = Work(0) if self.crowded else Work()
        self._absent: list[bool | None] = [True] * len(rule.absences)
        self._sceptic = self._hopeful = self._solver(sceptical=True)
        for one in rule.absences:  # inner ones first
            outcomes = [self.met(member) for member in one.members]
            self._absent[one.absence] = False if True in outcomes else None if None in outcomes else True
            self._sceptic = self._hopeful = self._solver(sceptical=True)
        if None in self._absent:
            self._hopeful = self._solver(sceptical=False)
            self.extend()

    @property
    def absent(self) -> list[bool]:
        """Tell for each `none` whether it is known that nothing that it names is met."""
        return [one is True for one in self._absent]

    @property
    def work(self) -> int:
        """Tell how many steps it has taken so far."""
        return self._work.done

    def extend(self) -> None:
        """Allow some more work, so that parts of a rule can be judged when the whole has taken all that there was."""
        if not self.crowded:
            self._work.extend(AFTERTHOUGHT)

    def met(self, node: Node) -> bool | None:
        """Say whether a node, taken by itself, is met; None when that is not known within the bound."""
        try:
            if self._sceptic.use(node, self.standing.full) is not None:
                return True
            if self._hopeful is not self._sceptic and self._hopeful.use(node, self.standing.full) is not None:
                return None
        except TooMuchError:
            return None
        return False

    def counts_only_once(self) -> bool:
        """Say whether a rule that is not met would be, if a holding could count for everything at once."""
        solver = self._solver(sceptical=True, forgiving=True)
        try:
            return any(self.rule.rivals) and solver.use(self.rule.root, self.standing.full) is not None
        except TooMuchError:
            return False

    def _solver(self, *, sceptical: bool, forgiving: bool = False) -> Solver:
        absent = [one is True if sceptical else one is not False for one in self._absent]
        return Solver(
            self.rule, self.standing, self._work, masks=self.standing.masks, absent=absent, forgiving=forgiving
        )
