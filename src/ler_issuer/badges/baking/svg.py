"""Credentials in SVG pictures: one `credential` element in the namespace of Open Badges (OB 3.0 §5.3.2).

The element is known by namespace and name, never by its prefix. Pictures are read by the standard library's parser with
everything that XML can do besides refused: no entity is defined or expanded, nothing is fetched, and what runs (script,
event handlers) makes a picture no badge. A credential is spliced in as text, so the picture stays as it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING
from xml.parsers import expat

from ler_issuer.badges.baking.carried import MAX_PICTURE, MAX_TEXT, Carried, Container, Unbakeable, Unbaked, fits, only

if TYPE_CHECKING:
    from collections.abc import Mapping

SVG = "http://www.w3.org/2000/svg"
NAMESPACES: Mapping[Carried, str] = MappingProxyType(
    {Carried.BADGE: "https://purl.imsglobal.org/ob/v3p0", Carried.CLR: "https://purl.imsglobal.org/clr/v2p0"}
)
MAX_ELEMENTS = 100_000
MAX_DEPTH = 256
MAX_ATTRIBUTES = 100_000
"""Attributes of one element; each costs the parser a kilobyte."""

MAX_FOUND = 10
"""With more credentials in it than this, a picture is not read to its end."""

_ELEMENTS = {f"{namespace}}}credential": kind for kind, namespace in NAMESPACES.items()}
_OLDER = "http://openbadges.org}assertion"
_RUNS = frozenset({"script", "foreignobject", "handler", "iframe", "embed", "object"})
_LEADS = frozenset({"href", "src", "action", "to", "from", "by", "values"})
"""Attributes that hold an address, or that an animation puts in the place of one."""

_RUNNING_ADDRESS = re.compile(r"(?:^|;)(?:javascript:|vbscript:|data:(?!image/))", re.IGNORECASE)
_NO_SPACE = {number: None for number in range(0x3001) if chr(number).isspace()}
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+")
_LONG_TAG = re.compile(rb"<[^<]{%d,}+" % (5 * MAX_ATTRIBUTES))
_ATTRIBUTE = re.compile(rb"""=\s*["']""")
_TAG_END = re.compile(rb"""(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_PREFIXES: Mapping[Carried, str] = MappingProxyType({Carried.BADGE: "openbadges", Carried.CLR: "clr"})


@dataclass(slots=True)
class _Element:
    """A credential element: its kind, the attribute, the text in it, and from where to where it stands."""

    kind: Carried
    verify: str | None
    start: int
    depth: int
    parts: list[str] = field(default_factory=list)
    length: int = 0
    end: int = 0


def unbake_svg(data: bytes) -> Unbaked:
    """Take the credential out of an SVG.

    Raises:
        Unbakeable: not an SVG that only shows something, no credential in it or several, or one that cannot be read or
            is too long.
    """
    reading = _Reading(data)
    return only([(one.kind, _text(one)) for one in reading.found], Container.SVG, older=reading.older)


def bake_svg(picture: bytes, text: str, *, is_jwt: bool, kind: Carried = Carried.BADGE) -> bytes:
    """Put a credential into an SVG, a compact JWS as attribute and JSON as content; one already there is replaced.

    Raises:
        Unbakeable: not an SVG that only shows something, or one of the two is too long or not what it should be.
    """
    fits(picture, text)
    reading = _Reading(picture)
    prefix, namespace = _PREFIXES[kind], NAMESPACES[kind]
    declaration = f' xmlns:{prefix}="{namespace}"'.encode()
    declared = reading.prefixes.get(prefix)
    here = declaration if declared not in {None, namespace} else b""
    element = _element(f"{prefix}:credential", here, text, is_jwt=is_jwt)
    return _spliced(picture, reading, b"" if declared is not None else declaration, element)


def _element(name: str, declaration: bytes, text: str, *, is_jwt: bool) -> bytes:
    if is_jwt:
        if not _COMPACT.fullmatch(text):
            raise Unbakeable("baked_malformed", "it is not a compact JWS")
        return f"<{name}".encode() + declaration + f' verify="{text}"></{name}>'.encode()
    written = re.sub(r"[\ufffe\uffff]", lambda odd: f"\\u{ord(odd[0]):04x}", text)  # JSON may hold them, XML may not
    split = written.replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}".encode() + declaration + f"><![CDATA[{split}]]></{name}>".encode()


def _spliced(picture: bytes, reading: _Reading, declaration: bytes, element: bytes) -> bytes:
    """Put an element directly behind the opening tag of the picture, and leave out those that were in it."""
    start = reading.root
    end = _tag_end(picture, start)
    opening, empty = picture[start : end - 1], picture[end - 2 : end] == b"/>"
    if empty:
        opening = opening[:-1]
    name = re.split(rb"[\s/>]", opening[1:], maxsplit=1)[0]
    parts = [picture[:start], opening.rstrip(), declaration, b">", element, b"</" + name + b">" if empty else b""]
    for one in reading.found:
        parts.append(picture[end : one.start])
        end = one.end
    return b"".join((*parts, picture[end:]))


def _tag_end(data: bytes, start: int) -> int:
    """Give where the tag that begins at `start` ends; the parser has seen that it does."""
    found = _TAG_END.match(data, start)
    if found is None:  # pragma: no cover - the parser would have refused it
        raise Unbakeable("svg_malformed", "a tag does not end")
    return found.end()


def _text(element: _Element) -> str:
    body = "".join(element.parts).strip()
    if element.verify is not None and body:
        raise Unbakeable("baked_malformed", "it stands in the attribute and in the content of its element")
    return body if element.verify is None else element.verify


class _Reading:
    """An SVG, read through once: the credentials in it, and what is needed to put another one in."""

    def __init__(self, data: bytes) -> None:
        """Read a picture.

        Raises:
            Unbakeable: not well-formed UTF-8, not an SVG, too large, or doing more than a picture does.
        """
        self.found: list[_Element] = []
        self.older = False
        self.root = 0
        self.prefixes: dict[str | None, str] = {}
        self._data = data
        self._depth = 0
        self._elements = 0
        self._open: _Element | None = None
        if len(data) > MAX_PICTURE:
            raise Unbakeable("picture_too_large", f"{MAX_PICTURE} bytes")
        if _has_crowded_tag(data):
            raise Unbakeable("svg_malformed", "more attributes than an element needs")
        self._parser = self._listening()
        try:
            self._parser.Parse(data, True)  # noqa: FBT003 - expat takes no keywords
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code) or "unknown"
            raise Unbakeable("svg_malformed", f"{reason}, line {error.lineno}") from None

    def _listening(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8", "}")
        parser.buffer_text = True
        parser.XmlDeclHandler = _declared
        parser.StartDoctypeDeclHandler = _document_type
        parser.SkippedEntityHandler = _entity
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction
        return parser

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        if self._depth == 0:
            self.prefixes[prefix] = uri or ""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._depth += 1
        if self._elements > MAX_ELEMENTS or self._depth > MAX_DEPTH:
            raise Unbakeable("svg_malformed", "more elements, or deeper in each other, than a picture needs")
        if self._open is not None:
            raise Unbakeable("baked_malformed", "its element holds other elements")
        if self._depth == 1:
            self.root = self._parser.CurrentByteIndex
            if name != f"{SVG}}}svg":
                raise Unbakeable("svg_malformed", "it is not an SVG")
        _refuse_running(name, attributes)
        self.older = self.older or name == _OLDER
        kind = _ELEMENTS.get(name)
        if kind is not None:
            self._open = _Element(kind, attributes.get("verify"), self._parser.CurrentByteIndex, self._depth)
            self.found.append(self._open)
            if len(self.found) > MAX_FOUND:
                raise Unbakeable("baked_twice", str(len(self.found)))

    def _end(self, _name: str) -> None:
        element = self._open
        if element is not None and element.depth == self._depth:
            opened = _tag_end(self._data, element.start)
            at = self._parser.CurrentByteIndex
            closed_at_once = self._data[opened - 2 : opened] == b"/>"
            element.end = opened if closed_at_once else _tag_end(self._data, at)
            self._open = None
        self._depth -= 1

    def _characters(self, text: str) -> None:
        if self._open is not None:
            self._open.parts.append(text)
            self._open.length += len(text)
            if self._open.length > MAX_TEXT:
                raise Unbakeable("baked_too_large", f"{MAX_TEXT} bytes")

    def _comment(self, _text: str) -> None:
        if self._open is not None:
            raise Unbakeable("baked_malformed", "its element holds something besides its text")

    def _instruction(self, target: str, _data: str) -> None:
        if target.lower() == "xml-stylesheet":
            raise Unbakeable("svg_active", target)
        self._comment(target)


def _has_crowded_tag(data: bytes) -> bool:
    """Say whether an element may have too many attributes; beforehand, since the parser reads a tag as a whole."""
    return any(
        next(islice(_ATTRIBUTE.finditer(data, *tag.span()), MAX_ATTRIBUTES, None), None) is not None
        for tag in _LONG_TAG.finditer(data)
    )


def _refuse_running(name: str, attributes: dict[str, str]) -> None:
    """Refuse an element that runs something when the picture is shown."""
    local = name.rpartition("}")[2]
    if local.lower() in _RUNS:
        raise Unbakeable("svg_active", local)
    for attribute, value in attributes.items():
        plain = attribute.rpartition("}")[2]
        starts_to = attribute == "attributeName" and value.strip().lower().startswith("on")
        runs = plain.lower() in _LEADS and _RUNNING_ADDRESS.search(value.translate(_NO_SPACE)) is not None
        if attribute.lower().startswith("on") or starts_to or runs:
            raise Unbakeable("svg_active", plain)


def _declared(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in {"utf-8", "utf8", "us-ascii", "ascii"}:
        raise Unbakeable("svg_malformed", f"its encoding is {encoding}, not UTF-8")


def _document_type(_name: str, _system: str | None, _public: str | None, has_internal_subset: bool | int) -> None:  # noqa: FBT001
    """Let the usual document type of SVG 1.1 pass, which is not fetched; refuse one that defines anything itself."""
    if has_internal_subset:
        raise Unbakeable("svg_entities")


def _entity(name: str, _is_parameter: bool | int) -> None:  # noqa: FBT001
    raise Unbakeable("svg_entities", name)
