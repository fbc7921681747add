"""Requests that are answered in one go get the answers that FastAPI would have given step by step."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from fastapi import FastAPI, Response
from pydantic import BaseModel

from ler_issuer.api import problems, wiring
from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.direct import DirectRoute
from ler_issuer.api.guards import Guard
from ler_issuer.services import access
from ler_issuer.services.access import Scope

JSON = {"Content-Type": "application/json"}


class Sum(BaseModel):
    """A body with something to get wrong."""

    terms: list[int]


def add(body: Sum, caller: wiring.ResultsSender, rt: wiring.Rt) -> Response:
    key = None if caller.idempotency is None else caller.idempotency.key
    return Response(json.dumps([sum(body.terms), caller.issuer_id, key, rt.base_url]), 201)


@pytest.fixture(scope="module")
def both(rt):
    """The same endpoint on two routes: `/direct` and `/strict`."""
    app = FastAPI()
    app.state.rt, app.state.max_body_bytes = rt, 1_000
    for path, kind in (("/direct", DirectRoute), ("/strict", StrictRoute)):
        app.router.add_api_route(path, add, methods=["POST"], route_class_override=kind)
    problems.answer_refusals(app, rt.base_url)
    app.add_middleware(Guard, base_url=rt.base_url, new_id=lambda: "00000000-0000-4000-8000-000000000000")

    async def ask(path, sent):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=rt.base_url) as client:
            return await client.post(path, **sent)

    return lambda path, sent: asyncio.run(ask(path, sent))


SENT = {
    "good": {"json": {"terms": [1, 2]}},
    "with a key of its own": {"json": {"terms": []}, "headers": {"Idempotency-Key": "x" * 255}},
    "key too long": {"json": {"terms": []}, "headers": {"Idempotency-Key": "x" * 256}},
    "key empty": {"json": {"terms": []}, "headers": {"Idempotency-Key": ""}},
    "key with a blank": {"json": {"terms": []}, "headers": {"Idempotency-Key": "a b"}},
    "key and body wrong": {"json": {"terms": ["x", None]}, "headers": {"Idempotency-Key": "a b"}},
    "body wrong": {"json": {"terms": ["x"]}},
    "no object": {"json": [1]},
    "null": {"json": None},
    "empty": {"content": b"", "headers": JSON},
    "no JSON": {"content": b"{", "headers": JSON},
    "too large": {"content": b" " * 1_001, "headers": JSON},
    "not sent as JSON": {"content": b"{}", "headers": {"Content-Type": "text/plain"}},
    "unknown parameter": {"json": {"terms": []}, "params": {"trems": "1"}},
    "nobody": {"json": {"terms": []}, "headers": {"Authorization": ""}},
    "nobody, and wrong": {"json": {"terms": ["x"]}, "headers": {"Authorization": ""}},
    "nobody known": {"json": {"terms": []}, "headers": {"Authorization": "Bearer ler_x"}},
    "bearer of nothing": {"json": {"terms": []}, "headers": {"Authorization": "Bearer "}},
    "another scheme": {"json": {"terms": []}, "headers": {"Authorization": "Basic eDp5"}},
    "another spelling": {"json": {"terms": [3]}, "headers": {"Authorization": "bEaReR  {key}"}},
    "without the scope": {"json": {"terms": []}, "headers": {"Authorization": "Bearer {reader}"}},
}


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
def test_the_answer_is_that_of_a_strict_route(both, rt, tenant, sent):
    _, reader = access.create_key(rt, tenant.issuer.slug, name="r", scopes=[Scope.EVENTS_READ], actor="cli:test")
    headers = {"Authorization": "Bearer {key}"} | sent.get("headers", {})
    told = {name: value.format(key=tenant.key, reader=reader) for name, value in headers.items()}

    direct, strict = (both(path, sent | {"headers": told}) for path in ("/direct", "/strict"))

    assert (direct.status_code, direct.content) == (strict.status_code, strict.content)
    assert direct.headers == strict.headers


def test_what_only_fastapi_understands_is_no_parameter_of_a_direct_route():
    def endpoint(number: int) -> Response:
        return Response(str(number))

    with pytest.raises(TypeError, match="cannot ask for number"):
        FastAPI().router.add_api_route("/", endpoint, route_class_override=DirectRoute)
