"""Plans: leaves that are all to be met at once, and what is asked of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ler_issuer.stacking.compiling import Condition, Leaf, union


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

    @classmethod
    def of_all(cls, plans: Sequence[Plan]) -> Plan:
        """Give the plan that asks for all that some plans ask for."""
        if len(plans) == 1:
            return plans[0]
        return cls(
            tuple(claim for one in plans for claim in one.claims),
            tuple(condition for one in plans for condition in one.conditions),
            union(one.used for one in plans),
        )
