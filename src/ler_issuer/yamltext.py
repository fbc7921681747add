"""YAML as text: read as the JSON that it stands for, with YAML's surprises taken out.

YAML 1.1 takes `no` for a boolean, `010` for eight and `2013-10-01` for a date, and PyYAML keeps the last of two equal
keys. Here only `true`, `false`, `null` and JSON's numbers are anything but text; a key is the text that was written,
and one that stands twice is refused. Anchors and aliases work.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import yaml

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject

LARGEST_TEXT: Final = 4 * 1024 * 1024
"""Characters that are read at most."""


class NotYamlError(ValueError):
    """The text is not YAML that stands for JSON; the words name the line."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the scalars of JSON."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - the base class's form


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$"),
    list("-0123456789"),
)


def _number(loader: _Loader, node: yaml.ScalarNode) -> float:
    del loader
    return float(node.value)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> JsonObject:
    found: JsonObject = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _fault(key.start_mark, "a key must be text")
        if key.value in found:
            raise _fault(key.start_mark, f"the key {key.value!r} stands twice")
        found[key.value] = loader.construct_object(value, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def parse(text: str) -> Json:
    """Read a YAML document as JSON values.

    Raises:
        NotYamlError: it is not YAML, or not YAML that means one JSON document.
    """
    if len(text) > LARGEST_TEXT:
        raise NotYamlError(f"longer than {LARGEST_TEXT:,} characters")
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader with fewer types
    except yaml.MarkedYAMLError as error:
        raise _fault(error.problem_mark, error.problem or "not YAML") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, NotYamlError):
            raise
        raise NotYamlError(f"not YAML: {error}") from None


def _fault(mark: yaml.Mark | None, what: str) -> NotYamlError:
    return NotYamlError(what if mark is None else f"line {mark.line + 1}: {what}")
