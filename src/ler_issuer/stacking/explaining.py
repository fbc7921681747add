"""Explaining: what was found about each node of a rule, in sentences that a student understands.

The same holdings give the same words. A sentence names achievements, settings and amounts; never a learner, an assessor
or a partner, and no id but those of holdings, which stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ler_issuer.stacking import naming
from ler_issuer.stacking.compiling import Absence, Condition, Group, Leaf, Node, Order, Window, below, from_units
from ler_issuer.stacking.standing import Standing


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about one node: whether it is met by itself, what it uses, what could be used, what is below."""

    node: Node
    met: bool | None
    used: int
    reach: int
    below: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What is said about one node: its name, what is missing, and a sentence."""

    name: str
    missing: tuple[str, ...]
    sentence: str


UNDECIDED = "cannot be decided: too many holdings could count in too many ways"


class Words:
    """Finds words for what was found; `names` are those of achievements."""

    def __init__(self, standing: Standing, names: Mapping[str, str]) -> None:
        """Know the holdings, for their numbers."""
        self._standing = standing
        self._names = names

    def about(self, found: Found, beneath: Sequence[Said]) -> Said:
        """Say what was found about a node, given what was said about those below it."""
        name = self._name(found.node, beneath)
        if found.met is None:
            return Said(name, (), f"{name}: {UNDECIDED}")
        sentence, missing = self._told(found, beneath)
        label = found.node.rule.label
        if label is not None and not isinstance(found.node, Leaf):
            sentence = f"{label}: {sentence}"
        return Said(name, () if found.met else tuple(dict.fromkeys(missing)), sentence)

    def _name(self, node: Node, beneath: Sequence[Said]) -> str:
        if node.rule.label is not None:
            return node.rule.label
        if isinstance(node, Leaf):
            return naming.title(node.rule, self._names) or "Hours" if node.amount else ""
        return naming.listed((one.name for one in beneath), " and ")

    def _told(self, found: Found, beneath: Sequence[Said]) -> tuple[str, Sequence[str]]:
        match found.node:
            case Leaf() as leaf:
                return self._leaf(leaf, found)
            case Group() as group:
                return _group(group, found, beneath)
            case Condition() as condition:
                return self._condition(condition, found, beneath[0])
            case Window() as window:
                return _window(window, found, beneath[0])
            case Order():
                return _order(found, *beneath)
            case Absence():
                return _absence(found, beneath)
