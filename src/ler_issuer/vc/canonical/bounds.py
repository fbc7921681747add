"""What one document may cost: bounds that keep the work on any input short, published so that senders can know them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from ler_issuer.jsontext import MAX_DEPTH
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc.problems import MALFORMED_VALUE_ERROR, CannotCanonize, Problem

MAX_CHARACTERS: Final = 1024 * 1024
"""Characters in the names and strings of a document."""

MAX_NAME: Final = 2_000
"""Characters of the name of one member; it is handled again for every value that it has."""

MAX_VALUES: Final = 50_000
"""Members and items of a document, at all depths."""

MAX_CONTEXTS_HERE: Final = 12
"""Contexts that one `@context` may list."""

MAX_CONTEXT_STEPS: Final = 150
"""Different places in a document at which a context changes the meaning of terms; a large CLR has about forty."""

MAX_LOST: Final = 50
"""Problems of lost data that are listed; one is enough to refuse a document."""


def measure(document: JsonObject) -> None:
    """Check that a document is JSON of a size and depth that is handled.

    Raises:
        CannotCanonize: not a JSON object, or larger or deeper than the bounds.

    """
    if not isinstance(document, dict):
        raise _refused("not_an_object", "a document is a JSON object")
    characters = values = 0
    level: list[Json] = [document]
    for _ in range(MAX_DEPTH + 1):
        characters += sum(map(_characters, level))
        level = [item for value in level for item in _items(value)]
        values += len(level)
        if values > MAX_VALUES or characters > MAX_CHARACTERS:
            raise _refused("too_large", f"more than {MAX_VALUES} values or {MAX_CHARACTERS} characters")
        if not level:
            return
    raise _refused("too_deep", f"nested deeper than {MAX_DEPTH} levels")


def _items(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _characters(value: Json) -> int:
    """Count the characters of a value itself, without those of its items."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise _refused("not_a_json_value", "the name of a member is not text")
        if any(len(name) > MAX_NAME for name in value):
            raise _refused("too_large", f"the name of a member has more than {MAX_NAME} characters")
        return sum(map(len, value))
    if isinstance(value, list | int | None) or (isinstance(value, float) and math.isfinite(value)):
        return 1
    raise _refused("not_a_json_value", f"a {type(value).__name__} or infinite number is not a JSON value")


def _refused(code: str, detail: str) -> CannotCanonize:
    return CannotCanonize(Problem(code, detail, type=MALFORMED_VALUE_ERROR))
