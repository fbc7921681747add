"""The cryptosuite `eddsa-rdfc-2022` (W3C vc-di-eddsa §3.2): Ed25519 over the canonical form of what a document says."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import multibase
from ler_issuer.vc.canonical import CannotCanonize, Canonical, canonize
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.keys import SIGNATURE_BYTES, PublicKey
from ler_issuer.vc.problems import PROOF_VERIFICATION_ERROR, Problem

_PROOF_TYPE: Final = "DataIntegrityProof"

# XML Schema 1.1 dateTimeStamp: Data Integrity §2.1 asks for it, and a zone is what makes an instant of it.
_INSTANT: Final = re.compile(
    r"-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T"
    r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"
)


@dataclass(frozen=True, slots=True)
class EddsaRdfc2022:
    """Ed25519 signatures over RDFC-1.0."""

    name: str = "eddsa-rdfc-2022"

    def digest(
        self, document: JsonObject, proof: JsonObject, contexts: Contexts, *, canonical: Canonical | None = None
    ) -> bytes:
        """Give the 64 bytes to sign: the hash of the proof's options, then that of the document (§3.2.4).

        `document` comes without its proofs, `proof` with or without its value. A caller who has canonized the document
        already passes the outcome as `canonical` and saves the work.

        Raises:
            CannotCanonize: one of the two has no canonical form, or loses data in it and would go unsigned in part.
                Pointers into the proof begin with `/proof`.

        """
        document_hash = _hash_of(canonical or canonize(document, contexts))
        # §3.2.5: the options are read with the contexts of the document, whatever contexts they bring themselves.
        options = {**proof, "@context": document.get("@context")}
        options.pop("proofValue", None)
        try:
            return _hash_of(canonize(options, contexts)) + document_hash
        except CannotCanonize as error:
            raise CannotCanonize(error.problem.within("/proof")) from None

    def encode(self, signature: bytes) -> str:
        """Write a signature as `proofValue`."""
        return multibase.z(signature)

    def check(
        self,
        document: JsonObject,
        proof: Json,
        key: PublicKey,
        contexts: Contexts,
        *,
        canonical: Canonical | None = None,
    ) -> Problem | None:
        """Say why a proof does not hold for a document under a key, or None when it does (§3.2.2).

        Never raises, whatever JSON comes in. Whose key it is, and what `proofPurpose` and `expires` say, others judge.
        """
        if not isinstance(proof, dict) or (proof.get("type"), proof.get("cryptosuite")) != (_PROOF_TYPE, self.name):
            return _failed("proof_malformed", f"this is not a {_PROOF_TYPE} of {self.name}", "/proof")
        created = proof.get("created")
        if created is not None and not (isinstance(created, str) and _INSTANT.fullmatch(created)):
            return _failed("created_malformed", "the time of the proof is not an instant with a zone", "/proof/created")
        try:
            signature = multibase.decode_z(proof.get("proofValue"), length=SIGNATURE_BYTES)
        except multibase.BadMultibase as error:
            return _failed("proof_value_malformed", f"the signature cannot be read: {error}", "/proof/proofValue")
        try:
            signed = self.digest(document, proof, contexts, canonical=canonical)
        except CannotCanonize as error:
            return error.problem
        if not key.verify(signature, signed):
            return _failed("signature_wrong", "the signature was made with another key or over other content", "/proof")
        return None


def _hash_of(canonical: Canonical) -> bytes:
    if canonical.lost:
        raise CannotCanonize(canonical.lost[0])
    return hashlib.sha256(canonical.nquads.encode()).digest()


def _failed(code: str, detail: str, pointer: str) -> Problem:
    return Problem(code, detail, pointer, PROOF_VERIFICATION_ERROR)
