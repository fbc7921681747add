"""Importing a file of results, rehearsing it, correcting its rejects, undoing it."""

from __future__ import annotations

import csv

import pytest

from cli.gradebook import COUNTS, MAPPING, RESULTS


def rejected(file):
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_each_row_has_its_outcome(founded):
    done = founded.bring()

    assert done["counts"] == COUNTS
    assert done["dry_run"] is False
    assert founded.rows("SELECT id FROM import_run") == [(done["import_id"],)]
    assert founded.rows("SELECT count(*) FROM credential WHERE import_id IS NOT NULL") == [(1,)]


def test_people_see_counts_and_the_id(founded):
    founded.write("students.csv", "number,email\n1,ada@example.edu\n")
    mapping = founded.write("mapping.yaml", MAPPING)
    file = founded.write("results.csv", "".join(RESULTS.splitlines(keepends=True)[:2]))
    told = founded.run("results", "import", file, "--issuer", "state", "--mapping", mapping).stdout

    ((import_id,),) = founded.rows("SELECT id FROM import_run")
    assert f"import {import_id}" in told
    assert "awarded" in told


def test_a_second_import_changes_no_result(founded):
    founded.bring()
    before = founded.rows("SELECT * FROM result ORDER BY id"), founded.rows("SELECT * FROM credential ORDER BY id")
    again = founded.bring()

    assert again["counts"] == {**COUNTS, "awarded": 0, "not_yet": 0, "pending": 0, "duplicates": 4}
    after = founded.rows("SELECT * FROM result ORDER BY id"), founded.rows("SELECT * FROM credential ORDER BY id")
    assert after == before


def test_a_rehearsal_counts_the_same_and_writes_nothing(founded):
    before = founded.dump()
    rehearsed = founded.bring(RESULTS, "--dry-run")

    assert rehearsed == {"import_id": None, "dry_run": True, "counts": COUNTS}
    assert founded.dump() == before
    assert founded.bring()["counts"] == rehearsed["counts"]


@pytest.mark.parametrize("rehearsed", [False, True])
def test_rejects_keep_the_row_and_say_why(founded, rehearsed):
    file = founded.folder / "rejects.csv"
    founded.bring(RESULTS, "--rejects", file, *(["--dry-run"] if rehearsed else []))
    rows = rejected(file)

    assert [(row["id"], row["_row"], row["_column"], row["_code"]) for row in rows] == [
        ("r4", "5", "student", "not_found"),
        ("r5", "6", "idea", "unknown_level"),
        ("r1", "7", "form", "differs"),
        ("r6", "8", "skill", "unknown_achievement"),
    ]
    assert rows[1]["idea"] == "Excellent"
    assert "Excellent" in rows[1]["_error"]
    assert "higher revision" in rows[2]["_error"]


def test_corrected_rejects_are_imported_like_any_file(founded):
    file = founded.folder / "rejects.csv"
    founded.bring(RESULTS, "--rejects", file)
    text = file.read_text().replace("Excellent", "Proficient").replace("r1,1,1,", "r1,2,1,").replace("r4,1,9", "r4,1,3")
    corrected = founded.write("corrected.csv", text)
    again = founded.folder / "again.csv"
    done = founded.ask(
        *("results", "import", corrected, "--issuer", "state", "--mapping", founded.folder / "mapping.yaml"),
        *("--rejects", again),
    )

    assert (done["counts"]["rows"], done["counts"]["awarded"], done["counts"]["rejected"]) == (4, 3, 1)
    assert [row["id"] for row in rejected(again)] == ["r6"]


def test_rejects_do_not_overwrite_the_file_that_is_read(founded):
    founded.bring()
    file, mapping = founded.folder / "results.csv", founded.folder / "mapping.yaml"
    refused = founded.run(
        "results", "import", file, "--issuer", "state", "--mapping", mapping, "--rejects", file, code=1
    )

    assert "another name" in refused.stderr
    assert file.read_text() == RESULTS


def test_rejects_without_rows_are_a_heading(founded):
    file = founded.folder / "rejects.csv"
    founded.bring("".join(RESULTS.splitlines(keepends=True)[:2]), "--rejects", file)

    assert file.read_text().split(",")[:2] == ["id", "revision"]
    assert rejected(file) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("{column: idea}", "{column: ida}"), "/ratings/0/level/column"),
        (("students.csv", "nothing.csv"), "nothing.csv: No such file"),
        (("students.csv", "../students.csv"), "does not lie in the folder"),
        (("{constant: faculty}", "faculty"), "/assessor/kind"),
        (("source: gradebook", "sauce: gradebook"), "/sauce"),
        (("source: gradebook", "source: ["), "mapping.yaml, line"),
    ],
    ids=["unknown column", "no look-up file", "look-up elsewhere", "no expression", "unknown member", "no YAML"],
)
def test_a_mapping_that_does_not_fit_imports_nothing(founded, change, said):
    founded.bring()
    before = founded.dump()
    mapping = founded.write("mapping.yaml", MAPPING.replace(*change))
    file = founded.folder / "results.csv"
    refused = founded.run("results", "import", file, "--issuer", "state", "--mapping", mapping, code=1)

    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert founded.dump() == before


def test_an_import_is_undone(founded):
    done = founded.bring()
    undone = founded.ask("imports", "revoke", done["import_id"], "--reason", "wrong file")

    assert undone == {"import_id": done["import_id"], "results": 3, "credentials": 1}
    assert founded.rows("SELECT DISTINCT state FROM credential") == [("revoked",)]
    assert "undone already" in founded.run("imports", "revoke", done["import_id"], "--reason", "x", code=1).stderr
    founded.run("imports", "revoke", "nothing", "--reason", "x", code=1)
    assert founded.bring()["counts"]["awarded"] == 1
    founded.run("audit", "replay", "--verify")


def test_a_mapping_that_is_not_there_is_refused(founded):
    file = founded.write("empty.csv", "")
    refused = founded.run("results", "import", file, "--issuer", "state", "--mapping", "m.yaml", code=1)

    assert "m.yaml: No such file" in refused.stderr
