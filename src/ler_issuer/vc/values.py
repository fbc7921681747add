"""What the values in credentials may be: identifiers, types, text with a language, objects that say what they are.

Everything in here is total: any JSON in, problems out. The rules are those of VCDM 2.0 §4.4 to §4.6; what a term means
is for JSON-LD to say, and not looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ler_issuer.vc.documents import as_list, members
from ler_issuer.vc.problems import MALFORMED_VALUE_ERROR, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import Json, JsonObject, Pointer

_NAME = r"[^\x00-\x20\x7f-\xa0<>\"{}|\\^`]"
_URL = re.compile(rf"(?:(?!https?:|did:)[A-Za-z][A-Za-z0-9+.-]*:{_NAME}+|https?://(?![/?#]){_NAME}+)", re.IGNORECASE)
_DID = re.compile(rf"did:[a-z0-9]+:{_NAME}+")
_TERM = re.compile(rf"(?!@)(?!.*:){_NAME}+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_TEXT_MEMBERS = frozenset({"@value", "@language", "@direction"})
_DIRECTIONS = ("ltr", "rtl")


def is_url(value: Json) -> bool:
    """Say whether a value is one absolute URL (or IRI): a scheme and something after it, without blanks.

    An `http` or `https` URL must name a host, a DID its method; any other scheme is taken as it is.
    """
    if not isinstance(value, str):
        return False
    return _URL.fullmatch(value) is not None or _DID.fullmatch(value) is not None


def malformed(code: str, detail: str, pointer: Pointer) -> Problem:
    """Name a value that has another form than the data model gives it."""
    return Problem(code, detail, pointer, MALFORMED_VALUE_ERROR)


def id_problems(item: JsonObject, pointer: Pointer, *, required: bool = False) -> Iterator[Problem]:
    """Check `id` of an object: one URL if there is any (VCDM 2.0 §4.4)."""
    if "id" not in item:
        if required:
            yield malformed("id_missing", "an id is needed here", pointer)
    elif not is_url(item["id"]):
        yield malformed("id_malformed", "an id is one URL", f"{pointer}/id")


def type_problems(item: JsonObject, pointer: Pointer, *, listed: bool = False) -> Iterator[Problem]:
    """Check `type` of an object: terms or absolute URLs, at least one (VCDM 2.0 §4.5); `listed` asks for an array."""
    named = item.get("type")
    if "type" not in item:
        yield malformed("type_missing", "it does not say of which type it is", pointer)
    elif listed and not isinstance(named, list):
        yield malformed("type_malformed", "the types stand in an array", f"{pointer}/type")
    elif not as_list(named):
        yield malformed("type_malformed", "no type is named", f"{pointer}/type")
    else:
        for place, value in members(item, "type"):
            if not (is_url(value) or (isinstance(value, str) and _TERM.fullmatch(value))):
                yield malformed("type_malformed", "a type is a term or an absolute URL", pointer + place)


def text_problems(item: JsonObject, name: str, pointer: Pointer) -> Iterator[Problem]:
    """Check a member that holds text for people: a string, or text with a language, or several (VCDM 2.0 §4.6, §11)."""
    value = item.get(name)
    if name in item and (value is None or value == []):
        yield malformed("text_malformed", f"{name} is text", f"{pointer}/{name}")
    for place, text in members(item, name):
        if not isinstance(text, str) and not _has_language(text):
            detail = f"{name} is text, or an object of @value, @language and @direction"
            yield malformed("text_malformed", detail, pointer + place)


def _has_language(text: Json) -> bool:
    if not isinstance(text, dict) or not _TEXT_MEMBERS.issuperset(text) or not isinstance(text.get("@value"), str):
        return False
    language = text.get("@language", "en")
    return (
        isinstance(language, str)
        and _LANGUAGE.fullmatch(language) is not None
        and text.get("@direction", "ltr") in _DIRECTIONS
    )


def described(document: JsonObject, name: str, *, id_required: bool = False) -> Iterator[Problem]:
    """Check a member that holds objects of which each says its type, and may have an id (or must)."""
    value = document.get(name)
    if name in document and (value is None or value == []):
        yield malformed("member_malformed", f"{name} holds nothing", f"/{name}")
    for pointer, item in members(document, name):
        if isinstance(item, dict):
            yield from type_problems(item, pointer)
            yield from id_problems(item, pointer, required=id_required)
        else:
            yield malformed("member_malformed", f"{name} holds objects", pointer)
