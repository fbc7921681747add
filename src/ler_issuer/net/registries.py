"""Lists of known issuers, in the form that the Digital Credentials Consortium publishes.

``{"meta": {…}, "registry": {"<did>": {"name": …, "url": …, "location": …}}}``. A listing says that a DID belongs to an
organisation of that name; it says nothing of the quality of what that organisation issues.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ler_issuer import jsontext
from ler_issuer.types import Did, Json, Url

LARGEST_LIST = 32 * 1024 * 1024


class BadRegistry(ValueError):
    """The file is not a list of issuers; the words name the file and the entry."""


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """An issuer as a list names it."""

    name: str
    url: Url | None = None


def load(path: Path) -> Mapping[Did, RegistryEntry]:
    """Read a list of issuers from a file.

    Raises:
        BadRegistry: the file cannot be read, is not JSON, or is not such a list.
    """
    try:
        document = jsontext.parse(path.read_bytes(), max_bytes=LARGEST_LIST)
    except OSError as error:
        raise BadRegistry(f"{path}: {error.strerror}") from None
    except jsontext.NotJsonError as error:
        raise BadRegistry(f"{path}: {error.detail}") from None
    listed = document.get("registry") if isinstance(document, dict) else None
    if not isinstance(listed, dict):
        raise BadRegistry(f'{path}: it has no object "registry"')
    return MappingProxyType({did: _entry(did, entry, path) for did, entry in listed.items()})


def _entry(did: str, entry: Json, path: Path) -> RegistryEntry:
    if not did.startswith("did:"):
        raise BadRegistry(f"{path}: {did!r} is not a DID")
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not entry["name"].strip():
        raise BadRegistry(f"{path}: the entry of {did} has no name")
    url = entry.get("url")
    if url is not None and not isinstance(url, str):
        raise BadRegistry(f"{path}: the url of {did} is not text")
    return RegistryEntry(entry["name"], url)
