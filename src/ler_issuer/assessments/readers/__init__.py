"""Readers: files of results in, results and row errors out. Pure: lines come in, whoever opened the file."""

from collections.abc import Mapping as _Mapping
from types import MappingProxyType

from ler_issuer.assessments.readers.csv import CSV
from ler_issuer.assessments.readers.jsonlines import JSON_LINES
from ler_issuer.assessments.readers.mapping import Mapping, declare
from ler_issuer.assessments.readers.rows import Format, Mapped, RowError, Sheet

READERS: _Mapping[str, Format] = MappingProxyType({"csv": CSV, "jsonlines": JSON_LINES})
"""The file formats, by the name that a mapping's `format` gives."""

__all__ = ["READERS", "Format", "Mapped", "Mapping", "RowError", "Sheet", "declare"]
