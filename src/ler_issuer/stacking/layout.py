"""The layout of a rule for whoever looks for what is left: where new holdings can serve, and what that asks of them.

One new holding may serve several leaves at once where the rule says `reuse`, and may count towards `distinct` and
`includes` above them; below a `none` it may do harm. All of that is worked out here once per rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from ler_issuer.assessments import AssessorKind, ExperienceKind
from ler_issuer.stacking.rules import (
    AllRule,
    AnyRule,
    AtLeastRule,
    DistinctRule,
    HoldingRule,
    IncludesRule,
    NoneRule,
    PrecedesRule,
    Rule,
    Selection,
    StackingRule,
    SumRule,
    children,
)

if TYPE_CHECKING:
    from ler_issuer.types import Pointer

_Kind = TypeVar("_Kind")

MOST_KINDS: Final = 200
"""Kinds of new holdings that are told apart in one rule."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a new holding has to be like; None where anything will do, also what nobody knows."""

    achievements: tuple[str, ...] | None = None
    issuers: tuple[str, ...] | None = None
    level: str | None = None
    experience_kinds: frozenset[ExperienceKind] | None = None
    assessor_kinds: frozenset[AssessorKind] | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """A node in its place. `leaves` are the leaves whose holdings the node uses, as bits; `number` counts spots alike."""

    pointer: Pointer
    node: Rule
    below: tuple[Spot, ...]
    leaves: int
    number: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of new holding: the leaves that it serves, the refused leaves that it matches, what it counts towards."""

    leaves: int
    hits: int
    joints: int
    asked: Asked
    enrolled: bool = False


def bits(mask: int) -> Iterator[int]:
    """Yield the places of the bits that are set, the lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Layout:
    """Every place of one rule where a new holding matters."""

    def __init__(self, rule: StackingRule, scales: Iterable[Sequence[str]], enrolled: Iterable[str]) -> None:
        """Lay a rule out; `scales` are those of the holdings that are there, to tell which of two levels is higher."""
        self.rule = rule
        self.leaves: list[Spot] = []
        self.refused: list[Spot] = []
        self.joints: list[Spot] = []
        self.orders: list[tuple[int, int]] = []
        self.exact = True
        self._clash: dict[int, int] = {}
        self._above: dict[int, int] = {}
        self._asked: dict[tuple[int, int, int], Asked | None] = {}
        self._same = _classes(rule.equivalences)
        self._scales = tuple(tuple(one) for one in (rule.levels, *sorted({tuple(one) for one in scales})) if one)
        self.root = self._lay(rule.rule, "/rule", above=0, turns=0)
        self._enrolled = {name for one in enrolled for name in self._same.get(one, (one,))}
        self.sums = sum(1 << spot.number for spot in self.leaves if isinstance(spot.node, SumRule))
        self.named = sum(
            1 << spot.number
            for spot in self.joints
            if isinstance(spot.node, IncludesRule) and spot.node.achievements
        )
        self.kinds = tuple(self._all_kinds())

    # ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _lay(self, node: Rule, pointer: Pointer, *, above: int, turns: int) -> Spot:
        if isinstance(node, HoldingRule | SumRule):
            return self._leaf(node, pointer, above, refused=turns % 2 == 1)
        number, turns_below = -1, turns
        match node:
            case DistinctRule() | IncludesRule() if not turns:
                number = len(self.joints)
                above |= 1 << number
                self.joints.append(Spot(pointer, node, (), 0, number))  # completed below, once its leaves are known
            case NoneRule():
                self.exact = self.exact and not turns
                turns_below = turns + 1
                above = 0
        below = tuple(
            self._lay(one, pointer + place, above=above, turns=turns_below) for place, one in children(node)
        )
        leaves = 0 if isinstance(node, NoneRule) else sum(one.leaves for one in below)
        self._part_leaves(node, below)
        spot = Spot(pointer, node, below, leaves, number)
        if number >= 0:
            self.joints[number] = spot
        return spot

    def _leaf(self, node: HoldingRule | SumRule, pointer: Pointer, above: int, *, refused: bool) -> Spot:
        if refused:
            spot = Spot(pointer, node, (), 0, len(self.refused))
            self.refused.append(spot)
            return spot
        number = len(self.leaves)
        spot = Spot(pointer, node, (), 1 << number, number)
        self.leaves.append(spot)
        self._above[number] = above
        return spot

    def _part_leaves(self, node: Rule, below: Sequence[Spot]) -> None:
        """Note which leaves cannot share a holding, and which have to come before which."""
        if isinstance(node, PrecedesRule):
            self.orders.append((below[0].leaves, below[1].leaves))
        elif not isinstance(node, AllRule | AnyRule | AtLeastRule) or node.reuse:
            return
        for spot in below:
            others = sum(one.leaves for one in below if one is not spot)
            for leaf in bits(spot.leaves):
                self._clash[leaf] = self._clash.get(leaf, 0) | others

    def above(self, leaves: int) -> int:
        """Give the joint conditions above any of these leaves."""
        found = 0
        for leaf in bits(leaves):
            found |= self._above[leaf]
        return found

    # ── Kinds of new holdings ────────────────────────────────────────────────────────────────────────────────────────
    def _all_kinds(self) -> Iterator[Kind]:
        """Yield the kinds that are worth telling apart: none that serves less than another and asks the same."""
        found = [kind for leaves in self._shared() for kind in self._kinds(leaves)][:MOST_KINDS]
        for kind in found:
            better = (
                one
                for one in found
                if one.asked == kind.asked and one.hits == kind.hits and one.leaves != kind.leaves
            )
            if not any(
                one.leaves & kind.leaves == kind.leaves and not (one.leaves ^ kind.leaves) & self.sums
                for one in better
            ):
                yield kind

    def _shared(self) -> Iterator[int]:
        """Yield every set of leaves that one holding can serve at once, the small ones first."""
        level = [1 << leaf for leaf in range(len(self.leaves)) if self.asked(1 << leaf, 0, 0)]
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
                for more in range(leaves.bit_length(), len(self.leaves))
                if not self._clash.get(more, 0) & leaves and self.asked(leaves | 1 << more, 0, 0)
            ]

    def _kinds(self, leaves: int) -> Iterator[Kind]:
        joints = self.above(leaves)
        includes = [one for one in bits(joints) if isinstance(self.joints[one].node, IncludesRule)]
        varied = joints & ~sum(1 << one for one in includes)
        asked = self.asked(leaves, 0, 0)
        enrolled = asked is not None and self.enrolled(asked)
        for hits in self._harms(leaves):
            for chosen in self._greatest(leaves, hits, includes):
                wanted = self.asked(leaves, hits, chosen)
                if wanted is not None:
                    yield Kind(leaves, hits, chosen | varied, wanted, enrolled)

    def _harms(self, leaves: int) -> Iterator[int]:
        """Yield sets of refused leaves that a holding may match when it serves these leaves."""
        asked = self.asked(leaves, 0, 0)
        near = [spot.number for spot in self.refused if asked and _both(asked, self._of(spot.node), _any_level)]
        if len(near) > 4 or any(self.refused[one].node.model_dump(include={"level", "issuers"}, exclude_defaults=True) for one in near):
            self.exact = False
        for chosen in range(1 << min(len(near), 4)):
            yield sum(1 << one for place, one in enumerate(near) if place >= 4 or chosen >> place & 1)

    def _greatest(self, leaves: int, hits: int, includes: Sequence[int]) -> Iterator[int]:
        """Yield the greatest sets of `includes` that one holding can count towards at once."""
        found: list[int] = []
        for chosen in sorted(_subsets(includes[:8]), key=lambda one: (-one.bit_count(), one)):
            if any(chosen & one == chosen for one in found) or self.asked(leaves, hits, chosen) is None:
                continue
            found.append(chosen)
            yield chosen

    # ── What is asked ────────────────────────────────────────────────────────────────────────────────────────────────
    def asked(self, leaves: int, hits: int, joints: int) -> Asked | None:
        """Say what it takes to serve leaves, match no refused leaf but `hits`, and count towards joint conditions.

        None when no holding can do all of that.
        """
        key = (leaves, hits, joints & ~sum(1 << one.number for one in self.joints if isinstance(one.node, DistinctRule)))
        if key not in self._asked:
            self._asked[key] = self._find_asked(*key)
        return self._asked[key]

    def _find_asked(self, leaves: int, hits: int, joints: int) -> Asked | None:
        asked: Asked | None = Asked()
        for leaf in bits(leaves):
            asked = asked and _both(asked, self._of(self.leaves[leaf].node), self._higher)
        for joint in bits(joints):
            asked = asked and _both(asked, self._of(self.joints[joint].node), self._raised)
        for spot in self.refused:
            if asked and not hits >> spot.number & 1:
                asked = self._clear_of(asked, self._of(spot.node))
        return asked

    def _of(self, node: Rule) -> Asked:
        """Give what a selection asks."""
        if not isinstance(node, Selection):
            return Asked()
        kinds = frozenset(node.experience_kinds or ExperienceKind) - frozenset(node.except_experience_kinds)
        return Asked(
            self.closed(node.achievements) or None,
            node.issuers or None,
            node.level,
            kinds if node.experience_kinds or node.except_experience_kinds else None,
            frozenset(node.assessor_kinds) or None,
        )

    def closed(self, names: Iterable[str]) -> tuple[str, ...]:
        """Give achievements as they are written, and after them those that count as the same."""
        written = tuple(dict.fromkeys(names))
        return tuple(dict.fromkeys([*written, *(one for name in written for one in self._same.get(name, ()))]))

    def enrolled(self, asked: Asked) -> bool:
        """Say whether what is asked may come from something that the learner is enrolled in."""
        return bool(self._enrolled) and (asked.achievements is None or not self._enrolled.isdisjoint(asked.achievements))

    def scale(self, level: str) -> tuple[str, ...]:
        """Give a scale that has the level; one of its own when nobody told any."""
        return next((one for one in self._scales if level in one), (level,))

    def _higher(self, one: str, other: str) -> str | None:
        """Give the higher of two levels, None when nobody told which that is."""
        if one == other:
            return one
        scale = next((known for known in self._scales if one in known and other in known), None)
        return None if scale is None else max(one, other, key=scale.index)

    def _raised(self, one: str, other: str) -> str:
        """Give the higher of the level of a leaf and the one that is to be included: that, when nobody told."""
        return self._higher(one, other) or other

    @staticmethod
    def _clear_of(asked: Asked, refused: Asked) -> Asked | None:
        """Narrow what is asked so that a refused leaf is not matched; None when that cannot be said."""
        if _both(asked, refused, _any_level) is None:
            return asked
        if asked.achievements is not None and refused.achievements is not None:
            rest = tuple(name for name in asked.achievements if name not in refused.achievements)
            if rest:
                return replace(asked, achievements=rest)
        if refused.experience_kinds is not None:
            kinds = (asked.experience_kinds or frozenset(ExperienceKind)) - refused.experience_kinds
            return replace(asked, experience_kinds=kinds) if kinds else None
        if refused.assessor_kinds is not None:
            assessors = (asked.assessor_kinds or frozenset(AssessorKind)) - refused.assessor_kinds
            return replace(asked, assessor_kinds=assessors) if assessors else None
        return None


def _any_level(one: str, other: str) -> str:
    return one or other


def _both(one: Asked, other: Asked, level: Callable[[str, str], str | None]) -> Asked | None:
    """Ask for both at once; None when nothing can be like that."""
    levels = [found for found in (one.level, other.level) if found is not None]
    both = level(*levels) if len(levels) == 2 else next(iter(levels), None)
    if levels and both is None:
        return None
    found = Asked(
        _common(one.achievements, other.achievements),
        _common(one.issuers, other.issuers),
        both,
        _shared(one.experience_kinds, other.experience_kinds),
        _shared(one.assessor_kinds, other.assessor_kinds),
    )
    empty = (found.achievements, found.issuers, found.experience_kinds, found.assessor_kinds)
    return None if any(part is not None and not part for part in empty) else found


def _common(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    return tuple(name for name in one if name in other)


def _shared(one: frozenset[_Kind] | None, other: frozenset[_Kind] | None) -> frozenset[_Kind] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _subsets(numbers: Sequence[int]) -> Iterator[int]:
    for chosen in range(1 << len(numbers)):
        yield sum(1 << numbers[place] for place in bits(chosen))


def _classes(equivalences: Iterable[Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """Join the classes that share an achievement."""
    joined: dict[str, set[str]] = {}
    for group in equivalences:
        whole = set(group).union(*(joined.get(name, ()) for name in group))
        for name in whole:
            joined[name] = whole
    return {name: tuple(sorted(whole)) for name, whole in joined.items()}
