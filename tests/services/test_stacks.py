"""Stacking rules: drafts that may change, versions that never do, and what cannot be published."""

from __future__ import annotations

import hashlib

import pytest

from ler_issuer import jsontext
from ler_issuer.errors import Conflict, Missing, Unacceptable
from ler_issuer.services import catalog, stacks
from ler_issuer.services.admitting import Publication
from ler_issuer.services.standpoints import EVALUATED
from ler_issuer.stacking import StackDefinition, StackingRule
from ler_issuer.stacking.versions import Transition
from ler_issuer.store import tables
from records import count, deeds
from stacks import NOBODY, all_of, competency, earn, holding, skill
from world import found, publish

PIN, MIGRATE = Publication(), Publication(Transition.MIGRATE)


def definition(**changes):
    """Give a rule: writing and speaking add up to communicating."""
    said = {
        "key": "communicator",
        "achievement": "communicator",
        "rule": all_of(holding("writing"), holding("speaking")),
        "examples": [NOBODY],
    }
    return StackDefinition.model_validate(said | changes)


def example(*held, met, at="2026-06-01T00:00:00Z", **changes):
    holdings = [
        {"id": f"h{number}", "achievement": name, "awarded_at": "2026-01-01T00:00:00Z"} | changes
        for number, name in enumerate(held)
    ]
    return {"name": "Ada", "at": at, "met": met, "holdings": holdings}


def draft(rt, tenant, **changes):
    return stacks.draft(rt, tenant.caller, definition(**changes))


def publish_rule(rt, tenant, how=PIN, **changes):
    return stacks.publish(rt, tenant.caller, draft(rt, tenant, **changes).id, how).entry


def refused(rt, tenant, how=PIN, **changes):
    """Give the (pointer, code) pairs for which a rule is not published."""
    drafted = draft(rt, tenant, **changes)
    with pytest.raises(Unacceptable) as caught:
        stacks.publish(rt, tenant.caller, drafted.id, how)
    assert stacks.get_entry(rt, tenant.caller, drafted.id, None).state == "draft"
    return {(place.pointer, place.code) for place in caught.value.problems}


def achievements(rt, tenant):
    for key in ("writing", "speaking"):
        skill(rt, tenant, key)
    competency(rt, tenant, "communicator")


@pytest.fixture
def tenant(rt):
    founded = found(rt)
    achievements(rt, founded)
    return founded


# ── Drafts and versions ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_draft_is_replaced_and_untried_again(any_rt):
    tenant = found(any_rt)
    achievements(any_rt, tenant)
    first = draft(any_rt, tenant)
    tried = stacks.test(any_rt, tenant.caller, first.id)
    second = draft(any_rt, tenant, review_days=7)

    assert [(one.id, one.version, one.state) for one in (first, tried, second)] == [
        (first.id, 1, "draft"),
        (first.id, 1, "tested"),
        (first.id, 1, "draft"),
    ]
    assert (tried.tested_at, second.tested_at) == (any_rt.now(), None)
    published = stacks.publish(any_rt, tenant.caller, first.id, PIN).entry
    assert (published.version, published.state, published.definition.review_days) == (1, "published", 7)
    assert draft(any_rt, tenant, review_days=8).version == 2


def test_publishing_again_changes_nothing(rt, tenant):
    one = publish_rule(rt, tenant)
    before = deeds(rt, tenant.caller, "rule.")

    assert stacks.publish(rt, tenant.caller, one.id, PIN).entry == one
    assert publish_rule(rt, tenant) == one
    assert count(rt, tables.stacking_rule_version) == 1
    assert count(rt, tables.back_award) == 1
    assert deeds(rt, tenant.caller, "rule.")[len(before) :] == ["rule.drafted"]


def test_the_same_definition_may_be_published_to_bring_everybody_under_it(rt, tenant):
    publish_rule(rt, tenant)
    publish_rule(rt, tenant, review_days=7)

    assert publish_rule(rt, tenant, MIGRATE, review_days=7).version == 3
    assert publish_rule(rt, tenant, MIGRATE, review_days=7).version == 3


def test_what_is_published_is_a_text_with_a_digest(rt, tenant):
    one = publish_rule(rt, tenant)
    served = stacks.text(rt, one.id, 1)
    text = jsontext.parse(served)
    writing, speaking, communicator = (
        catalog.list_entries(rt, tenant.caller, after=None, limit=9)[number] for number in (2, 1, 0)
    )

    assert hashlib.sha256(served).hexdigest() == one.text_digest == jsontext.digest(text)
    assert text == {
        "id": f"{rt.base_url}/rules/{one.id}/versions/1",
        "type": "StackingRule",
        "issuer": tenant.issuer.did,
        "achievement": communicator.uri,
        "version": 1,
        "name": "Communicator",
        "rule": {
            "type": "all",
            "rules": [
                {"type": "holding", "achievements": [writing.uri]},
                {"type": "holding", "achievements": [speaking.uri]},
            ],
        },
        "levels": [],
        "equivalences": [],
        "names": {writing.uri: "Writing", speaking.uri: "Speaking"},
    }
    assert StackingRule.model_validate({name: text[name] for name in EVALUATED}).mentions() == {
        writing.uri,
        speaking.uri,
    }


def test_a_text_is_served_for_ever(rt, tenant):
    one = publish_rule(rt, tenant)
    first = stacks.text(rt, one.id, 1)
    publish(rt, tenant, key="communicator", name="Renamed", award=None, rubric=None)
    publish_rule(rt, tenant, MIGRATE, review_days=7)
    stacks.retire(rt, tenant.caller, one.id)

    assert stacks.text(rt, one.id, 1) == first
    newest = jsontext.parse(stacks.text(rt, one.id, None))
    assert (newest["version"], newest["name"]) == (2, "Renamed")


def test_a_draft_is_nobody_elses_business(rt, tenant):
    one = draft(rt, tenant)

    for number in (None, 1):
        with pytest.raises(Missing):
            stacks.text(rt, one.id, number)
    publish_rule(rt, tenant)
    draft(rt, tenant, review_days=7)
    with pytest.raises(Missing):
        stacks.text(rt, one.id, 2)


def test_another_issuers_rules_are_not_there(rt, tenant):
    one = publish_rule(rt, tenant)
    stranger = found(rt, "chemistry").caller

    for look in (
        lambda: stacks.get_entry(rt, stranger, one.id, None),
        lambda: stacks.test(rt, stranger, one.id),
        lambda: stacks.publish(rt, stranger, one.id, PIN),
        lambda: stacks.retire(rt, stranger, one.id),
        lambda: stacks.back_awards_of(rt, stranger, one.id),
    ):
        with pytest.raises(Missing):
            look()
    assert stacks.list_entries(rt, stranger, after=None, limit=9) == []


def test_versions_can_be_told_apart(rt, tenant):
    one = publish_rule(rt, tenant)
    draft(rt, tenant, review_days=7)

    assert stacks.get_entry(rt, tenant.caller, one.id, 1) == one
    assert stacks.get_entry(rt, tenant.caller, one.id, None).state == "draft"
    assert [entry.version for entry in stacks.list_entries(rt, tenant.caller, after=None, limit=9)] == [2]
    with pytest.raises(Missing):
        stacks.get_entry(rt, tenant.caller, one.id, 3)


def test_it_is_told(rt, tenant):
    one = draft(rt, tenant)
    stacks.test(rt, tenant.caller, one.id)
    stacks.publish(rt, tenant.caller, one.id, PIN)
    stacks.retire(rt, tenant.caller, one.id)
    stacks.retire(rt, tenant.caller, one.id)

    acts = ["rule.drafted", "rule.tested", "rule.published", "rule.back_awarded", "rule.retired"]
    assert deeds(rt, tenant.caller, "rule.") == acts


def test_migrating_retires_what_nobody_is_under_any_more(rt, tenant):
    one = publish_rule(rt, tenant)
    publish_rule(rt, tenant, review_days=7)
    publish_rule(rt, tenant, MIGRATE, review_days=8)

    states = [stacks.get_entry(rt, tenant.caller, one.id, number).state for number in (1, 2, 3)]
    assert states == ["retired", "retired", "published"]


def test_a_retired_rule_earns_nothing_until_it_is_published_anew(rt, tenant):
    one = publish_rule(rt, tenant)
    stacks.retire(rt, tenant.caller, one.id)
    earn(rt, tenant, "writing")
    earn(rt, tenant, "speaking")

    assert count(rt, tables.credential) == 2
    with pytest.raises(Conflict):
        stacks.test(rt, tenant.caller, one.id)
    assert publish_rule(rt, tenant).version == 2
    assert count(rt, tables.credential) == 3


def test_what_was_never_published_cannot_be_retired(rt, tenant):
    with pytest.raises(Conflict):
        stacks.retire(rt, tenant.caller, draft(rt, tenant).id)


# ── Since when ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("change", "since"),
    [
        ({}, "2026-06-01T12:00:00+00:00"),
        ({"in_force_from": "2026-01-01T00:00:00Z"}, "2026-01-01T00:00:00+00:00"),
        ({"catalog_year": "2026-27"}, "2026-08-01T05:00:00+00:00"),
        ({"catalog_year": "2026", "in_force_from": "2026-07-01T00:00:00Z"}, "2026-07-01T00:00:00+00:00"),
    ],
)
def test_a_version_is_in_force_from_when_it_says(rt, tenant, change, since):
    assert publish_rule(rt, tenant, **change).in_force_from is None
    assert publish_rule(rt, tenant, review_days=7, **change).in_force_from.isoformat() == since


@pytest.mark.parametrize(
    ("second", "third", "place"),
    [
        ({"in_force_from": "2026-05-01T00:00:00Z"}, {"in_force_from": "2026-05-01T00:00:00Z"}, "/in_force_from"),
        ({"in_force_from": "2026-09-01T00:00:00Z"}, {}, "/in_force_from"),
        ({"catalog_year": "2026"}, {"catalog_year": "2026"}, "/catalog_year"),
        ({"catalog_year": "2027"}, {"catalog_year": "2026", "in_force_from": "2027-09-01T00:00:00Z"}, "/catalog_year"),
    ],
)
def test_a_version_comes_into_force_after_its_predecessor(rt, tenant, second, third, place):
    publish_rule(rt, tenant)
    publish_rule(rt, tenant, review_days=2, **second)

    assert refused(rt, tenant, review_days=3, **third) == {(place, "before_predecessor")}


@pytest.mark.parametrize(
    ("transition", "until", "code"),
    [
        ("grace", None, "missing"),
        ("grace", "now", "not_in_future"),
        ("pin", "later", "without_grace"),
        ("migrate", "later", "without_grace"),
    ],
)
def test_grace_has_an_end_and_nothing_else_has(rt, tenant, world, transition, until, code):
    now = rt.now()
    world.wait(days=1)
    later = rt.now()
    world.wait(days=-1)
    how = Publication(Transition(transition), {None: None, "now": now, "later": later}[until])

    assert refused(rt, tenant, how) == {("/grace_until", code)}


@pytest.mark.parametrize("how", [MIGRATE, Publication(Transition.GRACE)], ids=["migrate", "grace"])
def test_what_takes_effect_at_once_is_in_force_at_once(rt, tenant, how):
    publish_rule(rt, tenant)

    assert ("/in_force_from", "not_in_force") in refused(
        rt, tenant, how, review_days=7, in_force_from="2027-01-01T00:00:00Z"
    )


# ── What cannot be published ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_rule_brings_examples(rt, tenant):
    assert refused(rt, tenant, examples=[]) == {("/examples", "no_example")}


def test_examples_come_out_as_expected(rt, tenant):
    examples = [example("writing", "speaking", met=True), example("writing", met=True), NOBODY]
    one = draft(rt, tenant, examples=examples)

    with pytest.raises(Unacceptable) as caught:
        stacks.test(rt, tenant.caller, one.id)

    (place,) = caught.value.problems
    assert (place.pointer, place.code) == ("/examples/1", "example_failed")
    assert "expected to be met" in place.detail
    assert "Speaking" in place.detail
    assert stacks.get_entry(rt, tenant.caller, one.id, None).state == "draft"
    assert refused(rt, tenant, examples=examples) == {("/examples/1", "example_failed")}


def test_examples_may_name_achievements_by_key_or_address(rt, tenant):
    address = catalog.list_entries(rt, tenant.caller, after=None, limit=9)[2].uri
    tree = all_of(holding(address), holding("speaking"))

    assert publish_rule(rt, tenant, rule=tree, examples=[example("writing", "speaking", met=True)]).version == 1


def test_holdings_of_examples_are_on_the_scale_of_their_achievement(rt, tenant):
    tree = holding("writing", level="proficient", issuers=[tenant.issuer.did])
    examples = [example("writing", level="exemplary", met=True), example("writing", level="beginning", met=False)]

    assert publish_rule(rt, tenant, rule=tree, examples=examples).version == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"rule": all_of(holding("writing"), holding("writting"))}, ("/rule/rules/1/achievements/0", "unknown")),
        ({"equivalences": [["writing", "composition"]]}, ("/equivalences/0/1", "unknown")),
        ({"rule": holding("writing", level="superb")}, ("/rule/level", "unknown_level")),
        ({"rule": holding("communicator")}, ("/rule", "cycle")),
    ],
)
def test_what_there_is_not_is_named(rt, tenant, change, place):
    found_places = refused(rt, tenant, **change)

    assert [one for one in found_places if one[0] == place[0] and one[1].startswith(place[1])]


def test_another_issuers_achievement_goes_by_its_address(rt, tenant):
    other = found(rt, "chemistry")
    theirs = publish(rt, other)
    tree = holding(theirs.uri, "https://example.org/badges/1")

    assert publish_rule(rt, tenant, rule=tree).state == "published"
    nowhere = f"{rt.base_url}/achievements/11111111-2222-4333-8444-555555555555"
    assert refused(rt, tenant, rule=holding(nowhere)) == {("/rule/achievements/0", "unknown_achievement")}


def test_levels_may_be_ordered_by_the_rule(rt, tenant):
    tree = holding("writing", level="superb")

    assert publish_rule(rt, tenant, rule=tree, levels=["plain", "superb"]).state == "published"


def test_a_rule_earns_an_achievement_that_is_there(rt, tenant):
    with pytest.raises(Unacceptable) as caught:
        draft(rt, tenant, achievement="nothing")

    assert caught.value.problems[0].code == "unknown_achievement"


def test_the_achievement_is_published_and_earned_by_nothing_else(rt, tenant):
    catalog.draft(
        rt,
        tenant.caller,
        catalog.get_entry(rt, tenant.caller, publish(rt, tenant).id, None).definition.model_copy(
            update={"key": "later", "award": None}
        ),
    )
    assert refused(rt, tenant, key="a", achievement="later") == {("/achievement", "not_published")}
    assert refused(rt, tenant, key="b", achievement="writing") >= {("/achievement", "has_award_rule")}
    one = publish_rule(rt, tenant)
    assert refused(rt, tenant, key="c") == {("/achievement", "earned_by_other_rule")}
    stacks.retire(rt, tenant.caller, one.id)
    assert publish_rule(rt, tenant, key="c").state == "published"


def test_a_rule_goes_on_earning_the_same(rt, tenant):
    competency(rt, tenant, "writer")
    draft(rt, tenant, achievement="writer")
    assert draft(rt, tenant).achievement == "communicator"
    publish_rule(rt, tenant)

    with pytest.raises(Unacceptable) as caught:
        draft(rt, tenant, achievement="writer")
    assert caught.value.problems[0].code == "changes_achievement"


def test_the_policy_suspend_needs_what_can_be_suspended(rt, tenant):
    assert refused(rt, tenant, policy="suspend") == {("/policy", "not_suspendable")}
    competency(rt, tenant, "communicator", suspendable=True)
    assert publish_rule(rt, tenant, policy="suspend").state == "published"


def test_a_rule_that_could_take_too_long_is_refused(rt, tenant):
    sums = [{"type": "sum", "of": of, "minimum": 10, "achievements": ["writing"]} for of in ("hours", "credits")]

    assert refused(rt, tenant, rule=all_of(*sums)) == {("/rule", "too_much_work")}


def test_circles_are_refused_with_the_path(rt, tenant):
    for key in ("leader", "citizen"):
        competency(rt, tenant, key)
    publish_rule(rt, tenant, key="leader", achievement="leader", rule=holding("communicator"))
    publish_rule(rt, tenant, key="citizen", achievement="citizen", rule=holding("leader", "writing"))
    one = draft(rt, tenant, rule=all_of(holding("writing"), holding("citizen")))

    with pytest.raises(Unacceptable) as caught:
        stacks.publish(rt, tenant.caller, one.id, PIN)

    (place,) = caught.value.problems
    assert place.code == "cycle"
    assert "communicator -> citizen -> leader -> communicator" in place.detail


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def file(rt, tenant, *definitions, how=PIN):
    return [entry for entry, _ in stacks.publish_file(rt, tenant.caller, definitions, how)]


def test_a_file_is_published_parts_first(rt, tenant):
    competency(rt, tenant, "a-leader")
    above = definition(key="a-leader", achievement="a-leader", rule=holding("communicator"))

    assert [one.key for one in file(rt, tenant, above, definition())] == ["communicator", "a-leader"]
    again = file(rt, tenant, above, definition(review_days=7))
    assert [(one.key, one.version) for one in again] == [("communicator", 2), ("a-leader", 1)]


def test_a_file_is_published_whole_or_not_at_all(rt, tenant):
    competency(rt, tenant, "leader")
    broken = definition(key="leader", achievement="leader", rule=holding("communicator"), examples=[])

    with pytest.raises(Unacceptable):
        file(rt, tenant, definition(), broken)

    assert stacks.list_entries(rt, tenant.caller, after=None, limit=9) == []


def test_a_circle_within_a_file_is_seen(rt, tenant):
    competency(rt, tenant, "leader")
    above = definition(key="leader", achievement="leader", rule=holding("communicator"))

    with pytest.raises(Unacceptable) as caught:
        file(rt, tenant, above, definition(rule=holding("leader")))

    assert [place.code for place in caught.value.problems] == ["cycle"]
