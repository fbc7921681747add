"""Explaining: the trace of a decision, as JSON with plain sentences.

A trace names results by their id, assessments, criteria and levels; never a learner, an assessor or a source's own id
(which may contain the learner's). The same facts give the same trace to the byte.
"""

from __future__ import annotations

from collections.abc import Sequence

from ler_issuer.assessments.counting import Counted, OfOne, Yardstick
from ler_issuer.assessments.rules import CriteriaAtLeast, MeanAtLeast, OverallAtLeast, ScoreAtLeast
from ler_issuer.assessments.scales import Ladder, written
from ler_issuer.assessments.values import plain
from ler_issuer.assessments.weighing import Coverage, Outcome, Weighed
from ler_issuer.types import JsonObject

_LISTED = 20  # names that a sentence lists; the nodes list all


def explain(outcome: Outcome, yard: Yardstick, *, waiting: Sequence[str] = ()) -> JsonObject:
    """Write the trace: what counted, each requirement with what met it and what is missing, and one sentence in all.

    `waiting` are the ids of results that may count once they are final.
    """
    weighed = [(one, _sentence(one, yard)) for one in outcome.weighed]
    if outcome.met:
        summary = "Earned: " + "; ".join(sentence for _, sentence in weighed)
    else:
        reasons = [sentence for one, sentence in weighed if not one.met]
        if outcome.rests_on and all(counted.exempt for counted in outcome.rests_on):
            reasons.append("exemptions alone earn nothing")
        elif not reasons:
            reasons.append("nothing that completes it was assessed since it came into force")
        if waiting:
            reasons.append(f"{_number(len(waiting), 'result is', 'results are')} not final")
        summary = "Not yet: " + "; ".join(reasons)
    return {
        "met": outcome.met,
        "sentence": summary,
        "nodes": [_node(one, sentence) for one, sentence in weighed],
        "counted": [_counted(one, yard.ladder) for one in outcome.rests_on],
        "waiting": list(waiting),
    }


def _node(one: Weighed, sentence: str) -> JsonObject:
    return {
        "requirement": _requirement(one),
        "met": one.met,
        "used": [fact.id for counted in one.holds for fact in counted.facts],
        "short": [fact.id for counted in one.short for fact in counted.facts],
        "missing": list(one.absent),
        "sentence": sentence,
    }


def _requirement(one: Weighed) -> JsonObject:
    if isinstance(one.requirement, Coverage):
        if one.requirement.each_of:
            return {"type": "each_of", "assessments": list(one.requirement.each_of)}
        return {"type": "minimum_assessments", "minimum": one.requirement.minimum}
    requirement: JsonObject = {"type": one.requirement.type}
    match one.requirement:
        case CriteriaAtLeast(level=level) | OverallAtLeast(level=level):
            requirement["level"] = level
        case ScoreAtLeast(minimum=minimum):
            requirement["minimum"] = plain(minimum)
        case MeanAtLeast(minimum=minimum, weights=weights):
            requirement["minimum"] = plain(minimum)
            if weights is not None:
                requirement["weights"] = {name: plain(weight) for name, weight in weights.items()}
    return requirement


def _counted(one: Counted, ladder: Ladder | None) -> JsonObject:
    said: JsonObject = {"attempt": one.attempt, "results": [fact.id for fact in one.facts]}
    if one.assessment is not None:
        said["assessment"] = one.assessment
    if one.exempt:
        said["exempt"] = True
    if one.score is not None:
        said["score"] = plain(written(one.score))
    if ladder is not None and one.reading.levels:
        levels = ladder.rubric.levels
        said["levels"] = {criterion: levels[level].id for criterion, level in one.reading.levels.items()}
    if ladder is not None and one.reading.overall is not None:
        said["overall"] = ladder.rubric.levels[one.reading.overall].id
    return said


def _sentence(one: Weighed, yard: Yardstick) -> str:
    match one.requirement:
        case Coverage():
            return _cover(one, one.requirement)
        case MeanAtLeast():
            return _mean(one, one.requirement)
        case _:
            return _of_one(one, one.requirement, yard.ladder)


def _mean(one: Weighed, condition: MeanAtLeast) -> str:
    asked = f"at least {plain(condition.minimum)}"
    if one.short:
        return f"no mean of {asked}: {_number(len(one.short), 'result has', 'results have')} no score"
    if one.measure is None:
        return f"no mean of {asked}: nothing counts yet"
    return f"mean {plain(written(one.measure, beside=condition.minimum))} of {asked}"


def _of_one(one: Weighed, condition: OfOne, ladder: Ladder | None) -> str:
    match condition:
        case CriteriaAtLeast(level=level):
            asked = f"every applicable criterion at {_level(level, ladder)} or above"
        case OverallAtLeast(level=level):
            asked = f"overall level {_level(level, ladder)} or above"
        case ScoreAtLeast(minimum=minimum):
            asked = f"score of at least {plain(minimum)}"
    if one.met:
        return asked
    if not one.short:
        return f"{asked}: nothing counts yet"
    return f"{asked}: {', '.join(_shortfall(condition, counted, ladder) for counted in one.short[:_LISTED])}"


def _cover(one: Weighed, coverage: Coverage) -> str:
    if not coverage.each_of:
        found = _number(len(one.holds), "assessment meets", "assessments meet")
        return f"{found} the conditions, at least {coverage.minimum} asked"
    there, asked = len(coverage.each_of) - len(one.absent), len(coverage.each_of)
    if one.met:
        return "the assessment has a result" if asked == 1 else f"all {asked} assessments have a result"
    more = len(one.absent) - _LISTED
    missing = ", ".join(one.absent[:_LISTED]) + (f" and {more} more" if more > 0 else "")
    return f"{there} of {_number(asked, 'assessment has', 'assessments have')} a result; missing: {missing}"


def _shortfall(condition: OfOne, counted: Counted, ladder: Ladder | None) -> str:
    """Say in what one counted result falls short of a condition on it."""
    where = "" if counted.assessment is None else f" in {counted.assessment}"
    reading = counted.reading
    if isinstance(condition, ScoreAtLeast):
        found = "no score" if counted.score is None else plain(written(counted.score, beside=condition.minimum))
    elif ladder is None or reading.problems:
        found = "ratings that do not fit the rubric"
    elif isinstance(condition, OverallAtLeast):
        found = "no overall level" if reading.overall is None else ladder.rubric.levels[reading.overall].name
    else:
        found = _low_criteria(condition, counted, ladder)
    return f"{found}{where}"


def _low_criteria(condition: CriteriaAtLeast, counted: Counted, ladder: Ladder) -> str:
    rubric, reading = ladder.rubric, counted.reading
    asked = ladder.level(condition.level) or 0
    low = [
        f"{criterion.name} at {rubric.levels[reading.levels[criterion.id]].name}"
        for criterion in rubric.criteria
        if criterion.id in reading.levels and reading.levels[criterion.id] < asked
    ]
    low.extend(f"{criterion.name} not rated" for criterion in rubric.criteria if criterion.id in reading.unrated)
    return ", ".join(low) or "no criterion was applicable"


def _level(level: str, ladder: Ladder | None) -> str:
    index = None if ladder is None else ladder.level(level)
    return level if ladder is None or index is None else ladder.rubric.levels[index].name


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
