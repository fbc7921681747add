"""Envelopes: credentials and presentations in a `data:` URL, or as the text that stands in one (VCDM 2.0 §4.13).

An object that says nothing but what it holds, and that as a JWT, an SD-JWT or COSE. Whatever it is, it is opened to an
`Envelope`, which `check_envelope` and, of a presentation, `check_presented` check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ler_issuer.vc.cose import CoseEnvelope, open_cose, read_base64
from ler_issuer.vc.documents import as_list
from ler_issuer.vc.jwt import Envelope, open_envelope, open_presentation
from ler_issuer.vc.problems import MALFORMED_VALUE_ERROR, Problem
from ler_issuer.vc.sdjwt import SdJwt, open_sd_jwt
from ler_issuer.vc.securing import Content, envelope_problems, read_envelope_url

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject

CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"

Opened: TypeAlias = Envelope | SdJwt | CoseEnvelope
"""What an envelope is opened to."""

Kind: TypeAlias = Literal["vc+jwt", "vp+jwt", "vc+sd-jwt", "vp+sd-jwt", "vc+cose", "vp+cose"]
"""What an envelope may hold, by the media type."""

_CREDENTIAL: Final = "EnvelopedVerifiableCredential"
_PRESENTATION: Final = "EnvelopedVerifiablePresentation"
_TYPES: Final = ([_CREDENTIAL], [_PRESENTATION])


def content(document: Json) -> Content | Problem | None:
    """Give what an enveloped credential or presentation holds; None of anything else.

    VCDM 2.0 §4.13.1: an object of just one of two types, in the context of version 2, whose id is a `data:` URL. One
    of another type or context is none: it is judged as a document. One whose id is not read here is a Problem, and so
    is one that says more than that, since nobody signed what it says.
    """
    if not isinstance(document, dict) or as_list(document.get("type")) not in _TYPES:
        return None
    if CREDENTIALS_V2 not in as_list(document.get("@context"))[:1]:
        return None
    return next(envelope_problems(document), None) or read_envelope_url(document.get("id"))


def opened(document: Json, *, older: bool = False) -> Opened | Problem | None:
    """Open an envelope, or text that is a token; None of what is neither, a Problem when it cannot be opened.

    With `older`, what drafts put into the claims `vc` and `vp` is read too, but not from an envelope that says that it
    holds what vc-jose-cose secured. Total.
    """
    if isinstance(document, str):
        return open_sd_jwt(document) if "~" in document else open_envelope(document, older=older)
    held = content(document)
    if held is None or isinstance(held, Problem):
        return held
    presents = _PRESENTATION in as_list(document["type"])
    if held.media.startswith("vc" if presents else "vp"):
        return Problem("jwt_type_wrong", f"{held.media} in an envelope of another kind", "/id", MALFORMED_VALUE_ERROR)
    if held.form == "sd":
        return open_sd_jwt(held.text, presents=presents)
    if held.form == "cose":
        data = read_base64(held.text, padded=True)
        return data if isinstance(data, Problem) else open_cose(data, presents=presents)
    older = older and held.media == "jwt"
    return open_presentation(held.text, older=older) if presents else open_envelope(held.text, older=older)


def enveloped(token: str, *, kind: Kind = "vc+jwt") -> JsonObject:
    """Put what was secured into an envelope: a token as text, COSE in base64."""
    encoding = ";base64" if kind.endswith("+cose") else ""
    return _envelope(kind, f"data:application/{kind}{encoding},{token}")


def envelope_of(url: str) -> JsonObject | None:
    """Give the envelope that has a `data:` URL for its id; None of what is no such URL as is read here."""
    held = read_envelope_url(url)
    return None if isinstance(held, Problem) else _envelope(held.media, url)


def _envelope(kind: str, url: str) -> JsonObject:
    return {"@context": [CREDENTIALS_V2], "type": _PRESENTATION if kind.startswith("vp") else _CREDENTIAL, "id": url}
