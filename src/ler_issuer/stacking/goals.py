"""Goals: what dealing out holdings is to reach, and how near a way of dealing has come to each.

`leaves` are those whose holdings bring a goal nearer, `eligible` the holdings that do. Levels only ever rise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from ler_issuer.stacking.compiling import bits
from ler_issuer.stacking.plans import Claim
from ler_issuer.stacking.standing import Standing, largest
from ler_issuer.stacking.work import AT_ONCE

ENOUGH: Final = -1
"""The level of a reached goal whose levels are sets."""

NO_TOP: Final = -2
"""The top of a goal that is reached only when nothing is left to deal."""


@dataclass(frozen=True, slots=True)
class Count:
    """So many more holdings, of those that some leaves take and that are eligible."""

    leaves: int
    eligible: int
    asked: int

    @property
    def top(self) -> int:
        """Give the level at which it is reached."""
        return self.asked

    def after(self, level: int, _holding: int) -> int:
        """Give the level after one of its leaves takes a holding."""
        return min(level + 1, self.asked)

    def turned(self, level: int) -> int:
        """Give the level when the turn of the next value comes."""
        return level


@dataclass(frozen=True, slots=True)
class InTurn:
    """So many more different values, when holdings of the same value are dealt one after the other.

    Twice the number of values seen before this one, and one more than that once this one is seen; when the next value's
    turn comes, it is even again. So a level says as much as the set of all values seen.
    """

    leaves: int
    eligible: int
    asked: int

    @property
    def top(self) -> int:
        """Give the level at which it is reached."""
        return 2 * self.asked - 1

    def after(self, level: int, _holding: int) -> int:
        """Give the level after one of its leaves takes a holding."""
        return level if level % 2 else level + 1

    def turned(self, level: int) -> int:
        """Give the level when the turn of the next value comes."""
        return level + 1 if level % 2 and level < self.top else level


@dataclass(frozen=True, slots=True)
class Seen:
    """So many more different values, when another kind of value has the turns: the level is the set of those seen."""

    leaves: int
    eligible: int
    asked: int
    value_of: Sequence[int]
    top: ClassVar[int] = ENOUGH

    def after(self, level: int, holding: int) -> int:
        """Give the level after one of its leaves takes a holding."""
        if level == ENOUGH:
            return level
        level |= 1 << self.value_of[holding]
        return ENOUGH if level.bit_count() >= self.asked else level

    def turned(self, level: int) -> int:
        """Give the level when the turn of the next value comes."""
        return level


class Amount:
    """Holdings that add up: the level is the set of those that others took, for which is the largest depends on all.

    It is never reached before the end, but it can be lost: when what is left no longer adds up to enough.
    """

    top = NO_TOP

    def __init__(self, claim: Claim, standing: Standing) -> None:
        """Begin with all that the leaf may take."""
        self.leaves = claim.leaf.leaves
        self.eligible = claim.mask
        self._minimum = claim.leaf.minimum
        self._left = {0: standing.measure(claim.leaf, claim.mask)}  # by what others took
        self._alike = {each: told for those, told in standing.amounts(claim.leaf) for each in bits(those)}

    def after(self, level: int, _holding: int) -> int:
        """Give the level after its leaf takes a holding."""
        return level

    def turned(self, level: int) -> int:
        """Give the level when the turn of the next value comes."""
        return level

    def without(self, level: int, holding: int) -> int | None:
        """Give the level when another takes a holding; None when too little is left then."""
        told, kept = self._alike[holding], self.eligible & ~level
        now = level | 1 << holding
        self._left[now] = left = self._left[level] - largest(told, kept) + largest(told, kept & ~now)
        return now if left >= self._minimum else None

    def effort(self, holding: int) -> int:
        """Give the steps that it takes to see what is left."""
        return 1 + len(self._alike[holding]) // AT_ONCE


Goal: TypeAlias = Count | InTurn | Seen | Amount


def length(goal: Goal) -> int:
    """Count the levels of a goal; none when they are sets, which do not stand in one order."""
    return goal.top + 1 if goal.top > ENOUGH else 0
