"""Cryptosuites: the ways in which a proof can be made, each in a file of its own and each written out in `SUITES`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ler_issuer.vc.suites.cryptosuite import DATA_INTEGRITY_PROOF, Cryptosuite
from ler_issuer.vc.suites.ecdsa_jcs_2019 import ECDSA_JCS_2019
from ler_issuer.vc.suites.ecdsa_rdfc_2019 import ECDSA_RDFC_2019
from ler_issuer.vc.suites.ecdsa_sd_2023 import ECDSA_SD_2023
from ler_issuer.vc.suites.ed25519_signature_2020 import ED25519_SIGNATURE_2020
from ler_issuer.vc.suites.eddsa_2022 import EDDSA_2022
from ler_issuer.vc.suites.eddsa_jcs_2022 import EDDSA_JCS_2022
from ler_issuer.vc.suites.eddsa_rdfc_2022 import EDDSA_RDFC_2022
from ler_issuer.vc.suites.hashing import is_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ler_issuer.types import Json

__all__ = ["SUITES", "Cryptosuite", "suite_of"]

_ALL: Final[tuple[Cryptosuite, ...]] = (
    EDDSA_RDFC_2022,
    EDDSA_JCS_2022,
    ECDSA_RDFC_2019,
    ECDSA_JCS_2019,
    ECDSA_SD_2023,
    EDDSA_2022,
    ED25519_SIGNATURE_2020,
)

SUITES: Final[Mapping[str, Cryptosuite]] = MappingProxyType({suite.name: suite for suite in _ALL})
"""Every cryptosuite that is spoken here, by name."""


def suite_of(proof: Json) -> Cryptosuite | None:
    """Give the suite that a proof says it was made by, or None when it is none that is spoken here."""
    if not isinstance(proof, dict):
        return None
    named = proof.get("cryptosuite" if proof.get("type") == DATA_INTEGRITY_PROOF else "type")
    suite = SUITES.get(named) if isinstance(named, str) else None
    return suite if suite is not None and is_of(suite, proof) else None
