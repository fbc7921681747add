"""Describing: an eased set of new holdings as next steps."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from ler_issuer.stacking import naming
from ler_issuer.stacking.compiling import Condition, Leaf, bits, from_units
from ler_issuer.stacking.holdings import RecognitionKind
from ler_issuer.stacking.missing import wording
from ler_issuer.stacking.missing.asking import Asked
from ler_issuer.stacking.missing.easing import Eased, Shared
from ler_issuer.stacking.missing.layout import Kind, Layout
from ler_issuer.stacking.missing.steps import Jointly, Like, MissingPart, NextSteps
from ler_issuer.stacking.missing.wording import About
from ler_issuer.stacking.rules import Amount, Variety
from ler_issuer.stacking.standing import Standing


class Describing:
    """Describes sets for one rule and one learner."""

    def __init__(self, layout: Layout, there: Standing, names: Mapping[str, str], enrolled: Collection[str]) -> None:
        """Know what is there, what achievements are called, and what the learner is enrolled in."""
        self._layout = layout
        self._there = there
        self._names = names
        self._enrolled = frozenset(enrolled)

    def of(self, eased: Eased) -> NextSteps:
        """Describe a set."""
        shared = [*eased.shared, *self._pooled(eased)]
        before = self._layout.before(eased.kinds)
        turns = self._layout.turns(eased.kinds) or [0] * len(before)
        found: list[_Described] = []
        place_of: dict[int, int] = {}
        for number in sorted(range(len(turns)), key=lambda one: (turns[one], eased.kinds[one].leaves, one)):
            after = sorted({place_of[other] for other in before[number]})
            one = self._described(number, eased, shared, tuple(after))
            place = next((place for place, other in enumerate(found) if other.is_like(one)), None)
            if place is None:
                found.append(one)
            else:
                found[place] = found[place].and_also(one)
            place_of[number] = len(found) - 1 if place is None else place
        conditions = [
            self._jointly(each, [n for n, one in enumerate(found) if number in one.shared], eased, found)
            for number, each in enumerate(shared)
        ]
        among_themselves = dict(self._among_themselves(eased, found))
        words = [one.words(among_themselves) for one in found]
        return NextSteps(
            parts=tuple(one.told() for one in found),
            jointly=tuple(conditions),
            assessments=len(eased.kinds),
            enrolled=sum(one.part.times for one in found if one.part.enrolled),
            effort=self._effort(eased),
            sentence=wording.steps(
                words,
                [one.part.after for one in found],
                [*among_themselves.values(), *(one.sentence for one in conditions)],
            ),
        )

    # ── Parts ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _described(self, number: int, eased: Eased, shared: Sequence[Shared], after: tuple[int, ...]) -> _Described:
        kind = eased.kinds[number]
        like = Like.of(self._layout.asked(kind) or Asked())
        leaves = [self._layout.leaves[leaf] for leaf in bits(kind.leaves)]
        different = self._layout.varieties(kind)
        part = MissingPart(
            like=like,
            after=after,
            different=tuple(one for one in Variety if one in different),
            hours=self._brought(kind, eased, Amount.HOURS),
            credits=self._brought(kind, eased, Amount.CREDITS),
            accepts=tuple(one for one in RecognitionKind if all(one in leaf.rule.accepts for leaf in leaves)),
            enrolled=bool(self._enrolled)
            and (not like.achievements or not self._enrolled.isdisjoint(like.achievements)),
            serves=tuple(leaf.pointer for leaf in leaves),
        )
        about = About(
            self._name(leaves, like),
            again=any(self._there.masks[leaf.leaf] for leaf in _counting(leaves)),
            adds_up=leaves[0].amount if all(leaf.amount is not None for leaf in leaves) else None,
            top=like.level is not None and self._layout.is_top(like.level),
        )
        return _Described(part, about, tuple(n for n, one in enumerate(shared) if number in one.among))

    def _name(self, leaves: Sequence[Leaf], like: Like) -> str:
        """Call a part by the label of the one leaf that it is for, else by achievements."""
        named = _counting(leaves)
        if len(named) == 1 and named[0].rule.label is not None and named[0].amount is None:
            selector = named[0].selector
            if selector.achievements is None or selector.achievements == frozenset(like.achievements):
                return named[0].rule.label
        if like.achievements:
            written = [name for leaf in named for name in leaf.rule.achievements if name in like.achievements]
            return naming.listed((naming.called(one, self._names) for one in written or like.achievements), " or ")
        but = naming.listed((naming.called(one, self._names) for one in like.except_achievements), " and ")
        return f"{naming.ANYTHING} but {but}" if but else naming.ANYTHING

    def _brought(self, kind: Kind, eased: Eased, what: Amount) -> Decimal | None:
        """Say what a holding has to bring by itself."""
        brought = [
            eased.amounts[leaf]
            for leaf in bits(kind.leaves & self._layout.sums)
            if self._layout.leaves[leaf].amount is what and len(self._bearing(leaf, eased)) == 1
        ]
        return from_units(max(brought)) if brought else None

    # ── What is asked of several ─────────────────────────────────────────────────────────────────────────────────────
    def _bearing(self, leaf: int, eased: Eased) -> list[int]:
        return [number for number, kind in enumerate(eased.kinds) if kind.leaves >> leaf & 1]

    def _pooled(self, eased: Eased) -> Iterator[Shared]:
        """Yield the sums to which several new holdings bring something."""
        for leaf in bits(self._layout.sums):
            bearing = self._bearing(leaf, eased)
            if len(bearing) > 1:
                yield Shared(self._layout.leaves[leaf], len(bearing), tuple(bearing))

    def _among_themselves(self, eased: Eased, found: Sequence[_Described]) -> Iterator[tuple[Variety, str]]:
        """Yield in what several new holdings have to differ when nothing counts yet, each with how that is said."""
        for place, condition in enumerate(self._layout.conditions):
            count = sum(kind.conditions >> place & 1 for kind in eased.kinds)
            if condition.variety is not None and count > 1 and count == condition.minimum:
                parts = [one for one in found if condition.variety in one.part.different]
                yield condition.variety, wording.different(condition.variety, count, _whose(parts, found))

    def _jointly(self, shared: Shared, parts: Sequence[int], eased: Eased, found: Sequence[_Described]) -> Jointly:
        what = shared.what
        amount = from_units(eased.amounts[what.leaf]) if isinstance(what, Leaf) else None
        hours = isinstance(what, Leaf) and what.amount is Amount.HOURS
        variety = what.variety if isinstance(what, Condition) else None
        one = Jointly(
            parts=tuple(parts),
            minimum=shared.minimum,
            different=variety,
            like=Like() if variety is not None else Like.of(self._layout.asked_by(what)),
            hours=amount if hours else None,
            credits=amount if amount is not None and not hours else None,
        )
        whose = _whose([found[place] for place in parts], found)
        fresh = isinstance(what, Condition) and shared.minimum == what.minimum
        return replace(one, sentence=wording.jointly(one, whose, fresh=fresh, names=self._names))

    def _effort(self, eased: Eased) -> Fraction:
        """Count holdings; of those that only add up, one in proportion to what is still missing."""
        effort = Fraction(len(eased.kinds))
        for leaves in {kind.leaves for kind in eased.kinds if not kind.leaves & ~self._layout.sums}:
            missing = (Fraction(eased.amounts[leaf], self._layout.leaves[leaf].minimum) for leaf in bits(leaves))
            effort -= 1 - max(missing)
        return effort


@dataclass(frozen=True, slots=True)
class _Described:
    """New holdings that are described alike, and the shared conditions that they may serve."""

    part: MissingPart
    about: About
    shared: tuple[int, ...]

    def is_like(self, other: _Described) -> bool:
        """Say whether two are the same but for the places that they serve."""
        return (
            replace(self.part, times=1, serves=()) == replace(other.part, times=1, serves=())
            and self.shared == other.shared
            and self.about.name == other.about.name
        )

    def and_also(self, other: _Described) -> _Described:
        """Join two that are alike."""
        serves = dict.fromkeys((*self.part.serves, *other.part.serves))
        part = replace(self.part, times=self.part.times + other.part.times, serves=tuple(serves))
        return replace(self, part=part, about=replace(self.about, again=self.about.again or other.about.again))

    def words(self, but: Collection[Variety] = ()) -> str:
        """Say what to earn; `but` is said of several."""
        return wording.part(self.part, self.about, but=but)

    def told(self) -> MissingPart:
        """Give the part with its sentence."""
        return replace(self.part, sentence=f"Earn {self.words()}.")


def _counting(leaves: Sequence[Leaf]) -> Sequence[Leaf]:
    """Give the leaves that a part is named for: those that count holdings, if any do."""
    return [leaf for leaf in leaves if leaf.amount is None] or leaves


def _whose(parts: Sequence[_Described], all_of_them: Sequence[_Described]) -> str:
    """Name some parts, none when all are meant."""
    return "" if len(parts) == len(all_of_them) else wording.together(one.about.name for one in parts)
