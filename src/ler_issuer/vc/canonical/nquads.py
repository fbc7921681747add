"""N-Quads: statements as text, one to a line (W3C N-Quads), read strictly.

What is read comes out as terms in canonical writing, so that equal statements are equal values, however they were
spelled: escapes are resolved, and `"x"^^<…#string>` is `"x"`.
"""

from __future__ import annotations

import re
from typing import Final

from ler_issuer.vc.canonical.rdfc import MAX_QUADS, MAX_TEXT, Quad, quoted
from ler_issuer.vc.problems import PARSING_ERROR, CannotCanonize, Problem

MAX_CHARACTERS: Final = 2 * MAX_TEXT
"""Characters of a text that is read; every canonical form is shorter."""

_STRING: Final = "^^<http://www.w3.org/2001/XMLSchema#string>"

# The productions of the grammar (N-Quads §4); that no two ways lead through a text keeps matching linear.
_UCHAR: Final = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_IRI: Final = rf'<(?:[^\x00-\x20<>"{{}}|^`\\]++|{_UCHAR})*>'
_BASE: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_LETTER: Final = _BASE + "_:"
_INNER: Final = _LETTER + "\\-0-9\u00b7\u0300-\u036f\u203f\u2040"
_BLANK: Final = rf"(?>_:[{_LETTER}0-9](?:[{_INNER}.]*[{_INNER}])?)"
_TEXT: Final = rf'"(?:[^"\\\n\r]++|\\[tbnrf"\'\\]|{_UCHAR})*"'
_LANGUAGE: Final = r"(?>@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*)"
_LITERAL: Final = rf"{_TEXT}(?:[ \t]*\^\^[ \t]*{_IRI}|[ \t]*{_LANGUAGE})?"

_STATEMENT: Final = re.compile(
    rf"[ \t]*(?P<subject>{_IRI}|{_BLANK})[ \t]*(?P<predicate>{_IRI})[ \t]*(?P<object>{_IRI}|{_BLANK}|{_LITERAL})"
    rf"[ \t]*(?P<graph>{_IRI}|{_BLANK})?[ \t]*\.[ \t]*(?:#.*)?",
    re.ASCII,
)
_EMPTY: Final = re.compile(r"[ \t]*(?:#.*)?")
_LITERAL_PARTS: Final = re.compile(rf"(?P<text>{_TEXT})[ \t]*(?P<rest>.*)", re.ASCII)
_ESCAPE: Final = re.compile(rf"{_UCHAR}|\\[tbnrf\"'\\]")
_ESCAPES: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_FORBIDDEN_IN_IRI: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def read(text: str) -> tuple[Quad, ...]:
    """Read the statements of a text, in order; blank nodes keep their labels.

    Raises:
        CannotCanonize: a line is no statement (the detail says which), or there are more than are handled.

    """
    if len(text) > MAX_CHARACTERS:
        raise _unreadable("too_large", f"more than {MAX_CHARACTERS} characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _unreadable("lone_surrogate", "a surrogate without its pair is not a character") from None
    quads: list[Quad] = []
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if _EMPTY.fullmatch(line):
            continue
        if len(quads) == MAX_QUADS:
            raise _unreadable("too_large", f"more than {MAX_QUADS} statements")
        quads.append(_statement(line, number))
    return tuple(quads)


def write(quad: Quad) -> str:
    """Write one statement as canonical N-Quads do, with the end of its line."""
    graph = f" {quad.graph}" if quad.graph else ""
    return f"{quad.subject} {quad.predicate} {quad.object}{graph} .\n"


def _statement(line: str, number: int) -> Quad:
    found = _STATEMENT.fullmatch(line)
    if found is None:
        raise _unreadable("not_nquads", f"line {number} is no statement")
    try:
        subject, predicate, object_, graph = (_canonical(term or "") for term in found.groups())
    except ValueError as error:
        raise _unreadable("not_nquads", f"line {number}: {error}") from None
    return Quad(subject, predicate, object_, graph)


def _canonical(term: str) -> str:
    """Write a term in the one way.

    Raises:
        ValueError: an escape stands for what is no character, or for one that an IRI cannot have.

    """
    if term[:1] == "<":
        iri = _ESCAPE.sub(_unescaped, term[1:-1])
        if _FORBIDDEN_IN_IRI.search(iri):
            raise ValueError("an IRI has a character that IRIs cannot have")
        return f"<{iri}>"
    if term[:1] != '"':
        return term
    parts = _LITERAL_PARTS.fullmatch(term)
    text, rest = parts.group("text", "rest") if parts else (term, "")
    written = quoted(_ESCAPE.sub(_unescaped, text[1:-1]))
    if rest.startswith("^^"):
        rest = "^^" + _canonical(rest[2:].lstrip(" \t"))
    return written if rest == _STRING else written + rest


def _unescaped(found: re.Match[str]) -> str:
    escape = found.group()
    if escape[1] not in "uU":
        return _ESCAPES.get(escape[1], escape[1])
    digits = escape[2:]
    character = chr(int(digits, 16))  # beyond U+10FFFF: a ValueError
    if "\ud800" <= character <= "\udfff":
        raise ValueError("an escape stands for half a character")
    return character


def _unreadable(code: str, detail: str) -> CannotCanonize:
    return CannotCanonize(Problem(code, detail, type=PARSING_ERROR))
