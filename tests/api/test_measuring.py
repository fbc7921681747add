"""`GET /metrics`: closed without its token, and silent about whom the requests concerned."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError

from ler_issuer.api.measuring import Counted
from ler_issuer.metrics import Metrics
from ler_issuer.settings import Settings
from world import listen, serving

TOKEN = "a token for the figures"


@pytest.fixture(scope="module")
def measured(rt):
    with listen() as door, serving(rt, door, metrics_token=TOKEN) as client:
        yield client


def read(client, token=TOKEN):
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def test_without_a_token_in_the_settings_there_is_no_such_address(service, tenant):
    assert service.get("/metrics").status_code == 404
    assert read(service).status_code == 404
    assert service.get("/metrics", headers=tenant.auth).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}])
def test_nobody_reads_them_without_the_token(measured, headers):
    refused = measured.get("/metrics", headers=headers)
    assert refused.status_code == 401
    assert refused.json()["type"].endswith("/problems/sign-in")


def test_the_key_of_an_issuer_does_not_open_them(measured, tenant):
    assert measured.get("/metrics", headers=tenant.auth).status_code == 401


def test_requests_are_counted_by_route_and_never_by_whom_they_concern(measured, tenant):
    learner = "6a0cbd6a-4f0c-4f9a-9a0e-0d6f3c1d2b11"
    measured.get(f"/v1/credentials/{learner}", headers=tenant.auth)
    measured.get("/ada@example.edu?q=ada")
    measured.get("/health")
    answer = read(measured)
    text = answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert 'ler_requests_total{method="GET",route="/health",status="200"} 1.0' in text
    assert 'ler_requests_total{method="GET",route="none",status="404"} 1.0' in text
    assert 'ler_request_seconds_count{route="/health"}' in text
    assert "ler_canonical_differences_total 0.0" in text
    assert "process_cpu_seconds_total" in text
    assert learner not in text
    assert "ada" not in text
    assert "{credential_id}" in text


@pytest.mark.parametrize("route", ["/v1/results", "/v1/verify"])
def test_doors_that_answer_in_one_go_are_counted_by_route_too(measured, tenant, route):
    refused = measured.post(route, headers=tenant.auth, json={})
    assert refused.status_code in {400, 422}
    assert f'ler_requests_total{{method="POST",route="{route}",status="{refused.status_code}"}}' in read(measured).text


def test_methods_that_nobody_has_are_counted_as_one():
    figures = Metrics()

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 405, "headers": []})

    async def ask(method):
        await Counted(app, figures)({"type": "http", "method": method}, None, lambda _: asyncio.sleep(0))

    for method in ("LEARN", "FORGET"):
        asyncio.run(ask(method))
    assert 'ler_requests_total{method="other",route="none",status="405"} 2.0' in figures.text().decode()


def test_the_description_of_the_api_does_not_know_them(measured):
    assert "/metrics" not in measured.get("/openapi.json").json()["paths"]


def test_a_token_that_could_be_guessed_is_refused(monkeypatch):
    monkeypatch.setenv("LER_METRICS_TOKEN", "short")
    with pytest.raises(ValidationError):
        Settings()
