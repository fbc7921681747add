"""Finding: what is so about each node of a rule: whether it is met, what it uses, what could be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ler_issuer.stacking.compiling import Absence, Leaf, Node, below, union
from ler_issuer.stacking.judging import Judge
from ler_issuer.stacking.witnessing import Witness, Witnesses

_NOTHING = Witness(0, ())


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about a node.

    `met` is by itself, None when undecided. `used` is what it rests on, or, of one that is not met, what counts towards
    it; `ids` names them. `reach` is all that its leaves mean.
    """

    node: Node
    met: bool | None
    used: int
    ids: tuple[str, ...]
    reach: int
    below: tuple[Found, ...]


def find(judge: Judge) -> Found:
    """Look at every node of a judge's rule."""
    return _Finding(judge).of(judge.rule.root, None)


class _Finding:
    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._root = judge.met(judge.rule.root)
        if self._root is None:
            judge.extend()
        self._witnesses = Witnesses(judge.rule, judge.standing, judge.absent)

    def of(self, node: Node, witness: Witness | None) -> Found:
        """Look at a node and those below; `witness` is that of the nearest node above that is met."""
        met = self._root if node is self._judge.rule.root else self._judge.met(node)
        if met and witness is None:
            witness = self._witnesses.of(node)
        passed = _NOTHING if isinstance(node, Absence) and witness is not None else witness
        each = tuple(self.of(one, passed) for one in below(node))
        reach, used = self._reach(node, each), self._used(node, met, witness, each)
        return Found(node, met, used, self._judge.standing.ids(used), reach, each)

    def _reach(self, node: Node, each: Sequence[Found]) -> int:
        return self._judge.standing.masks[node.leaf] if isinstance(node, Leaf) else union(one.reach for one in each)

    def _used(self, node: Node, met: bool | None, witness: Witness | None, each: Sequence[Found]) -> int:
        if isinstance(node, Absence):
            return 0
        if witness is not None:
            return witness.of(node)
        if isinstance(node, Leaf):
            return 0 if met is None else self._judge.standing.masks[node.leaf]
        return union(one.used for one in each)
