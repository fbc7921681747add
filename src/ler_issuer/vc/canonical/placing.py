"""The statements of a document together with where its blank nodes stand in it.

A blank node has no name that would hold outside of a document, and whoever shows a part of a document has to say which
of the blank nodes in the part is which one in the whole. Each is an object without an id, or a cell of a list, and that
has a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import orjson

from ler_issuer.types import JsonObject, Pointer
from ler_issuer.vc.canonical.expansion import fault
from ler_issuer.vc.canonical.general import explained, said_generally
from ler_issuer.vc.canonical.quads import Cell, Places
from ler_issuer.vc.canonical.rdfc import Quad
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.problems import CannotCanonize

__all__ = ["Cell", "Placed", "placed"]


class Placed(NamedTuple):
    """What a document says, and which of its blank nodes is which object without an id, or which cell of a list."""

    quads: tuple[Quad, ...]
    places: Mapping[Pointer, str]
    cells: Mapping[Cell, str]


def placed(document: JsonObject, contexts: Contexts) -> Placed:
    """Give the statements of a document and the places of its blank nodes, by the general path.

    Raises:
        CannotCanonize: as `canonize` does; besides, something of the document is lost in its statements, or has a blank
            node in it that is no object: one that is called by a name, or a graph.

    """
    places = Places()
    with explained():
        copied = orjson.loads(orjson.dumps(document))  # in which no object stands twice
        quads, lost = said_generally(copied, contexts, places)
        "".join(term for quad in quads for term in quad).encode()
    if lost:
        raise CannotCanonize(lost[0])
    found = {*places.objects.values(), *places.cells.values()}
    if any(term[:1] == "_" and term not in found for quad in quads for term in quad):
        raise CannotCanonize(fault("not_plain", "it has a blank node that no object stands for"))
    return Placed(tuple(quads), places.objects, places.cells)
