"""Who learners are: matched by identifiers, never guessed; shown to their issuer; and what they are enrolled in."""

from __future__ import annotations

from datetime import date

import pytest

from ler_issuer.errors import Conflict, Missing, Unacceptable
from ler_issuer.services import merging, people
from ler_issuer.services.people import Assessed, Enrolments, Programme
from ler_issuer.store import achievements, enrolments, learners, tables
from records import count, deeds, document, everything, identifiers, learner_of
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


# ── Shown ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_learner_is_shown_as_they_are_known(any_rt, biology):
    body = about(("emailAddress", "ADA@b.c"), ("sourcedId", "S-1"))
    learner = learner_of(any_rt, send(any_rt, biology, body | {"learner": body["learner"] | {"did": DID}}).result_id)

    known = people.get_learner(any_rt, biology.caller, learner.id)

    assert (known.root_id, known.merged, known.profile.did) == (learner.id, (), DID)
    assert {(one.type, one.value) for one in known.profile.identifiers} == {
        ("emailAddress", "ada@b.c"),
        ("sourcedId", "S-1"),
    }
    with pytest.raises(Missing):
        people.get_learner(any_rt, found(any_rt, "chemistry").caller, learner.id)


# ── Enrolled ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def day(text):
    return None if text is None else date.fromisoformat(text)


def programme(name, year, started=None, ended=None, title=None):
    return Programme(name, title, year, day(started), day(ended))


@pytest.fixture
def ada(any_rt, biology):
    return learner_of(any_rt, award(any_rt, biology).result_id).id


def enrol(rt, tenant, learner, *programmes, achievements=()):
    people.set_enrolments(rt, tenant.caller, learner, Enrolments(programmes, tuple(achievements)))


def test_enrolments_are_put_in_the_place_of_all_before(any_rt, biology, ada):
    publish(any_rt, biology, key="listening", name="Listening")
    enrol(any_rt, biology, ada, programme("BA", "2024", title="Arts"), programme("MA", "2026"))
    enrol(
        any_rt,
        biology,
        ada,
        programme("BA", "2024", "2024-09-01", title="Bachelor of Arts"),
        achievements=[Assessed("teamwork"), Assessed("listening", day("2026-06-30"))],
    )

    found_now = people.get_enrolments(any_rt, biology.caller, ada)

    assert found_now.programmes == (programme("BA", "2024", "2024-09-01", title="Bachelor of Arts"),)
    assert found_now.achievements == (Assessed("listening", day("2026-06-30")), Assessed("teamwork"))
    assert deeds(any_rt, biology.caller, "learner.") == ["learner.enrolled"] * 2
    enrol(any_rt, biology, ada)
    assert people.get_enrolments(any_rt, biology.caller, ada) == Enrolments()


def test_a_programme_keeps_its_title_until_another_is_told(any_rt, biology, ada):
    enrol(any_rt, biology, ada, programme("BA", "2024"), programme("BA", "2025", title="Arts"))
    enrol(any_rt, biology, ada, programme("BA", "2024"), programme("BA", "2025"))

    titles = [one.title for one in people.get_enrolments(any_rt, biology.caller, ada).programmes]

    assert titles == ["BA", "Arts"]


def test_enrolments_that_break_a_rule_leave_nothing(any_rt, biology, ada):
    stranger = found(any_rt, "chemistry")
    theirs = publish(any_rt, stranger, key="mixing", name="Mixing")
    wrong = Enrolments(
        (programme("BA", "2024", "2024-09-01", "2024-08-31"), programme("BA", "2024")),
        (Assessed("teamwork"), Assessed("nothing"), Assessed(theirs.uri), Assessed("teamwork")),
    )
    before = everything(any_rt)

    with pytest.raises(Unacceptable) as caught:
        people.set_enrolments(any_rt, biology.caller, ada, wrong)

    assert {(place.pointer, place.code) for place in caught.value.problems} == {
        ("/programmes/0/ended_on", "before_start"),
        ("/programmes/1/programme", "named_twice"),
        ("/achievements/1/achievement", "unknown_achievement"),
        ("/achievements/2/achievement", "unknown_achievement"),
        ("/achievements/3/achievement", "named_twice"),
    }
    with pytest.raises(Missing):
        people.set_enrolments(any_rt, stranger.caller, ada, Enrolments())
    assert everything(any_rt) == before


CATALOG_YEARS = {
    "nobody was enrolled": ([], None),
    "the one that is open": ([("BA", "2022", "2022-09-01", "2025-07-31"), ("MA", "2025", "2025-09-01", None)], "2025"),
    "the one that began first": ([("MA", "2025", "2025-09-01"), ("BA", "2024", "2024-09-01")], "2024"),
    "one that will end is open": ([("BA", "2024", "2024-09-01", "2028-01-01"), ("MA", "2025", "2025-01-01")], "2024"),
    "one that ends today is open": ([("BA", "2024", "2024-09-01", "2026-06-01"), ("MA", "2025", "2025-01-01")], "2024"),
    "the one that ended last": (
        [("BA", "2020", "2020-09-01", "2023-07-31"), ("MA", "2023", None, "2025-07-31")],
        "2023",
    ),
    "an unknown start comes last": ([("BA", "2024"), ("MA", "2025", "2025-09-01")], "2025"),
    "else the lower year": ([("MA", "2025"), ("BA", "2024-25")], "2024-25"),
}


@pytest.mark.parametrize("case", CATALOG_YEARS)
def test_the_catalog_year_is_that_of_the_programme_that_is_open_and_began_first(rt, case):
    rows, expected = CATALOG_YEARS[case]
    tenant = found(rt)
    publish(rt, tenant)
    learner = learner_of(rt, award(rt, tenant).result_id).id
    for order in (rows, rows[::-1]):
        enrol(rt, tenant, learner, *(programme(*one) for one in order))

        with rt.db.read() as db:
            assert enrolments.catalog_year(db, [learner], rt.now().date()) == expected


def test_a_person_is_enrolled_where_any_of_them_is(any_rt, biology, ada):
    publish(any_rt, biology, key="listening", name="Listening")
    bob = learner_of(any_rt, award(any_rt, biology, "bob@b.c").result_id).id
    enrol(any_rt, biology, ada, programme("MA", "2025", "2025-09-01"), achievements=[Assessed("teamwork")])
    enrol(
        any_rt,
        biology,
        bob,
        programme("BA", "2024", "2024-09-01"),
        achievements=[Assessed("teamwork", day("2026-06-01")), Assessed("listening", day("2026-05-31"))],
    )

    merging.merge(any_rt, biology.caller, bob, ada)

    today = any_rt.now().date()
    with any_rt.db.read() as db:
        person = learners.person(db, ada)
        assert enrolments.catalog_year(db, person, today) == "2024"
        (enrolled,) = enrolments.enrolled(db, person, today)
        assert achievements.get(db, enrolled).key == "teamwork"
        assert len(enrolments.enrolled(db, person, day("2026-05-31"))) == 2
