"""Reading rules and holdings from files, as people write them: in JSON or YAML, with every mistake named by its place.

A file of a rule is a node, a rule with its `levels` and `equivalences`, a definition with `key` and `achievement`, a
rule as an issuer publishes it, or several definitions under `rules`. A file of holdings is a list of them, or an object
with `holdings` and with what the learner is `enrolled` in.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

from pydantic import BaseModel, Field, ValidationError

from ler_issuer import jsontext, mistakes, yamltext
from ler_issuer.assessments import Value
from ler_issuer.errors import Malformed, Place
from ler_issuer.jsontext import escape
from ler_issuer.stacking.holdings import Holding, Recognised, Reference, StatusAct
from ler_issuer.stacking.rules import (
    AllRule,
    AnyRule,
    AtLeastRule,
    DistinctRule,
    Example,
    HoldingRule,
    IncludesRule,
    NoneRule,
    PrecedesRule,
    StackDefinition,
    StackingRule,
    SumRule,
    WithinRule,
)

if TYPE_CHECKING:
    from ler_issuer.types import Json, Pointer

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a file that are read."""

PUBLISHED: Final = "StackingRule"
"""The `type` of a rule as an issuer publishes it."""

_NODES: Final[Mapping[str, type[BaseModel]]] = {
    "holding": HoldingRule,
    "all": AllRule,
    "any": AnyRule,
    "at_least": AtLeastRule,
    "none": NoneRule,
    "sum": SumRule,
    "distinct": DistinctRule,
    "includes": IncludesRule,
    "within": WithinRule,
    "precedes": PrecedesRule,
}

_UNDER: Final[Mapping[str, type[BaseModel]]] = {
    "holdings": Holding,
    "acts": StatusAct,
    "recognised": Recognised,
    "examples": Example,
}

_Read = TypeVar("_Read", bound=BaseModel)


class HoldingsFile(Value):
    """What a learner holds, and the achievements of what they are enrolled in now."""

    holdings: Annotated[tuple[Holding, ...], Field(max_length=10_000)] = ()
    enrolled: Annotated[tuple[Reference, ...], Field(max_length=1_000)] = ()


def read_rule(data: bytes, name: str, key: str | None = None) -> StackingRule | StackDefinition:
    """Read the one rule of a file; `name` is the file's, for its ending and for complaints.

    Of a file with several definitions `key` chooses one.

    Raises:
        Malformed: it is no file of a rule, or does not tell which of several is meant; the problems name the places.
    """
    document = _parse(data, name)
    if isinstance(document, list) or _lists_rules(document):
        return _chosen(_definitions(document, name), name, key)
    return _rule(document, name)


def read_definitions(data: bytes, name: str) -> tuple[StackDefinition, ...]:
    """Read the definitions of a file: one, a list, or a list under `rules`.

    Raises:
        Malformed: it is no such file, or two of its definitions have one key; the problems name the places.
    """
    return _definitions(_parse(data, name), name)


def read_holdings(data: bytes, name: str) -> HoldingsFile:
    """Read a file of holdings; `name` is the file's, for its ending and for complaints.

    Raises:
        Malformed: it is no file of holdings; the problems name the places.
    """
    document = _parse(data, name)
    if isinstance(document, list):
        return _read(HoldingsFile, {"holdings": document}, f"{name} is not a file of holdings", hidden="/holdings")
    if isinstance(document, dict) and "holdings" in document:
        return _read(HoldingsFile, document, f"{name} is not a file of holdings")
    raise _malformed(name, "", "not_holdings", 'must be a list of holdings, or an object with "holdings" in it')


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _rule(document: Json, name: str) -> StackingRule | StackDefinition:
    if not isinstance(document, dict):
        raise _malformed(name, "", "not_an_object", 'must be an object: a node with its "type", or a rule with "rule"')
    complaint = f"{name} is not a stacking rule"
    if document.get("type") == PUBLISHED:
        text = {member: document[member] for member in StackingRule.model_fields if member in document}
        return _read(StackingRule, text, complaint)
    if "rule" in document and "type" not in document:
        kind = StackDefinition if "key" in document or "achievement" in document else StackingRule
        return _read(kind, document, complaint)
    return _read(StackingRule, {"rule": document}, complaint, hidden="/rule")


def _definitions(document: Json, name: str) -> tuple[StackDefinition, ...]:
    if isinstance(document, dict) and not _lists_rules(document):
        return (_read(StackDefinition, document, f"{name} is not the definition of a rule"),)
    listed, within = (document["rules"], "/rules") if isinstance(document, dict) else (document, "")
    if not isinstance(listed, list) or not listed:
        raise _malformed(name, within, "not_a_list", "must be a list of at least one definition of a rule")
    found: list[StackDefinition] = []
    problems = [
        Place(f"/{escape(member)}", "extra_forbidden", 'only "rules" stands beside the rules')
        for member in (document if isinstance(document, dict) else ())
        if member != "rules"
    ]
    for number, entry in enumerate(listed):
        try:
            found.append(_read(StackDefinition, entry, "", within=f"{within}/{number}"))
        except Malformed as refusal:
            problems.extend(refusal.problems)
    problems.extend(_repeated(found, within) if len(found) == len(listed) else ())
    if problems:
        raise Malformed(f"{name} is not a file of stacking rules", problems=problems)
    return tuple(found)


def _lists_rules(document: Json) -> bool:
    """Say whether a document is a file of several definitions; a node that has `rules` has a type too."""
    return isinstance(document, dict) and "rules" in document and "type" not in document


def _repeated(definitions: Sequence[StackDefinition], within: Pointer) -> Iterator[Place]:
    seen: dict[str, int] = {}
    for number, definition in enumerate(definitions):
        first = seen.setdefault(definition.key, number)
        if first != number:
            detail = f"{definition.key!r} is the key of {within}/{first} already"
            yield Place(f"{within}/{number}/key", "duplicate_key", detail)


def _chosen(definitions: tuple[StackDefinition, ...], name: str, key: str | None) -> StackDefinition:
    chosen = [one for one in definitions if key in {None, one.key}]
    if len(chosen) == 1:
        return chosen[0]
    there = ", ".join(one.key for one in definitions)
    if key is None:
        raise Malformed(f"{name} has {len(definitions)} rules; say which one is meant: {there}")
    raise Malformed(f"{name} has no rule {key!r}; there are: {there}")


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _parse(data: bytes, name: str) -> Json:
    """Read JSON when the file is named so, else YAML, as everywhere."""
    if name.lower().endswith(".json"):
        try:
            return jsontext.parse(data, max_bytes=LARGEST)
        except jsontext.NotJsonError as error:
            raise _malformed(f"{name} is not JSON", error.pointer, error.code, error.detail) from None
    try:
        return yamltext.parse(data.decode())
    except UnicodeDecodeError as error:
        raise _malformed(name, "", "not_utf8", f"byte {error.start} is not UTF-8") from None
    except yamltext.NotYamlError as error:
        raise _malformed(name, "", "not_yaml", str(error)) from None


def _read(kind: type[_Read], document: Json, complaint: str, *, within: Pointer = "", hidden: Pointer = "") -> _Read:
    """Read a model; `hidden` is a place that we put around what stands in the file."""
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        found = mistakes.without_echoes(mistakes.places(error.errors(), document))
        problems = [_worded(one, document, kind) for one in found]
        raise Malformed(
            complaint,
            problems=[Place(within + one.pointer.removeprefix(hidden), one.code, one.detail) for one in problems],
        ) from None


def _malformed(complaint: str, pointer: Pointer, code: str, detail: str) -> Malformed:
    return Malformed(f"{complaint}: {detail}", problems=[Place(pointer, code, detail)])


# ── What to do about a mistake ───────────────────────────────────────────────────────────────────────────────────────
def _worded(found: Place, document: Json, kind: type[BaseModel]) -> Place:
    """Say in our words what would be right, where pydantic's do not."""
    kinds = ", ".join(_NODES)
    match found.code:
        case "union_tag_invalid":
            return Place(f"{found.pointer}/type", "unknown_type", f"there is no such node; there are: {kinds}")
        case "union_tag_not_found":
            return Place(f"{found.pointer}/type", "missing", f"a node says its type, one of: {kinds}")
        case "model_type" | "model_attributes_type":
            return Place(found.pointer, "not_an_object", "must be an object")
        case "missing":
            return Place(found.pointer, "missing", "must be given")
        case "extra_forbidden":
            return Place(found.pointer, found.code, _unknown_member(found.pointer, document, kind))
        case _:
            return found


def _unknown_member(pointer: Pointer, document: Json, kind: type[BaseModel]) -> str:
    """Say which members there are instead, and which one is probably meant."""
    parent, _, member = pointer.rpartition("/")
    known = list(_model_at(parent, document, kind).model_fields)
    meant = difflib.get_close_matches(member, known, n=1)
    return f"did you mean {meant[0]!r}?" if meant else f"there is no such member; there are: {', '.join(known)}"


def _model_at(pointer: Pointer, document: Json, kind: type[BaseModel]) -> type[BaseModel]:
    """Give the model of the object at a place, which is known by the member that it stands under or by its type."""
    steps = [step for step in pointer.split("/")[1:] if not step.isdigit()]
    if not steps:
        return kind
    return _UNDER.get(steps[-1]) or _NODES.get(_at(document, pointer).get("type")) or kind


def _at(document: Json, pointer: Pointer) -> Json:
    for step in pointer.split("/")[1:]:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document
