"""What the page on performance shows is what was measured; nothing here measures again."""

import importlib
import json
import re

import pytest

from house.tree import ROOT

PAGE, PICTURE, FIGURES = (ROOT / "docs" / f"performance.{kind}" for kind in ("md", "svg", "json"))


@pytest.fixture
def load(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"benchmarks.{name}")


@pytest.fixture
def figures():
    return json.loads(FIGURES.read_text())


def test_the_page_shows_the_figures(load, figures):
    page = load("page")

    assert page.replaced(PAGE.read_text(), figures) == PAGE.read_text()


def test_the_picture_shows_the_figures(load, figures):
    picture = load("picture")

    assert picture.drawn(figures) == PICTURE.read_text()
    assert "<title" in picture.drawn(figures)


def test_enough_documents_were_compared(figures):
    assert figures["gate"]["documents"] >= 5_000
    assert figures["gate"]["differing"] == []


def test_what_was_not_run_is_said(load, figures):
    page = load("page")

    ours = {name: one for name, one in figures["subjects"].items() if name.startswith(("ours", "PyLD", "floor"))}
    without = {**figures, "subjects": ours, "node": "there is no Node here", "duels": [], "growth": []}

    told = page.written(without)

    assert "there is no Node here" in told
    assert re.search(r"\| sign, general path · Digital Bazaar \|.*\| not run \|", told)
    assert re.search(r"\| Digital Bazaar \(Node\) \| not run \|", told)
    assert "Not run; `make bench-full` does." in told


def grown(what, database, credentials, micros, ratio):
    spread = {"median": ratio, "least": ratio, "most": ratio}
    return {"what": what, "database": database, "credentials": credentials, "cpu_micros": micros, "ratio": spread}


def test_what_grows_is_shown_and_the_goal_is_that_of_imports(load, figures):
    growth = [
        grown("bulk import", "SQLite", 10_000, 500.0, 1.0),
        grown("bulk import", "SQLite", 1_000_000, 525.0, 1.05),
        grown("`POST /v1/results`", "SQLite", 10_000, 900.0, 1.0),
        grown("`POST /v1/results`", "SQLite", 1_000_000, 1_800.0, 2.0),
    ]
    figures |= {"growth": growth, "growth_date": "2026-11-22"}

    told = load("page").written(figures)

    assert "| `POST /v1/results` | SQLite | 1,000,000 | 1,800 µs | 2.00 [2.00-2.00] |" in told
    assert re.search(r"\| growth from 10,000 to 1,000,000 .*\| 525 µs \| 500 µs \| 5.0 %", told)
    drawn = load("picture").drawn(figures)
    assert "525 µs" in drawn
    assert "1,800 µs" not in drawn


@pytest.mark.parametrize(
    ("ratio", "more", "verdict"),
    [
        (46, True, "aim"),
        (25, True, "reached"),
        (24.9, True, "**missed**"),
        (None, True, "not run"),
        (3, False, "**missed**"),
        (None, False, "not run"),
    ],
)
def test_a_verdict_says_what_was_reached(load, ratio, more, verdict):
    least, aim = (25, 45) if more else (2, 1)

    assert load("goals").Goal("sign", "1 µs", "46 µs", ratio, least, aim, more=more).verdict == verdict


def test_a_ratio_compares_turns_of_the_same_round(load):
    rounds = load("measuring").Rounds({"ours": [1.0, 2.0, 4.0], "theirs": [30.0, 20.0, 40.0]})

    assert rounds.ratio("theirs", "ours") == load("measuring").Spread(10, 10, 30)


def test_no_node_package_is_locked_or_floating():
    wanted = json.loads((ROOT / "benchmarks" / "peers" / "package.json").read_text())["dependencies"]

    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert list((ROOT / "benchmarks").rglob("*lock*")) == []
