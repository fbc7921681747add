"""Reports over HTTP: JSON and CSV of the same figures, and CSV that is harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.expecting import places, problem
from ler_issuer.api import spreadsheets
from world import award, publish

PATH = "/v1/reports/awards"
TRICKY = '=HYPERLINK("http://x.example","a, b")'


@pytest.fixture
def awarded(rt, tenant):
    """Five learners with a formula for a partner, and seven with none, two of whom have another skill too."""
    publish(rt, tenant, earned="per_experience")
    publish(rt, tenant, key="listening", name="Listening")
    place = {"source_id": "x", "kind": "service_learning", "partner": TRICKY}
    for number in range(5):
        award(rt, tenant, f"{number}@example.edu", participation={"experience": place, "hours": "2.50"})
    for number in range(5, 12):
        award(rt, tenant, f"{number}@example.edu")
    for number in range(2):
        award(rt, tenant, f"{number}@example.edu", achievement="listening")


def read(table):
    return list(csv.reader(io.StringIO(table.decode(), newline=""), strict=True))


@pytest.mark.usefixtures("awarded")
class TestFigures:
    def test_json_has_the_dimensions_that_were_asked_for_in_their_order(self, call):
        told = call("GET", PATH, params={"by": "partner,experience_kind"}).json()

        assert told == {
            "by": ["partner", "experience_kind"],
            "from": None,
            "until": None,
            "suppressed_below": 5,
            "groups": [
                {
                    "partner": TRICKY,
                    "experience_kind": "service_learning",
                    "awards": 5,
                    "learners": 5,
                    "hours": 12.5,
                    "suppressed": False,
                },
                {
                    "partner": None,
                    "experience_kind": None,
                    "awards": 9,
                    "learners": 9,
                    "hours": 0.0,
                    "suppressed": False,
                },
            ],
            "total": {"awards": 14, "learners": 12, "hours": 12.5, "suppressed": False},
        }

    def test_what_is_withheld_is_null(self, call):
        told = call("GET", PATH, params={"by": "skill"}).json()

        withheld = {"awards": None, "learners": None, "hours": None, "suppressed": True}
        assert told["groups"] == [
            {"skill": "listening", "skill_name": "Listening", **withheld},
            {"skill": "teamwork", "skill_name": "Teamwork", **withheld},
        ]
        assert told["total"] == {"awards": 14, "learners": 12, "hours": 12.5, "suppressed": False}

    def test_csv_has_the_same_figures_and_an_empty_cell_for_what_is_withheld(self, call):
        answer = call("GET", PATH, params={"by": "skill", "format": "csv"})

        assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
        assert answer.headers["content-disposition"] == 'attachment; filename="awards.csv"'
        assert read(answer.content) == [
            ["row", "skill", "skill_name", "awards", "learners", "hours", "suppressed"],
            ["group", "listening", "Listening", "", "", "", "true"],
            ["group", "teamwork", "Teamwork", "", "", "", "true"],
            ["total", "", "", "14", "12", "12.5", "false"],
        ]
        assert answer.content.endswith(b"\r\n")

    def test_a_partner_with_a_formula_for_a_name_is_text(self, call):
        answer = call("GET", PATH, params={"by": "partner", "format": "csv"})

        assert read(answer.content)[1] == ["group", f"'{TRICKY}", "5", "5", "12.5", "false"]

    def test_days_bound_the_report(self, call):
        told = call("GET", PATH, params={"from": "2026-05-04", "until": "2026-05-04"}).json()
        assert (told["from"], told["until"], told["total"]["awards"]) == ("2026-05-04", "2026-05-04", 14)
        assert call("GET", PATH, params={"from": "2026-05-05"}).json()["total"]["awards"] == 0

    def test_another_issuer_has_a_report_of_its_own(self, call, other):
        told = call("GET", PATH, params={"by": "skill,partner"}, key=other.key).json()
        assert (told["groups"], told["total"]["awards"]) == ([], 0)


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"by": "skills"}, "/by"),
        ({"by": "skill,"}, "/by"),
        ({"by": "skill,skill"}, "/by"),
        ({"format": "xlsx"}, "/format"),
        ({"from": "yesterday"}, "/from"),
        ({"from": "2026-05-04T00:00:00Z"}, "/from"),
        ({"from": "2026-05-04", "until": "2026-05-03"}, "/until"),
        ({"since": "2026-05-04"}, "/since"),
    ],
)
def test_a_question_of_the_wrong_shape_is_malformed(call, params, pointer):
    told = problem(call("GET", PATH, params=params), 400, "malformed")

    assert {place for place, _ in places(told)} == {pointer}


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "  =1", "\N{FULLWIDTH EQUALS SIGN}1", "-", "\n@x"]
)
def test_text_that_would_be_a_formula_is_marked_as_text(cell):
    assert read(spreadsheets.written(["name"], [[cell]])) == [["name"], [f"'{cell}"]]


@pytest.mark.parametrize("cell", ["a=1", "1-1", "Schule für Musik", 'the "Lab", Inc.', "", "two\r\nlines"])
def test_other_text_stays_as_it_is(cell):
    assert read(spreadsheets.written(["name"], [[cell]])) == [["name"], [cell]]


@given(
    st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), st.integers(0)), max_size=5)
)
def test_a_table_is_read_as_it_was_written(rows):
    heading, *found = read(spreadsheets.written(["name", "count"], rows))

    assert heading == ["name", "count"]
    for (name, count), (text, number) in zip(found, rows, strict=True):
        assert name in {text, f"'{text}"}
        assert count == str(number)
