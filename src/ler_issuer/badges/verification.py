"""Judge a credential: structure, proof, status, dates, trust, in one report.

The checks and their order are those of `vc.CheckId`. Judging is total: any JSON goes in, a report comes out, nothing is
fetched. What it needs is asked for beforehand (`vc.key_needs`, then, for what proved authentic, `vc.status_needs`) and
handed in as material; what could not be had is a hole, and becomes an open question and never a forgery. Credentials
that a record bundles are judged before it, each by itself (`bundles`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ler_issuer import vc
from ler_issuer.badges import bundles, endorsing
from ler_issuer.badges.conformance import Schemas, structure
from ler_issuer.badges.disclosure import disclosure_findings
from ler_issuer.badges.exhibits import Exhibit, exhibit
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.types import Json, JsonObject, Pointer
from ler_issuer.vc import STANDARD, CheckId, Contexts, Finding, Known, Material, Member, Outcome, Policy, Report

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


def judge_proof(document: Json | Exhibit, keys: Material, *, rules: Rulebook, now: datetime) -> Proved:
    """Judge the proof alone, so that status lists are fetched only for what its issuer really signed."""
    one = document if isinstance(document, Exhibit) else exhibit(document)
    if one.problem is not None:
        place, detail = one.problem.pointer, one.problem.detail
        found = vc.finding(
            CheckId.INPUT_FORMAT, Outcome.FAIL, one.problem.code, place, detail=detail, messages=MESSAGES
        )
        return Proved(authentic=False, findings=(found,))
    readable = vc.finding(CheckId.INPUT_FORMAT, Outcome.PASS, "readable")
    if one.envelope is None:
        findings = vc.check_proofs(one.document, keys, rules.contexts, now, found=one.found)
    else:
        payload = vc.check_payload(one.document, rules.contexts, one.found)
        findings = (*payload, *vc.check_envelope(one.envelope, keys, now))
    return Proved(authentic=vc.authentic(findings), findings=(readable, *findings))


def judge(  # noqa: PLR0913 - what was gathered and judged, and by what standard
    document: Json | Exhibit,
    material: Material,
    *,
    rules: Rulebook,
    known: Known,
    now: datetime,
    proved: Proved | None = None,
    members: Sequence[Member] | None = None,
    endorsed: Sequence[Member] | None = None,
    policy: Policy = STANDARD,
    at: datetime | None = None,
    unasked: Sequence[str] = (),
    refreshed: Finding | None = None,
) -> Report:
    """Judge a credential with what was gathered for it, and say what it is worth at `now`.

    `known` says whether the issuer that the document names is one of ours or in a registry of the caller. `proved` may
    hand in what `judge_proof` found for the same document, to spare the work of finding it again. `members` are the
    credentials that it bundles, all of them, as they were judged; without them they stay an open question. `endorsed`
    are its endorsements, as they were judged. `at` is when it was judged, if that is not `now`. `unasked` names the
    registries that could not be asked about the issuer, `refreshed` says what came of asking for a newer copy.
    """
    one = document if isinstance(document, Exhibit) else exhibit(document)
    first = judge_proof(one, material, rules=rules, now=now) if proved is None else proved
    at = now if at is None else at
    if one.problem is not None:
        skipped = (vc.finding(check, Outcome.SKIPPED, "unreadable") for check in _ALWAYS)
        findings = (*first.findings, *skipped)
        return vc.conclude(findings, issuer_id=None, claimed_name=None, known=Known.NO, policy=policy, at=at)
    said = one.document
    findings = (
        *_structure(said, rules.schemas, first.findings),
        *first.findings,
        *(disclosure_findings(said, known) if first.authentic and one.envelope is None else ()),
        *_status(said, material, rules.contexts, now, authentic=first.authentic),
        *vc.check_validity(said, now),
        *_refresh(said, refreshed),
        *endorsing.check(said, endorsed, one.found),
        *bundles.check(said, members),
        _trust(known, unasked, authentic=first.authentic),
    )
    report = vc.conclude(
        findings,
        issuer_id=vc.issuer_id(said),
        claimed_name=vc.claimed_name(said),
        known=known,
        members=members or (),
        policy=policy,
        at=at,
    )
    return replace(report, endorsements=tuple(endorsed)) if endorsed else report


def _structure(document: JsonObject, schemas: Schemas, proof: tuple[Finding, ...]) -> Iterator[Finding]:
    """Judge the structure; that contexts are in order is not said when the proof already stumbled over one."""
    refused = any(found.id is CheckId.CONTEXT_ORDER for found in proof)
    for found in structure(document, schemas):
        if not (refused and found.id is CheckId.CONTEXT_ORDER and found.outcome is Outcome.PASS):
            yield found


def unreadable(code: str, detail: str, pointer: Pointer = "", *, at: datetime | None = None) -> Report:
    """Report on what is no credential at all, such as a file that two programs would read differently."""
    return _without(Outcome.FAIL, code, detail, pointer, at)


def unavailable(code: str, detail: str, *, at: datetime | None = None) -> Report:
    """Report on what could not be had: nothing can be said of it."""
    return _without(Outcome.INDETERMINATE, code, detail, "", at)


def _without(outcome: Outcome, code: str, detail: str, pointer: Pointer, at: datetime | None) -> Report:
    found = vc.finding(CheckId.INPUT_FORMAT, outcome, code, pointer, detail=detail, messages=MESSAGES)
    skipped = (vc.finding(check, Outcome.SKIPPED, "unreadable") for check in _ALWAYS)
    return vc.conclude((found, *skipped), issuer_id=None, claimed_name=None, known=Known.NO, at=at)


def _status(
    document: JsonObject, material: Material, contexts: Contexts, now: datetime, *, authentic: bool
) -> tuple[Finding, ...]:
    """Look at the status of what its issuer signed; that of a forgery would be the forger's own."""
    if not authentic:
        return (vc.finding(CheckId.STATUS, Outcome.SKIPPED, "proof_not_held"),)
    return vc.check_status(document, material, material, contexts, now)


def _refresh(document: JsonObject, refreshed: Finding | None) -> Iterator[Finding]:
    if refreshed is not None:
        yield refreshed
    elif document.get("refreshService") is not None:
        pointer, code = "/refreshService", "refresh_not_followed"
        yield vc.finding(CheckId.REFRESH, Outcome.WARNING, code, pointer, messages=MESSAGES)


def _trust(known: Known, unasked: Sequence[str], *, authentic: bool) -> Finding:
    if not authentic:
        return vc.finding(CheckId.TRUST, Outcome.SKIPPED, "issuer_not_proven")
    match known:
        case Known.HERE:
            return vc.finding(CheckId.TRUST, Outcome.PASS, "issuer_here", "/issuer")
        case Known.REGISTRY:
            return vc.finding(CheckId.TRUST, Outcome.PASS, "issuer_in_registry", "/issuer")
        case Known.NO if unasked:
            detail = ", ".join(unasked)
            return vc.finding(CheckId.TRUST, Outcome.INDETERMINATE, "registry_unasked", "/issuer", detail=detail)
        case Known.NO:
            return vc.finding(CheckId.TRUST, Outcome.WARNING, "issuer_unknown", "/issuer")
