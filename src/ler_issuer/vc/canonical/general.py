"""The general path: a document of any shape becomes canonical by way of its expanded form, as the specification has it.

PyLD expands, `quads` makes statements of that, and RDFC-1.0 labels them. It knows all of JSON-LD, and takes its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ler_issuer.types import JsonObject
from ler_issuer.vc.canonical.bounds import measure
from ler_issuer.vc.canonical.expansion import expand, fault
from ler_issuer.vc.canonical.form import Canonical
from ler_issuer.vc.canonical.quads import Places, to_quads
from ler_issuer.vc.canonical.rdfc import HashName, Quad, canonicalize
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.problems import CannotCanonize, Problem


def canonize_generally(document: JsonObject, contexts: Contexts, algorithm: HashName = "sha256") -> Canonical:
    """Give the canonical form of a document, as `canonize` promises it, whatever of JSON-LD the document uses.

    Raises:
        CannotCanonize: as `canonize` does.

    """
    with explained():
        quads, lost = said_generally(document, contexts)
        nquads = canonicalize(quads, algorithm)
        nquads.encode()
    if not nquads:
        raise CannotCanonize(fault("no_statements", "the document says nothing that could be signed"))
    return Canonical(nquads, lost, algorithm)


def said_generally(
    document: JsonObject, contexts: Contexts, places: Places | None = None
) -> tuple[list[Quad], tuple[Problem, ...]]:
    """Give the statements of a document and what they lose of it; what it raises is for `explained`."""
    measure(document)
    expanded = expand(document, contexts)
    quads = to_quads(expanded, places)
    lost = (one for one in expanded.trace.lost if not (contexts.undirected and one.code == "direction_dropped"))
    return quads, tuple(lost)


@contextmanager
def explained() -> Iterator[None]:
    """Say of whatever goes wrong with a document why it cannot be read.

    Raises:
        CannotCanonize: instead of anything else.

    """
    try:
        yield
    except CannotCanonize:
        raise
    except UnicodeEncodeError:
        raise CannotCanonize(fault("lone_surrogate", "a surrogate without its pair is not a character")) from None
    except Exception as error:  # noqa: BLE001 - PyLD answers malformed input with whatever its code runs into
        raise CannotCanonize(fault("not_json_ld", f"this is not JSON-LD ({type(error).__name__})")) from None
