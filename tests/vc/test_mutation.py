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
from functools import cache
from pathlib import Path

import pytest

from ler_issuer import vc
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc.suites.disclosure_values import DerivedValue, read_base, read_derived
from signing import NOW, P256, P384, SELF_ISSUED, Key, badge, based, clr, rules, signed


def has_proof(file: Path) -> bool:
    """Say whether the document of a vector has a proof in it; what is enveloped is for test_mutation_envelopes.py."""
    document = json.loads(file.read_bytes())["document"]
    return isinstance(document, dict) and "proof" in document


FILES = sorted(filter(has_proof, (Path(__file__).resolve().parent.parent / "vectors" / "valid").glob("*.json")))
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


# ── Views that a holder derived ──────────────────────────────────────────────────────────────────────────────────────

VIEWS = {
    "the least": [],
    "a name": ["/name", "/validUntil"],
    "some results": ["/credentialSubject/result/0", "/evidence/0/name"],
    "all": [""],
}


@cache
def base() -> JsonObject:
    """Give a badge with a base proof; what every badge has to show is mandatory."""
    return based(badge(P256.subject))


def view(shown: str) -> JsonObject:
    return vc.derive(base(), VIEWS[shown], rules().contexts)


def holds(document: JsonObject) -> bool:
    return vc.unfit(document) is None and vc.authentic(vc.check_proofs(document, {}, rules().contexts, NOW))


@pytest.mark.parametrize("shown", VIEWS)
def test_no_change_of_what_a_holder_shows_goes_unnoticed(shown: str) -> None:
    assert survivors(view(shown), {}, NOW, shown) == []


@pytest.mark.parametrize("shown", VIEWS)
def test_what_was_not_chosen_cannot_be_added(shown: str) -> None:
    document, whole = view(shown), base()
    for name in whole.keys() - document.keys():
        assert not holds({**document, name: whole[name]}), name
    document["credentialSubject"]["creditsEarned"] = 4.5
    assert not holds(document)


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def other_values(value: DerivedValue) -> Iterator[tuple[str, DerivedValue]]:
    """Yield what becomes of the value of a derived proof by single changes of its parts."""
    chance = random.Random(len(value.signatures))
    for place in range(64):
        yield f"signature {place}", value._replace(signature=flipped(value.signature, place))
    yield "key", value._replace(public=Key("another", kind="P-256").public)
    signatures = value.signatures
    for number, one in enumerate(signatures):
        for what in (flipped(one, chance.randrange(64)), value.signature, bytes(64)):
            yield f"statement {number}", value._replace(signatures=_with(signatures, number, what))
        yield f"statement {number} left out", value._replace(signatures=signatures[:number] + signatures[number + 1 :])
        yield f"statement {number} twice", value._replace(signatures=(*signatures[: number + 1], *signatures[number:]))
    if len(signatures) > 1:
        yield "statements turned round", value._replace(signatures=signatures[::-1])
    yield from other_places(value, chance)


def other_places(value: DerivedValue, chance: random.Random) -> Iterator[tuple[str, DerivedValue]]:
    """Yield what becomes of the value by single changes of what its parts are called, and which are mandatory."""
    for number, name in value.labels.items():
        last = max(value.labels)
        swapped = value.labels | {number: value.labels[last], last: name}
        for labels in (value.labels | {number: flipped(name, chance.randrange(32))}, swapped):
            if labels != value.labels:
                yield f"label {number}", value._replace(labels=labels)
        yield f"label {number} left out", value._replace(labels={k: v for k, v in value.labels.items() if k != number})
    yield "label too many", value._replace(labels={**value.labels, len(value.labels): bytes(32)})
    every = range(len(value.mandatory) + len(value.signatures))
    for index in every:
        yield f"mandatory {index}", value._replace(mandatory=tuple(sorted({*value.mandatory} ^ {index})))
    yield "mandatory too many", value._replace(mandatory=(*value.mandatory, every.stop))


def _with(items: tuple[bytes, ...], number: int, item: bytes) -> tuple[bytes, ...]:
    return (*items[:number], item, *items[number + 1 :])


@pytest.mark.parametrize("shown", VIEWS)
def test_no_part_of_a_derived_proof_can_be_another(shown: str) -> None:
    document = view(shown)
    (proof,) = document["proof"]
    value = read_derived(proof["proofValue"])
    assert holds({**document, "proof": [{**proof, "proofValue": value.write()}]})
    others = {
        what: holds({**document, "proof": [{**proof, "proofValue": one.write()}]}) for what, one in other_values(value)
    }
    assert len(others) > 100
    assert [what for what, held in others.items() if held] == []


def test_a_key_of_ones_own_signs_nothing_into_a_view() -> None:
    """The issuer's signature covers the key of the statements, so nobody else can make statements with one."""
    document = view("a name")
    (proof,) = document["proof"]
    value = read_derived(proof["proofValue"])
    mine = Key("mine", kind="P-256")
    statement = f'<{document["id"]}> <https://schema.org/name> "Data Literacy, level 9" .\n'
    forged = value._replace(signatures=tuple(mine.sign(statement.encode()) for _ in value.signatures))
    for one in (forged, forged._replace(public=mine.public)):
        changed_view = {**document, "name": "Data Literacy, level 9", "proof": [{**proof, "proofValue": one.write()}]}
        assert not holds(changed_view)


@pytest.mark.parametrize("shown", VIEWS)
def test_no_change_of_a_base_proof_is_passed_on(shown: str) -> None:
    """A holder who was given a damaged base proof gets no view, or one that does not hold."""
    whole = base()
    (proof,) = whole["proof"]
    value = read_base(proof["proofValue"])
    changes = {
        "signature": value._replace(signature=flipped(value.signature, 7)),
        "key": value._replace(public=Key("another", kind="P-256").public),
        "secret": value._replace(secret=flipped(value.secret, 31)),
        "signatures turned round": value._replace(signatures=value.signatures[::-1]),
        "one signature less": value._replace(signatures=value.signatures[1:]),
        "less mandatory": value._replace(mandatory=value.mandatory[1:]),
        "more mandatory": value._replace(mandatory=(*value.mandatory, "/name")),
    }
    if not VIEWS[shown]:  # no signature of a statement is among what is shown
        del changes["signatures turned round"]
    for what, one in changes.items():
        damaged = {**whole, "proof": [{**proof, "proofValue": one.write()}]}
        try:
            derived = vc.derive(damaged, VIEWS[shown], rules().contexts)
        except vc.Underivable:
            continue
        assert not holds(derived), what
