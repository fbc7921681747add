"""The policies that come along name codes that checks answer: a misspelt one would weigh nothing, unnoticed."""

from __future__ import annotations

import pytest

from ler_issuer.badges import MESSAGES, POLICIES, policy_of
from ler_issuer.vc import Policy
from ler_issuer.vc.policies import WEIGHED


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda policy: policy.name)
def test_every_code_of_a_policy_is_one(policy: Policy) -> None:
    assert policy.reject | policy.review | policy.accept <= MESSAGES.keys()


def test_every_code_that_a_person_weighs_is_one() -> None:
    assert MESSAGES.keys() >= WEIGHED


def test_a_policy_that_was_written_out_can_be_read_again() -> None:
    """Under another name, since those that come along keep theirs."""
    for policy in POLICIES.values():
        again = policy_of({**policy.whole(), "name": "again"})

        assert again.whole() == {**policy.whole(), "name": "again"}
