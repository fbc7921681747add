"""Stacking rules as data: what it takes, in holdings, to earn a competency credential.

A rule is a tree of nodes, written in JSON or YAML, for example *written communication twice and oral communication
once, in two different experiences, all within four years*::

    {"type": "within", "years": 4, "of": "parts", "rule":
      {"type": "distinct", "what": "experiences", "minimum": 2, "rule":
        {"type": "all", "rules": [
          {"type": "holding", "achievements": ["written-communication"], "times": 2},
          {"type": "holding", "achievements": ["oral-communication"]}]}}}

What a rule means is said in `docs/stacking-rules.md` and decided by `evaluating`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictBool, StrictInt, StringConstraints, model_validator

from ler_issuer.assessments import AssessorKind, ExperienceKind, Key, Moment, Name, Score, Value
from ler_issuer.mistakes import broken
from ler_issuer.stacking.holdings import Holding, RecognitionKind, Reference

MOST_NODES = 64
"""Nodes that one rule may have."""

MOST_LEVELS_DEEP = 12
"""How deep nodes may nest."""

Count = Annotated[StrictInt, Field(ge=1, le=50)]


class Amount(StrEnum):
    """What a sum adds up: hours once per participation, credits once per section."""

    HOURS = "hours"
    CREDITS = "credits"


class Variety(StrEnum):
    """What must differ."""

    EXPERIENCES = "experiences"
    EXPERIENCE_KINDS = "experience_kinds"
    COURSES = "courses"
    ASSESSORS = "assessors"
    ASSESSOR_KINDS = "assessor_kinds"
    PARTNERS = "partners"
    SESSIONS = "sessions"


class Span(StrEnum):
    """What a window is laid over: the parts among themselves, or the time before now."""

    PARTS = "parts"
    NOW = "now"


class Policy(StrEnum):
    """What happens to a stacked credential when a part that it rests on stops counting."""

    KEEP = "keep"
    REVIEW = "review"
    SUSPEND = "suspend"
    REVOKE = "revoke"


class Node(Value):
    """What all nodes share: `label` names the requirement in sentences."""

    label: Name | None = None


class Selection(Node):
    """Which holdings are meant; everything that is said must hold.

    `achievements` any of them, `issuers` any of them, `level` an overall level of at least that (on the scale of the
    holding's own rubric). `except_experience_kinds` leaves kinds out; a holding whose kind is unknown is neither in nor
    out, and does not count where a kind is asked for.
    """

    achievements: Annotated[tuple[Reference, ...], Field(max_length=100)] = ()
    issuers: Annotated[tuple[Reference, ...], Field(max_length=100)] = ()
    level: Key | None = None
    experience_kinds: Annotated[tuple[ExperienceKind, ...], Field(max_length=20)] = ()
    except_experience_kinds: Annotated[tuple[ExperienceKind, ...], Field(max_length=20)] = ()
    assessor_kinds: Annotated[tuple[AssessorKind, ...], Field(max_length=20)] = ()


class HoldingRule(Selection):
    """At least `times` holdings of any of the achievements.

    `accepts` lets holdings count that were recognised on other grounds (transfer, prior learning).
    """

    type: Literal["holding"]
    achievements: Annotated[tuple[Reference, ...], Field(min_length=1, max_length=100)]
    times: Count = 1
    accepts: Annotated[tuple[RecognitionKind, ...], Field(max_length=2)] = ()


class AllRule(Node):
    """Every one of the rules. With `reuse` one holding may count for several of them."""

    type: Literal["all"]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=MOST_NODES)]
    reuse: StrictBool = False


class AnyRule(Node):
    """At least one of the rules. With `reuse` one holding may count for several of them."""

    type: Literal["any"]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=MOST_NODES)]
    reuse: StrictBool = False


class AtLeastRule(Node):
    """At least `count` of the rules. With `reuse` one holding may count for several of them."""

    type: Literal["at_least"]
    count: Count
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=MOST_NODES)]
    reuse: StrictBool = False

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.count > len(self.rules):
            raise broken(f"asks for {self.count} of {len(self.rules)} rules", "/count")
        return self


class NoneRule(Node):
    """None of the rules is met by the holdings that stand; uses no holding."""

    type: Literal["none"]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=MOST_NODES)]


class SumRule(Selection):
    """Hours or credits of the selected holdings add up to `minimum` or more.

    Hours count once for each participation, credits once for each section; a holding that names none counts by itself.
    Of several amounts told for the same one, the largest counts.
    """

    type: Literal["sum"]
    of: Amount
    minimum: Annotated[Score, Field(gt=0, le=100_000)]
    accepts: Annotated[tuple[RecognitionKind, ...], Field(max_length=2)] = ()


class DistinctRule(Node):
    """The holdings that the sub-rule uses have at least `minimum` different experiences, …; unknown counts for none."""

    type: Literal["distinct"]
    what: Variety
    minimum: Annotated[StrictInt, Field(ge=2, le=50)]
    rule: Rule


class IncludesRule(Selection):
    """Among the holdings that the sub-rule uses are at least `minimum` selected ones."""

    type: Literal["includes"]
    minimum: Count = 1
    rule: Rule

    @model_validator(mode="after")
    def _selects(self) -> Self:
        if not self.model_dump(exclude={"type", "minimum", "rule", "label"}, exclude_defaults=True):
            raise broken("says nothing about what is to be included (for example experience_kinds)")
        return self


class WithinRule(Node):
    """The holdings that the sub-rule uses were earned within a time: between the first and the last, or back from now.

    One of `years`, `months`, `days`; calendar years and months, both ends included.
    """

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [unit]} for unit in ("years", "months", "days")]}
    )

    type: Literal["within"]
    of: Span
    years: Annotated[StrictInt, Field(ge=1, le=100)] | None = None
    months: Annotated[StrictInt, Field(ge=1, le=1_200)] | None = None
    days: Annotated[StrictInt, Field(ge=1, le=36_600)] | None = None
    rule: Rule

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if sum(length is not None for length in (self.years, self.months, self.days)) != 1:
            raise broken('give one of "years", "months" and "days"')
        return self


class PrecedesRule(Node):
    """Both rules, and every holding used for `first` was earned before every holding used for `then`."""

    type: Literal["precedes"]
    first: Rule
    then: Rule


Rule = Annotated[
    HoldingRule
    | AllRule
    | AnyRule
    | AtLeastRule
    | NoneRule
    | SumRule
    | DistinctRule
    | IncludesRule
    | WithinRule
    | PrecedesRule,
    Field(discriminator="type"),
]
"""Any node."""


def children(rule: Rule) -> tuple[tuple[str, Rule], ...]:
    """Give the rules directly below a node, each with its place (`/rules/0`, `/rule`, `/first`, `/then`)."""
    match rule:
        case AllRule() | AnyRule() | AtLeastRule() | NoneRule():
            return tuple((f"/rules/{number}", one) for number, one in enumerate(rule.rules))
        case DistinctRule() | IncludesRule() | WithinRule():
            return (("/rule", rule.rule),)
        case PrecedesRule():
            return (("/first", rule.first), ("/then", rule.then))
        case HoldingRule() | SumRule():
            return ()


def walk(rule: Rule, pointer: str = "/rule") -> Iterator[tuple[str, Rule]]:
    """Yield every node with its place in the text of the rule, a node before those below it."""
    yield pointer, rule
    for place, below in children(rule):
        yield from walk(below, pointer + place)


def same_as(equivalences: Iterable[Iterable[str]]) -> dict[str, frozenset[str]]:
    """Map each achievement of some equivalence to all that count as the same one, itself included."""
    classes: dict[str, frozenset[str]] = {}
    for one in equivalences:
        merged = frozenset(one).union(*(classes[name] for name in one if name in classes))
        classes.update(dict.fromkeys(merged, merged))
    return classes


class StackingRule(Value):
    """What is evaluated: a tree of nodes, and what it needs to be understood.

    `levels` orders levels from lowest to highest for holdings that do not tell their own scale. `equivalences` are
    classes of achievements that count as the same one (`exactMatchOf`); classes that share an achievement are one.
    `names` says what to call achievements in sentences; it changes no outcome.
    """

    rule: Rule
    levels: Annotated[tuple[Key, ...], Field(max_length=50)] = ()
    equivalences: Annotated[
        tuple[Annotated[tuple[Reference, ...], Field(min_length=2, max_length=50)], ...], Field(max_length=50)
    ] = ()
    names: Annotated[dict[Reference, Name], Field(default_factory=dict, max_length=1_000)]

    @model_validator(mode="after")
    def _within_limits(self) -> Self:
        places = [pointer for pointer, _ in walk(self.rule)]
        if len(places) > MOST_NODES:
            raise broken(f"has {len(places)} nodes, more than {MOST_NODES}", "/rule")
        deepest = max(places, key=_depth)
        if _depth(deepest) > MOST_LEVELS_DEEP:
            raise broken(f"nests more than {MOST_LEVELS_DEEP} deep", deepest)
        if len(set(self.levels)) != len(self.levels):
            raise broken("names a level twice", "/levels")
        return self

    def mentions(self) -> frozenset[str]:
        """Give every achievement that the rule reads, those of its equivalences included."""
        named = {name for _, one in walk(self.rule) if isinstance(one, Selection) for name in one.achievements}
        same = same_as(self.equivalences)
        return frozenset(named.union(*(same[name] for name in named & same.keys())))

    def reads_all(self) -> bool:
        """Say whether some node selects holdings without naming achievements, so that any holding may matter."""
        return any(isinstance(one, SumRule) and not one.achievements for _, one in walk(self.rule))


def _depth(pointer: str) -> int:
    """Count the nodes above a place: every step but the numbers of lists."""
    return sum(not step.isdigit() for step in pointer.split("/")[1:])


class Example(Value):
    """A learner made up to try a rule: what they hold, and whether that should meet it at a time."""

    name: Name
    at: Moment
    holdings: Annotated[tuple[Holding, ...], Field(max_length=500)] = ()
    met: StrictBool


class StackDefinition(StackingRule):
    """A stacking rule as an administrator writes it, with what it earns and what happens when a part stops counting.

    `key` is the issuer's own name for the rule, `achievement` what it earns (a key of the issuer's, or its id).
    Achievements in `rule` may be named by key too. `catalog_year` is the first one that the version applies to,
    `in_force_from` the time; with neither it is in force from its publication.
    """

    key: Key
    achievement: Reference
    policy: Policy = Policy.REVIEW
    review_days: Annotated[StrictInt, Field(ge=1, le=365)] = 30
    catalog_year: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}([-/][0-9]{2}([0-9]{2})?)?$")] | None = None
    in_force_from: Moment | None = None
    examples: Annotated[tuple[Example, ...], Field(max_length=100)] = ()

    def text(self) -> StackingRule:
        """Give the part that is evaluated."""
        return StackingRule(rule=self.rule, levels=self.levels, equivalences=self.equivalences, names=self.names)

    def starts(self) -> datetime | None:
        """Give the time from which the version is in force, when it says one."""
        return self.in_force_from
