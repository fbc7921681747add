"""Binding: a mapping tied to the columns of one file, ready to turn rows into results.

The mapping is walked once; what is constant is put together once. A row then costs its cells and one validation, and
whatever that finds wrong is traced back to the column that it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ler_issuer.assessments.model import Result
from ler_issuer.assessments.readers.expressions import Cells, Fault, Leaf, Ties, seconds, whole
from ler_issuer.assessments.readers.mapping import EXPRESSIONS, Expression, ModifiedAt, RatingMapping
from ler_issuer.assessments.readers.mapping import Mapping as Declared
from ler_issuer.assessments.readers.tables import Table
from ler_issuer.assessments.values import Value
from ler_issuer.errors import Unacceptable
from ler_issuer.jsontext import escape
from ler_issuer.types import Json, JsonObject, Pointer


@dataclass(frozen=True, slots=True)
class Node:
    """An object: members that never change, and members taken from cells.

    It says nothing, and is left out, where there are members from cells and all of them are empty.
    """

    fixed: JsonObject
    moving: Mapping[str, Plan]


Plan: TypeAlias = "Leaf | Node | tuple[Plan, ...]"
"""The shape of a result, down to a `Leaf` for each member that the mapping takes from cells."""


class Binding:
    """A mapping tied to the columns of a file and to the tables of its look-ups."""

    def __init__(self, mapping: Declared, columns: Sequence[str], tables: Mapping[str, Table]) -> None:
        """Tie every expression to its column.

        Raises:
            Unacceptable: the mapping names columns or look-ups that do not exist; each with its place in the mapping.
        """
        ties = Ties(columns)
        for name, lookup in mapping.lookups.items():
            ties.add(name, lookup, tables[name])
        about_the_file = {"format", "csv", "lookups", "revision"}
        members = {name: getattr(mapping, name) for name in type(mapping).model_fields if name not in about_the_file}
        shape = _object(members, ties, "")
        numbers = {"attempt": whole}
        if isinstance(mapping.revision, ModifiedAt):
            leaf = ties.tie(mapping.revision.modified_at, "/revision/modified_at")
            shape = Node(shape.fixed, {**shape.moving, "revision": leaf})
            numbers["revision"] = seconds
        elif not isinstance(mapping.revision, str):
            shape = Node(shape.fixed, {**shape.moving, "revision": ties.tie(mapping.revision, "/revision")})
            numbers["revision"] = whole
        self._plan = _with_numbers(shape, numbers)
        if ties.problems:
            detail = f"the mapping does not fit the file: {ties.problems[0].detail}"
            raise Unacceptable(detail, problems=ties.problems)

    def result(self, cells: Cells) -> Result:
        """Read one row.

        Raises:
            Fault: it is not a result.
        """
        try:
            return Result.model_validate(_fill(self._plan, cells))
        except ValidationError as error:
            raise self._fault(
                error.errors(include_url=False, include_context=False, include_input=False), cells
            ) from None

    def column_of(self, place: Sequence[str | int], cells: Cells) -> str | None:
        """Give the column that a member of this row's result came from, the first of several; a constant has none."""
        plan: Plan | None = self._plan
        for token in place:
            if isinstance(plan, Node):
                plan = plan.moving.get(str(token))
            elif isinstance(plan, tuple):
                there = [one for one in plan if _fill(one, cells) is not None]
                plan = there[token] if isinstance(token, int) and token < len(there) else None
        return None if plan is self._plan else _first_column(plan)

    def _fault(self, errors: Sequence[ErrorDetails], cells: Cells) -> Fault:
        columns = [self.column_of(error["loc"], cells) for error in errors]
        said = [
            f"{column or '.'.join(map(str, error['loc'])) or 'the row'}: {error['msg'].removeprefix('Value error, ')}"
            for column, error in zip(columns, errors, strict=True)
        ]
        code = errors[0]["type"]
        return Fault(columns[0], "invalid" if code == "value_error" else code, "; ".join(said))


def _object(members: Mapping[str, object], ties: Ties, pointer: Pointer) -> Node:
    """Plan an object from the members of a mapping; those that it does not give are left out."""
    fixed: JsonObject = {}
    moving: dict[str, Plan] = {}
    for name, member in members.items():
        if member is None or member == ():
            continue
        plan = _plan(member, ties, f"{pointer}/{escape(name)}")
        if _is_fixed(plan):
            fixed[name] = _fill(plan, ())
        else:
            moving[name] = plan
    return Node(fixed, moving)


def _plan(member: object, ties: Ties, pointer: Pointer) -> Plan:
    if isinstance(member, EXPRESSIONS):
        return ties.tie(member, pointer)
    if isinstance(member, RatingMapping):
        return _rating(member, ties, pointer)
    if isinstance(member, Value):
        return _object({name: getattr(member, name) for name in type(member).model_fields}, ties, pointer)
    if isinstance(member, tuple):
        return tuple(_plan(one, ties, f"{pointer}/{number}") for number, one in enumerate(member))
    return _always(member)


def _rating(rating: RatingMapping, ties: Ties, pointer: Pointer) -> Node:
    """Plan a rating: the level, or that the criterion does not apply."""
    words = {word.casefold() for word in rating.not_applicable}
    leaf = ties.tie(_letting_through(rating.level, rating.not_applicable), f"{pointer}/level")

    def level(cells: Cells) -> str | None:
        text: str | None = leaf.get(cells)
        return None if text is None or text.casefold() in words else text

    def not_applicable(cells: Cells) -> bool | None:
        text: str | None = leaf.get(cells)
        return True if text is not None and text.casefold() in words else None

    moving = {"level": Leaf(level, leaf.column), "not_applicable": Leaf(not_applicable, leaf.column)}
    return Node({"criterion": rating.criterion}, moving)


def _letting_through(level: Expression, words: Sequence[str]) -> Expression:
    """Add words to a table of values, each for itself."""
    values = getattr(level, "values", None)
    if values is None:
        return level
    added = {form: word for word in words for form in (word, word.lower())}
    return level.model_copy(update={"values": {**added, **values}})


def _with_numbers(shape: Node, readers: Mapping[str, Callable[[str, str | None], int]]) -> Node:
    """Let members be read as numbers; a constant that is none is the fault of every row."""

    def number(leaf: Leaf, read: Callable[[str, str | None], int]) -> Leaf:
        def get(cells: Cells) -> int | None:
            text = leaf.get(cells)
            return None if text is None else read(text, leaf.column)

        return Leaf(get, leaf.column)

    moving = dict(shape.moving)
    for name, read in readers.items():
        constant = shape.fixed.get(name)
        leaf = moving.get(name) if constant is None else _always(constant)
        if isinstance(leaf, Leaf):
            moving[name] = number(leaf, read)
    return Node({name: text for name, text in shape.fixed.items() if name not in moving}, moving)


def _always(value: Json) -> Leaf:
    return Leaf(lambda _: value, None)


def _is_fixed(plan: Plan) -> bool:
    if isinstance(plan, Leaf):
        return plan.column is None
    if isinstance(plan, Node):
        return not plan.moving
    return all(_is_fixed(one) for one in plan)


def _first_column(plan: Plan | None) -> str | None:
    if plan is None or isinstance(plan, Leaf):
        return None if plan is None else plan.column
    parts = plan.moving.values() if isinstance(plan, Node) else plan
    return next((column for part in parts if (column := _first_column(part)) is not None), None)


def _fill(plan: Plan, cells: Cells) -> Json:
    """Put a row's values into a plan; None where it says nothing."""
    if isinstance(plan, Leaf):
        return plan.get(cells)
    if isinstance(plan, tuple):
        return [said for one in plan if (said := _fill(one, cells)) is not None]
    said = {name: value for name, one in plan.moving.items() if (value := _fill(one, cells)) is not None}
    return {**plan.fixed, **said} if said or not plan.moving else None
