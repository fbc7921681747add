"""Foreseeing: what follows for one person when a stacking rule is looked at again.

A preview asks this of everybody without writing anything, and what is done once a version is published asks the same
of one person after the other; so the one shows what the other then does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from ler_issuer.stacking.evaluating import evaluate, is_met
from ler_issuer.stacking.rules import Policy
from ler_issuer.stacking.versions import Applicable, Pin, RuleVersion, Started, applicable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ler_issuer.stacking.holdings import Holding


class Had(StrEnum):
    """What a person has of a stacked credential already."""

    NOTHING = "nothing"
    OUT = "out"
    WAITING = "waiting"
    QUESTIONED = "questioned"
    TAKEN_BACK = "taken_back"


class Follow(StrEnum):
    """What follows from a look at a rule."""

    NOTHING = "nothing"
    GAIN = "gain"
    LOSE = "lose"


@dataclass(frozen=True)
class Stack:
    """A stacking rule with its published versions, and the achievement that it earns."""

    rule_id: str
    achievement: str
    versions: tuple[RuleVersion, ...]

    @cached_property
    def mentions(self) -> frozenset[str]:
        """Give the achievements that any version reads."""
        return frozenset[str]().union(*(one.text.mentions() for one in self.versions))

    @cached_property
    def reads_all(self) -> bool:
        """Say whether a version reads holdings of whatever achievement."""
        return any(one.text.reads_all() for one in self.versions)

    def reads(self, achievements: Collection[str]) -> bool:
        """Say whether a holding that goes by any of these achievements may matter to the rule."""
        return self.reads_all or not self.mentions.isdisjoint(achievements)


@dataclass(frozen=True, slots=True)
class Person:
    """What is known about a person when rules are looked at.

    `holdings` are what they hold now; `first_held` has, by achievement, when they first earned it, whatever became of
    it since. By rule are `pins`, what they `had` of it, and the `policies` under which they were awarded that.
    """

    holdings: tuple[Holding, ...]
    first_held: Mapping[str, datetime] = field(default_factory=dict)
    catalog_year: int | None = None
    pins: Mapping[str, Pin] = field(default_factory=dict)
    had: Mapping[str, Had] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)

    def started(self, stack: Stack) -> Started:
        """Tell when the person started on a rule."""
        times = [at for achievement, at in self.first_held.items() if stack.reads((achievement,))]
        times += [one.awarded_at for one in self.holdings if stack.reads(_names(one))]
        return Started(self.catalog_year, min(times, default=None), self.pins.get(stack.rule_id))


@dataclass(frozen=True, slots=True)
class Judgement:
    """A look at one rule: what applies, the version that decided it, and whether it is met (None: undecided)."""

    applies: Applicable
    version: RuleVersion
    met: bool | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that follows for a person: a stacked credential gained, or one that is no longer earned.

    `latest` is the holding that completed it (of one that is lost: the latest that its rule reads); `policy` says what
    happens to it when it is lost: that under which it was awarded.
    """

    rule_id: str
    achievement: str
    follow: Follow
    version: int
    policy: Policy
    latest: str | None


Issued: TypeAlias = Callable[[Stack, datetime], "Holding | None"]
"""Gives the holding that a stacked credential would be, by when it was earned; None when it would not be issued yet."""


def judge(stack: Stack, person: Person, at: datetime) -> Judgement | None:
    """Look at one rule for one person, under whichever version applies; None when no version is published."""
    applies = applicable(stack.versions, person.started(stack), at)
    if applies is None:
        return None
    relevant = [one for one in person.holdings if stack.reads(_names(one))]
    outcomes = [is_met(one.text, relevant, at) for one in applies.versions]
    if True in outcomes:
        return Judgement(applies, applies.versions[outcomes.index(True)], met=True)
    return Judgement(applies, applies.own, met=None if None in outcomes else False)


def follows(had: Had, *, met: bool | None, question: bool) -> Follow:
    """Say what follows from a look; what is out is only questioned when there is a reason to."""
    if met is True and had is Had.NOTHING:
        return Follow.GAIN
    if met is False and had is Had.OUT and question:
        return Follow.LOSE
    return Follow.NOTHING


def foresee(
    stacks: Sequence[Stack], person: Person, at: datetime, *, rule_ids: Collection[str], anew: bool, issued: Issued
) -> tuple[Outcome, ...]:
    """Tell what would follow for a person if some rules were looked at again, and after them what builds on them.

    `stacks` come `in_order`. With `anew` the credentials of these rules that are out are questioned, too.
    """
    scene = _Scene(stacks, person, at, issued, looked_at=set(rule_ids), questioned=set(rule_ids) if anew else set())
    return tuple(outcome for stack in stacks if (outcome := scene.look(stack)) is not None)


@dataclass
class _Scene:
    """A person while one thing follows from another."""

    stacks: Sequence[Stack]
    person: Person
    at: datetime
    issued: Issued
    looked_at: set[str]
    questioned: set[str]
    completed_by: dict[str, str | None] = field(default_factory=dict)

    def look(self, stack: Stack) -> Outcome | None:
        """Look at one rule when there is a reason to, and let what follows change the person."""
        judged = judge(stack, self.person, self.at) if stack.rule_id in self.looked_at else None
        if judged is None:
            return None
        had = self.person.had.get(stack.rule_id, Had.NOTHING)
        follow = follows(had, met=judged.met, question=stack.rule_id in self.questioned)
        if follow is Follow.NOTHING:
            return None
        version, policy = judged.version, judged.version.policy
        if follow is Follow.GAIN:
            latest = self._gain(stack, version)
        else:
            policy = self.person.policies.get(stack.rule_id, policy)
            latest = self._lose(stack, policy)
        return Outcome(stack.rule_id, stack.achievement, follow, version.number, policy, latest)

    def _gain(self, stack: Stack, version: RuleVersion) -> str | None:
        trace = evaluate(version.text, self.person.holdings, self.at)
        latest = self._last_of(one for one in self.person.holdings if one.id in trace.used)
        building_on = self._building_on(stack)
        new = self.issued(stack, trace.earned_at or self.at) if building_on else None
        if new is not None:
            self.completed_by[new.id] = latest
            self.person = replace(self.person, holdings=(*self.person.holdings, new))
            self.looked_at |= building_on
        return latest

    def _lose(self, stack: Stack, policy: Policy) -> str | None:
        """Take a stacked credential out of the count, if that is its policy; recognised from elsewhere it stays."""
        holdings = self.person.holdings
        if policy in {Policy.REVOKE, Policy.SUSPEND}:
            left = tuple(one for one in holdings if one.achievement != stack.achievement or one.recognised is not None)
            self.person = replace(self.person, holdings=left)
            self.looked_at |= self._building_on(stack)
            self.questioned |= self._building_on(stack)
        return self._last_of(one for one in holdings if stack.reads(_names(one)))

    def _building_on(self, stack: Stack) -> set[str]:
        return {one.rule_id for one in self.stacks if one is not stack and one.reads((stack.achievement,))}

    def _last_of(self, holdings: Iterable[Holding]) -> str | None:
        """Give the latest of some holdings; of a stacked one that is only foreseen, what completed that."""
        last = max(holdings, key=lambda one: (one.awarded_at, one.id), default=None)
        found = None if last is None else last.id
        while found in self.completed_by:
            found = self.completed_by[found]
        return found


def _names(holding: Holding) -> tuple[str, ...]:
    """Give the achievements that a holding may be found by: its own, and the original of one that was recognised."""
    original = None if holding.recognised is None else holding.recognised.achievement
    return (holding.achievement,) if original is None else (holding.achievement, original)


class Reads(Protocol):
    """What earns an achievement by reading others: a rule as it is published, or one that is about to be."""

    @property
    def rule_id(self) -> str:
        """What tells it from others."""

    @property
    def achievement(self) -> str:
        """What it earns."""

    @property
    def mentions(self) -> frozenset[str]:
        """What it reads."""

    @property
    def reads_all(self) -> bool:
        """Whether it reads everything."""


Rules = TypeVar("Rules", bound=Reads)


def in_order(rules: Iterable[Rules]) -> tuple[Rules, ...]:
    """Put rules after those that they build on, and rules that read everything last."""
    waiting = sorted(rules, key=lambda one: (one.reads_all, one.rule_id))
    ordered: list[Rules] = []
    while waiting:
        earned = {one.achievement for one in waiting}
        ready = [one for one in waiting if earned.isdisjoint(one.mentions - {one.achievement})]
        ordered += ready or waiting[:1]  # publishing refuses circles; one that is there nevertheless must not hang us
        placed = {one.rule_id for one in ordered}
        waiting = [one for one in waiting if one.rule_id not in placed]
    return tuple(sorted(ordered, key=lambda one: one.reads_all))


def circle(builds_on: Mapping[str, Collection[str]], start: str) -> tuple[str, ...] | None:
    """Find the shortest way from an achievement back to itself through what each builds on; None when there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:
        for below in sorted(set(builds_on.get(way[-1], ())) - seen):
            if below == start:
                return (*way, below)
            seen.add(below)
            ways.append((*way, below))
    return None
