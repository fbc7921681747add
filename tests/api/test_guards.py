"""What surrounds every request: protecting headers, faults without words, logs without secrets."""

from __future__ import annotations

import dataclasses

import pytest
import structlog

from api.expecting import problem
from ler_issuer.api import application
from world import award, listen, publish, result, serving


@pytest.fixture
def logged():
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.mark.parametrize("path", ["/health", "/v1/events", "/nowhere", "/docs", "/openapi.json", "/issuers/nobody"])
def test_every_answer_is_protected(service, path):
    answer = service.get(path)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-request-id"]
    assert "strict-transport-security" not in answer.headers


def test_a_problem_names_the_request(service):
    answer = service.get("/nowhere")

    assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"


def test_requests_are_logged_without_their_query(call, service, rt, tenant, logged):
    publish(rt, tenant)
    credential = award(rt, tenant).credential_id
    link = call("POST", f"/v1/credentials/{credential}/links").json()
    logged.clear()

    service.head(link["url"])

    (line,) = [line for line in logged if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("HEAD", f"/credentials/{credential}", 200)
    assert line["ms"] >= 0
    assert link["url"].partition("?key=")[2] not in str(logged)


def test_logs_tell_nothing_about_learners(call, rt, tenant, logged):
    publish(rt, tenant)
    call("POST", "/v1/results", json=result("secret@example.edu"))
    call("POST", "/v1/results", json=result("secret@example.edu", source_id="secret", assessed_at="secret"))
    call("POST", "/v1/results", json=result("secret@example.edu", achievement="secret"))

    assert len([line for line in logged if line["event"] == "request"]) == 3
    assert "secret" not in str(logged)


class TestFaults:
    """A runtime without a database stands for any fault that nobody foresaw."""

    @pytest.fixture
    def broken(self, rt):
        class Broken:
            def read(self):
                raise LookupError("ada@example.edu has failed")

            begin = read

        with listen() as door, serving(dataclasses.replace(rt, db=Broken()), door) as client:
            yield client

    def test_a_fault_is_a_bare_500(self, broken):
        for answer in (broken.get("/health"), broken.get("/issuers/x")):
            told = problem(answer, 500, "internal")

            assert "ada@example.edu" not in answer.text
            assert "LookupError" not in answer.text
            assert told["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
            assert answer.headers["x-content-type-options"] == "nosniff"

    def test_it_is_logged_by_kind_and_place_alone(self, broken, logged):
        answer = broken.get("/health")

        (line,) = [line for line in logged if line["log_level"] == "error"]
        assert (line["error"], line["request_id"]) == ("LookupError", answer.headers["x-request-id"])
        assert any("services/health.py" in place for place in line["where"])
        assert "ada@example.edu" not in str(logged)

    def test_the_next_request_is_served(self, broken):
        broken.get("/health")

        assert broken.get("/problems/internal").status_code == 200


def test_behind_a_proxy_with_a_path_both_forms_of_an_address_work(rt):
    """The proxy may or may not take the path off; what is given away has it."""
    base_url = "https://example.edu/badges"
    with listen() as door, serving(dataclasses.replace(rt, base_url=base_url), door) as client:
        for path in ("/badges/problems/missing", "/problems/missing"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert client.get("/nowhere").json()["type"] == f"{base_url}/problems/missing"
        assert '"/badges/static-offline-docs/swagger-ui-bundle.js"' in client.get("/docs").text


def test_the_docs_name_no_other_host(service):
    page = service.get("/docs")

    assert page.status_code == 200
    assert "//" not in page.text.replace("// ", "")
    assert "'self'" in page.headers["content-security-policy"]
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/static-offline-docs/{asset}" in page.text
        assert service.get(f"/static-offline-docs/{asset}").status_code == 200


def test_the_description_is_served(service):
    served = service.get("/openapi.json").json()
    served.pop("servers", None)

    assert served == application.describe()
