"""Targets of selective disclosure: what an issuer makes mandatory, what a holder chooses, and the proofs in between."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import cbor2

from fuzzing.credentials import inline
from fuzzing.target import Target, loose, member, text, written
from ler_issuer import vc
from ler_issuer.jsontext import escape
from ler_issuer.vc import multibase
from ler_issuer.vc.selecting import outline
from ler_issuer.vc.suites.disclosure_values import MalformedValue, is_base_value, read_base, read_derived
from signing import P256, badge, based, rules

VECTOR = Path(__file__).parents[1] / "vectors" / "vc_di_ecdsa" / "base-credential.json"

REFUSED = (vc.Underivable, vc.Unsignable, vc.Unselectable)
POINTERS = ["/issuer", "/credentialSubject/result/0", "/evidence/0/name", "", "/credentialSubject/achievement/criteria"]
ODD_POINTERS = [
    *("/a/-1", "/a/01", "/a/٣", "/~2", "/~", "/@context/0", "/proof", "//", "name", "/a/1e0", "/a/+1"),
    "/\ud800",
]


@cache
def base() -> dict[str, Any]:
    return based(badge(P256.subject))


def _pointers(value: Any) -> list[str]:
    """Give what of a list is text, which is what comes through every door."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _require_holding(view: Any, contexts: vc.Contexts) -> None:
    (proof,) = view["proof"]
    problem = vc.SUITES["ecdsa-sd-2023"].check(vc.without_proof(view), proof, P256.public, contexts)
    if problem is not None:
        raise AssertionError(f"what was derived does not hold: {problem}")


# ── What a holder chooses ────────────────────────────────────────────────────────────────────────────────────────────
def _select(data: bytes) -> None:
    """Select parts of any document; what is selected stands in the document, where it is said to."""
    value = loose(data)
    document, pointers = member(value, "document", {}), _pointers(member(value, "pointers"))
    if not isinstance(document, dict) or vc.unfit(document) is not None:
        return
    found, origins = vc.select(document, pointers)
    for here, there in origins.items():
        part, whole = _at(found, here), _at(document, there)
        if type(part) is not type(whole) or len(part) > len(whole):
            raise AssertionError(f"{here!r} is not {there!r}")
    told = outline(document, pointers)
    if {*told.shown} & {*told.withheld}:
        raise AssertionError("something is both shown and withheld")


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step.replace("~1", "/").replace("~0", "~")]
    return value


def _select_seeds() -> list[bytes]:
    odd = {"a": [1, [2, {"~": 3, "/": 4}], {}], "": {"": []}, "id": {"x": 1}, "type": [], "1": {"01": 1}}
    return [
        written({"document": badge(), "pointers": POINTERS}),
        written({"document": odd, "pointers": ["/a/1/1/~0", "/a/1/1/~1", "/", "//", "/1/01", "/id", "/a/2"]}),
        written({"document": odd, "pointers": ODD_POINTERS}),
        written({"document": badge(), "pointers": [*_everywhere(badge())]}),
    ]


def _everywhere(value: Any, here: str = "") -> list[str]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = ((step, item) for step, item in entries if step != "@context")
    return [here, *(place for step, item in inner for place in _everywhere(item, f"{here}/{escape(step)}"))]


def _select_attacks() -> list[bytes]:
    deep: Any = {}
    for _ in range(50):
        deep = {"a": [deep]}
    return [
        written({"document": deep, "pointers": ["/a/0" * count for count in range(51)]}),
        written({"document": deep, "pointers": ["/a/0" * 100_000]}),
        written({"document": badge(), "pointers": [""] * 501}),
        written({"document": badge(), "pointers": ["/credentialSubject"] * 500}),
        written({"document": {"a": [0] * 50_000}, "pointers": [f"/a/{number * 100}" for number in range(500)]}),
        written({"document": {"a": {}}, "pointers": ["/a/" + "9" * 1_900] * 500}),
        written({"document": {"a": []}, "pointers": ["/a/" + "9" * 1_900] * 500}),
        written({"document": {"~" * 500: 1}, "pointers": ["/" + "~0" * 500] * 500}),
    ]


def _views(data: bytes) -> None:
    """Derive a view of one badge by any pointers: it holds, and tells of the badge nothing but what was selected."""
    pointers = _pointers(loose(data))
    view = vc.derive(base(), pointers, rules().contexts)
    _require_holding(view, rules().contexts)
    if vc.disclosed(base(), pointers).withheld and vc.without_proof(view) == vc.without_proof(base()):
        raise AssertionError("nothing was withheld")


def _views_seeds() -> list[bytes]:
    every = _everywhere(badge())
    return [written(POINTERS), written(every[1::3]), written(every[2::5]), written([]), written(ODD_POINTERS)]


def _views_attacks() -> list[bytes]:
    return [written(["/name"] * 500), written([f"/{'x' * 1_999}"] * 500), written(["/evidence/0/name"] * 400_000)]


def _derive(data: bytes) -> None:
    """Derive a view of anything that has a base proof."""
    value = loose(data)
    document, pointers = member(value, "document", {}), _pointers(member(value, "pointers"))
    if isinstance(document, dict):
        vc.disclosed(document, pointers)
        vc.derive(document, pointers, inline())


def _derive_seeds() -> list[bytes]:
    published = json.loads(VECTOR.read_bytes())
    return [
        written({"document": base(), "pointers": ["/name"]}),
        written({"document": published, "pointers": ["/credentialSubject/boards/0"]}),
        written({"document": base() | {"proof": base()["proof"][0]}, "pointers": []}),
    ]


def _derive_attacks() -> list[bytes]:
    (proof,) = base()["proof"]
    value = read_base(proof["proofValue"])
    proofs = [
        value._replace(signatures=value.signatures[:1] * 4_000),
        value._replace(signatures=value.signatures[:1] * 4_001),
        value._replace(mandatory=("/name",) * 500),
        value._replace(mandatory=("",) * 501),
        value._replace(mandatory=tuple(ODD_POINTERS[:-1])),
    ]
    documents = [base() | {"proof": [proof | {"proofValue": one.write()}]} for one in proofs]
    documents.append(base() | {"proof": [proof] * 20_000})
    documents.append({"@context": base()["@context"], "proof": proof, "name": ["x"] * 100_000})
    return [written({"document": one, "pointers": ["/name"]}) for one in documents]


# ── What an issuer makes ─────────────────────────────────────────────────────────────────────────────────────────────
_SIGNED_BYTES = 8 * 1024
"""Longest document that is made: every statement of it is signed, derived and checked, which is three inputs' work."""


def _base(data: bytes) -> None:
    """Make a base proof for any document, with anything mandatory; what is derived of it then holds."""
    value = loose(data)
    document, mandatory = member(value, "document", {}), _pointers(member(value, "mandatory"))
    if isinstance(document, dict):
        view = vc.derive(based(document, mandatory=mandatory, contexts=inline()), [""], inline())
        _require_holding(view, inline())


def _base_seeds() -> list[bytes]:
    terms = {"@vocab": "urn:v:", "steps": {"@container": "@list"}, "link": {"@type": "@id"}, "said": {"@type": "@json"}}
    listed = {
        "@context": ["https://www.w3.org/ns/credentials/v2", terms],
        "type": ["VerifiableCredential"],
        "a": {"steps": ["x", {"y": 1}, ["x"]], "link": ["urn:1", "urn:2"], "said": {"x": [1.5]}},
        "b": [{"z": {"z": 1}}, {"z": {"z": 1}}, {"z": [2, "x"]}],
    }
    return [
        written({"document": badge(), "mandatory": ["/issuer", "/credentialSubject/achievement"]}),
        written({"document": listed, "mandatory": ["/a/steps"]}),
        written({"document": listed, "mandatory": ["/b/1", "/a/said"]}),
    ]


def _base_attacks() -> list[bytes]:
    contexts = ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:v:"}]
    return [
        written({"document": {"@context": contexts, "a": [str(number) for number in range(4_001)]}, "mandatory": []}),
        written({"document": {"@context": contexts, "a": [{"b": {}}] * 400}, "mandatory": []}),
    ]


# ── What a proof holds ───────────────────────────────────────────────────────────────────────────────────────────────
def _value(data: bytes) -> None:
    """Read what may be the value of a proof; there is one way to write each."""
    said = text(data)
    for read in (read_base, read_derived):
        try:
            value = read(said)
        except MalformedValue:
            continue
        if value.write() != said:
            raise AssertionError("a value can be written in two ways")
    is_base_value(said)
    vc.counted({"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023", "proofValue": said})


def _value_seeds() -> list[bytes]:
    view = vc.derive(base(), ["/name"], rules().contexts)
    return [one["proof"][0]["proofValue"].encode() for one in (base(), view)]


def _held(data: bytes) -> None:
    """Read the value of a base proof that holds these bytes behind the mark of its kind."""
    _value(multibase.u(b"\xd9\x5d\x00" + data).encode())


def _held_seeds() -> list[bytes]:
    return [multibase.decode_u(base()["proof"][0]["proofValue"])[3:]]


def _held_attacks() -> list[bytes]:
    good = cbor2.loads(_held_seeds()[0])
    return [
        b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x85\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x85\x7b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x81" * 300_000,
        b"\x9f" * 300_000,
        b"\xd9\x01\x02" * 100_000,
        b"\xc2\x58\xff" + b"\xff" * 255,
        cbor2.dumps([*good[:3], [good[3][0]] * 4_001, good[4]]),
        cbor2.dumps([*good[:4], ["/x"] * 100_000]),
        cbor2.dumps([*good[:4], ["/" + "x" * 300_000]]),
        cbor2.dumps([*good[:4], [["/x"]]]),
        cbor2.dumps([cbor2.CBORTag(64, good[0]), *good[1:]]),
    ]


TARGETS: tuple[Target, ...] = (
    Target("selection", _select, (vc.Unselectable,), _select_seeds, _select_attacks),
    Target("views", _views, REFUSED, _views_seeds, _views_attacks),
    Target("derive", _derive, REFUSED, _derive_seeds, _derive_attacks),
    Target("base proof", _base, REFUSED, _base_seeds, _base_attacks, _SIGNED_BYTES),
    Target("base value", _value, (), _value_seeds, _held_attacks),
    Target("base value held", _held, (), _held_seeds, _held_attacks),
)
