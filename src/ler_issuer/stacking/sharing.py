"""Sharing out: whether leaves that compete for the same holdings can all have what they ask for.

This is where a greedy answer would be wrong: the only holding that one leaf could use may be taken by another, which
had others to choose from. Two exact methods:

- Leaves that only count: holdings are handed out one at a time, and whoever has no choice is given what another holds,
  which takes a different one instead (augmenting paths). The work is at most holdings asked for times leaves.
- Otherwise, when a condition or a sum asks more of the competitors than a number: `dealing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ler_issuer.stacking.compiling import Condition, Group
from ler_issuer.stacking.dealing import Dealing
from ler_issuer.stacking.plans import Claim, Plan
from ler_issuer.stacking.standing import Standing
from ler_issuer.stacking.work import AT_ONCE, Work


def can_be_shared(plan: Plan, group: Group, rivals: Sequence[int], standing: Standing, work: Work) -> bool:
    """Say whether every leaf of a plan can have enough, and every condition hold, with no holding used by two rivals.

    `group` is where they compete, `rivals[n]` the leaves that may share no holding with leaf n.

    Raises:
        TooMuchError: the work has reached its bound.

    """
    claims = plan.claims
    work.spend(len(claims) + len(claims) ** 2 // AT_ONCE)
    contested = 0
    alike = 0  # held by claims that are no rivals
    for place, one in enumerate(claims):
        against = rivals[one.leaf.leaf]
        for other in claims[place + 1 :]:
            if against >> other.leaf.leaf & 1:
                contested |= one.mask & other.mask
            else:
                alike |= one.mask & other.mask
    if not contested:
        return True
    work.spend(sum(map(standing.effort, plan.conditions)) + sum(standing.effort(one.leaf) for one in claims))
    hard = [one for one in plan.conditions if not standing.holds(one, _sure(one, claims, contested))]
    if hard or contested & alike or any(_wants_more(one, contested, standing) for one in claims):
        return Dealing(claims, hard, contested, group, standing).works(work)
    return _match(claims, contested, work)


def _wants_more(claim: Claim, contested: int, standing: Standing) -> bool:
    """Say whether a sum depends on contested holdings."""
    return claim.leaf.amount is not None and not standing.enough(claim.leaf, claim.mask & ~contested)


def _sure(condition: Condition, claims: Iterable[Claim], contested: int) -> int:
    """Give the holdings that are used below a condition however the contested ones are shared out."""
    inside = outside = 0
    for one in claims:
        if one.leaf.leaves & condition.leaves:
            inside |= one.mask
        else:
            outside |= one.mask
    return inside & ~(contested & outside)


def _match(claims: Sequence[Claim], contested: int, work: Work) -> bool:
    """Hand out contested holdings to leaves that count."""
    wanted: list[int] = []  # by each claim, what it can take of the contested ones
    asked: list[int] = []
    for one in claims:
        short = 0 if one.leaf.amount is not None else one.leaf.minimum - (one.mask & ~contested).bit_count()
        if short > 0:
            wanted.append(one.mask & contested)
            asked.append(short)
    held = [0] * len(wanted)
    for claim, short in enumerate(asked):
        for _ in range(short):
            if not _find_one(claim, wanted, held, work):
                return False
    return True


def _find_one(claim: int, wanted: Sequence[int], held: list[int], work: Work) -> bool:
    """Give a claim one holding more; those who hold what it wants look for another one, nearest first."""
    taken = 0
    for mask in held:
        taken |= mask
    from_whom: dict[int, tuple[int, int] | None] = {claim: None}
    queue = [claim]
    for here in queue:
        work.spend(1 + len(wanted) // AT_ONCE)
        free = wanted[here] & ~taken
        if free:
            _hand_over(here, free & -free, from_whom, held)
            return True
        for other, mask in enumerate(held):
            if other not in from_whom and mask & wanted[here]:
                lowest = mask & wanted[here]
                from_whom[other] = (here, lowest & -lowest)
                queue.append(other)
    return False


def _hand_over(here: int, holding: int, from_whom: dict[int, tuple[int, int] | None], held: list[int]) -> None:
    """Take a holding, and pass on what it replaces to whom it was promised."""
    held[here] |= holding
    promised = from_whom[here]
    while promised is not None:
        to, given = promised
        held[here] &= ~given
        held[to] |= given
        here, promised = to, from_whom[to]
