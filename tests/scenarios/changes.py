"""What scenarios do to a good badge, before or after it is signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from ler_issuer import vc
from ler_issuer.types import Json, JsonObject
from signing import (
    INDEX,
    LIST_URL,
    SELF_ISSUED,
    SUSPENSIONS_URL,
    UNIVERSITY,
    Case,
    Key,
    badge,
    case,
    proof,
    signed,
)

Scenario: TypeAlias = tuple[str, str, Case]
"""The code it should be refused with, what is the matter with it, and the case itself."""

Scenes: TypeAlias = Iterator[tuple[str, Scenario]]
"""Scenarios by name."""

Change: TypeAlias = Callable[[JsonObject], object]

ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"

ROTATED = Key("rotated", UNIVERSITY.controller)


def altered(change: Change) -> Case:
    """Change a badge after it was signed."""
    scene = case()
    change(scene.document)
    return scene


def with_options(**options: Json) -> Case:
    scene = case()
    scene.document["proof"] = [proof(badge(), UNIVERSITY, **options)]
    return scene


def with_list(document: JsonObject) -> Case:
    scene = case()
    scene.material[LIST_URL] = vc.Found(document)
    return scene


def without_keys(key: Key = SELF_ISSUED) -> Case:
    scene = case(key)
    del scene.material[key.subject]
    return scene


def keys(scene: Case) -> JsonObject:
    """Give the controller document that was gathered, to be changed."""
    found = scene.material[UNIVERSITY.subject]
    assert isinstance(found, vc.Found)
    return found.document


def renamed(issuer: str) -> Case:
    key = Key("university", issuer)
    return Case(signed(badge(issuer), key))


def suspendable(document: JsonObject) -> None:
    document["credentialStatus"] = [document["credentialStatus"], vc.entry(SUSPENSIONS_URL, INDEX, "suspension")]
