"""Scales: read what a rating says on a rubric, compare levels, and find the overall level.

A level is worked with as its index on the rubric, 0 being the lowest, so that comparing levels is comparing numbers.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache
from math import floor
from typing import TYPE_CHECKING

from typing_extensions import override

from ler_issuer.assessments.model import Rating, Result
from ler_issuer.assessments.rubrics import Criterion, Level, OverallBy, Rubric, ScoreScale
from ler_issuer.assessments.values import plain
from ler_issuer.errors import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ler_issuer.assessments.model import LearnerRef


@dataclass(frozen=True, slots=True)
class Reading:
    """What one result says on a rubric.

    `levels` holds the applicable criteria by id, each with the index of its level; `overall` the index of the overall
    level, where there is one. `unrated` names the criteria that are neither rated nor said not to apply: until they
    are, no overall level follows. `problems` says what could not be read: nothing may be concluded from such a reading.
    """

    levels: Mapping[str, int] = field(default_factory=dict)
    overall: int | None = None
    unrated: tuple[str, ...] = ()
    problems: tuple[Place, ...] = ()


NOTHING = Reading()
"""The reading of a result without ratings."""


_SMALL_NUMBER = re.compile(r"[1-9][0-9]?")


class _Itself:
    """A rubric as itself, found again without comparing all that stands in it."""

    __slots__ = ("rubric",)

    def __init__(self, rubric: Rubric) -> None:
        self.rubric = rubric

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.rubric is other.rubric

    @override
    def __hash__(self) -> int:
        return id(self.rubric)


def ladder_of(rubric: Rubric) -> Ladder:
    """Make a rubric ready for reading ratings, once as long as it comes again."""
    return _ladder(_Itself(rubric))


@lru_cache(maxsize=256)
def _ladder(of: _Itself) -> Ladder:
    return Ladder(of.rubric)


class Ladder:
    """A rubric made ready for reading ratings: names resolved, levels as indexes, points as exact numbers."""

    __slots__ = ("_criteria", "_levels", "_points", "rubric")

    def __init__(self, rubric: Rubric) -> None:
        """Index the criteria and levels of a rubric by id, by name and (levels) by number."""
        self.rubric = rubric
        self._criteria = _index(rubric.criteria)
        self._levels = _index(rubric.levels)
        self._points = [
            Fraction(number if level.points is None else level.points) for number, level in enumerate(rubric.levels, 1)
        ]

    def criterion(self, text: str) -> str | None:
        """Give the id of the criterion that `text` names, by id or else by name in any case."""
        index = _find(text, self._criteria)
        return None if index is None else self.rubric.criteria[index].id

    def level(self, text: str) -> int | None:
        """Give the level that `text` names: by id, else by name in any case, else by number counted from 1."""
        index = _find(text, self._levels)
        if index is None and _SMALL_NUMBER.fullmatch(text) and int(text) <= len(self.rubric.levels):
            return int(text) - 1
        return index

    def mean(self, levels: Sequence[int]) -> int:
        """Give the level that the mean of one or more levels is rounded to, as the rubric says.

        The mean is taken over points. `nearest` rounds a mean half-way between two levels up.
        """
        mean = sum((self._points[level] for level in levels), Fraction(0)) / len(levels)
        below, above = bisect_right(self._points, mean) - 1, bisect_left(self._points, mean)
        match self.rubric.rounding:
            case "down":
                return below
            case "up":
                return above
            case "nearest":
                return below if mean - self._points[below] < self._points[above] - mean else above

    def overall(self, levels: Collection[int], *, rated: int | None = None) -> int | None:
        """Give the overall level that follows from the levels of the applicable criteria; none follows from none.

        `rated` is the overall level that the assessor gave, which is what counts on a `holistic` rubric. The `mode`
        is the most frequent level, the lower of two that are equally frequent.
        """
        if self.rubric.overall is OverallBy.HOLISTIC:
            return rated
        if not levels:
            return None
        match self.rubric.overall:
            case OverallBy.LOWEST:
                return min(levels)
            case OverallBy.MEAN:
                return self.mean(tuple(levels))
            case OverallBy.MODE:
                return min(Counter(levels).items(), key=lambda entry: (-entry[1], entry[0]))[0]

    def read(self, ratings: Sequence[Rating], overall_level: str | None) -> Reading:
        """Read ratings on this rubric; what cannot be resolved is reported with its place in the result."""
        levels: dict[str, int] = {}
        problems: list[Place] = []
        seen: set[str] = set()
        for number, rating in enumerate(ratings):
            criterion = self.criterion(rating.criterion)
            level = None if rating.level is None else self.level(rating.level)
            if criterion is None:
                problems.append(_unknown(f"/ratings/{number}/criterion", rating.criterion, self.rubric.criteria))
            elif criterion in seen:
                detail = f"the criterion {criterion!r} is rated twice"
                problems.append(Place(f"/ratings/{number}/criterion", "rated_twice", detail))
            elif rating.level is not None and level is None:
                problems.append(_unknown(f"/ratings/{number}/level", rating.level, self.rubric.levels))
            elif level is not None:
                levels[criterion] = level
            seen.add(criterion or "")
        rated = None if overall_level is None else self.level(overall_level)
        if overall_level is not None and rated is None:
            problems.append(_unknown("/overall_level", overall_level, self.rubric.levels))
        unrated = tuple(criterion.id for criterion in self.rubric.criteria if criterion.id not in seen)
        return self.reading(levels, unrated=unrated, rated=rated, problems=tuple(problems))

    def reading(
        self,
        levels: Mapping[str, int],
        *,
        unrated: tuple[str, ...] = (),
        rated: int | None = None,
        problems: tuple[Place, ...] = (),
    ) -> Reading:
        """Complete a reading by the overall level that its criteria (or the assessor, on a holistic rubric) give."""
        derivable = not unrated or self.rubric.overall is OverallBy.HOLISTIC
        overall = self.overall(levels.values(), rated=rated) if derivable else None
        return Reading(levels, overall, unrated, problems)


@dataclass(frozen=True, slots=True)
class _Index:
    """Where an entry stands, by its id and by its name in lower case."""

    ids: Mapping[str, int]
    names: Mapping[str, int]


def _index(entries: Sequence[Criterion | Level]) -> _Index:
    return _Index(
        ids={entry.id: number for number, entry in enumerate(entries)},
        names={entry.name.casefold(): number for number, entry in enumerate(entries)},
    )


def _find(text: str, index: _Index) -> int | None:
    found = index.ids.get(text)
    return index.names.get(text.casefold()) if found is None else found


def _unknown(pointer: str, text: str, entries: Sequence[Criterion | Level]) -> Place:
    what = pointer.rpartition("/")[2]
    known = [entry.id for entry in entries]
    near = get_close_matches(text.casefold(), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
    return Place(pointer, f"unknown_{what}", f"the rubric has no {what.replace('_', ' ')} {text!r}; {hint}")


def misspelt_addresses(learner: LearnerRef) -> tuple[Place, ...]:
    """Say which e-mail addresses of a learner cannot be any: a credential would carry the hash of nobody's address."""
    return tuple(
        Place(f"/learner/identifiers/{number}/value", "not_an_address", f"{one.value!r} is no e-mail address")
        for number, one in enumerate(learner.identifiers)
        if one.type == "emailAddress" and not all(one.value.partition("@"))
    )


def check(result: Result, rubric: Rubric | None, score_scale: ScoreScale | None) -> tuple[Place, ...]:
    """Say what in a result does not fit the scales of its achievement; nothing means that it fits.

    An achievement may have a rubric, a score range, or both (different results of it may then be either).
    """
    problems: list[Place] = []
    if result.score is not None:
        problems.extend(_check_score(result.score, score_scale))
    if rubric is None:
        problems.extend(
            Place(f"/{member}", "no_rubric", "the achievement has no rubric to read this on")
            for member, given in (("ratings", result.ratings), ("overall_level", result.overall_level))
            if given
        )
        return tuple(problems)
    if result.overall_level is not None and rubric.overall is not OverallBy.HOLISTIC:
        detail = f"the overall level of this rubric follows from its criteria ({rubric.overall})"
        problems.append(Place("/overall_level", "overall_is_derived", detail))
    problems.extend(ladder_of(rubric).read(result.ratings, result.overall_level).problems)
    return tuple(problems)


def _check_score(score: Decimal, scale: ScoreScale | None) -> Iterable[Place]:
    if scale is None:
        yield Place("/score", "no_score_range", "the achievement takes no score")
    elif not scale.minimum <= score <= scale.maximum:
        detail = f"{plain(score)} is not between {plain(scale.minimum)} and {plain(scale.maximum)}"
        yield Place("/score", "score_out_of_range", detail)


def written(number: Fraction, *, beside: Decimal | None = None) -> Decimal:
    """Write an exact number as a decimal: exactly where six places suffice, else rounded down to two.

    Down, and to no fewer places than the minimum that it is put `beside`, so that a mean that missed a minimum never
    looks as if it had reached it.
    """
    scaled = number * 10**6
    if scaled.denominator == 1:
        return Decimal(scaled.numerator).scaleb(-6)
    exponent = 0 if beside is None else beside.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return Decimal(floor(number * 10**places)).scaleb(-places)
