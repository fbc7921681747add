"""What words mean, worked out once: the pinned contexts as tables that a document can be read by.

JSON-LD decides at every object anew what each member name means there, by the contexts of the document, of the member
that holds the object, and of the types that the object has. All of these come from a closed world, so each such place
is made a `Scope` when it is first come to, and from then on a name is one look-up away from its `Member`, which knows
how to turn values into statements.

Only what the pinned contexts need is known here. Whatever else JSON-LD has, and whatever would be lost, is `NotCovered`
where it is met: then the general path reads the document, and says what there is to say about it.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ler_issuer.vc.canonical.bounds import MAX_CONTEXTS_HERE
from ler_issuer.vc.canonical.literals import IRI, RELATIVE
from ler_issuer.vc.canonical.members import (
    CONTEXT,
    TYPES,
    GraphMember,
    Identifier,
    JsonMember,
    ListMember,
    Member,
    NotCovered,
    Property,
    Relative,
    Scoped,
    Undefined,
    Values,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ler_issuer.types import Json
    from ler_issuer.vc.contexts import ActiveContext, Contexts

MAX_TYPES: Final = 16
"""Types of one object; an object of more is read by the general path."""

MAX_UNKNOWN_NAME: Final = 200
"""Characters of a member name that is no term; a longer one is read by the general path."""

_LOST: Final = f"<{RELATIVE}"
_RDF_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_ROOT: Final = 0
"""Where the scope is found in which documents begin; the others are found by the identity of an object."""

_PATH: Final = re.compile(r"[A-Za-z0-9_\-]+(?:/[A-Za-z0-9_\-]+)*")
"""A relative reference that becomes absolute by standing behind the base (RFC 3986 §5.2); others take more."""

_RENAMED: Final = {"@id", "@type"}
_CONTAINERS: Final = {
    (): Property,
    ("@set",): Property,
    ("@list",): ListMember,
    ("@graph",): GraphMember,
    ("@graph", "@set"): GraphMember,
}


class Typed:
    """What its types make of an object: the scope of its members, and the statements that name the types.

    `steps` are the scopes on the way there. Types that no context defines are `lost`.
    """

    __slots__ = ("lost", "scope", "steps", "texts")

    def __init__(self, scope: Scope, steps: list[Scope], things: list[str]) -> None:
        self.scope = scope
        self.steps = steps
        self.texts = [f"{_RDF_TYPE} {thing}" for thing in things]
        self.lost = [thing[1:-1] for thing in things if thing.startswith(_LOST)]


class _Members(dict[str, Member]):
    """The members that were met in a scope; one that is no term of it is worked out each time it is met.

    One with a context of its own leads to further scopes, so it is found in the memory of these.
    """

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self._scope = scope

    def __missing__(self, name: str) -> Member:
        scope = self._scope
        term = scope.terms.get(name)
        if term and term.get("@context") is not None:
            return scope.scoped(name)
        member = scope.member(name)
        if name in scope.terms:
            self[name] = member
        return member


class Scope:
    """What names, types and references mean at one kind of place in documents (an active context, compiled).

    Needs no lock: whatever two threads work out at the same time is the same, and either may stay. No scope holds on to
    those that lie within it: all of them are found by way of the memories of `Contexts`, and so can be forgotten.
    """

    def __init__(self, active: ActiveContext, contexts: Contexts, read: int) -> None:
        """Stand for an active context, made by reading so many `contexts`; it is kept, since scopes are found by it.

        Raises:
            NotCovered: it has other names for keywords that no pinned context renames.

        """
        self.active = active
        self.contexts = read
        self.terms: dict[str, dict[str, Any] | None] = active["mappings"]
        if any(term and str(term["@id"])[:1] == "@" and term["@id"] not in _RENAMED for term in self.terms.values()):
            raise NotCovered
        self.members = _Members(self)
        self.type_names = (*(name for name, term in self.terms.items() if term and term["@id"] == "@type"), "@type")
        self.prefixes = {name: term["@id"] for name, term in self.terms.items() if term and term["_prefix"]}
        self.unusual = {*self.prefixes, "_", RELATIVE[:-1]}
        self._contexts = contexts

    # ── From place to place ──────────────────────────────────────────────────────────────────────────────────────────

    def within(self, named: Json) -> Scope:
        """Give the scope inside an object that names contexts of its own (JSON-LD 1.1 API §5.1.2 step 9)."""
        urls = [named] if type(named) is str else named
        if type(urls) is not list or not 0 < len(urls) <= MAX_CONTEXTS_HERE:
            raise NotCovered
        if not all(map(self._contexts.known, urls)):
            raise NotCovered
        key = (self, tuple(urls))
        found: Scope | None = self._contexts.scopes[key]
        return self._contexts.scopes.keep(key, self.applied(urls)) if found is None else found

    def typed(self, types: Json) -> Typed:
        """Give what an object is that has these types (step 11); they apply in their own order, not in that given."""
        if type(types) is not str and type(types) is not list:
            raise NotCovered
        key = (self, types if type(types) is str else tuple(types))
        try:
            found: Typed | None = self._contexts.typed[key]
        except TypeError:  # something in it is no text
            raise NotCovered from None
        if found is None:
            names = [types] if type(types) is str else [*types]
            found = self._read_types(names)
            if self.terms.keys() >= {*names}:
                self._contexts.typed.keep(key, found)
        return found

    def scoped(self, name: str) -> Member:
        """Give what a member is that has a context of its own."""
        key = (self, name)
        found: Member | None = self._contexts.scopes[key]
        return self._contexts.scopes.keep(key, self.member(name)) if found is None else found

    def applied(self, local: Json, *, scoped: bool = False, propagate: bool = True) -> Scope:
        """Give the scope that a context makes of this one; one that belongs to a term (`scoped`) may redefine any."""
        from ler_issuer.vc.canonical.expansion import apply_context  # noqa: PLC0415 - PyLD: only to compile

        try:
            active = apply_context(self.active, local, self._contexts, override_protected=scoped, propagate=propagate)
        except Exception:  # noqa: BLE001 - whatever PyLD runs into, the general path runs into it too, and explains it
            raise NotCovered from None
        return scope_of(active, self._contexts, len(local) if isinstance(local, list) else 1)

    @cached_property
    def reverted(self) -> Scope:
        """The scope without what the type of the object around it added (step 7)."""
        previous = self.active.get("previousContext")
        return self if previous is None else scope_of(previous, self._contexts, 1)

    def _read_types(self, types: list[str]) -> Typed:
        if len(types) > MAX_TYPES or not all(type(name) is str for name in types):
            raise NotCovered
        scope, steps = self, []
        for name in sorted(types):
            local = (self.terms.get(name) or {}).get("@context")
            if local is not None and local is not False:
                scope = scope.applied(local, propagate=False)
                steps.append(scope)
        if scope.type_names != self.type_names:
            raise NotCovered
        return Typed(scope, steps, [self._type(name) for name in types])

    def _type(self, name: str) -> str:
        try:
            return self.thing(name)
        except Relative as lost:
            return f"<{lost.iri}>"

    # ── What names mean ──────────────────────────────────────────────────────────────────────────────────────────────

    def reference(self, text: str) -> str:
        """Write what a reference refers to: an IRI, or a blank node under the name that the document gave it."""
        if text.partition(":")[0] not in self.unusual and IRI.fullmatch(text):
            return f"<{text}>"
        return _written(self._prefixed(text))

    def thing(self, text: str) -> str:
        """Write what a word stands for that may be a term: a type, or a value out of a vocabulary."""
        iri = self._meaning(text)
        if iri is None:
            return _written(text)
        if iri[:2] == "_:":
            raise NotCovered
        return _written(iri)

    def member(self, name: str) -> Member:
        """Work out what a member of this name is."""
        if name == "@context":
            return CONTEXT
        iri = name if name in _RENAMED else self._meaning(name)
        if iri == "@type":
            return TYPES
        if iri == "@id":
            return Identifier(self)
        if name not in self.terms and len(name) > MAX_UNKNOWN_NAME:
            raise NotCovered
        if iri is None:
            return Undefined(name)
        predicate = _written(iri)
        if predicate[0] == "_":
            raise NotCovered
        return self._property(name, predicate)

    def _property(self, name: str, predicate: str) -> Member:
        term = self.terms.get(name) or {}
        if term.get("reverse") or "@nest" in term or "@index" in term:
            raise NotCovered
        local = term.get("@context")
        if local is None:
            return self._values(name, predicate, term, self)
        scope = self.applied(local, scoped=True)
        return Scoped(self._values(name, predicate, term, scope), scope)

    @staticmethod
    def _values(name: str, predicate: str, term: Mapping[str, Any], scope: Scope) -> Member:
        container = term.get("@container") or []
        kind = _CONTAINERS.get(tuple(sorted([container] if isinstance(container, str) else container)))
        if kind is None:
            raise NotCovered
        if term.get("@type") == "@json":
            if kind is not Property:
                raise NotCovered
            return JsonMember(predicate)
        return kind(predicate, Values(scope, name))

    def _meaning(self, text: str) -> str | None:
        """Say what a word stands for, which may be a keyword or nothing (IRI expansion, §5.2, with `vocab`)."""
        if text in self.terms:
            term = self.terms[text]
            if term is None:
                raise NotCovered
            return str(term["@id"])
        if IRI.fullmatch(text) or text[:2] == "_:":
            return self._prefixed(text)
        if not text or text[0] == "@" or ":" in text:
            raise NotCovered
        vocabulary = self.active.get("@vocab")
        return None if vocabulary is None else f"{vocabulary}{text}"

    def _prefixed(self, text: str) -> str:
        prefix, colon, rest = text.partition(":")
        if colon and prefix != "_" and prefix in self.prefixes and not rest.startswith("//"):
            return f"{self.prefixes[prefix]}{rest}"
        return text


def root_scope(contexts: Contexts) -> Scope:
    """Give the scope in which every document begins, where no word means anything yet."""
    found: Scope | None = contexts.scopes[_ROOT]
    if found is None:
        from ler_issuer.vc.canonical.expansion import initial_context  # noqa: PLC0415 - as above

        found = contexts.scopes.keep(_ROOT, scope_of(initial_context(), contexts, 0))
    return found


def scope_of(active: ActiveContext, contexts: Contexts, read: int) -> Scope:
    """Give the one scope of an active context, which came of reading so many contexts."""
    found: Scope | None = contexts.scopes[id(active)]
    if found is None or found.active is not active:
        found = Scope(active, contexts, read)
        contexts.scopes.replace(id(active), found)
    return found


def _written(iri: str) -> str:
    """Write an IRI or the name of a blank node, if it is one and absolute.

    Raises:
        Relative: it is a simple path.
        NotCovered: it is anything else.

    """
    if iri[:2] == "_:":
        return iri
    if _PATH.fullmatch(iri):
        raise Relative(f"{RELATIVE}/{iri}")
    if iri.startswith(RELATIVE) or not IRI.fullmatch(iri):
        raise NotCovered
    return f"<{iri}>"
