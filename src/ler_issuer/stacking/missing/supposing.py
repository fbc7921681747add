"""Supposing: what would be if a learner earned certain new holdings besides those that they have.

A new holding is made up for what it is to do: it is meant by the leaves that its kind serves and by no others, and it
differs, or counts, only for the conditions that its kind counts towards. So whatever a learner earns that is like what
the kind asks does at least as much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeVar

from ler_issuer.assessments import AssessorKind, ExperienceKind
from ler_issuer.stacking.compiling import Compiled, Condition, Node, bits, from_units
from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.missing.layout import Kind, Layout
from ler_issuer.stacking.missing.pairing import paired
from ler_issuer.stacking.rules import Amount, Variety
from ler_issuer.stacking.solving import Solver
from ler_issuer.stacking.standing import Standing
from ler_issuer.stacking.work import TooMuchError, Work

MOST_TRIALS: Final = 1_500
"""Suppositions that are looked at for one learner and one rule."""

_TICK: Final = timedelta(microseconds=1)

_MEMBER: Final[Mapping[Variety, str]] = {
    Variety.EXPERIENCES: "experience",
    Variety.COURSES: "course",
    Variety.ASSESSORS: "assessor",
    Variety.PARTNERS: "partner",
    Variety.SESSIONS: "session",
}

_Any = TypeVar("_Any", ExperienceKind, AssessorKind)

Amounts = Mapping[int, int]
"""What new holdings bring to leaves that add up, in units, by leaf."""


class OutOfTrialsError(Exception):
    """So many suppositions were looked at that the answer stays incomplete."""


class Supposed(Standing):
    """The holdings that are there, and new ones after them."""

    def __init__(self, rule: Compiled, there: Standing, new: Sequence[tuple[Kind, Holding]], layout: Layout) -> None:
        """Add new holdings, in order of time, to those that stand."""
        super().__init__(rule, (), max((one.awarded_at for _, one in new), default=there.at))
        count = len(there)
        self._there = there
        self._layout = layout
        self._new = tuple(kind for kind, _ in new)
        self.holdings = [*there.holdings, *(one for _, one in new)]
        self.times = [*there.times, *(one.awarded_at for _, one in new)]
        self.full = (1 << len(self.holdings)) - 1
        masks = list(there.masks)
        for number, kind in enumerate(self._new, count):
            for leaf in bits(kind.leaves | kind.harms):
                masks[leaf] |= 1 << number
        self.masks = masks

    def included(self, condition: Condition) -> int:
        """Give the holdings that a condition selects: of the new ones those that count towards it."""
        found = self._there.included(condition)
        for number, kind in enumerate(self._new, len(self._there)):
            if self._layout.counts(kind, condition):
                found |= 1 << number
        return found


class Trials:
    """Suppositions about one rule and one learner."""

    def __init__(self, rule: Compiled, layout: Layout, there: Standing) -> None:
        """Begin with what stands."""
        self.there = there
        self.undecided = False
        self._rule = rule
        self._layout = layout
        self._left = MOST_TRIALS
        self._solver: Solver | None = None

    def met(self, kinds: Sequence[Kind], amounts: Amounts | None = None, absent: Sequence[bool] | None = None) -> bool:
        """Say whether the rule would be met; with `absent` as if that were so of every `none`.

        What cannot be decided within the bound is taken for not met, and remembered.

        Raises:
            OutOfTrialsError: enough was looked at.
        """
        standing = self._supposed(kinds, amounts or {})
        return standing is not None and self._met(standing, absent)

    def absent(self, kinds: Sequence[Kind]) -> list[bool]:
        """Tell for each `none` of the rule whether what it names would be absent."""
        standing = self._supposed(kinds, {})
        return self._absent(standing) if standing is not None else [True] * len(self._rule.absences)

    def alone(self, node: Node, among: int) -> bool:
        """Say whether a node can be met by some of what is there, as if nothing that `none` names were there."""
        if self._solver is None:
            self._solver = self._solving(self.there, [True] * len(self._rule.absences))
        try:
            return self._solver.use(node, among) is not None
        except TooMuchError:
            return True

    def _met(self, standing: Standing, absent: Sequence[bool] | None) -> bool:
        self._left -= 1
        if self._left < 0:
            raise OutOfTrialsError
        try:
            solver = self._solving(standing, self._absent(standing) if absent is None else absent)
            return solver.use(self._rule.root, standing.full) is not None
        except TooMuchError:
            self.undecided = True
            return False

    def _absent(self, standing: Standing) -> list[bool]:
        absent = [True] * len(self._rule.absences)
        for one in self._rule.absences:
            solver = self._solving(standing, absent)
            absent[one.absence] = all(solver.use(member, standing.full) is None for member in one.members)
        return absent

    def _solving(self, standing: Standing, absent: Sequence[bool]) -> Solver:
        return Solver(self._rule, standing, Work(), masks=standing.masks, absent=absent)

    # ── New holdings ─────────────────────────────────────────────────────────────────────────────────────────────────
    def _supposed(self, kinds: Sequence[Kind], amounts: Amounts) -> Supposed | None:
        """Make new holdings up; None when they would have to come before each other."""
        turns = self._layout.turns(kinds)
        if turns is None:
            return None
        settings = self._settings(kinds)
        brought = self._brought(kinds, amounts)
        order = sorted(range(len(kinds)), key=lambda one: turns[one])
        new = [
            (kinds[one], self._holding(kinds[one], one, turns[one], {**settings[one], **brought[one]})) for one in order
        ]
        return Supposed(self._rule, self.there, new, self._layout)

    def _holding(self, kind: Kind, number: int, turn: int, more: Mapping[str, object]) -> Holding:
        fresh = {_MEMBER[variety]: f"\0{number}" for variety in self._layout.varieties(kind) if variety in _MEMBER}
        return Holding.model_construct(
            id=f"\0{number}", achievement="\0", awarded_at=self.there.at + turn * _TICK, **fresh, **more
        )

    def _brought(self, kinds: Sequence[Kind], amounts: Amounts) -> list[dict[str, object]]:
        """Say what each brings: the first that serves a sum the whole amount, as much as it asks unless told less."""
        brought: list[dict[str, object]] = [{} for _ in kinds]
        for leaf in bits(self._layout.sums):
            node = self._layout.leaves[leaf]
            member = "hours" if node.amount is Amount.HOURS else "credits"
            first = True
            for number, kind in enumerate(kinds):
                if kind.leaves & node.leaves:
                    amount = from_units(amounts.get(leaf, node.minimum)) if first else Decimal(0)
                    brought[number][member] = max(amount, brought[number].get(member, Decimal(0)))
                    first = False
        return brought

    def _settings(self, kinds: Sequence[Kind]) -> list[dict[str, object]]:
        """Choose kinds of experience and of assessor: different where that counts, else as little so as can be."""
        found: list[dict[str, object]] = [{} for _ in kinds]
        for variety, every, member in (
            (Variety.EXPERIENCE_KINDS, ExperienceKind, "experience_kind"),
            (Variety.ASSESSOR_KINDS, AssessorKind, "assessor_kind"),
        ):
            if variety in self._layout.varied:
                for number, value in enumerate(self._values(kinds, variety, list(every), member)):
                    if value is not None:
                        found[number][member] = value
        return found

    def _values(self, kinds: Sequence[Kind], variety: Variety, every: Sequence[_Any], member: str) -> list[_Any | None]:
        allowed: list[frozenset[_Any] | None] = []
        for kind in kinds:
            asked = self._layout.asked(kind)
            allowed.append(getattr(asked, f"{member}s"))
        held = [self._held_values(kind, variety, member) for kind in kinds]
        varied = [number for number, kind in enumerate(kinds) if variety in self._layout.varieties(kind)]
        chosen = paired(
            varied, list(every), lambda one, value: value in (allowed[one] or every) and value not in held[one]
        )
        found: list[_Any | None] = []
        for number, may_be in enumerate(allowed):
            if number in chosen:
                found.append(chosen[number])
            elif may_be is None:
                found.append(None)
            else:
                found.append(
                    max(
                        (value for value in every if value in may_be),
                        key=lambda value: (value in held[number], sum(value in (one or ()) for one in allowed)),
                    )
                )
        return found

    def _held_values(self, kind: Kind, variety: Variety, member: str) -> frozenset[object]:
        """Give the values that what is there has below the conditions above a kind."""
        under = 0
        for condition in self._layout.conditions_of(self._layout.above(kind.leaves)):
            if condition.variety is variety:
                under |= condition.leaves
        among = 0
        for leaf in bits(under):
            among |= self.there.masks[leaf]
        return frozenset(getattr(self.there.holdings[number], member) for number in bits(among))
