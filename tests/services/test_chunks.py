"""Many results in one transaction: what was looked up for all of them at once stays true while they are taken in."""

from __future__ import annotations

import sqlalchemy as sa

from ler_issuer.assessments import Result
from ler_issuer.errors import Conflict
from ler_issuer.services import taking
from ler_issuer.services.intake import Receipt
from ler_issuer.store import tables
from records import count, discrepancies
from services.sending import BY_ASSESSMENT, DID, send
from world import award, publish, result


def take_in(rt, tenant, *bodies):
    """Take in results as one chunk; tell each one's outcome, or what it was refused with."""
    answers = taking.record_batch(rt, tenant.caller, [Result.model_validate(one) for one in bodies])
    return [one.outcome if isinstance(one, Receipt) else type(one) for one in answers]


def of_did(body, did):
    return {**body, "learner": {**body["learner"], "did": did}}


def test_a_learner_whose_first_result_is_refused_is_made_by_the_next(any_rt, biology):
    """The DID of somebody else is found out when the learner has been made already, and is unmade with the result."""
    send(any_rt, biology, of_did(result("ada@b.c"), DID))

    told = take_in(any_rt, biology, of_did(result("bob@b.c"), DID), result("bob@b.c"))

    assert told == [Conflict, "awarded"]
    assert count(any_rt, tables.learner) == count(any_rt, tables.learner_identifier) == 2
    assert discrepancies(any_rt) == []


def test_two_results_of_a_new_learner_count_together(any_rt, biology):
    publish(any_rt, biology, key="papers", **BY_ASSESSMENT)
    bodies = [result("ada@b.c", achievement="papers", assessment=one) for one in ("essay", "talk")]

    assert take_in(any_rt, biology, *bodies) == ["not_yet", "awarded"]
    assert count(any_rt, tables.learner) == 1
    assert discrepancies(any_rt) == []


def test_the_same_result_twice_is_recorded_once(any_rt, biology):
    body = result("ada@b.c")

    assert take_in(any_rt, biology, body, body) == ["awarded", "awarded"]
    assert count(any_rt, tables.result) == count(any_rt, tables.credential) == 1


def test_a_correction_of_a_result_before_it_is_looked_at(any_rt, biology):
    """The learner is new, the first result withdrawn by the second: neither is remembered as it was."""
    first = result("ada@b.c")
    second = {**first, "revision": 2, "result_status": "withdrawn"}
    third = {**first, "revision": 3}

    assert take_in(any_rt, biology, first, second, third) == ["awarded", "recorded", "awarded"]
    with any_rt.db.read() as db:
        row = tables.result.c
        assert list(db.run(sa.select(row.revision).where(row.superseded_by_id.is_(None))).scalars()) == [3]
    assert discrepancies(any_rt) == []


def test_somebody_known_by_two_names_is_one_learner(any_rt, biology):
    award(any_rt, biology, "ada@b.c")
    both = result("ada@b.c")
    both["learner"]["identifiers"].append({"type": "sourcedId", "value": "7"})
    by_number = result("x@b.c")
    by_number["learner"]["identifiers"] = [{"type": "sourcedId", "value": "7"}]

    told = take_in(any_rt, biology, both, by_number)

    assert Conflict not in told
    assert count(any_rt, tables.learner) == 1


def test_the_receipt_is_kept_with_the_result(any_rt, biology):
    (receipt,) = taking.record_batch(any_rt, biology.caller, [Result.model_validate(result("ada@b.c"))])

    with any_rt.db.read() as db:
        row = tables.result.c
        (kept,) = db.run(sa.select(row.outcome, row.credential_id, row.trace))
    assert tuple(kept) == (receipt.outcome, receipt.credential_id, receipt.trace)
