"""What tests of the readers share: the small files beside this one, and reading text."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import yaml

from ler_issuer.assessments.readers import READERS, declare

DATA = Path(__file__).parent / "data"

PLAIN = {
    "source": "lms",
    "source_id": {"column": "id"},
    "learner": {"identifiers": [{"type": "sourcedId", "value": {"column": "who"}}]},
    "score": {"column": "score"},
    "assessor": {"kind": {"constant": "faculty"}},
    "assessed_at": {"constant": "2026-05-04"},
}


def small():
    return declare(yaml.safe_load((DATA / "mapping.yaml").read_text()))


def read(mapping, text, tables=None):
    """Read text with a mapping (a model, or changes to the plain one); give the sheet and all its rows."""
    if isinstance(mapping, dict):
        mapping = declare(PLAIN | mapping)
    data = text if isinstance(text, bytes) else text.encode()
    tables = {name: BytesIO(table.encode()) for name, table in (tables or {}).items()}
    sheet = READERS[mapping.format].read(BytesIO(data), mapping, tables)
    return sheet, list(sheet.rows)


def rejects(mapping, sheet, errors):
    """Write a file of rejects."""
    form = READERS[mapping.format]
    lines = [form.reject(error, sheet.columns, mapping) for error in errors]
    return b"".join([form.heading(sheet.columns, mapping), *lines])
