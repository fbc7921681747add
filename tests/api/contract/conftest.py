"""An open installation as `ler-issuer serve --conformance` runs it, and a client that asks as the suites do."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from conforming import contexts
from ler_issuer.badges import Rulebook
from ler_issuer.services import conformance
from world import World, address, listen, rules, runtime, serving

ACCEPT = "application/ld+json, application/json"


@pytest.fixture(scope="session")
def opened(sqlite_template, tmp_path_factory):
    """A runtime that is open to everybody, its issuers, and the socket that it is reached at."""
    with listen() as door:
        file = shutil.copyfile(sqlite_template, tmp_path_factory.mktemp("contract") / "open.sqlite")
        made = replace(
            runtime(f"sqlite:///{file}", World(), address(door)), rules=Rulebook(contexts(), rules().schemas)
        )
        yield *conformance.open_to_all(made, actor="cli:test"), door
        made.db.close()


@pytest.fixture(scope="session")
def issuer(opened):
    """The issuer that bare addresses mean: a did:key with an Ed25519 key."""
    return opened[1][0].issuer


@pytest.fixture(scope="session")
def client(opened):
    rt, _, door = opened
    with serving(rt, door) as client:
        yield client


@pytest.fixture(scope="session")
def ask(client):
    """Post a body as the suites' client does; what comes back is JSON, whatever it says."""

    def post(path, body, **headers):
        answer = client.post(path, json=body, headers={"Accept": ACCEPT, **headers})
        assert "json" in answer.headers["content-type"]
        answer.json()
        return answer

    return post


@pytest.fixture(scope="session")
def issue(ask):
    def post(credential, *, path="/credentials/issue", **options):
        return ask(path, {"credential": credential, "options": options})

    return post


@pytest.fixture(scope="session")
def verify(ask):
    def post(credential, **options):
        return ask(
            "/credentials/verify", {"verifiableCredential": credential, "options": {"checks": ["proof"]} | options}
        )

    return post
