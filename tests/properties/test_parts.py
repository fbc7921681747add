"""Whatever a document says, every part that can be derived of it holds, and is of that document.

The documents are those of `vocabularies`: over all that the pinned contexts have, and what they do without.
"""

from __future__ import annotations

import random
from collections import Counter
from functools import cache

import pytest

from ler_issuer import vc
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import Contexts, Underivable, Unsignable, derive, prepare_base, seal_base
from samples import VC
from signing import NOW, P256, Key
from vocabularies import ODD_CONTEXT, ODD_TERMS, Vocabularies, drawn

ONCE = Key("made for one credential", kind="P-256")
SUITE = vc.SUITES["ecdsa-sd-2023"]
OF_POINTERS = {"pointer_unmatched", "pointer_splits"}


@cache
def known():
    """Give the contexts, and what documents are drawn from."""
    world = load_closed_world().contexts
    return Contexts({**world, ODD_CONTEXT: {"@context": ODD_TERMS}}), Vocabularies(world)


def places(value, here=""):
    yield here
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if key != "@context":
            yield from places(item, f"{here}/{str(key).replace('~', '~0').replace('/', '~1')}")


def fit(seed, chance):
    """Give a document that may be signed as far as it goes: without a proof, numbers that differ, older contexts."""
    document = drawn(known()[1], seed, chance.choice([0, 0, 0.05]))
    document.pop("proof", None)
    named = document.get("@context")
    newer = [one for one in (named if isinstance(named, list) else [named]) if one and "2018" not in str(one)]
    odd = [ODD_CONTEXT] if chance.random() < 0.3 else []
    return {**_rounded(document), "@context": [VC, *(one for one in newer if one != VC), *odd]}


def _rounded(value):
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return 5 if type(value) in {int, float} else value


def parts(seed):
    """Sign the document of a seed and derive some parts; give what came of each."""
    chance, contexts = random.Random(seed), known()[0]
    document = fit(seed, chance)
    pointers = [*places(document)]
    wanted = {"verification_method": P256.verification_method, "created": NOW, "contexts": contexts, "once": ONCE}
    try:
        base = seal_base(prepare_base(document, mandatory=[], secret=bytes(32), **wanted), P256)
    except Unsignable:
        return
    for _ in range(3):
        try:
            part = derive(base, chance.sample(pointers, min(len(pointers), chance.randint(1, 4))), contexts)
        except Underivable as refused:
            yield next(iter({one.code for one in refused.problems} - OF_POINTERS), "refused")
        else:
            (proof,) = part["proof"]
            problem = SUITE.check(vc.without_proof(part), proof, P256.public, contexts)
            yield "holds" if problem is None else problem.code
    whole = vc.without_proof(derive(base, [""], contexts))
    yield "whole" if whole == document else "other"


@pytest.mark.parametrize("first", range(0, 800, 200))
def test_every_part_holds(first):
    came = Counter(one for seed in range(first, first + 200) for one in parts(seed))
    assert came.keys() <= {"holds", "refused", "whole"}
    assert came["holds"] > 2 * came["refused"]
    assert came["whole"] >= 8
