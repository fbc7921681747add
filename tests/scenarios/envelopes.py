"""Badges in envelopes: JWT, SD-JWT and COSE, good and otherwise."""

from __future__ import annotations

import base64
import hashlib
import itertools
from typing import Any

import cbor2

from ler_issuer import jsontext, vc
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc.cose import sign1
from ler_issuer.vc.sdjwt import conceal
from scenarios.changes import Scenes
from signing import STRANGER, UNIVERSITY, Case, Key, badge, case
from tokens import encoded

SHOWN = "credentialSubject.result"
OLDER = "https://www.w3.org/2018/credentials/v1"


def _jwt(payload: Json, key: Key = UNIVERSITY, **header: Json) -> str:
    told = {"alg": "EdDSA", "kid": UNIVERSITY.verification_method, "typ": "vc+jwt"} | header
    signed = f"{encoded({name: value for name, value in told.items() if value is not None})}.{encoded(payload)}"
    return f"{signed}.{encoded(key.sign(signed.encode()))}"


def _sd_jwt(*, hidden: tuple[str, ...] = (SHOWN, "name")) -> tuple[str, tuple[str, ...]]:
    salts = itertools.count()
    payload, disclosures = conceal(
        badge(), hidden, lambda size: hashlib.sha256(str(next(salts)).encode()).digest()[:size]
    )
    return _jwt(payload, typ="vc+sd-jwt"), disclosures


def _cose(payload: JsonObject, key: Key = UNIVERSITY, typ: str = "application/vc+cose") -> bytes:
    kid, content = UNIVERSITY.verification_method.encode(), jsontext.canonical(payload)
    return sign1(content, alg=-8, kid=kid, typ=typ, content="application/vc", sign=key.sign)


def _recoded(data: bytes, **parts: Any) -> bytes:
    names = ("protected", "unprotected", "payload", "signature")
    there = dict(zip(names, cbor2.loads(data).value, strict=True)) | parts
    return cbor2.dumps(cbor2.CBORTag(18, [there[name] for name in names]))


def _case(document: Json) -> Case:
    return Case(document, case().material)


def _token(payload: Json, **header: Json) -> Case:
    return _case(vc.enveloped(_jwt(payload, **header)))


def _shown(token: str, *disclosures: str) -> Case:
    return _case(vc.enveloped("~".join((token, *disclosures, "")), kind="vc+sd-jwt"))


def _message(data: bytes) -> Case:
    return _case(vc.enveloped(base64.b64encode(data).decode(), kind="vc+cose"))


def good_envelopes() -> Scenes:
    """Yield badges in envelopes that hold."""
    token, disclosures = _sd_jwt()
    yield "vc_jwt", ("", "A badge in a JWT, in an envelope.", _token(badge()))
    yield "vc_jwt_bare", ("", "The same as the text of the JWT.", _case(_jwt(badge())))
    yield "sd_jwt", ("", "A badge of which parts could be withheld, and are not.", _shown(token, *disclosures))
    yield "sd_jwt_withheld", ("", "The same with one part withheld.", _shown(token, disclosures[0]))
    yield "cose", ("", "A badge in COSE.", _message(_cose(badge())))


def unreadable_envelopes() -> Scenes:
    """Yield envelopes in which nothing can be read."""
    yield from _unreadable_tokens()
    yield from _unreadable_disclosures()
    yield from _unreadable_messages()


def _unreadable_tokens() -> Scenes:
    yield "jwt_cut", ("jwt_malformed", "Its payload is cut off.", _case(vc.enveloped(_jwt(badge())[:600])))
    head, body, _ = _jwt(badge()).split(".")
    yield "jwt_unsigned", ("jwt_not_signed", "Its signature is empty.", _case(vc.enveloped(f"{head}.{body}.")))
    yield "jwt_alg_none", ("jwt_not_signed", "Its algorithm is none.", _token(badge(), alg="none"))
    yield "jwt_alg_shared", ("jwt_alg_unknown", "Its algorithm has a shared secret.", _token(badge(), alg="HS256"))
    yield "jwt_must_know", ("jwt_critical", "Its header asks for what is not done.", _token(badge(), crit=["x"], x=1))
    yield "jwt_presents", ("jwt_type_wrong", "It says that it is a presentation.", _token(badge(), typ="vp+jwt"))
    yield "jwt_key_garbled", ("jwt_key_malformed", "The key in its header is none.", _token(badge(), jwk={"kty": "x"}))
    yield "jwt_of_both_forms", ("jwt_mixed", "A badge of version 2 in the claim `vc`.", _token({"vc": badge()}))
    beside = vc.enveloped(_jwt(badge())) | {"name": "Data Literacy, level 3"}
    yield "jwt_and_words", ("envelope_malformed", "Beside the envelope stands what nobody signed.", _case(beside))
    said = vc.enveloped(_jwt(badge()))
    said["id"] = said["id"].replace(",", ";base64,")
    yield "jwt_as_base64", ("envelope_unknown", "It says that the JWT stands in base64.", _case(said))
    bare = {**badge(), "@context": [OLDER]}
    yield "jwt_of_version_1", ("jwt_mixed", "A credential of version 1.1 without that claim.", _token(bare))


def _unreadable_disclosures() -> Scenes:
    token, (first, second) = _sd_jwt()
    _, (elsewhere, *_) = _sd_jwt(hidden=("awardedDate",))
    yield "sd_jwt_foreign", ("sd_digest_unknown", "It discloses what nobody signed.", _shown(token, first, elsewhere))
    yield "sd_jwt_twice", ("sd_digest_unknown", "One disclosure comes twice.", _shown(token, first, second, first))
    changed = encoded(["another salt", "name", "Data Literacy, level 3"])
    yield "sd_jwt_changed", ("sd_digest_unknown", "A disclosure was changed.", _shown(token, first, changed))
    yield "sd_jwt_garbled", ("sd_jwt_malformed", "A disclosure is no JSON.", _shown(token, first, encoded(b"{")))
    bound = vc.enveloped("~".join((token, first, _jwt({"nonce": "1"}, typ="kb+jwt"))), kind="vc+sd-jwt")
    yield "sd_jwt_bound", ("sd_key_binding", "It is bound to a key of its holder.", _case(bound))
    twice = _jwt({**badge(), "_sd": ["x", "x"]}, typ="vc+sd-jwt")
    yield "sd_jwt_digest_twice", ("sd_jwt_malformed", "One digest stands twice.", _shown(twice))
    covered = _jwt({**badge(), "_sd": [encoded(hashlib.sha256(changed.encode()).digest())]}, typ="vc+sd-jwt")
    yield (
        "sd_jwt_over_member",
        ("sd_jwt_malformed", "It discloses a member that is there already.", _shown(covered, changed)),
    )
    hashed = _jwt({**badge(), "_sd_alg": "sha-512"}, typ="vc+sd-jwt")
    yield "sd_jwt_other_hash", ("sd_jwt_malformed", "Its digests are of another algorithm.", _shown(hashed))


def _unreadable_messages() -> Scenes:
    good = _cose(badge())
    header = cbor2.loads(cbor2.loads(good).value[0])
    yield "cose_cut", ("cose_malformed", "It is cut off.", _message(good[:-7]))
    yield "cose_untagged", ("cose_malformed", "It does not say that it is COSE.", _message(good[1:]))
    yield "cose_more", ("cose_malformed", "There is something behind it.", _message(good + b"\x00"))
    open_header = _recoded(good, unprotected={4: b"another"})
    yield "cose_unprotected", ("cose_malformed", "Its key is named where nothing protects it.", _message(open_header))
    typed = _cose(badge(), typ="application/vp+cose")
    yield "cose_presents", ("cose_type_wrong", "It says that it is a presentation.", _message(typed))
    for name, code, labels in (
        ("alg_unknown", "jwt_alg_unknown", {1: 5}),
        ("must_know", "jwt_critical", {2: [1]}),
        ("big_number", "cose_malformed", {99: 2**20_000}),
        ("rational", "cose_malformed", {99: cbor2.CBORTag(30, [2**4_000 - 1, 2**3_999 - 1])}),
    ):
        protected = cbor2.dumps({**header, **labels})
        scene = _message(_recoded(good, protected=protected))
        yield f"cose_{name}", (code, "Its header asks for what is not done.", scene)
    claims = _message(_cose({**badge(), "vc": {}}))
    yield "cose_of_both_forms", ("jwt_mixed", "A claim that only older tokens have.", claims)


def bad_envelopes() -> Scenes:
    """Yield envelopes whose signatures do not hold, or are not the issuer's."""
    head, _, tail = _jwt(badge()).split(".")
    other = encoded(badge() | {"name": "Data Literacy, level 3"})
    yield "jwt_altered", ("signature_wrong", "Its payload was changed.", _case(vc.enveloped(f"{head}.{other}.{tail}")))
    yield (
        "jwt_by_stranger",
        ("signature_wrong", "Another key signed it than the one named.", _case(vc.enveloped(_jwt(badge(), STRANGER)))),
    )
    kid = STRANGER.verification_method
    impostor = _case(vc.enveloped(_jwt(badge(), STRANGER, kid=kid)))
    impostor.material[STRANGER.subject] = vc.Found(STRANGER.document)
    yield "jwt_impostor", ("controller_foreign", "A stranger's right signature under the university's name.", impostor)
    yield "jwt_key_nowhere", ("jwt_key_unnamed", "It does not name its key.", _token(badge(), kid=None))
    yield "jwt_alg_of_other", ("jwt_alg_differs", "Its algorithm is not that of its key.", _token(badge(), alg="ES256"))
    brought = STRANGER.public.jwk()
    yield (
        "jwt_key_beside",
        ("jwk_differs", "It brings another key than it names.", _token(badge(), jwk=brought)),
    )
    claimed = _token(badge() | {"iss": STRANGER.subject})
    yield "jwt_claims_stranger", ("claim_differs", "Its claim names another issuer than the badge.", claimed)
    token, disclosures = _sd_jwt()
    start = token.rpartition(".")[0]
    forged = f"{start}.{encoded(STRANGER.sign(start.encode()))}"
    yield "sd_jwt_by_stranger", ("signature_wrong", "Another key signed it.", _shown(forged, *disclosures))
    yield "cose_by_stranger", ("signature_wrong", "Another key signed it.", _message(_cose(badge(), STRANGER)))
    altered = _recoded(_cose(badge()), payload=jsontext.canonical(badge() | {"name": "Data Literacy, level 3"}))
    yield "cose_altered", ("signature_wrong", "Its payload was changed.", _message(altered))
