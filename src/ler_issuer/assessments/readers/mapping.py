"""The declared mapping: how the columns of a file become results.

It is written in YAML or JSON and checked before the first row is read. Every member of a result is given by one small
expression, for example::

    source: ou-vle
    lookups:
      assessment:                          # a second file, found by a column of the first
        file: assessments.csv
        by: {id_assessment: {column: id_assessment}}
    source_id: {template: "{id_assessment}-{id_student}"}
    learner: {identifiers: [{type: "ext:student", value: {column: id_student}}]}
    achievement: {lookup: assessment, column: code_module, lower: true}
    assessment: {column: id_assessment}
    score: {column: score}
    assessor: {kind: {constant: automated}}
    assessed_at: {days_from: {constant: 2013-10-01}, column: date_submitted}

The JSON Schema for editors is `Mapping.model_json_schema()`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, StringConstraints, Tag, ValidationError, model_validator
from pydantic_core import ErrorDetails

from ler_issuer import mistakes
from ler_issuer.assessments.values import Name, SourceName, Value
from ler_issuer.errors import Unacceptable
from ler_issuer.types import Json, JsonObject


def _as_text(value: object) -> object:
    """Take the numbers and dates that YAML reads out of bare words back to text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


Cell = Annotated[str, BeforeValidator(_as_text)]
"""Text as it may stand in a cell; YAML may write it without quotation marks."""


class Source(Value):
    """What every expression that reads cells can say.

    In this order: an empty cell is an error, or nothing (`empty: none`), or the `default`; `lower` folds to lower case;
    `values` translates, and a value that it does not list is an error.
    """

    empty: Literal["error", "none"] = "error"
    default: Cell | None = None
    lower: bool = False
    values: dict[Cell, Cell] | None = None


class Column(Source):
    """The cell of a column."""

    column: Name


class Constant(Value):
    """The same for every row."""

    constant: Cell


class Template(Source):
    """Text with `{column}` or `{lookup.column}` in it; empty as soon as one of them is."""

    template: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        if not self.names or re.search(r"[{}]", PLACEHOLDER.sub("", self.template)):
            raise ValueError('a template has columns in braces, for example "{id_assessment}-{id_student}"')
        return self

    @property
    def names(self) -> list[str]:
        """Give what stands in braces."""
        return PLACEHOLDER.findall(self.template)


PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
"""One column in a template."""


class Looked(Source):
    """The cell of a column in the row that a look-up finds."""

    lookup: Name
    column: Name


class DaysFrom(Source):
    """The date that lies the column's number of days (it may be negative) after another date."""

    days_from: Expression
    column: Name


_FORM = "form "  # marks the branch of a union in pydantic's places, which are no members of the document


def _form(value: object) -> str | None:
    """Tell which expression it is by the member that only this one has."""
    for form in ("constant", "template", "lookup", "days_from", "column"):
        if form in value if isinstance(value, dict) else hasattr(value, form):
            return _FORM + form
    return None


Expression = Annotated[
    Annotated[Constant, Tag(f"{_FORM}constant")]
    | Annotated[Template, Tag(f"{_FORM}template")]
    | Annotated[Looked, Tag(f"{_FORM}lookup")]
    | Annotated[DaysFrom, Tag(f"{_FORM}days_from")]
    | Annotated[Column, Tag(f"{_FORM}column")],
    Discriminator(
        _form,
        custom_error_type="expression",
        custom_error_message="give one of: column, constant, template, lookup with column, days_from with column",
    ),
]
"""Where one member of a result comes from."""

EXPRESSIONS = (Constant, Template, Looked, DaysFrom, Column)
"""The forms of an expression."""


class Lookup(Value):
    """A second table, in a file or written out: the row whose columns equal the expressions of `by`.

    These may use the look-ups that are declared above.
    """

    file: Name | None = None
    rows: Annotated[tuple[dict[Cell, Cell], ...], Field(min_length=1, max_length=10_000)] | None = None
    by: Annotated[dict[Name, Expression], Field(min_length=1, max_length=5)]

    @model_validator(mode="after")
    def _one_table(self) -> Self:
        if (self.file is None) == (self.rows is None):
            raise ValueError('give either a "file" or "rows"')
        if self.rows is not None and any(set(row) != set(self.rows[0]) for row in self.rows):
            raise ValueError("the rows do not all have the same columns")
        return self


class IdentifierMapping(Value):
    """One identifier of the learner."""

    type: Annotated[str, StringConstraints(max_length=60)]
    value: Expression


class LearnerMapping(Value):
    """How the learner is named; an identifier that is empty (`empty: none`) is left out."""

    identifiers: Annotated[tuple[IdentifierMapping, ...], Field(min_length=1, max_length=10)]
    did: Expression | None = None


class RatingMapping(Value):
    """The rating of one criterion; left out where its cell is empty (`empty: none`)."""

    criterion: Name
    level: Expression
    not_applicable: tuple[Cell, ...] = ("NA", "N/A", "n/a")


class AssessorMapping(Value):
    """Who rated."""

    kind: Expression
    id: Expression | None = None
    name: Expression | None = None


class ExperienceMapping(Value):
    """The setting of the assessment."""

    source_id: Expression
    kind: Expression
    name: Expression | None = None
    partner: Expression | None = None
    started_on: Expression | None = None
    ended_on: Expression | None = None


class ParticipationMapping(Value):
    """The learner's part in an experience; left out where all that comes from cells is empty."""

    experience: ExperienceMapping
    role: Expression | None = None
    hours: Expression | None = None
    started_on: Expression | None = None
    ended_on: Expression | None = None


class UnitMapping(Value):
    """The part of the institution that gives a course."""

    source_id: Expression
    name: Expression | None = None


class CourseMapping(Value):
    """What is taught; left out, like the unit in it, where all that comes from cells is empty."""

    source_id: Expression
    title: Expression | None = None
    code: Expression | None = None
    unit: UnitMapping | None = None


class SessionMapping(Value):
    """The term; left out where all that comes from cells is empty."""

    source_id: Expression
    title: Expression | None = None
    starts_on: Expression | None = None
    ends_on: Expression | None = None


class SectionMapping(Value):
    """The class in which something was assessed; left out where all that comes from cells is empty."""

    source_id: Expression
    title: Expression | None = None
    credits: Expression | None = None
    course: CourseMapping | None = None
    session: SessionMapping | None = None


class EvidenceMapping(Value):
    """One item of evidence; left out where all that comes from cells is empty."""

    id: Expression | None = None
    name: Expression | None = None
    description: Expression | None = None
    narrative: Expression | None = None
    genre: Expression | None = None
    audience: Expression | None = None
    disclosure: Expression | None = None


class ModifiedAt(Value):
    """The revision is the time of the last change (ISO 8601; UTC where it has no offset), in seconds since 1970."""

    modified_at: Expression


def _revision_form(value: object) -> str:
    if isinstance(value, str):
        return f"{_FORM}by_content"
    timed = "modified_at" in value if isinstance(value, dict) else isinstance(value, ModifiedAt)
    return f"{_FORM}modified_at" if timed else f"{_FORM}expression"


Revision = Annotated[
    Annotated[Literal["by_content"], Tag(f"{_FORM}by_content")]
    | Annotated[ModifiedAt, Tag(f"{_FORM}modified_at")]
    | Annotated[Expression, Tag(f"{_FORM}expression")],
    Discriminator(_revision_form),
]
"""Where the revision comes from: a number, a time of change, or the content (changed content is the next revision)."""


class CsvOptions(Value):
    """How the text is laid out; also for the files of look-ups."""

    delimiter: Literal[",", ";", "\t", "|"] = ","
    encoding: Literal["utf-8", "windows-1252", "iso-8859-1"] = "utf-8"


class Mapping(Value):
    """How the columns of a file become results; the members are those of a result."""

    format: Literal["csv", "jsonlines"] = "csv"
    csv: CsvOptions = CsvOptions()
    lookups: Annotated[dict[Name, Lookup], Field(max_length=20)] = Field(default_factory=dict)
    source: SourceName
    source_id: Expression
    revision: Revision = "by_content"
    learner: LearnerMapping
    achievement: Expression | None = None
    assessment: Expression | None = None
    attempt: Expression | None = None
    ratings: Annotated[tuple[RatingMapping, ...], Field(max_length=50)] = ()
    overall_level: Expression | None = None
    score: Expression | None = None
    result_status: Expression | None = None
    assessor: AssessorMapping
    participation: ParticipationMapping | None = None
    section: SectionMapping | None = None
    assessed_at: Expression
    evidence: Annotated[tuple[EvidenceMapping, ...], Field(max_length=20)] = ()

    @property
    def by_content(self) -> bool:
        """Tell whether changed content is simply the next revision."""
        return self.revision == "by_content"


def declare(document: Json) -> Mapping:
    """Read a mapping, as parsed from YAML or JSON.

    Raises:
        Unacceptable: it is no mapping; each problem has its place in the document.
    """
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        problems = mistakes.places(map(_without_forms, error.errors()), document)
        first = f"{problems[0].pointer or 'the whole'}: {problems[0].detail}"
        raise Unacceptable(f"the mapping cannot be used: {first}", problems=problems) from None


def _without_forms(error: ErrorDetails) -> JsonObject:
    """Leave out of a location which form of an expression was tried: as the last part it would pass for a member."""
    return {**error, "loc": [part for part in error["loc"] if not str(part).startswith(_FORM)]}
