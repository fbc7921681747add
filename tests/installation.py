"""An installation as its operator knows it: a database, a passphrase, and the program, run in processes of its own."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

PATIENCE = 60
"""Seconds after which a process that should have come up or ended has failed the test."""


@dataclass(frozen=True)
class Installation:
    """What all processes of one installation share; `base_url` is the address that its credentials name."""

    database_url: str
    folder: Path
    base_url: str = "http://127.0.0.1:8000"
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The file of an installation on SQLite."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LER_")}
        return inherited | {
            "LER_DATABASE_URL": self.database_url,
            "LER_BASE_URL": self.base_url,
            "LER_PASSPHRASE": "a passphrase for tests",
            **self.extra,
        }

    def start(self, *words: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command; its words on stderr go to a file, for whoever has to find out why a test failed."""
        with (self.folder / "stderr.txt").open("ab") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", "ler_issuer.cli", *map(str, words)],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=options.pop("stdout", subprocess.DEVNULL),
                stderr=errors,
                **options,
            )

    def run(self, *words: str | Path) -> Any:
        """Run a command that answers in JSON to its end, and give the answer; it must succeed."""
        process = self.start(*words, "--json", stdout=subprocess.PIPE)
        answer, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, (words, answer, self.complaints())
        return json.loads(answer)

    def complaints(self) -> str:
        return (self.folder / "stderr.txt").read_text(errors="replace")[-4000:]

    def replay(self) -> list[Any]:
        """Give what `audit replay --verify` finds."""
        return self.run("audit", "replay", "--verify")["discrepancies"]

    def found(self, slug: str, achievements: Sequence[dict[str, Any]]) -> str:
        """Create an issuer that has published achievements; give its API key."""
        words = ("--name", f"School of {slug}", "--url", "https://example.edu", "--timezone", "UTC")
        made = self.run("issuers", "create", slug, *words)
        file = self.folder / f"{slug}.json"
        file.write_text(json.dumps({"achievements": list(achievements)}))
        self.run("achievements", "publish", file, "--issuer", slug)
        return made["api_key"]

    def publish_rules(self, slug: str, rules: Sequence[dict[str, Any]]) -> None:
        """Publish stacking rules of an issuer."""
        file = self.folder / f"{slug}-rules.json"
        file.write_text(json.dumps({"rules": list(rules)}))
        self.run("rules", "publish", file, "--issuer", slug)

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Ask the database directly."""
        engine = sa.create_engine(self.database_url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sa.text(statement), values)]
        finally:
            engine.dispose()

    @contextmanager
    def serving(self, port: int, **options: Any) -> Iterator[Server]:
        """Run the server, and stop it in the end."""
        server = Server(self, port, options)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@dataclass
class Server:
    """One server process on a port of its own."""

    installation: Installation
    port: int
    options: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process, and wait until it answers."""
        self.process = self.installation.start("serve", "--port", str(self.port), **self.options)
        end = time.monotonic() + PATIENCE
        while not is_listening(self.port):
            assert self.process.poll() is None, self.installation.complaints()
            assert time.monotonic() < end, "the server does not come up"
            time.sleep(0.02)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        """Ask the process to end, and insist when it does not."""
        assert self.process is not None
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        limits = httpx.Limits(keepalive_expiry=1)  # well before the server hangs up, so that no request meets that
        return httpx.Client(base_url=self.address, headers=headers, timeout=PATIENCE, trust_env=False, limits=limits)


def is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PORTS = itertools.count(20_000 + 2_000 * _WORKER)


def free_port() -> int:
    """Give a port that nobody listens on: from a range of this worker's own, below those that the system hands out.

    A port that the system chose could be taken again by another test before our server gets to it.
    """
    for port in _PORTS:
        if not is_listening(port):
            return port
    raise AssertionError("unreachable")
