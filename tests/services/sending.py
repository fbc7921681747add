"""Sending results to an issuer, as sources do."""

from __future__ import annotations

from typing import Any

import pytest

from ler_issuer.assessments import Result
from ler_issuer.errors import Refusal
from ler_issuer.runtime import Runtime
from ler_issuer.services import taking
from ler_issuer.services.intake import Receipt
from records import everything
from world import Tenant, result

DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
BY_ASSESSMENT = {"award": {"each_of": ["essay", "talk"], "conditions": [{"type": "criteria", "level": "proficient"}]}}


def send(rt: Runtime, tenant: Tenant, body: dict[str, Any]) -> Receipt:
    return taking.record_result(rt, tenant.caller, Result.model_validate(body))


def refused(rt: Runtime, tenant: Tenant, body: dict[str, Any], kind: type[Refusal]) -> set[tuple[str, str]]:
    """Send what is refused; check that it leaves nothing, and give the places that it names."""
    before = everything(rt)
    with pytest.raises(kind) as caught:
        send(rt, tenant, body)
    assert everything(rt) == before
    return {(place.pointer, place.code) for place in caught.value.problems}


def rated(level: str) -> list[dict[str, str]]:
    """Give ratings at one level on both criteria."""
    ratings: list[dict[str, str]] = result(level=level)["ratings"]
    return ratings


def about(*identifiers: tuple[str, str], **changes: Any) -> dict[str, Any]:
    """Give the body of a result about whoever has these identifiers."""
    named = [{"type": kind, "value": value} for kind, value in identifiers]
    return result(**changes) | {"learner": {"identifiers": named}}
