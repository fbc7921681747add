"""What was gathered for judging: documents found, and holes that say why one is missing.

The core never fetches. It says what a document needs (`key_needs`, `status_needs`), somebody gathers it, and judging
reads it from here. A hole is not an error: it becomes a finding that says what could not be checked, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from ler_issuer.vc.instants import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.types import Json, JsonObject

Gap: TypeAlias = Literal[
    "unreachable", "refused", "not_found", "too_large", "not_json", "not_asked", "rolled_back", "not_historical"
]
"""Why a document is missing.

`unreachable`: no answer, or none in time, or a server error · `refused`: our own guard forbids the address ·
`not_found`: the host says that there is no such document · `too_large`, `not_json`: it answered what cannot be read ·
`not_asked`: nobody gathered it · `rolled_back`: the host gave an older copy than it gave before · `not_historical`: it
is to be had only as it is now, and another time was asked for.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document came from: its address, when it was had from there, its size and SHA-256 in hexadecimal.

    `origin`: `fetched` from its host · `brought` by the caller · `here`: this installation publishes it itself.
    """

    url: str
    origin: Literal["fetched", "brought", "here"]
    at: datetime
    size: int = 0
    sha256: str = ""

    def to_json(self, now: datetime) -> JsonObject:
        """Tell it as the `evidence` of a check; `cache_age_s` is how old it was at `now`, in seconds."""
        body: JsonObject = {"source_url": self.url, "origin": self.origin, "fetched_at": stamp(self.at)}
        body["cache_age_s"] = max(0, int((now - self.at).total_seconds()))
        return body | {"bytes": self.size, "sha256": self.sha256} if self.sha256 else body


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was gathered: parsed JSON of any kind, or as text a compact JWS.

    `vouched` is a document of our own that needs no proof: it was put together for this one judgement, or its proof was
    judged before.
    """

    document: Json
    source: Source | None = None
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class Hole:
    """A document that is missing: why, as a code and in words for the operator."""

    code: Gap
    detail: str = ""
    source: Source | None = None


Material: TypeAlias = Mapping[str, Found | Hole]
"""What was gathered, by DID, controller document URL or status list URL."""


def look_up(material: Material, name: str) -> Found | Hole:
    """Give what was gathered under a name; what nobody gathered is a hole too."""
    return material.get(name, Hole("not_asked", "nobody gathered it"))
