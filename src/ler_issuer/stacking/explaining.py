"""Explaining: what was found about each node of a rule, in sentences that a student understands.

The same holdings give the same words. A sentence names achievements, settings and amounts; never a learner, an assessor
or a partner, and no id of a holding: those stand beside it.
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

UNDECIDED = "cannot be decided: the holdings could count in too many ways"
"""What is said of whatever would take more work than is allowed."""

_SENTENCES = 12  # that one sentence puts together; the trace lists all


@dataclass(frozen=True, slots=True)
class Said:
    """What is said about one node: its name, what is missing, and a sentence."""

    name: str
    missing: tuple[str, ...]
    sentence: str

    @property
    def wanting(self) -> tuple[str, ...]:
        """Give what is missing of a node that is not met; the whole, when it is not known what."""
        return self.missing or (self.name,)


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
            return f"Undecided: {said.sentence}"
        if root.met:
            return f"Earned: {said.sentence}"
        once = "one holding counts only once; " if self._judge.counts_only_once() else ""
        return f"Not yet: {once}missing {naming.listed(said.missing, '; ', most=_SENTENCES)}"

    def about(self, found: Found, beneath: Sequence[Said]) -> Said:
        """Say what was found about a node, given what was said about those below it."""
        node = found.node
        name = self._name(node, beneath)
        if found.met is None:
            crowd = f"cannot be decided: more than {MOST_HOLDINGS} holdings could count"
            return Said(name, (), f"{name} {crowd if self._judge.crowded else UNDECIDED}")
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
                return f"nothing of {naming.listed(one.name for one in beneath)}"
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
        have = self._standing.measure(leaf, _basis(found))
        short = leaf.minimum - have
        if leaf.amount is None:
            missing = name if leaf.minimum == 1 else f"{short} {'more ' if have else ''}of {name}"
            return f"{name}: {have} held, {leaf.minimum} asked", (missing,)
        sentence = f"{naming.number(from_units(have))} of {naming.amount(from_units(leaf.minimum), leaf.amount)}"
        missing = naming.amount(from_units(short), leaf.amount, "more " if have else "")
        if name == naming.ANYTHING:
            return sentence, (missing,)
        return f"{naming.capital(name)}: {sentence}", (
            f"{missing} {'of' if leaf.rule.label is None else 'for'} {name}",
        )

    def _condition(self, node: Condition, found: Found, inner: Said) -> tuple[str, Sequence[str]]:
        use = _basis(found)
        if isinstance(node.rule, IncludesRule):
            have = (use & self._standing.included(node)).bit_count()
            asked = naming.included(node.rule, node.minimum, self._names)
            told = f"{asked} among them" if found.met else f"{asked} asked"
            more = naming.included(node.rule, _short(node.minimum, have), self._names)
        else:
            have = sum(1 for alike in self._standing.values(node.rule.what) if alike & use)
            told = f"{naming.different(have, node.rule.what)}, {node.minimum} asked"
            more = naming.more_different(_short(node.minimum, have), node.rule.what)
        if not found.met and have >= node.minimum and inner.missing:  # what is missing below may bring it
            return inner.sentence, inner.missing
        return f"{inner.sentence}; {told}", (*inner.missing, more)


def _basis(found: Found) -> int:
    """Give the holdings that numbers are about: those used; those that could be, where none is needed or enough."""
    return found.used if found.met and found.used else found.reach


def _short(asked: int, have: int) -> int:
    """Give how many are missing; when enough could count and yet not together, all of them."""
    return asked - have if have < asked else asked


def _group(node: Group, found: Found, beneath: Sequence[Said]) -> tuple[str, Sequence[str]]:
    both = list(zip(found.below, beneath, strict=True))
    if found.met:
        met = [(one, said) for one, said in both if one.met]
        counted = [said for one, said in met if one.used or not one.node.leaves] or [said for _, said in met]
        return naming.listed((said.sentence for said in counted), "; ", most=_SENTENCES), ()
    unmet = [said for one, said in both if not one.met]
    short = node.count - (len(both) - len(unmet))
    if short <= 0:
        each = naming.listed((said.name for said in beneath), " and ")
        return f"{each}: met one by one, but one holding counts only once", (
            "another holding, so that none counts twice",
        )
    if _asks_for_all(node):
        sentence = naming.listed((said.sentence for said in unmet), "; ", most=_SENTENCES)
        return sentence, [text for said in unmet for text in said.wanting]
    ways = naming.listed((" and ".join(said.wanting) for said in unmet), " or ")
    told = f"{len(both) - len(unmet)} of {len(both)} met, {node.count} asked"
    return told, (ways if short == 1 else f"{short} of these: {ways}",)


def _window(node: Window, found: Found, inner: Said) -> tuple[str, Sequence[str]]:
    told = naming.within(node.rule)
    if found.met:
        return f"{inner.sentence}; {told}", ()
    if not found.below[0].met:
        return inner.sentence, inner.wanting
    return f"{inner.sentence}; but not {told}", (f"{inner.name}, {told}",)


def _order(found: Found, first: Said, then: Said) -> tuple[str, Sequence[str]]:
    if found.met:
        return f"first {first.sentence}; then {then.sentence}", ()
    if all(one.met for one in found.below):
        return f"{then.name}: not after {first.name}", (f"{then.name} after {first.name}",)
    unmet = [said for one, said in zip(found.below, (first, then), strict=True) if not one.met]
    return "; ".join(said.sentence for said in unmet), [text for said in unmet for text in said.wanting]


def _absence(found: Found, beneath: Sequence[Said]) -> tuple[str, Sequence[str]]:
    names = naming.listed(said.name for one, said in zip(found.below, beneath, strict=True) if one.met or found.met)
    if found.met:
        return f"nothing of {names}", ()
    return f"ruled out by {names}", (f"{names} no longer counting",)


def _asks_for_all(node: Group) -> bool:
    return node.count == len(node.members)
