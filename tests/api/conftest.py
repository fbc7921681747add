"""One service for all tests of its doors: each test has an issuer of its own, and sees nothing of the others'."""

from __future__ import annotations

import itertools
import shutil

import pytest

from world import NOON, World, address, found, listen, runtime, serving

_slugs = (f"school-{number}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def shared_world():
    return World()


@pytest.fixture(scope="session")
def shared_door():
    with listen() as opened:
        yield opened


@pytest.fixture(scope="session")
def rt(sqlite_template, tmp_path_factory, shared_world, shared_door):
    file = shutil.copyfile(sqlite_template, tmp_path_factory.mktemp("api") / "api.sqlite")
    made = runtime(f"sqlite:///{file}", shared_world, address(shared_door))
    yield made
    made.db.close()


@pytest.fixture(scope="session")
def service(rt, shared_door):
    with serving(rt, shared_door, max_body_bytes=300_000) as client:
        yield client


@pytest.fixture
def world(shared_world):
    yield shared_world
    shared_world.time = NOON


@pytest.fixture
def tenant(rt):
    return found(rt, next(_slugs))


@pytest.fixture
def other(rt):
    """Another issuer of the same installation."""
    return found(rt, next(_slugs))


@pytest.fixture
def call(service, tenant):
    """Ask with the issuer's key: ``call("POST", path, json=…)``."""

    def ask(method, path, *, key=tenant.key, headers=None, **body):
        return service.request(method, path, headers={"Authorization": f"Bearer {key}"} | (headers or {}), **body)

    return ask
