"""openvc-core: a Python library for credentials, on PyLD. It checks what it signs, and the validity dates."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openvc.keys import Ed25519SigningKey, P256SigningKey
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_ecdsa_rdfc import EcdsaRdfcProofSuite
from openvc.proof.vc_jwt import VcJwtProofSuite

from benchmarks import securing, task
from benchmarks.measuring import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import JsonObject


class Peer:
    """Signs and verifies as its documentation shows."""

    def __init__(self) -> None:
        """Do the task once."""
        private = Ed25519PrivateKey.from_private_bytes(task.SEED)
        self._suite, self._tokens = DataIntegrityProofSuite(), VcJwtProofSuite()
        self._key = Ed25519SigningKey(private, task.pair().verification_method)
        self._jwk = {"kty": "OKP", "crv": "Ed25519", "x": task.public_x()}
        self._signed = self.sign(task.document())
        self.proofs = {"openvc-core": self._signed["proof"]["proofValue"]}
        self.versions = {"openvc-core": version("openvc-core")}

    def sign(self, document: JsonObject) -> JsonObject:
        """Sign a document."""
        signed: JsonObject = self._suite.add_proof(
            document,
            signing_key=self._key,
            verification_method=task.pair().verification_method,
            created=task.CREATED,
            extra_contexts=task.contexts(),
        )
        return signed

    def verify(self, signed: JsonObject) -> None:
        """Verify a signed document; a failure is raised."""
        self._suite.verify(signed, public_key_jwk=self._jwk, now=task.NOW, extra_contexts=task.contexts())

    def subjects(self) -> Iterator[Subject]:
        """Give the rows."""
        yield Subject.calling("openvc-core: sign", partial(self.sign, task.document()))
        yield Subject.calling("openvc-core: verify", partial(self.verify, self._signed))
        encode = partial(self._tokens.sign, task.document(), signing_key=self._key)
        yield Subject.calling("openvc-core: token", encode)
        yield from _with_ecdsa()


def _with_ecdsa() -> Iterator[Subject]:
    """Give the rows of ECDSA. Its selective disclosure is not among them: it cannot take this document apart."""
    private = ec.derive_private_key(int.from_bytes(task.SEED), ec.SECP256R1())
    key, method = P256SigningKey(private, securing.ISSUER), securing.pair().verification_method
    suite = EcdsaRdfcProofSuite()
    about = {"extra_contexts": task.contexts()}
    sign = partial(
        suite.add_proof,
        securing.document(),
        signing_key=key,
        verification_method=method,
        created=task.CREATED,
        **about,
    )
    verify = partial(suite.verify, sign(), public_key_jwk=securing.pair().public.jwk(), now=task.NOW, **about)
    yield Subject.calling("openvc-core: ecdsa-rdfc-2019, sign", sign)
    yield Subject.calling("openvc-core: ecdsa-rdfc-2019, verify", verify)
