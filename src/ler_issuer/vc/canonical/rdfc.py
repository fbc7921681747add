"""RDFC-1.0: one text for a set of statements, whatever its blank nodes were called (W3C rdf-canon).

The algorithm tries orders of blank nodes that look alike, so a small graph made for the purpose can keep it busy for
years. `MAX_STEPS` ends that: ordinary credentials need a few hundred steps, and what needs more is refused.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from ler_issuer.vc.canonical.dataset import Description, Quad, Term, described
from ler_issuer.vc.canonical.literals import quoted
from ler_issuer.vc.problems import PROOF_TRANSFORMATION_ERROR, CannotCanonize, Problem

__all__ = ["HashName", "Quad", "canonical_text", "canonicalize", "quoted"]

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

_HASHES: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}


def canonicalize(quads: Iterable[Quad], algorithm: HashName = "sha256") -> str:
    """Write a set of statements in its one canonical form (rdf-canon §4.4.3).

    Raises:
        CannotCanonize: there are more statements or blank nodes than are handled, or they are too hard to tell apart.

    """
    dataset = dict.fromkeys(quads)
    if sum(len(term) for quad in dataset for term in quad) > MAX_TEXT:
        raise _too_long()
    return canonical_text(described(dataset), algorithm)


def canonical_text(descriptions: Sequence[Description], algorithm: HashName = "sha256") -> str:
    """Write what descriptions say in its one canonical form (rdf-canon §4.4.3); they are merged and sorted by this.

    Raises:
        CannotCanonize: there are more statements or blank nodes than are handled, or they are too hard to tell apart.

    """
    subjects = _by_subject(descriptions)
    labels = _Labelling(_blank_nodes(subjects), algorithm).labels()
    blocks = [_block(parts, labels) for parts in subjects.values()]
    if sum(map(len, blocks)) > MAX_TEXT:
        raise _too_long()
    return "".join(sorted(blocks))


_Subjects: TypeAlias = dict[Term, dict[Term, Description]]
"""What is said of each subject, in each graph."""


def _by_subject(descriptions: Sequence[Description]) -> _Subjects:
    """Gather what is said of each subject: one description for each graph, its texts in order, nothing said twice."""
    _check_size(descriptions)
    subjects: _Subjects = {}
    for one in descriptions:
        parts = subjects.get(one.subject)
        if parts is None:
            subjects[one.subject] = {one.graph: one}
        elif parts.setdefault(one.graph, one) is not one:
            parts[one.graph].texts += one.texts
            parts[one.graph].links += one.links
    for parts in subjects.values():
        for part in parts.values():
            if len(part.texts) > 1:
                part.texts = sorted({*part.texts})
            if len(part.links) > 1:
                part.links = sorted({*part.links})
    return subjects


def _check_size(descriptions: Sequence[Description]) -> None:
    """Count the statements, and how long the names are that will stand in each of them."""
    statements = names = 0
    for one in descriptions:
        size = len(one.texts) + len(one.links)
        statements += size
        if type(one.subject) is str:
            names += size * len(one.subject)
        if type(one.graph) is str:
            names += size * len(one.graph)
    if statements > MAX_QUADS:
        raise _too_much("too_large", f"more than {MAX_QUADS} statements")
    if names > MAX_TEXT:
        raise _too_long()


def _block(parts: dict[Term, Description], labels: dict[int, str]) -> str:
    """Write the lines about one subject; none is the beginning of another, so that blocks sort as their lines would."""
    written = [_labelled(part, labels) for part in parts.values()]
    return written[0] if len(written) == 1 else "".join(sorted(_split(written)))


def _labelled(part: Description, labels: dict[int, str]) -> str:
    if not part.texts and not part.links:
        return ""
    texts = part.texts
    if part.links:
        texts = sorted([*texts, *[f"{predicate} {labels[node]}" for predicate, node in part.links]])
    return _lines(_named(part.subject, labels), texts, _end(_named(part.graph, labels)))


def _named(term: Term, labels: dict[int, str]) -> str:
    return labels[term] if isinstance(term, int) else term


def _lines(head: str, texts: list[str], end: str) -> str:
    """Write one line for each text, in their order; it is that of the lines, for the space after a term sorts first."""
    return f"{head} {f'{end}{head} '.join(texts)}{end}"


def _end(graph: str) -> str:
    return f" {graph} .\n" if graph else " .\n"


def _split(blocks: list[str]) -> Iterator[str]:
    return (f"{line}\n" for block in blocks for line in block.split("\n") if line)


def _too_much(code: str, detail: str) -> CannotCanonize:
    return CannotCanonize(Problem(code, detail, type=PROOF_TRANSFORMATION_ERROR))


def _too_long() -> CannotCanonize:
    return _too_much("too_large", f"statements of more than {MAX_TEXT} characters")


_Neighbour: TypeAlias = tuple[str, str, int]
"""Another blank node of a statement: the letter of where it stands, the predicate, and its number (§4.7)."""


class _BlankNode:
    """Where a blank node is mentioned: as a subject, as an object of other subjects, as a graph of other subjects."""

    __slots__ = ("about", "number", "pointed", "within")

    def __init__(self, number: int) -> None:
        self.number = number
        self.about: list[Description] = []
        self.pointed: list[tuple[Description, str]] = []
        self.within: list[Description] = []

    def seen(self) -> str:
        """Write the statements about this node, with all other blank nodes made alike (§4.6)."""
        own = [self._own(part) for part in self.about]
        if len(own) > 1:
            own = sorted(_split(own))
        return "".join(sorted([*own, *self._foreign()]))  # none of these begins as this node's own lines do

    def _own(self, part: Description) -> str:
        texts = part.texts
        if part.links:
            links = [f"{predicate} {'_:a' if node == self.number else '_:z'}" for predicate, node in part.links]
            texts = sorted([*texts, *links])
        return _lines("_:a", texts, self._masked_end(part))

    def _foreign(self) -> Iterator[str]:
        for part, predicate in self.pointed:
            yield f"{_masked(part.subject)} {predicate} _:a{self._masked_end(part)}"
        for part in self.within:
            head = _masked(part.subject)
            for text in part.texts:
                yield f"{head} {text} _:a .\n"
            for predicate, node in part.links:
                if node != self.number:
                    yield f"{head} {predicate} _:z _:a .\n"

    def neighbours(self) -> Iterator[_Neighbour]:
        """Yield the other blank nodes of each of these statements."""
        for part in self.about:
            yield from self._objects(part)
            yield from self._graphs(part) * (len(part.texts) + len(part.links))
        for part, predicate in self.pointed:
            yield from _subjects(part, [predicate])
            yield from self._graphs(part)
        for part in self.within:
            elsewhere = [predicate for predicate, node in part.links if node != self.number]
            yield from _subjects(part, [*elsewhere, *(text.partition(" ")[0] for text in part.texts)])
            yield from self._objects(part)

    def _objects(self, part: Description) -> list[_Neighbour]:
        return [("o", predicate, node) for predicate, node in part.links if node != self.number]

    def _graphs(self, part: Description) -> list[_Neighbour]:
        return [("g", "", part.graph)] if type(part.graph) is int and part.graph != self.number else []

    def _masked_end(self, part: Description) -> str:
        return _end("_:a" if part.graph == self.number else _masked(part.graph))


def _subjects(part: Description, predicates: list[str]) -> list[_Neighbour]:
    return [("s", predicate, part.subject) for predicate in predicates] if type(part.subject) is int else []


def _masked(term: Term) -> str:
    return term if type(term) is str else "_:z"


def _blank_nodes(subjects: _Subjects) -> _Nodes:
    """Find the blank nodes of a dataset, and where each is mentioned."""
    nodes = _Nodes()
    for subject, parts in subjects.items():
        for graph, part in parts.items():
            if type(subject) is int and (part.texts or part.links):
                nodes[subject].about.append(part)
            if type(graph) is int and graph != subject:
                nodes[graph].within.append(part)
            for predicate, number in part.links:
                if number != subject:
                    nodes[number].pointed.append((part, predicate))
    if len(nodes) > MAX_BLANK_NODES:
        raise _too_much("too_large", f"more than {MAX_BLANK_NODES} blank nodes")
    return nodes


class _Nodes(dict[int, _BlankNode]):
    def __missing__(self, number: int) -> _BlankNode:
        node = self[number] = _BlankNode(number)
        return node


class _Labelling:
    """One run of the algorithm: from the blank nodes of a dataset to a canonical label for each."""

    def __init__(self, nodes: dict[int, _BlankNode], algorithm: HashName) -> None:
        self._nodes = nodes
        self._new_hash = _HASHES[algorithm]
        self._first = {number: self._hash(node.seen()) for number, node in nodes.items()}
        self._neighbours: dict[int, list[_Neighbour]] = {}
        self._issued: dict[int, str] = {}
        self._steps = 0

    def labels(self) -> dict[int, str]:
        """Label the nodes that their own statements tell apart first, then those that only their surroundings do."""
        if len({*self._first.values()}) == len(self._first):  # in most documents the former are all
            order = sorted(self._first, key=self._first.__getitem__)
            return {node: f"_:c14n{place}" for place, node in enumerate(order)}
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
            raise _too_much("work_bound", "its blank nodes are too hard to tell apart")

    def _hash(self, text: str) -> str:
        return self._new_hash(text.encode()).hexdigest()

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

    def _around(self, node: int, chain: int) -> list[_Neighbour]:
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
