"""Whether a learner record hangs together: its members, whom they are about, and how their achievements relate.

The schema of CLR 2.0 looks at none of this (openbadges-clr.md §2.1, §7 rows 21 to 23). Records of others name
achievements that no member holds, and use one id for several: such things are told, not refused. What contradicts
itself is refused. Every function takes any JSON object, never raises, and works in time that grows with its size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from typing import TYPE_CHECKING

from ler_issuer.badges.probes import Fault
from ler_issuer.badges.recipients import same_person
from ler_issuer.badges.records import AssociationType, achievement_of
from ler_issuer.vc import Outcome, as_list, id_of, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ler_issuer.types import Json, JsonObject, Pointer, Url

MOST_FAULTS = 20
"""Faults of one kind that are told of a record; one with more of them is no better understood by reading them."""


@dataclass(frozen=True, slots=True)
class _Stated:
    """An association as a record states it, with its place."""

    type: AssociationType
    source: Url
    target: Url
    pointer: Pointer


def record_problems(document: JsonObject) -> tuple[Fault, ...]:
    """Find what does not hang together in a learner record; of each kind at most `MOST_FAULTS` places are told.

    Codes that begin with `member_` are about the credentials that it bundles, the others about its associations.
    """
    return tuple(fault for kind in (_members, _associations) for fault in islice(kind(document), MOST_FAULTS))


def _subjects(document: JsonObject) -> Iterator[tuple[Pointer, JsonObject]]:
    return ((at, one) for at, one in members(document, "credentialSubject") if isinstance(one, dict))


def _bundled(document: JsonObject) -> Iterator[tuple[Pointer, JsonObject]]:
    """Yield each member with its place."""
    for prefix, subject in _subjects(document):
        for at, member in members(subject, "verifiableCredential"):
            if isinstance(member, dict):
                yield prefix + at, member


def _members(document: JsonObject) -> Iterator[Fault]:
    seen: dict[str, Pointer] = {}
    for pointer, member in _bundled(document):
        named = id_of(member)
        if named is not None and seen.setdefault(named, pointer) != pointer:
            yield Fault("member_id_reused", f"{pointer}/id", named, Outcome.WARNING)
        if not same_person(document, member):
            yield Fault("member_subject_differs", f"{pointer}/credentialSubject", outcome=Outcome.WARNING)


def _associations(document: JsonObject) -> Iterator[Fault]:
    stated = list(_stated(document))
    present = set(_present(document))
    for one in stated:
        for name, achieved in (("sourceId", one.source), ("targetId", one.target)):
            if achieved not in present:
                yield Fault("association_unknown", f"{one.pointer}/{name}", achieved, Outcome.WARNING)
    alike = _classes(one for one in stated if one.type is AssociationType.EXACT_MATCH_OF)
    for relation, peers in (
        ([one for one in map(_below, stated) if one is not None], True),
        ([one for one in stated if one.type is AssociationType.PRECEDES], False),
        ([one for one in stated if one.type is AssociationType.REPLACED_BY], False),
    ):
        yield from _disorder(relation, stated if peers else (), alike)


def _stated(document: JsonObject) -> Iterator[_Stated]:
    """Yield the associations that can be read; what the others lack is the schema's affair."""
    known = {one.value: one for one in AssociationType}
    for prefix, subject in _subjects(document):
        for at, one in members(subject, "association"):
            told = one if isinstance(one, dict) else {}
            kind, source, target = (told.get(name) for name in ("associationType", "sourceId", "targetId"))
            if isinstance(kind, str) and kind in known and isinstance(source, str) and isinstance(target, str):
                yield _Stated(known[kind], source, target, prefix + at)


def _present(document: JsonObject) -> Iterator[Url]:
    """Yield the id of every achievement that the record describes, or that a member is about."""
    for _, subject in _subjects(document):
        yield from (named for one in as_list(subject.get("achievement")) if (named := id_of(one)) is not None)
    yield from (achieved for _, one in _bundled(document) if (achieved := achievement_of(one)) is not None)


def _below(one: _Stated) -> _Stated | None:
    """Give an association that says what is below what, the lower one first; None for any other."""
    match one.type:
        case AssociationType.IS_PART_OF | AssociationType.IS_CHILD_OF:
            return one
        case AssociationType.IS_PARENT_OF:
            return _Stated(one.type, one.target, one.source, one.pointer)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Classes:
    """Achievements that are exact matches of each other, each class under one of its members."""

    above: dict[Url, Url] = field(default_factory=dict)

    def of(self, achievement: Url) -> Url:
        """Give the achievement that stands for the class, and shorten the way to it."""
        way = []
        while (higher := self.above.get(achievement, achievement)) != achievement:
            way.append(achievement)
            achievement = higher
        self.above.update(dict.fromkeys(way, achievement))
        return achievement


def _classes(matches: Iterable[_Stated]) -> _Classes:
    classes = _Classes()
    for one in matches:
        first, second = sorted((classes.of(one.source), classes.of(one.target)))
        classes.above[second] = first
    return classes


def _disorder(relation: Iterable[_Stated], stated: Iterable[_Stated], alike: _Classes) -> Iterator[Fault]:
    """Find what cannot be in a relation that has an order: an achievement above itself, directly or in a circle."""
    peers = {
        frozenset((alike.of(one.source), alike.of(one.target)))
        for one in stated
        if one.type is AssociationType.IS_PEER_OF
    }
    steps: dict[tuple[Url, Url], _Stated] = {}
    for one in relation:
        step = (alike.of(one.source), alike.of(one.target))
        if one.source == one.target:
            yield Fault("association_self", one.pointer, one.source)
        elif step[0] == step[1] or step[::-1] in steps or frozenset(step) in peers:
            yield Fault("association_contradiction", one.pointer, f"{one.source} / {one.target}")
        else:
            steps.setdefault(step, one)
    circle = _circle(steps)
    if circle:
        first = steps[circle[0], circle[1]]
        yield Fault("association_cycle", first.pointer, " / ".join(circle))


def _circle(steps: Mapping[tuple[Url, Url], Json]) -> list[Url]:
    """Give achievements that lead to one another in a circle, the first one again at the end; none when none do."""
    before: dict[Url, set[Url]] = {}
    for source, target in steps:
        before.setdefault(target, set()).add(source)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
