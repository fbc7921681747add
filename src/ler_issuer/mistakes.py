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
            within + pointer(document, one["loc"]) + one.get("ctx", {}).get("at", ""),
            str(one["type"]),
            str(one["msg"]).removeprefix("Value error, "),
        )
        for one in errors
    ]


def pointer(document: Json, location: Sequence[str | int]) -> Pointer:
    """Turn a location of pydantic's into a JSON Pointer.

    A location also names the alternative of a union that was tried; such a part is not in the document and is left out.
    The last part stays when it names a member that is missing.
    """
    found = ""
    here = document
    for number, part in enumerate(location, start=1):
        if _has(here, part):
            here = here[part]
        elif not isinstance(here, dict) or number < len(location):
            continue
        found += f"/{jsontext.escape(part)}"
    return found


def _has(value: Json, part: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value
