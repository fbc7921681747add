"""What a badge says that somebody can do, in one form for whoever hires: the same for every issuer and version.

It repeats what an authentic credential claims; it compares nobody with anybody, and weighs nothing. Every text is
plain: whatever markup an issuer put into it is text too, and whoever shows it must escape it. Addresses are given only
when they lead to a page or name a thing; nothing is fetched from them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from ler_issuer.badges.probes import Kind, kind_of
from ler_issuer.badges.references import read_number
from ler_issuer.vc import as_list, id_of, instant, issuer_id, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ler_issuer.types import Json, JsonObject

MOST_SUBJECTS = 5
"""Open Badges has one subject with one achievement; of others' mistakes, this many are told."""

MOST_RESULTS = 100
MOST_ENTRIES = 50
"""Most alignments, pieces of evidence, tags and allowed values of one thing that are told."""

MOST_RESULT_ALIGNMENTS = 200
"""Most alignments that the results of one achievement tell together: many results may refer to one description."""

LONGEST_NAME = 300
LONGEST_TEXT = 5_000
LONGEST_ADDRESS = 2_000

_ADDRESS = re.compile(r"(https?://|urn:|did:)[^\s<>\"{}|\\^`\x00-\x1f\x7f]+", re.IGNORECASE)
_JOINERS = {"\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

_LARGEST = 2**53
"""Numbers beyond this are told by none: programs disagree about them, and no number of credits is as large."""


def skills(document: Json) -> tuple[JsonObject, ...]:
    """Tell what one authentic badge says was achieved; one object for each achievement, all with the same members.

    A learner record has none of its own: those of its members are to be had from the members, each by itself, because
    the signature around them does not bind what they say. Total: of what is not a badge, nothing is told.
    """
    if not isinstance(document, dict) or kind_of(document) is not Kind.BADGE:
        return ()
    return tuple(
        _skill(document, subject, achievement)
        for subject in _objects(document.get("credentialSubject"), MOST_SUBJECTS)
        for achievement in _objects(subject.get("achievement"), 1)
    )


def _skill(document: JsonObject, subject: JsonObject, achievement: JsonObject) -> JsonObject:
    return {
        "text_format": "plain",
        "achievement": _achievement(achievement),
        "issuer_id": _line(issuer_id(document)),
        "awarded_at": _moment(document, "awardedDate"),
        "valid_from": _moment(document, "validFrom", "issuanceDate"),
        "valid_until": _moment(document, "validUntil", "expirationDate"),
        "credits_earned": _number(subject.get("creditsEarned")),
        "results": _Results(achievement).told(subject),
        "alignments": _alignments(achievement, MOST_ENTRIES),
        "evidence": [_evidence(item) for item in _objects(document.get("evidence"), MOST_ENTRIES)],
        "narrative": _text(subject.get("narrative")),
        "role": _line(subject.get("role")),
        "term": _line(subject.get("term")),
        "license_number": _line(subject.get("licenseNumber")),
        "started_at": _moment(subject, "activityStartDate"),
        "ended_at": _moment(subject, "activityEndDate"),
    }


def _achievement(achievement: JsonObject) -> JsonObject:
    criteria = _object(achievement.get("criteria"))
    return {
        "id": _address(achievement.get("id")),
        "name": _line(achievement.get("name")),
        "type": _line(achievement.get("achievementType")),
        "description": _text(achievement.get("description")),
        "criteria": {"id": _address(id_of(achievement.get("criteria"))), "narrative": _text(criteria.get("narrative"))},
        "version": _line(achievement.get("version")),
        "language": _line(achievement.get("inLanguage")),
        "tags": _lines(achievement.get("tag")),
        "field_of_study": _line(achievement.get("fieldOfStudy")),
        "specialization": _line(achievement.get("specialization")),
        "code": _line(achievement.get("humanCode")),
        "credits_available": _number(achievement.get("creditsAvailable")),
    }


class _Described:
    """The description of a result, with its levels by their ids."""

    def __init__(self, description: JsonObject) -> None:
        """Look through the levels; of several with one id, the first counts.

        The order in which levels stand in a credential is not signed, so that it says nothing: only their numbers do.
        """
        self.words = description
        self.levels: dict[str | None, JsonObject] = {}
        levels = _objects(description.get("rubricCriterionLevel"), MOST_RESULTS)
        for level in levels:
            self.levels.setdefault(id_of(level), level)
        numbers = {number for level in levels if (number := read_number(level.get("level"))) is not None}
        self.ranked = sorted(numbers) if len(numbers) == len(levels) else []


class _Results:
    """The results of one achievement, told in the words of its descriptions."""

    def __init__(self, achievement: JsonObject) -> None:
        """Note the descriptions by their ids; of several with one id, the first."""
        self._described: dict[str, _Described] = {}
        self._alignments_left = MOST_RESULT_ALIGNMENTS
        for description in _objects(achievement.get("resultDescription"), MOST_RESULTS):
            named = id_of(description)
            if named is not None and named not in self._described:
                self._described[named] = _Described(description)

    def told(self, subject: JsonObject) -> list[JsonObject]:
        """Tell every result of a subject."""
        return [self._result(result) for result in _objects(subject.get("result"), MOST_RESULTS)]

    def _result(self, result: JsonObject) -> JsonObject:
        described = self._described.get(id_of(result.get("resultDescription")) or "") or _Described({})
        words = described.words
        required_level, required_value = words.get("requiredLevel"), _line(words.get("requiredValue"))
        asked = required_value is not None or isinstance(required_level, str)
        return {
            "name": _line(words.get("name")),
            "type": _line(words.get("resultType")),
            "value": _line(result.get("value")),
            "status": _line(result.get("status")),
            "level": self._level(result.get("achievedLevel"), described),
            "required": {"value": required_value, "level": self._level(required_level, described)} if asked else None,
            "minimum": _line(words.get("valueMin")),
            "maximum": _line(words.get("valueMax")),
            "allowed_values": _lines(words.get("allowedValue")),
            "alignments": [*self._alignments(result), *self._alignments(words)],
        }

    def _level(self, named: Json, described: _Described) -> JsonObject | None:
        """Describe a level, with its place among all of them when their numbers say which is higher."""
        if not isinstance(named, str):
            return None
        level, ranked = described.levels.get(named, {}), described.ranked
        mine = read_number(level.get("level"))
        return {
            "id": _address(named),
            "name": _line(level.get("name")),
            "description": _text(level.get("description")),
            "level": _line(level.get("level")),
            "points": _line(level.get("points")),
            "rank": ranked.index(mine) + 1 if ranked and mine is not None else None,
            "of": len(ranked) if ranked and mine is not None else None,
            "alignments": self._alignments(level),
        }

    def _alignments(self, owner: JsonObject) -> list[JsonObject]:
        told = _alignments(owner, min(MOST_ENTRIES, self._alignments_left))
        self._alignments_left -= len(told)
        return told


def _alignments(owner: JsonObject, most: int) -> list[JsonObject]:
    return [
        {
            "name": _line(one.get("targetName")),
            "url": _address(id_of(one.get("targetUrl"))),
            "code": _line(one.get("targetCode")),
            "description": _text(one.get("targetDescription")),
            "framework": _line(one.get("targetFramework")),
            "type": _line(one.get("targetType")),
        }
        for one in _objects(owner.get("alignment"), most)
    ]


def _evidence(item: JsonObject) -> JsonObject:
    return {
        "id": _address(item.get("id")),
        "name": _line(item.get("name")),
        "description": _text(item.get("description")),
        "narrative": _text(item.get("narrative")),
        "genre": _line(item.get("genre")),
        "audience": _line(item.get("audience")),
    }


def _objects(value: Json, most: int) -> list[JsonObject]:
    return [] if value is None else [one for one in as_list(value)[:most] if isinstance(one, dict)]


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _moment(owner: JsonObject, *names: str) -> str | None:
    """Give the first of these members that is there as an instant in UTC; None when it is none."""
    for name in names:
        if name in owner:
            moment = instant(owner[name])
            return None if moment is None else stamp(moment)
    return None


def _number(value: Json) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LARGEST <= value <= _LARGEST:
        return None
    return value


def _address(value: Json) -> str | None:
    """Give what leads to a page or names a thing; whatever could run, or is a file itself, is left out."""
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(value):
        return None
    return value if _visible(value) == value else None


def _line(value: Json) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and len(value) <= LONGEST_NAME and value.isprintable():
        return " ".join(value.split()) or None
    return _cleaned(value, LONGEST_NAME, lambda text: " ".join(text.split()))


def _lines(value: Json) -> list[str]:
    return [] if value is None else [line for one in as_list(value)[:MOST_ENTRIES] if (line := _line(one)) is not None]


def _text(value: Json) -> str | None:
    return _cleaned(value, LONGEST_TEXT, lambda text: text.replace("\r\n", "\n").strip())


def _cleaned(value: Json, longest: int, tidy: Callable[[str], str]) -> str | None:
    """Give a text fit to show: no control or bidi characters, and not long; None when nothing is said."""
    said = value if isinstance(value, str) else next(_spoken(value), None)
    if said is None:
        return None
    text = _visible(tidy(said[: longest + 100]))  # some of which may be space
    return (text if len(text) <= longest else text[: longest - 1] + "…") or None


def _spoken(value: Json) -> Iterator[str]:
    """Yield the texts that an object or a list holds, those in English first, as JSON-LD lets languages be named."""
    if isinstance(value, dict) and isinstance(value.get("@value"), str):
        yield value["@value"]
    elif isinstance(value, list | dict):
        worded = [*_in_languages(value)]
        yield from (text for _, text in sorted(worded, key=lambda one: not one[0].lower().startswith("en")))


def _in_languages(value: list[Json] | JsonObject) -> Iterator[tuple[str, str]]:
    """Yield language and text of a language map, or of a list of texts with their languages."""
    if isinstance(value, dict):
        for name, text in value.items():
            first = next(iter(as_list(text)), None)
            if isinstance(first, str) and _LANGUAGE.fullmatch(name):
                yield name, first
        return
    for one in value[:MOST_ENTRIES]:
        said = one.get("@value") if isinstance(one, dict) else one
        language = one.get("@language") if isinstance(one, dict) else None
        if isinstance(said, str):
            yield language if isinstance(language, str) else "", said


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "\n".join(line if line.isprintable() else "".join(map(_shown, line)) for line in text.split("\n"))


def _shown(char: str) -> str:
    is_shown = char == "\t" or char in _JOINERS or unicodedata.category(char)[0] != "C"
    return char if is_shown else "\N{REPLACEMENT CHARACTER}"
