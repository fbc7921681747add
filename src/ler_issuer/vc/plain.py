"""Check that whoever reads a document as plain JSON sees all that its signature covers.

A signature over RDF covers statements, not their spelling. JSON-LD can spell `validUntil` as a full IRI, behind a
prefix, in a `@graph`, or inside another object that has the credential's own id; the canonical form, and so the
signature, stays the same, and a verifier that reads members by name no longer finds the end date or the status of a
credential. VCDM 2.0 §6.1 asks for documents in compacted form; this makes sure of it where it matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.jsontext import MAX_DEPTH, escape, survey
from ler_issuer.vc.documents import as_list, types_of
from ler_issuer.vc.problems import MALFORMED_VALUE_ERROR, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.jsontext import Survey
    from ler_issuer.types import Json, JsonObject, Pointer

_TEXT_WITH_LANGUAGE = {"@value", "@language", "@direction"}

_READ_BY_NAME = {
    "credentialSchema",
    "credentialStatus",
    "credentialSubject",
    "expirationDate",
    "holder",
    "issuanceDate",
    "issuer",
    "proof",
    "refreshService",
    "validFrom",
    "validUntil",
}
"""Members of a credential that are judged by name, at its top and nowhere else."""

_PROOF_MEMBERS = {
    "@context",
    "challenge",
    "created",
    "cryptosuite",
    "domain",
    "expires",
    "id",
    "nonce",
    "previousProof",
    "proofPurpose",
    "proofValue",
    "type",
    "verificationMethod",
}
"""All members that a data integrity proof can have (VC-DI §2.1)."""


def overlooked(document: JsonObject, found: Survey | None = None) -> Problem | None:
    """Give the first place where the document says something that a plain reader would overlook.

    Expects a document that `documents.unfit` has nothing against; `found` is what `documents.surveyed` gave for it.
    """
    if found is None:
        found = survey(document, deepest=MAX_DEPTH + 1)  # so deep may it be
    return None if _is_clear(document, found) else _first_overlooked(document)


def _is_clear(document: JsonObject, found: Survey) -> bool:
    """Say whether surely every member is a term, and the credential and its subjects are described in one place each.

    For the latter their ids are counted: there are as many among all ids as there are of those that have one.
    """
    if not found.is_plain or ":" in found.names or not _has_no_keyword(document, found):
        return False
    ids = [item["id"] for item in found.objects if "id" in item]
    if [named for named in ids if type(named) is not str or named[:2] == "_:"]:
        return False
    first = [item["id"] for item in (document, *_subjects(document)) if "id" in item]
    of_them = {*first}
    return sum([named in of_them for named in ids]) == len(first)


def _has_no_keyword(document: JsonObject, found: Survey) -> bool:
    """Say whether surely no name has an @ in it but that of contexts; most documents name them at the top alone."""
    marks = found.names.count("@")
    return marks == ("@context" in document) or marks == sum(["@context" in item for item in found.objects])


def _subjects(document: JsonObject) -> list[JsonObject]:
    return [subject for subject in as_list(document.get("credentialSubject")) if isinstance(subject, dict)]


def _first_overlooked(document: JsonObject) -> Problem | None:
    subjects = _subjects(document)
    for pointer, item in _objects(document):
        odd = _odd_member(item)
        if odd is not None:
            return _problem("not_plain", f"the member {odd!r}", f"{pointer}/{escape(odd)}")
        named = item.get("id")
        if isinstance(named, str) and named.startswith("_:"):
            return _problem("not_plain", "an id that holds only inside this document", f"{pointer}/id")
        if named is not None and _repeats(item, document, subjects):
            return _problem("described_twice", "", pointer)
    return None


def _repeats(item: JsonObject, document: JsonObject, subjects: list[JsonObject]) -> bool:
    """Say whether an object goes on with the description of the credential, or of its subject, in another place.

    It can do so unnoticed only under a type that the first place has too, since the terms belong to the types; for the
    credential, whose members decide what it is worth, the members are looked at as well.
    """
    if item is document or any(item is subject for subject in subjects):
        return False
    if item["id"] == document.get("id") and not _READ_BY_NAME.isdisjoint(item):
        return True
    same = (subject for subject in (document, *subjects) if subject.get("id") == item["id"])
    return any(not {*types_of(item)}.isdisjoint(types_of(first)) for first in same)


def overlooked_in_proof(proof: JsonObject) -> Problem | None:
    """Give the first member of a proof that no data integrity proof has, with a pointer into the proof."""
    unknown = next((name for name in proof if name not in _PROOF_MEMBERS), None)
    return None if unknown is None else _problem("not_plain", f"the member {unknown!r}", f"/{escape(unknown)}")


def _objects(document: JsonObject) -> Iterator[tuple[Pointer, JsonObject]]:
    """Yield every object of a document except contexts, without recursion."""
    stack: list[tuple[Pointer, Json]] = [("", document)]
    while stack:
        pointer, value = stack.pop()
        if isinstance(value, dict):
            yield pointer, value
            stack.extend((f"{pointer}/{escape(key)}", item) for key, item in value.items() if key != "@context")
        elif isinstance(value, list):
            stack.extend((f"{pointer}/{number}", item) for number, item in enumerate(value))


def _odd_member(item: JsonObject) -> str | None:
    """Find a member that is a keyword or an IRI, where a term is expected."""
    if "@value" in item and _TEXT_WITH_LANGUAGE.issuperset(item):
        return None
    return next((key for key in item if key != "@context" and (":" in key or key.startswith("@"))), None)


def _problem(code: str, detail: str, pointer: Pointer) -> Problem:
    return Problem(code, detail, pointer, MALFORMED_VALUE_ERROR)
