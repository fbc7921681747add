"""Whether two credentials are about the same person: known, or open; never disproved."""

from __future__ import annotations

import copy

import pytest

from ler_issuer.badges import identity_hash
from ler_issuer.badges.recipients import MOST_IDENTIFIERS, same_person
from ler_issuer.types import Json, JsonObject


def about(*identifiers: JsonObject, named: str | None = None) -> JsonObject:
    subject: JsonObject = {"identifier": list(identifiers)} if identifiers else {}
    return {"credentialSubject": subject | ({} if named is None else {"id": named})}


def hashed(value: str, salt: str = "salt") -> JsonObject:
    return {"type": "IdentityObject", "hashed": True, "identityHash": identity_hash(value, salt), "salt": salt}


def plain(value: str) -> JsonObject:
    return {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": "emailAddress"}


ADA, DID = "ada@example.edu", "did:example:ada"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (about(named=DID), about(named=DID), True),
        (about(named=DID), about(named="did:example:bob"), False),
        (about(hashed(ADA)), about(hashed(ADA)), True),
        (about(hashed(ADA)), about(hashed("bob@example.edu"), hashed(ADA)), True),
        (about(hashed(ADA)), about(hashed(ADA, "another")), False),
        (about(hashed(ADA)), about(plain(ADA)), True),
        (about(plain(ADA)), about(hashed(ADA, "another")), True),
        (about(plain(ADA)), about(plain(ADA)), True),
        (about(plain("bob@example.edu")), about(hashed(ADA)), False),
        (about(named=DID), about(hashed(ADA)), False),
        (about(hashed(ADA), named=DID), about(hashed(ADA)), True),
        (about(hashed(DID)), about(named=DID), True),
        (about(plain(DID)), about(named=DID), True),
    ],
)
def test_a_shared_name_is_the_same_person(one: JsonObject, other: JsonObject, *, same: bool) -> None:
    assert same_person(one, other) is same_person(other, one) is same


def test_the_case_of_a_hash_does_not_matter() -> None:
    shouted = copy.deepcopy(about(hashed(ADA)))
    identifier = shouted["credentialSubject"]["identifier"][0]
    identifier["identityHash"] = identifier["identityHash"].upper()
    assert same_person(shouted, about(hashed(ADA)))
    assert same_person(shouted, about(plain(ADA)))


def test_a_record_that_names_both_ties_them_together() -> None:
    one, other = about(hashed(ADA)), about(named=DID)
    assert same_person(one, other, among=about(hashed(ADA), named=DID))
    assert not same_person(one, other, among=about(hashed(ADA)))


def test_an_unsalted_hash_is_a_hash_with_an_empty_salt() -> None:
    unsalted = hashed(ADA, "")
    del unsalted["salt"]
    assert same_person(about(unsalted), about(plain(ADA)))


def test_identifiers_beyond_the_bound_are_not_looked_at() -> None:
    crowd = [hashed(str(number)) for number in range(MOST_IDENTIFIERS)]
    assert not same_person(about(*crowd, hashed(ADA)), about(hashed(ADA)))


@pytest.mark.parametrize(
    "junk",
    [None, 7, "x", [], {}, {"credentialSubject": 7}, about({"hashed": True}), about({"identityHash": 7})],
    ids=repr,
)
def test_nobody_is_the_same_as_nobody(junk: Json) -> None:
    assert not same_person(junk, junk)
