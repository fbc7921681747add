"""What is left: the four rules of Career Connect, and each kind of node, in words and numbers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from ler_issuer.stacking import (
    MOST_HOLDINGS,
    MOST_SETS,
    Holding,
    StackingRule,
    is_met,
    percentage,
    read_definitions,
    remaining,
)

AT = datetime(2026, 6, 1, tzinfo=UTC)
SCALE = ("beginning", "developing", "proficient", "distinguished")
RULES = {
    one.key: one.text()
    for one in read_definitions((resources.files("ler_issuer.demo") / "rules.yaml").read_bytes(), "rules.yaml")
}


def held(achievement, *, ago=100, **more):
    number = held.number = getattr(held, "number", 0) + 1
    return Holding(id=f"h{number}", achievement=achievement, awarded_at=AT - timedelta(days=ago), **more)


def leaf(*achievements, **more):
    return {"type": "holding", "achievements": achievements, **more}


def rule(node, **more):
    return StackingRule.model_validate({"rule": node, **more})


def sentences(asked, holdings=(), **more):
    return [steps.sentence for steps in remaining(asked, holdings, AT, **more).sets]


# ── Career Connect ───────────────────────────────────────────────────────────────────────────────────────────────────
def written(**more):
    return held("written-communication", **more)


def in_course(number):
    return {"experience": f"course {number}", "experience_kind": "course"}


def test_from_nothing_all_of_it_is_left():
    left = remaining(RULES["effective-communicator"], (), AT)

    assert (left.met, left.percentage, left.complete) == (False, 0, True)
    (steps,) = left.sets
    assert steps.sentence == (
        "Earn Written communication twice and Oral communication once, in at least 2 different experiences, at least "
        "one of them in an experience outside the classroom."
    )
    assert steps.assessments == 3


def test_one_part_short_is_one_sentence():
    asked = RULES["effective-communicator"]
    left = remaining(asked, [written(**in_course(1)), written(**in_course(2))], AT)
    assert left.sentence == "Earn Oral communication once, in an experience outside the classroom."
    assert left.percentage == 66

    again = [
        written(**in_course(1)),
        written(experience="stage", experience_kind="internship"),
        held("oral-communication", ago=3000),
    ]
    assert sentences(asked, again) == ["Earn Oral communication once more."]

    alike = [written(**in_course(1)), written(**in_course(1))]
    (part,) = remaining(asked, alike, AT).sets[0].parts
    assert part.different == ("experiences",)
    assert "course" not in part.like.experience_kinds
    assert part.sentence == "Earn Oral communication once, in another experience outside the classroom."


def test_a_higher_level_and_more_of_a_lower_one_are_two_ways():
    asked = RULES["collaborative-problem-solver"]
    done = [
        held("teamwork", level="distinguished", scale=SCALE, assessor="a", assessor_kind="faculty"),
    ]
    once, twice = sentences(asked, done)
    assert once == (
        "Earn Critical thinking at Distinguished once, assessed by another person, a supervisor or a community partner."
    )
    assert twice == (
        "Earn Critical thinking at Proficient twice, at least one of them assessed by another person, at least one of "
        "them assessed by a supervisor or a community partner."
    )


def test_hours_may_come_with_what_is_to_be_earned_or_besides():
    asked = RULES["engaged-citizen"]
    done = [held("leadership", hours=15, experience="e", experience_kind="volunteering")]
    left = remaining(asked, done, AT)

    assert [one.assessments for one in left.sets] == [1, 1, 2, 2]
    assert left.sets[0].sentence == (
        "Earn Social responsibility once, in service learning or volunteering, with at least 25 hours."
    )
    assert (
        left.sets[2].sentence
        == "Earn Social responsibility once and 25 more hours in service learning or volunteering."
    )
    assert left.percentage == 50


def test_hours_that_are_partly_there_count_in_proportion():
    kind = {"experience_kind": "service_learning"}
    done = [
        held("leadership", hours=20, experience="a", **kind),
        held("social-responsibility", hours=20, experience="a", **kind),
        held("leadership", hours=10, experience="b", **kind),
    ]
    left = remaining(RULES["engaged-citizen"], done, AT)

    assert left.sentence == "Earn 10 more hours in service learning or volunteering."
    assert left.sets[0].parts[0].hours == 10
    assert left.percentage == 87  # a quarter of one of two assessments is left


def test_what_may_be_recognised_is_said():
    done = [held("effective-communicator"), held("engaged-citizen")]
    (steps,) = remaining(RULES["career-ready-graduate"], done, AT).sets

    assert steps.parts[0].accepts == ("transfer", "prior_learning")
    assert steps.sentence.endswith("once, or have it recognised (transfer or prior learning).")


@pytest.mark.parametrize("key", RULES)
def test_doing_the_next_steps_meets_the_rule(key):
    """Earn part after part, each as plainly as it is asked."""
    mine = []
    for turn in range(6):
        left = remaining(RULES[key], mine, AT)
        if left.met:
            break
        part = left.sets[0].parts[0]
        mine.append(
            held(
                part.like.achievements[0] if part.like.achievements else "anything",
                ago=10 - turn,
                level=part.like.level,
                experience=f"e{turn}",
                experience_kind="service_learning",
                assessor=f"a{turn}",
                assessor_kind="supervisor",
                hours=40,
            )
        )
        after = remaining(RULES[key], mine, AT)
        assert after.percentage > left.percentage
        if not after.met:
            assert after.sets[0].assessments == left.sets[0].assessments - 1
    assert is_met(RULES[key], mine, AT)


# ── Kinds of nodes ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_rule_that_is_met_has_nothing_left():
    left = remaining(rule(leaf("a")), [held("a")], AT)

    assert (left.met, left.percentage, left.complete, left.sets) == (True, 100, True, ())
    assert left.sentence == "Nothing is left: the rule is met."


def test_parts_may_have_to_be_earned_one_after_the_other():
    asked = rule(
        {"type": "precedes", "first": leaf("a", times=2), "then": {"type": "all", "rules": [leaf("b"), leaf("c")]}}
    )

    assert sentences(asked) == ["First earn A twice; then B once and C once."]
    (steps,) = remaining(asked, [held("b")], AT).sets
    assert [part.after for part in steps.parts] == [(), (0,), (0,)]
    assert steps.sentence == "First earn A twice; then B once more and C once."
    assert sentences(asked, [held("a", ago=9), held("a", ago=8), held("b", ago=3)]) == ["Earn C once."]


def test_what_has_no_place_in_the_order_may_be_earned_at_any_time():
    asked = rule({"type": "all", "rules": [leaf("z"), {"type": "precedes", "first": leaf("a"), "then": leaf("b")}]})
    assert sentences(asked) == ["First earn A once; then B once; at any time Z once."]

    some = {"type": "sum", "of": "hours", "minimum": 10}
    asked = rule({"type": "all", "rules": [some, {"type": "precedes", "first": leaf("a"), "then": some}]})
    assert sentences(asked) == ["First earn A once; then 10 hours; at any time 10 hours."]


def test_parts_that_are_too_old_have_to_be_earned_again():
    asked = rule(
        {"type": "within", "of": "parts", "years": 2, "rule": {"type": "all", "rules": [leaf("a"), leaf("b")]}}
    )
    assert sentences(asked, [held("a", ago=900)]) == ["Earn A once more and B once."]
    assert sentences(asked, [held("a", ago=700)]) == ["Earn B once."]

    by_now = rule({"type": "within", "of": "now", "months": 6, "rule": leaf("a", times=2)})
    assert sentences(by_now, [held("a", ago=100), held("a", ago=200)]) == ["Earn A once more."]


def test_what_two_parts_want_is_missing_for_either():
    asked = rule({"type": "all", "rules": [leaf("a", "b"), leaf("b", "c")]})
    assert sentences(asked, [held("b")]) == ["Earn A or B once more.", "Earn B or C once more."]
    assert sentences(rule({**asked.rule.model_dump(), "reuse": True}), []) == [
        "Earn B once.",
        "Earn A or B once and B or C once.",
    ]


def test_of_several_alternatives_those_with_fewer_assessments_come_first():
    asked = rule(
        {
            "type": "any",
            "rules": [leaf("a", times=3), leaf("b", times=2), {"type": "all", "rules": [leaf("c"), leaf("d")]}],
        }
    )
    left = remaining(asked, [held("a"), held("a")], AT)

    assert [one.sentence for one in left.sets] == ["Earn A once more.", "Earn B twice.", "Earn C once and D once."]
    assert left.sentence == "Earn A once more. There are 2 other ways."
    assert left.percentage == 50  # from nothing it takes two


def test_of_equal_effort_what_the_learner_is_enrolled_in_comes_first():
    asked = rule({"type": "any", "rules": [leaf("a"), leaf("b"), leaf("c", "d")]}, equivalences=[["b", "e"]])
    first = [remaining(asked, (), AT, enrolled=[taken]).sets[0] for taken in ("a", "b", "d", "e")]

    assert [one.sentence for one in first] == ["Earn A once.", "Earn B once.", "Earn C or D once.", "Earn B once."]
    assert all(one.enrolled == 1 and one.parts[0].enrolled for one in first)
    assert remaining(asked, (), AT).sets[0].enrolled == 0


def test_fewer_assessments_come_before_what_the_learner_is_enrolled_in():
    asked = rule({"type": "any", "rules": [leaf("a", times=2), leaf("b")]})
    assert sentences(asked, enrolled=["a"]) == ["Earn B once.", "Earn A twice."]


def test_an_equivalent_will_do():
    asked = rule(leaf("a"), equivalences=[["b", "a"], ["b", "c"]])
    assert remaining(asked, (), AT).sets[0].parts[0].like.achievements == ("a", "b", "c")


def test_qualities_that_a_part_does_not_need_are_not_asked_for():
    asked = rule({"type": "distinct", "what": "experiences", "minimum": 2, "rule": leaf("a", times=3)})
    done = [held("a", experience="x"), held("a", experience="y")]

    assert sentences(asked, done) == ["Earn A once more."]
    assert sentences(asked, [held("a", experience="x"), held("a")]) == ["Earn A once more, in another experience."]
    assert sentences(asked, [held("a", experience="x")]) == [
        "Earn A twice more, at least one of them in another experience."
    ]


def test_kinds_that_are_to_differ_run_out():
    asked = rule({"type": "distinct", "what": "assessor_kinds", "minimum": 7, "rule": leaf("a")})
    left = remaining(asked, (), AT)

    assert (left.sets, left.complete, left.percentage) == ((), True, 0)
    assert left.sentence == "Nothing that can be earned helps."
    six = rule({"type": "distinct", "what": "assessor_kinds", "minimum": 6, "rule": leaf("a")})
    done = [held("a", assessor_kind=kind) for kind in ("faculty", "staff", "peer", "peer", "automated")]
    assert sentences(six, done) == ["Earn A twice more, each assessed by another kind of assessor."]


@pytest.mark.parametrize(
    ("included", "words"),
    [
        ({"experience_kinds": ["internship"]}, "in internship"),
        ({"except_experience_kinds": ["course", "research"]}, "in an experience other than course or research"),
        ({"assessor_kinds": ["faculty", "automated"]}, "assessed by a member of faculty or an automated assessor"),
        ({"issuers": ["https://other.example/issuers/college"]}, "from College"),
        ({"level": "proficient"}, "at Proficient or above"),
    ],
)
def test_what_is_to_be_included_is_asked_of_the_part_that_is_left(included, words):
    asked = rule({"type": "includes", **included, "rule": leaf("a", times=2)}, levels=SCALE)
    (sentence,) = sentences(asked, [held("a")])
    assert words in sentence


def test_what_must_not_be_held_cannot_be_helped():
    asked = rule(
        {"type": "all", "rules": [leaf("a"), {"type": "none", "rules": [leaf("x", label="A finding of fraud")]}]}
    )

    assert (
        remaining(asked, [held("x")], AT).sentence
        == "Nothing that can be earned helps: A finding of fraud must not be held."
    )
    assert sentences(asked) == ["Earn A once."]


def test_what_would_do_harm_is_avoided():
    refused = {"type": "none", "rules": [leaf("b")]}
    assert sentences(rule({"type": "all", "rules": [leaf("a", "b", "c"), refused]})) == ["Earn A or C once."]
    refused = {"type": "none", "rules": [leaf("a", experience_kinds=["course"])]}
    assert sentences(rule({"type": "all", "rules": [leaf("a"), refused]})) == [
        "Earn A once, in an experience outside the classroom."
    ]
    hours = {"type": "sum", "of": "hours", "minimum": 5}
    (steps,) = remaining(rule({"type": "all", "rules": [hours, {"type": "none", "rules": [leaf("x")]}]}), (), AT).sets
    assert steps.parts[0].like.except_achievements == ("x",)


def test_holdings_that_no_longer_stand_are_left_again():
    gone = [held("a", standing="revoked"), held("a", valid_until=AT), held("a", standing="suspended")]
    assert sentences(rule(leaf("a")), gone) == ["Earn A once."]


# ── Sums ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_amounts_are_exact():
    asked = rule({"type": "sum", "of": "credits", "minimum": "3"})
    done = [held("a", credits="0.1", section="s"), held("b", credits="0.2"), held("c", credits="0.05", section="s")]

    assert remaining(asked, done, AT).sets[0].parts[0].credits == 3 - done[0].credits - done[1].credits
    assert sentences(asked, done) == ["Earn 2.7 more credits."]
    assert percentage(asked, done, AT) == 10


def test_what_two_sums_want_counts_for_one():
    sum_of = {"type": "sum", "of": "hours", "minimum": 10}
    asked = rule(
        {"type": "all", "rules": [{**sum_of, "achievements": ["a", "b"]}, {**sum_of, "achievements": ["b", "c"]}]}
    )
    done = [held("b", hours=4), held("b", hours=10)]
    assert sentences(asked, done) == ["Earn 6 more hours of A or B.", "Earn 6 more hours of B or C."]


def test_parts_may_have_to_bring_an_amount_together():
    asked = rule(
        {"type": "distinct", "what": "experiences", "minimum": 2, "rule": {"type": "sum", "of": "hours", "minimum": 8}}
    )
    (steps,) = remaining(asked, (), AT).sets
    assert steps.sentence == "Earn hours, twice, in 2 different experiences, with at least 8 hours in all."
    assert (steps.jointly[0].hours, steps.jointly[0].minimum) == (8, 2)


# ── Limits, and the form of the answer ───────────────────────────────────────────────────────────────────────────────
def test_there_is_no_end_of_ways_and_the_best_are_told():
    asked = rule({"type": "at_least", "count": 10, "rules": [leaf(f"a{number}") for number in range(20)]})
    left = remaining(asked, [held("a3")], AT, enrolled=["a17", "a19"])

    assert (len(left.sets), left.complete) == (MOST_SETS, False)
    assert {(one.assessments, one.enrolled) for one in left.sets} == {(9, 2)}
    assert left.percentage == 10
    assert "at least 11 other ways" in left.sentence


def test_a_rule_that_is_too_tangled_still_gets_an_answer_that_is_right():
    kinds = ["faculty", "staff", "supervisor", "peer"]
    settings = ["course", "internship", "research"]
    asked = rule(
        {
            "type": "all",
            "reuse": True,
            "rules": [
                *(leaf("a", times=5, assessor_kinds=[kind], label=f"by {kind}") for kind in kinds),
                *(leaf("a", times=7, experience_kinds=[kind]) for kind in settings),
                *(
                    {"type": "distinct", "what": "courses", "minimum": 4, "rule": leaf("a", "b", times=5)}
                    for _ in range(3)
                ),
            ],
        }
    )
    left = remaining(asked, (), AT)
    assert not left.complete
    for steps in left.sets:
        assert steps.assessments >= 21


def test_a_set_that_is_larger_than_any_that_is_looked_for_is_told_all_the_same():
    asked = rule({"type": "all", "rules": [leaf(f"a{number}", times=30) for number in range(6)]})
    left = remaining(asked, [held("a2")], AT)

    assert not left.complete
    assert [(one.assessments, len(one.parts)) for one in left.sets] == [(179, 6)]


def test_too_many_holdings_are_undecided():
    crowd = [held("a", ago=number) for number in range(MOST_HOLDINGS + 1)]
    left = remaining(rule(leaf("a", times=2)), crowd, AT)

    assert (left.met, left.percentage, left.complete, left.sets) == (None, 0, False, ())
    assert "cannot be decided" in left.sentence


def test_the_order_of_holdings_changes_nothing():
    mine = [
        held("teamwork", level="proficient", scale=SCALE, assessor=f"a{number % 2}", assessor_kind="peer", ago=number)
        for number in range(5)
    ]
    asked = RULES["collaborative-problem-solver"]
    assert remaining(asked, mine, AT) == remaining(asked, mine[::-1], AT) == remaining(asked, [*mine, *mine], AT)


def test_the_answer_in_json():
    asked = rule({"type": "all", "rules": [leaf("a", level="high"), leaf("b", times=2, accepts=["transfer"])]})
    left = remaining(asked, (), AT, enrolled=["b"]).to_json()

    assert json.loads(json.dumps(left)) == {
        "met": False,
        "percentage": 0,
        "complete": True,
        "sentence": "Earn A once at High or above; and B twice, or have it recognised (transfer).",
        "sets": [
            {
                "sentence": "Earn A once at High or above; and B twice, or have it recognised (transfer).",
                "assessments": 3,
                "enrolled": 2,
                "parts": [
                    {
                        "sentence": "Earn A once at High or above.",
                        "times": 1,
                        "achievements": ["a"],
                        "level": "high",
                        "enrolled": False,
                        "serves": ["/rule/rules/0"],
                    },
                    {
                        "sentence": "Earn B twice, or have it recognised (transfer).",
                        "times": 2,
                        "achievements": ["b"],
                        "accepts": ["transfer"],
                        "enrolled": True,
                        "serves": ["/rule/rules/1"],
                    },
                ],
                "jointly": [],
            }
        ],
    }


def test_the_end_of_time_is_no_trouble():
    assert sentences(rule({"type": "precedes", "first": leaf("a"), "then": leaf("b")}))
    left = remaining(rule(leaf("a")), (), datetime.max.replace(tzinfo=UTC))
    assert left.sentence == "Earn A once."


def test_what_was_met_by_nothing_and_is_no_longer_is_no_trouble():
    left = remaining(rule({"type": "none", "rules": [leaf("a")]}), [held("a")], AT)
    assert (left.met, left.percentage, left.sets, left.complete) == (False, 0, (), True)
