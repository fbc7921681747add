"""Compiling: a rule made ready to be evaluated over many learners' holdings, once.

Nodes keep their place in the rule. Sets of leaves and of holdings are the bits of one integer throughout: to ask what
two sets share is one operation, however large they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from typing import TypeAlias

from ler_issuer.stacking.rules import (
    AllRule,
    Amount,
    AnyRule,
    AtLeastRule,
    DistinctRule,
    HoldingRule,
    IncludesRule,
    NoneRule,
    PrecedesRule,
    Rule,
    Selection,
    Span,
    StackingRule,
    SumRule,
    Variety,
    WithinRule,
    same_as,
)
from ler_issuer.stacking.selecting import Selector
from ler_issuer.stacking.spans import Length
from ler_issuer.types import Pointer

_UNITS = 10**18  # an amount has at most so many decimal places


def in_units(amount: Decimal) -> int:
    """Give an amount as a whole number, so that sums are exact whatever the precision of decimals is set to."""
    numerator, denominator = amount.as_integer_ratio()
    return numerator * _UNITS // denominator


def from_units(units: int) -> Decimal:
    """Give such a whole number as the amount that it stands for."""
    return Decimal(units).scaleb(-18).normalize()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Made:
    """What all nodes share: place, number in order of the text, leaves below as bits, and the least that a use takes.

    Nodes are compared by identity: two of a kind in one rule are two.
    """

    pointer: Pointer
    number: int
    leaves: int
    fewest: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Leaf(_Made):
    """Takes holdings: at least `minimum` of them, or so many that their `amount` adds up to it."""

    rule: HoldingRule | SumRule
    selector: Selector
    minimum: int
    amount: Amount | None
    leaf: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Group(_Made):
    """Asks for `count` of its members; when `apart`, no holding counts for two of them, and some could."""

    rule: AllRule | AnyRule | AtLeastRule
    members: tuple[Node, ...]
    count: int
    apart: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Condition(_Made):
    """Asks something of the holdings used below: `minimum` different ones (`variety`), or selected ones."""

    rule: DistinctRule | IncludesRule
    inner: Node
    minimum: int
    variety: Variety | None
    selector: Selector | None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Window(_Made):
    """Asks that what is used below was earned within a length of time."""

    rule: WithinRule
    inner: Node
    length: Length
    from_now: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Order(_Made):
    """Asks that all that `first` uses was earned before all that `then` uses."""

    rule: PrecedesRule
    first: Node
    then: Node


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Absence(_Made):
    """Uses nothing; asks that none of its members is met. `absence` numbers it among its like, inner ones first."""

    rule: NoneRule
    members: tuple[Node, ...]
    absence: int


Node: TypeAlias = Leaf | Group | Condition | Window | Order | Absence


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A rule made ready.

    `nodes` stand in the order of the text, `leaves` and `absences` by their numbers. `rivals[n]` are the leaves that
    may share no holding with leaf n. `named` finds by achievement the leaves that could mean it, `unnamed` are those
    that name none.
    """

    root: Node
    nodes: tuple[Node, ...]
    leaves: tuple[Leaf, ...]
    absences: tuple[Absence, ...]
    rivals: tuple[int, ...]
    named: Mapping[str, tuple[Leaf, ...]]
    unnamed: tuple[Leaf, ...]


def compiled(rule: StackingRule) -> Compiled:
    """Make a rule ready; the same rule once."""
    return _compiled(rule.rule, rule.levels, rule.equivalences)


@lru_cache(maxsize=512)
def _compiled(rule: Rule, levels: tuple[str, ...], equivalences: tuple[tuple[str, ...], ...]) -> Compiled:
    making = _Making(levels, same_as(equivalences))
    root = making.node(rule, "/rule")
    named: dict[str, tuple[Leaf, ...]] = {}
    for leaf in making.leaves:
        for name in leaf.selector.achievements or ():
            named[name] = (*named.get(name, ()), leaf)
    return Compiled(
        root=root,
        nodes=tuple(sorted(making.nodes, key=lambda node: node.number)),
        leaves=tuple(making.leaves),
        absences=tuple(making.absences),
        rivals=_rivals(making),
        named=named,
        unnamed=tuple(leaf for leaf in making.leaves if leaf.selector.achievements is None),
    )


def _rivals(making: _Making) -> tuple[int, ...]:
    rivals = [0] * len(making.leaves)
    for group in making.nodes:
        if isinstance(group, Group) and group.apart:
            for one, other in combinations(group.members, 2):
                for leaf in bits(one.leaves):
                    rivals[leaf] |= other.leaves
                for leaf in bits(other.leaves):
                    rivals[leaf] |= one.leaves
    return tuple(rivals)


def below(node: Node) -> tuple[Node, ...]:
    """Give the nodes directly below."""
    match node:
        case Group() | Absence():
            return node.members
        case Condition() | Window():
            return (node.inner,)
        case Order():
            return (node.first, node.then)
        case Leaf():
            return ()


def bits(of: int) -> Iterator[int]:
    """Yield the members of a set of bits, lowest first."""
    while of:
        lowest = of & -of
        yield lowest.bit_length() - 1
        of ^= lowest


def union(sets: Iterable[int]) -> int:
    """Give what is in any of some sets of bits."""
    united = 0
    for one in sets:
        united |= one
    return united


@dataclass(slots=True)
class _Making:
    """The nodes made so far."""

    levels: tuple[str, ...]
    same: Mapping[str, frozenset[str]]
    nodes: list[Node] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    begun: int = 0

    def node(self, rule: Rule, pointer: Pointer) -> Node:
        """Make a node and those below it."""
        number, self.begun = self.begun, self.begun + 1
        made = self._made(rule, pointer, number)
        self.nodes.append(made)
        return made

    def _made(self, rule: Rule, pointer: Pointer, number: int) -> Node:
        match rule:
            case HoldingRule() | SumRule():
                return self._leaf(rule, pointer, number)
            case AllRule() | AnyRule() | AtLeastRule():
                return self._group(rule, pointer, number)
            case DistinctRule() | IncludesRule():
                return self._condition(rule, pointer, number)
            case WithinRule():
                return self._window(rule, pointer, number)
            case PrecedesRule():
                return self._order(rule, pointer, number)
            case NoneRule():
                return self._absence(rule, pointer, number)

    def _leaf(self, rule: HoldingRule | SumRule, pointer: Pointer, number: int) -> Leaf:
        made = Leaf(
            pointer=pointer,
            number=number,
            leaves=1 << len(self.leaves),
            fewest=rule.times if isinstance(rule, HoldingRule) else 1,
            rule=rule,
            selector=self._selector(rule),
            minimum=rule.times if isinstance(rule, HoldingRule) else in_units(rule.minimum),
            amount=None if isinstance(rule, HoldingRule) else rule.of,
            leaf=len(self.leaves),
        )
        self.leaves.append(made)
        return made

    def _group(self, rule: AllRule | AnyRule | AtLeastRule, pointer: Pointer, number: int) -> Group:
        members = tuple(self.node(one, f"{pointer}/rules/{place}") for place, one in enumerate(rule.rules))
        count = rule.count if isinstance(rule, AtLeastRule) else len(members) if isinstance(rule, AllRule) else 1
        least = sorted(one.fewest for one in members)[:count]
        return Group(
            pointer=pointer,
            number=number,
            leaves=union(one.leaves for one in members),
            fewest=least[-1] if rule.reuse else sum(least),
            rule=rule,
            members=members,
            count=count,
            apart=not rule.reuse and self._compete(members),
        )

    def _compete(self, members: Iterable[Node]) -> bool:
        """Say whether a holding could count for two of some nodes."""
        return any(
            self.leaves[leaf].selector.overlaps(self.leaves[against].selector)
            for one, other in combinations(members, 2)
            for leaf in bits(one.leaves)
            for against in bits(other.leaves)
        )

    def _condition(self, rule: DistinctRule | IncludesRule, pointer: Pointer, number: int) -> Condition:
        inner = self.node(rule.rule, f"{pointer}/rule")
        return Condition(
            pointer=pointer,
            number=number,
            leaves=inner.leaves,
            fewest=max(inner.fewest, rule.minimum),
            rule=rule,
            inner=inner,
            minimum=rule.minimum,
            variety=rule.what if isinstance(rule, DistinctRule) else None,
            selector=self._selector(rule) if isinstance(rule, IncludesRule) else None,
        )

    def _selector(self, rule: Selection) -> Selector:
        return Selector.of(rule, self.levels, self.same)

    def _window(self, rule: WithinRule, pointer: Pointer, number: int) -> Window:
        inner = self.node(rule.rule, f"{pointer}/rule")
        return Window(
            pointer=pointer,
            number=number,
            leaves=inner.leaves,
            fewest=inner.fewest,
            rule=rule,
            inner=inner,
            length=Length.of(rule),
            from_now=rule.of is Span.NOW,
        )

    def _order(self, rule: PrecedesRule, pointer: Pointer, number: int) -> Order:
        first, then = self.node(rule.first, f"{pointer}/first"), self.node(rule.then, f"{pointer}/then")
        return Order(
            pointer=pointer,
            number=number,
            leaves=first.leaves | then.leaves,
            fewest=first.fewest + then.fewest,
            rule=rule,
            first=first,
            then=then,
        )

    def _absence(self, rule: NoneRule, pointer: Pointer, number: int) -> Absence:
        members = tuple(self.node(one, f"{pointer}/rules/{place}") for place, one in enumerate(rule.rules))
        made = Absence(
            pointer=pointer, number=number, leaves=0, fewest=0, rule=rule, members=members, absence=len(self.absences)
        )
        self.absences.append(made)
        return made
