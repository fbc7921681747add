"""The quick looks before the careful ones: whatever a quick look lets through, the careful one has nothing against."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer.resources import load_closed_world
from ler_issuer.vc import plain, proofs
from ler_issuer.vc.canonical import bounds, canonize
from ler_issuer.vc.canonical.general import canonize_generally
from ler_issuer.vc.canonical.watching import agree
from ler_issuer.vc.contexts import MAX_SPELLINGS, Contexts
from ler_issuer.vc.documents import _unsound, copied, steady_copy, surveyed, unfit
from ler_issuer.vc.keys import BadKey, PublicKey
from ler_issuer.vc.problems import CannotCanonize, Problem
from ler_issuer.vc.proofs import Unsignable, prepare
from ler_issuer.vc.suites import SUITES, suite_of
from ler_issuer.vc.suites.hashing import is_of
from ler_issuer.vc.suites.transformations import _options_in_full, statements_of_options
from oracles import outcome
from samples import SeedSigner, badge

WORLD = load_closed_world().contexts
CONTEXTS = Contexts(WORLD)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Named(StrEnum):
    A = "a"


class Odd(dict):
    pass


NAMES = st.sampled_from(
    ["id", "type", "name", "@context", "a:b", "@id", "x@", "proof", "issuer", "\x00", "\ud800", "é"]
)
TEXTS = st.text(max_size=5) | st.sampled_from(["urn:x", "_:b0", "T", "\x7f", "\ufffe", "\n", "\udfff", "\U0001f600"])
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**53, -(2**53), 2**53 - 1, 10**400, 1e-6, 1e15, -0.0, 9e-7])
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS | st.just(Named.A)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES, inner, max_size=4)
        | st.dictionaries(NAMES, inner, max_size=2).map(Odd)
        | st.tuples(inner)
        | st.dictionaries(st.integers(), inner, min_size=1, max_size=1)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=5)


def measured(measure, document):
    try:
        measure(document)
    except CannotCanonize as error:
        return error.problem
    return None


@settings(max_examples=200)
@given(DOCUMENTS)
def test_what_is_let_through_is_within_bounds_and_read_alike(document):
    assert measured(bounds.measure, document) == measured(bounds._measure_exactly, document)
    if measured(bounds.measure, document) is None:
        assert unfit(document) == _unsound(document)


@pytest.mark.parametrize(
    "document",
    [
        {"a": ["x" * bounds.MAX_CHARACTERS]},
        {"a" * (bounds.MAX_NAME + 1): 1},
        {"a": [0] * (bounds.MAX_VALUES + 1)},
        {f"{number:05}" * 300: number for number in range(3)},
        {"a": [0] * (bounds.MAX_VALUES - 1)},
    ],
)
def test_the_bounds_are_where_they_are_said_to_be(document):
    assert measured(bounds.measure, document) == measured(bounds._measure_exactly, document)


@settings(max_examples=200)
@given(DOCUMENTS.filter(lambda document: measured(bounds.measure, document) is None))
def test_what_is_let_through_is_steady(document):
    if proofs._is_steady(bounds.measure(document)):
        assert [*proofs._unsteady_values(document)] == []


@pytest.mark.parametrize("value", ["\x0b", "\x7f", "\uffff", 2**53, 1e15, 9e-7, Odd({"a": "\x01"})])
def test_what_is_not_steady_is_named_by_its_place(value):
    document = badge()
    document["credentialSubject"]["achievement"]["name"] = value
    with pytest.raises(Unsignable) as caught:
        prepare(document, verification_method=SeedSigner().verification_method, created=NOW, contexts=CONTEXTS)
    assert caught.value.problems[0].pointer.startswith("/credentialSubject/achievement/name")


NUMBERS = [
    *(float(f"{digits}e{exponent}") for digits in ("1", "-1.5") for exponent in (-7, -6, 14, 15, 16, 17, 20, 21, 22)),
    *(10**15, 10**16, 2**53 - 1, 2**53, -(2**53) - 1, 10**21, 999999999999999.9, 0.1, -0.0, 85.356, 9007199254740993.0),
]


def signable(document):
    try:
        return prepare(document, verification_method="did:web:a#1", created=NOW, contexts=CONTEXTS).document
    except Unsignable as refused:
        return [one.code for one in refused.problems]


@pytest.mark.parametrize("typed", [None, "http://www.w3.org/2001/XMLSchema#double", "@json"])
@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_has_one_writing_on_both_paths_and_in_every_copy(number, typed):
    document = badge(**{"urn:p": number if typed is None else {"@value": number, "@type": typed}})
    copies = [document, copied(document), json.loads(json.dumps(document)), steady_copy(document) or document]
    expected = outcome(canonize_generally, document, CONTEXTS)
    assert [outcome(path, one, CONTEXTS) for one in copies for path in (canonize, canonize_generally)] == [expected] * 8
    if proofs._unsteady(number, "") is None:
        assert outcome(canonize, signable(document), CONTEXTS) == expected
    else:
        assert signable(document) == ["number_out_of_range"]
        assert steady_copy(document) is None


IDS = st.sampled_from(["urn:x", "urn:y", "urn:z", "_:b0", None, 5, {"id": "urn:x"}])
OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "id": IDS,
        "type": st.sampled_from(["T", ["T", "U"], "V"]),
        "issuer": st.just("urn:i"),
        "name": st.sampled_from(["n", {"@value": "n", "@language": "de"}]),
        "a:b": st.just(1),
        "@context": st.sampled_from(["urn:c", {"t": "@id", "id": "urn:x"}]),
        "mail@": st.just("x"),
    },
)
NESTED = st.recursive(
    OBJECTS,
    lambda inner: st.builds(
        lambda one, two, many: {**one, "part": two, "parts": many}, OBJECTS, inner, st.lists(inner, max_size=2)
    ),
    max_leaves=5,
)


@settings(max_examples=250)
@given(NESTED, NESTED | st.lists(NESTED, max_size=3))
def test_what_is_clear_has_nothing_that_is_overlooked(document, subject):
    document = {**document, "credentialSubject": subject}
    if unfit(document) is None:
        assert plain.overlooked(document) == plain._first_overlooked(document)


def looked_at_before(document, contexts):
    return canonize(document, contexts, found=surveyed(document))


@settings(max_examples=200)
@given(DOCUMENTS | NESTED)
def test_what_was_found_at_the_first_look_serves_the_others(document):
    document = {"@context": [V2], **document}
    found = surveyed(document)
    if isinstance(found, Problem):
        assert found == unfit(document)
        return
    assert unfit(document) is None
    assert surveyed(document, found) is found
    assert plain.overlooked(document, found) == plain.overlooked(document)
    assert outcome(looked_at_before, document, CONTEXTS) == outcome(canonize, document, CONTEXTS)


@pytest.mark.parametrize(
    "name", ["plain", 'quoted "twice"', "back\\slash", "a\nb", "\x7f", "\ufffe", "\U0001f600", Named.A]
)
def test_texts_are_escaped_as_they_need_whoever_looked(name):
    document = badge(name=name)
    assert looked_at_before(document, CONTEXTS) == canonize(document, CONTEXTS)
    whole = {**document, "proof": {"proofValue": "z\x7f"}}
    assert canonize(document, CONTEXTS, found=surveyed(whole)) == canonize(document, CONTEXTS)


def test_one_object_in_two_places_is_not_taken_for_one():
    subject = {"id": "urn:x", "type": "T"}
    document = {"credentialSubject": subject, "other": {"id": "urn:x", "type": "T"}}
    assert plain.overlooked(document).code == "described_twice"
    assert plain.overlooked({"a": Odd({"a:b": 1})}).code == "not_plain"


SAYING = LEAVES | st.sampled_from([*SUITES, "DataIntegrityProof"]) | st.just([])


@given(st.fixed_dictionaries({}, optional={"type": SAYING, "cryptosuite": SAYING}))
def test_the_suite_of_a_proof_is_the_one_that_says_so(proof):
    assert suite_of(proof) == next((suite for suite in SUITES.values() if is_of(suite, proof)), None)


CREATED = st.sampled_from(
    ["2026-11-22T05:00:00Z", "2026-11-22T05:00:00.123+01:00", "2027-01-01T00:00:00Z", "2026", "1", "", 'x"y', None, 7]
)
OPTIONS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["DataIntegrityProof", "Ed25519Signature2020", "Other", "2026", ["DataIntegrityProof"]]
        ),
        "created": CREATED,
        "verificationMethod": st.sampled_from(
            ["did:web:a#1", "_:b0", "relative", "urn:2026-11-22T05:00:00Z", "urn:x y", {"id": "urn:m"}, "did:é:x"]
        ),
        "proofPurpose": st.sampled_from(["assertionMethod", "authentication", "2026-11-22T05:00:00Z", "urn:p", 5]),
    },
    optional={
        "cryptosuite": st.sampled_from(["eddsa-rdfc-2022", "2026-11-22T05:00:00Z", "", "_:c14n1"]),
        "proofValue": st.just("z1"),
        "@context": st.just("urn:unknown"),
        "expires": st.just("2027-01-01T00:00:00Z"),
        "nonce": st.just("n"),
        "made_up": st.just(1),
    },
)
V2, OB = "https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
V1, DI = "https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"
LISTS = st.sampled_from(
    [[V2], V2, [V2, OB], [V1, DI], [V1], [DI], ["urn:unknown"], [], None, [V2, {"a": "urn:a"}], [V2, 5]]
)


def said(statements, options, contexts):
    try:
        return statements({"@context": contexts}, options, CONTEXTS, "sha256")
    except CannotCanonize as error:
        return error.problem


@settings(max_examples=200, deadline=None)
@given(LISTS, OPTIONS, st.lists(CREATED, min_size=1, max_size=3))
def test_options_say_at_any_time_what_they_say_in_full(contexts, options, times):
    for created in times:
        options = {**options, "created": created}
        expected = said(_options_in_full, options, contexts)
        found = said(statements_of_options, options, contexts)
        assert (found.decode() if isinstance(found, bytes) else found) == expected


def test_ordinary_options_are_worked_out_once(monkeypatch):
    contexts, document = Contexts(WORLD), {"@context": [V2, OB]}
    proof = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "created": "2026-11-22T05:00:00Z"}
    proof |= {"verificationMethod": "did:web:a#1", "proofPurpose": "assertionMethod"}
    first = statements_of_options(document, proof, contexts)
    monkeypatch.setattr("ler_issuer.vc.suites.transformations.canonize", None)
    later = statements_of_options(document, {**proof, "created": "2027-01-01T00:00:00Z"}, contexts)
    assert later == first.replace(b"2026-11-22T05:00:00Z", b"2027-01-01T00:00:00Z")
    with pytest.raises(TypeError):
        statements_of_options(document, {**proof, "verificationMethod": "did:web:b#1"}, contexts)


def options_of(method):
    proof = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "created": "2026-11-22T05:00:00Z"}
    return proof | {"verificationMethod": method, "proofPurpose": "assertionMethod"}


def test_of_many_spellings_those_are_remembered_that_come_again():
    contexts, document = Contexts(WORLD), {"@context": [V2]}
    statements_of_options(document, options_of("did:web:ours#1"), contexts)
    (ours,) = contexts.options
    for number in range(3 * MAX_SPELLINGS):
        statements_of_options(document, options_of(f"did:web:stranger{number}#1"), contexts)
        if number % (MAX_SPELLINGS // 2) == 0:
            statements_of_options(document, options_of("did:web:ours#1"), contexts)
    assert ours in contexts.options.everything()
    assert MAX_SPELLINGS <= len(contexts.options.everything()) <= 2 * MAX_SPELLINGS


def test_a_long_spelling_is_not_remembered():
    contexts = Contexts(WORLD)
    statements_of_options({"@context": [V2]}, options_of("urn:" + "x" * 2_000), contexts)
    assert not contexts.options


def test_options_that_are_remembered_are_watched_over():
    seen = []
    contexts, document = Contexts(WORLD, watch=lambda *told: seen.append(told)), {"@context": [V2]}
    for _ in range(2):
        statements_of_options(document, options_of("did:web:a#1") | {"proofValue": "z1"}, contexts)
    first, second = seen
    assert first == second
    assert "proofValue" not in second[0]
    assert agree(*second, Contexts(WORLD))


def test_a_copy_is_equal_and_apart():
    document = {"a": [{"b": [1, -0.0, 1e300, 2**53, None, True, "é\U0001f600"]}], "c": "\ud800"}
    for one in (document, document["a"][0]):
        again = copied(one)
        assert repr(again) == repr(one)
    copied(document)["a"][0]["b"].append(1)
    assert len(document["a"][0]["b"]) == 7


def test_what_is_no_key_is_refused_every_time():
    key = PublicKey("Ed25519", bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    for _ in range(2):
        assert PublicKey.from_multibase(key.multibase) == key
        for wrong in (bytes(32), b"\1" + bytes(31), key.raw[:-1]):
            with pytest.raises(BadKey):
                PublicKey("Ed25519", wrong)
        for text in (key.multibase[:-1], "z", "", None, "z" * 5_000):
            with pytest.raises(BadKey):
                PublicKey.from_multibase(text)
