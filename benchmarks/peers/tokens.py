"""The same credential as a signed token (VC-JOSE-COSE), which needs no canonical form: PyJWT and joserfc."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt as joserfc
from joserfc.jwk import OKPKey

from benchmarks import task
from benchmarks.measuring import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator


class Peer:
    """Encodes and signs; nothing is checked beforehand."""

    def __init__(self) -> None:
        """Take the key in the form that each of them wants."""
        self._private = Ed25519PrivateKey.from_private_bytes(task.SEED)
        self._jwk = OKPKey.import_key(self._private_jwk())
        self.proofs: dict[str, str] = {}
        self.versions = {"PyJWT": version("pyjwt"), "joserfc": version("joserfc")}

    def _private_jwk(self) -> dict[str, str | list[str]]:
        return {"kty": "OKP", "crv": "Ed25519", "x": task.public_x(), "d": task.unpadded(task.SEED)}

    def subjects(self) -> Iterator[Subject]:
        """Give the rows."""
        document, kid = task.document(), task.pair().verification_method
        kept = {"typ": "vc+jwt", "kid": kid}
        encode = partial(jwt.encode, document, self._private, algorithm="EdDSA", headers=kept)
        yield Subject.calling("PyJWT: token", encode)
        header = {"alg": "Ed25519", **kept}
        yield Subject.calling("joserfc: token", partial(joserfc.encode, header, document, self._jwk, ["Ed25519"]))
