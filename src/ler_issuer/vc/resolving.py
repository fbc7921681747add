"""Resolving DIDs and dereferencing DID URLs, as a public resolver answers (DID Resolution §7, did:key §3.1).

A DID that is a key is resolved here, from its text alone; for a `did:web` its document has to be gathered first. The
names of errors are those that the suites for `did:key` ask for. What is resolved here is for others to read: our own
verification goes by `dids`, where a key serves for nothing but signatures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args
from urllib.parse import parse_qsl

from ler_issuer import jsontext
from ler_issuer.jsontext import NotJsonError
from ler_issuer.vc import multibase
from ler_issuer.vc.agreement import (
    X25519_PREFIX,
    agreement_jwk,
    agreement_multibase,
    require_agreement_key,
    x25519_of,
)
from ler_issuer.vc.dids import CONTEXTS, can_be_gathered
from ler_issuer.vc.documents import as_list, id_of
from ler_issuer.vc.keys import KEY_BYTES, BadKey, PublicKey
from ler_issuer.vc.material import Found, Hole
from ler_issuer.vc.multibase import BadMultibase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ler_issuer.types import Did, Json, JsonObject, Url

KeyFormat: TypeAlias = Literal["Multikey", "JsonWebKey2020", "Ed25519VerificationKey2020", "X25519KeyAgreementKey2020"]
"""The forms in which a resolver writes keys."""

RESOLUTION_CONTEXT: Final = "https://w3id.org/did-resolution/v1"
DOCUMENT_TYPE: Final = "application/did+ld+json"

LONGEST: Final = 4_096
"""Characters of a DID URL that is read."""

_FORMATS: Final[tuple[KeyFormat, ...]] = get_args(KeyFormat)
_EXPERIMENTAL: Final = ("Ed25519VerificationKey2018", "X25519KeyAgreementKey2019")
_CONTEXT_OF: Final[Mapping[str, Url]] = MappingProxyType(
    {
        "Multikey": CONTEXTS[1],
        "JsonWebKey2020": "https://w3id.org/security/suites/jws-2020/v1",
        "Ed25519VerificationKey2020": "https://w3id.org/security/suites/ed25519-2020/v1",
        "X25519KeyAgreementKey2020": "https://w3id.org/security/suites/x25519-2020/v1",
    }
)
_PAIR: Final = ("Ed25519VerificationKey2020", "X25519KeyAgreementKey2020")
_PURPOSES: Final = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation")
_LENGTHS: Final[Mapping[bytes, int]] = MappingProxyType(
    {b"\xed\x01": KEY_BYTES, X25519_PREFIX: KEY_BYTES, b"\x80\x24": 33, b"\x81\x24": 49}
)
"""How long the keys of each multicodec are; an RSA key may have several lengths."""
_RSA_PREFIX: Final = b"\x85\x24"
_LONGEST_MULTIKEY: Final = 600
_LONGEST_JWK: Final = 2_048

_SYNTAX: Final = re.compile(r"did:(?P<method>[a-z0-9]+):(?P<rest>(?:[A-Za-z0-9._:-]|%[0-9A-Fa-f]{2})*)(?<!:)")
_NOT_BASE58: Final = re.compile(r"[^1-9A-HJ-NP-Za-km-z]")
_METHOD: Final = re.compile(r"[a-z0-9]+")
_ALLOWED: Final = re.compile(r"(?:[A-Za-z0-9._:-]|%[0-9A-Fa-f]{2})*")
_PARTS: Final = 3
_PCHAR: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_BEYOND: Final = re.compile(rf"(?:/{_PCHAR}*)*(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?")
_VERSION: Final = "1"
_TOLD: Final = 40
"""Characters that are told of what is not known."""

_FORMAT_PARAMETER: Final = "publicKeyFormat"
_EXPERIMENTAL_PARAMETER: Final = "enableExperimentalPublicKeyTypes"

_STATUS: Final[Mapping[str, int]] = MappingProxyType({"notFound": 404, "internalError": 502, "invalidDidDocument": 502})


@dataclass(frozen=True, slots=True)
class Resolution:
    """What came of resolving a DID, or with `dereferenced` a DID URL: a document, or an error and why."""

    document: JsonObject | None
    error: str | None = None
    dereferenced: bool = False
    detail: str = ""

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return 200 if self.error is None else _STATUS.get(self.error, 400)

    def to_json(self) -> JsonObject:
        """Write it as a resolver answers. What is no DID at all has an empty document, other errors have none."""
        told: JsonObject = {"contentType": DOCUMENT_TYPE} if self.error is None else {"error": self.error}
        if self.detail:
            told["errorMessage"] = self.detail
        return {
            "@context": RESOLUTION_CONTEXT,
            "didDocument": {} if self.error == "invalidDid" else self.document,
            "didDocumentMetadata": {},
            "didDereferencingMetadata" if self.dereferenced else "didResolutionMetadata": told,
        }


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be resolved, and how its keys are to be written; with a `fragment` only that part of the document."""

    did: Did
    fragment: str | None
    format: str = "Multikey"
    experimental: bool = False


class _Failed(Exception):
    """Something cannot be resolved: the name of the error, and why."""

    def __init__(self, error: str, detail: str) -> None:
        super().__init__(detail)
        self.error = error
        self.detail = detail


# ── What is asked for ────────────────────────────────────────────────────────────────────────────────────────────────
def read_wish(text: str, wanted: str | None, *, experimental: bool) -> Wish | Resolution:
    """Read a DID or DID URL, written as such, with the options that came beside it; or say why it is none.

    `wanted` is the form in which its keys are to be written (`publicKeyFormat`), None for the usual one.

    The options may also stand in the query of the DID URL. Whether the key in a DID is one is not looked at here.
    """
    dereferenced = "#" in text or "/" in text
    try:
        return _wish(text, wanted, experimental=experimental)
    except _Failed as failed:
        return Resolution(None, failed.error, dereferenced, failed.detail)


def _wish(text: str, wanted: str | None, *, experimental: bool) -> Wish:
    if len(text) > LONGEST:
        raise _Failed("invalidDid", f"it is longer than {LONGEST} characters")
    cut = min((place for place in map(text.find, "/?#") if place >= 0), default=len(text))
    did, beyond = text[:cut], text[cut:]
    found = _SYNTAX.fullmatch(did)
    if found is None or not found["rest"]:
        raise _Failed("invalidDid", _why_no_did(did))
    method = found["method"]
    if method not in {"key", "jwk", "web"}:
        raise _Failed("methodNotSupported", f"DIDs of the method {method[:_TOLD]} are not resolved here")
    if method == "web" and not can_be_gathered(did):
        raise _Failed("invalidDid", "it does not have the form of a did:web that is looked up here")
    if not _BEYOND.fullmatch(beyond):
        raise _Failed("invalidDidUrl", "what follows the DID does not have the form of a DID URL")
    before, mark, fragment = beyond.partition("#")
    path, _, query = before.partition("?")
    if path:
        raise _Failed("notFound", "no document has parts that are found by a path")
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = options.keys() - {_FORMAT_PARAMETER, _EXPERIMENTAL_PARAMETER}
    if unknown:
        raise _Failed("featureNotSupported", f"the parameter {min(unknown)[:40]} is not known here")
    default = "JsonWebKey2020" if method == "jwk" else "Multikey"
    chosen = options.get(_FORMAT_PARAMETER, default) if wanted is None else wanted
    experimental = experimental or options.get(_EXPERIMENTAL_PARAMETER) == "true"
    _require_format(chosen, experimental=experimental)
    return Wish(did, fragment if mark else None, chosen, experimental)


def _why_no_did(text: str) -> str:
    """Say where a text departs from the form of a DID (DID Core §3.1)."""
    parts = text.split(":", 2)
    if len(parts) < _PARTS or parts[0] != "did":
        return "it does not have the form of a DID, which is did:, a method, : and what the method makes of it"
    _, method, rest = parts
    if not _METHOD.fullmatch(method):
        return f"a method of DIDs is lower case letters and digits, and not {method[:_TOLD]!r}"
    if not rest or rest.endswith(":"):
        return f"nothing follows {'its last colon' if rest else f'did:{method[:_TOLD]}:'}"
    strange = _ALLOWED.sub("", rest, count=1)
    return f"a DID has no {strange[:1]!r} in it, except as % and two hexadecimal digits"


def _require_format(chosen: str, *, experimental: bool) -> None:
    if chosen in _FORMATS:
        return
    if chosen in _EXPERIMENTAL and not experimental:
        raise _Failed("invalidPublicKeyType", f"{chosen} is experimental, which was not asked for")
    raise _Failed("unsupportedPublicKeyType", "keys are not written in this form here")


# ── DIDs that are keys ───────────────────────────────────────────────────────────────────────────────────────────────
def resolve_locally(wish: Wish) -> Resolution | None:
    """Resolve what follows from the text of the DID alone; give None for what has to be gathered."""
    if wish.did.startswith("did:web:"):
        return None
    try:
        document = _key_document(wish) if wish.did.startswith("did:key:") else _jwk_document(wish)
    except _Failed as failed:
        return Resolution(None, failed.error, wish.fragment is not None, failed.detail)
    found = _part(wish, document)
    if wish.fragment is not None and found.document is not None and found.document["type"] != wish.format:
        return Resolution(None, "invalidPublicKeyType", found.dereferenced, f"{wish.format} is no form of this key")
    return found


def _key_document(wish: Wish) -> JsonObject:
    data = _multikey(wish.did)
    prefix, raw = data[:2], data[2:]
    if prefix not in _LENGTHS and prefix != _RSA_PREFIX:
        begins = f"begins with {prefix.hex()} (hexadecimal), which is no kind that is known here"
        raise _Failed("unsupportedPublicKeyType", f"the key {begins if prefix else 'is empty'}")
    if len(raw) != _LENGTHS.get(prefix, len(raw)):
        raise _Failed("invalidPublicKeyLength", f"the key has {len(raw)} bytes where {_LENGTHS[prefix]} are expected")
    try:
        if prefix == X25519_PREFIX:
            require_agreement_key(raw)
            return _composed(wish, [], _agreement(wish, raw))
        public = PublicKey.from_multicodec(data)
    except BadKey as error:
        raise _Failed("invalidPublicKey", str(error)) from None
    signs, agrees = _PAIR if public.kind == "Ed25519" and _is_half(wish) else (wish.format, wish.format)
    signing = _method(wish, f"{wish.did}#{public.multibase}", _written(public, signs))
    if public.kind != "Ed25519":
        return _composed(wish, [signing])
    return _composed(wish, [signing], _agreement(replace(wish, format=agrees), x25519_of(public)))


def _multikey(did: Did) -> bytes:
    """Read what a `did:key` says its key is, behind the version that may stand before it (did:key §3.1.1)."""
    *version, text = did.removeprefix("did:key:").split(":")
    if version not in ([], [_VERSION]):
        told = ":".join(version)[:_TOLD]
        detail = f"before the key stands {told!r}, where only the version {_VERSION} of did:key may stand, or nothing"
        raise _Failed("invalidDid", detail)
    if not text.startswith("z"):
        raise _Failed("invalidDid", f"the key of a did:key begins with 'z', for base58btc, and not with {text[:1]!r}")
    try:
        return multibase.decode_z_within(text, most=_LONGEST_MULTIKEY)
    except BadMultibase:
        strange = _NOT_BASE58.search(text)
        why = f"longer than {_LONGEST_MULTIKEY} bytes" if strange is None else f"base58btc has no {strange[0]!r}"
        raise _Failed("invalidDid", f"what follows the 'z' is not a key in base58btc: {why}") from None


def _is_half(wish: Wish) -> bool:
    """Say whether keys are wanted in a form that either those that sign have, or those for key agreement.

    A whole document is written in the form of keys that sign, and its key for key agreement in the one that belongs to
    that.
    """
    return wish.format == _PAIR[0] or (wish.format == _PAIR[1] and wish.fragment is not None)


def _jwk_document(wish: Wish) -> JsonObject:
    text = wish.did.removeprefix("did:jwk:")
    if len(text) > _LONGEST_JWK:
        raise _Failed("invalidDid", f"its key has more than {_LONGEST_JWK} characters")
    try:
        value = jsontext.parse(multibase.decode_u(f"u{text}"))
    except (BadMultibase, NotJsonError) as error:
        raise _Failed("invalidDid", f"what follows did:jwk: is not the base64url of a JWK: {error}") from None
    try:
        public = PublicKey.from_jwk(value)
    except BadKey as error:
        raise _Failed("invalidPublicKey", str(error)) from None
    return _composed(wish, [_method(wish, f"{wish.did}#0", _written(public, wish.format))])


def _written(public: PublicKey, form: str) -> JsonObject:
    """Write a key that signs in a form that its kind has."""
    if form == "JsonWebKey2020":
        return {"type": form, "publicKeyJwk": public.jwk()}
    if form == "Multikey" or (form == "Ed25519VerificationKey2020" and public.kind == "Ed25519"):
        return {"type": form, "publicKeyMultibase": public.multibase}
    raise _Failed("invalidPublicKeyType", f"{form} is no form of a key of {public.kind} that signs")


def _agreement(wish: Wish, raw: bytes) -> JsonObject:
    """Write a key for key agreement as a method."""
    if wish.format == "Ed25519VerificationKey2020":
        raise _Failed("invalidPublicKeyType", f"{wish.format} is no form of a key for key agreement")
    jwk = wish.format == "JsonWebKey2020"
    key = {"publicKeyJwk": agreement_jwk(raw)} if jwk else {"publicKeyMultibase": agreement_multibase(raw)}
    return _method(wish, f"{wish.did}#{agreement_multibase(raw)}", {"type": wish.format, **key})


def _method(wish: Wish, name: str, key: JsonObject) -> JsonObject:
    return {"id": name, "type": key["type"], "controller": wish.did} | key


def _composed(wish: Wish, signing: list[JsonObject], agreement: JsonObject | None = None) -> JsonObject:
    """Compose the document of a DID that is a key: it serves every purpose that a key of its kind can serve.

    Its key for key agreement stands at that purpose alone, so that nobody takes it for one that signs.
    """
    methods = signing if agreement is None else [*signing, agreement]
    document: JsonObject = {
        "@context": list(dict.fromkeys((CONTEXTS[0], *(_CONTEXT_OF[one["type"]] for one in methods)))),
        "id": wish.did,
    }
    if signing:
        document |= {
            "verificationMethod": signing,
            **{purpose: [one["id"] for one in signing] for purpose in _PURPOSES},
        }
    return document if agreement is None else document | {"keyAgreement": [agreement]}


# ── DIDs whose documents are gathered ────────────────────────────────────────────────────────────────────────────────
def resolved(wish: Wish, gathered: Found | Hole) -> Resolution:
    """Say what came of resolving a DID whose document was gathered: it is given as its host publishes it."""
    dereferenced = wish.fragment is not None
    if isinstance(gathered, Hole):
        error = "notFound" if gathered.code == "not_found" else "internalError"
        return Resolution(None, error, dereferenced, f"{gathered.code}: {gathered.detail}")
    document = gathered.document
    if not isinstance(document, dict) or document.get("id") != wish.did:
        return Resolution(None, "invalidDidDocument", dereferenced, "its host publishes something else under its name")
    return _part(wish, document)


def _part(wish: Wish, document: JsonObject) -> Resolution:
    """Give the document, or the part of it that the fragment names."""
    if wish.fragment is None:
        return Resolution(document)
    names = {f"{wish.did}#{wish.fragment}", f"#{wish.fragment}"}
    for part in _parts(document):
        if id_of(part) in names:
            return Resolution(part, dereferenced=True)
    return Resolution(None, "notFound", dereferenced=True, detail="the document has no part of this name")


def _parts(document: JsonObject) -> Iterator[Json]:
    """Go through what has a name of its own in a DID document: methods, those written into a purpose, services."""
    for member in ("verificationMethod", *_PURPOSES, "keyAgreement", "service"):
        yield from (part for part in as_list(document.get(member)) if isinstance(part, dict))
