"""Digests of resources that a credential refers to (VCDM 2.0 §5.3, `relatedResource`).

What stands behind a URL is not fetched for this. But contexts that everybody pins are known beforehand, and a digest
that is not theirs says that the issuer read something else than we do: nobody here signs or believes such a credential.
"""

from __future__ import annotations

import base64
import binascii
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ler_issuer.vc.documents import as_list, members
from ler_issuer.vc.multibase import BadMultibase, decode_z
from ler_issuer.vc.problems import CRYPTOGRAPHIC_SECURITY_ERROR, Problem
from ler_issuer.vc.values import id_problems, malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ler_issuer.types import Json, JsonObject, Pointer, Url

KNOWN: Final[Mapping[Url, frozenset[str]]] = MappingProxyType(
    {
        "https://www.w3.org/ns/credentials/v2": frozenset(
            {
                "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
                "97f1eb8e5042356c805fdd61afa2c557663785e0794dcafa21e138fd38def18cb360133c221aa31d6896a6bf3e65b614",
                (
                    "5d55452bd2dcf8a29f5a290473eb242b1c5fb77d4e68f1a0aa87baa4dba26948"
                    "52d65ec63d48ac04a99d956f9f7153b9406f84d2d04c74869b02c239a1d81305"
                ),
                # As published from 2024-07 to 2025 (of these bytes the SHA-512 is not known):
                "24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9",
                "35239c36999d2155312091af194a1edb61634d6ad789a5e5b19f2aebdd762dd9d1dcaada40eda7ef921c6b8c0ae107a0",
            }
        ),
        "https://w3id.org/security/data-integrity/v2": frozenset(
            {
                "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
                "0ee2d7626717f8b07cd449b525d5e2b71fe27209fc99e53089e0169dd2944d793feea4526fc60bb9cca1cd96512391f6",
                (
                    "39cd7a9a4047b74b8524640fe35633e81e8286d14bdbb7e77d0e08d850b00d6a"
                    "35b0185d5de35c479baedb23a17989d9f628ac95531fdd79c0c5a0f632d9fa95"
                ),
            }
        ),
        "https://w3id.org/security/multikey/v1": frozenset(
            {
                "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
                "0fa51641d12fb8c701b2e6a9492556f25d32bb4af84a96f11808f0a623b972434dd18a8f1f1865bc68d8ee046c4e5a3e",
                (
                    "127d1338ea7f702d745ed5bf6900eda8aac4419da5463181fca02c27e0508510"
                    "6e7d3eece9ea0e156bcff5c3f99eead397785c453bc579f7dd5496a991e10b5f"
                ),
            }
        ),
    }
)
"""SHA-256, SHA-384 and SHA-512, in hexadecimal, of resources whose bytes are fixed by a recommendation.

Of the first context an earlier state is known too: it was served under the same URL, and credentials that refer to it
are about.
"""

_LONGEST: Final = 200
_SIZES: Final = MappingProxyType({32: b"\x12\x20", 48: b"\x20\x30", 64: b"\x13\x40"})
_SRI: Final = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/_=-]+)(\?[\x21-\x7e]*)?")
_MULTIBASE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+/_=-]+")
_BASE64: Final = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def related_problems(document: JsonObject) -> Iterator[Problem]:
    """Check `relatedResource`: objects with an id each of its own and a digest, which for a known resource is right."""
    name = "relatedResource"
    if name in document and not as_list(document[name]):
        yield malformed("member_malformed", f"{name} holds nothing", f"/{name}")
    seen: set[str] = set()
    for pointer, resource in members(document, name):
        if not isinstance(resource, dict):
            yield malformed("member_malformed", f"{name} holds objects", pointer)
            continue
        yield from id_problems(resource, pointer, required=True)
        named = resource.get("id")
        if isinstance(named, str) and named in seen:
            yield malformed("related_twice", "this resource is listed before", f"{pointer}/id")
        elif isinstance(named, str):
            seen.add(named)
        yield from _digest_problems(resource, pointer)
        if "mediaType" in resource and not isinstance(resource["mediaType"], str):
            yield malformed("member_malformed", "a media type is text", f"{pointer}/mediaType")


def _digest_problems(resource: JsonObject, pointer: Pointer) -> Iterator[Problem]:
    if "digestSRI" not in resource and "digestMultibase" not in resource:
        yield malformed("digest_missing", "a related resource has a digest", pointer)
    known = KNOWN.get(named) if isinstance(named := resource.get("id"), str) else None
    for name, read in (("digestSRI", _sri), ("digestMultibase", _multibase)):
        for place, text in members(resource, name) if name in resource else ():
            digests = read(text)
            if digests is None:
                yield malformed("digest_malformed", f"this is no {name}", pointer + place)
            elif known is not None and known.isdisjoint(digests):
                detail = "the resource that is known under this id has another digest"
                yield Problem("digest_differs", detail, pointer + place, CRYPTOGRAPHIC_SECURITY_ERROR)
        if name in resource and not as_list(resource[name]):
            yield malformed("digest_malformed", f"this is no {name}", f"{pointer}/{name}")


def _sri(text: Json) -> frozenset[str] | None:
    """Read integrity metadata (SRI §3.3): of several digests those of the strongest algorithm count."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    read = [_SRI.fullmatch(token) for token in text.split()]
    found = [match for match in read if match is not None]
    if not found or len(found) != len(read):
        return None
    strongest = max(match[1] for match in found)
    return frozenset(reading for match in found if match[1] == strongest for reading in _readings(match[2]))


def _multibase(text: Json) -> frozenset[str] | None:
    if not isinstance(text, str) or len(text) > _LONGEST or not _MULTIBASE.fullmatch(text):
        return None
    return frozenset(_readings(text[1:], base58=text[0] == "z"))


def _readings(text: str, *, base58: bool = False) -> Iterator[str]:
    """Yield, in hexadecimal, what a digest can be: issuers write it in several alphabets, bare or as a multihash.

    That is no loss of safety. Whatever it is read as has to equal a digest of a resource with that very id.
    """
    for size, multihash in _SIZES.items():
        if not base58 and len(text) == 2 * size:
            yield text.lower()
        for length in (size, size + len(multihash)):
            data = _base58(text, length) if base58 else _base64(text)
            if data is not None and len(data) == length:
                bare = data.removeprefix(multihash) if length > size else data
                yield bare.hex()


def _base64(text: str) -> bytes | None:
    text = text.replace("+", "-").replace("/", "_")
    if not _BASE64.fullmatch(text):
        return None
    text = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None


def _base58(text: str, length: int) -> bytes | None:
    try:
        return decode_z(f"z{text}", length=length)
    except BadMultibase:
        return None
