"""Whatever a document says with the pinned contexts, everybody who canonicalises gives it the same form.

The documents are those of `vocabularies`; `make bench` compares many more of them, and `make fuzz` changes them.
"""

from __future__ import annotations

import random
from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing.making import changed_value
from ler_issuer.resources import load_closed_world
from ler_issuer.vc.canonical import canonize
from ler_issuer.vc.canonical.general import canonize_generally
from ler_issuer.vc.contexts import Contexts
from oracles import disagreement, outcome
from samples import VC, badge, clr, presentation, proof, status_list
from vocabularies import ODD_CONTEXT, ODD_TERMS, Vocabularies, documents, drawn

CONTEXTS = Contexts(load_closed_world().contexts)
SEEDS = st.integers(0, 2**32)


@cache
def own():
    """Contexts for PyLD alone, which writes into what it is given."""
    return load_closed_world().contexts


@cache
def vocabularies():
    return Vocabularies(load_closed_world().contexts)


@cache
def with_odd_terms():
    """The pinned contexts, and one that has what they do without: language maps, reverse terms, nesting and so on."""
    return Contexts({**load_closed_world().contexts, ODD_CONTEXT: {"@context": ODD_TERMS}})


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_sound_documents_have_one_form(first):
    found = {seed: disagreement(drawn(vocabularies(), seed), CONTEXTS, own()) for seed in range(first, first + 30)}
    assert {seed: one for seed, one in found.items() if one} == {}


@given(SEEDS, st.sampled_from([0.02, 0.1, 0.3]))
@settings(max_examples=80)
def test_odd_documents_have_one_form_or_are_refused_alike(seed, oddity):
    assert disagreement(drawn(vocabularies(), seed, oddity), CONTEXTS, own()) is None


@given(SEEDS, st.sampled_from([badge, clr, status_list, presentation, proof]))
@settings(max_examples=80)
def test_spoilt_documents_have_one_form_or_are_refused_alike(seed, made):
    chance, document = random.Random(seed), made()
    for _ in range(chance.choice((1, 2, 4))):
        document = changed_value(document, chance, 20_000)
    assert outcome(canonize, document, CONTEXTS) == outcome(canonize_generally, document, CONTEXTS)


@given(SEEDS, st.sampled_from([0.0, 0.05]))
@settings(max_examples=80)
def test_constructs_that_no_pinned_context_has_change_nothing(seed, oddity):
    contexts = with_odd_terms()
    document = drawn(_odd_vocabularies(), seed, oddity)
    assert outcome(canonize, document, contexts) == outcome(canonize_generally, document, contexts)


@cache
def _odd_vocabularies():
    return Vocabularies(with_odd_terms().documents, families=((ODD_CONTEXT,), (VC, ODD_CONTEXT)))


def test_the_documents_are_of_every_kind():
    """The generator would prove little if it drew the same few terms, or nothing that is whole, or nothing odd."""
    sound = [outcome(canonize, document, CONTEXTS) for document in documents(vocabularies(), 100)]
    predicates = {line.split(" ", 2)[1] for one in sound if one.nquads for line in one.nquads.splitlines()}
    codes = Counter(
        code
        for document in documents(vocabularies(), 150, 0.2)
        for code, _ in outcome(canonize, document, CONTEXTS).problems
    )
    assert sum(one.whole for one in sound) > 80
    assert len(predicates) > 150
    assert any("@en" in one.nquads and "_:c14n9" in one.nquads for one in sound if one.nquads)
    assert len(codes) >= 6, codes


def test_what_the_pinned_contexts_can_say_takes_the_compiled_path():
    """A path that always gave way to the other would agree with it, too."""
    compiled = []
    contexts = Contexts(load_closed_world().contexts, watch=lambda document, _: compiled.append(document))
    whole = [one for one in documents(vocabularies(), 100) if outcome(canonize, one, contexts).whole]
    assert len(compiled) > 0.95 * len(whole)


def test_the_same_seed_writes_the_same_document():
    again = Vocabularies(load_closed_world().contexts)
    assert [drawn(again, seed, 0.1) for seed in range(20)] == [drawn(vocabularies(), seed, 0.1) for seed in range(20)]
