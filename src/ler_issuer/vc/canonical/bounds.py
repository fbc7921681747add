"""What one document may cost: bounds that keep the work on any input short, published so that senders can know them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import chain
from typing import Final

from ler_issuer.jsontext import MAX_DEPTH, Survey, survey
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

MAX_CONTEXTS_READ: Final = 600
"""Contexts that are read at all these places together, each of a list counted: about a second's work, where all of them
are new. A large CLR needs about a hundred."""

MAX_SECONDS: Final = 5.0
"""Time that the general path takes to expand one document; an ordinary one takes it a few thousandths of a second."""

MAX_LOST: Final = 50
"""Problems of lost data that are listed; one is enough to refuse a document."""


def measure(document: JsonObject, found: Survey | None = None) -> Survey:
    """Check that a document is JSON of a size and depth that is handled; give what stands in it.

    `found` is all that stands in it, if somebody looked before.

    Raises:
        CannotCanonize: not a JSON object, or larger or deeper than the bounds.

    """
    if not isinstance(document, dict):
        raise _refused("not_an_object", "a document is a JSON object")
    if found is None:
        found = survey(document, deepest=MAX_DEPTH + 1, most=MAX_VALUES)
    if not (found.is_plain and found.levels <= MAX_DEPTH + 1 and found.values <= MAX_VALUES and _is_small(found)):
        _measure_exactly(document)
    return found


def _is_small(found: Survey) -> bool:
    """Say whether names and texts are surely within the bounds, and numbers are finite."""
    characters = len(found.names) + len(found.texts) + found.values
    longest = len(found.names)
    if longest > MAX_NAME:
        longest = max(map(len, chain.from_iterable(found.objects)))
    return characters < MAX_CHARACTERS and longest <= MAX_NAME and all(map(_is_finite, found.numbers))


def _is_finite(number: float) -> bool:
    return type(number) is int or math.isfinite(number)


def _measure_exactly(document: JsonObject) -> None:
    """Count every value and character, and refuse the first that is out of bounds or no JSON."""
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
