"""Work: how much looking an outcome may take. Counted in steps, never in time, so that it ends alike everywhere."""

from __future__ import annotations

from typing import Final

WORK_BOUND: Final = 500_000
"""Steps after which an outcome is undecided; a rule is published only if no holdings can make it take as many."""

AFTERTHOUGHT: Final = WORK_BOUND // 4
"""Steps that may be taken to tell about the parts of a rule that could not be decided."""

MOST_HOLDINGS: Final = 250
"""Holdings of one learner that stand and that a rule means; with more, the outcome is undecided."""

AT_ONCE: Final = 16
"""Values, amounts, or pairs of rules that are gone through in one step."""

CLAIMS_AT_ONCE: Final = 2
"""Claims that are put together in one step."""

SETTING_UP: Final = 32
"""Steps that it takes to begin with dealing, beside one for each contested holding."""


class TooMuchError(Exception):
    """The work has reached its bound."""


class Work:
    """Counts steps up to a bound."""

    __slots__ = ("bound", "done")

    def __init__(self, bound: int = WORK_BOUND) -> None:
        """Begin with nothing done."""
        self.bound = bound
        self.done = 0

    def extend(self, steps: int) -> None:
        """Allow so many steps from here on, at least."""
        self.bound = max(self.bound, self.done + steps)

    def spend(self, steps: int = 1) -> None:
        """Count steps.

        Raises:
            TooMuchError: that makes more than the bound.

        """
        self.done += steps
        if self.done > self.bound:
            raise TooMuchError
