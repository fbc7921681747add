"""What values look like in statements: numbers and texts as canonical N-Quads, and what may stand for a thing."""

from __future__ import annotations

import re
from typing import Final

from ler_issuer import jsontext
from ler_issuer.types import Json

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

RELATIVE: Final = "relative:"
"""Scheme of every reference that the document did not make absolute; nobody has it."""

# RFC 3987 as far as it matters: a scheme, one fragment, no character that N-Quads forbid or readers see differently.
_PART: Final = r'[^\s\x00-\x20\x7f-\x9f<>"{}|^`\\#]*+'
IRI: Final = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*+:{_PART}(?:#{_PART})?")
LANGUAGE: Final = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*")

_LARGEST_WRITTEN_OUT: Final = 1e21
"""Whole numbers from here on are written as doubles (JSON-LD 1.1 API §8.6 step 10)."""

_MANTISSA_AND_EXPONENT: Final = re.compile(r"(\d\.\d+?)0*E([+-])0*(\d+)")

_ESCAPED: Final = re.compile(r'["\\\x00-\x1f\x7f\ufffe\uffff]')  # what XML 1.1 cannot hold, and the delimiters
_ESCAPES: Final = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}


def escaped(text: str) -> str:
    """Write the text of a literal as it stands between its quotation marks (rdf-canon §5.2)."""
    return _ESCAPED.sub(_escape, text)


def quoted(text: str) -> str:
    """Write the text of a literal as canonical N-Quads do."""
    return f'"{escaped(text)}"'


def typed(value: Json, datatype: str | None) -> tuple[str, str]:
    """Give the text and the datatype IRI of a value that has no language (JSON-LD 1.1 API §8.6 steps 4 to 13)."""
    if datatype == "@json":
        return jsontext.canonical(value).decode(), RDF + "JSON"
    if isinstance(value, bool):
        return ("true" if value else "false"), datatype or XSD + "boolean"
    if isinstance(value, str):
        if datatype == XSD + "double":
            return _double_in(value), datatype
        return value, datatype or XSD + "string"
    whole = float(value).is_integer()
    if not whole or datatype == XSD + "double" or abs(value) >= _LARGEST_WRITTEN_OUT:
        return _double(value), datatype or XSD + "double"
    return str(int(value)), datatype or XSD + "integer"


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _ESCAPES.get(character) or f"\\u{ord(character):04X}"


def _double(value: float) -> str:
    """Write a number as the canonical xsd:double: 85.5 becomes ``8.55E1``."""
    return _MANTISSA_AND_EXPONENT.sub(_short, f"{value:1.15E}")


def _short(match: re.Match[str]) -> str:
    mantissa, sign, exponent = match.groups()
    return f"{mantissa}E{'-' if sign == '-' else ''}{exponent}"


def _double_in(text: str) -> str:
    """Write text that is said to be a double canonically, if it is one."""
    try:
        return _double(float(text))
    except ValueError:
        return text
