"""Statements, in the two shapes that they have here.

A `Quad` is one statement. A `Description` is all that one graph says of one subject: texts that are in their final
writing already, kept apart from the links to blank nodes, which get their names only once all is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

Term: TypeAlias = str | int
"""What a statement is about: an IRI or literal as in canonical N-Quads, or the number of a blank node, from 1 on."""

Link: TypeAlias = tuple[str, int]
"""A predicate, and the number of the blank node that it leads to."""

UNNAMED: Final = 0
"""Who a description is about before that is known."""


class Quad(NamedTuple):
    """One statement; each term is written as in canonical N-Quads, and an empty graph is the default graph."""

    subject: str
    predicate: str
    object: str
    graph: str = ""


class Description:
    """What one graph says of one subject; a subject may have several of these, and any may repeat itself.

    `texts` are predicate and object as one text, `links` a predicate and the number of a blank node. The default graph
    is the empty text.
    """

    __slots__ = ("graph", "links", "subject", "texts")

    def __init__(self, subject: Term, graph: Term) -> None:
        """Begin with nothing said."""
        self.subject = subject
        self.graph = graph
        self.texts: list[str] = []
        self.links: list[Link] = []

    def say(self, predicate: str, term: Term) -> None:
        """Add a statement."""
        if type(term) is int:
            self.links.append((predicate, term))
        else:
            self.texts.append(f"{predicate} {term}")


def described(quads: Iterable[Quad], numbers: dict[str, int] | None = None) -> list[Description]:
    """Gather statements by what they are about, numbering the blank nodes in the order in which they turn up.

    Which number each of them got is told in `numbers`, which comes in empty.
    """
    numbers = {} if numbers is None else numbers
    found: dict[tuple[str, str], Description] = {}

    def term(text: str) -> Term:
        return numbers.setdefault(text, len(numbers) + 1) if text[:1] == "_" else text

    for subject, predicate, object_, graph in quads:
        description = found.get((subject, graph))
        if description is None:
            description = found[subject, graph] = Description(term(subject), term(graph))
        description.say(predicate, term(object_))
    return list(found.values())
