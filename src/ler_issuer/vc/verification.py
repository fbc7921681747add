"""Check the proofs of a document against the keys that its issuer publishes.

In the order of VC Data Integrity §4.4: what is covered means something certain, there is a proof, its suite is known,
its key is one that the issuer publishes for the purpose, the signer is the issuer, the signature holds. Every check is
made that still means something; the others are `skipped` and say why. Nothing here fetches, and nothing raises on any
JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ler_issuer.vc.canonical import Canonical, HashName, canonize
from ler_issuer.vc.chains import chain_fault, covered_by
from ler_issuer.vc.dids import (
    can_be_gathered,
    controller_of,
    has_key_in_fragment,
    is_self_contained,
    resolve_method,
    self_contained_document,
)
from ler_issuer.vc.documents import as_list, id_of, issuer_id, members, types_of, without_proof
from ler_issuer.vc.findings import CheckId, Finding, Outcome, finding
from ler_issuer.vc.instants import SKEW, instant, stamp
from ler_issuer.vc.keys import PublicKey
from ler_issuer.vc.material import Found, Hole, Material, look_up
from ler_issuer.vc.meaning import check_meaning
from ler_issuer.vc.plain import overlooked_in_proof
from ler_issuer.vc.problems import CannotCanonize, Problem
from ler_issuer.vc.suites import suite_of
from ler_issuer.vc.suites.cryptosuite import DATA_INTEGRITY_PROOF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ler_issuer.jsontext import Survey
    from ler_issuer.types import Did, Json, JsonObject, Pointer, Url
    from ler_issuer.vc.contexts import Contexts

MAX_PROOFS = 8
"""Proofs of one document that are checked; each may cost a fetch."""

MAX_CHAINED = 4
"""Those among them that build on others; each costs a canonicalisation of the whole document."""

ASSERTION = "assertionMethod"
AUTHENTICATION = "authentication"

_KEY_CHECKS = (CheckId.PROOF_KEY, CheckId.PROOF_CONTROLLER, CheckId.PROOF_SIGNATURE)


def key_needs(document: Json) -> tuple[Did | Url, ...]:
    """Name the controller documents that the proofs of a document rest on, each once.

    A `did:key` or `did:jwk` needs none.
    """
    if not isinstance(document, dict):
        return ()
    proofs = [proof for _, proof in members(document, "proof") if isinstance(proof, dict)]
    if len(proofs) > MAX_PROOFS:
        return ()
    methods = [proof.get("verificationMethod") for proof in proofs]
    controllers = dict.fromkeys(controller_of(method) for method in methods if isinstance(method, str))
    return tuple(name for name in controllers if can_be_gathered(name))


def check_proofs(  # noqa: PLR0913 - what was gathered, and what the proofs have to say
    document: JsonObject,
    keys: Material,
    contexts: Contexts,
    now: datetime,
    *,
    purpose: str = ASSERTION,
    issuer_controls: bool = True,
    challenge: str | None = None,
    domain: str | None = None,
    found: Survey | None = None,
) -> tuple[Finding, ...]:
    """Check that a document is signed by its issuer and unchanged: findings for `jsonld.safe` and every `proof.*`.

    Several proofs must all hold, whether they stand side by side or build on one another; no proof is a failure. One of
    them at least must be the issuer's own, and the others are named in a warning; without `issuer_controls` it is never
    more than that. With the purpose ``authentication`` the holder of a presentation takes the place of the issuer, and
    whoever signs may do so where none is named. A `challenge` or `domain` that is given must be that of every proof. An
    unknown context is a finding of `context.order`. Expects a document that `documents.unfit` has nothing against;
    `found` is what `documents.surveyed` gave for it.
    """
    canonical, meaning = check_meaning(document, contexts, found)
    proofs = tuple(members(document, "proof"))
    fault = _proofs_fault(proofs)
    if fault is not None:
        later = (CheckId.PROOF_SUITE, *_KEY_CHECKS)
        return (*meaning, fault, *(finding(check, Outcome.SKIPPED, "no_proof") for check in later))
    terms = _Terms(purpose, issuer_controls, challenge, domain)
    judging = _Judging(document, [proof for _, proof in proofs], canonical, keys, contexts, now, terms)
    present = finding(CheckId.PROOF_PRESENT, Outcome.PASS, "proof_found")
    return (*meaning, present, *(found for pointer, proof in proofs for found in judging.check(pointer, proof)))


def _proofs_fault(proofs: tuple[tuple[Pointer, Json], ...]) -> Finding | None:
    check = CheckId.PROOF_PRESENT
    if not proofs:
        return finding(check, Outcome.FAIL, "proof_missing")
    if len(proofs) > MAX_PROOFS:
        return finding(check, Outcome.FAIL, "too_many_proofs", "/proof", detail=f"{len(proofs)} of {MAX_PROOFS}")
    odd = next((pointer for pointer, proof in proofs if not isinstance(proof, dict)), None)
    if odd is not None:
        return finding(check, Outcome.FAIL, "proof_malformed", odd)
    chained = sum("previousProof" in proof for _, proof in proofs)
    if chained > MAX_CHAINED:
        detail = f"{chained} of {MAX_CHAINED} that build on others"
        return finding(check, Outcome.FAIL, "too_many_proofs", "/proof", detail=detail)
    return None


def _failed(check: CheckId, problem: Problem, prefix: Pointer = "") -> Finding:
    return finding(check, Outcome.FAIL, problem.code, prefix + problem.pointer, detail=problem.detail)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What proofs have to say to count: for what, by whom, and in answer to what they were made."""

    purpose: str
    party_controls: bool
    challenge: str | None
    domain: str | None

    @property
    def asserting(self) -> bool:
        """Whether the proofs are those of an issuer, and not of somebody who presents."""
        return self.purpose == ASSERTION


@dataclass(frozen=True, slots=True)
class _Judging:
    """What the checks of one proof need beside the proof."""

    document: JsonObject
    proofs: list[JsonObject]
    canonical: Canonical | None
    keys: Material
    contexts: Contexts
    now: datetime
    terms: _Terms
    forms: dict[tuple[HashName, tuple[str, ...]], Canonical] = field(default_factory=dict)

    @property
    def party(self) -> str | None:
        """Whose proof it has to be: the issuer's, or in a presentation the holder's."""
        return issuer_id(self.document) if self.terms.asserting else id_of(self.document.get("holder"))

    def check(self, pointer: Pointer, proof: JsonObject) -> Iterator[Finding]:
        """Make the checks of one proof, in order."""
        fault = _suite_fault(pointer, proof)
        if fault is not None:
            yield fault
            yield from (finding(check, Outcome.SKIPPED, "suite_not_supported", pointer) for check in _KEY_CHECKS)
            return
        yield finding(CheckId.PROOF_SUITE, Outcome.PASS, "suite_supported", pointer)
        key = self._key(proof)
        yield self._key_finding(pointer, proof, key)
        yield self._controller_finding(pointer, proof, key)
        yield from self._signature(pointer, proof, key)

    def _key(self, proof: JsonObject) -> PublicKey | Problem | Hole:
        """Dereference the verification method through its controller document."""
        named = _method_of(proof)
        if not named:
            return Problem("method_malformed", "it is no text", "/verificationMethod")
        controller = controller_of(named)
        if controller == named and not is_self_contained(named):
            return Problem("method_without_fragment", named, "/verificationMethod")
        document = self._controller_document(controller)
        if isinstance(document, Problem | Hole):
            return document
        method = document[ASSERTION][0] if controller == named else named
        key = resolve_method(document, method, purpose=self.terms.purpose, at=instant(proof.get("created")) or self.now)
        suite = suite_of(proof)
        if isinstance(key, PublicKey) and suite is not None and key.kind not in suite.key_kinds:
            return Problem("key_wrong_kind", key.kind, "/verificationMethod")
        return key

    def _controller_document(self, controller: Did | Url) -> Json | Problem | Hole:
        if is_self_contained(controller):
            return self_contained_document(controller)
        if not can_be_gathered(controller):
            supported = controller.startswith("did:web:") or not controller.startswith("did:")
            return Problem("did_malformed" if supported else "did_method_unknown", controller, "/verificationMethod")
        gathered = look_up(self.keys, controller)
        return gathered.document if isinstance(gathered, Found) else Hole(gathered.code, controller)

    def _key_finding(self, pointer: Pointer, proof: JsonObject, key: PublicKey | Problem | Hole) -> Finding:
        check, named = CheckId.PROOF_KEY, _method_of(proof)
        source = [self.keys[controller].source] if (controller := controller_of(named)) in self.keys else []
        alone = has_key_in_fragment(named)
        match key:
            case Hole(code, detail) if alone:
                told = f"{detail} ({code})"
                return finding(check, Outcome.INDETERMINATE, "key_in_fragment", pointer, detail=told, evidence=source)
            case Hole(code, detail):
                return finding(check, Outcome.INDETERMINATE, f"key_{code}", pointer, detail=detail, evidence=source)
            case Problem("did_method_unknown"):
                return finding(check, Outcome.INDETERMINATE, key.code, pointer + key.pointer, detail=key.detail)
            case Problem("key_controller_differs"):
                return finding(check, Outcome.SKIPPED, "key_of_another", pointer)
            case Problem(code, detail):
                told = "key_in_fragment" if alone and code == "key_unknown" else code
                place = pointer + key.pointer
                return finding(check, Outcome.FAIL, told, place, detail=detail, evidence=source)
            case PublicKey():
                listed = "key_listed" if self.terms.asserting else "key_listed_to_present"
                return finding(check, Outcome.PASS, listed, pointer, evidence=source)

    def _controller_finding(self, pointer: Pointer, proof: JsonObject, key: PublicKey | Problem | Hole) -> Finding:
        """Compare the controller of the key with the issuer; a stranger is one even when the key is not to be had."""
        named, asserting = _method_of(proof), self.terms.asserting
        controller, party = controller_of(named), self.party
        bare = controller == named and is_self_contained(named)
        foreign = party is not None and controller != party
        answers = (
            (party is None and asserting, Outcome.FAIL, "issuer_missing"),
            (party is None and self.document.get("holder") is not None, Outcome.FAIL, "holder_malformed"),
            (not named, Outcome.SKIPPED, "key_not_available"),
            (isinstance(key, Problem) and key.code == "key_controller_differs", Outcome.FAIL, "key_controller_differs"),
            (foreign and not self.terms.party_controls, Outcome.WARNING, "controller_foreign_accepted"),
            (foreign and self._party_signs_too(), Outcome.WARNING, "signed_by_another"),
            (foreign and bare and asserting, Outcome.FAIL, "method_unbound"),
            (foreign, Outcome.FAIL, "controller_foreign" if asserting else "holder_differs"),
            (not isinstance(key, PublicKey), Outcome.SKIPPED, "key_not_available"),
            (bare and party is not None, Outcome.WARNING, "method_bare"),
            (asserting, Outcome.PASS, "controller_is_issuer"),
            (True, Outcome.PASS, "holder_absent" if party is None else "controller_is_holder"),
        )
        outcome, code = next((outcome, code) for holds, outcome, code in answers if holds)
        detail = key.detail if isinstance(key, Problem) and code == key.code else controller
        return finding(CheckId.PROOF_CONTROLLER, outcome, code, pointer, detail=detail)

    def _party_signs_too(self) -> bool:
        """Say whether one of the proofs names a key of the issuer; whether that proof holds is told by itself."""
        return any(controller_of(_method_of(proof)) == self.party for proof in self.proofs)

    def _signature(self, pointer: Pointer, proof: JsonObject, key: PublicKey | Problem | Hole) -> Iterator[Finding]:
        """Check the terms of a proof, and if they are met the signature itself."""
        check = CheckId.PROOF_SIGNATURE
        fault = _terms_fault(proof, self.terms, self.now) or chain_fault(proof, self.proofs)
        if fault is not None:
            yield _failed(check, fault, pointer)
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
        check, suite = CheckId.PROOF_SIGNATURE, suite_of(proof)
        if suite is None:  # cannot be: that was the first check
            return finding(check, Outcome.SKIPPED, "suite_not_supported", pointer)
        covered = covered_by(proof, self.document, self.proofs)
        at_hand = None if suite.carries_context else self._form(covered, "sha384" if key.kind == "P-384" else "sha256")
        problem = suite.check(covered, proof, key, self.contexts, canonical=at_hand)
        if problem is None and suite.carries_context:
            problem = self._context_fault(proof)
        if problem is None:
            return finding(check, Outcome.PASS, "signature_holds", pointer)
        place = pointer + problem.pointer.removeprefix("/proof") if problem.pointer.startswith("/proof") else pointer
        return finding(check, Outcome.FAIL, problem.code, place, detail=problem.detail)

    def _form(self, covered: JsonObject, algorithm: HashName) -> Canonical | None:
        """Give the canonical form of what a proof covers, worked out once for all proofs that cover the same."""
        named = tuple(previous["id"] for previous in covered.get("proof", ()))
        if not named and algorithm == "sha256":
            return self.canonical
        if (algorithm, named) not in self.forms:
            try:
                self.forms[algorithm, named] = canonize(covered, self.contexts, algorithm)
            except CannotCanonize:
                return None  # the suite will come to the same, and say why
        return self.forms[algorithm, named]

    def _context_fault(self, proof: JsonObject) -> Problem | None:
        """Check that contexts which were added after signing change nothing of what is said.

        A proof over the JSON text may name fewer contexts than the document (VC-DI-EdDSA §3.3.2): the others are
        unsigned, and would give the same text another meaning.
        """
        signed = proof.get("@context", self.document.get("@context"))
        if as_list(signed) == as_list(self.document.get("@context")):
            return None
        try:
            meant = canonize({**without_proof(self.document), "@context": signed}, self.contexts)
        except CannotCanonize as error:
            return Problem("context_unsigned", error.problem.detail)
        same = not meant.lost and self.canonical is not None and meant.nquads == self.canonical.nquads
        return None if same else Problem("context_unsigned", "what it says depends on them")


def _method_of(proof: JsonObject) -> str:
    named = proof.get("verificationMethod")
    return named if isinstance(named, str) else ""


def _suite_fault(pointer: Pointer, proof: JsonObject) -> Finding | None:
    check = CheckId.PROOF_SUITE
    if suite_of(proof) is not None:
        return None
    if proof.get("type") != DATA_INTEGRITY_PROOF:
        detail = ", ".join(types_of(proof))
        return finding(check, Outcome.FAIL, "proof_type_unknown", f"{pointer}/type", detail=detail)
    detail = _text_or(proof.get("cryptosuite"), "none is named")
    return finding(check, Outcome.FAIL, "suite_unknown", f"{pointer}/cryptosuite", detail=detail)


def _terms_fault(proof: JsonObject, terms: _Terms, now: datetime) -> Problem | None:
    """Check what a proof says about itself: its members, its purpose, its dates, what it answers (VC-DI §4.4)."""
    odd = overlooked_in_proof(proof)
    if odd is not None:
        return odd
    if proof.get("proofPurpose") != terms.purpose:
        code = "purpose_wrong" if terms.asserting else "purpose_not_presenting"
        return Problem(code, _text_or(proof.get("proofPurpose"), "none is named"), "/proofPurpose")
    for name in ("created", "expires"):
        if name in proof and instant(proof[name]) is None:
            return Problem(f"{name}_malformed", "", f"/{name}")
    expires = instant(proof.get("expires"))
    if expires is not None and expires < now - SKEW:
        return Problem("proof_expired", stamp(expires), "/expires")
    return _answer_fault(proof, terms)


def _answer_fault(proof: JsonObject, terms: _Terms) -> Problem | None:
    """Check that a proof was made in answer to what was asked, and at the place where it was asked."""
    challenge, domains = proof.get("challenge"), as_list(proof.get("domain"))
    if not all(isinstance(item, str) for item in (proof.get("challenge", ""), proof.get("nonce", ""), *domains)):
        return Problem("proof_option_malformed", "", "")
    if terms.domain is not None and {*domains} != {terms.domain}:
        return Problem("domain_differs", ", ".join(domains) or "none is named", "/domain")
    if terms.challenge is not None and challenge != terms.challenge:
        return Problem("challenge_differs", _text_or(challenge, "none is named"), "/challenge")
    return None


def _text_or(value: Json, otherwise: str) -> str:
    return value if isinstance(value, str) else otherwise
