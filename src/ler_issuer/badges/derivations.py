"""Derivations: what a stacked credential says about the parts that it was earned with (ADR 12).

The credential names the exact version of the rule and each part, with the digests of both; for each requirement of the
rule, the parts that met it; and the time of evaluation. It does so in members that every wallet knows::

    relatedResource   the rule version, and every part: id, name, digest (VCDM 2.0 §5.3)
    evidence          one entry for each requirement, one for each part that met it, with words for people
    result            the time of evaluation
    narrative         the outcome in one sentence

A digest is the SHA-256 of the RFC 8785 form: the copy that a wallet kept has it, however it is ordered and indented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges.achievements import Circumstance
from ler_issuer.vc import as_list, id_of, instant, read_digest, stamp, write_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import Json, JsonObject, Pointer, Url

REQUIREMENT = "Requirement"
"""The genre of the evidence that tells a requirement of the rule."""

PART = "Part"
"""The genre of the evidence that tells a part, and by its fragment which requirement it met."""

RULE_TYPE = "application/json"
PART_TYPE = "application/vc"

_HEX = re.compile(r"[0-9a-f]{64}")
_POINTER = re.compile(r"(/[A-Za-z0-9_-]+)*")
_ID = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`#]+')


@dataclass(frozen=True, slots=True)
class Part:
    """A credential that a stack was earned with; `digest` is hexadecimal (see `part_digest`)."""

    id: str
    digest: str
    name: str
    awarded_at: datetime

    def __post_init__(self) -> None:
        """Refuse what could not be told, and keep the time as it is told: to the second."""
        _require_id(self.id, "a part")
        _require_digest(self.digest, f"the part {self.id}")
        _require_text(self.name, f"the name of the part {self.id}")
        object.__setattr__(self, "awarded_at", _second(self.awarded_at))


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of the rule, by its place in the rule's text, with the ids of the parts that met it."""

    pointer: Pointer
    name: str
    sentence: str
    parts: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what could not be told."""
        if not _POINTER.fullmatch(self.pointer):
            raise ValueError(f"{self.pointer[:100]!r} is not the place of a requirement in a rule")
        _require_text(self.name, f"the name of the requirement {self.pointer}")
        _require_text(self.sentence, f"the sentence of the requirement {self.pointer}")
        if len(set(self.parts)) != len(self.parts):
            raise ValueError(f"the requirement {self.pointer} names a part twice")


@dataclass(frozen=True, slots=True)
class Derivation:
    """What a stacked credential was derived from: by which version of which rule, when, and from which parts.

    `rule` is the URL that serves exactly this version for ever. Requirements are kept in the order of the rule's text,
    parts in the order in which they were earned.
    """

    rule: Url
    rule_name: str
    rule_digest: str
    evaluated_at: datetime
    sentence: str
    requirements: tuple[Requirement, ...]
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        """Refuse what does not hang together, and put it into order."""
        _require_id(self.rule, "a rule")
        _require_digest(self.rule_digest, "the rule")
        _require_text(self.rule_name, "the name of the rule")
        _require_text(self.sentence, "the outcome")
        places = [one.pointer for one in self.requirements]
        ids = [one.id for one in self.parts]
        if len(set(places)) != len(places):
            raise ValueError("a requirement is told twice")
        if len({self.rule, *ids}) != 1 + len(ids):
            raise ValueError("a part is told twice")
        used = {part for one in self.requirements for part in one.parts}
        if used != set(ids):
            raise ValueError("the parts are not those that the requirements name")
        earned = tuple(sorted(self.parts, key=lambda part: (part.awarded_at, part.id)))
        rank = {part.id: place for place, part in enumerate(earned)}
        ordered = (
            Requirement(one.pointer, one.name, one.sentence, tuple(sorted(one.parts, key=lambda part: rank[part])))
            for one in sorted(self.requirements, key=lambda one: _in_text(one.pointer))
        )
        object.__setattr__(self, "evaluated_at", _second(self.evaluated_at))
        object.__setattr__(self, "parts", earned)
        object.__setattr__(self, "requirements", tuple(ordered))


def _require_id(named: str, what: str) -> None:
    if not _ID.fullmatch(named):
        raise ValueError(f"{named[:100]!r} is not the id of {what}: an absolute IRI without a fragment")


def _require_digest(digest: str, what: str) -> None:
    if not _HEX.fullmatch(digest):
        raise ValueError(f"the digest of {what} is not a SHA-256 in hexadecimal")


def _require_text(text: str, what: str) -> None:
    if not text.strip():
        raise ValueError(f"{what} is empty")


def _second(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return moment.astimezone(UTC).replace(microsecond=0)


def _in_text(pointer: Pointer) -> list[tuple[bool, int, str]]:
    """Order places as they stand in the text: numbers as numbers."""
    steps = pointer.split("/")[1:]
    return [(not step.isdecimal(), int(step) if step.isdecimal() else 0, step) for step in steps]


def part_digest(credential: Json) -> str:
    """Give the SHA-256, in hexadecimal, of the RFC 8785 form of a credential as it was received, proof included.

    Raises:
        ValueError: the credential is not JSON that has such a form.

    """
    return jsontext.digest(credential)


def resources(derivation: Derivation) -> list[JsonObject]:
    """Write the `relatedResource` entries of a derivation: the rule version, then the parts."""
    rule = {
        "id": derivation.rule,
        "name": derivation.rule_name,
        "mediaType": RULE_TYPE,
        "digestMultibase": write_digest(derivation.rule_digest),
    }
    return [rule, *map(_resource, derivation.parts)]


def _resource(part: Part) -> JsonObject:
    return {
        "id": part.id,
        "name": part.name,
        "awardedDate": stamp(part.awarded_at),
        "mediaType": PART_TYPE,
        "digestMultibase": write_digest(part.digest),
    }


def reasons(derivation: Derivation) -> Iterator[JsonObject]:
    """Write the `evidence` entries of a derivation: each requirement, followed by the parts that met it."""
    named = {part.id: part for part in derivation.parts}
    for requirement in derivation.requirements:
        yield {
            "id": f"{derivation.rule}#{requirement.pointer}",
            "type": ["Evidence"],
            "name": requirement.name,
            "narrative": requirement.sentence,
            "genre": REQUIREMENT,
        }
        for part in (named[one] for one in requirement.parts):
            yield {
                "id": f"{part.id}#{requirement.pointer}",
                "type": ["Evidence"],
                "name": part.name,
                "narrative": f"Awarded on {stamp(part.awarded_at)}; counts for: {requirement.name}",
                "genre": PART,
            }


def is_reason(evidence: Json) -> bool:
    """Say whether an entry of `evidence` is one of those that tell a derivation."""
    return isinstance(evidence, dict) and evidence.get("genre") in (REQUIREMENT, PART)


def derivation_of(credential: JsonObject) -> Derivation | None:
    """Read what a credential says it was derived from; None when it says nothing of the kind.

    It says what the credential claims: verify it, and its parts, first. Takes any JSON object; the work grows with its
    size and nothing else.

    Raises:
        ValueError: the credential tells a derivation, but not one that hangs together.

    """
    evaluated_at = _evaluated_at(credential)
    if evaluated_at is None:
        return None
    related = [_related(one) for one in as_list(credential.get("relatedResource"))]
    rules = [one for one in related if one["mediaType"] == RULE_TYPE]
    if len(rules) != 1:
        raise ValueError(f"a derivation names one version of a rule, and here are {len(rules)}")
    [rule] = rules
    parts = tuple(
        Part(one["id"], one["digest"], _text(one, "name"), _instant(one.get("awardedDate"), "a part was awarded"))
        for one in related
        if one["mediaType"] == PART_TYPE
    )
    return Derivation(
        rule=rule["id"],
        rule_name=_text(rule, "name"),
        rule_digest=rule["digest"],
        evaluated_at=evaluated_at,
        sentence=_text(credential["credentialSubject"], "narrative"),
        requirements=tuple(_requirements(credential, rule["id"], {part.id for part in parts})),
        parts=parts,
    )


def _evaluated_at(credential: JsonObject) -> datetime | None:
    subject = credential.get("credentialSubject")
    if not isinstance(subject, dict):
        return None
    achieved = id_of(subject.get("achievement"))
    if achieved is None:
        return None
    described = f"{achieved}#ext/{Circumstance.EVALUATED_AT}"
    told = [
        result.get("value")
        for result in as_list(subject.get("result"))
        if isinstance(result, dict) and result.get("resultDescription") == described
    ]
    if len(told) > 1:
        raise ValueError("the time of evaluation is told twice")
    return _instant(told[0], "the rule was evaluated") if told else None


def _related(resource: Json) -> JsonObject:
    """Read an entry of `relatedResource`, its digest in hexadecimal."""
    entry = resource if isinstance(resource, dict) else {}
    named, media_type = _text(entry, "id"), _text(entry, "mediaType")
    try:
        digest = read_digest(entry.get("digestMultibase"))
    except ValueError as error:
        raise ValueError(f"the digest of {named[:100]!r} cannot be read: {error}") from None
    return {**entry, "mediaType": media_type, "digest": digest}


def _requirements(credential: JsonObject, rule: Url, parts: set[str]) -> Iterator[Requirement]:
    told: dict[Pointer, JsonObject] = {}
    met: dict[Pointer, list[str]] = {}
    for evidence in filter(is_reason, as_list(credential.get("evidence"))):
        owner, _, pointer = _text(evidence, "id").partition("#")
        if evidence["genre"] == PART:
            if owner not in parts:
                raise ValueError(f"{owner[:100]!r} counts for a requirement, but is not one of the parts")
            met.setdefault(pointer, []).append(owner)
        elif owner != rule:
            raise ValueError(f"a requirement is that of another rule: {owner[:100]!r}")
        elif pointer in told:
            raise ValueError(f"the requirement {pointer[:100]!r} is told twice")
        else:
            told[pointer] = evidence
    unknown = next((pointer for pointer in met if pointer not in told), None)
    if unknown is not None:
        raise ValueError(f"a part counts for a requirement that is not told: {unknown[:100]!r}")
    for pointer, evidence in told.items():
        yield Requirement(pointer, _text(evidence, "name"), _text(evidence, "narrative"), tuple(met.get(pointer, ())))


def _text(owner: JsonObject, name: str) -> str:
    value = owner.get(name)
    if isinstance(value, str):
        return value
    raise ValueError(f"where the derivation is told, {name!r} is missing or no text")


def _instant(value: Json, what: str) -> datetime:
    moment = instant(value)
    if moment is None:
        raise ValueError(f"the time when {what} cannot be read")
    return moment
