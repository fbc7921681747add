"""The sentences of reports in Spanish."""

from __future__ import annotations

from ler_issuer.badges.wording import MESSAGES
from ler_issuer.vc import SUMMARIES

__all__ = ["MESSAGES", "SUMMARIES"]
