"""Metadata policies: merged they only narrow, and what contradicts itself is an error."""

from __future__ import annotations

import pytest

from ler_issuer.vc.metadata_policy import PolicyError, applied, merged


def one(**operators):
    return {"entity": {"x": operators}}


def both(upper, lower):
    return merged([one(**upper), one(**lower)])["entity"]["x"]


def result(operators, *given):
    metadata = {"entity": {"x": given[0]} if given else {}}
    return applied(merged([one(**operators)]), metadata)["entity"].get("x", "absent")


@pytest.mark.parametrize(
    ("upper", "lower", "together"),
    [
        ({"value": 1}, {"value": 1}, {"value": 1}),
        ({"add": ["a"]}, {"add": ["b", "a"]}, {"add": ["a", "b"]}),
        ({"default": "a"}, {"default": "a"}, {"default": "a"}),
        ({"one_of": ["a", "b"]}, {"one_of": ["b", "c"]}, {"one_of": ["b"]}),
        ({"subset_of": ["a"]}, {"subset_of": ["b"]}, {"subset_of": []}),
        ({"superset_of": ["a"]}, {"superset_of": ["b"]}, {"superset_of": ["a", "b"]}),
        ({"essential": False}, {"essential": True}, {"essential": True}),
        ({"subset_of": ["a", "b"]}, {"superset_of": ["a"]}, {"subset_of": ["a", "b"], "superset_of": ["a"]}),
        ({"regexp": "."}, {"essential": True}, {"essential": True}),
    ],
)
def test_policies_merge(upper, lower, together):
    assert both(upper, lower) == together


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ({"value": 1}, {"value": True}),
        ({"value": "a"}, {"value": "b"}),
        ({"value": None}, {"essential": True}),
        ({"value": None}, {"default": "a"}),
        ({"default": "a"}, {"default": "b"}),
        ({"default": None}, {}),
        ({"one_of": ["a"]}, {"one_of": ["b"]}),
        ({"one_of": ["a"]}, {"subset_of": ["a"]}),
        ({"one_of": ["a"]}, {"add": ["a"]}),
        ({"value": "b"}, {"one_of": ["a"]}),
        ({"value": ["b"]}, {"subset_of": ["a"]}),
        ({"value": ["b"]}, {"superset_of": ["a"]}),
        ({"value": ["b"]}, {"add": ["a"]}),
        ({"add": ["b"]}, {"subset_of": ["a"]}),
        ({"superset_of": ["b"]}, {"subset_of": ["a"]}),
        ({"essential": 1}, {}),
        ({"add": "a"}, {}),
        ({"subset_of": {"a": 1}}, {}),
    ],
)
def test_policies_that_contradict_each_other_are_none(upper, lower):
    with pytest.raises(PolicyError):
        both(upper, lower)


@pytest.mark.parametrize("policy", [[], {"entity": []}, {"entity": {"x": []}}, None])
def test_what_is_no_policy_is_none(policy):
    with pytest.raises(PolicyError):
        merged([policy])


@pytest.mark.parametrize(
    ("operators", "given", "came"),
    [
        ({"value": "a"}, ["b"], "a"),
        ({"value": "a"}, [], "a"),
        ({"value": None}, ["b"], "absent"),
        ({"add": ["b"]}, [["a"]], ["a", "b"]),
        ({"add": ["b"]}, [], ["b"]),
        ({"default": "a"}, [], "a"),
        ({"default": "a"}, ["b"], "b"),
        ({"one_of": ["a"]}, ["a"], "a"),
        ({"one_of": ["a"]}, [], "absent"),
        ({"subset_of": ["a", "b"]}, [["b", "c"]], ["b"]),
        ({"subset_of": ["a"]}, [["c"]], []),
        ({"superset_of": ["a"]}, [["b", "a"]], ["b", "a"]),
        ({"default": ["a"], "subset_of": ["a"], "superset_of": ["a"], "essential": True}, [], ["a"]),
    ],
)
def test_policies_apply_in_order(operators, given, came):
    assert result(operators, *given) == came


@pytest.mark.parametrize(
    ("operators", "given"),
    [
        ({"one_of": ["a"]}, ["b"]),
        ({"one_of": [1]}, [True]),
        ({"superset_of": ["a"]}, [["b"]]),
        ({"subset_of": ["a"]}, ["a"]),
        ({"add": ["a"]}, ["a"]),
        ({"essential": True}, []),
        (
            {
                "value": ["a"],
                "add": ["a"],
                "subset_of": ["a"],
                "superset_of": ["a", "a"],
                "default": [],
                "essential": 0,
            },
            [],
        ),
    ],
)
def test_metadata_that_do_not_meet_a_policy_are_refused(operators, given):
    with pytest.raises(PolicyError):
        result(operators, *given)


def test_a_scope_is_a_list_written_with_spaces():
    policy = merged([{"client": {"scope": {"subset_of": ["openid", "email"], "superset_of": ["openid"]}}}])
    assert applied(policy, {"client": {"scope": "openid phone"}}) == {"client": {"scope": "openid"}}


def test_kinds_that_are_not_there_are_not_made():
    assert applied(merged([one(essential=True)]), {"other": {"y": 1}}) == {"other": {"y": 1}}
