"""What pydantic found wrong with a document, as places in that document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from ler_issuer import jsontext
from ler_issuer.errors import Malformed, Place, Refusal, Unacceptable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from ler_issuer.types import Json, Pointer


BROKEN_RULE = "breaks_rule"
"""The code of a document that can be read and contradicts itself, or a rule of ours."""


def broken(detail: str, at: Pointer = "") -> PydanticCustomError:
    """Make what a validator raises when well-formed members do not go together; `at` names the culprit."""
    return PydanticCustomError(BROKEN_RULE, "{detail}", {"detail": detail, "at": at})


_PATTERN: Final = "string_pattern_mismatch"
_OF_LISTS: Final = frozenset({"tuple_type", "too_long", "too_short"})
_QUOTED: Final = 200
"""Characters that a message repeats of a text."""


def in_words(meaning: str) -> WrapValidator:
    """Say in words what a text with a pattern has to be, instead of the pattern; put behind its constraints."""

    def read(value: object, inner: Callable[[object], str]) -> str:
        try:
            return inner(value)
        except ValidationError as error:
            if all(one["type"] != _PATTERN for one in error.errors()):
                raise
            told = {"text": repr(str(value)[:_QUOTED]), "meaning": meaning}
            raise PydanticCustomError(_PATTERN, "{text} is no {meaning}", told) from None

    return WrapValidator(read)


def refusal(detail: str, errors: Sequence[Mapping[str, Any]], document: Json, *, within: Pointer = "") -> Refusal:
    """Give the refusal that pydantic's errors amount to: unacceptable when only rules are broken, else malformed."""
    kind = Unacceptable if all(one["type"] == BROKEN_RULE for one in errors) else Malformed
    return kind(detail, problems=places(errors, document, within=within))


def places(errors: Iterable[Mapping[str, Any]], document: Json, *, within: Pointer = "") -> list[Place]:
    """Name each of pydantic's errors by a pointer into the document that it looked at; `within` goes before them."""
    return [
        Place(
            within + pointer(document, one["loc"], whole=one["type"] != BROKEN_RULE) + one.get("ctx", {}).get("at", ""),
            str(one["type"]),
            _said(one),
        )
        for one in errors
    ]


def _said(error: Mapping[str, Any]) -> str:
    """Give the words of an error; nobody who writes JSON knows of tuples."""
    said = str(error["msg"]).removeprefix("Value error, ")
    return said.replace("tuple", "list").replace("Tuple", "List") if error["type"] in _OF_LISTS else said


def without_echoes(problems: Iterable[Place]) -> list[Place]:
    """Leave out that a list is too short where pydantic says so only because one of its items is wrong."""
    found = list(problems)
    return [
        one
        for one in found
        if one.code != "too_short" or not any(other.pointer.startswith(f"{one.pointer}/") for other in found)
    ]


def pointer(document: Json, location: Sequence[str | int], *, whole: bool = True) -> Pointer:
    """Turn a location of pydantic's into a JSON Pointer.

    A location also names the alternative of a union that was tried; such a part is not in the document and is left out.
    The last part stays when it may name a member that is missing (`whole`).
    """
    found = ""
    here = document
    for number, part in enumerate(location, start=1):
        if _has(here, part):
            here = here[part]
        elif not isinstance(here, dict) or number < len(location) or not whole:
            continue
        found += f"/{jsontext.escape(part)}"
    return found


def _has(value: Json, part: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value
