"""What is fuzzed: a thing that meets untrusted input, how it may refuse, and inputs to start from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 64 * 1024
"""Longest input that is made for a target, unless it says otherwise."""


@dataclass(frozen=True)
class Target:
    """One thing to fuzz.

    `meet` takes an input, and either comes back or raises one of `refusals`: any other exception is a crash. `seeds`
    are inputs worth changing; those that are JSON are changed as values too. `hostile` are whole attacks, each tried
    once in every run; they may be longer than `most`.
    """

    name: str
    meet: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = ()
    seeds: Callable[[], Iterable[bytes]] = tuple
    hostile: Callable[[], Iterable[bytes]] = tuple
    most: int = MOST_BYTES


def loose(data: bytes) -> Any:
    """Read JSON as Python does, `NaN`, half characters and equal keys included: more than `jsontext` ever lets in.

    What is no JSON is null.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def text(data: bytes) -> str:
    """Read any bytes as text; what is no UTF-8 becomes half characters."""
    return data.decode("utf-8", "surrogateescape")


def member(value: Any, name: str, usual: Any = None) -> Any:
    """Give a member of a value that may be anything."""
    return value.get(name, usual) if isinstance(value, dict) else usual


def written(value: Any) -> bytes:
    """Write a value as an input."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
