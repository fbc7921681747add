"""The cryptosuite `eddsa-jcs-2022` (W3C vc-di-eddsa §3.3): Ed25519 over the canonical form of the JSON text."""

from __future__ import annotations

from typing import Final

from ler_issuer.vc.suites.hashing import HashedSuite
from ler_issuer.vc.suites.transformations import as_json

EDDSA_JCS_2022: Final = HashedSuite("eddsa-jcs-2022", as_json, frozenset({"Ed25519"}), carries_context=True)
"""Ed25519 signatures over RFC 8785."""
