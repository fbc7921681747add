"""What holds of every choice of parts: it depends on what is chosen alone, and adds up only as the issuer signed it."""

from __future__ import annotations

import json
from functools import cache

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ler_issuer import vc
from ler_issuer.vc import derive, multibase
from ler_issuer.vc.suites.disclosure_values import read_base, read_derived
from signing import NOW, P256, badge, based, rules

CONTEXTS = rules().contexts
DOCUMENT = badge(P256.subject)


@cache
def base(word="one credential"):
    """Give a badge with a base proof; each word makes another, of the same document."""
    return based(DOCUMENT, word=word)


def places(value, here=""):
    yield here
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if key != "@context":
            yield from places(item, f"{here}/{key}")


PLACES = [*places(DOCUMENT)]
CHOICES = st.lists(st.sampled_from(PLACES[1:]), max_size=6)


def holds(document):
    return vc.authentic(vc.check_proofs(document, {}, CONTEXTS, NOW))


def value_of(view):
    return read_derived(view["proof"][0]["proofValue"])


def with_value(view, value):
    return {**view, "proof": [{**view["proof"][0], "proofValue": value.write()}]}


def leaves(document):
    said = vc.without_proof(document)
    return {json.dumps(one) for one in _leaves(said)}


def _leaves(value):
    if isinstance(value, dict | list):
        return [leaf for item in (value.values() if isinstance(value, dict) else value) for leaf in _leaves(item)]
    return [value]


@settings(max_examples=15, deadline=None)
@given(CHOICES, st.randoms(use_true_random=False))
def test_the_order_of_what_is_chosen_says_nothing_and_neither_does_repeating_it(chosen, chance):
    again = [*chosen, *chosen[:2]]
    chance.shuffle(again)
    assert derive(base(), again, CONTEXTS) == derive(base(), chosen, CONTEXTS)


@settings(max_examples=15, deadline=None)
@given(CHOICES, CHOICES)
def test_whoever_chooses_more_shows_all_that_less_shows(less, more):
    narrow, wide = derive(base(), less, CONTEXTS), derive(base(), [*less, *more], CONTEXTS)
    assert holds(narrow)
    assert holds(wide)
    assert leaves(narrow) <= leaves(wide)
    assert set(value_of(narrow).signatures) <= set(value_of(wide).signatures)
    assert len(value_of(narrow).mandatory) == len(value_of(wide).mandatory)


@settings(max_examples=15, deadline=None)
@given(CHOICES)
def test_what_is_shown_of_one_credential_is_nothing_of_another_that_says_the_same(chosen):
    """Two credentials that say the same have other keys and names: no part of one proof does in the other."""
    one, other = (derive(base(word), chosen, CONTEXTS) for word in ("one credential", "another"))
    assert vc.without_proof(one) == vc.without_proof(other)
    mine, theirs = value_of(one), value_of(other)
    for changed in (
        mine._replace(signature=theirs.signature),
        mine._replace(public=theirs.public),
        mine._replace(labels=theirs.labels),
    ):
        assert not holds(with_value(one, changed))
    assume(mine.signatures)
    assert not holds(with_value(one, mine._replace(signatures=theirs.signatures)))


@settings(max_examples=15, deadline=None)
@given(CHOICES)
def test_no_view_tells_the_secret_or_a_signature_of_what_it_does_not_show(chosen):
    kept, shown = read_base(base()["proof"][0]["proofValue"]), derive(base(), chosen, CONTEXTS)
    value = value_of(shown)
    assert kept.secret not in multibase.decode_u(shown["proof"][0]["proofValue"])
    assert len(value.signatures) + len(value.mandatory) == vc.canonize(vc.without_proof(shown), CONTEXTS).nquads.count(
        "\n"
    )
    assert {*value.signatures} <= {*kept.signatures}
