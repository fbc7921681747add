"""Bodies are read strictly, wherever they are sent."""

from __future__ import annotations

import json

import pytest

from api.expecting import places, problem
from ler_issuer.jsontext import MAX_DEPTH
from world import result

JSON = {"Content-Type": "application/json"}


def sent(text, key="source_id"):
    """Give a result in which `text` stands, as it is, for the value of one member."""
    body = json.dumps(result() | {key: "@"})
    return body.replace('"@"', text).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (sent("NaN", "score"), ("", "not_a_number")),
        (sent("-Infinity", "score"), ("", "not_a_number")),
        (sent(r'"\ud800"'), ("/source_id", "lone_surrogate")),
        (sent('{"' + r"\udfff" + '":1}'), ("/source_id", "lone_surrogate")),
        (sent('1, "source_id": 1'), ("", "duplicate_key")),
        (sent("[" * 5000 + "]" * 5000), ("", "too_deep")),
        (sent("9" * 5000, "attempt"), ("", "number_out_of_range")),
        (sent("01", "attempt"), ("", "not_json")),
        (sent("'x'"), ("", "not_json")),
        (sent('"x') + b"", ("", "not_json")),
        (b"\xff\xfe{\x00}\x00", ("", "not_utf8")),
        (b'{"a": "\xed\xa0\x80"}', ("", "not_utf8")),
        (b"{} {}", ("", "not_json")),
    ],
)
def test_what_two_readers_could_read_differently_is_malformed(call, body, place):
    told = problem(call("POST", "/v1/results", content=body, headers=JSON), 400, "malformed")

    assert places(told) == {place}


def test_nesting_is_bounded(service):
    def nested(depth):
        return {"credential": json.loads("[" * depth + "]" * depth)}

    assert service.post("/v1/verify", json=nested(MAX_DEPTH - 1)).status_code == 200
    assert places(problem(service.post("/v1/verify", json=nested(MAX_DEPTH)), 400, "malformed")).pop()[1] == "too_deep"


@pytest.mark.parametrize("path", ["/v1/results", "/v1/results/batch", "/v1/achievements", "/v1/verify"])
class TestEverywhere:
    def test_an_empty_body_is_malformed(self, call, path):
        assert places(problem(call("POST", path, content=b"", headers=JSON), 400, "malformed")) == {("", "missing")}

    def test_what_is_too_large_is_refused_whether_announced_or_not(self, call, path):
        body = b'{"credential": "' + b"x" * 400_000 + b'"}'

        problem(call("POST", path, content=body, headers=JSON), 413, "too-large")
        problem(
            call("POST", path, content=(body[at : at + 50_000] for at in range(0, len(body), 50_000)), headers=JSON),
            413,
            "too-large",
        )

    @pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "json", ""])
    def test_what_is_not_sent_as_json_is_refused(self, call, path, media_type):
        headers = {"Content-Type": media_type}

        problem(call("POST", path, content=b"{}", headers=headers), 415, "unsupported-media-type")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON", "application/ld+json"])
def test_json_has_several_names(service, media_type):
    answer = service.post("/v1/verify", content=b'{"credential": 1}', headers={"Content-Type": media_type})

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/v1/credentials", "/v1/achievements", "/v1/events"])
def test_a_filter_with_a_slip_of_the_pen_is_refused(call, path):
    told = problem(call("GET", path, params={"lerner": "x", "a/b": "y"}), 400, "malformed")

    assert places(told) == {("/lerner", "extra_forbidden"), ("/a~1b", "extra_forbidden")}


def test_every_method_of_an_address_is_allowed(call):
    assert call("DELETE", "/v1/achievements").headers["allow"] == "GET, HEAD, POST"
    assert call("GET", "/v1/results").headers["allow"] == "POST"
