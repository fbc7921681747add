"""Names that look like what they are not.

An issuer may call itself what it likes, in letters that only look like those of a known name. What is found here is no
proof of deceit (many honest names mix scripts); it is a reason to show the name with care, and beside it the DID.
"""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST_NAME: Final = 1000
"""Characters of a name that are looked at."""

_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that are no format characters and show nothing all the same."""

_JOINERS: Final = frozenset("\u200c\u200d")

_ORDINALS: Final = frozenset("ªº")

_EAST_ASIAN: Final = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})
"""Scripts that stand together in ordinary writing (UTS #39 §5.1: Japanese, Korean and Chinese, with Latin)."""

_LIKE_LATIN: Final = frozenset(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁԛԝѵ"  # noqa: RUF001 - Cyrillic
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ"  # noqa: RUF001 - Greek
    "ՕՏոսօ"  # noqa: RUF001 - Armenian
)
"""Letters of other scripts that print like Latin ones; the common few, not the table of UTS #39."""


def suspicious(name: str) -> tuple[str, ...]:
    """Say what is odd about how a name is written, as codes; an ordinary name has none.

    `bidi`: it steers the direction of writing, so that it may read otherwise than it is spelt · `invisible`: it holds
    characters that do not show · `mixed_scripts`: one word has letters of scripts that are not written together ·
    `confusable`: a word is made wholly of letters that pass for Latin ones, or has ornamental ones.
    """
    looked_at = name[:LONGEST_NAME]
    if looked_at.isascii() and looked_at.isprintable():
        return ()
    words = _words(looked_at)
    found = {
        "bidi": not _BIDI.isdisjoint(looked_at),
        "invisible": any(_is_hiding(looked_at, place) for place in range(len(looked_at))),
        "mixed_scripts": any(len(scripts := _scripts(word)) > 1 and not scripts <= _EAST_ASIAN for word in words),
        "confusable": _passes_for_latin(looked_at),
    }
    return tuple(code for code, is_so in found.items() if is_so)


def _words(name: str) -> list[str]:
    """Give the runs of letters, with the marks upon them; what does not show divides nothing."""
    text = "".join(
        char if unicodedata.category(char)[0] in "LM" else "" if _is_invisible(char) else " " for char in name
    )
    return text.split()


def _is_invisible(char: str) -> bool:
    return char in _BLANK or (char not in _BIDI and unicodedata.category(char) in {"Cf", "Cc", "Co", "Cn", "Cs"})


def _is_hiding(name: str, place: int) -> bool:
    """Say whether a character that does not show is out of place; joiners belong to Persian and Indic spelling."""
    before = name[place - 1] if place else " "
    if name[place] in _JOINERS and (unicodedata.bidirectional(before) == "AL" or unicodedata.category(before) == "Mn"):
        return False
    return _is_invisible(name[place])


def _scripts(word: str) -> set[str]:
    """Give the scripts of a word's letters, by the first word of each letter's name."""
    return {_script(char) for char in _letters(word)}


def _script(char: str) -> str:
    first = unicodedata.name(char, "UNNAMED").split(maxsplit=1)[0]
    if first in {"FULLWIDTH", "MATHEMATICAL", "MODIFIER", "FEMININE", "MASCULINE", "MICRO", "DOUBLE-STRUCK", "SCRIPT"}:
        return "LATIN"
    if first in {"HALFWIDTH", "IDEOGRAPHIC", "KATAKANA-HIRAGANA"}:
        return "CJK"
    return first


def _passes_for_latin(name: str) -> bool:
    """Say whether a word reads as if it were Latin, and nothing else in the name is truly of its script.

    Many an honest Cyrillic or Greek word has only such letters; beside it stand others that could be nothing else.
    """
    letters = _letters(name)
    truly = {_script(char) for char in letters if char not in _LIKE_LATIN}
    words = (_letters(word) for word in _words(name))
    if any(word and word <= _LIKE_LATIN and truly.isdisjoint(map(_script, word)) for word in words):
        return True
    ornamental = (char for char in letters if not char.isascii() and char not in _ORDINALS)
    return any(_is_plain(unicodedata.normalize("NFKC", char)) for char in ornamental)


def _letters(word: str) -> set[str]:
    return {char for char in word if unicodedata.category(char)[0] == "L"}


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isalpha()
