"""One text for what a document says: JSON-LD expansion, RDF statements, RDFC-1.0.

Two documents have the same canonical form exactly if they say the same, so it is what gets hashed and signed. Data that
the canonical form leaves out would be unsigned and yet on display; `Canonical.lost` names each such place.
"""

from __future__ import annotations

from dataclasses import dataclass

from ler_issuer.types import JsonObject
from ler_issuer.vc.canonical import nquads as reader
from ler_issuer.vc.canonical.bounds import measure
from ler_issuer.vc.canonical.expansion import expand, fault
from ler_issuer.vc.canonical.quads import to_quads
from ler_issuer.vc.canonical.rdfc import HashName, canonicalize
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.problems import CannotCanonize, Problem

__all__ = ["CannotCanonize", "Canonical", "HashName", "canonize", "canonize_nquads"]


@dataclass(frozen=True, slots=True)
class Canonical:
    """What a document says, as canonical N-Quads, and the places whose data is not in there.

    `algorithm` is the hash by which its blank nodes were told apart.
    """

    nquads: str
    lost: tuple[Problem, ...]
    algorithm: HashName = "sha256"


def canonize(document: JsonObject, contexts: Contexts, algorithm: HashName = "sha256") -> Canonical:
    """Give the canonical form of a document (RDFC-1.0), within published bounds on size and work.

    A document with anything in `lost` must neither be signed nor accepted: part of it means nothing, or means something
    else to every reader. In conformance runs a writing direction is no loss: VCDM 2.0 §11.1 allows one, and RDF has no
    place for it.

    Raises:
        CannotCanonize: a context is unknown or inline, the document is not JSON-LD, it makes no statement at all, or it
            is beyond the bounds of `bounds.py` and `rdfc.py`. Nothing else is raised, whatever comes in.

    """
    try:
        measure(document)
        expanded = expand(document, contexts)
        nquads = canonicalize(to_quads(expanded), algorithm)
        nquads.encode()
    except CannotCanonize:
        raise
    except UnicodeEncodeError:
        raise CannotCanonize(fault("lone_surrogate", "a surrogate without its pair is not a character")) from None
    except Exception as error:  # noqa: BLE001 - PyLD answers malformed input with whatever its code runs into
        raise CannotCanonize(fault("not_json_ld", f"this is not JSON-LD ({type(error).__name__})")) from None
    if not nquads:
        raise CannotCanonize(fault("no_statements", "the document says nothing that could be signed"))
    lost = (one for one in expanded.trace.lost if not (contexts.inline and one.code == "direction_dropped"))
    return Canonical(nquads, tuple(lost), algorithm)


def canonize_nquads(text: str, algorithm: HashName = "sha256") -> str:
    """Give the canonical form of statements that are written as N-Quads, within the same bounds.

    Raises:
        CannotCanonize: the text is not N-Quads, or its statements are too many or too hard to tell apart.

    """
    return canonicalize(reader.read(text), algorithm)
