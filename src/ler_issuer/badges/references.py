"""Whether the results in a badge agree with the achievement that they are results of (openbadges-clr.md §7 row 9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from ler_issuer.badges.probes import Fault, Kind, kind_of
from ler_issuer.vc import Outcome, as_list, id_of, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ler_issuer.types import Json, JsonObject, Pointer

_LONGEST_NUMBER = 100


@dataclass(frozen=True, slots=True)
class Described:
    """The result descriptions of an achievement by id, each with its place and the ids of its levels."""

    contents: Mapping[str, JsonObject]
    places: Mapping[str, Pointer]
    levels: Mapping[str, frozenset[str]]
    any_level: frozenset[str]


def results(document: JsonObject) -> Iterator[Fault]:
    """Look up what each result refers to, and whether its value is one that the achievement foresees."""
    if kind_of(document) is not Kind.BADGE:
        yield Fault("not_a_badge", outcome=Outcome.SKIPPED)
        return
    subjects = ((at, one) for at, one in members(document, "credentialSubject") if isinstance(one, dict))
    prefix, subject = next(subjects, ("", {}))
    reached = [(prefix + at, result) for at, result in members(subject, "result") if isinstance(result, dict)]
    if not reached:
        yield Fault("no_results", outcome=Outcome.SKIPPED)
        return
    described = _described(subject.get("achievement"), f"{prefix}/achievement")
    yield from _required(described)
    for pointer, result in reached:
        yield from _result(result, pointer, described)


def _described(achievement: Json, prefix: Pointer) -> Described:
    contents: dict[str, JsonObject] = {}
    places: dict[str, Pointer] = {}
    for at, content in members(achievement, "resultDescription") if isinstance(achievement, dict) else ():
        name = id_of(content)
        if isinstance(content, dict) and name is not None and name not in contents:
            contents[name], places[name] = content, prefix + at
    levels = {name: _ids(content.get("rubricCriterionLevel")) for name, content in contents.items()}
    return Described(contents, places, levels, frozenset().union(*levels.values()))


def _ids(levels: Json) -> frozenset[str]:
    return frozenset(named for named in map(id_of, as_list(levels)) if named is not None)


def _required(described: Described) -> Iterator[Fault]:
    for name, content in described.contents.items():
        level = content.get("requiredLevel")
        if isinstance(level, str) and level not in described.levels[name]:
            pointer = f"{described.places[name]}/requiredLevel"
            yield Fault("required_level_unknown", pointer, level, Outcome.WARNING)


def _result(result: JsonObject, pointer: Pointer, described: Described) -> Iterator[Fault]:
    named = result.get("resultDescription")
    if isinstance(named, str) and named not in described.contents:
        yield Fault("result_description_unknown", f"{pointer}/resultDescription", named)
        return
    level = result.get("achievedLevel")
    known = described.levels[named] if isinstance(named, str) else described.any_level
    if isinstance(level, str) and level not in known:
        yield Fault("level_unknown", f"{pointer}/achievedLevel", level)
    if isinstance(named, str):
        yield from _reached(result, pointer, described.contents[named])


def _reached(result: JsonObject, pointer: Pointer, description: JsonObject) -> Iterator[Fault]:
    if description.get("resultType") == "Status" and not result.get("status"):
        yield Fault("result_status_missing", pointer)
    value = result.get("value")
    if not isinstance(value, str):
        return
    allowed = as_list(description.get("allowedValue"))
    if allowed and value not in allowed:
        yield Fault("value_not_allowed", f"{pointer}/value", value, Outcome.WARNING)
    low, high = read_number(description.get("valueMin")), read_number(description.get("valueMax"))
    reached = None if low is None and high is None else read_number(value)
    if reached is not None and ((low is not None and reached < low) or (high is not None and reached > high)):
        yield Fault("value_out_of_range", f"{pointer}/value", value, Outcome.WARNING)


def read_number(text: Json) -> Decimal | None:
    """Read a finite number that stands in a string; None when it is none, or longer than a number needs to be."""
    if not isinstance(text, str) or len(text) > _LONGEST_NUMBER:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def foreseen(achievement: Json) -> Described:
    """Give what the results of an achievement may refer to and say, for `disagree`."""
    return _described(achievement, "")


def disagree(reached: Iterable[Json], described: Described) -> bool:
    """Say whether `results` would find fault with the results of a badge whose achievement foresees as described."""
    faults = (_result(one, "", described) for one in reached if isinstance(one, dict))
    return any(True for found in faults for _ in found)
