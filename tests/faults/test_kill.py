"""`kill -9` at any point: what was answered for is there, what is there is right, and nothing happens twice."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from random import Random

import httpx
import pytest

from faults import rolls
from faults.books import assert_sound, books
from installation import Installation, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LEARNERS = 160
KILLS = 20

MORE = (0, 0, 1, 100)
"""After how many more results an import is killed. Once all are there, only 0 is ever reached."""


def copy_of(university):
    """Give a second installation that begins exactly where this one stands."""
    folder = university.folder / "undisturbed"
    folder.mkdir()
    file = shutil.copyfile(university.file, folder / "copy.sqlite")
    return Installation(f"sqlite:///{file}", folder, university.base_url)


def test_an_import_that_is_killed_twenty_times_comes_to_the_same_as_one_that_is_not(university, tmp_path):
    chance = Random(20)
    disturbed, _ = university
    undisturbed = copy_of(disturbed)
    file, mapping = rolls.write(tmp_path, rolls.rows(LEARNERS, chance))
    words = "results", "import", file, "--issuer", "biology", "--mapping", mapping, "--rejects", tmp_path / "no.csv"
    expected = undisturbed.run(*words)["counts"]

    halfway = killed_again_and_again(disturbed, words, chance)
    last = disturbed.run(*words)["counts"]

    taken = expected["rows"] - expected["rejected"]
    assert len(halfway - {0, taken}) >= 3, "the kills did not hit the work"
    assert (last["rejected"], last["rows"]) == (expected["rejected"], expected["rows"])
    assert books(disturbed) == books(undisturbed)
    assert_sound(disturbed)


def killed_again_and_again(installation, words, chance):
    """Start a command again and again and kill it; give how many results were there after each time.

    Each fifth time it is killed at any moment of its start; otherwise a moment after it announced its import, or after
    it put some more results down. How fast the machine is does not matter: what is waited for is work, not time.
    """
    killed, counts = 0, [0]
    while killed < KILLS:
        process = installation.start(*words)
        if len(counts) % 5 > 0 and has_begun(installation, process):
            has_put_down(installation, process, counts[-1] + chance.choice(MORE))
            killed += was_killed(process, chance.uniform(0, 0.05))
        else:
            killed += was_killed(process, chance.uniform(0, 0.5))
        counts.append(results(installation))
    return set(counts)


def results(installation):
    """Give how many results there are."""
    return installation.rows("SELECT count(*) FROM result")[0][0]


def has_begun(installation, process):
    """Wait until an import is announced that was not there before; tell whether it was, or the process ended."""
    return has_passed(installation, process, "import_run")


def has_put_down(installation, process, least):
    """Wait until there are so many results, or the process ended."""
    return has_passed(installation, process, "result", least)


def has_passed(installation, process, table, least=None):
    """Wait until a table has at least so many rows, or else one more; tell whether it has, or the process ended."""
    with closing(sqlite3.connect(installation.file)) as connection:
        count = f"SELECT count(*) FROM {table}"  # noqa: S608 - a word of ours
        awaited = connection.execute(count).fetchone()[0] + 1 if least is None else least
        while process.poll() is None:
            if connection.execute(count).fetchone()[0] >= awaited:
                return True
            time.sleep(0.002)
    return False


def was_killed(process, after):
    """Let a process run for so many seconds, and kill it then; tell whether it had not ended by itself."""
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        return True
    assert process.returncode == 0
    return False


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_server_that_is_killed_while_clients_post_loses_nothing_that_it_answered_for(database_of, tmp_path, kind):
    chance = Random(6)
    results = [rolls.body(row) for row in rolls.in_order(60, chance)]
    port = free_port()
    with database_of(kind, tmp_path) as url:
        installation = Installation(url, tmp_path, f"http://127.0.0.1:{port}")
        key = installation.found("biology", [rolls.MODULE, rolls.DISTINCTION])
        with installation.serving(port) as server:
            receipts = post_through_kills(server, key, results, chance)

        assert all(answer.status_code in {200, 201} for answer in receipts)
        told = {answer.json()["result_id"]: answer.json().get("credential_id") for answer in receipts}
        assert told == dict(installation.rows("SELECT id, credential_id FROM result"))
        issued = {credential_id for (credential_id,) in installation.rows("SELECT id FROM credential")}
        assert {one for one in told.values() if one is not None} <= issued
        assert_sound(installation)


def post_through_kills(server, key, results, chance):
    """Post every result until it is answered, by eight clients, while the server is killed and started three times."""

    def kill_and_start():
        for _ in range(3):
            time.sleep(chance.uniform(0.1, 0.6))
            server.kill()
            server.start()

    with ThreadPoolExecutor(9) as hands, server.client(key) as client:
        killing = hands.submit(kill_and_start)
        answers, disappointed = zip(*hands.map(lambda content: posted(client, content), results), strict=True)
        killing.result()
    assert sum(disappointed) >= 3, "the kills did not hit the work"
    return answers


def posted(client, content):
    """Post a result until there is an answer; give it, and how often there was none."""
    disappointed = 0
    while True:
        try:
            return client.post("/v1/results", json=content), disappointed
        except httpx.TransportError:
            disappointed += 1
            time.sleep(0.05)
