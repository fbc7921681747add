"""Explaining: a story tells all that an award rests on and what became of it, to programs and to people."""

from __future__ import annotations

import re

import pytest

from ler_issuer.assessments import AssessorKind, OverallBy
from ler_issuer.errors import Missing
from ler_issuer.services import cases, explaining, merging, narrating, recognising, revoking
from ler_issuer.services.cases import Resolution
from ler_issuer.services.marking import Reason
from ler_issuer.services.recognising import Claim
from ler_issuer.stacking.holdings import Act, RecognitionKind
from ler_issuer.stacking.rules import Policy
from ler_issuer.vc import Standing
from records import award_of, credential, learner_of
from services.sending import rated, send
from stacks import all_of, competency, earn, holding, rule, skill
from world import award, found, publish, result

SHELTER = {"source_id": "shelter", "kind": "service_learning", "name": "Dog walking", "partner": "Animal Shelter"}
CLASS = {
    "source_id": "30117",
    "course": {"source_id": "BIOL-1710", "title": "Principles of Biology"},
    "session": {"source_id": "2026s", "title": "Spring 2026"},
}
UNFIT_FOR_A_PAGE = re.compile(r"[a-z]_[a-z]|None|[{}\[\]]")


@pytest.fixture
def tenant(any_rt):
    return found(any_rt)


@pytest.fixture
def rt(any_rt, tenant):
    """A runtime with three skills and two competencies, one on top of the other."""
    publish(any_rt, tenant)
    for key in ("drawing", "painting"):
        skill(any_rt, tenant, key)
    for key in ("artist", "master"):
        competency(any_rt, tenant, key, suspendable=True)
    rule(any_rt, tenant, "artist", all_of(holding("drawing"), holding("painting", accepts=["transfer"])))
    rule(any_rt, tenant, "master", holding("artist"))
    return any_rt


def story_of(rt, tenant, credential_id):
    return explaining.explain(rt, tenant.caller, credential(rt, credential_id).learner_id, credential_id)


def page_of(rt, tenant, credential_id):
    """Give the page without line breaks, after looking whether it is fit to be read."""
    page = narrating.page(story_of(rt, tenant, credential_id))
    assert max(map(len, page.splitlines())) <= 100
    assert page.endswith("\n")
    assert not page.endswith("\n\n")
    assert UNFIT_FOR_A_PAGE.findall(re.sub(r"\S*/\S*", "", page)) == []
    return " ".join(page.split())


def stack_on(rt, tenant, credential_id):
    """Give the credential that rests on another."""
    [above] = story_of(rt, tenant, credential_id).rests_on_it
    return above.credential_id.removeprefix("urn:uuid:")


# ── Awards on results ────────────────────────────────────────────────────────────────────────────────────────────────
def test_from_the_result_to_the_credential(rt, tenant):
    ratings = [{"criterion": "Listening", "level": 3}, {"criterion": "sharing", "not_applicable": True}]
    receipt = award(
        rt,
        tenant,
        assessment="Walk a dog",
        ratings=ratings,
        participation={"experience": SHELTER, "role": "helper", "hours": "10.50"},
        section=CLASS,
    )

    story = story_of(rt, tenant, receipt.credential_id)

    [told] = story.results
    assert (told.id, told.source, told.assessment, told.rated_by, told.counts) == (
        receipt.result_id,
        "canvas",
        "Walk a dog",
        "faculty",
        True,
    )
    assert [(one.criterion, one.level, one.place, one.places, one.not_applicable) for one in told.ratings] == [
        ("Listening", "Exemplary", 3, 3, False),
        ("Sharing", None, None, 3, True),
    ]
    assert (told.overall, told.participation["hours"], told.section["session"]["title"]) == (
        "Exemplary",
        "10.5",
        "Spring 2026",
    )
    assert [level["id"] for level in story.rubric["levels"]] == ["beginning", "proficient", "exemplary"]
    assert story.award_rule["conditions"] == [{"type": "criteria", "level": "proficient"}]
    assert (story.grounds, story.decision.trace, story.since, story.stack) == ("results", receipt.trace, None, None)
    assert (story.credential.name, story.credential.level, story.credential.standing) == (
        "Teamwork",
        "Exemplary",
        "current",
    )


def test_a_page_to_read(rt, tenant):
    receipt = award(rt, tenant, participation={"experience": SHELTER, "role": "helper", "hours": 3}, section=CLASS)

    page = page_of(rt, tenant, receipt.credential_id)

    for words in (
        "TEAMWORK Issued by School of biology",
        "Teamwork was earned on 4 May 2026 and issued on 1 June 2026. It stands. The level reached is Proficient.",
        "1. On 4 May 2026, by a member of the faculty",
        "Setting: service learning, Dog walking, with Animal Shelter, as helper, 3 hours",
        "Class: 30117, Principles of Biology, Spring 2026",
        "- Listening: Proficient (level 2 of 3)",
        "The overall level is the lowest of all criteria that apply.",
        "- Every applicable criterion at Proficient or above.",
    ):
        assert words in page
    assert "Grace Hopper" not in page
    assert "ada@example.edu" not in page


def test_scores_and_several_results(rt, tenant):
    publish(
        rt,
        tenant,
        key="mean",
        name="Mean",
        rubric=None,
        score={"minimum": 0, "maximum": 100},
        award={"each_of": ["one", "two"], "conditions": [{"type": "mean", "minimum": 50}]},
    )
    for number, (assessment, score) in enumerate((("one", "40.50"), ("two", 80)), 4):
        receipt = award(
            rt,
            tenant,
            achievement="mean",
            assessment=assessment,
            ratings=[],
            score=score,
            assessor={"kind": "peer"},
            assessed_at=f"2026-05-0{number}",
        )

    story = story_of(rt, tenant, receipt.credential_id)

    assert [(one.assessment, one.score, one.rated_by) for one in story.results] == [
        ("one", "40.5", "peer"),
        ("two", "80", "peer"),
    ]
    assert (story.rubric, story.score_range) == (None, {"minimum": "0", "maximum": "100"})
    assert "Score: 40.5 (possible: 0 to 100)" in page_of(rt, tenant, receipt.credential_id)


def test_a_correction_is_told_from_both_sides(rt, tenant):
    body = result()
    old = send(rt, tenant, body).credential_id
    new = send(rt, tenant, body | {"revision": 2, "ratings": rated("exemplary")}).credential_id

    before, after = story_of(rt, tenant, old), story_of(rt, tenant, new)

    assert (before.credential.standing, before.credential.replaced_by.credential_id) == ("revoked", f"urn:uuid:{new}")
    assert (before.credential.replaced_by.reason_code, after.credential.replaces.reason_code) == ("corrected",) * 2
    assert after.credential.replaces.credential_id == f"urn:uuid:{old}"
    assert [(one.counts, one.because) for one in before.results] == [(False, "corrected")]
    assert [(one.counts, one.revision) for one in after.results] == [(True, 2)]
    assert "Its place was taken by another credential, because it was corrected." in page_of(rt, tenant, old)
    assert "It took the place of another credential, because it was corrected." in page_of(rt, tenant, new)


def test_what_was_withdrawn_and_what_was_decided_since_are_told(rt, tenant):
    publish(rt, tenant, key="kept", name="Kept", correction="keep")
    body = result(achievement="kept")
    kept = send(rt, tenant, body).credential_id
    send(rt, tenant, body | {"revision": 2, "result_status": "withdrawn", "ratings": []})

    story = story_of(rt, tenant, kept)

    assert [(one.counts, one.because) for one in story.results] == [(False, "withdrawn")]
    assert (story.decision.consequence, story.since.consequence) == ("award", "keep")
    assert "What it rests on was corrected. It was kept as it is." in page_of(rt, tenant, kept)


def test_the_history_has_codes_and_no_private_notes(rt, tenant):
    gone = award(rt, tenant).credential_id
    revoking.revoke(rt, tenant.caller, gone, Reason("plagiarism", "see the file of the committee"))

    story, page = story_of(rt, tenant, gone), page_of(rt, tenant, gone)

    assert [(one.act, one.reason_code) for one in story.credential.history] == [("revoke", "plagiarism")]
    assert "- On 1 June 2026: It was taken back (reason: plagiarism)." in page
    assert "committee" not in page + repr(story)


# ── Stacks ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_stack_tells_its_rule_its_requirements_and_the_short_stories_of_its_parts(rt, tenant):
    drawing = earn(rt, tenant, "drawing", participation={"experience": SHELTER}).credential_id
    painting = earn(rt, tenant, "painting").credential_id
    artist = stack_on(rt, tenant, drawing)

    story = story_of(rt, tenant, artist)

    stack = story.stack
    assert (story.grounds, story.results, story.rubric, story.award_rule) == ("stack", (), None, None)
    assert (stack.key, stack.version, stack.policy, stack.name) == ("artist", 1, "review", "Artist")
    assert stack.rule == f"{rt.base_url}/rules/{stack.rule_id}/versions/1"
    assert [(one.pointer, one.parts) for one in stack.requirements] == [
        ("/rule/rules/0", (f"urn:uuid:{drawing}",)),
        ("/rule/rules/1", (f"urn:uuid:{painting}",)),
    ]
    parts = {one.credential_id: one for one in stack.parts}
    part = parts[f"urn:uuid:{drawing}"]
    assert (part.name, part.level, part.experience_kind, part.standing, part.grounds) == (
        "Drawing",
        "Proficient",
        "service_learning",
        "current",
        "results",
    )
    assert part.sentence == story_of(rt, tenant, drawing).decision.sentence
    assert part.explain == f"{rt.base_url}/v1/learners/{story.learner_id}/explain/{drawing}"
    assert (story.decision.trace["met"], story.decision.trace["pointer"]) == (True, "/rule")
    page = page_of(rt, tenant, artist)
    assert "The rule is Artist, version 1, looked at on 1 June 2026." in page
    assert "- Drawing, Proficient, service learning, earned on 4 May 2026. It stands." in page
    assert f"Its own story: /v1/learners/{story.learner_id}/explain/{painting}" in page


def test_what_rests_on_a_credential_is_told_at_every_height(rt, tenant):
    drawing = earn(rt, tenant, "drawing").credential_id
    assert story_of(rt, tenant, drawing).rests_on_it == ()
    earn(rt, tenant, "painting")

    artist = stack_on(rt, tenant, drawing)
    master = stack_on(rt, tenant, artist)

    assert [one.name for one in story_of(rt, tenant, drawing).rests_on_it] == ["Artist"]
    assert [one.name for one in story_of(rt, tenant, artist).rests_on_it] == ["Master"]
    assert story_of(rt, tenant, master).rests_on_it == ()
    assert "What rests on it ---------------- - Artist. It stands." in page_of(rt, tenant, drawing)


def test_questions_are_told_on_the_stack_and_on_the_part_open_and_settled(rt, tenant):
    drawing = earn(rt, tenant, "drawing").credential_id
    painting = earn(rt, tenant, "painting").credential_id
    artist = stack_on(rt, tenant, drawing)
    revoking.revoke(rt, tenant.caller, drawing, Reason("error", "said in private"))

    [case] = story_of(rt, tenant, artist).cases

    assert (case.state, case.reason_code, case.policy) == ("open", "part_revoked", "review")
    assert case.parts == ({"credential": f"urn:uuid:{drawing}", "because": "part_revoked"},)
    assert [one.cases for one in story_of(rt, tenant, drawing).rests_on_it] == [(case,)]
    assert [one.cases for one in story_of(rt, tenant, painting).rests_on_it] == [()]
    page = page_of(rt, tenant, artist)
    assert "On 1 June 2026 a question was raised, because a part of it was taken back. The part is Drawing." in page
    assert "Somebody is to look at it. That is to be done by 1 July 2026." in page

    cases.resolve(rt, tenant.caller, case.id, Resolution.REVOKE, Reason("agreed", "said in private too"))

    story, page = story_of(rt, tenant, artist), page_of(rt, tenant, artist)
    assert [(one.state, one.resolution, one.resolution_code) for one in story.cases] == [
        ("resolved", "revoke", "agreed")
    ]
    assert "That was settled on 1 June 2026: it was taken back (reason: agreed)." in page
    assert "private" not in page + repr(story)


def test_a_stack_issued_anew_is_linked_with_the_one_before(rt, tenant):
    rule(rt, tenant, "master", holding("artist"), policy="revoke")
    drawing = earn(rt, tenant, "drawing").credential_id
    earn(rt, tenant, "painting")
    old = stack_on(rt, tenant, drawing)
    earn(rt, tenant, "drawing")
    revoking.revoke(rt, tenant.caller, drawing, Reason("error"))
    [case] = story_of(rt, tenant, old).cases

    cases.resolve(rt, tenant.caller, case.id, Resolution.REISSUE, Reason("agreed"))

    story = story_of(rt, tenant, old)
    [case] = story.cases
    new = story.credential.replaced_by.credential_id
    assert (case.resolution, case.replacement_id) == ("reissue", new)
    assert story_of(rt, tenant, new.removeprefix("urn:uuid:")).credential.replaces.credential_id == f"urn:uuid:{old}"
    assert "it was issued anew on what counts" in page_of(rt, tenant, old)


# ── Recognition ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_was_recognised_is_told_by_itself_and_as_a_part(rt, tenant):
    drawing = earn(rt, tenant, "drawing")
    learner = learner_of(rt, drawing.result_id).id
    claim = Claim(RecognitionKind.TRANSFER, "painting", rt.now(), note="the dean knows them")
    made = recognising.recognise(rt, tenant.caller, learner, claim)

    story = story_of(rt, tenant, made.credential_id)

    assert (story.grounds, story.recognition.kind, story.results) == ("recognition", "transfer", ())
    assert "It was earned elsewhere and transferred." in page_of(rt, tenant, made.credential_id)
    assert "dean" not in repr(story)
    stack = story_of(rt, tenant, stack_on(rt, tenant, drawing.credential_id)).stack
    assert {one.name: one.grounds for one in stack.parts} == {"Drawing": "results", "Painting": "recognition"}


# ── Whose ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_only_of_the_learner_who_has_it(rt, tenant):
    mine, theirs = award(rt, tenant), award(rt, tenant, "bob@example.edu")
    ada, bob = (learner_of(rt, one.result_id).id for one in (mine, theirs))

    with pytest.raises(Missing):
        explaining.explain(rt, tenant.caller, ada, theirs.credential_id)
    with pytest.raises(Missing):
        explaining.explain(rt, tenant.caller, "nobody", mine.credential_id)
    with pytest.raises(Missing):
        explaining.explain(rt, found(rt, "chemistry").caller, bob, theirs.credential_id)


def test_one_person_under_either_record(rt, tenant):
    mine, theirs = award(rt, tenant), award(rt, tenant, "bob@example.edu", source="moodle")
    ada, bob = (learner_of(rt, one.result_id).id for one in (mine, theirs))
    merging.merge(rt, tenant.caller, bob, ada)

    for learner in (ada, bob):
        story = explaining.explain(rt, tenant.caller, learner, theirs.credential_id)
        assert (story.learner_id, story.credential.id) == (ada, f"urn:uuid:{theirs.credential_id}")
    assert award_of(rt, theirs.credential_id).learner_id in {ada, bob}


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (narrating._RATERS, AssessorKind),
        (narrating._STANDS, set(Standing) - {Standing.UNKNOWN}),
        (narrating._ACTS, Act),
        (narrating._OVERALL, OverallBy),
        (narrating._GROUNDS, RecognitionKind),
        (narrating._POLICIES, Policy),
        (narrating._ENDINGS, set(Resolution) - {Resolution.SUSPEND}),
    ],
)
def test_there_are_words_for_everything(words, needed):
    assert set(needed) <= words.keys()
