"""Sections: what results tell about the class they are from is kept once, completed, and told in credentials."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from ler_issuer.assessments import Result
from ler_issuer.badges import holding_of
from ler_issuer.errors import Conflict
from ler_issuer.store import results, sections, tables
from records import count, decision_of, discrepancies, document, only_award, result_of, state
from services.sending import send
from world import award, found, publish, result

CLASS = {
    "source_id": "BIOL-1710-001",
    "title": "Principles of Biology, morning",
    "credits": "3.00",
    "course": {
        "source_id": "BIOL-1710",
        "title": "Principles of Biology",
        "code": "BIOL 1710",
        "unit": {"source_id": "BIO", "name": "Biological Sciences"},
    },
    "session": {
        "source_id": "2026-spring",
        "title": "Spring 2026",
        "starts_on": "2026-01-12",
        "ends_on": "2026-05-08",
    },
}
ONLY_ITS_ID = {"source_id": "BIOL-1710-001"}
KEPT = (tables.organisation, tables.course, tables.academic_session, tables.section)


@pytest.fixture
def biology(any_rt):
    made = found(any_rt)
    publish(any_rt, made, earned="per_assessment")
    return made


@pytest.fixture
def school(rt, tenant):
    publish(rt, tenant, earned="per_assessment")
    return tenant


def place_of(rt, receipt):
    with rt.db.read() as db:
        return sections.placed(db, result_of(rt, receipt.result_id).section_id)


def told(rt, receipt):
    """Give course, section, session and term as the credential tells them."""
    circumstances = holding_of(document(rt, receipt.credential_id)).circumstances
    return circumstances.course, circumstances.section, circumstances.session, circumstances.term


def test_all_that_is_said_is_kept_and_told(any_rt, biology):
    receipt = award(any_rt, biology, section=CLASS)

    assert place_of(any_rt, receipt) == sections.Placed(
        section="BIOL-1710-001",
        title="Principles of Biology, morning",
        credits=Decimal(3),
        course="BIOL-1710",
        course_title="Principles of Biology",
        course_code="BIOL 1710",
        unit="BIO",
        unit_name="Biological Sciences",
        session="2026-spring",
        session_title="Spring 2026",
        starts_on=date(2026, 1, 12),
        ends_on=date(2026, 5, 8),
    )
    assert told(any_rt, receipt) == ("BIOL-1710", "BIOL-1710-001", "2026-spring", "Spring 2026")
    assert discrepancies(any_rt) == []


def test_a_class_is_kept_once_however_many_results_and_sources_name_it(any_rt, biology):
    receipts = [
        award(any_rt, biology, f"learner-{number}@example.edu", section=CLASS, source=source)
        for number, source in enumerate(("canvas", "moodle", "canvas"))
    ]

    assert [count(any_rt, table) for table in KEPT] == [1, 1, 1, 1]
    assert len({result_of(any_rt, one.result_id).section_id for one in receipts}) == 1


def test_what_a_result_leaves_out_stays_as_it_is_known(rt, school):
    award(rt, school, section=CLASS)
    terse = award(rt, school, "bob@example.edu", section=ONLY_ITS_ID)

    assert place_of(rt, terse).course_title == "Principles of Biology"
    assert told(rt, terse) == ("BIOL-1710", "BIOL-1710-001", "2026-spring", "Spring 2026")


def test_what_was_left_out_is_completed_by_a_later_result(any_rt, biology):
    first = award(any_rt, biology, section=ONLY_ITS_ID | {"course": {"source_id": "BIOL-1710"}})
    before = place_of(any_rt, first)
    award(any_rt, biology, "bob@example.edu", section=CLASS)

    assert (before.title, before.course_title, before.unit, before.session, before.credits) == (
        "BIOL-1710-001",
        "BIOL-1710",
        None,
        None,
        None,
    )
    assert place_of(any_rt, first).unit_name == "Biological Sciences"
    assert told(any_rt, first) == ("BIOL-1710", "BIOL-1710-001", None, None)


def test_a_later_result_corrects_what_was_told(rt, school):
    first = award(rt, school, section=CLASS)
    moved = CLASS | {"title": "Afternoon", "credits": 4, "course": {"source_id": "BIOL-1720", "title": "Genetics"}}
    award(rt, school, "bob@example.edu", section=moved)

    place = place_of(rt, first)

    assert (place.title, place.credits, place.course, place.course_title, place.unit) == (
        "Afternoon",
        Decimal(4),
        "BIOL-1720",
        "Genetics",
        None,
    )
    assert count(rt, tables.course) == 2


def test_another_course_of_a_result_brings_nothing_of_the_known_one_along(rt, school):
    section = Result.model_validate(result(section=CLASS)).section
    award(rt, school, section=CLASS)
    with rt.db.begin() as db:
        section_id = sections.section_id(db, school.issuer.id, section, rt.new_id)
        other = section.model_validate(
            ONLY_ITS_ID | {"course": {"source_id": "X"}, "session": {"source_id": "2026-summer"}}
        )
        place = sections.completed(db, section_id, other)

    assert (place.course, place.course_title, place.unit, place.session, place.session_title) == (
        "X",
        None,
        None,
        "2026-summer",
        None,
    )
    assert place.title == "Principles of Biology, morning"


def test_a_session_without_a_title_is_told_by_its_id(rt, school):
    receipt = award(rt, school, section=ONLY_ITS_ID | {"session": {"source_id": "2026-spring"}})

    assert told(rt, receipt) == (None, "BIOL-1710-001", "2026-spring", "2026-spring")


def test_a_result_without_a_class_tells_none(rt, school):
    receipt = award(rt, school)

    assert result_of(rt, receipt.result_id).section_id is None
    assert "section" not in result_of(rt, receipt.result_id).content
    assert told(rt, receipt) == (None, None, None, None)


def test_issuers_do_not_share_their_classes(rt, school):
    other = found(rt, "chemistry")
    publish(rt, other)
    mine, theirs = award(rt, school, section=CLASS), award(rt, other, section=CLASS | {"title": "Another"})

    assert [count(rt, table) for table in KEPT] == [2, 2, 2, 2]
    assert place_of(rt, mine).title == "Principles of Biology, morning"
    assert place_of(rt, theirs).title == "Another"


def test_a_unit_may_be_a_partner_too(any_rt, biology):
    club = {"source_id": "club", "kind": "co_curricular", "partner": "BIO"}

    award(any_rt, biology, section=CLASS, participation={"experience": club})

    assert count(any_rt, tables.organisation) == 1


def test_another_class_under_the_same_identity_is_a_conflict_that_says_where(rt, school):
    first = result(section=CLASS)
    send(rt, school, first)

    assert send(rt, school, first | {"section": CLASS | {"credits": 3}}).duplicate
    with pytest.raises(Conflict) as caught:
        send(rt, school, first | {"section": CLASS | {"course": {"source_id": "BIOL-1720"}}})
    assert {place.pointer for place in caught.value.problems} == {
        "/section/course/source_id",
        "/section/course/title",
        "/section/course/code",
        "/section/course/unit",
    }


def test_a_corrected_class_gives_a_corrected_credential(rt, school):
    body = result(section=CLASS)
    first = send(rt, school, body)
    moved = CLASS | {"course": {"source_id": "BIOL-1720"}}

    second = send(rt, school, body | {"revision": 2, "section": moved})

    assert (state(rt, first.credential_id), second.outcome) == ("revoked", "awarded")
    assert told(rt, second)[0] == "BIOL-1720"
    assert decision_of(rt, only_award(rt)).consequence == "reissue"
    assert discrepancies(rt) == []


def test_what_is_new_or_changed_is_locked_by_name_and_what_is_known_is_not(rt, school):
    def names(*said):
        coming = [Result.model_validate(result(section=one)) for one in said]
        with rt.db.read() as db:
            return {one for one in results.lock_names(db, school.issuer.id, coming) if not one.startswith("result ")}

    everything = {
        f"{kind} {school.issuer.id} {name}"
        for kind, name in (
            ("partner", "BIO"),
            ("session", "2026-spring"),
            ("course", "BIOL-1710"),
            ("section", "BIOL-1710-001"),
        )
    }
    assert names(CLASS) == everything
    award(rt, school, section=CLASS)
    assert names(CLASS, ONLY_ITS_ID) == set()
    assert names(CLASS | {"credits": 4}, ONLY_ITS_ID) == everything
    assert names(ONLY_ITS_ID | {"title": "Other"}) == {f"section {school.issuer.id} BIOL-1710-001"}
    assert names({"source_id": "new"}) == {f"section {school.issuer.id} new"}


@pytest.mark.postgres
def test_a_new_class_is_made_once_by_whoever_comes_first(pg_rt):
    tenant = found(pg_rt)
    publish(pg_rt, tenant)

    with ThreadPoolExecutor(8) as crowd:
        receipts = list(
            crowd.map(lambda number: award(pg_rt, tenant, f"{number}@example.edu", section=CLASS), range(16))
        )

    assert {one.outcome for one in receipts} == {"awarded"}
    assert [count(pg_rt, table) for table in KEPT] == [1, 1, 1, 1]
    assert count(pg_rt, tables.result, sa.not_(tables.result.c.section_id.is_(None))) == 16
