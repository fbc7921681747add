"""RDFC-1.0 step by step as the specification has it, with nothing made fast and no bounds; and with slips of others.

`Slip` names what makes another implementation come to another form. With its slips this here has to come to that very
form, so that what is left out of a comparison is a cause that is understood, and not a kind of document.
"""

from __future__ import annotations

import enum
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from ler_issuer.vc.canonical.rdfc import Quad

Issued: TypeAlias = dict[str, str]
"""An identifier issuer: what blank nodes have been called, in the order in which they were."""


class Slip(enum.Flag):
    """Where others leave the text of the specification."""

    NONE = 0
    NEIGHBOURS_ONCE = enum.auto()
    """A neighbour that is met twice by the same hash is kept once (§4.8.3 step 3.1.2 appends to a list)."""
    MENTIONS_COUNTED = enum.auto()
    """A quad is hashed as often as it was made and as it mentions a blank node (§4.4.3 step 2.1 adds it once)."""


def canonical_form(quads: Iterable[Quad], slips: Slip = Slip.NONE) -> str:
    """Give the canonical form of statements (§4.4.3)."""
    listed = list(quads)
    return _Run(listed if Slip.MENTIONS_COUNTED in slips else list(dict.fromkeys(listed)), slips).canonical_form()


class _Run:
    """One canonicalization: the state of §4.4.2, and the algorithms on it."""

    def __init__(self, quads: list[Quad], slips: Slip) -> None:
        self.quads = quads
        self.slips = slips
        self.canonical: Issued = {}
        self.mentions: defaultdict[str, list[Quad]] = defaultdict(list)
        for quad in quads:
            for term in quad if Slip.MENTIONS_COUNTED in slips else dict.fromkeys(quad):
                if term.startswith("_:"):
                    self.mentions[term].append(quad)
        self.first = {node: self.first_degree(node) for node in self.mentions}

    def canonical_form(self) -> str:
        """Label all blank nodes, and write all statements with their labels (§4.4.3)."""
        alike = defaultdict(list)
        for node, digest in self.first.items():
            alike[digest].append(node)
        groups = [group for _, group in sorted(alike.items())]
        for [node] in (group for group in groups if len(group) == 1):
            _issue(self.canonical, node, "_:c14n")
        for group in (group for group in groups if len(group) > 1):
            found = [self.n_degree(node, {node: "_:b0"}) for node in group if node not in self.canonical]
            for _, issued in sorted(found, key=lambda one: one[0]):
                for node in issued:
                    _issue(self.canonical, node, "_:c14n")
        return "".join(sorted(_line(self.canonical.get(term, term) for term in quad) for quad in self.quads))

    def first_degree(self, node: str) -> str:
        """Hash the quads of a node with all other blank nodes made alike (§4.6.3)."""
        made_alike = [
            _line(term if not term.startswith("_:") else "_:a" if term == node else "_:z" for term in quad)
            for quad in self.mentions[node]
        ]
        return _hash("".join(sorted(made_alike)))

    def related(self, node: str, quad: Quad, issued: Issued, position: str) -> str:
        """Hash another blank node of a quad (§4.7.3)."""
        predicate = "" if position == "g" else quad.predicate
        return _hash(position + predicate + (self.canonical.get(node) or issued.get(node) or self.first[node]))

    def n_degree(self, node: str, issued: Issued) -> tuple[str, Issued]:
        """Hash a node with its surroundings (§4.8.3)."""
        neighbours = defaultdict(list)
        for quad in self.mentions[node]:
            for other, position in ((quad.subject, "s"), (quad.object, "o"), (quad.graph, "g")):
                if other.startswith("_:") and other != node:
                    neighbours[self.related(other, quad, issued, position)].append(other)
        hashed = ""
        for digest, group in sorted(neighbours.items()):
            once = Slip.NEIGHBOURS_ONCE in self.slips
            paths = (self.path(order, issued) for order in _orders(sorted(set(group)) if once else group))
            chosen, issued = min(paths, key=lambda one: one[0])
            hashed += digest + chosen
        return _hash(hashed), issued

    def path(self, order: Sequence[str], issued: Issued) -> tuple[str, Issued]:
        """Walk neighbours in one order (steps 5.4.1 to 5.4.5; a path that is no good is walked to its end here)."""
        issued, path, unvisited = dict(issued), "", []
        for node in order:
            if node not in self.canonical and node not in issued:
                unvisited.append(node)
            path += self.canonical.get(node) or _issue(issued, node, "_:b")
        for node in unvisited:
            digest, after = self.n_degree(node, issued)
            path += f"{issued[node]}<{digest}>"
            issued = after
        return path, issued


def _issue(issued: Issued, node: str, prefix: str) -> str:
    return issued.setdefault(node, f"{prefix}{len(issued)}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _line(terms: Iterable[str]) -> str:
    return " ".join([*filter(None, terms), ".\n"])


def _orders(group: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the orders of a list that differ: a node may stand in it more than once."""
    if not group:
        yield ()
    left = Counter(group)
    for node in left:
        rest = [*(left - Counter([node])).elements()]
        yield from ((node, *order) for order in _orders(rest))
