"""The JSON Schemas of rules and holdings: what may be written, for people and for editors."""

from __future__ import annotations

from pydantic import TypeAdapter

from ler_issuer.stacking.holdings import Holding
from ler_issuer.stacking.rules import Rule, StackDefinition, StackingRule
from ler_issuer.types import JsonObject

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def rule_schema() -> JsonObject:
    """Give the JSON Schema of a rule file: a bare node, a rule, or a definition."""
    schema = TypeAdapter(StackDefinition | StackingRule | Rule).json_schema()
    return {"$schema": _DIALECT, "$id": "https://ler-issuer.example/schemas/stacking-rule.json", **schema}


def holdings_schema() -> JsonObject:
    """Give the JSON Schema of a file of holdings."""
    schema = TypeAdapter(list[Holding]).json_schema()
    return {"$schema": _DIALECT, "$id": "https://ler-issuer.example/schemas/holdings.json", **schema}
