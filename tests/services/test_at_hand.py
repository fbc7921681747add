"""What a transaction has at hand about a learner whom it made is what the database says of them."""

from __future__ import annotations

import pytest

from ler_issuer.assessments import Result
from ler_issuer.badges import holding_of
from ler_issuer.services import intake, marking, weighing
from ler_issuer.services.holdings import facts_of, stacking_holding
from ler_issuer.services.marking import Reason, Stamp
from ler_issuer.store import achievements, awards, back_awards, credentials, holdings, results, stacking
from records import discrepancies, document
from stacks import all_of, competency, holding, rule, skill
from world import NOON, award, found, result

STAMP = Stamp("cli:test", NOON)


@pytest.fixture
def biology(any_rt):
    """An issuer with two skills, and a rule that asks for both."""
    made = found(any_rt)
    skill(any_rt, made, "reading")
    skill(any_rt, made, "writing")
    competency(any_rt, made, "literacy")
    rule(any_rt, made, "literacy", all_of(holding("reading"), holding("writing")))
    return made


def record(db, rt, tenant, achievement="reading", **changes):
    """Record a result in a transaction that goes on."""
    body = result("ada@example.edu", achievement=achievement, **changes)
    desk = intake.open_desk(db, rt, tenant.caller)
    return intake.record_step(db, rt, desk, intake.as_sent(Result.model_validate(body)))


def told(db, tenant, receipt):
    """Give all that is ever asked about a learner while results are taken in, each list in one order."""
    learner_id = results.get(db, receipt.result_id).learner_id
    reading, writing = (achievements.named(db, tenant.issuer.id, key).id for key in ("reading", "writing"))
    rules = [one.id for one in stacking.published(db, tenant.issuer.id)]
    counting = [weighing.recorded(db, one) for one in results.counting(db, [learner_id], reading, [])]
    return {
        "facts": [weighing.fact_of(db, one) for one in counting],
        "awards": [sorted(awards.of_learner(db, [learner_id], one), key=lambda one: one.id) for one in (None, writing)],
        "held": [
            sorted(holdings.current(db, [learner_id], one), key=lambda one: one.credential_id)
            for one in (None, [reading], [writing])
        ],
        "originals": holdings.originals(db, [learner_id], [reading, writing]),
        "pins": sorted(stacking.pins(db, [learner_id], rules), key=lambda one: one.rule_id),
        "enrolled": back_awards.enrolled_somewhere(db, [learner_id]),
    }


def nothing_more(_db, _rt, _receipt):
    """Leave it at that."""


def revoked(db, rt, receipt):
    marking.revoke_step(db, rt, credentials.get(db, receipt.credential_id), Reason("mistaken"), STAMP)


def withdrawn(db, _rt, receipt):
    award_id = credentials.get(db, receipt.credential_id).award_id
    awards.change(db, award_id, NOON, state="withdrawn", withdrawn_by="person")


def replaced(db, rt, receipt):
    revoked(db, rt, receipt)
    withdrawn(db, rt, receipt)


@pytest.mark.parametrize("then", [nothing_more, revoked, withdrawn, replaced])
@pytest.mark.parametrize("and_another", [None, "reading", "writing"])
def test_what_is_at_hand_is_what_the_database_says(any_rt, biology, then, and_another):
    with any_rt.db.begin() as db:
        receipt = record(db, any_rt, biology)
        then(db, any_rt, receipt)
        if and_another is not None:
            record(db, any_rt, biology, achievement=and_another, assessment="another")
        at_hand = told(db, biology, receipt)
        db.memory.clear()

        assert at_hand == told(db, biology, receipt)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ratings": [{"criterion": "sharing", "level": 2}, {"criterion": "Listening", "level": "Proficient"}]},
        {"ratings": [{"criterion": "listening", "level": 3}, {"criterion": "sharing", "level": "Proficient"}]},
        {"assessed_at": "2026-05-04"},
        {"evidence": [{"name": "An essay", "disclosure": "in_credential"}]},
        {"section": {"source_id": "bio-101-1", "credits": "3.00"}},
        {
            "participation": {
                "experience": {"source_id": "x", "kind": "internship", "partner": "Zoo"},
                "hours": "12.50",
                "started_on": "2026-01-05",
            }
        },
    ],
)
def test_what_a_result_says_is_what_was_stored_of_it(any_rt, biology, changes):
    with any_rt.db.begin() as db:
        receipt = record(db, any_rt, biology, **changes)
        stored = results.get(db, receipt.result_id)
        at_hand = weighing.recorded(db, stored).said
        fact = weighing.fact_of(db, weighing.recorded(db, stored))
        db.memory.clear()
        again = weighing.recorded(db, stored)

        assert fact == weighing.fact_of(db, again)
        for asked in ("source", "assessment", "assessor", "ratings", "participation", "section", "evidence"):
            assert getattr(at_hand, asked) == getattr(again.said, asked)
    assert discrepancies(any_rt) == []


EXPERIENCE = {"source_id": "x", "kind": "internship", "partner": "Zoo"}
SECTION = {"source_id": "s", "course": {"source_id": "c"}, "session": {"source_id": "t", "title": "Fall"}}


@pytest.mark.parametrize("level", ["proficient", "exemplary"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"assessor": {"kind": "peer"}},
        {"participation": {"experience": EXPERIENCE, "hours": "12.50", "started_on": "2026-01-05"}},
        {"participation": {"experience": {**EXPERIENCE, "partner": None}}},
        {"section": SECTION},
    ],
)
def test_what_is_kept_of_a_credential_is_what_it_tells(any_rt, biology, level, changes):
    """Whether another one like it was there before or not."""
    for number in range(3):
        when = f"2026-05-0{number + 1}T14:30:00Z"
        made = award(any_rt, biology, f"{number}@b.c", achievement="reading", level=level, assessed_at=when, **changes)
        with any_rt.db.read() as db:
            (held,) = holdings.named(db, [made.credential_id])

        assert held.facts == facts_of(stacking_holding(holding_of(document(any_rt, made.credential_id))))
