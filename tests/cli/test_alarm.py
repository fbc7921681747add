"""The alarm of the sampled self-check, where there is no server whose figures somebody watches."""

from __future__ import annotations

import json

import pytest

from cli.gradebook import RESULTS
from ler_issuer.errors import Unavailable
from ler_issuer.services import importing


@pytest.fixture
def checked(desk, monkeypatch):
    """A desk at which every canonical form is worked out by both paths."""
    monkeypatch.setenv("LER_CANONICAL_CHECK_ONE_IN", "1")
    desk.found()
    desk.publish()
    return desk


def disagree(monkeypatch):
    monkeypatch.setattr("ler_issuer.vc.canonical.watching.agree", lambda *_: False)


def test_an_import_in_which_the_paths_agree_ends_well(checked):
    assert checked.bring()["counts"]["awarded"]


def test_an_import_in_which_they_differ_does_its_work_and_ends_with_an_alarm(checked, monkeypatch):
    disagree(monkeypatch)
    counts = checked.bring(code=3)["counts"]  # what it prints is the answer and nothing else
    assert checked.rows("SELECT count(*) FROM credential") == [(counts["awarded"],)]


def test_the_alarm_is_a_line_of_its_own_beside_the_log(checked, monkeypatch):
    checked.bring(RESULTS, "--dry-run")
    disagree(monkeypatch)
    done = checked.run("results", "import", "results.csv", "--issuer", "state", "--mapping", "mapping.yaml", code=3)
    *before, alarm = done.stderr.splitlines()
    logged = [line for line in before if line.startswith("{")]
    assert alarm.startswith("ler-issuer: ALARM")
    lines = [json.loads(line) for line in logged]
    assert lines
    assert {line["event"] for line in lines} == {"canonical_difference"}
    assert {frozenset(line) for line in lines} == {frozenset({"event", "level", "logger", "sha256", "timestamp"})}
    assert f"twice, {len(lines)} came" in alarm


def test_a_refusal_is_told_before_the_alarm(checked, monkeypatch):
    def refused(*args, **kwargs):
        import_results(*args, **kwargs)
        raise Unavailable("the disk is full")

    import_results = importing.import_results
    disagree(monkeypatch)
    checked.bring(RESULTS, "--dry-run", code=3)
    monkeypatch.setattr(importing, "import_results", refused)
    done = checked.run("results", "import", "results.csv", "--issuer", "state", "--mapping", "mapping.yaml", code=3)
    refusal, alarm = done.stderr.splitlines()[-2:]
    assert refusal == "ler-issuer: the disk is full"
    assert "ALARM" in alarm
