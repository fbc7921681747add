"""What a cryptosuite is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from ler_issuer.vc.problems import PROOF_VERIFICATION_ERROR, Problem

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject, Pointer, Url
    from ler_issuer.vc.canonical import Canonical
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.keys import KeyKind, PublicKey

DATA_INTEGRITY_PROOF: Final = "DataIntegrityProof"
"""The `type` of proofs whose suite is named by `cryptosuite` (VC-DI §2.1)."""


class Cryptosuite(Protocol):
    """A way to make proofs (VC-DI §3). Documents come without their proofs."""

    @property
    def name(self) -> str:
        """The name it goes by here: the `cryptosuite` of its proofs, or their type where that names the suite."""

    @property
    def proof_type(self) -> str:
        """The `type` of its proofs."""

    @property
    def key_kinds(self) -> frozenset[KeyKind]:
        """The kinds of keys that such proofs are made with."""

    @property
    def signs(self) -> bool:
        """Whether new proofs are made this way; the others are checked only."""

    @property
    def carries_context(self) -> bool:
        """Whether the options of a new proof take the `@context` of the document along (VC-DI-EdDSA §3.3.1)."""

    @property
    def context(self) -> Url | None:
        """The context with the words of such proofs, where those of data integrity are not theirs."""

    @property
    def openly(self) -> bool:
        """Whether new proofs are made this way only where everybody may have them made, to test other software."""

    def digest(
        self,
        document: JsonObject,
        proof: JsonObject,
        contexts: Contexts,
        *,
        kind: KeyKind = "Ed25519",
        canonical: Canonical | None = None,
    ) -> bytes:
        """Give the bytes that a key of a kind signs for a document and the options of a proof.

        `proof` comes with or without its value. A caller who has canonized the document already passes the outcome as
        `canonical` and saves the work, where it can be used.

        Raises:
            CannotCanonize: there are no such bytes, or they would not cover all that is said. Pointers into the proof
                begin with `/proof`.
            ValueError: keys of that kind make no such proofs.

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
        """Say why a proof does not hold for a document under a key, or None when it does; never raise.

        Whose key it is, and what `proofPurpose` and `expires` say, others judge.
        """


def failed(code: str, detail: str, pointer: Pointer = "/proof") -> Problem:
    """Name a reason why a proof does not hold."""
    return Problem(code, detail, pointer, PROOF_VERIFICATION_ERROR)
