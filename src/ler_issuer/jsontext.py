"""JSON as text: read strictly, written canonically.

Python's own parser keeps the last of two equal keys, accepts `NaN`, lone surrogates and any depth. Each of these lets
two readers of one signed document see two different things, so each is refused, with the place named where it can be.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, NoReturn

import rfc8785

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import Json, JsonObject, Pointer

MAX_BYTES = 4 * 1024 * 1024
"""Largest text that is read, unless the caller says otherwise."""

MAX_DEPTH = 64
"""Deepest nesting of arrays and objects that is read."""

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
    if len(text) > max_bytes:
        raise NotJsonError("too_large", f"longer than {max_bytes} bytes")
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


def canonical(value: Json) -> bytes:
    """Write a JSON value in its one canonical form (RFC 8785).

    Raises:
        NotJsonError: the value has no such form: an integer beyond 2^53, `NaN`, an infinity, a lone surrogate.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotJsonError("not_canonical", str(error)) from None


def digest(value: Json) -> str:
    """Give the SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()
