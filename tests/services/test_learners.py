"""Who a result is about: matched by identifiers, never guessed."""

from __future__ import annotations

import pytest

from ler_issuer.errors import Conflict
from ler_issuer.store import tables
from records import count, document, identifiers, learner_of
from services.sending import about, refused, send
from world import award, found, publish, result

DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.fixture
def biology(any_rt):
    """An issuer with one achievement, `teamwork`."""
    made = found(any_rt)
    publish(any_rt, made)
    return made


def test_several_identifiers_name_one_learner_and_are_all_kept(any_rt, biology):
    first = send(any_rt, biology, about(("emailAddress", "ada@b.c"), ("sourcedId", "S-1")))
    second = send(any_rt, biology, about(("sourcedId", "S-1"), ("ext:eppn", "ADA@b.c")))

    learner = learner_of(any_rt, first.result_id)
    assert learner_of(any_rt, second.result_id) == learner
    assert identifiers(any_rt, learner.id) == {
        ("emailAddress", "ada@b.c"),
        ("sourcedId", "S-1"),
        ("ext:eppn", "ada@b.c"),
    }


def test_an_identifier_that_is_spelled_twice_is_one(any_rt, biology):
    receipt = send(any_rt, biology, about(("emailAddress", "ada@b.c"), ("emailAddress", "ADA@B.C")))

    assert identifiers(any_rt, learner_of(any_rt, receipt.result_id).id) == {("emailAddress", "ada@b.c")}


def test_identifiers_of_two_learners_are_never_guessed_together(any_rt, biology):
    award(any_rt, biology, "ada@b.c")
    award(any_rt, biology, "bob@b.c")

    both = about(("emailAddress", "ada@b.c"), ("emailAddress", "bob@b.c"))

    assert refused(any_rt, biology, both, Conflict) == {("/learner/identifiers", "several_learners")}


def test_a_did_is_bound_once(any_rt, biology):
    def bound(did):
        return result() | {"learner": result()["learner"] | {"did": did}}

    receipt = send(any_rt, biology, bound(DID))
    send(any_rt, biology, bound(DID))

    subject = document(any_rt, receipt.credential_id)["credentialSubject"]
    assert (subject["id"], "identifier" in subject) == (DID, False)
    assert count(any_rt, tables.learner_did) == 1
    assert refused(any_rt, biology, bound("did:web:ada.example"), Conflict) == {("/learner/did", "other_did")}
