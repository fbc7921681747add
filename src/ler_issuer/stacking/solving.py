"""Solving: whether holdings can be used so that a rule is met, exactly.

A use is a choice of holdings for the leaves of a rule. Every node but `none` is content with more rather than fewer
holdings, and so are all conditions on what is used. So, as long as nothing competes, it is enough to know for each node
the *largest* sets that it can use, and most often there is one: everything that its leaves mean. There are several when
a window can lie here or there, or when it matters which rules of `any` are used.

Where members of a group compete for a holding, larger is not always better. There all ways to be met are planned
(which members, which windows), and for each plan it is seen whether what is contested can be shared out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from ler_issuer.stacking.compiling import Absence, Compiled, Condition, Group, Leaf, Node, Order, Window, below, union
from ler_issuer.stacking.planning import Planner
from ler_issuer.stacking.plans import Plan
from ler_issuer.stacking.sharing import can_be_shared
from ler_issuer.stacking.standing import Standing
from ler_issuer.stacking.work import AT_ONCE, Work


class Solver:
    """Answers for one rule and the holdings that stand: for each leaf those that it may take, `masks`.

    `absent[n]` says whether nothing that the nth `none` names is met. When `forgiving`, a holding may count for any
    number of leaves: what is not met even so lacks more than holdings that count only once.
    """

    def __init__(
        self,
        rule: Compiled,
        standing: Standing,
        work: Work,
        *,
        masks: Sequence[int],
        absent: Sequence[bool],
        forgiving: bool = False,
    ) -> None:
        """Gather for each node what could be used below it."""
        self._work = work
        self._forgiving = forgiving
        self._rivals = rule.rivals
        self._standing = standing
        self._absent = absent
        self._found: dict[tuple[Node, bool], list[int]] = {}
        self._reach = [0] * len(rule.nodes)
        for node in reversed(rule.nodes):
            if isinstance(node, Leaf):
                self._reach[node.number] = masks[node.leaf]
            elif not isinstance(node, Absence):
                for one in below(node):
                    self._reach[node.number] |= self._reach[one.number]
        self._planner = Planner(standing, work, self._reach, absent)

    def use(self, node: Node, among: int) -> int | None:
        """Give a set that the node can use among some holdings, or None when it is not met by them.

        Raises:
            TooMuchError: the work has reached its bound.

        """
        found = self._largest(node, among, every=False)
        return found[0] if found else None

    # ── What a node can use ──────────────────────────────────────────────────────────────────────────────────────────
    def _largest(self, node: Node, among: int, *, every: bool) -> list[int]:
        """Give sets that the node can use: every largest one, or, when it only matters whether there is one, one."""
        among &= self._reach[node.number]
        if among.bit_count() < node.fewest and not self._forgiving:
            return []
        if among != self._reach[node.number]:
            return self._largest_of(node, among, every=every)
        key = (node, every)
        if key not in self._found:
            self._found[key] = self._largest_of(node, among, every=every)
        return self._found[key]

    def _largest_of(self, node: Node, among: int, *, every: bool) -> list[int]:
        match node:
            case Group():
                return self._of_group(node, among, every=every)
            case Condition():
                return self._of_condition(node, among)
            case Window():
                return self._of_window(node, among, every=every)
            case Order():
                return self._of_order(node, among) if every else self._earliest(node, among)
            case Leaf():
                self._work.spend(self._standing.effort(node))
                met = self._standing.enough(node, among)
            case Absence():
                self._work.spend()
                met = self._absent[node.absence]
        return [among] if met else []

    def _of_condition(self, node: Condition, among: int) -> list[int]:
        effort = self._standing.effort(node)
        self._work.spend(effort)
        if not self._standing.holds(node, among):
            return []
        used = self._largest(node.inner, among, every=True)
        self._work.spend(len(used) * effort)
        return [one for one in used if self._standing.holds(node, one)]

    def _of_window(self, node: Window, among: int, *, every: bool) -> list[int]:
        found: dict[int, None] = {}
        if not self._largest(node.inner, among, every=False):
            return []  # nor does it fit in any window
        for inside in self._standing.windows(node, among):
            self._work.spend(2)
            found.update(dict.fromkeys(self._largest(node.inner, inside, every=every)))
            if found and not every:
                break
        return list(found)

    def _of_order(self, node: Order, among: int) -> list[int]:
        found: dict[int, None] = {}
        for before in self._standing.ends(among):
            firsts = self._largest(node.first, before, every=True)
            thens = self._largest(node.then, among & ~before, every=True) if firsts else []
            self._work.spend(1 + len(firsts) * len(thens))
            found.update(dict.fromkeys(first | then for first in firsts for then in thens))
        return list(found)

    def _earliest(self, node: Order, among: int) -> list[int]:
        """Look whether `then` is met by what came after the earliest moment at which `first` was."""
        ends = self._standing.ends(among)
        self._work.spend(len(ends))
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            if self._largest(node.first, ends[middle], every=False):
                high = middle
            else:
                low = middle + 1
        if low == len(ends):
            return []
        firsts = self._largest(node.first, ends[low], every=False)
        thens = self._largest(node.then, among & ~ends[low], every=False)
        return [firsts[0] | thens[0]] if thens else []

    # ── Groups ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _of_group(self, node: Group, among: int, *, every: bool) -> list[int]:
        """Put together what the members can use; more members met are never worse than fewer."""
        self._work.spend(1 + len(node.members))
        compete = node.apart and not self._forgiving and (every or node.count > 1)
        parts = self._competing(node, among) if compete else [[one] for one in node.members]
        parts.sort(key=_weight)  # the lightest may settle it
        found: list[Sequence[tuple[int, int]]] = []  # of each part that is met: how many members, using what
        met, most = 0, len(node.members)
        for members in parts:
            if met >= node.count and not every:
                break
            ways = self._of_part(node, members, among, every=every)
            reached = max(ways, default=(0, 0))[0]
            met, most = met + reached, most - (len(members) - reached)
            if most < node.count:
                return []
            if ways:
                found.append(ways)
        if not every or all(len(ways) == 1 for ways in found):
            return [union(ways[0][1] for ways in found)]
        return self._put_together(node, found)

    def _of_part(self, node: Group, members: Sequence[Node], among: int, *, every: bool) -> Sequence[tuple[int, int]]:
        """Give how many of some members of a group that compete with no others can be met, and using what."""
        if len(members) == 1:
            return [(1, used) for used in self._largest(members[0], among, every=every)]
        return self._together(node, members, among, every=every)

    def _put_together(self, node: Group, parts: Sequence[Sequence[tuple[int, int]]]) -> list[int]:
        sums: dict[tuple[int, int], None] = {(0, 0): None}
        for part in parts:
            self._work.spend(len(sums) * len(part))
            sums = dict.fromkeys((met + more, used | also) for met, used in sums for more, also in part)
        return list(dict.fromkeys(used for met, used in sums if met >= node.count))

    def _competing(self, node: Group, among: int) -> list[list[Node]]:
        """Part the members so that no two in different parts could use the same holding."""
        self._work.spend(len(node.members) ** 2 // AT_ONCE)
        parts: list[tuple[int, list[Node]]] = []
        for member in node.members:
            reach, together = self._reach[member.number] & among, [member]
            for other in [part for part in parts if part[0] & reach]:
                parts.remove(other)
                reach, together = reach | other[0], other[1] + together
            parts.append((reach, together))
        return [together for _, together in parts]

    def _together(self, node: Group, members: Sequence[Node], among: int, *, every: bool) -> list[tuple[int, int]]:
        """Give how many of some competing members can be met at once, and using what: every way, or one of the best.

        So few that all others would not make up for it are of no use, and more than the group asks for only serve to
        use more holdings.
        """
        fewest = max(1, node.count - (len(node.members) - len(members)))
        plans = [some for one in members if (some := list(self._planner.plans(one, among, every=every)))]
        if not every:
            sizes = range(min(len(plans), node.count), fewest - 1, -1)
            return next(([way] for way in self._ways(node, plans, sizes)), [])
        usable = union(self._reach[one.number] for one in members) & among
        found: dict[tuple[int, int], None] = {}
        for met, used in self._ways(node, plans, range(fewest, len(plans) + 1)):
            found[met, used] = None
            if met == node.count and used == usable:
                break
        return list(found)

    def _ways(self, node: Group, plans: Sequence[Sequence[Plan]], sizes: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield the ways to meet so many members, none that uses nothing new when enough are met already."""
        enough = 0
        for size in sizes:
            for chosen in combinations(plans, size):
                for plan in self._planner.joined(chosen):
                    if enough and not plan.used & ~enough:
                        continue
                    if can_be_shared(plan, node, self._rivals, self._standing, self._work):
                        enough = plan.used if size >= node.count else enough
                        yield min(size, node.count), plan.used


def _weight(members: Sequence[Node]) -> tuple[int, int]:
    return len(members), sum(one.leaves.bit_count() for one in members)
