"""One text for what a document says: JSON-LD expansion, RDF statements, RDFC-1.0.

Two ways lead there and end in one `rdfc`. The direct one reads a document by contexts that were compiled before
(`compiling`, `members`, `walking`); the general one (`general`, by way of `expansion` and `quads`) is slow, knows all
of JSON-LD, and explains what is wrong with a document. What the first does not cover, it leaves to the second.

Two documents have the same canonical form exactly if they say the same, so it is what gets hashed and signed. Data that
the canonical form leaves out would be unsigned and yet on display; `Canonical.lost` names each such place.
"""

from __future__ import annotations

from ler_issuer.jsontext import NotJsonError, Survey
from ler_issuer.types import JsonObject
from ler_issuer.vc.canonical import nquads as reader
from ler_issuer.vc.canonical.form import Canonical
from ler_issuer.vc.canonical.members import Lossy, NotCovered
from ler_issuer.vc.canonical.rdfc import HashName, canonicalize
from ler_issuer.vc.canonical.walking import Said, statements
from ler_issuer.vc.canonical.watching import Watch
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.problems import CannotCanonize, Problem

__all__ = ["CannotCanonize", "Canonical", "HashName", "Watch", "canonize", "canonize_nquads"]


def canonize(
    document: JsonObject, contexts: Contexts, algorithm: HashName = "sha256", *, found: Survey | None = None
) -> Canonical:
    """Give the canonical form of a document (RDFC-1.0), within published bounds on size and work.

    A document with anything in `lost` must neither be signed nor accepted: part of it means nothing, or means something
    else to every reader. To contexts that are `undirected` a writing direction is no loss: VCDM 2.0 §11.1 allows one,
    and RDF has no place for it. `found` is what `bounds.measure` gave for the document, or for one that holds it.

    Raises:
        CannotCanonize: a context is unknown or inline, the document is not JSON-LD, it makes no statement at all, or it
            is beyond the bounds of `bounds.py` and `rdfc.py`. Nothing else is raised, whatever comes in.

    """
    try:
        canonical = canonize_directly(document, contexts, algorithm, found=found)
    except NotCovered:
        from ler_issuer.vc.canonical.general import canonize_generally  # noqa: PLC0415 - PyLD: only if needed

        return canonize_generally(document, contexts, algorithm)
    if contexts.watch is not None and not canonical.lost:
        contexts.watch(document, canonical)
    return canonical


def canonize_directly(
    document: JsonObject, contexts: Contexts, algorithm: HashName = "sha256", *, found: Survey | None = None
) -> Canonical:
    """Give the canonical form of a document by the compiled contexts alone, and what is lost in it.

    Raises:
        NotCovered: the document has something in it that only the general path can read, or explain.
        CannotCanonize: it is beyond the bounds.

    """
    try:
        said, lost = _said(document, contexts, found)
        nquads = said.canonical_text(algorithm)
        nquads.encode()
    except (UnicodeEncodeError, OverflowError, NotJsonError):  # half a character; a number beyond all others, or JSON's
        raise NotCovered from None
    if not nquads:
        raise NotCovered
    return Canonical(nquads, lost, algorithm)


def _said(document: JsonObject, contexts: Contexts, found: Survey | None) -> tuple[Said, tuple[Problem, ...]]:
    """Give what a document says; it is walked again, with notes, only if something is lost."""
    try:
        return statements(document, contexts, found), ()
    except Lossy:
        from ler_issuer.vc.canonical.noting import statements_and_losses  # noqa: PLC0415 - only if needed

        return statements_and_losses(document, contexts)


def canonize_nquads(text: str, algorithm: HashName = "sha256") -> str:
    """Give the canonical form of statements that are written as N-Quads, within the same bounds.

    Raises:
        CannotCanonize: the text is not N-Quads, or its statements are too many or too hard to tell apart.

    """
    return canonicalize(reader.read(text), algorithm)
