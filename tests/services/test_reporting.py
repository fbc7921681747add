"""Reports of awards: what is counted, once, in which group, and what is withheld."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from ler_issuer.errors import Malformed
from ler_issuer.services import reporting, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.services.reporting import Dimension
from ler_issuer.store import tables
from records import learner_of, tamper
from world import award, found, publish

SHELTER = {"source_id": "shelter", "kind": "service_learning", "partner": "Animal Shelter"}
LAB = {"source_id": "lab", "kind": "research"}
CLASS = {
    "source_id": "001",
    "course": {"source_id": "BIOL", "unit": {"source_id": "BIO", "name": "Biological Sciences"}},
    "session": {"source_id": "2026s", "title": "Spring 2026"},
}


@pytest.fixture
def biology(any_rt):
    """An issuer with two achievements, once on each database."""
    return _published(any_rt, found(any_rt))


@pytest.fixture
def school(rt, tenant):
    """The same on SQLite only."""
    return _published(rt, tenant)


def _published(rt, tenant):
    for key in ("teamwork", "listening"):
        publish(rt, tenant, key=key, name=key.title(), earned="per_experience")
    return tenant


def learners(count, *, group="learner"):
    return [f"{group}-{number}@example.edu" for number in range(count)]


def report(rt, tenant, *by, since=None, until=None):
    """Give the groups as {labels: figures}, and the total."""
    found = reporting.awards(rt, tenant.caller, [Dimension(one) for one in by], since=since, until=until)
    return {tuple(one.labels.values()): figures(one.figures) for one in found.groups}, figures(found.total)


def figures(told):
    return told.awards, told.learners, told.hours


def took_part(rt, tenant, who, place=SHELTER, hours="10", **changes):
    return award(rt, tenant, who, participation={"experience": place, "hours": hours}, **changes)


def test_awards_learners_and_hours_by_skill(any_rt, biology):
    for who in learners(5):
        took_part(any_rt, biology, who)
        took_part(any_rt, biology, who, achievement="listening")
        took_part(any_rt, biology, who, place=LAB, hours="2.5")

    groups, total = report(any_rt, biology, "skill")

    assert groups == {
        ("listening", "Listening"): (5, 5, Decimal(50)),
        ("teamwork", "Teamwork"): (10, 5, Decimal("62.5")),
    }
    assert total == (15, 5, Decimal("62.5"))


def test_every_dimension_in_the_order_asked_for(any_rt, biology):
    for who in learners(5):
        took_part(any_rt, biology, who, section=CLASS)
    for who in learners(6, group="other"):
        award(any_rt, biology, who)

    found = reporting.awards(
        any_rt,
        biology.caller,
        [Dimension(one) for one in ("partner", "experience_kind", "unit", "session", "skill")],
        since=None,
        until=None,
    )

    assert found.columns == (
        "partner", "experience_kind", "unit", "unit_name", "session", "session_title", "skill", "skill_name",
    )  # fmt: skip
    assert [(tuple(group.labels.values()), figures(group.figures)) for group in found.groups] == [
        (
            (
                "Animal Shelter", "service_learning", "BIO", "Biological Sciences", "2026s", "Spring 2026", "teamwork",
                "Teamwork",
            ),
            (5, 5, Decimal(50)),
        ),
        ((None, None, None, None, None, None, "teamwork", "Teamwork"), (6, 6, Decimal(0))),
    ]  # fmt: skip


def test_nothing_asked_for_gives_the_total_alone(rt, school):
    for who in learners(5):
        award(rt, school, who)

    assert report(rt, school) == ({}, (5, 5, Decimal(0)))


def test_without_awards_there_is_nothing(rt, school):
    assert report(rt, school, "skill", "session") == ({}, (0, 0, Decimal(0)))


def test_only_awards_that_are_out_count(any_rt, biology):
    receipts = [award(any_rt, biology, who) for who in learners(7)]
    award(any_rt, biology, "not-yet@example.edu", level="beginning")
    revoking.revoke(any_rt, biology.caller, receipts[0].credential_id, Reason("mistake"))

    assert report(any_rt, biology, "skill")[1] == (6, 6, Decimal(0))


def test_a_corrected_award_counts_where_the_correction_puts_it(any_rt, biology):
    for who in learners(5):
        took_part(any_rt, biology, who, source_id=f"{who}-1")
    for who in learners(5):
        took_part(any_rt, biology, who, hours="12", source_id=f"{who}-1", revision=2)

    assert report(any_rt, biology, "partner") == ({("Animal Shelter",): (5, 5, Decimal(60))}, (5, 5, Decimal(60)))


def test_credentials_from_before_places_were_kept_beside_them_count_where_they_were_earned(any_rt, biology):
    for who in learners(5):
        took_part(any_rt, biology, who, section=CLASS)
        award(any_rt, biology, who, achievement="listening")
    before = report(any_rt, biology, "skill", "unit", "partner")
    tamper(any_rt, sa.delete(tables.holding))

    assert report(any_rt, biology, "skill", "unit", "partner") == before
    assert before[0]["teamwork", "Teamwork", "BIO", "Biological Sciences", "Animal Shelter"] == (5, 5, Decimal(50))


def test_two_records_of_one_person_count_once(any_rt, biology):
    receipts = [took_part(any_rt, biology, who) for who in learners(7)]
    into, gone = (learner_of(any_rt, receipt.result_id).id for receipt in receipts[:2])
    learner = tables.learner
    tamper(any_rt, sa.update(learner).where(learner.c.id == gone).values(merged_into_id=into))

    assert report(any_rt, biology, "skill") == (
        {("teamwork", "Teamwork"): (6, 6, Decimal(60))},
        (6, 6, Decimal(60)),
    )


def test_days_are_those_of_the_issuer_and_both_included(any_rt, biology):
    """In Chicago it is still the evening of the 3rd at 01:00 UTC on the 4th."""
    for who in learners(5):
        award(any_rt, biology, who, assessed_at="2026-05-04T01:00:00Z")
    for who in learners(6):
        award(any_rt, biology, who, achievement="listening", assessed_at="2026-05-05")

    def awards_of(since, until):
        return report(any_rt, biology, since=since, until=until)[1][0]

    assert awards_of(date(2026, 5, 3), date(2026, 5, 3)) == 5
    assert awards_of(date(2026, 5, 4), date(2026, 5, 4)) == 0
    assert awards_of(date(2026, 5, 5), date(2026, 5, 5)) == 6
    assert awards_of(date(2026, 5, 3), date(2026, 5, 5)) == 11
    assert awards_of(date(2026, 5, 4), None) == 6
    assert awards_of(None, date(2026, 5, 4)) == 5


def test_issuers_do_not_see_each_others_awards(rt, school):
    other = _published(rt, found(rt, "chemistry"))
    for who in learners(5):
        took_part(rt, school, who, section=CLASS)

    assert report(rt, other, "skill", "unit") == ({}, (0, 0, Decimal(0)))


# ── What is withheld ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_few_learners_are_withheld_and_with_them_what_would_tell_on_them(rt, school):
    for kind, count in (("research", 2), ("internship", 6), ("course", 8)):
        for who in learners(count, group=kind):
            took_part(rt, school, who, place={"source_id": kind, "kind": kind})

    assert report(rt, school, "experience_kind") == (
        {
            ("course",): (8, 8, Decimal(80)),
            ("internship",): (None, None, None),
            ("research",): (None, None, None),
        },
        (16, 16, Decimal(160)),
    )


def test_fewer_than_five_in_all_are_withheld_whole(rt, school):
    for who in learners(4):
        for achievement in ("teamwork", "listening"):
            award(rt, school, who, achievement=achievement)

    nothing = (None, None, None)
    assert report(rt, school, "skill") == (
        {("listening", "Listening"): nothing, ("teamwork", "Teamwork"): nothing},
        nothing,
    )


def test_hours_of_few_are_withheld_though_many_have_the_award(rt, school):
    for who in learners(6):
        award(rt, school, who)
    took_part(rt, school, "learner-0@example.edu", achievement="listening")
    for who in learners(5):
        award(rt, school, who, achievement="listening")

    assert report(rt, school, "skill") == (
        {("listening", "Listening"): (6, 5, None), ("teamwork", "Teamwork"): (6, 6, None)},
        (12, 6, None),
    )


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("by", "days", "place"),
    [
        (["skill", "skill"], {}, ("/by", "named_twice")),
        ([], {"since": date(2026, 5, 2), "until": date(2026, 5, 1)}, ("/until", "before_from")),
    ],
)
def test_a_question_that_contradicts_itself_is_malformed(rt, school, by, days, place):
    with pytest.raises(Malformed) as caught:
        report(rt, school, *by, **days)
    assert [(one.pointer, one.code) for one in caught.value.problems] == [place]
