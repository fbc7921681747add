"""RDFC-1.0: one text for a set of statements, whatever its blank nodes were called (W3C rdf-canon).

The algorithm tries orders of blank nodes that look alike, so a small graph made for the purpose can keep it busy for
years. `MAX_STEPS` ends that: ordinary credentials need a few hundred steps, and what needs more is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from ler_issuer.vc.problems import PROOF_TRANSFORMATION_ERROR, CannotCanonize, Problem

HashName: TypeAlias = Literal["sha256", "sha384"]
"""A hash function that blank nodes may be told apart with (§4.4)."""

MAX_QUADS: Final = 50_000
MAX_BLANK_NODES: Final = 10_000

MAX_TEXT: Final = 16 * 1024 * 1024
"""Characters of all statements; a long name that is said of many things would make gigabytes of a small document."""

MAX_STEPS: Final = 50_000
"""Statements looked at and places filled while telling blank nodes apart that look alike; about a tenth of a second."""

MAX_CHAIN: Final = 100
"""Blank nodes that look alike and hang on each other in one chain."""


class Quad(NamedTuple):
    """One statement; each term is written as in canonical N-Quads, and an empty graph is the default graph."""

    subject: str
    predicate: str
    object: str
    graph: str = ""


_ESCAPED: Final = re.compile(r'["\\\x00-\x1f\x7f\ufffe\uffff]')  # what XML 1.1 cannot hold, and the delimiters
_ESCAPES: Final = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}


def quoted(text: str) -> str:
    """Write the text of a literal as canonical N-Quads do (rdf-canon §5.2)."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _ESCAPES.get(character) or f"\\u{ord(character):04X}"


def canonicalize(quads: Iterable[Quad], algorithm: HashName = "sha256") -> str:
    """Write a set of statements in its one canonical form (rdf-canon §4.4.3).

    Raises:
        CannotCanonize: there are more statements or blank nodes than are handled, or they are too hard to tell apart.

    """
    dataset = set(quads)
    if len(dataset) > MAX_QUADS:
        raise _too_much("too_large", f"more than {MAX_QUADS} statements")
    if sum(len(term) for quad in dataset for term in quad) > MAX_TEXT:
        raise _too_much("too_large", f"statements of more than {MAX_TEXT} characters")
    labels = _Labelling(dataset, algorithm).labels()
    return "".join(sorted(_line(quad, labels) for quad in dataset))


def _line(quad: Quad, labels: dict[str, str], other: str = "") -> str:
    """Write one statement, its blank nodes renamed by `labels`, or called `other` when they are not in there."""
    subject, predicate, object_, graph = quad
    if subject[0] == "_":
        subject = labels.get(subject, other)
    if object_[0] == "_":
        object_ = labels.get(object_, other)
    if graph:
        graph = (labels.get(graph, other) if graph[0] == "_" else graph) + " "
    return f"{subject} {predicate} {object_} {graph}.\n"


def _blank_terms(quad: Quad) -> list[tuple[str, str]]:
    """List the blank nodes of a statement, each with the letter of its position."""
    return [(term, at) for term, at in ((quad.subject, "s"), (quad.object, "o"), (quad.graph, "g")) if term[:1] == "_"]


def _weight(quad: Quad) -> int:
    """Say how many steps it costs to look at a statement: one, unless its predicate is long and slow to hash."""
    return 1 + len(quad.predicate) // 256


def _too_much(code: str, detail: str) -> CannotCanonize:
    return CannotCanonize(Problem(code, detail, type=PROOF_TRANSFORMATION_ERROR))


class _Labelling:
    """One run of the algorithm: from statements to a canonical label for each blank node."""

    def __init__(self, dataset: set[Quad], algorithm: HashName) -> None:
        mentions: defaultdict[str, list[Quad]] = defaultdict(list)
        for quad in dataset:
            for node in {node for node, _ in _blank_terms(quad)}:
                mentions[node].append(quad)
        if len(mentions) > MAX_BLANK_NODES:
            raise _too_much("too_large", f"more than {MAX_BLANK_NODES} blank nodes")
        self._algorithm = algorithm
        self._mentions = mentions
        self._weights = {node: sum(map(_weight, quads)) for node, quads in mentions.items()}
        self._first = {node: self._first_degree(node) for node in mentions}
        self._issued: dict[str, str] = {}
        self._steps = 0

    def labels(self) -> dict[str, str]:
        """Label the nodes that their own statements tell apart first, then those that only their surroundings do."""
        alike: defaultdict[str, list[str]] = defaultdict(list)
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

    def _issue(self, node: str) -> None:
        if node not in self._issued:
            self._issued[node] = f"_:c14n{len(self._issued)}"

    def _tell_apart(self, group: list[str]) -> None:
        paths = [self._n_degree(node, {node: "_:b0"}) for node in group if node not in self._issued]
        for _, visited in sorted(paths, key=lambda path: path[0]):
            for node in visited:
                self._issue(node)

    def _spend(self, steps: int, chain: int = 0) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS or chain > MAX_CHAIN:
            raise _too_much("work_bound", "its blank nodes are too hard to tell apart")

    def _hash(self, text: str) -> str:
        return hashlib.new(self._algorithm, text.encode()).hexdigest()

    def _first_degree(self, node: str) -> str:
        """Hash the statements about a node, with all other blank nodes made alike (§4.6)."""
        labels = {node: "_:a"}
        return self._hash("".join(sorted(_line(quad, labels, "_:z") for quad in self._mentions[node])))

    def _related(self, node: str, position: str, quad: Quad, visited: dict[str, str]) -> str:
        """Hash how a node is related to another by one statement (§4.7)."""
        name = self._issued.get(node) or visited.get(node) or self._first[node]
        return self._hash(position + ("" if position == "g" else quad.predicate) + name)

    def _n_degree(self, node: str, visited: dict[str, str], chain: int = 0) -> tuple[str, dict[str, str]]:
        """Hash a node with its surroundings, and list the nodes that were visited in order (§4.8)."""
        self._spend(self._weights[node], chain)
        neighbours: defaultdict[str, list[str]] = defaultdict(list)
        for quad in self._mentions[node]:
            for other, position in _blank_terms(quad):
                if other != node:
                    neighbours[self._related(other, position, quad, visited)].append(other)
        text = ""
        for digest, group in sorted(neighbours.items()):
            path, visited = self._shortest_path(group, visited, chain)
            text += digest + path
        return self._hash(text), visited

    def _shortest_path(self, group: list[str], visited: dict[str, str], chain: int) -> tuple[str, dict[str, str]]:
        """Find the order of neighbours that look alike which gives the least path (§4.8.3 step 5.4)."""
        best, chosen = "", visited
        for order in _orders(group):
            path, explored = self._path(order, visited, chain, best)
            if not best or path < best:
                best, chosen = path, explored
        return best, chosen

    def _path(self, order: Sequence[str], visited: dict[str, str], chain: int, best: str) -> tuple[str, dict[str, str]]:
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


def _orders(group: list[str]) -> Iterator[Sequence[str]]:
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
