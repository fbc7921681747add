"""Base58 as Bitcoin writes it: bytes as one number to the base 58, and before it a `1` for every zero byte in front.

Keys and signatures are written so; hence it lies on the way of every credential. Digits are taken by tens, since ten
of them still fit into a number of the machine. The time taken grows with the square of the length.
"""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ZERO: Final = _DIGITS[0]
_PAIRS: Final = tuple(high + low for high in _DIGITS for low in _DIGITS)
_VALUES: Final = bytes.maketrans(_DIGITS.encode(), bytes(range(58)))
_OTHERS: Final = bytes({*range(256)} - {*_DIGITS.encode()})
_TWO, _FOUR, _TEN = 58**2, 58**4, 58**10


def encode(data: bytes) -> str:
    """Write bytes in base 58."""
    number = int.from_bytes(data)
    tens: list[str] = []
    while number:
        number, ten = divmod(number, _TEN)
        six, low = divmod(ten, _FOUR)
        high, middle = divmod(six, _FOUR)
        c, d = divmod(middle, _TWO)
        e, f = divmod(low, _TWO)
        tens.append(_PAIRS[high] + _PAIRS[c] + _PAIRS[d] + _PAIRS[e] + _PAIRS[f])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return _ZERO * zeros + "".join(reversed(tens)).lstrip(_ZERO)


def decode(text: str) -> bytes | None:
    """Read the bytes that a text in base 58 stands for; None when it has other characters."""
    digits = text.encode("ascii", "replace")
    if len(digits.translate(None, _OTHERS)) != len(digits):
        return None
    values = bytes(-len(digits) % 10) + digits.translate(_VALUES)
    number = 0
    for a, b, c, d, e, f, g, h, i, j in zip(*[iter(values)] * 10, strict=True):
        ten = ((((((((a * 58 + b) * 58 + c) * 58 + d) * 58 + e) * 58 + f) * 58 + g) * 58 + h) * 58 + i) * 58 + j
        number = number * _TEN + ten
    zeros = len(text) - len(text.lstrip(_ZERO))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
