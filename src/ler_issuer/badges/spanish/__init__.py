"""The sentences of reports in Spanish, for every code that `badges.MESSAGES` has in English.

Written for recruiters in Mexico and Spain alike: plain, and of nobody's gender where the language allows it. Technical
terms are those of the field (credencial, insignia, emisor, titular, lista de estado, respaldo); the names of types in
the standards stay as they are.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ler_issuer.badges.spanish import achievements, signatures, validity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MESSAGES", "PHRASES", "SUMMARIES"]

MESSAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **signatures.DOCUMENT,
        **signatures.MEANING,
        **signatures.PROOF,
        **signatures.KEY,
        **signatures.PRESENTATION,
        **signatures.TOKEN,
        **validity.STATUS,
        **validity.TIME,
        **validity.TRUST,
        **achievements.CONTEXT,
        **achievements.TYPE,
        **achievements.SCHEMA,
        **achievements.SUBJECT,
        **achievements.PARTS,
        **achievements.RESULTS,
        **achievements.BESIDES,
        **achievements.MEMBERS,
        **achievements.ASSOCIATIONS,
        **achievements.DERIVATION,
        **achievements.DISCLOSURE,
        **achievements.RECIPIENT,
        **achievements.BAKING,
    }
)
"""Code → sentence."""

SUMMARIES: Final[Mapping[str, str]] = MappingProxyType(validity.SUMMARIES)
"""The sentences that summaries are made of."""

PHRASES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "standing_not_shown": {
            "where its status is kept": "dónde consta su estado",
            "when it ends": "cuándo caduca",
        },
        "optional_parts_not_shown": {
            "when it was awarded": "cuándo se otorgó",
            "evidence": "evidencias",
            "results": "resultados",
            "the credits earned": "los créditos obtenidos",
            "when the activity took place": "cuándo tuvo lugar la actividad",
        },
    }
)
"""Code → English phrase → phrase, for codes whose details are words of ours."""
