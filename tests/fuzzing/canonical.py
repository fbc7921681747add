"""The target that compares: whatever comes in, the compiled path and the general one must say the same about it."""

from __future__ import annotations

import hashlib
from functools import cache

from fuzzing.target import Target, loose, written
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import Contexts, canonize
from ler_issuer.vc.canonical.general import canonize_generally
from oracles import outcome
from samples import badge, clr, presentation, proof, status_list
from vocabularies import ODD_CONTEXT, ODD_TERMS, Vocabularies, documents, drawn

ODDITIES = (0.0, 0.0, 0.02, 0.1)


class Different(Exception):
    """The two paths do not say the same."""


@cache
def contexts() -> Contexts:
    return Contexts({**load_closed_world().contexts, ODD_CONTEXT: {"@context": ODD_TERMS}})


@cache
def vocabularies() -> Vocabularies:
    """Give the vocabulary from contexts of its own, since PyLD writes into what it is given."""
    return Vocabularies(load_closed_world().contexts)


def _compare(data: bytes) -> None:
    """Compare the paths on a document, or on the one that is drawn when these bytes are none."""
    value = loose(data)
    if not isinstance(value, dict):
        digest = hashlib.sha256(data).digest()
        value = drawn(vocabularies(), int.from_bytes(digest[:8]), ODDITIES[digest[8] % len(ODDITIES)])
    found, expected = (outcome(path, value, contexts()) for path in (canonize, canonize_generally))
    if found != expected:
        told = sorted(found.problems ^ expected.problems)[:3]
        raise Different(f"{told}, and {'equal' if found.nquads == expected.nquads else 'other'} statements")


def _seeds() -> list[bytes]:
    whole = [badge(proof=[proof()]), clr(), presentation(clr()), status_list()]
    odd = [{"@context": ODD_CONTEXT, "inWords": {"en": "x"}, "isPartOf": "urn:a", "byName": {"urn:b": {"weight": 1.5}}}]
    return [written(one) for one in (*whole, *odd, *documents(vocabularies(), 40, 0.02))]


TARGETS: tuple[Target, ...] = (Target("canonical", _compare, (), _seeds),)
