"""Access tokens: what an API key buys for an hour (OAuth 2.0 client credentials, RFC 6749 §4.4).

A token is not kept anywhere. It says which API key it came from, what it may do and until when, under a MAC of this
installation; whoever comes with one is held against the row of the key each time, so that a key that is revoked, or
has expired, takes its tokens along.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ler_issuer import jsontext
from ler_issuer.errors import Denied, SignInFirst
from ler_issuer.services import access

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.types import JsonObject

PREFIX: Final = "lera_"
"""What an access token starts with; an API key starts with `ler_`."""

LIFETIME: Final = timedelta(hours=1)

_LONGEST: Final = 2_000
"""Characters of a token that are looked at; one of ours with every scope has some 500."""

_MAC_PURPOSE: Final = "access token"


class NotGranted(Denied):
    """No token for this request; `error` is the code that RFC 6749 §5.2 has for the reason."""

    def __init__(self, detail: str, *, error: str = "invalid_request") -> None:
        """Say why, in words and by code."""
        super().__init__(detail)
        self.error = error


@dataclass(frozen=True, slots=True)
class Token:
    """A fresh access token, what it may do, and for how many seconds."""

    access_token: str
    scopes: tuple[str, ...]
    expires_in: int


def grant(rt: Runtime, client_id: str, client_secret: str, scope: str | None) -> Token:
    """Give a token for an API key: `client_id` is the id of the key, `client_secret` its secret.

    `scope`, a list with spaces, narrows what the token may do; None asks for all that the key may do.

    Raises:
        NotGranted: the key is not known, or has expired or was revoked, or lacks one of the scopes.
    """
    try:
        caller = access.authenticate(rt, client_secret)
    except SignInFirst as refused:
        raise NotGranted(refused.detail, error="invalid_client") from None
    if not hmac.compare_digest(caller.actor.encode(), f"key:{client_id}".encode()):
        raise NotGranted("the client is not known here", error="invalid_client")
    wanted = caller.scopes if scope is None else frozenset(scope.split())
    if not wanted or not wanted <= caller.scopes:
        raise NotGranted("the API key does not have all of these scopes", error="invalid_scope")
    scopes = tuple(sorted(wanted))
    ends = int((rt.now() + LIFETIME).timestamp())
    said = jsontext.canonical({"key": client_id, "scopes": list(scopes), "ends": ends})
    token = f"{PREFIX}{_text(said)}.{_text(rt.keys.mac(_MAC_PURPOSE, said))}"
    return Token(token, scopes, int(LIFETIME.total_seconds()))


def authenticate(rt: Runtime, credentials: str) -> Caller:
    """Tell on whose behalf somebody comes, with an API key or an access token.

    Raises:
        SignInFirst: it is nobody's, or has expired or was revoked.
    """
    if not credentials.startswith(PREFIX):
        return access.authenticate(rt, credentials)
    said = _said(rt, credentials.removeprefix(PREFIX))
    if datetime.fromtimestamp(said["ends"], UTC) <= rt.now():
        raise SignInFirst("the access token has expired")
    caller = access.caller_of(rt, said["key"])
    return replace(caller, scopes=caller.scopes & frozenset(said["scopes"]))


def _said(rt: Runtime, token: str) -> JsonObject:
    """Read what a token of ours says; of anybody else's nothing is read but its MAC."""
    body, _, mac = token[:_LONGEST].partition(".")  # of anything longer, what is left will not have the right MAC
    try:
        said, found = _bytes(body), _bytes(mac)
    except (ValueError, binascii.Error):
        raise SignInFirst("the access token is not one of ours") from None
    if not hmac.compare_digest(found, rt.keys.mac(_MAC_PURPOSE, said)):
        raise SignInFirst("the access token is not one of ours")
    read: JsonObject = jsontext.parse(said)
    return read


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
