"""What is left: what a learner can still do to meet a rule, the least effort first.

A set of next steps is minimal: with all of its parts the rule is met, and no part can be left out. Parts are supposed
to be the best that can be earned, now, and are then described by only those qualities that they really need.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ler_issuer.stacking import naming
from ler_issuer.stacking.compiling import Compiled, compiled
from ler_issuer.stacking.explaining import UNDECIDED
from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.judging import Judge
from ler_issuer.stacking.missing.asking import Scales
from ler_issuer.stacking.missing.comparing import is_no_more_than
from ler_issuer.stacking.missing.describing import Describing
from ler_issuer.stacking.missing.easing import Easing
from ler_issuer.stacking.missing.layout import Layout
from ler_issuer.stacking.missing.searching import Search
from ler_issuer.stacking.missing.steps import NextSteps
from ler_issuer.stacking.missing.supposing import Trials
from ler_issuer.stacking.rules import HoldingRule, Rule, StackingRule, SumRule, children, same_as
from ler_issuer.stacking.standing import Standing

if TYPE_CHECKING:
    from ler_issuer.types import JsonObject

MOST_SETS: Final = 12
"""Sets of next steps that are told."""

_WHENEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)  # who holds nothing is the same at any time


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """What is left: sets of next steps, any one of which will do, the least effort first.

    `met` is the outcome now, None when it is undecided. `percentage` is that of `percentage`. `complete` is false when
    there may be more sets, since a limit was reached; those that are told are right all the same.
    """

    met: bool | None
    percentage: int
    complete: bool
    sets: tuple[NextSteps, ...]
    sentence: str

    def to_json(self) -> JsonObject:
        """Give what is left in JSON."""
        return {
            "met": self.met,
            "percentage": self.percentage,
            "complete": self.complete,
            "sentence": self.sentence,
            "sets": [one.to_json() for one in self.sets],
        }


def remaining(
    rule: StackingRule, holdings: Sequence[Holding], at: datetime, *, enrolled: Collection[str] = ()
) -> Remaining:
    """Find what a learner can still do to meet a rule.

    Among sets that take equally many assessments those come first of which the learner is enrolled in most:
    `enrolled` are achievements that can be earned in what the learner takes part in now.
    """
    made = compiled(rule)
    judge = Judge(made, holdings, at)
    met = judge.met(made.root)
    if met:
        return Remaining(met=True, percentage=100, complete=True, sets=(), sentence="Nothing is left: the rule is met.")
    if met is None:
        return Remaining(met=None, percentage=0, complete=False, sets=(), sentence=f"What is left {UNDECIDED}.")
    same = same_as(rule.equivalences)
    taken = frozenset(enrolled).union(*(same.get(one, ()) for one in enrolled))
    found = _find(made, judge.standing, taken, _scales(rule, judge.standing), rule.names)
    share = _share(found, _from_nothing(rule.rule, rule.levels, rule.equivalences))
    return Remaining(met=False, percentage=share, complete=found.complete, sets=found.sets, sentence=found.sentence())


def percentage(rule: StackingRule, holdings: Sequence[Holding], at: datetime) -> int:
    """Say how far a learner has come, in percent, rounded down; 100 only when the rule is met.

    It is the share of the fewest assessments that the rule takes from nothing which this learner no longer needs: with
    one left of three, 66. Hours and credits that are partly there count in proportion: with 30 hours of 40, all else
    being there, only a quarter of an assessment is left. 0 when nothing that can be earned helps, or when it is
    undecided.
    """
    return remaining(rule, holdings, at).percentage


@dataclass(frozen=True, slots=True)
class _Found:
    """The sets that were found, whether these are all, and what stands in the way."""

    sets: tuple[NextSteps, ...]
    complete: bool
    in_the_way: tuple[str, ...]

    def sentence(self) -> str:
        """Say what is left in a sentence or two."""
        if self.sets:
            others = len(self.sets) - 1
            more = "" if self.complete else "at least "
            rest = {0: "", 1: f" There is {more}one other way."}.get(others, f" There are {more}{others} other ways.")
            return self.sets[0].sentence + rest
        if not self.complete:
            return "What is left could not be found within the limits."
        if self.in_the_way:
            return f"Nothing that can be earned helps: {naming.listed(self.in_the_way, ' and ')} must not be held."
        return "Nothing that can be earned helps."


def _find(
    rule: Compiled, there: Standing, enrolled: frozenset[str], scales: Scales, names: Mapping[str, str]
) -> _Found:
    layout = Layout(rule, scales)
    trials = Trials(rule, layout, there)
    search = Search(layout, trials, layout.enrolled(enrolled))
    easing, describing = Easing(layout, trials), Describing(layout, there, names, enrolled)
    told: list[NextSteps] = []
    complete = True
    for kinds in search.minimal():
        steps = describing.of(easing.ease(kinds))
        if not any(is_no_more_than(one, steps, scales) for one in told):
            told = [one for one in told if not is_no_more_than(steps, one, scales)] + [steps]
        if len(told) > MOST_SETS:
            complete = False
            break
    told.sort(key=lambda one: (one.assessments, -one.enrolled, one.effort))
    blocked = [] if told else [one for one, absent in zip(rule.absences, trials.absent(()), strict=True) if not absent]
    in_the_way = tuple(_name(one.rule, names) for one in blocked)
    return _Found(tuple(told[:MOST_SETS]), complete and search.complete, in_the_way)


def _name(rule: Rule, names: Mapping[str, str]) -> str:
    """Name what a rule is about."""
    if rule.label is not None:
        return rule.label
    if isinstance(rule, HoldingRule | SumRule):
        return naming.title(rule, names)
    return naming.listed((_name(one, names) for _, one in children(rule)), " or ")


def _scales(rule: StackingRule, there: Standing) -> Scales:
    """Give the scales that are known: the rule's own, then those of holdings."""
    return tuple(dict.fromkeys(scale for scale in (rule.levels, *(one.scale for one in there.holdings)) if scale))


@lru_cache(maxsize=512)
def _from_nothing(rule: Rule, levels: tuple[str, ...], equivalences: tuple[tuple[str, ...], ...]) -> Fraction | None:
    """Give the least effort of a learner who holds nothing; None when there is none, or nothing helps."""
    whole = StackingRule.model_construct(rule=rule, levels=levels, equivalences=equivalences, names={})
    made = compiled(whole)
    judge = Judge(made, (), _WHENEVER)
    if judge.met(made.root):
        return None
    found = _find(made, judge.standing, frozenset(), (levels,) if levels else (), {})
    return min((one.effort for one in found.sets), default=None)


def _share(found: _Found, whole: Fraction | None) -> int:
    """Give the share of the whole effort that is no longer needed, in percent; less than all of it."""
    if not whole or not found.sets:
        return 0
    left = min(one.effort for one in found.sets)
    return min(max(int(100 * (1 - left / whole)), 0), 99)
