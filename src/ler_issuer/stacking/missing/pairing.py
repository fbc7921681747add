"""Pairing: giving each of some things one of some others that suits it, no two of them the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_One = TypeVar("_One")
_Other = TypeVar("_Other")


def paired(ones: Sequence[_One], others: Sequence[_Other], suits: Callable[[_One, _Other], bool]) -> dict[_One, _Other]:
    """Give as many as possible one of the others, each a different one (augmenting paths)."""
    return {ones[one]: others[other] for one, other in _pairs(ones, others, suits).items()}


def can_be_paired(ones: Sequence[_One], others: Sequence[_Other], suits: Callable[[_One, _Other], bool]) -> bool:
    """Say whether each can be given a different one of the others."""
    return len(ones) <= len(others) and len(_pairs(ones, others, suits)) == len(ones)


def _pairs(ones: Sequence[_One], others: Sequence[_Other], suits: Callable[[_One, _Other], bool]) -> dict[int, int]:
    taken: dict[int, int] = {}

    def find(one: int, tried: set[int]) -> bool:
        for other in range(len(others)):
            if other not in tried and suits(ones[one], others[other]):
                tried.add(other)
                if other not in taken or find(taken[other], tried):
                    taken[other] = one
                    return True
        return False

    for one in range(len(ones)):
        find(one, set())
    return {one: other for other, one in taken.items()}
