"""Ruling: the published stacking rules as they apply to one person, evaluated with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING

from ler_issuer.services import standpoints
from ler_issuer.stacking import StackDefinition, StackingRule, Trace, evaluate
from ler_issuer.stacking.foreseeing import Judgement, Stack, judge
from ler_issuer.store import achievements, holdings, stacking
from ler_issuer.store.awards import STACK_BASIS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from ler_issuer.stacking import Holding
    from ler_issuer.store.achievements import Achievement
    from ler_issuer.store.awards import Award
    from ler_issuer.store.db import Db
    from ler_issuer.store.stacking import Rule, Version
    from ler_issuer.types import JsonObject


@dataclass(frozen=True)
class Outcome:
    """What a rule comes to for somebody: under which of its versions, whether it is met (None: undecided), and why."""

    version: Version
    judged: Judgement
    holdings: Sequence[Holding]
    at: datetime

    @property
    def met(self) -> bool | None:
        """Say whether the rule is met."""
        return self.judged.met

    @cached_property
    def trace(self) -> Trace:
        """Give the reasons; worked out when somebody asks, since most looks at a rule change nothing."""
        return evaluate(self.judged.version.text, self.holdings, self.at)


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A definition under its digest, which alone tells it from others."""

    digest: str
    definition: JsonObject = field(compare=False)


def text_of(version: Version) -> StackingRule:
    """Give what a published version evaluates."""
    return standpoints.evaluated(version.text, version.text_digest)


def definition_of(version: Version) -> StackDefinition:
    """Give what the administrator wrote."""
    return _definition(_Frozen(version.digest, version.definition))


@lru_cache(maxsize=1024)
def _definition(frozen: _Frozen) -> StackDefinition:
    return StackDefinition.model_validate(frozen.definition)


def may_add_up(db: Db, achievement_id: str) -> bool:
    """Say whether the issuer of an achievement ever published a rule: without one, nothing adds up."""
    issuer_id = _achievement(db, achievement_id).issuer_id
    return db.once(("ever published", issuer_id), lambda: stacking.ever_published(db, issuer_id))


def live(db: Db, issuer_id: str) -> list[Rule]:
    """Give the issuer's rules that have a published version, by key."""
    return db.once(("live rules", issuer_id), lambda: stacking.published(db, issuer_id))


def _achievement(db: Db, achievement_id: str) -> Achievement:
    return db.once(("achievement", achievement_id), partial(achievements.get, db, achievement_id))


def mentioning(db: Db, person: Sequence[str], achievement_ids: Collection[str]) -> list[Rule]:
    """Give the published rules that read any of these achievements, or what a person was recognised for instead."""
    changed = [_achievement(db, one) for one in sorted(achievement_ids)]
    rules = live(db, changed[0].issuer_id) if changed else []
    if not rules:
        return []
    names = {one.uri for one in changed} | holdings.originals(db, person, achievement_ids)
    return [rule for rule in rules if _stack(db, rule).reads(names)]


def made_by(db: Db, award: Award) -> Rule:
    """Give the rule that made a stacked award."""
    found = stacking.by_key(db, award.issuer_id, award.basis.removeprefix(STACK_BASIS))
    assert found is not None  # noqa: S101 - rules are never removed
    return found


def outcome(db: Db, rule: Rule, person: Sequence[str], holdings: Sequence[Holding], at: datetime) -> Outcome | None:
    """Evaluate a rule for a person under the version that applies to them; None when no version is published."""
    stack = _stack(db, rule)
    judged = judge(stack, standpoints.person(db, person, holdings, [stack], at), at)
    return None if judged is None else Outcome(_version(db, judged.version.id), judged, holdings, at)


def remember(db: Db, rule: Rule, person: Sequence[str], found: Outcome) -> None:
    """Pin a person who has started on a rule to the version that applies to them."""
    standpoints.remember(db, person[0], _stack(db, rule), found.judged, found.at)


def _version(db: Db, version_id: str) -> Version:
    return db.once(("rule version", version_id), lambda: stacking.version(db, version_id))


def _stack(db: Db, rule: Rule) -> Stack:
    return db.once(("stack", rule.id), lambda: standpoints.of_rules(db, [rule.id])[0])
