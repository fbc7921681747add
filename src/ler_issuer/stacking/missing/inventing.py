"""Inventing: new holdings made up for what they are to do, and for nothing else.

What a new holding is to differ in has a value of its own, and what does not matter is not known. Kinds of experience
and of assessor cannot be made up: where they are to differ, each gets one that is not there yet, as far as there are
any; where one of several will do, the least helpful one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

from ler_issuer.assessments import AssessorKind, ExperienceKind
from ler_issuer.stacking.compiling import bits, from_units
from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.missing.layout import Kind, Layout
from ler_issuer.stacking.missing.pairing import paired
from ler_issuer.stacking.rules import Amount, Variety
from ler_issuer.stacking.standing import Standing

Amounts: TypeAlias = Mapping[int, int]
"""What new holdings bring to leaves that add up, in units, by leaf."""

_TICK: Final = timedelta(microseconds=1)
_LATEST: Final = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
_NOBODYS: Final = "\0"  # begins ids that no holding from outside can have
_BLANK: Final = Holding(id="new", achievement="new", awarded_at=datetime(2000, 1, 1, tzinfo=UTC))

_OWN: Final[Mapping[Variety, str]] = {
    Variety.EXPERIENCES: "experience",
    Variety.COURSES: "course",
    Variety.ASSESSORS: "assessor",
    Variety.PARTNERS: "partner",
    Variety.SESSIONS: "session",
}


class Inventing:
    """Invents holdings for one rule and one learner."""

    def __init__(self, layout: Layout, there: Standing) -> None:
        """Know what is there, so as to differ from it."""
        self._layout = layout
        self._there = there
        self._start = min(there.at, _LATEST)

    def invent(self, kinds: Sequence[Kind], amounts: Amounts) -> list[tuple[Kind, Holding]] | None:
        """Make up a holding of each kind, in order of time; None when they would have to come before each other.

        Of those that serve a sum the first brings the whole amount: what `amounts` says, else all that the sum asks.
        """
        turns = self._layout.turns(kinds)
        if turns is None:
            return None
        said = [self._itself(number, kind, turns[number]) for number, kind in enumerate(kinds)]
        self._bring(said, kinds, amounts)
        if Variety.EXPERIENCE_KINDS in self._layout.varied:
            self._set(said, kinds, "experience_kind", Variety.EXPERIENCE_KINDS, list(ExperienceKind))
        if Variety.ASSESSOR_KINDS in self._layout.varied:
            self._set(said, kinds, "assessor_kind", Variety.ASSESSOR_KINDS, list(AssessorKind))
        order = sorted(range(len(kinds)), key=lambda number: turns[number])
        return [(kinds[number], _BLANK.model_copy(update=said[number])) for number in order]

    def _itself(self, number: int, kind: Kind, turn: int) -> dict[str, Any]:
        """Say when it is earned, and what it has of its own."""
        own = f"{_NOBODYS}{number}"
        values = {_OWN[variety]: own for variety in self._layout.varieties(kind) if variety in _OWN}
        return {"id": own, "achievement": _NOBODYS, "awarded_at": self._start + (turn + 1) * _TICK, **values}

    def _bring(self, said: Sequence[dict[str, Any]], kinds: Sequence[Kind], amounts: Amounts) -> None:
        """Say which hours and credits each brings."""
        for leaf in bits(self._layout.sums):
            node = self._layout.leaves[leaf]
            member = "hours" if node.amount is Amount.HOURS else "credits"
            left = from_units(amounts.get(leaf, node.minimum))
            for one, kind in zip(said, kinds, strict=True):
                if kind.leaves & node.leaves:
                    one[member] = max(left, one.get(member, left))
                    left = Decimal(0)

    def _set(
        self, said: Sequence[dict[str, Any]], kinds: Sequence[Kind], member: str, variety: Variety, every: Sequence[str]
    ) -> None:
        """Choose kinds of experience, or of assessor: as different as can be, or as little so as can be."""
        may_be = [self._allowed(kind, variety) for kind in kinds]
        held = [self._held(kind, variety, member) for kind in kinds]
        differing = [number for number, kind in enumerate(kinds) if variety in self._layout.varieties(kind)]
        chosen = paired(differing, every, lambda one, value: value in (may_be[one] or every) and value not in held[one])
        for number, allowed in enumerate(may_be):
            if number in chosen:
                said[number][member] = chosen[number]
            elif allowed is not None:
                alike = {value: sum(value in (other or ()) for other in may_be) for value in allowed}
                said[number][member] = max(
                    (value for value in every if value in allowed),
                    key=lambda value: (value in held[number], alike[value]),
                )

    def _allowed(self, kind: Kind, variety: Variety) -> frozenset[str] | None:
        asked = self._layout.asked(kind)
        if asked is None:
            return None
        return asked.experience_kinds if variety is Variety.EXPERIENCE_KINDS else asked.assessor_kinds

    def _held(self, kind: Kind, variety: Variety, member: str) -> frozenset[str | None]:
        """Give the values that there are below the conditions above a kind that ask for different ones."""
        among = 0
        for condition in self._layout.conditions_of(self._layout.above(kind.leaves)):
            if condition.variety is variety:
                for leaf in bits(condition.leaves):
                    among |= self._there.masks[leaf]
        return frozenset(getattr(self._there.holdings[number], member) for number in bits(among))
