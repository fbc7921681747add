"""The languages that reports are told in; each has a sentence for every code."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ler_issuer.badges.spanish import MESSAGES as SPANISH
from ler_issuer.badges.spanish import PHRASES as SPANISH_PHRASES
from ler_issuer.badges.spanish import SUMMARIES as SPANISH_SUMMARIES
from ler_issuer.vc import ENGLISH, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: Final[Mapping[str, Words]] = MappingProxyType(
    {"en": ENGLISH, "es": Words("es", SPANISH_SUMMARIES, SPANISH, SPANISH_PHRASES)}
)
"""The words of each language, by its tag (BCP 47)."""
