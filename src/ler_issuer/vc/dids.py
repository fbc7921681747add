"""Decentralised identifiers and the documents that say which keys speak for them.

Three methods are known. `did:key` and `did:jwk` *are* their key, need no look-up and cannot rotate. `did:web` is a
document on the web host that its name spells out. The same document, under an https URL in place of a DID, is a
controlled identifier document (CID 1.0), which Open Badges issuers use. A key counts only when such a document lists it
for the purpose: a key written into the fragment of an https URL proves nothing, since anybody can write any fragment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from ler_issuer import jsontext
from ler_issuer.jsontext import NotJsonError
from ler_issuer.vc import multibase
from ler_issuer.vc.documents import as_list, id_of, types_of
from ler_issuer.vc.instants import instant, stamp
from ler_issuer.vc.keys import KEY_BYTES, BadKey, PublicKey
from ler_issuer.vc.multibase import BadMultibase
from ler_issuer.vc.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from ler_issuer.types import Did, Json, JsonObject, Url

CONTEXTS: Final = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")
"""The contexts of every document that we publish about keys."""

JWK_CONTEXT: Final = "https://w3id.org/security/jwk/v1"
"""The context that is added where a key is published as a JWK."""

_KEY_PREFIX = "did:key:"
_JWK_PREFIX = "did:jwk:"
_LONGEST_JWK = 2_048
_WEB_PREFIX = "did:web:"
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_QUAD = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}")
_SEGMENT = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]+")
_PORT = re.compile(r"[1-9]\d{0,4}")
_LARGEST_PORT = 65_535
_LONGEST_HOST = 253
_LONGEST_KNOWN = 500


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
    as_jwk: bool = False

    def to_json(self) -> JsonObject:
        """Write the method as a Multikey, or with `as_jwk` as a JsonWebKey (CID 1.0 §2.2.2 and §2.2.3)."""
        body: JsonObject = {
            "id": self.id,
            "type": "JsonWebKey" if self.as_jwk else "Multikey",
            "controller": self.controller,
        }
        body |= {"publicKeyJwk": self.public.jwk()} if self.as_jwk else {"publicKeyMultibase": self.public.multibase}
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
        path = [quote(segment) for segment in parts.path.strip("/").split("/")] if parts.path.strip("/") else []
    except ValueError as error:
        raise BadDid(f"{url!r} is not a URL: {error}") from None
    if parts.scheme not in {"https", "http"} or parts.query or parts.fragment or "@" in parts.netloc:
        raise BadDid(f"{url!r} is not a plain web address, so it has no did:web")
    host = parts.hostname or ""
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


def can_be_gathered(controller: Did | Url) -> bool:
    """Say whether the document of a controller is one that is looked up: on the web, or a `did:web`."""
    if controller.startswith(("https://", "http://")):
        return True
    return _is_web_did(controller) if len(controller) <= _LONGEST_KNOWN else _is_web_did.__wrapped__(controller)


@lru_cache(maxsize=1024)  # one judgement asks for the same few again and again
def _is_web_did(did: Did) -> bool:
    try:
        web_url(did, scheme="http")
    except BadDid:
        return False
    return True


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
    contexts = (*CONTEXTS, JWK_CONTEXT) if any(method.as_jwk for method in methods) else CONTEXTS
    return {
        "@context": [*contexts, *as_list(extra.get("@context"))],
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
    return _document_of_one(did, Method(key_method(public), did, public))


def did_jwk_document(did: Did) -> JsonObject | Problem:
    """Give the document of a `did:jwk`, which follows from the DID alone; its one method is ``did:jwk:…#0``."""
    text = did.removeprefix(_JWK_PREFIX)
    if not did.startswith(_JWK_PREFIX) or len(text) > _LONGEST_JWK:
        return Problem("did_malformed", "not a did:jwk")
    try:
        public = PublicKey.from_jwk(jsontext.parse(multibase.decode_u(f"u{text}")))
    except (BadMultibase, NotJsonError, BadKey) as error:
        return Problem("key_malformed", str(error))
    return _document_of_one(did, Method(f"{did}#0", did, public, as_jwk=True))


def _document_of_one(did: Did, method: Method) -> JsonObject:
    """Compose the document of a DID that is a key; such a key serves every purpose that a signature can have."""
    return controller_document(did, [method]) | {"authentication": [method.id]}


def is_self_contained(name: Did | Url) -> bool:
    """Say whether a name is a DID whose document follows from the DID alone."""
    return name.startswith((_KEY_PREFIX, _JWK_PREFIX))


def self_contained_document(did: Did) -> JsonObject | Problem:
    """Give the document of a DID that `is_self_contained`."""
    return did_key_document(did) if did.startswith(_KEY_PREFIX) else did_jwk_document(did)


def has_key_in_fragment(method_id: str) -> bool:
    """Say whether a verification method is a web address that carries a key itself, as ``https://a.edu/1#z6Mk…``.

    Whoever reads the key out of it has asked nobody: anybody can write any address.
    """
    address, _, fragment = method_id.partition("#")
    if not address.startswith(("https://", "http://")):
        return False
    try:
        PublicKey.from_multibase(fragment)
    except BadKey:
        return False
    return True


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
        code = "key_not_for_assertion" if purpose == "assertionMethod" else "key_not_for_authentication"
        return Problem(code, method_id)
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
    """Read the key of a method of one of the types that have been in use (CID 1.0 §2.2 and its forerunners)."""
    kinds = [kind for kind in types_of(method) if kind in _READERS]
    if len(kinds) != 1:
        return Problem("key_malformed", f"not a {' or '.join(_READERS)}")
    if any(name.startswith(("secretKey", "privateKey")) for name in method):
        return Problem("key_malformed", "its private half is published too")
    if len({"publicKeyMultibase", "publicKeyJwk", "publicKeyBase58"} & method.keys()) > 1:
        return Problem("controller_document_malformed", "it gives the key in two ways")
    member, read = _READERS[kinds[0]]
    try:
        return read(method.get(member))
    except (BadKey, BadMultibase) as error:
        return Problem("key_malformed", str(error))


def _ed25519(text: Json) -> PublicKey:
    public = PublicKey.from_multibase(text)
    if public.kind != "Ed25519":
        raise BadKey("this is not a key for Ed25519")
    return public


def _ed25519_in_base58(text: Json) -> PublicKey:
    if not isinstance(text, str):
        raise BadKey("there is no key")
    return PublicKey("Ed25519", multibase.decode_z(f"z{text}", length=KEY_BYTES))


_READERS: Final[Mapping[str, tuple[str, Callable[[Json], PublicKey]]]] = MappingProxyType(
    {
        "Multikey": ("publicKeyMultibase", PublicKey.from_multibase),
        "JsonWebKey": ("publicKeyJwk", PublicKey.from_jwk),
        "JsonWebKey2020": ("publicKeyJwk", PublicKey.from_jwk),
        "Ed25519VerificationKey2020": ("publicKeyMultibase", _ed25519),
        "Ed25519VerificationKey2018": ("publicKeyBase58", _ed25519_in_base58),
    }
)
"""Types of verification methods, each with the member that holds the key and the way to read it."""
