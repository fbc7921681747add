"""Who may use which holding: answers that a greedy choice would miss, and what a rule rests on."""

from __future__ import annotations

import pytest

from ler_issuer.stacking import evaluate, is_met
from stacking.career import (
    AT,
    at_least,
    distinct,
    either,
    every,
    held,
    hours,
    including,
    leaf,
    no,
    precedes,
    rule,
    within,
)


def met(node, holdings):
    asked = rule(node)
    outcome = is_met(asked, holdings, AT)
    assert evaluate(asked, holdings, AT).met is outcome
    return outcome


def some(*achievements, **told):
    return [held(one, id=f"{number}{one}", **told) for number, one in enumerate(achievements, 1)]


# ── One holding counts once ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_holding_is_given_to_who_has_no_choice():
    either_one_and_a = every(leaf("a", "b"), leaf("a"))
    assert met(either_one_and_a, some("a", "b"))  # the greedy first choice for the first leaf is the only a
    assert not met(either_one_and_a, some("a"))
    assert not met(either_one_and_a, some("b", "b"))


def test_a_chain_of_choices_is_followed_to_its_end():
    chain = every(leaf("a", "b"), leaf("b", "c"), leaf("c", "d"), leaf("a", "d"), leaf("a"))
    assert met(chain, some("a", "b", "c", "d", "a"))
    assert not met(chain, some("a", "b", "c", "c", "b"))


def test_which_of_several_rules_are_met_is_chosen_together():
    two_of = at_least(2, leaf("a", "b", times=2), leaf("a"), leaf("b"))
    assert met(two_of, some("a", "b"))  # one each, not the two that come first
    assert not met(two_of, some("a"))
    assert met(every(two_of, leaf("a", "b")), some("a", "b", "a"))
    assert not met(every(two_of, leaf("c", "b")), some("a", "a", "a"))


def test_more_rules_than_asked_for_are_met_where_that_helps():
    """One use of `any` would do, and only both together have two experiences."""
    node = distinct("experiences", 2, either(leaf("a"), leaf("b")))
    assert met(node, [*some("a", experience="x"), *some("b", experience="y")])
    assert not met(node, [*some("a", experience="x"), *some("b", experience="x")])


def test_a_condition_is_held_against_what_its_own_rule_uses():
    two_places = distinct("experiences", 2, leaf("a", "b", times=2))
    x, y, z = ({"experience": name} for name in "xyz")
    three = [held("a", **x), held("b", **x), held("b", **y)]
    assert met(every(two_places, leaf("b")), [*three[:2], held("b", **y)])
    assert not met(every(two_places, leaf("b")), [held("a", **x), held("b", **x), held("a", **x), held("a", **x)])
    assert not met(every(two_places, leaf("b", times=2)), three)
    assert met(every(two_places, leaf("b", times=2)), [*three, held("a", **z)])


def test_of_many_alike_as_many_are_looked_at_as_can_matter():
    two_places = distinct("experiences", 2, leaf("a", "b", times=2))
    many = [held(name, experience="x") for name in "ab" for _ in range(40)]
    assert met(every(two_places, leaf("b", times=40)), [*many, held("b", experience="y")])
    assert not met(every(two_places, leaf("b", times=41)), [*many, held("b", experience="y")])
    assert not met(every(two_places, leaf("b")), many)
    crowded = [held("a", experience=f"x{number // 9}") for number in range(90)]
    three_places = distinct("experiences", 3, leaf("a", times=3))
    assert met(every(three_places, three_places, leaf("a", times=50)), crowded)
    assert not met(every(three_places, three_places, leaf("a", times=50)), crowded[:55])


def test_what_is_to_be_included_is_not_given_away():
    node = every(including(leaf("a", times=2), level="proficient"), leaf("a", level="proficient"))
    high, low = {"level": "proficient"}, {"level": "developing"}
    assert met(node, [held("a", **high), held("a", **high), held("a", **low)])
    assert not met(node, [held("a", **high), held("a", **low), held("a", **low)])


def test_two_conditions_on_one_rule_are_met_by_one_use():
    node = every(distinct("experiences", 2, distinct("assessors", 2, leaf("a", times=2))), leaf("a"))
    told = [("x", "ann"), ("x", "bob"), ("y", "ann")]
    holdings = [held("a", experience=experience, assessor=assessor) for experience, assessor in told]
    assert not met(node, holdings[:2])
    assert met(node, [*holdings, held("a", experience="y", assessor="bob")])
    assert met(node, holdings) is True  # (x, bob) and (y, ann) for the one, (x, ann) for the other
    assert not met(node, [holdings[0], holdings[1], held("a", experience="x", assessor="cy")])


def test_hours_compete_with_what_else_asks_for_the_holding():
    node = every(hours(40), leaf("a"))
    long, short = held("a", hours="40"), held("a", hours="5")
    assert not met(node, [long])
    assert met(node, [long, short])  # the short one for the leaf
    assert met(every(hours(40), leaf("a"), reuse=True), [long])
    assert not met(every(hours(40), hours(5)), [long])
    assert met(every(hours(40), hours(5)), [short, long])


def test_of_one_participation_the_smaller_telling_can_be_spared():
    told = [held("a", hours=amount, experience="kitchen") for amount in ("20", "40", "30")]
    assert met(every(hours(30), leaf("a")), told)
    assert met(every(hours(30), leaf("a", times=2)), told)
    assert not met(every(hours(35), leaf("a", times=3)), told)


def test_reuse_lets_a_holding_count_for_several_and_for_no_others():
    both = every(leaf("a"), leaf("a", "b"), reuse=True)
    assert met(both, some("a"))
    assert met(every(both, leaf("a", "b")), some("a", "b"))
    assert not met(every(both, leaf("a", "b")), some("a"))


def test_competition_inside_a_window_is_for_what_lies_within_it():
    node = within(every(leaf("a", "b"), leaf("a")), days=10)
    first, second = held("a", "2026-01-01"), held("a", "2026-01-20")
    assert not met(node, [first, second])
    assert met(node, [first, second, held("b", "2026-01-12")])
    assert met(node, [first, second, held("b", "2025-12-25")])


def test_a_window_may_lie_inside_what_competes():
    node = every(within(leaf("a", times=2), days=10), leaf("a"))
    days = ("2026-01-01", "2026-01-08", "2026-01-15", "2026-02-20", "2026-04-20")
    each = [held("a", day) for day in days]
    assert met(node, each[:3])
    assert met(node, [each[0], each[1], each[4]])
    assert not met(node, [each[0], each[3], each[4]])


def test_an_order_may_lie_inside_what_competes():
    node = every(precedes(leaf("a"), leaf("b")), leaf("a", "b"))
    a, b, late = held("a", "2026-01-01"), held("b", "2026-01-02"), held("a", "2026-01-03")
    assert not met(node, [a, b])
    assert met(node, [a, b, late])
    assert not met(node, [b, late, held("b", "2026-01-02T11:00:00Z")])


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_order_is_strict_and_asks_every_holding_used():
    first, then = held("a", "2026-01-01"), held("b", "2026-01-02")
    assert met(precedes(leaf("a"), leaf("b")), [then, first])
    assert not met(precedes(leaf("b"), leaf("a")), [then, first])
    assert not met(precedes(leaf("a"), leaf("b")), [held("a", "2026-01-02"), then])
    twice = precedes(leaf("a", times=2), leaf("b"))
    assert not met(twice, [first, then, held("a", "2026-01-03")])
    assert met(twice, [first, then, held("a", "2026-01-03"), held("b", "2026-01-04")])


def test_orders_follow_each_other():
    chain = precedes(leaf("a"), precedes(leaf("b"), distinct("experiences", 2, leaf("c", times=2))))
    days = [held("a", "2026-01-03"), held("b", "2026-01-04"), held("c", "2026-01-05", experience="x")]
    assert not met(chain, [*days, held("c", "2026-01-01", experience="y")])
    assert met(chain, [*days, held("c", "2026-01-06", experience="y")])


def test_windows_lie_within_each_other():
    node = within(every(within(leaf("a", times=2), days=5), leaf("b")), days=20)
    pair = [held("a", "2026-01-01"), held("a", "2026-01-06")]
    assert met(node, [*pair, held("b", "2026-01-21")])
    assert not met(node, [*pair, held("b", "2026-01-22")])
    assert not met(node, [held("a", "2026-01-01"), held("a", "2026-01-07"), held("b", "2026-01-08")])


# ── What must not be ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_none_looks_at_all_that_stands():
    node = every(leaf("a"), no(leaf("warning"), leaf("a", "b", times=3)))
    assert met(node, some("a"))
    assert not met(node, some("a", "warning"))
    assert not met(node, some("a", "b", "b"))
    assert met(node, [*some("a"), held("warning", standing="revoked")])
    assert met(no(no(leaf("a"))), some("a"))
    assert not met(no(no(leaf("a"))), [])


def test_what_uses_nothing_lies_within_every_window():
    assert met(within(no(leaf("a")), days=1), [])
    assert met(precedes(no(leaf("a")), leaf("b")), some("b"))
    assert met(precedes(leaf("b"), no(leaf("a"))), some("b"))
    assert not met(distinct("experiences", 2, no(leaf("a"))), some("b", experience="x"))


# ── What a rule rests on ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("node", "used"),
    [
        (leaf("a", times=2), ("2a", "1a")),
        (every(leaf("a", "b"), leaf("a")), ("2a", "1a")),
        (either(leaf("b"), leaf("a")), ("2a",)),
        (distinct("experiences", 2, leaf("a", "b", times=2)), ("2a", "3b")),
        (hours(4), ("2a", "1a")),
        (hours(6), ("2a", "3b")),
        (every(leaf("a", times=3), leaf("b"), reuse=True), ("2a", "1a", "3b", "4a")),
    ],
)
def test_a_rule_rests_on_the_earliest_that_do_and_none_to_spare(node, used):
    holdings = [
        held("a", "2026-01-02", id="1a", experience="x", hours="2"),
        held("a", "2026-01-01", id="2a", experience="x", hours="4"),
        held("b", "2026-01-03", id="3b", experience="y", hours="2"),
        held("a", "2026-01-04", id="4a", experience="z", hours="9"),
    ]
    expected = used if node != hours(4) else ("2a",)
    trace = evaluate(rule(node), holdings, AT)
    assert trace.used == expected
    assert trace.earned_at == max(one.awarded_at for one in holdings if one.id in expected)


def test_each_leaf_is_told_what_it_uses_of_the_one_choice():
    trace = evaluate(rule(every(leaf("a", "b"), leaf("a"), either(leaf("c"), leaf("b")))), some("a", "b", "c"), AT)
    assert trace.used == ("1a", "2b", "3c")
    assert [one.used for one in trace.nodes] == [("2b",), ("1a",), ("3c",)]
    assert [one.used for one in trace.nodes[2].nodes] == [("3c",), ()]
    assert [one.met for one in trace.nodes[2].nodes] == [True, True]  # by itself


# ── Bounds ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_beyond_the_bound_it_is_undecided_and_says_so():
    node = every(hours(99, label="Service"), hours(99), leaf("b"))
    many = [held("a", hours="1", id=f"{number}") for number in range(200)]
    hard = evaluate(rule(node), [*many, held("b")], AT)
    assert (hard.met, hard.used, hard.missing, hard.outcome) == (None, (), (), "undecided")
    assert hard.sentence.startswith("Undecided: Service and anything and B cannot be decided")
    assert [one.met for one in hard.nodes] == [True, True, True]
    assert is_met(rule(node), many, AT) is False  # without b there is nothing to look for


def test_what_is_undecided_stays_where_it_is():
    hard = every(hours(99), hours(99))
    many = [held("a", hours="1") for _ in range(200)]
    assert is_met(rule(either(hard, leaf("b"))), [*many, held("b")], AT) is True
    assert is_met(rule(either(no(hard), leaf("b"))), [*many, held("b")], AT) is True
    assert is_met(rule(every(no(hard), leaf("b"))), [*many, held("b")], AT) is None
    assert is_met(rule(every(no(hard), leaf("b"))), many, AT) is False
    assert is_met(rule(no(no(hard))), many, AT) is None
