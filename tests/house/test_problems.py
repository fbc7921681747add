"""Every refusal has a problem type, and every problem type is explained."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import ler_issuer
from house.tree import ROOT
from ler_issuer.api import problems
from ler_issuer.errors import Refusal

KINDS = [*problems.KINDS.values(), problems.INTERNAL]


def refusals():
    """Walk the tree of refusals, with every module loaded that may add to it."""
    for module in pkgutil.walk_packages(ler_issuer.__path__, "ler_issuer."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, waiting = [], [*Refusal.__subclasses__()]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting.extend(one.__subclasses__())
    return found


def test_every_refusal_is_mapped():
    for refusal in refusals():
        assert problems.kind_of(refusal("in words")).status >= 400
        assert refusal.__doc__


def test_every_type_is_explained_under_a_heading_of_its_own():
    assert [kind.slug for kind in sorted(KINDS, key=lambda kind: kind.status)] == [
        slug for slug, text in sorted(problems.explanations().items(), key=lambda item: int(item[1][:3]))
    ]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_an_explanation_begins_with_the_status(kind):
    assert problems.explanations()[kind.slug].startswith(f"{kind.status} · ")


def test_the_docs_lead_to_the_explanations():
    assert "src/ler_issuer/api/problems.md" in (ROOT / "docs" / "problems.md").read_text()
