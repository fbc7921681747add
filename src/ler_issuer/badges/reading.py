"""Reading a file of achievements: what an administrator writes by hand, with every mistake named by its place.

::

    rubrics:
      writing: {criteria: […], levels: […]}
    achievements:
      - key: written-communication
        rubric: writing                       # by name, or written out
        image: {file: writing.png, caption: A fountain pen}
        award: {…}                            # left out where a stacking rule or recognition earns it
        …
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ler_issuer import mistakes
from ler_issuer.badges.model import AchievementDefinition
from ler_issuer.errors import Malformed, Place, Refusal
from ler_issuer.jsontext import escape

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject, Pointer

_FORM = (
    'a file of achievements is an object with the member "achievements", a list of achievements each with its "key" '
    '(in YAML: the line "achievements:", and below it each one behind "- "), or is one achievement with its "key"'
)

MEDIA_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}
"""The media type of a picture, by the end of its file name."""


def read_definitions(document: Json, picture: Callable[[str], bytes]) -> list[AchievementDefinition]:
    """Read the achievements of a parsed file; `picture` gives the bytes of an image file by the name that stands there.

    Raises:
        Malformed: the document is no such file; each problem names its place by JSON Pointer.
    """
    listed, rubrics = _parts(document)
    definitions: list[AchievementDefinition] = []
    problems: list[Place] = []
    for number, entry in enumerate(listed):
        place = f"/achievements/{number}"
        try:
            definitions.append(_definition(entry, rubrics, picture, place))
        except Malformed as refusal:
            problems.extend(refusal.problems)
    problems.extend(_repeated(definitions, len(listed)))
    if problems:
        raise Malformed("the file of achievements cannot be used", problems=problems)
    return definitions


def _parts(document: Json) -> tuple[Sequence[Json], Mapping[str, Json]]:
    if not isinstance(document, dict):
        stands = "a list stands here by itself" if isinstance(document, list) else "this is no object"
        raise _malformed("", "not_an_object", f"{stands}; {_FORM}")
    if "key" in document and "achievements" not in document:
        return [document], {}
    problems = [] if "achievements" in document else [Place("/achievements", "missing", f"it is missing; {_FORM}")]
    for name in sorted(document.keys() - {"achievements", "rubrics"}):
        detail = 'only "achievements" and "rubrics" stand here'
        problems.append(Place(f"/{escape(name)}", "extra_forbidden", detail))
    if problems:
        raise Malformed("the file of achievements cannot be used", problems=problems)
    listed, rubrics = document.get("achievements"), document.get("rubrics", {})
    if not isinstance(listed, list) or not listed:
        raise _malformed("/achievements", "not_a_list", "must be a list of at least one achievement")
    if not isinstance(rubrics, dict):
        raise _malformed("/rubrics", "not_an_object", "must be an object: each rubric by its name")
    return listed, rubrics


def _definition(
    entry: Json, rubrics: Mapping[str, Json], picture: Callable[[str], bytes], place: Pointer
) -> AchievementDefinition:
    if not isinstance(entry, dict):
        raise _malformed(place, "not_an_object", "an achievement is an object")
    named = entry.get("rubric") if isinstance(entry.get("rubric"), str) else None
    if named is not None and named not in rubrics:
        there = ", ".join(sorted(rubrics)) or "none"
        raise _malformed(f"{place}/rubric", "unknown_rubric", f"there is no rubric {named!r}; there are: {there}")
    written: JsonObject = dict(entry) if named is None else {**entry, "rubric": rubrics[named]}
    if isinstance(entry.get("image"), dict) and "file" in entry["image"]:
        written["image"] = _image(entry["image"], picture, f"{place}/image")
    try:
        return AchievementDefinition.model_validate(written)
    except ValidationError as error:
        problems = mistakes.without_echoes(mistakes.places(error.errors(), written, within=place))
        if named is not None:
            problems = [_in_rubrics(one, f"{place}/rubric/", named) for one in problems]
        raise Malformed("not an achievement", problems=problems) from None


def _image(image: JsonObject, picture: Callable[[str], bytes], place: Pointer) -> JsonObject:
    """Put the picture itself where its file is named."""
    name = image["file"]
    ending = name[name.rfind(".") :].lower() if isinstance(name, str) and "." in name else ""
    if "data" in image or ending not in MEDIA_TYPES:
        raise _malformed(f"{place}/file", "not_an_image_file", "must name a .png or .svg file, and stand without data")
    try:
        body = picture(name)
    except Refusal as refusal:
        raise _malformed(f"{place}/file", "unreadable", refusal.detail) from None
    rest = {member: value for member, value in image.items() if member != "file"}
    return {"media_type": MEDIA_TYPES[ending], **rest, "data": base64.b64encode(body).decode()}


def _repeated(definitions: Sequence[AchievementDefinition], listed: int) -> Iterator[Place]:
    """Name keys that stand twice; only when every entry could be read, since only then are the places known."""
    if len(definitions) != listed:
        return
    seen: dict[str, int] = {}
    for number, definition in enumerate(definitions):
        first = seen.setdefault(definition.key, number)
        if first != number:
            detail = f"{definition.key!r} is the key of /achievements/{first} already"
            yield Place(f"/achievements/{number}/key", "duplicate_key", detail)


def _in_rubrics(found: Place, here: Pointer, named: str) -> Place:
    """Move a problem of a rubric that was named to where the rubric is written."""
    if not found.pointer.startswith(here):
        return found
    return Place(f"/rubrics/{escape(named)}/{found.pointer.removeprefix(here)}", found.code, found.detail)


def _malformed(pointer: Pointer, code: str, detail: str) -> Malformed:
    return Malformed(detail, problems=[Place(pointer, code, detail)])
