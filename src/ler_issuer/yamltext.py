"""YAML as text: read as the JSON that it stands for, with YAML's surprises taken out.

YAML 1.1 takes `no` for a boolean, `010` for eight and `2013-10-01` for a date, and PyYAML keeps the last of two equal
keys. Here only `true`, `false`, `null` and JSON's numbers are anything but text; a key is the text that was written,
and one that stands twice is refused. Anchors and aliases work, as long as they do not multiply beyond measure.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

import yaml
from typing_extensions import override

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject

LARGEST_TEXT: Final = 4 * 1024 * 1024
"""Characters that are read at most."""

MAX_DEPTH: Final = 64
"""Deepest nesting of brackets that is read."""

MOST_VALUES: Final = 200_000
"""Values that a document may have, those that aliases repeat counted each time."""


class NotYamlError(ValueError):
    """The text is not YAML that stands for JSON; the words name the line."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the scalars of JSON."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - the base class's form

    @override
    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:
        """Refuse what is nested deeper than JSON may be: at every bracket all the open ones are looked at."""
        if self.flow_level >= MAX_DEPTH:
            raise _fault(self.get_mark(), f"not YAML that is read: nested deeper than {MAX_DEPTH} levels")
        super().fetch_flow_collection_start(TokenClass)


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$"),
    list("-0123456789"),
)


def _truth(loader: _Loader, node: yaml.ScalarNode) -> bool:
    del loader
    if node.value not in {"true", "false"}:
        raise _fault(node.start_mark, "neither true nor false")
    return bool(node.value == "true")


def _whole(loader: _Loader, node: yaml.ScalarNode) -> int:
    del loader
    return int(node.value)


def _number(loader: _Loader, node: yaml.ScalarNode) -> float:
    del loader
    number = float(node.value)
    if not math.isfinite(number):
        raise _fault(node.start_mark, "more than a number can be")
    return number


def _mapping(loader: _Loader, node: yaml.MappingNode) -> JsonObject:
    found: JsonObject = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _fault(key.start_mark, "a key must be text")
        if key.value in found:
            raise _fault(key.start_mark, f"the key {key.value!r} stands twice")
        found[key.value] = loader.construct_object(value, deep=True)
    return found


_KEPT: Final = ("null", "str", "seq")
_Loader.yaml_constructors = {  # of the safe ones, those of JSON; any other tag is refused
    None: _Loader.yaml_constructors[None],
    **{tag: _Loader.yaml_constructors[tag] for tag in (f"tag:yaml.org,2002:{kind}" for kind in _KEPT)},
}
_Loader.add_constructor("tag:yaml.org,2002:bool", _truth)
_Loader.add_constructor("tag:yaml.org,2002:int", _whole)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _size(value: Json, known: dict[int, int | None]) -> int:
    """Count the values in a value as often as they stand in it: an alias makes many of one, or puts it into itself."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = None
        known[id(value)] = 1 + sum(
            _size(item, known) for item in (value.values() if isinstance(value, dict) else value)
        )
    size = known[id(value)]
    if size is None:
        raise NotYamlError("an alias stands inside of what it stands for")
    if size > MOST_VALUES:
        raise NotYamlError(f"more than {MOST_VALUES:,} values, counting what aliases repeat")
    return size


def parse(text: str) -> Json:
    """Read a YAML document as JSON values.

    Raises:
        NotYamlError: it is not YAML, or not YAML that means one JSON document.
    """
    if len(text) > LARGEST_TEXT:
        raise NotYamlError(f"longer than {LARGEST_TEXT:,} characters")
    try:
        value: Json = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader with fewer types
        _size(value, {})
    except yaml.MarkedYAMLError as error:
        raise _fault(error.problem_mark, error.problem or "not YAML") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, NotYamlError):
            raise
        raise NotYamlError(f"not YAML: {error}") from None
    return value


def _fault(mark: yaml.Mark | None, what: str) -> NotYamlError:
    return NotYamlError(what if mark is None else f"line {mark.line + 1}: {what}")
