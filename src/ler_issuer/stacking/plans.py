"""Plans: leaves that are all to be met at once, and the work that looking at plans takes."""

from __future__ import annotations

from dataclasses import dataclass

from ler_issuer.stacking.compiling import Condition, Leaf


class TooMuchError(Exception):
    """The work has reached its bound."""


class Work:
    """Counts steps up to a bound."""

    __slots__ = ("bound", "done")

    def __init__(self, bound: int) -> None:
        """Begin with nothing done."""
        self.bound = bound
        self.done = 0

    def renew(self) -> None:
        """Begin anew."""
        self.done = 0

    def spend(self, steps: int = 1) -> None:
        """Count steps.

        Raises:
            TooMuchError: that makes more than the bound.

        """
        self.done += steps
        if self.done > self.bound:
            raise TooMuchError


@dataclass(frozen=True, slots=True)
class Claim:
    """What a leaf may take."""

    leaf: Leaf
    mask: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Leaves that are all to be met, the conditions on what they use, and all that they could use together.

    Each leaf by itself has enough in its claim, and each condition holds of all that the leaves below it may take. What
    remains to be seen is whether that is so too when leaves that are rivals share no holding.
    """

    claims: tuple[Claim, ...] = ()
    conditions: tuple[Condition, ...] = ()
    used: int = 0

    def __add__(self, other: Plan) -> Plan:
        """Give the plan that asks for both."""
        return Plan(self.claims + other.claims, self.conditions + other.conditions, self.used | other.used)
