"""The canonical form of a document, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ler_issuer.vc.canonical.rdfc import HashName
    from ler_issuer.vc.problems import Problem


@dataclass(frozen=True, slots=True)
class Canonical:
    """What a document says, as canonical N-Quads, and the places whose data is not in there.

    `algorithm` is the hash by which its blank nodes were told apart.
    """

    nquads: str
    lost: tuple[Problem, ...]
    algorithm: HashName = "sha256"
