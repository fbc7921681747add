"""A world to test in: hosts, a clock and databases that are real or pretended, but never patched.

`World` plays the outside: it is the fetcher and the clock of a runtime, and remembers every URL that it was asked for.
`Tenant` is an issuer with a key. The functions below give things their usual shape; tests change what they are about.
"""

from __future__ import annotations

import itertools
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import nacl.pwhash.argon2id as argon2
import uvicorn

from ler_issuer.assessments import Result
from ler_issuer.badges import AchievementDefinition, Rulebook, Schemas
from ler_issuer.main import create_app
from ler_issuer.net.fetch import Fetched, Unreachable
from ler_issuer.net.keystores import Cost, KeyStore
from ler_issuer.resources import load_closed_world
from ler_issuer.runtime import Runtime
from ler_issuer.services import catalog, founding, taking
from ler_issuer.services.access import Caller
from ler_issuer.services.intake import Receipt
from ler_issuer.settings import Settings
from ler_issuer.store import journal
from ler_issuer.store.db import Database
from ler_issuer.store.issuers import Issuer
from ler_issuer.store.opening import open_engine
from ler_issuer.vc import Contexts

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CHEAP = Cost(argon2.OPSLIMIT_MIN, argon2.MEMLIMIT_MIN)


@dataclass
class World:
    """The outside world, kept in dictionaries."""

    time: datetime = NOON
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    unplugged: set[str] = field(default_factory=set)

    def clock(self) -> datetime:
        return self.time

    def wait(self, **period: float) -> None:
        self.time += timedelta(**period)

    def host(self, url: str, document: Any) -> None:
        """Serve bytes as they are, anything else as JSON."""
        self.pages[url] = document if isinstance(document, bytes) else json.dumps(document).encode()

    def unplug(self, host: str) -> None:
        self.unplugged.add(host)

    def get(self, url: str, *, accept: str) -> Fetched:
        del accept
        self.asked.append(url)
        if urlsplit(url).hostname in self.unplugged:
            raise Unreachable(url, "unreachable", "the host is unplugged")
        if url not in self.pages:
            raise Unreachable(url, "not_found", "the host answered 404")
        return Fetched(url, self.pages[url], "application/json")


@cache
def rules() -> Rulebook:
    closed = load_closed_world()
    return Rulebook(Contexts(closed.contexts), Schemas.compile(closed.schemas))


@cache
def keystore() -> KeyStore:
    """Give one key store for all tests: its passphrase is stretched once."""
    return KeyStore(b"a passphrase for tests", secrets.token_bytes, cost=CHEAP)


def runtime(database_url: str, world: World, base_url: str) -> Runtime:
    """Build a runtime on a database that is migrated already."""
    return Runtime(
        db=Database(open_engine(database_url), publish=journal.publish),
        keys=keystore(),
        rules=rules(),
        fetch=world,
        registry={},
        clock=world.clock,
        random=secrets.token_bytes,
        base_url=base_url,
        development=True,
    )


# ── A university ─────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Tenant:
    """An issuer, the secret of its key, and the caller that use cases know it as."""

    issuer: Issuer
    key: str
    caller: Caller

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def found(rt: Runtime, slug: str = "biology", **changes: Any) -> Tenant:
    charter = {"name": f"School of {slug}", "url": "https://example.edu", "time_zone": "America/Chicago"} | changes
    made = founding.create_issuer(rt, founding.Charter(slug=slug, **charter), actor="cli:test")
    return Tenant(made.issuer, made.api_key, Caller(made.issuer.id, "cli:test"))


def definition(**changes: Any) -> dict[str, Any]:
    """Give the body of an achievement: two criteria, three levels, all at `proficient` or above earns it."""
    return {
        "key": "teamwork",
        "name": "Teamwork",
        "description": "Works in a team.",
        "criteria": {"narrative": "Was rated proficient on every criterion."},
        "rubric": {
            "criteria": [{"id": "listening", "name": "Listening"}, {"id": "sharing", "name": "Sharing"}],
            "levels": [
                {"id": "beginning", "name": "Beginning"},
                {"id": "proficient", "name": "Proficient"},
                {"id": "exemplary", "name": "Exemplary"},
            ],
        },
        "award": {"conditions": [{"type": "criteria", "level": "proficient"}]},
    } | changes


def publish(rt: Runtime, tenant: Tenant, **changes: Any) -> catalog.Entry:
    wanted = AchievementDefinition.model_validate(definition(**changes))
    return catalog.publish(rt, tenant.caller, catalog.draft(rt, tenant.caller, wanted).id)


_numbers = itertools.count(1)


def result(learner: str = "ada@example.edu", level: str = "proficient", **changes: Any) -> dict[str, Any]:
    """Give the body of a result, rated `level` on both criteria, with a source id of its own."""
    return {
        "source": "canvas",
        "source_id": f"submission-{next(_numbers)}",
        "learner": {"identifiers": [{"type": "emailAddress", "value": learner}]},
        "achievement": "teamwork",
        "ratings": [{"criterion": name, "level": level} for name in ("listening", "sharing")],
        "assessor": {"kind": "faculty", "name": "Grace Hopper"},
        "assessed_at": "2026-05-04T14:30:00Z",
    } | changes


def award(rt: Runtime, tenant: Tenant, learner: str = "ada@example.edu", **changes: Any) -> Receipt:
    return taking.record_result(rt, tenant.caller, Result.model_validate(result(learner, **changes)))


# ── The service, as it runs ──────────────────────────────────────────────────────────────────────────────────────────
def listen() -> socket.socket:
    """Take a free port of this machine."""
    return socket.create_server(("127.0.0.1", 0))


def address(door: socket.socket) -> str:
    return "http://{}:{}".format(*door.getsockname())


@contextmanager
def serving(rt: Runtime, door: socket.socket, **settings: Any) -> Iterator[httpx.Client]:
    """Run the real application on a listening socket, and give a client that speaks to it."""
    app = create_app(rt, Settings(**settings), background=False)
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        with httpx.Client(base_url=address(door), timeout=30, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
