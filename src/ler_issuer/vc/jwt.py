"""Credentials as signed tokens: a compact JWS whose payload is the credential (VC-JWT).

Two forms are read. Open Badges 3.0 §8.2 and VCDM 2.0: the payload is the credential itself, with registered claims
(RFC 7519 §4.1) beside its members. VC 1.1 §6.3.1: the credential stands in the claim `vc`, and what a registered claim
says may be left out there. A token of one form with the context of the other is refused, since two readers would read
two credentials.

Nothing in the header is trusted because it stands there. `alg` is one of a fixed list, and must be that of the key; a
`jwk` vouches for nothing by itself; `jku`, `x5u` and their like are never followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ler_issuer import jsontext
from ler_issuer.vc import multibase
from ler_issuer.vc.documents import as_list
from ler_issuer.vc.instants import stamp
from ler_issuer.vc.keys import BadKey, PublicKey
from ler_issuer.vc.problems import CRYPTOGRAPHIC_SECURITY_ERROR, MALFORMED_VALUE_ERROR, PARSING_ERROR, Problem

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject

LONGEST_TOKEN: Final = 6 * 1024 * 1024
"""Characters of the longest token that is read: the largest JSON text that is read, in base64url, and some room."""

LONGEST_HEADER: Final = 16 * 1024
"""Bytes of the longest header: a key of 4096 bits has some 800."""

ALGORITHMS: Final = frozenset({"RS256", "ES256", "ES384", "EdDSA", "Ed25519"})
"""The algorithms that are accepted; none of them shares a secret, and none is *none*."""

TYPES: Final = frozenset({"jwt", "vc+jwt", "vc+ld+jwt", "vc+ld+json+jwt"})
"""What a token that holds a credential may say it is, in `typ`, or it says nothing."""

CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
"""The registered claims, which are no members of the credential."""

_VC_1: Final = "https://www.w3.org/2018/credentials/v1"
_LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A token that was read, and not yet checked: anybody could have written it.

    `document` is the credential in it, without the claims; of dates that only a claim gives, with them.
    """

    token: str
    header: JsonObject
    payload: JsonObject
    document: JsonObject

    @property
    def alg(self) -> str:
        """The algorithm that the header names, by its older name."""
        named: str = self.header["alg"]
        return "EdDSA" if named == "Ed25519" else named

    @property
    def kid(self) -> str | None:
        """The name that the header gives the key."""
        return self.header.get("kid")

    @property
    def typ(self) -> str:
        """What the token says it is, in lower case and without `application/`; empty when it says nothing."""
        return _type_of(self.header)

    @property
    def signed(self) -> bytes:
        """The bytes that the signature covers (RFC 7515 §5.2)."""
        return self.token.rpartition(".")[0].encode()

    @property
    def signature(self) -> bytes:
        """The raw signature."""
        return multibase.decode_u("u" + self.token.rpartition(".")[2])


class _Unreadable(Exception):
    def __init__(self, code: str, detail: str, pointer: str = "", kind: str = PARSING_ERROR) -> None:
        super().__init__(detail)
        self.problem = Problem(code, detail, pointer, kind)


def is_compact(value: Json) -> bool:
    """Say whether a value looks like a compact JWS: text of three parts in base64url. Nothing is decoded."""
    return isinstance(value, str) and _COMPACT.fullmatch(value) is not None


def open_envelope(token: Json) -> Envelope | Problem:
    """Read a token strictly, or say why it is no token that could be checked; total, and bounded in size and depth."""
    try:
        return _opened(token)
    except _Unreadable as error:
        return error.problem


def date_of(claim: Json) -> datetime | None:
    """Read a NumericDate (RFC 7519 §2) from 1970 to 9999, or None when it is none."""
    if not isinstance(claim, int | float) or isinstance(claim, bool):
        return None
    return datetime.fromtimestamp(claim, UTC) if 0 <= claim <= _LATEST else None


def _opened(token: Json) -> Envelope:
    if not is_compact(token):
        raise _Unreadable("jwt_malformed", "it is not three parts in base64url")
    if len(token) > LONGEST_TOKEN:
        raise _Unreadable("jwt_malformed", f"it is longer than {LONGEST_TOKEN} characters")
    head, body, tail = token.split(".")
    header = _object(_decoded(head, "header"), "header", LONGEST_HEADER)
    _require_known(header)
    if not _decoded(tail, "signature"):
        raise _Unreadable("jwt_not_signed", "its signature is empty", kind=CRYPTOGRAPHIC_SECURITY_ERROR)
    payload = _object(_decoded(body, "payload"), "payload", jsontext.MAX_BYTES)
    return Envelope(token, header, payload, _credential(payload))


def _decoded(part: str, name: str) -> bytes:
    try:
        return multibase.decode_u("u" + part)
    except multibase.BadMultibase:
        raise _Unreadable("jwt_malformed", f"its {name} is not strict base64url") from None


def _object(data: bytes, name: str, most: int) -> JsonObject:
    try:
        value = jsontext.parse(data, max_bytes=most)
    except jsontext.NotJsonError as error:
        raise _Unreadable("jwt_malformed", f"its {name} is not strict JSON: {error.detail}") from None
    if not isinstance(value, dict):
        raise _Unreadable("jwt_malformed", f"its {name} is not a JSON object")
    return value


def _type_of(header: JsonObject) -> str:
    typ = header.get("typ")
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else ""


def _require_known(header: JsonObject) -> None:
    """Refuse a header that asks for anything that is not done here (RFC 8725 §3)."""
    alg, crypto = header.get("alg"), CRYPTOGRAPHIC_SECURITY_ERROR
    if isinstance(alg, str) and alg.lower() == "none":
        raise _Unreadable("jwt_not_signed", "its algorithm is 'none'", kind=crypto)
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise _Unreadable("jwt_alg_unknown", alg if isinstance(alg, str) else "none is named", kind=crypto)
    if "crit" in header or "b64" in header:
        raise _Unreadable("jwt_critical", ", ".join(map(str, as_list(header.get("crit", "b64")))), kind=crypto)
    if "typ" in header and _type_of(header) not in TYPES:
        raise _Unreadable("jwt_type_wrong", str(header["typ"]), kind=crypto)
    if not isinstance(header.get("kid", ""), str):
        raise _Unreadable("jwt_malformed", "its key id is no text")
    if "jwk" in header:
        try:
            PublicKey.from_jwk(header["jwk"])
        except BadKey as error:
            raise _Unreadable("jwt_key_malformed", str(error), kind=crypto) from None


def _credential(payload: JsonObject) -> JsonObject:
    """Take the credential out of the claims, in whichever of the two forms the payload is."""
    if "vp" in payload:
        raise _Unreadable("jwt_type_wrong", "it holds a presentation", kind=MALFORMED_VALUE_ERROR)
    if "vc" not in payload:
        document = {name: value for name, value in payload.items() if name not in CLAIMS}
        if as_list(document.get("@context"))[:1] == [_VC_1]:
            raise _Unreadable("jwt_mixed", "version 1.1 without the claim 'vc'", "/@context", MALFORMED_VALUE_ERROR)
        return _with_dates(document, payload, ("validFrom", "validUntil"))
    document = payload["vc"]
    if not isinstance(document, dict):
        raise _Unreadable("jwt_malformed", "its claim 'vc' is not an object", "/vc", MALFORMED_VALUE_ERROR)
    if "@context" in payload or as_list(document.get("@context"))[:1] != [_VC_1]:
        raise _Unreadable("jwt_mixed", "the claim 'vc' with another version than 1.1", "/vc", MALFORMED_VALUE_ERROR)
    return _with_names(_with_dates(document, payload, ("issuanceDate", "expirationDate")), payload)


def _with_dates(document: JsonObject, payload: JsonObject, names: tuple[str, str]) -> JsonObject:
    """Add the dates that only the claims give, so that a token that ended does not look as if it had no end."""
    given = {name: date_of(payload.get(claim)) for name, claim in zip(names, ("nbf", "exp"), strict=True)}
    return document | {name: stamp(at) for name, at in given.items() if at is not None and name not in document}


def _with_names(document: JsonObject, payload: JsonObject) -> JsonObject:
    """Add to a credential of version 1.1 the ids that only the claims give (VC 1.1 §6.3.1, decoding)."""
    named: JsonObject = {"id": payload["jti"]} if "jti" in payload and "id" not in document else {}
    for member, claim in (("issuer", "iss"), ("credentialSubject", "sub")):
        held = document.get(member, {})
        if claim in payload and isinstance(held, dict) and "id" not in held:
            named[member] = payload[claim] if member == "issuer" and not held else {**held, "id": payload[claim]}
    return document | named
