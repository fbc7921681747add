"""Contexts that documents bring themselves: never in the service, and within limits on a conformance installation."""

from __future__ import annotations

import copy

import pytest

from ler_issuer import vc
from ler_issuer.resources import load_closed_world
from ler_issuer.types import Json, JsonObject
from signing import NOW, SELF_ISSUED

V2 = "https://www.w3.org/ns/credentials/v2"
ALUMNUS = {"AlumniCredential": "https://example.org/AlumniCredential", "alumniOf": "https://example.org/alumniOf"}


@pytest.fixture(scope="module")
def closed() -> vc.Contexts:
    return vc.Contexts(load_closed_world().contexts)


@pytest.fixture(scope="module")
def lenient() -> vc.Contexts:
    return vc.Contexts(load_closed_world().contexts, inline=True)


def credential(*contexts: Json, types: tuple[str, ...] = ("AlumniCredential",)) -> JsonObject:
    return {
        "@context": [V2, *contexts],
        "type": ["VerifiableCredential", *types],
        "issuer": SELF_ISSUED.subject,
        "credentialSubject": {"id": "did:example:s", "alumniOf": "The School of Examples"},
    }


def code(document: JsonObject, contexts: vc.Contexts) -> str | None:
    try:
        canonical = vc.canonize(document, contexts)
    except vc.CannotCanonize as error:
        return error.problem.code
    return canonical.lost[0].code if canonical.lost else None


def test_the_service_itself_reads_none(closed: vc.Contexts) -> None:
    assert code(credential(ALUMNUS), closed) == "inline_context"
    assert code(credential({"@context": ALUMNUS}), closed) == "inline_context"


@pytest.mark.parametrize(
    "context",
    [
        ALUMNUS,
        {"@context": ALUMNUS},
        {"@context": [V2, {"@context": ALUMNUS}]},
        {"@version": 1.1, "@protected": True, **ALUMNUS},
        {**ALUMNUS, "alumniOf": {"@id": "https://example.org/alumniOf", "@type": "@id", "@context": {"x": "urn:x"}}},
    ],
)
def test_a_conformance_installation_reads_them(context: Json, lenient: vc.Contexts) -> None:
    document = credential(context)
    document["credentialSubject"]["alumniOf"] = "https://example.org/school"
    canonical = vc.canonize(document, lenient)
    assert canonical.lost == ()
    assert "<https://example.org/alumniOf>" in canonical.nquads
    assert "<https://example.org/AlumniCredential>" in canonical.nquads


def test_a_vocabulary_for_all_other_words_is_read(lenient: vc.Contexts) -> None:
    canonical = vc.canonize(credential({"@vocab": "https://example.org/all#"}), lenient)
    assert "<https://example.org/all#alumniOf>" in canonical.nquads
    assert canonical.lost == ()


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"@base": "https://example.org/", **ALUMNUS}, "inline_context"),
        ({"@import": V2, **ALUMNUS}, "inline_context"),
        ({"@propagate": False, **ALUMNUS}, "inline_context"),
        ({**ALUMNUS, "graph": "@graph"}, "inline_context"),
        ({**ALUMNUS, "included": {"@id": "@included"}}, "inline_context"),
        ({**ALUMNUS, "alumniOf": {"@id": "https://example.org/a", "@nest": "credentialSubject"}}, "inline_context"),
        ({**ALUMNUS, "alumniOf": {"@id": "urn:a", "@context": "https://evil.example/"}}, "unknown_context"),
        ({**ALUMNUS, "alumniOf": {"@id": "urn:a", "@context": {"@base": "urn:x"}}}, "inline_context"),
        ({**ALUMNUS, "alumniOf": {"@id": "urn:a", "@context": None}}, "malformed_context"),
        ({"@context": "https://evil.example/"}, "unknown_context"),
        ({"@context": []}, "malformed_context"),
        ({"@context": None}, "malformed_context"),
        ({"@context": ALUMNUS, "more": "urn:more"}, "malformed_context"),
        ([ALUMNUS], "malformed_context"),
        (7, "malformed_context"),
        ({**ALUMNUS, "VerifiableCredential": "https://evil.example/"}, "not_json_ld"),
        ({**ALUMNUS, "AlumniCredential": "https ://example.org"}, "not_json_ld"),
        ({**ALUMNUS, "AlumniCredential": "relative"}, "not_json_ld"),
        ({"alumniOf": "urn:a"}, "relative_iri"),
        ({"AlumniCredential": "urn:a"}, "term_dropped"),
        ({"@vocab": ""}, "relative_iri"),
        ({f"t{number}": "urn:t" for number in range(1_001)}, "work_bound"),
    ],
)
def test_tricks_are_refused_all_the_same(context: Json, expected: str, lenient: vc.Contexts) -> None:
    assert code(credential(context), lenient) == expected


def test_what_the_type_protects_cannot_be_given_another_meaning(lenient: vc.Contexts) -> None:
    """`issuer` belongs to the type, whose context comes after those of the document."""
    usual = vc.canonize(credential(ALUMNUS), lenient)
    assert vc.canonize(credential({**ALUMNUS, "issuer": "https://evil.example/"}), lenient) == usual


def test_contexts_inside_contexts_have_an_end(lenient: vc.Contexts) -> None:
    context: Json = ALUMNUS
    for _ in range(10):
        context = {"@context": context}
    assert code(credential(context), lenient) == "work_bound"


def test_what_a_document_brings_is_forgotten_with_it(lenient: vc.Contexts) -> None:
    """Its contexts are found by identity, so one that changes in place must not be taken for what it was."""
    document = credential(copy.deepcopy(ALUMNUS))
    before = vc.canonize(document, lenient).nquads
    known = len(lenient.processed)
    document["@context"][1]["alumniOf"] = "https://example.org/expelledFrom"
    after = vc.canonize(document, lenient).nquads
    assert "alumniOf" in before
    assert "expelledFrom" in after
    assert len(lenient.processed) == known


def test_such_a_document_is_signed_and_checked(lenient: vc.Contexts) -> None:
    document = credential({"@context": ALUMNUS})
    for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        prepared = vc.prepare(
            document,
            cryptosuite=suite,
            verification_method=SELF_ISSUED.verification_method,
            created=NOW,
            contexts=lenient,
        )
        signed = vc.seal(prepared, SELF_ISSUED)
        assert vc.authentic(vc.check_proofs(signed, {}, lenient, NOW))
        signed["@context"][1]["@context"]["alumniOf"] = "https://example.org/expelledFrom"
        assert not vc.authentic(vc.check_proofs(signed, {}, lenient, NOW))
