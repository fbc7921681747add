"""Members of objects: how the values of each kind of member become statements (JSON-LD 1.1 API §5.1.2 step 13, §8).

Which kind a member is, `compiling` finds out; `walking` goes through a document with the result.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol

from typing_extensions import override

from ler_issuer.vc.canonical.bounds import measure
from ler_issuer.vc.canonical.dataset import UNNAMED
from ler_issuer.vc.canonical.literals import IRI, LANGUAGE, RDF, XSD, escaped, quoted, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc.canonical.dataset import Description, Term

_FIRST: Final = f"<{RDF}first>"
_REST: Final = f"<{RDF}rest>"
_NIL: Final = f"<{RDF}nil>"
_GATHERING: Final = {"@list", "@set"}


class NotCovered(Exception):
    """Here is something that the compiled contexts do not deal with, or that would be lost."""


class Lossy(NotCovered):
    """Here is something that would be lost, and a walk that takes notes can say what (`noting`)."""


class Relative(Lossy):
    """A reference that is relative; it becomes this IRI, which nobody has."""

    def __init__(self, iri: str) -> None:
        """Carry what it becomes."""
        super().__init__(iri)
        self.iri = iri


class Walk(Protocol):
    """What members ask of whoever walks a document."""

    plain: bool

    def node(self, element: JsonObject, scope: Any, graph: Term) -> Description:  # noqa: ANN401 - the walker's own
        """Say what an object says."""

    def thing(self, element: JsonObject, scope: Any, graph: Term) -> Term:  # noqa: ANN401 - as above
        """Say what an object says, and give what it is about."""

    def describe(self, subject: Term, graph: Term) -> Description:
        """Begin to say something about a subject."""

    def fresh(self) -> int:
        """Make a blank node."""

    def named(self, read: Callable[[str], str], text: str) -> Term:
        """Give a thing by its name, as it is read in some scope."""

    def enter(self, scopes: Iterable[Any]) -> None:
        """Count scopes that the document makes necessary."""

    def lose_term(self, name: str) -> None:
        """Lose a member that means nothing."""

    def go_down(self) -> None:
        """Count a level."""

    def go_up(self) -> None:
        """Leave a level."""


class Scope(Protocol):
    """What members ask of the place that they stand in; `compiling` makes these."""

    active: Mapping[str, Any]
    terms: dict[str, dict[str, Any] | None]

    @property
    def members(self) -> Mapping[str, Member]:
        """The members that an object can have here."""

    @property
    def reverted(self) -> Scope:
        """The scope without what the type of the object around it added."""

    def applied(self, local: Json, *, scoped: bool = False, propagate: bool = True) -> Scope:
        """Give the scope that a context makes of this one."""

    def reference(self, text: str) -> str:
        """Write what a reference refers to."""

    def thing(self, text: str) -> str:
        """Write what a word stands for that may be a term."""


class Member:
    """What a name means in a scope.

    Where `opening` is not empty, a text that needs no escapes becomes a statement by standing between it and `closing`:
    most members of most documents are that, and whoever walks a document need not ask further.
    """

    opening = ""
    closing = ""

    def write(self, walk: Walk, here: Description, value: Json) -> None:
        """Say what a value of this member says about the object that it belongs to."""
        raise NotImplementedError


class _Silent(Member):
    """A member that was heeded before the others: the contexts and the types of an object."""

    @override
    def write(self, walk: Walk, here: Description, value: Json) -> None:
        pass


CONTEXT: Final = _Silent()
TYPES: Final = _Silent()


class Undefined(Member):
    """A member that no context defines."""

    def __init__(self, name: str) -> None:
        """Stand for a name."""
        self._name = name

    @override
    def write(self, walk: Walk, here: Description, value: Json) -> None:
        """Lose it, whatever its value."""
        walk.lose_term(self._name)


class Identifier(Member):
    """The name of the object itself."""

    def __init__(self, scope: Scope) -> None:
        """Read names as a scope has them."""
        self._scope = scope

    @override
    def write(self, walk: Walk, here: Description, value: Json) -> None:
        """Say whom the description is about, once."""
        if type(value) is not str or here.subject != UNNAMED:
            raise NotCovered
        here.subject = walk.named(self._scope.reference, value)


class Scoped(Member):
    """A member that has a context of its own, which a document that uses it makes necessary."""

    def __init__(self, member: Member, scope: Scope) -> None:
        """Stand for a member that is read in a scope of its own."""
        self._member = member
        self._scope = scope

    @override
    def write(self, walk: Walk, here: Description, value: Json) -> None:
        """Count the scope, and say what the member says."""
        walk.enter([self._scope])
        self._member.write(walk, here, value)


class JsonMember(Member):
    """A member whose value is JSON and nothing else."""

    def __init__(self, predicate: str) -> None:
        """Say it under a predicate."""
        self._predicate = predicate

    @override
    def write(self, walk: Walk, here: Description, value: Json) -> None:
        """Say the value in its canonical writing (RFC 8785)."""
        here.say(self._predicate, _literal(value, "@json"))


class Property(Member):
    """A member with any number of values, in no order."""

    each_is_a_statement = True

    def __init__(self, predicate: str, values: Values) -> None:
        """Say values under a predicate."""
        self.predicate = predicate
        self.values = values
        if values.closing and self.each_is_a_statement:
            self.opening = f'{predicate} "'
            self.closing = values.closing

    @override
    def write(self, walk: Walk, here: Description, value: Json) -> None:
        """Say each value; arrays in arrays say no more than one array."""
        kind = type(value)
        if kind is list:
            walk.go_down()
            for item in value:
                self.write(walk, here, item)
            walk.go_up()
        elif kind is dict and len(value) == 1 and not _GATHERING.isdisjoint(value):
            walk.go_down()
            self._write_gathered(walk, here, *next(iter(value.items())))
            walk.go_up()
        elif value is not None:
            here.say(self.predicate, self.values.term(walk, value, here.graph))

    def _write_gathered(self, walk: Walk, here: Description, keyword: str, items: Json) -> None:
        """Say what stands in an object that is nothing but a list or a set."""
        if items is None or type(items) is dict:
            raise NotCovered
        if keyword == "@list":
            here.say(self.predicate, _chain(walk, self.values.gathered, items, here.graph))
        else:
            Property(self.predicate, self.values.gathered).write(walk, here, items)


class ListMember(Property):
    """A member whose values have an order."""

    each_is_a_statement = False

    @override
    def write(self, walk: Walk, here: Description, value: Json) -> None:
        """Say the values as a list, even if there are none."""
        if value is not None:
            here.say(self.predicate, _chain(walk, self.values, value, here.graph))


class GraphMember(Property):
    """A member each of whose values is a graph of its own, so that what it says is not taken for said by this one."""

    each_is_a_statement = False

    @override
    def write(self, walk: Walk, here: Description, value: Json) -> None:
        """Say each value in a graph that has no name but this member."""
        if type(value) is list:
            walk.go_down()
            for item in value:
                self.write(walk, here, item)
            walk.go_up()
        elif type(value) is dict:
            graph = walk.fresh()
            here.say(self.predicate, graph)
            self.values.say_freely(walk, value, graph)
        elif value is not None:
            raise NotCovered


def _chain(walk: Walk, values: Values, items: Json, graph: Term) -> Term:
    """Say a list as the chain of cells that RDF makes of it (§8.7), and give the first of them."""
    listed = items if type(items) is list else [items]
    terms = [values.term(walk, item, graph) for item in listed if item is not None]
    cells = [walk.describe(walk.fresh(), graph) for _ in terms]
    for cell, term, rest in zip(cells, terms, [*(cell.subject for cell in cells[1:]), _NIL], strict=False):
        cell.say(_FIRST, term)
        cell.say(_REST, rest)
    return cells[0].subject if cells else _NIL


class Values:
    """How the values of one member become terms: what texts are, and in which scope objects are read."""

    def __init__(self, scope: Scope, name: str) -> None:
        """Read values in the scope that the member makes for them."""
        self._scope = scope
        self._name = name
        definition = scope.terms.get(name) or {}
        coercion = definition.get("@type")
        self.closing = ""
        self._datatype: str | None = None
        self._text: Callable[[Walk, str], Term] = self._as_literal
        if coercion == "@id":
            self._text = self._as_reference
        elif coercion == "@vocab":
            self._text = self._as_thing
        elif coercion in {None, "@none"}:
            self.closing = self._ending(definition)
        else:
            self._datatype = _datatype(coercion)
            if coercion != XSD + "double":
                self.closing = '"' if coercion == XSD + "string" else f'"^^<{coercion}>'

    def term(self, walk: Walk, value: Json, graph: Term) -> Term:
        """Give what a value stands for, having said all that it says itself."""
        kind = type(value)
        if kind is str:
            return self._text(walk, value)
        if kind is dict:
            if "@value" in value:
                return self._literal(value)
            return walk.thing(value, self._inside if len(value) > 1 else self._place(value), graph)
        if kind is bool or kind is int or kind is float:
            return _literal(value, self._datatype)
        raise NotCovered

    def say_freely(self, walk: Walk, value: JsonObject, graph: Term) -> None:
        """Say what an object says that nothing refers to; one that says nothing would vanish."""
        if "@value" in value:
            raise NotCovered
        said = walk.node(value, self._place(value), graph)
        if not (said.texts or said.links):
            raise NotCovered

    def _place(self, value: JsonObject) -> Scope:
        """Give the scope of an object; one that is only a reference stays in that of its owner (step 7)."""
        beside = self._beside
        if len(value) != 1 or beside is self._inside or type(beside.members[next(iter(value))]) is not Identifier:
            return self._inside
        return beside

    @cached_property
    def _inside(self) -> Scope:
        """The scope of objects that are values: without what the type of the owner added, with what the member does."""
        return self._scoped(self._scope.reverted)

    @cached_property
    def _beside(self) -> Scope:
        """The scope of values that are no objects of their own: literals, and mere references (step 7)."""
        return self._scoped(self._scope)

    @cached_property
    def gathered(self) -> Values:
        """How values are read that stand in an object with ``@set`` or ``@list``, which is an object like any other."""
        return Values(self._inside, self._name)

    def _scoped(self, scope: Scope) -> Scope:
        local = (self._scope.terms.get(self._name) or {}).get("@context")
        return scope if local is None else scope.applied(local, scoped=True)

    # ── Texts ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _as_literal(self, walk: Walk, text: str) -> str:
        if self.closing:
            return f'"{text if walk.plain else escaped(text)}{self.closing}'
        return _literal(text, self._datatype)

    def _as_reference(self, walk: Walk, text: str) -> Term:
        return walk.named(self._scope.reference, text)

    def _as_thing(self, walk: Walk, text: str) -> Term:
        return walk.named(self._scope.thing, text)

    def _ending(self, definition: JsonObject) -> str:
        """Give what follows a text without a datatype: the quotation mark, and the language if there is one."""
        defaults = self._scope.active
        if definition.get("@direction", defaults.get("@direction")) is not None:
            raise NotCovered
        language = definition.get("@language", defaults.get("@language"))
        return '"' if language is None else f'"@{_language(language)}'

    # ── Value objects ────────────────────────────────────────────────────────────────────────────────────────────────

    def _literal(self, written: JsonObject) -> str:
        """Write what is given as an object with ``@value``, and the language or the type of that."""
        value = written["@value"]
        if len(written) == 1:
            return _literal(value, None)
        if len(written) != 2:  # noqa: PLR2004 - a value and what is said about it
            raise NotCovered
        name, said = next((name, said) for name, said in written.items() if name != "@value")
        if name == "@language" and type(value) is str and type(said) is str:
            return f"{quoted(value)}@{_language(said.lower())}"
        if type(said) is not str or self._beside.members[name] is not TYPES:
            raise NotCovered
        return _literal(value, said if said == "@json" else self._beside.thing(said)[1:-1])


def _language(tag: Json) -> str:
    if type(tag) is not str or not LANGUAGE.fullmatch(tag):
        raise NotCovered
    return tag


def _datatype(iri: Json) -> str:
    if type(iri) is not str or not IRI.fullmatch(iri):
        raise NotCovered
    return iri


def _literal(value: Json, datatype: str | None) -> str:
    """Write a value with its datatype; any JSON may be a value, if it is said to be JSON."""
    if datatype == "@json":
        measure({"": value})
    elif type(value) not in {str, bool, int, float} or (type(value) is float and not math.isfinite(value)):
        raise NotCovered
    text, datatype = typed(value, datatype)
    return quoted(text) if datatype == XSD + "string" else f"{quoted(text)}^^<{datatype}>"
