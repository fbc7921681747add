"""The JSON Schemas of files of rules and of holdings, for editors and for those who write such files by program.

They are made from the models that read the files, so they accept what is read; what a schema cannot say (that a level
stands on the scale, that `count` is not more than there are rules) is only found when the file is read.
"""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.reading import HoldingsFile
from ler_issuer.stacking.rules import Rule, StackDefinition, StackingRule
from ler_issuer.types import JsonObject

RULE_SCHEMA: Final = "urn:ler-issuer:schema:stacking-rule"
"""The `$id` of the schema of rules."""

HOLDINGS_SCHEMA: Final = "urn:ler-issuer:schema:holdings"
"""The `$id` of the schema of holdings."""


def rule_schema() -> JsonObject:
    """Give the JSON Schema (2020-12) of a file of one rule: a definition, a rule, or a bare node."""
    return _schema(
        TypeAdapter(StackDefinition | StackingRule | Rule),
        RULE_SCHEMA,
        "Stacking rule",
        "What it takes, in holdings, to earn an achievement: a definition with key and achievement, a rule with its"
        " levels and equivalences, or a bare node. docs/stacking-rules.md says what each node means.",
    )


def holdings_schema() -> JsonObject:
    """Give the JSON Schema (2020-12) of a file of holdings: a list, or an object that also tells enrolments."""
    schema = _schema(
        TypeAdapter(list[Holding] | HoldingsFile),
        HOLDINGS_SCHEMA,
        "Holdings",
        "What a learner holds, as stacking rules read it: a list of holdings, or an object with holdings and the"
        " achievements that the learner is enrolled in.",
    )
    schema["$defs"][HoldingsFile.__name__]["required"] = ["holdings"]  # an object without them is another file
    return schema


def _schema(of: TypeAdapter[object], name: str, title: str, description: str) -> JsonObject:
    schema = of.json_schema()
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": name,
        "title": title,
        "description": description,
        **schema,
    }
