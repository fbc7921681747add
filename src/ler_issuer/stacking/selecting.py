"""Selecting: which holdings a part of a rule means, and which two parts can mean the same one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from ler_issuer.assessments import AssessorKind, ExperienceKind
from ler_issuer.stacking.holdings import Holding, RecognitionKind
from ler_issuer.stacking.rules import HoldingRule, Selection, SumRule

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Selector:
    """A selection made ready: whatever is None is not asked for.

    `achievements` holds their equivalents too. `accepts` are the grounds on which a recognised holding counts; None
    leaves that to others, which is for conditions on holdings that a rule has already accepted.
    """

    achievements: frozenset[str] | None
    issuers: frozenset[str] | None
    level: str | None
    levels: tuple[str, ...]
    experience_kinds: frozenset[ExperienceKind] | None
    assessor_kinds: frozenset[AssessorKind] | None
    accepts: frozenset[RecognitionKind] | None

    @classmethod
    def of(cls, rule: Selection, levels: tuple[str, ...], same: Mapping[str, frozenset[str]]) -> Selector:
        """Make a selection ready; `levels` order those of holdings without a scale, `same` are the equivalences."""
        named = frozenset[str]().union(*(same.get(name, (name,)) for name in rule.achievements))
        return cls(
            achievements=named or None,
            issuers=frozenset(rule.issuers) or None,
            level=rule.level,
            levels=levels,
            experience_kinds=_kinds(rule.experience_kinds, rule.except_experience_kinds, ExperienceKind),
            assessor_kinds=_kinds(rule.assessor_kinds, (), AssessorKind),
            accepts=frozenset(rule.accepts) if isinstance(rule, HoldingRule | SumRule) else None,
        )

    def selects(self, one: Holding) -> bool:
        """Say whether a holding is meant."""
        return (
            (self.experience_kinds is None or one.experience_kind in self.experience_kinds)
            and (self.assessor_kinds is None or one.assessor_kind in self.assessor_kinds)
            and (self.level is None or self._is_reached(one))
            and self._is_of_what_is_named(one)
        )

    def overlaps(self, other: Selector) -> bool:
        """Say whether some holding could be meant by both; never says no when there is one."""
        if _apart(self.experience_kinds, other.experience_kinds) or _apart(self.assessor_kinds, other.assessor_kinds):
            return False
        if self.accepts or other.accepts:  # one may mean what was recognised, the other its original
            return True
        return not _apart(self.achievements, other.achievements) and not _apart(self.issuers, other.issuers)

    def _is_of_what_is_named(self, one: Holding) -> bool:
        """Ask for achievement and issuer: of what was recognised elsewhere, those of the original or by acceptance."""
        recognised = one.recognised
        if recognised is None:
            return (self.achievements is None or one.achievement in self.achievements) and (
                self.issuers is None or one.issuer in self.issuers
            )
        if self.accepts is None:
            return self._names(one.achievement, one.issuer) or self._names(recognised.achievement, recognised.issuer)
        if recognised.kind in self.accepts and self._names_achievement(one.achievement):
            return True
        return self.achievements is not None and self._names(recognised.achievement, recognised.issuer)

    def _names(self, achievement: str | None, issuer: str | None) -> bool:
        return self._names_achievement(achievement) and (self.issuers is None or issuer in self.issuers)

    def _names_achievement(self, achievement: str | None) -> bool:
        return self.achievements is None or achievement in self.achievements

    def _is_reached(self, one: Holding) -> bool:
        """Hold the level against the holding's own scale; with no scale at all, only the very same level will do."""
        return one.level is not None and one.level in _levels_from(self.level, one.scale or self.levels)


@lru_cache(maxsize=1_024)
def _levels_from(level: str | None, scale: tuple[str, ...]) -> frozenset[str | None]:
    """Give the levels that are a level or above it; none on a scale that does not know it."""
    if not scale:
        return frozenset({level})
    return frozenset(scale[scale.index(level) :] if level in scale else ())


def _kinds(asked: Iterable[_Kind], but: Iterable[_Kind], every: Iterable[_Kind]) -> frozenset[_Kind] | None:
    """Give the kinds that will do; None when the kind does not matter, not even whether it is known."""
    asked, but = frozenset(asked), frozenset(but)
    return (asked or frozenset(every)) - but if asked or but else None


def _apart(some: frozenset[_Kind] | None, others: frozenset[_Kind] | None) -> bool:
    return some is not None and others is not None and some.isdisjoint(others)
