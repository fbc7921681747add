"""What must hold of canonicalisation for every document and every graph."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache

import pyoxigraph
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from ler_issuer.resources import load_closed_world
from ler_issuer.vc import multibase
from ler_issuer.vc.canonical import CannotCanonize, canonize
from ler_issuer.vc.canonical.rdfc import Quad, canonicalize, quoted
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.problems import Problem
from ler_issuer.vc.proofs import prepare, seal
from ler_issuer.vc.suites import SUITES
from oracles import pyld_quads
from samples import SITE, SeedSigner, badge, clr

CONTEXTS = Contexts(load_closed_world().contexts)
NODES = [f"_:n{number}" for number in range(5)]
NAMES = st.sampled_from([*NODES, "<urn:a>", "<urn:b>"])
PREDICATES = st.sampled_from(["<urn:p>", "<urn:q>"])
LITERALS = st.sampled_from(['"l"', '"1"^^<urn:t>', '"l"@en'])
QUADS = st.lists(
    st.builds(Quad, NAMES, PREDICATES, NAMES | LITERALS, st.sampled_from(["", "", "", "<urn:g>", "_:n0", "_:n1"])),
    min_size=1,
    max_size=12,
)
# Alike on purpose: every blank node has the same few things to say.
SYMMETRIC = st.lists(
    st.builds(Quad, st.sampled_from(NODES), st.just("<urn:p>"), st.sampled_from(NODES), st.just("")), min_size=1
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEYWORDS = "@context @id @type @value @list @set @graph @reverse @included @nest @index @language @direction"
TERMS = "id type name issuer evidence credentialSubject achievement proof tag result"
TELLING = ["https://www.w3.org/ns/credentials/v2", "Evidence", "@json", "urn:x", "_:b0"]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(TELLING),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(f"{KEYWORDS} {TERMS}".split()), inner, max_size=5)
    ),
    max_leaves=25,
)


def as_text(quads):
    return "".join(f"{s} {p} {o} {g} .\n" for s, p, o, g in quads)


def by_oxigraph(quads):
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(as_text(quads).encode(), format=pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in map(str, dataset)))


def by_pyld(quads):
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "inputFormat": "application/n-quads"}
    return jsonld.normalize(as_text(quads), options)


@given(QUADS | SYMMETRIC)
@settings(max_examples=200)
def test_graphs_have_the_form_that_oxigraph_gives_them(quads):
    assert canonicalize(quads) == by_oxigraph(quads)


@given(QUADS | SYMMETRIC)
@settings(max_examples=100)
def test_graphs_have_the_form_that_pyld_gives_them(quads):
    assume(not any(quad.subject == quad.object or quad.graph in quad[:3] for quad in quads))  # PyLD counts these twice
    assert canonicalize(quads) == by_pyld(quads)


@given(QUADS | SYMMETRIC, st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_neither_names_nor_order_matter(quads, chance: random.Random):
    others = [f"_:x{number}" for number in range(len(NODES))]
    chance.shuffle(others)
    renamed = [Quad(*(dict(zip(NODES, others, strict=True)).get(term, term) for term in quad)) for quad in quads]
    chance.shuffle(renamed)
    assert canonicalize(renamed) == canonicalize(quads)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_literals_are_escaped_so_that_they_are_read_back(text):
    [quad] = pyoxigraph.parse(f"<urn:s> <urn:p> {quoted(text)} .".encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    assert quad.object.value == text
    assert canonicalize([Quad("<urn:s>", "<urn:p>", quoted(text))]) == f"<urn:s> <urn:p> {quoted(text)} .\n"


def shuffled(value, chance: random.Random):
    if isinstance(value, dict):
        members = list(value.items())
        chance.shuffle(members)
        return {name: shuffled(member, chance) for name, member in members}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


@given(st.randoms(use_true_random=False), TEXTS)
@settings(max_examples=40)
def test_the_order_of_members_never_matters(chance, name):
    document = clr(badge(name=name), badge(id="urn:uuid:2"))
    assert canonize(shuffled(document, chance), CONTEXTS) == canonize(document, CONTEXTS)


EVIDENCE = st.fixed_dictionaries(
    {"type": st.just(["Evidence"])},
    optional={
        "id": st.sampled_from(["urn:e:1", "urn:e:2", "_:own"]),
        "name": TEXTS,
        "narrative": st.sampled_from(["a", "b"]),
        "https://schema.org/value": st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.booleans(),
    },
)


@given(st.lists(EVIDENCE, max_size=4), st.lists(TEXTS, max_size=3))
@settings(max_examples=60)
def test_badges_have_the_form_that_pyld_and_oxigraph_give_them(evidence, tags):
    document = badge(evidence=evidence)
    document["credentialSubject"]["achievement"]["tag"] = tags

    quads = pyld_quads(document, own_copies())
    canonical = canonize(document, CONTEXTS)
    assert canonical.nquads == canonicalize(quads) == by_oxigraph(quads)
    assert canonical.lost == ()


@cache
def own_copies():
    """Contexts for PyLD alone, which writes into what it is given."""
    return load_closed_world().contexts


@given(ANY_JSON, st.booleans())
@settings(max_examples=300)
def test_any_json_has_a_canonical_form_or_a_problem(value, wrapped):
    document = badge(**value) if wrapped and isinstance(value, dict) else value
    with suppress(CannotCanonize):
        assert canonize(document, CONTEXTS).nquads.encode()


@given(ANY_JSON, ANY_JSON)
@settings(max_examples=100)
def test_checking_any_proof_of_any_document_gives_a_problem(document, proof):
    suite = SUITES["eddsa-rdfc-2022"]
    framed = {"type": "DataIntegrityProof", "cryptosuite": suite.name, "proofValue": "z" + "2" * 88, "x": proof}
    for shape in (proof, framed):
        assert isinstance(suite.check(document, shape, SeedSigner().public, CONTEXTS), Problem)


def leaves(value, path=()):
    if isinstance(value, dict | list) and value:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    else:
        yield path


def changed(document, path, value):
    copy = shuffled(document, random.Random(0))
    *way, last = path
    place = copy
    for key in way:
        place = place[key]
    place[last] = value
    return copy


SIGNED = seal(
    prepare(
        badge(),
        verification_method=SeedSigner().verification_method,
        created=datetime(2026, 11, 1, tzinfo=UTC),
        contexts=CONTEXTS,
    ),
    SeedSigner(),
)


@pytest.mark.parametrize("path", list(leaves(SIGNED)), ids=lambda path: "/".join(map(str, path)))
def test_no_value_of_a_signed_document_can_be_changed(path):
    for value in ("changed", f"{SITE}/changed", 7, None):
        altered = changed(SIGNED, path, value)
        proof = altered.pop("proof")[0]
        assert SUITES["eddsa-rdfc-2022"].check(altered, proof, SeedSigner().public, CONTEXTS) is not None


@given(st.binary(max_size=80))
def test_multibase_reads_what_it_wrote(data):
    assert multibase.decode_z(multibase.z(data), length=len(data)) == data
    assert multibase.decode_u(multibase.u(data)) == data


@given(TEXTS, st.binary(min_size=32, max_size=32))
@settings(max_examples=40)
def test_what_is_sealed_holds(name, seed):
    assume(name.isprintable())
    signer = SeedSigner(seed)
    created = datetime(2026, 11, 1, tzinfo=UTC)
    prepared = prepare(
        badge(name=name), verification_method=signer.verification_method, created=created, contexts=CONTEXTS
    )
    signed = seal(prepared, signer)
    proof = signed.pop("proof")[0]
    assert SUITES["eddsa-rdfc-2022"].check(signed, proof, signer.public, CONTEXTS) is None
