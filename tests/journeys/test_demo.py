"""The demonstration, as a newcomer runs it: what it leaves behind is what it says, and holds in other hands."""

from __future__ import annotations

import csv
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, contextmanager

import httpx
import pytest
from typer.testing import CliRunner

from demonstration import demonstrate
from ler_issuer.cli import app

SUMMARY = ("results", "awarded", "not_yet", "pending", "rejected", "duplicates", "revoked")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return demonstrate(tmp_path_factory.mktemp("demo"))


def command(demo, *arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments], env={"LER_DATABASE_URL": demo.database_url})


def verdict(demo, file):
    """Verify a file with nothing but what lies beside it."""
    papers = ("--did-document", demo.folder / "did.json", "--status-list", demo.folder / "status-list.json")
    done = command(demo, "verify", file, "--offline", *papers, "--json")
    return done.exit_code, json.loads(done.stdout)


def test_the_summary_adds_up(demo):
    summary = demo.read("summary.json")
    counts = [summary[name] for name in SUMMARY]

    assert all(counts), summary
    assert summary["results"] == sum(summary[name] for name in SUMMARY[1:-1])
    assert summary["awarded"] + summary["completed"] == len(demo.files)
    assert summary["revoked"] == 1


def test_the_rejects_say_what_is_wrong(demo):
    with (demo.folder / "rejects.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))

    assert len(rows) == demo.read("summary.json")["rejected"]
    assert {row["_code"] for row in rows} >= {"unknown_level", "empty", "unknown_achievement", "differs"}
    assert all(row["_column"] and row["_error"] for row in rows)


def test_all_but_the_revoked_one_are_accepted_offline(demo):
    answers = [verdict(demo, file) for file in demo.files]

    assert Counter(code for code, _ in answers) == {0: len(demo.files) - 1, 1: 1}
    (revoked,) = [report for code, report in answers if code == 1]
    assert (revoked["standing"], revoked["authentic"]) == ("revoked", True)


def test_the_altered_one_fails_by_its_signature(demo):
    code, report = verdict(demo, demo.folder / "altered.json")

    assert code == 1
    assert [one["id"] for one in report["checks"] if one["outcome"] == "fail"] == ["proof.signature"]
    assert verdict(demo, demo.standing)[0] == 0


def test_credentials_say_what_was_assessed_and_not_who(demo):
    for file in demo.files:
        text = file.read_text()
        document = json.loads(text)

        assert document["id"] == f"urn:uuid:{file.stem}"
        assert document["issuer"]["id"] == demo.read("did.json")["id"]
        assert document["credentialSubject"]["result"]
        assert "@example.edu" not in text


def test_the_bytes_are_those_that_are_stored(demo):
    connection = sqlite3.connect(demo.database_url.removeprefix("sqlite:///"))
    with closing(connection):
        stored = {body for (body,) in connection.execute("SELECT body FROM credential")}

    assert {file.read_bytes() for file in [*demo.files, demo.folder / "stacked.json"]} == stored


def test_the_stack_names_parts_that_lie_beside_it_and_can_be_evaluated_again(demo):
    named = [one["id"] for one in demo.read("stacked.json")["relatedResource"] if one["id"].startswith("urn:uuid:")]
    parts = [demo.folder / "credentials" / f"{one.removeprefix('urn:uuid:')}.json" for one in named]
    words = [word for part in parts for word in ("--part", part)]

    done = command(demo, "verify", demo.folder / "stacked.json", *words, "--json")

    report = json.loads(done.stdout)
    assert (done.exit_code, report["verdict"], len(parts)) == (0, "accepted", 3)
    outcomes = {one["id"]: one["outcome"] for one in report["checks"] if one["id"].startswith("derivation.")}
    assert outcomes == dict.fromkeys(
        ("derivation.parts", "derivation.digests", "derivation.rule", "derivation.outcome"), "pass"
    )


def test_the_record_bundles_all_that_is_current(demo):
    done = command(demo, "verify", demo.folder / "record.json", "--json")

    report = json.loads(done.stdout)
    assert (done.exit_code, report["verdict"]) == (0, "accepted")
    assert Counter(one["verdict"] for one in report["members"]) == {"accepted": 8}


def test_it_tells_the_whole_story(demo):
    for word in ("ACCEPTED", "signature_wrong", "revoked", "no discrepancies", "Checkpoint", "make serve", "ler_"):
        assert word in demo.told
    for word in ("Effective Communicator", "derivation.outcome pass", "What is left", "40 hours", "Record of 8"):
        assert word in demo.told
    assert f"{demo.read('summary.json')['awarded']} credentials" in demo.told


def test_the_books_are_right(demo):
    done = command(demo, "audit", "replay", "--verify")

    assert done.exit_code == 0, done.stdout


def test_a_second_run_tells_the_same_story(tmp_path):
    first = demonstrate(tmp_path)
    (tmp_path / "out" / "credentials" / "notes.json").write_text("mine")
    again = demonstrate(tmp_path)
    counts = {name: first.read("summary.json")[name] for name in SUMMARY}

    assert again.read("summary.json").items() >= counts.items()
    assert again.read("summary.json")["issuer"] == "demo-university-2"
    names = {file.name for file in again.files}
    assert "notes.json" in names
    assert len(names) == counts["awarded"] + 2


def test_it_goes_on_with_the_service(demo):
    """What the last lines propose works: the service lists the credentials and verifies one of them."""
    key = re.search(r"Bearer (ler_[\w-]+)", demo.told)[1]
    with serving(demo) as client:
        listed = client.get("/v1/credentials", headers={"Authorization": f"Bearer {key}"}).json()
        report = client.post("/v1/verify", json={"credential": json.loads(demo.standing.read_text())}).json()

    stacked = demo.read("stacked.json")["id"].removeprefix("urn:uuid:")
    assert {one["id"] for one in listed["items"]} <= {stacked, *(file.stem for file in demo.files)}
    assert listed["items"]
    assert report["verdict"] == "accepted"


@contextmanager
def serving(demo):
    """Run `ler-issuer serve` until the test is done."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "ler_issuer.cli", "serve", "--port", str(port)],
        env=os.environ | {"LER_DATABASE_URL": demo.database_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=8)) as client:
            yield client
    finally:
        process.terminate()
        process.wait(timeout=30)
