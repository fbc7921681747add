"""Bounding: how much work a rule can take at worst, over all holdings that a learner may have.

For each step that `solving`, `sharing` and `dealing` count, this counts how often it can happen: with as many holdings
as one learner may have, all as unfavourable as can be. So a rule whose bound is within `WORK_BOUND` is decided for
everybody; others are refused before they are published. The bound is above what really happens, never below
(`tests/properties/test_stacking.py` looks).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import comb, prod
from typing import NamedTuple

from ler_issuer.assessments import AssessorKind, ExperienceKind
from ler_issuer.errors import Place
from ler_issuer.stacking.compiling import (
    Absence,
    Compiled,
    Condition,
    Group,
    Leaf,
    Node,
    Order,
    Window,
    below,
    bits,
    compiled,
)
from ler_issuer.stacking.rules import StackingRule, Variety
from ler_issuer.stacking.work import AT_ONCE, CLAIMS_AT_ONCE, MOST_HOLDINGS, SETTING_UP, WORK_BOUND
from ler_issuer.types import Pointer

_HOPELESS = 10**12  # steps beyond which it does not matter how many there are
_VALUES = {Variety.EXPERIENCE_KINDS: len(ExperienceKind), Variety.ASSESSOR_KINDS: len(AssessorKind)}


class Worst(NamedTuple):
    """The most work that a rule can take, and the node to blame for it."""

    work: int
    pointer: Pointer


def worst_case(rule: StackingRule) -> Worst:
    """Bound the steps that it takes to evaluate a rule, whatever the holdings, within the published limits."""
    ready = compiled(rule)
    worst = _Worst(ready, MOST_HOLDINGS)
    works = [(worst.largest(node, every=False), node) for node in ready.nodes]
    beyond = [node for work, node in works if work > WORK_BOUND]
    heaviest = beyond[-1] if beyond else max(works, key=lambda each: (each[0], -each[1].number))[1]
    return Worst(min(most_work(ready, MOST_HOLDINGS), _HOPELESS), heaviest.pointer)


def most_work(rule: Compiled, holdings: int) -> int:
    """Bound the steps that it takes to judge every node of a rule by itself, for so many holdings."""
    worst = _Worst(rule, holdings)
    # what a `none` names is judged before the rest, and once more to be told about
    before = sum(worst.largest(member, every=False) for one in rule.absences for member in one.members)
    return before + sum(worst.largest(node, every=False) for node in rule.nodes)


def check_publishable(rule: StackingRule) -> tuple[Place, ...]:
    """Say what keeps a rule from being published: that there may be learners for whom it could not be decided."""
    worst = worst_case(rule)
    if worst.work <= WORK_BOUND:
        return ()
    ready = compiled(rule)
    node = next(one for one in ready.nodes if one.pointer == worst.pointer)
    detail = (
        f"up to {_rounded(worst.work)} steps could be needed to decide this for one learner, and {WORK_BOUND:,} are"
        f" allowed: {_advice(node, ready)}"
    )
    return (Place(worst.pointer, "too_much_work", detail),)


def _rounded(work: int) -> str:
    return f"{work:,}" if work < _HOPELESS else f"{_HOPELESS:,} and more"


def _advice(node: Node, rule: Compiled) -> str:
    """Say what to do about a node that is to blame."""
    competing = next((one for one in _under(node) if isinstance(one, Group) and one.apart), None)
    if competing is None:
        return "put fewer windows and orders into each other"
    sums = any(rule.leaves[leaf].amount is not None and rule.rivals[leaf] for leaf in bits(competing.leaves))
    if sums:
        return (
            f"a sum competes for holdings with other rules at {competing.pointer}; say reuse there if a holding may"
            " count for both, or select other holdings in the sum"
        )
    return (
        f"too many rules compete for the same holdings at {competing.pointer}; say reuse there if one holding may count"
        " for several, select different holdings in each, ask for fewer, or lay windows and distinct over all of them"
    )


def _under(node: Node) -> Iterator[Node]:
    yield node
    for one in below(node):
        yield from _under(one)


@dataclass(frozen=True, slots=True)
class _Plans:
    """How much work it is to plan a node, and how many plans there can be."""

    work: int
    count: int


@dataclass(slots=True)
class _Worst:
    """The worst cases of the nodes of one rule, for so many holdings."""

    rule: Compiled
    most: int
    _largest: dict[tuple[Node, bool], int] = field(default_factory=dict)
    _planned: dict[tuple[Node, bool], _Plans] = field(default_factory=dict)

    # ── What a node can use: mirrors solving ─────────────────────────────────────────────────────────────────────────
    def largest(self, node: Node, *, every: bool) -> int:
        """Bound the work of finding the largest sets that a node can use, every one or any one."""
        key = (node, every)
        if key not in self._largest:
            self._largest[key] = self._effort(node) + self._largest_below(node, every=every)
        return self._largest[key]

    def _largest_below(self, node: Node, *, every: bool) -> int:
        match node:
            case Condition():
                return self.largest(node.inner, every=True) + self.sets(node.inner) * self._effort(node)
            case Window():
                once = self.largest(node.inner, every=False)
                return once + self._windows(node) * (2 + self.largest(node.inner, every=every))
            case Order() if every:
                both = self.largest(node.first, every=True) + self.largest(node.then, every=True)
                return (self.most + 1) * (1 + both + self.sets(node.first) * self.sets(node.then))
            case Order():
                looks = (self.most + 1).bit_length() + 1
                each = looks * self.largest(node.first, every=False) + self.largest(node.then, every=False)
                return self.most + 1 + each
            case Group():
                competing = self._competing(node) if every or node.count > 1 else []
                together = sum(self._together(node, members, every=every) for members in competing)
                each = sum(self.largest(one, every=every) for one in node.members)
                return each + together + (len(node.members) * self.sets(node) if every else 0)
            case Leaf() | Absence():
                return 0

    def sets(self, node: Node) -> int:
        """Bound the number of largest sets that a node can use."""
        match node:
            case Condition():
                return self.sets(node.inner)
            case Window():
                return self._windows(node) * self.sets(node.inner)
            case Order():
                return (self.most + 1) * self.sets(node.first) * self.sets(node.then)
            case Group():
                competing = self._competing(node)
                alone = set(node.members).difference(*competing)
                ways = prod(self._ways(node, members, every=True) for members in competing)
                return ways * prod(self.sets(one) for one in alone)
            case Leaf() | Absence():
                return 1

    def _windows(self, node: Window) -> int:
        return 1 if node.from_now else self.most

    def _effort(self, node: Node) -> int:
        """Bound the steps that one look at a node takes."""
        match node:
            case Group():
                members = len(node.members)
                return 1 + members + members**2 // AT_ONCE
            case Leaf() if node.amount is not None:
                return 1 + self.most // AT_ONCE
            case Condition() if node.variety is not None:
                return 1 + self._values(node.variety) // AT_ONCE
            case _:
                return 1

    # ── Competition: mirrors plans, sharing and dealing ──────────────────────────────────────────────────────────────
    def _competing(self, node: Group) -> list[list[Node]]:
        """Part the members of a group that can compete; those that cannot are in no part."""
        parts: list[list[Node]] = []
        for member in node.members if node.apart else ():
            touched = [part for part in parts if any(self._can_share(member, one) for one in part)]
            parts = [part for part in parts if part not in touched]
            parts.append([one for part in touched for one in part] + [member])
        return [part for part in parts if len(part) > 1]

    def _can_share(self, one: Node, other: Node) -> bool:
        return any(self._overlap(leaf, against) for leaf in bits(one.leaves) for against in bits(other.leaves))

    def _overlap(self, leaf: int, other: int) -> bool:
        return self.rule.leaves[leaf].selector.overlaps(self.rule.leaves[other].selector)

    def _together(self, node: Group, members: Sequence[Node], *, every: bool) -> int:
        planning = sum(self._plans(one, every=every).work for one in members)
        return planning + self._ways(node, members, every=every) * (self._joining(node) + self._sharing(members))

    def _joining(self, node: Node) -> int:
        return 1 + node.leaves.bit_count() // CLAIMS_AT_ONCE

    def _ways(self, node: Group, members: Sequence[Node], *, every: bool) -> int:
        """Bound the plans for competing members.

        With some holdings fewer of them compete, or several parts of them apart. There are no more plans for the parts
        than for all: what is chosen from a part is a choice from all, and so it is with all members of the other parts
        added. Either way of looking at it gives a bound, the first when no more than `count` are chosen.
        """
        counts = [self._plans(one, every=every).count for one in members]
        fewest = max(1, node.count - (len(node.members) - len(members)))
        ways = _choices(counts, fewest, len(counts))
        return ways if every else min(ways, _choices(counts, 1, min(len(counts), node.count)))

    def _plans(self, node: Node, *, every: bool) -> _Plans:
        key = (node, every)
        if key not in self._planned:
            self._planned[key] = self._plans_below(node, every=every)
        return self._planned[key]

    def _plans_below(self, node: Node, *, every: bool) -> _Plans:
        match node:
            case Condition():
                inner = self._plans(node.inner, every=True)
                return _Plans(1 + inner.work + inner.count * self._effort(node), inner.count)
            case Window():
                inner = self._plans(node.inner, every=every)
                return _Plans(1 + self._windows(node) * inner.work, self._windows(node) * inner.count)
            case Order():
                first, then = self._plans(node.first, every=every), self._plans(node.then, every=every)
                each = first.count * then.count
                joining = each * self._joining(node)
                return _Plans(1 + (self.most + 1) * (1 + first.work + then.work + joining), (self.most + 1) * each)
            case Group():
                plans = [self._plans(one, every=every) for one in node.members]
                largest = len(plans) if every else node.count
                count = _choices([one.count for one in plans], node.count, largest)
                return _Plans(1 + sum(one.work for one in plans) + count * self._joining(node), count)
            case Leaf() | Absence():
                return _Plans(1 + self._effort(node), 1)

    def _sharing(self, members: Sequence[Node]) -> int:
        """Bound the work of sharing out what is contested in one plan."""
        nodes = [one for member in members for one in _under(member)]
        leaves = [one for one in nodes if isinstance(one, Leaf)]
        claims = len(leaves)
        conditions = [one for one in nodes if isinstance(one, Condition)]
        looks = 1 + claims + claims**2 // AT_ONCE + sum(map(self._effort, leaves)) + sum(map(self._effort, conditions))
        handing_out = sum(one.minimum for one in leaves if one.amount is None) * claims * (1 + claims // AT_ONCE)
        reused = any(isinstance(one, Group) and not one.apart for one in nodes)
        if conditions or reused or any(one.amount is not None for one in leaves):
            return looks + handing_out + self._dealing(members, leaves, conditions)
        return looks + handing_out

    def _dealing(self, members: Sequence[Node], leaves: Sequence[Leaf], conditions: Sequence[Condition]) -> int:
        each = sum(_takers(one) for one in members) * (2 + self._effort_of_sums(leaves))
        return SETTING_UP + self.most + self._cards(leaves, conditions) * self._levels(leaves, conditions) * (2 + each)

    def _effort_of_sums(self, leaves: Sequence[Leaf]) -> int:
        return sum(self._effort(one) for one in leaves if one.amount is not None)

    def _cards(self, leaves: Sequence[Leaf], conditions: Sequence[Condition]) -> int:
        """Bound the holdings that are dealt: so many of each kind as a solution can need."""
        varieties = {one.variety for one in conditions if one.variety is not None}
        if len(varieties) > 1 or any(one.amount is not None for one in leaves):
            return self.most
        asked = _asked(leaves, conditions)
        different = sum(one.variety is not None for one in conditions)
        kinds = self._meanings(leaves) << (len(conditions) - different)
        return min(self.most, kinds * (asked + ((1 << different) - 1) * asked * asked))

    def _meanings(self, leaves: Sequence[Leaf]) -> int:
        """Count the sets of two leaves and more that could mean one holding, as far as there can be holdings."""
        found = 0
        rest = [([one.leaf], leaves[place + 1 :]) for place, one in enumerate(leaves)]
        while rest and found < self.most:
            chosen, later = rest.pop()
            for place, one in enumerate(later):
                if all(self._overlap(leaf, one.leaf) for leaf in chosen):
                    found += 1
                    rest.append(([*chosen, one.leaf], later[place + 1 :]))
        return min(found, self.most)

    def _levels(self, leaves: Sequence[Leaf], conditions: Sequence[Condition]) -> int:
        """Bound the ways of dealing that are kept in mind."""
        chains = [one.minimum + 1 for one in leaves if one.amount is None]
        chains += [one.minimum + 1 for one in conditions if one.variety is None]
        varied = [(one.variety, one.minimum) for one in conditions if one.variety is not None]
        most = 1
        for in_turn in dict.fromkeys(variety for variety, _ in varied) or (None,):
            turns = [2 * minimum for variety, minimum in varied if variety is in_turn]
            ways = [
                _few(min(self._values(variety), self._values(in_turn)), minimum - 1) + 1
                for variety, minimum in varied
                if variety is not in_turn
            ]
            each = sorted([*chains, *turns])
            most = max(most, prod(each[:-1]) * prod(ways))
        sums = sum(one.amount is not None for one in leaves)
        if not sums:
            return most
        given = self.most if sums > 1 else min(self.most, _asked(leaves, conditions))
        return most * int((_few(self.most, given) + 1) ** sums)

    def _values(self, variety: Variety | None) -> int:
        return self.most if variety is None else min(self.most, _VALUES.get(variety, self.most))


def _asked(leaves: Iterable[Leaf], conditions: Iterable[Condition]) -> int:
    """Count the holdings that a smallest solution can need, sums aside."""
    return sum(one.minimum for one in leaves if one.amount is None) + sum(one.minimum for one in conditions)


def _takers(node: Node) -> int:
    """Bound the sets of leaves that may take one holding together."""
    if isinstance(node, Leaf):
        return 1
    each = [_takers(one) for one in below(node) if one.leaves]
    return prod(each) if isinstance(node, Group) and not node.apart else sum(each)


def _few(of: int, most: int) -> int:
    """Count the sets of at most so many."""
    return sum(comb(of, size) for size in range(min(of, most) + 1))


def _choices(counts: Sequence[int], fewest: int, most: int) -> int:
    """Count the ways to choose from `fewest` to `most` members, and one plan for each of them."""
    ways = [1] + [0] * len(counts)  # by the number of members chosen
    for count in counts:
        for size in range(len(counts), 0, -1):
            ways[size] += ways[size - 1] * count
    return sum(ways[fewest : most + 1])
