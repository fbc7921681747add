from __future__ import annotations

import copy
import hashlib
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from pyld import jsonld

from ler_issuer.resources import load_closed_world
from ler_issuer.vc.canonical import CannotCanonize, canonize
from ler_issuer.vc.canonical.bounds import MAX_CHARACTERS, MAX_CONTEXTS_HERE, MAX_LOST, MAX_NAME, MAX_VALUES
from ler_issuer.vc.canonical.general import canonize_generally
from ler_issuer.vc.contexts import MAX_REMEMBERED, Contexts
from samples import CLR, OB, VC, badge, clr, presentation, proof, status_list


@pytest.fixture(scope="module")
def contexts():
    return Contexts(load_closed_world().contexts)


def by_pyld(document, contexts):
    """What PyLD alone makes of a document, with nothing remembered between calls."""

    def load(url, _):
        found = copy.deepcopy(contexts.documents[url])
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": found}

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    return jsonld.normalize(document, options)


def lost(document, contexts):
    return {(problem.code, problem.pointer) for problem in canonize(document, contexts).lost}


def refusal(document, contexts):
    with pytest.raises(CannotCanonize) as refused:
        canonize(document, contexts)
    return refused.value.problem


SHAPES = {
    "badge": badge(),
    "badge with proof": badge(proof=[proof()]),
    "clr": clr(),
    "status list": status_list(),
    "presentation": presentation(),
    "presentation of a clr": presentation(clr(), badge()),
    "proof options": {**{k: v for k, v in proof().items() if k != "proofValue"}, "@context": [VC, OB]},
    "language, direction aside": badge(name={"@value": "Données", "@language": "FR"}),
    "numbers": badge(credentialSubject={**badge()["credentialSubject"], "creditsEarned": 42.0}),
    "same id twice": badge(evidence=[{"id": "urn:e", "type": ["Evidence"]}, {"id": "urn:e", "name": "one"}]),
    "own blank nodes": badge(evidence=[{"id": "_:x y", "type": ["Evidence"]}, {"id": "_:x y", "name": "one"}]),
    "look-alikes": badge(evidence=[{"type": ["Evidence"]}, {"type": ["Evidence"]}, {"type": ["Evidence"]}]),
    "full IRIs and keywords": badge(**{"https://schema.org/keywords": {"@list": ["a", {"@list": []}, 1e22, True]}}),
    "reverse": badge(**{"@reverse": {"https://schema.org/about": {"@id": "urn:book", "https://schema.org/n": "t"}}}),
    "included": badge(**{"@included": [{"@id": "urn:x", "https://schema.org/name": "t"}]}),
    "json literal": badge(
        credentialSchema={
            "id": "urn:s",
            "type": "JsonSchema",
            "https://schema.org/x": {"@type": "@json", "@value": {"b": [1, None, "é"], "@context": {"a": 1.5}}},
        }
    ),
}


@pytest.mark.parametrize("document", SHAPES.values(), ids=SHAPES)
def test_nothing_differs_from_plain_pyld(document, contexts):
    expected = by_pyld(document, contexts)
    fresh, remembered = canonize(document, Contexts(contexts.documents)), canonize(document, contexts)
    assert canonize(document, contexts) == remembered == fresh
    assert fresh.nquads == expected
    assert fresh.lost == ()


def test_doubles_are_written_as_by_pyld(contexts):
    numbers = [0.1, 1e-7, 85.356, -2.5e-300, 1.7976931348623157e308, 1e21, 123456789.125, 3, -0.5, 10**22]
    document = badge(**{"https://schema.org/value": numbers})
    assert canonize(document, contexts).nquads == by_pyld(document, contexts)


def test_control_characters_are_escaped_where_pyld_does_not(contexts):
    nquads = canonize(badge(name="a\x00\x08\x0c\x7fb"), contexts).nquads
    assert r'"a\u0000\b\f\u007Fb"' in nquads


def test_the_document_and_the_contexts_are_left_as_they_were(contexts):
    document, before = clr(), clr()
    digest = hashlib.sha256(json.dumps(dict(contexts.documents)).encode()).digest()
    canonize(document, Contexts(contexts.documents))
    assert document == before
    assert hashlib.sha256(json.dumps(dict(contexts.documents)).encode()).digest() == digest


class TestLost:
    """Data that no signature would cover is found, with its place."""

    @pytest.mark.parametrize(
        ("change", "code", "pointer"),
        [
            ({"colour": "red"}, "term_dropped", "/colour"),
            ({"a/b~c": "red"}, "term_dropped", "/a~1b~0c"),
            ({"@unknown": "red"}, "term_dropped", "/@unknown"),
            ({"@base": "https://elsewhere.example/"}, "term_dropped", "/@base"),
            ({"evidence": [{"type": ["Evidence"], "@default": 1}]}, "term_dropped", "/evidence/0/@default"),
            ({"urn:with space": "red"}, "term_dropped", "/urn:with space"),
            ({"_:b0": "red"}, "term_dropped", "/_:b0"),
            ({"evidence": [{"type": ["Evidence"], "colour": "red"}]}, "term_dropped", "/evidence/0/colour"),
            ({"evidence": [{"type": ["Evidence"], "id": "e/1"}]}, "relative_iri", "/evidence/0/id"),
            ({"evidence": [{"type": ["Evidence"]}, {"id": ""}]}, "relative_iri", "/evidence/1/id"),
            ({"evidence": [{"type": ["Evidence", "Proof of work"]}]}, "malformed_iri", "/evidence/0/type/1"),
            ({"evidence": [{"type": ["Evidence", "Exhibit"]}]}, "relative_iri", "/evidence/0/type/1"),
            ({"type": ["VerifiableCredential", "OpenBadge"]}, "relative_iri", "/type/1"),
            ({"id": "#1"}, "relative_iri", "/id"),
            ({"id": "//host/1"}, "relative_iri", "/id"),
            ({"id": "relative:1"}, "relative_iri", "/id"),
            ({"issuer": "the university"}, "malformed_iri", "/issuer"),
            ({"issuer": "university"}, "relative_iri", "/issuer"),
            ({"issuer": "@university"}, "malformed_iri", "/issuer"),
            ({"issuer": "https://a.example/#b#c"}, "malformed_iri", "/issuer"),
            ({"issuer": 'https://a.example/> <urn:p> "'}, "malformed_iri", "/issuer"),
            ({"issuer": "https://a.example/\u2028"}, "malformed_iri", "/issuer"),
            ({"name": {"@value": "x", "@direction": "rtl", "@language": "ar"}}, "direction_dropped", "/name"),
            ({"name": {"@value": "x", "@index": "1"}}, "index_dropped", "/name"),
            ({"name": {"@language": "en"}}, "value_dropped", "/name"),
            ({"name": {"@value": "x", "@language": 'en" .'}}, "malformed_language", "/name"),
            ({"evidence": [{"type": ["Evidence"], "@index": "1"}]}, "index_dropped", "/evidence/0/@index"),
            ({"@included": [{"@id": "urn:x"}]}, "value_dropped", "/@included/0"),
            ({"@graph": ["text"]}, "value_dropped", "/@graph/0"),
        ],
    )
    def test_is_named_with_its_place(self, change, code, pointer, contexts):
        document = badge(**change)
        if code.startswith("malformed"):
            problem = refusal(document, contexts)
            assert (problem.code, problem.pointer) == (code, pointer)
        else:
            assert (code, pointer) in lost(document, contexts)

    def test_is_no_direction_where_documents_are_sent_to_be_tested(self, contexts):
        document = badge(name={"@value": "x", "@direction": "rtl", "@language": "ar"})

        assert canonize(document, Contexts(contexts.documents, undirected=True)).lost == ()

    def test_deep_inside_and_more_than_once(self, contexts):
        first, second = badge(), badge()
        first["credentialSubject"]["achievement"]["alignment"][1]["colour"] = "red"
        second["credentialSubject"]["result"][0]["type"] = ["Result", "Outcome"]
        second["credentialSubject"]["result"][1]["colour"] = "red"
        here = "/credentialSubject/verifiableCredential"
        assert lost(clr(first, second), contexts) == {
            ("term_dropped", f"{here}/0/credentialSubject/achievement/alignment/1/colour"),
            ("relative_iri", f"{here}/1/credentialSubject/result/0/type/1"),
            ("term_dropped", f"{here}/1/credentialSubject/result/1/colour"),
        }

    def test_a_bare_reference_in_a_presentation(self, contexts):
        document = {**presentation(), "verifiableCredential": ["urn:uuid:1"]}
        assert ("reference_dropped", "/verifiableCredential/0") in lost(document, contexts)

    def test_a_literal_of_the_same_text_is_not_blamed(self, contexts):
        document = badge(
            evidence=[{"name": "e1", "type": ["Evidence"], "id": "urn:e:1", "narrative": "e1"}, {"id": "e1"}]
        )
        assert lost(document, contexts) == {("relative_iri", "/evidence/1/id")}

    def test_is_listed_up_to_a_bound(self, contexts):
        document = badge(**{f"x{number}": 1 for number in range(4 * MAX_LOST)})
        assert len(canonize(document, contexts).lost) == MAX_LOST

    def test_nulls_and_empty_arrays_say_nothing_and_lose_nothing(self, contexts):
        with_nothing = canonize(badge(awardedDate=None, endorsement=[]), contexts)
        assert with_nothing == canonize(badge(), contexts)


class TestClosedWorld:
    @pytest.mark.parametrize(
        ("context", "code", "pointer"),
        [
            ([VC, "https://evil.example/v1"], "unknown_context", "/@context/1"),
            ("https://evil.example/v1", "unknown_context", "/@context"),
            ([VC, "context.json"], "unknown_context", "/@context/1"),
            ([VC, {"name": "https://schema.org/headline"}], "inline_context", "/@context/1"),
            ({"@vocab": "https://evil.example/"}, "inline_context", "/@context"),
            ([VC, None], "malformed_context", "/@context/1"),
            (None, "malformed_context", "/@context"),
            ([], "malformed_context", "/@context"),
            ([[VC]], "malformed_context", "/@context/0"),
            ([VC] * (MAX_CONTEXTS_HERE + 1), "malformed_context", "/@context"),
        ],
    )
    def test_other_contexts_are_refused(self, context, code, pointer, contexts):
        problem = refusal(badge(**{"@context": context}), contexts)
        assert (problem.code, problem.pointer) == (code, pointer)

    def test_also_inside(self, contexts):
        inner = badge(**{"@context": [VC, {"@vocab": "urn:"}]})
        problem = refusal(clr(badge(), inner), contexts)
        assert problem.code == "inline_context"
        assert problem.pointer == "/credentialSubject/verifiableCredential/1/@context/1"

    def test_a_context_that_needs_an_unknown_one_is_refused(self, contexts):
        outer = {"@context": ["https://elsewhere.example/v1", {"x": "urn:x"}]}
        world = Contexts({**contexts.documents, "urn:outer": outer})
        problem = refusal(badge(**{"@context": [VC, OB, "urn:outer"]}), world)
        assert problem.code == "unknown_context"
        assert "elsewhere.example" in problem.detail

    def test_known_contexts_inside_are_fine(self, contexts):
        assert canonize(clr(), contexts).lost == ()
        assert contexts.known(CLR)
        assert not contexts.known({"@vocab": "urn:"})


class TestBounds:
    def test_values_characters_and_depth(self, contexts):
        deep: list = []
        for _ in range(5000):
            deep = [deep]
        assert refusal(badge(tag=["a"] * (MAX_VALUES + 1)), contexts).code == "too_large"
        assert refusal(badge(name="a" * (MAX_CHARACTERS + 1)), contexts).code == "too_large"
        assert refusal(badge(**{"urn:" + "a" * MAX_NAME: "x"}), contexts).code == "too_large"
        assert refusal(badge(name=deep), contexts).code == "too_deep"

    def test_repeated_types_do_not_keep_it_busy(self, contexts):
        document = badge(type=["VerifiableCredential"] * 10_000)
        started = time.process_time()
        assert refusal(document, contexts).code == "work_bound"
        assert time.process_time() - started < 10

    def test_a_long_list_is_handled_soon(self, contexts):
        """PyLD compares every value of a property with every other."""
        subject = badge()["credentialSubject"]
        subject["achievement"]["tag"] = [f"tag {number}" for number in range(20_000)]
        started = time.process_time()
        assert canonize(badge(credentialSubject=subject), contexts).nquads.count(' "tag ') == 20_000
        assert time.process_time() - started < 10

    def test_many_losses_are_handled_soon(self, contexts):
        letters = "abcdefghijklmnopqrst"
        like_keywords = {f"@{''.join(name)}": 1 for name in product(letters, repeat=4) if name[0] < "f"}
        started = time.process_time()
        canonize(badge(**like_keywords), contexts)
        canonize(badge(**{f"x{number}": 1 for number in range(40_000)}), contexts)
        canonize(badge(type=["VerifiableCredential", *(f"t{number}" for number in range(40_000))]), contexts)
        canonize(badge(name=[{"@value": "x", "@direction": "rtl"}] * 15_000), contexts)
        canonize(badge(**{"@graph": ["x"] * 40_000}), contexts)
        assert time.process_time() - started < 6

    def test_what_is_remembered_is_bounded(self, contexts):
        world = Contexts(contexts.documents)
        canonize(badge(), world)
        settled = len(world.processed)
        canonize(badge(name="another"), world)
        assert len(world.processed) == settled < MAX_REMEMBERED

    def test_forgetting_changes_nothing(self, contexts, monkeypatch):
        monkeypatch.setattr("ler_issuer.vc.contexts.MAX_REMEMBERED", 2)
        world = Contexts(contexts.documents)
        assert canonize(clr(), world) == canonize(clr(), contexts)
        assert len(world.processed) <= 4  # two generations

    def test_what_was_forgotten_meanwhile_counts_once(self, contexts, monkeypatch):
        """Else how many steps a document may take would hang on what was read before it."""
        monkeypatch.setattr("ler_issuer.vc.contexts.MAX_REMEMBERED", 1)
        evidence = [{"@context": [VC, OB], "type": ["Evidence"], "name": str(number)} for number in range(200)]
        document = badge(evidence=evidence)
        assert canonize_generally(document, Contexts(contexts.documents)).nquads.count("Evidence") == 200


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"@context": [VC]},
        {"@context": [VC], "id": "urn:x"},
        badge(id=5),
        badge(type=None),
        badge(type=[[]]),
        badge(type=[{"a": 1}]),
        badge(name=float("nan")),
        badge(name=b"bytes"),
        badge(creditsEarned={1: 2}),
        badge(name="\ud800"),
        badge(**{"https://schema.org/value": 10**400}),
        badge(**{"@reverse": 5}),
        badge(**{"@graph": "text"}),
        badge(**{"@list": []}),
        badge(**{"@set": [], "@value": 1}),
        badge(**{"@type": "VerifiableCredential", "@id": "urn:other"}),
    ],
)
def test_what_is_no_document_is_refused_and_nothing_else_happens(document, contexts):
    assert refusal(document, contexts).code


@pytest.mark.parametrize(
    ("change", "pointer"), [({"id": 5}, ""), ({"evidence": [{"type": ["Evidence"]}, {"id": 5}]}, "/evidence/1")]
)
def test_the_object_that_is_no_json_ld_is_named(change, pointer, contexts):
    problem = refusal(badge(**change), contexts)
    assert (problem.code, problem.pointer) == ("not_json_ld", pointer)


def test_threads_agree(contexts):
    documents = [badge(), clr(), status_list(), presentation()]
    expected = [canonize(document, contexts) for document in documents]
    world = Contexts(contexts.documents)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda document: canonize(document, world), documents * 8))
    finally:
        sys.setswitchinterval(interval)
    assert found == expected * 8
