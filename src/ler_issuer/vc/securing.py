"""What secures a document: whether its proofs, or the envelope that it is, have the form that they need to have.

VC-DI §2.1 and §4.4 for proofs; VCDM 2.0 §4.12 and §4.13 for enveloped credentials and presentations. Whether a proof
holds is for `verification` to say.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from ler_issuer.jsontext import escape
from ler_issuer.vc.canonical.bounds import MAX_NAME
from ler_issuer.vc.documents import as_list, members, types_of
from ler_issuer.vc.instants import instant
from ler_issuer.vc.problems import PROOF_VERIFICATION_ERROR, Problem
from ler_issuer.vc.values import is_url, malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ler_issuer.types import Json, JsonObject, Pointer

_BASE58: Final = re.compile(r"z[1-9A-HJ-NP-Za-km-z]+")
_BASE64: Final = re.compile(r"u[A-Za-z0-9_-]+")
_URL: Final = re.compile(r"data:(?P<media>[^;,\s]*)(?P<more>(?:;[^;,\s]*)*),(?P<text>[^\s]+)", re.IGNORECASE | re.ASCII)
_SECURED: Final = "application/vc+jwt, vc+sd-jwt and vc+cose; of presentations vp+jwt, vp+sd-jwt and vp+cose"
_TOLD: Final = 80
"""Characters that are told of a media type."""
_OF_ENVELOPE: Final = frozenset({"@context", "type", "id"})
_NEEDED: Final = ("type", "proofPurpose", "verificationMethod")
_WITH_VALUE: Final = ("DataIntegrityProof", "Ed25519Signature2020")


def proof_problems(document: JsonObject) -> Iterator[Problem]:
    """Check that there are proofs, and each has what a proof needs in the form that it needs."""
    if "proof" not in document:
        yield _unsound("proof_missing", "it is not signed", "")
        return
    if not as_list(document["proof"]):
        yield _unsound("proof_malformed", "it is not signed", "/proof")
    for pointer, proof in members(document, "proof"):
        if isinstance(proof, dict):
            yield from _member_problems(proof, pointer)
        else:
            yield _unsound("proof_malformed", "a proof is an object", pointer)


def _member_problems(proof: JsonObject, pointer: Pointer) -> Iterator[Problem]:
    for name in (*_NEEDED, *_needed_besides(proof)):
        if name not in proof:
            yield _unsound("proof_incomplete", f"a proof names its {name}", pointer)
    for name, (fits, form) in _FORMS.items():
        if name in proof and not fits(proof[name]):
            yield _unsound("proof_malformed", f"{name} is {form}", f"{pointer}/{name}")


def _needed_besides(proof: JsonObject) -> Iterator[str]:
    kinds = types_of(proof)
    if any(kind in kinds for kind in _WITH_VALUE):
        yield "proofValue"
    if "DataIntegrityProof" in kinds:
        yield "cryptosuite"
    if "Ed25519Signature2020" in kinds:
        yield "created"


def envelope_problems(document: JsonObject) -> Iterator[Problem]:
    """Check an object that is nothing but an envelope: its `id` is a `data:` URL with all that is to be judged.

    One of a media type that is not read here is as sound as others; `read_envelope_url` refuses it.
    """
    named = document.get("id")
    if not isinstance(named, str) or not _URL.fullmatch(named):
        yield _no_url()
    yield from beside_envelope(document)


def _no_url() -> Problem:
    return malformed("envelope_malformed", "the id of an envelope is a data: URL of what it holds", "/id")


class Content(NamedTuple):
    """What the `data:` URL of an envelope holds: text of a `form`, of which media type."""

    form: Literal["jwt", "sd", "cose"]
    media: str
    text: str


class _Written(NamedTuple):
    """How what is of a media type stands in a `data:` URL: the form, what says how it is encoded, and its text."""

    form: Literal["jwt", "sd", "cose"]
    encoding: str
    text: re.Pattern[str]


_JWT: Final = _Written("jwt", "", re.compile(r"[A-Za-z0-9_.-]+"))
_SD_JWT: Final = _Written("sd", "", re.compile(r"[A-Za-z0-9_.~-]+"))
_COSE: Final = _Written("cose", ";base64", re.compile(r"[A-Za-z0-9+/]+=*"))
_WRITTEN: Final[Mapping[str, _Written]] = MappingProxyType(
    {
        **dict.fromkeys(("vc+jwt", "vp+jwt", "vc+ld+json+jwt", "jwt"), _JWT),
        **dict.fromkeys(("vc+sd-jwt", "vp+sd-jwt"), _SD_JWT),
        **dict.fromkeys(("vc+cose", "vp+cose"), _COSE),
    }
)
"""The media types that are read, without `application/` before them."""


def read_envelope_url(named: Json) -> Content | Problem:
    """Read the `data:` URL that is the id of an envelope; a Problem of one that is not read here, or is none."""
    match = _URL.fullmatch(named) if isinstance(named, str) else None
    if match is None:
        return _no_url()
    media, more = match["media"].lower(), match["more"].lower().removeprefix(";charset=utf-8")
    kind = media.removeprefix("application/")
    written = _WRITTEN.get(kind)
    if written is None or kind == media:
        detail = f"it is of the media type {media[:_TOLD] or 'text/plain'}; read are {_SECURED}"
        return malformed("envelope_unknown", detail, "/id")
    if more != written.encoding:
        way = "in base64, which ;base64 says" if written.encoding else "as text, without ;base64 or the like"
        detail = f"{media} is read {way}; this one has {more[:_TOLD] or 'nothing'!r} there"
        return malformed("envelope_unknown", detail, "/id")
    if not written.text.fullmatch(match["text"]):
        detail = f"what stands in the data: URL does not have the form of {media}"
        return malformed("envelope_malformed", detail, "/id")
    return Content(written.form, kind, match["text"])


def beside_envelope(document: JsonObject) -> Iterator[Problem]:
    """Find what an envelope says itself, which nobody signed: contexts behind the first one, and members."""
    if len(as_list(document.get("@context"))) > 1:
        yield malformed("envelope_malformed", "an envelope has one context", "/@context/1")
    for name in sorted(document.keys() - _OF_ENVELOPE):
        place = f"/{escape(name)}" if len(name) <= MAX_NAME else ""
        yield malformed("envelope_malformed", "what stands beside an envelope is not signed", place)


def _text(value: Json) -> bool:
    return isinstance(value, str) and bool(value)


def _texts(value: Json) -> bool:
    return _text(value) or (isinstance(value, list) and bool(value) and all(map(_text, value)))


def _stamp(value: Json) -> bool:
    return instant(value) is not None


def _multibase(value: Json) -> bool:
    return isinstance(value, str) and (_BASE58.fullmatch(value) or _BASE64.fullmatch(value)) is not None


_FORMS: Final[Mapping[str, tuple[Callable[[Json], bool], str]]] = MappingProxyType(
    {
        "id": (is_url, "a URL"),
        "type": (_texts, "text"),
        "cryptosuite": (_text, "text"),
        "proofPurpose": (_text, "text"),
        "verificationMethod": (is_url, "a URL"),
        "proofValue": (_multibase, "multibase text"),
        "created": (_stamp, "a date and time with an offset"),
        "expires": (_stamp, "a date and time with an offset"),
        "previousProof": (_texts, "text, or an array of texts"),
        "domain": (_texts, "text, or an array of texts"),
        "challenge": (_text, "text"),
        "nonce": (_text, "text"),
    }
)


def _unsound(code: str, detail: str, pointer: Pointer) -> Problem:
    return Problem(code, detail, pointer, PROOF_VERIFICATION_ERROR)
