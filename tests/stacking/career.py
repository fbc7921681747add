"""A programme of marketable skills, and what a learner in it may hold: rules and holdings to try things on."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from ler_issuer.stacking import Holding, StackingRule

AT = datetime(2026, 6, 1, tzinfo=UTC)
LEVELS = ("beginning", "developing", "proficient", "distinguished")
_numbers = count()


def held(achievement, day="2026-01-15", **told):
    """Make a holding; its id is new unless it is told."""
    at = day if "T" in day else f"{day}T12:00:00Z"
    told = {"id": f"h{next(_numbers)}"} | ({"scale": LEVELS} if "level" in told else {}) | told
    return Holding.model_validate({"achievement": achievement, "awarded_at": at, **told})


def rule(node, **beside):
    return StackingRule.model_validate({"rule": node, **beside})


def leaf(*achievements, **told):
    return {"type": "holding", "achievements": list(achievements), **told}


def every(*rules, **told):
    return {"type": "all", "rules": list(rules), **told}


def either(*rules, **told):
    return {"type": "any", "rules": list(rules), **told}


def at_least(number, *rules, **told):
    return {"type": "at_least", "count": number, "rules": list(rules), **told}


def no(*rules):
    return {"type": "none", "rules": list(rules)}


def hours(minimum, *achievements, **told):
    return {"type": "sum", "of": "hours", "minimum": minimum, "achievements": list(achievements), **told}


def distinct(what, minimum, node):
    return {"type": "distinct", "what": what, "minimum": minimum, "rule": node}


def including(node, **told):
    return {"type": "includes", "rule": node, **told}


def within(node, of="parts", **length):
    return {"type": "within", "of": of, "rule": node, **length}


def precedes(first, then):
    return {"type": "precedes", "first": first, "then": then}


def skill(key):
    """Ask for a skill once at Distinguished, or twice at Proficient."""
    return either(leaf(key, level="distinguished"), leaf(key, level="proficient", times=2))


COMMUNICATOR = rule(
    within(
        including(
            distinct("experiences", 2, every(leaf("written-communication", times=2), leaf("oral-communication"))),
            except_experience_kinds=["course"],
        ),
        years=4,
    )
)
PROBLEM_SOLVER = rule(
    including(
        distinct("assessors", 2, every(skill("teamwork"), skill("critical-thinking"))),
        assessor_kinds=["supervisor", "community_partner"],
    )
)
CITIZEN = rule(
    every(
        at_least(2, leaf("leadership"), leaf("social-responsibility"), leaf("personal-responsibility")),
        hours(40, experience_kinds=["service_learning", "volunteering"]),
        reuse=True,
    )
)
GRADUATE = rule(
    every(
        at_least(2, leaf("effective-communicator"), leaf("collaborative-problem-solver"), leaf("engaged-citizen")),
        leaf("empirical-and-quantitative-skills", accepts=["transfer", "prior_learning"]),
    )
)
PROGRAMME = {
    "effective-communicator": COMMUNICATOR,
    "collaborative-problem-solver": PROBLEM_SOLVER,
    "engaged-citizen": CITIZEN,
    "career-ready-graduate": GRADUATE,
}
