"""What `openapi.yaml` says is what the code does, on every machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml

from house.tree import ROOT
from ler_issuer import main

COMMITTED = ROOT / "openapi.yaml"
DESCRIBED = yaml.safe_load(main.openapi_yaml())
OPERATIONS = [
    pytest.param(operation, id=operation["operationId"])
    for methods in DESCRIBED["paths"].values()
    for operation in methods.values()
]
STANDARDS = {
    operation["operationId"]
    for path, methods in DESCRIBED["paths"].items()
    for operation in methods.values()
    if "post" in methods and path.endswith(("/issue", "/verify", "/derive", "/credentials/status", "/token"))
    if not path.startswith("/v1/")
}
"""Operations whose standard has its own form of errors: the VC-API and OAuth."""

RESOLVES = "resolve_identifier"
"""The operation whose errors are answers of a resolver, as DID Resolution has them."""


def test_the_committed_description_is_the_generated_one():
    assert COMMITTED.read_text() == main.openapi_yaml(), "run `make openapi`"


def test_the_environment_has_no_say(tmp_path):
    settings = {"LER_BASE_URL": "https://elsewhere.example/path", "LER_ENV": "production", "PYTHONHASHSEED": "7"}

    said = subprocess.run(
        [sys.executable, "-c", "from ler_issuer import main; print(main.openapi_yaml(), end='')"],
        cwd=tmp_path,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert said == COMMITTED.read_text()


@pytest.mark.parametrize("operation", OPERATIONS)
class TestEveryOperation:
    def test_it_says_what_it_does(self, operation):
        assert operation["summary"]
        assert operation["description"].endswith(".")

    def test_it_has_a_tag_that_is_explained(self, operation):
        (tag,) = operation["tags"]
        assert tag in {one["name"] for one in DESCRIBED["tags"]}

    def test_its_errors_are_problem_documents(self, operation):
        for status, response in operation["responses"].items():
            if status in {"400", "401"} and operation["operationId"] in STANDARDS:
                assert set(response["content"]) <= {"application/problem+json", "application/json"}
            elif status in {"400", "404", "502"} and operation["operationId"] == RESOLVES:
                assert set(response["content"]) == {"application/ld+json"}
            elif status >= "400":
                assert set(response["content"]) == {"application/problem+json"}

    def test_a_key_can_be_refused(self, operation):
        assert bool(operation.get("security")) == ({"401", "403"} <= set(operation["responses"]))

    def test_what_is_read_can_be_malformed(self, operation):
        if "requestBody" in operation:
            unfit = {"415"} if operation["operationId"] != "post_token" else set()
            assert {"400", "413"} | unfit <= set(operation["responses"])


def test_operations_have_names_of_their_own():
    names = [parameter.values[0]["operationId"] for parameter in OPERATIONS]

    assert len(set(names)) == len(names)


def test_every_schema_is_used():
    text = str(DESCRIBED)

    for name in DESCRIBED["components"]["schemas"]:
        assert f"'#/components/schemas/{name}'" in text, name
