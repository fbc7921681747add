"""Explaining: what was found about each node of a rule, in sentences that a student understands.

The same holdings give the same words. A sentence names achievements, settings and amounts; never a learner, an assessor
or a partner, and no id but those of holdings, which stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ler_issuer.stacking import naming
from ler_issuer.stacking.compiling import Absence, Condition, Group, Leaf, Node, Order, Window, from_units
from ler_issuer.stacking.finding import Found
from ler_issuer.stacking.judging import Judge
from ler_issuer.stacking.rules import IncludesRule
from ler_issuer.stacking.work import MOST_HOLDINGS

_SENTENCES = 12  # of members that the sentence of a group puts together; the trace lists all


@dataclass(frozen=True, slots=True)
class Said:
    """What is said about one node: its name, what is missing, and a sentence."""

    name: str
    missing: tuple[str, ...]
    sentence: str


UNDECIDED = "cannot be decided: its holdings could count in too many ways"


class Words:
    """Finds words for what was found; `names` are those of achievements."""

    def __init__(self, judge: Judge, names: Mapping[str, str]) -> None:
        """Know the holdings, for their numbers."""
        self._judge = judge
        self._standing = judge.standing
        self._names = names

    def summary(self, root: Found, said: Said) -> str:
        """Sum up what was found about a rule."""
        if root.met is None:
            crowd = f"more than {MOST_HOLDINGS} holdings could count" if self._judge.crowded else UNDECIDED
            return f"Undecided: {said.name} {crowd}"
        if root.met:
            return f"Earned: {said.sentence}"
        once = "one holding counts only once; " if self._judge.counts_once_only() else ""
        return f"Not yet: {once}missing {naming.listed(said.missing, '; ', most=_SENTENCES)}"

    def about(self, found: Found, beneath: Sequence[Said]) -> Said:
        """Say what was found about a node, given what was said about those below it."""
        node = found.node
        name = self._name(node, beneath)
        if found.met is None:
            return Said(name, (), f"{name}: {UNDECIDED}")
        if isinstance(node, Leaf):
            sentence, missing = self._leaf(node, found, name)
        else:
            sentence, missing = self._told(node, found, beneath)
            if node.rule.label is not None:
                sentence = f"{node.rule.label}: {sentence}"
        return Said(name, () if found.met else tuple(dict.fromkeys(missing)), sentence)

    def _name(self, node: Node, beneath: Sequence[Said]) -> str:
        if node.rule.label is not None:
            return node.rule.label
        match node:
            case Leaf():
                return naming.title(node.rule, self._names)
            case Absence():
                return f"none of {naming.listed((one.name for one in beneath), ', ')}"
            case Group():
                return naming.listed((one.name for one in beneath), " and " if _asks_for_all(node) else " or ")
            case _:
                return naming.listed((one.name for one in beneath), ", then ")

    def _told(
        self, node: Group | Condition | Window | Order | Absence, found: Found, beneath: Sequence[Said]
    ) -> tuple[str, Sequence[str]]:
        match node:
            case Group():
                return _group(node, found, beneath)
            case Condition():
                return self._condition(node, found, beneath[0])
            case Window():
                return _window(node, found, beneath[0])
            case Order():
                return _order(found, *beneath)
            case Absence():
                return _absence(found, beneath)

    def _leaf(self, leaf: Leaf, found: Found, name: str) -> tuple[str, Sequence[str]]:
        have = self._standing.measure(leaf, found.used if found.met else found.reach)
        short = leaf.minimum - have
        if leaf.amount is None:
            missing = f"{short} {'more ' if have else ''}of {name}"
            return f"{name}: {have} held, {leaf.minimum} asked", (missing,)
        asked = naming.amount(from_units(leaf.minimum), leaf.amount)
        more = naming.amount(from_units(short), leaf.amount, "more " if have else "")
        of = "" if name == naming.ANYTHING else f" of {name}"
        return f"{naming.capital(name)}: {naming.number(from_units(have))} of {asked}", (f"{more}{of}",)

    def _condition(self, node: Condition, found: Found, inner: Said) -> tuple[str, Sequence[str]]:
        use = found.used if found.met else found.reach
        if node.variety is not None:
            have = sum(1 for alike in self._standing.values(node.variety) if alike & use)
            told = f"{naming.different(have, node.variety)}, at least {node.minimum} asked"
            short = naming.more_different(max(node.minimum - have, 0) or node.minimum, node.variety)
        elif isinstance(node.rule, IncludesRule):
            have = (use & self._standing.included(node)).bit_count()
            asked = naming.included(node.rule, node.minimum, self._names)
            told = f"{asked} included" if found.met else f"{asked} asked"
            short = naming.included(node.rule, max(node.minimum - have, 0) or node.minimum, self._names)
        if found.met:
            return f"{inner.sentence}; {told}", ()
        lacking = have < node.minimum or not inner.missing
        missing = (*inner.missing, short) if lacking else inner.missing
        return f"{inner.sentence}; {told}" if lacking else inner.sentence, missing


def _group(node: Group, found: Found, beneath: Sequence[Said]) -> tuple[str, Sequence[str]]:
    met = [one for one in found.below if one.met]
    if found.met:
        used = [said for one, said in zip(found.below, beneath, strict=True) if one.met and (one.used or not one.reach)]
        return naming.listed((one.sentence for one in used), "; ", most=_SENTENCES), ()
    if len(met) >= node.count:
        told = "each of these can be met, but not all of them together, because one holding counts only once"
        return f"{naming.listed((said.name for said in beneath), '; ')}: {told}", ("another holding, so that none counts twice",)
    unmet = [said for one, said in zip(found.below, beneath, strict=True) if not one.met]
    if _asks_for_all(node):
        missing = [text for said in unmet for text in said.missing]
        return naming.listed((one.sentence for one in unmet), "; ", most=_SENTENCES), missing
    short = node.count - len(met)
    ways = naming.listed((" and ".join(said.missing) or said.name for said in unmet), " or ")
    told = f"{len(met)} of {len(beneath)} met, {node.count} asked"
    return told, (ways if short == 1 else f"{short} of these: {ways}",)


def _window(node: Window, found: Found, inner: Said) -> tuple[str, Sequence[str]]:
    span = naming.length(node.rule)
    told = f"earned in the last {span}" if node.from_now else f"all within {span}"
    if found.met or not found.below[0].met:
        return f"{inner.sentence}; {told}" if found.met else inner.sentence, inner.missing
    return f"{inner.sentence}, but not {told}", (f"{inner.name}, {told}",)


def _order(found: Found, first: Said, then: Said) -> tuple[str, Sequence[str]]:
    if found.met or not all(one.met for one in found.below):
        return f"first {first.sentence}; then {then.sentence}", (*first.missing, *then.missing)
    return f"{then.name} was not earned after {first.name}", (f"{then.name} after {first.name}",)


def _absence(found: Found, beneath: Sequence[Said]) -> tuple[str, Sequence[str]]:
    against = naming.listed(said.name for one, said in zip(found.below, beneath, strict=True) if one.met is not False)
    if found.met:
        return f"nothing that rules it out ({naming.listed(said.name for said in beneath)})", ()
    return f"ruled out by {against}", (f"that {against} no longer counts",)


def _asks_for_all(node: Group) -> bool:
    return node.count == len(node.members)
