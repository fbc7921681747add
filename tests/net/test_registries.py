from __future__ import annotations

import json
from pathlib import Path

import pytest

from ler_issuer.net.registries import BadRegistry, RegistryEntry, load


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_a_list_is_read(tmp_path: Path):
    listed = {
        "did:web:a.example": {"name": "A University", "url": "https://a.example", "location": "Aville"},
        "did:key:z6Mk": {"name": "B College"},
    }
    entries = load(written(tmp_path / "list.json", {"meta": {"updated": "2025-01-01"}, "registry": listed}))
    assert entries == {
        "did:web:a.example": RegistryEntry("A University", "https://a.example", "list.json"),
        "did:key:z6Mk": RegistryEntry("B College", None, "list.json"),
    }
    assert "did:web:b.example" not in entries


def test_a_list_may_name_itself(tmp_path: Path):
    document = {"meta": {"name": " Members "}, "registry": {"did:web:a": {"name": "A"}}}
    assert load(written(tmp_path / "list.json", document))["did:web:a"].registry == "Members"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "registry"),
        ({"meta": {}}, "registry"),
        ({"registry": ["did:web:a.example"]}, "registry"),
        ({"registry": {"https://a.example": {"name": "A"}}}, "not a DID"),
        ({"registry": {"did:web:a.example": "A"}}, "did:web:a.example has no name"),
        ({"registry": {"did:web:a.example": {"name": " "}}}, "did:web:a.example has no name"),
        ({"registry": {"did:web:a.example": {"name": "A", "url": 1}}}, "the url of did:web:a.example"),
    ],
)
def test_what_is_no_list_is_refused_by_name(tmp_path: Path, document: object, words: str):
    path = written(tmp_path / "list.json", document)
    with pytest.raises(BadRegistry, match=words) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_an_issuer_listed_twice_is_refused(tmp_path: Path):
    path = tmp_path / "list.json"
    path.write_text('{"registry": {"did:web:a": {"name": "A"}, "did:web:a": {"name": "B"}}}', encoding="utf-8")
    with pytest.raises(BadRegistry, match="twice"):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(BadRegistry, match=r"absent\.json: No such file"):
        load(tmp_path / "absent.json")
