"""Credentials as signed tokens: a compact JWS whose payload is the credential (VC-JWT).

Two forms are read. Open Badges 3.0 §8.2 and VCDM 2.0: the payload is the credential itself, with registered claims
(RFC 7519 §4.1) beside its members. VC 1.1 §6.3.1: the credential stands in the claim `vc`, and what a registered claim
says may be left out there. A token of one form with the context of the other is refused, since two readers would read
two credentials. Drafts put credentials of version 2 into `vc` too, and presentations into `vp`; that is read only by
those who ask for it (`older`).

A presentation is read likewise, from a token that says that it is one.

Nothing in the header is trusted because it stands there. `alg` is one of a fixed list, and must be that of the key; a
`jwk` vouches for nothing by itself; `jku`, `x5u` and their like are never followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ler_issuer import jsontext
from ler_issuer.vc import multibase
from ler_issuer.vc.documents import as_list, id_of, issuer_id
from ler_issuer.vc.instants import stamp
from ler_issuer.vc.keys import BadKey, PublicKey
from ler_issuer.vc.problems import CRYPTOGRAPHIC_SECURITY_ERROR, MALFORMED_VALUE_ERROR, PARSING_ERROR, Problem

if TYPE_CHECKING:
    from collections.abc import Collection

    from ler_issuer.types import Did, Json, JsonObject, Url

LONGEST_TOKEN: Final = 6 * 1024 * 1024
"""Characters of the longest token that is read: the largest JSON text that is read, in base64url, and some room."""

LONGEST_HEADER: Final = 16 * 1024
"""Bytes of the longest header: a key of 4096 bits has some 800."""

ALGORITHMS: Final = frozenset({"RS256", "ES256", "ES384", "EdDSA", "Ed25519"})
"""The algorithms that are accepted; none of them shares a secret, and none is *none*."""

TYPES: Final = frozenset({"jwt", "vc+jwt", "vc+ld+jwt", "vc+ld+json+jwt"})
"""What a token that holds a credential may say it is, in `typ`, or it says nothing."""

PRESENTATION_TYPES: Final = frozenset({"vp+jwt", "vp+ld+jwt", "vp+ld+json+jwt"})
"""What a token says it is whose payload is a presentation."""

CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
"""The registered claims, which are no members of the credential."""

_VC_1: Final = "https://www.w3.org/2018/credentials/v1"
_VC_2: Final = "https://www.w3.org/ns/credentials/v2"
_UNTYPED: Final = frozenset({"", "jwt"})
_LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A token that was read, and not yet checked: anybody could have written it.

    `document` is the credential in it, without the claims; of dates that only a claim gives, with them. Where it
    `presents`, it is a presentation.
    """

    token: str
    header: JsonObject
    payload: JsonObject
    document: JsonObject
    presents: bool = False

    @property
    def party(self) -> Did | Url | None:
        """Whose signature it has to be: the issuer's, or the holder's who presents."""
        return id_of(self.document.get("holder")) if self.presents else issuer_id(self.document)

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


class Unreadable(Exception):
    """A text is no token that could be checked; `problem` says why."""

    def __init__(self, code: str, detail: str, pointer: str = "", kind: str = PARSING_ERROR) -> None:
        """Name the fault."""
        super().__init__(detail)
        self.problem = Problem(code, detail, pointer, kind)


def is_compact(value: Json) -> bool:
    """Say whether a value looks like a compact JWS: text of three parts in base64url. Nothing is decoded."""
    return isinstance(value, str) and _COMPACT.fullmatch(value) is not None


def open_envelope(token: Json, *, older: bool = False) -> Envelope | Problem:
    """Read a token strictly, or say why it is no token that could be checked; total, and bounded in size and depth.

    With `older`, a credential of version 2 may stand in the claim `vc`, unless the token says that it is of
    VC-JOSE-COSE, which forbids it.
    """
    try:
        read = read_token(token, types=TYPES)
        return replace(read, document=_credential(read, older=older))
    except Unreadable as error:
        return error.problem


def open_presentation(token: Json, *, older: bool = False) -> Envelope | Problem:
    """Read a token whose payload is a presentation, or say why it is none; as strictly as `open_envelope`.

    With `older`, one in the claim `vp` is read too, from a token that says of itself nothing, or that it is a JWT.
    """
    try:
        read = read_token(token, types=PRESENTATION_TYPES | _UNTYPED)
        return replace(read, document=_presentation(read, older=older), presents=True)
    except Unreadable as error:
        return error.problem


def read_token(token: Json, *, types: Collection[str], algorithms: Collection[str] = ALGORITHMS) -> Envelope:
    """Read a compact JWS whose payload is a JSON object; what the payload means is left open, it is the `document`.

    Raises:
        Unreadable: it is none, is not of one of these types and algorithms, or its header asks for more.
    """
    if not is_compact(token):
        raise Unreadable("jwt_malformed", "it is not three parts in base64url")
    if len(token) > LONGEST_TOKEN:
        raise Unreadable("jwt_malformed", f"it is longer than {LONGEST_TOKEN} characters")
    head, body, tail = token.split(".")
    header = _object(_decoded(head, "header"), "header", LONGEST_HEADER)
    _require_known(header, types, algorithms)
    if not _decoded(tail, "signature"):
        raise Unreadable("jwt_not_signed", "its signature is empty", kind=CRYPTOGRAPHIC_SECURITY_ERROR)
    payload = _object(_decoded(body, "payload"), "payload", jsontext.MAX_BYTES)
    return Envelope(token, header, payload, payload)


def said_in(payload: JsonObject, *, presents: bool = False) -> JsonObject:
    """Give the credential or presentation of which a payload consists, without the claims that stand beside it.

    A credential gets the dates that only the claims give, so that one that ended does not look as if it had no end.
    """
    claims = CLAIMS | {"nonce"} if presents else CLAIMS
    document = {name: value for name, value in payload.items() if name not in claims}
    return document if presents else _with_dates(document, payload, ("validFrom", "validUntil"))


def date_of(claim: Json) -> datetime | None:
    """Read a NumericDate (RFC 7519 §2) from 1970 to 9999, or None when it is none."""
    if not isinstance(claim, int | float) or isinstance(claim, bool):
        return None
    return datetime.fromtimestamp(claim, UTC) if 0 <= claim <= _LATEST else None


def _decoded(part: str, name: str) -> bytes:
    try:
        return multibase.decode_u("u" + part)
    except multibase.BadMultibase:
        raise Unreadable("jwt_malformed", f"its {name} is not strict base64url") from None


def _object(data: bytes, name: str, most: int) -> JsonObject:
    try:
        value = jsontext.parse(data, max_bytes=most)
    except jsontext.NotJsonError as error:
        raise Unreadable("jwt_malformed", f"its {name} is not strict JSON: {error.detail}") from None
    if not isinstance(value, dict):
        raise Unreadable("jwt_malformed", f"its {name} is not a JSON object")
    return value


def _type_of(header: JsonObject) -> str:
    typ = header.get("typ")
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else ""


def _require_known(header: JsonObject, types: Collection[str], algorithms: Collection[str]) -> None:
    """Refuse a header that asks for anything that is not done here (RFC 8725 §3)."""
    alg, crypto = header.get("alg"), CRYPTOGRAPHIC_SECURITY_ERROR
    if isinstance(alg, str) and alg.lower() == "none":
        raise Unreadable("jwt_not_signed", "its algorithm is 'none'", kind=crypto)
    if not isinstance(alg, str) or alg not in algorithms:
        raise Unreadable("jwt_alg_unknown", alg if isinstance(alg, str) else "none is named", kind=crypto)
    if "crit" in header or "b64" in header:
        raise Unreadable("jwt_critical", ", ".join(map(str, as_list(header.get("crit", "b64")))), kind=crypto)
    if "typ" in header and (_type_of(header) or None) not in types:
        raise Unreadable("jwt_type_wrong", str(header["typ"]), kind=crypto)
    if not isinstance(header.get("kid", ""), str):
        raise Unreadable("jwt_malformed", "its key id is no text")
    if "jwk" in header:
        try:
            PublicKey.from_jwk(header["jwk"])
        except BadKey as error:
            raise Unreadable("jwt_key_malformed", str(error), kind=crypto) from None


def _credential(read: Envelope, *, older: bool) -> JsonObject:
    """Take the credential out of the claims, in whichever of the two forms the payload is."""
    payload = read.payload
    if "vp" in payload:
        raise Unreadable("jwt_type_wrong", "it holds a presentation", kind=MALFORMED_VALUE_ERROR)
    if "vc" not in payload:
        document = said_in(payload)
        if as_list(document.get("@context"))[:1] == [_VC_1]:
            raise Unreadable("jwt_mixed", "version 1.1 without the claim 'vc'", "/@context", MALFORMED_VALUE_ERROR)
        return document
    document = payload["vc"]
    if not isinstance(document, dict):
        raise Unreadable("jwt_malformed", "its claim 'vc' is not an object", "/vc", MALFORMED_VALUE_ERROR)
    first = as_list(document.get("@context"))[:1]
    is_older = older and first == [_VC_2] and read.typ in _UNTYPED
    if "@context" in payload or not (first == [_VC_1] or is_older):
        raise Unreadable("jwt_mixed", "the claim 'vc' with another version than 1.1", "/vc", MALFORMED_VALUE_ERROR)
    dates = ("validFrom", "validUntil") if is_older else ("issuanceDate", "expirationDate")
    return _with_names(_with_dates(document, payload, dates), payload)


def _presentation(read: Envelope, *, older: bool) -> JsonObject:
    """Take the presentation out of the claims: the payload itself, or in the older form what `vp` holds."""
    payload, is_typed = read.payload, read.typ in PRESENTATION_TYPES
    if not is_typed and "vp" not in payload:
        raise Unreadable("jwt_type_wrong", "it does not say that it is a presentation", kind=MALFORMED_VALUE_ERROR)
    if "vc" in payload or ("vp" in payload and (is_typed or not older or "@context" in payload)):
        raise Unreadable("jwt_mixed", "the claims 'vc' and 'vp' are of older tokens", kind=MALFORMED_VALUE_ERROR)
    if is_typed:
        return said_in(payload, presents=True)
    document = payload["vp"]
    if not isinstance(document, dict):
        raise Unreadable("jwt_malformed", "its claim 'vp' is not an object", "/vp", MALFORMED_VALUE_ERROR)
    named = {"holder": payload["iss"]} if "iss" in payload and "holder" not in document else {}
    return document | named


def _with_dates(document: JsonObject, payload: JsonObject, names: tuple[str, str]) -> JsonObject:
    """Add the dates that only the claims give."""
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
