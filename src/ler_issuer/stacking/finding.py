"""Finding: what is so about each node of a rule: whether it is met, what it uses, what could be used."""

from __future__ import annotations

from dataclasses import dataclass

from ler_issuer.stacking.compiling import Absence, Leaf, Node, below, union
from ler_issuer.stacking.judging import Judge
from ler_issuer.stacking.witnessing import Witness, Witnesses
from ler_issuer.stacking.work import AFTERTHOUGHT, Work

_NOTHING = Witness(0, (), sparing=False)


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
        judge.extend()
        work = Work() if self._root is not None else Work(AFTERTHOUGHT)
        self._witnesses = Witnesses(judge.rule, judge.standing, judge.absent, work)

    def of(self, node: Node, witness: Witness | None) -> Found:
        """Look at a node and those below; `witness` is that of the nearest node above that is met."""
        met = self._met(node, witness)
        if met and witness is None:
            witness = self._witnesses.of(node)
        passed = _NOTHING if isinstance(node, Absence) and witness is not None else witness
        each = tuple(self.of(one, passed) for one in below(node))
        standing = self._judge.standing
        reach = standing.masks[node.leaf] if isinstance(node, Leaf) else union(one.reach for one in each)
        if witness is not None:
            used = witness.of(node)
        elif met is None or isinstance(node, Absence):
            used = 0
        else:
            used = reach if isinstance(node, Leaf) else union(one.used for one in each)
        return Found(node, met, used, standing.ids(used), reach, each)

    def _met(self, node: Node, witness: Witness | None) -> bool | None:
        if node is self._judge.rule.root:
            return self._root
        if witness is not None and witness.sparing and witness.of(node):
            return True  # else what it uses could be spared
        return self._judge.met(node)
