"""What follows for an award: the whole table, walked."""

from __future__ import annotations

from itertools import product

import pytest

from ler_issuer.badges import AwardState, BetterAttempt, Consequence, Correction, consequence

STATES = (None, *AwardState)
TRUTHS = (False, True)
ALL = tuple(product(STATES, TRUTHS, TRUTHS, TRUTHS, BetterAttempt, Correction))
BETTER = (True, False, True)  # met, on other inputs, while the old ones still count
WRONG = (False, False)  # other inputs, and the old ones count no more
NOT_MET = (False, False)  # not met, on other inputs
STANDING = (AwardState.HELD, AwardState.ISSUED)


def follows(state, met, same, supported, better, correction):
    return consequence(state, met=met, same=same, supported=supported, better_attempt=better, correction=correction)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_every_look_has_a_consequence(case):
    assert isinstance(follows(*case), Consequence)


def test_the_same_inputs_change_nothing():
    assert {follows(*case) for case in ALL if case[0] and case[2]} == {Consequence.NOTHING}


def test_only_an_award_that_does_not_stand_is_awarded():
    awarded = {case[0] for case in ALL if follows(*case) is Consequence.AWARD}

    assert awarded == {None, AwardState.WITHDRAWN}


def test_what_was_not_met_makes_no_credential():
    making = {Consequence.AWARD, Consequence.AMEND, Consequence.REPLACE, Consequence.REISSUE}

    assert all(case[1] for case in ALL if follows(*case) in making)


def test_supported_facts_are_never_punished():
    punishing = {Consequence.REISSUE, Consequence.SUSPEND, Consequence.REVOKE, Consequence.KEEP}

    assert not [case for case in ALL if case[3] and follows(*case) in punishing]


def test_keep_first_keeps_what_is_supported():
    kept = {
        follows(*case)
        for case in ALL
        if case[0] in STANDING and case[1] and case[3] and case[4] is BetterAttempt.KEEP_FIRST
    }

    assert kept == {Consequence.NOTHING}


@pytest.mark.parametrize("better", [BetterAttempt.REPLACE, BetterAttempt.KEEP_BEST])
@pytest.mark.parametrize("correction", Correction)
def test_a_better_attempt_replaces_what_is_out_and_amends_what_waits(better, correction):
    found = {state: follows(state, *BETTER, better, correction) for state in STANDING}

    assert found == {AwardState.HELD: Consequence.AMEND, AwardState.ISSUED: Consequence.REPLACE}


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
    assert follows(AwardState.ISSUED, met, *WRONG, better, correction) is expected


@pytest.mark.parametrize("supported", TRUTHS)
@pytest.mark.parametrize("correction", Correction)
def test_what_waits_is_withdrawn_when_nothing_earns_it_any_more(supported, correction):
    found = {follows(AwardState.HELD, *NOT_MET, supported, better, correction) for better in BetterAttempt}

    assert found == {Consequence.WITHDRAW}


def test_what_waits_is_never_left_to_the_correction_policy():
    """Nobody has seen it, so that its facts are simply put right."""
    by_policy = {
        tuple(follows(AwardState.HELD, *looked, better, correction) for correction in Correction)
        for looked in product(TRUTHS, TRUTHS, TRUTHS)
        for better in BetterAttempt
    }

    assert all(len(set(answers)) == 1 for answers in by_policy)
