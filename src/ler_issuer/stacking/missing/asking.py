"""Asking: what a new holding has to be like so that several parts of a rule mean it, and others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, TypeAlias, TypeVar

from ler_issuer.assessments import AssessorKind, ExperienceKind
from ler_issuer.stacking.rules import Selection
from ler_issuer.stacking.selecting import Selector

_Any = TypeVar("_Any")

Scales: TypeAlias = Sequence[tuple[str, ...]]
"""Scales that are known, each from its lowest level to its highest."""

ANY_ASSESSOR: Final = frozenset(AssessorKind)
ANY_EXPERIENCE: Final = frozenset(ExperienceKind)


class Way(Enum):
    """By what a holding is not the one that is refused."""

    ACHIEVEMENT = "achievement"
    EXPERIENCE = "experience kind"
    ASSESSOR = "assessor kind"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a new holding has to be like; None where anything will do, also what nobody knows.

    `but` are achievements that will not do where any other does.
    """

    achievements: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()
    issuers: tuple[str, ...] | None = None
    level: str | None = None
    experience_kinds: frozenset[ExperienceKind] | None = None
    assessor_kinds: frozenset[AssessorKind] | None = None

    @classmethod
    def by(cls, rule: Selection, selector: Selector) -> Asked:
        """Give what a selection asks: its achievements as they are written, then those that count as the same."""
        names = (*rule.achievements, *sorted(selector.achievements or ()))
        return cls(
            achievements=tuple(dict.fromkeys(names)) or None,
            issuers=rule.issuers or None,
            level=rule.level,
            experience_kinds=selector.experience_kinds,
            assessor_kinds=selector.assessor_kinds,
        )

    def overlaps(self, other: Asked) -> bool:
        """Say whether something could be like both, levels aside."""
        return self.and_also(replace(other, level=self.level), ()) is not None

    def and_also(self, other: Asked, scales: Scales, *, raising: bool = False) -> Asked | None:
        """Ask for both at once; None when nothing can be like that, or when nobody told which level is higher.

        With `raising` the other level is taken for the higher one then.
        """
        level = self.level if other.level is None else other.level
        if self.level is not None and other.level is not None:
            level = higher(self.level, other.level, scales) or (other.level if raising else None)
            if level is None:
                return None
        but = tuple(dict.fromkeys((*self.but, *other.but)))
        achievements = _common(self.achievements, other.achievements)
        if achievements is not None:
            achievements, but = tuple(name for name in achievements if name not in but), ()
        return Asked(
            achievements,
            but,
            _common(self.issuers, other.issuers),
            level,
            _shared(self.experience_kinds, other.experience_kinds),
            _shared(self.assessor_kinds, other.assessor_kinds),
        ).unless_empty()

    def shunning(self, other: Asked, way: Way) -> Asked | None:
        """Ask for something that the other does not mean, by another achievement or kind; None when there is none."""
        achievements, but, experiences, assessors = (
            self.achievements,
            self.but,
            self.experience_kinds,
            self.assessor_kinds,
        )
        match way:
            case Way.ACHIEVEMENT if other.achievements is not None and achievements is None:
                but = tuple(dict.fromkeys((*but, *other.achievements)))
            case Way.ACHIEVEMENT if other.achievements is not None and achievements is not None:
                achievements = tuple(name for name in achievements if name not in other.achievements)
            case Way.EXPERIENCE if other.experience_kinds is not None:
                experiences = (experiences or ANY_EXPERIENCE) - other.experience_kinds
            case Way.ASSESSOR if other.assessor_kinds is not None:
                assessors = (assessors or ANY_ASSESSOR) - other.assessor_kinds
            case _:
                return None
        return Asked(achievements, but, self.issuers, self.level, experiences, assessors).unless_empty()

    def unless_empty(self) -> Asked | None:
        """Give this, or None when nothing can be like it."""
        narrowed = (self.achievements, self.issuers, self.experience_kinds, self.assessor_kinds)
        return None if any(part is not None and not part for part in narrowed) else self

    def is_no_more_than(self, other: Asked, scales: Scales) -> bool:
        """Say whether whatever is like the other is like this."""
        return (
            _includes(self.achievements, other.achievements)
            and set(self.but) <= set(other.but)
            and _includes(self.issuers, other.issuers)
            and _includes(self.experience_kinds, other.experience_kinds)
            and _includes(self.assessor_kinds, other.assessor_kinds)
            and (
                self.level is None
                or (other.level is not None and higher(self.level, other.level, scales) == other.level)
            )
        )


def higher(one: str, other: str, scales: Scales) -> str | None:
    """Give the higher of two levels, None when nobody told which that is."""
    if one == other:
        return one
    scale = next((known for known in scales if one in known and other in known), None)
    return None if scale is None else max(one, other, key=scale.index)


def _common(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    return tuple(name for name in one if name in other)


def _shared(one: frozenset[_Any] | None, other: frozenset[_Any] | None) -> frozenset[_Any] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _includes(wide: Sequence[str] | frozenset[_Any] | None, narrow: Sequence[str] | frozenset[_Any] | None) -> bool:
    return wide is None or (narrow is not None and set(narrow) <= set(wide))
