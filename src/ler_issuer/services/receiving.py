"""Receiving: what somebody wants verified, in whatever form it comes.

JSON, the text of a JWT, a picture with a credential baked into it, or the address of one of these: out comes the
document and where it came from, or a report that says why there is none.
"""

from __future__ import annotations

import base64
import codecs
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ler_issuer import jsontext
from ler_issuer.badges import Unbakeable, container_of, exhibit, unavailable, unbake, unreadable
from ler_issuer.net.fetch import Unreachable
from ler_issuer.vc import Source, envelope_of, is_compact, is_sd_jwt

if TYPE_CHECKING:
    from ler_issuer.badges import Exhibit
    from ler_issuer.jsontext import Survey
    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Json, JsonObject, Url
    from ler_issuer.vc import Report

Form: TypeAlias = Literal["json", "jwt", "png", "svg"]
"""How a credential was written down."""

ACCEPT: Final = (
    "application/vc, application/ld+json, application/json, application/jwt, application/vc+jwt, "
    "application/vc+sd-jwt, text/plain, image/png, image/svg+xml;q=0.9"
)


@dataclass(frozen=True, slots=True)
class Received:
    """What came in: the document, read from JSON or the text of a JWT, and how it was written down.

    `sha256` is the digest, in hexadecimal, of the bytes that came in; of JSON that came inside a request, of its
    canonical form (RFC 8785). `source` says where it was fetched, if it was.
    """

    exhibit: Exhibit
    form: Form
    sha256: str
    source: Source | None = None

    def to_json(self) -> JsonObject:
        """Tell it as the `input` of a report."""
        body: JsonObject = {"form": self.form, "sha256": self.sha256}
        return body if self.source is None else body | {"url": self.source.url}


@dataclass(frozen=True, slots=True)
class Unread:
    """What came in and is no credential: the report that says so, and what is known of it all the same."""

    report: Report
    sha256: str | None = None
    url: Url | None = None

    def to_json(self) -> JsonObject:
        """Tell it as the `input` of a report."""
        told = {"form": "unknown", "sha256": self.sha256, "url": self.url}
        return {name: value for name, value in told.items() if value is not None}


def receive(rt: Runtime, given: Json) -> Received | Unread:
    """Take what stands in a request: JSON as it is; text is an address, a file in a `data:` URL, or a credential.

    The id of an envelope is a `data:` URL too, and stands for the envelope.
    """
    if isinstance(given, str) and given.lstrip()[:5].lower() == "data:":
        given = envelope_of(given.strip()) or given
    if not isinstance(given, str):
        one = exhibit(given)
        return Received(one, "json", _digest(given, one.found if one.document is given else None))
    if is_address(given):
        return fetch(rt, given.strip())
    data = _inline(given.strip())
    return read(rt, given.encode("utf-8", "surrogatepass") if data is None else data)


def _inline(text: str) -> bytes | None:
    """Give the bytes of a `data:` URL in base64 (RFC 2397); None of anything else."""
    head, _, body = text.partition(",")
    if not (head.startswith("data:") and head.endswith(";base64")):
        return None
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        return None


def is_address(given: Json) -> bool:
    """Say whether what stands in a request is the address of a credential."""
    return isinstance(given, str) and given.strip().startswith(("https://", "http://"))


def read(rt: Runtime, data: bytes) -> Received | Unread:
    """Take a file: its content decides what it is, never its name."""
    return _read(rt, data, None)


def fetch(rt: Runtime, url: Url) -> Received | Unread:
    """Take what is to be had at an address, through the guard; what cannot be had says nothing against a credential.

    An address may hold a key after its `?`: no report repeats that.
    """
    now, shown = rt.now(), url.partition("?")[0].partition("#")[0]
    try:
        answer = rt.fetch.get(url, accept=ACCEPT)
    except Unreachable as failure:
        return Unread(unavailable("input_unavailable", f"{shown}: {failure.why}", at=now), url=shown)
    sha256 = hashlib.sha256(answer.body).hexdigest()
    return _read(rt, answer.body, Source(shown, "fetched", now, len(answer.body), sha256))


def _read(rt: Runtime, data: bytes, source: Source | None) -> Received | Unread:
    sha256 = hashlib.sha256(data).hexdigest()
    url = None if source is None else source.url
    container = container_of(data)
    if container is None:
        return _text(rt, data, None, sha256, source)
    try:
        unbaked = unbake(data)
    except Unbakeable as error:
        return Unread(unreadable(error.code, error.detail, at=rt.now()), sha256, url)
    return _text(rt, unbaked.text.encode("utf-8", "surrogatepass"), container.value, sha256, source)


def _text(
    rt: Runtime, text: bytes, container: Literal["png", "svg"] | None, sha256: str, source: Source | None
) -> Received | Unread:
    """Read a credential as text: a JWT (an SD-JWT is one too), or JSON that every program reads alike."""
    compact = text.strip().decode("ascii", "replace")
    if is_compact(compact) or is_sd_jwt(compact):
        return Received(exhibit(compact), container or "jwt", sha256, source)
    url = None if source is None else source.url
    other = next((kind for magic, kind in _OTHER_KINDS if text.startswith(magic)), None)
    if other is not None or not text.strip():
        report = unreadable("file_of_another_kind", other or "an empty file", at=rt.now())
        return Unread(report, sha256, url)
    try:
        one = exhibit(*jsontext.read(text.removeprefix(codecs.BOM_UTF8)))
    except jsontext.NotJsonError as error:
        report = unreadable("not_strict_json", error.detail, error.pointer, at=rt.now())
        return Unread(report, sha256, url)
    return Received(one, container or "json", sha256, source)


_OTHER_KINDS: Final = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a WebP picture"),
    (b"%PDF", "a PDF document"),
    (b"PK", "a packed file or office document"),
)
"""Files that people send by mistake, by how they begin: nothing can be baked into these."""


def _digest(document: Json, found: Survey | None) -> str:
    """Give the SHA-256 of the canonical form of JSON; of what has none, of nothing, since it will not be judged."""
    try:
        return jsontext.digest(document, found)
    except jsontext.NotJsonError:
        return hashlib.sha256(b"").hexdigest()
