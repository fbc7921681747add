"""CBOR (RFC 8949) as signed values are written in it: numbers, texts, bytes, lists and maps, each in its one form.

Whole numbers are of 64 bits. There are no tags: what they make of a value, as big numbers, fractions and patterns,
takes few bytes to write and minutes to reckon. Keys of maps are whole numbers and texts, of which nobody can make many
that collide.
"""

from __future__ import annotations

import struct
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import cbor2

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORT: Final = 24
"""Numbers below it stand in the first byte; from it on, that says whether 1, 2, 4 or 8 bytes of number follow."""

_LONGEST: Final = 27
_NEGATIVE, _TEXT, _LIST, _MAP = 1, 3, 4, 5
_NAMED: Final[Mapping[int, bool | None]] = MappingProxyType({0xF4: False, 0xF5: True, 0xF6: None})
_FLOATS: Final[Mapping[int, str]] = MappingProxyType({0xF9: ">e", 0xFA: ">f", 0xFB: ">d"})


class NotCbor(ValueError):
    """Bytes are no CBOR that is read here; the message says why."""


def read(data: bytes, *, depth: int, items: int) -> object:
    """Read the value that these bytes are, with lists and maps so deep and of so many items in all, keys among them.

    Raises:
        NotCbor: they are none, have a tag, or could be written in another way.
    """
    value = _Reader(data, items).value(depth)
    if cbor2.dumps(value) != data:  # bytes behind it, numbers in a longer form than theirs
        raise NotCbor("it is not written in the one way that CBOR has for it")
    return value


class _Reader:
    """Bytes, how far they were read, and how many more items may come."""

    def __init__(self, data: bytes, items: int) -> None:
        self._data = data
        self._at = 0
        self._left = items

    def value(self, depth: int) -> object:
        """Read the value that comes next, with lists and maps so deep."""
        self._left -= 1
        if self._left < 0:
            raise NotCbor("it has too many items")
        head = self._taken(1)[0]
        if head in _NAMED:
            return _NAMED[head]
        if head in _FLOATS:
            return struct.unpack(_FLOATS[head], self._taken(struct.calcsize(_FLOATS[head])))[0]
        kind, number = head >> 5, self._number(head & 31)
        if kind <= _NEGATIVE:
            return -1 - number if kind == _NEGATIVE else number
        if kind <= _TEXT:
            return self._text(number) if kind == _TEXT else self._taken(number)
        return self._container(kind, number, depth)

    def _taken(self, length: int) -> bytes:
        taken = self._data[self._at : self._at + length]
        if len(taken) != length:
            raise NotCbor("it ends too early")
        self._at += length
        return taken

    def _number(self, told: int) -> int:
        if told > _LONGEST:
            raise NotCbor("it does not say how long it is")
        return told if told < _SHORT else int.from_bytes(self._taken(1 << (told - _SHORT)))

    def _text(self, length: int) -> str:
        try:
            return self._taken(length).decode()
        except UnicodeDecodeError:
            raise NotCbor("a text is not in UTF-8") from None

    def _container(self, kind: int, length: int, depth: int) -> object:
        if kind not in {_LIST, _MAP}:
            raise NotCbor("it has a tag, or a value without a meaning")
        if depth == 0:
            raise NotCbor("its lists and maps are too deep, or a key of one")
        if kind == _LIST:
            return [self.value(depth - 1) for _ in range(length)]
        told: dict[int | str, object] = {}
        for _ in range(length):
            key = self.value(0)
            if isinstance(key, bool) or not isinstance(key, int | str) or key in told:
                raise NotCbor("a key stands twice, or is neither a whole number nor a text")
            told[key] = self.value(depth - 1)
        return told
