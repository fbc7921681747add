"""Whose a credential is: what agrees, what differs, what cannot be compared, and what that is worth."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer.badges import (
    BadExpectation,
    BindingMethod,
    BindingOutcome,
    Expectation,
    ExpectedIdentifier,
    bind,
    expectation,
    recipient_finding,
)
from ler_issuer.badges.binding import LONGEST_VALUE, MOST_EXPECTED, MOST_IDENTIFIERS
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import Outcome

ADA, BOB = "ada@example.edu", "bob@example.edu"
DID, OTHER = "did:key:z6MkAda", "did:key:z6MkBob"


def hashed(
    value: str, kind: str | None = "emailAddress", *, salt: str | None = "salt", by: str = "sha256"
) -> JsonObject:
    digest = hashlib.new(by, f"{value}{salt or ''}".encode()).hexdigest()
    told = {"type": "IdentityObject", "hashed": True, "identityHash": f"{by}${digest}"}
    return told | ({} if kind is None else {"identityType": kind}) | ({} if salt is None else {"salt": salt})


def plain(value: str, kind: str | None = "emailAddress") -> JsonObject:
    told = {"type": "IdentityObject", "hashed": False, "identityHash": value}
    return told if kind is None else told | {"identityType": kind}


def about(*identifiers: Json, **subject: Json) -> JsonObject:
    return {"credentialSubject": subject | ({"identifier": list(identifiers)} if identifiers else {})}


def known(*identifiers: Json, did: str | None = None) -> Expectation:
    return expectation({"identifiers": list(identifiers)} | ({} if did is None else {"did": did}))


def typed(kind: str, value: str) -> JsonObject:
    return {"type": kind, "value": value}


def answer(document: Json, expected: Expectation, proven: str | None = None) -> tuple[str, str, str, Outcome]:
    binding = bind(document, expected, proven_did=proven)
    found = recipient_finding(binding)
    return binding.method, binding.outcome, found.code, found.outcome


MATCHES = ("match", "recipient_matches", Outcome.PASS)
DIFFERS = ("mismatch", "recipient_differs", Outcome.FAIL)
OPEN = ("none", "incomparable", "recipient_open", Outcome.INDETERMINATE)


@pytest.mark.parametrize(
    ("value", "salt", "published"),
    [
        ("a@example.com", "Kosher", "b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"),
        ("jjefferson18@example.com", "FleurDeSel", "658625b25ab3d75d613ca97d9a5a77f70e2192feca5557f4ad09a4d4f121f5fc"),
    ],
)
def test_the_hashes_of_the_standard_are_read(value: str, salt: str, published: str) -> None:
    identifier = {"hashed": True, "identityHash": f"sha256${published}", "identityType": "emailAddress", "salt": salt}
    assert answer(about(identifier), known(value)) == ("identity_hash", *MATCHES)
    assert answer(about(identifier | {"identityHash": f"sha256${published.upper()}"}), known(value))[1] == "match"
    assert answer(about(identifier), known(f"x{value}")) == ("identity_hash", *DIFFERS)


@pytest.mark.parametrize(
    ("document", "expected", "method"),
    [
        (about(hashed(ADA)), known(ADA), "identity_hash"),
        (about(hashed(ADA, salt=None)), known(ADA), "identity_hash"),
        (about(hashed(ADA, None)), known(typed("emailAddress", ADA)), "identity_hash"),
        (about(hashed(ADA, "email")), known(typed("emailAddress", ADA)), "identity_hash"),
        (about(hashed(ADA, "userName")), known(ADA), "identity_hash"),
        (about(hashed(BOB), hashed(ADA)), known(ADA), "identity_hash"),
        (about(hashed(ADA)), known(BOB, f"  {ADA.title()} "), "identity_hash"),
        (about(hashed("Ada@Example.EDU")), known("Ada@Example.EDU"), "identity_hash"),
        (about(plain(ADA)), known(ADA), "plain_identifier"),
        (about(plain("Ada@Example.edu")), known(ADA), "plain_identifier"),
        (about(plain("s-1", "sisSourcedId")), known(typed("sisSourcedId", "s-1")), "plain_identifier"),
        (about(hashed("S-1", "sisSourcedId")), known(typed("sisSourcedId", " S-1 ")), "identity_hash"),
        (about(plain(ADA), hashed(ADA)), known(ADA), "identity_hash"),
        (about(id=DID), known(did=DID), "did"),
        (about(id=DID), known(DID), "did"),
        (about(hashed(BOB), id=DID), known(ADA, did=DID), "did"),
        (about(hashed(ADA), id=OTHER), known(ADA, did=DID), "identity_hash"),
        (about(id=f"mailto:{ADA}"), known(ADA), "plain_identifier"),
        (about(email=ADA), known(ADA), "plain_identifier"),
        ({"credentialSubject": [{"identifier": plain(ADA)}]}, known(ADA), "plain_identifier"),
    ],
)
def test_one_thing_that_agrees_is_enough(document: JsonObject, expected: Expectation, method: str) -> None:
    assert answer(document, expected) == (method, *MATCHES)


@pytest.mark.parametrize(
    ("document", "expected", "method"),
    [
        (about(hashed(BOB)), known(ADA), "identity_hash"),
        (about(plain(BOB)), known(ADA), "plain_identifier"),
        (about(plain(BOB), hashed(BOB, "userName")), known(ADA), "plain_identifier"),
        (about(hashed(BOB, None)), known(ADA), "identity_hash"),
        (about(plain("s-2", "sisSourcedId")), known("s-1"), "plain_identifier"),
        (about(id=OTHER), known(did=DID), "did"),
        (about(id=OTHER, name="Ada"), known(typed("name", "Ada"), did=DID), "did"),
        (about(hashed(BOB), hashed("Ada", "name")), known(ADA, typed("name", "Ada")), "identity_hash"),
    ],
)
def test_what_is_of_one_type_and_differs_is_another_person(
    document: JsonObject, expected: Expectation, method: str
) -> None:
    assert answer(document, expected) == (method, *DIFFERS)


@pytest.mark.parametrize(
    "document",
    [
        about(),
        about(id="urn:uuid:1"),
        about(id=DID),
        about(hashed("s-1", "sisSourcedId")),
        about({"hashed": True, "identityHash": "sha1$00", "identityType": "emailAddress"}),
        about({"hashed": True, "identityHash": "sha256$00", "identityType": "emailAddress"}),
        about({"hashed": "yes", "identityHash": BOB}, "x", None, 7, {"hashed": True}, {"identityHash": 7}),
        about(hashed(BOB) | {"salt": 7}),
        about(hashed(BOB) | {"salt": "s" * (LONGEST_VALUE + 1)}),
        {"credentialSubject": [about(plain(ADA))["credentialSubject"], {"id": OTHER}]},
        {},
        None,
        [7],
    ],
)
def test_what_names_nothing_of_the_type_is_open(document: Json) -> None:
    assert answer(document, known(ADA)) == OPEN


def test_a_type_that_both_name_must_be_the_same() -> None:
    assert answer(about(plain("1", "productId")), known(typed("userName", "1"))) == OPEN


def test_what_an_untyped_value_cannot_be_is_not_held_against_it() -> None:
    assert answer(about(hashed("s-1", "sisSourcedId")), known(ADA)) == OPEN
    assert answer(about(hashed(ADA)), known("s-1")) == OPEN


def test_a_name_alone_is_for_a_person_to_weigh() -> None:
    weighed = ("name_only", "match", "recipient_name_only", Outcome.WARNING)
    for told in (about(hashed("Ada", "name")), about(plain("Ada", "name")), about(name="Ada")):
        assert answer(told, known(typed("name", "Ada"))) == weighed
        assert answer(told, known("Ada")) == weighed
        assert answer(told, known(typed("name", "Eve")))[0::2] == ("name_only", "recipient_open")
        assert answer(told, known(ADA)) == OPEN


def test_a_match_by_md5_is_a_warning() -> None:
    weak = about(hashed(ADA, by="md5"))
    assert answer(weak, known(ADA)) == ("identity_hash", "match", "recipient_weak_hash", Outcome.WARNING)
    assert answer(about(hashed(ADA, by="md5"), plain(ADA)), known(ADA)) == ("plain_identifier", *MATCHES)
    assert answer(weak, known(BOB)) == ("identity_hash", *DIFFERS)


def test_a_key_that_was_shown_to_be_held_is_the_most_telling() -> None:
    nobody = Expectation()
    assert answer(about(id=DID), nobody, DID) == ("holder_key", "match", "recipient_holds_key", Outcome.PASS)
    assert answer(about(hashed(BOB), id=DID), known(ADA), DID)[0] == "holder_key"
    assert answer(about(id=DID), known(did=DID), DID)[0] == "holder_key"
    assert answer(about(id=OTHER), nobody, DID) == ("holder_key", *DIFFERS)
    assert answer(about(id=DID), known(did=OTHER), DID) == ("did", *DIFFERS)
    assert answer(about(hashed(ADA)), nobody, DID) == OPEN


def test_a_stranger_who_knows_the_address_and_proves_a_key_of_their_own_is_not_the_learner() -> None:
    method, outcome, _, finding = answer(about(hashed(ADA), id=OTHER), known(ADA), DID)
    assert (method, outcome, finding) == ("holder_key", "incomparable", Outcome.INDETERMINATE)
    assert answer(about(hashed(ADA)), known(ADA), DID)[1] == "match"


def test_beyond_the_identifiers_that_are_looked_at_nothing_is_disproved() -> None:
    many = [hashed(BOB, salt=str(number)) for number in range(MOST_IDENTIFIERS)]
    assert answer(about(*many), known(ADA)) == ("identity_hash", *DIFFERS)
    assert answer(about(*many, hashed(ADA)), known(ADA)) == OPEN


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (None, ""),
        ([], ""),
        ({}, ""),
        ({"identifiers": []}, ""),
        ({"email": ADA}, ""),
        ({"did": 7}, "/did"),
        ({"did": "ada"}, "/did"),
        ({"did": f"{DID}#key"}, "/did"),
        ({"identifiers": ADA}, "/identifiers"),
        ({"identifiers": [ADA] * (MOST_EXPECTED + 1)}, "/identifiers"),
        ({"identifiers": [ADA, 7]}, "/identifiers/1"),
        ({"identifiers": [" "]}, "/identifiers/0"),
        ({"identifiers": ["\ud800"]}, "/identifiers/0"),
        ({"identifiers": ["a" * (LONGEST_VALUE + 1)]}, "/identifiers/0"),
        ({"identifiers": [{"type": "name"}]}, "/identifiers/0"),
        ({"identifiers": [{"value": ADA, "salt": ""}]}, "/identifiers/0"),
        ({"identifiers": [{"value": ADA, "type": 7}]}, "/identifiers/0/type"),
        ({"identifiers": [{"value": None}]}, "/identifiers/0/value"),
    ],
)
def test_an_expectation_that_cannot_be_read_is_refused_with_its_place(value: Json, pointer: str) -> None:
    with pytest.raises(BadExpectation) as refused:
        expectation(value)
    assert refused.value.pointer == pointer


def test_an_expectation_is_read() -> None:
    read = expectation({"did": DID, "identifiers": [ADA, typed("email", BOB), {"value": "x", "type": None}]})
    wanted = (("emailAddress", BOB), (None, "x"))
    assert read == Expectation(
        DID, (ExpectedIdentifier(None, ADA), *(ExpectedIdentifier(kind, value) for kind, value in wanted))
    )


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([ADA, DID, "md5$", "name"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["credentialSubject", "identifier", "id", "hashed", "identityHash", "identityType", "salt"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(anything)
def test_anything_can_be_compared(document: Json) -> None:
    binding = bind(document, known(ADA, typed("name", "Ada"), did=DID), proven_did=DID)
    assert binding.method in BindingMethod
    assert binding.outcome in BindingOutcome
    assert recipient_finding(binding).message
