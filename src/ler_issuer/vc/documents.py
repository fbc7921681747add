"""Reading members of documents that may be anything.

Everything in here is total: whatever JSON comes in, an answer comes out. JSON-LD lets one value stand for a list of
one, and an id for an object with that id; these accessors even that out.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Final

import orjson

from ler_issuer.jsontext import escape
from ler_issuer.vc.canonical.bounds import measure
from ler_issuer.vc.problems import PARSING_ERROR, RANGE_ERROR, CannotCanonize, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.jsontext import Survey
    from ler_issuer.types import Json, JsonObject, Pointer

_SHAPE: Final = bytes.maketrans(b"123456789]}+", b"000000000,,-")
_ODD_SHAPES: Final = (b"0" * 16, b"e-0,", b"e-00,", b"e-000,")
"""What stands in the text of every number beyond 10^15, or closer to zero than 10^-6, when so much is made alike."""

LARGEST_INTEGER = 2**53 - 1
"""Integers beyond this are read differently by different JSON parsers (RFC 8259 §6)."""


def as_list(value: Json) -> list[Json]:
    """Give a list as it is, nothing as no item, and any other value as the only item."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def members(document: JsonObject, name: str) -> Iterator[tuple[Pointer, Json]]:
    """Yield each value of a member that may be single or a list, with its JSON Pointer."""
    value = document.get(name)
    if isinstance(value, list):
        place = f"/{escape(name)}/"
        for number, item in enumerate(value):
            yield f"{place}{number}", item
    elif value is not None:
        yield f"/{escape(name)}", value


def types_of(value: Json) -> tuple[str, ...]:
    """Give the `type` values of an object, in order; of anything else, none."""
    if not isinstance(value, dict):
        return ()
    named = value.get("type")
    if isinstance(named, str):
        return (named,)
    return tuple([item for item in as_list(named) if isinstance(item, str)])


def id_of(value: Json) -> str | None:
    """Give the id of a value that is an id, or an object that has one."""
    named = value.get("id") if isinstance(value, dict) else value
    return named if isinstance(named, str) and named else None


def issuer_id(document: Json) -> str | None:
    """Give the id of the issuer that the document names, as a string or as an object with `id`."""
    return id_of(document.get("issuer")) if isinstance(document, dict) else None


def claimed_name(document: Json) -> str | None:
    """Give the name that the issuer claims for itself; nothing vouches for it."""
    issuer = document.get("issuer") if isinstance(document, dict) else None
    name = issuer.get("name") if isinstance(issuer, dict) else None
    return name if isinstance(name, str) else None


def without_proof(document: JsonObject) -> JsonObject:
    """Give the part of a document that its proofs cover."""
    return {name: value for name, value in document.items() if name != "proof"}


def copied(document: JsonObject) -> JsonObject:
    """Copy a document that `measure` has nothing against, with all that is in it."""
    try:
        again: JsonObject = orjson.loads(orjson.dumps(document))  # the quickest way to copy JSON
    except orjson.JSONEncodeError:  # half a character, which has no place in a text
        return copy.deepcopy(document)
    return again


def steady_copy(document: Json) -> JsonObject | None:
    """Copy an object in which surely no text has control characters, and no number is very large or very small.

    Gives None whenever it is not sure, for there is something in a text that looks like such a character or number.
    """
    try:
        written = orjson.dumps(document)
    except TypeError:
        return None
    if b"\\" in written or b"\x7f" in written or b"\xef\xbf" in written:
        return None
    shape = written.translate(_SHAPE)
    if not isinstance(document, dict) or any(odd in shape for odd in _ODD_SHAPES):
        return None
    again: JsonObject = orjson.loads(written)
    return again if again == document else None  # a tuple is written like a list, and what is no number as null


def unfit(document: Json) -> Problem | None:
    """Say why a value cannot be judged as a document, or None when it can."""
    found = surveyed(document)
    return found if isinstance(found, Problem) else None


def surveyed(document: Json, found: Survey | None = None) -> Survey | Problem:
    """Give all that stands in a value that can be judged as a document, or say why it cannot.

    Refuses what is not a JSON object of bearable size and depth, and what strict parsers read differently:
    `jsontext.parse` refuses that too, but a document need not have come that way. If it did, `found` is what
    `jsontext.read` gave along with it. Works without recursion.
    """
    try:
        found = measure(document, found)
    except CannotCanonize as error:
        return error.problem
    return found if _is_sound(found) else _unsound(document) or found


def _is_sound(found: Survey) -> bool:
    """Say whether texts and integers are surely read alike by everybody."""
    if not (found.is_plain and all(abs(number) <= LARGEST_INTEGER for number in found.numbers)):
        return False
    return _pairs_up(found.names) and _pairs_up(found.texts)


def _unsound(document: Json) -> Problem | None:
    """Give the first value that strict parsers read differently, by its place."""
    stack: list[tuple[Json, Pointer]] = [(document, "")]
    while stack:
        value, pointer = stack.pop()
        if isinstance(value, dict):
            stack.extend((item, f"{pointer}/{escape(name)}") for name, item in value.items())
            stack.extend((name, pointer) for name in value)  # looked at first, so that no pointer holds a broken name
        elif isinstance(value, list):
            stack.extend((item, f"{pointer}/{number}") for number, item in enumerate(value))
        elif isinstance(value, str) and not _pairs_up(value):
            return Problem("lone_surrogate", "half a character", pointer, PARSING_ERROR)
        elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            return Problem("number_out_of_range", f"beyond {LARGEST_INTEGER}", pointer, RANGE_ERROR)
    return None


def _pairs_up(text: str) -> bool:
    """Say whether every surrogate in a text has its other half, that is, whether the text can be written in UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
