"""The cryptosuite `eddsa-rdfc-2022` (W3C vc-di-eddsa §3.2): Ed25519 over the canonical form of what a document says."""

from __future__ import annotations

from typing import Final

from ler_issuer.vc.suites.hashing import HashedSuite
from ler_issuer.vc.suites.transformations import as_statements

EDDSA_RDFC_2022: Final = HashedSuite("eddsa-rdfc-2022", as_statements, frozenset({"Ed25519"}))
"""Ed25519 signatures over RDFC-1.0."""
