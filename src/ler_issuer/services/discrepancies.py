"""Discrepancies: what an audit names when the facts do not bear something out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something that the facts do not bear out; `object_id` is an award, a credential or a learner."""

    code: str
    object_id: str
    detail: str
