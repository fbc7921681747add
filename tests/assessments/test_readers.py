"""Files of results: every row comes out, as a result or as an error that names its column."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.reading import DATA, PLAIN, read, rejects, small
from ler_issuer.assessments import Rating
from ler_issuer.assessments.readers import READERS, Mapped, RowError, declare
from ler_issuer.errors import Place, Unacceptable

HEADING = "id,who,score\n"


def texts(rows):
    """Say each row in short: its source id, or its number, column and code."""
    return [row.result.source_id if isinstance(row, Mapped) else (row.number, row.column, row.code) for row in rows]


class TestTheShapeOfTheRealFile:
    @pytest.fixture
    def sheet_and_rows(self):
        return read(small(), (DATA / "marks.csv").read_bytes(), {"paper": (DATA / "papers.csv").read_text()})

    def test_every_row_comes_out(self, sheet_and_rows):
        sheet, rows = sheet_and_rows
        assert sheet.columns == ("id_assessment", "id_student", "date_submitted", "is_banked", "score")
        assert [row.number for row in rows] == list(range(1, 15))
        assert [row.line for row in rows] == list(range(2, 16))
        assert [texts([row])[0] for row in rows if isinstance(row, RowError)] == [
            (4, "date_submitted", "empty"),
            (8, "score", "empty"),
            (14, "id_assessment", "not_found"),
        ]

    def test_a_result_is_put_together_from_both_files(self, sheet_and_rows):
        row = sheet_and_rows[1][4]
        result = row.result
        assert (result.source, result.source_id, result.achievement, result.assessment) == (
            "small",
            "102-7001",
            "knt-2020j",
            "102",
        )
        assert (result.score, result.assessed_at, result.assessor.kind) == (Decimal("62.5"), "2020-11-23", "automated")
        assert [(one.type, one.value) for one in result.learner.identifiers] == [("ext:small", "7001")]
        assert row.raw["score"] == "62.5"

    def test_days_may_be_negative(self, sheet_and_rows):
        assert sheet_and_rows[1][6].result.assessed_at == "2020-09-27"

    def test_rejects_are_corrected_and_read_again(self, sheet_and_rows):
        sheet, rows = sheet_and_rows
        errors = [row for row in rows if isinstance(row, RowError)]
        written = rejects(small(), sheet, errors).decode()
        assert written.splitlines()[0].endswith("score,_row,_column,_code,_error")
        assert written.splitlines()[2] == "103,7001,116,0,,8,score,empty,score is empty"
        corrected = written.replace("103,7001,116,0,,", "103,7001,116,0,44,")
        again_sheet, again = read(small(), corrected, {"paper": (DATA / "papers.csv").read_text()})
        assert again_sheet.columns == sheet.columns
        assert texts(again) == [(1, "date_submitted", "empty"), "103-7001", (3, "id_assessment", "not_found")]
        assert "_row" not in again[1].raw


class TestCsv:
    @pytest.mark.parametrize(
        "text",
        [
            'id,who,score\r\n"1","a ""b"", c",5\r\n',
            '\ufeffid,who,score\n1,"a ""b"", c",5',
            '"id","who","score"\n\n1,"a ""b"", c",5\n,,\n\n',
        ],
    )
    def test_well_formed_csv_reads_alike(self, text):
        _, (row,) = read({}, text)
        assert (row.number, row.result.learner.identifiers[0].value) == (1, 'a "b", c')

    def test_a_field_may_hold_line_ends(self):
        evidence = {"evidence": [{"narrative": {"column": "note"}}]}
        _, rows = read(evidence, 'id,who,score,note\n1,a,5,"two\nlines"\n2,b,6,one\n')
        assert rows[0].result.evidence[0].narrative == "two\nlines"
        assert [(row.number, row.line) for row in rows] == [(1, 2), (2, 4)]

    @pytest.mark.parametrize(
        ("bad", "code"),
        [
            (b"1,a", "ragged"),
            (b"1,a,5,6", "ragged"),
            (b'1,"a,5', "quotation"),
            (b'1,5" pipe,5', "quotation"),
            (b'1,"a"b,5', "quotation"),
            (b"1,a\x00,5", "nul"),
            (b"1,caf\xe9,5", "encoding"),
            (b"1,a\r,5", "line_end"),
            (b"1," + b"a" * 140_000 + b",5", "too_long"),
            (b"1," + b"a" * 201 + b",5", "string_too_long"),
            (b"1,a,5e1", "invalid"),
            (b"1,a,1." + b"1" * 19, "decimal_max_places"),
            (b"1,a\x07,5", "string_pattern_mismatch"),
        ],
    )
    def test_a_bad_row_is_one_error_and_the_next_row_is_read(self, bad, code):
        _, rows = read({}, HEADING.encode() + bad + b"\n2,b,6\n3,c,7\n")
        assert rows[0].code == code
        assert texts(rows[1:]) == ["2", "3"]
        assert not any("\x00" in cell for cell in rows[0].raw.values())

    def test_an_open_quotation_mark_does_not_swallow_the_file(self):
        rest = "".join(f"{number},b,6\n" for number in range(2, 300))
        _, rows = read({}, HEADING + '1,"a,5\n' + rest)
        assert (rows[0].code, len(rows)) == ("quotation", 299)

    @pytest.mark.parametrize(
        ("heading", "words"),
        [
            ("", "empty"),
            ("id,who,,score\n", "column 3 of the file has no name"),
            ("id,who,who,score\n", "two columns named 'who'"),
            ('id,"who,score\n', "cannot be read"),
        ],
    )
    def test_a_file_without_a_usable_heading_is_refused(self, heading, words):
        with pytest.raises(Unacceptable, match=words):
            read({}, heading)

    def test_delimiter_and_encoding_are_declared(self):
        mapping = declare(PLAIN | {"csv": {"delimiter": ";", "encoding": "windows-1252"}})
        sheet, rows = read(mapping, "id;who;score\n1;Zoë €;5\n2;Ž;x\n".encode("windows-1252"))
        assert rows[0].result.learner.identifiers[0].value == "Zoë €"
        assert b"2;\x8e;x;2;score;invalid" in rejects(mapping, sheet, [rows[1]])

    def test_what_does_not_fit_a_result_names_its_columns(self):
        _, (row,) = read({"attempt": {"column": "try"}, "score": {"column": "mark"}}, "id,who,try,mark\n1,a,0,x\n")
        assert (row.column, row.code) == ("try", "greater_than_equal")
        assert row.detail.startswith("try: ")
        assert "; mark: not a decimal number" in row.detail

    @given(data=st.binary(max_size=300))
    @settings(max_examples=150, deadline=None)
    def test_any_bytes_give_rows_and_row_errors(self, data):
        sheet, rows = read({}, HEADING.encode() + data)
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        again = rejects(declare(PLAIN), sheet, [row for row in rows if isinstance(row, RowError)])
        assert again.decode("utf-8").startswith("id,who,score,_row")

    @given(st.lists(st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\x00"))] * 3), max_size=5))
    @settings(max_examples=150, deadline=None)
    def test_what_is_written_into_rejects_is_what_was_read(self, cells):
        errors = [
            RowError(1, 2, None, "code", "detail", dict(zip(("id", "who", "score"), row, strict=True)))
            for row in cells
            if any(row)
        ]
        mapping = declare(PLAIN)
        sheet, _ = read(mapping, HEADING)
        _, rows = read(mapping, rejects(mapping, sheet, errors))
        assert [row.raw for row in rows] == [error.raw for error in errors]


class TestJsonLines:
    MAPPING = declare(PLAIN | {"format": "jsonlines"})

    def test_one_object_on_each_line(self):
        text = '{"id": 1, "who": "a", "score": 62.5}\n\n{"id": "2", "who": "b", "score": null}\n{"id": "3"}\n'
        _, rows = read(self.MAPPING, text)
        assert texts(rows) == ["1", (2, "score", "empty"), (3, "who", "empty")]
        assert rows[0].result.score == Decimal("62.5")

    @pytest.mark.parametrize(
        ("line", "column", "code"),
        [
            ('{"id": 1, "id": 2}', None, "duplicate_key"),
            ('{"id": 1', None, "not_json"),
            ("[1]", None, "not_an_object"),
            ('{"id": {}}', "id", "nested"),
            ('{"id": "1", "other": 1}', "other", "unknown_member"),
        ],
    )
    def test_a_bad_line_is_one_error(self, line, column, code):
        _, rows = read(self.MAPPING, '{"id": 1, "who": "a", "score": 5}\n' + line + "\n")
        assert [(row.column, row.code) for row in rows[1:]] == [(column, code)]

    @pytest.mark.parametrize("text", ["", "[]\n", "{}\n", "id,who\n"])
    def test_the_first_line_names_the_columns(self, text):
        with pytest.raises(Unacceptable):
            read(self.MAPPING, text)

    def test_rejects_are_read_again(self):
        sheet, rows = read(self.MAPPING, '{"id": "1", "who": "a", "score": ""}\n')
        again, corrected = read(self.MAPPING, rejects(self.MAPPING, sheet, rows).replace(b'"score": ""', b'"score": 7'))
        assert (again.columns, texts(corrected)) == (sheet.columns, ["1"])


class TestExpressions:
    def test_ratings_from_columns(self):
        levels = {"1": "beginning", "2": "proficient"}
        mapping = {
            "score": None,
            "ratings": [
                {"criterion": "idea", "level": {"column": "i", "values": levels, "empty": "none"}},
                {"criterion": "sources", "level": {"column": "s"}, "not_applicable": ["-"]},
            ],
        }
        _, rows = read(mapping, "id,who,i,s\n1,a,2,-\n2,b,,Expert\n3,c,NA,1\n4,d,9,1\n")
        assert [row.result.ratings for row in rows[:3]] == [
            (Rating(criterion="idea", level="proficient"), Rating(criterion="sources", not_applicable=True)),
            (Rating(criterion="sources", level="Expert"),),
            (Rating(criterion="idea", not_applicable=True), Rating(criterion="sources", level="1")),
        ]
        assert (rows[3].column, rows[3].code) == ("i", "unknown_value")

    def test_a_fault_of_a_later_rating_names_its_column_though_an_earlier_one_is_left_out(self):
        ratings = [{"criterion": name, "level": {"column": name, "empty": "none"}} for name in ("x", "y")]
        _, (row,) = read({"score": None, "ratings": ratings}, f"id,who,x,y\n1,a,,{'l' * 201}\n")
        assert row.column == "y"

    @pytest.mark.parametrize(
        ("revision", "cell", "expected"),
        [
            ({"column": "rev"}, "7", 7),
            ({"constant": 3}, "", 3),
            ({"modified_at": {"column": "rev"}}, "2026-05-04T14:30:00+02:00", 1_777_897_800),
            ({"modified_at": {"column": "rev"}}, "2026-05-04 12:30:00", 1_777_897_800),
            ("by_content", "", 1),
        ],
    )
    def test_where_the_revision_comes_from(self, revision, cell, expected):
        sheet_mapping = declare(PLAIN | {"revision": revision})
        _, (row,) = read(sheet_mapping, f"id,who,score,rev\n1,a,5,{cell}\n")
        assert (row.result.revision, sheet_mapping.by_content) == (expected, revision == "by_content")

    @pytest.mark.parametrize(
        ("revision", "code"), [({"column": "rev"}, "not_a_number"), ({"modified_at": {"column": "rev"}}, "not_a_time")]
    )
    def test_a_revision_that_is_none(self, revision, code):
        _, (row,) = read({"revision": revision}, "id,who,score,rev\n1,a,5,1_0\n")
        assert (row.column, row.code) == ("rev", code)

    def test_a_part_in_an_experience_and_evidence_are_left_out_where_their_cells_are_empty(self):
        optional = {"empty": "none"}
        mapping = {
            "participation": {
                "experience": {"source_id": {"column": "exp"} | optional, "kind": {"constant": "internship"}},
                "hours": {"column": "hours"} | optional,
            },
            "evidence": [{"name": {"constant": "Report"}, "id": {"column": "url"} | optional}],
            "achievement": {"column": "badge", "empty": "none"},
        }
        text = "id,who,score,exp,hours,url,badge\n1,a,5,X1,40,https://x.example/1,b\n2,a,5,,,,\n3,a,5,,40,ftp://x,b\n"
        _, rows = read(mapping, text)
        first, second = rows[0].result, rows[1].result
        assert (first.participation.experience.kind, first.participation.hours) == ("internship", Decimal(40))
        assert (first.evidence[0].name, first.achievement) == ("Report", "b")
        assert (second.participation, second.evidence, second.achievement) == (None, (), None)
        assert rows[2].column == "exp"
        assert "exp: Field required; url: " in rows[2].detail

    def test_a_class_with_its_course_unit_and_session_from_columns(self):
        optional = {"empty": "none"}
        section = {
            "source_id": {"column": "crn"} | optional,
            "credits": {"column": "credits"} | optional,
            "course": {
                "source_id": {"template": "{subject}-{number}"} | optional,
                "unit": {"source_id": {"column": "subject"} | optional},
            },
            "session": {"source_id": {"column": "term"} | optional, "starts_on": {"column": "starts"} | optional},
        }
        text = (
            "id,who,score,crn,credits,subject,number,term,starts\n"
            "1,a,5,30117,3.0,BIOL,1710,2026S,2026-01-12\n"
            "2,a,5,30118,,BIOL,,,\n"
            "3,a,5,,,,,,\n"
            "4,a,5,30119,three,BIOL,1710,2026S,\n"
            "5,a,5,,,BIOL,1710,2026S,\n"
            "6,a,5,30117,3,BIOL,1710,2026S,12/01/2026\n"
        )
        _, rows = read({"section": section}, text)
        first = rows[0].result.section
        assert (first.source_id, first.credits, first.course.source_id, first.course.unit.source_id) == (
            "30117",
            Decimal(3),
            "BIOL-1710",
            "BIOL",
        )
        assert (first.session.source_id, str(first.session.starts_on)) == ("2026S", "2026-01-12")
        assert [(row.column, row.code) for row in (rows[1], rows[3], rows[4], rows[5])] == [
            ("subject", "missing"),
            ("credits", "invalid"),
            ("crn", "missing"),
            ("starts", "invalid"),
        ]
        assert rows[2].result.section is None

    def test_defaults_and_values(self):
        status = {
            "column": "state",
            "lower": True,
            "values": {"done": "final", "open": "incomplete"},
            "default": "final",
        }
        _, rows = read({"result_status": status}, "id,who,score,state\n1,a,5,DONE\n2,a,5,Open\n3,a,5,\n4,a,5,gone\n")
        assert [row.result.result_status for row in rows[:3]] == ["final", "incomplete", "final"]
        assert (rows[3].column, rows[3].code) == ("state", "unknown_value")
        assert "(done, open)" in rows[3].detail

    def test_a_template_is_empty_as_soon_as_a_part_is(self):
        _, rows = read({"source_id": {"template": "{id}/{who}:{score}"}}, HEADING + "1,a,5\n1,,5\n")
        assert texts(rows) == ["1/a:5", (2, "id", "empty")]

    @pytest.mark.parametrize(("days", "code"), [("1.5", "not_a_number"), ("9" * 15, "out_of_range")])
    def test_days_that_are_none(self, days, code):
        mapping = {"assessed_at": {"days_from": {"constant": "2026-02-01"}, "column": "day"}}
        _, (row,) = read(mapping, f"id,who,score,day\n1,a,5,{days}\n")
        assert (row.column, row.code) == ("day", code)

    def test_a_service_refusal_is_traced_to_its_column(self):
        sheet, (row,) = read({}, HEADING + "1,a,500\n")
        error = sheet.refused(row, "refused", [Place("/score", "score_out_of_range", "500 is not between 0 and 100")])
        assert (error.column, error.code, error.detail) == (
            "score",
            "score_out_of_range",
            "refused; 500 is not between 0 and 100",
        )
        assert sheet.refused(row, "no such achievement").column is None
        assert sheet.refused(row, "", [Place("/learner/identifiers/0/value", "c", "d")]).column == "who"


class TestMappings:
    def test_an_unknown_column_is_refused_before_the_first_row_with_the_nearest(self):
        with pytest.raises(Unacceptable) as refusal:
            read({"score": {"column": "Scores"}, "source_id": {"template": "{id}-{whom}"}}, HEADING)
        assert [(place.pointer, place.code) for place in refusal.value.problems] == [
            ("/source_id/template", "unknown_column"),
            ("/score/column", "unknown_column"),
        ]
        assert refusal.value.problems[1].detail == "the file has no column 'Scores'; the nearest is 'score'"

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"score": {"colum": "score"}}, "/score"),
            ({"score": {"column": "score", "empty": "maybe"}}, "/score/empty"),
            ({"scores": {"column": "score"}}, "/scores"),
            ({"source_id": {"template": "no column"}}, "/source_id"),
            ({"source_id": {"template": "{id"}}, "/source_id"),
            ({"revision": "by_date"}, "/revision"),
            ({"revision": {"modified_at": {}}}, "/revision/modified_at"),
            ({"ratings": [{"criterion": "x", "level": {"column": "c", "values": []}}]}, "/ratings/0/level/values"),
            ({"lookups": {"a/b": {"by": {"x": {"column": "id"}}}}}, "/lookups/a~1b"),
            ({"lookups": {"t": {"rows": [{"x": 1}, {"y": 1}], "by": {"x": {"column": "id"}}}}}, "/lookups/t"),
            ({"csv": {"delimiter": "ab"}}, "/csv/delimiter"),
        ],
    )
    def test_a_mapping_that_is_none_names_the_place(self, change, pointer):
        with pytest.raises(Unacceptable) as refusal:
            declare(PLAIN | change)
        assert refusal.value.problems[0].pointer == pointer
        assert pointer in refusal.value.detail

    @pytest.mark.parametrize(
        ("lookup", "table", "words"),
        [
            ({"file": "t.csv"}, "k,v\n1,x\n1,y\n", "two rows with k '1'"),
            ({"file": "t.csv"}, "key,v\n1,x\n", "no column 'k'; the nearest is 'key'"),
            ({"file": "t.csv"}, "k,v\n1\n", "line 2 of t.csv"),
            ({"file": "t.csv"}, None, "t.csv was not given"),
            ({"file": "t.csv"}, "k,w\n1,x\n", "t.csv has no column 'v'; it has k, w"),
            ({"rows": [{"k": 1, "w": 2}]}, None, "no column 'v'"),
        ],
    )
    def test_a_look_up_that_does_not_fit_is_refused(self, lookup, table, words):
        mapping = {"lookups": {"t": lookup | {"by": {"k": {"column": "id"}}}}, "score": {"lookup": "t", "column": "v"}}
        with pytest.raises(Unacceptable, match=words):
            read(mapping, HEADING, {} if table is None else {"t": table})

    def test_a_look_up_uses_only_those_above_it(self):
        lookups = {
            "a": {"rows": [{"k": 1}], "by": {"k": {"lookup": "b", "column": "k"}}},
            "b": {"rows": [{"k": 1}], "by": {"k": {"column": "id"}}},
        }
        with pytest.raises(Unacceptable) as refusal:
            read({"lookups": lookups}, HEADING)
        assert refusal.value.problems[0].pointer == "/lookups/a/by/k/lookup"

    def test_the_schema_for_editors_can_be_published(self):
        schema = type(small()).model_json_schema()
        assert {"source", "source_id", "learner", "assessor", "assessed_at"} == set(schema["required"])


def test_rows_are_read_as_they_are_asked_for():
    asked = []

    def lines():
        for line in BytesIO(HEADING.encode() + b"1,a,5\n2,b,6\n3,c,7\n"):
            asked.append(line)
            yield line

    sheet = READERS["csv"].read(lines(), declare(PLAIN), {})
    assert len(asked) == 1
    next(sheet.rows)
    assert len(asked) == 2
