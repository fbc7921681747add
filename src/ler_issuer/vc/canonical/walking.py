"""One walk from a JSON document to its statements: expansion, node map and RDF in a single step.

The three algorithms of the specification (JSON-LD 1.1 API §5.1, §7.2 and §8.1) hand whole trees to each other. Where
all contexts are compiled, an object becomes statements at once, in whatever order its members stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from ler_issuer.jsontext import JSON_ONLY, MAX_DEPTH
from ler_issuer.vc.canonical.bounds import (
    MAX_CONTEXT_STEPS,
    MAX_CONTEXTS_HERE,
    MAX_CONTEXTS_READ,
    MAX_VALUES,
    measure,
)
from ler_issuer.vc.canonical.compiling import root_scope
from ler_issuer.vc.canonical.dataset import UNNAMED, Description
from ler_issuer.vc.canonical.fragments import DEEPEST, fragment_of, is_due, key_of, note
from ler_issuer.vc.canonical.literals import escaped
from ler_issuer.vc.canonical.members import Lossy, NotCovered
from ler_issuer.vc.canonical.rdfc import canonical_text, text_with_ready
from ler_issuer.vc.problems import PROOF_TRANSFORMATION_ERROR, CannotCanonize, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ler_issuer.jsontext import Survey
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc.canonical.compiling import Scope
    from ler_issuer.vc.canonical.dataset import Term
    from ler_issuer.vc.canonical.fragments import Fragment, Key
    from ler_issuer.vc.canonical.rdfc import HashName
    from ler_issuer.vc.contexts import Contexts

_ESCAPE: Final = b"\\"

_SHALLOW: Final = MAX_DEPTH // 3
"""Objects in each other that are not too deep together, whatever arrays there are between them."""

_FEW: Final = MAX_CONTEXTS_READ // MAX_CONTEXTS_HERE
"""Scopes that surely take no more contexts than may be read."""


class Said(NamedTuple):
    """The statements of a document, those of some of its parts as fragments, each after so many blank nodes."""

    descriptions: list[Description]
    fragments: list[tuple[Fragment, int]]

    def canonical_text(self, algorithm: HashName) -> str:
        """Write it all in its canonical form.

        Raises:
            CannotCanonize: as `rdfc.canonical_text`.

        """
        if self.fragments:
            text = text_with_ready(self.descriptions, [(one.ready, made) for one, made in self.fragments], algorithm)
            if text is not None:
                return text
        return canonical_text([*self.descriptions, *self._in_full()], algorithm)

    def _in_full(self) -> Iterator[Description]:
        for fragment, before in self.fragments:
            yield from fragment.descriptions(before)


def statements(document: JsonObject, contexts: Contexts, found: Survey | None = None) -> Said:
    """Give the statements that a document makes, nothing of it being lost.

    `found` is what `measure` gave for the document, or for one that this is a part of.

    Raises:
        NotCovered: the document has something in it that only the general path can read, or explain.
        CannotCanonize: it is beyond the bounds of `bounds.py`.

    """
    walk = Walk(document, contexts, found)
    walk.node(document, root_scope(contexts), "")
    return Said(walk.descriptions, walk.said)


class Walk:
    """One walk through one document."""

    def __init__(self, document: JsonObject, contexts: Contexts, found: Survey | None = None) -> None:
        """Begin a walk; a document that was not measured before is measured first, in one go if it is small."""
        self.descriptions: list[Description] = []
        self.said: list[tuple[Fragment, int]] = []
        self._is_json = found is not None and found.is_plain
        self.plain = _is_plain(found.texts) if found is not None and found.is_plain else _is_plain_throughout(document)
        self._document = document
        self._contexts = contexts
        self._named: dict[str, int] = {}
        self._names = 0
        self._made = 0
        self._depth = 0
        self._enough = _SHALLOW
        self._deepest = DEEPEST
        self._scopes: set[Scope] = set()

    def node(self, element: JsonObject, scope: Scope, graph: Term) -> Description:
        """Say in a graph all that an object says, and give what it says of itself."""
        self._depth += 1
        if self._depth > self._enough:
            self._measure()
        here = Description(UNNAMED, graph)
        self.descriptions.append(here)
        texts, plain = here.texts, self.plain
        if "@context" in element:
            scope = scope.within(element["@context"])
            self.enter([scope])
        for name in scope.type_names:
            if name in element:
                scope = self._typed(here, scope, element[name])
        members = scope.members
        for name, value in element.items():
            member = members[name]
            if type(value) is str and member.opening:
                texts.append(f"{member.opening}{value if plain else escaped(value)}{member.closing}")
            else:
                member.write(self, here, value)
        if here.subject == UNNAMED:
            here.subject = self.fresh()
        self._depth -= 1
        return here

    def thing(self, element: JsonObject, scope: Scope, graph: Term) -> Term:
        """Say what an object says, and give what it is about; what came often enough is not walked again."""
        if self._depth > self._deepest or graph or "id" not in element:
            return self.node(element, scope, graph).subject
        key = key_of(element, scope, self._depth)
        if key is None:
            return self.node(element, scope, graph).subject
        known = self._contexts.fragments[key]
        if known is None:
            due = is_due(self._contexts.walked, key)
            return self._noting(key, element, scope) if due else self.node(element, scope, graph).subject
        if self._is_json or known.element == element:
            return self._again(known)
        return self.node(element, scope, graph).subject

    def describe(self, subject: Term, graph: Term) -> Description:
        """Begin to say something about a subject."""
        description = Description(subject, graph)
        self.descriptions.append(description)
        return description

    def fresh(self) -> int:
        """Make a blank node."""
        self._made += 1
        return self._made

    def named(self, read: Callable[[str], str], text: str) -> Term:
        """Give a thing by its name: an IRI is one, and a blank node has a number for the name in the document."""
        term = read(text)
        if term[0] != "_":
            return term
        self._names += 1
        number = self._named.get(term)
        if number is None:
            number = self._named[term] = self.fresh()
        return number

    def lose_term(self, name: str) -> None:  # noqa: ARG002 - `noting` takes note of it
        """Give up, since a member means nothing."""
        raise Lossy

    def lose_references(self, iris: Sequence[str]) -> None:  # noqa: ARG002 - as above
        """Give up, since references are relative that become these IRIs."""
        raise Lossy

    def go_down(self) -> None:
        """Count a level, and look more closely at a document that may be too deep."""
        self._depth += 1
        if self._depth > self._enough:
            self._measure()

    def go_up(self) -> None:
        """Leave a level."""
        self._depth -= 1

    def _again(self, fragment: Fragment) -> Term:
        """Say a fragment, as a walk through it would."""
        self.said.append((fragment, self._made))
        self._made += fragment.made
        if not fragment.scopes <= self._scopes:
            self._scopes |= fragment.scopes
            self._check_scopes()
        return fragment.subject

    def _noting(self, key: Key, element: JsonObject, scope: Scope) -> Term:
        """Walk through an object, and make a fragment of what came of it."""
        start, before, names = len(self.descriptions), self._made, self._names
        outside, self._scopes = self._scopes, set()
        self._deepest = 0  # all of it is to be walked
        try:
            here = self.node(element, scope, "")
        finally:
            inside, self._scopes = self._scopes, outside | self._scopes
            self._check_scopes()
        self._deepest = DEEPEST
        if self._enough == _SHALLOW:  # else the document is deep, of which the part cannot help
            said = self.descriptions[start:]
            alone = self._names == names
            note(self._contexts, key, fragment_of(key, said, before, self._made - before, inside) if alone else None)
        return here.subject

    def _measure(self) -> None:
        measure(self._document)
        self._enough = MAX_DEPTH

    def _typed(self, here: Description, scope: Scope, types: Json) -> Scope:
        """Say what types an object has, and give the scope that they make."""
        if here.texts:  # under two names at once
            raise NotCovered
        typed = scope.typed(types)
        if typed.lost:
            self.lose_references(typed.lost)
        here.texts += typed.texts
        if typed.steps:
            self.enter(typed.steps)
        return typed.scope

    def enter(self, scopes: Iterable[Scope]) -> None:
        """Count the scopes of a document: each could be one to be worked out, and nobody needs as many as the bound."""
        for scope in scopes:
            if scope not in self._scopes:
                self._scopes.add(scope)
                self._check_scopes()

    def _check_scopes(self) -> None:
        if len(self._scopes) <= _FEW:
            return
        read = sum(scope.contexts for scope in self._scopes)
        if len(self._scopes) > MAX_CONTEXT_STEPS or read > MAX_CONTEXTS_READ:
            detail = "its contexts change too often to be followed"
            raise CannotCanonize(Problem("work_bound", detail, type=PROOF_TRANSFORMATION_ERROR))


def _is_plain_throughout(document: Json) -> bool:
    """Measure a document, and say whether all texts in it can stand in statements as they are."""
    if type(document) is not dict:
        raise NotCovered
    try:
        written = orjson.dumps(document, option=JSON_ONLY)
    except TypeError:
        written = _ESCAPE
    if len(written) > 2 * MAX_VALUES or written == _ESCAPE:
        measure(document)  # exactly; what is shorter than two characters for each value is small in every way
    return _has_no_escapes(written)


def _is_plain(text: str) -> bool:
    """Say whether a text that has no half characters can stand in statements as it is."""
    return _has_no_escapes(orjson.dumps(text))


def _has_no_escapes(written: bytes) -> bool:
    return not (_ESCAPE in written or b"\x7f" in written or b"\xef\xbf" in written)
