"""What pydantic found wrong with a document, as places in that document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from ler_issuer import jsontext
from ler_issuer.errors import Malformed, Place, Refusal, Unacceptable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from ler_issuer.types import Json, Pointer


BROKEN_RULE = "breaks_rule"
"""The code of a document that can be read and contradicts itself, or a rule of ours."""


def broken(detail: str, at: Pointer = "") -> PydanticCustomError:
    """Make what a validator raises when well-formed members do not go together; `at` names the culprit."""
    return PydanticCustomError(BROKEN_RULE, "{detail}", {"detail": detail, "at": at})


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
            str(one["msg"]).removeprefix("Value error, "),
        )
        for one in errors
    ]


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
