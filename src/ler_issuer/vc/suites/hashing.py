"""What most cryptosuites have in common: a hash of the options and one of the document, side by side, get signed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ler_issuer.vc import multibase
from ler_issuer.vc.canonical import CannotCanonize, Canonical, HashName
from ler_issuer.vc.problems import Problem
from ler_issuer.vc.suites.cryptosuite import DATA_INTEGRITY_PROOF, failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ler_issuer.types import Json, JsonObject, Url
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.keys import KeyKind, PublicKey
    from ler_issuer.vc.suites.cryptosuite import Cryptosuite
    from ler_issuer.vc.suites.transformations import Transformation

# XML Schema 1.1 dateTimeStamp: Data Integrity §2.1 asks for it, and a zone is what makes an instant of it.
_INSTANT: Final = re.compile(
    r"-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T"
    r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"
)

_HASHES: Final[Mapping[KeyKind, HashName]] = MappingProxyType(
    {"Ed25519": "sha256", "P-256": "sha256", "P-384": "sha384"}
)
"""The hash that goes with a kind of key (VC-DI-ECDSA §3.2.4)."""

_SIGNATURE_BYTES: Final[Mapping[KeyKind, int]] = MappingProxyType({"Ed25519": 64, "P-256": 64, "P-384": 96})


@dataclass(frozen=True, slots=True)
class HashedSuite:
    """A cryptosuite that signs ``hash(options) || hash(document)``."""

    name: str
    transform: Transformation
    key_kinds: frozenset[KeyKind]
    signs: bool = True
    carries_context: bool = False
    proof_type: str = DATA_INTEGRITY_PROOF
    needs_created: bool = False
    context: Url | None = None
    openly: bool = False

    def digest(
        self,
        document: JsonObject,
        proof: JsonObject,
        contexts: Contexts,
        *,
        kind: KeyKind = "Ed25519",
        canonical: Canonical | None = None,
    ) -> bytes:
        """Give the bytes to sign: the hash of the proof's options, then that of the document.

        Raises:
            CannotCanonize: one of the two has no canonical form, or loses data in it and would go unsigned in part.
                Pointers into the proof begin with `/proof`.
            ValueError: keys of that kind make no such proofs.

        """
        if kind not in self.key_kinds:
            raise ValueError(f"{self.name} is not made with keys of the kind {kind}")
        algorithm = _HASHES[kind]
        options, content = self.transform(document, proof, contexts, algorithm=algorithm, canonical=canonical)
        return hashlib.new(algorithm, options).digest() + hashlib.new(algorithm, content).digest()

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
        """Say why a proof does not hold for a document under a key, or None when it does."""
        problem = check_options(self, proof, key, needs_created=self.needs_created)
        if problem is not None:
            return problem
        try:
            signature = multibase.decode_z(proof.get("proofValue"), length=_SIGNATURE_BYTES[key.kind])
        except multibase.BadMultibase as error:
            return failed("proof_value_malformed", f"the signature cannot be read: {error}", "/proof/proofValue")
        try:
            signed = self.digest(document, proof, contexts, kind=key.kind, canonical=canonical)
        except CannotCanonize as error:
            return error.problem
        if not key.verify(signature, signed):
            return failed("signature_wrong", "the signature was made with another key or over other content")
        return None


def check_options(suite: Cryptosuite, proof: Json, key: PublicKey, *, needs_created: bool = False) -> Problem | None:
    """Say why a proof is none of a suite, or not made with such a key, or None; what it covers is not looked at."""
    if not isinstance(proof, dict) or not is_of(suite, proof):
        return failed("proof_malformed", f"this is not a {suite.proof_type} of {suite.name}")
    created = proof.get("created")
    if needs_created and created is None:
        return failed("created_missing", f"a proof of the type {suite.proof_type} says when it was made")
    if created is not None and not (isinstance(created, str) and _INSTANT.fullmatch(created)):
        return failed("created_malformed", "the time of the proof is not an instant with a zone", "/proof/created")
    if key.kind not in suite.key_kinds:
        detail = f"{suite.name} is not made with keys of the kind {key.kind}"
        return failed("key_wrong_kind", detail, "/proof/verificationMethod")
    return None


def is_of(suite: Cryptosuite, proof: JsonObject) -> bool:
    """Say whether a proof says that it was made by a suite."""
    if proof.get("type") != suite.proof_type:
        return False
    return suite.proof_type != DATA_INTEGRITY_PROOF or proof.get("cryptosuite") == suite.name
