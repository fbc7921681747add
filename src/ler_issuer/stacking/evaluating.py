"""Evaluating: whether a learner's holdings meet a stacking rule at a time, and why, node by node.

`evaluate` is total: whatever the rule and the holdings, it gives a trace, within a bound on the work. Beyond the bound
the outcome is `undecided`, never a guess. It depends on the rule, the holdings and the time alone; not on the order of
the holdings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ler_issuer.stacking.compiling import compiled
from ler_issuer.stacking.explaining import Said, Words
from ler_issuer.stacking.finding import Found, find
from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.judging import Judge
from ler_issuer.stacking.rules import StackingRule
from ler_issuer.stacking.spans import in_utc
from ler_issuer.types import JsonObject, Pointer


class Outcome(StrEnum):
    """What an evaluation came to."""

    MET = "met"
    NOT_MET = "not_met"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Trace:
    """What was found about a node of a rule and those below it.

    `met` says of a node below the root whether it is met by itself; None when that was not decided. Of a rule that is
    met, `used` are the ids of the holdings that it rests on, everywhere by one and the same choice: none can be spared.
    Of one that is not, `used` are those that count towards it so far, and `missing` says what else it takes. `name` is
    what the node is called in sentences. `at` and `earned_at`, when the last of those used was earned, are the root's.
    """

    pointer: Pointer
    type: str
    label: str | None
    name: str
    met: bool | None
    used: tuple[str, ...]
    missing: tuple[str, ...]
    sentence: str
    nodes: tuple[Trace, ...]
    at: datetime | None = None
    earned_at: datetime | None = None

    @property
    def outcome(self) -> Outcome:
        """Give what `met` says as a word."""
        if self.met is None:
            return Outcome.UNDECIDED
        return Outcome.MET if self.met else Outcome.NOT_MET

    def to_json(self) -> JsonObject:
        """Write the trace as JSON: the same for the same rule, holdings and time, to the byte."""
        said: JsonObject = {"pointer": self.pointer, "type": self.type}
        if self.at is not None:
            said |= {"outcome": str(self.outcome), "at": _written(self.at)}
        if self.earned_at is not None:
            said["earned_at"] = _written(self.earned_at)
        if self.label is not None:
            said["label"] = self.label
        return said | {
            "met": self.met,
            "used": list(self.used),
            "missing": list(self.missing),
            "sentence": self.sentence,
            "nodes": [one.to_json() for one in self.nodes],
        }


class Requirement(NamedTuple):
    """A part of a rule that asks for holdings, is met, and what it rests on."""

    pointer: Pointer
    name: str
    sentence: str
    used: tuple[str, ...]


def evaluate(rule: StackingRule, holdings: Iterable[Holding], at: datetime) -> Trace:
    """Evaluate a rule over a learner's holdings at a time, and say why.

    Never raises for a rule and holdings that could be read; `at` needs an offset.
    """
    judge = Judge(compiled(rule), holdings, at)
    found = find(judge)
    words = Words(judge, rule.names)
    trace = _traced(found, words)
    return replace(
        trace,
        sentence=words.summary(found, Said(trace.name, trace.missing, trace.sentence)),
        at=in_utc(at),
        earned_at=judge.standing.last(found.used) if found.met else None,
    )


def is_met(rule: StackingRule, holdings: Iterable[Holding], at: datetime) -> bool | None:
    """Say only whether a rule is met, or None when that cannot be decided within the bound."""
    ready = compiled(rule)
    return Judge(ready, holdings, at).met(ready.root)


def requirements(trace: Trace) -> tuple[Requirement, ...]:
    """Give the parts of a rule that was met which ask for holdings and rest on some; none of one that was not."""
    return tuple(_requirements(trace)) if trace.met else ()


def _requirements(trace: Trace) -> Iterator[Requirement]:
    if trace.nodes:
        for one in trace.nodes:
            yield from _requirements(one)
    elif trace.met and trace.used:
        yield Requirement(trace.pointer, trace.name, trace.sentence, trace.used)


def _traced(found: Found, words: Words) -> Trace:
    beneath = [_traced(one, words) for one in found.below]
    said = words.about(found, [Said(one.name, one.missing, one.sentence) for one in beneath])
    return Trace(
        pointer=found.node.pointer,
        type=found.node.rule.type,
        label=found.node.rule.label,
        name=said.name,
        met=found.met,
        used=found.ids,
        missing=said.missing,
        sentence=said.sentence,
        nodes=tuple(beneath),
    )


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
