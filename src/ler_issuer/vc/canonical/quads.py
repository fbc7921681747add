"""From expanded JSON-LD to RDF statements (JSON-LD 1.1 API §7 and §8), with an eye on what RDF cannot say.

Duplicates are left in: a dataset is a set, and whoever canonicalises it makes it one.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from ler_issuer.types import Json, JsonObject, Pointer
from ler_issuer.vc.canonical.expansion import Expanded, Trace, fault
from ler_issuer.vc.canonical.literals import IRI, LANGUAGE, RDF, RELATIVE, XSD, quoted, typed
from ler_issuer.vc.canonical.rdfc import MAX_QUADS, Quad
from ler_issuer.vc.problems import CannotCanonize

_TYPE: Final = f"<{RDF}type>"
_FIRST: Final = f"<{RDF}first>"
_REST: Final = f"<{RDF}rest>"
_NIL: Final = f"<{RDF}nil>"

_NO_INDEX: Final = "an @index is no part of what is signed"
_NO_DIRECTION: Final = "an @direction is no part of what is signed"

_Way: TypeAlias = tuple[str, tuple[int, ...]]
"""From an object to one of its values: the predicate, which value of it, and which item in lists of lists."""

Cell: TypeAlias = tuple[Pointer, _Way]
"""Where a cell of a list stands: in which object of the document, and where there."""


class Places:
    """Where in a document its blank nodes come from; each object without an id is one, and each cell of a list."""

    def __init__(self) -> None:
        """Begin with none."""
        self.objects: dict[Pointer, str] = {}
        self.cells: dict[Cell, str] = {}


def to_quads(expanded: Expanded, places: Places | None = None) -> list[Quad]:
    """Give the statements that a document makes; what it says and they do not is added to the trace.

    If `places` are asked for, the blank nodes are told there. They are found for a document in which no object or array
    stands twice as one and the same value in memory.

    Raises:
        CannotCanonize: a reference or language tag is malformed, so that no statement could hold it.

    """
    writer = _Writer(expanded.trace, places)
    for node in expanded.nodes:
        writer.write_free(node, "")
    return writer.quads


class _Writer:
    def __init__(self, trace: Trace, places: Places | None) -> None:
        self.quads: list[Quad] = []
        self._trace = trace
        self._places = places
        self._labels: dict[str, str] = {}
        self._made = 0

    def write_free(self, node: JsonObject, graph: str) -> None:
        """Write a node that no other refers to; a value, or a node that says nothing but its id, would vanish."""
        before = len(self.quads)
        if "@value" not in node and "@list" not in node:
            self._node(node, graph)
        if len(self.quads) == before and node:
            detail = "standing alone, this says nothing that could be signed"
            self._lose_value("reference_dropped", detail, node, node.get("@id", node.get("@value")))

    def _add(self, subject: str, predicate: str, object_: str, graph: str) -> None:
        if len(self.quads) >= MAX_QUADS:
            raise CannotCanonize(fault("too_large", f"more than {MAX_QUADS} statements"))
        self.quads.append(Quad(subject, predicate, object_, graph))

    def _node(self, node: JsonObject, graph: str) -> str:
        """Write all that a node says, and give the term that stands for it."""
        subject = self._resource(node, node["@id"]) if "@id" in node else self._unnamed(node)
        for name, values in sorted(node.items()):
            if not name.startswith("@"):
                self._property(node, subject, name, values, graph)
            elif name == "@type":
                for value in values:
                    self._add(subject, _TYPE, self._resource(node, value), graph)
            elif name != "@id":
                self._keyword(node, subject, name, graph)
        return subject

    def _keyword(self, node: JsonObject, subject: str, name: str, graph: str) -> None:
        """Write the nodes that a keyword gathers."""
        values = node[name]
        if name == "@reverse":
            self._reversed(node, subject, values, graph)
        elif name in {"@graph", "@included"}:
            for inner in values:
                self.write_free(inner, subject if name == "@graph" else graph)
        elif name == "@index":
            self._lose_value("index_dropped", _NO_INDEX, node, values)
        else:
            self._lose_member(f"the keyword {name} says nothing in a document", node, name)

    def _property(self, node: JsonObject, subject: str, name: str, values: list[JsonObject], graph: str) -> None:
        if name.startswith("_:"):
            self._lose_member(f"{name[:80]!r} cannot be signed as the name of a property", node, name)
            return
        predicate = self._resource(node, name)
        for number, value in enumerate(values):
            self._add(subject, predicate, self._object(node, value, graph, (predicate, (number,))), graph)

    def _reversed(self, node: JsonObject, object_: str, properties: dict[str, list[JsonObject]], graph: str) -> None:
        for name, subjects in sorted(properties.items()):
            predicate = self._resource(node, name)
            for subject in subjects:
                self._add(self._node(subject, graph), predicate, object_, graph)

    def _object(self, owner: JsonObject, value: JsonObject, graph: str, way: _Way) -> str:
        if "@value" in value:
            return self._literal(owner, value)
        if "@list" in value:
            return self._list(owner, value["@list"], graph, way)
        if value.keys() == {"@id"}:
            return self._resource(value if self._trace.knows(value) else owner, value["@id"])
        return self._node(value, graph)

    def _list(self, owner: JsonObject, items: list[JsonObject], graph: str, way: _Way) -> str:
        """Write a list as the chain of cells that RDF makes of it (§8.7)."""
        predicate, numbers = way
        ways = [(predicate, (*numbers, number)) for number in range(len(items))]
        cells = [self._cell(owner, inner) for inner in ways]
        for cell, item, rest, inner in zip(cells, items, [*cells[1:], _NIL], ways, strict=False):
            self._add(cell, _FIRST, self._object(owner, item, graph, inner), graph)
            self._add(cell, _REST, rest, graph)
        return cells[0] if cells else _NIL

    def _literal(self, owner: JsonObject, value: JsonObject) -> str:
        """Write a value with its language or datatype (§8.6)."""
        if "@index" in value:
            self._lose_value("index_dropped", _NO_INDEX, owner, value["@index"])
        if "@direction" in value:
            self._lose_value("direction_dropped", _NO_DIRECTION, owner, value["@value"])
        if "@language" in value:
            language = value["@language"]
            if not LANGUAGE.fullmatch(language):
                pointer = self._trace.pointer_of_value(owner, value["@value"])
                raise CannotCanonize(fault("malformed_language", f"{language[:80]!r} is no language tag", pointer))
            return f"{quoted(value['@value'])}@{language}"
        text, datatype = typed(value["@value"], value.get("@type"))
        if datatype == XSD + "string":
            return quoted(text)
        return f"{quoted(text)}^^{self._resource(owner, datatype)}"

    def _resource(self, owner: JsonObject, iri: Json) -> str:
        """Write a reference: an IRI, or the blank node that a document called by a name of its own."""
        if isinstance(iri, str):
            if iri.startswith("_:"):
                return self._labels.get(iri) or self._labels.setdefault(iri, self._fresh())
            if IRI.fullmatch(iri):
                if iri.startswith(RELATIVE):
                    self._trace.lose_reference(owner, iri)
                return f"<{iri}>"
        pointer = self._trace.pointer_of_iri(owner, iri)
        raise CannotCanonize(fault("malformed_iri", f"{str(iri)[:200]!r} is not an IRI", pointer))

    def _lose_value(self, code: str, detail: str, owner: JsonObject, scalar: Json) -> None:
        self._trace.lose(code, detail, lambda: self._trace.pointer_of_value(owner, scalar))

    def _lose_member(self, detail: str, owner: JsonObject, name: str) -> None:
        self._trace.lose("term_dropped", detail, lambda: self._trace.pointer_of_member(owner, name))

    def _unnamed(self, node: JsonObject) -> str:
        """Make a blank node of an object without an id."""
        made = self._fresh()
        if self._places is not None and self._trace.knows(node):
            self._places.objects[self._trace.pointer_of(node)] = made
        return made

    def _cell(self, owner: JsonObject, way: _Way) -> str:
        """Make a blank node for one item of a list."""
        made = self._fresh()
        if self._places is not None:
            self._places.cells[self._trace.pointer_of(owner), way] = made
        return made

    def _fresh(self) -> str:
        self._made += 1
        return f"_:n{self._made}"
