"""Lists of known issuers, in the form that the Digital Credentials Consortium publishes.

``{"meta": {…}, "registry": {"<did>": {"name": …, "url": …, "location": …}}}``. A listing says that a DID belongs to an
organisation of that name; it says nothing of the quality of what that organisation issues.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from ler_issuer import jsontext
from ler_issuer.types import Did, Json, Url

LARGEST_LIST = 32 * 1024 * 1024


class BadRegistry(ValueError):
    """The file is not a list of issuers; the words name the file and the entry."""


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """An issuer as a list names it; `registry` is the name of that list, empty where it has none."""

    name: str
    url: Url | None = None
    registry: str = ""


@dataclass(frozen=True, slots=True)
class KnownRegistry:
    """A registry as the DCC's list of registries names it: a list to fetch, or a federation by its trust anchor."""

    name: str
    kind: Literal["dcc", "oidf"]
    location: Url


def load(path: Path) -> Mapping[Did, RegistryEntry]:
    """Read a list of issuers from a file; the list is named by its `meta.name`, or else by the file.

    Raises:
        BadRegistry: the file cannot be read, is not JSON, or is not such a list.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadRegistry(f"{path}: {error.strerror}") from None
    document = parse(text, str(path))
    return read(document, str(path), registry=own_name(document) or path.name)


def read(document: Json, where: str, *, registry: str) -> Mapping[Did, RegistryEntry]:
    """Read a list of issuers by the name of `registry`; `where` is said in complaints.

    Raises:
        BadRegistry: it is not such a list.
    """
    listed = document.get("registry") if isinstance(document, dict) else None
    if not isinstance(listed, dict):
        raise BadRegistry(f'{where}: it has no object "registry"')
    return MappingProxyType({did: _entry(did, entry, where, registry) for did, entry in listed.items()})


def parse(text: bytes, where: str) -> Json:
    """Read the JSON of a list strictly.

    Raises:
        BadRegistry: it is not JSON, or is too long.
    """
    try:
        return jsontext.parse(text, max_bytes=LARGEST_LIST)
    except jsontext.NotJsonError as error:
        raise BadRegistry(f"{where}: {error.detail}") from None


def own_name(document: Json) -> str:
    """Give the name that a list has for itself (`meta.name`), or an empty text."""
    meta = document.get("meta") if isinstance(document, dict) else None
    name = meta.get("name") if isinstance(meta, dict) else None
    return name.strip() if isinstance(name, str) else ""


def read_known(document: Json, where: str) -> tuple[KnownRegistry, ...]:
    """Read a list of registries, in the order in which one goes before the other.

    Shape: ``[{"name": …, "type": "dcc-legacy", "url": …} | {"name": …, "type": "oidf", "trustAnchorEC": …}]``.

    Raises:
        BadRegistry: it is not such a list.
    """
    if not isinstance(document, list) or not document:
        raise BadRegistry(f"{where}: it is no list of registries")
    return tuple(_registry(one, f"{where}: registry {number}") for number, one in enumerate(document, 1))


def _entry(did: str, entry: Json, where: str, registry: str) -> RegistryEntry:
    if not did.startswith("did:"):
        raise BadRegistry(f"{where}: {did!r} is not a DID")
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not entry["name"].strip():
        raise BadRegistry(f"{where}: the entry of {did} has no name")
    url = entry.get("url")
    if url is not None and not isinstance(url, str):
        raise BadRegistry(f"{where}: the url of {did} is not text")
    return RegistryEntry(entry["name"], url, registry)


def _registry(one: Json, where: str) -> KnownRegistry:
    if not isinstance(one, dict) or not isinstance(one.get("name"), str) or not one["name"].strip():
        raise BadRegistry(f"{where} has no name")
    match one.get("type"):
        case "dcc-legacy":
            return KnownRegistry(one["name"].strip(), "dcc", _https(one.get("url"), f"{where}: its url"))
        case "oidf":
            anchor = _https(one.get("trustAnchorEC"), f"{where}: its trustAnchorEC")
            return KnownRegistry(one["name"].strip(), "oidf", anchor)
        case _:
            raise BadRegistry(f"{where} is of neither type, dcc-legacy nor oidf")


def _https(url: Json, what: str) -> Url:
    if not isinstance(url, str) or not url.startswith("https://"):
        raise BadRegistry(f"{what} is not an https URL")
    return url
