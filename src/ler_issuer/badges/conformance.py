"""Whether a credential has the form that Open Badges 3.0 requires: of documents we judge, and of those we issue.

`structure` judges any document and yields findings for a report. `nonconformities` asks more of what we are to sign:
nothing that programs read differently from one to the next. A problem that it finds is a bug of ours.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, NoReturn, Self

from jsonschema_rs import Draft201909Validator, ValidationError

from ler_issuer.badges import probes, references
from ler_issuer.badges.probes import Fault, Kind, is_vc11, kind_of
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.jsontext import escape
from ler_issuer.vc import (
    CheckId,
    Finding,
    Outcome,
    Problem,
    as_list,
    finding,
    id_of,
    members,
    types_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ler_issuer.types import Json, JsonObject, Pointer, Url

BADGE_SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
"""The published schema of `AchievementCredential`, in the variant that allows what JSON-LD allows."""

RECORD_SCHEMA = "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json"
"""The schema of `ClrCredential`; the published one is in no registry, so this is one of ours that requires the same."""

_SCHEMA_OF = {Kind.BADGE: BADGE_SCHEMA, Kind.CLR: RECORD_SCHEMA}

MOST_FAULTS = 20
"""Faults of one check that a report tells; a document with more of them is no better understood by reading them."""

_MOST_LEAVES = 500
_LARGEST_INTEGER = 2**53 - 1
_DECLARED_TYPE = "1EdTechJsonSchemaValidator2019"

_PASSED = {
    CheckId.CONTEXT_ORDER: "contexts_in_order",
    CheckId.TYPE: "types_present",
    CheckId.SCHEMA_BASE: "schema_fits",
    CheckId.SCHEMA_DECLARED: "declared_schema_fits",
    CheckId.SUBJECT_MODEL: "subject_sound",
    CheckId.EVIDENCE_TYPES: "evidence_sound",
    CheckId.ISSUER_TYPES: "issuer_sound",
    CheckId.RESULT_REFS: "results_agree",
}


class Violation(NamedTuple):
    """One place where a document departs from a schema, told without repeating what stands there."""

    pointer: Pointer
    detail: str


class UnreadableError(ValueError):
    """A document cannot be held against a schema at all: it is nested too deeply or holds broken characters."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """The JSON Schemas there are, compiled once, each under the URL that documents name it by."""

    validators: Mapping[Url, Draft201909Validator]

    @classmethod
    def compile(cls, schemas: Mapping[Url, JsonObject]) -> Self:
        """Compile schemas as draft 2019-09 (their `$schema` is misspelt), formats checked, nothing ever fetched.

        Raises:
            ValueError: a schema is not valid, or refers to a document outside itself.

        """
        return cls({url: _compiled(schema) for url, schema in schemas.items()})

    def violations(self, url: Url, document: JsonObject) -> tuple[Violation, ...]:
        """Hold a document against one schema; no more than `MOST_FAULTS` places are told.

        Raises:
            KeyError: there is no such schema.
            UnreadableError: the document cannot be walked.

        """
        try:
            errors = tuple(islice(self.validators[url].iter_errors(document), MOST_FAULTS))
            return tuple(_violation(error) for error in errors)
        except ValueError as error:
            raise UnreadableError(str(error)) from None


def _compiled(schema: JsonObject) -> Draft201909Validator:
    return Draft201909Validator(schema, validate_formats=True, retriever=_refuse, mask="what stands here")


def _refuse(url: str) -> NoReturn:
    raise ValueError(f"the schema refers to {url}, which is not fetched")


def _violation(error: ValidationError) -> Violation:
    """Tell what is wrong at the deepest place that the schema complains about.

    The published schema wraps nearly everything in `oneOf` (a thing, or an array of things), whose own message says
    nothing; the complaint of the branch that got furthest does.
    """
    deepest = max(
        islice(_leaves(error), _MOST_LEAVES),
        key=lambda leaf: (len(leaf.instance_path), leaf.kind.name != "type"),
    )
    return Violation("".join(f"/{escape(step)}" for step in deepest.instance_path), deepest.message)


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    pending = [error]
    while pending:
        one = pending.pop()
        inner = [each for branch in getattr(one.kind, "context", ()) for each in branch]
        if inner:
            pending.extend(inner)
        else:
            yield one


def structure(document: JsonObject, schemas: Schemas) -> tuple[Finding, ...]:
    """Judge the structure of a document, check by check in the published order (openbadges-clr.md §7 rows 2, 4 to 9).

    Total: any JSON object gives findings, at least one for each check; nothing is fetched and nothing raises.
    """
    faults = {
        CheckId.CONTEXT_ORDER: probes.contexts(document),
        CheckId.TYPE: probes.types(document),
        CheckId.SCHEMA_BASE: _base(document, schemas),
        CheckId.SCHEMA_DECLARED: _declared(document, schemas),
        CheckId.SUBJECT_MODEL: probes.subject(document),
        CheckId.EVIDENCE_TYPES: probes.evidence(document),
        CheckId.ISSUER_TYPES: probes.issuer(document),
        CheckId.RESULT_REFS: references.results(document),
    }
    return tuple(found for check, some in faults.items() for found in _findings(check, some))


def _findings(check: CheckId, faults: Iterable[Fault]) -> list[Finding]:
    found = [
        finding(check, fault.outcome, fault.code, fault.pointer, detail=fault.detail, messages=MESSAGES)
        for fault in islice(faults, MOST_FAULTS)
    ]
    return found or [finding(check, Outcome.PASS, _PASSED[check], messages=MESSAGES)]


def _base(document: JsonObject, schemas: Schemas) -> Iterator[Fault]:
    """Hold the document against the schema of its kind; where none is published or bundled, against the data model."""
    kind = kind_of(document)
    schema = _SCHEMA_OF.get(kind)
    if schema is not None and not is_vc11(document) and schema in schemas.validators:
        yield from _against(schema, document, schemas, "schema_violation")
        return
    yield from _model(document)
    if is_vc11(document):
        yield Fault("vc11_model", outcome=Outcome.WARNING)
    elif kind is not Kind.OTHER:
        yield Fault("schema_unavailable", outcome=Outcome.WARNING)


def _against(url: Url, document: JsonObject, schemas: Schemas, code: str) -> Iterator[Fault]:
    try:
        violations = schemas.violations(url, document)
    except UnreadableError as error:
        yield Fault("schema_unreadable", detail=str(error))
        return
    if [violation.pointer for violation in violations] == ["/credentialStatus"] and _is_status_array(document):
        yield Fault("status_array", "/credentialStatus", outcome=Outcome.WARNING)
        return
    for violation in violations:
        yield Fault(code, violation.pointer, violation.detail)


_BOTH_PURPOSES = ("revocation", "suspension")


def _is_status_array(document: JsonObject) -> bool:
    """Say whether the status is what the published schema has no room for and the W3C data model has."""
    entries = document.get("credentialStatus")
    if not isinstance(entries, list) or not all("BitstringStatusListEntry" in types_of(entry) for entry in entries):
        return False
    purposes = [entry.get("statusPurpose") for entry in entries]
    return len(purposes) == len(_BOTH_PURPOSES) and all(purpose in purposes for purpose in _BOTH_PURPOSES)


def _model(document: JsonObject) -> Iterator[Fault]:
    """Look for what every credential needs (VC Data Model 2.0 §4; for version 1.1, §4 there)."""
    if id_of(document.get("issuer")) is None:
        yield _needed(document, "issuer")
    subjects = as_list(document.get("credentialSubject"))
    if not subjects or not all(isinstance(subject, dict) and subject for subject in subjects):
        yield _needed(document, "credentialSubject")
    for name in _texts(document):
        if not isinstance(document.get(name), str):
            yield _needed(document, name)
    for name in ("credentialStatus", "credentialSchema", "evidence", "refreshService", "termsOfUse"):
        for pointer, value in members(document, name):
            if not isinstance(value, dict):
                yield Fault("member_malformed", pointer, name)


def _texts(document: JsonObject) -> Iterator[str]:
    """Name the members that must be text: those that this kind of credential requires, and `id` wherever it stands.

    Endorsements of version 1.1 needed neither id nor name; the published ones have neither.
    """
    kind, old = kind_of(document), is_vc11(document)
    plain = kind is Kind.OTHER or (kind is Kind.ENDORSEMENT and old)
    if "id" in document or not plain:
        yield "id"
    if old:
        yield "issuanceDate"
    elif not plain:
        yield "validFrom"
    if not plain and (kind in {Kind.CLR, Kind.ENDORSEMENT} or (kind is Kind.BADGE and old)):
        yield "name"


def _needed(document: JsonObject, name: str) -> Fault:
    return Fault("member_malformed", f"/{name}", name) if name in document else Fault("member_missing", "", name)


def _declared(document: JsonObject, schemas: Schemas) -> Iterator[Fault]:
    """Hold the document against the schemas that it names itself, as far as they are here.

    Under their URLs 1EdTech once published those for version 1.1 of the data model; the ones here are for 2.0 alone.
    """
    named = list(members(document, "credentialSchema"))
    if not named:
        yield Fault("no_declared_schema", outcome=Outcome.SKIPPED)
    judged = set()
    at_hand = () if is_vc11(document) else schemas.validators
    for pointer, declared in named:
        url = id_of(declared)
        if not isinstance(declared, dict) or url is None:
            yield Fault("declared_schema_malformed", pointer)
        elif _DECLARED_TYPE not in types_of(declared) or url not in at_hand:
            yield Fault("unchecked", pointer, url, Outcome.WARNING)
        elif url not in judged:
            judged.add(url)
            yield from _against(url, document, schemas, "declared_schema_violation")


def nonconformities(document: JsonObject, schemas: Schemas) -> tuple[Problem, ...]:
    """Find everything that must not be in a document that we are about to sign; none is the only good answer.

    Every check of `structure` passes (`status_array` is the one departure that a suspendable credential needs), and the
    document keeps to what all programs read alike: no nulls, no empty arrays (Open Badges forbids both), no control
    characters, no numbers with exponents, ids that are absolute IRIs. What linked data would lose is not looked for
    here: `vc.prepare` finds it, in the one canonicalisation that signing needs anyway.
    """
    fine = {Outcome.PASS, Outcome.SKIPPED}
    faults = (one for one in structure(document, schemas) if one.outcome not in fine and one.code != "status_array")
    formal = tuple(Problem(one.code, one.message, one.pointer) for one in faults)
    return formal + tuple(_policy(document))


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`#]+(#[^\x00-\x20<>"{}|\\^`#]*)?')

_UNFIT = {
    "null_value": "a null says nothing; leave the member out",
    "empty_array": "an empty array says nothing; leave the member out",
    "control_character": "programs disagree about control characters",
    "not_an_iri": "an id is an absolute IRI with at most one #",
    "number_unsafe": "programs disagree about integers beyond 2^53 and about numbers with an exponent",
}


def _policy(document: JsonObject) -> Iterator[Problem]:
    pending: list[tuple[Pointer, Json]] = [("", document)]
    while pending:
        pointer, value = pending.pop()
        code = _unfit(pointer, value)
        if code is not None:
            yield Problem(code, _UNFIT[code], pointer)
        if isinstance(value, dict):
            pending.extend((f"{pointer}/{escape(name)}", member) for name, member in value.items())
        elif isinstance(value, list):
            pending.extend((f"{pointer}/{place}", item) for place, item in enumerate(value))


def _unfit(pointer: Pointer, value: Json) -> str | None:
    match value:
        case None:
            return "null_value"
        case []:
            return "empty_array"
        case str():
            return _unfit_text(value, is_id=pointer.endswith("/id"))
        case int() | float():
            return None if _is_safe(value) else "number_unsafe"
        case _:
            return None


def _unfit_text(text: str, *, is_id: bool) -> str | None:
    if _CONTROL.search(text):
        return "control_character"
    return "not_an_iri" if is_id and not _IRI.fullmatch(text) else None


def _is_safe(number: float) -> bool:
    if isinstance(number, int):
        return abs(number) <= _LARGEST_INTEGER
    return math.isfinite(number) and "e" not in repr(number)
