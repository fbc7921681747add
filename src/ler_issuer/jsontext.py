"""JSON as text: read strictly, written canonically.

Python's own parser keeps the last of two equal keys, accepts `NaN`, lone surrogates and any depth. Each of these lets
two readers of one signed document see two different things, so each is refused, with the place named where it can be.

Both ways there is a quick form, which answers only what it is sure of, and a careful one, which answers everything else
and names what is amiss. What the quick form is sure of, the careful one answers alike.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

import orjson
import rfc8785

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import Json, JsonObject, Pointer

MAX_BYTES = 4 * 1024 * 1024
"""Largest text that is read, unless the caller says otherwise."""

MAX_DEPTH = 64
"""Deepest nesting of arrays and objects that is read."""

_SAFE_FLOAT: Final = 1e-4
"""Fractions from here on are written without an exponent by everybody."""

_LARGEST_INTEGER: Final = 2**53 - 1

_FIRST_HALF: Final = "\ud800"
"""Up to here characters have one order in UTF-8 and UTF-16."""

JSON_ONLY: Final = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
"""Lets orjson refuse most of what it would otherwise write although it is no JSON; UUIDs and enumerations remain."""

_WRITTEN: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""What a surrogate looks like where it is escaped; in UTF-8 there is none."""


class NotJsonError(ValueError):
    """The text is not JSON that two readers would read alike; `code` and `pointer` say why and where."""

    def __init__(self, code: str, detail: str, pointer: Pointer = "") -> None:
        """Name the fault by a stable snake_case code, in words, and by place when it is known."""
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.pointer = pointer


class Survey(NamedTuple):
    """All that stands in a JSON value, by kind.

    `names` are those of all members, one after the other, and `texts` all strings. Truth values and nulls are only
    counted, among the `values`, which are those below the value itself; of the `levels` it is one. It `is_plain` if it
    was made of nothing but the types that a parser makes, without their subclasses.
    """

    objects: list[JsonObject]
    names: str
    texts: str
    numbers: list[int | float]
    values: int
    levels: int
    is_plain: bool


def survey(value: Json, *, deepest: int = MAX_DEPTH, most: float = math.inf) -> Survey:
    """Look at all there is in a value, once and in no order; without recursion.

    Goes no further below the level `deepest`, or where there have been more than `most` values; then `levels` or
    `values` is larger than that.
    """
    objects: list[JsonObject] = []
    texts: list[str] = []
    numbers: list[int | float] = []
    level, values, levels, is_plain = [value], 0, 0, True
    while level and levels <= deepest and values <= most:
        levels += 1
        below: list[Json] = []
        for item in level:
            kind = type(item)
            if kind is str:
                texts.append(item)
            elif kind is dict:
                objects.append(item)
                below += item.values()
            elif kind is list:
                below += item
            elif kind is int or kind is float:
                numbers.append(item)
            elif item is not None and kind is not bool:
                is_plain = False
        level, values = below, values + len(below)
    names = _names(objects)
    return Survey(objects, names or "", "".join(texts), numbers, values, levels, is_plain and names is not None)


def _names(objects: list[JsonObject]) -> str | None:
    """Give the names of all members, one after the other; None when one of them is no text."""
    try:
        return "".join(chain.from_iterable(objects))
    except TypeError:
        return None


def _no_constant(name: str) -> NoReturn:
    raise NotJsonError("not_a_number", f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise NotJsonError("number_out_of_range", f"{text[:40]} is more than a number can be")
    return number


def _unique(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise NotJsonError("duplicate_key", f"the member {twice!r} stands twice in one object")
    return found


def escape(token: str | int) -> str:
    """Give one reference token of a JSON Pointer, escaped (RFC 6901 §3)."""
    return str(token).replace("~", "~0").replace("/", "~1")


def _check(value: Json, max_depth: int, *, halves: bool) -> None:
    """Refuse nesting deeper than `max_depth` and, if there may be `halves`, lone surrogates; without recursion.

    Pointers are put together only for a fault: there may be millions of places.
    """
    ways: list[Iterator[tuple[str | int, Json]]] = [iter([("", value)])]
    names: list[str | int] = []
    while ways:
        for name, member in ways[-1]:
            if halves and not (_is_whole(name) and _is_whole(member)):
                place = [*names, name] if _is_whole(name) else names
                raise NotJsonError("lone_surrogate", "a surrogate without its pair is not a character", _pointer(place))
            if isinstance(member, dict | list):
                if len(ways) > max_depth:
                    place = [*names, name]
                    raise NotJsonError("too_deep", f"nested deeper than {max_depth} levels", _pointer(place))
                if member:
                    names.append(name)
                    ways.append(iter(member.items()) if isinstance(member, dict) else enumerate(member))
                    break
        else:
            ways.pop()
            del names[-1:]


def _pointer(names: list[str | int]) -> Pointer:
    """Write a place; the first name is that of the whole, which has none."""
    return "".join(f"/{escape(name)}" for name in names[1:])


def _is_whole(value: Json) -> bool:
    """Say whether a text has no surrogate without its pair; anything else has none."""
    if not isinstance(value, str) or value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse(text: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Json:
    """Read one JSON text (RFC 8259, UTF-8) so that every other strict reader reads the same.

    Raises:
        NotJsonError: not JSON, not UTF-8, a duplicate member, `NaN` or an infinity, a lone surrogate, a number out of
            range, deeper than `max_depth` or longer than `max_bytes`.
    """
    return read(text, max_bytes=max_bytes, max_depth=max_depth)[0]


def read(text: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> tuple[Json, Survey]:
    """Read one JSON text as `parse` does, and give all that stands in it along with the value.

    Raises:
        NotJsonError: as `parse`.
    """
    if len(text) > max_bytes:
        raise NotJsonError("too_large", f"longer than {max_bytes} bytes")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _read_carefully(text, max_depth)
    data = text.encode() if isinstance(text, str) else text
    found = survey(value, deepest=max_depth)
    return (value, found) if _is_all(found, data, max_depth) else _read_carefully(text, max_depth)


def _is_all(found: Survey, text: bytes, max_depth: int) -> bool:
    """Say whether a value is surely what the careful parser reads in a text, given what was found in it there.

    Of two equal members one was dropped, and a large integer became a fraction. A text has one colon for every member,
    and those in its strings; so if the value has as many, nothing was dropped. A colon may also hide behind its number.
    """
    if b"\\u003a" in text or b"\\u003A" in text:
        return False
    if found.levels > max_depth or any(type(number) is float and abs(number) >= 2**63 for number in found.numbers):
        return False
    members = sum(map(len, found.objects))
    return text.count(b":") == members + found.names.count(":") + found.texts.count(":")


def _read_carefully(text: bytes | str, max_depth: int) -> tuple[Json, Survey]:
    value = _parse_carefully(text, max_depth)
    return value, survey(value, deepest=max_depth)


def _parse_carefully(text: bytes | str, max_depth: int) -> Json:
    try:
        said = text.decode("utf-8") if isinstance(text, bytes) else text
        value = json.loads(
            said,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        raise NotJsonError("not_utf8", f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotJsonError("not_json", f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotJsonError("too_deep", f"nested deeper than {max_depth} levels") from None
    except NotJsonError:
        raise
    except ValueError:  # int() refuses more than 4,300 digits
        raise NotJsonError("number_out_of_range", "a number has too many digits") from None
    _check(value, max_depth, halves=_HALF.search(said) is not None or not _is_whole(said))
    return value


def canonical(value: Json, found: Survey | None = None) -> bytes:
    """Write a JSON value in its one canonical form (RFC 8785); `found` is all that stands in it, if somebody looked.

    Raises:
        NotJsonError: the value has no such form: an integer beyond 2^53, `NaN`, an infinity, a lone surrogate.
    """
    try:
        found = survey(value) if found is None else found
        if _is_written_alike(found):
            has_whole = any(type(number) is float and number % 1 == 0 for number in found.numbers)
            return orjson.dumps(_with_integers(value) if has_whole else value, option=_WRITTEN)
    except orjson.JSONEncodeError:  # a large integer or a lone surrogate
        pass
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotJsonError("not_canonical", str(error)) from None


def _is_written_alike(found: Survey) -> bool:
    """Say whether members have one order in UTF-8 and UTF-16, and no number has a form of its own in ECMAScript.

    There a fraction that is whole is written as an integer.
    """
    if not (found.is_plain and found.levels <= MAX_DEPTH):
        return False
    return (found.names.isascii() or max(found.names) < _FIRST_HALF) and all(
        number % 1 == 0 or _SAFE_FLOAT <= abs(number) <= _LARGEST_INTEGER for number in found.numbers
    )


def _with_integers(value: Json) -> Json:
    """Give a plain value with integers in place of fractions that are whole."""
    if isinstance(value, dict):
        return {name: _with_integers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_integers(item) for item in value]
    return int(value) if isinstance(value, float) and value % 1 == 0 else value


def digest(value: Json, found: Survey | None = None) -> str:
    """Give the SHA-256 of the canonical form, in hexadecimal; `found` as for that."""
    return hashlib.sha256(canonical(value, found)).hexdigest()
