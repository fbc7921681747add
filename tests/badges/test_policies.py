"""Policies: what they may bend and what none can, and that each code they name is one that a check answers."""

from __future__ import annotations

import pytest

from ler_issuer.badges import MESSAGES, POLICIES, BadPolicy, policies_of, policy_of
from ler_issuer.types import Json
from ler_issuer.vc import PROOF_CHECKS, UNBENDING, CheckId, Finding, Known, Outcome, Policy, Verdict
from ler_issuer.vc.policies import WEIGHED, verdict

BLIND = Policy("blind", "1", issuer="any", accept=frozenset(MESSAGES))
"""A policy that accepts whatever a policy can accept; none that is written can name as much."""

AUTHENTIC = [Finding(check, Outcome.PASS, "any", "") for check in PROOF_CHECKS]


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


# ── What no policy bends ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("check", sorted(UNBENDING))
def test_no_policy_accepts_a_broken_proof(check: CheckId) -> None:
    broken = Finding(check, Outcome.FAIL, "signature_wrong", "")

    assert verdict([*AUTHENTIC, broken], known=Known.HERE, policy=BLIND) is Verdict.REJECTED


@pytest.mark.parametrize("check", [*CheckId])
def test_no_policy_decides_what_could_not_be_checked(check: CheckId) -> None:
    unsettled = Finding(check, Outcome.INDETERMINATE, "list_unreachable", "")
    hasty = Policy("hasty", "1", issuer="any", reject=frozenset(MESSAGES))

    for policy in (BLIND, hasty):
        assert verdict([*AUTHENTIC, unsettled], known=Known.HERE, policy=policy) is Verdict.REVIEW


def test_no_policy_accepts_without_checks() -> None:
    assert verdict([], known=Known.HERE, policy=BLIND) is Verdict.REVIEW


@pytest.mark.parametrize(
    "code",
    ["revoked", "recipient_differs", "list_bad_proof", "list_unsigned", "member_not_authentic", "part_digest_differs"],
)
def test_what_is_never_accepted_can_be_left_to_a_person(code: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        policy_of({"name": "x", "version": "1", "accept": [code]})
    assert refused.value.pointer == "/accept/0"
    assert code in policy_of({"name": "x", "version": "1", "review": [code]}).review


def test_what_a_policy_says_goes_before_what_it_is_based_on() -> None:
    stern = policy_of({"name": "stern", "version": "1", "based_on": "strict", "accept": ["vc11"]})

    assert "vc11" not in stern.review
    assert (stern.recipient, "context_alias" in stern.review) == ("required", True)


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (7, ""),
        ("none-such", ""),
        ("standard/2", ""),
        ({"name": "x"}, "/version"),
        ({"name": "x", "version": 3}, "/version"),
        ({"name": "strict", "version": "1"}, "/name"),
        ({"name": "x", "version": "1", "issuer": "mine"}, "/issuer"),
        ({"name": "x", "version": "1", "based_on": "none-such"}, "/based_on"),
        ({"name": "x", "version": "1", "reject": "vc11"}, "/reject"),
        ({"name": "x", "version": "1", "reject": ["vc12"]}, "/reject/0"),
        ({"name": "x", "version": "1", "colour": "red"}, ""),
    ],
)
def test_a_policy_that_cannot_be_read_names_the_place(value: Json, pointer: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        policy_of(value)
    assert refused.value.pointer == pointer


def test_a_policy_of_an_installation_may_rest_on_the_one_before() -> None:
    known = policies_of(
        [{"name": "a", "version": "1", "issuer": "any"}, {"name": "b", "version": "1", "based_on": "a"}]
    )
    assert known["b"].issuer == "any"
    with pytest.raises(BadPolicy) as refused:
        policies_of([{"name": "b", "version": "1", "based_on": "a"}])
    assert refused.value.pointer == "/0/based_on"
