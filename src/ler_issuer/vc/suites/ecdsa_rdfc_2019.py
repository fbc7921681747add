"""The cryptosuite `ecdsa-rdfc-2019` (W3C vc-di-ecdsa §3.2): ECDSA over the canonical form of what a document says."""

from __future__ import annotations

from typing import Final

from ler_issuer.vc.suites.hashing import HashedSuite
from ler_issuer.vc.suites.transformations import as_statements

ECDSA_RDFC_2019: Final = HashedSuite("ecdsa-rdfc-2019", as_statements, frozenset({"P-256", "P-384"}))
"""ECDSA signatures over RDFC-1.0; with P-384, SHA-384 takes the place of SHA-256 throughout."""
