"""RDFC-1.0: one text for a set of statements, whatever its blank nodes were called (W3C rdf-canon).

Statements come as descriptions and leave as lines; the names of blank nodes in between are the business of `labelling`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from ler_issuer.vc.canonical.dataset import Description, Quad, Term, described
from ler_issuer.vc.canonical.labelling import HASHES, HashName, Labelling, Neighbour, first_hashes, labels_by_first
from ler_issuer.vc.canonical.literals import quoted
from ler_issuer.vc.problems import PROOF_TRANSFORMATION_ERROR, CannotCanonize, Problem

__all__ = ["HashName", "Quad", "Ready", "canonical_text", "canonicalize", "labels_of", "quoted", "text_with_ready"]

MAX_QUADS: Final = 50_000
MAX_BLANK_NODES: Final = 10_000

MAX_TEXT: Final = 16 * 1024 * 1024
"""Characters of all statements; a long name that is said of many things would make gigabytes of a small document."""


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
    _check(_size(descriptions))
    subjects = _by_subject(descriptions)
    labels = Labelling(_blank_nodes(subjects), algorithm).labels()
    return _joined([_block(parts, labels) for parts in subjects.values()])


def labels_of(quads: Iterable[Quad], algorithm: HashName = "sha256") -> dict[str, str]:
    """Give for each blank node of a set of statements, by its name there, its canonical label (rdf-canon §4.4).

    Raises:
        CannotCanonize: as `canonicalize`.

    """
    numbers: dict[str, int] = {}
    descriptions = described(dict.fromkeys(quads), numbers)
    _check(_size(descriptions))
    labels = Labelling(_blank_nodes(_by_subject(descriptions)), algorithm).labels()
    return {name: labels[number] for name, number in numbers.items()}


class Ready:
    """Descriptions in the default graph that were dealt with before, with their blank nodes numbered from 1.

    Nothing outside of them mentions one of their blank nodes, which they can therefore tell the first hashes of.
    """

    __slots__ = ("firsts", "open", "size", "subjects", "written")

    def __init__(self, descriptions: Sequence[Description]) -> None:
        """Deal with descriptions; they are merged and sorted by this."""
        self.size = _size(descriptions)
        subjects = _by_subject(descriptions)
        nodes = _blank_nodes(subjects)
        merged = [parts[""] for parts in subjects.values()]
        self.subjects = {one.subject for one in merged if type(one.subject) is str}
        self.firsts: dict[HashName, dict[int, str]] = {name: first_hashes(nodes, name) for name in HASHES}
        self.open = [one for one in merged if one.links or type(one.subject) is int]
        self.written = [_labelled(one, {}) for one in merged if not one.links and type(one.subject) is str]

    def blocks(self, labels: dict[int, str], before: int) -> list[str]:
        """Write them, with their blank nodes numbered after so many others."""
        own = {number: labels[number + before] for number in self.firsts["sha256"]}
        return self.written + [_labelled(one, own) for one in self.open]


def text_with_ready(
    descriptions: Sequence[Description], ready: Sequence[tuple[Ready, int]], algorithm: HashName = "sha256"
) -> str | None:
    """Write what descriptions say together with what is `ready`, each after so many blank nodes.

    Gives None if that is not easy: they speak of the same, have blank nodes that look alike, or very many of them.

    Raises:
        CannotCanonize: as `canonical_text`.

    """
    sizes = [_size(descriptions), *(one.size for one, _ in ready)]
    _check((sum(statements for statements, _ in sizes), sum(names for _, names in sizes)))
    subjects = _by_subject(descriptions)
    firsts = first_hashes(_blank_nodes(subjects), algorithm)
    taken: set[Term] = {*subjects}
    for one, before in ready:
        if not taken.isdisjoint(one.subjects):
            return None
        taken |= one.subjects
        for number, digest in one.firsts[algorithm].items():
            firsts[number + before] = digest
    labels = labels_by_first(firsts)
    if labels is None or len(firsts) > MAX_BLANK_NODES:
        return None
    blocks = [_block(parts, labels) for parts in subjects.values()]
    for one, before in ready:
        blocks += one.blocks(labels, before)
    return _joined(blocks)


def _joined(blocks: list[str]) -> str:
    if sum(map(len, blocks)) > MAX_TEXT:
        raise _too_long()
    blocks.sort()
    return "".join(blocks)


_Subjects: TypeAlias = dict[Term, dict[Term, Description]]
"""What is said of each subject, in each graph."""


def _by_subject(descriptions: Sequence[Description]) -> _Subjects:
    """Gather what is said of each subject: one description for each graph, its texts in order, nothing said twice.

    What another description said of the same moves there.
    """
    subjects: _Subjects = {}
    for one in descriptions:
        parts = subjects.get(one.subject)
        if parts is None:
            subjects[one.subject] = {one.graph: one}
        elif parts.setdefault(one.graph, one) is not one:
            parts[one.graph].texts += one.texts
            parts[one.graph].links += one.links
            one.texts, one.links = [], []
    for parts in subjects.values():
        for part in parts.values():
            if len(part.texts) > 1:
                part.texts = sorted({*part.texts})
            if len(part.links) > 1:
                part.links = sorted({*part.links})
    return subjects


def _size(descriptions: Sequence[Description]) -> tuple[int, int]:
    """Count the statements, and the characters of the names that will stand in each of them."""
    statements = names = 0
    for one in descriptions:
        size = len(one.texts) + len(one.links)
        statements += size
        if type(one.subject) is str:
            names += size * len(one.subject)
        if type(one.graph) is str:
            names += size * len(one.graph)
    return statements, names


def _check(size: tuple[int, int]) -> None:
    statements, names = size
    if statements > MAX_QUADS:
        raise _too_much("too_large", f"more than {MAX_QUADS} statements")
    if names > MAX_TEXT:
        raise _too_long()


def _block(parts: dict[Term, Description], labels: dict[int, str]) -> str:
    """Write the lines about one subject; none is the beginning of another, so that blocks sort as their lines would."""
    written = [_labelled(part, labels) for part in parts.values()]
    return written[0] if len(written) == 1 else "".join(sorted(_split(written)))


def _labelled(part: Description, labels: dict[int, str]) -> str:
    texts, subject, graph = part.texts, part.subject, part.graph
    if part.links:
        texts = sorted([*texts, *[f"{predicate} {labels[node]}" for predicate, node in part.links]])
    elif not texts:
        return ""
    head = labels[subject] if isinstance(subject, int) else subject
    return _lines(head, texts, _end(labels[graph] if isinstance(graph, int) else graph))


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
        if self.pointed or self.within:  # none of these lines begins as this node's own lines do
            own += self._foreign()
            own.sort()
        return "".join(own)

    def _own(self, part: Description) -> str:
        texts = part.texts
        if part.links:
            links = [f"{predicate} {'_:a' if node == self.number else '_:z'}" for predicate, node in part.links]
            texts = sorted([*texts, *links])
        return _lines("_:a", texts, self._masked_end(part))

    def _foreign(self) -> list[str]:
        lines = [f"{_masked(part.subject)} {predicate} _:a{self._masked_end(part)}" for part, predicate in self.pointed]
        for part in self.within:
            head = _masked(part.subject)
            elsewhere = [f"{predicate} _:z" for predicate, node in part.links if node != self.number]
            lines += [f"{head} {text} _:a .\n" for text in (*part.texts, *elsewhere)]
        return lines

    def neighbours(self) -> Iterator[Neighbour]:
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

    def _objects(self, part: Description) -> list[Neighbour]:
        return [("o", predicate, node) for predicate, node in part.links if node != self.number]

    def _graphs(self, part: Description) -> list[Neighbour]:
        return [("g", "", part.graph)] if type(part.graph) is int and part.graph != self.number else []

    def _masked_end(self, part: Description) -> str:
        if not part.graph:
            return " .\n"
        return _end("_:a" if part.graph == self.number else _masked(part.graph))


def _subjects(part: Description, predicates: list[str]) -> list[Neighbour]:
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
            if graph and type(graph) is int and graph != subject:
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
