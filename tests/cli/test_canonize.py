"""What a signature covers, printed: the bytes whose hash the published vectors give."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from samples import badge, proof

VECTORS = Path(__file__).parents[1] / "vectors"
SIGNED = VECTORS / "vc_di_eddsa" / "signed-credential.json"


def test_the_published_hash_is_that_of_what_is_printed(desk):
    printed = desk.run("canonize", SIGNED, "--conformance").stdout_bytes
    expected = (VECTORS / "vc_di_eddsa" / "document-hash.txt").read_text().strip()
    assert hashlib.sha256(printed).hexdigest() == expected


def test_a_proof_is_no_part_of_it_and_an_installation_is_not_needed(desk):
    bare = desk.write("bare.json", json.dumps(badge()))
    signed = desk.write("signed.json", json.dumps(badge(proof=[proof()])))
    printed = desk.run("canonize", bare).stdout
    assert printed == desk.run("canonize", signed).stdout
    assert "Université d'Exemple 🎓\"" in printed
    assert not desk.database.exists()


@pytest.mark.parametrize("algorithm", ["sha256", "sha384"])
def test_n_quads_are_canonized_as_they_are(algorithm, desk):
    statements = VECTORS / "vc_di_ecdsa" / "employment.nq"
    printed = desk.run("canonize", statements, "--algorithm", algorithm).stdout
    assert (printed == statements.read_text()) == (algorithm == "sha384")
    again = desk.write("again.nq", printed)
    assert desk.run("canonize", again, "--algorithm", algorithm).stdout == printed


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.nq", "junk", "line 1 is no statement"),
        ("a.json", "[]", "not a JSON object"),
        ("a.json", "{", "not JSON"),
        ("a.json", json.dumps(badge(colour="red")), "/colour"),
        ("a.json", json.dumps(badge(**{"@context": ["https://a.example/"]})), "/@context/0"),
        ("a.json", "{}", "no canonical form"),
    ],
)
def test_what_has_none_is_refused_in_words(name, text, words, desk):
    done = desk.run("canonize", desk.write(name, text), code=1)
    assert words in done.stderr
    assert done.stdout == ""


def test_a_file_that_is_no_text_or_not_there(desk):
    (desk.folder / "odd.nq").write_bytes(b"\xff\xfe")
    assert "UTF-8" in desk.run("canonize", desk.folder / "odd.nq", code=1).stderr
    assert "gone.nq" in desk.run("canonize", desk.folder / "gone.nq", code=1).stderr
