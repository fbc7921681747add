"""What stacking rules mean, said once more and as simply as can be: by looking at every possible use of the holdings.

Nothing here is taken from the code that is tested but the models of rules and holdings, and when holdings stand.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import combinations

from ler_issuer.stacking import IncludesRule, SumRule

MEMBER = {
    "experiences": "experience",
    "experience_kinds": "experience_kind",
    "courses": "course",
    "assessors": "assessor",
    "assessor_kinds": "assessor_kind",
    "partners": "partner",
    "sessions": "session",
}


class Exhaustive:
    """One rule over some holdings at a time; holdings are bits of a number."""

    def __init__(self, rule, holdings, at):
        self.rule = rule
        self.at = at
        self.holdings = [one for one in holdings if one.stands(at)]
        self.same = {}
        for group in rule.equivalences:
            joined = set(group).union(*(self.same.get(name, ()) for name in group))
            self.same.update(dict.fromkeys(joined, joined))

    def is_met(self):
        return bool(self.uses(self.rule.rule))

    def uses(self, node):
        """Give every set of holdings that the node can use."""
        return getattr(self, f"uses_of_{node.type}")(node)

    def uses_of_holding(self, node):
        return {use for use in self.subsets(node) if use.bit_count() >= node.times}

    def uses_of_sum(self, node):
        return {use for use in self.subsets(node) if self.amount(node, use) >= node.minimum}

    def uses_of_all(self, node):
        return self.jointly(node, len(node.rules))

    def uses_of_any(self, node):
        return self.jointly(node, 1)

    def uses_of_at_least(self, node):
        return self.jointly(node, node.count)

    def uses_of_none(self, node):
        return set() if any(self.uses(one) for one in node.rules) else {0}

    def uses_of_distinct(self, node):
        return {use for use in self.uses(node.rule) if len(self.values(node.what, use)) >= node.minimum}

    def uses_of_includes(self, node):
        wanted = sum(1 << number for number, one in enumerate(self.holdings) if self.selects(node, one))
        return {use for use in self.uses(node.rule) if (use & wanted).bit_count() >= node.minimum}

    def uses_of_within(self, node):
        return {use for use in self.uses(node.rule) if self.lies_within(node, use)}

    def uses_of_precedes(self, node):
        return {
            first | then
            for first in self.uses(node.first)
            for then in self.uses(node.then)
            if all(earlier < later for earlier in self.times(first) for later in self.times(then))
        }

    def jointly(self, node, count):
        ways = {(0, 0)}
        for one in node.rules:
            uses = self.uses(one)
            ways |= {(met + 1, used | use) for met, used in ways for use in uses if node.reuse or not used & use}
        return {used for met, used in ways if met >= count}

    def subsets(self, node):
        mine = [number for number, one in enumerate(self.holdings) if self.selects(node, one)]
        return {
            sum(1 << number for number in chosen)
            for size in range(len(mine) + 1)
            for chosen in combinations(mine, size)
        }

    def bits(self, use):
        return [one for number, one in enumerate(self.holdings) if use >> number & 1]

    def times(self, use):
        return [one.awarded_at for one in self.bits(use)]

    def values(self, what, use):
        return {getattr(one, MEMBER[what]) for one in self.bits(use)} - {None}

    def amount(self, node, use):
        told = {}
        for one in self.bits(use):
            amount, of = (one.hours, one.experience) if node.of == "hours" else (one.credits, one.section)
            of = of or ("itself", one.id)
            told[of] = max(told.get(of, Decimal(0)), amount or Decimal(0))
        return sum(told.values(), Decimal(0))

    def lies_within(self, node, use):
        times = self.times(use)
        if not times:
            return True
        last = max(times) if node.of == "parts" else self.at
        if node.days is not None:
            return last - min(times) <= timedelta(days=node.days)
        return min(times) >= last.replace(year=last.year - node.years)

    def selects(self, node, one):
        kinds = [
            self.names(node, one),
            not node.experience_kinds or one.experience_kind in node.experience_kinds,
            not node.except_experience_kinds
            or (one.experience_kind is not None and one.experience_kind not in node.except_experience_kinds),
            not node.assessor_kinds or one.assessor_kind in node.assessor_kinds,
        ]
        if isinstance(node, SumRule):
            kinds.append(((one.hours if node.of == "hours" else one.credits) or 0) > 0)
        scale = one.scale or self.rule.levels
        if node.level is not None:
            kinds.append(
                one.level in scale and node.level in scale and scale.index(one.level) >= scale.index(node.level)
            )
        return all(kinds)

    def names(self, node, one):
        """Say whether a node names what was earned, or, of what was recognised, its original or what it counts for."""
        names = {name for written in node.achievements for name in self.same.get(written, {written})}

        def named(achievement, issuer):
            return (not names or achievement in names) and (not node.issuers or issuer in node.issuers)

        own, recognised = named(one.achievement, one.issuer), one.recognised
        if recognised is None:
            return own
        original = named(recognised.achievement, recognised.issuer)
        if isinstance(node, IncludesRule):
            return own or original
        accepted = recognised.kind in node.accepts and (not names or one.achievement in names)
        return accepted or (bool(names) and original)
