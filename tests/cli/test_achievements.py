"""Publishing a file of achievements."""

from __future__ import annotations

import base64
import json

import pytest

from cli.gradebook import ACHIEVEMENTS

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURED = ACHIEVEMENTS.replace(
    "    rubric: writing\n", "    rubric: writing\n    image: {file: pen.png, caption: A pen}\n"
)


def test_a_file_is_published(desk):
    desk.found()
    published = desk.publish()

    assert [(one["key"], one["version"], one["state"]) for one in published] == [
        ("writing", 1, "published"),
        ("speaking", 1, "published"),
    ]
    assert {one["key"] for one in desk.ask("achievements", "list", "--issuer", "state")} == {"writing", "speaking"}
    assert published[0]["uri"] in desk.run("achievements", "list", "--issuer", "state").stdout


def test_publishing_again_changes_nothing(founded):
    before = founded.dump()

    assert [one["version"] for one in founded.publish()] == [1, 1]
    assert founded.dump() == before


def test_what_changed_is_the_next_version(founded):
    published = founded.publish(ACHIEVEMENTS.replace("want to listen", "listen"))

    assert [(one["key"], one["version"]) for one in published] == [("writing", 1), ("speaking", 2)]


def test_a_json_file_says_the_same(founded):
    (entry,) = [one for one in founded.ask("achievements", "list", "--issuer", "state") if one["key"] == "writing"]
    ((definition,),) = founded.rows(
        f"SELECT definition FROM achievement_version WHERE achievement_id = '{entry['id']}'"  # noqa: S608 - our own id
    )
    file = founded.write("writing.json", json.dumps({"achievements": [json.loads(definition)]}))

    (again,) = founded.ask("achievements", "publish", file, "--issuer", "state")
    assert again["version"] == 1


def test_a_picture_is_read_beside_the_file(desk):
    desk.found()
    (desk.folder / "pen.png").write_bytes(PIXEL)
    desk.publish(PICTURED)

    assert desk.rows("SELECT DISTINCT media_type, body FROM image") == [("image/png", PIXEL)]


def test_a_picture_lies_in_the_folder(desk):
    desk.found()
    file = desk.write("achievements.yaml", PICTURED.replace("pen.png", "../../pen.png"))
    refused = desk.run("achievements", "publish", file, "--issuer", "state", code=1)

    assert "/achievements/0/image/file: ../../pen.png does not lie in the folder" in refused.stderr


def test_all_are_published_or_none(desk):
    desk.found()
    file = desk.write("achievements.yaml", ACHIEVEMENTS.replace("level: proficient", "level: perfect", 1))
    refused = desk.run("achievements", "publish", file, "--issuer", "state", code=1)

    assert "/achievements/0" in refused.stderr
    assert "perfect" in refused.stderr
    assert desk.ask("achievements", "list", "--issuer", "state") == []


def test_what_is_not_yaml_names_the_line(desk):
    desk.found()
    file = desk.write("achievements.yaml", "achievements:\n  - key: a\n    key: b\n")
    refused = desk.run("achievements", "publish", file, "--issuer", "state", code=1)

    assert "achievements.yaml, line 3: the key 'key' stands twice" in refused.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- key: writing\n", "a list stands here by itself"),
        ("writing\n", "this is no object"),
        ("", "this is no object"),
        ("name: Writing\ntype: [Achievement]\n", "/achievements: it is missing"),
        ("achievments: []\n", "/achievments: only"),
    ],
)
def test_what_is_no_file_of_achievements_is_told_what_one_is(desk, text, words):
    desk.found()
    file = desk.write("achievements.yaml", text)
    refused = desk.run("achievements", "publish", file, "--issuer", "state", code=1)

    assert words in refused.stderr
    assert 'an object with the member "achievements"' in refused.stderr


def test_a_file_that_is_not_there_is_wrong_usage(desk):
    desk.run("achievements", "publish", "nothing.yaml", "--issuer", "state", code=2)
