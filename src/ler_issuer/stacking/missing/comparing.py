"""Comparing: whether one set of next steps asks no more than another, so that the other need not be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, product
from math import comb, prod
from typing import Final

from ler_issuer.stacking.missing.asking import Scales
from ler_issuer.stacking.missing.pairing import can_be_paired
from ler_issuer.stacking.missing.steps import Jointly, Like, MissingPart, NextSteps

_MOST_WAYS: Final = 24  # ways to do a set that are compared with ways to do another


def is_no_more_than(one: NextSteps, other: NextSteps, scales: Scales) -> bool:
    """Say whether whoever does what the other set asks has done all that this one asks.

    Where order or amounts matter, or it would take long to find out, only when both say the same.
    """
    plain = not any(part.after for part in one.parts) and not any(map(_is_amount, one.jointly))
    if not plain or max(_count_ways(one), _count_ways(other)) > _MOST_WAYS:
        return _without_places(one) == _without_places(other)
    asked = list(_ways(one, scales))
    return all(
        any(_is_done(some, seen, scales) for some in asked for seen in _views(done, other, scales))
        for done in _ways(other, scales)
    )


def _is_done(asked: Sequence[MissingPart], done: Sequence[MissingPart], scales: Scales) -> bool:
    return can_be_paired(
        asked,
        done,
        lambda part, does: (
            part.like.asked().is_no_more_than(does.like.asked(), scales)
            and set(part.different) <= set(does.different)
            and _is_enough(part.hours, does.hours)
            and _is_enough(part.credits, does.credits)
        ),
    )


def _is_enough(asked: Decimal | None, brought: Decimal | None) -> bool:
    return asked is None or (brought is not None and asked <= brought)


def _is_amount(one: Jointly) -> bool:
    return one.hours is not None or one.credits is not None


# ── Ways to do a set ─────────────────────────────────────────────────────────────────────────────────────────────────
def _places(steps: NextSteps) -> list[int]:
    """Give the part of each holding."""
    return [place for place, part in enumerate(steps.parts) for _ in range(part.times)]


def _count_ways(steps: NextSteps) -> int:
    places = _places(steps)
    return prod(
        comb(sum(place in one.parts for place in places), one.minimum) for one in steps.jointly if not _is_amount(one)
    )


def _ways(steps: NextSteps, scales: Scales) -> Iterator[list[MissingPart]]:
    """Yield the ways to do a set, holding by holding: whichever of them do what is asked of several together."""
    places = _places(steps)
    conditions = [one for one in steps.jointly if not _is_amount(one)]
    choices = [
        combinations([number for number, place in enumerate(places) if place in one.parts], one.minimum)
        for one in conditions
    ]
    for chosen in product(*choices):
        way = [replace(steps.parts[place], times=1) for place in places]
        for one, bearing in zip(conditions, chosen, strict=True):
            for number in bearing:
                way[number] = _bearing(way[number], one, scales)
        yield way


def _bearing(part: MissingPart, one: Jointly, scales: Scales) -> MissingPart:
    """Give a part that also does what is asked of several."""
    if one.different is not None:
        return replace(part, different=(*part.different, one.different))
    both = part.like.asked().and_also(one.like.asked(), scales, raising=True)
    return part if both is None else replace(part, like=Like.of(both))


def _views(way: list[MissingPart], steps: NextSteps, scales: Scales) -> Iterator[list[MissingPart]]:
    """Yield a way as it is, and with those that bring an amount together seen as one that brings it all."""
    yield way
    places = _places(steps)
    for one in filter(_is_amount, steps.jointly):
        rest = [part for part, place in zip(way, places, strict=True) if place not in one.parts]
        alike = {part.like for part, place in zip(way, places, strict=True) if place in one.parts}
        both = one.like.asked().and_also(alike.pop().asked(), scales) if len(alike) == 1 else None
        like = one.like if both is None else Like.of(both)
        yield [*rest, MissingPart(like=like, hours=one.hours, credits=one.credits)]


def _without_places(steps: NextSteps) -> object:
    """Give what a set asks, wherever in the rule that serves."""
    return (
        [replace(part, serves=(), sentence="") for part in steps.parts],
        [replace(one, sentence="") for one in steps.jointly],
    )
