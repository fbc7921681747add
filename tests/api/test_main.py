"""The process: the worker beside the application, logs, the server that the command starts."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import httpx
import pytest
import structlog

from ler_issuer import logs, worker
from ler_issuer.services import reading
from ler_issuer.services.reading import Filter
from world import award, listen, publish


def issued(rt, tenant):
    return reading.list_credentials(rt, tenant.caller, Filter(), cursor=None, limit=10).items


class TestWorker:
    def test_what_waited_for_an_embargo_is_issued_when_it_ends(self, rt, tenant, world):
        publish(rt, tenant, release_at="2026-06-02T00:00:00Z")
        assert award(rt, tenant).outcome == "pending"

        with worker.at_work(rt, every=0.01):
            time.sleep(0.05)
            assert not issued(rt, tenant)
            world.wait(days=1)
            wait_until(lambda: issued(rt, tenant))

    def test_a_round_that_fails_is_logged_by_kind_and_the_next_one_comes(self, rt, tenant, world):
        publish(rt, tenant, release_at="2026-06-02T00:00:00Z")
        award(rt, tenant)
        failures = iter([LookupError("ada@example.edu")])

        def clock():
            for failure in failures:
                raise failure
            return world.clock()

        world.wait(days=1)
        with structlog.testing.capture_logs() as lines, worker.at_work(replace(rt, clock=clock), every=0.01):
            wait_until(lambda: issued(rt, tenant))

        failed = {"event": "chore_failed", "chore": "awards_released", "error": "LookupError", "log_level": "error"}
        assert failed in lines
        assert "ada@example.edu" not in str(lines)


def wait_until(holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


class TestLogs:
    @pytest.fixture
    def written(self, monkeypatch):
        """What goes to standard error, line by line."""
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        root, before = logging.getLogger(), logging.getLogger().handlers[:]
        level = root.level
        logs.configure("info")
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
        root.handlers[:] = before
        root.setLevel(level)
        structlog.reset_defaults()

    def test_every_line_is_json_ours_and_those_of_libraries(self, written):
        structlog.get_logger("ler_issuer.api").info("request", status=200)
        logging.getLogger("uvicorn.error").warning("Invalid %s", "request")

        ours, theirs = written()
        assert (ours["event"], ours["status"], ours["level"], ours["logger"]) == (
            "request",
            200,
            "info",
            "ler_issuer.api",
        )
        assert (theirs["event"], theirs["level"], theirs["logger"]) == ("Invalid request", "warning", "uvicorn.error")
        assert ours["timestamp"].endswith("Z")

    def test_exceptions_are_told_by_their_kind(self, written):
        try:
            {}["ada@example.edu"]
        except KeyError:
            logging.getLogger("some.library").exception("It failed")
            structlog.get_logger("ours").exception("failed")

        assert [line["error"] for line in written()] == ["KeyError", "KeyError"]
        assert "ada@example.edu" not in str(written())

    def test_what_is_less_grave_is_left_out(self, written):
        structlog.get_logger("ours").debug("detail")
        logging.getLogger("theirs").debug("detail")

        assert written() == []


def test_the_server_starts_serves_and_ends_in_peace(tmp_path):
    with listen() as door:
        port = door.getsockname()[1]
    base_url = f"http://127.0.0.1:{port}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LER_")}
    program = "from ler_issuer.cli import app; app()"
    server = subprocess.Popen(
        [sys.executable, "-c", program, "serve", "--port", str(port)],
        cwd=tmp_path,
        env=environment | {"LER_BASE_URL": base_url},
        stderr=subprocess.PIPE,
    )
    try:
        wait_until(lambda: answers(f"{base_url}/health"))
        answer = httpx.get(f"{base_url}/credentials/11111111-2222-4333-8444-555555555555?key=secret", trust_env=False)
    finally:
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=30)

    assert answer.status_code == 404
    assert "server" not in answer.headers
    assert server.returncode in {0, -signal.SIGTERM}
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["status"] for line in lines if line.get("path", "").startswith("/credentials/")] == [404]
    assert b"secret" not in said


def answers(url):
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
