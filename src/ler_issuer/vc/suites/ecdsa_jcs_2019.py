"""The cryptosuite `ecdsa-jcs-2019` (W3C vc-di-ecdsa §3.3): ECDSA over the canonical form of the JSON text."""

from __future__ import annotations

from typing import Final

from ler_issuer.vc.suites.hashing import HashedSuite
from ler_issuer.vc.suites.transformations import as_json

ECDSA_JCS_2019: Final = HashedSuite("ecdsa-jcs-2019", as_json, frozenset({"P-256", "P-384"}), carries_context=True)
"""ECDSA signatures over RFC 8785; with P-384, SHA-384 takes the place of SHA-256 throughout."""
