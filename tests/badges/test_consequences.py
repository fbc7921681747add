"""What follows for an award: the whole table, walked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest

from ler_issuer.badges import AwardState, BetterAttempt, Consequence, Correction, consequence

TRUTHS = (False, True)
MAKING = {Consequence.AWARD, Consequence.AMEND, Consequence.REPLACE, Consequence.REISSUE}
PUNISHING = {Consequence.REISSUE, Consequence.SUSPEND, Consequence.REVOKE}


@dataclass(frozen=True)
class Look:
    """A new look at the facts of an award."""

    met: bool
    same: bool = False
    supported: bool = False
    alike: bool = False


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    state: AwardState | None
    look: Look
    better: BetterAttempt
    correction: Correction

    @property
    def follows(self):
        return consequence(
            self.state,
            met=self.look.met,
            same=self.look.same,
            supported=self.look.supported,
            alike=self.look.alike,
            better_attempt=self.better,
            correction=self.correction,
        )


LOOKS = [Look(*truths) for truths in product(TRUTHS, repeat=4)]
CASES = [Case(*row) for row in product((None, *AwardState), LOOKS, BetterAttempt, Correction)]
HELD, ISSUED = AwardState.HELD, AwardState.ISSUED


def broken(holds):
    """Give the rows of the table that break a law."""
    return [(case, case.follows) for case in CASES if not holds(case, case.follows)]


def test_every_look_has_a_consequence():
    assert len(CASES) == 4 * 16 * 3 * 4
    assert broken(lambda _, what: isinstance(what, Consequence)) == []


def test_the_same_inputs_change_nothing():
    assert broken(lambda case, what: not (case.state and case.look.same) or what is Consequence.NOTHING) == []


def test_only_what_does_not_stand_is_awarded():
    assert broken(lambda case, what: what is not Consequence.AWARD or case.state not in {HELD, ISSUED}) == []


def test_what_is_not_met_makes_no_credential():
    assert broken(lambda case, what: what not in MAKING or case.look.met) == []


def test_what_is_met_for_the_first_time_is_awarded():
    assert broken(lambda case, what: bool(case.state) or (what is Consequence.AWARD) is case.look.met) == []


def test_supported_facts_are_never_punished():
    assert broken(lambda case, what: not (case.look.supported and what in PUNISHING)) == []


def test_keep_first_keeps_what_is_supported():
    def holds(case, what):
        kept = case.state in {HELD, ISSUED} and case.look.met and case.look.supported
        return not (kept and case.better is BetterAttempt.KEEP_FIRST) or what is Consequence.NOTHING

    assert broken(holds) == []


def test_what_waits_is_never_left_to_the_correction_policy():
    """Nobody has seen it, so that its facts are simply put right."""
    by_policy = {
        tuple(Case(HELD, look, better, correction).follows for correction in Correction)
        for look, better in product(LOOKS, BetterAttempt)
    }

    assert all(len(set(answers)) == 1 for answers in by_policy)


def test_what_waits_is_withdrawn_when_nothing_earns_it_any_more():
    def holds(case, what):
        lost = case.state is HELD and not case.look.met and not case.look.same
        return (what is Consequence.WITHDRAW) is lost

    assert broken(holds) == []


@pytest.mark.parametrize("better", [BetterAttempt.REPLACE, BetterAttempt.KEEP_BEST])
@pytest.mark.parametrize("correction", Correction)
def test_a_better_attempt_replaces_what_is_out_and_amends_what_waits(better, correction):
    look = Look(met=True, supported=True)

    assert Case(ISSUED, look, better, correction).follows is Consequence.REPLACE
    assert Case(HELD, look, better, correction).follows is Consequence.AMEND


@pytest.mark.parametrize("better", BetterAttempt)
@pytest.mark.parametrize(
    ("correction", "met", "expected"),
    [
        (Correction.KEEP, True, Consequence.KEEP),
        (Correction.KEEP, False, Consequence.KEEP),
        (Correction.SUSPEND, True, Consequence.SUSPEND),
        (Correction.SUSPEND, False, Consequence.SUSPEND),
        (Correction.REVOKE, True, Consequence.REVOKE),
        (Correction.REVOKE, False, Consequence.REVOKE),
        (Correction.REISSUE, True, Consequence.REISSUE),
        (Correction.REISSUE, False, Consequence.REVOKE),
    ],
)
def test_wrong_facts_are_the_correction_policys(better, correction, met, expected):
    assert Case(ISSUED, Look(met=met), better, correction).follows is expected


@pytest.mark.parametrize("better", BetterAttempt)
@pytest.mark.parametrize("correction", Correction)
def test_a_correction_of_which_the_credential_tells_nothing_confirms_it(better, correction):
    assert Case(ISSUED, Look(met=True, alike=True), better, correction).follows is Consequence.CONFIRM
    lost = Case(ISSUED, Look(met=False, alike=True), better, correction)
    assert lost.follows is Case(ISSUED, Look(met=False), better, correction).follows
