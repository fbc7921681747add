"""Proofs beside and upon one another (VC-DI §2.1.1 and §4.5).

In a set each proof covers the document alone. In a chain a proof names others in `previousProof` and covers them too:
what it is compared with is the document with just those proofs in it, values and all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ler_issuer.vc.documents import without_proof
from ler_issuer.vc.problems import PROOF_VERIFICATION_ERROR, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ler_issuer.types import Json, JsonObject

_URL = re.compile(r'[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00-\x20\x7f-\x9f<>"{}|^`\\]+')


def chain_fault(proof: JsonObject, proofs: Sequence[JsonObject]) -> Problem | None:
    """Say what is wrong with the place of a proof among the proofs of its document, or None.

    Its `id`, if any, is a URL that no other proof has; `previousProof` is one id, or a list of different ones, of
    proofs that are there and do not in turn build on this one.
    """
    name = proof.get("id")
    if "id" in proof and not (isinstance(name, str) and _URL.fullmatch(name)):
        return _fault("proof_id_malformed", "", "/id")
    if name is not None and sum(other.get("id") == name for other in proofs) > 1:
        return _fault("proof_id_repeated", name, "/id")
    if "previousProof" not in proof:
        return None
    named = _named(proof)
    if named is None:
        return _fault("previous_proof_malformed", "", "/previousProof")
    known = {other.get("id") for other in proofs if isinstance(other.get("id"), str)}
    missing = next((previous for previous in named if previous not in known), None)
    if missing is not None:
        return _fault("previous_proof_unknown", missing, "/previousProof")
    return _fault("proof_chain_circular", "", "/previousProof") if _builds_on_itself(proof, proofs) else None


def covered_by(proof: JsonObject, document: JsonObject, proofs: Sequence[JsonObject]) -> JsonObject:
    """Give what a proof covers: the document, and of its proofs those that this one names, in the document's order."""
    named = set(_named(proof) or ())
    previous = [other for other in proofs if isinstance(other.get("id"), str) and other["id"] in named]
    bare = without_proof(document)
    return {**bare, "proof": previous} if previous else bare


def _named(proof: JsonObject) -> tuple[str, ...] | None:
    """Read `previousProof`; None when it is neither text nor a list of different texts."""
    value: Json = proof.get("previousProof", [])
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in listed) or len(set(listed)) != len(listed):
        return None
    return None if "previousProof" in proof and not listed else tuple(listed)


def _builds_on_itself(proof: JsonObject, proofs: Sequence[JsonObject]) -> bool:
    by_name = {other["id"]: other for other in proofs if isinstance(other.get("id"), str)}
    seen: set[str] = set()
    waiting = list(_named(proof) or ())
    while waiting:
        name = waiting.pop()
        if by_name.get(name) is proof:
            return True
        if name not in seen and name in by_name:
            seen.add(name)
            waiting.extend(_named(by_name[name]) or ())
    return False


def _fault(code: str, detail: str, pointer: str) -> Problem:
    return Problem(code, detail, pointer, PROOF_VERIFICATION_ERROR)
