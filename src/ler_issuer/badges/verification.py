"""Judge a credential: structure, proof, status, dates, trust, in one report.

The checks and their order are those of `vc.CheckId`. Judging is total: any JSON goes in, a report comes out, nothing is
fetched. What it needs is asked for beforehand (`vc.key_needs`, then, for what proved authentic, `vc.status_needs`) and
handed in as material; what could not be had is a hole, and becomes an open question and never a forgery. Credentials
that a record bundles are judged before it, each by itself (`bundles`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ler_issuer import vc
from ler_issuer.badges import bundles
from ler_issuer.badges.conformance import Schemas, structure
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.jsontext import NotJsonError, escape
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import CheckId, Contexts, Finding, Known, Material, Member, Outcome, Report

_ALWAYS: Final = (
    CheckId.CONTEXT_ORDER,
    CheckId.JSONLD_SAFE,
    CheckId.TYPE,
    CheckId.SCHEMA_BASE,
    CheckId.SCHEMA_DECLARED,
    CheckId.SUBJECT_MODEL,
    CheckId.EVIDENCE_TYPES,
    CheckId.ISSUER_TYPES,
    CheckId.RESULT_REFS,
    CheckId.PROOF_PRESENT,
    CheckId.PROOF_SUITE,
    CheckId.PROOF_KEY,
    CheckId.PROOF_CONTROLLER,
    CheckId.PROOF_SIGNATURE,
    CheckId.STATUS,
    CheckId.TIME_VALID_FROM,
    CheckId.TIME_VALID_UNTIL,
    CheckId.TRUST,
)
"""Checks that every report holds; the others apply only to documents that carry what they are about."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The closed world that documents are judged in: JSON-LD contexts and compiled JSON Schemas."""

    contexts: Contexts
    schemas: Schemas


@dataclass(frozen=True, slots=True)
class Proved:
    """What the proof of a document came to: whether it is authentic, and the findings that say so."""

    authentic: bool
    findings: tuple[Finding, ...]


def judge_proof(document: Json, keys: Material, *, rules: Rulebook, now: datetime) -> Proved:
    """Judge the proof alone, so that status lists are fetched only for what its issuer really signed."""
    problem = vc.unfit(document)
    if problem is not None:
        unreadable = vc.finding(
            CheckId.INPUT_FORMAT, Outcome.FAIL, problem.code, problem.pointer, detail=problem.detail
        )
        return Proved(authentic=False, findings=(unreadable,))
    readable = vc.finding(CheckId.INPUT_FORMAT, Outcome.PASS, "readable")
    findings = vc.check_proofs(document, keys, rules.contexts, now)
    return Proved(authentic=vc.authentic(findings), findings=(readable, *findings))


def judge(
    document: Json,
    material: Material,
    *,
    rules: Rulebook,
    known: Known,
    now: datetime,
    proved: Proved | None = None,
    members: Sequence[Member] | None = None,
) -> Report:
    """Judge a credential with what was gathered for it, and say what it is worth at `now`.

    `known` says whether the issuer that the document names is one of ours or in a registry of the caller. `proved` may
    hand in what `judge_proof` found for the same document, to spare the work of finding it again. `members` are the
    credentials that it bundles, all of them, as they were judged; without them they stay an open question.
    """
    first = judge_proof(document, material, rules=rules, now=now) if proved is None else proved
    if any(found.id is CheckId.INPUT_FORMAT and found.outcome is Outcome.FAIL for found in first.findings):
        skipped = (vc.finding(check, Outcome.SKIPPED, "unreadable") for check in _ALWAYS)
        return vc.conclude((*first.findings, *skipped), issuer_id=None, claimed_name=None, known=Known.NO)
    findings = (
        *_structure(document, rules.schemas, first.findings),
        *first.findings,
        *_status(document, material, rules.contexts, now, authentic=first.authentic),
        *vc.check_validity(document, now),
        *_parts(document),
        *bundles.check(document, members),
        _trust(known, authentic=first.authentic),
    )
    return vc.conclude(
        findings,
        issuer_id=vc.issuer_id(document),
        claimed_name=vc.claimed_name(document),
        known=known,
        members=members or (),
    )


def _structure(document: JsonObject, schemas: Schemas, proof: tuple[Finding, ...]) -> Iterator[Finding]:
    """Judge the structure; that contexts are in order is not said when the proof already stumbled over one."""
    refused = any(found.id is CheckId.CONTEXT_ORDER for found in proof)
    for found in structure(document, schemas):
        if not (refused and found.id is CheckId.CONTEXT_ORDER and found.outcome is Outcome.PASS):
            yield found


def unreadable(error: NotJsonError) -> Report:
    """Report on a file that is no JSON text, or one that two programs would read differently."""
    finding = vc.finding(
        CheckId.INPUT_FORMAT, Outcome.FAIL, "not_strict_json", error.pointer, detail=error.detail, messages=MESSAGES
    )
    skipped = (vc.finding(check, Outcome.SKIPPED, "unreadable") for check in _ALWAYS)
    return vc.conclude((finding, *skipped), issuer_id=None, claimed_name=None, known=Known.NO)


def _status(
    document: JsonObject, material: Material, contexts: Contexts, now: datetime, *, authentic: bool
) -> tuple[Finding, ...]:
    """Look at the status of what its issuer signed; that of a forgery would be the forger's own."""
    if not authentic:
        return (vc.finding(CheckId.STATUS, Outcome.SKIPPED, "proof_not_held"),)
    return vc.check_status(document, material, material, contexts, now)


def _parts(document: JsonObject) -> Iterator[Finding]:
    """Name the parts that the verdict does not vouch for: newer copies and endorsements."""
    if document.get("refreshService") is not None:
        yield _part(CheckId.REFRESH, Outcome.WARNING, "refresh_not_followed", "/refreshService")
    for pointer in _endorsements(document):
        yield _part(CheckId.ENDORSEMENT, Outcome.WARNING, "endorsement_unchecked", pointer)


def _endorsements(document: JsonObject) -> Iterator[str]:
    """Point at every `endorsement` and `endorsementJwt`, at any depth but not inside bundled credentials."""
    stack: list[tuple[str, Json]] = [("", document)]
    while stack:
        pointer, value = stack.pop()
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, item in items:
            place = f"{pointer}/{escape(name)}"
            if name in {"endorsement", "endorsementJwt"}:
                yield place
            elif name not in {"verifiableCredential", "@context"}:
                stack.append((place, item))


def _trust(known: Known, *, authentic: bool) -> Finding:
    if not authentic:
        return vc.finding(CheckId.TRUST, Outcome.SKIPPED, "issuer_not_proven")
    match known:
        case Known.HERE:
            return vc.finding(CheckId.TRUST, Outcome.PASS, "issuer_here", "/issuer")
        case Known.REGISTRY:
            return vc.finding(CheckId.TRUST, Outcome.PASS, "issuer_in_registry", "/issuer")
        case Known.NO:
            return vc.finding(CheckId.TRUST, Outcome.WARNING, "issuer_unknown", "/issuer")


def _part(check: CheckId, outcome: Outcome, code: str, pointer: str) -> Finding:
    return vc.finding(check, outcome, code, pointer, messages=MESSAGES)
