"""First, simple version: exact by enumerating uses; to be replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ler_issuer.stacking.holdings import Holding
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
    Variety,
    WithinRule,
    children,
)
from ler_issuer.types import JsonObject, Pointer

WORK_BOUND = 200_000
MOST_HOLDINGS = 250


@dataclass(frozen=True, slots=True)
class Trace:
    pointer: Pointer
    type: str
    label: str | None
    met: bool | None
    used: tuple[str, ...]
    missing: tuple[str, ...]
    sentence: str
    nodes: tuple[Trace, ...]
    at: datetime | None = None
    earned_at: datetime | None = None

    @property
    def outcome(self) -> str:
        return "undecided" if self.met is None else "met" if self.met else "not_met"

    def to_json(self) -> JsonObject:
        said: JsonObject = {"pointer": self.pointer, "type": self.type}
        if self.label is not None:
            said["label"] = self.label
        said |= {
            "met": self.met,
            "used": list(self.used),
            "missing": list(self.missing),
            "sentence": self.sentence,
            "nodes": [one.to_json() for one in self.nodes],
        }
        if self.at is not None:
            said |= {"outcome": self.outcome, "at": self.at.isoformat()}
        return said


class Requirement(NamedTuple):
    pointer: Pointer
    name: str
    sentence: str
    used: tuple[str, ...]


class Worst(NamedTuple):
    work: int
    pointer: Pointer


class _TooMuchError(Exception):
    pass


_WHAT: dict[Variety, Callable[[Holding], object]] = {
    Variety.EXPERIENCES: lambda one: one.experience,
    Variety.EXPERIENCE_KINDS: lambda one: one.experience_kind,
    Variety.COURSES: lambda one: one.course,
    Variety.ASSESSORS: lambda one: one.assessor,
    Variety.ASSESSOR_KINDS: lambda one: one.assessor_kind,
    Variety.PARTNERS: lambda one: one.partner,
    Variety.SESSIONS: lambda one: one.session,
}


class _Simple:
    def __init__(self, rule: StackingRule, holdings: Sequence[Holding], at: datetime) -> None:
        self.rule, self.at, self.left = rule, at, WORK_BOUND
        one_each: dict[str, Holding] = {}
        for one in holdings:
            one_each.setdefault(one.id, one)
        self.holdings = sorted(
            (one for one in one_each.values() if one.stands(at)), key=lambda one: (one.awarded_at, one.id)
        )
        self.names: dict[str, set[str]] = {}
        for group in rule.equivalences:
            merged = set(group).union(*(self.names.get(name, ()) for name in group))
            for name in merged:
                self.names[name] = merged

    def closed(self, names: Sequence[str]) -> set[str]:
        return set(names).union(*(self.names.get(name, ()) for name in names))

    def matches(self, node: Selection, one: Holding) -> bool:
        names = self.closed(node.achievements)
        accepts = getattr(node, "accepts", ())
        own = (not names or one.achievement in names) and (not node.issuers or one.issuer in node.issuers)
        if one.recognised is not None:
            origin = one.recognised
            own = (origin.kind in accepts and (not names or one.achievement in names)) or (
                bool(names)
                and origin.achievement in names
                and (not node.issuers or origin.issuer in node.issuers)
            )
        if not own:
            return False
        if node.level is not None:
            scale = one.scale or self.rule.levels
            if one.level not in scale or node.level not in scale or scale.index(one.level) < scale.index(node.level):
                return False
        if node.experience_kinds and one.experience_kind not in node.experience_kinds:
            return False
        if node.except_experience_kinds and (
            one.experience_kind is None or one.experience_kind in node.except_experience_kinds
        ):
            return False
        return not node.assessor_kinds or one.assessor_kind in node.assessor_kinds

    def uses(self, node: Rule, among: frozenset[int]) -> Iterator[frozenset[int]]:
        self.left -= 1
        if self.left < 0:
            raise _TooMuchError
        match node:
            case HoldingRule() | SumRule():
                mine = [i for i in sorted(among) if self.matches(node, self.holdings[i])]
                for bits in range(1 << len(mine)):
                    self.left -= 1
                    if self.left < 0:
                        raise _TooMuchError
                    chosen = frozenset(i for n, i in enumerate(mine) if bits >> n & 1)
                    if isinstance(node, HoldingRule) and len(chosen) < node.times:
                        continue
                    if isinstance(node, SumRule) and self.amount(node, chosen) < node.minimum:
                        continue
                    yield chosen
            case AllRule() | AnyRule() | AtLeastRule():
                count = {"all": len(node.rules), "any": 1}.get(node.type) or getattr(node, "count", 1)
                yield from self.jointly(node.rules, count, among, reuse=node.reuse)
            case NoneRule():
                everything = frozenset(range(len(self.holdings)))
                if not any(next(self.uses(one, everything), None) is not None for one in node.rules):
                    yield frozenset()
            case DistinctRule():
                for use in self.uses(node.rule, among):
                    values = {_WHAT[node.what](self.holdings[i]) for i in use} - {None}
                    if len(values) >= node.minimum:
                        yield use
            case IncludesRule():
                for use in self.uses(node.rule, among):
                    if sum(self.matches(node, self.holdings[i]) for i in use) >= node.minimum:
                        yield use
            case WithinRule():
                days = (node.years or 0) * 365 + (node.years or 0) // 4 + (node.months or 0) * 30 + (node.days or 0)
                for use in self.uses(node.rule, among):
                    times = [self.holdings[i].awarded_at for i in use]
                    first = min(times, default=self.at)
                    last = max(times, default=self.at) if node.of == "parts" else self.at
                    if last - first <= timedelta(days=days):
                        yield use
            case PrecedesRule():
                for one in self.uses(node.first, among):
                    for two in self.uses(node.then, among):
                        if all(self.holdings[i].awarded_at < self.holdings[j].awarded_at for i in one for j in two):
                            yield one | two

    def jointly(
        self, rules: Sequence[Rule], count: int, among: frozenset[int], *, reuse: bool
    ) -> Iterator[frozenset[int]]:
        if count <= 0 and not rules:
            yield frozenset()
        if count > len(rules) or not rules:
            return
        for use in self.uses(rules[0], among):
            for rest in self.jointly(rules[1:], count - 1, among if reuse else among - use, reuse=reuse):
                yield use | rest
        yield from self.jointly(rules[1:], count, among, reuse=reuse)

    def amount(self, node: SumRule, chosen: frozenset[int]) -> Decimal:
        largest: dict[object, Decimal] = {}
        for i in chosen:
            one = self.holdings[i]
            amount, group = (one.hours, one.experience) if node.of == "hours" else (one.credits, one.section)
            key = group or i
            largest[key] = max(largest.get(key, Decimal(0)), amount or Decimal(0))
        return sum(largest.values(), Decimal(0))

    def first_use(self, node: Rule) -> tuple[bool | None, frozenset[int]]:
        self.left = WORK_BOUND
        everything = frozenset(range(len(self.holdings)))
        try:
            best = min(self.uses(node, everything), key=lambda use: (len(use), sorted(use)), default=None)
        except _TooMuchError:
            return None, frozenset()
        return best is not None, best or frozenset()

    def trace(self, node: Rule, pointer: Pointer) -> Trace:
        met, use = self.first_use(node)
        used = tuple(self.holdings[i].id for i in sorted(use))
        root = pointer == "/rule"
        return Trace(
            pointer=pointer,
            type=node.type,
            label=node.label,
            met=met,
            used=used,
            missing=() if met else (node.label or node.type,),
            sentence=f"{node.label or node.type}: {'met' if met else 'not met'}",
            nodes=tuple(self.trace(below, pointer + place) for place, below in children(node)),
            at=self.at if root else None,
            earned_at=max((self.holdings[i].awarded_at for i in use), default=None) if root else None,
        )


def evaluate(rule: StackingRule, holdings: Sequence[Holding], at: datetime) -> Trace:
    """Evaluate a rule over a learner's holdings at a time, and say why."""
    return _Simple(rule, holdings, at).trace(rule.rule, "/rule")


def is_met(rule: StackingRule, holdings: Sequence[Holding], at: datetime) -> bool | None:
    """Say whether a rule is met, and nothing else."""
    return _Simple(rule, holdings, at).first_use(rule.rule)[0]


def requirements(trace: Trace) -> tuple[Requirement, ...]:
    """Give the leaves that are met and used something."""
    found = [one for node in trace.nodes for one in requirements(node)]
    if not trace.nodes and trace.met and trace.used:
        found.append(Requirement(trace.pointer, trace.label or trace.type, trace.sentence, trace.used))
    return tuple(found)


def worst_case(rule: StackingRule) -> Worst:
    """Bound the work."""
    return Worst(1, "/rule" if rule.rule else "")


def check_publishable(rule: StackingRule) -> tuple[()]:
    """Say why a rule cannot be published."""
    assert rule
    return ()
