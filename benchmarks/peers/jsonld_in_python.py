"""PyLD with PyNaCl: the bare algorithm, without a check of what is signed.

As it comes, with every context at hand as parsed JSON; and with what contexts come to remembered, which is the greater
part of its work (`_process_context` is given the same contexts for every node of every document).
"""

from __future__ import annotations

import hashlib
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pyld.jsonld import JsonLdProcessor

from benchmarks import task
from benchmarks.measuring import Subject
from ler_issuer.vc import multibase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import JsonObject


class Remembering(JsonLdProcessor):  # type: ignore[misc]  # PyLD ships no types
    """PyLD, but what a context makes of another is worked out once. Only for contexts that never change."""

    def __init__(self) -> None:
        """Begin with nothing remembered."""
        super().__init__()
        self._known: dict[tuple[object, ...], tuple[object, object, Any]] = {}

    def _process_context(self, active_ctx: Any, local_ctx: Any, options: Any, *more: Any, **named: Any) -> Any:  # noqa: ANN401 - PyLD's
        if len(more) > 3 or "cycles" in named:  # noqa: PLR2004 - an inner step
            return super()._process_context(active_ctx, local_ctx, options, *more, **named)
        urls = isinstance(local_ctx, list | tuple) and all(isinstance(one, str) for one in local_ctx)
        key = (id(active_ctx), tuple(local_ctx) if urls else id(local_ctx), *more, *sorted(named.items()))
        if key not in self._known:
            made = super()._process_context(active_ctx, local_ctx, options, *more, **named)
            self._known[key] = (active_ctx, local_ctx, made)  # the first two are kept, so that their ids stay theirs
        return self._known[key][2]

    def _get_initial_context(self, options: Any) -> Any:  # noqa: ANN401 - PyLD's
        key = ("initial",)
        if key not in self._known:
            self._known[key] = (None, None, super()._get_initial_context(options))
        return self._known[key][2]


class Signer:
    """Signs and verifies as the specification has it (VC-DI-EdDSA §3.2), on top of one processor."""

    def __init__(self, processor: JsonLdProcessor) -> None:
        """Hold the processor and all contexts."""
        self._processor = processor
        self._verifying = task.pair().secret.verify_key

    def canonize(self, document: JsonObject) -> str:
        """Give the canonical form."""
        how = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load}
        nquads: str = self._processor.normalize(document, how)
        return nquads

    def sign(self, document: JsonObject) -> JsonObject:
        """Sign a document."""
        proof = task.options()
        value = multibase.z(task.pair().secret.sign(self._digest(document, proof)).signature)
        return {**document, "proof": {**proof, "proofValue": value}}

    def verify(self, signed: JsonObject) -> None:
        """Verify a signed document."""
        bare = {name: value for name, value in signed.items() if name != "proof"}
        proof = {name: value for name, value in signed["proof"].items() if name != "proofValue"}
        self._verifying.verify(self._digest(bare, proof), multibase.decode_z(signed["proof"]["proofValue"], length=64))

    def _digest(self, document: JsonObject, proof: JsonObject) -> bytes:
        parts = ({"@context": document["@context"], **proof}, document)
        return b"".join(hashlib.sha256(self.canonize(part).encode()).digest() for part in parts)


def _load(url: str, _: object) -> JsonObject:
    found = {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url}
    return {**found, "document": task.contexts()[url]}


class Peer:
    """Both of them."""

    def __init__(self) -> None:
        """Do the task once."""
        self._signers = {"PyLD": Signer(JsonLdProcessor()), "PyLD, remembering": Signer(Remembering())}
        self.signed = {name: signer.sign(task.document()) for name, signer in self._signers.items()}
        self.proofs = {name: signed["proof"]["proofValue"] for name, signed in self.signed.items()}
        self.canonical = self._signers["PyLD"].canonize(task.document())
        self.versions = {"PyLD": version("pyld"), "PyNaCl": version("pynacl")}

    def subjects(self) -> Iterator[Subject]:
        """Give the rows."""
        document = task.document()
        for name, signer in self._signers.items():
            yield Subject.calling(f"{name}: canonize", partial(signer.canonize, document))
            yield Subject.calling(f"{name}: sign", partial(signer.sign, document))
            yield Subject.calling(f"{name}: verify", partial(signer.verify, self.signed[name]))
