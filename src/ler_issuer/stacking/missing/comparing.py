"""Comparing: whether one set of next steps asks no more than another, so that the other need not be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, islice, product
from typing import Final

from ler_issuer.stacking.missing.asking import Scales
from ler_issuer.stacking.missing.pairing import can_be_paired
from ler_issuer.stacking.missing.steps import Jointly, Like, MissingPart, NextSteps

_MOST_WAYS: Final = 24  # ways to do a set that are compared with ways to do another


def is_no_more_than(one: NextSteps, other: NextSteps, scales: Scales) -> bool:
    """Say whether whoever does what the other set asks has done all that this one asks.

    Where that is too long to find out, or depends on the order or on amounts, only when both say the same.
    """
    asked, done = list(_ways(one, scales)), list(_ways(other, scales))
    plain = not any(part.after for part in one.parts) and not any(map(_is_amount, one.jointly))
    if not plain or max(len(asked), len(done)) > _MOST_WAYS:
        return _without_places(one) == _without_places(other)
    return all(
        any(_does(way, some, scales) for some in asked for way in _views(whole, other))
        for whole in done
    )


def _does(done: Sequence[MissingPart], asked: Sequence[MissingPart], scales: Scales) -> bool:
    return can_be_paired(asked, done, lambda part, does: _is_done_by(part, does, scales))


def _is_done_by(part: MissingPart, other: MissingPart, scales: Scales) -> bool:
    return (
        part.like.asked().is_no_more_than(other.like.asked(), scales)
        and set(part.different) <= set(other.different)
        and _is_enough(part.hours, other.hours)
        and _is_enough(part.credits, other.credits)
    )


def _is_enough(asked: Decimal | None, brought: Decimal | None) -> bool:
    return asked is None or (brought is not None and asked <= brought)


def _is_amount(one: Jointly) -> bool:
    return one.hours is not None or one.credits is not None


def _ways(steps: NextSteps, scales: Scales) -> Iterator[list[MissingPart]]:
    """Yield the ways to do a set, holding by holding: whichever do what is asked of several together."""
    places = [place for place, part in enumerate(steps.parts) for _ in range(part.times)]
    conditions = [one for one in steps.jointly if not _is_amount(one)]
    choices = [
        combinations([number for number, place in enumerate(places) if place in one.parts], one.minimum)
        for one in conditions
    ]
    for chosen in islice(product(*choices), _MOST_WAYS + 1) if _are_few(steps) else [()] * (_MOST_WAYS + 1):
        way = [replace(steps.parts[place], times=1) for place in places]
        for one, bearing in zip(conditions, chosen, strict=False):
            for number in bearing:
                way[number] = _bearing(way[number], one, scales)
        yield way
