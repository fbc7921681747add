"""One text for what a document says: JSON-LD expansion, RDF statements, RDFC-1.0.

Two documents have the same canonical form exactly if they say the same, so it is what gets hashed and signed. Data that
the canonical form leaves out would be unsigned and yet on display; `Canonical.lost` names each such place.
"""

from __future__ import annotations

from dataclasses import dataclass

from ler_issuer.types import JsonObject
from ler_issuer.vc.canonical.bounds import measure
from ler_issuer.vc.canonical.expansion import expand, fault
from ler_issuer.vc.canonical.quads import to_quads
from ler_issuer.vc.canonical.rdfc import canonicalize
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.problems import CannotCanonize, Problem

__all__ = ["CannotCanonize", "Canonical", "canonize"]


@dataclass(frozen=True, slots=True)
class Canonical:
    """What a document says, as canonical N-Quads, and the places whose data is not in there."""

    nquads: str
    lost: tuple[Problem, ...]


def canonize(document: JsonObject, contexts: Contexts) -> Canonical:
    """Give the canonical form of a document (RDFC-1.0 with SHA-256), within published bounds on size and work.

    A document with anything in `lost` must neither be signed nor accepted: part of it means nothing, or means something
    else to every reader.

    Raises:
        CannotCanonize: a context is unknown or inline, the document is not JSON-LD, it makes no statement at all, or it
            is beyond the bounds of `bounds.py` and `rdfc.py`. Nothing else is raised, whatever comes in.

    """
    try:
        measure(document)
        expanded = expand(document, contexts)
        nquads = canonicalize(to_quads(expanded))
        nquads.encode()
    except CannotCanonize:
        raise
    except UnicodeEncodeError:
        raise CannotCanonize(fault("lone_surrogate", "a surrogate without its pair is not a character")) from None
    except Exception as error:  # noqa: BLE001 - PyLD answers malformed input with whatever its code runs into
        raise CannotCanonize(fault("not_json_ld", f"this is not JSON-LD ({type(error).__name__})")) from None
    if not nquads:
        raise CannotCanonize(fault("no_statements", "the document says nothing that could be signed"))
    return Canonical(nquads, expanded.trace.lost)
