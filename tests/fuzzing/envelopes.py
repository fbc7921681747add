"""Targets that read envelopes: SD-JWT, COSE, what stands in a `data:` URL, and the keys and DIDs beside them."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

import cbor2

from fuzzing.signed import WEB, token_material
from fuzzing.target import Target, loose, member, text, written
from ler_issuer import vc
from ler_issuer.vc.cose import open_cose, read_base64
from ler_issuer.vc.jose_keys import method_key
from ler_issuer.vc.sdjwt import NotConcealable, conceal, is_sd_jwt, open_sd_jwt
from ler_issuer.vc.secured import FEATURES, NotSecurable, secure, unsound
from methods import ALGORITHMS, V2, cose, credential, digest, disclosure, jws, key, method, presentation, sd_jwt, sign1
from signing import NOW, P256, SELF_ISSUED, UNIVERSITY, badge
from tokens import compact, encoded, jwk


def _checked(one: Any) -> None:
    """Check what was opened, in every way that somebody may ask for."""
    if not isinstance(one, vc.Envelope):
        return
    vc.envelope_needs(one)
    if one.presents:
        vc.check_presented(one, token_material(), NOW, challenge="c", domain="d")
        vc.check_presented(one, {}, NOW, challenge=None, domain=None, holder_controls=False)
    else:
        vc.check_envelope(one, token_material(), NOW)
        vc.check_envelope(one, {}, NOW, issuer_controls=False)
    json.dumps(one.document).encode()


# ── SD-JWT ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _sd_jwt(data: bytes) -> None:
    is_sd_jwt(text(data))
    for presents in (False, True):
        _checked(open_sd_jwt(text(data), presents=presents))


def _sd_jwt_seeds() -> list[bytes]:
    street, item = disclosure("street", "Main"), disclosure({"number": "1"})
    subject = {"address": {"_sd": [digest(street), "of-nothing"]}, "phones": [{"...": digest(item)}, {"...": "x"}]}
    payload = credential(credentialSubject=subject, _sd_alg="sha-256")
    return [
        sd_jwt("P-256", payload, street, item).encode(),
        sd_jwt("P-256", payload).encode(),
        sd_jwt("Ed25519", presentation(), typ="vp+sd-jwt").encode(),
    ]


def _sd_jwt_attacks() -> list[bytes]:
    token = jws("P-256", credential(), typ="vc+sd-jwt")
    return [
        token.encode() + b"~" * 10_000,
        b"a.b.c" + b"~" * 6_000_000,
        b"a.b.c" + b"~a" * 3_000_000,
        b"a.b.c~" + b"a" * 6_500_000,
        token.encode() + b"~a" * 2_000 + b"~",
        f"{token}~{encoded(b'[' * 2_000_000)}~".encode(),
        f"{token}~{encoded(['salt', 'name', 'x' * 3_000_000])}~".encode(),
    ]


def _revealed(data: bytes) -> None:
    """Open a signed token whose payload is anything, with disclosures that have their digests where `#` names them."""
    value = loose(data)
    said = member(value, "disclosures", [])
    written_out: list[str] = []
    for one in said if isinstance(said, list) else []:
        written_out.append(encoded(json.dumps(_filled(one, written_out), ensure_ascii=True).encode()))
    payload = _filled(member(value, "payload", {}), written_out)
    shown = member(value, "shown")
    shown = shown if isinstance(shown, list) else range(len(written_out))
    chosen = [written_out[number] for number in shown if isinstance(number, int) and 0 <= number < len(written_out)]
    _checked(open_sd_jwt("~".join((compact({"alg": "EdDSA", "typ": "vc+sd-jwt"}, payload), *chosen, ""))))


def _filled(value: Any, written_out: list[str]) -> Any:
    """Put the digest of a disclosure, of those before, where its number is named."""
    if isinstance(value, dict):
        return {name: _filled(item, written_out) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, written_out) for item in value]
    is_named = isinstance(value, str) and value[:1] == "#" and value[1:].isdecimal() and len(value) < 6
    return digest(written_out[int(value[1:])]) if is_named and int(value[1:]) < len(written_out) else value


def _revealed_seeds() -> list[bytes]:
    subject = {"_sd": ["#1", "#2"], "list": [{"...": "#3"}, {"...": "none"}], "more": {"_sd": []}}
    disclosures = [
        ["s", "inner", 1],
        ["s", "outer", {"_sd": ["#0"], "kept": True}],
        ["s", "name", "Ada"],
        ["s", {"a": 1}],
    ]
    payload = credential(credentialSubject=subject, _sd_alg="sha-256", iss=WEB, exp=1_888_221_600)
    return [
        written({"payload": payload, "disclosures": disclosures}),
        written({"payload": payload, "disclosures": disclosures, "shown": [3, 2]}),
        written({"payload": badge(WEB) | {"_sd": ["#0"]}, "disclosures": [["s", "validUntil", "2027"]]}),
    ]


def _revealed_attacks() -> list[bytes]:
    nested = [["s", "a", 1], *(["s", "a", {"_sd": [f"#{number}"]}] for number in range(1_000))]
    row = [["s", f"m{number}", number] for number in range(2_000)]
    again = {"_sd": ["#0", "#0"]}
    every = [f"#{number}" for number in range(2_000)]
    return [
        written({"payload": {"_sd": ["#1000"]}, "disclosures": nested}),
        written({"payload": {"_sd": every}, "disclosures": row}),
        written({"payload": {"a": [{"_sd": every}] * 3}, "disclosures": row}),
        written({"payload": {"_sd": [f"x{number}" for number in range(200_000)]}}),
        written({"payload": {"a": [{"...": f"x{number}"} for number in range(100_000)]}}),
        written({"payload": again, "disclosures": [["s", "a", again]]}),
        written({"payload": {"_sd": "text", "x": {"_sd": {"a": 1}}, "...": "x"}}),
        written({"payload": {"_sd": [["#0"], None, 7, {}]}, "disclosures": [["s", "a", 1]]}),
        written({"payload": {"_sd": ["#0"]}, "disclosures": [["s", "a", [[[[]]] * 100_000]]]}),
    ]


def _conceal(data: bytes) -> None:
    """Withhold parts of any document; with all disclosures the same is read again."""
    value = loose(data)
    document, paths = member(value, "document", {}), member(value, "paths", [])
    paths = [one for one in paths if isinstance(one, str)] if isinstance(paths, list) else []
    if not isinstance(document, dict) or vc.unfit(document) is not None or {"vc", "vp"} & document.keys():
        return
    count = iter(range(len(paths) + 1))
    payload, disclosures = conceal(document, paths, lambda size: next(count).to_bytes(size))
    token = compact({"alg": "EdDSA", "typ": "vc+sd-jwt"}, payload)
    if len(disclosures) != len(paths):
        raise AssertionError("a part has no disclosure")
    one = open_sd_jwt("~".join((token, *disclosures, "")))
    if isinstance(one, vc.SdJwt) and (one.payload != document or one.undisclosed):
        raise AssertionError("not all is shown")


def _conceal_seeds() -> list[bytes]:
    paths = ["name", "evidence[0]", "evidence[0].name", "credentialSubject.achievement.tag[1]", "credentialSubject.x y"]
    odd = {"a": [[1, [2]], {"b": {}}], "x y": {"%": 1}}
    return [
        written({"document": badge(), "paths": paths[:3]}),
        written({"document": badge(), "paths": paths}),
        written({"document": odd, "paths": ["a[0][1]", "a[0]", "a", "x y.%"]}),
    ]


def _conceal_attacks() -> list[bytes]:
    return [
        written({"document": {"a": [1] * 2_000}, "paths": [f"a[{number}]" for number in range(2_000)]}),
        written({"document": {"a": 1}, "paths": ["a" + "[0]" * 500_000]}),
        written({"document": {"a": 1}, "paths": ["a" + ".a" * 500_000]}),
        written({"document": {"a": 1}, "paths": ["a[" + "9" * 1_000_000 + "]"]}),
    ]


# ── COSE ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _cose(data: bytes) -> None:
    for presents in (False, True):
        _checked(open_cose(data, presents=presents))
    for padded in (False, True):
        read_base64(text(data), padded=padded)


def _cose_seeds() -> list[bytes]:
    return [
        sign1("P-256", credential()),
        sign1("Ed25519", credential(issuer=SELF_ISSUED.subject), kid=SELF_ISSUED.verification_method.encode()),
        sign1("P-384", presentation(), subject="vp"),
        cose("P-256", credential()).encode(),
    ]


def _tagged(tag: int, value: Any) -> cbor2.CBORTag:
    return cbor2.CBORTag(tag, value)


def _cose_labels() -> list[dict[Any, Any]]:
    """Give labels of which a decoder might make what takes it long, or what cannot be written as text."""
    huge, pattern = 2**20_000, "(a*)*" * 1_000 + "b"
    rational, wide = _tagged(30, [2**4_000_001 - 1, 2**4_000_003 - 1]), _tagged(4, [2**62, 1])
    return [
        *({label: value} for label in (1, 3, 99) for value in (huge, -huge, rational, wide, _tagged(35, pattern))),
        {huge: 1},
        {"jwk": 1, "alg": 1, "kid": "x", "crit": 1},
        *({15: {claim: huge}} for claim in (1, 3, 4, 5)),
        {15: {4: float("nan"), 5: float("inf")}},
        {99: _tagged(258, list(range(10_000)))},
        {99: _tagged(28, [_tagged(29, 0)])},
        {(number, number): 1 for number in range(100_000)},
    ]


def _cose_attacks() -> list[bytes]:
    parts = [*cbor2.loads(sign1("P-256", credential())).value]
    big = 2**8_000_001 - 1
    tagged = [
        [b"\xa1\x01\x26" * 100_000, {}, *parts[2:]],
        [cbor2.dumps(dict.fromkeys(range(50000), 0)), {}, *parts[2:]],
        [cbor2.dumps({1: -7, 4: b"x" * 300_000, 16: "application/vc+cose"}), {}, *parts[2:]],
        [parts[0], {}, b"[" * 1_000_000, parts[3]],
        [parts[0], {}, b'{"a":' * 100_000, parts[3]],
        [parts[0], {}, parts[2], b"x" * 1_000_000],
        [parts[0], {number: [] for number in range(50_000)}, *parts[2:]],
        *([cbor2.dumps({1: -7, 16: "application/vc+cose"} | more), {}, *parts[2:]] for more in _cose_labels()),
        [parts[0], {}, _tagged(30, [big, big - 2]), parts[3]],
        [parts[0], {7: _tagged(30, [big, big - 2])}, *parts[2:]],
        [parts[0], {}, [0] * 1_000_000, parts[3]],
    ]
    return [
        *(cbor2.dumps(cbor2.CBORTag(18, one)) for one in tagged),
        b"\xd2" * 1_000_000,
        b"\x9f" * 1_000_000,
        b"\xd2\x9f" + b"\x40" * 4 + b"\xff",
        b"\xd2\x84\x5f\x40\xff\xa0\x40\x40",
        b"\xd2\x84\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\xd2\x84\x43\xbf\x01\x26\xff\xa0\x40\x41\x00",
        b"\xd2" + cbor2.dumps(parts) + b"\x00" * 6_400_000,
    ]


def _sealed(data: bytes) -> None:
    """Open COSE that is signed as it should be, with any header and payload."""
    value = loose(data)
    labels, payload = member(value, "labels", {}), member(value, "payload", {})
    named = {
        name: labels[name] for name in ("alg", "crit", "content", "typ", "claims") if member(labels, name) is not None
    }
    if isinstance(member(labels, "kid"), str):
        named["kid"] = labels["kid"].encode("utf-8", "surrogatepass")
    try:
        made = sign1("P-256", json.dumps(payload).encode(), **named)
    except (cbor2.CBOREncodeError, UnicodeEncodeError, RecursionError, ValueError):
        return  # no CBOR can say that
    _cose(made)


def _sealed_seeds() -> list[bytes]:
    return [
        written({"labels": {"alg": -7, "kid": UNIVERSITY.verification_method}, "payload": badge(UNIVERSITY.subject)}),
        written({"labels": {"typ": "application/VC+COSE", "crit": [4]}, "payload": credential()}),
        written({"labels": {"claims": {"1": "x"}, "content": "vp"}, "payload": presentation()}),
    ]


# ── Envelopes ────────────────────────────────────────────────────────────────────────────────────────────────────────
@cache
def enveloped() -> tuple[dict[str, Any], ...]:
    older = compact({"alg": "EdDSA"}, {"vc": credential(), "iss": WEB})
    drafted = vc.enveloped(older) | {"id": f"data:application/jwt,{older}"}
    shown = compact({"alg": "EdDSA", "kid": UNIVERSITY.verification_method}, {"vp": presentation(), "nonce": "c"})
    presents = vc.enveloped(shown, kind="vp+jwt")
    return (
        vc.enveloped(jws("P-256", credential(), typ="vc+jwt")),
        vc.enveloped(_sd_jwt_seeds()[0].decode(), kind="vc+sd-jwt"),
        vc.enveloped(base64.b64encode(sign1("P-256", credential())).decode(), kind="vc+cose"),
        vc.enveloped(jws("Ed25519", presentation(), typ="vp+jwt"), kind="vp+jwt"),
        drafted,
        presents | {"id": presents["id"].replace("vp+jwt", "jwt"), "@context": V2},
    )


def _envelope(data: bytes) -> None:
    for value in (loose(data), text(data)):
        vc.unwrapped(value)
        vc.model_problems(value, secured=True)
        vc.presentation_problems(value)
        for older in (False, True):
            one = vc.opened(value, older=older)
            _checked(one)
            if isinstance(one, vc.Envelope):
                vc.model_problems(one.document, secured=False)


def _envelope_seeds() -> list[bytes]:
    return [*(written(one) for one in enveloped()), *(one["id"].partition(",")[2].encode() for one in enveloped())]


def _envelope_attacks() -> list[bytes]:
    one = enveloped()[0]
    names = ("vc+jwt", "jwt", "vc+sd-jwt", "vc+cose;base64", "vc+jwt;charset=utf-8", "x")
    return [
        *(written(one | {"id": f"data:application/{name},{'A' * 5_000_000}"}) for name in names),
        written(one | {"id": f"data:application/vc+cose;base64,{'=' * 5_000_000}"}),
        written(one | {"id": f"data:application/vc+cose;base64,A{'=' * 5_000_000}x"}),
        written(one | {"id": f"data:application/{'vc+jwt' * 500_000},A"}),
    ]


# ── Keys, DIDs, and what a script secures ────────────────────────────────────────────────────────────────────────────
def _method(data: bytes) -> None:
    read = method_key(loose(data))
    signature = read.sign(b"message")
    if not read.verify(signature, b"message") or read.verify(signature, b"another"):
        raise AssertionError("a key does not know its own signature")


def _methods() -> list[bytes]:
    made = [method(kind) for kind in ALGORITHMS]
    made.append({name: value for name, value in method("P-256").items() if name != "secretKeyJwk"})
    return [written(one) for one in made]


def _secured(data: bytes) -> None:
    """Secure what may be anything, in every way, and check it: what was secured is sound, and any text is judged."""
    value = loose(data)
    document, paths = member(value, "document", value), member(value, "paths", [])
    paths = [one for one in paths if isinstance(one, str)] if isinstance(paths, list) else []
    read = key("Ed25519")
    for feature in FEATURES.values():
        unsound(text(data), read, feature)
        try:
            made = secure(document, read, feature, paths if feature.form == "sd-jwt" else [], bytes)
        except NotSecurable:
            continue
        problem = unsound(made, read, feature)
        if problem is not None and not (feature.form == "sd-jwt" and paths):
            raise AssertionError(problem)


def _secured_seeds() -> list[bytes]:
    return [
        written({"document": credential(name="x"), "paths": ["name"]}),
        written({"document": presentation(), "paths": []}),
        *_sd_jwt_seeds(),
        cose("Ed25519", credential()).encode(),
    ]


def _resolve(data: bytes) -> None:
    """Resolve any DID URL with any options: it has an answer, which can be written."""
    value = loose(data)
    asked = member(value, "did") if isinstance(value, dict) else text(data)
    form = member(value, "format")
    wish = vc.read_wish(
        asked if isinstance(asked, str) else "",
        form if isinstance(form, str) else None,
        experimental=bool(member(value, "more")),
    )
    answers = [vc.resolve_locally(wish)] if isinstance(wish, vc.Wish) else [wish]
    if answers == [None]:
        gathered = (vc.Found(member(value, "document")), vc.Found(UNIVERSITY.document), vc.Hole("unreachable"))
        answers = [vc.resolved(wish, one) for one in gathered]
    for answer in answers:
        told = answer.to_json()
        json.dumps(told).encode()
        if (answer.status == 200) != (answer.error is None) or answer.status not in {200, 400, 404, 502}:
            raise AssertionError(f"{answer.status} with {answer.error}")


def _resolve_seeds() -> list[bytes]:
    known = "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
    dids = (
        *(known, f"{known}#z6LSfHfAMAopsuBxaBzvp51GXrPf38Az13j2fmwqadbwwrzJ", f"{known}/^bar^/?query=`#z6Mk"),
        *(f"{known}?publicKeyFormat=JsonWebKey2020", "did:key:zTjsVPtY", "did:key:1:z6Mk", vc.key_did(P256.public)),
        *(f"did:jwk:{encoded(jwk('ES256'))}#0", "did:web:cred.example.edu:issuers:1", "did:web:a%3A8443#k"),
    )
    return [
        *(one.encode() for one in dids),
        *(written({"did": one, "format": "JsonWebKey2020", "more": True}) for one in dids),
        written({"did": UNIVERSITY.verification_method, "document": UNIVERSITY.document}),
    ]


def _resolve_attacks() -> list[bytes]:
    return [
        b"did:key:z" + b"1" * 4_000,
        b"did:key:z" + b"z" * 2_000_000,
        b"did:jwk:" + b"A" * 2_000_000,
        b"did:web:" + b"a:" * 2_000,
        b"did:key:z6Mk?" + b"a&" * 2_000,
        b"did:key:z6Mk" + b"/%41" * 1_000,
        f"did:jwk:{encoded(b'[' * 1_500)}".encode(),
    ]


TARGETS: tuple[Target, ...] = (
    Target("sd-jwt", _sd_jwt, (), _sd_jwt_seeds, _sd_jwt_attacks),
    Target("disclosures", _revealed, (RecursionError,), _revealed_seeds, _revealed_attacks),
    Target("withholding", _conceal, (NotConcealable,), _conceal_seeds, _conceal_attacks),
    Target("cose", _cose, (), _cose_seeds, _cose_attacks),
    Target("signed cose", _sealed, (), _sealed_seeds),
    Target("envelope", _envelope, (), _envelope_seeds, _envelope_attacks),
    Target("key of a method", _method, (vc.BadKey,), _methods),
    Target("secured", _secured, (), _secured_seeds, _sd_jwt_attacks),
    Target("did resolution", _resolve, (), _resolve_seeds, _resolve_attacks),
)
