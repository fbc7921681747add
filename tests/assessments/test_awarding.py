"""What results earn: each feature of award rules, and the words that explain the decision."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ler_issuer.assessments import AssessorKind, AwardRule, Fact, Rating, ResultStatus, Rubric, decide

START = datetime(2026, 2, 1, 9, tzinfo=UTC)
RUBRIC = Rubric.model_validate(
    {
        "criteria": [{"id": "idea", "name": "Main idea"}, {"id": "sources", "name": "Sources"}],
        "levels": [{"id": name.lower(), "name": name} for name in ("Beginning", "Developing", "Proficient", "Expert")],
    }
)
PROFICIENT = {"conditions": [{"type": "criteria", "level": "proficient"}]}


def fact(day: int, assessment: str | None = "essay", **changes: object) -> Fact:
    name = changes.pop("name", f"r{day}")
    levels = changes.pop("levels", None)
    if levels is not None:
        changes["ratings"] = tuple(
            Rating(criterion=criterion.id, level=level)
            if level
            else Rating(criterion=criterion.id, not_applicable=True)
            for criterion, level in zip(RUBRIC.criteria, levels, strict=False)
        )
    if "score" in changes:
        changes["score"] = None if changes["score"] is None else Decimal(str(changes["score"]))
    whole = {
        "id": name,
        "digest": f"digest of {name}",
        "source": "lms",
        "source_id": f"secret-learner-{name}",
        "revision": 1,
        "assessment": assessment,
        "attempt": 1,
        "ratings": (),
        "overall_level": None,
        "score": None,
        "status": ResultStatus.FINAL,
        "assessor_kind": AssessorKind.FACULTY,
        "assessor_id": None,
        "experience": None,
        "assessed_at": START + timedelta(days=day),
    }
    return Fact(**(whole | changes))


def decisions(facts, rule, *, rubric=RUBRIC, earned="once", better="keep_first", since=None):
    award = AwardRule.model_validate(rule)
    return decide(facts, rule=award, rubric=rubric, earned=earned, better_attempt=better, since=since)


def decision(facts, rule, **how):
    (only,) = decisions(facts, rule, **how)
    return only


def used(found):
    return [one.id for one in found.used]


class TestCriteria:
    def test_every_applicable_criterion_at_the_level_earns(self):
        found = decision([fact(1, levels=("proficient", "expert"))], PROFICIENT)
        assert (found.met, found.overall, found.levels) == (
            True,
            "proficient",
            {"idea": "proficient", "sources": "expert"},
        )
        assert found.deciding.id == "r1"
        assert found.trace["sentence"] == (
            "Earned: 1 assessment meets the conditions, at least 1 asked; "
            "every applicable criterion at Proficient or above"
        )

    def test_one_low_criterion_does_not(self):
        found = decision([fact(1, levels=("proficient", "developing"))], PROFICIENT)
        assert not found.met
        assert found.deciding is None
        assert "Sources at Developing in essay" in found.trace["sentence"]

    def test_a_criterion_that_does_not_apply_is_left_out(self):
        found = decision([fact(1, levels=("expert", None))], PROFICIENT)
        assert (found.met, found.overall, found.levels) == (True, "expert", {"idea": "expert"})

    def test_at_least_one_must_apply(self):
        found = decision([fact(1, levels=(None, None))], PROFICIENT)
        assert not found.met
        assert "no criterion was applicable" in found.trace["sentence"]

    def test_a_criterion_that_nobody_spoke_about_is_not_met(self):
        found = decision([fact(1, levels=("expert",))], PROFICIENT)
        assert not found.met
        assert "Sources not rated" in found.trace["sentence"]

    def test_ratings_that_the_rubric_cannot_read_earn_nothing(self):
        ratings = (Rating(criterion="idea", level="expert"), Rating(criterion="sources", level="superb"))
        found = decision([fact(1, ratings=ratings)], PROFICIENT)
        assert not found.met
        assert "ratings that do not fit the rubric" in found.trace["sentence"]


OVERALL = {"conditions": [{"type": "overall", "level": "proficient"}]}


class TestOverall:
    @pytest.mark.parametrize(("levels", "met"), [(("proficient", "expert"), True), (("expert", "developing"), False)])
    def test_the_overall_level_decides(self, levels, met):
        assert decision([fact(1, levels=levels)], OVERALL).met is met

    def test_a_holistic_rubric_takes_the_assessors_word(self):
        holistic = Rubric.model_validate(RUBRIC.model_dump() | {"overall": "holistic"})
        given = fact(1, levels=("beginning", "expert"), overall_level="Proficient")
        assert decision([given], OVERALL, rubric=holistic).met
        assert not decision([fact(1, levels=("expert", "expert"))], OVERALL, rubric=holistic).met


MEAN = {"each_of": ["a", "b", "c"], "conditions": [{"type": "mean", "minimum": 40}]}


class TestMean:
    def test_all_assessments_and_their_mean(self):
        found = decision([fact(1, "a", score=10), fact(2, "b", score=50), fact(3, "c", score=60)], MEAN)
        assert (found.met, found.score, found.deciding.id, used(found)) == (True, Decimal(40), "r3", ["r1", "r2", "r3"])
        assert found.trace["sentence"] == "Earned: all 3 assessments have a result; mean 40 of at least 40"

    def test_a_mean_just_below_is_below_and_looks_it(self):
        scores = [fact(1, "a", score="39.999999"), fact(2, "b", score=40), fact(3, "c", score=40)]
        found = decision(scores, MEAN)
        assert (found.met, found.score) == (False, Decimal("39.99"))
        assert found.trace["sentence"] == "Not yet: mean 39.99 of at least 40"

    def test_what_is_missing_is_named(self):
        found = decision([fact(1, "a", score=100), fact(2, "zzz", score=100)], MEAN)
        node = found.trace["nodes"][0]
        assert (found.met, node["missing"], used(found)) == (False, ["b", "c"], ["r1"])
        assert node["sentence"] == "1 of 3 assessments have a result; missing: b, c"

    def test_weights(self):
        weighted = {"type": "mean", "minimum": 75, "weights": {"a": 1, "b": 3, "c": 0}}
        facts = [fact(1, "a", score=0), fact(2, "b", score=100), fact(3, "c", score=0)]
        found = decision(facts, MEAN | {"conditions": [weighted]})
        assert (found.met, found.score) == (True, Decimal(75))

    def test_an_exemption_satisfies_its_assessment_and_enters_no_mean(self):
        exempt = fact(2, "b", status=ResultStatus.EXEMPT)
        found = decision([fact(1, "a", score=40), exempt, fact(3, "c", score=40)], MEAN)
        assert (found.met, found.score, used(found)) == (True, Decimal(40), ["r1", "r2", "r3"])

    def test_a_result_without_a_score_breaks_the_mean(self):
        facts = [fact(1, "a", score=90), fact(2, "b", score=90), fact(3, "c", levels=("expert", "expert"))]
        found = decision(facts, MEAN)
        assert not found.met
        assert "1 result has no score" in found.trace["sentence"]

    @pytest.mark.parametrize("status", [ResultStatus.PROVISIONAL, ResultStatus.INCOMPLETE])
    def test_only_final_results_count(self, status):
        found = decision([fact(1, "a", score=90), fact(2, "b", score=90), fact(3, "c", score=90, status=status)], MEAN)
        assert not found.met
        assert found.trace["sentence"].endswith("missing: c; 1 result is not final")
        assert found.trace["waiting"] == ["r3"]


def test_exemptions_alone_earn_nothing():
    found = decision([fact(1, status=ResultStatus.EXEMPT)], PROFICIENT)
    assert not found.met
    assert found.trace["sentence"] == "Not yet: exemptions alone earn nothing"


TWO_OF_50 = {"conditions": [{"type": "score", "minimum": 50}], "minimum_assessments": 2}


class TestMinimumAssessments:
    def test_different_assessments_are_counted(self):
        twice = [fact(1, score=80), fact(2, score=80, attempt=2)]
        assert not decision(twice, TWO_OF_50).met
        found = decision([*twice, fact(3, "talk", score=20), fact(4, "poster", score=60)], TWO_OF_50)
        assert (found.met, found.deciding.id, used(found)) == (True, "r4", ["r2", "r4"])

    def test_a_result_that_names_no_assessment_is_one_by_itself(self):
        assert decision([fact(1, None, score=50), fact(2, None, score=50)], TWO_OF_50).met

    def test_a_low_result_does_not_stand_in_the_way(self):
        found = decision([fact(1, "x", score=1), fact(2, score=70), fact(3, "talk", score=50)], TWO_OF_50)
        assert (found.met, used(found), found.score) == (True, ["r2", "r3"], Decimal(60))


FIFTY = {"conditions": [{"type": "score", "minimum": 50}]}


class TestAttempts:
    def test_the_latest_counts_by_its_number_not_by_its_date(self):
        facts = [fact(1, score=90, attempt=2), fact(5, score=10, attempt=1)]
        found = decision(facts, FIFTY, better="replace")
        assert (found.met, used(found)) == (True, ["r1"])

    def test_keep_first_stands_though_a_later_attempt_fails(self):
        found = decision([fact(1, score=60), fact(2, score=10, attempt=2)], FIFTY)
        assert (found.met, found.score, found.deciding.id) == (True, Decimal(60), "r1")

    def test_replace_follows_the_latest_that_holds(self):
        facts = [fact(1, score=60), fact(2, score=55, attempt=2), fact(3, score=10, attempt=3)]
        found = decision(facts, FIFTY, better="replace")
        assert (found.met, found.score, found.deciding.id) == (True, Decimal(55), "r2")

    def test_keep_best_takes_the_best_and_the_first_of_equals(self):
        facts = [
            fact(1, score=60),
            fact(2, score=90, attempt=2),
            fact(3, score=90, attempt=3),
            fact(4, score=70, attempt=4),
        ]
        found = decision(facts, FIFTY, better="keep_best")
        assert (found.score, found.deciding.id) == (Decimal(90), "r2")

    def test_the_best_attempt_is_best_by_the_conditions_measure(self):
        facts = [fact(1, levels=("expert", "beginning")), fact(2, levels=("proficient", "proficient"), attempt=2)]
        facts.append(fact(3, levels=("expert", "developing"), attempt=3))
        found = decision(facts, PROFICIENT | {"attempts": "best"}, better="replace")
        assert (found.met, used(found)) == (True, ["r2"])

    def test_a_better_attempt_raises_a_mean(self):
        rule = {"each_of": ["a", "b"], "conditions": [{"type": "mean", "minimum": 40}], "attempts": "best"}
        facts = [fact(1, "a", score=10), fact(2, "b", score=50), fact(3, "a", score=30, attempt=2)]
        found = decision([*facts, fact(4, "a", score=0, attempt=3)], rule)
        assert (found.met, found.score, used(found), found.deciding.id) == (True, Decimal(40), ["r2", "r3"], "r3")


class TestRaters:
    TWO = (
        fact(1, name="ann", assessor_id="ann", levels=("expert", "developing"), score=None),
        fact(2, name="ben", assessor_id="ben", levels=("developing", "expert"), score=None),
    )

    @pytest.mark.parametrize(
        ("raters", "levels", "grounds"),
        [
            ("single", {"idea": "developing", "sources": "expert"}, ["ben"]),
            ("lowest", {"idea": "developing", "sources": "developing"}, ["ann", "ben"]),
            ("mean", {"idea": "proficient", "sources": "proficient"}, ["ann", "ben"]),
        ],
    )
    def test_several_raters_combine_as_the_rule_says(self, raters, levels, grounds):
        found = decision(self.TWO, PROFICIENT | {"raters": raters, "minimum_assessments": 1}, better="replace")
        assert (found.levels, used(found), found.met) == (levels, grounds, raters == "mean")

    @pytest.mark.parametrize(("raters", "score"), [("single", 70), ("lowest", 50), ("mean", 60)])
    def test_so_do_their_scores(self, raters, score):
        rule = {"each_of": ["essay", "talk"], "conditions": [{"type": "score", "minimum": 99}], "raters": raters}
        facts = [fact(1, score=50, assessor_id="ann"), fact(2, score=70, assessor_id="ben")]
        assert decision(facts, rule).score == Decimal(score)

    def test_who_rates_again_replaces_their_own_rating(self):
        rule = {"conditions": [{"type": "score", "minimum": 60}], "raters": "lowest"}
        facts = [fact(1, score=10, assessor_id="ann"), fact(2, score=70, assessor_id="ben")]
        found = decision([*facts, fact(3, score=60, assessor_id="ann")], rule)
        assert (found.met, [one.id for one in found.used if one.id != "r1"]) == (True, ["r2", "r3"])


class TestBasis:
    def test_per_assessment(self):
        facts = [fact(1, "b", score=60), fact(2, "a", score=10), fact(3, None, score=70)]
        found = decisions(facts, FIFTY, earned="per_assessment")
        assert [(one.basis, one.met) for one in found] == [
            ("assessment:a", False),
            ("assessment:b", True),
            ("assessment:lms/secret-learner-r3", True),
        ]

    def test_per_experience(self):
        facts = [fact(1, score=60, experience="x1"), fact(2, "b", score=10, experience="x1"), fact(3, score=90)]
        found = decisions(facts, FIFTY, earned="per_experience")
        assert [(one.basis, one.met) for one in found] == [
            ("experience:lms/secret-learner-r3", True),
            ("experience:x1", True),
        ]

    def test_no_facts_give_no_decision(self):
        assert decisions([], FIFTY) == ()

    @pytest.mark.parametrize("how", [{"earned": "never"}, {"better": "forget"}])
    def test_an_unknown_policy_is_a_bug(self, how):
        with pytest.raises(ValueError, match=r"an achievement|a better attempt"):
            decisions([fact(1, score=1)], FIFTY, **how)


def test_an_earlier_attempt_that_held_the_award_back_belongs_to_its_grounds():
    rule = {"conditions": [{"type": "mean", "minimum": 40}]}
    facts = [fact(1, "a", score=10), fact(2, "b", score=50), fact(3, "a", score=90, attempt=2)]
    found = decision(facts, rule)
    assert (found.met, found.deciding.id, found.score, used(found)) == (True, "r3", Decimal(70), ["r1", "r2", "r3"])
    assert [one["results"] for one in found.trace["counted"]] == [["r2"], ["r3"]]


class TestSince:
    """A rule counts what was assessed before it came into force, but is completed only by what was assessed since."""

    def test_what_completes_it_comes_after(self):
        facts = [fact(1, score=60), fact(5, score=70, attempt=2)]
        found = decision(facts, FIFTY, since=START + timedelta(days=3))
        assert (found.met, found.deciding.id) == (True, "r5")

    @pytest.mark.parametrize("better", ["keep_first", "replace", "keep_best"])
    @pytest.mark.parametrize("later", [[], [fact(5, score=10, attempt=2)]])
    def test_what_held_only_before_does_not_hold(self, better, later):
        rule = FIFTY | {"attempts": "best"}
        found = decision([fact(1, score=60), *later], rule, better=better, since=START + timedelta(days=3))
        assert (found.met, found.deciding) == (False, None)
        assert found.trace["sentence"] == "Not yet: nothing that completes it was assessed since it came into force"


def test_the_trace_is_json_and_names_no_learner():
    facts = [fact(1, None, levels=("expert", "expert")), fact(2, levels=("developing", "expert"))]
    for earned in ("once", "per_assessment"):
        for one in decisions(facts, PROFICIENT, earned=earned):
            assert "secret-learner" not in json.dumps(one.trace, allow_nan=False)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"each_of": ["a", "a"]}, "names an assessment twice"),
        ({"each_of": ["a", "b"], "minimum_assessments": 2}, "leave minimum_assessments out"),
        ({"conditions": [{"type": "mean", "minimum": 1, "weights": {"a": 0}}]}, "add up to nothing"),
        (
            {"each_of": ["a"], "conditions": [{"type": "mean", "minimum": 1, "weights": {"b": 1}}]},
            "exactly the assessments",
        ),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(rule, words):
    with pytest.raises(ValueError, match=words):
        AwardRule.model_validate(PROFICIENT | rule)
