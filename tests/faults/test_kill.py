"""`kill -9` at any point: what was answered for is there, what is there was decided right, and nothing happens twice."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest


from faults import rolls
from faults.installation import Installation, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LEARNERS = 150
KILLS = 20


@pytest.fixture
def university(sqlite_url, tmp_path):
    """An installation on SQLite with an issuer and its achievements, and nothing in it yet."""
    made = Installation(sqlite_url, tmp_path)
    made.found("biology", [rolls.MODULE, rolls.EXAM])
    return made


def copy_of(university):
    """Give a second installation that begins exactly where this one stands."""
    folder = university.folder / "undisturbed"
    folder.mkdir()
    file = shutil.copyfile(university.database_url.removeprefix("sqlite:///"), folder / "copy.sqlite")
    return Installation(f"sqlite:///{file}", folder)


RESULTS = """
    SELECT i.value, r.source_id, r.revision, r.outcome, r.credential_id IS NULL, s.revision
    FROM result r JOIN learner_identifier i ON i.learner_id = r.learner_id
    LEFT JOIN result s ON s.id = r.superseded_by_id
    ORDER BY 1, 2, 3
"""
AWARDS = """
    SELECT i.value, a.key, w.basis, w.state, w.withdrawn_by
    FROM award w JOIN achievement a ON a.id = w.achievement_id
    JOIN learner_identifier i ON i.learner_id = w.learner_id
    ORDER BY 1, 2, 3
"""
CREDENTIALS = """
    SELECT i.value, a.key, c.state, c.replaces_id IS NULL, count(*)
    FROM credential c JOIN achievement a ON a.id = c.achievement_id
    JOIN learner_identifier i ON i.learner_id = c.learner_id
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""


def books(installation):
    """Give what an installation came to, in terms that do not depend on ids or times."""
    return {name: installation.rows(statement) for name, statement in books_of.items()}


books_of = {"results": RESULTS, "awards": AWARDS, "credentials": CREDENTIALS}


def assert_sound(installation):
    """Hold an installation to what must be so after any disturbance, even in the middle of the work."""
    assert installation.replay() == []
    for nothing in (
        "SELECT learner_id FROM award GROUP BY learner_id, achievement_id, basis HAVING count(*) > 1",
        "SELECT award_id FROM credential WHERE state IN ('current', 'suspended') GROUP BY award_id HAVING count(*) > 1",
        "SELECT source_id FROM result GROUP BY issuer_id, source, source_id, revision HAVING count(*) > 1",
        "SELECT id FROM result WHERE outcome IS NULL",
        "SELECT position FROM status_entry GROUP BY list_id, position HAVING count(*) > 1",
        "SELECT position FROM status_entry WHERE credential_id NOT IN (SELECT id FROM credential)",
        "SELECT id FROM credential WHERE id NOT IN (SELECT credential_id FROM status_entry)",
        "SELECT id FROM credential WHERE id NOT IN (SELECT object_id FROM event WHERE type = 'credential.issued')",
        "SELECT object_id FROM event WHERE type = 'credential.issued' GROUP BY object_id HAVING count(*) > 1",
    ):
        assert installation.rows(nothing) == [], nothing


def import_words(folder, file, mapping):
    return "results", "import", file, "--issuer", "biology", "--mapping", mapping, "--rejects", folder / "rejects.csv"


def timed(function, *words):
    began = time.monotonic()
    answer = function(*words)
    return answer, time.monotonic() - began


def import_killed(installation, words, patience):
    """Run an import for so many seconds; tell whether it had to be killed."""
    process = installation.start(*words)
    try:
        code = process.wait(patience)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        return True
    assert code == 0, installation.complaints()
    return False


def test_an_import_that_is_killed_twenty_times_comes_to_the_same_as_one_that_is_not(university, tmp_path):
    chance = random.Random(20)
    file, mapping = rolls.write(tmp_path, rolls.rows(LEARNERS, chance))
    words = import_words(tmp_path, file, mapping)
    undisturbed = copy_of(university)
    expected, whole = timed(undisturbed.run, *words)
    again, start = timed(undisturbed.run, *words)
    assert again["counts"]["duplicates"] == expected["counts"]["rows"] - expected["counts"]["rejected"]
    work = whole - start

    killed, halfway = 0, []
    while killed < KILLS:
        killed += import_killed(university, words, start * chance.uniform(0.6, 1) + work * chance.uniform(0, 0.25))
        halfway.append(university.rows("SELECT count(*) FROM result")[0][0])
    last = university.run(*words)

    rows = expected["counts"]["rows"] - expected["counts"]["rejected"]
    assert len({count for count in halfway if 0 < count < rows}) >= 3, "the kills did not hit the work"
    assert last["counts"]["rejected"] == expected["counts"]["rejected"]
    assert sum(last["counts"].values()) == expected["counts"]["rows"] * 2  # every row counted once, beside `rows`
    assert books(university) == books(undisturbed)
    assert_sound(university)
