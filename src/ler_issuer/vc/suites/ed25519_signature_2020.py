"""Proofs of the type `Ed25519Signature2020` (W3C vc-di-eddsa, appendix): the forerunner of `eddsa-rdfc-2022`.

Its type names the suite, a context of its own has the words for it, and it must say when it was made. Such proofs are
still about, and Open Badges 3.0 asks verifiers to read them. They are made for those who test that, and nobody else.
"""

from __future__ import annotations

from typing import Final

from ler_issuer.vc.suites.hashing import HashedSuite
from ler_issuer.vc.suites.transformations import as_statements

ED25519_SIGNATURE_2020: Final = HashedSuite(
    "Ed25519Signature2020",
    as_statements,
    frozenset({"Ed25519"}),
    proof_type="Ed25519Signature2020",
    needs_created=True,
    context="https://w3id.org/security/suites/ed25519-2020/v1",
    openly=True,
)
"""Ed25519 signatures over RDFC-1.0, as they were made before there were cryptosuites."""
