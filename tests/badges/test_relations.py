"""What does not hang together in a learner record: its members, whom they are about, how their achievements relate."""

from __future__ import annotations

import copy
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badges.samples import LEARNER
from badges.stacks import SPEAKING, STACK, parts, record, stack
from ler_issuer.assessments import Identifier
from ler_issuer.badges import MESSAGES, AssociationType, Subject, associations_of, identity_hash, record_problems
from ler_issuer.badges.relations import MOST_FAULTS
from ler_issuer.vc import Outcome

A, B, C, D = (f"https://cred.example.edu/achievements/{name}" for name in "abcd")
PLACE = "/credentialSubject/association"


def relating(*stated):
    """Give a record that describes four achievements and relates them."""
    made = record(associations=())
    made["credentialSubject"]["achievement"] = [{"id": one, "type": ["Achievement"]} for one in (A, B, C, D)]
    made["credentialSubject"]["association"] = [
        {"type": "Association", "associationType": kind, "sourceId": source, "targetId": target}
        for source, kind, target in stated
    ]
    return made


def problems(document):
    return {(one.code, one.pointer, one.outcome) for one in record_problems(document)}


def told(*stated):
    """Give code and place of what is wrong between four achievements; none of it is a mere warning."""
    found = record_problems(relating(*stated))
    assert {one.outcome for one in found} <= {Outcome.FAIL}
    return {(one.code, one.pointer.removeprefix(PLACE)) for one in found}


# ── Associations ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "stated",
    [
        [(A, "isPartOf", B), (B, "isPartOf", C), (A, "isPartOf", C), (A, "isPartOf", C)],
        [(A, "isChildOf", B), (B, "isParentOf", A), (A, "isPartOf", B)],
        [(A, "precedes", B), (B, "precedes", C), (C, "isPartOf", A)],
        [(A, "isPartOf", B), (B, "precedes", A), (B, "replacedBy", A)],
        [(A, "exactMatchOf", B), (B, "exactMatchOf", A), (A, "isPartOf", C), (B, "isPartOf", C)],
        [(A, "isPeerOf", B), (B, "isPeerOf", A), (A, "isPartOf", C), (B, "isPartOf", C)],
        [(A, "isRelatedTo", B), (B, "isRelatedTo", A), (A, "isRelatedTo", A), (A, "exactMatchOf", A)],
    ],
)
def test_relations_that_can_all_hold_are_fine(stated):
    assert told(*stated) == set()


def test_what_is_between_present_achievements_is_fine():
    assert record_problems(record()) == ()


def test_an_achievement_that_nobody_holds_is_told_and_not_refused():
    """Official samples relate achievements that none of their members is about."""
    document = record([parts()[0]], associations=associations_of([*parts(), stack()]))
    assert problems(document) == {
        ("association_unknown", f"{PLACE}/0/sourceId", Outcome.WARNING),
        ("association_unknown", f"{PLACE}/0/targetId", Outcome.WARNING),
        ("association_unknown", f"{PLACE}/1/targetId", Outcome.WARNING),
    }
    described = copy.deepcopy(document)
    described["credentialSubject"]["achievement"] = [{"id": SPEAKING.id_url}, {"id": STACK.id_url}]
    assert record_problems(described) == ()


@pytest.mark.parametrize("kind", ["isPartOf", "isChildOf", "isParentOf", "precedes", "replacedBy"])
def test_nothing_comes_before_itself(kind):
    assert told((A, "isPartOf", B), (C, kind, C)) == {("association_self", "/1")}


@pytest.mark.parametrize(
    "stated",
    [
        [(A, "isPartOf", B), (B, "isPartOf", A)],
        [(A, "isPartOf", B), (B, "isChildOf", A)],
        [(A, "isPartOf", B), (A, "isParentOf", B)],
        [(A, "precedes", B), (B, "precedes", A)],
        [(A, "replacedBy", B), (B, "replacedBy", A)],
        [(A, "isPeerOf", B), (A, "isPartOf", B)],
        [(B, "isPeerOf", A), (A, "isPartOf", B)],
        [(A, "exactMatchOf", B), (A, "isPartOf", B)],
        [(A, "exactMatchOf", B), (B, "precedes", A)],
    ],
)
def test_two_relations_that_exclude_each_other_are_found(stated):
    assert told(*stated) == {("association_contradiction", "/1")}


def test_what_matches_exactly_is_taken_for_the_same():
    found = told((A, "exactMatchOf", B), (B, "exactMatchOf", C), (C, "replacedBy", A))
    assert found == {("association_contradiction", "/2")}
    found = told((A, "isPartOf", B), (B, "exactMatchOf", C), (C, "isPartOf", A))
    assert found == {("association_contradiction", "/2")}


@pytest.mark.parametrize(
    "stated",
    [
        [(A, "isPartOf", B), (B, "isPartOf", C), (C, "isPartOf", A)],
        [(A, "isPartOf", B), (B, "isChildOf", C), (A, "isParentOf", C)],
        [(A, "precedes", B), (B, "precedes", C), (C, "precedes", D), (D, "precedes", A)],
        [(A, "replacedBy", B), (C, "replacedBy", A), (B, "replacedBy", C)],
        [(A, "isPartOf", B), (B, "isPartOf", C), (D, "isPartOf", A), (C, "exactMatchOf", D)],
    ],
)
def test_a_circle_is_found_and_its_way_is_named(stated):
    [found] = record_problems(relating(*stated))
    assert (found.code, found.outcome) == ("association_cycle", Outcome.FAIL)
    first, *way = found.detail.split(" / ")
    assert first == way[-1]
    assert len(way) >= 3
    assert MESSAGES[found.code].endswith("{detail}")


def test_a_long_chain_costs_no_stack():
    ids = [f"urn:x:{number}" for number in range(5_000)]

    def chain(kind, closing):
        document = relating(*((one, kind, then) for one, then in pairwise(ids)), *closing)
        document["credentialSubject"]["achievement"] = [{"id": one} for one in ids]
        return {one.code for one in record_problems(document)}

    assert chain("precedes", []) == set()
    assert chain("precedes", [(ids[-1], "precedes", ids[0])]) == {"association_cycle"}
    assert chain("exactMatchOf", [(ids[-1], "isPartOf", ids[0])]) == {"association_contradiction"}


def test_no_more_is_told_than_helps():
    document = relating(*((f"urn:x:{number}", "isPartOf", A) for number in range(100)))
    assert len(record_problems(document)) == MOST_FAULTS


# ── Members ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_two_members_of_one_id_are_told():
    writing, _ = parts()
    assert problems(record([writing, stack(), writing], associations=())) == {
        ("member_id_reused", "/credentialSubject/verifiableCredential/2/id", Outcome.WARNING)
    }


WALLET = Subject(did="did:key:z6MkWallet")
OTHER = Subject.hashed(Identifier(type="emailAddress", value="eve@example.edu"), salt="1f0c9a7b")


@pytest.mark.parametrize(
    ("subjects", "members", "differ"),
    [
        ((LEARNER,), lambda: parts(LEARNER), []),
        ((WALLET,), lambda: parts(WALLET), []),
        ((WALLET, LEARNER), lambda: [parts(WALLET)[0], parts(LEARNER)[1]], []),
        ((WALLET,), lambda: [parts(WALLET)[0], parts(LEARNER)[1]], [1]),
        ((OTHER,), lambda: parts(LEARNER), [0, 1]),
        ((OTHER, WALLET), lambda: [parts(LEARNER)[0], parts(WALLET)[1]], [0]),
    ],
)
def test_a_member_about_somebody_else_is_told(subjects, members, differ):
    document = record(members(), subjects=subjects, associations=())
    assert problems(document) == {
        (
            "member_subject_differs",
            f"/credentialSubject/verifiableCredential/{place}/credentialSubject",
            Outcome.WARNING,
        )
        for place in differ
    }


def test_a_name_in_the_open_is_the_one_that_is_hashed_elsewhere():
    document = record()
    document["credentialSubject"]["identifier"] = [
        {"type": "IdentityObject", "hashed": False, "identityHash": "ada@example.edu", "identityType": "emailAddress"}
    ]
    assert parts()[0]["credentialSubject"]["identifier"][0]["identityHash"] == identity_hash(
        "ada@example.edu", "1f0c9a7b"
    )
    assert record_problems(document) == ()


# ── Anything ─────────────────────────────────────────────────────────────────────────────────────────────────────────
MEMBERS = [
    "id",
    "type",
    "credentialSubject",
    "achievement",
    "association",
    "verifiableCredential",
    "identifier",
    "associationType",
    "sourceId",
    "targetId",
]
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([A, B, "isPartOf", "exactMatchOf", "Association"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(MEMBERS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(subject=odd)
def test_any_record_can_be_looked_at(subject):
    found = record_problems({"type": ["ClrCredential"], "credentialSubject": subject})
    assert all(one.code in MESSAGES for one in found)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([A, B, C, D]), st.sampled_from(AssociationType), st.sampled_from([A, B, C, D])),
        max_size=8,
    )
)
def test_order_of_statement_does_not_decide_whether_they_agree(stated):
    assert bool(told(*stated)) == bool(told(*reversed(stated)))
