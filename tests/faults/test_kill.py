"""`kill -9` at any point: what was answered for is there, what is there is right, and nothing happens twice."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random

import httpx
import pytest

from faults import rolls
from faults.books import assert_sound, books
from faults.installation import Installation, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LEARNERS = 60
KILLS = 20


def copy_of(university):
    """Give a second installation that begins exactly where this one stands."""
    folder = university.folder / "undisturbed"
    folder.mkdir()
    file = shutil.copyfile(university.file, folder / "copy.sqlite")
    return Installation(f"sqlite:///{file}", folder, university.base_url)


def timed(function, *words):
    began = time.monotonic()
    answer = function(*words)
    return answer, time.monotonic() - began


def was_killed(process, after):
    """Let a process run for so many seconds, and kill it then; tell whether it had not ended by itself."""
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        return True
    return False


def test_an_import_that_is_killed_twenty_times_comes_to_the_same_as_one_that_is_not(university, tmp_path):
    chance = Random(20)
    disturbed, _ = university
    undisturbed = copy_of(disturbed)
    file, mapping = rolls.write(tmp_path, rolls.rows(LEARNERS, chance))
    words = "results", "import", file, "--issuer", "biology", "--mapping", mapping, "--rejects", tmp_path / "no.csv"
    expected, whole = timed(lambda: undisturbed.run(*words)["counts"])
    again, start = timed(lambda: undisturbed.run(*words)["counts"])
    taken = expected["rows"] - expected["rejected"]
    assert again["duplicates"] == taken

    killed, halfway = 0, set()
    while killed < KILLS:
        patience = start * chance.uniform(0.4, 1) + (whole - start) * chance.uniform(0, 0.35)
        killed += was_killed(disturbed.start(*words), patience)
        halfway.add(disturbed.rows("SELECT count(*) FROM result")[0][0])
    last = disturbed.run(*words)["counts"]

    assert len(halfway - {0, taken}) >= 2, "the kills did not hit the work"
    assert last["rejected"] == expected["rejected"]
    assert books(disturbed) == books(undisturbed)
    assert_sound(disturbed)


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
