"""Cryptosuites: the ways in which a proof can be made, each in a file of its own and each written out in `SUITES`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from ler_issuer.types import Json, JsonObject
from ler_issuer.vc.canonical import Canonical
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.keys import PublicKey
from ler_issuer.vc.problems import Problem
from ler_issuer.vc.suites.eddsa_rdfc_2022 import EddsaRdfc2022


class Cryptosuite(Protocol):
    """What is asked of a way to make proofs (VC-DI §3). Documents come without their proofs."""

    @property
    def name(self) -> str:
        """The `cryptosuite` of proofs made this way."""

    def digest(
        self, document: JsonObject, proof: JsonObject, contexts: Contexts, *, canonical: Canonical | None = None
    ) -> bytes:
        """Give the bytes to sign for a document and the options of a proof.

        Raises:
            CannotCanonize: there are no such bytes, or they would not cover all that is said.

        """

    def encode(self, signature: bytes) -> str:
        """Write a signature as `proofValue`."""

    def check(
        self,
        document: JsonObject,
        proof: Json,
        key: PublicKey,
        contexts: Contexts,
        *,
        canonical: Canonical | None = None,
    ) -> Problem | None:
        """Say why a proof does not hold for a document under a key, or None when it does; never raise."""


SUITES: Final[Mapping[str, Cryptosuite]] = MappingProxyType({suite.name: suite for suite in (EddsaRdfc2022(),)})
"""Every cryptosuite that is spoken here, by name."""
