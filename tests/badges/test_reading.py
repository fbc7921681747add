"""A file of achievements: every mistake is named by its place."""

from __future__ import annotations

import base64
import json

import pytest

from ler_issuer.badges.reading import read_definitions
from ler_issuer.errors import Malformed, Missing
from pictures import PNG, SVG

RUBRIC = {
    "criteria": [{"id": "idea", "name": "Main idea"}],
    "levels": [{"id": "beginning", "name": "Beginning"}, {"id": "proficient", "name": "Proficient"}],
}
WRITING = {
    "key": "writing",
    "name": "Writing",
    "description": "Writes.",
    "criteria": {"narrative": "Write."},
    "rubric": "writing",
    "award": {"conditions": [{"type": "criteria", "level": "proficient"}]},
}
FILE = {"rubrics": {"writing": RUBRIC}, "achievements": [WRITING, {**WRITING, "key": "more", "rubric": RUBRIC}]}


def no_picture(name):
    raise Missing(f"{name} is not there")


def test_rubrics_stand_by_name_or_written_out():
    first, second = read_definitions(FILE, no_picture)

    assert (first.key, second.key) == ("writing", "more")
    assert first.rubric == second.rubric
    assert first.rubric.levels[1].id == "proficient"


def test_what_no_result_earns_has_no_award_rule():
    """And needs neither rubric nor score: there is nothing to hold a result against."""
    bare = {name: value for name, value in WRITING.items() if name not in {"award", "rubric"}}
    (definition,) = read_definitions({"achievements": [bare]}, no_picture)

    assert (definition.award, definition.conditions, definition.rubric) == (None, (), None)


PICTURES = {"pen.png": PNG, "pen.SVG": SVG}


@pytest.mark.parametrize(("name", "media_type"), [("pen.png", "image/png"), ("pen.SVG", "image/svg+xml")])
def test_a_picture_is_read_by_its_name(name, media_type):
    file = {"achievements": [{**WRITING, "rubric": RUBRIC, "image": {"file": name, "caption": "A pen"}}]}
    (definition,) = read_definitions(file, PICTURES.__getitem__)

    assert definition.image.media_type == media_type
    assert base64.b64decode(definition.image.data) == PICTURES[name]


def changed(*path, to):
    file = json.loads(json.dumps(FILE))
    here = file
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = to
    return file


@pytest.mark.parametrize(
    ("file", "places"),
    [
        ([], {""}),
        ({}, {"/achievements"}),
        ({"achievements": []}, {"/achievements"}),
        ({"achievements": {}, "rubrics": {}}, {"/achievements"}),
        ({"achievements": [WRITING], "rubrics": []}, {"/rubrics"}),
        ({"achievements": [WRITING], "rubic/s": {}}, {"/rubic~1s"}),
        (changed("achievements", 1, to="writing"), {"/achievements/1"}),
        (changed("achievements", 0, "rubric", to="wrting"), {"/achievements/0/rubric"}),
        (changed("achievements", 0, "key", to="Big"), {"/achievements/0/key"}),
        (changed("achievements", 0, "colour", to="red"), {"/achievements/0/colour"}),
        (changed("achievements", 1, "key", to="writing"), {"/achievements/1/key"}),
        (changed("achievements", 0, "criteria", to={}), {"/achievements/0/criteria"}),
        (
            changed("achievements", 0, "award", "conditions", 0, "level", to=3),
            {"/achievements/0/award/conditions/0/level"},
        ),
        (
            changed("achievements", 0, "award", "conditions", 0, to={"type": "criteria"}),
            {"/achievements/0/award/conditions/0/level"},
        ),
        (
            changed("achievements", 0, "award", "conditions", 0, "type", to="luck"),
            {"/achievements/0/award/conditions/0"},
        ),
        (changed("rubrics", "writing", "levels", 0, "name", to=""), {"/rubrics/writing/levels/0/name"}),
        (changed("achievements", 1, "rubric", "levels", 0, "id", to="B"), {"/achievements/1/rubric/levels/0/id"}),
        (changed("achievements", 0, "image", to={"file": "pen.gif", "caption": "x"}), {"/achievements/0/image/file"}),
        (changed("achievements", 0, "image", to={"file": "pen.png", "caption": "x"}), {"/achievements/0/image/file"}),
        (changed("achievements", 0, "image", to={"file": 3, "caption": "x"}), {"/achievements/0/image/file"}),
        (changed("achievements", 0, "image", to={"data": "?", "caption": "x"}), {"/achievements/0/image/data"}),
    ],
)
def test_a_mistake_is_named_by_its_place(file, places):
    with pytest.raises(Malformed) as refused:
        read_definitions(file, no_picture)

    assert {problem.pointer for problem in refused.value.problems} == places
    assert all(problem.detail and problem.code for problem in refused.value.problems)


def test_all_mistakes_are_told_at_once():
    file = changed("achievements", 0, "key", to="Big")
    file["achievements"][1]["name"] = ""
    with pytest.raises(Malformed) as refused:
        read_definitions(file, no_picture)

    assert {problem.pointer for problem in refused.value.problems} == {"/achievements/0/key", "/achievements/1/name"}
