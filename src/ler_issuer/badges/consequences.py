"""What follows for an award when its facts are looked at again: one table, pure, total.

A decision is *supported* while every result that it rests on still counts as it was. New facts beside supported ones
can only improve an award, as the achievement's `better_attempt` says. Facts that turned out wrong are the correction
policy's.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from ler_issuer.badges.model import BetterAttempt, Correction


class AwardState(StrEnum):
    """Where an award is: decided and waiting, out, or taken back."""

    HELD = "held"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


class Consequence(StrEnum):
    """What to do with the award and its credential."""

    NOTHING = "nothing"
    AWARD = "award"
    AMEND = "amend"
    REPLACE = "replace"
    REISSUE = "reissue"
    SUSPEND = "suspend"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"
    KEEP = "keep"
    CONFIRM = "confirm"


def consequence(
    state: AwardState | None,
    *,
    met: bool,
    same: bool,
    supported: bool,
    alike: bool,
    better_attempt: BetterAttempt,
    correction: Correction,
) -> Consequence:
    """Say what follows for an award in `state` (None: there is none yet) from a new look at its facts.

    `met`: the rule holds now. `same`: on the very inputs that the last decision rested on. `supported`: those inputs
    all still count. `alike`: what a credential tells of the new inputs is what it tells of the old.
    """
    match state:
        case None:
            return Consequence.AWARD if met else Consequence.NOTHING
        case AwardState.WITHDRAWN:  # what a policy took back stays so until its facts change again
            return Consequence.AWARD if met and not same else Consequence.NOTHING
        case AwardState.HELD:
            if same or (met and supported and better_attempt is BetterAttempt.KEEP_FIRST):
                return Consequence.NOTHING
            return Consequence.AMEND if met else Consequence.WITHDRAW
        case AwardState.ISSUED if same or supported:
            improves = met and not same and better_attempt is not BetterAttempt.KEEP_FIRST
            return Consequence.REPLACE if improves else Consequence.NOTHING
        case AwardState.ISSUED:
            return Consequence.CONFIRM if met and alike else _corrected(correction, met=met)
        case _:
            assert_never(state)


def _corrected(correction: Correction, *, met: bool) -> Consequence:
    match correction:
        case Correction.KEEP:
            return Consequence.KEEP
        case Correction.SUSPEND:
            return Consequence.SUSPEND
        case Correction.REVOKE:
            return Consequence.REVOKE
        case Correction.REISSUE:
            return Consequence.REISSUE if met else Consequence.REVOKE
        case _:
            assert_never(correction)
