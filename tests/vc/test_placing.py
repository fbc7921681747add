"""Where in a document its blank nodes stand."""

from __future__ import annotations

import copy

import pytest

from ler_issuer import vc
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import CannotCanonize
from ler_issuer.vc.canonical import nquads
from ler_issuer.vc.canonical.placing import placed
from ler_issuer.vc.canonical.rdfc import Quad, canonicalize, labels_of
from samples import VC, badge

CONTEXTS = vc.Contexts(load_closed_world().contexts, inline=True)
VOCABULARY = {
    "@vocab": "urn:v:",
    "list": {"@container": "@list"},
    "other": {"@id": "urn:v:list", "@container": "@list"},
    "graph": {"@container": "@graph"},
    "named": {"@type": "@id"},
}


def document(**members):
    return {"@context": [VC, VOCABULARY], "type": ["VerifiableCredential"], **members}


def said_of(found, node):
    return {(quad.predicate, quad.object) for quad in found.quads if quad.subject == node}


def test_the_statements_are_those_of_the_canonical_form():
    for one in (badge(), document(list=[[1], [2, {"x": 1}]], sub={"y": {"z": 1}})):
        assert canonicalize(placed(one, CONTEXTS).quads) == vc.canonize(one, CONTEXTS).nquads


def test_every_object_without_an_id_has_its_place():
    found = placed(badge(), CONTEXTS)
    nodes = {term for quad in found.quads for term in quad if term[:1] == "_"}
    assert nodes == {*found.places.values(), *found.cells.values()}
    for place in found.places:
        value = badge()
        for step in place.split("/")[1:]:
            value = value[int(step)] if isinstance(value, list) else value[step]
        assert isinstance(value, dict)
        assert "id" not in value


def test_two_objects_that_say_the_same_are_two():
    found = placed(document(a=[{"x": 1}, {"x": 1}]), CONTEXTS)
    assert said_of(found, found.places["/a/0"]) == said_of(found, found.places["/a/1"])
    assert found.places["/a/0"] != found.places["/a/1"]


def test_one_value_that_stands_in_two_places_is_two():
    shared = {"x": {"y": 1}}
    assert {*placed(document(a=shared, b=shared), CONTEXTS).places} == {"", "/a", "/a/x", "/b", "/b/x"}


def test_lists_have_a_cell_for_each_item():
    found = placed(document(list=["a", ["b", "c"]], other=["d"], sub={"id": "urn:s", "list": ["e"]}), CONTEXTS)
    firsts = {quad.subject: quad.object for quad in found.quads if quad.predicate.endswith("#first>")}
    by_owner = {place: firsts[cell] for place, cell in found.cells.items() if firsts[cell][:1] == '"'}
    assert {(owner, text) for (owner, _), text in by_owner.items()} == {("", f'"{one}"') for one in "abcd"} | {
        ("/sub", '"e"')
    }
    assert len({*found.cells.values()}) == len(found.cells) == 6


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (document(graph={"x": 1}), "not_plain"),
        (document(named="_:b"), "not_plain"),
        (document(id="_:b"), "not_plain"),
        ({**badge(), "colour": "red"}, "term_dropped"),
        ({**badge(), "@context": [VC, "urn:c"]}, "unknown_context"),
        (document(x={"id": "not an iri"}), "malformed_iri"),
        ({"@context": 5}, "malformed_context"),
    ],
)
def test_what_has_no_places_for_all_it_says(made, code):
    with pytest.raises(CannotCanonize) as refused:
        placed(made, CONTEXTS)
    assert refused.value.problem.code == code


def test_the_document_is_left_alone():
    made = badge()
    before = copy.deepcopy(made)
    placed(made, CONTEXTS)
    assert made == before


def test_labels_are_those_of_the_canonical_form():
    found = placed(badge(), CONTEXTS)
    for algorithm in ("sha256", "sha384"):
        labels = labels_of([*found.quads, *found.quads], algorithm)
        lines = {nquads.write(Quad(*(labels.get(term, term) for term in quad))) for quad in found.quads}
        assert "".join(sorted(lines)) == vc.canonize(badge(), CONTEXTS, algorithm).nquads


def test_labels_of_nodes_that_look_alike():
    quads = [Quad("_:x", "<urn:p>", "_:y"), Quad("_:y", "<urn:p>", "_:x"), Quad("_:x", "<urn:q>", "_:z", "_:g")]
    labels = labels_of(quads)
    assert labels.keys() == {"_:x", "_:y", "_:z", "_:g"}
    assert {*labels.values()} == {f"_:c14n{number}" for number in range(4)}
    assert "".join(sorted(nquads.write(Quad(*(labels.get(t, t) for t in one))) for one in quads)) == canonicalize(quads)
