"""What is told about an evaluation, and which holdings a part of a rule means."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ler_issuer.stacking import MOST_HOLDINGS, evaluate, is_met
from stacking.career import (
    AT,
    COMMUNICATOR,
    LEVELS,
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


def told(node, holdings, **beside):
    return evaluate(rule(node, **beside), holdings, AT)


# ── The trace ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_node_is_told_by_its_place():
    holdings = [held("a", id="1"), held("a", "2026-02-01", id="2")]
    trace = told({**every(leaf("a", times=2), leaf("b", label="The other")), "label": "Both"}, holdings)
    assert trace.to_json() == {
        "pointer": "/rule",
        "type": "all",
        "outcome": "not_met",
        "at": "2026-06-01T00:00:00Z",
        "label": "Both",
        "met": False,
        "used": ["1", "2"],
        "missing": ["The other"],
        "sentence": "Not yet: missing The other",
        "nodes": [
            {
                "pointer": "/rule/rules/0",
                "type": "holding",
                "met": True,
                "used": ["1", "2"],
                "missing": [],
                "sentence": "A: 2 held, 2 asked",
                "nodes": [],
            },
            {
                "pointer": "/rule/rules/1",
                "type": "holding",
                "label": "The other",
                "met": False,
                "used": [],
                "missing": ["The other"],
                "sentence": "The other: 0 held, 1 asked",
                "nodes": [],
            },
        ],
    }


def test_what_was_earned_is_told_with_when():
    trace = told(leaf("a", "b"), [held("b", "2026-03-01", id="late"), held("a", "2026-02-01", id="early")])
    assert trace.to_json() | {"nodes": []} == {
        "pointer": "/rule",
        "type": "holding",
        "outcome": "met",
        "at": "2026-06-01T00:00:00Z",
        "earned_at": "2026-02-01T12:00:00Z",
        "met": True,
        "used": ["early"],
        "missing": [],
        "sentence": "Earned: A or B: 1 held, 1 asked",
        "nodes": [],
    }


def test_the_order_of_the_holdings_says_nothing():
    holdings = [
        held(skill, f"2026-0{month}-01", experience=experience, experience_kind="internship")
        for month, skill, experience in [
            (1, "written-communication", "x"),
            (1, "written-communication", "y"),
            (2, "oral-communication", "x"),
            (2, "oral-communication", "y"),
            (3, "written-communication", "z"),
        ]
    ]
    texts = set()
    for seed in range(20):
        random.Random(seed).shuffle(holdings)
        texts.add(json.dumps(evaluate(COMMUNICATOR, holdings, AT).to_json()))
    assert len(texts) == 1


def test_a_holding_that_is_there_twice_is_one():
    one = held("a", id="same")
    assert is_met(rule(leaf("a", times=2)), [one, one], AT) is False
    assert is_met(rule(leaf("a")), [held("b", id="same"), one], AT) is False  # the first tells what it is


@pytest.mark.parametrize(
    "at",
    [
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_the_ends_of_time_are_times(at):
    asked = rule(within(within(leaf("a"), years=100), of="now", months=1_200))
    met = evaluate(asked, [held("a")], at).met
    assert met is False
    assert evaluate(rule(within(leaf("a"), days=36_600)), [held("a", "9998-12-31")], at).met is (at.year == 9999)


# ── What is missing, in words ────────────────────────────────────────────────────────────────────────────────────────
HIGH = {"level": "distinguished", "experience_kinds": ["internship", "research"]}


@pytest.mark.parametrize(
    ("node", "missing"),
    [
        (leaf("b"), ("B",)),
        (leaf("a", times=3), ("1 more of A",)),
        (leaf("https://x.example/achievements/data-literacy"), ("Data literacy",)),
        (leaf("urn:example:9", times=2), ("2 of Nine",)),
        (leaf("a", "b", "c", "d", "e", "f", times=5), ("3 more of A or B or C or D or 2 more",)),
        (leaf("b", assessor_kinds=["faculty", "peer"]), ("B assessed by a member of faculty or a peer",)),
        (leaf("b", issuers=["did:web:x.example:biology"]), ("B from Biology",)),
        (leaf("b", **HIGH), ("B (Distinguished or above) in internship or research",)),
        (leaf("b", except_experience_kinds=["course", "research"]), ("B other than in course or research",)),
        (hours("12.50"), ("9.5 more hours",)),
        (hours(4, "a"), ("1 more hour of A",)),
        (hours(4, label="Community service"), ("1 more hour for Community service",)),
        (hours(4, experience_kinds=["volunteering"]), ("4 hours of volunteering",)),
        ({"type": "sum", "of": "credits", "minimum": 1, "achievements": ["a"]}, ("1 credit of A",)),
        (distinct("experiences", 3, leaf("a", times=2)), ("another experience",)),
        (distinct("partners", 3, leaf("a")), ("3 more partners",)),
        (including(leaf("a"), except_experience_kinds=["course"]), ("an experience outside the classroom",)),
        (including(leaf("a", times=2), experience_kinds=["research"], minimum=2), ("2 research experiences",)),
        (including(leaf("a"), assessor_kinds=["supervisor"]), ("an assessment by a supervisor",)),
        (including(leaf("a"), level="proficient"), ("a holding (Proficient or above)",)),
        (including(leaf("a", "b"), achievements=["b"]), ("1 of B",)),
        (including(leaf("a"), label="something new", level="proficient"), ("something new",)),
        (either(leaf("b"), leaf("a", times=3)), ("B or 1 more of A",)),
        (at_least(3, leaf("a"), leaf("b"), leaf("c"), leaf("d")), ("2 of these: B or C or D",)),
        (every(leaf("b"), either(leaf("c"), every(leaf("d"), leaf("e")))), ("B", "C or D and E")),
        (within(leaf("a", times=2), days=1), ("A, all within a day",)),
        (within(leaf("a"), of="now", months=2), ("A, in the last 2 months",)),
        (precedes(leaf("a", times=2), leaf("a")), ("A after A",)),
        (precedes(leaf("a"), leaf("b")), ("B",)),
        (no(leaf("a"), leaf("b")), ("A no longer counting",)),
        (every(leaf("a", times=2), leaf("a")), ("another holding, so that none counts twice",)),
    ],
)
def test_what_is_missing_is_said_in_words(node, missing):
    holdings = [
        held("a", "2026-01-01", hours="1", experience="x"),
        held("a", "2026-03-01", hours="2", experience="y"),
    ]
    trace = told(node, holdings, names={"urn:example:9": "Nine"})
    assert trace.missing == missing
    assert trace.sentence.startswith("Not yet: ")
    assert trace.sentence.endswith("missing " + "; ".join(missing))


def test_double_use_is_said_to_be_the_reason():
    once = "Not yet: one holding counts only once; missing another holding, so that none counts twice"
    both = every(leaf("a", "b"), leaf("a"))
    assert told(both, [held("a")]).sentence == once
    assert told(within(both, years=1), [held("a")]).sentence == once
    inside = told(every(both, leaf("c")), [held("a"), held("c")])
    assert inside.sentence == once
    assert inside.nodes[0].sentence == "A or B and A: met one by one, but one holding counts only once"
    assert "only once" not in told(every(both, leaf("c")), [held("a")]).sentence  # c is missing anyway


def test_too_many_holdings_are_undecided_in_words():
    crowd = [held("a", "2026-01-01") for _ in range(MOST_HOLDINGS + 1)]
    trace = told(every(leaf("a"), leaf("b")), [*crowd, held("b")])
    assert (trace.met, trace.used) == (None, ())
    assert trace.sentence == f"Undecided: A and B cannot be decided: more than {MOST_HOLDINGS} holdings could count"
    others = [held("c") for _ in range(1_000)]
    assert told(every(leaf("a"), leaf("b")), [*crowd[2:], held("b"), *others]).met is True


# ── Which holdings are meant ─────────────────────────────────────────────────────────────────────────────────────────
def counts(node, one, **beside):
    return is_met(rule(node, **beside), [one], AT)


@pytest.mark.parametrize(
    ("asked", "held_at", "scale", "levels", "met"),
    [
        ("proficient", "distinguished", LEVELS, (), True),
        ("proficient", "proficient", LEVELS, (), True),
        ("proficient", "developing", LEVELS, (), False),
        ("proficient", "proficient", ("proficient", "novice"), LEVELS, True),  # its own scale goes first
        ("proficient", "distinguished", ("novice", "distinguished"), LEVELS, False),
        ("proficient", "distinguished", (), LEVELS, True),
        ("proficient", "expert", (), LEVELS, False),
        ("expert", "expert", (), LEVELS, False),
        ("expert", "expert", (), (), True),
        ("expert", "master", (), (), False),
        ("proficient", None, LEVELS, LEVELS, False),
    ],
)
def test_a_level_is_at_least_that_on_the_scale_of_the_holding(asked, held_at, scale, levels, met):
    one = held("a", level=held_at, scale=scale)
    assert counts(leaf("a", level=asked), one, levels=levels) is met
    assert counts(including(leaf("a"), level=asked), one, levels=levels) is met


def test_kinds_are_asked_for_and_left_out():
    service, unknown = held("a", experience_kind="service_learning"), held("a")
    assert counts(leaf("a", experience_kinds=["service_learning", "research"]), service)
    assert not counts(leaf("a", experience_kinds=["research"]), service)
    assert not counts(leaf("a", experience_kinds=["research"]), unknown)
    assert counts(leaf("a", except_experience_kinds=["course"]), service)
    assert not counts(leaf("a", except_experience_kinds=["service_learning"]), service)
    assert not counts(leaf("a", except_experience_kinds=["course"]), unknown)
    assert not counts(leaf("a", assessor_kinds=["peer"]), unknown)
    assert counts(leaf("a", assessor_kinds=["peer", "staff"]), held("a", assessor_kind="staff"))


def test_issuers_are_asked_for():
    assert counts(leaf("a", issuers=["did:web:x.example"]), held("a", issuer="did:web:x.example"))
    assert not counts(leaf("a", issuers=["did:web:x.example"]), held("a", issuer="did:web:y.example"))
    assert not counts(leaf("a", issuers=["did:web:x.example"]), held("a"))


def test_equivalents_count_as_the_same():
    classes = [["a", "b"], ["c", "d"], ["d", "b"], ["x", "y"]]
    assert all(counts(leaf("a"), held(name), equivalences=classes) for name in "abcd")
    assert not counts(leaf("a"), held("x"), equivalences=classes)
    assert counts(including(leaf("d"), achievements=["c"]), held("a"), equivalences=classes)
    assert rule(leaf("a"), equivalences=classes).mentions() == set("abcd")


def test_what_was_recognised_counts_where_it_is_accepted_or_its_original_is_named():
    origin = {"kind": "transfer", "achievement": "their-a", "issuer": "did:web:other.example"}
    ours = {"issuer": "did:web:x.example", "recognised": origin}
    assert not counts(leaf("a"), held("a", **ours))
    assert not counts(leaf("a", accepts=["prior_learning"]), held("a", **ours))
    assert counts(leaf("a", accepts=["transfer"]), held("a", **ours))
    assert counts(leaf("a", accepts=["transfer"], issuers=["did:web:y.example"]), held("a", **ours))
    assert not counts(leaf("b", accepts=["transfer"]), held("a", **ours))
    assert counts(leaf("their-a"), held("a", **ours))
    assert counts(leaf("their-a", issuers=["did:web:other.example"]), held("a", **ours))
    assert not counts(leaf("their-a", issuers=["did:web:x.example"]), held("a", **ours))
    assert not counts(hours(1), held("a", hours="5", **ours))
    assert counts(hours(1, accepts=["transfer"]), held("a", hours="5", **ours))
    assert counts(including(leaf("their-a"), achievements=["a"]), held("a", **ours))


def test_what_tells_no_amount_adds_nothing_and_is_not_used():
    for one in (held("a"), held("a", hours="0")):
        assert not counts(hours("0.01"), one)
    six = {"type": "sum", "of": "credits", "minimum": 6}
    chem = [held("a", credits="3", section="chem-1"), held("b", credits="3", section="chem-1")]
    assert not is_met(rule(six), [*chem, held("c", credits="-3")], AT)
    assert is_met(rule(six), [*chem, held("c", credits="3.000000000000000000")], AT)
    assert is_met(rule(six), [held("c", credits="2.999999999999999999"), *chem], AT) is False


# ── The calendar ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("first", "length", "last", "after"),
    [
        ("2024-02-29T10:00:00Z", {"years": 1}, "2025-02-28T10:00:00Z", "2025-02-28T10:00:01Z"),
        ("2024-02-29T10:00:00Z", {"years": 4}, "2028-02-29T10:00:00Z", "2028-02-29T10:00:01Z"),
        ("2025-01-31T10:00:00Z", {"months": 1}, "2025-02-28T10:00:00Z", "2025-02-28T10:00:01Z"),
        ("2025-11-30T10:00:00Z", {"months": 14}, "2027-01-30T10:00:00Z", "2027-01-30T10:00:01Z"),
        ("2025-03-01T00:30:00+02:00", {"months": 1}, "2025-03-28T22:30:00Z", "2025-03-28T22:30:01Z"),
        ("2025-03-01T10:00:00Z", {"days": 30}, "2025-03-31T10:00:00Z", "2025-03-31T10:00:01Z"),
    ],
)
def test_a_window_is_a_span_of_the_calendar_in_utc_with_both_its_ends(first, length, last, after):
    asked = rule(within(leaf("a", times=2), **length))
    at = datetime(2030, 1, 1, tzinfo=UTC)
    assert is_met(asked, [held("a", first), held("a", last)], at) is True
    assert is_met(asked, [held("a", first), held("a", after)], at) is False


@pytest.mark.parametrize(("day", "met"), [("2022-06-01T00:00:00Z", True), ("2022-05-31T23:59:59Z", False)])
def test_a_window_back_from_now_asks_each_holding(day, met):
    asked = rule(within(leaf("a", times=2), of="now", years=4))
    assert is_met(asked, [held("a", day), held("a", "2026-01-01")], AT) is met
    assert is_met(asked, [held("a", "2026-01-02"), held("a", "2026-01-01")], AT) is True
