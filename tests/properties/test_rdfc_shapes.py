"""RDFC-1.0 on graphs of the shapes that are hard to label: regular ones, copies of one another, graphs in graphs.

The cases of the W3C's suite are of these shapes: poison graphs are three-regular, and its reordered ones are copies.
pyoxigraph, which passes that suite, is the oracle.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from by_the_letter import canonical_form
from ler_issuer.resources import load_closed_world
from ler_issuer.vc.canonical import CannotCanonize, canonize_nquads
from ler_issuer.vc.canonical.rdfc import Quad, canonicalize
from oracles import oxigraph_canonical, pyld_canonical, pyld_quads, with_slips_of_oxigraph, written
from samples import VC

P, Q = "<urn:p>", "<urn:q>"
CONTEXTS = load_closed_world().contexts
CHANCE = st.integers(0, 2**32).map(random.Random)


def regular(chance, size, degree):
    """Make a graph in which every node has as many edges as every other, both ways."""
    while True:
        ends = [node for node in range(size) for _ in range(degree)]
        chance.shuffle(ends)
        pairs = list(zip(ends[::2], ends[1::2], strict=True))
        if all(a != b for a, b in pairs) and len({frozenset(pair) for pair in pairs}) == len(pairs):
            return [edge for a, b in pairs for edge in ((a, b), (b, a))]


def quads_of(edges, name="_:a", predicate=P, graph=""):
    return [Quad(f"{name}{a}", predicate, f"{name}{b}", graph) for a, b in edges]


def shuffled(chance, quads):
    """Give the same statements in another order, with other names for their blank nodes."""
    names = sorted({term for quad in quads for term in quad if term.startswith("_:")})
    others = chance.sample([f"_:x{number}" for number in range(len(names))], len(names))
    renamed = dict(zip(names, others, strict=True))
    return [Quad(*(renamed.get(term, term) for term in quad)) for quad in chance.sample(quads, len(quads))]


@given(CHANCE, st.sampled_from([(6, 3), (8, 3), (6, 2), (9, 2), (5, 4)]), st.booleans())
@settings(max_examples=40)
def test_regular_graphs(chance, shape, twice):
    quads = quads_of(regular(chance, *shape))
    if twice:
        quads += quads_of(regular(chance, *shape), "_:b")
    expected = oxigraph_canonical(quads)
    assert canonicalize(quads) == canonicalize(shuffled(chance, quads)) == expected


@given(CHANCE, st.integers(2, 4), st.integers(1, 4))
@settings(max_examples=40)
def test_copies_of_one_graph_with_and_without_what_tells_them_apart(chance, copies, size):
    edges = [(chance.randrange(size), chance.randrange(size)) for _ in range(size)]
    quads = []
    for number in range(copies):
        quads += quads_of(edges, f"_:c{number}n", chance.choice((P, P, Q)))
        quads.append(Quad(f"_:c{number}n0", Q, chance.choice(('"same"', '"same"', '"other"'))))
    assert canonicalize(quads) == canonicalize(shuffled(chance, quads)) == oxigraph_canonical(quads)


@given(CHANCE, st.integers(2, 4))
@settings(max_examples=40)
def test_graphs_named_by_blank_nodes_that_say_alike(chance, size):
    """PyLD is the oracle here: see the two differences that `test_canonical_differences` has about such graphs."""
    quads = {
        Quad(f"_:a{subject}", P, chance.choice((f"_:a{(subject + 1) % size}", '"l"')), graph)
        for graph in ("", "<urn:g>", *(f"_:g{number}" for number in range(size)))
        for subject in chance.sample(range(size), chance.randint(1, 2))
    }
    orders = [shuffled(chance, sorted(quads)) for _ in range(4)]
    by_pyld = [pyld_canonical(order) for order in orders]
    ours = [canonicalize(order) for order in orders]
    assert set(ours) <= set(by_pyld)


def look_alike(chance, depth):
    """Describe something in very few words, with proofs, which are graphs of their own, inside of proofs."""
    node = {"urn:q": chance.choice("xy")} if chance.random() < 0.5 else {}
    if chance.random() < 0.3:
        node["id"] = chance.choice(("urn:a", "urn:b"))
    for name in ("urn:p", "proof", "urn:l") if depth else ():
        if chance.random() < 0.5:
            parts = [look_alike(chance, depth - 1) for _ in range(chance.choice((1, 2, 2, 3)))]
            node[name] = {"@list": parts} if name == "urn:l" else parts
    return node


@given(CHANCE)
@settings(max_examples=30)
def test_documents_that_name_no_blank_nodes_leave_nothing_undecided(chance):
    """What `test_canonical_differences` has of undecided graphs cannot be said without naming blank nodes."""
    parts = {name: [look_alike(chance, 2), look_alike(chance, 2)] for name in ("urn:p", "proof")}
    quads = pyld_quads({"@context": [VC], "type": ["VerifiableCredential"], **parts}, CONTEXTS)
    form = canonicalize(quads)
    assert {canonicalize(shuffled(chance, quads)) for _ in range(3)} == {form}
    assert canonical_form(quads) == form
    assert oxigraph_canonical(quads) in {form, with_slips_of_oxigraph(quads)}


@given(CHANCE)
@settings(max_examples=20)
def test_neither_hash_depends_on_order_or_names(chance):
    quads = [*quads_of(regular(chance, 6, 3)), Quad("_:a0", Q, '"é\\n🎓"@de')]
    for algorithm in ("sha256", "sha384"):
        text = canonicalize(quads, algorithm)
        assert canonicalize(shuffled(chance, quads), algorithm) == text
        assert canonize_nquads(written(quads), algorithm) == text
        assert canonize_nquads(text, algorithm) == text


@pytest.mark.parametrize("size", [10, 14])
def test_what_would_take_years_ends_with_the_error_for_it(size):
    """All orders of nodes that are all alike: the reason why an implementation must stop (rdf-canon §7.1)."""
    quads = quads_of([(a, b) for a in range(size) for b in range(size) if a != b])
    with pytest.raises(CannotCanonize) as refused:
        canonicalize(quads)
    assert refused.value.problem.code == "work_bound"
