"""Others who canonicalise: PyLD by itself, pyoxigraph on PyLD's statements; and what our two paths say, to be compared.

Where others are known to differ, `by_the_letter` says what is right, and what comes of the slips they are known for.

Each gives text or None, so that a comparison is one `==`. PyLD remembers nothing here between documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph
from pyld import jsonld

from by_the_letter import Slip, canonical_form
from ler_issuer.vc.canonical import CannotCanonize, Canonical, canonize
from ler_issuer.vc.canonical.bounds import MAX_LOST
from ler_issuer.vc.canonical.general import canonize_generally
from ler_issuer.vc.canonical.literals import RELATIVE
from ler_issuer.vc.canonical.rdfc import Quad, canonicalize, quoted
from ler_issuer.vc.contexts import Contexts

_N_QUADS = "application/n-quads"

Canonizer = Callable[[Any, Contexts], Canonical]


@dataclass(frozen=True)
class Outcome:
    """What became of a document: its canonical form and the places of what was lost, or why there is none."""

    nquads: str | None
    problems: frozenset[tuple[str, str]]

    @property
    def whole(self) -> bool:
        """Whether the document has a canonical form, and all of it is in there."""
        return self.nquads is not None and not self.problems


def outcome(canonizer: Canonizer, document: Any, contexts: Contexts) -> Outcome:
    """Say what one of our paths makes of a document; of more losses than are listed, only that there are so many."""
    try:
        canonical = canonizer(document, contexts)
    except CannotCanonize as refused:
        return Outcome(None, frozenset({(refused.problem.code, refused.problem.pointer)}))
    lost = frozenset((one.code, one.pointer) for one in canonical.lost)
    return Outcome(canonical.nquads, lost if len(canonical.lost) < MAX_LOST else frozenset({("very_much", "")}))


# ── PyLD ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _options(documents: Mapping[str, Any]) -> dict[str, Any]:
    def load(url: str, _: object) -> dict[str, Any]:
        document = documents[url]
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}

    return {"documentLoader": load, "base": RELATIVE + "/"}


def pyld_quads(document: Any, documents: Mapping[str, Any]) -> list[Quad]:
    """Give the statements that PyLD finds in a document; `documents` are contexts that it may write into."""
    dataset = jsonld.to_rdf(document, _options(documents))
    return [
        Quad(*(_term(triple[part]) for part in ("subject", "predicate", "object")), _graph(graph))
        for graph, triples in dataset.items()
        for triple in triples
    ]


def pyld_normalized(document: Any, documents: Mapping[str, Any]) -> str:
    """Give the canonical form that PyLD gives, from JSON to the last escape."""
    options = {"algorithm": "URDNA2015", "format": _N_QUADS, **_options(documents)}
    normalized: str = jsonld.normalize(document, options)
    return normalized


def pyld_canonical(quads: Iterable[Quad]) -> str:
    """Give the canonical form that PyLD gives to statements."""
    nquads = "application/n-quads"
    normalized: str = jsonld.normalize(
        written(quads), {"algorithm": "URDNA2015", "format": nquads, "inputFormat": nquads}
    )
    return normalized


def _graph(name: str) -> str:
    return "" if name == "@default" else name if name.startswith("_:") else f"<{name}>"


def _term(part: Mapping[str, str]) -> str:
    if part["type"] != "literal":
        return part["value"] if part["type"] == "blank node" else f"<{part['value']}>"
    if "language" in part:
        return f"{quoted(part['value'])}@{part['language']}"
    plain = part["datatype"] == "http://www.w3.org/2001/XMLSchema#string"
    return quoted(part["value"]) + ("" if plain else f"^^<{part['datatype']}>")


# ── pyoxigraph ───────────────────────────────────────────────────────────────────────────────────────────────────────
def written(quads: Iterable[Quad]) -> str:
    """Write statements as N-Quads."""
    return "".join(f"{s} {p} {o} {g} .\n" for s, p, o, g in quads)


def oxigraph_canonical(quads: Iterable[Quad]) -> str:
    """Give the canonical form that pyoxigraph gives to statements."""
    return _canonized(pyoxigraph.parse(written(quads).encode(), format=pyoxigraph.RdfFormat.N_QUADS))


def _canonized(quads: Iterable[Any]) -> str:
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in map(str, dataset)))


# ── Where others are known to differ ─────────────────────────────────────────────────────────────────────────────────
_ESCAPED = re.compile(r"\\(?:\\|[bf]|u([0-9A-F]{4}))")
"""`tests/vc/test_canonical_differences.py` has a test for each class, with what the specification says."""


def escapes_differ(quads: Iterable[Quad]) -> bool:
    """Say whether a literal has a character that PyLD leaves as it is, and canonical N-Quads escape."""
    return any(_less_escaped(quad) != quad for quad in quads)


def counted_twice(quads: Sequence[Quad]) -> bool:
    """Say whether PyLD counts a statement twice: one that was made twice, or has a blank node in two places."""
    in_two_places = any(term[:2] == "_:" and quad.count(term) > 1 for quad in quads for term in quad)
    return in_two_places or len(set(quads)) < len(quads)


def with_slips_of_pyld(quads: Iterable[Quad]) -> str:
    """Give the canonical form of statements as PyLD comes to it, step by step."""
    return canonical_form(map(_less_escaped, quads), Slip.MENTIONS_COUNTED)


def with_slips_of_oxigraph(quads: Iterable[Quad]) -> str:
    """Give the canonical form of statements as pyoxigraph comes to it, step by step."""
    return canonical_form(quads, Slip.NEIGHBOURS_ONCE)


def _less_escaped(quad: Quad) -> Quad:
    return quad._replace(object=_ESCAPED.sub(_character, quad.object))


def _character(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return {r"\b": "\b", r"\f": "\f"}.get(escape[0], escape[0])


# ── All together ─────────────────────────────────────────────────────────────────────────────────────────────────────
def disagreement(document: Any, contexts: Contexts, own: Mapping[str, Any]) -> str | None:
    """Say who says something else about a document than `canonize`, or None.

    The two paths have to agree about every document: about what is refused and where, about what is lost and where.
    Others are asked about documents that have a canonical form and lose nothing; of the rest nothing is ever signed.
    """
    found = outcome(canonize, document, contexts)
    if found != outcome(canonize_generally, document, contexts):
        return "the general path"
    return by_others(document, found, own) if found.whole else None


def by_others(document: Any, found: Outcome, own: Mapping[str, Any]) -> str | None:
    """Say which of the others differs about a document; `own` is as for `pyld_quads`.

    Where one differs in a way that is listed, the specification by the letter has to come to our form, and with the
    slip that is known of the other, to the other's.
    """
    quads = pyld_quads(document, own)
    if canonicalize(quads) != found.nquads:
        return "PyLD's statements"
    others = {
        "pyoxigraph": (oxigraph_canonical(quads), with_slips_of_oxigraph),
        "PyLD": (pyld_normalized(document, own), with_slips_of_pyld),
    }
    for name, (form, with_slips) in others.items():
        if form != found.nquads and (canonical_form(quads) != found.nquads or with_slips(quads) != form):
            return name
    return None
