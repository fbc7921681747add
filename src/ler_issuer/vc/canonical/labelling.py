"""Labels for blank nodes: by what is said of each, and where that is not enough by how they hang together (§4.4.3).

The algorithm tries orders of blank nodes that look alike, so a small graph made for the purpose can keep it busy for
years. `MAX_STEPS` ends that: ordinary credentials need a few hundred steps, and what needs more is refused.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, Protocol, TypeAlias

from ler_issuer.vc.problems import PROOF_TRANSFORMATION_ERROR, CannotCanonize, Problem

HashName: TypeAlias = Literal["sha256", "sha384"]
"""A hash function that blank nodes may be told apart with (§4.4)."""

MAX_STEPS: Final = 50_000
"""Statements looked at and places filled while telling blank nodes apart that look alike; about a tenth of a second."""

MAX_CHAIN: Final = 100
"""Blank nodes that look alike and hang on each other in one chain."""

HASHES: Final[Mapping[HashName, Any]] = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}

Neighbour: TypeAlias = tuple[str, str, int]
"""Another blank node of a statement: the letter of where it stands, the predicate, and its number (§4.7)."""


class BlankNode(Protocol):
    """What there is to know of a blank node."""

    def seen(self) -> str:
        """Write the statements about this node, with all other blank nodes made alike (§4.6)."""

    def neighbours(self) -> Iterator[Neighbour]:
        """Yield the other blank nodes of each of these statements."""


def first_hashes(nodes: Mapping[int, BlankNode], algorithm: HashName) -> dict[int, str]:
    """Hash what tells each blank node from others in the first place (§4.6)."""
    new_hash = HASHES[algorithm]
    return {number: new_hash(node.seen().encode()).hexdigest() for number, node in nodes.items()}


def labels_by_first(firsts: dict[int, str]) -> dict[int, str] | None:
    """Label the nodes by their first hashes; None if some have the same."""
    by_hash = {digest: number for number, digest in firsts.items()}
    if len(by_hash) != len(firsts):
        return None
    return {by_hash[digest]: f"_:c14n{place}" for place, digest in enumerate(sorted(by_hash))}


class Labelling:
    """One run of the algorithm: from the blank nodes of a dataset to a canonical label for each."""

    def __init__(self, nodes: Mapping[int, BlankNode], algorithm: HashName) -> None:
        self._nodes = nodes
        self._new_hash = HASHES[algorithm]
        self._first = first_hashes(nodes, algorithm)
        self._neighbours: dict[int, list[Neighbour]] = {}
        self._issued: dict[int, str] = {}
        self._steps = 0

    def labels(self) -> dict[int, str]:
        """Label the nodes that their own statements tell apart first, then those that only their surroundings do."""
        labels = labels_by_first(self._first)  # in most documents the former are all
        if labels is not None:
            return labels
        alike: defaultdict[str, list[int]] = defaultdict(list)
        for node, digest in self._first.items():
            alike[digest].append(node)
        groups = [group for _, group in sorted(alike.items())]
        for group in groups:
            if len(group) == 1:
                self._issue(group[0])
        for group in groups:
            if len(group) > 1:
                self._tell_apart(group)
        return self._issued

    def _issue(self, node: int) -> None:
        if node not in self._issued:
            self._issued[node] = f"_:c14n{len(self._issued)}"

    def _tell_apart(self, group: list[int]) -> None:
        paths = [self._n_degree(node, {node: "_:b0"}) for node in group if node not in self._issued]
        for _, visited in sorted(paths, key=lambda path: path[0]):
            for node in visited:
                self._issue(node)

    def _spend(self, steps: int, chain: int = 0) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS or chain > MAX_CHAIN:
            detail = "its blank nodes are too hard to tell apart"
            raise CannotCanonize(Problem("work_bound", detail, type=PROOF_TRANSFORMATION_ERROR))

    def _hash(self, text: str) -> str:
        digest: str = self._new_hash(text.encode()).hexdigest()
        return digest

    def _n_degree(self, node: int, visited: dict[int, str], chain: int = 0) -> tuple[str, dict[int, str]]:
        """Hash a node with its surroundings, and list the nodes that were visited in order (§4.8)."""
        related: defaultdict[str, list[int]] = defaultdict(list)
        for position, predicate, other in self._around(node, chain):
            name = self._issued.get(other) or visited.get(other) or self._first[other]
            related[self._hash(f"{position}{predicate}{name}")].append(other)  # §4.7
        text = ""
        for digest, group in sorted(related.items()):
            path, visited = self._shortest_path(group, visited, chain)
            text += digest + path
        return self._hash(text), visited

    def _around(self, node: int, chain: int) -> list[Neighbour]:
        """List the neighbours of a node, paying for the look at them; a long predicate is slow to hash."""
        found = self._neighbours.get(node)
        if found is None:
            found = self._neighbours[node] = list(self._nodes[node].neighbours())
        self._spend(1 + len(found) + sum(len(predicate) for _, predicate, _ in found) // 256, chain)
        return found

    def _shortest_path(self, group: list[int], visited: dict[int, str], chain: int) -> tuple[str, dict[int, str]]:
        """Find the order of neighbours that look alike which gives the least path (§4.8.3 step 5.4)."""
        best, chosen = "", visited
        for order in _orders(group):
            path, explored = self._path(order, visited, chain, best)
            if not best or path < best:
                best, chosen = path, explored
        return best, chosen

    def _path(self, order: Sequence[int], visited: dict[int, str], chain: int, best: str) -> tuple[str, dict[int, str]]:
        """Walk the neighbours in one order, and no further than where the path is already worse than `best`."""
        self._spend(len(order))
        visited = dict(visited)
        path = ""
        to_explore = []
        for node in order:
            if node not in self._issued and node not in visited:
                visited[node] = f"_:b{len(visited)}"
                to_explore.append(node)
            path += self._issued.get(node) or visited[node]
        for node in to_explore:
            if best and len(path) >= len(best) and path > best:
                break
            digest, explored = self._n_degree(node, visited, chain + 1)
            path += f"{visited[node]}<{digest}>"
            visited = explored
        return path, visited


def _orders(group: list[int]) -> Iterator[Sequence[int]]:
    """Yield each order of the items that differs from the others; an item may stand in the group many times."""
    order = sorted(group)
    while True:
        yield order
        rise = next((at for at in range(len(order) - 2, -1, -1) if order[at] < order[at + 1]), None)
        if rise is None:
            return
        above = next(at for at in range(len(order) - 1, rise, -1) if order[at] > order[rise])
        order[rise], order[above] = order[above], order[rise]
        order[rise + 1 :] = reversed(order[rise + 1 :])
