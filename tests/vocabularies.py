"""Documents over the whole vocabulary of the pinned contexts: drawn by chance, and alike for the same seed.

What may stand where is read off the contexts themselves, as PyLD processes them: which terms there are at a place,
what contexts they and types bring, in which containers and of which type their values are. So a new context, or a new
version of one, needs no change here. Most values fit; `oddity` says how often one does not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyld.context_resolver import ContextResolver
from pyld.jsonld import JsonLdError, JsonLdProcessor

from samples import CLR, OB, VC

VC_1 = "https://www.w3.org/2018/credentials/v1"
ODD_CONTEXT = "urn:example:odd"
"""A context of our own, with what the pinned ones do without."""

FAMILIES = (
    *((VC, OB), (VC, OB), (VC, CLR, OB), (VC, CLR, OB), (VC,), (VC, "https://purl.imsglobal.org/spec/clr/v2p0/context.json")),
    (VC, OB, "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"),
    *((VC, f"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.{minor}.json") for minor in (1, 2)),
    (VC_1, "https://purl.imsglobal.org/spec/ob/v3p0/context.json"),
    (VC_1, "https://w3id.org/vc/status-list/2021/v1"),
    (VC_1, "https://w3id.org/security/suites/ed25519-2020/v1"),
    (VC_1, "https://w3id.org/security/suites/jws-2020/v1"),
    (VC, "https://w3id.org/security/data-integrity/v2"),
    ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"),
)  # fmt: skip
"""Contexts that are named together by documents as they are; others are drawn from all that there are."""

ODD_TERMS: dict[str, Any] = {
    "@version": 1.1,
    "ex": {"@id": "https://example.org/odd#", "@prefix": True},
    "inWords": {"@id": "ex:inWords", "@container": "@language"},
    "inWordsAlso": {"@id": "ex:inWordsAlso", "@container": ["@language", "@set"]},
    "german": {"@id": "ex:german", "@language": "de"},
    "leftwards": {"@id": "ex:leftwards", "@language": "ar", "@direction": "rtl"},
    "byNumber": {"@id": "ex:byNumber", "@container": "@index"},
    "byName": {"@id": "ex:byName", "@container": "@id"},
    "byKind": {"@id": "ex:byKind", "@container": "@type"},
    "graphByName": {"@id": "ex:graphByName", "@container": ["@graph", "@id"]},
    "graphByNumber": {"@id": "ex:graphByNumber", "@container": ["@graph", "@index"]},
    "graphs": {"@id": "ex:graphs", "@container": ["@graph", "@set"]},
    "inOrder": {"@id": "ex:inOrder", "@container": "@list", "@type": "@id"},
    "isPartOf": {"@reverse": "ex:hasPart"},
    "isPartOfAll": {"@reverse": "ex:hasPartInAll", "@container": "@set", "@type": "@id"},
    "weight": {"@id": "ex:weight", "@type": "http://www.w3.org/2001/XMLSchema#double"},
    "plain": {"@id": "ex:plain", "@type": "@none"},
    "anything": {"@id": "ex:anything", "@type": "@json", "@container": "@set"},
    "wrapped": "@nest",
    "alsoWrapped": {"@id": "ex:alsoWrapped", "@nest": "wrapped"},
    "contents": "@graph",
    "Elsewhere": {"@id": "ex:Elsewhere", "@context": {"@vocab": "https://example.org/elsewhere#", "german": None}},
    "Throughout": {"@id": "ex:Throughout", "@context": {"@propagate": True, "note": "ex:note"}},
    "nowhere": None,
}

TEXTS = ("Data literacy", "Données", "a", "", "2026-11-01T10:00:00Z", "2026-11-01", "42", "1.0", "INF", "true", "en")
UNUSUAL_TEXTS = (
    *('say "no"', "back\\slash", "a\nb\tc\rd", "\b\f\x00\x1f\x7f", "\x80\x9f", "\u2028", "\ue000", "\uffff\ufffe"),
    *("🎓", "🎓\uffee", "e\u0301", "\u202e", "<urn:a>", "_:b0", "@id", '"@en', "\\u0041", " lead", "ﬀ"),
)
IRIS = (
    *("urn:a", "urn:b", "https://cred.example.edu/achievements/1", "did:key:z6MkpTHR8VNs#z6MkpTHR8VNs"),
    *("https://cred.example.edu/keys?kind=a&b#c", "mailto:a@b.example", "https://exämple.org/ü%20", "tag:e,2026:x"),
)
BLANKS = ("_:b0", "_:b1", "_:n1", "_:c14n0")
ODD_IRIS = (
    *("relative", "a/b", "#fragment", "", "//host/a", "urn:with space", "https://a.example/#b#c", "urn:a>b", "name"),
    *("@none", "@type", ":", "a:", ":a", "_:", "http://", "é:a", "urn:\u2028", "Evidence", "../up", "?q"),
)
NUMBERS = (
    *(0, 1, -1, 42, 83, 2**53 + 1, -(2**63), 10**20, 10**21, 10**22, 0.0, -0.0, 5.0, 42.5, 85.356, 0.1, 1e-7, 1e20),
    *(1e21, 1e22, 123456789.125, -2.5e-300, 1.7976931348623157e308, 3.5),
)  # fmt: skip
LANGUAGES = ("en", "de-CH", "FR", "es-419")
ODD_LANGUAGES = ("", "e n", "toolongtag", 'en" .', 5, None)
XSD = "http://www.w3.org/2001/XMLSchema#"
DATATYPES = (*(XSD + name for name in ("string", "double", "float", "integer", "boolean")), "urn:t", "t:d", "@json")
ODD_LITERALS = (None, [], {}, {"@value": None}, {"@language": "en"}, {"@type": "urn:T"}, [[["x"]]])

MOST_DEPTH = 10
"""Objects inside objects."""

Active = Mapping[str, Any]
Term = Mapping[str, Any]


@dataclass(frozen=True)
class Terms:
    """The terms of one place, by what can be done with them there."""

    classes: tuple[str, ...]
    scoped_classes: tuple[str, ...]
    members: tuple[str, ...]
    structured_members: tuple[str, ...]
    prefixes: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, active: Active) -> Terms:
        mappings = {name: term or {} for name, term in active["mappings"].items()}
        classes = tuple(name for name in mappings if name[:1].isupper())
        members = [name for name, term in mappings.items() if term.get("@id") not in {"@id", "@type"}]
        usual = tuple(name for name in members if not name[:1].isupper()) or tuple(members)
        return cls(
            classes,
            tuple(name for name in classes if mappings[name].get("@context") is not None),
            usual,
            tuple(name for name in usual if mappings[name].get("@context") is not None),
            tuple((name, str(term["@id"])) for name, term in mappings.items() if term.get("_prefix") and term["@id"]),
        )


class Vocabularies:
    """What each term means at each place, as PyLD processes the contexts, remembered."""

    def __init__(self, documents: Mapping[str, Any], families: Sequence[Sequence[str]] = FAMILIES) -> None:
        self.documents = documents
        self.families = families
        self._processor = JsonLdProcessor()
        self._made: dict[tuple[Any, ...], tuple[Any, Any, Active | None]] = {}
        self._terms: dict[int, tuple[Active, Terms]] = {}

    @cached_property
    def _options(self) -> dict[str, Any]:
        def load(url: str, _: object) -> dict[str, Any]:
            document = self.documents[url]
            return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}

        options = {"base": "", "processingMode": "json-ld-1.1", "documentLoader": load}
        return options | {"contextResolver": ContextResolver({}, load)}

    @cached_property
    def nothing(self) -> Active:
        return self._processor._get_initial_context(self._options)

    def after(self, active: Active, local: Any, *, override: bool = False, propagate: bool = True) -> Active | None:
        """Give what terms mean once a context is applied; None where it must not be."""
        named = tuple(local) if isinstance(local, list | tuple) and all(isinstance(one, str) for one in local) else None
        key = (id(active), named or id(local), override, propagate)
        if key not in self._made:
            try:
                local = list(named) if named else local
                made = self._processor._process_context(active, local, self._options, override, propagate)
            except JsonLdError:
                made = None
            self._made[key] = (active, local, made)
        return self._made[key][2]

    def terms(self, active: Active) -> Terms:
        """List what can be said at a place."""
        if id(active) not in self._terms:
            self._terms[id(active)] = (active, Terms.of(active))
        return self._terms[id(active)][1]


@dataclass
class Author:
    """Writes documents; `oddity` is the chance that a value, a name or a type is not what belongs there."""

    vocabularies: Vocabularies
    chance: random.Random
    oddity: float = 0.0
    budget: int = field(default=0, init=False)
    depth: int = field(default=0, init=False)

    def document(self) -> dict[str, Any]:
        """Write one document, of a few to some hundred statements."""
        self.budget = self.chance.choice((4, 12, 30, 60))
        if self._odd():
            urls = self.chance.sample(list(self.vocabularies.documents), self.chance.randint(1, 3))
        else:
            urls = list(self.chance.choice(self.vocabularies.families))
        active = self.vocabularies.after(self.vocabularies.nothing, urls)
        if active is None:
            return {"@context": urls, **self._node(self.vocabularies.nothing)}
        named = urls[0] if len(urls) == 1 and self.chance.random() < 0.5 else urls
        return {"@context": named, **self._node(active, at_least=3)}

    # ── Nodes ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _node(self, active: Active, *, at_least: int = 0) -> dict[str, Any]:
        """Write an object that describes something, under contexts that hold where it stands."""
        self.budget -= 1
        self.depth += 1
        node: dict[str, Any] = {}
        if self.depth > 1 and self.chance.random() < 0.04:
            active = self._own_context(node, active)
        if self.chance.random() < 0.5:
            node[self._keyword("id", active)] = self._iri()
        types, inside = self._types(active)
        if types:
            single = len(types) == 1 and self.chance.random() < 0.4
            node[self._keyword("type", active)] = types[0] if single else types
        for _ in range(max(at_least, self.chance.choice((0, 1, 2, 3, 6))) if self._goes_on() else at_least):
            self._member(node, inside)
        if self._odd():
            self._keyword_member(node, inside)
        self.depth -= 1
        return self._shuffled(node)

    def _goes_on(self) -> bool:
        return self.budget > 0 and self.depth < MOST_DEPTH

    def _own_context(self, node: dict[str, Any], active: Active) -> Active:
        urls = [self.chance.choice((VC, OB, CLR, *self.vocabularies.documents))]
        after = self.vocabularies.after(active, urls)
        if after is None and not self._odd():
            return active
        node["@context"] = urls if self.chance.random() < 0.5 else urls[0]
        return after or active

    def _types(self, active: Active) -> tuple[list[Any], Active]:
        """Draw types; give them with the context that they make together, applied in the order of their names."""
        terms = self.vocabularies.terms(active)
        drawn = [
            self.chance.choice(terms.scoped_classes if self.chance.random() < 0.7 else terms.classes)
            for _ in range(self.chance.choice((0, 1, 1, 1, 2)))
            if terms.scoped_classes
        ]
        inside, fitting = active, []
        for name in sorted(drawn):
            local = self._term(active, name).get("@context")
            after = inside if local is None else self.vocabularies.after(inside, local, propagate=False)
            if after is not None or self._odd():
                inside = after or inside
                fitting.append(self._spelled(name, active) if local is None and self._seldom() else name)
        if self._odd():
            fitting.append(self.chance.choice((*ODD_IRIS, None, 5, ["urn:T"])))
        return self.chance.sample(fitting, len(fitting)), inside

    def _member(self, node: dict[str, Any], active: Active) -> None:
        """Add one member: most often a term of the context, else the same by its full IRI, or what no context knows."""
        terms = self.vocabularies.terms(active)
        if self._odd():
            name = self.chance.choice(("colour", "a/b~c", "_:p", "ex:unknown", "", "urn:a b", "@at"))
            node[name] = self._value(active, {})
        elif not terms.members or self._seldom():
            node[self.chance.choice(("urn:p", "https://schema.org/name"))] = self._value(active, {})
        else:
            rich = terms.structured_members if self._goes_on() and self.chance.random() < 0.3 else ()
            name = self.chance.choice(rich or (terms.classes if terms.classes and self._seldom() else terms.members))
            if self._seldom():
                node[self._spelled(name, active)] = self._value(active, {})
            else:
                node[name] = self._member_value(active, self._term(active, name))

    def _keyword_member(self, node: dict[str, Any], active: Active) -> None:
        """Add a member whose name is a keyword, where hardly any document has one."""
        match self.chance.randrange(8):
            case 0:
                node["@graph"] = [self._node(active) for _ in range(self.chance.randint(0, 2))]
            case 1:
                node["@included"] = [self._node(active)]
            case 2:
                node["@reverse"] = {"urn:p": [self._node(active)], "https://schema.org/about": self._iri()}
            case 3:
                node["@index"] = self._text()
            case 4:
                node["@nest"] = {"urn:p": self._text(), "https://schema.org/name": self._text()}
            case 5:
                node["@id"], node["@type"] = self._iri(), "urn:T"
            case 6:
                node[self.chance.choice(("@value", "@list", "@set", "@language"))] = self._text()
            case _:
                node[self.chance.choice(("@unknown", "@base", "@vocab", "@context"))] = self._text()

    # ── Values ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _member_value(self, active: Active, term: Term) -> Any:
        """Write what a term has, in its container."""
        inner = active.get("previousContext", active)  # what a type brings holds for its own members only
        if term.get("@context") is not None:
            inner = self.vocabularies.after(inner, term["@context"], override=True) or inner
        container = term.get("@container") or []
        if {"@language", "@index", "@id", "@type"} & set(container) and not self._odd():
            return self._map(inner, term, container)
        values = [self._value(inner, term) for _ in range(self.chance.choice((0, 1, 1, 1, 2, 3)))]
        if self.chance.random() < 0.15:  # the same thing said twice, or two things that look alike
            values = [*values, *values]
        if len(values) == 1 and self.chance.random() < 0.5:
            return values[0]
        if self.chance.random() < 0.05:
            return {self.chance.choice(("@set", "@list")): values}
        if self._odd():
            return [values]
        return values

    def _map(self, active: Active, term: Mapping[str, Any], container: list[str]) -> dict[str, Any]:
        if "@language" in container:
            return {self._language(): self.chance.choice((self._text(), [self._text()], None)) for _ in range(2)}
        keys = ("urn:a", "urn:k", "_:b0", "@none", "7") if "@id" in container else ("urn:T", "Evidence", "1", "@none")
        return {self.chance.choice(keys): self._value(active, term) for _ in range(2)}

    def _value(self, active: Active, term: Term) -> Any:
        """Write one value that fits the type of a term, or now and then one that does not."""
        kind = term.get("@type")
        if self._odd():
            kind = self.chance.choice((None, "@id", "@vocab", "@json", XSD + "double"))
        if kind == "@json":
            return self._json(3)
        if term.get("@context") is not None or kind in {"@id", "@vocab"} or "@graph" in (term.get("@container") or []):
            in_graph = "@graph" in (term.get("@container") or [])
            if in_graph or self.chance.random() < (0.7 if self._goes_on() else 0.05):
                return self._node(active, at_least=1 if in_graph else 0)
            return self._reference(active, kind) if kind else self._literal()
        if kind is None and self._goes_on() and self.chance.random() < 0.15:
            return self._node(active)
        return self._literal()

    def _reference(self, active: Active, kind: str) -> Any:
        if kind == "@vocab" and self.chance.random() < 0.6:
            return self.chance.choice(list(active["mappings"]) or ["urn:a"])
        return {self._keyword("id", active): self._iri()} if self.chance.random() < 0.2 else self._iri()

    def _literal(self) -> Any:
        """Write text, a number or a truth, by itself or as a value object, or what is hardly any of them."""
        if self._odd():
            extra = self.chance.choice(({"@index": "1"}, {"@direction": "rtl"}, {"@type": "urn:a b"}, {"urn:p": "x"}))
            return self.chance.choice((*ODD_LITERALS, {"@value": self._text(), **extra}))
        if self.chance.random() < 0.75:
            return self.chance.choice((self._text(), self._text(), self.chance.choice(NUMBERS), True, False))
        match self.chance.randrange(3):
            case 0:
                return {"@value": self._text(), "@language": self._language()}
            case 1:
                return {"@value": self.chance.choice((self._text(), 1.5, 7, False))}
            case _:
                datatype = self.chance.choice(DATATYPES)
                value = self._json(2) if datatype == "@json" else self.chance.choice((self._text(), *NUMBERS, True))
                return {"@value": value, "@type": datatype}

    def _json(self, depth: int) -> Any:
        match self.chance.randrange(6 if depth else 3):
            case 0:
                return self._text()
            case 1:
                return self.chance.choice([number for number in NUMBERS if abs(number) < 2**53])
            case 2:
                return self.chance.choice((None, True, False))
            case 3:
                return [self._json(depth - 1) for _ in range(self.chance.randrange(3))]
            case _:
                names = ("b", "a", "@context", "é", "\ue000", "🎓", "id")
                return {self.chance.choice(names): self._json(depth - 1) for _ in range(self.chance.randrange(4))}

    # ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _odd(self) -> bool:
        return self.chance.random() < self.oddity

    def _seldom(self) -> bool:
        return self.chance.random() < 0.06

    def _text(self) -> str:
        return self.chance.choice(UNUSUAL_TEXTS if self.chance.random() < 0.15 else TEXTS)

    def _language(self) -> Any:
        return self.chance.choice(ODD_LANGUAGES if self._odd() else LANGUAGES)

    def _iri(self) -> Any:
        if self._odd():
            return self.chance.choice((*ODD_IRIS, 5, None, ["urn:a"], {}))
        return self.chance.choice(BLANKS) if self.chance.random() < 0.15 else self.chance.choice(IRIS)

    def _keyword(self, name: str, active: Active) -> str:
        """Write `id` or `type`, as the context calls it or as the keyword that it stands for."""
        alias = self._term(active, name).get("@id") == f"@{name}"
        return name if alias and self.chance.random() < 0.9 else f"@{name}"

    def _spelled(self, name: str, active: Active) -> str:
        """Write a term by its full IRI, or as a compact one if a prefix fits."""
        iri = str(self._term(active, name).get("@id") or "urn:p")
        for prefix, base in self.vocabularies.terms(active).prefixes:
            if iri.startswith(base) and iri != base and self.chance.random() < 0.7:
                return f"{prefix}:{iri[len(base) :]}"
        return iri

    def _term(self, active: Active, name: str) -> Term:
        return active["mappings"].get(name) or {}

    def _shuffled(self, node: dict[str, Any]) -> dict[str, Any]:
        members = list(node.items())
        self.chance.shuffle(members)
        return dict(members)


def drawn(vocabularies: Vocabularies, seed: int, oddity: float = 0.0) -> dict[str, Any]:
    """Give the document of a seed."""
    return Author(vocabularies, random.Random(seed), oddity).document()


def documents(vocabularies: Vocabularies, count: int, oddity: float = 0.0, first: int = 0) -> Iterator[dict[str, Any]]:
    """Give so many documents, the same ones for the same `first` seed."""
    return (drawn(vocabularies, seed, oddity) for seed in range(first, first + count))
