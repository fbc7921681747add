"""Whatever one changes in a credential after it was signed, it is authentic no more.

A record that holds several credentials about the same things is another matter: what two of them say alike, only their
own proofs hold in its place (see `badges.bundles`). So the record here holds one.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from ler_issuer import vc
from ler_issuer.types import Json, JsonObject
from signing import NOW, P256, P384, SELF_ISSUED, Key, badge, clr, rules, signed

FILES = sorted((Path(__file__).resolve().parent.parent / "vectors" / "valid").glob("*.json"))
SAMPLED = 10
"""Changes of each kind that are tried on one credential, drawn anew for each but alike in every run."""

Change = Callable[[JsonObject], object]


def places(value: Json, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every member and item, at all depths."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in entries:
        yield (*steps, step)
        yield from places(item, (*steps, step))


def at(document: Json, steps: tuple[str | int, ...]) -> Json:
    for step in steps:
        document = document[step]
    return document


def other(value: Json) -> Json:
    """Give another value of the same kind."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value}x"


def changed(document: JsonObject, way: tuple[str | int, ...]) -> None:
    at(document, way[:-1])[way[-1]] = other(at(document, way))


def removed(document: JsonObject, way: tuple[str | int, ...]) -> None:
    del at(document, way[:-1])[way[-1]]


def renamed(document: JsonObject, way: tuple[str | int, ...]) -> None:
    holder = at(document, way[:-1])
    holder[f"{way[-1]}x"] = holder.pop(way[-1])


def added(document: JsonObject, way: tuple[str | int, ...]) -> None:
    at(document, way)["remark"] = "passed with distinction"


def exchanged(document: JsonObject, way: tuple[str | int, ...]) -> None:
    at(document, way).reverse()


def mutants(document: JsonObject, *, ordered: bool, seed: str) -> Iterator[tuple[str, JsonObject]]:
    """Yield what becomes of a document by single changes; the order of lists only where it is signed."""
    # A credential inside another may name again the contexts that hold there anyway.
    ways = [way for way in places(document) if ordered or "@context" not in way[1:]]
    leaves = [way for way in ways if not isinstance(at(document, way), dict | list)]
    named = [way for way in ways if isinstance(way[-1], str)]
    # A proof may be taken from a set: the others vouch for the document as before.
    items = [way for way in ways if isinstance(way[-1], int) and way[0] != "proof"]
    objects = [(), *(way for way in ways if isinstance(at(document, way), dict))]
    lists = [way for way in ways if isinstance(at(document, way), list) and len({*map(str, at(document, way))}) > 1]
    kinds = [(changed, leaves), (removed, named), (removed, items), (renamed, named), (added, objects)]
    if ordered:
        kinds.append((exchanged, [way for way in lists if way[0] != "proof"]))
    for number, (change, where) in enumerate(kinds):
        chance = random.Random(f"{seed} {number}")
        for way in chance.sample(where, min(len(where), SAMPLED)):
            mutant = copy.deepcopy(document)
            change(mutant, way)
            yield f"{change.__name__} {way}", mutant


def survivors(document: JsonObject, material: vc.Material, now: datetime, seed: str) -> list[str]:
    """Name the changes after which the document is still taken for what its issuer signed."""

    def authentic(one: JsonObject) -> bool:
        return vc.unfit(one) is None and vc.authentic(vc.check_proofs(one, material, rules().contexts, now))

    assert authentic(document)
    ordered = all("jcs" in proof["cryptosuite"] for _, proof in vc.members(document, "proof") if "cryptosuite" in proof)
    ordered = ordered and "jcs" in json.dumps(document["proof"])
    return [change for change, mutant in mutants(document, ordered=ordered, seed=seed) if authentic(mutant)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_change_of_a_valid_vector_goes_unnoticed(file: Path) -> None:
    vector = json.loads(file.read_bytes())
    material = {name: vc.Found(item["found"]) for name, item in vector["material"].items()}
    now = datetime.fromisoformat(vector["now"])
    assert survivors(vector["document"], material, now, file.stem) == []


KEYS = {"Ed25519": SELF_ISSUED, "P-256": P256, "P-384": P384}
SIGNING = [(name, kind) for name, suite in vc.SUITES.items() if suite.signs for kind in sorted(suite.key_kinds)]


@pytest.mark.parametrize(("suite", "kind"), SIGNING)
@pytest.mark.parametrize("make", [badge, lambda issuer: clr([badge()], issuer)], ids=["badge", "record"])
def test_no_change_goes_unnoticed_in_any_suite(suite: str, kind: str, make: Callable[[str], JsonObject]) -> None:
    key: Key = KEYS[kind]
    document = signed(make(key.subject), key, suite=suite)
    assert survivors(document, {}, NOW, f"{suite} {kind}") == []
