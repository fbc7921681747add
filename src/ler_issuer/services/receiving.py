"""Receiving: what somebody wants verified, in whatever form it comes.

JSON, the text of a JWT, a picture with a credential baked into it, or the address of one of these: out comes the
document and where it came from, or a report that says why there is none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ler_issuer import jsontext
from ler_issuer.badges import Unbakeable, container_of, unavailable, unbake, unreadable
from ler_issuer.net.fetch import Unreachable
from ler_issuer.vc import Source, is_compact

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Json, JsonObject, Url
    from ler_issuer.vc import Report

Form: TypeAlias = Literal["json", "jwt", "png", "svg"]
"""How a credential was written down."""

ACCEPT: Final = (
    "application/vc, application/ld+json, application/json, application/jwt, application/vc+jwt, text/plain, "
    "image/png, image/svg+xml;q=0.9"
)


@dataclass(frozen=True, slots=True)
class Received:
    """What came in: the document, as JSON or the text of a JWT, and how it was written down.

    `sha256` is the digest, in hexadecimal, of the bytes that came in; of JSON that came inside a request, of its
    canonical form (RFC 8785). `source` says where it was fetched, if it was.
    """

    document: Json
    form: Form
    sha256: str
    source: Source | None = None

    def to_json(self) -> JsonObject:
        """Tell it as the `input` of a report."""
        body: JsonObject = {"form": self.form, "sha256": self.sha256}
        return body if self.source is None else body | {"url": self.source.url}


def receive(rt: Runtime, given: Json) -> Received | Report:
    """Take what stands in a request: JSON as it is; text is the address of a credential, or a credential as text."""
    if not isinstance(given, str):
        return Received(given, "json", _digest(given))
    if is_address(given):
        return fetch(rt, given.strip())
    return read(rt, given.encode("utf-8", "surrogatepass"))


def is_address(given: Json) -> bool:
    """Say whether what stands in a request is the address of a credential."""
    return isinstance(given, str) and given.strip().startswith(("https://", "http://"))


def read(rt: Runtime, data: bytes) -> Received | Report:
    """Take a file: its content decides what it is, never its name."""
    return _read(rt, data, None)


def fetch(rt: Runtime, url: Url) -> Received | Report:
    """Take what is to be had at an address, through the guard; what cannot be had says nothing against a credential."""
    now = rt.now()
    try:
        answer = rt.fetch.get(url, accept=ACCEPT)
    except Unreachable as failure:
        return unavailable("input_unavailable", f"{url}: {failure.why}", at=now)
    sha256 = hashlib.sha256(answer.body).hexdigest()
    return _read(rt, answer.body, Source(answer.url, "fetched", now, len(answer.body), sha256))


def _read(rt: Runtime, data: bytes, source: Source | None) -> Received | Report:
    sha256 = hashlib.sha256(data).hexdigest()
    container = container_of(data)
    if container is None:
        return _text(rt, data, None, sha256, source)
    try:
        unbaked = unbake(data)
    except Unbakeable as error:
        return unreadable(error.code, error.detail, at=rt.now())
    return _text(rt, unbaked.text.encode("utf-8", "surrogatepass"), container.value, sha256, source)


def _text(
    rt: Runtime, text: bytes, container: Literal["png", "svg"] | None, sha256: str, source: Source | None
) -> Received | Report:
    """Read a credential as text: a JWT, or JSON that every program reads alike."""
    compact = text.strip().decode("ascii", "replace")
    if is_compact(compact):
        return Received(compact, container or "jwt", sha256, source)
    try:
        return Received(jsontext.parse(text), container or "json", sha256, source)
    except jsontext.NotJsonError as error:
        return unreadable("not_strict_json", error.detail, error.pointer, at=rt.now())


def _digest(document: Json) -> str:
    """Give the SHA-256 of the canonical form of JSON; of what has none, of nothing, since it will not be judged."""
    try:
        return jsontext.digest(document)
    except jsontext.NotJsonError:
        return hashlib.sha256(b"").hexdigest()
