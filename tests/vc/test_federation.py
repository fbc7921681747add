"""Trust chains: each link is signed by whom it has to be signed by, in force, and within what superiors allow."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from joserfc import jwk, jws

from federations import HOUR, Entity, b64, dated, organisation
from ler_issuer.vc import Anchor, Chain, EntityStatement, Problem, judge_anchor, judge_chain, read_entity_statement
from world import NOON

DID = "did:web:ada.example"
ANCHOR = Entity("https://anchor.example", "ES256")
STATE = Entity("https://state.example")
ADA = Entity("https://ada.example", "ES384")
STRANGER = Entity("https://stranger.example", "ES256")
NOW = int(NOON.timestamp())


def listed(**claims):
    """Give the chain of a DID that the anchor lists."""
    return [ANCHOR.about(DID, **{"metadata": organisation()} | claims), ANCHOR.configuration()]


def climbing(leaf=None, state=None, top=None):
    """Give a chain by way of the state."""
    return [
        ADA.configuration(STATE, **{"metadata": organisation()} | (leaf or {})),
        STATE.about(ADA, **(state or {})),
        ANCHOR.about(STATE, **(top or {})),
        ANCHOR.configuration(),
    ]


def judged(tokens, anchor=ANCHOR.anchor, now=NOON):
    return judge_chain(tokens, anchor, now)


def code(tokens, **words):
    problem = judged(tokens, **words)
    assert isinstance(problem, Problem), problem
    return problem.code


def test_a_did_that_the_anchor_lists_belongs():
    chain = judged(listed())

    assert isinstance(chain, Chain)
    assert (chain.subject, chain.anchor, chain.name, chain.homepage) == (
        DID,
        ANCHOR.id,
        "Ada College",
        "https://ada.example",
    )
    assert chain.expires_at == NOON + timedelta(hours=1)


def test_an_entity_belongs_by_way_of_others():
    chain = judged(climbing(top={"exp": NOW + 60}))

    assert isinstance(chain, Chain)
    assert (chain.subject, chain.name) == (ADA.id, "Ada College")
    assert chain.expires_at == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("alg", ["EdDSA", "ES256", "ES384", "RS256"])
def test_an_anchor_may_sign_by_any_algorithm_that_is_accepted(alg):
    anchor = Entity("https://other.example", alg)
    tokens = [anchor.about(DID, metadata=organisation()), anchor.configuration()]
    assert isinstance(judged(tokens, anchor.anchor), Chain)


def test_an_anchor_may_take_a_new_key_that_the_pinned_one_vouches_for():
    fresh = Entity(ANCHOR.id, "ES256", kid="k2")
    both = {"keys": [*ANCHOR.jwks["keys"], *fresh.jwks["keys"]]}
    tokens = [fresh.about(DID, metadata=organisation()), ANCHOR.configuration(jwks=both)]
    assert isinstance(judged(tokens), Chain)


@pytest.mark.parametrize(
    ("kind", "of", "alg"), [("EC", "P-256", "ES256"), ("OKP", "Ed25519", "Ed25519"), ("RSA", 2048, "RS256")]
)
def test_statements_that_another_library_signed_are_read(kind, of, alg):
    key = jwk.generate_key(kind, of, {"kid": "theirs"})
    header = {"alg": alg, "typ": "entity-statement+jwt", "kid": "theirs"}
    anchor = Anchor("https://theirs.example", {"keys": [key.as_dict(private=False)]})
    own = dated(anchor.id, anchor.id) | {"jwks": anchor.keys}
    about = dated(anchor.id, DID) | {"metadata": organisation()}
    tokens = [jws.serialize_compact(header, json.dumps(one), key, algorithms=[alg]) for one in (about, own)]

    assert isinstance(judged(tokens, anchor), Chain)


# ── Signatures ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("place", range(4))
def test_every_signature_counts(place):
    tokens = climbing()
    head, body, _ = tokens[place].split(".")
    tokens[place] = f"{head}.{body}.{b64(bytes(64 if place != 0 else 96))}"

    assert code(tokens) in {"statement_signature", "anchor_key"}


@pytest.mark.parametrize("place", range(4))
def test_every_word_is_covered_by_its_signature(place):
    tokens = climbing()
    head, body, tail = tokens[place].split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    tokens[place] = f"{head}.{b64(json.dumps(payload | {'exp': NOW + 2 * HOUR}).encode())}.{tail}"

    assert code(tokens) in {"statement_signature", "anchor_key"}


def test_keys_that_an_entity_states_of_itself_vouch_for_nothing():
    """A stranger's own configuration is consistent; the superior states other keys."""
    impostor = Entity(ADA.id, "ES384")
    assert code([impostor.configuration(STATE), *climbing()[1:]]) == "statement_signature"
    impostor = Entity(ADA.id, "ES384", kid="k9")
    assert code([impostor.configuration(STATE), *climbing()[1:]]) == "statement_key"


def test_an_anchor_of_the_same_name_with_other_keys_is_none():
    false = Entity(ANCHOR.id, "ES256")
    assert code([false.about(DID, metadata=organisation()), false.configuration()]) == "anchor_key"
    assert code(listed(), anchor=STRANGER.anchor) == "anchor_differs"


def test_a_key_is_for_its_own_algorithm():
    assert code([ANCHOR.about(DID, header={"alg": "ES384"}), ANCHOR.configuration()]) == "statement_algorithm"


def test_two_keys_of_one_name_vouch_for_nothing():
    twice = {"keys": [*ANCHOR.jwks["keys"], *STRANGER.jwks["keys"]]}
    assert code([ANCHOR.about(DID), ANCHOR.configuration(jwks=twice)]) == "statement_key"


def test_a_key_that_gives_itself_away_vouches_for_nothing():
    leaked = {"keys": [ANCHOR.jwks["keys"][0] | {"d": "AAAA"}]}
    assert code([ANCHOR.about(DID), ANCHOR.configuration(jwks=leaked)]) == "statement_key"


# ── Who speaks of whom ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_link_cannot_be_left_out():
    tokens = climbing()
    assert code([tokens[0], tokens[1], tokens[3]]) == "chain_broken"
    assert code([tokens[0], tokens[2], tokens[3]]) == "chain_broken"
    assert code([tokens[0], tokens[3]]) == "chain_loop"
    assert code([tokens[1], tokens[2]]) == "anchor_differs"


def test_an_entity_has_to_name_its_superior():
    assert code([ADA.configuration(STRANGER), *climbing()[1:]]) == "chain_broken"


def test_a_chain_does_not_go_round():
    other = Entity("https://other.example")
    tokens = [
        ADA.configuration(STATE),
        STATE.about(ADA),
        other.about(STATE),
        STATE.about(other),
        ANCHOR.about(STATE),
        ANCHOR.configuration(),
    ]
    assert code(tokens) == "chain_loop"


def test_a_chain_has_an_end():
    assert code([]) == code([ANCHOR.configuration()]) == code(climbing() * 3) == "chain_length"


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("part", ["leaf", "state", "top"])
def test_every_statement_is_in_force(part):
    assert code(climbing(**{part: {"exp": NOW}})) == "statement_expired"
    assert code(climbing(**{part: {"iat": NOW + HOUR}})) == "statement_early"
    assert isinstance(judged(climbing(**{part: {"iat": NOW + 60}})), Chain)


def test_the_anchor_is_in_force_too():
    assert code([*listed()[:1], ANCHOR.configuration(exp=NOW - 1)]) == "statement_expired"
    assert code(listed(), now=NOON + timedelta(hours=1)) == "statement_expired"


# ── Statements that are none ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (None, "statement_malformed"),
        (b"x", "statement_malformed"),
        ("", "statement_malformed"),
        ("a.b", "statement_malformed"),
        ("." * 100_000, "statement_malformed"),
        ("a" * 600_000 + ".b.c", "statement_malformed"),
        ("!.b.c", "statement_malformed"),
        (f"{b64(b'[]')}.{b64(b'{}')}.AAAA", "statement_malformed"),
        (f"{b64(b'{')}.{b64(b'{}')}.AAAA", "statement_malformed"),
        (STRANGER.sign(dated("a", "b"), typ="JWT"), "statement_type"),
        (STRANGER.sign(dated("a", "b"), typ=None), "statement_type"),
        (STRANGER.sign(dated("a", "b"), alg="none"), "statement_algorithm"),
        (STRANGER.sign(dated("a", "b"), alg="HS256"), "statement_algorithm"),
        (STRANGER.sign(dated("a", "b"), alg=["ES256"]), "statement_algorithm"),
        (STRANGER.sign(dated("a", "b"), alg={}), "statement_algorithm"),
        (STRANGER.sign(dated("a", "b"), kid=None), "statement_key"),
        (STRANGER.sign(dated("a", "b"), kid={}), "statement_key"),
        (STRANGER.sign(dated("a", "b"), crit=["exp"]), "statement_critical"),
        (STRANGER.sign(dated("a", "b"), b64=False), "statement_critical"),
        (STRANGER.sign(dated("", "b")), "statement_claims"),
        (STRANGER.sign(dated("a", 7)), "statement_claims"),
        (STRANGER.sign(dated("a", "b") | {"exp": "soon"}), "statement_claims"),
        (STRANGER.sign(dated("a", "b") | {"exp": True}), "statement_claims"),
        (STRANGER.sign(dated("a", "b") | {"iat": -1}), "statement_claims"),
        (STRANGER.sign(dated("a", "b") | {"exp": 1e300}), "statement_claims"),
        (STRANGER.sign(dated("a", "b") | {"crit": ["colour"]}), "statement_critical"),
        (STRANGER.sign(dated("a", "b") | {"crit": "x"}), "statement_critical"),
        (STRANGER.sign(dated("a", "b") | {"metadata_policy_crit": ["regexp"]}), "statement_critical"),
        (STRANGER.sign(dated("a", "b") | {"metadata_policy_crit": 1}), "statement_critical"),
    ],
)
def test_what_is_no_statement_is_said_to_be_none(token, expected):
    problem = read_entity_statement(token)
    assert isinstance(problem, Problem)
    assert problem.code == expected
    assert code([token, ANCHOR.configuration()]) == expected
    assert judged([token, ANCHOR.configuration()]).pointer == "/0"
    assert judge_anchor(token, ANCHOR.anchor, NOON).code == expected


@pytest.mark.parametrize("keys", [None, [], {}, {"keys": {}}, {"keys": [1, None, {}]}, {"keys": [{}] * 21}])
def test_keys_that_are_none_vouch_for_nothing(keys):
    assert code([ANCHOR.about(DID), ANCHOR.configuration(jwks=keys)]) in {"statement_key", "statement_jwks"}
    assert judge_anchor(ANCHOR.configuration(), Anchor(ANCHOR.id, keys), NOON).code == "anchor_key"


def test_an_anchor_says_where_it_is_asked():
    statement = judge_anchor(ANCHOR.configuration(), ANCHOR.anchor, NOON)
    assert isinstance(statement, EntityStatement)
    assert statement.fetch_endpoint == "https://anchor.example/fetch"
    for url in ("http://anchor.example/fetch", "https://a.example/#x", 7):
        metadata = {"federation_entity": {"federation_fetch_endpoint": url}}
        assert judge_anchor(ANCHOR.configuration(metadata=metadata), ANCHOR.anchor, NOON).fetch_endpoint is None


# ── What superiors allow ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("top", "state", "expected"),
    [
        ({"max_path_length": 1}, {"max_path_length": 0}, None),
        ({"max_path_length": 0}, {}, "constraint_path"),
        ({"max_path_length": -1}, {}, "constraint_malformed"),
        ({"max_path_length": True}, {}, "constraint_malformed"),
        ({"max_path_length": "1"}, {}, "constraint_malformed"),
        ([], {}, "constraint_malformed"),
        ({"naming_constraints": {"permitted": ["ada.example", "state.example"]}}, {}, None),
        ({"naming_constraints": {"permitted": [".example"], "excluded": [".ada.example"]}}, {}, None),
        ({"naming_constraints": {"permitted": ["state.example"]}}, {}, "constraint_name"),
        ({"naming_constraints": {"permitted": [".ada.example", "state.example"]}}, {}, "constraint_name"),
        ({"naming_constraints": {"permitted": [".example"], "excluded": ["ADA.example"]}}, {}, "constraint_name"),
        ({}, {"naming_constraints": {"excluded": [".example"]}}, "constraint_name"),
        ({}, {"naming_constraints": {"permitted": []}}, "constraint_name"),
        ({}, {"naming_constraints": []}, "constraint_malformed"),
        ({}, {"naming_constraints": {"excluded": [1]}}, "constraint_malformed"),
        ({}, {"allowed_entity_types": "all"}, "constraint_malformed"),
        ({"colour": "blue"}, {}, None),
    ],
)
def test_superiors_constrain_what_is_below_them(top, state, expected):
    tokens = climbing(state={"constraints": state}, top={"constraints": top})
    assert expected == (code(tokens) if expected else None)
    assert expected or isinstance(judged(tokens), Chain)


def test_names_of_dids_are_constrained_by_their_hosts():
    permitted = {"naming_constraints": {"permitted": ["ada.example"]}}
    assert isinstance(judged(listed(constraints=permitted)), Chain)
    for other in ("did:web:eve.example", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "did:web:%", "x"):
        tokens = [ANCHOR.about(other, metadata=organisation(), constraints=permitted), ANCHOR.configuration()]
        assert code(tokens) == "constraint_name"


def test_superiors_decide_what_is_said():
    tokens = climbing(
        leaf={"metadata": organisation("Harvard") | {"openid_provider": {"issuer": "x"}}},
        state={"metadata": organisation("Ada's"), "constraints": {"allowed_entity_types": []}},
        top={"metadata_policy": {"federation_entity": {"country": {"value": "NL"}}}},
    )
    chain = judged(tokens)

    assert isinstance(chain, Chain)
    assert chain.metadata == {"federation_entity": organisation("Ada's")["federation_entity"] | {"country": "NL"}}


def test_a_policy_that_is_not_met_breaks_the_chain():
    wanted = {"federation_entity": {"organization_name": {"one_of": ["Other"]}}}
    assert code(climbing(top={"metadata_policy": wanted})) == "policy_not_met"
    assert code(climbing(top={"metadata_policy": 7})) == "policy_not_met"
    assert code(listed(metadata=[1])) == "statement_claims"
    assert code(listed(metadata={"federation_entity": 1})) == "statement_claims"
