"""The layout of a rule for whoever looks for what is left: what one new holding can do in it, and what that takes.

One new holding may serve several leaves at once where the rule says `reuse`, and counts towards the conditions above
them; where it is meant below a `none`, it does harm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ler_issuer.stacking.compiling import Absence, Compiled, Condition, Leaf, Node, Order, below, bits
from ler_issuer.stacking.missing.asking import Asked, Scales
from ler_issuer.stacking.rules import DistinctRule, SumRule, Variety

MOST_KINDS: Final = 200
"""Kinds of new holdings that are told apart in one rule."""

_MOST_TURNS: Final = 4  # conditions that are weighed against each other for one kind


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of new holding, in bits: the leaves that it serves, the refused ones that it is meant by, the conditions.

    `conditions` are those that it counts towards, by their place among the conditions of the layout.
    """

    leaves: int
    harms: int
    conditions: int


class Layout:
    """Every place of a rule where a new holding matters, and the kinds of new holdings."""

    def __init__(self, rule: Compiled, scales: Scales) -> None:
        """Lay a rule out; `scales` tell which of two levels is the higher one."""
        self.root = rule.root
        self.leaves = rule.leaves
        self.scales = scales
        self.useful = self.harmful = 0
        self.conditions: list[Condition] = []
        self.orders: list[Order] = []
        self.exact = True
        """Whether all kinds are there, and whether more harm can never be less."""
        self._clash = list(rule.rivals)
        self._above = [0] * len(rule.leaves)
        self._asked: dict[Kind, Asked | None] = {}
        self._walk(rule.root, above=0, turns=0)
        self.varied = frozenset(one.variety for one in self.conditions if one.variety is not None)
        self.sums = sum(leaf.leaves for leaf in self.leaves if isinstance(leaf.rule, SumRule))
        shared = tuple(self._shared())
        self._shared_at_all = frozenset(shared)
        self.kinds = tuple(self._worthwhile([kind for one in shared for kind in self._kinds(one)]))

    def _walk(self, node: Node, *, above: int, turns: int) -> None:
        match node:
            case Leaf():
                self._above[node.leaf] = above
                self.harmful |= node.leaves if turns % 2 else 0
                self.useful |= 0 if turns % 2 else node.leaves
            case Condition() if not turns:
                above |= 1 << len(self.conditions)
                self.conditions.append(node)
            case Order():
                for leaf in bits(node.leaves):
                    self._clash[leaf] |= node.then.leaves if node.first.leaves >> leaf & 1 else node.first.leaves
                self.orders.append(node)
            case Absence():
                self.exact = self.exact and not turns
                above, turns = 0, turns + 1
            case _:
                pass
        for one in below(node):
            self._walk(one, above=above, turns=turns)

    def above(self, leaves: int) -> int:
        """Give the conditions above any of these leaves."""
        found = 0
        for leaf in bits(leaves):
            found |= self._above[leaf]
        return found

    # ── What a kind does ─────────────────────────────────────────────────────────────────────────────────────────────
    def conditions_of(self, which: int) -> Iterator[Condition]:
        """Yield conditions by their bits."""
        return (self.conditions[number] for number in bits(which))

    def varieties(self, kind: Kind) -> frozenset[Variety]:
        """Tell in what a holding of a kind is different from all others."""
        return frozenset(one.variety for one in self.conditions_of(kind.conditions) if one.variety is not None)

    def counts(self, kind: Kind, condition: Condition) -> bool:
        """Say whether a holding of a kind is among those that a condition selects."""
        if kind.conditions >> self.conditions.index(condition) & 1:
            return True
        asked = self.asked(kind)
        return asked is not None and self.asked_by(condition).is_no_more_than(asked, self.scales)

    def turns(self, kinds: Sequence[Kind]) -> list[int] | None:
        """Tell which have to be earned first: 1, then 2, …; None when they go round in a circle."""
        turns = [1] * len(kinds)
        for _ in range(len(kinds) + 1 if self.orders else 0):
            before = list(turns)
            for order in self.orders:
                last = max((turns[n] for n, one in enumerate(kinds) if one.leaves & order.first.leaves), default=0)
                for number, one in enumerate(kinds):
                    if one.leaves & order.then.leaves:
                        turns[number] = max(turns[number], last + 1)
            if turns == before:
                return turns
        return None if self.orders and kinds else turns

    def also_serving(self, kind: Kind, leaf: Leaf) -> Kind | None:
        """Give the kind that serves a leaf besides, None when no holding can."""
        if kind.leaves | leaf.leaves not in self._shared_at_all:
            return None
        above = self.above(leaf.leaves)
        varied = sum(1 << one for one in bits(above) if self.conditions[one].variety is not None)
        for more in (above, varied):
            wider = Kind(kind.leaves | leaf.leaves, kind.harms, kind.conditions | more)
            if self.asked(wider) is not None:
                return wider
        return None

    # ── Kinds ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _shared(self) -> Iterator[int]:
        """Yield every set of leaves that one holding can serve at once, small ones first."""
        level = [1 << leaf for leaf in bits(self.useful) if self.asked(Kind(1 << leaf, self.harmful, 0))]
        given = 0
        while level:
            yield from level
            given += len(level)
            if given > MOST_KINDS:
                self.exact = False
                return
            level = [
                leaves | 1 << more
                for leaves in level
                for more in bits(self.useful >> leaves.bit_length() << leaves.bit_length())
                if not self._clash[more] & leaves and self.asked(Kind(leaves | 1 << more, self.harmful, 0))
            ]

    def _kinds(self, leaves: int) -> Iterator[Kind]:
        conditions = self.above(leaves)
        choices = [one for one in bits(conditions) if self.conditions[one].selector is not None]
        varied = conditions & ~sum(1 << one for one in choices)
        for harms in self._harms(leaves):
            greatest: list[int] = []
            for chosen in sorted(self._subsets(choices), key=lambda one: (-one.bit_count(), one)):
                if any(chosen & one == chosen for one in greatest):
                    continue
                kind = Kind(leaves, harms, chosen | varied)
                if self.asked(kind) is not None:
                    greatest.append(chosen)
                    yield kind

    def _harms(self, leaves: int) -> Iterator[int]:
        """Yield the sets of refused leaves that may mean a holding that serves these leaves."""
        asked = self.asked(Kind(leaves, self.harmful, 0))
        near = [
            one for one in bits(self.harmful) if asked is not None and asked.overlaps(self.asked_by(self.leaves[one]))
        ]
        if any(self.leaves[one].rule.level or self.leaves[one].rule.issuers for one in near):
            self.exact = False
        yield from self._subsets(near)

    def _subsets(self, numbers: Sequence[int]) -> Iterator[int]:
        if len(numbers) > _MOST_TURNS:
            self.exact = False
        always = sum(1 << one for one in numbers[_MOST_TURNS:])
        for chosen in range(1 << min(len(numbers), _MOST_TURNS)):
            yield always | sum(1 << numbers[place] for place in bits(chosen))

    def _worthwhile(self, kinds: Collection[Kind]) -> Iterator[Kind]:
        """Leave out kinds that serve less than another, which asks the same."""
        for kind in kinds:
            if not any(
                one.leaves != kind.leaves
                and one.leaves & kind.leaves == kind.leaves
                and one.harms == kind.harms
                and not (one.leaves ^ kind.leaves) & self.sums
                and self.asked(one) == self.asked(kind)
                for one in kinds
            ):
                yield kind

    # ── What a kind takes ────────────────────────────────────────────────────────────────────────────────────────────
    def asked(self, kind: Kind) -> Asked | None:
        """Say what a holding of a kind has to be like; None when none can be."""
        if kind not in self._asked:
            self._asked[kind] = self._find_asked(kind)
        return self._asked[kind]

    def asked_by(self, node: Leaf | Condition) -> Asked:
        """Say what a leaf or a condition asks of one holding."""
        if node.selector is None or isinstance(node.rule, DistinctRule):
            return Asked()
        return Asked.by(node.rule, node.selector)

    def enrolled(self, achievements: frozenset[str]) -> frozenset[Kind]:
        """Give the kinds that can be earned in what the learner is enrolled in."""
        found = set()
        for kind in self.kinds if achievements else ():
            asked = self.asked(Kind(kind.leaves, kind.harms, 0))
            if asked is not None and (asked.achievements is None or not achievements.isdisjoint(asked.achievements)):
                found.add(kind)
        return frozenset(found)

    def is_top(self, level: str) -> bool:
        """Say whether no level is known to be higher."""
        known = [scale for scale in self.scales if level in scale]
        return bool(known) and all(scale[-1] == level for scale in known)

    def _find_asked(self, kind: Kind) -> Asked | None:
        asked: Asked | None = Asked()
        for leaf in bits(kind.leaves):
            asked = asked and asked.and_also(self.asked_by(self.leaves[leaf]), self.scales)
        for number in bits(kind.conditions):
            asked = asked and asked.and_also(self.asked_by(self.conditions[number]), self.scales, raising=True)
        for leaf in bits(self.harmful & ~kind.harms):
            asked = asked and asked.but_not(self.asked_by(self.leaves[leaf]))
        return asked
