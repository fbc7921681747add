"""Standing: the holdings that a rule can use at a time, in order of time, as bits.

Only holdings that stand and that some leaf of the rule means are here; all others change nothing. The order (when it
was earned, then id) is the only one that is ever looked at, so the order in which holdings come does not matter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import TypeAlias

from ler_issuer.stacking.compiling import Compiled, Condition, Leaf, Window, bits, in_units, union
from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.rules import Amount, Variety
from ler_issuer.stacking.spans import in_utc
from ler_issuer.stacking.work import AT_ONCE

_VALUE: Mapping[Variety, Callable[[Holding], str | None]] = {
    Variety.EXPERIENCES: lambda one: one.experience,
    Variety.EXPERIENCE_KINDS: lambda one: one.experience_kind,
    Variety.COURSES: lambda one: one.course,
    Variety.ASSESSORS: lambda one: one.assessor,
    Variety.ASSESSOR_KINDS: lambda one: one.assessor_kind,
    Variety.PARTNERS: lambda one: one.partner,
    Variety.SESSIONS: lambda one: one.session,
}


Told: TypeAlias = list[tuple[int, int]]
"""What holdings tell of the hours of one participation, or the credits of one section: largest first, with the bit."""


class Standing:
    """A learner's holdings at a time, as far as they matter to a rule.

    `holdings` are in order; bit n of a set stands for the nth. `masks[n]` are those that leaf n means, `full` are all.
    """

    def __init__(self, rule: Compiled, holdings: Iterable[Holding], at: datetime) -> None:
        """Choose those that stand and matter; of two with one id, the first."""
        found: list[tuple[datetime, str, Holding, list[Leaf]]] = []
        seen: set[str] = set()
        for one in holdings:
            if one.id in seen:
                continue
            seen.add(one.id)
            candidates = _candidates(rule, one)
            if candidates and one.stands(at):
                meaning = [leaf for leaf in candidates if _means(leaf, one)]
                if meaning:
                    found.append((in_utc(one.awarded_at), one.id, one, meaning))
        found.sort(key=itemgetter(0, 1))
        self.at = at
        self.times: Sequence[datetime] = [moment for moment, _, _, _ in found]
        self.holdings: Sequence[Holding] = [one for _, _, one, _ in found]
        self.full = (1 << len(found)) - 1
        masks = [0] * len(rule.leaves)
        for number, (_, _, _, meaning) in enumerate(found):
            for leaf in meaning:
                masks[leaf.leaf] |= 1 << number
        self.masks: Sequence[int] = masks
        self._by_value: dict[Variety, tuple[int, ...]] = {}
        self._value_of: dict[Variety, Sequence[int]] = {}
        self._included: dict[Condition, int] = {}
        self._until: dict[tuple[Window, int], int] = {}
        self._amounts: dict[Leaf, list[tuple[int, Told]]] = {}

    def __len__(self) -> int:
        return len(self.holdings)

    def ids(self, used: int) -> tuple[str, ...]:
        """Name the holdings of a set."""
        return tuple(self.holdings[number].id for number in bits(used))

    def last(self, used: int) -> datetime | None:
        """Give when the last of a set was earned."""
        return self.times[used.bit_length() - 1] if used else None

    # ── What leaves and conditions ask ───────────────────────────────────────────────────────────────────────────────
    def enough(self, leaf: Leaf, used: int) -> bool:
        """Say whether a leaf has what it asks for."""
        return self.measure(leaf, used) >= leaf.minimum

    def measure(self, leaf: Leaf, used: int) -> int:
        """Count what a leaf counts: holdings, or units of hours or credits, the largest of each participation."""
        if leaf.amount is None:
            return used.bit_count()
        total = 0
        for those, told in self.amounts(leaf):
            if those & used:
                total += largest(told, used)
        return total

    def holds(self, condition: Condition, used: int) -> bool:
        """Say whether what is used meets a condition."""
        if used.bit_count() < condition.minimum:
            return False
        if condition.variety is None:
            return (used & self.included(condition)).bit_count() >= condition.minimum
        different = 0
        for alike in self.values(condition.variety):
            if alike & used:
                different += 1
                if different >= condition.minimum:
                    return True
        return False

    def effort(self, of: Leaf | Condition) -> int:
        """Give the steps that one look at a leaf or a condition takes: more when values or amounts are gone through."""
        if isinstance(of, Leaf):
            return 1 if of.amount is None else 1 + self.masks[of.leaf].bit_count() // AT_ONCE
        return 1 if of.variety is None else 1 + len(self.values(of.variety)) // AT_ONCE

    def values(self, variety: Variety) -> tuple[int, ...]:
        """Part the holdings by what must differ; those of which it is not known are in no part."""
        if variety not in self._by_value:
            by_value: dict[str, int] = {}
            for number, one in enumerate(self.holdings):
                value = _VALUE[variety](one)
                if value is not None:
                    by_value[value] = by_value.get(value, 0) | 1 << number
            self._by_value[variety] = tuple(by_value.values())
        return self._by_value[variety]

    def value_of(self, variety: Variety) -> Sequence[int]:
        """Give for each holding the number of its part; the next number to those that are in none."""
        if variety not in self._value_of:
            parts = self.values(variety)
            numbers = [len(parts)] * len(self)
            for part, alike in enumerate(parts):
                for number in bits(alike):
                    numbers[number] = part
            self._value_of[variety] = numbers
        return self._value_of[variety]

    def included(self, condition: Condition) -> int:
        """Give the holdings that a condition selects."""
        if condition not in self._included:
            selector = condition.selector
            self._included[condition] = sum(
                1 << number for number, one in enumerate(self.holdings) if selector is None or selector.selects(one)
            )
        return self._included[condition]

    def amounts(self, leaf: Leaf) -> list[tuple[int, Told]]:
        """Give for each participation or section its holdings, and their amounts, largest first.

        A holding that names none is one by itself.
        """
        if leaf not in self._amounts:
            told: dict[str | int, Told] = {}
            for number in bits(self.masks[leaf.leaf]):
                one = self.holdings[number]
                hours = leaf.amount is Amount.HOURS
                amount, of = (one.hours, one.experience) if hours else (one.credits, one.section)
                if amount is not None:
                    told.setdefault(number if of is None else of, []).append((in_units(amount), 1 << number))
            self._amounts[leaf] = [
                (union(holding for _, holding in each), sorted(each, reverse=True)) for each in told.values()
            ]
        return self._amounts[leaf]

    # ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def windows(self, window: Window, among: int) -> Iterator[int]:
        """Yield the largest sets that lie within a window, the earliest first."""
        if window.from_now or not among:
            yield among & self._since(window)
            return
        before = 0
        for number in bits(among):
            inside = among & self._up_to(window, number)
            if inside & ~before:  # else the window before had all of it
                yield inside
            before, among = inside, among & (among - 1)

    def ends(self, among: int) -> list[int]:
        """Give the sets of what was earned up to some moment, from nothing to all, each once."""
        found, last = [0], None
        for number in bits(among):
            if last is not None and self.times[number] == last:
                found.pop()
            found.append(among & ((2 << number) - 1))
            last = self.times[number]
        return found

    def _up_to(self, window: Window, number: int) -> int:
        key = (window, number)
        if key not in self._until:
            end = bisect_right(self.times, window.length.after(self.times[number]))
            self._until[key] = (1 << end) - 1
        return self._until[key]

    def _since(self, window: Window) -> int:
        start = window.length.before(self.at)
        return sum(1 << number for number, moment in enumerate(self.times) if moment >= start)


def largest(told: Told, used: int) -> int:
    """Give the largest amount that a used holding tells."""
    for amount, holding in told:
        if holding & used:
            return amount
    return 0


def _candidates(rule: Compiled, one: Holding) -> tuple[Leaf, ...]:
    """Give the leaves that could mean a holding, by its achievement."""
    found = rule.named.get(one.achievement, ())
    if one.recognised is not None and one.recognised.achievement is not None:
        found += tuple(leaf for leaf in rule.named.get(one.recognised.achievement, ()) if leaf not in found)
    return found + rule.unnamed


def _means(leaf: Leaf, one: Holding) -> bool:
    if leaf.amount is not None:
        amount = one.hours if leaf.amount is Amount.HOURS else one.credits
        if amount is None or amount <= 0:
            return False
    return leaf.selector.selects(one)
