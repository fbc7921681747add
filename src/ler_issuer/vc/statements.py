"""Signed statements: what a verifier found, as a compact JWS that anybody can check without asking it again (RFC 7515).

A statement says what was judged (by its digest), under which policy, when, and how every check came out. It repeats
nothing of the credential, so that it can be kept for an audit without keeping the candidate's data.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from ler_issuer import jsontext
from ler_issuer.vc.documents import as_list
from ler_issuer.vc.keys import BadKey, PublicKey

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc.keys import Signer

STATEMENT_TYPE: Final = "verification-report+jwt"
"""The `typ` of statements: no token for anything else is taken for one, nor the other way round."""

MAX_STATEMENT: Final = 1024 * 1024
"""Longest statement that is read, in characters."""


class BadStatement(ValueError):
    """A text is not a statement that holds under the keys given; the words say why."""


def sign_statement(claims: JsonObject, signer: Signer) -> str:
    """Sign claims as a statement; the signer's `verification_method` is named as `kid`."""
    header = {"alg": "EdDSA", "kid": signer.verification_method, "typ": STATEMENT_TYPE}
    signed = f"{_written(jsontext.canonical(header))}.{_written(jsontext.canonical(claims))}"
    return f"{signed}.{_written(signer.sign(signed.encode()))}"


def read_statement(text: str, keys: Json) -> JsonObject:
    """Give the claims of a statement that one of these keys (a JWK set) signed.

    Raises:
        BadStatement: it is no statement, its key is not among these, or it was changed.
    """
    parts = text.strip().split(".") if len(text) <= MAX_STATEMENT else ()
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        raise BadStatement("this is not the text of a signed report")
    header, claims = _object(parts[0]), _object(parts[1])
    if (header.get("typ"), header.get("alg")) != (STATEMENT_TYPE, "EdDSA") or not header.keys() <= {
        "alg",
        "kid",
        "typ",
    }:
        raise BadStatement("this is a signed token, but not a signed report")
    key = _key(keys, header.get("kid"))
    if not key.verify(_bytes(parts[2]), f"{parts[0]}.{parts[1]}".encode("ascii", "replace")):
        raise BadStatement("the signature does not hold: the report was changed, or another key signed it")
    return claims


def _key(keys: Json, named: Json) -> PublicKey:
    listed = as_list(keys.get("keys")) if isinstance(keys, dict) else []
    found = [one for one in listed if isinstance(one, dict) and one.get("kid") == named]
    if named is None or len(found) != 1:
        raise BadStatement(f"the keys given do not have the one that signed it, {named!r:.200}")
    try:
        key = PublicKey.from_jwk(found[0])
    except BadKey as error:
        raise BadStatement(f"the key that signed it cannot be used: {error}") from None
    if key.kind != "Ed25519":
        raise BadStatement("the key that signed it is of another kind")
    return key


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(part: str) -> bytes:
    try:
        data = base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise BadStatement("a part of it is not base64url") from None
    if _written(data) != part:
        raise BadStatement("a part of it is not base64url")
    return data


def _object(part: str) -> JsonObject:
    try:
        value = jsontext.parse(_bytes(part))
    except jsontext.NotJsonError as error:
        raise BadStatement(f"a part of it is not JSON: {error.detail}") from None
    if not isinstance(value, dict):
        raise BadStatement("a part of it is not an object")
    return value
