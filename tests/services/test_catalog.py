"""Achievements: drafts that may change, versions that never do, and what a new version means for what is recorded."""

from __future__ import annotations

import base64

import pytest

from ler_issuer.badges import AchievementDefinition
from ler_issuer.errors import Missing, Unacceptable
from ler_issuer.services import catalog, releasing, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.store import tables
from pictures import PNG
from records import chain, count, deeds, discrepancies, events, only_award, state, version_of
from world import award, definition, found, publish

PIXEL = base64.b64encode(PNG).decode()
MEAN = {"each_of": ["essay", "talk"], "conditions": [{"type": "mean", "minimum": 40}]}
LENIENT = {"conditions": [{"type": "criteria", "level": "beginning"}]}


def draft(rt, tenant, **changes):
    return catalog.draft(rt, tenant.caller, AchievementDefinition.model_validate(definition(**changes)))


def scored(rt, tenant, learner, assessment, score, **changes):
    return award(rt, tenant, learner, achievement=None, assessment=assessment, ratings=[], score=score, **changes)


# ── Drafts and versions ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_draft_is_replaced_until_it_is_published(any_rt):
    tenant = found(any_rt)
    first = draft(any_rt, tenant)
    second = draft(any_rt, tenant, name="Team work")

    assert (first.id, first.version, first.state) == (second.id, 1, "draft")
    assert (second.version, second.name) == (1, "Team work")
    published = catalog.publish(any_rt, tenant.caller, first.id)
    assert (published.version, published.name, published.state) == (1, "Team work", "published")
    assert draft(any_rt, tenant, name="Teams").version == 2


def test_a_published_version_never_changes(rt, tenant):
    one = publish(rt, tenant)
    before = catalog.resource(rt, one.id, 1)
    publish(rt, tenant, name="Team work")

    assert catalog.resource(rt, one.id, 1) == before
    assert catalog.get_entry(rt, tenant.caller, one.id, 1) == one
    assert catalog.resource(rt, one.id, None)["name"] == "Team work"
    assert [catalog.resource(rt, one.id, number)["version"] for number in (1, 2)] == ["1", "2"]
    assert before["id"] == catalog.resource(rt, one.id, 2)["id"] == one.uri


def test_what_is_always_shown_must_be_something_that_its_credentials_can_have(rt, tenant):
    named = ["/name", "/nmae", "#criterion/listening", "#criterion/style"]
    wanted = draft(rt, tenant, disclosure={"mandatory": named})
    with pytest.raises(Unacceptable) as refused:
        catalog.publish(rt, tenant.caller, wanted.id)
    assert [(one.pointer, one.code) for one in refused.value.problems] == [
        ("/disclosure/mandatory/1", "pointer_unmatched"),
        ("/disclosure/mandatory/3", "pointer_unmatched"),
    ]
    assert catalog.get_entry(rt, tenant.caller, wanted.id, 1).state == "draft"

    draft(rt, tenant, disclosure={"mandatory": named[::2]})
    published = catalog.publish(rt, tenant.caller, wanted.id)
    assert (published.state, published.definition.disclosure.mandatory) == ("published", tuple(named[::2]))


def test_publishing_again_changes_nothing(rt, tenant):
    one = publish(rt, tenant)

    assert catalog.publish(rt, tenant.caller, one.id) == one
    assert count(rt, tables.achievement_version) == 1


def test_a_draft_is_nobody_elses_business(rt, tenant):
    entry = draft(rt, tenant)

    with pytest.raises(Missing):
        catalog.resource(rt, entry.id, None)
    with pytest.raises(Missing):
        catalog.resource(rt, entry.id, 1)
    assert catalog.get_entry(rt, tenant.caller, entry.id, None) == entry


def test_another_issuers_achievements_are_not_there(rt, tenant):
    entry = publish(rt, tenant)
    stranger = found(rt, "chemistry").caller

    with pytest.raises(Missing):
        catalog.get_entry(rt, stranger, entry.id, None)
    with pytest.raises(Missing):
        catalog.publish(rt, stranger, entry.id)
    assert catalog.list_entries(rt, stranger, after=None, limit=10) == []


def test_they_are_listed_by_key_in_their_newest_version(rt, tenant):
    for key in ("c", "a", "b"):
        publish(rt, tenant, key=key)
    draft(rt, tenant, key="b")

    listed = catalog.list_entries(rt, tenant.caller, after=None, limit=2)

    assert [(one.key, one.version, one.state) for one in listed] == [("a", 1, "published"), ("b", 2, "draft")]
    assert [one.key for one in catalog.list_entries(rt, tenant.caller, after="b", limit=2)] == ["c"]


def test_what_there_is_not_is_missing(rt, tenant):
    entry = publish(rt, tenant)

    for look in (
        lambda: catalog.get_entry(rt, tenant.caller, entry.id, 2),
        lambda: catalog.resource(rt, entry.id, 2),
        lambda: catalog.resource(rt, "no such id", None),
        lambda: catalog.image(rt, "0" * 64),
    ):
        with pytest.raises(Missing):
            look()


def test_an_image_is_kept_under_its_digest(rt, tenant):
    entry = publish(rt, tenant, image={"caption": "Hands", "data": PIXEL})
    shown = catalog.resource(rt, entry.id, None)["image"]

    picture = catalog.image(rt, shown["id"].rpartition("/")[2])

    assert (picture.media_type, picture.body) == ("image/png", base64.b64decode(PIXEL))
    assert shown["caption"] == "Hands"


def test_it_is_told_once(rt, tenant):
    entry = publish(rt, tenant)
    catalog.publish(rt, tenant.caller, entry.id)

    assert deeds(rt, tenant.caller, "achievement.") == ["achievement.drafted", "achievement.published"]


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ({"in_force_from": "2026-05-10T00:00:00Z"}, {"in_force_from": "2026-05-10T00:00:00Z"}, "before_predecessor"),
        ({"in_force_from": "2026-05-10T00:00:00Z"}, {"in_force_from": "2026-05-09T00:00:00Z"}, "before_predecessor"),
        ({"in_force_from": "2026-09-01T00:00:00Z"}, {}, "before_predecessor"),
        ({}, {"earned": "per_assessment"}, "changes_basis"),
    ],
)
def test_a_version_has_to_fit_the_ones_before_it(rt, tenant, first, second, code):
    publish(rt, tenant)
    entry = publish(rt, tenant, **first)
    draft(rt, tenant, **second)

    with pytest.raises(Unacceptable) as caught:
        catalog.publish(rt, tenant.caller, entry.id)

    assert [place.code for place in caught.value.problems] == [code]
    assert catalog.get_entry(rt, tenant.caller, entry.id, None).state == "draft"


def test_the_first_version_applies_to_everything_before(rt, tenant):
    publish(rt, tenant, in_force_from="2026-05-20T00:00:00Z")

    assert award(rt, tenant, assessed_at="2026-05-04").outcome == "awarded"
    assert discrepancies(rt) == []


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def file(rt, tenant, *definitions):
    return catalog.publish_file(rt, tenant.caller, [AchievementDefinition.model_validate(one) for one in definitions])


def test_a_file_publishes_what_is_new_and_leaves_the_rest(any_rt):
    tenant = found(any_rt)
    first = file(any_rt, tenant, definition(), definition(key="leadership"))
    again = file(any_rt, tenant, definition(), definition(key="leadership", name="Leading"))

    assert [(one.key, one.version) for one in first] == [("teamwork", 1), ("leadership", 1)]
    assert [(one.key, one.version, one.name) for one in again] == [
        ("teamwork", 1, "Teamwork"),
        ("leadership", 2, "Leading"),
    ]


def test_a_file_is_published_whole_or_not_at_all(rt, tenant):
    file(rt, tenant, definition())

    with pytest.raises(Unacceptable):
        file(rt, tenant, definition(key="new"), definition(earned="per_assessment"))

    assert [one.key for one in catalog.list_entries(rt, tenant.caller, after=None, limit=10)] == ["teamwork"]


# ── What was recorded before ─────────────────────────────────────────────────────────────────────────────────────────
def test_what_was_recorded_before_an_achievement_counts_for_it(any_rt, monkeypatch):
    monkeypatch.setattr(catalog, "LEARNERS_AT_ONCE", 2)
    tenant = found(any_rt)
    for number in range(5):
        scored(any_rt, tenant, f"{number}@b.c", "essay", "30")
        scored(any_rt, tenant, f"{number}@b.c", "talk", str(30 + 10 * number))

    publish(any_rt, tenant, rubric=None, score={}, award=MEAN)

    assert count(any_rt, tables.credential) == 3
    assert discrepancies(any_rt) == []


def test_a_results_scale_may_turn_out_to_be_another(rt, tenant):
    scored(rt, tenant, "ada@b.c", "essay", "900")
    scored(rt, tenant, "ada@b.c", "talk", "10")

    publish(rt, tenant, rubric=None, score={}, award=MEAN)

    assert count(rt, tables.credential) == 0
    assert discrepancies(rt) == []


def test_a_version_that_applies_to_the_past_is_applied_to_it(rt, tenant):
    publish(rt, tenant)
    early = award(rt, tenant, "ada@b.c", level="beginning", assessed_at="2026-05-01")
    late = award(rt, tenant, "bob@b.c", level="beginning", assessed_at="2026-05-20")
    stands = award(rt, tenant, "cyd@b.c", assessed_at="2026-05-20").credential_id

    publish(rt, tenant, award=LENIENT, in_force_from="2026-05-10T00:00:00Z")

    assert (early.outcome, late.outcome) == ("not_yet", "not_yet")
    issued = [badge for kind, badge in events(rt, tenant.caller) if kind == "credential.issued"]
    assert [version_of(rt, one) for one in issued] == [1, 2]
    assert state(rt, stands) == "current"
    assert discrepancies(rt) == []


def test_a_version_from_now_on_leaves_the_past_alone(rt, tenant):
    publish(rt, tenant)
    award(rt, tenant, level="beginning")

    publish(rt, tenant, award=LENIENT)

    assert count(rt, tables.credential) == 0
    assert discrepancies(rt) == []


def test_publishing_again_takes_up_what_a_crash_left(rt, tenant):
    entry = publish(rt, tenant, rubric=None, score={}, award=MEAN)
    scored(rt, tenant, "ada@b.c", "essay", "70")
    scored(rt, tenant, "ada@b.c", "talk", "70")
    with rt.db.begin() as db:
        for table in (tables.status_entry, tables.holding, tables.credential, tables.award_decision, tables.award):
            db.run(table.delete())

    catalog.publish(rt, tenant.caller, entry.id)

    assert count(rt, tables.credential) == 1
    assert discrepancies(rt) == []


def test_a_hold_and_a_revocation_by_hand_outlive_a_new_version(rt, tenant):
    publish(rt, tenant, better_attempt="replace")
    revoked = award(rt, tenant, assessment="essay").credential_id
    revoking.revoke(rt, tenant.caller, revoked, Reason("misconduct"))

    publish(rt, tenant, award=LENIENT, better_attempt="replace", in_force_from="2026-05-01T00:00:00Z")

    assert [one.id for one in chain(rt, only_award(rt))] == [revoked]
    releasing.hold(rt, tenant.caller, only_award(rt).learner_id, "a debt")
    assert releasing.lift(rt, tenant.caller, only_award(rt).learner_id) == []
    assert discrepancies(rt) == []
