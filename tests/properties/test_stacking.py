"""Whatever the rule and the holdings: the outcome is what looking at every possible use gives, within a bound."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from ler_issuer.stacking import Holding, StackingRule, evaluate, is_met, requirements, walk
from ler_issuer.stacking.bounding import most_work
from ler_issuer.stacking.compiling import compiled
from ler_issuer.stacking.judging import Judge
from stacking.exhaustive import Exhaustive

AT = datetime(2026, 6, 1, tzinfo=UTC)
GROUPS = ["all", "all", "any", "at_least", "none"]


# ── Rules and holdings ───────────────────────────────────────────────────────────────────────────────────────────────
@st.composite
def selections(draw, *, few=False, named=True):
    """Draw what to select; `few` achievements make holdings scarce, so that much competes for them."""
    told = {}
    if named or draw(st.booleans()):
        told["achievements"] = draw(st.sampled_from([["a"], ["a", "b"], ["b"]] + ([] if few else [["c"], ["a", "c"]])))
    chance = st.integers(0, 9)
    if draw(chance) == 0:
        told["level"] = draw(st.sampled_from(["low", "high"]))
    if draw(chance) == 0:
        told["experience_kinds"] = [draw(st.sampled_from(["course", "research"]))]
    if draw(chance) == 0:
        told["except_experience_kinds"] = ["course"]
    if draw(chance) == 0:
        told["assessor_kinds"] = ["peer"]
    if draw(chance) == 0:
        told["issuers"] = ["us"]
    return told


@st.composite
def leaves(draw, *, few=False):
    if draw(st.integers(0, 4)) == 0:
        of, minimum = draw(st.sampled_from(["hours", "credits"])), draw(st.sampled_from([1, 3, 5]))
        told = {"type": "sum", "of": of, "minimum": minimum, **draw(selections(few=few, named=False))}
    else:
        told = {"type": "holding", "times": draw(st.sampled_from([1, 1, 2, 3])), **draw(selections(few=few))}
    return told | ({"accepts": ["transfer"]} if draw(st.integers(0, 9)) == 0 else {})


@st.composite
def groups(draw, kinds, below):
    told = {"type": draw(st.sampled_from(kinds)), "rules": draw(st.lists(below, min_size=1, max_size=3))}
    if told["type"] == "at_least":
        told["count"] = draw(st.integers(1, len(told["rules"])))
    if told["type"] != "none" and draw(st.integers(0, 3)) == 0:
        told["reuse"] = True
    return told


def conditions(below):
    varieties = st.sampled_from(["experiences", "experience_kinds", "assessors"])
    wanted = st.sampled_from([{"level": "high"}, {"experience_kinds": ["course"]}, {"achievements": ["b"]}])
    fixed = st.fixed_dictionaries
    return st.one_of(
        fixed({"type": st.just("distinct"), "what": varieties, "minimum": st.sampled_from([2, 2, 3]), "rule": below}),
        st.builds(
            lambda what, rest: what | rest,
            wanted,
            fixed({"type": st.just("includes"), "minimum": st.sampled_from([1, 1, 2]), "rule": below}),
        ),
        fixed(
            {
                "type": st.just("within"),
                "of": st.sampled_from(["parts", "parts", "now"]),
                "days": st.sampled_from([1, 3, 6]),
                "rule": below,
            }
        ),
        fixed({"type": st.just("precedes"), "first": below, "then": below}),
    )


def nodes(depth, kinds=GROUPS, *, few=False):
    if not depth:
        return leaves(few=few)
    below = nodes(depth - 1, kinds, few=few)
    return st.one_of(leaves(few=few), groups(kinds, below), conditions(below))


@st.composite
def rules(draw, depth=3, kinds=GROUPS):
    told = {"rule": draw(nodes(depth, kinds))}
    if draw(st.integers(0, 5)) == 0:
        told["equivalences"] = [["a", "c"]]
    return StackingRule.model_validate(told)


@st.composite
def competitions(draw):
    """Draw a rule in which conditions and sums compete for the same holdings."""
    competitor = nodes(2, ["all", "any", "at_least"], few=True)
    node = {"type": "all", "rules": draw(st.lists(competitor, min_size=2, max_size=2))}
    if draw(st.booleans()):
        node = {"type": "distinct", "what": "experiences", "minimum": 2, "rule": node}
    return StackingRule.model_validate({"rule": node})


@st.composite
def portfolios(draw, most=6, achievements="abc"):
    def told(number):
        maybe = st.integers(0, 4)
        return {
            "id": str(number),
            "achievement": draw(st.sampled_from(achievements)),
            "awarded_at": AT - timedelta(days=draw(st.integers(0, 7))),
            "level": draw(st.sampled_from(["low", "high", None])),
            "scale": ["low", "high"],
            "experience": draw(st.sampled_from(["x", "y", "z", None])),
            "experience_kind": draw(st.sampled_from(["course", "research", None])),
            "assessor": draw(st.sampled_from(["ann", "bob", None])),
            "assessor_kind": draw(st.sampled_from(["peer", "staff", None])),
            "hours": draw(st.sampled_from([None, 0, 1, 2, 4])),
            "credits": draw(st.sampled_from([None, -1, 1, "2.5"])),
            "section": draw(st.sampled_from(["s", "t", None])),
            "issuer": draw(st.sampled_from(["us", "them", None])),
            "standing": "suspended" if draw(st.integers(0, 9)) == 0 else "current",
            "recognised": {"kind": "transfer", "achievement": "b", "issuer": "us"} if draw(maybe) == 0 else None,
        }

    return [Holding.model_validate(told(number)) for number in range(draw(st.integers(0, most)))]


# ── Exact ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def agrees(rule, holdings):
    """Hold an evaluation against every possible use."""
    every = Exhaustive(rule, holdings, AT)
    trace = evaluate(rule, holdings, AT)
    uses = every.uses(rule.rule)
    event(f"met: {bool(uses)}")
    assert trace.met is bool(uses)
    assert is_met(rule, holdings, AT) is trace.met
    assert [one.met for one in told(trace)] == [bool(every.uses(node)) for _, node in walk(rule.rule)]
    if uses:
        rests_on(trace, uses, every)


def rests_on(trace, uses, every):
    """See that a rule rests on one of its uses, with none to spare, and that no other was complete before."""
    used = {number for number, one in enumerate(every.holdings) if one.id in trace.used}
    bits = sum(1 << number for number in used)
    assert bits in uses
    assert not any(other & bits == other != bits for other in uses)
    earliest = min(max(every.times(use), default=None) or datetime.min.replace(tzinfo=UTC) for use in uses)
    assert trace.earned_at == (max(every.times(bits)) if bits else None)
    assert not bits or trace.earned_at == earliest
    assert {name for one in requirements(trace) for name in one.used} == set(trace.used)


def told(trace):
    yield trace
    for one in trace.nodes:
        yield from told(one)


@given(rule=rules(), holdings=portfolios())
@settings(max_examples=200, deadline=None)
def test_the_outcome_is_that_of_looking_at_every_use(rule, holdings):
    agrees(rule, holdings)


@given(rule=competitions(), holdings=portfolios(achievements="aab"))
@settings(max_examples=200, deadline=None)
def test_so_it_is_where_rules_compete(rule, holdings):
    agrees(rule, holdings)


# ── Whatever else ────────────────────────────────────────────────────────────────────────────────────────────────────
@given(rule=rules(), holdings=portfolios(most=12), random=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_holdings_does_not_matter(rule, holdings, random):
    shuffled = random.sample(holdings, len(holdings))
    assert json.dumps(evaluate(rule, shuffled, AT).to_json()) == json.dumps(evaluate(rule, holdings, AT).to_json())


@given(rule=rules(kinds=["all", "any", "at_least"]), holdings=portfolios(most=10), more=portfolios(most=3))
@settings(max_examples=200, deadline=None)
def test_one_more_holding_never_makes_a_rule_unmet(rule, holdings, more):
    added = [one.model_copy(update={"id": f"more-{one.id}"}) for one in more]
    before, after = is_met(rule, holdings, AT), is_met(rule, [*holdings, *added], AT)
    event(f"{before} → {after}")
    assert before <= after


@given(rule=st.one_of(rules(depth=4), competitions()), holdings=portfolios(most=25))
@settings(max_examples=100, deadline=None)
def test_no_rule_takes_more_work_than_its_bound(rule, holdings):
    ready = compiled(rule)
    judge = Judge(ready, holdings, AT)
    for node in ready.nodes:
        judge.met(node)
    assert judge.work <= most_work(ready, len(holdings))


@given(rule=rules(depth=4), holdings=portfolios(most=25))
@settings(max_examples=60, deadline=None)
def test_a_trace_tells_of_every_node(rule, holdings):
    trace = evaluate(rule, holdings, AT)
    assert [one.pointer for one in told(trace)] == [pointer for pointer, _ in walk(rule.rule)]
    for one in told(trace):
        assert one.sentence
        assert bool(one.missing) is (one.met is False)
        assert {name for below in one.nodes for name in below.used} >= set(one.used) or not one.nodes
    assert json.loads(json.dumps(trace.to_json()))["met"] is trace.met
