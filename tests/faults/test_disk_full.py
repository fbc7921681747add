"""A full disk: what does not fit is refused whole, what is there can be read, and work goes on when there is room.

The disk is played by the size that files of the process may have (RLIMIT_FSIZE), which can be changed while it runs.
"""

from __future__ import annotations

import resource
from random import Random

import pytest

from faults import rolls
from faults.books import assert_sound, books
from faults.rolls import body, in_order
from installation import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

NO_LIMIT = resource.RLIM_INFINITY


def fill_disk(process, file):
    """Leave 200 KB for the write-ahead log of a database, and no more."""
    journal = file.with_name(file.name + "-wal")
    size = journal.stat().st_size if journal.exists() else 0
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size + 200_000, NO_LIMIT))


def make_room(process):
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (NO_LIMIT, NO_LIMIT))


def test_a_server_refuses_what_does_not_fit_and_goes_on_when_there_is_room(university):
    installation, key = university
    results = [body(row) for row in in_order(40, Random(3))]
    port = int(installation.base_url.rpartition(":")[2])
    with installation.serving(port) as server, server.client(key) as client:
        fill_disk(server.process, installation.file)
        answers = [client.post("/v1/results", json=one) for one in results]
        refused = [number for number, answer in enumerate(answers) if answer.status_code not in {200, 201}]
        told = {answer.json()["result_id"] for answer in answers if answer.status_code == 201}

        assert {answers[number].status_code for number in refused} == {503}
        assert all(answers[number].headers["Retry-After"] for number in refused)
        assert all("disk" in answers[number].json()["detail"] for number in refused)
        assert 0 < len(told) < len(results)
        assert client.get("/health").status_code == 200
        assert client.get("/v1/credentials").status_code == 200
        assert {one for (one,) in installation.rows("SELECT id FROM result")} == told

        make_room(server.process)
        again = [client.post("/v1/results", json=one) for one in results]

    assert {answer.status_code for number, answer in enumerate(again) if number in refused} == {201}
    assert {answer.status_code for number, answer in enumerate(again) if number not in refused} == {200}
    assert_sound(installation)


def test_an_import_that_fills_the_disk_says_so_and_is_run_again(university, tmp_path):
    installation, _ = university
    file, mapping = rolls.write(tmp_path, in_order(60, Random(4)))
    words = "results", "import", file, "--issuer", "biology", "--mapping", mapping
    process = installation.start(*words)
    fill_disk(process, installation.file)

    assert process.wait(PATIENCE) == 1
    said = installation.complaints()
    assert "its disk is full" in said
    assert "Traceback" not in said
    assert_sound(installation)
    taken = len(books(installation)["results"])

    counts = installation.run(*words)["counts"]
    assert counts["rows"] - counts["duplicates"] == 240 - taken
    assert_sound(installation)
