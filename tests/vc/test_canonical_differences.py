"""Where other implementations say something else: what the specification says, and that we do.

One test for each class of difference. `oracles` takes a difference for one of these only if the same slip, made on
purpose (`by_the_letter`), comes to the very same text. Everything else that PyLD 3.3 or pyoxigraph 0.5 answers
differently would be a finding.
"""

from __future__ import annotations

import json
import re

import pyoxigraph
import pytest

from by_the_letter import canonical_form
from ler_issuer.jsontext import MAX_DEPTH
from ler_issuer.resources import load_closed_world
from ler_issuer.vc.canonical import CannotCanonize, canonize, nquads
from ler_issuer.vc.canonical.bounds import MAX_CHARACTERS, MAX_NAME, MAX_VALUES
from ler_issuer.vc.canonical.general import canonize_generally
from ler_issuer.vc.canonical.rdfc import canonicalize
from ler_issuer.vc.contexts import Contexts
from oracles import (
    counted_twice,
    escapes_differ,
    outcome,
    oxigraph_canonical,
    pyld_canonical,
    pyld_normalized,
    pyld_quads,
    with_slips_of_oxigraph,
    with_slips_of_pyld,
)
from samples import VC, badge

CONTEXTS = Contexts(load_closed_world().contexts)
PATHS = pytest.mark.parametrize("path", [canonize, canonize_generally])


@pytest.fixture(scope="module")
def own():
    return load_closed_world().contexts


def lost(document):
    return {problem.code for problem in canonize(document, CONTEXTS).lost}


@PATHS
def test_control_characters_are_escaped_rdf_canon_5_2(path, own):
    """Canonical N-Quads escape what XML 1.1 cannot hold; PyLD writes all but five characters as they are."""
    document = badge(name='\b\f\x00\x1f\x7f\ufffe\uffff \t\n\r"\\')
    nquads = path(document, CONTEXTS).nquads
    assert r'"\b\f\u0000\u001F\u007F\uFFFE\uFFFF \t\n\r\"\\"' in nquads
    quads = pyld_quads(document, own)
    assert escapes_differ(quads)
    assert nquads == canonical_form(quads) == oxigraph_canonical(quads)
    assert nquads != pyld_normalized(document, own) == with_slips_of_pyld(quads)


@PATHS
def test_what_was_an_escape_in_the_text_is_none_rdf_canon_5_2(path, own):
    document = badge(name="\\u0041 \\b")
    assert not escapes_differ(pyld_quads(document, own))
    assert path(document, CONTEXTS).nquads == pyld_normalized(document, own)


@PATHS
def test_a_blank_node_that_is_about_itself_is_hashed_once_rdf_canon_4_6(path, own):
    """Step 1 of the first-degree hash adds a quad once, however often it mentions the node."""
    document = badge(evidence=[{"id": "_:e", "type": ["Evidence"], "urn:p": {"@id": "_:e"}}, {"id": "_:f", "name": ""}])
    quads = pyld_quads(document, own)
    assert counted_twice(quads)
    nquads = path(document, CONTEXTS).nquads
    assert nquads == canonicalize(quads) == canonical_form(quads) == oxigraph_canonical(quads)
    assert pyld_normalized(document, own) == with_slips_of_pyld(quads)


@PATHS
def test_a_statement_made_twice_is_one_rdf_concepts_4(path, own):
    """An RDF graph is a set. `true` and "true" become one literal here, and PyLD counts both."""
    document = badge(evidence=[{"type": ["Evidence"], "urn:p": [True, {"@value": "true", "@type": f"{XSD}boolean"}]}])
    quads = pyld_quads(document, own)
    assert counted_twice(quads)
    nquads = path(document, CONTEXTS).nquads
    assert nquads == canonical_form(quads) == oxigraph_canonical(quads)
    assert nquads != pyld_normalized(document, own) == with_slips_of_pyld(quads)
    assert nquads.count('<urn:p> "true"') == 1


XSD = "http://www.w3.org/2001/XMLSchema#"


@PATHS
@pytest.mark.parametrize(
    ("number", "literal"),
    [
        (85.356, f'"8.535599999999999E1"^^<{XSD}double>'),
        (1e-7, f'"1.0E-7"^^<{XSD}double>'),
        (2**53 + 1, f'"9007199254740993"^^<{XSD}integer>'),
        (1e20, f'"100000000000000000000"^^<{XSD}integer>'),
        (1e21, f'"1.0E21"^^<{XSD}double>'),
        (10**21, f'"1.0E21"^^<{XSD}double>'),
        (-0.0, f'"0"^^<{XSD}integer>'),
        (5.0, f'"5"^^<{XSD}integer>'),
        (-2.5e-300, f'"-2.5E-300"^^<{XSD}double>'),
    ],
)
def test_numbers_are_written_as_json_ld_api_8_6_has_it(path, number, literal, own):
    """Doubles have 15 digits after the point (`%1.15E`); pyoxigraph writes the shortest text for 85.356 instead.

    jsonld.js makes the integer 0 of 1e-7, and rounds integers beyond 2^53; both are in `docs/divergences.md`.
    """
    document = badge(**{"urn:p": number})
    nquads = path(document, CONTEXTS).nquads
    assert f"<urn:p> {literal} .\n" in nquads
    assert nquads == pyld_normalized(document, own)


def test_pyoxigraph_writes_doubles_shorter():
    document = json.dumps({"@id": "urn:a", "urn:p": 85.356}).encode()
    [quad] = pyoxigraph.parse(document, format=pyoxigraph.RdfFormat.JSON_LD)
    assert quad.object.value == "8.5356E1"


@PATHS
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"colour": "red"}, "term_dropped"),
        ({"type": ["VerifiableCredential", "Unheard"]}, "relative_iri"),
        ({"id": "badges/1"}, "relative_iri"),
        ({"name": {"@value": "x", "@direction": "rtl"}}, "direction_dropped"),
        ({"name": {"@value": "x", "@index": "1"}}, "index_dropped"),
        ({"_:p": "x"}, "term_dropped"),
    ],
)
def test_what_others_leave_out_in_silence_is_told_json_ld_api_5_5(path, change, code, own):
    """Terms that no context defines vanish from what PyLD and pyoxigraph sign; relative references get a base."""
    document = badge(**change)
    assert code in {problem.code for problem in path(document, CONTEXTS).lost}
    assert pyld_quads(document, own)


@PATHS
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"issuer": "https://a.example/#b#c"}, "/issuer"),
        ({"evidence": [{"id": "urn:a b", "type": ["Evidence"]}]}, "/evidence/0/id"),
        ({"issuer": "urn:a>"}, "/issuer"),
        ({"name": {"@value": "x", "@language": "no tag"}}, "/name"),
    ],
)
def test_what_n_quads_cannot_hold_is_refused_rfc_3987(path, change, pointer):
    """PyLD writes such text as it is, and pyoxigraph drops the statement."""
    with pytest.raises(CannotCanonize) as refused:
        path(badge(**change), CONTEXTS)
    assert refused.value.problem.code in {"malformed_iri", "malformed_language"}
    assert refused.value.problem.pointer == pointer


@PATHS
def test_numbers_that_json_literals_cannot_hold_are_refused_rfc_8785_3_2_2_3(path):
    """JSON literals are written as RFC 8785 has it, which knows no integers beyond those of IEEE 754."""
    document = badge(**{"urn:p": {"@type": "@json", "@value": {"n": 10**20}}})
    with pytest.raises(CannotCanonize) as refused:
        path(document, CONTEXTS)
    assert refused.value.problem.code == "not_json_ld"


@PATHS
def test_astral_characters_come_after_all_others_rdf_canon_4_4_3(path):
    """Statements are sorted by code point. By UTF-16, as rdf-canonize does it, the graduate would come first."""
    canonical = path(badge(**{"urn:p": ["\uffee", "🎓", "\ue000"]}), CONTEXTS)
    assert re.findall('<urn:p> "(.)"', canonical.nquads) == ["\ue000", "\uffee", "🎓"]


CROSSED = """\
_:a0 <urn:p> "l" _:g1 .
_:a0 <urn:p> _:a1 _:g0 .
_:a1 <urn:p> "l" _:g0 .
_:a1 <urn:p> _:a0 _:g1 .
"""
UNDECIDED = """\
_:a0 <urn:p> "l" _:g2 .
_:a0 <urn:p> "l" _:g3 .
_:a0 <urn:p> _:a3 _:g1 .
_:a1 <urn:p> _:a2 _:g0 .
_:a2 <urn:p> _:a1 _:g1 .
"""


def test_a_neighbour_that_is_met_twice_is_listed_twice_rdf_canon_4_8():
    """Step 3.1.2 appends to a list, so does PyLD, and so does rdf-canonize; pyoxigraph keeps a set instead.

    The path of a neighbour that stands in the list twice names it twice, and so hashes otherwise.
    """
    quads = nquads.read(CROSSED)
    assert canonicalize(quads) == canonical_form(quads) == pyld_canonical(quads)
    assert canonicalize(quads) != oxigraph_canonical(quads) == with_slips_of_oxigraph(quads)


@PATHS
def test_a_graph_that_says_two_things_alike_is_met_twice_rdf_canon_4_8(path, own):
    """What that comes to in a document: its proofs are graphs with blank names, and in each stand two of a kind."""
    document = {"@context": [VC], "type": ["VerifiableCredential"], "proof": [proved("urn:a"), proved("urn:b")]}
    quads = pyld_quads(document, own)
    found = path(document, CONTEXTS).nquads
    assert found == canonical_form(quads) == pyld_normalized(document, own)
    assert found != oxigraph_canonical(quads) == with_slips_of_oxigraph(quads)


def proved(said):
    """Say something in a proof that does not tell it from another, but two steps away."""
    return {"urn:p": [{"urn:q": {"urn:r": {"id": said}}}, {"urn:q": {"urn:r": {"id": "urn:c"}}}]}


def test_some_graphs_in_graphs_are_left_undecided_rdf_canon_4_7():
    """Two blank nodes that change places are not told apart by *which* blank graph says what of them.

    The hash of a related node has its position and predicate, not the graph; so the order of the input decides, with
    everybody. No document of the pinned contexts says such a thing unless it names its blank nodes on purpose.
    """
    renamed = [nquads.read(UNDECIDED.replace("_:", f"_:x{number}")) for number in range(30)]
    forms = {pyld_canonical(quads) for quads in renamed}  # it goes by the order of a set, so by the names
    assert len(forms) == 2
    assert {canonicalize(quads) for quads in renamed} <= forms


@PATHS
def test_a_name_for_a_blank_node_is_no_statement_rdf_canon_4_4(path):
    """Neither the names that a document gives nor those that the algorithm will give make a difference."""
    documents = [badge(evidence=[{"id": name, "type": ["Evidence"]}]) for name in ("_:b0", "_:c14n3", "_:n1", "_:é")]
    assert len({path(document, CONTEXTS).nquads for document in documents}) == 1


def test_both_paths_say_so_of_a_graph_that_is_too_hard():
    """The specification lets an implementation stop (rdf-canon §7.1); neither path hands it on to the other."""
    nodes = [{"id": f"_:a{number}", "urn:p": [{"@id": f"_:a{to}"} for to in range(12)]} for number in range(12)]
    document = {"@context": [VC], "type": ["VerifiableCredential"], "urn:q": nodes}
    found = outcome(canonize, document, CONTEXTS)
    assert found.problems == {("work_bound", "")}
    assert found == outcome(canonize_generally, document, CONTEXTS)


def deep(levels):
    value = "x"
    for _ in range(levels):
        value = {"type": ["Evidence"], "urn:p": value}
    return value


@PATHS
@pytest.mark.parametrize(("inside", "code"), [({"x": float("inf")}, "not_a_json_value"), (None, "too_deep")])
def test_what_stands_inside_of_something_lost_is_measured_too(path, inside, code):
    document = badge(colour=inside or deep(MAX_DEPTH))
    assert outcome(path, document, CONTEXTS).problems == {(code, "")}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"urn:p": ["x"] * (MAX_VALUES + 1)}, "too_large"),
        ({"urn:p": "x" * (MAX_CHARACTERS + 1)}, "too_large"),
        ({"urn:" + "p" * MAX_NAME: "x"}, "too_large"),
        ({"urn:p": deep(MAX_DEPTH)}, "too_deep"),
        ({"urn:p": float("inf")}, "not_a_json_value"),
        ({"urn:p": "\ud800"}, "lone_surrogate"),
        ({"type": ["VerifiableCredential"] * 10_000}, "work_bound"),
    ],
)
def test_both_paths_end_at_the_same_published_bounds(change, code):
    found = outcome(canonize, badge(**change), CONTEXTS)
    assert found == outcome(canonize_generally, badge(**change), CONTEXTS)
    assert {one for one, _ in found.problems} == {code}
