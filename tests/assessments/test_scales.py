"""Ratings are read on their rubric, and what does not fit is named with its place."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from pydantic import ValidationError

from ler_issuer.assessments import Rating, Result, Rubric, ScoreScale, check
from ler_issuer.assessments.scales import Ladder, written

RUBRIC = {
    "criteria": [{"id": "idea", "name": "Main idea"}, {"id": "sources", "name": "Sources"}],
    "levels": [
        {"id": name.lower(), "name": name} for name in ("Beginning", "Developing", "Proficient", "Distinguished")
    ],
}


def ladder(**changes: object) -> Ladder:
    return Ladder(Rubric.model_validate(RUBRIC | changes))


def result(**changes: object) -> Result:
    whole = {
        "source": "lms",
        "source_id": "1",
        "learner": {"identifiers": [{"type": "sourcedId", "value": "s1"}]},
        "assessor": {"kind": "faculty"},
        "assessed_at": "2026-05-04",
    }
    return Result.model_validate(whole | changes)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("proficient", 2),
        ("PROFICIENT", 2),
        ("3", 2),
        ("03", None),
        ("0", None),
        ("5", None),
        ("expert", None),
        ("٣", None),
    ],
)
def test_a_level_goes_by_id_by_name_or_by_number(text, index):
    assert ladder().level(text) == index


def test_an_id_goes_before_a_name_and_a_name_before_a_number():
    rubric = RUBRIC | {"levels": [{"id": "b", "name": "A"}, {"id": "a", "name": "1"}, {"id": "c", "name": "B level"}]}
    one = Ladder(Rubric.model_validate(rubric))
    assert (one.level("a"), one.level("A"), one.level("1"), one.level("3")) == (1, 0, 1, 2)


@pytest.mark.parametrize(
    ("overall", "rounding", "levels", "expected"),
    [
        ("lowest", "down", [3, 1, 2], 1),
        ("mean", "down", [2, 3], 2),
        ("mean", "up", [2, 3], 3),
        ("mean", "nearest", [2, 3], 3),
        ("mean", "nearest", [2, 2, 3], 2),
        ("mean", "up", [2, 2], 2),
        ("mode", "down", [3, 1, 3], 3),
        ("mode", "down", [3, 1, 1, 3], 1),
        ("holistic", "down", [3, 3], None),
    ],
)
def test_the_overall_level_follows_as_the_rubric_says(overall, rounding, levels, expected):
    assert ladder(overall=overall, rounding=rounding).overall(levels) == expected


def test_a_mean_is_taken_over_points_where_levels_have_them():
    levels = [{"id": name, "name": name, "points": points} for name, points in (("low", 0), ("mid", 1), ("high", 10))]
    assert ladder(levels=levels, overall="mean").overall([0, 2]) == 1
    assert ladder(levels=levels, overall="mean", rounding="nearest").overall([0, 2, 2]) == 2


@pytest.mark.parametrize("points", [(1, None, 3), (1, 1, 2), (3, 2, 1)])
def test_points_rise_with_the_levels_or_are_left_out(points):
    levels = [{"id": f"l{n}", "name": f"L{n}", "points": p} for n, p in enumerate(points)]
    with pytest.raises(ValidationError, match="either no level has points"):
        ladder(levels=levels)


def test_a_criterion_that_is_neither_rated_nor_inapplicable_leaves_the_overall_level_open():
    reading = ladder().read([Rating(criterion="idea", level="4")], None)
    assert (reading.overall, reading.unrated) == (None, ("sources",))
    reading = ladder().read(
        [Rating(criterion="idea", level="4"), Rating(criterion="SOURCES", not_applicable=True)], None
    )
    assert (reading.overall, reading.unrated, reading.levels) == (3, (), {"idea": 3})


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ({"ratings": [{"criterion": "Main Idea", "level": "2"}]}, []),
        ({"ratings": [{"criterion": "iddea", "level": "2"}]}, [("/ratings/0/criterion", "unknown_criterion")]),
        ({"ratings": [{"criterion": "idea", "level": "9"}]}, [("/ratings/0/level", "unknown_level")]),
        (
            {"ratings": [{"criterion": "idea", "level": "2"}, {"criterion": "Main idea", "level": "2"}]},
            [("/ratings/1/criterion", "rated_twice")],
        ),
        ({"ratings": [], "overall_level": "proficient"}, [("/overall_level", "overall_is_derived")]),
        ({"score": "100.000001"}, [("/score", "score_out_of_range")]),
        ({"score": "-0.5"}, [("/score", "score_out_of_range")]),
        ({"score": "100"}, []),
    ],
)
def test_what_does_not_fit_the_scales_is_named_with_its_place(said, places):
    found = check(result(**said), Rubric.model_validate(RUBRIC), ScoreScale())
    assert [(place.pointer, place.code) for place in found] == places


def test_a_result_needs_the_scale_that_it_is_on():
    rated = result(ratings=[{"criterion": "idea", "level": "2"}])
    assert [place.code for place in check(rated, None, ScoreScale())] == ["no_rubric"]
    assert [place.code for place in check(result(score=3), Rubric.model_validate(RUBRIC), None)] == ["no_score_range"]


def test_the_nearest_known_criterion_is_offered():
    (place,) = check(result(ratings=[{"criterion": "source", "level": "2"}]), Rubric.model_validate(RUBRIC), None)
    assert "did you mean 'sources'?" in place.detail


@pytest.mark.parametrize(
    ("number", "beside", "text"),
    [
        (Fraction(116, 3), None, "38.66"),
        (Fraction(39_999_999, 1_000_000), Decimal(40), "39.999999"),
        (Fraction(119_999_999, 3_000_000), Decimal(40), "39.99"),
        (Fraction(1, 3), Decimal("0.3334"), "0.3333"),
        (Fraction(-1, 3), None, "-0.34"),
        (Fraction(40), None, "40"),
    ],
)
def test_a_written_number_never_reaches_what_the_number_misses(number, beside, text):
    assert written(number, beside=beside) == Decimal(text)
