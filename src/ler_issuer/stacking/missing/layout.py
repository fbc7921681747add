"""The layout of a rule for whoever looks for what is left: what one new holding can do in it, and what that takes.

One new holding may serve several leaves at once where the rule says `reuse`, and counts towards the conditions above
them; where it is meant below a `none`, it does harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from ler_issuer.stacking.compiling import Absence, Compiled, Condition, Group, Leaf, Node, Order, below, bits, union
from ler_issuer.stacking.missing.asking import Asked, Scales, Way
from ler_issuer.stacking.rules import Amount, DistinctRule, SumRule, Variety

MOST_KINDS: Final = 200
"""Kinds of new holdings that are told apart in one rule."""

_MOST_CHOICES: Final = 6  # conditions that are weighed against each other for one kind
_MOST_REFUSED: Final = 3  # refused leaves that are


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of new holding: the leaves that it serves and the conditions that it counts towards, in bits.

    Conditions are counted as the layout has them. `shuns` has the refused leaves that may mean it: by what they do not,
    or None when they do.
    """

    leaves: int
    conditions: int = 0
    shuns: tuple[tuple[int, Way | None], ...] = ()

    @property
    def harms(self) -> int:
        """Give the refused leaves that mean it."""
        return sum(1 << leaf for leaf, way in self.shuns if way is None)


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
        self._clusters: dict[Group, Sequence[Sequence[Node]]] = {}
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

    def does_all(self, kind: Kind, other: Kind) -> bool:
        """Say whether a holding of a kind is one of the other kind too, and does as much."""
        asked, others = self.asked(kind), self.asked(other)
        return (
            other.leaves & ~kind.leaves == 0
            and other.conditions & ~kind.conditions == 0
            and kind.harms == other.harms
            and asked is not None
            and others is not None
            and others.is_no_more_than(asked, self.scales)
        )

    def before(self, kinds: Sequence[Kind]) -> list[frozenset[int]]:
        """Tell for each of some new holdings which others have to be earned before it."""
        found: list[frozenset[int]] = []
        for kind in kinds:
            first = union(order.first.leaves for order in self.orders if kind.leaves & order.then.leaves)
            found.append(frozenset(number for number, one in enumerate(kinds) if one.leaves & first))
        return found

    def turns(self, kinds: Sequence[Kind]) -> list[int] | None:
        """Tell which have to be earned first: 0, then 1, …; None when they go round in a circle."""
        turns = [0] * len(kinds)
        if not self.orders:
            return turns
        before = self.before(kinds)
        for _ in range(len(kinds) + 1):
            later = [max((turns[one] + 1 for one in earlier), default=0) for earlier in before]
            if later == turns:
                return turns
            turns = later
        return None

    def also_serving(self, kind: Kind, leaf: Leaf) -> Kind | None:
        """Give the kind that serves a leaf besides, None when no holding can."""
        if kind.leaves | leaf.leaves not in self._shared_at_all:
            return None
        above = self.above(leaf.leaves)
        varied = sum(1 << one for one in bits(above) if self.conditions[one].variety is not None)
        for more in (above, varied):
            wider = replace(kind, leaves=kind.leaves | leaf.leaves, conditions=kind.conditions | more)
            if self.asked(wider) is not None:
                return wider
        return None

    def share(self, leaves: int, others: int) -> bool:
        """Say whether one new holding can serve some of these leaves and some of the others."""
        return any(kind.leaves & leaves and kind.leaves & others for kind in self.kinds)

    def clusters(self, group: Group) -> Sequence[Sequence[Node]]:
        """Part the members of a group so that one new holding serves members of one part only."""
        if group not in self._clusters:
            parts: list[tuple[int, list[Node]]] = [(one.leaves, [one]) for one in group.members]
            for kind in self.kinds:
                touched = [part for part in parts if part[0] & kind.leaves]
                if len(touched) > 1:
                    parts = [part for part in parts if part not in touched]
                    parts.append((union(leaves for leaves, _ in touched), [one for _, some in touched for one in some]))
            self._clusters[group] = [members for _, members in parts]
        return self._clusters[group]

    # ── Kinds ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _shared(self) -> Iterator[int]:
        """Yield every set of leaves that one holding can serve at once, small ones first."""
        level = [1 << leaf for leaf in bits(self.useful) if self.asked(Kind(1 << leaf))]
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
                if not self._clash[more] & leaves and self.asked(Kind(leaves | 1 << more))
            ]

    def _kinds(self, leaves: int) -> Iterator[Kind]:
        conditions = self.above(leaves)
        choices = [one for one in bits(conditions) if self.conditions[one].selector is not None]
        varied = conditions & ~sum(1 << one for one in choices)
        for shuns in self._shunning(leaves):
            greatest: list[int] = []
            for chosen in sorted(self._subsets(choices), key=lambda one: (-one.bit_count(), one)):
                kind = Kind(leaves, chosen | varied, shuns)
                if not any(chosen & one == chosen for one in greatest) and self.asked(kind) is not None:
                    greatest.append(chosen)
                    yield kind

    def _shunning(self, leaves: int) -> Iterator[tuple[tuple[int, Way | None], ...]]:
        """Yield what to do about refused leaves that may mean a holding which serves these leaves."""
        asked = self.asked(Kind(leaves))
        near = [one for one in bits(self.harmful) if asked and asked.overlaps(self.asked_by(self.leaves[one]))]
        unsaid = any(self.leaves[one].rule.level or self.leaves[one].rule.issuers for one in near)
        if unsaid or len(near) > _MOST_REFUSED:
            self.exact = False
        for ways in product((None, *Way), repeat=min(len(near), _MOST_REFUSED)):
            shuns = tuple(zip(near, (*ways, *[None] * (len(near) - len(ways))), strict=True))
            if self.asked(Kind(leaves, 0, shuns)) is not None:
                yield shuns

    def _subsets(self, numbers: Sequence[int]) -> Iterator[int]:
        if len(numbers) > _MOST_CHOICES:
            self.exact = False
        always = sum(1 << one for one in numbers[_MOST_CHOICES:])
        for chosen in range(1 << min(len(numbers), _MOST_CHOICES)):
            yield always | sum(1 << numbers[place] for place in bits(chosen))

    def _worthwhile(self, kinds: Sequence[Kind]) -> Iterator[Kind]:
        """Leave out kinds that serve less than another, or were there before, and ask the same."""
        for place, kind in enumerate(kinds):
            if not any(
                one.leaves & kind.leaves == kind.leaves
                and (one.leaves != kind.leaves or other < place)
                and self._amounts(one.leaves) == self._amounts(kind.leaves)
                and one.conditions & kind.conditions == kind.conditions
                and one.harms == kind.harms
                and self.asked(one) == self.asked(kind)
                for other, one in enumerate(kinds)
                if other != place
            ):
                yield kind

    def _amounts(self, leaves: int) -> frozenset[Amount | None]:
        """Tell what a holding has to bring that serves these leaves."""
        return frozenset(self.leaves[leaf].amount for leaf in bits(leaves & self.sums))

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
            asked = self.asked(replace(kind, conditions=0))
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
        for leaf, way in kind.shuns:
            if way is not None:
                asked = asked and asked.shunning(self.asked_by(self.leaves[leaf]), way)
        return asked
