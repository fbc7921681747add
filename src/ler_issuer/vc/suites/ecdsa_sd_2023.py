"""The cryptosuite `ecdsa-sd-2023` (W3C vc-di-ecdsa §3.4): a credential of which the holder shows some statements.

The issuer signs every statement by itself, with a key made for this one credential, and vouches with its own key for
that key and for the statements that must always be shown. A holder derives from it a proof over the statements shown.
Such *derived* proofs are checked here. A *base* proof, the issuer's own to the holder, holds what a holder must not
pass on, and is refused. Both are made in `disclosing`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from ler_issuer.vc import multibase
from ler_issuer.vc.canonical import CannotCanonize, Canonical, canonize, nquads
from ler_issuer.vc.canonical.rdfc import Quad
from ler_issuer.vc.problems import PROOF_GENERATION_ERROR, Problem
from ler_issuer.vc.suites.cryptosuite import DATA_INTEGRITY_PROOF, failed
from ler_issuer.vc.suites.disclosure_values import DerivedValue, MalformedValue, NotDerived, called, read_derived
from ler_issuer.vc.suites.hashing import check_options
from ler_issuer.vc.suites.transformations import covered, statements_of_options

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject, Url
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.keys import KeyKind, PublicKey


@dataclass(frozen=True, slots=True)
class EcdsaSd2023:
    """Derived proofs over the statements that a holder shows."""

    name: str = "ecdsa-sd-2023"
    proof_type: str = DATA_INTEGRITY_PROOF
    key_kinds: frozenset[KeyKind] = frozenset({"P-256"})
    signs: bool = False
    carries_context: bool = False
    context: Url | None = None
    openly: bool = False

    def digest(
        self,
        _document: JsonObject,
        _proof: JsonObject,
        _contexts: Contexts,
        *,
        kind: KeyKind = "P-256",  # noqa: ARG002 - there is nothing to give for any
        canonical: Canonical | None = None,  # noqa: ARG002
    ) -> NoReturn:
        """Refuse: with this suite many things are signed, and none of them here.

        Raises:
            CannotCanonize: always.

        """
        raise CannotCanonize(
            Problem("suite_does_not_sign", f"no proofs of {self.name} are made", type=PROOF_GENERATION_ERROR)
        )

    def encode(self, signature: bytes) -> str:
        """Write bytes as `proofValue`."""
        return multibase.u(signature)

    def check(
        self,
        document: JsonObject,
        proof: Json,
        key: PublicKey,
        contexts: Contexts,
        *,
        canonical: Canonical | None = None,
    ) -> Problem | None:
        """Say why a derived proof does not hold for a document under a key, or None when it does (§3.4.7)."""
        problem = check_options(self, proof, key)
        if problem is not None:
            return problem
        try:
            disclosed = read_derived(proof.get("proofValue"))
            return _judge(disclosed, document, proof, key, contexts, canonical)
        except NotDerived:
            detail = "this is the issuer's own proof to the holder, which is not for showing to others"
            return failed("proof_not_derived", detail, "/proof/proofValue")
        except MalformedValue as error:
            return failed("proof_value_malformed", f"the signature cannot be read: {error}", "/proof/proofValue")
        except _Unfitting as error:
            return failed("signature_wrong", f"the document was changed, or the proof cut: {error}")
        except CannotCanonize as error:
            return error.problem


class _Unfitting(Exception):
    """A proof that can be read is about other statements than the document makes.

    One statement more or less moves the places and labels of others, so which of the two was changed nobody can tell.
    """


ECDSA_SD_2023: Final = EcdsaSd2023()
"""ECDSA over single statements, for selective disclosure."""


def _judge(
    disclosed: DerivedValue,
    document: JsonObject,
    proof: JsonObject,
    key: PublicKey,
    contexts: Contexts,
    canonical: Canonical | None,
) -> Problem | None:
    """Check the issuer's signature over what is mandatory, then the one of every other statement (§3.4.7 step 4 on)."""
    if canonical is None or canonical.algorithm != "sha256":
        canonical = canonize(document, contexts)
    labels = {f"_:c14n{number}": called(name) for number, name in disclosed.labels.items()}
    statements = _relabelled(covered(canonical), labels)
    mandatory = [statements[index] for index in disclosed.mandatory if index < len(statements)]
    shown = set(disclosed.mandatory)
    others = [statement for index, statement in enumerate(statements) if index not in shown]
    if (len(mandatory), len(others)) != (len(disclosed.mandatory), len(disclosed.signatures)):
        raise _Unfitting("the statements shown are not as many as it says")
    signed = b"".join(
        (
            hashlib.sha256(statements_of_options(document, proof, contexts)).digest(),
            disclosed.public.multicodec,
            hashlib.sha256("".join(mandatory).encode()).digest(),
        )
    )
    if not key.verify(disclosed.signature, signed):
        return failed("signature_wrong", "the signature was made with another key or over other content")
    pairs = zip(disclosed.signatures, others, strict=True)
    if not all(disclosed.public.verify(signature, statement.encode()) for signature, statement in pairs):
        return failed("signature_wrong", "one of the statements shown is not as it was signed")
    return None


def _relabelled(text: str, labels: dict[str, str]) -> list[str]:
    """Give canonical statements with the blank nodes called as the issuer called them, in order (§3.3.6, §3.5.2).

    Raises:
        _Unfitting: not every blank node has a name, or there are names to spare.

    """
    quads = nquads.read(text)
    nodes = {term for quad in quads for term in quad if term[:1] == "_"}
    if nodes != labels.keys():
        raise _Unfitting("the labels are not those of the blank nodes shown")
    return sorted(nquads.write(Quad(*(labels.get(term, term) for term in quad))) for quad in quads)
