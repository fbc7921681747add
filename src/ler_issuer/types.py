"""Names for the shapes that every package passes around."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = Any
"""Any JSON value, as parsed: dict, list, str, int, float, bool or None."""

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object, as parsed."""

Did: TypeAlias = str
"""A decentralised identifier, for example ``did:web:example.edu:issuers:biology``."""

Url: TypeAlias = str
"""An absolute URL, as text."""

Pointer: TypeAlias = str
"""A JSON Pointer (RFC 6901); the empty string is the whole document."""
