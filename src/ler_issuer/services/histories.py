"""The past: which parts of a report about a past instant answer for that instant, and which only for today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ler_issuer.vc import CheckId, Outcome, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.types import JsonObject
    from ler_issuer.vc import Report

_ALWAYS: Final = (CheckId.TIME_VALID_FROM, CheckId.TIME_VALID_UNTIL)
"""What a credential itself tells for every instant."""

_RECORDED: Final = (CheckId.PROOF_KEY, CheckId.STATUS)
"""What this installation can tell of its own credentials: which keys it had, and what it did to their status, when."""

_PRESENT: Final = {
    CheckId.PROOF_KEY: "The issuer publishes its keys as they are now; which it had then cannot be told.",
    CheckId.STATUS: "The issuer publishes the status as it is now; what it was then cannot be told.",
    CheckId.TRUST: "Registries tell whom they list now.",
    CheckId.ENDORSEMENT: "Endorsements were looked at as they are now.",
}


def told(at: datetime, report: Report, *, ours: bool) -> JsonObject:
    """Say of a report about the instant `at` what was answered as of then, and what only as of now or not at all."""
    made = {found.id for found in report.checks if found.outcome is not Outcome.SKIPPED}
    recorded = [check for check in _RECORDED if ours or _rests_on_records(check, report)]
    historical = [check for check in (*_ALWAYS, *recorded) if check in made]
    present = {check: why for check, why in _PRESENT.items() if check in made and check not in historical}
    return {
        "instant": stamp(at),
        "historical": historical,
        "present_only": [{"check": check, "why": why} for check, why in present.items()],
    }


def _rests_on_records(check: CheckId, report: Report) -> bool:
    """Say whether a check went by what this installation publishes alone, as it does for a key of ours that failed."""
    sources = [source for found in report.checks if found.id is check for source in found.evidence]
    return bool(sources) and all(source.origin == "here" for source in sources)
