"""Every block of the tutorials runs, in order, as a reader would run it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from world import address, listen

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(sh|http)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Reader:
    """Follows a page in a folder of their own: runs its shell blocks, sends its requests, keeps what they answer."""

    def __init__(self, folder, base_url):
        self.folder = folder
        self.base_url = base_url
        self.told = ""
        self.learned = {}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {"PATH": path, "HOME": str(folder), "LER_BASE_URL": base_url}

    def run(self, script):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.told += done.stdout

    def fill(self, text):
        return PLACEHOLDER.sub(self._known, text)

    def _known(self, hole):
        value = self.learned.get(hole[1])
        if value is None:
            return hole[0]
        return value if isinstance(value, str) else json.dumps(value)

    def send(self, block):
        line, _, body = block.partition("\n")
        method, path = line.split()
        key = re.search(r"ler_[A-Za-z0-9_-]+", self.told)[0]
        answer = httpx.request(
            method,
            self.base_url + self.fill(path),
            content=self.fill(body).strip() or None,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            timeout=30,
            trust_env=False,
        )
        assert answer.is_success, answer.text
        self.learned |= answer.json()
        return answer.json()

    @contextmanager
    def serving(self, port):
        command = [sys.executable, "-m", "ler_issuer.cli", "serve", "--host", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL)
        try:
            self._wait(server)
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)

    def _wait(self, server):
        for _ in range(200):
            assert server.poll() is None, "the server ended"
            try:
                if httpx.get(f"{self.base_url}/health", trust_env=False).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        pytest.fail("the server did not start")


@pytest.fixture
def reader(tmp_path):
    with listen() as door:
        base_url = address(door)
    return Reader(tmp_path, base_url)


def blocks(page):
    found = BLOCK.findall((DOCS / page).read_text())
    assert found
    return found


def test_first_credential(reader):
    page = blocks("tutorials/first-credential.md")
    answers = []
    reader.run(page[0][1])
    with reader.serving(int(reader.base_url.rpartition(":")[2])):
        for kind, block in page[1:]:
            if kind == "http":
                answers.append(reader.send(block))
            else:
                reader.run(block)
    assert [one["outcome"] for one in answers if "outcome" in one] == ["awarded"]
    verdicts = [(one["verdict"], one["standing"]) for one in answers if "verdict" in one]
    assert verdicts == [("accepted", "current"), ("rejected", "revoked")]
    assert "no discrepancies" in reader.told


def test_importing_results(reader):
    *before, replay_of_rejects, audit = [block for _, block in blocks("tutorials/importing-results.md")]
    for block in before:
        reader.run(block)
    assert (
        (reader.folder / "rejects.csv").read_text().splitlines()[1].startswith("s2@college.example.edu,T2,2026A,41,,")
    )
    reader.run(replay_of_rejects)
    counts = json.loads(reader.told[reader.told.rindex('{\n  "import_id"') :])["counts"]
    assert (counts["rows"], counts["awarded"]) == (1, 1)
    reader.run(audit)
    assert "no discrepancies" in reader.told


def test_stacking(reader):
    page = blocks("tutorials/stacking.md")
    answers = []
    for kind, block in page:
        if kind == "sh":
            reader.run(block)
    assert "field-researcher" in reader.told
    with reader.serving(int(reader.base_url.rpartition(":")[2])):
        for kind, block in page:
            if kind == "http":
                answers.append(reader.send(block))
    [progress] = next(one["stacks"] for one in answers if "stacks" in one)
    assert (progress["percent"], len(progress["remaining"]["sets"])) == (50, 1)
    record = answers[-1]
    assert len(record["credentialSubject"]["verifiableCredential"]) == 3
    assert [one["associationType"] for one in record["credentialSubject"]["association"]] == ["isPartOf"]


def test_verification(reader):
    """What a command prints stands below it, as a comment."""
    page = "\n".join(block for _, block in blocks("verification.md")).replace("http://127.0.0.1:8000", reader.base_url)
    reader.run("ler-issuer demo --out var/demo")
    reader.told = ""
    with reader.serving(int(reader.base_url.rpartition(":")[2])):
        reader.run(page)
    assert reader.told.splitlines() == [line[2:] for line in page.splitlines() if line.startswith("# ")]
