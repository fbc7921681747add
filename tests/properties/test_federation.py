"""Whatever a federation says, a chain is judged: no exception, and nothing but what is signed by the anchor holds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from federations import Entity, dated, organisation
from ler_issuer.vc import Anchor, Chain, Problem, judge_anchor, judge_chain, read_entity_statement, suspicious
from ler_issuer.vc.metadata_policy import OPERATORS, PolicyError, applied, merged
from world import NOON

ANCHOR = Entity("https://anchor.example")
ADA = Entity("https://ada.example")
DID = "did:web:ada.example"

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=4)
    | st.sampled_from([1e300, DID, ADA.id, ANCHOR.id]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "keys", "x"]), inner, max_size=3),
    max_leaves=8,
)
CLAIMS = (
    "iss",
    "sub",
    "iat",
    "exp",
    "jwks",
    "metadata",
    "metadata_policy",
    "metadata_policy_crit",
    "constraints",
    "crit",
)
WORDS = ("max_path_length", "naming_constraints", "allowed_entity_types", "permitted", "excluded")
MORE = ("authority_hints", "trust_marks", "source_endpoint")
SHAPED = JSON | st.dictionaries(st.sampled_from([*WORDS, "federation_entity"]), JSON, max_size=3)
VALUES = st.lists(st.sampled_from(["a", "b", 1, True, None, {"a": 1}]), max_size=3)
OPERATIONS = st.fixed_dictionaries({}, optional=dict.fromkeys(OPERATORS, VALUES | JSON))
POLICIES = st.lists(st.dictionaries(st.just("e"), st.dictionaries(st.just("x"), OPERATIONS, max_size=1)), max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*CLAIMS, *MORE]), SHAPED, max_size=4), st.booleans())
def test_any_statement_by_the_anchor_is_judged(claims, about_a_did):
    below = DID if about_a_did else ADA
    tokens = [ANCHOR.about(below, **{"metadata": organisation()} | claims), ANCHOR.configuration(**claims)]
    if not about_a_did:
        tokens.insert(0, ADA.configuration(ANCHOR, **claims))

    assert isinstance(judge_chain(tokens, ANCHOR.anchor, NOON), Chain | Problem)


@settings(max_examples=100, deadline=None)
@given(st.lists(JSON | st.text(alphabet="aA0-_.{}", max_size=40), max_size=4), JSON)
def test_any_json_is_no_chain(tokens, keys):
    assert isinstance(judge_chain(tokens, ANCHOR.anchor, NOON), Problem)
    for token in tokens:
        assert isinstance(read_entity_statement(token), Problem)
        assert isinstance(judge_anchor(token, Anchor(ANCHOR.id, keys), NOON), Problem)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "jwk"]), JSON, min_size=1))
def test_any_header_is_read(header):
    token = ANCHOR.sign(dated(ANCHOR.id, DID), **header)
    assert isinstance(judge_chain([token, ANCHOR.configuration()], ANCHOR.anchor, NOON), Chain | Problem)


@settings(max_examples=200, deadline=None)
@given(POLICIES, st.dictionaries(st.sampled_from(["x", "y"]), JSON | VALUES))
def test_policies_hold_for_what_they_made(policies, metadata):
    """What a merged policy lets pass, it lets pass again, unchanged but for what it adds each time."""
    try:
        together = merged(policies)
        once = applied(together, {"e": metadata})
    except PolicyError:
        return
    assert applied(together, once) == once


@given(st.text())
def test_any_name_is_looked_at(name):
    assert set(suspicious(name)) <= {"bidi", "invisible", "mixed_scripts", "confusable"}
