"""Selecting parts of a document by JSON Pointers (VC-DI-ECDSA §3.4.11 to §3.4.13).

What is selected is a document again: every object on the way to a part keeps what says which thing of which type it is,
and its contexts; arrays close up over what was left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from ler_issuer.jsontext import escape
from ler_issuer.types import Json, JsonObject, Pointer
from ler_issuer.vc.problems import PROOF_GENERATION_ERROR, Problem

MAX_POINTERS: Final = 500
MAX_POINTER: Final = 2_000
"""Characters of one pointer."""

_ALWAYS: Final = ("@context", "id", "type")
"""Members that come along with an object of which any part is selected."""

_STEP: Final = re.compile(r"(?:[^~]|~[01])*")
_INDEX: Final = re.compile(r"0|[1-9][0-9]*")

_OF_ONE: Final = frozenset({"pointer_unmatched", "pointer_splits"})
_OF_ALL: Final = frozenset({"nothing_selected", "too_many_pointers"})
_SHOWN: Final = 200
"""Characters that a message repeats of a pointer."""


class Unselectable(Exception):
    """Pointers do not select parts of a document; `problems` says why, never empty, each at the pointer's place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Carry every problem that was found."""
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.pointer or '/'}: {problem.detail}" for problem in self.problems))


class Selection(NamedTuple):
    """A part of a document; `origins` says for each object and array of it where in the document it stood."""

    document: JsonObject
    origins: Mapping[Pointer, Pointer]


class Outline(NamedTuple):
    """What of a document is in a part of it and what is not, each told by the pointer to the largest such value.

    Contexts are not told.
    """

    shown: tuple[Pointer, ...]
    withheld: tuple[Pointer, ...]


def select(document: JsonObject, pointers: Sequence[Pointer]) -> Selection:
    """Give the part of a document that JSON Pointers name; the empty pointer names all of it.

    The values in it are those of the document, not copies.

    Raises:
        Unselectable: a pointer names nothing in the document (`pointer_unmatched`), or there are too many of them.

    """
    origins: dict[Pointer, Pointer] = {}
    return Selection(_rendered(document, _chosen(document, pointers), ("", ""), origins), origins)


def outline(document: JsonObject, pointers: Sequence[Pointer]) -> Outline:
    """Tell what of a document is in the part that JSON Pointers name, and what is not.

    Raises:
        Unselectable: as `select`.

    """
    shown: list[Pointer] = []
    withheld: list[Pointer] = []
    _tell(document, _chosen(document, pointers), "", shown, withheld)
    return Outline(tuple(shown), tuple(withheld))


def in_request(problems: Iterable[Problem], pointers: Sequence[Pointer], place: Pointer) -> Iterator[Problem]:
    """Say of each problem with pointers where in a request they stand, in a list at `place`; others stay as they are.

    A problem names a pointer by itself, and that may be the place of another problem too: so it goes by the code. A
    pointer that was sent twice is told twice.
    """
    numbers: dict[Pointer, list[int]] = {}
    for number, pointer in enumerate(pointers):
        numbers.setdefault(pointer[:MAX_POINTER], []).append(number)
    for problem in dict.fromkeys(problems):
        if problem.code in _OF_ONE and problem.pointer in numbers:
            yield from (replace(problem, pointer=f"{place}/{number}") for number in numbers[problem.pointer])
        else:
            yield replace(problem, pointer=place) if problem.code in _OF_ONE | _OF_ALL else problem


def _chosen(document: JsonObject, pointers: Sequence[Pointer]) -> _Choice:
    if len(pointers) > MAX_POINTERS:
        detail = f"more than {MAX_POINTERS} pointers, the mandatory ones counted"
        raise Unselectable([_problem("too_many_pointers", detail, "")])
    root, unmatched = _Choice(), []
    for pointer in pointers:
        steps = _steps(document, pointer)
        if steps is None:
            unmatched.append(_problem("pointer_unmatched", _why_unmatched(pointer), pointer[:MAX_POINTER]))
        else:
            root.choose(steps)
    if unmatched:
        raise Unselectable(unmatched)
    return root


def _why_unmatched(pointer: Pointer) -> str:
    if pointer[:1] not in {"", "/"}:
        return f"{pointer[:_SHOWN]!r} is no JSON Pointer: that begins with '/', or is empty for the whole"
    return f"there is nothing at {pointer[:_SHOWN]!r} that could be disclosed by itself"


def splitting(pointer: Pointer) -> Problem:
    """Say that a part was selected which says something else by itself; the empty pointer is that of nobody knows."""
    named = f"{pointer[:_SHOWN]!r} names" if pointer else "one of the pointers names"
    detail = f"{named} a part of a list or of a text with its language, which says something else by itself"
    return _problem("pointer_splits", detail, pointer)


class _Choice:
    """What is chosen of a value: some of its members or items, or all of it."""

    def __init__(self) -> None:
        self.parts: dict[str | int, _Choice] = {}
        self.is_whole = False

    def choose(self, steps: Sequence[str | int]) -> None:
        choice = self
        for step in steps:
            choice = choice.parts.setdefault(step, _Choice())
        choice.is_whole = True


def _steps(value: Json, pointer: Pointer) -> list[str | int] | None:
    """Read a pointer as the way to a value; None if there is no such value, or it cannot be selected by itself."""
    if len(pointer) > MAX_POINTER or pointer[:1] not in {"", "/"}:
        return None
    steps: list[str | int] = []
    for token in pointer.split("/")[1:]:
        step = _step(value, token)
        if step is None:
            return None
        steps.append(step)
        value = value[step]
    return steps


def _step(value: Json, token: str) -> str | int | None:
    if isinstance(value, list):
        index = int(token) if _INDEX.fullmatch(token) else len(value)
        return index if index < len(value) else None
    name = token.replace("~1", "/").replace("~0", "~")
    if not isinstance(value, dict) or not _STEP.fullmatch(token) or name not in value or name == "@context":
        return None
    return name


def _rendered(value: Json, choice: _Choice, at: tuple[Pointer, Pointer], origins: dict[Pointer, Pointer]) -> Json:
    """Give what is chosen of a value, which stands at one place in the selection and at another in the document."""
    here, there = at
    if not isinstance(value, dict | list):
        return value
    origins[here] = there
    if isinstance(value, dict):
        names = (name for name in value if choice.is_whole or name in choice.parts or name in _ALWAYS)
        return {
            name: _rendered(value[name], _of(choice, name), (_to(here, name), _to(there, name)), origins)
            for name in names
        }
    numbers = range(len(value)) if choice.is_whole else sorted(number for number in choice.parts if type(number) is int)
    return [
        _rendered(value[old], _of(choice, old), (_to(here, new), _to(there, old)), origins)
        for new, old in enumerate(numbers)
    ]


def _tell(value: Json, choice: _Choice, here: Pointer, shown: list[Pointer], withheld: list[Pointer]) -> None:
    for step, item in value.items() if isinstance(value, dict) else enumerate(value):
        place = _to(here, step)
        if step == "@context":
            continue
        if step in _ALWAYS or choice.is_whole or (step in choice.parts and choice.parts[step].is_whole):
            shown.append(place)
        elif step in choice.parts:
            _tell(item, choice.parts[step], place, shown, withheld)
        else:
            withheld.append(place)


_WHOLE: Final = _Choice()
_WHOLE.is_whole = True


def _of(choice: _Choice, step: str | int) -> _Choice:
    return _WHOLE if choice.is_whole or step in _ALWAYS else choice.parts[step]


def _to(place: Pointer, step: str | int) -> Pointer:
    return f"{place}/{escape(step)}"


def _problem(code: str, detail: str, pointer: Pointer) -> Problem:
    return Problem(code, detail, pointer, PROOF_GENERATION_ERROR)
