"""Stacks of people who turn out to be one person, or two: parts of both count, nobody is counted twice."""

from __future__ import annotations

import pytest

from ler_issuer import jsontext
from ler_issuer.services import merging, revoking, verifying
from ler_issuer.services.marking import Reason
from ler_issuer.services.verifying import Aid
from ler_issuer.store import awards, cases, credentials
from ler_issuer.vc import Verdict
from records import discrepancies, document, history, learner_of
from services.sending import send
from stacks import competency, earn, rule, skill
from world import found, result

ADA, BOB = "ada@b.c", "bob@b.c"
ONE, TWO = {"type": "holding", "achievements": ["writing"]}, {"type": "holding", "achievements": ["speaking"]}
COMMUNICATOR = {"type": "all", "rules": [ONE, TWO]}


@pytest.fixture
def tenant(any_rt):
    """An issuer of two skills that make a communicator."""
    made = found(any_rt)
    for key in ("writing", "speaking"):
        skill(any_rt, made, key)
    competency(any_rt, made, "communicator", suspendable=True)
    return made


def whose(rt, receipt):
    return learner_of(rt, receipt.result_id).id


def stack_of(rt, learner):
    """Give the learner's stacked credentials, the oldest first."""
    with rt.db.read() as db:
        held = awards.of_learner(db, [learner])
        made = {one.id for one in held if one.basis.startswith(awards.STACK_BASIS)}
        found = [one for one in credentials.of_learner(db, [learner]) if one.award_id in made]
    return sorted(found, key=lambda one: one.replaces_id or "")


def states(rt, learner):
    return [one.state for one in stack_of(rt, learner)]


def case_of(rt, credential):
    with rt.db.read() as db:
        return [(one.reason_code, one.state, one.resolution) for one in cases.of_award(db, credential.award_id)]


@pytest.fixture
def parts(any_rt, tenant):
    """Ada's part and Bob's, which together make a communicator: the learners, Ada first."""
    return tuple(whose(any_rt, earn(any_rt, tenant, *one)) for one in (("writing", ADA), ("speaking", BOB)))


@pytest.mark.parametrize(
    ("policy", "left", "case"),
    [
        ("keep", ["current"], ("part_of_another", "resolved", "keep")),
        ("review", ["current"], ("part_of_another", "open", None)),
        ("suspend", ["suspended"], ("part_of_another", "open", None)),
        ("revoke", ["revoked"], ("part_of_another", "resolved", "revoke")),
    ],
)
def test_parts_of_both_add_up_and_apart_the_policy_decides(any_rt, tenant, parts, policy, left, case):
    ada, bob = parts
    rule(any_rt, tenant, "communicator", COMMUNICATOR, policy=policy)
    assert states(any_rt, ada) == states(any_rt, bob) == []

    merging.merge(any_rt, tenant.caller, bob, ada)

    (stack,) = stack_of(any_rt, ada)
    assert (stack.state, states(any_rt, bob)) == ("current", [])
    assert discrepancies(any_rt) == []
    merging.unmerge(any_rt, tenant.caller, bob)
    assert (states(any_rt, ada), states(any_rt, bob)) == (left, [])
    assert case_of(any_rt, stack) == [case]
    assert discrepancies(any_rt) == []


def test_a_case_ends_when_they_are_merged_again(any_rt, tenant, parts):
    ada, bob = parts
    rule(any_rt, tenant, "communicator", COMMUNICATOR, policy="suspend")
    merging.merge(any_rt, tenant.caller, bob, ada)
    merging.unmerge(any_rt, tenant.caller, bob)

    merging.merge(any_rt, tenant.caller, bob, ada)

    (stack,) = stack_of(any_rt, ada)
    assert stack.state == "current"
    assert case_of(any_rt, stack) == [("part_of_another", "resolved", "restored")]
    assert discrepancies(any_rt) == []


def test_apart_who_still_has_all_parts_keeps_a_stack(any_rt, tenant):
    rule(any_rt, tenant, "communicator", COMMUNICATOR, policy="revoke")
    ada = whose(any_rt, earn(any_rt, tenant, "writing", ADA))
    bob = whose(any_rt, earn(any_rt, tenant, "speaking", BOB))
    merging.merge(any_rt, tenant.caller, bob, ada)
    for who, key in ((ADA, "speaking"), (BOB, "writing")):
        earn(any_rt, tenant, key, who, assessed_at="2026-05-20")

    merging.unmerge(any_rt, tenant.caller, bob)

    assert [one.state for one in stack_of(any_rt, ada)] == ["revoked", "current"]
    assert states(any_rt, bob) == ["current"]
    assert discrepancies(any_rt) == []


@pytest.fixture
def both(any_rt, tenant):
    """Ada and Bob, who were communicators both before they were merged."""
    rule(any_rt, tenant, "communicator", COMMUNICATOR, policy="revoke")
    ada, bob = (
        {whose(any_rt, earn(any_rt, tenant, key, who)) for key in ("writing", "speaking")}.pop() for who in (ADA, BOB)
    )
    merging.merge(any_rt, tenant.caller, bob, ada)
    return ada, bob


def test_what_both_had_stays_and_comes_apart_again(any_rt, tenant, both):
    assert [states(any_rt, one) for one in both] == [["current"], ["current"]]
    assert discrepancies(any_rt) == []

    merging.unmerge(any_rt, tenant.caller, both[1])

    assert [states(any_rt, one) for one in both] == [["current"], ["current"]]
    assert [history(any_rt, stack_of(any_rt, one)[0].id) for one in both] == [[], []]
    assert discrepancies(any_rt) == []


@pytest.mark.parametrize("whose_part", [0, 1], ids=["of the root", "of the other"])
def test_a_part_that_is_revoked_reaches_the_stack_that_rests_on_it(any_rt, tenant, both, whose_part):
    with any_rt.db.read() as db:
        stack = {one.id for one in stack_of(any_rt, both[whose_part])}
        part = next(one for one in credentials.of_learner(db, [both[whose_part]]) if one.id not in stack)

    revoking.revoke(any_rt, tenant.caller, part.id, Reason("misconduct"))

    assert states(any_rt, both[1 - whose_part]) == ["current"]
    assert states(any_rt, both[whose_part])[0] == "revoked"
    assert discrepancies(any_rt) == []


def test_a_stack_names_the_learner_as_its_parts_do(any_rt, tenant, parts):
    """Whoever is shown the stack with its parts sees that they are about one person."""
    ada, bob = parts
    rule(any_rt, tenant, "communicator", COMMUNICATOR)

    merging.merge(any_rt, tenant.caller, bob, ada)

    (stack,) = stack_of(any_rt, ada)
    with any_rt.db.read() as db:
        shown = [jsontext.parse(one.body) for one in credentials.of_learner(db, [ada, bob]) if one.id != stack.id]
    report = verifying.verify(any_rt, jsontext.parse(stack.body), Aid(parts=shown))
    assert (report.verdict, len(report.parts)) == (Verdict.ACCEPTED, 2)
    identities = jsontext.parse(stack.body)["credentialSubject"]["identifier"]
    assert {one["salt"] for one in identities} == {_salt(one) for one in shown}


def _salt(credential):
    (identity,) = credential["credentialSubject"]["identifier"]
    return identity["salt"]


def test_parts_from_before_a_wallet_was_bound_name_the_same_learner(rt):
    tenant = found(rt)
    for key in ("writing", "speaking"):
        skill(rt, tenant, key)
    competency(rt, tenant, "communicator")
    rule(rt, tenant, "communicator", COMMUNICATOR)
    ada = whose(rt, earn(rt, tenant, "writing", ADA))
    body = result(ADA, achievement="speaking")
    send(rt, tenant, body | {"learner": body["learner"] | {"did": "did:web:ada.example"}})

    (stack,) = stack_of(rt, ada)

    with rt.db.read() as db:
        shown = [jsontext.parse(one.body) for one in credentials.of_learner(db, [ada]) if one.id != stack.id]
    document = jsontext.parse(stack.body)
    assert document["credentialSubject"]["id"] == "did:web:ada.example"
    assert verifying.verify(rt, document, Aid(parts=shown)).verdict is Verdict.ACCEPTED


VARIETY = {"type": "distinct", "what": "assessors", "minimum": 2, "rule": {**ONE, "times": 2}}


def test_one_assessor_of_both_is_one(any_rt, tenant):
    """Each learner's credentials name an assessor by a pseudonym of their own: merged, one must not look like two."""
    rule(any_rt, tenant, "communicator", VARIETY)
    grace, alan = ({"assessor": {"kind": "faculty", "id": one}} for one in ("grace", "alan"))
    first, second = (earn(any_rt, tenant, "writing", who, assessment=who, **grace) for who in (ADA, BOB))
    ada, bob = whose(any_rt, first), whose(any_rt, second)
    assert len({_assessor(any_rt, one.credential_id) for one in (first, second)}) == 2

    merging.merge(any_rt, tenant.caller, bob, ada)
    assert states(any_rt, ada) == []
    assert discrepancies(any_rt) == []

    earn(any_rt, tenant, "writing", BOB, assessment="another", **alan)
    assert states(any_rt, ada) == ["current"]
    assert discrepancies(any_rt) == []


def _assessor(rt, credential_id):
    results = document(rt, credential_id)["credentialSubject"]["result"]
    return next(one["value"] for one in results if one["resultDescription"].endswith("#ext/assessor"))


HOURS = {"type": "sum", "of": "hours", "achievements": ["writing"], "minimum": 20}


def test_hours_in_one_experience_are_those_of_one_person(any_rt, tenant):
    """Both were at the shelter, for twelve hours and for ten: one person was there for twelve."""
    rule(any_rt, tenant, "communicator", HOURS)
    shelter = {"source_id": "shelter", "kind": "service_learning"}
    ada, bob = (
        whose(
            any_rt,
            earn(any_rt, tenant, "writing", who, assessment=who, participation={"experience": shelter, "hours": hours}),
        )
        for who, hours in ((ADA, 12), (BOB, 10))
    )

    merging.merge(any_rt, tenant.caller, bob, ada)

    assert states(any_rt, ada) == []
    kitchen = {"experience": {"source_id": "kitchen", "kind": "service_learning"}, "hours": 8}
    earn(any_rt, tenant, "writing", BOB, assessment="kitchen", participation=kitchen)
    assert states(any_rt, ada) == ["current"]
    assert discrepancies(any_rt) == []
