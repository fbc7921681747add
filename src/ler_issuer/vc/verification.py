"""Check the proofs of a document against the keys that its issuer publishes.

In the order of VC Data Integrity §4.4: what is covered means something certain, there is a proof, its suite is known,
its key is one that the issuer publishes for the purpose, the signer is the issuer, the signature holds. Every check is
made that still means something; the others are `skipped` and say why. Nothing here fetches, and nothing raises on any
JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ler_issuer.vc.canonical import Canonical, canonize
from ler_issuer.vc.dids import BadDid, controller_of, did_key_document, resolve_method, web_url
from ler_issuer.vc.documents import issuer_id, members, types_of, without_proof
from ler_issuer.vc.keys import PublicKey
from ler_issuer.vc.material import Found, Hole, Material, look_up
from ler_issuer.vc.plain import overlooked, overlooked_in_proof
from ler_issuer.vc.problems import CannotCanonize, Problem
from ler_issuer.vc.report import CheckId, Finding, Outcome, finding
from ler_issuer.vc.suites import SUITES
from ler_issuer.vc.validity import SKEW, instant, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import Did, Json, JsonObject, Pointer, Url
    from ler_issuer.vc.contexts import Contexts

MAX_PROOFS = 4
"""Proofs of one document that are checked; each costs a canonicalisation and may cost a fetch."""

_CONTEXT_CODES = ("unknown_context", "inline_context", "malformed_context")
_KEY_CHECKS = (CheckId.PROOF_KEY, CheckId.PROOF_CONTROLLER, CheckId.PROOF_SIGNATURE)


def key_needs(document: Json) -> tuple[Did | Url, ...]:
    """Name the controller documents that the proofs of a document rest on, each once; a `did:key` needs none."""
    if not isinstance(document, dict):
        return ()
    proofs = [proof for _, proof in members(document, "proof") if isinstance(proof, dict)]
    if len(proofs) > MAX_PROOFS:
        return ()
    methods = [proof.get("verificationMethod") for proof in proofs]
    controllers = dict.fromkeys(controller_of(method) for method in methods if isinstance(method, str))
    return tuple(name for name in controllers if _can_be_gathered(name))


def _can_be_gathered(controller: Did | Url) -> bool:
    if controller.startswith(("https://", "http://")):
        return True
    try:
        web_url(controller, scheme="http")
    except BadDid:
        return False
    return True


def check_proofs(document: JsonObject, keys: Material, contexts: Contexts, now: datetime) -> tuple[Finding, ...]:
    """Check that a document is signed by its issuer and unchanged: findings for `jsonld.safe` and every `proof.*`.

    Several proofs must all hold; no proof is a failure. An unknown context is a finding of `context.order`. Expects a
    document that `documents.unfit` has nothing against.
    """
    canonical, meaning = _meaning(document, contexts)
    proofs = tuple(members(document, "proof"))
    fault = _proofs_fault(proofs)
    if fault is not None:
        later = (CheckId.PROOF_SUITE, *_KEY_CHECKS)
        return (*meaning, fault, *(finding(check, Outcome.SKIPPED, "no_proof") for check in later))
    judging = _Judging(document, canonical, keys, contexts, now)
    present = finding(CheckId.PROOF_PRESENT, Outcome.PASS, "proof_found")
    return (*meaning, present, *(found for pointer, proof in proofs for found in judging.check(pointer, proof)))


def _meaning(document: JsonObject, contexts: Contexts) -> tuple[Canonical | None, tuple[Finding, ...]]:
    """Check that all of the document means something, to JSON-LD and to a plain reader alike.

    Gives the canonical form only when it does, so that nothing else is ever compared with a signature.
    """
    check = CheckId.JSONLD_SAFE
    problem = overlooked(document)
    if problem is not None:
        return None, (_failed(check, problem),)
    try:
        canonical = canonize(without_proof(document), contexts)
    except CannotCanonize as error:
        if error.problem.code not in _CONTEXT_CODES:
            return None, (_failed(check, error.problem),)
        skipped = finding(check, Outcome.SKIPPED, "context_not_known")
        return None, (_failed(CheckId.CONTEXT_ORDER, error.problem), skipped)
    if canonical.lost:
        return None, tuple(_failed(check, problem) for problem in canonical.lost)
    return canonical, (finding(check, Outcome.PASS, "terms_defined"),)


def _proofs_fault(proofs: tuple[tuple[Pointer, Json], ...]) -> Finding | None:
    check = CheckId.PROOF_PRESENT
    if not proofs:
        return finding(check, Outcome.FAIL, "proof_missing")
    if len(proofs) > MAX_PROOFS:
        return finding(check, Outcome.FAIL, "too_many_proofs", "/proof", detail=f"{len(proofs)} of {MAX_PROOFS}")
    odd = next((pointer for pointer, proof in proofs if not isinstance(proof, dict)), None)
    return None if odd is None else finding(check, Outcome.FAIL, "proof_malformed", odd)


def _failed(check: CheckId, problem: Problem, prefix: Pointer = "") -> Finding:
    return finding(check, Outcome.FAIL, problem.code, prefix + problem.pointer, detail=problem.detail)


@dataclass(frozen=True, slots=True)
class _Judging:
    """What the checks of one proof need beside the proof."""

    document: JsonObject
    canonical: Canonical | None
    keys: Material
    contexts: Contexts
    now: datetime

    def check(self, pointer: Pointer, proof: JsonObject) -> Iterator[Finding]:
        """Make the checks of one proof, in order."""
        fault = _suite_fault(pointer, proof)
        if fault is not None:
            yield fault
            yield from (finding(check, Outcome.SKIPPED, "suite_not_supported", pointer) for check in _KEY_CHECKS)
            return
        yield finding(CheckId.PROOF_SUITE, Outcome.PASS, "suite_supported", pointer)
        key = self._key(proof)
        yield self._key_finding(pointer, key)
        yield self._controller_finding(pointer, proof, key)
        yield from self._signature(pointer, proof, key)

    def _key(self, proof: JsonObject) -> PublicKey | Problem | Hole:
        """Dereference the verification method through its controller document."""
        named = proof.get("verificationMethod")
        if not isinstance(named, str) or not named:
            return Problem("method_malformed", "it is no text", "/verificationMethod")
        controller = controller_of(named)
        if controller == named and not _is_key_did(named):
            return Problem("method_without_fragment", named, "/verificationMethod")
        document = self._controller_document(controller)
        if isinstance(document, Problem | Hole):
            return document
        method = document["assertionMethod"][0] if controller == named else named
        return resolve_method(document, method, at=instant(proof.get("created")) or self.now)

    def _controller_document(self, controller: Did | Url) -> Json | Problem | Hole:
        if _is_key_did(controller):
            return did_key_document(controller)
        if not _can_be_gathered(controller):
            supported = controller.startswith("did:web:") or not controller.startswith("did:")
            return Problem("did_malformed" if supported else "did_method_unknown", controller, "/verificationMethod")
        gathered = look_up(self.keys, controller)
        return gathered.document if isinstance(gathered, Found) else Hole(gathered.code, controller)

    def _key_finding(self, pointer: Pointer, key: PublicKey | Problem | Hole) -> Finding:
        check = CheckId.PROOF_KEY
        match key:
            case Hole(code, detail):
                return finding(check, Outcome.INDETERMINATE, f"key_{code}", pointer, detail=detail)
            case Problem("did_method_unknown"):
                return finding(check, Outcome.INDETERMINATE, key.code, pointer + key.pointer, detail=key.detail)
            case Problem("key_controller_differs"):
                return finding(check, Outcome.SKIPPED, "key_of_another", pointer)
            case Problem():
                return _failed(check, key, pointer)
            case PublicKey():
                return finding(check, Outcome.PASS, "key_listed", pointer)

    def _controller_finding(self, pointer: Pointer, proof: JsonObject, key: PublicKey | Problem | Hole) -> Finding:
        """Compare the controller of the key with the issuer; a stranger is one even when the key is not to be had."""
        named = method if isinstance(method := proof.get("verificationMethod"), str) else ""
        controller, issuer = controller_of(named), issuer_id(self.document)
        answers = (
            (issuer is None, Outcome.FAIL, "issuer_missing"),
            (not named, Outcome.SKIPPED, "key_not_available"),
            (controller != issuer, Outcome.FAIL, "controller_foreign"),
            (controller == named and _is_key_did(named), Outcome.FAIL, "method_unbound"),
            (isinstance(key, Problem) and key.code == "key_controller_differs", Outcome.FAIL, "key_controller_differs"),
            (not isinstance(key, PublicKey), Outcome.SKIPPED, "key_not_available"),
            (True, Outcome.PASS, "controller_is_issuer"),
        )
        outcome, code = next((outcome, code) for holds, outcome, code in answers if holds)
        detail = key.detail if isinstance(key, Problem) and code == key.code else controller
        return finding(CheckId.PROOF_CONTROLLER, outcome, code, pointer, detail=detail)

    def _signature(self, pointer: Pointer, proof: JsonObject, key: PublicKey | Problem | Hole) -> Iterator[Finding]:
        """Check the terms of a proof, and if they are met the signature itself."""
        check = CheckId.PROOF_SIGNATURE
        fault = _terms_fault(pointer, proof, self.now)
        if fault is not None:
            yield fault
        elif not isinstance(key, PublicKey):
            yield finding(check, Outcome.SKIPPED, "key_not_available", pointer)
        elif self.canonical is None:
            yield finding(check, Outcome.SKIPPED, "meaning_not_fixed", pointer)
        else:
            yield self._value_finding(pointer, proof, key)
        created = instant(proof.get("created"))
        if fault is None and created is not None and created > self.now + SKEW:
            yield finding(check, Outcome.WARNING, "created_in_future", f"{pointer}/created", detail=stamp(created))

    def _value_finding(self, pointer: Pointer, proof: JsonObject, key: PublicKey) -> Finding:
        check, suite, covered = CheckId.PROOF_SIGNATURE, SUITES[proof["cryptosuite"]], without_proof(self.document)
        problem = suite.check(covered, proof, key, self.contexts, canonical=self.canonical)
        if problem is None:
            return finding(check, Outcome.PASS, "signature_holds", pointer)
        place = pointer + problem.pointer.removeprefix("/proof") if problem.pointer.startswith("/proof") else pointer
        return finding(check, Outcome.FAIL, problem.code, place, detail=problem.detail)


def _is_key_did(name: str) -> bool:
    return name.startswith("did:key:")


def _suite_fault(pointer: Pointer, proof: JsonObject) -> Finding | None:
    check = CheckId.PROOF_SUITE
    kinds, suite = types_of(proof), proof.get("cryptosuite")
    if kinds != ("DataIntegrityProof",):
        return finding(check, Outcome.FAIL, "proof_type_unknown", f"{pointer}/type", detail=", ".join(kinds))
    if not isinstance(suite, str) or suite not in SUITES:
        detail = suite if isinstance(suite, str) else "none is named"
        return finding(check, Outcome.FAIL, "suite_unknown", f"{pointer}/cryptosuite", detail=detail)
    return None


def _terms_fault(pointer: Pointer, proof: JsonObject, now: datetime) -> Finding | None:
    """Check what a proof says about itself: its members, its purpose, its dates (VC-DI §4.4 steps 3 to 6)."""
    check = CheckId.PROOF_SIGNATURE
    odd = overlooked_in_proof(proof)
    if odd is not None:
        return _failed(check, odd, pointer)
    if proof.get("proofPurpose") != "assertionMethod":
        detail = purpose if isinstance(purpose := proof.get("proofPurpose"), str) else "none is named"
        return finding(check, Outcome.FAIL, "purpose_wrong", f"{pointer}/proofPurpose", detail=detail)
    for name in ("created", "expires"):
        if name in proof and instant(proof[name]) is None:
            return finding(check, Outcome.FAIL, f"{name}_malformed", f"{pointer}/{name}")
    expires = instant(proof.get("expires"))
    if expires is not None and expires < now - SKEW:
        return finding(check, Outcome.FAIL, "proof_expired", f"{pointer}/expires", detail=stamp(expires))
    if "previousProof" in proof:
        return finding(check, Outcome.INDETERMINATE, "proof_chained", f"{pointer}/previousProof")
    return None
