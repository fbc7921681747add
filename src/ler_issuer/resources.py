"""The data that travels with the package: contexts, schemas and migrations.

In a checkout they lie at the root of the repository, where they can be read and reviewed; the wheel carries them inside
the package. Everything else asks here and need not know which of the two it runs from.

The world of contexts is closed: `contexts/manifest.json` pins every document by URL and SHA-256, nothing is ever
fetched, and a file that differs from its digest stops the program before it signs or judges anything.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ler_issuer import jsontext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ler_issuer.types import JsonObject, Url

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


class AlteredResourceError(RuntimeError):
    """A file that travels with the package is missing, or is not the one that the manifest pins."""


@dataclass(frozen=True, slots=True)
class ClosedWorld:
    """All JSON-LD contexts and JSON Schemas there are, parsed, each under the URL that documents name it by."""

    contexts: Mapping[Url, JsonObject]
    schemas: Mapping[Url, JsonObject]


def contexts_dir() -> Path:
    """Find the folder of vendored contexts and schemas."""
    return _find("contexts", "manifest.json")


def migrations_dir() -> Path:
    """Find the folder of Alembic migrations."""
    return _find("migrations", "env.py")


def load_closed_world(folder: Path | None = None, *, conformance: bool = False) -> ClosedWorld:
    """Read every document of the manifest in `folder` (default: ours), checked against its SHA-256.

    Contexts that give a meaning to every term whatever hide slips. They belong to interoperability runs, and are among
    the contexts only for `conformance`.

    Raises:
        AlteredResourceError: a file is missing or has other bytes than the manifest says; it is named.

    """
    folder = contexts_dir() if folder is None else folder
    world: dict[str, dict[Url, JsonObject]] = {"context": {}, "schema": {}}
    for entry in jsontext.parse((folder / "manifest.json").read_bytes()):
        content = jsontext.parse(_pinned(folder / entry["file"], entry["sha256"]))
        if conformance or not entry.get("conformance_only", False):
            world[entry["kind"]][entry["url"]] = content
    return ClosedWorld(contexts=world["context"], schemas=world["schema"])


def _find(name: str, landmark: str) -> Path:
    for root in (_PACKAGE, _CHECKOUT):
        if (root / name / landmark).is_file():
            return root / name
    raise AlteredResourceError(f"{name}/{landmark} is neither in the installed package nor in a checkout around it")


def _pinned(file: Path, sha256: str) -> bytes:
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise AlteredResourceError(f"{file} is missing, though the manifest lists it") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise AlteredResourceError(f"{file} has SHA-256 {found}, but the manifest pins {sha256}")
    return content
