"""Decentralised identifiers and the documents that say which keys speak for them.

Two methods are known. `did:key` *is* its key, needs no look-up and cannot rotate. `did:web` is a document on the web
host that its name spells out. The same document, under an https URL in place of a DID, is a controlled identifier
document (CID 1.0), which Open Badges issuers use. A key counts only when such a document lists it for the purpose: a
key written into the fragment of an https URL proves nothing, since anybody can write any fragment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from ler_issuer.vc.documents import as_list, id_of, types_of
from ler_issuer.vc.keys import BadKey, PublicKey
from ler_issuer.vc.problems import Problem
from ler_issuer.vc.validity import instant, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ler_issuer.types import Did, Json, JsonObject, Url

CONTEXTS: Final = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")
"""The contexts of every document that we publish about keys."""

_KEY_PREFIX = "did:key:"
_WEB_PREFIX = "did:web:"
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_QUAD = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}")
_SEGMENT = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]+")
_PORT = re.compile(r"[1-9]\d{0,4}")
_LARGEST_PORT = 65_535
_LONGEST_HOST = 253


class BadDid(ValueError):
    """The text is not a DID, or the URL has no DID, of a method and form that is accepted here."""


@dataclass(frozen=True, slots=True)
class Method:
    """A public key as a controller publishes it.

    `revoked_at` withdraws the key altogether; a key with `expires_at` counts for what was signed until then. A
    key that was merely rotated is published without either, since other verifiers would refuse what it signed.
    """

    id: str
    controller: Did | Url
    public: PublicKey
    revoked_at: datetime | None = None
    expires_at: datetime | None = None

    def to_json(self) -> JsonObject:
        """Write the method as a Multikey (CID 1.0 §2.2.2)."""
        body: JsonObject = {
            "id": self.id,
            "type": "Multikey",
            "controller": self.controller,
            "publicKeyMultibase": self.public.multibase,
        }
        if self.expires_at is not None:
            body["expires"] = stamp(self.expires_at)
        if self.revoked_at is not None:
            body["revoked"] = stamp(self.revoked_at)
        return body


def key_did(public: PublicKey) -> Did:
    """Give the `did:key` of a public key."""
    return _KEY_PREFIX + public.multibase


def key_method(public: PublicKey) -> str:
    """Give the id of the one verification method of a `did:key`."""
    return f"{key_did(public)}#{public.multibase}"


def web_did(url: Url) -> Did:
    """Give the `did:web` of an issuer's URL: ``https://a.edu:8443/issuers/x`` is ``did:web:a.edu%3A8443:issuers:x``.

    Plain http is meant for development; only there may the host be an IP address, which has no certificate.

    Raises:
        BadDid: the URL has user, query, fragment, another scheme, or a host or path that `did:web` cannot carry.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadDid(f"{url!r} is not a URL: {error}") from None
    if parts.scheme not in {"https", "http"} or parts.query or parts.fragment or "@" in parts.netloc:
        raise BadDid(f"{url!r} is not a plain web address, so it has no did:web")
    host = parts.hostname or ""
    path = [quote(segment) for segment in parts.path.strip("/").split("/")] if parts.path.strip("/") else []
    did = _WEB_PREFIX + ":".join([host if port is None else f"{host}%3A{port}", *path])
    web_url(did, scheme=parts.scheme)
    return did


def web_url(did: Did, *, scheme: str = "https") -> Url:
    """Give the URL of the document of a `did:web` (DID Web §3.2), strictly.

    The only percent-encoding accepted is the ``%3A`` before a port, so the text of the DID is the place that is asked:
    no user, query, fragment, ``..`` or encoded slash, no IP address (with ``scheme="http"``, which is for development,
    a plain dotted one), no number that a resolver would read as an address.

    Raises:
        BadDid: the DID is not a `did:web` of that form.
    """
    if not did.startswith(_WEB_PREFIX):
        raise BadDid("not a did:web")
    authority, *path = did.removeprefix(_WEB_PREFIX).split(":")
    host, encoded, port = authority.partition("%3A")
    if not _is_host(host) and not (scheme == "http" and _QUAD.fullmatch(host)):
        raise BadDid("its host is not a plain domain name")
    if encoded and not (_PORT.fullmatch(port) and int(port) <= _LARGEST_PORT):
        raise BadDid("its port is not a port")
    if not all(_SEGMENT.fullmatch(segment) for segment in path):
        raise BadDid("its path has an empty, relative or encoded segment")
    place = "/".join(path) if path else ".well-known"
    return f"{scheme}://{host}{':' + port if encoded else ''}/{place}/did.json"


def _is_host(host: str) -> bool:
    """Say whether a host is a lower-case domain name that no resolver takes for an address in disguise (``0x7f.1``)."""
    labels = host.split(".")
    numeric = labels[-1].isdigit() or labels[-1].startswith("0x")
    return len(host) <= _LONGEST_HOST and all(map(_LABEL.fullmatch, labels)) and not numeric


def controller_of(method_id: str) -> Did | Url:
    """Give the DID or URL of the document that a verification method belongs to: all before the fragment."""
    return method_id.partition("#")[0]


def controller_document(
    subject: Did | Url, methods: Sequence[Method], *, profile: JsonObject | None = None
) -> JsonObject:
    """Compose the document that lists the keys of `subject`, each allowed to sign credentials.

    `profile` adds members (and its own `@context`) to the same document, for an issuer whose profile lives at its id.
    """
    extra = profile or {}
    return {
        "@context": [*CONTEXTS, *as_list(extra.get("@context"))],
        "id": subject,
        **{name: value for name, value in extra.items() if name not in {"@context", "id"}},
        "verificationMethod": [method.to_json() for method in methods],
        "assertionMethod": [method.id for method in methods],
    }


def did_key_document(did: Did) -> JsonObject | Problem:
    """Give the document of a `did:key`, which follows from the DID alone."""
    if not did.startswith(_KEY_PREFIX):
        return Problem("did_malformed", "not a did:key")
    try:
        public = PublicKey.from_multibase(did.removeprefix(_KEY_PREFIX))
    except BadKey as error:
        return Problem("key_malformed", str(error))
    return controller_document(did, [Method(key_method(public), did, public)])


def resolve_method(
    document: Json, method_id: str, *, purpose: str = "assertionMethod", at: datetime | None = None
) -> PublicKey | Problem:
    """Give the key that a controller document allows for a purpose, or why it gives none.

    The document must be the one that the method id names, list the method under `purpose` (embedded or by reference),
    say that it controls it itself, and not have withdrawn it. A key that expired counts for what was signed before, so
    `at` is the time of signing. A key with `revoked`, whatever the date, counts for nothing: that date is chosen after
    a compromise, and the thief chooses what `created` says.
    """
    if not isinstance(document, dict):
        return Problem("controller_document_malformed", "not a JSON object")
    subject = controller_of(method_id)
    if document.get("id") != subject:
        return Problem("controller_document_foreign", f"it is about {id_of(document.get('id'))}")
    method = _allowed(document, method_id, purpose)
    if isinstance(method, Problem):
        return method
    if method.get("controller") != subject:
        return Problem("key_controller_differs", f"it names {id_of(method.get('controller'))}")
    return _withdrawn(method, at) or _key(method)


def _allowed(document: JsonObject, method_id: str, purpose: str) -> JsonObject | Problem:
    """Find a method that the document lists under the purpose, or say whether it is unknown or merely not allowed."""
    published = [item for item in as_list(document.get("verificationMethod")) if isinstance(item, dict)]
    listed = as_list(document.get(purpose))
    embedded = [item for item in listed if isinstance(item, dict)]
    named = [item for item in published + embedded if item.get("id") == method_id]
    if not named:
        return Problem("key_unknown", method_id)
    if method_id not in listed and not any(item.get("id") == method_id for item in embedded):
        return Problem("key_not_for_assertion", method_id)
    if any(item != named[0] for item in named):
        return Problem("controller_document_malformed", f"it describes {method_id} in two ways")
    return named[0]


def _withdrawn(method: JsonObject, at: datetime | None) -> Problem | None:
    if method.get("revoked") is not None:
        return Problem("key_revoked", f"since {id_of(method['revoked'])}")
    if method.get("expires") is None:
        return None
    expires = instant(method["expires"])
    if expires is None:
        return Problem("controller_document_malformed", "the expiry of the key cannot be read")
    return Problem("key_expired", f"on {stamp(expires)}") if at is None or at > expires else None


def _key(method: JsonObject) -> PublicKey | Problem:
    """Read a Multikey, or the older Ed25519VerificationKey2020, which writes its key alike."""
    text = method.get("publicKeyMultibase")
    if not isinstance(text, str) or not {"Multikey", "Ed25519VerificationKey2020"} & {*types_of(method)}:
        return Problem("key_malformed", "not a Multikey")
    try:
        return PublicKey.from_multibase(text)
    except BadKey as error:
        return Problem("key_malformed", str(error))
