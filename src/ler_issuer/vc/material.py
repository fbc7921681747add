"""What was gathered for judging: documents found, and holes that say why one is missing.

The core never fetches. It says what a document needs (`key_needs`, `status_needs`), somebody gathers it, and judging
reads it from here. A hole is not an error: it becomes a finding that says what could not be checked, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from ler_issuer.types import Json

Gap: TypeAlias = Literal["unreachable", "refused", "not_found", "too_large", "not_json", "not_asked"]
"""Why a document is missing.

`unreachable`: no answer, or none in time, or a server error · `refused`: our own guard forbids the address ·
`not_found`: the host says that there is no such document · `too_large`, `not_json`: it answered what cannot be read ·
`not_asked`: nobody gathered it.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was gathered, as parsed JSON of any kind."""

    document: Json


@dataclass(frozen=True, slots=True)
class Hole:
    """A document that is missing: why, as a code and in words for the operator."""

    code: Gap
    detail: str = ""


Material: TypeAlias = Mapping[str, Found | Hole]
"""What was gathered, by DID, controller document URL or status list URL."""


def look_up(material: Material, name: str) -> Found | Hole:
    """Give what was gathered under a name; what nobody gathered is a hole too."""
    return material.get(name, Hole("not_asked", "nobody gathered it"))
