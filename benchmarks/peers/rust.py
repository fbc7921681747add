"""pyoxigraph: a triple store in Rust. It has no loader of contexts, so they are written out in what it reads."""

from __future__ import annotations

import hashlib
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import orjson
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from benchmarks import task
from benchmarks.measuring import Subject
from ler_issuer.vc import multibase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import JsonObject


class Peer:
    """Signs on top of pyoxigraph."""

    def __init__(self) -> None:
        """Do the task once."""
        named = task.document()["@context"]
        self._contexts = {"@context": [task.contexts()[url]["@context"] for url in named]}
        self.canonical = self.canonize(task.document())
        self.proofs = {"pyoxigraph": self.sign(task.document())["proof"]["proofValue"]}
        self.versions = {"pyoxigraph": version("pyoxigraph")}

    def canonize(self, document: JsonObject) -> str:
        """Give the canonical form."""
        dataset = Dataset(parse(orjson.dumps({**document, **self._contexts}), format=RdfFormat.JSON_LD))
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        return "".join(sorted(f"{quad} .\n" for quad in map(str, dataset)))

    def sign(self, document: JsonObject) -> JsonObject:
        """Sign a document."""
        proof = task.options()
        digest = b"".join(hashlib.sha256(self.canonize(part).encode()).digest() for part in (proof, document))
        return {**document, "proof": {**proof, "proofValue": multibase.z(task.pair().sign(digest))}}

    def subjects(self) -> Iterator[Subject]:
        """Give the rows."""
        yield Subject.calling("pyoxigraph: canonize", partial(self.canonize, task.document()))
        yield Subject.calling("pyoxigraph: sign", partial(self.sign, task.document()))
