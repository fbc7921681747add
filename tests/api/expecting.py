"""What tests of the doors expect of every answer of a kind."""

from __future__ import annotations

import re

INSTANCE = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def problem(answer, status, slug):
    """Check that an answer is a problem document of this type, and give it."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    told = answer.json()
    assert told["type"].endswith(f"/problems/{slug}")
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    assert INSTANCE.fullmatch(told["instance"])
    assert told.keys() <= {"type", "title", "status", "detail", "instance", "problems"}
    return told


def places(told):
    """Give the (pointer, code) pairs of a problem document."""
    return {(place["pointer"], place["code"]) for place in told["problems"]}
