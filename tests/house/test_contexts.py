"""The closed world is what its manifest says, and NOTICE tells where each document comes from."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest

from house.tree import ROOT
from ler_issuer.resources import AlteredResourceError, contexts_dir, load_closed_world

CONTEXTS = ROOT / "contexts"
MANIFEST = json.loads((CONTEXTS / "manifest.json").read_text())
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
WRITTEN_FOR_VECTORS = "https://w3id.org/citizenship/v4rc1"
MEMBERS = {"url", "file", "sha256", "source", "licence", "kind"}


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_a_document_has_the_pinned_bytes(entry):
    content = (CONTEXTS / entry["file"]).read_bytes()

    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert MEMBERS <= entry.keys() <= MEMBERS | {"note", "conformance_only"}
    assert entry["kind"] == ("schema" if entry["file"].startswith("schemas/") else "context")


def test_every_file_is_listed_once():
    listed = [entry["file"] for entry in MANIFEST]
    lying = {file.relative_to(CONTEXTS).as_posix() for file in CONTEXTS.rglob("*") if file.is_file()}

    assert sorted(listed) == sorted(lying - {"manifest.json"})


def test_no_url_is_claimed_twice():
    urls = [entry["url"] for entry in MANIFEST]

    assert len(urls) == len(set(urls))


def test_the_open_badges_context_is_the_current_one():
    """An older file, without `jti` and `endorsementJwt`, was once served under the same URL."""
    entry = next(entry for entry in MANIFEST if entry["url"] == OPEN_BADGES)

    assert entry["sha256"] == "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"
    assert {"jti", "endorsementJwt"} <= _terms(load_closed_world().contexts[OPEN_BADGES])


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_notice_names_source_and_licence(entry):
    paragraph = next(
        part for part in (ROOT / "NOTICE").read_text().split("\n" + "-" * 118) if f"contexts/{entry['file']}\n" in part
    )

    for said in (entry["url"], entry["sha256"], entry["source"], entry["licence"]):
        assert said in paragraph


def test_the_closed_world_holds_all_of_them():
    world = load_closed_world(conformance=True)

    assert {*world.contexts, *world.schemas} == {entry["url"] for entry in MANIFEST}
    assert all("@context" in document for document in world.contexts.values())
    assert all("$schema" in document for document in world.schemas.values())


def test_an_altered_file_is_refused_by_name(tmp_path):
    folder = shutil.copytree(contexts_dir(), tmp_path / "contexts")
    with (folder / "did-v1.jsonld").open("ab") as file:
        file.write(b"\n")

    with pytest.raises(AlteredResourceError, match=r"did-v1\.jsonld has SHA-256"):
        load_closed_world(folder)


def test_a_missing_file_is_refused_by_name(tmp_path):
    folder = shutil.copytree(contexts_dir(), tmp_path / "contexts")
    (folder / "multikey-v1.jsonld").unlink()

    with pytest.raises(AlteredResourceError, match=r"multikey-v1\.jsonld is missing"):
        load_closed_world(folder)


def test_what_gives_every_term_a_meaning_stays_out_of_the_world():
    """Under a context with `@vocab` a misspelt term is a term, and no data is ever lost: nobody would notice."""
    world, all_of_it = load_closed_world().contexts, load_closed_world(conformance=True).contexts

    assert {url for url, document in all_of_it.items() if "@vocab" in _terms(document)} == {*all_of_it} - {
        *world,
        WRITTEN_FOR_VECTORS,
    }
    assert WRITTEN_FOR_VECTORS not in world


def _terms(value):
    """Collect every term that a context defines, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*(_terms(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(_terms(inner) for inner in value))
    return set()
