"""Judging: for every node of a rule whether it is met, not met, or cannot be decided within the bound.

What is undecided stays local: a `none` of which it is not known whether it is broken makes a rule undecided only when
the outcome depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from ler_issuer.stacking.compiling import Compiled, Node
from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.plans import TooMuchError, Work
from ler_issuer.stacking.solving import Solver
from ler_issuer.stacking.standing import Standing

WORK_BOUND: Final = 500_000
"""Steps after which an outcome is undecided."""

MOST_HOLDINGS: Final = 500
"""Holdings of one learner that stand and that a rule means; with more, the outcome is undecided."""


class Judge:
    """Judges the nodes of one rule by one learner's holdings at a time."""

    def __init__(self, rule: Compiled, holdings: Iterable[Holding], at: datetime) -> None:
        """Choose what stands, and see what each `none` makes of it."""
        self.rule = rule
        self.standing = Standing(rule, holdings, at)
        self._work = Work(WORK_BOUND if len(self.standing) <= MOST_HOLDINGS else -1)
        self._absent: list[bool | None] = [None] * len(rule.absences)
        self._sceptic = self._hopeful = self._solver(sceptical=True)
        for one in rule.absences:  # inner ones first
            outcomes = [self.met(member) for member in one.members]
            self._absent[one.absence] = False if True in outcomes else None if None in outcomes else True
            self._sceptic = self._solver(sceptical=True)
            self._hopeful = self._solver(sceptical=False) if None in self._absent else self._sceptic

    @property
    def absent(self) -> list[bool]:
        """Tell for each `none` whether it is known that nothing that it names is met."""
        return [one is True for one in self._absent]

    def renew(self) -> None:
        """Begin with the work anew, keeping what has been found."""
        self._work.renew()

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

    def _solver(self, *, sceptical: bool) -> Solver:
        absent = [one is True if sceptical else one is not False for one in self._absent]
        return Solver(self.rule, self.standing, self._work, masks=self.standing.masks, absent=absent)
