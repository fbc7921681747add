"""Contexts that are written out in a document, for installations that take part in public conformance runs.

A document that brings its own vocabulary can give its words any meaning, so the service does not accept it otherwise.
Even here nothing is read that would make the meaning depend on the reader (`@base`), hide a part of the document from
whoever reads it as plain JSON (other names for keywords, `@nest`), or take a context from elsewhere (`@import`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ler_issuer.jsontext import escape
from ler_issuer.vc.canonical.bounds import MAX_CONTEXTS_HERE
from ler_issuer.vc.problems import PROOF_TRANSFORMATION_ERROR, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ler_issuer.types import Json, JsonObject, Pointer

MAX_MEMBERS: Final = 1_000
"""Members of all objects that one inline context is made of."""

MAX_NESTED: Final = 8
"""Contexts inside contexts."""

_NOT_HERE: Final = {"@base", "@import", "@propagate"}
_NAMEABLE: Final = {"@id", "@type"}
_NOT_IN_TERMS: Final = {"@nest", "@propagate", "@import"}


def flattened(context: Json) -> list[Json]:
    """Take contexts out of the objects and lists that they are wrapped in, in order: ``{"@context": …}`` is allowed."""
    found: list[Json] = []
    waiting = [context]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict) and item.keys() == {"@context"}:
            waiting.append(item["@context"])
        else:
            found.append(item)
    return found


def inline_fault(context: JsonObject, pointer: Pointer, known: Callable[[Json], bool]) -> Problem | None:
    """Say why a context that is written out is not read, or None; `known` tells which URLs may stand in it.

    What is left to say about it (protected terms, relative identifiers) shows when it is applied.
    """
    members = 0
    waiting: list[tuple[Json, Pointer, int]] = [(context, pointer, 0)]
    while waiting:
        item, place, depth = waiting.pop()
        members += len(item) if isinstance(item, dict | list) else 1
        if members > MAX_MEMBERS or depth > MAX_NESTED:
            return _fault("work_bound", f"more than {MAX_MEMBERS} members or {MAX_NESTED} levels of contexts", place)
        fault = _context_fault(item, place, known)
        if fault is not None:
            return fault
        waiting.extend((inner, f"{place}/{step}", depth + 1) for step, inner in _contexts_in(item))
    return None


def _context_fault(context: Json, place: Pointer, known: Callable[[Json], bool]) -> Problem | None:
    """Look at one context, not at those inside it."""
    if isinstance(context, list):
        fits = 0 < len(context) <= MAX_CONTEXTS_HERE
        return None if fits else _fault("malformed_context", "a list of contexts is short, and not empty", place)
    if isinstance(context, str):
        known_here = known(context)
        return None if known_here else _fault("unknown_context", f"{context[:200]!r} is not one known here", place)
    if not isinstance(context, dict):
        return _fault("malformed_context", "a context is a URL or an object", place)
    if "@context" in context and len(context) > 1:
        return _fault("malformed_context", "an object around a context has nothing else in it", place)
    odd = next((name for name in context if name in _NOT_HERE or _hides(context[name])), None)
    return None if odd is None else _fault("inline_context", f"{odd[:80]!r}", f"{place}/{escape(odd)}")


def _hides(definition: Json) -> bool:
    """Say whether a term is another name for a keyword, or is meant to be overlooked."""
    if isinstance(definition, dict) and not _NOT_IN_TERMS.isdisjoint(definition):
        return True
    named = definition.get("@id") if isinstance(definition, dict) else definition
    return isinstance(named, str) and named.startswith("@") and named not in _NAMEABLE


def _contexts_in(context: Json) -> Iterator[tuple[str, Json]]:
    """Yield the contexts that stand inside one: in its list, in its wrapping, or in the definitions of its terms."""
    if isinstance(context, list):
        yield from ((str(number), item) for number, item in enumerate(context))
    elif isinstance(context, dict) and "@context" in context:
        yield "@context", context["@context"]
    elif isinstance(context, dict):
        for name, definition in context.items():
            if isinstance(definition, dict) and "@context" in definition:
                yield f"{escape(name)}/@context", definition["@context"]


def _fault(code: str, detail: str, pointer: Pointer) -> Problem:
    return Problem(code, detail, pointer, PROOF_TRANSFORMATION_ERROR)
