"""The cryptosuite `eddsa-2022`: what `eddsa-rdfc-2022` was called in the drafts of 2022 and 2023.

Such proofs are still about, and Open Badges 3.0 asks verifiers to read them. None are made.
"""

from __future__ import annotations

from typing import Final

from ler_issuer.vc.suites.hashing import HashedSuite
from ler_issuer.vc.suites.transformations import as_statements

EDDSA_2022: Final = HashedSuite("eddsa-2022", as_statements, frozenset({"Ed25519"}), signs=False)
"""Ed25519 signatures over RDFC-1.0, by an older name."""
